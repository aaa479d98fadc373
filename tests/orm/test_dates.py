"""``dates`` and ``datetimes``."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from noormme import Count, Database, F, FieldNotFound, InvalidQuery, NotSupported, UsageError
from tests.orm.support import count_queries, ids, sql

MOMENTS = """
CREATE TABLE logs (id INTEGER PRIMARY KEY, at DATETIME, day DATE, seconds DATETIME, datefield TEXT);
INSERT INTO logs VALUES
    (1, '2024-02-28 23:59:58.5', '2024-02-28', 1709164798, ''),
    (2, '2024-02-28 23:59:58.9', '2024-02-29', 1709164798, ''),
    (3, '2024-03-03 00:00:00', '2024-03-03', 1709424000, ''),
    (4, '2023-12-31 12:30:00', '2023-12-31', 1704025800, ''),
    (5, NULL, NULL, NULL, ''),
    (6, 'never', NULL, NULL, '');
"""


@pytest.fixture
def logs(opened: Callable[..., Database]) -> Any:
    return opened(MOMENTS).logs


def test_dates(db: Database) -> None:
    month = db.users.dates("joined", "month")
    moment = 'strftime(\'%Y-%m-01\', "users"."joined")'
    assert (
        sql(month)
        == f'SELECT DISTINCT {moment} AS strftime_1 FROM "users" WHERE {moment} IS NOT NULL ORDER BY {moment} ASC'
    )
    assert list(month) == [date(2024, 1, 1)]
    assert list(db.users.dates("joined", "day")) == [date(2024, 1, 1), date(2024, 1, 2), date(2024, 1, 3)]
    assert list(db.users.dates("joined", "day", order="DESC"))[0] == date(2024, 1, 3)


@pytest.mark.parametrize(
    ("kind", "found"),
    [
        ("year", [date(2023, 1, 1), date(2024, 1, 1)]),
        ("month", [date(2023, 12, 1), date(2024, 2, 1), date(2024, 3, 1)]),
        ("week", [date(2023, 12, 25), date(2024, 2, 26)]),
        ("day", [date(2023, 12, 31), date(2024, 2, 28), date(2024, 3, 3)]),
    ],
)
def test_each_unit_of_days(logs: Any, kind: Any, found: list[date]) -> None:
    assert list(logs.dates("at", kind)) == list(logs.dates("seconds", kind)) == found
    assert list(logs.dates("at", kind, order="DESC")) == found[::-1]
    assert list(logs.datetimes("at", kind)) == [datetime(each.year, each.month, each.day) for each in found]


def test_fields_of_dates(logs: Any) -> None:
    assert list(logs.dates("day", "month")) == [date(2023, 12, 1), date(2024, 2, 1), date(2024, 3, 1)]


@pytest.mark.parametrize(
    ("kind", "last"),
    [
        ("hour", datetime(2024, 2, 28, 23)),
        ("minute", datetime(2024, 2, 28, 23, 59)),
        ("second", datetime(2024, 2, 28, 23, 59, 58)),
    ],
)
def test_each_unit_of_the_clock(logs: Any, kind: Any, last: datetime) -> None:
    expected = [datetime(2023, 12, 31, 12, 30 * (kind != "hour")), last, datetime(2024, 3, 3)]
    assert list(logs.datetimes("at", kind)) == list(logs.datetimes("seconds", kind)) == expected


def test_zones(logs: Any) -> None:
    new_york = ZoneInfo("America/New_York")
    assert list(logs.datetimes("at", "day", tzinfo=new_york)) == [
        datetime(2023, 12, 31),
        datetime(2024, 2, 28),
        datetime(2024, 3, 2),
    ]
    assert list(logs.datetimes("at", "day", tzinfo=UTC))[-1] == datetime(2024, 3, 3)


@pytest.mark.sqlite("a union comes in no order of its own elsewhere")
def test_what_they_give_is_a_query_set(db: Database, logs: Any) -> None:
    days = db.users.dates("joined", "day")
    assert (days.count(), days.exists(), days.first(), days.last()) == (
        3,
        True,
        date(2024, 1, 1),
        date(2024, 1, 3),
    )
    assert list(days.reverse()[:2]) == [date(2024, 1, 3), date(2024, 1, 2)]
    assert list(days.filter(id=2)) == [date(2024, 1, 2)]
    assert list(db.users.filter(age__gt=20).dates("joined", "day")) == [date(2024, 1, 1)]
    assert ids(db.users.filter(joined__date__in=days.filter(id=1))) == [1]
    with count_queries(db) as counted:
        assert list(db.users.none().dates("joined", "day")) == []
    assert counted.number == 0
    assert list(days.union(db.users.dates("joined", "month"))) == [
        date(2024, 1, 1),
        date(2024, 1, 2),
        date(2024, 1, 3),
    ]
    assert list(logs.filter(datefield="").dates("at", "year"))[0] == date(2023, 1, 1)


def test_over_relations_and_annotations(db: Database) -> None:
    assert list(db.posts.dates("author__joined", "day"))[-1] == date(2024, 1, 3)
    assert list(db.users.dates("posts_as_author__author__joined", "year")) == [date(2024, 1, 1)]
    assert list(db.users.annotate(x=F("joined")).dates("x", "year")) == [date(2024, 1, 1)]
    assert list(db.users.dates("joined__date", "month")) == [date(2024, 1, 1)]
    assert list(db.users.annotate(n=Count("posts_as_author")).dates("joined", "month")) == [date(2024, 1, 1)]
    assert list(db.users.values("id").dates("joined", "month")) == [date(2024, 1, 1)]


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (
            lambda db: db.users.dates("joined", "hour"),
            UsageError,
            "dates() does not know this kind; one of year, month, week, day",
        ),
        (lambda db: db.users.dates("joined", "months"), UsageError, "did you mean 'month'"),
        (lambda db: db.users.datetimes("joined", 3), UsageError, "datetimes() does not know this kind"),
        (
            lambda db: db.users.dates("joined", "day", "up"),
            UsageError,
            "the order of dates() is 'ASC' or 'DESC'",
        ),
        (lambda db: db.users.dates(3, "day"), UsageError, "dates() takes the name of a field, not int"),
        (lambda db: db.users.dates("joinde", "day"), FieldNotFound, "did you mean 'joined'"),
        (
            lambda db: db.users.dates("name", "day"),
            InvalidQuery,
            "dates() needs a field of dates or datetimes, and 'name' of users holds text values",
        ),
        (
            lambda db: db.users.datetimes("joined__date", "day"),
            InvalidQuery,
            "datetimes() needs a field of datetimes, and 'joined__date' of users holds date values",
        ),
        (lambda db: db.users[:2].dates("joined", "day"), InvalidQuery, "once a slice has been taken"),
        (lambda db: db.users.union(db.users).dates("joined", "day"), NotSupported, "after union()"),
    ],
)
def test_errors(db: Database, make: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error) as raised:
        make(db)
    assert message in str(raised.value)
