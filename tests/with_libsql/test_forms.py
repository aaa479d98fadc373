"""Columns that store their values in other forms: what is computed and written is what SQLite would hold."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import apsw
import pytest

from noormme import Database, F, InvalidValue, NotSupported, Value, connect
from noormme.engines.libsql.dialect import json_list
from noormme.functions import Cast, Coalesce, ExtractHour, Greatest, Now, TruncDay, TruncMonth
from tests.with_libsql.server import emptied, load

SCRIPT = """
CREATE TABLE things (
    id INTEGER PRIMARY KEY, plain DATETIME, zoned DATETIME, cut DATETIME, letter DATETIME, stamp DATETIME,
    millis DATETIME, day DATE, clock TIME, rails TIME, dashed UUID, digits UUID, truth BOOLEAN, word BOOLEAN,
    price DECIMAL(10, 2), text TEXT, "json" JSON, raw BLOB
);
INSERT INTO things VALUES
    (1, '2024-02-29 10:30:15.250000', '2024-02-29 10:30:15+00:00', '2024-02-29T10:30:15', '2024-02-29T10:30:15Z',
     1709202615, 1709202615250, '2024-02-29', '10:30:15.250000', '2000-01-01 10:30:15',
     '6ba7b810-9dad-11d1-80b4-00c04fd430c8', '6ba7b8109dad11d180b400c04fd430c8', 1, 'yes', 10.5, 'a', '{"a":1}', x'6162'),
    (2, '2023-12-31 00:00:00', '2023-12-31 00:00:00+00:00', '2023-12-31T00:00:00', '2023-12-31T00:00:00Z',
     1703980800, 1703980800000, '2023-12-31', '23:59:59', '2000-01-01 23:59:59',
     '00000000-0000-0000-0000-000000000001', '00000000000000000000000000000001', 0, 'no', -2, 'b', '[]', x'')
