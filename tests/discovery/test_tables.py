"""Ordinary tables: columns, keys, constraints, and what makes a table readable."""

from __future__ import annotations

from pathlib import Path

import apsw
import pytest

from noormme.engines.sqlite.introspect import introspect
from noormme.schema import Check, Column, Table, Unique
from tests.discovery.support import codes, column, database, discover, found, only_table


def test_an_empty_database_has_nothing() -> None:
    schema = discover("")
    assert (schema.dialect, schema.tables, schema.views, schema.warnings) == ("sqlite", (), (), ())


def test_columns_as_they_are_declared() -> None:
    table = only_table(
        "CREATE TABLE People(Id INTEGER PRIMARY KEY, FullName VARCHAR(80) NOT NULL, born DATE, untyped, "
        "\"2nd\" Numeric (10, 2) DEFAULT (1 + 1), note TEXT DEFAULT 'it''s', n INT DEFAULT -1)"
    )
    assert table.columns == (
        Column("Id", "id", "INTEGER", "integer", False, primary_key=1),
        Column("FullName", "full_name", "VARCHAR(80)", "text", False),
        Column("born", "born", "DATE", "date"),
        Column("untyped", "untyped"),
        Column("2nd", "_2nd", "Numeric (10, 2)", "decimal", default="1 + 1"),
        Column("note", "note", "TEXT", "text", default="'it''s'"),
        Column("n", "n", "INT", "integer", default="-1"),
    )
    assert (table.manager, table.model, table.primary_key, table.rowid) == ("people", "Person", ("Id",), None)
    assert table.sql is not None
    assert table.sql.startswith("CREATE TABLE People(")


def test_kinds_can_be_overridden() -> None:
    schema = discover("CREATE TABLE t(a MONEY, b MONEY)", types={"money": "integer"})
    assert [c.kind for c in schema.tables[0].columns] == ["integer", "integer"]


def accepts_null(connection: apsw.Connection, table: str, name: str) -> bool:
    """Whether NULL is still NULL after it was stored in a column."""
    try:
        connection.execute(f'DELETE FROM "{table}"; INSERT INTO "{table}"("{name}") VALUES (NULL)')
    except apsw.ConstraintError:
        return False
    return connection.execute(f'SELECT "{name}" FROM "{table}"').fetchall() == [(None,)]


KEYS = [
    "k INTEGER PRIMARY KEY",
    "k integer, PRIMARY KEY(k)",
    "k INTEGER PRIMARY KEY DESC",  # SQLite's old mistake: this is not the row id
    "k INT PRIMARY KEY",
    "k TEXT PRIMARY KEY",
    "k TEXT UNIQUE PRIMARY KEY",
    "k TEXT NOT NULL PRIMARY KEY",
    "k INTEGER PRIMARY KEY UNIQUE",
    "k TEXT UNIQUE, other INTEGER PRIMARY KEY DEFAULT 1",
    "k TEXT NOT NULL, other INTEGER PRIMARY KEY DEFAULT 1",
]


@pytest.mark.parametrize("options", ["", "STRICT", "WITHOUT ROWID", "STRICT, WITHOUT ROWID"])
@pytest.mark.parametrize("declaration", KEYS)
def test_nullable_is_what_sqlite_takes(declaration: str, options: str) -> None:
    connection = database(f"CREATE TABLE t({declaration}) {options}")
    (table,) = introspect(connection).tables
    assert column(table, "k").nullable is accepts_null(connection, "t", "k")
    assert table.strict is ("STRICT" in options)
    assert table.without_rowid is ("WITHOUT" in options)


@pytest.mark.parametrize(
    ("declaration", "nullable"),
    [("k INTEGER PRIMARY KEY AUTOINCREMENT", False), ("k SERIAL PRIMARY KEY", True)],
)
def test_nullable_where_no_options_are_possible(declaration: str, nullable: bool) -> None:
    connection = database(f"CREATE TABLE t({declaration})")
    (table,) = introspect(connection).tables
    assert column(table, "k").nullable is nullable is accepts_null(connection, "t", "k")


def test_composite_primary_key_in_key_order() -> None:
    table = only_table("CREATE TABLE t(a, b, c, PRIMARY KEY(c, a))")
    assert table.primary_key == ("c", "a")
    assert [c.primary_key for c in table.columns] == [2, 0, 1]


