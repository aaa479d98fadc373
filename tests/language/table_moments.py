"""The table of the language: functions of dates and times.

Invariant: every query here runs as one shape for both of its values.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from noormme import Count
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
from tests.language.entries import Entry, computed, found

__all__ = ["ENTRIES"]

ENTRIES: list[Entry] = [
    Entry(
        "function Extract",
        lambda db, v: computed(db.people.filter(id__lte=v), Extract("joined", "year")),
        'SELECT CAST(strftime(\'%Y\', "people"."joined") AS INTEGER) AS strftime_1 FROM "people" WHERE "people"."id" <= ? ORDER BY "people"."id" ASC',
        (2, [2024, 2024]),
        (4, [2024, 2024, 2023, None]),
    ),
    Entry(
        "function Extract",
        lambda db, v: found(db.people.filter(joined__month=Extract("born", "month") + v)),
        'SELECT "people"."id" FROM "people" WHERE CAST(strftime(\'%m\', "people"."joined") AS INTEGER) = (CAST(strftime(\'%m\', "people"."born") AS INTEGER) + ?) ORDER BY "people"."id" ASC',
        (-2, [1]),
        (0, [3]),
    ),
    Entry(
        "function ExtractYear",
        lambda db, v: computed(db.people.filter(id__lte=v), ExtractYear("born")),
        'SELECT CAST(strftime(\'%Y\', "people"."born") AS INTEGER) AS strftime_1 FROM "people" WHERE "people"."id" <= ? ORDER BY "people"."id" ASC',
        (2, [1993, 2007]),
        (4, [1993, 2007, 1984, None]),
    ),
    Entry(
        "function ExtractIsoYear",
        lambda db, v: computed(db.people.filter(id__lte=v), ExtractIsoYear("born")),
        'SELECT CAST(strftime(\'%G\', "people"."born") AS INTEGER) AS strftime_1 FROM "people" WHERE "people"."id" <= ? ORDER BY "people"."id" ASC',
        (2, [1993, 2007]),
        (4, [1993, 2007, 1984, None]),
    ),
    Entry(
        "function ExtractQuarter",
        lambda db, v: computed(db.people.filter(id__lte=v), ExtractQuarter("born")),
        'SELECT (CAST(strftime(\'%m\', "people"."born") AS INTEGER) + 2) / 3 AS anon_1 FROM "people" WHERE "people"."id" <= ? ORDER BY "people"."id" ASC',
        (2, [1, 1]),
        (4, [1, 1, 4, None]),
    ),
    Entry(
        "function ExtractMonth",
        lambda db, v: computed(db.people.filter(id__lte=v), ExtractMonth("joined")),
        'SELECT CAST(strftime(\'%m\', "people"."joined") AS INTEGER) AS strftime_1 FROM "people" WHERE "people"."id" <= ? ORDER BY "people"."id" ASC',
        (2, [1, 2]),
        (4, [1, 2, 12, None]),
    ),
    Entry(
        "function ExtractWeek",
        lambda db, v: computed(db.people.filter(id__lte=v), ExtractWeek("born")),
        'SELECT CAST(strftime(\'%V\', "people"."born") AS INTEGER) AS strftime_1 FROM "people" WHERE "people"."id" <= ? ORDER BY "people"."id" ASC',
        (2, [9, 1]),
        (4, [9, 1, 52, None]),
    ),
    Entry(
        "function ExtractDay",
        lambda db, v: computed(db.people.filter(id__lte=v), ExtractDay("joined")),
        'SELECT CAST(strftime(\'%d\', "people"."joined") AS INTEGER) AS strftime_1 FROM "people" WHERE "people"."id" <= ? ORDER BY "people"."id" ASC',
        (2, [1, 29]),
        (4, [1, 29, 31, None]),
    ),
    Entry(
        "function ExtractWeekDay",
        lambda db, v: computed(db.people.filter(id__lte=v), ExtractWeekDay("born")),
        'SELECT CAST(strftime(\'%w\', "people"."born") AS INTEGER) + 1 AS anon_1 FROM "people" WHERE "people"."id" <= ? ORDER BY "people"."id" ASC',
        (2, [6, 2]),
        (4, [6, 2, 1, None]),
    ),
    Entry(
        "function ExtractIsoWeekDay",
        lambda db, v: computed(db.people.filter(id__lte=v), ExtractIsoWeekDay("joined")),
        'SELECT CAST(strftime(\'%u\', "people"."joined") AS INTEGER) AS strftime_1 FROM "people" WHERE "people"."id" <= ? ORDER BY "people"."id" ASC',
        (2, [1, 4]),
        (4, [1, 4, 7, None]),
    ),
    Entry(
        "function ExtractHour",
        lambda db, v: computed(db.people.filter(id__lte=v), ExtractHour("wakes")),
        'SELECT CAST(strftime(\'%H\', (noormme_time( "people"."wakes" ))) AS INTEGER) AS strftime_1 FROM "people" WHERE "people"."id" <= ? ORDER BY "people"."id" ASC',
        (2, [7, 6]),
        (4, [7, 6, None, 8]),
    ),
    Entry(
        "function ExtractMinute",
        lambda db, v: computed(db.people.filter(id__lte=v), ExtractMinute("joined")),
        'SELECT CAST(strftime(\'%M\', "people"."joined") AS INTEGER) AS strftime_1 FROM "people" WHERE "people"."id" <= ? ORDER BY "people"."id" ASC',
        (2, [20, 5]),
        (4, [20, 5, 0, None]),
    ),
    Entry(
        "function ExtractSecond",
        lambda db, v: computed(db.people.filter(id__lte=v), ExtractSecond("joined")),
        'SELECT CAST(strftime(\'%S\', "people"."joined") AS INTEGER) AS strftime_1 FROM "people" WHERE "people"."id" <= ? ORDER BY "people"."id" ASC',
        (2, [30, 6]),
        (4, [30, 6, 0, None]),
    ),
    Entry(
        "function TruncYear",
        lambda db, v: computed(db.people.filter(id__lte=v), TruncYear("born")),
        'SELECT strftime(\'%Y-01-01\', "people"."born") AS strftime_1 FROM "people" WHERE "people"."id" <= ? ORDER BY "people"."id" ASC',
        (2, [date(1993, 1, 1), date(2007, 1, 1)]),
        (4, [date(1993, 1, 1), date(2007, 1, 1), date(1984, 1, 1), None]),
    ),
    Entry(
        "function TruncQuarter",
        lambda db, v: computed(db.people.filter(id__lte=v), TruncQuarter("joined")),
        'SELECT strftime(\'%Y-%m-01 00:00:00\', date("people"."joined"), \'start of month\', (\'-\' || ((strftime(\'%m\', "people"."joined") - 1) % 3)) || \' months\') AS strftime_1 FROM "people" WHERE "people"."id" <= ? ORDER BY "people"."id" ASC',
        (2, [datetime(2024, 1, 1, 0, 0), datetime(2024, 1, 1, 0, 0)]),
        (4, [datetime(2024, 1, 1, 0, 0), datetime(2024, 1, 1, 0, 0), datetime(2023, 10, 1, 0, 0), None]),
    ),
    Entry(
        "function TruncMonth",
        lambda db, v: computed(db.people.filter(id__lte=v), TruncMonth("joined")),
        'SELECT strftime(\'%Y-%m-01 00:00:00\', "people"."joined") AS strftime_1 FROM "people" WHERE "people"."id" <= ? ORDER BY "people"."id" ASC',
        (2, [datetime(2024, 1, 1, 0, 0), datetime(2024, 2, 1, 0, 0)]),
        (4, [datetime(2024, 1, 1, 0, 0), datetime(2024, 2, 1, 0, 0), datetime(2023, 12, 1, 0, 0), None]),
    ),
    Entry(
        "function TruncWeek",
        lambda db, v: computed(db.people.filter(id__lte=v), TruncWeek("born")),
        'SELECT strftime(\'%Y-%m-%d\', date("people"."born"), \'weekday 0\', \'-6 days\') AS strftime_1 FROM "people" WHERE "people"."id" <= ? ORDER BY "people"."id" ASC',
        (2, [date(1993, 3, 1), date(2007, 1, 1)]),
        (4, [date(1993, 3, 1), date(2007, 1, 1), date(1984, 12, 24), None]),
    ),
    Entry(
        "function TruncDay",
        lambda db, v: computed(db.people.filter(id__lte=v), TruncDay("joined")),
        'SELECT strftime(\'%Y-%m-%d 00:00:00\', "people"."joined") AS strftime_1 FROM "people" WHERE "people"."id" <= ? ORDER BY "people"."id" ASC',
        (2, [datetime(2024, 1, 1, 0, 0), datetime(2024, 2, 29, 0, 0)]),
        (4, [datetime(2024, 1, 1, 0, 0), datetime(2024, 2, 29, 0, 0), datetime(2023, 12, 31, 0, 0), None]),
    ),
    Entry(
        "function TruncDate",
        lambda db, v: computed(db.people.filter(id__lte=v), TruncDate("joined")),
        'SELECT strftime(\'%Y-%m-%d\', "people"."joined") AS strftime_1 FROM "people" WHERE "people"."id" <= ? ORDER BY "people"."id" ASC',
        (2, [date(2024, 1, 1), date(2024, 2, 29)]),
        (4, [date(2024, 1, 1), date(2024, 2, 29), date(2023, 12, 31), None]),
    ),
    Entry(
        "function TruncTime",
        lambda db, v: computed(db.people.filter(id__lte=v), TruncTime("joined")),
        'SELECT noormme_time("people"."joined") AS noormme_time_1 FROM "people" WHERE "people"."id" <= ? ORDER BY "people"."id" ASC',
        (2, [time(10, 20, 30), time(23, 5, 6)]),
        (4, [time(10, 20, 30), time(23, 5, 6), time(0, 0), None]),
    ),
    Entry(
        "function TruncHour",
        lambda db, v: computed(db.people.filter(id__lte=v), TruncHour("joined")),
        'SELECT strftime(\'%Y-%m-%d %H:00:00\', "people"."joined") AS strftime_1 FROM "people" WHERE "people"."id" <= ? ORDER BY "people"."id" ASC',
        (2, [datetime(2024, 1, 1, 10, 0), datetime(2024, 2, 29, 23, 0)]),
        (4, [datetime(2024, 1, 1, 10, 0), datetime(2024, 2, 29, 23, 0), datetime(2023, 12, 31, 0, 0), None]),
    ),
    Entry(
        "function TruncMinute",
        lambda db, v: computed(db.people.filter(id__lte=v), TruncMinute("wakes")),
        'SELECT strftime(\'%H:%M:00\', noormme_time("people"."wakes")) AS strftime_1 FROM "people" WHERE "people"."id" <= ? ORDER BY "people"."id" ASC',
        (2, [time(7, 15), time(6, 30)]),
        (4, [time(7, 15), time(6, 30), None, time(8, 0)]),
    ),
    Entry(
        "function TruncSecond",
        lambda db, v: computed(db.people.filter(id__lte=v), TruncSecond("joined")),
        'SELECT strftime(\'%Y-%m-%d %H:%M:%S\', "people"."joined") AS strftime_1 FROM "people" WHERE "people"."id" <= ? ORDER BY "people"."id" ASC',
        (2, [datetime(2024, 1, 1, 10, 20, 30), datetime(2024, 2, 29, 23, 5, 6)]),
        (
            4,
            [
                datetime(2024, 1, 1, 10, 20, 30),
                datetime(2024, 2, 29, 23, 5, 6),
                datetime(2023, 12, 31, 0, 0),
                None,
            ],
        ),
    ),
    Entry(
        "function Trunc",
        lambda db, v: computed(db.people.filter(id__lte=v), Trunc("joined", "month")),
        'SELECT strftime(\'%Y-%m-01 00:00:00\', "people"."joined") AS strftime_1 FROM "people" WHERE "people"."id" <= ? ORDER BY "people"."id" ASC',
        (2, [datetime(2024, 1, 1, 0, 0), datetime(2024, 2, 1, 0, 0)]),
        (4, [datetime(2024, 1, 1, 0, 0), datetime(2024, 2, 1, 0, 0), datetime(2023, 12, 1, 0, 0), None]),
    ),
    Entry(
        "function Trunc",
        lambda db, v: computed(db.people.filter(id__lte=v), Trunc("joined", "day", output_field=date)),
        'SELECT strftime(\'%Y-%m-%d\', "people"."joined") AS strftime_1 FROM "people" WHERE "people"."id" <= ? ORDER BY "people"."id" ASC',
        (2, [date(2024, 1, 1), date(2024, 2, 29)]),
        (4, [date(2024, 1, 1), date(2024, 2, 29), date(2023, 12, 31), None]),
    ),
    Entry(
        "function TruncMonth",
        lambda db, v: (
            db.people.filter(id__lte=v)
            .annotate(m=TruncMonth("born"))
            .values("m")
            .annotate(n=Count("id"))
            .order_by("m")
        ),
        'SELECT strftime(\'%Y-%m-01\', "people"."born") AS strftime_1, count("people"."id") AS count_1 FROM "people" WHERE "people"."id" <= ? GROUP BY strftime(\'%Y-%m-01\', "people"."born") ORDER BY strftime(\'%Y-%m-01\', "people"."born") ASC',
        (2, [{"m": date(1993, 3, 1), "n": 1}, {"m": date(2007, 1, 1), "n": 1}]),
        (
            4,
            [
                {"m": None, "n": 1},
                {"m": date(1984, 12, 1), "n": 1},
                {"m": date(1993, 3, 1), "n": 1},
                {"m": date(2007, 1, 1), "n": 1},
            ],
        ),
    ),
    Entry(
        "function TruncDay",
        lambda db, v: found(db.people.annotate(d=TruncDay("joined")).filter(d=v)),
        'SELECT "people"."id" FROM "people" WHERE strftime(\'%Y-%m-%d 00:00:00\', "people"."joined") = ? ORDER BY "people"."id" ASC',
        (datetime(2024, 1, 1, 0, 0), [1]),
        (datetime(2024, 2, 29, 0, 0), [2]),
    ),
    Entry(
        "function Now",
        lambda db, v: found(db.people.filter(joined__lt=Now(), id__lte=v)),
        'SELECT "people"."id" FROM "people" WHERE "people"."id" <= ? AND "people"."joined" < noormme_datetime(unixepoch(\'now\', \'subsec\'), \'s\') ORDER BY "people"."id" ASC',
        (1, [1]),
        (3, [1, 2, 3]),
    ),
    Entry(
        "function Now",
        lambda db, v: found(db.people.filter(joined__gt=Now() - v)),
        'SELECT "people"."id" FROM "people" WHERE "people"."joined" > noormme_moved(noormme_datetime(noormme_datetime(unixepoch(\'now\', \'subsec\'), \'s\')), (0 - ?)) ORDER BY "people"."id" ASC',
        (timedelta(days=1), []),
        (timedelta(days=365000), [1, 2, 3]),
    ),
]
