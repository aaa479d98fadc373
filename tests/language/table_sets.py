"""The table of the language: sets of rows, dates, and relations under a condition.

Invariant: every query here runs as one shape for both of its values.
"""

from __future__ import annotations

from datetime import date, datetime

from noormme import FilteredRelation, Q
from tests.language.entries import Entry, found

__all__ = ["ENTRIES"]

ENTRIES: list[Entry] = [
    Entry(
        "method select_for_update",
        lambda db, v: db.people.select_for_update().filter(id=v),
        'SELECT people.… FROM "people" WHERE "people"."id" = ?',
        (1, [1]),
        (3, [3]),
    ),
    Entry(
        "method raw",
        lambda db, v: list(db.people.raw("SELECT id FROM people WHERE id >= %s ORDER BY id LIMIT 2", [v])),
        "SELECT id FROM people WHERE id >= ? ORDER BY id LIMIT 2",
        (1, [1, 2]),
        (2, [2, 3]),
    ),
    Entry(
        "method raw",
        lambda db, v: [
            (person.id, person.called)
            for person in db.people.raw(
                "SELECT upper(name) AS called, id AS number FROM people WHERE id = :id",
                {"id": v},
                translations={"number": "id"},
            )
        ],
        "SELECT upper(name) AS called, id AS number FROM people WHERE id = :id",
        (1, [(1, "ANN")]),
        (2, [(2, "BOB")]),
    ),
    Entry(
        "method union",
        lambda db, v: db.people.filter(id__lte=v).union(db.people.filter(is_active=False)).order_by("id"),
        'SELECT people.… FROM "people" WHERE "people"."id" <= ? UNION SELECT people.… FROM "people" WHERE "people"."is_active" = ? ORDER BY 1 ASC',
        (1, [1, 3]),
        (3, [1, 2, 3]),
    ),
    Entry(
        "method union",
        lambda db, v: (
            db.people.filter(id__lte=v)
            .values_list("name")
            .union(db.tags.values_list("name"))
            .order_by("name")
        ),
        'SELECT "people"."name" FROM "people" WHERE "people"."id" <= ? UNION SELECT "tags"."name" FROM "tags" ORDER BY 1 ASC',
        (1, [("Ann",), ("python",), ("rust",), ("sql",)]),
        (2, [("Ann",), ("Bob",), ("python",), ("rust",), ("sql",)]),
    ),
    Entry(
        "method union",
        lambda db, v: db.people.filter(id__lte=v).union(db.people.filter(id=1), all=True).order_by("id"),
        'SELECT people.… FROM "people" WHERE "people"."id" <= ? UNION ALL SELECT people.… FROM "people" WHERE "people"."id" = ? ORDER BY 1 ASC',
        (1, [1, 1]),
        (2, [1, 1, 2]),
    ),
    Entry(
        "method union",
        lambda db, v: db.people.filter(id__lte=v).union(db.people.filter(is_active=False)).count(),
        'SELECT count(*) AS count_1 FROM (SELECT "people"."id" AS c0, "people"."name" AS c1, "people"."email" AS c2, "people"."age" AS c3, "people"."height" AS c4, "people"."balance" AS c5, "people"."is_active" AS c6, "people"."born" AS c7, "people"."joined" AS c8, "people"."wakes" AS c9, "people"."meta" AS c10 FROM "people" WHERE "people"."id" <= ? UNION SELECT "people"."id" AS c0, "people"."name" AS c1, "people"."email" AS c2, "people"."age" AS c3, "people"."height" AS c4, "people"."balance" AS c5, "people"."is_active" AS c6, "people"."born" AS c7, "people"."joined" AS c8, "people"."wakes" AS c9, "people"."meta" AS c10 FROM "people" WHERE "people"."is_active" = ?) AS counted',
        (1, 2),
        (3, 3),
    ),
    Entry(
        "method intersection",
        lambda db, v: (
            db.people.filter(id__lte=v).intersection(db.people.filter(is_active=True)).order_by("id")
        ),
        'SELECT people.… FROM "people" WHERE "people"."id" <= ? INTERSECT SELECT people.… FROM "people" WHERE "people"."is_active" = ? ORDER BY 1 ASC',
        (1, [1]),
        (4, [1, 2, 4]),
    ),
    Entry(
        "method difference",
        lambda db, v: db.people.filter(id__lte=v).difference(db.people.filter(is_active=True)).order_by("id"),
        'SELECT people.… FROM "people" WHERE "people"."id" <= ? EXCEPT SELECT people.… FROM "people" WHERE "people"."is_active" = ? ORDER BY 1 ASC',
        (2, []),
        (4, [3]),
    ),
    Entry(
        "method dates",
        lambda db, v: db.people.filter(id__lte=v).dates("born", "year"),
        'SELECT DISTINCT strftime(\'%Y-01-01\', "people"."born") AS strftime_1 FROM "people" WHERE "people"."id" <= ? AND strftime(\'%Y-01-01\', "people"."born") IS NOT NULL ORDER BY strftime(\'%Y-01-01\', "people"."born") ASC',
        (1, [date(1993, 1, 1)]),
        (4, [date(1984, 1, 1), date(1993, 1, 1), date(2007, 1, 1)]),
    ),
    Entry(
        "method dates",
        lambda db, v: db.people.filter(id__lte=v).dates("born", "month", order="DESC"),
        'SELECT DISTINCT strftime(\'%Y-%m-01\', "people"."born") AS strftime_1 FROM "people" WHERE "people"."id" <= ? AND strftime(\'%Y-%m-01\', "people"."born") IS NOT NULL ORDER BY strftime(\'%Y-%m-01\', "people"."born") DESC',
        (1, [date(1993, 3, 1)]),
        (4, [date(2007, 1, 1), date(1993, 3, 1), date(1984, 12, 1)]),
    ),
    Entry(
        "method datetimes",
        lambda db, v: db.people.filter(id__lte=v).datetimes("joined", "month"),
        'SELECT DISTINCT strftime(\'%Y-%m-01 00:00:00\', "people"."joined") AS strftime_1 FROM "people" WHERE "people"."id" <= ? AND strftime(\'%Y-%m-01 00:00:00\', "people"."joined") IS NOT NULL ORDER BY strftime(\'%Y-%m-01 00:00:00\', "people"."joined") ASC',
        (1, [datetime(2024, 1, 1, 0, 0)]),
        (4, [datetime(2023, 12, 1, 0, 0), datetime(2024, 1, 1, 0, 0), datetime(2024, 2, 1, 0, 0)]),
    ),
    Entry(
        "method datetimes",
        lambda db, v: db.people.filter(id__lte=v).datetimes("joined", "hour", order="DESC"),
        'SELECT DISTINCT strftime(\'%Y-%m-%d %H:00:00\', "people"."joined") AS strftime_1 FROM "people" WHERE "people"."id" <= ? AND strftime(\'%Y-%m-%d %H:00:00\', "people"."joined") IS NOT NULL ORDER BY strftime(\'%Y-%m-%d %H:00:00\', "people"."joined") DESC',
        (1, [datetime(2024, 1, 1, 10, 0)]),
        (4, [datetime(2024, 2, 29, 23, 0), datetime(2024, 1, 1, 10, 0), datetime(2023, 12, 31, 0, 0)]),
    ),
    Entry(
        "method FilteredRelation",
        lambda db, v: (
            db.people.annotate(good=FilteredRelation("posts", condition=Q(posts__rating__gte=v)))
            .order_by("id", "good__id")
            .values_list("id", "good__title")
        ),
        'SELECT "people"."id", "posts"."title" FROM "people" LEFT OUTER JOIN "posts" ON "posts"."author_id" = "people"."id" AND "posts"."rating" >= ? ORDER BY "people"."id" ASC, "posts"."id" ASC',
        (5, [(1, "One"), (2, "Four"), (3, None), (4, None)]),
        (1, [(1, "One"), (2, "Three"), (2, "Four"), (3, "Five"), (4, None)]),
    ),
    Entry(
        "method FilteredRelation",
        lambda db, v: found(
            db.people.annotate(good=FilteredRelation("posts", condition=Q(posts__rating=v))).filter(
                good__title__startswith="F"
            )
        ),
        'SELECT "people"."id" FROM "people" JOIN "posts" ON "posts"."author_id" = "people"."id" AND "posts"."rating" = ? WHERE "posts"."title" >= ? AND "posts"."title" < ? AND instr("posts"."title", ?) = 1 ORDER BY "people"."id" ASC',
        (5, [2]),
        (1, [3]),
    ),
]
