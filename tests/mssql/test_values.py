"""Values on their way to SQL Server and back."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from noormme import InvalidValue, NotSupported
from noormme.engines.server.mssql.dialect import SQLServerDialect
from noormme.engines.server.mssql.introspect import schema_of
from noormme.engines.server.mssql.marked import LegacyDateTime, Narrow
from noormme.engines.server.mssql.values import json_list, json_rows
from noormme.engines.server.mssql.zones import windows_zone
from noormme.errors import UnreadableValue
from noormme.query.plan import Inline
from noormme.schema.model import Kind, Schema
from tests.mssql.offline import catalog_of

MOMENT = datetime(2024, 3, 5, 10, 20, 30, 123456)
ID = UUID("12345678-1234-5678-1234-567812345678")


class Colour(Enum):
    RED = "red"
    ONE = 1


@pytest.fixture(scope="module")
def schema() -> Schema:
    return schema_of(catalog_of("estate"))


@pytest.fixture(scope="module")
def dialect(schema: Schema) -> SQLServerDialect:
    return SQLServerDialect(lambda: schema)


def encoded(dialect: SQLServerDialect, path: str, value: object, *, storing: bool = False) -> Any:
    """A value as it is compared with a column, or stored in it."""
    table_name, _, name = path.rpartition(".")
    table = dialect.schema().table(table_name)
    assert table is not None
    column = table.column(name)
    assert column is not None
    encode = (dialect.storing if storing else dialect.encoder)(column.kind, table, column)
    assert encode is not None
    return encode(value)


@pytest.mark.parametrize(
    ("path", "value", "found"),
    [
        ("customers.id", 5, 5),
        ("customers.id", "5", Decimal(5)),
        ("customers.id", True, 1),
        ("customers.id", 2**70, Decimal(2**70)),
        ("customers.id", 10**39, 1e39),
        ("customers.id", Colour.ONE, 1),
        ("customers.id", float("-inf"), -1.7976931348623157e308),
        ("customers.name", "é", "é"),
        ("customers.name", Colour.RED, "red"),
        ("customers.name", 5, "5"),
        ("customers.credit", "1.5", Decimal("1.5")),
        ("customers.credit", 0.1, Decimal("0.1")),
        ("customers.token", str(ID), ID),
        ("customers.token", ID.bytes, ID),
        ("customers.photo", bytearray(b"a"), b"a"),
        ("customers.photo", "é", "é".encode()),
        ("customers.photo", ID, ID.bytes),
        ("customers.seen", MOMENT, MOMENT.replace(microsecond=123000, tzinfo=UTC)),
        ("customers.seen", "2024-01-31T10:00:00+02:00", datetime.fromisoformat("2024-01-31T10:00:00+02:00")),
        ("sales.orders.placed", MOMENT.replace(tzinfo=UTC), MOMENT.replace(microsecond=123000)),
        ("sales.orders.placed", date(2024, 1, 1), datetime(2024, 1, 1)),
        ("sales.orders.paid", 1, True),
        ("sales.orders.paid", "no", False),
        ("sales.shipments.sent", "2024-01-31", date(2024, 1, 31)),
        ("customers.anything", timedelta(seconds=1), 1_000_000),
        ("customers.anything", Colour.RED, "red"),
        ("customers.extra", {"a": [1, None]}, '{"a":[1,null]}'),
    ],
)  # fmt: skip
def test_values_that_are_compared(dialect: SQLServerDialect, path: str, value: object, found: object) -> None:
    made = encoded(dialect, path, value)
    assert (made, type(made)) == (found, type(found))


def test_a_column_says_as_which_type_a_value_travels(dialect: SQLServerDialect) -> None:
    assert type(encoded(dialect, "customers.code", "abc")) is Narrow
    assert type(encoded(dialect, "customers.code", "é")) is str
    assert type(encoded(dialect, "customers.called", "1")) is Narrow
    made = encoded(dialect, "customers.created", MOMENT)
    assert (type(made), made) == (LegacyDateTime, MOMENT.replace(microsecond=123000))
    old = encoded(dialect, "customers.created", datetime(1066, 10, 14))
    assert type(old) is datetime


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("customers.id", "x"),
        ("customers.id", 2**63),
        ("customers.id", 1.5),
        ("customers.id", None.__class__),
        ("customers.credit", float("nan")),
        ("customers.credit", "x"),
        ("customers.token", "x"),
        ("customers.token", 5),
        ("customers.photo", 5),
        ("customers.name", [1]),
        ("customers.seen", "x"),
        ("customers.seen", 5),
        ("sales.orders.paid", 2),
        ("sales.shipments.sent", 5),
        ("sales.shipments.sent", "x"),
        ("customers.anything", object),
        ("customers.anything", float("nan")),
    ],
)
def test_values_that_do_not_fit(dialect: SQLServerDialect, path: str, value: object) -> None:
    with pytest.raises(InvalidValue) as caught:
        encoded(dialect, path, value, storing=True)
    assert "'x'" not in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "value"),
    [("time", 5), ("time", "x"), ("duration", 5), ("real", "x"), ("real", 10**400), ("real", float("inf"))],
)
def test_values_of_kinds_that_do_not_fit(
    dialect: SQLServerDialect, schema: Schema, kind: Kind, value: object
) -> None:
    table = schema.table("log")
    assert table is not None
    with pytest.raises(InvalidValue):
        encode = dialect.storing(kind, table, table.columns[1])
        assert encode is not None
        encode(value)


def test_times_are_cut_to_what_a_column_keeps(dialect: SQLServerDialect) -> None:
    encode = dialect.encoder("time", None, None)
    assert encode is not None
    assert encode(time(1, 2, 3, 4)) == time(1, 2, 3, 4)
    assert encode("01:02:03") == encode(datetime(2024, 1, 1, 1, 2, 3)) == time(1, 2, 3)


def test_lists_travel_as_json() -> None:
    values: list[object] = [
        'a\0"',
        1,
        1.5,
        True,
        Decimal("1E+2"),
        ID,
        b"\xff",
        date(2024, 1, 1),
        time(1),
        MOMENT,
    ]
    assert json_list(values, None) == (
        '["a\\u0000\\"",1,1.5,true,100,"12345678-1234-5678-1234-567812345678","/w==","2024-01-01","01:00:00",'
        '"2024-03-05T10:20:30.123456"]'
    )
    assert json_list([LegacyDateTime(2024, 1, 1)], None) == '["2024-01-01T00:00:00.000"]'
    assert json_list([1, 2], str) == '["1","2"]'
    assert json_rows([(1, "a"), (None, "b")], [None, None]) == '[[1,"a"],[null,"b"]]'
    assert json_rows([(1, 2)], [str, None]) == '[["1",2]]'


READ: list[tuple[Kind, object, object]] = [
    ("boolean", 1, True),
    ("boolean", 0, False),
    ("uuid", str(ID), ID),
    ("uuid", ID, ID),
    ("duration", 1_500_000, timedelta(seconds=1.5)),
    ("json", '{"a":[1]}', {"a": [1]}),
    ("integer", Decimal(5), 5),
    ("integer", 5.0, 5),
    ("integer", Decimal("5.5"), Decimal("5.5")),
    ("real", Decimal("1.5"), 1.5),
    ("decimal", 1.5, Decimal("1.5")),
    ("decimal", Decimal("1.5"), Decimal("1.5")),
    ("text", "a", "a"),
    ("datetime", MOMENT, MOMENT),
]


@pytest.mark.parametrize(("kind", "value", "found"), READ)
def test_values_that_are_read(dialect: SQLServerDialect, kind: Kind, value: object, found: object) -> None:
    made = dialect.decode(kind, value, "", "")
    assert (made, type(made)) == (found, type(found))
    fast = dialect.decoder(kind, "", "")
    if isinstance(fast, Inline):
        assert eval(fast.template.format(v="v", f="f"), {"v": value, "f": fast.function}) == found
    elif fast is not None:
        assert fast(value) == found


def test_a_column_is_read_as_it_comes(dialect: SQLServerDialect) -> None:
    kinds: tuple[Kind, ...] = (
        "integer",
        "real",
        "decimal",
        "text",
        "blob",
        "date",
        "time",
        "datetime",
        "any",
    )
    assert [kind for kind in kinds if dialect.decoder(kind, "customers", "id") is not None] == []


def test_what_cannot_be_read_is_returned_as_it_is_with_one_warning(schema: Schema) -> None:
    dialect = SQLServerDialect(lambda: schema)
    with pytest.warns(UnreadableValue, match=r"customers.extra holds a value that cannot be read as json"):
        assert dialect.decode("json", "{", "customers", "extra") == "{"
    assert dialect.decode("json", "{", "customers", "extra") == "{"
    dialect.forget()
    with pytest.warns(UnreadableValue):
        dialect.decode("json", "{", "customers", "extra")


def test_the_zone_of_the_settings(schema: Schema) -> None:
    zone = ZoneInfo("Europe/Rome")
    dialect = SQLServerDialect(lambda: schema, zone)
    assert dialect.decode("datetime", MOMENT, "sales.orders", "placed") == MOMENT.replace(tzinfo=zone)
    aware = MOMENT.replace(tzinfo=UTC)
    assert dialect.decode("datetime", aware, "customers", "seen") is aware
    assert encoded(dialect, "sales.orders.placed", aware) == datetime(2024, 3, 5, 11, 20, 30, 123000)


def test_names_of_zones() -> None:
    assert windows_zone("UTC") == "UTC"
    assert windows_zone("Europe/Berlin") == "W. Europe Standard Time"
    with pytest.raises(NotSupported):
        windows_zone("Mars/Olympus")


@pytest.mark.parametrize(
    ("year", "start"),
    [(2024, datetime(2024, 1, 1)), (0, datetime.min), (10_000, datetime.max), (float("-inf"), datetime.min)],
)
def test_the_start_of_a_year(dialect: SQLServerDialect, year: float, start: datetime) -> None:
    encode = dialect.year_start("date", None, None)
    assert encode is not None
    assert encode(year) == start
    assert dialect.year_start("time", None, None) is None
