"""Expressions whose value comes from one of several columns that store the same kind in different forms."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from noormme import Case, Database, F, Max, OuterRef, Q, Subquery, When, connect
from noormme.functions import Coalesce, Greatest, Least, NullIf
from tests.orm.support import sql
from tests.orm.world import change

FIRST, SECOND, THIRD = datetime(2024, 1, 1), datetime(2024, 1, 2), datetime(2024, 1, 3)


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    """Moments as text, as seconds and as days, and booleans as numbers and as words."""
    change(
        tmp_path / "mixed.db",
        """
        CREATE TABLE t (
            id INTEGER PRIMARY KEY, text DATETIME, seconds DATETIME, day DATE, flag BOOLEAN, word BOOLEAN,
            key UUID, bytes UUID
        );
        INSERT INTO t VALUES
            (1, '2024-01-01 00:00:00', 1704067200, '2024-01-01', 1, 'f', '12345678-1234-5678-1234-567812345678',
                x'12345678123456781234567812345678'),
            (2, NULL, 1704153600, '2024-01-02', NULL, 't', NULL, x'22345678123456781234567812345678'),
            (3, '2024-01-03 00:00:00', NULL, NULL, 0, 'f', '32345678-1234-5678-1234-567812345678', NULL);
        """,
    )
    with connect(tmp_path / "mixed.db") as database:
        yield database


@pytest.mark.parametrize(
    "expression",
    [
        Coalesce("text", "seconds"),
        Coalesce("seconds", "text"),
        Coalesce("text", "day"),
        Greatest("seconds", "text"),
        Least("seconds", "text"),
        Case(When(text__isnull=False, then="text"), default="seconds"),
        Case(When(seconds__isnull=False, then="seconds"), default="text"),
        Case(When(text__isnull=False, then="text"), default="day"),
        Case(When(seconds__isnull=False, then="seconds"), default=THIRD),
    ],
    ids=repr,
)
def test_moments(db: Database, expression: Any) -> None:
    rows = db.t.annotate(x=expression).order_by("id")
    assert list(rows.values_list("x", flat=True)) == [FIRST, SECOND, THIRD]
    for number, moment in enumerate((FIRST, SECOND, THIRD), 1):
        assert list(rows.filter(x=moment).values_list("id", flat=True)) == [number]
        assert list(rows.filter(x__in=[moment]).values_list("id", flat=True)) == [number]
    assert list(rows.filter(x__gte=SECOND).values_list("id", flat=True)) == [2, 3]
    assert list(rows.order_by("-x").values_list("id", flat=True)) == [3, 2, 1]
    assert db.t.aggregate(last=Max(expression)) == {"last": THIRD}


def test_sql(db: Database) -> None:
    both = db.t.annotate(x=Coalesce("seconds", "text")).values_list("x").filter(x=FIRST)
    written = """coalesce(noormme_datetime("t"."seconds", 's'), noormme_datetime("t"."text"))"""
    assert sql(both) == f'SELECT {written} AS coalesce_1 FROM "t" WHERE {written} = ?'
    assert both.sql().parameters == ("2024-01-01 00:00:00",)
    one = db.t.annotate(x=Coalesce("seconds", FIRST)).values_list("x").filter(x=FIRST)
    assert (
        sql(one)
        == 'SELECT coalesce("t"."seconds", ?) AS coalesce_1 FROM "t" WHERE coalesce("t"."seconds", ?) = ?'
    )
    assert one.sql().parameters == (1704067200, 1704067200, 1704067200)


def test_the_first_argument_keeps_its_form(db: Database) -> None:
    rows = db.t.annotate(x=NullIf("seconds", "text")).order_by("id")
    assert list(rows.values_list("x", flat=True)) == [None, SECOND, None]
    assert list(rows.filter(x=SECOND).values_list("id", flat=True)) == [2]


@pytest.mark.parametrize(
    "expression",
    [Coalesce("flag", "word"), Case(When(Q(flag__isnull=False), then="flag"), default="word")],
    ids=repr,
)
def test_booleans(db: Database, expression: Any) -> None:
    rows = db.t.annotate(x=expression).order_by("id")
    assert list(rows.values_list("x", flat=True)) == [True, True, False]
    assert list(rows.filter(x=True).values_list("id", flat=True)) == [1, 2]
    assert list(rows.filter(x=False).values_list("id", flat=True)) == [3]


@pytest.mark.parametrize(
    ("left", "right", "rows"),
    [("text", "seconds", [1]), ("seconds", "day", [1, 2]), ("flag", "word", [3]), ("key", "bytes", [1])],
)
def test_columns_beside_columns(db: Database, left: str, right: str, rows: list[int]) -> None:
    for one, other in ((left, right), (right, left)):
        assert list(db.t.filter(**{one: F(other)}).order_by("id").values_list("id", flat=True)) == rows
        same = db.t.filter(pk=OuterRef("pk")).values(other)
        assert list(db.t.filter(**{one: Subquery(same)}).order_by("id").values_list("id", flat=True)) == rows
        within = db.t.filter(**{f"{one}__in": same})
        assert list(within.order_by("id").values_list("id", flat=True)) == rows


def test_members_of_other_queries(db: Database) -> None:
    texts = db.t.filter(text__isnull=False).values("text")
    for query in (
        texts,
        texts.order_by("-text")[:2],
        texts.distinct(),
        db.t.annotate(x=Max("text")).values("x"),
    ):
        assert list(db.t.filter(seconds__in=query).values_list("id", flat=True)) == [1]
    assert list(db.t.exclude(seconds__in=texts).order_by("id").values_list("id", flat=True)) == [2, 3]
    assert sql(db.t.filter(seconds__in=texts).values_list("id")) == (
        'SELECT "t"."id" FROM "t" WHERE noormme_datetime("t"."seconds", \'s\') IN '
        '(SELECT noormme_datetime(found."text") AS noormme_datetime_1 FROM (SELECT "t_2"."text" AS "text" '
        'FROM "t" AS "t_2" WHERE "t_2"."text" IS NOT NULL) AS found)'
    )


def test_sets_of_rows(db: Database) -> None:
    texts, seconds = db.t.values_list("text", flat=True), db.t.values_list("seconds", flat=True)
    for one, other in ((texts, seconds), (seconds, texts)):
        assert list(one.union(other)) == [None, FIRST, SECOND, THIRD]
        assert one.union(other).count() == 4
        assert list(one.intersection(other)) == [None, FIRST]
        field = one.node.shape.fields[0]
        assert list(one.union(other).order_by(f"-{field}")) == [THIRD, SECOND, FIRST, None]
    assert list(texts.difference(seconds)) == [THIRD]
    assert list(db.t.values_list("flag").union(db.t.values_list("word"))) == [(None,), (False,), (True,)]
    assert len(db.t.values_list("key").union(db.t.values_list("bytes"))) == 4
    both = db.t.filter(id=1).values("seconds").union(db.t.filter(id=3).values("text"))
    assert list(db.t.filter(text__in=both).order_by("id").values_list("id", flat=True)) == [1, 3]
    assert sql(db.t.filter(id=1).values_list("text").union(db.t.values_list("text"))) == (
        'SELECT "t"."text" FROM "t" WHERE "t"."id" = ? UNION SELECT "t"."text" FROM "t"'
    )
