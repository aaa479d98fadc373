"""``aggregate`` and the options of aggregates, over plain rows, relations, slices and groups."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from noormme import (
    Avg,
    Count,
    Database,
    ExpressionWrapper,
    F,
    FieldNotFound,
    InvalidQuery,
    Max,
    Min,
    Q,
    Sum,
    UsageError,
    Value,
)
from noormme.functions import Lower
from tests.orm.support import count_queries


def statement(db: Database, ask: Callable[[], object]) -> str:
    with count_queries(db) as counted:
        ask()
    (only,) = counted.statements
    return " ".join(only.statement.split())


def test_aggregate_gives_a_dict(db: Database) -> None:
    found = db.posts.aggregate(
        Count("id"), Avg("rating"), best=Max("rating"), worst=Min("rating"), sum=Sum("rating")
    )
    assert found == {"id__count": 5, "rating__avg": 3.5, "best": 5, "worst": 1, "sum": 14}
    assert db.posts.aggregate() == {}
    assert db.posts.filter(id__lt=3).aggregate(n=Count("*"), rated=Count("rating")) == {"n": 2, "rated": 1}


@pytest.mark.sqlite("its SQL")
def test_aggregate_is_one_statement_over_the_rows(db: Database) -> None:
    assert statement(db, lambda: db.posts.filter(rating=5).order_by("id").aggregate(n=Count("*"))) == (
        'SELECT count(*) AS count_1 FROM "posts" WHERE "posts"."rating" = ?'
    )


def test_aggregates_over_nothing(db: Database) -> None:
    nothing = db.posts.filter(id__lt=0)
    assert nothing.aggregate(n=Count("id"), s=Sum("rating"), a=Avg("rating"), m=Min("rating")) == {
        "n": 0,
        "s": None,
        "a": None,
        "m": None,
    }
    assert nothing.aggregate(s=Sum("rating", default=7), m=Max("title", default="-")) == {"s": 7, "m": "-"}
    empty = db.posts.none().aggregate(n=Count("id"), s=Sum("rating", default=7), m=Max("title"))
    assert empty == {"n": 0, "s": 7, "m": None}


def test_distinct(db: Database, engine: str) -> None:
    query = db.posts.aggregate(n=Count("rating", distinct=True), s=Sum("rating", distinct=True))
    assert query == {"n": 3, "s": 9}
    counted = statement(db, lambda: db.posts.aggregate(n=Count("rating", distinct=True)))
    assert engine != "sqlite" or 'count(DISTINCT "posts"."rating")' in counted


def test_filter(db: Database) -> None:
    found = db.posts.aggregate(
        good=Count("id", filter=Q(rating__gte=3)),
        ann=Sum("rating", filter=Q(author__name="Ann"), default=0),
        other=Sum("rating", filter=Q(author__name="Nobody"), default=-1),
        unrated=Count("*", filter=~Q(rating__gt=0)),
    )
    assert found == {"good": 3, "ann": 5, "other": -1, "unrated": 1}
    users = db.users.annotate(top=Count("posts_as_author", filter=Q(posts_as_author__rating=5))).order_by(
        "id"
    )
    assert [user.top for user in users] == [1, 1, 0, 0]


def test_over_relations(db: Database) -> None:
    assert db.users.aggregate(n=Count("posts_as_author"), d=Count("posts_as_author", distinct=True)) == {
        "n": 5,
        "d": 5,
    }
    assert db.posts.aggregate(tags=Count("tags"), names=Count("tags__name", distinct=True)) == {
        "tags": 5,
        "names": 2,
    }
    assert db.users.aggregate(best=Max("posts_as_author__rating")) == {"best": 5}
    assert db.comments.aggregate(age=Avg("post__author__age")) == {"age": (31 * 4 + 17 * 2) / 6}


def test_over_a_slice(db: Database, engine: str) -> None:
    query = db.posts.order_by("-id")[:3]
    assert query.aggregate(s=Sum("rating"), n=Count("*"), r=Count("rating", filter=Q(rating__gt=1))) == {
        "s": 9,
        "n": 3,
        "r": 2,
    }
    summed = statement(db, lambda: query.aggregate(s=Sum("rating")))
    assert engine != "sqlite" or " LIMIT ?) AS rows" in summed
    assert db.posts.order_by("id")[3:].aggregate(m=Max("title", default="x")) == {"m": "Four"}


def test_over_distinct_rows(db: Database) -> None:
    assert db.posts.values("rating").distinct().aggregate(n=Count("rating"), s=Sum("rating")) == {
        "n": 3,
        "s": 9,
    }
    assert db.users.filter(posts_as_author__id__gt=0).distinct().aggregate(s=Sum("age")) == {"s": 48}


def test_over_groups(db: Database) -> None:
    users = db.users.annotate(n=Count("posts_as_author"))
    assert users.aggregate(most=Max("n"), all=Sum("n"), mean=Avg("n")) == {"most": 2, "all": 5, "mean": 1.25}
    groups = db.posts.values("rating").annotate(n=Count("id"))
    assert groups.aggregate(most=Max("n"), groups=Count("*")) == {"most": 2, "groups": 4}


@pytest.mark.parametrize(
    ("plain", "grouped"),
    [
        (Value(1), None),
        (ExpressionWrapper(Value(1), output_field=int), None),
        (Q(id__in=[]), None),
        (~Q(id__in=[]) | Q(id=1), None),
        (Q(id=1), '"users"."id" = ?'),
        (Q(id=1) ^ Q(id__in=[]), '"users"."id" = ?'),
        (Value(1) + Value(2), "NULL"),
    ],
)
def test_plain_values_part_no_groups(db: Database, engine: str, plain: Any, grouped: str | None) -> None:
    """As in Django 5.2, where values alone make no GROUP BY: no row at all is one group then."""
    query = db.users.filter(id__gt=9).values(k=plain).annotate(n=Count("id")).order_by("n", "k")
    by = re.search("GROUP BY (.*) ORDER BY", statement(db, lambda: list(query)))
    assert (by is not None) == (grouped is not None)
    assert by is None or engine != "sqlite" or grouped in by[1]
    assert [row["n"] for row in query] == ([0] if grouped is None else [])
    everybody = db.users.values(k=plain).annotate(n=Count("id"))
    assert sum(row["n"] for row in everybody) == 4


def test_aggregates_part_no_groups(db: Database) -> None:
    """As in Django 5.2: a field of ``values`` that is an aggregate itself is nothing to group by."""
    users = db.users.annotate(n=Count("posts_as_author"))
    assert list(users.values("n").annotate(rows=Count("id"))) == [{"n": 5, "rows": 6}]
    by_name = users.values("is_active", "n").annotate(rows=Count("id")).order_by("is_active")
    assert list(by_name) == [{"is_active": False, "n": 1, "rows": 1}, {"is_active": True, "n": 4, "rows": 5}]
    constant = db.users.values(k=Value(1) + Value(2)).annotate(n=Count("id"))
    assert list(constant.values_list("n", "k")) == [(4, 3)]


def test_over_an_annotation(db: Database) -> None:
    assert db.posts.annotate(age=F("author__age")).aggregate(Max("age")) == {"age__max": 31}


def test_values_keep_their_kind(opened: Callable[..., Database]) -> None:
    db = opened(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, price DECIMAL(8, 2), at DATETIME, yes BOOLEAN, word TEXT);"
        "INSERT INTO t VALUES (1, '1.50', '2024-01-01 10:00:00', 1, 'b'), (2, '2.25', '2024-02-01 10:00:00', 0, 'a')"
    )
    assert db.t.aggregate(
        s=Sum("price"),
        a=Avg("price"),
        m=Max("at"),
        y=Sum("yes"),
        b=Max("yes"),
        w=Min("word"),
        d=Sum("price", default=Decimal(0)),
    ) == {
        "s": Decimal("3.75"),
        "a": Decimal("1.875"),
        "m": datetime(2024, 2, 1, 10),
        "y": 1,
        "b": True,
        "w": "a",
        "d": Decimal("3.75"),
    }
    assert db.t.filter(id=9).aggregate(m=Max("at", default=datetime(2000, 1, 1))) == {
        "m": datetime(2000, 1, 1)
    }
    rows = db.t.annotate(last=Max("at")).values_list("last", flat=True).order_by("id")
    assert list(rows) == [datetime(2024, 1, 1, 10), datetime(2024, 2, 1, 10)]


def test_over_a_part_of_a_date(db: Database) -> None:
    assert db.users.aggregate(s=Sum("joined__year"), a=Avg("joined__day")) == {"s": 6072, "a": 2.0}


@pytest.mark.parametrize("aggregate", [Sum, Avg])
@pytest.mark.parametrize("field", ["name", "joined"])
def test_only_numbers_add_up(db: Database, field: str, aggregate: type[Sum]) -> None:
    with pytest.raises(
        InvalidQuery, match=f"{aggregate.__name__} needs numbers, and users.{field} holds .* values"
    ):
        db.users.aggregate(aggregate(field))


def test_aggregate_takes_aggregates(db: Database) -> None:
    wrong: Any
    with pytest.raises(UsageError, match="'rating' is no aggregate"):
        db.posts.aggregate(F("rating"))
    for wrong in ("rating", 3):
        with pytest.raises(UsageError, match="aggregate takes aggregates"):
            db.posts.aggregate(wrong)
        with pytest.raises(UsageError, match="aggregate takes aggregates"):
            db.posts.aggregate(n=wrong)
    with pytest.raises(FieldNotFound, match="did you mean 'rating'"):
        db.posts.aggregate(Max("ratin"))
    with pytest.raises(FieldNotFound, match="did you mean 'rating'"):
        db.posts.aggregate(Max("id", filter=Q(ratin=1)))
    with pytest.raises(UsageError, match="needs a name"):
        db.posts.aggregate(Count("*"))


def test_a_default_that_is_a_name_leaves_what_it_names(db: Database) -> None:
    users = db.users.annotate(years=F("age") + 0).annotate(
        mean=Avg("posts_as_author__rating", default=F("years"))
    )
    rows = list(users.order_by("id").values_list("years", "mean"))
    assert rows == [(31, 5.0), (17, 4.0), (None, 1.0), (45, 45.0)]
    assert [type(years) for years, _ in rows] == [int, int, type(None), int]
    assert all(type(mean) is float for _, mean in rows)


GROUPS: list[tuple[Callable[[Database], Any], str, list[dict[str, object]]]] = [
    (
        lambda db: (
            db.posts.annotate(r=F("rating")).values("author").annotate(n=Count("*")).order_by("author")
        ),
        'SELECT "posts"."author_id", count(*) AS count_1 FROM "posts" GROUP BY "posts"."author_id" ORDER BY "posts"."author_id" ASC',
        [{"author": 1, "n": 2}, {"author": 2, "n": 2}, {"author": 3, "n": 1}],
    ),
    (
        lambda db: (
            db.posts.values("author", "rating")
            .annotate(n=Count("*"))
            .values("author")
            .annotate(m=Count("*"))
            .order_by("author")
        ),
        'SELECT "posts"."author_id", count(*) AS count_1 FROM "posts" GROUP BY "posts"."author_id" ORDER BY "posts"."author_id" ASC',
        [{"author": 1, "m": 2}, {"author": 2, "m": 2}, {"author": 3, "m": 1}],
    ),
    (
        lambda db: (
            db.posts.values("author")
            .annotate(n=Count("*"))
            .annotate(rated=Q(rating__isnull=False))
            .annotate(m=Count("*"))
            .values("rated", "m")
            .order_by("rated", "m")
        ),
        'SELECT "posts"."rating" IS NOT NULL AS anon_1, count(*) AS count_1 FROM "posts" GROUP BY "posts"."author_id", "posts"."rating" IS NOT NULL ORDER BY "posts"."rating" IS NOT NULL ASC, count(*) ASC',
        [{"rated": False, "m": 1}, {"rated": True, "m": 1}, {"rated": True, "m": 1}, {"rated": True, "m": 2}],
    ),
    (
        lambda db: db.posts.values("author").annotate(n=Count("*")).values("n").annotate(m=Count("*")),
        'SELECT count(*) AS count_1, count(*) AS count_2 FROM "posts"',
        [{"n": 5, "m": 5}],
    ),
    (
        lambda db: db.posts.filter(id__lt=0).annotate(c=Value("x")).values("c").annotate(n=Count("*")),
        'SELECT ? AS anon_1, count(*) AS count_1 FROM "posts" WHERE "posts"."id" < ?',
        [{"c": "x", "n": 0}],
    ),
    (
        lambda db: db.posts.filter(id__lt=0).annotate(c=Lower(Value("x"))).values("c").annotate(n=Count("*")),
        'SELECT noormme_lower(?) AS noormme_lower_1, count(*) AS count_1 FROM "posts" WHERE "posts"."id" < ? GROUP BY NULL',
        [],
    ),
]


@pytest.mark.parametrize(("ask", "sql", "rows"), GROUPS)
def test_groups_are_what_values_chose_before_the_latest_aggregate(
    db: Database, engine: str, ask: Callable[[Database], Any], sql: str, rows: list[dict[str, object]]
) -> None:
    written = statement(db, lambda: list(ask(db)))
    assert engine != "sqlite" or written == sql
    assert list(ask(db)) == rows
