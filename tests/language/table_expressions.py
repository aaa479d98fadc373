"""The table of the language: expressions, windows and frames.

Invariant: every query here runs as one shape for both of its values.
"""

from __future__ import annotations

from datetime import date

from noormme import (
    Case,
    Count,
    Exists,
    ExpressionWrapper,
    F,
    Func,
    GroupRange,
    Max,
    OrderBy,
    OuterRef,
    Q,
    RawSQL,
    RowRange,
    Subquery,
    Sum,
    Value,
    ValueRange,
    When,
    Window,
)
from tests.language.entries import Entry, computed, found

__all__ = ["ENTRIES"]

ENTRIES: list[Entry] = [
    Entry(
        "expression F",
        lambda db, v: found(db.people.filter(profile__id=F("id"), id__lte=v)),
        'SELECT "people"."id" FROM "people" JOIN "profiles" ON "profiles"."person_id" = "people"."id" WHERE "people"."id" <= ? AND "profiles"."id" = "people"."id" ORDER BY "people"."id" ASC',
        (1, [1]),
        (2, [1, 2]),
    ),
    Entry(
        "expression F",
        lambda db, v: found(db.posts.filter(author__age__gt=F("rating") * v)),
        'SELECT "posts"."id" FROM "posts" JOIN "people" ON "people"."id" = "posts"."author_id" WHERE "people"."age" > ("posts"."rating" * ?) ORDER BY "posts"."id" ASC',
        (2, [1, 3, 4]),
        (5, [1, 3]),
    ),
    Entry(
        "expression Q, expression |",
        lambda db, v: found(db.people.filter(Q(name=v) | Q(age__isnull=True))),
        'SELECT "people"."id" FROM "people" WHERE "people"."name" = ? OR "people"."age" IS NULL ORDER BY "people"."id" ASC',
        ("Ann", [1, 3]),
        ("Bob", [2, 3]),
    ),
    Entry(
        "expression &",
        lambda db, v: found(db.people.filter(Q(id__lte=v) & Q(is_active=True))),
        'SELECT "people"."id" FROM "people" WHERE "people"."id" <= ? AND "people"."is_active" = ? ORDER BY "people"."id" ASC',
        (1, [1]),
        (3, [1, 2]),
    ),
    Entry(
        "expression ^",
        lambda db, v: found(db.people.filter(Q(id__lte=v) ^ Q(is_active=True))),
        'SELECT "people"."id" FROM "people" WHERE (CASE WHEN ("people"."id" <= ?) THEN 1 ELSE 0 END + CASE WHEN ("people"."is_active" = ?) THEN 1 ELSE 0 END) % 2 = 1 ORDER BY "people"."id" ASC',
        (1, [2, 4]),
        (3, [3, 4]),
    ),
    Entry(
        "expression ~",
        lambda db, v: found(db.people.filter(~Q(age=v))),
        'SELECT "people"."id" FROM "people" WHERE NOT ("people"."age" = ? AND "people"."age" IS NOT NULL) ORDER BY "people"."id" ASC',
        (17, [1, 3, 4]),
        (31, [2, 3, 4]),
    ),
    Entry(
        "expression ~",
        lambda db, v: found(db.people.filter(~Q(posts__title__startswith=v))),
        'SELECT "people"."id" FROM "people" WHERE NOT (EXISTS (SELECT 1 FROM "posts" WHERE "posts"."author_id" = "people"."id" AND "posts"."title" >= ? AND "posts"."title" < ? AND instr("posts"."title", ?) = 1)) ORDER BY "people"."id" ASC',
        ("T", [3, 4]),
        ("O", [2, 3, 4]),
    ),
    Entry(
        "expression Value",
        lambda db, v: computed(db.people, Value(v)),
        'SELECT ? AS anon_1 FROM "people" ORDER BY "people"."id" ASC',
        ("here", ["here", "here", "here", "here"]),
        ("there", ["there", "there", "there", "there"]),
    ),
    Entry(
        "expression Value",
        lambda db, v: db.people.filter(id=1).annotate(x=Value(v)).values_list("x", flat=True),
        'SELECT ? AS anon_1 FROM "people" WHERE "people"."id" = ?',
        (date(2024, 1, 1), [date(2024, 1, 1)]),
        (date(2025, 1, 1), [date(2025, 1, 1)]),
    ),
    Entry(
        "expression Func",
        lambda db, v: computed(
            db.people, Func("name", Value(v), Value("-"), function="replace", output_field=str)
        ),
        'SELECT replace("people"."name", ?, ?) AS replace_1 FROM "people" ORDER BY "people"."id" ASC',
        ("n", ["A--", "Bob", "Cleo", "Émile"]),
        ("o", ["Ann", "B-b", "Cle-", "Émile"]),
    ),
    Entry(
        "expression Case, expression When",
        lambda db, v: computed(
            db.people,
            Case(
                When(age__lt=v, then=Value("minor")),
                When(age__isnull=True, then=Value("?")),
                default=Value("adult"),
            ),
        ),
        'SELECT CASE WHEN ("people"."age" < ?) THEN ? WHEN ("people"."age" IS NULL) THEN ? ELSE ? END AS anon_1 FROM "people" ORDER BY "people"."id" ASC',
        (18, ["adult", "minor", "?", "adult"]),
        (40, ["minor", "minor", "?", "adult"]),
    ),
    Entry(
        "expression Case, expression When",
        lambda db, v: found(db.people.order_by().filter(id=Case(When(is_active=True, then=v), default=3))),
        'SELECT "people"."id" FROM "people" WHERE "people"."id" = CASE WHEN ("people"."is_active" = ?) THEN ? ELSE ? END ORDER BY "people"."id" ASC',
        (1, [1, 3]),
        (2, [2, 3]),
    ),
    Entry(
        "expression Subquery, expression OuterRef",
        lambda db, v: computed(
            db.people,
            Subquery(
                db.posts.filter(author=OuterRef("pk"), rating__gte=v).order_by("-id").values("title")[:1]
            ),
        ),
        'SELECT (SELECT "posts"."title" FROM "posts" WHERE "posts"."author_id" = "people"."id" AND "posts"."rating" >= ? ORDER BY "posts"."id" DESC LIMIT ?) AS anon_1 FROM "people" ORDER BY "people"."id" ASC',
        (1, ["One", "Four", "Five", None]),
        (5, ["One", "Four", None, None]),
    ),
    Entry(
        "expression Subquery",
        lambda db, v: found(db.posts.filter(author__in=Subquery(db.people.filter(age__gt=v).values("id")))),
        'SELECT "posts"."id" FROM "posts" WHERE "posts"."author_id" IN (SELECT "people"."id" FROM "people" WHERE "people"."age" > ?) ORDER BY "posts"."id" ASC',
        (18, [1, 2]),
        (1, [1, 2, 3, 4]),
    ),
    Entry(
        "expression Exists, expression OuterRef",
        lambda db, v: found(db.people.filter(Exists(db.posts.filter(author=OuterRef("pk"), rating=v)))),
        'SELECT "people"."id" FROM "people" WHERE EXISTS (SELECT 1 FROM "posts" WHERE "posts"."author_id" = "people"."id" AND "posts"."rating" = ?) ORDER BY "people"."id" ASC',
        (5, [1, 2]),
        (1, [3]),
    ),
    Entry(
        "expression Exists, expression ~",
        lambda db, v: found(db.people.filter(~Exists(db.posts.filter(author=OuterRef("pk"), rating=v)))),
        'SELECT "people"."id" FROM "people" WHERE NOT (EXISTS (SELECT 1 FROM "posts" WHERE "posts"."author_id" = "people"."id" AND "posts"."rating" = ?)) ORDER BY "people"."id" ASC',
        (5, [3, 4]),
        (1, [1, 2, 4]),
    ),
    Entry(
        "expression Exists, expression ~",
        lambda db, v: db.people.order_by(
            (~Exists(db.posts.filter(author=OuterRef("pk"), rating=v))).desc(), (~(F("age") > v)).asc(), "id"
        ).values_list("id", flat=True),
        'SELECT "people"."id" FROM "people" ORDER BY NOT (EXISTS (SELECT 1 FROM "posts" WHERE "posts"."author_id" = "people"."id" AND "posts"."rating" = ?)) DESC, NOT ("people"."age" > ? AND "people"."age" IS NOT NULL) ASC, "people"."id" ASC',
        (5, [4, 3, 1, 2]),
        (1, [1, 2, 4, 3]),
    ),
    Entry(
        "expression OuterRef",
        lambda db, v: found(
            db.people.filter(
                Exists(
                    db.posts.filter(
                        Exists(db.tags.filter(name=v, posts=OuterRef("pk"))), author=OuterRef("pk")
                    )
                )
            )
        ),
        'SELECT "people"."id" FROM "people" WHERE EXISTS (SELECT 1 FROM "posts" WHERE (EXISTS (SELECT 1 FROM "tags" JOIN "post_tags" ON "post_tags"."tag_id" = "tags"."id" WHERE "tags"."name" = ? AND "post_tags"."post_id" = "posts"."id")) AND "posts"."author_id" = "people"."id") ORDER BY "people"."id" ASC',
        ("python", [1, 2]),
        ("rust", []),
    ),
    Entry(
        "expression ExpressionWrapper",
        lambda db, v: computed(
            db.people.filter(id__lte=v), ExpressionWrapper(F("age") + F("height"), output_field=float)
        ),
        'SELECT ("people"."age" + "people"."height") AS anon_1 FROM "people" WHERE "people"."id" <= ? ORDER BY "people"."id" ASC',
        (1, [32.5]),
        (3, [32.5, 18.75, None]),
    ),
    Entry(
        "expression ExpressionWrapper",
        lambda db, v: (
            db.people.annotate(x=ExpressionWrapper(Q(age__gt=v), output_field=bool))
            .filter(age__isnull=False)
            .order_by("id")
            .values_list("x", flat=True)
        ),
        'SELECT "people"."age" > ? AS anon_1 FROM "people" WHERE "people"."age" IS NOT NULL ORDER BY "people"."id" ASC',
        (18, [True, False, True]),
        (40, [False, False, True]),
    ),
    Entry(
        "expression RawSQL",
        lambda db, v: computed(db.people, RawSQL("2 * age + %s", [v])),
        'SELECT (2 * age + ?) AS anon_1 FROM "people" ORDER BY "people"."id" ASC',
        (0, [62, 34, None, 90]),
        (10, [72, 44, None, 100]),
    ),
    Entry(
        "expression RawSQL",
        lambda db, v: found(
            db.people.filter(id__in=RawSQL("SELECT author_id FROM posts WHERE rating = %s", [v]))
        ),
        'SELECT "people"."id" FROM "people" WHERE "people"."id" IN (SELECT author_id FROM posts WHERE rating = ?) ORDER BY "people"."id" ASC',
        (5, [1, 2]),
        (1, [3]),
    ),
    Entry(
        "expression OrderBy",
        lambda db, v: (
            db.people.filter(id__lte=v)
            .order_by(OrderBy(F("age"), descending=True))
            .values_list("id", flat=True)
        ),
        'SELECT "people"."id" FROM "people" WHERE "people"."id" <= ? ORDER BY "people"."age" DESC',
        (2, [1, 2]),
        (4, [4, 1, 2, 3]),
    ),
    Entry(
        "expression nulls_first",
        lambda db, v: (
            db.people.filter(id__lte=v).order_by(F("age").desc(nulls_first=True)).values_list("id", flat=True)
        ),
        'SELECT "people"."id" FROM "people" WHERE "people"."id" <= ? ORDER BY "people"."age" DESC NULLS FIRST',
        (2, [1, 2]),
        (4, [3, 4, 1, 2]),
    ),
    Entry(
        "expression nulls_last",
        lambda db, v: (
            db.people.filter(id__lte=v).order_by(F("age").asc(nulls_last=True)).values_list("id", flat=True)
        ),
        'SELECT "people"."id" FROM "people" WHERE "people"."id" <= ? ORDER BY "people"."age" ASC NULLS LAST',
        (2, [2, 1]),
        (4, [2, 1, 4, 3]),
    ),
    Entry(
        "expression Window",
        lambda db, v: computed(
            db.people.filter(id__lte=v), Window(Sum("age"), partition_by="is_active", order_by="id")
        ),
        'SELECT (sum("people"."age") OVER ( PARTITION BY "people"."is_active" ORDER BY "people"."id" ASC )) AS anon_1 FROM "people" WHERE "people"."id" <= ? ORDER BY "people"."id" ASC',
        (2, [31, 48]),
        (4, [31, 48, None, 93]),
    ),
    Entry(
        "expression Window",
        lambda db, v: found(
            db.people.annotate(x=Window(Max("age"), partition_by="is_active")).filter(x__gt=F("age") + v)
        ),
        'SELECT windowed.c0 FROM (SELECT "people"."id" AS c0, "people"."id" AS o0, (max("people"."age") OVER ( PARTITION BY "people"."is_active" )) > ("people"."age" + ?) AS kept FROM "people") AS windowed WHERE windowed.kept ORDER BY windowed.o0 ASC',
        (1, [1, 2]),
        (20, [2]),
    ),
    Entry(
        "expression RowRange",
        lambda db, v: computed(db.posts, Window(Sum("id"), order_by="id", frame=RowRange(start=v, end=0))),
        'SELECT (sum("posts"."id") OVER ( ORDER BY "posts"."id" ASC ROWS BETWEEN ? PRECEDING AND CURRENT ROW )) AS anon_1 FROM "posts" ORDER BY "posts"."id" ASC',
        (-1, [1, 3, 5, 7, 9]),
        (-2, [1, 3, 6, 9, 12]),
    ),
    Entry(
        "expression RowRange",
        lambda db, v: computed(
            db.posts.filter(id__lte=v), Window(Sum("id"), order_by="id", frame=RowRange(start=None, end=None))
        ),
        'SELECT (sum("posts"."id") OVER ( ORDER BY "posts"."id" ASC ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING )) AS anon_1 FROM "posts" WHERE "posts"."id" <= ? ORDER BY "posts"."id" ASC',
        (2, [3, 3]),
        (3, [6, 6, 6]),
    ),
    Entry(
        "expression ValueRange",
        lambda db, v: computed(
            db.posts, Window(Count("id"), order_by="rating", frame=ValueRange(start=0, end=v))
        ),
        'SELECT (count("posts"."id") OVER ( ORDER BY "posts"."rating" ASC RANGE BETWEEN CURRENT ROW AND ? FOLLOWING )) AS anon_1 FROM "posts" ORDER BY "posts"."id" ASC',
        (2, [2, 1, 3, 2, 2]),
        (4, [2, 1, 3, 2, 4]),
    ),
    Entry(
        "expression GroupRange",
        lambda db, v: computed(
            db.posts, Window(Count("id"), order_by="author_id", frame=GroupRange(start=-v, end=0))
        ),
        'SELECT (count("posts"."id") OVER ( ORDER BY "posts"."author_id" ASC GROUPS BETWEEN ? PRECEDING AND CURRENT ROW )) AS anon_1 FROM "posts" ORDER BY "posts"."id" ASC',
        (1, [2, 2, 4, 4, 3]),
        (2, [2, 2, 4, 4, 5]),
    ),
]
