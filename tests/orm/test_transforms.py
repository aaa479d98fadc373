"""Parts of dates and times of annotations and expressions: the same as those of the columns themselves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any

import pytest

from noormme import (
    Case,
    Database,
    ExpressionWrapper,
    F,
    LookupNotFound,
    Max,
    OuterRef,
    RawSQL,
    Subquery,
    Value,
    When,
)
from tests.orm.support import ids, sql

MOMENTS = [
    datetime(2019, 12, 30, 23, 59, 59),
    datetime(2020, 1, 1, 0, 0, 0),
    datetime(2020, 2, 29, 12, 30, 15),
    datetime(2021, 1, 3, 6, 5, 4),
    datetime(2023, 7, 16, 18, 45, 0),
]

PARTS: dict[str, Callable[[datetime], Any]] = {
    "date": lambda at: at.date(),
    "year": lambda at: at.year,
    "iso_year": lambda at: at.isocalendar()[0],
    "month": lambda at: at.month,
    "day": lambda at: at.day,
    "week": lambda at: at.isocalendar()[1],
    "week_day": lambda at: at.isoweekday() % 7 + 1,
    "iso_week_day": lambda at: at.isoweekday(),
    "quarter": lambda at: (at.month + 2) // 3,
    "time": lambda at: at.time(),
    "hour": lambda at: at.hour,
    "minute": lambda at: at.minute,
    "second": lambda at: at.second,
}

OF_A_DATE = ("year", "iso_year", "month", "day", "week", "week_day", "iso_week_day", "quarter")
OF_A_TIME = ("hour", "minute", "second")

SCRIPT = """
CREATE TABLE parents (id INTEGER PRIMARY KEY);
CREATE TABLE moments (
    id INTEGER PRIMARY KEY, parent_id INTEGER REFERENCES parents(id),
    text_at DATETIME, number_at DATETIME, day DATE, clock TIME, note TEXT
);
"""


@pytest.fixture
def db(opened: Callable[..., Database]) -> Database:
    """Each moment as text and as a number of seconds, its day, its time; a parent for each."""
    rows = ";".join(
        f"INSERT INTO parents VALUES ({number}); INSERT INTO moments VALUES "
        f"({number}, {number}, '{at}', {int((at - datetime(1970, 1, 1)).total_seconds())}, "
        f"'{at.date()}', '{at.time()}', '{at.date()}')"
        for number, at in enumerate(MOMENTS, 1)
    )
    return opened(f"{SCRIPT}{rows}; INSERT INTO moments (id) VALUES (9);")


def with_annotations(db: Database) -> dict[str, Any]:
    """The moments under one name, found in many ways."""
    moments = db.moments
    newest = db.moments.filter(id=OuterRef("id")).values("text_at")[:1]
    return {
        "a column": moments.annotate(at=F("text_at")),
        "a column of numbers": moments.annotate(at=F("number_at")),
        "an aggregate": moments.annotate(at=Max("number_at")),
        "an aggregate over a relation": db.parents.annotate(at=Max("moments__text_at")),
        "a case": moments.annotate(at=Case(When(id__gt=0, then=F("text_at")))),
        "a subquery": moments.annotate(at=Subquery(newest)),
        "what was said": moments.annotate(at=ExpressionWrapper(F("text_at"), datetime)),
        "SQL": moments.annotate(at=RawSQL("moments.text_at", output_field=datetime)),
        "SQL of no type": moments.annotate(at=RawSQL("moments.text_at")),
        "an annotation": moments.annotate(first=F("text_at")).annotate(at=F("first")),
    }


@pytest.mark.parametrize("part", PARTS)
def test_of_annotations(db: Database, part: str) -> None:
    for label, query in with_annotations(db).items():
        for at in MOMENTS:
            value = PARTS[part](at)
            same = [number for number, each in enumerate(MOMENTS, 1) if PARTS[part](each) == value]
            greater = [number for number, each in enumerate(MOMENTS, 1) if PARTS[part](each) > value]
            assert ids(query.filter(**{f"at__{part}": value}).order_by("id")) == same, label
            assert ids(query.filter(**{f"at__{part}__gt": value}).order_by("id")) == greater, label
            among = query.filter(**{f"at__{part}__in": [value]}).order_by("id")
            assert ids(among) == same, label


@pytest.mark.parametrize("part", PARTS)
def test_of_expressions_and_beside_them(db: Database, part: str) -> None:
    moments = db.moments
    everyone = list(range(1, len(MOMENTS) + 1))
    for name in ("text_at", "number_at"):
        assert ids(moments.filter(**{f"{name}__{part}": F(f"text_at__{part}")}).order_by("id")) == everyone
        values = [PARTS[part](at) for at in MOMENTS]
        shown = moments.filter(id__lt=9).order_by("id").values_list(f"{name}__{part}", flat=True)
        assert list(shown) == values
        annotated = moments.annotate(part=F(f"{name}__{part}"))
        expected = [number for number, value in enumerate(values, 1) if value == values[2]]
        assert ids(annotated.filter(part=values[2]).order_by("id")) == expected
        assert ids(annotated.filter(part=Value(values[2])).order_by("id")) == expected
        assert ids(annotated.filter(part__range=(min(values), max(values))).order_by("id")) == everyone
        keys = annotated.filter(id__lt=9).order_by("part", "id").values_list("id", flat=True)
        assert list(keys) == [number for _, number in sorted((value, n) for n, value in enumerate(values, 1))]


def test_arithmetic_with_parts(db: Database) -> None:
    assert ids(db.moments.filter(text_at__year=F("number_at__year") + 1)) == []
    assert ids(db.moments.filter(text_at__month__gt=F("text_at__day") + F("text_at__hour"))) == []
    assert ids(db.moments.filter(F("text_at__hour") * 60 + F("text_at__minute") > 750).order_by("id")) == [
        1,
        5,
    ]
    assert ids(db.moments.annotate(late=F("text_at__hour") + 1).filter(late__gte=19).order_by("id")) == [1, 5]


def test_a_part_of_a_part(db: Database) -> None:
    assert ids(db.moments.filter(text_at__date__year=2020).order_by("id")) == [2, 3]
    assert ids(db.moments.filter(text_at__time__hour__gte=18).order_by("id")) == [1, 5]
    assert ids(db.moments.annotate(d=F("number_at__date")).filter(d__month=2)) == [3]
    assert ids(db.moments.annotate(d=F("text_at__date")).filter(d=F("day")).order_by("id")) == [1, 2, 3, 4, 5]
    assert ids(db.moments.annotate(t=F("text_at__time")).filter(t=F("clock")).order_by("id")) == [
        1,
        2,
        3,
        4,
        5,
    ]
    assert ids(db.moments.annotate(t=F("text_at__time")).filter(t__gt=time(12)).order_by("id")) == [1, 3, 5]
    assert ids(db.moments.annotate(d=F("text_at__date")).filter(d__lt=date(2020, 1, 1))) == [1]


def test_a_negated_part_of_an_annotation(db: Database) -> None:
    assert ids(db.moments.exclude(text_at__year=2020).order_by("id")) == [1, 4, 5, 9]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda db: db.moments.annotate(x=F("day")).filter(x__hour=1),
            r"'hour' does not apply to annotation 'x' \(date\)",
        ),
        (
            lambda db: db.moments.annotate(x=F("clock")).filter(x__year=1),
            r"'year' does not apply to annotation 'x' \(time\)",
        ),
        (lambda db: db.moments.annotate(x=F("id") + 1).filter(x__year=1), r"annotation 'x' \(integer\)"),
        (
            lambda db: db.moments.annotate(x=F("text_at__year")).filter(x__month=1),
            r"annotation 'x' \(integer\)",
        ),
        (lambda db: db.moments.annotate(x=Max("id")).values("x__year"), r"annotation 'x' \(integer\)"),
    ],
)
def test_parts_that_an_annotation_does_not_have(
    db: Database, make: Callable[[Database], object], message: str
) -> None:
    with pytest.raises(LookupNotFound, match=message):
        make(db)


def test_annotations_made_of_each_other_are_looked_at_once(db: Database) -> None:
    query = db.moments.annotate(x0=F("id") + F("id"))
    for number in range(12):
        query = query.annotate(**{f"x{number + 1}": F(f"x{number}") * 0 + F(f"x{number}") * 0})
    with pytest.raises(LookupNotFound, match=r"\(integer\)"):
        query.filter(x12__year=1)


def test_a_year_of_a_plain_annotation_can_use_an_index(db: Database) -> None:
    query = db.moments.annotate(at=F("text_at")).filter(at__year=2020)
    assert '"text_at" >= ? AND "moments"."text_at" < ?' in sql(query)
