"""The databases of other projects: discovery says what SQLite says, table by table.

What is compared with is read here with one PRAGMA per table, another way than discovery's own.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import apsw
import pytest

from noormme.engines.sqlite.ddl import parse_table
from noormme.engines.sqlite.introspect import introspect
from noormme.schema import Schema, Table
from tests.discovery.support import found

SAMPLES = {
    # tables, views, virtual tables, warnings of discovery itself
    "chinook": (11, 0, 0, []),
    "chromium_history": (22, 0, 0, []),
    "datasette_fixtures": (24, 4, 1, []),
    "django_wagtail": (53, 0, 1, []),
    "drizzle": (6, 1, 0, []),
    "kitchen_sink": (
        46,
        6,
        4,
        [
            "broken_view v_broken",
            "dangling_foreign_key dangling",
            "foreign_key_mismatch a\"b",
            "foreign_key_mismatch dangling",
            "no_primary_key rowid_hider",
        ],
    ),
    "northwind": (13, 16, 0, []),
    "pocketbase": (16, 3, 0, []),
    "rails": (14, 0, 0, []),
    "sakila": (16, 5, 0, []),
    "spatialite": (18, 6, 2, ["unknown_module ElementaryGeometries", "unknown_module SpatialIndex"]),
}  # fmt: skip
ABOUT_NAMES = {"ambiguous_name", "name_collision", "reserved_name"}


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


@pytest.fixture(params=SAMPLES)
def sample(
    request: pytest.FixtureRequest, copied: Callable[[str], Path]
) -> tuple[str, apsw.Connection, Schema]:
    """One of the databases: its name, a connection, and what was discovered."""
    connection = apsw.Connection(str(copied(request.param)))
    return request.param, connection, introspect(connection)


def rows(connection: apsw.Connection, pragma: str, name: str) -> list[tuple[apsw.SQLiteValue, ...]]:
    return connection.execute(f"PRAGMA main.{pragma}({quoted(name)})").fetchall()


def ordinary(schema: Schema) -> list[Table]:
    return [table for table in schema.tables if table.kind == "table"]


def test_everything_is_found(sample: tuple[str, apsw.Connection, Schema]) -> None:
    name, connection, schema = sample
    tables, views, virtual, warnings = SAMPLES[name]
    assert len(ordinary(schema)) == tables
    assert len(schema.views) == views
    assert len(schema.tables) - tables == virtual
    codes = [warning for warning in schema.warnings if warning.code not in ABOUT_NAMES]
    assert sorted(f"{warning.code} {warning.table}" for warning in codes) == warnings

    query = (
        "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') AND substr(name, 1, 7) <> 'sqlite_'"
    )
    names = {str(name) for (name,) in connection.execute(query)}
    assert {table.name for table in schema} | set(schema.hidden_tables) == names
    assert not {table.name for table in schema} & set(schema.hidden_tables)


def test_columns_are_those_of_the_pragma(sample: tuple[str, apsw.Connection, Schema]) -> None:
    _, connection, schema = sample
    for table in ordinary(schema):
        listed = rows(connection, "table_xinfo", table.name)
        assert [(c.name, c.declared_type, c.default, c.primary_key) for c in table.columns] == [
            (name, declared, default, key) for _, name, declared, _, default, key, _ in listed
        ]
        assert [{None: 0, "virtual": 2, "stored": 3}[c.generated] for c in table.columns] == [
            r[6] for r in listed
        ]
        for column in table.columns:
            _, collation, not_null, _, autoincrement = connection.column_metadata(
                "main", table.name, column.name
            )
            assert (column.collation or "BINARY", column.autoincrement) == (collation, autoincrement)
            assert column.nullable is False or not not_null
            if column.generated:
                differs = f"{quoted(column.name)} IS NOT ({column.expression})"
                query = f"SELECT count(*) FROM {quoted(table.name)} WHERE {differs}"
                assert connection.execute(query).fetchall() == [(0,)]


def test_the_parser_lists_what_the_pragmas_list(sample: tuple[str, apsw.Connection, Schema]) -> None:
    _, connection, schema = sample
    for table in ordinary(schema):
        assert table.sql is not None
        definition = parse_table(table.sql)
        assert definition.columns == tuple(column.name for column in table.columns)
        keys = rows(connection, "foreign_key_list", table.name)
        assert [(key.on_update, key.on_delete) for key in definition.foreign_keys] == [
            (row[5], row[6]) for row in keys[::-1] if row[1] == 0
        ]
        unique = {tuple(name.lower() for name in unique.columns) for unique in definition.uniques}
        assert {tuple(name.lower() for name in unique.columns) for unique in table.uniques} <= unique
        assert table.checks == definition.checks


def test_keys_are_those_of_the_pragma(sample: tuple[str, apsw.Connection, Schema]) -> None:
    _, connection, schema = sample
    for table in ordinary(schema):
        listed = rows(connection, "foreign_key_list", table.name)
        expected: dict[object, list[tuple[object, object]]] = {}
        for number, _, target, column, target_column, *_ in reversed(listed):
            expected.setdefault((number, str(target).lower()), []).insert(0, (column, target_column))
        assert len(table.foreign_keys) == len(expected)
        for key, ((_, target), columns) in zip(table.foreign_keys, expected.items(), strict=True):
            assert key.target.lower() == target
            assert key.columns == tuple(column for column, _ in columns)
            if key.target_columns and columns[0][1] is not None:
                assert [name.lower() for name in key.target_columns] == [
                    str(name).lower() for _, name in columns
                ]
            if key.target_columns and columns[0][1] is None:
                assert key.target_columns == found(schema, key.target).primary_key


def test_indexes_are_those_of_the_pragma(sample: tuple[str, apsw.Connection, Schema]) -> None:
    _, connection, schema = sample
    origins = {"c": "index", "u": "unique", "pk": "primary_key"}
    for table in ordinary(schema):
        listed = sorted(rows(connection, "index_list", table.name), key=lambda row: str(row[1]))
        assert [(i.name, i.unique, i.origin, i.where is not None) for i in table.indexes] == [
            (name, unique == 1, origins[str(origin)], partial == 1)
            for _, name, unique, origin, partial in listed
        ]
        for index in table.indexes:
            parts = [row for row in rows(connection, "index_xinfo", index.name) if row[5]]
            assert [(p.column, p.descending, p.collation or "BINARY") for p in index.parts] == [
                (name, descending == 1, collation) for _, _, name, descending, collation, _ in parts
            ]
            assert all((part.column is None) is bool(part.expression) for part in index.parts)


def test_what_is_readable_can_be_selected(sample: tuple[str, apsw.Connection, Schema]) -> None:
    _, connection, schema = sample
    for table in schema:
        names = [column.name for column in table.columns if not column.hidden]
        names += [table.rowid] if table.rowid else []
        query = f"SELECT {', '.join(map(quoted, names))} FROM main.{quoted(table.name)} LIMIT 1"
        if table.readable:
            connection.execute(query)
        else:
            assert table.name in {warning.table for warning in schema.warnings}
            with pytest.raises(apsw.SQLError):
                connection.execute(f"SELECT * FROM main.{quoted(table.name)}")


def test_two_discoveries_are_equal(sample: tuple[str, apsw.Connection, Schema]) -> None:
    _, connection, schema = sample
    again = introspect(connection)
    assert again == schema
    assert again.fingerprint == schema.fingerprint
    assert Schema.from_json(schema.to_json()) == schema


def test_nasty(shared: Path) -> None:
    connection = apsw.Connection(":memory:")
    connection.execute((shared / "reference" / "nasty.sql").read_text())
    schema = introspect(connection)
    assert [f"{warning.code} {warning.table}" for warning in schema.warnings] == [
        "dangling_foreign_key orphan"
    ]
    assert [table.name for table in schema.views] == ["active_users"]
    product = found(schema, "product")
    assert [column.field for column in product.columns] == [
        "sku",
        "category_id",
        "price",
        "tax",
        "meta",
        "class_",
        "unit_price",
        "_2nd",
        "untyped",
    ]
    assert (product.columns[3].generated, product.columns[3].expression) == ("stored", "price*0.2")
    users = found(schema, "users")
    assert users.checks[0].expression == "status IN ('active','banned')"
    assert (users.columns[1].collation, users.columns[1].nullable) == ("NOCASE", False)
    lowered = users.indexes[-1]
    assert (lowered.parts[0].expression, lowered.where, lowered.unique) == (
        "lower(email)",
        "status='active'",
        True,
    )
    orders = found(schema, "orders")
    assert (orders.without_rowid, orders.primary_key) == (True, ("region", "num"))
    assert orders.foreign_keys[0].target_columns == ("id",)
    assert found(schema, "order_line").foreign_keys[-1].target_columns == ("region", "num")
    assert found(schema, "tag").strict
    assert found(schema, "log").rowid == "rowid"
    assert found(schema, "doc_fts").module == "fts5"
    assert all(table.readable for table in schema)
