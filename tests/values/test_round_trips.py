"""Values of every kind are stored, read and found again on every engine, one by one and many at a time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from noormme import Database, F, connect
from tests.orm.world import change
from tests.worlds import Worlds

TABLES = {
    "sqlite": (
        "CREATE TABLE kept (id INTEGER PRIMARY KEY, text TEXT, n INTEGER, r REAL, d DECIMAL(30, 9), ok BOOLEAN,"
        " day DATE, clock TIME, at DATETIME, ref UUID, data JSON, raw BLOB)"
    ),
    "postgresql": (
        "CREATE TABLE kept (id serial PRIMARY KEY, text text, n bigint, r float8, d numeric, ok boolean,"
        " day date, clock time, at timestamp, ref uuid, data jsonb, raw bytea)"
    ),
    "mysql": (
        "CREATE TABLE kept (id int AUTO_INCREMENT PRIMARY KEY, text longtext, n bigint, r double,"
        " d decimal(30, 9), ok bool, day date, clock time(6), at datetime(6), ref uuid, data json, raw longblob)"
    ),
}

NO_NUL = pytest.mark.otherwise("postgresql", "no text holds a NUL")

VALUES: list[Any] = [
    *(
        ("text", value)
        for value in (
            *(
                "",
                " ",
                "a ",
                "é",
                "É",
                "😀",
                "名",
                "'",
                "''",
                '"',
                "\\",
                "\\'",
                "%",
                "_",
                "%s",
                "?",
                ":x",
                "$1",
                "--",
            ),
            *("x'; DROP TABLE kept; --", "a\nb", "\ta", "NULL", "null", "0", "true", "a" * 70_000),
        )
    ),
    pytest.param("text", "a\0b", marks=NO_NUL),
    *(("n", value) for value in (0, -1, 2**31, 2**53 + 1, 2**63 - 1, -(2**63))),
    *(("r", value) for value in (0.0, 0.1, -2.5, 1e-300, 1.7976931348623157e308, 123456789.123456789)),
    *(("d", Decimal(value)) for value in ("0", "0.1", "-1.005", "123456789.123456")),
    pytest.param(
        "d",
        Decimal("123456789012345678901.123456789"),
        marks=pytest.mark.otherwise("sqlite", "keeps 15 digits in such a column, and refuses more"),
    ),
    *(("ok", value) for value in (True, False)),
    *(("day", value) for value in (date(1, 1, 1), date(2024, 2, 29), date(9999, 12, 31))),
    *(("clock", value) for value in (time(), time(10, 30), time(23, 59, 59, 999_999))),
    *(
        ("at", value)
        for value in (
            datetime(2024, 2, 29, 10, 30),
            datetime(1, 1, 1),
            datetime(9999, 12, 31, 23, 59, 59, 999_999),
        )
    ),
    *(("ref", UUID(int=value)) for value in (0, 1, 2**128 - 1)),
    *(
        ("data", value)
        for value in (
            {},
            [],
            0,
            "",
            "a ",
            "é",
            True,
            False,
            1.5,
            {"k": [1, None, {"é": "😀"}]},
            [[]],
            "null",
            "'\\",
        )
    ),
    *(("raw", value) for value in (b"", b"\0", b"\xff\xfe", b"'; --", bytes(range(256)), b"%s ?")),
]


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("values") / "kept.db"
    change(path, TABLES["sqlite"])
    return path


@pytest.fixture
def db(engine: str, files: Path, worlds: Worlds) -> Iterator[Database]:
    """The table on each engine, whose rows are gone at the end."""
    if engine == "sqlite":
        with connect(files) as database:
            yield database
            database.kept.delete(all_rows=True)
        return
    database = worlds.empty(engine, "values")
    if "kept" not in database.tables:
        database.execute(TABLES.get(engine, TABLES["sqlite"]))
        database.refresh()
    yield database
    database.kept.delete(all_rows=True)


@pytest.mark.parametrize(("field", "value"), VALUES, ids=lambda value: repr(value)[:24])
def test_a_value_is_stored_read_and_found(db: Database, field: str, value: Any) -> None:
    made = [db.kept.create(**{field: value}), *db.kept.bulk_create([{field: value}, {field: None}])]
    assert [_kind(getattr(item, field)) for item in made] == [_kind(value), _kind(value), _kind(None)]
    read = db.kept.order_by("id").values_list(field, flat=True)
    assert [_kind(each) for each in read] == [_kind(value), _kind(value), _kind(None)]
    same = [made[0].id, made[1].id]
    for query in (
        db.kept.filter(**{field: value}),
        db.kept.filter(**{f"{field}__in": [value]}),
        db.kept.exclude(**{f"{field}__isnull": True}),
    ):
        assert list(query.order_by("id").values_list("id", flat=True)) == same
    other = db.kept.create()
    assert db.kept.filter(id=other.id).update(**{field: value}) == 1
    assert _kind(getattr(other.refresh(), field)) == _kind(value)
    assert db.kept.filter(id=other.id).update(**{field: F(field)}) == 1
    assert _kind(getattr(other.refresh(), field)) == _kind(value)


def _kind(value: Any) -> tuple[type, Any]:
    return type(value), value


def test_moments_with_an_offset_are_stored_as_the_same_moments(db: Database) -> None:
    east = datetime(2024, 1, 1, 1, 30, tzinfo=timezone(timedelta(hours=5)))
    item = db.kept.create(at=east)
    stored = item.refresh().at
    assert (stored if stored.tzinfo else stored.replace(tzinfo=UTC)) == east
    assert (
        db.kept.filter(at__gte=east - timedelta(seconds=1), at__lt=east + timedelta(seconds=1)).count() == 1
    )
