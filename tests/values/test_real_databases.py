"""Typed columns of real databases, raw value by raw value."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import apsw
import pytest

from noormme.engines.sqlite.decoders import decoder
from noormme.engines.sqlite.forms import StorageForm, form_of, strftime_argument, unit_in
from noormme.engines.sqlite.storage import encoder
from noormme.engines.sqlite.values import Unreadable, decode
from noormme.schema.model import Kind

Z = StorageForm(layout="iso", separator="T", timespec="milliseconds", offset="Z")
ISO = StorageForm(layout="iso")
MILLISECONDS = StorageForm(layout="iso", timespec="milliseconds")
DAYS = StorageForm(layout="iso", timespec="days")
PLAIN = StorageForm()


def column(path: Path, table: str, name: str) -> list[object]:
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    return [row[0] for row in connection.execute(f'SELECT "{name}" FROM "{table}"')]


@pytest.mark.parametrize(
    ("database", "table", "name", "kind", "form"),
    [
        ("chinook", "Invoice", "InvoiceDate", "datetime", ISO),
        ("chinook", "Invoice", "Total", "decimal", PLAIN),
        ("northwind", "Orders", "OrderDate", "datetime", MILLISECONDS),
        ("northwind", "Employees", "BirthDate", "date", DAYS),
        ("northwind", "Order Details", "UnitPrice", "decimal", PLAIN),
        ("sakila", "rental", "rental_date", "datetime", ISO),
        ("sakila", "customer", "create_date", "datetime", DAYS),
        ("sakila", "payment", "amount", "decimal", PLAIN),
        ("django_wagtail", "django_migrations", "applied", "datetime", ISO),
        ("django_wagtail", "wagtailcore_page", "live", "boolean", PLAIN),
        ("rails", "posts", "created_at", "datetime", ISO),
        ("rails", "users", "settings", "json", PLAIN),
        ("rails", "users", "balance", "decimal", PLAIN),
        (
            "drizzle",
            "__drizzle_migrations",
            "created_at",
            "datetime",
            StorageForm(layout="ms", timespec="seconds"),
        ),
        ("chromium_history", "visits", "is_known_to_sync", "boolean", PLAIN),
        ("chromium_history", "clusters_and_visits", "score", "decimal", PLAIN),
        ("pocketbase", "demo1", "bool", "boolean", PLAIN),
        ("pocketbase", "_collections", "fields", "json", PLAIN),
        ("pocketbase", "_params", "value", "json", PLAIN),
    ],
)
def test_every_value_is_read_and_found_again(
    copied: Callable[[str], Path], database: str, table: str, name: str, kind: Kind, form: StorageForm
) -> None:
    path = copied(database)
    stored = [value for value in column(path, table, name) if value is not None]
    assert stored
    assert form_of(kind, stored[:32]) == form
    fast, encode = decoder(kind, form), encoder(kind, form)
    assert fast is not None
    assert encode is not None
    binary = sum(isinstance(value, bytes) for value in stored)
    assert sum(read_fast(fast, value) is not None for value in stored) == len(stored) - binary
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    right = "CAST(? AS NUMERIC)" if kind == "decimal" else "?"
    left = f'json("{name}")' if kind == "json" else f'"{name}"'
    counted = Counter(repr(decode(kind, value, unit=unit_in(form))) for value in stored)
    for value in {repr(item): item for item in (decode(kind, value) for value in stored[:20])}.values():
        assert value is not None
        sql = f'SELECT count(*) FROM "{table}" WHERE {left} = {right}'
        assert connection.execute(sql, (encode(value),)).fetchone() == (counted[repr(value)],)


def read_fast(fast: Callable[[object], object], stored: object) -> object:
    try:
        return fast(stored)
    except (ValueError, TypeError):
        return None


def test_values_of_a_hostile_table(copied: Callable[[str], Path]) -> None:
    path = copied("kitchen_sink")
    read: dict[str, list[object]] = {}
    kinds: list[tuple[str, Kind]] = [
        ("b", "boolean"),
        ("d", "decimal"),
        ("e", "decimal"),
        ("j", "date"),
        ("k", "datetime"),
        ("l", "datetime"),
        ("m", "time"),
        ("n", "json"),
        ("o", "uuid"),
        ("z", "any"),
    ]
    for name, kind in kinds:
        read[name] = []
        for value in column(path, "types", name):
            try:
                read[name].append(decode(kind, value))
            except Unreadable:
                read[name].append((Unreadable, value))
    assert read == {
        "b": [True, None],
        "d": [Decimal("12.3"), None],
        "e": [Decimal("Infinity"), None],
        "j": [(Unreadable, "2024-02-30"), datetime(2023, 11, 14, 22, 13, 20)],
        "k": [datetime(2024, 1, 1, tzinfo=UTC), datetime(2023, 11, 14, 22, 13, 20, 500_000)],
        "l": [datetime(2024, 1, 1, tzinfo=timezone(timedelta(hours=2))), None],
        "m": [(Unreadable, "25:61"), None],
        "n": [(Unreadable, "{bad json"), None],
        "o": [(Unreadable, "not-a-uuid"), None],
        "z": [b"\xff\xfe", None],
    }


def test_invalid_utf8_is_read_as_the_bytes_that_it_is(copied: Callable[[str], Path]) -> None:
    connection = apsw.Connection(str(copied("kitchen_sink")), flags=apsw.SQLITE_OPEN_READONLY)
    where = "FROM types WHERE CAST(g AS BLOB) >= x'ff'"
    with pytest.raises(UnicodeDecodeError):
        connection.execute(f"SELECT g {where}").fetchall()
    ((stored,),) = connection.execute(f"SELECT CAST(g AS BLOB) {where}").fetchall()
    assert decode("text", stored) == b"\xffA"
    with pytest.raises(Unreadable):
        decode("datetime", stored)


def test_years_that_python_lacks_stay_text(copied: Callable[[str], Path]) -> None:
    stored = column(copied("spatialite"), "geometry_columns_time", "last_insert")
    assert stored == ["0000-01-01T00:00:00.000Z"]
    with pytest.raises(Unreadable):
        decode("datetime", stored[0])


def test_date_functions_on_milliseconds(copied: Callable[[str], Path]) -> None:
    path = copied("drizzle")
    form = form_of("datetime", column(path, "__drizzle_migrations", "created_at"))
    template, modifiers = strftime_argument(form)
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    sql = f"SELECT strftime('%Y-%m-%d', {template.format(c='created_at')}, ?) FROM __drizzle_migrations"
    assert connection.execute(sql, modifiers).fetchall() == [("2023-11-14",)]