"""

WRITES: list[tuple[str, Any]] = [
    ("plain", F("cut")),
    ("plain", F("stamp")),
    ("plain", F("millis") + timedelta(days=1)),
    ("plain", F("zoned")),
    ("cut", F("plain")),
    ("cut", F("stamp")),
    ("cut", TruncMonth("plain")),
    ("day", F("plain")),
    ("day", TruncDay("cut")),
    ("clock", F("rails")),
    ("clock", F("plain")),
    ("dashed", F("digits")),
    ("truth", F("word")),
    ("price", F("price") * 3),
    ("price", Cast(Value("1.25"), "decimal")),
    ("text", F("price")),
    ("text", F("plain")),
    ("text", F("word")),
    ("text", F("dashed")),
    ("plain", Coalesce(F("stamp"), F("plain"))),
    ("plain", Greatest(F("cut"), F("plain"))),
]
REFUSED: list[tuple[str, Any]] = [
    ("zoned", F("plain")),
    ("letter", F("plain")),
    ("stamp", F("plain")),
    ("rails", F("clock")),
    ("digits", F("dashed")),
    ("word", F("truth")),
]
READS: list[Callable[[Database], Any]] = [
    lambda db: db.things.filter(stamp=datetime(2024, 2, 29, 10, 30, 15)).count(),
    lambda db: db.things.filter(cut=F("stamp")).count(),
    lambda db: db.things.filter(plain__gt=F("cut")).count(),
    lambda db: list(
        db.things.order_by("id").values_list("stamp__year", "millis__hour", "letter__minute", "rails__hour")
    ),
    lambda db: list(db.things.annotate(x=ExtractHour("clock")).order_by("id").values_list("x", flat=True)),
    lambda db: list(db.things.annotate(x=F("plain") - F("stamp")).order_by("id").values_list("x", flat=True)),
    lambda db: db.things.filter(word=True, truth__in=[True]).count(),
    lambda db: db.things.filter(digits="6ba7b810-9dad-11d1-80b4-00c04fd430c8").count(),
    lambda db: db.things.filter(raw__in=[b"ab", b"\xff"]).count(),
    lambda db: db.things.filter(dashed=F("digits")).count(),
    lambda db: db.things.filter(plain__date="2024-02-29", plain__week=9, plain__iso_week_day=4).count(),
]


@pytest.fixture(scope="module")
def both(server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Database, Database]]:
    path: Path = tmp_path_factory.mktemp("forms") / "forms.db"
    connection = apsw.Connection(str(path))
    connection.execute(SCRIPT).fetchall()
    connection.close()
    load(emptied(server), SCRIPT)
    with connect(path) as sqlite, connect(server) as libsql:
        yield sqlite, libsql


def written(db: Database, name: str, expression: Any) -> list[Any]:
    with db.transaction() as transaction:
        db.things.all().update(**{name: expression}, all_rows=True)
        found = db.execute("SELECT typeof(" + name + "), CAST(" + name + " AS TEXT) FROM things ORDER BY id")
        transaction.rollback()
    return [tuple(row) for row in found]


@pytest.mark.parametrize(("name", "expression"), WRITES)
def test_what_is_computed_is_stored_alike(
    both: tuple[Database, Database], name: str, expression: Any
) -> None:
    sqlite, libsql = both
    assert written(libsql, name, expression) == written(sqlite, name, expression)


@pytest.mark.parametrize(("name", "expression"), REFUSED)
def test_forms_that_sql_cannot_write(both: tuple[Database, Database], name: str, expression: Any) -> None:
    with pytest.raises(NotSupported, match="libSQL cannot compute a .* in the form") as caught:
        written(both[1], name, expression)
    assert "bulk_update" in str(caught.value)


@pytest.mark.parametrize("ask", READS)
def test_what_is_read_is_alike(both: tuple[Database, Database], ask: Callable[[Database], Any]) -> None:
    sqlite, libsql = both
    assert ask(libsql) == ask(sqlite)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([], None),
        ([None, math.nan, 2**70], None),
        ([1, True, 2.5, None, math.nan], "[1,1,2.5]"),
        (["a\0b", 'é"'], '["a\\u0000b","é\\""]'),
        ([b"\x00\xff"], '[{"bytes":"00ff"}]'),
        ([math.inf, -math.inf, 1], "[9e999,-9e999,1]"),
    ],
)
def test_lists(values: list[object], expected: str | None) -> None:
    assert sorted(json_list(values) or "") == sorted(expected or "")


def test_lists_that_cannot_be() -> None:
    with pytest.raises(InvalidValue, match="mixes numbers, text and bytes"):
        json_list([1, "a"])
    with pytest.raises(InvalidValue, match="half of a surrogate pair"):
        json_list(["\ud800"])


def test_long_lists(both: tuple[Database, Database]) -> None:
    assert both[1].things.filter(id__in=list(range(2, 100_000))).count() == 1


def test_a_time_zone(both: tuple[Database, Database]) -> None:
    paths = (both[0].path, both[1].path)
    for zone in ("UTC", "Europe/Berlin"):
        with connect(paths[0], timezone=zone) as sqlite, connect(paths[1], timezone=zone) as libsql:
            for ask in (
                lambda db: list(
                    db.things.order_by("id").values_list("plain", "stamp", "plain__hour", "clock__hour")
                ),
                lambda db: list(
                    db.things.annotate(x=F("plain") - F("cut")).order_by("id").values_list("x", flat=True)
                ),
                lambda db: db.things.filter(stamp__gt=datetime(2024, 1, 1)).count(),
            ):
                assert ask(libsql) == ask(sqlite)
            if zone == "UTC":
                assert libsql.things.filter(stamp__hour=10).count() == 1
                assert libsql.things.filter(plain__lt=Now()).count() == 2
            else:
                for refused in (
                    lambda db: db.things.filter(stamp__hour=11).count(),
                    lambda db: db.things.filter(plain__lt=Now()).count(),
                    lambda db: db.things.annotate(
                        x=ExtractHour("plain", tzinfo=ZoneInfo("Asia/Tokyo"))
                    ).count(),
                ):
                    with pytest.raises(NotSupported, match="libSQL has no time zones"):
                        refused(libsql)
