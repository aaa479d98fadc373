"""The table of the language: aggregates.

Invariant: every query here runs as one shape for both of its values.
"""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal

from noormme import AnyValue, Avg, Count, Max, Min, Q, StdDev, StringAgg, Sum, Value, Variance
from tests.language.entries import Entry

__all__ = ["ENTRIES"]

ENTRIES: list[Entry] = [
    Entry(
        "aggregate Avg",
        lambda db, v: db.people.filter(id__lte=v).aggregate(Avg("age"), Avg("balance")),
        'SELECT avg("people"."age") AS avg_1, avg("people"."balance") AS avg_2 FROM "people" WHERE "people"."id" <= ?',
        (2, {"age__avg": 24.0, "balance__avg": Decimal("15.25")}),
        (4, {"age__avg": 31.0, "balance__avg": Decimal("11.9166666666667")}),
    ),
    Entry(
        "aggregate Count",
        lambda db, v: db.posts.filter(id__lte=v).aggregate(x=Count("rating")),
        'SELECT count("posts"."rating") AS count_1 FROM "posts" WHERE "posts"."id" <= ?',
        (2, {"x": 1}),
        (5, {"x": 4}),
    ),
    Entry(
        "aggregate Count",
        lambda db, v: db.posts.filter(id__lte=v).aggregate(x=Count("*")),
        'SELECT count(*) AS count_1 FROM "posts" WHERE "posts"."id" <= ?',
        (2, {"x": 2}),
        (5, {"x": 5}),
    ),
    Entry(
        "aggregate Max",
        lambda db, v: db.people.filter(id__lte=v).aggregate(Max("born"), Max("joined"), Max("name")),
        'SELECT max("people"."born") AS max_1, max("people"."joined") AS max_2, max("people"."name") AS max_3 FROM "people" WHERE "people"."id" <= ?',
        (
            1,
            {
                "born__max": date(1993, 3, 5),
                "joined__max": datetime(2024, 1, 1, 10, 20, 30),
                "name__max": "Ann",
            },
        ),
        (
            2,
            {
                "born__max": date(2007, 1, 1),
                "joined__max": datetime(2024, 2, 29, 23, 5, 6),
                "name__max": "Bob",
            },
        ),
    ),
    Entry(
        "aggregate Min",
        lambda db, v: db.people.filter(id__lte=v).aggregate(Min("born"), Min("wakes"), Min("balance")),
        'SELECT min("people"."born") AS min_1, min("people"."wakes") AS min_2, min("people"."balance") AS min_3 FROM "people" WHERE "people"."id" <= ?',
        (1, {"born__min": date(1993, 3, 5), "wakes__min": time(7, 15), "balance__min": Decimal("10.5")}),
        (4, {"born__min": date(1984, 12, 30), "wakes__min": time(6, 30), "balance__min": Decimal("5.25")}),
    ),
    Entry(
        "aggregate Sum",
        lambda db, v: db.people.filter(id__lte=v).aggregate(Sum("age"), Sum("height"), Sum("balance")),
        'SELECT sum("people"."age") AS sum_1, sum("people"."height") AS sum_2, sum("people"."balance") AS sum_3 FROM "people" WHERE "people"."id" <= ?',
        (2, {"age__sum": 48, "height__sum": 3.25, "balance__sum": Decimal("30.5")}),
        (4, {"age__sum": 93, "height__sum": 4.5, "balance__sum": Decimal("35.75")}),
    ),
    Entry(
        "aggregate StdDev",
        lambda db, v: db.people.filter(id__lte=v).aggregate(StdDev("height")),
        'SELECT noormme_stddev_pop("people"."height") AS noormme_stddev_pop_1 FROM "people" WHERE "people"."id" <= ?',
        (2, {"height__stddev": 0.125}),
        (1, {"height__stddev": 0.0}),
    ),
    Entry(
        "aggregate StdDev",
        lambda db, v: db.people.filter(id__lte=v).aggregate(x=StdDev("height", sample=True)),
        'SELECT noormme_stddev_samp("people"."height") AS noormme_stddev_samp_1 FROM "people" WHERE "people"."id" <= ?',
        (1, {"x": None}),
        (2, {"x": 0.1767766952966369}),
    ),
    Entry(
        "aggregate Variance",
        lambda db, v: db.people.filter(id__lte=v).aggregate(Variance("height")),
        'SELECT noormme_variance_pop("people"."height") AS noormme_variance_pop_1 FROM "people" WHERE "people"."id" <= ?',
        (2, {"height__variance": 0.015625}),
        (4, {"height__variance": 0.041666666666666664}),
    ),
    Entry(
        "aggregate Variance",
        lambda db, v: db.people.filter(id__lte=v).aggregate(x=Variance("height", sample=True)),
        'SELECT noormme_variance_samp("people"."height") AS noormme_variance_samp_1 FROM "people" WHERE "people"."id" <= ?',
        (1, {"x": None}),
        (4, {"x": 0.0625}),
    ),
    Entry(
        "aggregate StringAgg",
        lambda db, v: db.people.filter(id__lte=v).aggregate(x=StringAgg("name", Value(", "), order_by="id")),
        'SELECT string_agg("people"."name", ? ORDER BY "people"."id" ASC) AS string_agg_1 FROM "people" WHERE "people"."id" <= ?',
        (2, {"x": "Ann, Bob"}),
        (3, {"x": "Ann, Bob, Cleo"}),
    ),
    Entry(
        "aggregate StringAgg, aggregate order_by",
        lambda db, v: db.people.aggregate(x=StringAgg("name", Value(v), order_by="-name")),
        'SELECT string_agg("people"."name", ? ORDER BY "people"."name" DESC) AS string_agg_1 FROM "people"',
        ("-", {"x": "Émile-Cleo-Bob-Ann"}),
        (" + ", {"x": "Émile + Cleo + Bob + Ann"}),
    ),
    Entry(
        "aggregate AnyValue",
        lambda db, v: db.posts.filter(id=v).values("author_id").annotate(x=AnyValue("title")),
        'SELECT "posts"."author_id", min("posts"."title") AS min_1 FROM "posts" WHERE "posts"."id" = ? GROUP BY "posts"."author_id"',
        (1, [{"author_id": 1, "x": "One"}]),
        (4, [{"author_id": 2, "x": "Four"}]),
    ),
    Entry(
        "aggregate filter",
        lambda db, v: db.posts.filter(id__lte=v).aggregate(x=Count("id", filter=Q(rating__gt=2))),
        'SELECT count("posts"."id") FILTER (WHERE "posts"."rating" > ?) AS anon_1 FROM "posts" WHERE "posts"."id" <= ?',
        (2, {"x": 1}),
        (5, {"x": 3}),
    ),
    Entry(
        "aggregate filter",
        lambda db, v: (
            db.people.annotate(n=Count("posts", filter=Q(posts__rating__gt=v)))
            .order_by("id")
            .values_list("id", "n")
        ),
        'SELECT "people"."id", count("posts"."id") FILTER (WHERE "posts"."rating" > ?) AS anon_1 FROM "people" LEFT OUTER JOIN "posts" ON "posts"."author_id" = "people"."id" GROUP BY "people"."id" ORDER BY "people"."id" ASC',
        (2, [(1, 1), (2, 2), (3, 0), (4, 0)]),
        (4, [(1, 1), (2, 1), (3, 0), (4, 0)]),
    ),
    Entry(
        "aggregate distinct",
        lambda db, v: db.posts.filter(id__lte=v).aggregate(x=Count("author", distinct=True)),
        'SELECT count(DISTINCT "posts"."author_id") AS count_1 FROM "posts" WHERE "posts"."id" <= ?',
        (2, {"x": 1}),
        (5, {"x": 3}),
    ),
    Entry(
        "aggregate distinct",
        lambda db, v: db.posts.filter(id__lte=v).aggregate(x=Sum("rating", distinct=True)),
        'SELECT sum(DISTINCT "posts"."rating") AS sum_1 FROM "posts" WHERE "posts"."id" <= ?',
        (3, {"x": 8}),
        (5, {"x": 9}),
    ),
    Entry(
        "aggregate default",
        lambda db, v: db.posts.filter(id__gt=100).aggregate(x=Sum("rating", default=v)),
        'SELECT coalesce(sum("posts"."rating"), ?) AS coalesce_1 FROM "posts" WHERE "posts"."id" > ?',
        (0, {"x": 0}),
        (7, {"x": 7}),
    ),
]
