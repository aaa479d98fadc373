"""The table of the language: methods of query sets.

Invariant: every query here runs as one shape for both of its values.
"""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal

from noormme import Count, F, Prefetch
from tests.language.entries import Entry, found

__all__ = ["ENTRIES"]

ENTRIES: list[Entry] = [
    Entry(
        "method filter",
        lambda db, v: db.people.filter(age__gte=v),
        'SELECT people.… FROM "people" WHERE "people"."age" >= ?',
        (18, [1, 4]),
        (40, [4]),
    ),
    Entry(
        "method filter",
        lambda db, v: found(db.people.filter(posts__rating=v, posts__title="One")),
        'SELECT "people"."id" FROM "people" JOIN "posts" ON "posts"."author_id" = "people"."id" WHERE "posts"."rating" = ? AND "posts"."title" = ? ORDER BY "people"."id" ASC',
        (5, [1]),
        (3, []),
    ),
    Entry(
        "method filter",
        lambda db, v: found(db.people.filter(posts__rating=v).filter(posts__title="Two")),
        'SELECT "people"."id" FROM "people" JOIN "posts" ON "posts"."author_id" = "people"."id" JOIN "posts" AS "posts_2" ON "posts_2"."author_id" = "people"."id" WHERE "posts"."rating" = ? AND "posts_2"."title" = ? ORDER BY "people"."id" ASC',
        (5, [1]),
        (3, []),
    ),
    Entry(
        "method exclude",
        lambda db, v: found(db.people.exclude(age=v)),
        'SELECT "people"."id" FROM "people" WHERE NOT ("people"."age" = ? AND "people"."age" IS NOT NULL) ORDER BY "people"."id" ASC',
        (17, [1, 3, 4]),
        (31, [2, 3, 4]),
    ),
    Entry(
        "method exclude",
        lambda db, v: found(db.people.exclude(posts__rating=v, posts__title__contains="F")),
        'SELECT "people"."id" FROM "people" WHERE NOT ((EXISTS (SELECT 1 FROM "posts" WHERE "posts"."author_id" = "people"."id" AND "posts"."rating" = ?)) AND (EXISTS (SELECT 1 FROM "posts" AS "posts_2" WHERE "posts_2"."author_id" = "people"."id" AND instr("posts_2"."title", ?) > 0))) ORDER BY "people"."id" ASC',
        (5, [1, 3, 4]),
        (1, [1, 2, 4]),
    ),
    Entry(
        "method annotate",
        lambda db, v: db.people.annotate(later=F("age") + v).order_by("id").values_list("id", "later"),
        'SELECT "people"."id", ("people"."age" + ?) AS anon_1 FROM "people" ORDER BY "people"."id" ASC',
        (1, [(1, 32), (2, 18), (3, None), (4, 46)]),
        (10, [(1, 41), (2, 27), (3, None), (4, 55)]),
    ),
    Entry(
        "method annotate",
        lambda db, v: (
            db.people.annotate(n=Count("posts")).filter(n__gt=v).order_by("id").values_list("id", "n")
        ),
        'SELECT "people"."id", count("posts"."id") AS count_1 FROM "people" LEFT OUTER JOIN "posts" ON "posts"."author_id" = "people"."id" GROUP BY "people"."id" HAVING count("posts"."id") > ? ORDER BY "people"."id" ASC',
        (0, [(1, 2), (2, 2), (3, 1)]),
        (1, [(1, 2), (2, 2)]),
    ),
    Entry(
        "method alias",
        lambda db, v: found(db.people.alias(n=Count("posts")).filter(n=v)),
        'SELECT "people"."id" FROM "people" LEFT OUTER JOIN "posts" ON "posts"."author_id" = "people"."id" GROUP BY "people"."id" HAVING count("posts"."id") = ? ORDER BY "people"."id" ASC',
        (0, [4]),
        (2, [1, 2]),
    ),
    Entry(
        "method order_by",
        lambda db, v: db.people.filter(id__gt=v).order_by("is_active", "-name").values_list("id", flat=True),
        'SELECT "people"."id" FROM "people" WHERE "people"."id" > ? ORDER BY "people"."is_active" ASC, "people"."name" DESC',
        (0, [3, 4, 2, 1]),
        (2, [3, 4]),
    ),
    Entry(
        "method order_by",
        lambda db, v: db.posts.filter(id__gt=v).order_by("author__name", "-id").values_list("id", flat=True),
        'SELECT "posts"."id" FROM "posts" LEFT OUTER JOIN "people" ON "people"."id" = "posts"."author_id" WHERE "posts"."id" > ? ORDER BY "people"."name" ASC, "posts"."id" DESC',
        (0, [2, 1, 4, 3, 5]),
        (3, [4, 5]),
    ),
    Entry(
        "method reverse",
        lambda db, v: db.people.filter(id__gt=v).order_by("age").reverse().values_list("id", flat=True),
        'SELECT "people"."id" FROM "people" WHERE "people"."id" > ? ORDER BY "people"."age" DESC',
        (0, [4, 1, 2, 3]),
        (2, [4, 3]),
    ),
    Entry(
        "method distinct",
        lambda db, v: (
            db.posts.filter(id__lte=v).values_list("author_id", flat=True).distinct().order_by("author_id")
        ),
        'SELECT DISTINCT "posts"."author_id" FROM "posts" WHERE "posts"."id" <= ? ORDER BY "posts"."author_id" ASC',
        (2, [1]),
        (5, [1, 2, 3]),
    ),
    Entry(
        "method values",
        lambda db, v: db.people.filter(id=v).values("id", "name", "profile__bio"),
        'SELECT "people"."id", "people"."name", "profiles"."bio" FROM "people" LEFT OUTER JOIN "profiles" ON "profiles"."person_id" = "people"."id" WHERE "people"."id" = ?',
        (1, [{"id": 1, "name": "Ann", "profile__bio": "likes SQL"}]),
        (4, [{"id": 4, "name": "Émile", "profile__bio": None}]),
    ),
    Entry(
        "method values",
        lambda db, v: db.people.filter(id=v).values(),
        'SELECT people.… FROM "people" WHERE "people"."id" = ?',
        (
            3,
            [
                {
                    "id": 3,
                    "name": "Cleo",
                    "email": "cleo@example.com",
                    "age": None,
                    "height": None,
                    "balance": None,
                    "is_active": False,
                    "born": date(1984, 12, 30),
                    "joined": datetime(2023, 12, 31, 0, 0),
                    "wakes": None,
                    "meta": None,
                }
            ],
        ),
        (
            4,
            [
                {
                    "id": 4,
                    "name": "Émile",
                    "email": "emile@example.com",
                    "age": 45,
                    "height": 1.25,
                    "balance": Decimal("5.25"),
                    "is_active": True,
                    "born": None,
                    "joined": None,
                    "wakes": time(8, 0, 1),
                    "meta": {"city": None},
                }
            ],
        ),
    ),
    Entry(
        "method values",
        lambda db, v: (
            db.posts.filter(id__lte=v).values("author_id").annotate(n=Count("id")).order_by("author_id")
        ),
        'SELECT "posts"."author_id", count("posts"."id") AS count_1 FROM "posts" WHERE "posts"."id" <= ? GROUP BY "posts"."author_id" ORDER BY "posts"."author_id" ASC',
        (3, [{"author_id": 1, "n": 2}, {"author_id": 2, "n": 1}]),
        (5, [{"author_id": 1, "n": 2}, {"author_id": 2, "n": 2}, {"author_id": 3, "n": 1}]),
    ),
    Entry(
        "method values_list",
        lambda db, v: db.people.filter(id__lte=v).order_by("id").values_list("id", "is_active", "born"),
        'SELECT "people"."id", "people"."is_active", "people"."born" FROM "people" WHERE "people"."id" <= ? ORDER BY "people"."id" ASC',
        (1, [(1, True, date(1993, 3, 5))]),
        (3, [(1, True, date(1993, 3, 5)), (2, True, date(2007, 1, 1)), (3, False, date(1984, 12, 30))]),
    ),
    Entry(
        "method values_list",
        lambda db, v: db.people.filter(id__lte=v).order_by("id").values_list("name", flat=True),
        'SELECT "people"."name" FROM "people" WHERE "people"."id" <= ? ORDER BY "people"."id" ASC',
        (1, ["Ann"]),
        (2, ["Ann", "Bob"]),
    ),
    Entry(
        "method values_list",
        lambda db, v: [
            (row.id, row.name) for row in db.people.filter(id=v).values_list("id", "name", named=True)
        ],
        'SELECT "people"."id", "people"."name" FROM "people" WHERE "people"."id" = ?',
        (1, [(1, "Ann")]),
        (2, [(2, "Bob")]),
    ),
    Entry(
        "method none",
        lambda db, v: db.people.filter(id=v).none(),
        "",
        (1, []),
        (2, []),
    ),
    Entry(
        "method all",
        lambda db, v: db.people.filter(id=v).all(),
        'SELECT people.… FROM "people" WHERE "people"."id" = ?',
        (1, [1]),
        (2, [2]),
    ),
    Entry(
        "method &",
        lambda db, v: found(db.people.filter(id__lte=v) & db.people.filter(is_active=True)),
        'SELECT "people"."id" FROM "people" WHERE "people"."id" <= ? AND "people"."is_active" = ? ORDER BY "people"."id" ASC',
        (3, [1, 2]),
        (4, [1, 2, 4]),
    ),
    Entry(
        "method |",
        lambda db, v: found(db.people.filter(id=v) | db.people.filter(age__isnull=True)),
        'SELECT "people"."id" FROM "people" WHERE "people"."id" = ? OR "people"."age" IS NULL ORDER BY "people"."id" ASC',
        (1, [1, 3]),
        (2, [2, 3]),
    ),
    Entry(
        "method ^",
        lambda db, v: found(db.people.filter(id__lte=v) ^ db.people.filter(is_active=True)),
        'SELECT "people"."id" FROM "people" WHERE (CASE WHEN ("people"."id" <= ?) THEN 1 ELSE 0 END + CASE WHEN ("people"."is_active" = ?) THEN 1 ELSE 0 END) % 2 = 1 ORDER BY "people"."id" ASC',
        (1, [2, 4]),
        (3, [3, 4]),
    ),
    Entry(
        "method slice",
        lambda db, v: db.people.order_by("id").values_list("id", flat=True)[v : v + 2],
        'SELECT "people"."id" FROM "people" ORDER BY "people"."id" ASC LIMIT ? OFFSET ?',
        (1, [2, 3]),
        (3, [4]),
    ),
    Entry(
        "method slice",
        lambda db, v: db.people.order_by("id").values_list("id", flat=True)[:v],
        'SELECT "people"."id" FROM "people" ORDER BY "people"."id" ASC LIMIT ?',
        (1, [1]),
        (3, [1, 2, 3]),
    ),
    Entry(
        "method select_related",
        lambda db, v: [
            (post.id, post.author.name)
            for post in db.posts.select_related("author").filter(id__lte=v).order_by("id")
        ],
        'SELECT posts.…, people.… FROM "posts" LEFT OUTER JOIN "people" ON "people"."id" = "posts"."author_id" WHERE "posts"."id" <= ? ORDER BY "posts"."id" ASC',
        (2, [(1, "Ann"), (2, "Ann")]),
        (3, [(1, "Ann"), (2, "Ann"), (3, "Bob")]),
    ),
    Entry(
        "method prefetch_related",
        lambda db, v: [
            sorted(tag.name for tag in post.tags.all())
            for post in db.posts.prefetch_related("tags").filter(id__lte=v).order_by("id")
        ],
        'SELECT posts.… FROM "posts" WHERE "posts"."id" <= ? ORDER BY "posts"."id" ASC; SELECT "post_tags"."post_id", tags.… FROM "tags" JOIN "post_tags" ON "post_tags"."tag_id" = "tags"."id" WHERE "post_tags"."post_id" IN (SELECT value FROM carray(?) AS anon_1)',
        (1, [["python", "sql"]]),
        (2, [["python", "sql"], ["sql"]]),
    ),
    Entry(
        "method Prefetch",
        lambda db, v: [
            sorted(post.id for post in person.good)
            for person in db.people.prefetch_related(
                Prefetch("posts", db.posts.filter(rating__gte=v), to_attr="good")
            ).order_by("id")
        ],
        'SELECT people.… FROM "people" ORDER BY "people"."id" ASC; SELECT posts.… FROM "posts" WHERE "posts"."rating" >= ? AND "posts"."author_id" IN (SELECT value FROM carray(?) AS anon_1)',
        (4, [[1], [4], [], []]),
        (1, [[1], [3, 4], [5], []]),
    ),
    Entry(
        "method defer",
        lambda db, v: [(person.name, person.age) for person in db.people.defer("age", "meta").filter(id=v)],
        'SELECT "people"."id", "people"."name", "people"."email", "people"."height", "people"."balance", "people"."is_active", "people"."born", "people"."joined", "people"."wakes" FROM "people" WHERE "people"."id" = ?; SELECT "people"."id", "people"."age" FROM "people" WHERE "people"."id" IN (SELECT value FROM carray(?) AS anon_1)',
        (1, [("Ann", 31)]),
        (2, [("Bob", 17)]),
    ),
    Entry(
        "method only",
        lambda db, v: [person.name for person in db.people.only("name").filter(id=v)],
        'SELECT "people"."id", "people"."name" FROM "people" WHERE "people"."id" = ?',
        (1, ["Ann"]),
        (2, ["Bob"]),
    ),
    Entry(
        "method using",
        lambda db, v: [person.name for person in db.people.filter(id=v).using(db)],
        'SELECT people.… FROM "people" WHERE "people"."id" = ?',
        (1, ["Ann"]),
        (2, ["Bob"]),
    ),
]
