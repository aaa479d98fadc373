"""The schema of databases whose catalogue was written down: what the views of ``sys`` give for the scripts beside it.

``world.sql`` and ``estate.sql`` are the scripts; that a server gives these rows for them is seen where one is
(``test_server``).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from noormme.engines.server.mssql.catalog import CATALOG_QUERIES, Catalog
from noormme.engines.server.mssql.introspect import schema_of
from noormme.schema.model import Check, ForeignKey, Index, IndexPart, Schema, Table, Unique
from tests.mssql.offline import catalog_of


@pytest.fixture(scope="module")
def estate() -> Schema:
    return schema_of(catalog_of("estate"))


def table_of(schema: Schema, name: str) -> Table:
    found = schema.table(name)
    assert found is not None
    return found


def test_each_part_of_the_catalogue_is_one_query() -> None:
    assert sorted(CATALOG_QUERIES) == [
        "checks", "columns", "database", "foreign_keys", "indexes", "relations", "triggers",
    ]  # fmt: skip


def test_tables_views_and_schemas(estate: Schema) -> None:
    assert [table.name for table in estate.tables] == [
        "customers", "log", "sales.order_lines", "sales.orders", "sales.shipments",
    ]  # fmt: skip
    assert [view.name for view in estate.views] == ["sales.order_totals"]
    assert estate.hidden_tables == ("customers_history",)
    orders = table_of(estate, "sales.orders")
    assert (orders.namespace, orders.bare_name, orders.manager) == ("sales", "orders", "sales_orders")
    assert table_of(estate, "customers").comment == "Who buys"
    assert [str(warning) for warning in estate.warnings] == [
        "log: it has no primary key; its rows can be read, not changed one by one"
    ]


COLUMNS = [
    ("id", "int", "integer", False, "IDENTITY"),
    ("name", "nvarchar(100)", "text", False, None),
    ("code", "varchar(20)", "text", False, None),
    ("email", "nvarchar(200)", "text", True, None),
    ("status", "varchar(10)", "text", False, "'new'"),
    ("created", "datetime", "datetime", False, "getdate()"),
    ("seen", "datetimeoffset(3)", "datetime", True, None),
    ("token", "uniqueidentifier", "uuid", False, "newid()"),
    ("credit", "money", "decimal", True, None),
    ("called", "varchar(30)", "text", True, None),
    ("photo", "varbinary(max)", "blob", True, None),
    ("place", "geography", "blob", True, None),
    ("notes", "xml", "text", True, None),
    ("extra", "nvarchar(max)", "json", True, None),
    ("anything", "sql_variant", "any", True, None),
    ("label", "varchar(31)", "text", False, None),
    ("initial", "nvarchar(1)", "text", True, None),
    ("version", "timestamp", "blob", False, None),
    ("valid_from", "datetime2(7)", "datetime", False, None),
    ("valid_to", "datetime2(7)", "datetime", False, None),
]


def test_columns(estate: Schema) -> None:
    found = table_of(estate, "customers").columns
    assert [
        (each.name, each.declared_type, each.kind, each.nullable, each.default) for each in found
    ] == COLUMNS
    assert [each.name for each in found if each.autoincrement] == ["id"]
    assert [(each.name, each.generated, each.expression) for each in found if each.generated] == [
        ("label", "virtual", "([code]+' ')+[status]"),
        ("initial", "stored", "left([name],(1))"),
        ("version", "stored", None),
        ("valid_from", "stored", None),
        ("valid_to", "stored", None),
    ]
    assert [each.name for each in found if each.hidden] == ["valid_from", "valid_to"]
    assert [(each.name, each.comment) for each in found if each.comment] == [("code", "On invoices")]
    number = table_of(estate, "sales.orders").column("id")
    assert number is not None
    assert (number.default, number.autoincrement) == ("NEXT VALUE FOR [sales].[order_numbers]", False)


def test_keys_checks_and_indexes(estate: Schema) -> None:
    customers = table_of(estate, "customers")
    assert customers.primary_key == ("id",)
    assert customers.uniques == (Unique(("code",), "UQ_customers_code"),)
    assert customers.checks == (
        Check("[created]>'2000-01-01' OR [status]='bad'", "CK_customers_dates"),
        Check("isjson([extra])>(0)", "CK_customers_extra", "extra"),
        Check("[status]='bad' OR [status]='good' OR [status]='new'", "CK_customers_status", "status"),
    )
    assert customers.indexes[2:] == (
        Index("UX_customers_email", (IndexPart("email"),), True, "[email] IS NOT NULL"),
        Index("IX_customers_created", (IndexPart("created", descending=True), IndexPart("name"))),
    )
    assert [index.origin for index in customers.indexes] == ["primary_key", "unique", "index", "index"]
    assert customers.unique_keys == {frozenset({"id"}), frozenset({"code"})}


def test_foreign_keys_and_relations_across_schemas(estate: Schema) -> None:
    assert table_of(estate, "sales.orders").foreign_keys == (
        ForeignKey(("customer_id",), "customers", ("id",), "FK_orders_customer", on_delete="CASCADE"),
    )
    (line,) = table_of(estate, "sales.shipments").foreign_keys
    assert (line.columns, line.target_columns) == (("order_id", "line_no"), ("order_id", "line_no"))
    assert line.on_delete == "SET NULL"
    assert estate.relations_of("sales.orders")["customer"].target == "customers"
    assert estate.relations_of("customers")["sales_orders"].kind == "one_to_many"


def test_triggers(estate: Schema) -> None:
    (trigger,) = table_of(estate, "sales.orders").triggers
    assert (trigger.name, trigger.timing, trigger.event) == ("orders_seen", "AFTER", "INSERT OR UPDATE")
    assert trigger.sql.startswith("CREATE TRIGGER")


def test_kinds_can_be_said(estate: Schema) -> None:
    said: dict[str, Any] = {"phone": "any", "MONEY": "real", "nvarchar(200)": "blob", "xml": "json"}
    found = table_of(schema_of(catalog_of("estate"), types=said), "customers")
    kinds = {column.name: column.kind for column in found.columns}
    assert [kinds[name] for name in ("called", "credit", "email", "notes")] == ["any", "real", "blob", "json"]


def test_chinook_is_as_on_sqlite(shared: Path) -> None:
    from noormme import connect

    found = schema_of(catalog_of("chinook"))
    with connect(shared / "data" / "chinook.sqlite", readonly=True) as sqlite:
        there = sqlite.schema
    assert [table.name for table in found.tables] == [table.name for table in there.tables]
    for table in there.tables:
        mine = table_of(found, table.name)
        assert (mine.manager, mine.model, mine.primary_key) == (table.manager, table.model, table.primary_key)
        assert [(each.name, each.field, each.kind, each.nullable) for each in mine.columns] == [
            (each.name, each.field, each.kind, each.nullable) for each in table.columns
        ]
        assert set(found.relations_of(table.name)) == set(there.relations_of(table.name))


EMPTY: dict[str, list[list[Any]]] = {
    **{name: [] for name in CATALOG_QUERIES},
    "database": [["dbo", 15, False]],
}


def test_a_key_that_leads_nowhere_and_a_table_that_may_not_be_read() -> None:
    column = [1, 1, "a", "int", "int", 4, 10, 0, False, False, None, False, "((1))", 0, False, None, None]
    made = schema_of(
        Catalog(
            EMPTY
            | {
                "relations": [[1, "dbo", "t", "U", 0, None, None, False]],
                "columns": [column],
                "indexes": [[1, 2, "x", True, False, False, None, True, 1, 1, False]],
                "foreign_keys": [[1, "f", 1, 99, 1, "NO_ACTION", "NO_ACTION"]],
            }
        )
    )
    (table,) = made.tables
    assert (table.readable, table.foreign_keys, table.indexes[0].unique) == (False, (), False)
    assert table.columns[0].default == "1"
    assert {warning.code for warning in made.warnings} == {
        "dangling_foreign_key", "no_permission", "no_primary_key",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("definition", "bare"),
    [
        ("((0))", "0"),
        ("(getdate())", "getdate()"),
        ("([a]+(1))*(2)", "([a]+(1))*(2)"),
        ("('(')", "'('"),
        ("([a)])", "[a)]"),
        ("(a", "(a"),
    ],
)
def test_parentheses_around_all_of_it_say_nothing(definition: str, bare: str) -> None:
    column = [1, 1, "a", "int", "int", 4, 10, 0, True, False, None, False, definition, 0, False, None, None]
    made = schema_of(
        Catalog(EMPTY | {"relations": [[1, "dbo", "t", "U", 0, None, None, True]], "columns": [column]})
    )
    assert made.tables[0].columns[0].default == bare