@pytest.mark.parametrize(
    ("sql", "autoincrement"),
    [
        ("CREATE TABLE t(id INTEGER PRIMARY KEY AUTOINCREMENT, a)", True),
        ("CREATE TABLE t(id INTEGER, a, PRIMARY KEY(id AUTOINCREMENT))", True),
        ("CREATE TABLE t(id INTEGER PRIMARY KEY /* no AUTOINCREMENT */, a)", False),
        ('CREATE TABLE t(id TEXT PRIMARY KEY, "autoincrement")', False),
    ],
)
def test_autoincrement(sql: str, autoincrement: bool) -> None:
    table = only_table(sql)
    assert [c.autoincrement for c in table.columns] == [autoincrement, False]
    assert table.name == "t"  # and sqlite_sequence is no table of the user's


def test_collations() -> None:
    table = only_table(
        "CREATE TABLE t(id INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT COLLATE NOCASE, b TEXT COLLATE 'rtrim', "
        "c TEXT COLLATE BINARY, d TEXT)"
    )
    assert [c.collation for c in table.columns] == [None, "NOCASE", "rtrim", None, None]
    assert [c.autoincrement for c in table.columns] == [True, False, False, False, False]


def test_generated_columns() -> None:
    table = only_table(
        "CREATE TABLE t(a INT, b INT GENERATED ALWAYS AS (a * (2)) STORED, c TEXT AS (a || ')') NOT NULL)"
    )
    assert [(c.name, c.generated, c.expression, c.nullable, c.hidden) for c in table.columns] == [
        ("a", None, None, True, False),
        ("b", "stored", "a * (2)", True, False),
        ("c", "virtual", "a || ')'", False, False),
    ]


def test_uniques_and_checks() -> None:
    table = only_table(
        "CREATE TABLE t(a INT UNIQUE, b INT CONSTRAINT b_once UNIQUE ON CONFLICT IGNORE CHECK (b > 0), c, "
        'CONSTRAINT pair UNIQUE (C, a), UNIQUE (a), CONSTRAINT "not both" CHECK (a <> c))'
    )
    assert table.uniques == (Unique(("a",)), Unique(("b",), "b_once", "IGNORE"), Unique(("c", "a"), "pair"))
    assert table.checks == (Check("b > 0", column="b"), Check("a <> c", "not both"))


def test_uniques_are_in_order_beyond_ten() -> None:
    names = [f"c{number}" for number in range(12)]
    table = only_table(f"CREATE TABLE t({', '.join(f'{name} UNIQUE' for name in names)})")
    assert [unique.columns for unique in table.uniques] == [(name,) for name in names]


def test_uniques_are_the_same_with_and_without_a_reason_to_parse() -> None:
    plain = only_table("CREATE TABLE t(a, b, UNIQUE(b, a))")
    parsed = only_table("CREATE TABLE t(a, b, UNIQUE(b, a), CHECK(1))")
    assert plain.uniques == parsed.uniques == (Unique(("b", "a")),)


@pytest.mark.parametrize(
    ("columns", "rowid"),
    [("a", "rowid"), ("a, ROWID", "_rowid_"), ("rowid, _RowId_", "oid"), ("oid", "rowid")],
)
def test_rowid_of_a_table_without_primary_key(columns: str, rowid: str) -> None:
    connection = database(f"CREATE TABLE t({columns}); INSERT INTO t(rowid) VALUES (NULL)")
    table = introspect(connection).tables[0]
    assert (table.rowid, table.primary_key) == (rowid, ())
    assert connection.execute(f"SELECT {table.rowid} FROM t").fetchall() == [(1,)]


def test_a_table_that_hides_its_row_id_is_read_only() -> None:
    schema = discover("CREATE TABLE t(rowid, oid, _rowid_)")
    (table,) = schema.tables
    assert (table.rowid, table.readable) == (None, True)
    assert codes(schema) == [("no_primary_key", "t")]
    assert str(schema.warnings[0]).startswith("t: it has no primary key")


