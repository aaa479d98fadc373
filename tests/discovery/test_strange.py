"""What no one would put into a database, and what is no database."""

from __future__ import annotations

from pathlib import Path

import apsw
import pytest

from noormme.engines.sqlite.introspect import introspect
from noormme.schema import Schema
from tests.discovery.support import codes, database, discover, found

NAMES = [
    "",
    " ",
    "select",
    'a"b',
    "it's",
    "[x]",
    "back`tick",
    "new\nline",
    "tab\t",
    "🔥",
    "é",
    "a.b",
    "%s",
    "--",
    "/*",
    "0",
]


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


@pytest.mark.parametrize("name", NAMES)
def test_any_name_anywhere(name: str) -> None:
    q = quoted(name)
    connection = database(
        f"CREATE TABLE {q}({q} INTEGER PRIMARY KEY AUTOINCREMENT, "
        f"own TEXT COLLATE NOCASE REFERENCES {q}({q}), made AS ({q}), CONSTRAINT {q} CHECK({q} > 0));"
        f"CREATE INDEX {quoted(name + 'i')} ON {q}(lower(own)) WHERE {q} > 1;"
        f"CREATE TRIGGER {q} AFTER INSERT ON {q} BEGIN SELECT 1; END;"
        f"CREATE VIEW {quoted(name + 'v')} AS SELECT * FROM {q};"
        f"CREATE VIRTUAL TABLE {quoted(name + 'f')} USING fts5(body)"
    )
    schema = introspect(connection)
    assert not [warning for warning in schema.warnings if warning.code != "name_collision"]
    table = found(schema, name)
    assert table.readable
    assert [column.name for column in table.columns] == [name, "own", "made"]
    assert table.columns[0].autoincrement
    assert table.columns[1].collation == "NOCASE"
    assert table.columns[2].expression == q
    assert [(key.target, key.target_columns) for key in table.foreign_keys] == [(name, (name,))]
    assert [(check.name, check.expression) for check in table.checks] == [(name, f"{q} > 0")]
    assert [(index.name, index.where) for index in table.indexes] == [(name + "i", f"{q} > 1")]
    assert [trigger.name for trigger in table.triggers] == [name]
    assert [column.name for column in found(schema, name + "v").columns] == [name, "own", "made"]
    assert found(schema, name + "f").readable
    assert Schema.from_json(schema.to_json()) == schema


def test_names_that_differ_in_case_beyond_ascii() -> None:
    schema = discover("CREATE TABLE É(a); CREATE TABLE é(b CHECK(b)); CREATE INDEX Ü ON É(a) WHERE 1")
    assert [table.name for table in schema.tables] == ["É", "é"]
    assert schema.tables[0].indexes[0].where == "1"
    assert schema.tables[1].checks


def test_only_main_is_read() -> None:
    connection = database(
        "CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT COLLATE NOCASE); CREATE INDEX i ON t(b)"
    )
    before = introspect(connection)
    connection.execute(
        "ATTACH ':memory:' AS other; CREATE TABLE other.t(x); CREATE TABLE other.u(x);"
        "CREATE VIEW other.v AS SELECT 1; CREATE TEMP TABLE t(y, z); CREATE TEMP VIEW w AS SELECT 1;"
        "CREATE INDEX temp.i ON t(y); CREATE INDEX other.i ON t(x);"
        "CREATE VIRTUAL TABLE temp.f USING fts5(body)"
    )
    assert introspect(connection) == before


def test_internal_tables_are_left_out() -> None:
    connection = database(
        "CREATE TABLE t(id INTEGER PRIMARY KEY AUTOINCREMENT, a); CREATE INDEX i ON t(a);"
        "INSERT INTO t(a) VALUES (1), (2); ANALYZE"
    )
    assert connection.execute("SELECT count(*) FROM sqlite_stat1").fetchall() == [(1,)]
    schema = introspect(connection)
    assert [table.name for table in schema] == ["t"]
    assert schema.hidden_tables == ()


def test_text_that_is_no_text(tmp_path: Path) -> None:
    path = str(tmp_path / "damaged.db")
    maker = apsw.Connection(path)
    maker.execute(
        "CREATE TABLE whole(a TEXT COLLATE NOCASE, b CHECK(b <> 'é'));"
        "CREATE TABLE inside(a DEFAULT 'QQ', b CHECK(b <> 'QQ'), c INTEGER PRIMARY KEY AUTOINCREMENT);"
        "CREATE TABLE col(a COLLATE NOCASE, QQ);"
        "CREATE TABLE QQname(a INTEGER PRIMARY KEY AUTOINCREMENT REFERENCES col(QQ));"
        "CREATE VIEW QQview AS SELECT 1; CREATE VIEW seen AS SELECT QQ FROM col;"
        "CREATE VIRTUAL TABLE words USING fts5(QQ);"
        "PRAGMA writable_schema = ON"
    )
    for column in ("name", "tbl_name", "sql"):
        maker.execute(
            f"UPDATE sqlite_schema SET {column} = CAST(replace(CAST({column} AS BLOB), 'QQ', X'FF') AS TEXT)"
        )
    maker.close()

    connection = apsw.Connection(path)
    with pytest.raises(UnicodeDecodeError):
        connection.execute("SELECT sql FROM sqlite_schema").fetchall()
    schema = introspect(connection)
    tables = {table.name: table for table in schema}
    assert tables["whole"].checks[0].expression == "b <> 'é'"
    assert tables["whole"].columns[0].collation == "NOCASE"
    assert tables["inside"].columns[0].default == "'\ufffd'"
    assert tables["inside"].checks[0].expression == "b <> '\ufffd'"
    assert tables["inside"].columns[2].autoincrement
    assert {table.name for table in schema if table.readable} == {"inside", "whole"}
    assert [warning for warning in codes(schema) if warning[0] != "foreign_key_mismatch"] == [
        ("undecodable_name", "col"),
        ("broken_view", "seen"),
        ("broken_virtual_table", "words"),
        ("undecodable_name", "\ufffdname"),
        ("broken_view", "\ufffdview"),
    ]
    (told,) = [warning.message for warning in schema.warnings if warning.table == "seen"]
    assert told == "seen: this view cannot be read: a column's name is not valid text; it is listed only"
    assert Schema.from_json(schema.to_json()) == schema
    assert introspect(connection).fingerprint == schema.fingerprint


