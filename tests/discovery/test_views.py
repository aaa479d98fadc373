"""Views, virtual tables and their shadow tables."""

from __future__ import annotations

from pathlib import Path

import apsw
import pytest

from noormme.engines.sqlite.introspect import introspect
from noormme.schema import Column
from tests.discovery.support import codes, database, discover, found


class Module:
    """A module of virtual tables with three rows, each of whose values is the number of the row."""

    def __init__(self, declaration: str) -> None:
        self.declaration = declaration

    def Create(self, connection: apsw.Connection, *arguments: str) -> tuple[str, Module]:  # noqa: N802
        return self.declaration, self

    Connect = Create

    def BestIndex(self, *constraints: object) -> None:  # noqa: N802
        return None

    def Open(self) -> Rows:  # noqa: N802
        return Rows()

    def Disconnect(self) -> None:  # noqa: N802
        pass

    Destroy = Disconnect


class Rows:
    """A cursor over the rows."""

    def Filter(self, *arguments: object) -> None:  # noqa: N802
        self.row = 0

    def Eof(self) -> bool:  # noqa: N802
        return self.row == 3

    def Column(self, number: int) -> int:  # noqa: N802
        return self.row

    Rowid = Eof

    def Next(self) -> None:  # noqa: N802
        self.row += 1

    def Close(self) -> None:  # noqa: N802
        pass


def with_module(declaration: str) -> apsw.Connection:
    connection = apsw.Connection(":memory:")
    connection.create_module("three", Module(declaration))
    connection.execute("CREATE VIRTUAL TABLE t USING three")
    return connection


def test_columns_of_a_view() -> None:
    schema = discover(
        "CREATE TABLE t(id INTEGER PRIMARY KEY, at DATETIME, price NUMERIC(10,2));"
        "CREATE VIEW \"the view\"(a, \"b c\", d, e, A2) AS "
        "SELECT id, at, max(price), CAST(id AS INTEGER), id FROM t;"
        "CREATE VIEW twice AS SELECT id, id, 1 FROM t;"
        "CREATE VIEW deep AS SELECT * FROM \"the view\""
    )  # fmt: skip
    assert not schema.warnings
    view = found(schema, "the view")
    assert view.columns == (
        Column("a", "a", "INTEGER", "integer"),
        Column("b c", "b_c", "DATETIME", "datetime"),
        Column("d", "d"),
        Column("e", "e"),
        Column("A2", "a2", "INTEGER", "integer"),
    )
    assert (view.kind, view.manager, view.primary_key, view.rowid) == ("view", "the_view", (), None)
    assert view.sql is not None
    assert [column.name for column in found(schema, "twice").columns] == ["id", "id:1", "1"]
    assert [column.kind for column in found(schema, "deep").columns][:2] == ["integer", "datetime"]
    assert [view.name for view in schema.views] == ["deep", "the view", "twice"]


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("CREATE VIEW v AS SELECT * FROM missing", "no such table: main.missing"),
        ("CREATE VIEW v AS SELECT nope FROM t", "no such column: nope"),
        ("CREATE VIEW v AS SELECT nope()", "no such function: nope"),
        ("CREATE VIEW v(a, b) AS SELECT 1", "expected 2 columns for 'v' but got 1"),
        (
            "CREATE VIEW v AS SELECT * FROM w; CREATE VIEW w AS SELECT * FROM v",
            "view v is circularly defined",
        ),
    ],
)
def test_a_broken_view_stops_nothing(sql: str, reason: str) -> None:
    schema = discover(f"CREATE TABLE t(a); {sql}; CREATE VIEW works AS SELECT a FROM t")
    view = found(schema, "v")
    assert (view.readable, view.columns, view.kind) == (False, (), "view")
    assert ("broken_view", "v") in codes(schema)
    assert f"v: this view cannot be read: {reason}; it is listed only" in map(str, schema.warnings)
    assert found(schema, "works").readable
    assert found(schema, "t").readable


def test_a_view_is_not_run() -> None:
    connection = database("CREATE VIEW v AS SELECT never() AS a")
    connection.create_scalar_function("never", lambda: pytest.fail("the view was run"))
    assert [column.name for column in introspect(connection).views[0].columns] == ["a"]


def test_full_text_tables() -> None:
    schema = discover(
        "CREATE VIRTUAL TABLE docs USING fts5(title, body); INSERT INTO docs VALUES ('a', 'b');"
        "CREATE VIRTUAL TABLE old USING fts4(text);"
        "CREATE VIRTUAL TABLE boxes USING rtree(id, low, high)"
    )
    assert not schema.warnings
    docs = found(schema, "docs")
    assert (docs.kind, docs.module, docs.rowid, docs.primary_key) == ("virtual", "fts5", "rowid", ())
    assert [(column.name, column.field, column.hidden) for column in docs.columns] == [
        ("title", "title", False),
        ("body", "body", False),
        ("docs", "docs", True),
        ("rank", "rank", True),
    ]
    assert found(schema, "boxes").columns[0] == Column("id", "id", "INT", "integer")
    assert [table.name for table in schema.tables] == ["boxes", "docs", "old"]
    assert "docs_content" in schema.hidden_tables
    assert list(schema.hidden_tables) == sorted(schema.hidden_tables)
    assert len(schema.hidden_tables) == 13