@pytest.fixture
def elsewhere(tmp_path: Path) -> apsw.Connection:
    """A database that was made with a collation and a function that its reader does not have."""
    path = str(tmp_path / "elsewhere.db")
    maker = apsw.Connection(path)
    maker.create_collation("LOCALIZED", lambda a, b: (a > b) - (a < b))
    maker.create_scalar_function("secret", lambda value: value, 1, deterministic=True)
    maker.execute(
        "CREATE TABLE ordered(id INTEGER PRIMARY KEY, a TEXT COLLATE LOCALIZED, b TEXT COLLATE NOCASE);"
        "CREATE TABLE keyed(a TEXT COLLATE LOCALIZED PRIMARY KEY, b COLLATE localized) WITHOUT ROWID;"
        "CREATE TABLE made(a, b AS (secret(a)), c AS (a));"
        "CREATE TABLE checked(a CHECK (secret(a)));"
        "CREATE VIEW sorted AS SELECT DISTINCT a FROM ordered;"
        "CREATE VIEW told AS SELECT secret(1);"
        "INSERT INTO ordered VALUES (1, 'x', 'y')"
    )
    maker.close()
    return apsw.Connection(path)


def test_what_the_connection_does_not_have(elsewhere: apsw.Connection) -> None:
    schema = introspect(elsewhere)
    assert codes(schema) == [
        ("broken_table", "keyed"),
        ("unknown_collation", "keyed"),
        ("unknown_collation", "keyed"),
        ("broken_table", "made"),
        ("unknown_collation", "ordered"),
        ("broken_view", "sorted"),
        ("broken_view", "told"),
    ]
    assert {table.name: table.readable for table in schema} == {
        "checked": True,
        "keyed": False,
        "made": False,
        "ordered": True,
        "sorted": False,
        "told": False,
    }
    assert found(schema, "made").columns[1].expression == "secret(a)"
    messages = [str(warning) for warning in schema.warnings]
    assert messages[3] == "made: it cannot be read: unknown function: secret(); it is listed only"
    assert messages[4].startswith("ordered.a: its collation 'LOCALIZED' is not registered")
    assert schema.warnings[4].column == "a"


def test_what_the_connection_has_is_no_reason_to_warn(elsewhere: apsw.Connection) -> None:
    elsewhere.create_collation("LOCALIZED", lambda a, b: (a > b) - (a < b))
    elsewhere.create_scalar_function("secret", lambda value: value, 1, deterministic=True)
    schema = introspect(elsewhere)
    assert not schema.warnings
    assert all(table.readable for table in schema)


def test_a_table_keeps_its_text_when_that_cannot_be_parsed() -> None:
    # Only a live connection can see such a text: SQLite itself does not open a database that has it.
    connection = database(
        "CREATE TABLE t(a UNIQUE, b CHECK(b), c AS (a) REFERENCES t);"
        "CREATE INDEX i ON t(a) WHERE b; CREATE INDEX e ON t(a, lower(b));"
        "CREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT 1; END;"
        "CREATE TABLE u(a CHECK(1), b)"
    )
    connection.execute(
        "PRAGMA writable_schema = ON;"
        "UPDATE sqlite_schema SET sql = 'CREATE nonsense CHECK' WHERE name <> 'u';"
        "UPDATE sqlite_schema SET sql = 'CREATE TABLE u(a CHECK(1))' WHERE name = 'u'"
    )
    schema = introspect(connection)
    assert {code for code, _ in codes(schema)} == {"unparsed_ddl", "foreign_key_mismatch"}
    texts = [warning.message for warning in schema.warnings if warning.code == "unparsed_ddl"]
    because = "is kept as text only, because"
    assert texts == [
        f"t: the SQL of the index 'e' {because} INDEX was expected where there is NONSENSE",
        f"t: the SQL of the index 'i' {because} INDEX was expected where there is NONSENSE",
        f"t: the SQL of the table {because} TABLE was expected where there is NONSENSE",
        f"t: the SQL of the trigger 'g' {because} TRIGGER was expected where there is NONSENSE",
        f"u: the SQL of the table {because} its columns or foreign keys are not those that SQLite lists",
    ]
    table = found(schema, "t")
    assert table.sql == "CREATE nonsense CHECK"
    assert (table.uniques, table.checks) == ((Unique(("a",)),), ())
    assert (table.columns[2].generated, table.columns[2].expression) == ("virtual", None)
    assert [(index.name, index.columns, index.where) for index in table.indexes] == [
        ("e", None, None),
        ("i", ("a",), None),
        ("sqlite_autoindex_t_1", ("a",), None),
    ]
    assert [(trigger.name, trigger.timing, trigger.event) for trigger in table.triggers] == [("g", "", "")]
    assert isinstance(found(schema, "u"), Table)
