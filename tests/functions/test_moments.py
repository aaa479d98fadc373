"""Parts of dates and times, and moments cut to a unit, in every form in which a column may store them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from datetime import timezone as fixed
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from noormme import Count, Database, F, Value
from noormme.errors import InvalidQuery, NotSupported, UsageError
from noormme.functions import (
    Extract,
    ExtractDay,
    ExtractHour,
    ExtractIsoWeekDay,
    ExtractIsoYear,
    ExtractMinute,
    ExtractMonth,
    ExtractQuarter,
    ExtractSecond,
    ExtractWeek,
    ExtractWeekDay,
    ExtractYear,
    Now,
    Trunc,
    TruncDate,
    TruncDay,
    TruncHour,
    TruncMinute,
    TruncMonth,
    TruncQuarter,
    TruncSecond,
    TruncTime,
    TruncWeek,
    TruncYear,
)

V = Value
BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")

A = datetime(2024, 2, 29, 10, 30, 15, 250_000)
B = datetime(2023, 1, 1, 23, 59, 59, 999_999)  # a Sunday, of the last week of 2022


def _timestamp(moment: datetime) -> str:
    return f"timestamp '{moment}'"


CASES = [
    case
    for moment, parts, units in (
        (A, (2024, 2024, 1, 2, 9, 29, 5, 4, 10, 30, 15), ("01-01", "01-01", "02-01", "02-26", "02-29")),
        (B, (2023, 2022, 1, 1, 52, 1, 1, 7, 23, 59, 59), ("01-01", "01-01", "01-01", None, "01-01")),
    )
    for case in (
        *(
            (function(V(moment)), f"({postgresql.format(_timestamp(moment))})::int", part)
            for function, postgresql, part in zip(
                (
                    ExtractYear,
                    ExtractIsoYear,
                    ExtractQuarter,
                    ExtractMonth,
                    ExtractWeek,
                    ExtractDay,
                    ExtractWeekDay,
                    ExtractIsoWeekDay,
                    ExtractHour,
                    ExtractMinute,
                    ExtractSecond,
                ),
                (
                    "extract(year from {})",
                    "extract(isoyear from {})",
                    "extract(quarter from {})",
                    "extract(month from {})",
                    "extract(week from {})",
                    "extract(day from {})",
                    "extract(dow from {}) + 1",
                    "extract(isodow from {})",
                    "extract(hour from {})",
                    "extract(minute from {})",
                    "floor(extract(second from {}))",
                ),
                parts,
                strict=True,
            )
        ),
        *(
            (
                Trunc(V(moment), unit),
                f"date_trunc('{unit}', {_timestamp(moment)})",
                datetime.fromisoformat(f"{moment.year}-{day}") if day else datetime(2022, 12, 26),
            )
            for unit, day in zip(("year", "quarter", "month", "week", "day"), units, strict=True)
        ),
        (
            Trunc(V(moment), "hour"),
            f"date_trunc('hour', {_timestamp(moment)})",
            moment.replace(minute=0, second=0, microsecond=0),
        ),
        (
            Trunc(V(moment), "minute"),
            f"date_trunc('minute', {_timestamp(moment)})",
            moment.replace(second=0, microsecond=0),
        ),
        (
            Trunc(V(moment), "second"),
            f"date_trunc('second', {_timestamp(moment)})",
            moment.replace(microsecond=0),
        ),
        (TruncDate(V(moment)), f"{_timestamp(moment)}::date", moment.date()),
        (TruncTime(V(moment)), f"{_timestamp(moment)}::time", moment.time()),
    )
]


@pytest.mark.parametrize(("expression", "postgresql", "expected"), CASES, ids=[case[1] for case in CASES])
def test_values(value: Callable[[Any], Any], expression: Any, postgresql: str, expected: Any) -> None:
    found = value(expression)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("day", "iso_year", "week", "quarter", "monday", "first"),
    [
        (date(2024, 12, 30), 2025, 1, 4, date(2024, 12, 30), date(2024, 10, 1)),
        (date(2021, 1, 3), 2020, 53, 1, date(2020, 12, 28), date(2021, 1, 1)),
        (date(2024, 3, 31), 2024, 13, 1, date(2024, 3, 25), date(2024, 1, 1)),
        (date(2024, 4, 1), 2024, 14, 2, date(2024, 4, 1), date(2024, 4, 1)),
        (date(1, 1, 1), 1, 1, 1, date(1, 1, 1), date(1, 1, 1)),
        (date(9999, 12, 31), 9999, 52, 4, date(9999, 12, 27), date(9999, 10, 1)),
    ],
)
def test_weeks_and_quarters(
    value: Callable[[Any], Any], day: date, iso_year: int, week: int, quarter: int, monday: date, first: date
) -> None:
    parts = [
        value(function(V(day)))
        for function in (ExtractIsoYear, ExtractWeek, ExtractQuarter, TruncWeek, TruncQuarter)
    ]
    assert parts == [iso_year, week, quarter, monday, first]


@pytest.mark.parametrize(
    ("expression", "sql", "rows"),
    [
        (ExtractYear("at"), 'CAST(strftime(\'%Y\', "things"."at") AS INTEGER)', [2024, None, 2023]),
        (ExtractQuarter("due"), '(CAST(strftime(\'%m\', "things"."due") AS INTEGER) + 2) / 3', [1, None, 4]),
        (
            ExtractHour("tm"),
            'CAST(strftime(\'%H\', (noormme_time( "things"."tm" ))) AS INTEGER)',
            [10, None, 23],
        ),
        pytest.param(
            ExtractYear("at", tzinfo=BERLIN),
            "CAST(strftime('%Y', noormme_zoned(\"things\".\"at\", 'Europe/Berlin')) AS INTEGER)",
            [2024, None, 2023],
            marks=pytest.mark.otherwise("mysql", "the server must have loaded the names of time zones"),
        ),
        (
            ExtractHour("at", tzinfo=fixed(-timedelta(hours=3, minutes=30))),
            "CAST(strftime('%H', noormme_zoned(\"things\".\"at\", '-03:30')) AS INTEGER)",
            [7, None, 20],
        ),
        (
            TruncYear("at"),
            'strftime(\'%Y-01-01 00:00:00\', "things"."at")',
            [datetime(2024, 1, 1), None, datetime(2023, 1, 1)],
        ),
        (
            TruncMonth("due"),
            'strftime(\'%Y-%m-01\', "things"."due")',
            [date(2024, 2, 1), None, date(2023, 12, 1)],
        ),
        (
            TruncQuarter("due"),
            "strftime('%Y-%m-01', date(\"things\".\"due\"), 'start of month', "
            "('-' || ((strftime('%m', \"things\".\"due\") - 1) % 3)) || ' months')",
            [date(2024, 1, 1), None, date(2023, 10, 1)],
        ),
        (
            TruncWeek("due"),
            "strftime('%Y-%m-%d', date(\"things\".\"due\"), 'weekday 0', '-6 days')",
            [date(2024, 2, 26), None, date(2023, 12, 25)],
        ),
        (
            TruncDay("at"),
            'strftime(\'%Y-%m-%d 00:00:00\', "things"."at")',
            [datetime(2024, 2, 29), None, datetime(2023, 12, 31)],
        ),
        (
            TruncHour("at"),
            'strftime(\'%Y-%m-%d %H:00:00\', "things"."at")',
            [datetime(2024, 2, 29, 10), None, datetime(2023, 12, 31)],
        ),
        (
            TruncMinute("tm"),
            'strftime(\'%H:%M:00\', noormme_time("things"."tm"))',
            [time(10, 30), None, time(23, 59)],
        ),
        (
            TruncSecond("tm"),
            'strftime(\'%H:%M:%S\', noormme_time("things"."tm"))',
            [time(10, 30, 15), None, time(23, 59, 59)],
        ),
        (
            TruncDate("at"),
            'strftime(\'%Y-%m-%d\', "things"."at")',
            [date(2024, 2, 29), None, date(2023, 12, 31)],
        ),
        (TruncTime("at"), 'noormme_time("things"."at")', [time(10, 30, 15, 250_000), None, time()]),
        (
            TruncYear("due", output_field=datetime),
            'strftime(\'%Y-01-01 00:00:00\', "things"."due")',
            [datetime(2024, 1, 1), None, datetime(2023, 1, 1)],
        ),
        (
            TruncYear("at", output_field=date),
            'strftime(\'%Y-01-01\', "things"."at")',
            [date(2024, 1, 1), None, date(2023, 1, 1)],
        ),
        (
            TruncHour("at", output_field=time),
            'strftime(\'%H:00:00\', "things"."at")',
            [time(10), None, time()],
        ),
        pytest.param(
            Extract("thing", "year"),
            'CAST(strftime(\'%Y\', noormme_datetime("things"."thing")) AS INTEGER)',
            [1970, None, None],
            marks=pytest.mark.sqlite("the others have no columns without a type"),
        ),
    ],
)
def test_sql_and_rows(
    computed: Callable[[Any], tuple[str, list[Any]]], expression: Any, sql: str, rows: list[Any]
) -> None:
    assert computed(expression) == (sql, rows)


# -- forms ------------------------------------------------------------------------------------------

MOMENTS = [A.replace(microsecond=250_000), B.replace(microsecond=999_000), datetime(1969, 12, 31, 23, 59, 59)]


def _milliseconds(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1)) // timedelta(milliseconds=1)


FORMS: dict[str, Callable[[datetime], object]] = {
    "iso": lambda moment: moment.isoformat(" "),
    "T": lambda moment: moment.isoformat(),
    "Z": lambda moment: moment.isoformat(timespec="milliseconds") + "Z",
    "offset": lambda moment: moment.isoformat(" ") + "+02:00",
    "seconds": lambda moment: _milliseconds(moment) / 1000,
    "milliseconds": _milliseconds,
    "microseconds": lambda moment: _milliseconds(moment) * 1000,
    "nanoseconds": lambda moment: _milliseconds(moment) * 1_000_000,
    "julian": lambda moment: 2_440_587.5 + _milliseconds(moment) / 86_400_000,
}


@pytest.mark.parametrize("zone", [None, "Europe/Berlin"])
@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_parts_of_the_decoded_value(
    opened: Callable[..., Database], form: str, zone: str | None
) -> None:
    def literal(stored: object) -> str:
        return f"'{stored}'" if isinstance(stored, str) else repr(stored)

    rows = ", ".join(f"({literal(FORMS[form](moment))})" for moment in MOMENTS)
    db = opened(
        f"CREATE TABLE t (id INTEGER PRIMARY KEY, at DATETIME); INSERT INTO t (at) VALUES {rows}",
        timezone=zone,
    )
    parts = ("year", "iso_year", "quarter", "month", "week", "day", "week_day", "hour", "minute", "second")
    units = ("year", "quarter", "month", "week", "day", "hour", "minute", "second")
    query = db.t.annotate(
        **{f"part_{part}": Extract("at", part) for part in parts},
        **{f"unit_{unit}": Trunc("at", unit) for unit in units},
        day=TruncDate("at"),
        clock=TruncTime("at"),
    )
    for row in query:
        shown = row.at.replace(tzinfo=None)
        calendar = shown.isocalendar()
        assert [getattr(row, f"part_{part}") for part in parts] == [
            shown.year,
            calendar.year,
            (shown.month + 2) // 3,
            shown.month,
            calendar.week,
            shown.day,
            calendar.weekday % 7 + 1,
            shown.hour,
            shown.minute,
            shown.second,
        ]
        midnight = shown.replace(hour=0, minute=0, second=0, microsecond=0)
        assert [getattr(row, f"unit_{unit}").replace(tzinfo=None) for unit in units] == [
            midnight.replace(month=1, day=1),
            midnight.replace(month=(shown.month - 1) // 3 * 3 + 1, day=1),
            midnight.replace(day=1),
            midnight - timedelta(days=shown.weekday()),
            midnight,
            shown.replace(minute=0, second=0, microsecond=0),
            shown.replace(second=0, microsecond=0),
            shown.replace(microsecond=0),
        ]
        assert (row.day, row.clock) == (shown.date(), shown.time())


def test_several_forms_in_one_column(opened: Callable[..., Database]) -> None:
    db = opened(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, at DATETIME);"
        "INSERT INTO t (at) VALUES ('2024-01-02 10:00:00'), ('2024-01-02T10:00:00+05:00'), (1704189600), ('soon')"
    )
    rows = db.t.order_by("id").annotate(h=ExtractHour("at"), d=TruncDay("at")).values_list("h", "d")
    assert list(rows) == [(10, datetime(2024, 1, 2))] * 3 + [(None, None)]


# -- time zones -------------------------------------------------------------------------------------

ZONED = (
    "CREATE TABLE t (id INTEGER PRIMARY KEY, at DATETIME, day DATE);"
    "INSERT INTO t VALUES (1, '2024-03-31 23:30:00', '2024-03-31')"
)


def test_the_wall_clock_of_another_zone_for_naive_datetimes_which_are_of_utc(
    opened: Callable[..., Database],
) -> None:
    db = opened(ZONED)
    query = db.t.annotate(
        hour=ExtractHour("at", tzinfo=BERLIN),
        month=TruncMonth("at", tzinfo=BERLIN),
        day_there=TruncDate("at", tzinfo=BERLIN),
        clock=TruncTime("at", tzinfo=BERLIN),
        of_day=TruncMonth("day", tzinfo=NEW_YORK),
    )
    row = query.get()
    assert (row.hour, row.month, row.day_there) == (1, datetime(2024, 4, 1), date(2024, 4, 1))
    assert (row.clock, row.of_day) == (time(1, 30), date(2024, 3, 1))
    assert 'noormme_zoned("t"."at", \'Europe/Berlin\')' in query.sql().statement


def test_with_a_zone_in_the_settings_the_result_is_a_moment(opened: Callable[..., Database]) -> None:
    db = opened(ZONED, timezone="UTC")
    query = db.t.annotate(day_there=TruncDay("at", tzinfo=BERLIN), hour=ExtractHour("at", tzinfo=BERLIN))
    row = query.get()
    assert row.day_there == datetime(2024, 4, 1, tzinfo=BERLIN)
    assert row.day_there.utcoffset() == timedelta()
    assert row.hour == 1
    assert query.filter(day_there=datetime(2024, 4, 1, tzinfo=BERLIN)).count() == 1
    assert query.filter(day_there=datetime(2024, 4, 1, tzinfo=UTC)).count() == 0


def test_the_clock_of_the_settings_zone(opened: Callable[..., Database]) -> None:
    db = opened(ZONED.replace("'2024-03-31 23:30:00'", "1711927800"), timezone="Europe/Berlin")
    row = db.t.annotate(
        hour=ExtractHour("at"), there=ExtractHour("at", tzinfo=NEW_YORK), month=TruncMonth("at")
    ).get()
    assert (row.hour, row.there) == (1, 19)
    assert row.month == datetime(2024, 4, 1, tzinfo=BERLIN)


def test_a_day_that_is_skipped_or_comes_twice(opened: Callable[..., Database]) -> None:
    db = opened(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, at DATETIME);"
        "INSERT INTO t VALUES (1, '2024-10-27T00:30:00Z'), (2, '2024-10-27T01:30:00Z'), (3, '0001-01-01T00:00:00Z')",
        timezone="UTC",
    )
    query = db.t.order_by("id").annotate(
        h=ExtractHour("at", tzinfo=BERLIN), there=ExtractHour("at", tzinfo=NEW_YORK)
    )
    assert list(query.values_list("h", "there")) == [
        (2, 20),
        (2, 21),
        (0, None),
    ]  # before the year 1 there is nothing


@pytest.mark.parametrize("zone", ["Europe/Berlin", 1, UTC.utcoffset])
def test_what_is_no_zone_is_refused(zone: Any) -> None:
    with pytest.raises(UsageError, match="takes a time zone"):
        TruncDay("at", tzinfo=zone)


def test_a_zone_without_a_name_is_not_supported() -> None:
    class Moving(tzinfo):
        def utcoffset(self, moment: datetime | None) -> None:
            return None

    with pytest.raises(NotSupported, match="has no name"):
        TruncDay("at", tzinfo=Moving())


# -- now --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("zone", [None, "Asia/Tokyo"])
def test_now(opened: Callable[..., Database], zone: str | None) -> None:
    db = opened(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, at DATETIME); INSERT INTO t (at) VALUES (0), (1), (2)",
        timezone=zone,
    )
    query = db.t.annotate(now=Now())
    before = datetime.now(UTC) - timedelta(milliseconds=2)
    found = set(query.values_list("now", flat=True))
    after = datetime.now(UTC) + timedelta(milliseconds=2)
    [now] = found
    assert (now.tzinfo is None) == (zone is None)
    assert before <= (now.replace(tzinfo=UTC) if zone is None else now) <= after
    assert "noormme_datetime(unixepoch('now', 'subsec'), 's')" in query.sql().statement
    assert db.t.filter(at__lt=Now()).count() == 3
    assert db.t.filter(at__gt=Now()).count() == 0


# -- in queries ---------------------------------------------------------------------------------------


def test_groups(db: Database) -> None:
    query = (
        db.things.filter(at__isnull=False)
        .values(year=ExtractYear("at"))
        .annotate(rows=Count("*"))
        .order_by("year")
    )
    assert [tuple(row.values()) for row in query] == [(2023, 1), (2024, 1)]


def test_conditions(db: Database) -> None:
    query = db.things.annotate(month=TruncMonth("at"))
    assert [row.id for row in query.filter(month=datetime(2024, 2, 1))] == [1]
    assert [row.id for row in query.filter(month__lt=datetime(2024, 2, 1))] == [3]
    assert [row.id for row in db.things.filter(due=TruncDate("at"), at__gte=F("due")).order_by("id")] == [
        1,
        3,
    ]


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        (Extract("due", "hour"), "a date has no hour"),
        (Extract("tm", "year"), "a time has no year"),
        (Extract("name", "year"), "needs a date or a time, not text"),
        (Trunc("tm", "month"), "a time has no month"),
        (Trunc("due", "second"), "a date has no second"),
        (TruncTime("due"), "a date has no time"),
        (TruncDate("tm"), "a time has no date"),
    ],
)
def test_what_has_no_such_part_is_refused(db: Database, expression: Any, message: str) -> None:
    with pytest.raises(InvalidQuery, match=message):
        list(db.things.annotate(x=expression))


@pytest.mark.parametrize(
    "made",
    [
        lambda: Extract("at", "yaer"),
        lambda: Extract("at", None),  # type: ignore[arg-type]
        lambda: Trunc("at", "iso_year"),
        lambda: Trunc("at", "hour", output_field=date),
        lambda: Trunc("at", "year", output_field=time),
        lambda: Trunc("at", "year", output_field=int),
    ],
)
def test_calls_without_a_meaning_are_refused(made: Callable[[], object]) -> None:
    with pytest.raises(UsageError):
        made()


def test_a_misspelt_unit_is_named() -> None:
    with pytest.raises(UsageError) as caught:
        Extract("at", "yaer")
    assert "year" in str(caught.value)
