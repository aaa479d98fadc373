"""Tables with the names of SQLite's table-valued functions, which then are no functions any more."""

from __future__ import annotations

from pathlib import Path

import apsw
import pytest

from noormme.engines.sqlite.introspect import introspect
from noormme.schema import Schema, Table
from tests.discovery.support import database, discover, found

WORLD = """
CREATE TABLE parent(a INTEGER, b TEXT COLLATE NOCASE, made AS (a + 1), PRIMARY KEY (a, b));
CREATE TABLE child(id INTEGER PRIMARY KEY, a INTEGER, b TEXT, n UNIQUE, FOREIGN KEY (a, b) REFERENCES parent);
CREATE INDEX by_a ON child(a DESC, lower(b)) WHERE a > 1;
CREATE VIEW seen AS SELECT a, b FROM child;
CREATE TABLE words_content(c0);
CREATE VIRTUAL TABLE words USING fts5(c0, content=words_content);
CREATE VIRTUAL TABLE box USING rtree(id, x0, x1);
"""

FUNCTIONS = [
    "carray",
    "json_each",
    "json_tree",
    "pragma_foreign_key_list",
    "pragma_index_list",
    "pragma_index_xinfo",
    "pragma_table_list",
    "pragma_table_xinfo",
]

KINDS = {
    "table": 'CREATE TABLE "{name}"(id INTEGER PRIMARY KEY, name TEXT, schema TEXT, value)',
    "without_rowid": 'CREATE TABLE "{name}"(name TEXT PRIMARY KEY) WITHOUT ROWID',
    "view": 'CREATE VIEW "{name}" AS SELECT a AS name FROM child',
    "broken_view": 'CREATE VIEW "{name}" AS SELECT * FROM nowhere',
    "virtual": 'CREATE VIRTUAL TABLE "{name}" USING fts5(value)',
}


def others(schema: Schema, *names: str) -> tuple[list[Table], list[str]]:
    """What is in a schema beside some tables."""
    hidden = [name for name in schema.hidden_tables if not name.startswith(names)]
    return [table for table in schema if table.name not in names], hidden


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("function", FUNCTIONS)
def test_one_name_that_is_taken(function: str, kind: str) -> None:
    name = function.title()  # SQLite does not tell the two apart
    schema = discover(WORLD + KINDS[kind].format(name=name))
    table = found(schema, name)
    assert table.readable == (kind != "broken_view")
    assert [warning.code for warning in schema.warnings] == ["broken_view"] * (kind == "broken_view")
    assert others(schema, name) == others(discover(WORLD))


def test_all_names_taken() -> None:
    schema = discover(WORLD + ";".join(KINDS["table"].format(name=name) for name in FUNCTIONS))
    assert not schema.warnings
    for name in FUNCTIONS:
        assert [column.name for column in found(schema, name).columns] == ["id", "name", "schema", "value"]
        assert found(schema, name).primary_key == ("id",)
    assert others(schema, *FUNCTIONS) == others(discover(WORLD))


def test_names_of_text_that_is_none(tmp_path: Path) -> None:
    path = str(tmp_path / "damaged.db")
    maker = apsw.Connection(path)
    maker.execute(
        "CREATE TABLE pragma_table_list(name, type, schema); CREATE TABLE other(q); CREATE TABLE QQ(a);"
        "PRAGMA writable_schema = ON;"
        "UPDATE sqlite_schema SET name = CAST(x'ff' AS TEXT), tbl_name = CAST(x'ff' AS TEXT),"
        " sql = CAST('CREATE TABLE \"' || x'ff' || '\"(a)' AS TEXT) WHERE name = 'QQ'"
    )
    maker.close()
    schema = introspect(apsw.Connection(path))
    assert {table.name: table.readable for table in schema} == {
        "pragma_table_list": True,
        "other": True,
        "\ufffd": False,
    }


def test_temporary_tables_take_no_names() -> None:
    connection = database(WORLD)
    connection.execute(";".join(f"CREATE TEMP TABLE {name}(name, type, schema)" for name in FUNCTIONS))
    assert introspect(connection) == discover(WORLD)


def test_attached_tables_take_no_names() -> None:
    connection = database(WORLD)
    connection.execute("ATTACH ':memory:' AS other")
    connection.execute(";".join(f"CREATE TABLE other.{name}(name, type, schema)" for name in FUNCTIONS))
    assert introspect(connection) == discover(WORLD)