def test_only_shadow_tables_are_hidden() -> None:
    schema = discover(
        "CREATE TABLE docs_note(a); CREATE TABLE docs_data2(a); CREATE TABLE other_content(a);"
        "CREATE TABLE posts_content(id INTEGER PRIMARY KEY, body);"
        "CREATE TABLE news_content(id INTEGER PRIMARY KEY, body);"
        "CREATE VIRTUAL TABLE posts USING fts5(body, content = 'posts_content', content_rowid=id);"
        "CREATE VIRTUAL TABLE news USING fts4(body, content=\"news_content\");"
        "CREATE VIRTUAL TABLE docs USING fts5(body)"
    )  # fmt: skip
    tables = {table.name for table in schema.tables if table.kind == "table"}
    assert tables == {"docs_note", "docs_data2", "other_content", "posts_content", "news_content"}
    assert found(schema, "posts_content").primary_key == ("id",)
    assert "docs_content" in schema.hidden_tables
    assert not tables & set(schema.hidden_tables)


def test_shadow_tables_of_an_unknown_module_stay(tmp_path: Path) -> None:
    path = str(tmp_path / "unknown.db")
    connection = apsw.Connection(path)
    connection.execute(
        "CREATE TABLE t(a); CREATE VIRTUAL TABLE docs USING fts5(body);"
        "CREATE VIEW v AS SELECT * FROM docs;"
        "PRAGMA writable_schema = ON;"
        "UPDATE sqlite_schema SET sql = replace(sql, 'fts5', 'fts99') WHERE name = 'docs'"
    )
    connection.close()
    schema = introspect(apsw.Connection(path))
    assert codes(schema) == [("unknown_module", "docs"), ("broken_view", "v")]
    reason = "docs: this virtual table cannot be read: no such module: fts99; it is listed only"
    assert str(schema.warnings[0]) == reason
    docs = found(schema, "docs")
    assert (docs.readable, docs.module, docs.columns, docs.rowid) == (False, "fts99", (), None)
    assert schema.hidden_tables == ()
    assert {"docs_content", "docs_data", "t"} <= {table.name for table in schema.tables if table.readable}


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("CREATE VIRTUAL TABLE t USING fts5vocab(missing, row)", "no such fts5 table: main.missing"),
        ("CREATE VIRTUAL TABLE t USING fts3tokenize(porter)", "SQL logic error"),
        (
            "CREATE VIRTUAL TABLE t USING fts5(a, content=gone); INSERT INTO t(rowid, a) VALUES (1, 'x')",
            "gone",
        ),
    ],
)
def test_a_virtual_table_that_fails_when_it_is_asked(sql: str, reason: str) -> None:
    schema = discover(sql)
    table = found(schema, "t")
    assert codes(schema) == [("broken_virtual_table", "t")]
    assert reason in str(schema.warnings[0])
    assert not table.readable
    assert table.columns


def test_a_virtual_table_whose_text_cannot_be_parsed() -> None:
    connection = database("CREATE VIRTUAL TABLE docs USING fts5(body)")
    connection.execute("PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = 'x' WHERE name = 'docs'")
    schema = introspect(connection)
    assert codes(schema) == [("unparsed_ddl", "docs")]
    docs = found(schema, "docs")
    assert (docs.readable, docs.module, docs.sql) == (True, None, "x")


def test_a_virtual_table_with_values_that_are_no_text() -> None:
    schema = discover(
        "CREATE VIRTUAL TABLE docs USING fts5(body); INSERT INTO docs VALUES (CAST(x'ff' AS TEXT))"
    )
    assert (found(schema, "docs").readable, schema.warnings) == (True, ())


def test_a_virtual_table_with_hidden_columns_only() -> None:
    schema = introspect(with_module("CREATE TABLE x(a HIDDEN, b INT HIDDEN)"))
    (table,) = schema.tables
    assert [(column.name, column.hidden) for column in table.columns] == [("a", True), ("b", True)]
    assert not table.readable
    assert codes(schema) == [("broken_virtual_table", "t")]
    assert str(schema.warnings[0]).startswith(
        "t: this virtual table cannot be read: all its columns are hidden"
    )


@pytest.mark.parametrize(
    ("declaration", "primary_key", "rowid"),
    [
        ("CREATE TABLE x(a, b)", (), "rowid"),
        ("CREATE TABLE x(rowid, b)", (), "_rowid_"),
        ("CREATE TABLE x(a INTEGER PRIMARY KEY, b)", ("a",), None),
        ("CREATE TABLE x(a, b PRIMARY KEY) WITHOUT ROWID", ("b",), None),
    ],
)
def test_the_key_of_a_virtual_table(
    declaration: str, primary_key: tuple[str, ...], rowid: str | None
) -> None:
    schema = introspect(with_module(declaration))
    (table,) = schema.tables
    assert (table.primary_key, table.rowid, schema.warnings) == (primary_key, rowid, ())


def test_a_lock_that_a_virtual_table_meets_gets_out() -> None:
    class Locked(Module):
        def Open(self) -> Rows:  # noqa: N802
            raise apsw.BusyError("someone else has it")

    connection = apsw.Connection(":memory:")
    connection.create_module("locked", Locked("CREATE TABLE x(a)"))
    connection.execute("CREATE VIRTUAL TABLE t USING locked")
    with pytest.raises(apsw.BusyError):
        introspect(connection)


def test_a_virtual_table_without_any_key_is_read_only() -> None:
    schema = introspect(with_module("CREATE TABLE x(rowid, oid, _rowid_)"))
    assert schema.tables[0].rowid is None
    assert codes(schema) == [("no_primary_key", "t")]
