"""Aggregates that SQLite lacks or writes otherwise: what PostgreSQL 15 gives, and the SQL."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from noormme import (
    AnyValue,
    Avg,
    Count,
    Database,
    F,
    Max,
    Min,
    NotSupported,
    Q,
    StdDev,
    StringAgg,
    Sum,
    Value,
    Variance,
)
from noormme.functions import Coalesce, Concat, Lower

D = Decimal


@pytest.mark.parametrize(
    ("aggregate", "sql", "expected"),
    [
        # PostgreSQL: select stddev_pop(n) from (values (7), (null), (-7)) t(n)
        (StdDev("n"), 'noormme_stddev_pop("things"."n")', 7.0),
        (StdDev("n", sample=True), 'noormme_stddev_samp("things"."n")', 9.899494936611665),
        (Variance("n"), 'noormme_variance_pop("things"."n")', 49.0),
        (Variance("n", sample=True), 'noormme_variance_samp("things"."n")', 98.0),
        (Variance("d"), 'noormme_variance_pop("things"."d")', D("2.25750625")),
        pytest.param(
            *(StdDev("n", distinct=True), 'noormme_stddev_pop(DISTINCT "things"."n")', 7.0),
            marks=pytest.mark.otherwise("mysql", "is not supported"),
        ),
        (
            StdDev("n", filter=Q(n__gt=0)),
            'noormme_stddev_pop("things"."n") FILTER (WHERE "things"."n" > ?)',
            0.0,
        ),
        (StdDev("n", sample=True, filter=Q(n__gt=0)), 'noormme_stddev_samp("things"."n") FILTER', None),
        (
            StdDev("n", filter=Q(n__gt=99), default=0.0),
            'coalesce(noormme_stddev_pop("things"."n") FILTER',
            0.0,
        ),
        (AnyValue("name", filter=Q(id=3)), 'min("things"."name") FILTER (WHERE "things"."id" = ?)', "bob"),
        (StringAgg("code", "|"), 'string_agg("things"."code", ?)', "ab|AB"),
        (
            StringAgg("code", "|", order_by="-id"),
            'string_agg("things"."code", ? ORDER BY "things"."id" DESC)',
            "AB|ab",
        ),
        (
            StringAgg("code", Value(""), order_by=[F("n").asc(nulls_last=True), "id"]),
            'string_agg("things"."code", ? ORDER BY "things"."n" ASC NULLS LAST, "things"."id" ASC)',
            "ABab",
        ),
        (
            StringAgg(Lower("code"), "|", distinct=True),
            'noormme_joined(json_group_array(DISTINCT noormme_lower("things"."code") ORDER BY noormme_lower("things"."code")), ?)',
            "ab",
        ),
        (
            StringAgg("code", "|", distinct=True, order_by=F("code").desc(), filter=Q(id__gt=0)),
            'noormme_joined(json_group_array(DISTINCT "things"."code" ORDER BY "things"."code" DESC) FILTER (WHERE "things"."id" > ?), ?)',
            "ab|AB",
        ),
        (
            StringAgg("code", "|", distinct=True, order_by=F("code").desc(nulls_first=True)),
            'noormme_joined(json_group_array(DISTINCT "things"."code" ORDER BY "things"."code" DESC NULLS FIRST)',
            "ab|AB",
        ),
        (
            StringAgg(Coalesce("code", Value("-")), "|", order_by=F("n").desc()),
            'string_agg(coalesce("things"."code", ?), ? ORDER BY "things"."n" DESC)',
            "ab|AB|-",
        ),
        (
            StringAgg(Coalesce("code", Value("-")), "|", order_by=F("n").desc(nulls_first=True)),
            'string_agg(coalesce("things"."code", ?), ? ORDER BY "things"."n" DESC NULLS FIRST)',
            "-|ab|AB",
        ),
        (StringAgg("code", "|", filter=Q(id=2)), 'string_agg("things"."code", ?) FILTER', None),
        (StringAgg("code", "|", filter=Q(id=2), distinct=True), "noormme_joined(json_group_array(", None),
        (
            StringAgg("r", ";", order_by="r"),
            'string_agg(noormme_text("things"."r", \'real\'), ? ORDER BY',
            "-2.5;2.5",
        ),
        pytest.param(
            StringAgg(Concat("code", Value("'\"")), "\0|", distinct=True, filter=Q(id__in=[1, 3])),
            "noormme_joined(",
            "AB'\"\0|ab'\"",
            marks=pytest.mark.otherwise("postgresql", "no text holds a NUL"),
        ),
        (Sum("done"), 'sum("things"."done")', 1),
        (Sum("d"), 'sum("things"."d")', D("-0.995")),
        (
            Sum("n", distinct=True, filter=Q(n__lt=0)),
            'sum(DISTINCT "things"."n") FILTER (WHERE "things"."n" < ?)',
            -7,
        ),
        (Avg("n"), 'avg("things"."n")', 0.0),
        (Avg("d"), 'avg("things"."d")', D("-0.4975")),
        (Count("*", filter=Q(name__isnull=False)), "count(*) FILTER", 2),
        (Count("code", distinct=True), 'count(DISTINCT "things"."code")', 2),
        (Min("r"), 'min("things"."r")', -2.5),
        (Max("due"), 'max("things"."due")', date(2024, 2, 29)),
    ],
)
def test_sql_and_values(db: Database, engine: str, aggregate: Any, sql: str, expected: Any) -> None:
    with db.capture() as statements:
        found = db.things.aggregate(x=aggregate)["x"]
    assert found == expected
    assert type(found) is type(expected)
    [statement] = statements
    assert engine != "sqlite" or sql in " ".join(statement.statement.split())


@pytest.mark.parametrize("aggregate", [StdDev, Variance])
def test_what_is_of_distinct_values_is_refused_where_it_cannot_be(
    db: Database, engine: str, aggregate: Any
) -> None:
    if engine != "mysql":
        assert db.things.aggregate(x=aggregate("n", distinct=True))["x"] > 0
        return
    with pytest.raises(NotSupported, match="leave distinct=True out"):
        db.things.aggregate(x=aggregate("n", distinct=True))


def test_in_groups_and_conditions(db: Database) -> None:
    query = (
        db.things.annotate(low=Lower("code"))
        .values("low")
        .annotate(names=StringAgg("name", ",", order_by="name"), spread=StdDev("n"))
    )
    rows = {row["low"]: (row["names"], row["spread"]) for row in query}
    assert rows == {None: (None, None), "ab": ("bob,Ölga Straße", 7.0)}
    assert [row["low"] for row in query.filter(spread__gt=1)] == ["ab"]


def test_words_for_booleans_are_added_up(opened: Callable[..., Database]) -> None:
    db = opened(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, ok BOOLEAN); INSERT INTO t (ok) VALUES ('t'), ('t'), ('f'), (NULL)"
    )
    assert db.t.aggregate(n=Sum("ok"), of=Count("ok")) == {"n": 2, "of": 3}


def test_what_is_no_number_does_not_count(opened: Callable[..., Database]) -> None:
    db = opened(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, r); INSERT INTO t (r) VALUES (1), ('3'), ('x'), (NULL)"
    )
    assert db.t.aggregate(s=StdDev("r")) == {"s": 1.0}


def test_large_numbers_far_from_zero_keep_their_variance(opened: Callable[..., Database]) -> None:
    db = opened(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER, r REAL);"
        "INSERT INTO t (n, r) VALUES (9007199254740992, 1e15), (9007199254740994, 1000000000000001)"
    )
    assert db.t.aggregate(n=Variance("n"), r=Variance("r")) == {"n": 1.0, "r": 0.25}
