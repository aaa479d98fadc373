"""The table of the language: methods that give an answer, not a query set.

Invariant: every query here runs as one shape for both of its values.
"""

from __future__ import annotations

import pickle

from noormme import Count, Max, Sum
from tests.language.entries import Entry

__all__ = ["ENTRIES"]

ENTRIES: list[Entry] = [
    Entry(
        "method index",
        lambda db, v: db.people.order_by("-id")[v],
        'SELECT people.… FROM "people" ORDER BY "people"."id" DESC LIMIT ? OFFSET ?',
        (1, 3),
        (2, 2),
    ),
    Entry(
        "method step",
        lambda db, v: db.people.order_by("id").values_list("id", flat=True)[:v:2],
        'SELECT "people"."id" FROM "people" ORDER BY "people"."id" ASC LIMIT ?',
        (4, [1, 3]),
        (2, [1]),
    ),
    Entry(
        "method iteration",
        lambda db, v: [person.name for person in db.people.filter(id__gt=v)],
        'SELECT people.… FROM "people" WHERE "people"."id" > ?',
        (2, ["Cleo", "Émile"]),
        (3, ["Émile"]),
    ),
    Entry(
        "method len",
        lambda db, v: len(db.people.filter(age__gt=v)),
        'SELECT people.… FROM "people" WHERE "people"."age" > ?',
        (20, 2),
        (40, 1),
    ),
    Entry(
        "method bool",
        lambda db, v: bool(db.people.filter(age__gt=v)),
        'SELECT people.… FROM "people" WHERE "people"."age" > ?',
        (20, True),
        (50, False),
    ),
    Entry(
        "method pickle",
        lambda db, v: pickle.loads(pickle.dumps(db.people.filter(age__gt=v))),
        'SELECT people.… FROM "people" WHERE "people"."age" > ?',
        (20, [1, 4]),
        (40, [4]),
    ),
    Entry(
        "method get",
        lambda db, v: db.people.get(id=v),
        'SELECT people.… FROM "people" WHERE "people"."id" = ?',
        (1, 1),
        (2, 2),
    ),
    Entry(
        "method get",
        lambda db, v: db.people.get(email=v),
        'SELECT people.… FROM "people" WHERE "people"."email" = ?',
        ("ann@example.com", 1),
        ("cleo@example.com", 3),
    ),
    Entry(
        "method get",
        lambda db, v: db.posts.get(author__name=v, rating__gt=4),
        'SELECT posts.… FROM "posts" JOIN "people" ON "people"."id" = "posts"."author_id" WHERE "people"."name" = ? AND "posts"."rating" > ? LIMIT ?',
        ("Ann", 1),
        ("Bob", 4),
    ),
    Entry(
        "method count",
        lambda db, v: db.people.filter(age__gt=v).count(),
        'SELECT count(*) AS count_1 FROM "people" WHERE "people"."age" > ?',
        (17, 2),
        (100, 0),
    ),
    Entry(
        "method count",
        lambda db, v: db.posts.filter(id__lte=v).values("author").distinct().count(),
        'SELECT count(*) AS count_1 FROM (SELECT DISTINCT "posts"."author_id" AS c0 FROM "posts" WHERE "posts"."id" <= ?) AS counted',
        (3, 2),
        (5, 3),
    ),
    Entry(
        "method in_bulk",
        lambda db, v: db.people.in_bulk(v),
        'SELECT people.… FROM "people" WHERE "people"."id" IN (SELECT value FROM carray(?) AS anon_1)',
        ([1, 3], {1: 1, 3: 3}),
        ([2], {2: 2}),
    ),
    Entry(
        "method in_bulk",
        lambda db, v: db.people.in_bulk(v, field_name="email"),
        'SELECT people.… FROM "people" WHERE "people"."email" IN (SELECT value FROM carray(?) AS anon_1)',
        (["ann@example.com"], {"ann@example.com": 1}),
        (["cleo@example.com", "x"], {"cleo@example.com": 3}),
    ),
    Entry(
        "method iterator",
        lambda db, v: [
            person.id for person in db.people.filter(id__lte=v).order_by("id").iterator(chunk_size=2)
        ],
        'SELECT people.… FROM "people" WHERE "people"."id" <= ? ORDER BY "people"."id" ASC',
        (3, [1, 2, 3]),
        (1, [1]),
    ),
    Entry(
        "method latest",
        lambda db, v: db.people.filter(id__lte=v).latest("joined"),
        'SELECT people.… FROM "people" WHERE "people"."id" <= ? ORDER BY "people"."joined" DESC LIMIT ?',
        (2, 2),
        (1, 1),
    ),
    Entry(
        "method earliest",
        lambda db, v: db.people.filter(id__lte=v).earliest("joined"),
        'SELECT people.… FROM "people" WHERE "people"."id" <= ? ORDER BY "people"."joined" ASC LIMIT ?',
        (2, 1),
        (3, 3),
    ),
    Entry(
        "method first",
        lambda db, v: db.people.filter(age__gt=v).first(),
        'SELECT people.… FROM "people" WHERE "people"."age" > ? ORDER BY "people"."id" ASC LIMIT ?',
        (20, 1),
        (40, 4),
    ),
    Entry(
        "method first",
        lambda db, v: db.people.filter(age__gt=v).order_by("-age").first(),
        'SELECT people.… FROM "people" WHERE "people"."age" > ? ORDER BY "people"."age" DESC LIMIT ?',
        (20, 4),
        (50, None),
    ),
    Entry(
        "method last",
        lambda db, v: db.people.filter(age__gt=v).last(),
        'SELECT people.… FROM "people" WHERE "people"."age" > ? ORDER BY "people"."id" DESC LIMIT ?',
        (1, 4),
        (100, None),
    ),
    Entry(
        "method aggregate",
        lambda db, v: db.people.filter(id__lte=v).aggregate(Max("age"), n=Count("*")),
        'SELECT max("people"."age") AS max_1, count(*) AS count_1 FROM "people" WHERE "people"."id" <= ?',
        (2, {"age__max": 31, "n": 2}),
        (3, {"age__max": 31, "n": 3}),
    ),
    Entry(
        "method aggregate",
        lambda db, v: db.people.annotate(n=Count("posts")).filter(n__gte=v).aggregate(total=Sum("n")),
        'SELECT sum(rows.a0) AS sum_1 FROM (SELECT "people"."id" AS c0, "people"."name" AS c1, "people"."email" AS c2, "people"."age" AS c3, "people"."height" AS c4, "people"."balance" AS c5, "people"."is_active" AS c6, "people"."born" AS c7, "people"."joined" AS c8, "people"."wakes" AS c9, "people"."meta" AS c10, count("posts"."id") AS c11, count("posts"."id") AS a0 FROM "people" LEFT OUTER JOIN "posts" ON "posts"."author_id" = "people"."id" GROUP BY "people"."id" HAVING count("posts"."id") >= ?) AS rows',
        (0, {"total": 5}),
        (2, {"total": 4}),
    ),
    Entry(
        "method exists",
        lambda db, v: db.people.filter(age__gt=v).exists(),
        'SELECT 1 FROM "people" WHERE "people"."age" > ? LIMIT 1',
        (40, True),
        (50, False),
    ),
    Entry(
        "method contains",
        lambda db, v: db.people.filter(age__gt=v).contains(db.people.get(id=1)),
        'SELECT people.… FROM "people" WHERE "people"."id" = ?; SELECT 1 FROM "people" WHERE "people"."age" > ? AND "people"."id" = ? LIMIT 1',
        (30, True),
        (31, False),
    ),
    Entry(
        "method explain",
        lambda db, v: db.people.filter(id=v).explain(),
        'EXPLAIN QUERY PLAN SELECT people.… FROM "people" WHERE "people"."id" = ?',
        (1, "SEARCH people USING INTEGER PRIMARY KEY (rowid=?)"),
        (2, "SEARCH people USING INTEGER PRIMARY KEY (rowid=?)"),
    ),
]