def test_text_that_is_no_text_in_utf_16(tmp_path: Path) -> None:
    path = str(tmp_path / "damaged.db")
    maker = apsw.Connection(path)
    maker.execute(
        "PRAGMA encoding = 'UTF-16le'; CREATE TABLE t(é CHECK(é)); PRAGMA writable_schema = ON;"
        "UPDATE sqlite_schema SET sql = CAST(CAST(sql || ' --' AS BLOB) || X'00D8' AS TEXT)"
    )
    maker.close()
    connection = apsw.Connection(path)
    with pytest.raises(UnicodeDecodeError):
        connection.execute("SELECT sql FROM sqlite_schema").fetchall()
    (table,) = introspect(connection).tables
    assert (table.name, table.sql) == ("t", "CREATE TABLE t(é CHECK(é)) --\ufffd")
    assert table.checks[0].expression == "é"


@pytest.mark.parametrize("encoding", ["UTF-16le", "UTF-16be"])
def test_databases_in_utf_16(encoding: str) -> None:
    connection = database(
        f"PRAGMA encoding = '{encoding}'; CREATE TABLE \"é🔥\"(a CHECK(a <> 'ü'), b TEXT COLLATE NOCASE)"
    )
    (table,) = introspect(connection).tables
    assert (table.name, table.checks[0].expression, table.columns[1].collation) == (
        "é🔥",
        "a <> 'ü'",
        "NOCASE",
    )


def test_a_replacement_character_is_a_name_like_any_other() -> None:
    schema = discover('CREATE TABLE "\ufffd"("\ufffd" INTEGER PRIMARY KEY)')
    assert schema.tables[0].readable
    assert not schema.warnings


def test_a_table_of_two_thousand_columns() -> None:
    columns = [f"c{number}" for number in range(2000)]
    (table,) = discover(
        f"CREATE TABLE t({', '.join(columns)}, CHECK(c1999 > 0))".replace("c0,", "c0 UNIQUE,")
    ).tables
    assert [column.name for column in table.columns] == columns
    assert table.checks[0].expression == "c1999 > 0"


def test_inside_a_transaction_that_is_not_its_own() -> None:
    connection = database("CREATE TABLE t(a)")
    connection.execute("BEGIN; CREATE TABLE u(b); INSERT INTO u VALUES (1)")
    assert [table.name for table in introspect(connection).tables] == ["t", "u"]
    assert connection.in_transaction
    connection.execute("ROLLBACK")
    assert [table.name for table in introspect(connection).tables] == ["t"]


def test_nothing_is_written(tmp_path: Path) -> None:
    path = tmp_path / "read_only.db"
    apsw.Connection(str(path)).execute(
        "CREATE TABLE t(a CHECK(a)); CREATE VIEW v AS SELECT a FROM t; CREATE VIRTUAL TABLE f USING fts5(b)"
    )
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    before = connection.total_changes()
    assert [table.name for table in introspect(connection)] == ["f", "t", "v"]
    assert connection.total_changes() == before
    assert not connection.in_transaction


def test_what_is_wrong_with_the_file_is_the_drivers_error(tmp_path: Path) -> None:
    text = tmp_path / "text.db"
    text.write_text("this is no database at all, but a text that is long enough to look like one" * 20)
    with pytest.raises(apsw.NotADBError):
        introspect(apsw.Connection(str(text)))

    torn = tmp_path / "torn.db"
    apsw.Connection(str(torn)).execute("CREATE TABLE t(a)").close()
    torn.write_bytes(torn.read_bytes()[:100] + b"\xff" * 8000)
    with pytest.raises(apsw.CorruptError):
        introspect(apsw.Connection(str(torn)))


def test_a_lock_is_the_drivers_error(tmp_path: Path) -> None:
    path = str(tmp_path / "locked.db")
    writer = apsw.Connection(path)
    writer.execute("CREATE TABLE t(a); BEGIN EXCLUSIVE")
    reader = apsw.Connection(path)
    with pytest.raises(apsw.BusyError):
        introspect(reader)
    writer.execute("COMMIT")
    assert [table.name for table in introspect(reader).tables] == ["t"]


def test_an_interruption_gets_out() -> None:
    connection = database("CREATE TABLE t(a)")
    connection.set_progress_handler(lambda: True, 1)
    with pytest.raises(apsw.InterruptError):
        introspect(connection)
    connection.set_progress_handler(None)
    assert [table.name for table in introspect(connection).tables] == ["t"]
