"""Every clause: its SQL and the rows that it gives."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from noormme import Database, NotSupported
from noormme.orm.table_query import TableQuery
from noormme.sql import exists, fn, outer, ref, value
from tests.builder.support import after_from, bound, rows, sql


def test_the_example_of_the_documentation(opened: Callable[..., Database]) -> None:
    db = opened("""
        CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);
        CREATE TABLE projects (id INTEGER PRIMARY KEY, name TEXT, status TEXT, deadline DATE,
                               creator_id INTEGER REFERENCES users(id));
        INSERT INTO users VALUES (7, 'Ann');
        INSERT INTO projects VALUES (1, 'a', 'draft', '2024-02-01', 7), (2, 'b', 'archived', '2024-01-01', 7),
                                    (3, 'c', 'review', '2024-01-01', NULL);
    """)
    query = (
        db.table("projects").select("id", "name").where("status", "!=", "archived")
        .left_join("users", "users.id", "projects.creator_id").order_by("deadline").limit(10)
    )  # fmt: skip
    assert sql(query) == (
        'SELECT "projects"."id", "projects"."name" FROM "projects"'
        ' LEFT JOIN "users" ON "users"."id" = "projects"."creator_id"'
        ' WHERE "projects"."status" != ? ORDER BY "projects"."deadline" ASC LIMIT ?'
    )
    assert bound(query) == ("archived", 10)
    assert rows(query) == [(3, "c"), (1, "a")]


SELECTED: list[tuple[Callable[[TableQuery], TableQuery], str, tuple[str, ...], tuple[object, ...]]] = [
    (lambda q: q.select("id", "name"), '"users"."id", "users"."name"', ("id", "name"), (1, "Ann")),
    (lambda q: q.select("id").select("name"), '"users"."id", "users"."name"', ("id", "name"), (1, "Ann")),
    (lambda q: q.select("users.name"), '"users"."name"', ("name",), ("Ann",)),
    (lambda q: q.select("name as who"), '"users"."name" AS "who"', ("who",), ("Ann",)),
    (lambda q: q.select("users.name AS who"), '"users"."name" AS "who"', ("who",), ("Ann",)),
    (lambda q: q.select(who="name"), '"users"."name" AS "who"', ("who",), ("Ann",)),
    (lambda q: q.select(ref("users.name")), '"users"."name"', ("name",), ("Ann",)),
    (lambda q: q.select(ref("name").as_("a b")), '"users"."name" AS "a b"', ("a b",), ("Ann",)),
    (lambda q: q.select(fn.lower("name")), 'lower("users"."name")', ("lower",), ("ann",)),
    (lambda q: q.select(n=value(3)), '? AS "n"', ("n",), (3,)),
    (lambda q: q.select(n=None), 'NULL AS "n"', ("n",), (None,)),
    (
        lambda q: q.select("*").select("id as i"),
        "",
        ("id", "email", "name", "age", "is_active", "joined", "i"),
        (),
    ),
    (lambda q: q.select("id", "id"), '"users"."id", "users"."id"', ("id", "id"), (1, 1)),
]


@pytest.mark.parametrize(("build", "columns", "names", "row"), SELECTED)
def test_select(
    db: Database,
    build: Callable[[TableQuery], TableQuery],
    columns: str,
    names: tuple[str, ...],
    row: tuple[object, ...],
) -> None:
    query = build(db.table("users")).order_by("users.id").limit(1)
    assert sql(query).startswith(f"SELECT {columns}")
    assert query.one().columns == names
    assert not row or query.all() == [row]


def test_all_columns(db: Database, engine: str) -> None:
    joined = db.table("tags").inner_join("post_tags", "post_tags.tag_id", "tags.id").order_by("id").limit(1)
    everything = 'SELECT "tags"."id", "tags"."name", "post_tags"."post_id", "post_tags"."tag_id" FROM'
    assert sql(joined).startswith(everything)
    assert sql(joined.select_all()).startswith(everything)
    assert sql(joined.select_all("tags")).startswith('SELECT "tags"."id", "tags"."name" FROM')
    assert sql(joined.select("post_tags.*", "name")).startswith(
        'SELECT "post_tags"."post_id", "post_tags"."tag_id", "tags"."name" FROM'
    )
    assert sql(db.table("log")).startswith('SELECT "log"."at", "log"."message" FROM')
    if engine == "sqlite":
        assert sql(db.table("log").select("rowid", "message")).startswith(
            'SELECT "log"."rowid", "log"."message" FROM'
        )


def test_a_view(db: Database) -> None:
    assert db.table("active_users").order_by("-id").first() == (4, "Dan")


def test_distinct(db: Database) -> None:
    query = db.table("posts").select("author_id").distinct().order_by("author_id")
    assert sql(query).startswith('SELECT DISTINCT "posts"."author_id" FROM')
    assert rows(query) == [(1,), (2,), (3,)]
    assert query.count() == 3


JOINS = [
    ("inner_join", "JOIN", [("Ann", 1), ("Bob", 2)]),
    ("left_join", "LEFT JOIN", [(None, None), (None, None), ("Ann", 1), ("Bob", 2)]),
    ("right_join", "RIGHT JOIN", [("Ann", 1), ("Bob", 2)]),
    pytest.param(
        "full_join",
        "FULL JOIN",
        [(None, None), (None, None), ("Ann", 1), ("Bob", 2)],
        marks=pytest.mark.otherwise("mysql", "has none, and says so"),
    ),
]


@pytest.mark.parametrize(("method", "words", "found"), JOINS)
def test_joins(db: Database, method: str, words: str, found: list[tuple[object, ...]]) -> None:
    query = db.table("users").order_by("profiles.id")
    query = getattr(query, method)("profiles", "profiles.user_id", "users.id")
    named = query.select("profiles.id", "users.name")
    assert after_from(named).startswith(f'"users" {words} "profiles" ON "profiles"."user_id" = "users"."id"')
    assert [(name if number else None, number) for number, name in named] == found


@pytest.mark.otherwise("mysql", "has no FULL JOIN, and says so")
def test_right_and_full_joins_make_the_left_side_null(db: Database) -> None:
    posts = db.table("posts").select("id", "title", "users.name").order_by("users.id")
    right = posts.right_join("users", "users.id", "posts.author_id")
    assert right.all()[-1] == (None, None, "Dan")
    assert posts.full_join("users", "users.id", "posts.editor_id").where("posts.id", "is null").count() == 2
    nullable = (
        db.table("users").select("users.is_active", "users.joined").right_join("tags", "tags.id", "users.id")
    )
    assert nullable.where("tags.id", ">", 2).all() == [(False, datetime(2024, 1, 3, 10))]
    assert db.table("users").select("is_active").right_join("posts", "posts.editor_id", "users.id").where(
        "posts.editor_id", "is null"
    ).all() == [(None,), (None,)]


def test_cross_join(db: Database) -> None:
    query = db.table("tags").cross_join("teams").select("tags.id", "slug").order_by("id", "slug")
    assert after_from(query).startswith('"tags" CROSS JOIN "teams" ORDER BY')
    assert query.count() == 9
    assert query.first() == (1, "core")


def test_join_on_several_columns(db: Database) -> None:
    pairs = (("orders.region", "lines.region"), ("orders.number", "lines.number"))
    query = db.table("lines").inner_join("orders", *pairs).select("lines.id", "total").order_by("id")
    assert after_from(query).startswith(
        '"lines" JOIN "orders" ON "orders"."region" = "lines"."region" AND "orders"."number" = "lines"."number"'
    )
    assert rows(query) == [(1, 10.5), (2, 10.5), (3, 5.0)]


def test_join_on_conditions(db: Database) -> None:
    on = (("p.author_id", "users.id"), ("p.rating", ">", 3), ("p.editor_id", "is not null"))
    query = db.table("users").left_join("posts as p", *on).select("users.id", "p.title").order_by("id")
    assert after_from(query).startswith(
        '"users" LEFT JOIN "posts" AS "p" ON "p"."author_id" = "users"."id" AND "p"."rating" > ?'
        ' AND "p"."editor_id" IS NOT NULL ORDER BY'
    )
    assert rows(query) == [(1, "One"), (2, "Four"), (3, None), (4, None)]


def test_one_table_under_two_names(db: Database) -> None:
    query = (
        db.table("posts as p")
        .select("p.id", "a.name as author", "e.name as editor")
        .inner_join("users as a", "a.id", "p.author_id")
        .left_join("users as e", "e.id", "p.editor_id")
        .where("e.id", "is not null")
        .order_by("p.id")
    )
    assert sql(query) == (
        'SELECT "p"."id", "a"."name" AS "author", "e"."name" AS "editor" FROM "posts" AS "p"'
        ' JOIN "users" AS "a" ON "a"."id" = "p"."author_id" LEFT JOIN "users" AS "e" ON "e"."id" = "p"."editor_id"'
        ' WHERE "e"."id" IS NOT NULL ORDER BY "p"."id" ASC'
    )
    assert rows(query) == [(1, "Ann", "Bob"), (3, "Bob", "Ann"), (4, "Bob", "Ann")]


def test_group_by_and_having(db: Database) -> None:
    query = (
        db.table("posts")
        .inner_join("users", "users.id", "author_id")
        .select("users.name as author", n=fn.count(), rated=fn.count("rating"), best=fn.max("rating"))
        .group_by("author")
        .having("n", ">", 1)
        .having(fn.min("posts.id"), "<", 9)
        .order_by("-n", "author")
    )
    assert sql(query) == (
        'SELECT "users"."name" AS "author", count(*) AS "n", count("posts"."rating") AS "rated",'
        ' max("posts"."rating") AS "best" FROM "posts" JOIN "users" ON "users"."id" = "posts"."author_id"'
        ' GROUP BY "users"."name" HAVING count(*) > ? AND min("posts"."id") < ?'
        ' ORDER BY count(*) DESC, "users"."name" ASC'
    )
    assert rows(query) == [("Ann", 2, 1, 5), ("Bob", 2, 2, 5)]
    assert query.count() == 2
    assert query.or_having("author", "=", "Cleo").count() == 3


def test_aggregates(db: Database) -> None:
    posts = db.table("posts")
    query = posts.select(
        a=fn.count("author_id", distinct=True),
        b=fn.count(filter=("rating", "=", 5)),
        c=fn.sum("rating"),
        d=fn.avg("rating", filter=("rating", "<", 5)),
        e=fn.coalesce(fn.sum("rating"), 0),
        f=fn.min("title"),
        g=fn.group_concat("id", "-"),
    )
    assert sql(query) == (
        'SELECT count(DISTINCT "posts"."author_id") AS "a",'
        ' count(*) FILTER (WHERE "posts"."rating" = ?) AS "b", sum("posts"."rating") AS "c",'
        ' avg("posts"."rating") FILTER (WHERE "posts"."rating" < ?) AS "d", coalesce(sum("posts"."rating"), ?) AS "e",'
        ' min("posts"."title") AS "f", group_concat("posts"."id", ?) AS "g" FROM "posts"'
    )
    assert query.one() == (3, 2, 14, 2.0, 14, "Five", "1-2-3-4-5")
    assert query.count() == 1
    assert db.table("users").select(last=fn.max("joined")).scalar() == datetime(2024, 1, 3, 10)


@pytest.mark.otherwise("postgresql", "adds up no booleans")
def test_booleans_are_added_up(db: Database) -> None:
    assert db.table("users").select(n=fn.sum("is_active")).scalar() == 3


def test_a_filter_of_each_row_once(db: Database) -> None:
    authors = fn.count("author_id", distinct=True, filter=("rating", ">", 2))
    assert db.table("posts").select(n=authors).scalar() == 2


def test_total(db: Database, engine: str) -> None:
    query = db.table("posts").where("id", "<", 0).select(n=fn.total("rating"))
    if engine == "sqlite":
        assert query.scalar() == 0.0
        return
    with pytest.raises(NotSupported, match=r"no 'total' for queries in tables; write fn\.coalesce\(fn\.sum"):
        query.scalar()


ORDERS: list[tuple[Callable[[TableQuery], TableQuery], str, list[int]]] = [
    (lambda q: q.order_by("age"), '"age" ASC', [3, 2, 1, 4]),
    (lambda q: q.order_by("-age"), '"age" DESC', [4, 1, 2, 3]),
    (lambda q: q.order_by("age", "desc"), '"age" DESC', [4, 1, 2, 3]),
    (lambda q: q.order_by("age", "asc"), '"age" ASC', [3, 2, 1, 4]),
    (lambda q: q.order_by("is_active", "-id"), '"is_active" ASC, "id" DESC', [3, 4, 2, 1]),
    (lambda q: q.order_by("is_active").order_by("-id"), '"is_active" ASC, "id" DESC', [3, 4, 2, 1]),
    (lambda q: q.order_by("age", nulls="last"), '"age" ASC NULLS LAST', [2, 1, 4, 3]),
    (lambda q: q.order_by("-age", nulls="first"), '"age" DESC NULLS FIRST', [3, 4, 1, 2]),
    (lambda q: q.order_by(ref("age").desc(nulls="first")), '"age" DESC NULLS FIRST', [3, 4, 1, 2]),
    (lambda q: q.order_by(ref("age").asc(nulls="last")), '"age" ASC NULLS LAST', [2, 1, 4, 3]),
    (lambda q: q.order_by("-age").order_by().order_by("id"), '"id" ASC', [1, 2, 3, 4]),
]


@pytest.mark.parametrize(("build", "order", "found"), ORDERS)
def test_order(db: Database, build: Callable[[TableQuery], TableQuery], order: str, found: list[int]) -> None:
    query = build(db.table("users").select("id"))
    expected = order.replace('"age"', '"users"."age"').replace('"id"', '"users"."id"')
    assert after_from(query) == f'"users" ORDER BY {expected}'.replace('"is_active"', '"users"."is_active"')
    assert [row.id for row in query] == found


def test_limit_offset_and_page(db: Database) -> None:
    users = db.table("users").select("id").order_by("id")
    assert after_from(users.limit(2).offset(1)).endswith("ASC LIMIT ? OFFSET ?")
    assert rows(users.limit(2).offset(1)) == [(2,), (3,)]
    assert after_from(users.offset(3)).endswith("ASC LIMIT -1 OFFSET ?")
    assert rows(users.offset(3)) == [(4,)]
    assert rows(users.page(2, per_page=3)) == [(4,)]
    assert rows(users.limit(1).limit(2)) == [(1,), (2,)]
    assert bound(users.limit(1).limit(2)) == (2,)
    assert rows(users.limit(0)) == []
    assert (users.limit(3).count(), users.limit(0).exists(), users.offset(3).exists()) == (3, False, True)


SETS = [
    ("union", "UNION", [1, 2, 3, 4]),
    ("union_all", "UNION ALL", [1, 2, 2, 3, 3, 4]),
    ("intersect", "INTERSECT", [2, 3]),
    ("except_", "EXCEPT", [1]),
]


@pytest.mark.parametrize(("method", "words", "found"), SETS)
def test_sets(db: Database, method: str, words: str, found: list[int]) -> None:
    left = db.table("users").select("id").where("id", "<", 4)
    right = db.table("users").select("id").where("id", ">", 1)
    query = getattr(left, method)(right).order_by("id")
    assert sql(query) == (
        'SELECT "users"."id" AS "id" FROM "users" WHERE "users"."id" < ?'
        f' {words} SELECT "users"."id" AS "id" FROM "users" WHERE "users"."id" > ? ORDER BY "id" ASC'
    )
    assert [row.id for row in query] == found
    assert query.count() == len(found)
    assert query.limit(1).offset(1).all() == [(each,) for each in found[1:2]]


def test_sets_of_sets_and_of_parts(db: Database) -> None:
    users, posts = db.table("users").select("id"), db.table("posts").select("id")
    one, three = (users.where("id", "=", number) for number in (1, 3))
    assert sql(one.union(three).union(posts)).count("UNION") == 2
    assert rows(one.union(three).except_(one)) == [(3,)]
    assert rows(users.except_(one.union(three)).order_by("-id")) == [(4,), (2,)]
    latest = users.order_by("-id").limit(1)
    assert rows(latest.union_all(posts.order_by("-id").limit(1)).order_by("id")) == [(4,), (5,)]
    assert rows(one.union(three).order_by("-id").limit(1).union(one).order_by("id")) == [(1,), (3,)]


def test_a_set_is_decoded_as_both_sides_are(db: Database, engine: str) -> None:
    joined = db.table("users").select("joined").where("id", "=", 1)
    assert rows(joined.union(db.table("log").select("at").where("at", "is not null")).order_by("joined"))[
        -1
    ] == (datetime(2024, 1, 2),)
    if engine != "sqlite":
        # They have a type for the column, and moments are no texts.
        return
    mixed = joined.union(db.table("users").select("name").where("id", "=", 1)).order_by("joined")
    assert rows(mixed) == [("2024-01-01 10:00:00",), ("Ann",)]


def test_sub_select_in_from(db: Database) -> None:
    counts = db.table("posts").select("author_id", n=fn.count(), last=fn.max("id")).group_by("author_id")
    query = (
        db.table(counts.where("rating", ">", 0).as_("c"))
        .inner_join("users", "users.id", "c.author_id")
        .select("users.name", "n", "users.joined")
        .where("n", ">", 1)
    )
    assert sql(query) == (
        'SELECT "users"."name", "c"."n", "users"."joined" FROM'
        ' (SELECT "posts"."author_id" AS "author_id", count(*) AS "n", max("posts"."id") AS "last" FROM "posts"'
        ' WHERE "posts"."rating" > ? GROUP BY "posts"."author_id") AS "c"'
        ' JOIN "users" ON "users"."id" = "c"."author_id" WHERE "c"."n" > ?'
    )
    assert bound(query) == (0, 1)
    assert rows(query) == [("Bob", 2, datetime(2024, 1, 2, 10))]


def test_a_sub_select_keeps_the_form_of_its_columns(opened: Callable[..., Database]) -> None:
    db = opened("CREATE TABLE t (at DATETIME); INSERT INTO t VALUES (1704103200000), (1804103200000)")
    at = datetime(2024, 1, 1, 10)
    inner = db.table("t").select("at as moment").as_("inner")
    assert db.table(inner).where("moment", "=", at).all() == [(at,)]
    assert db.table("t").with_("w", inner.query).inner_join("w", "w.moment", "t.at").where(
        "w.moment", "in", [at]
    ).all()[0] == (at, at)


def test_sub_select_in_join_and_select(db: Database) -> None:
    counts = db.table("posts").select("author_id", n=fn.count()).group_by("author_id")
    joined = (
        db.table("users")
        .left_join(counts.as_("c"), "c.author_id", "users.id")
        .select("id", "c.n")
        .order_by("id")
    )
    assert rows(joined) == [(1, 2), (2, 2), (3, 1), (4, None)]
    own = db.table("posts").where("author_id", "=", outer("users.id")).select(fn.count())
    for query in (db.table("users").select("id", n=own), db.table("users").select("id", own.as_("n"))):
        assert sql(query).startswith(
            'SELECT "users"."id", (SELECT count(*) AS count_1 FROM "posts" WHERE "posts"."author_id" = "users"."id") AS "n"'
        )
        assert rows(query.order_by("-n", "id")) == [(1, 2), (2, 2), (3, 1), (4, 0)]


def test_with(db: Database) -> None:
    rated = db.table("posts").where("rating", ">", 2).select("id", "author_id")
    query = (
        db.table("users")
        .with_("rated", rated)
        .inner_join("rated", "rated.author_id", "users.id")
        .left_join("rated as again", ("again.author_id", "users.id"), ("again.id", ">", ref("rated.id")))
        .select("users.id", "rated.id as first", "again.id as second")
        .where("users.id", "<", 3)
        .order_by("users.id", "first")
    )
    assert sql(query) == (
        'WITH "rated" AS (SELECT "posts"."id" AS "id", "posts"."author_id" AS "author_id" FROM "posts"'
        ' WHERE "posts"."rating" > ?) SELECT "users"."id", "rated"."id" AS "first", "again"."id" AS "second"'
        ' FROM "users" JOIN "rated" ON "rated"."author_id" = "users"."id"'
        ' LEFT JOIN "rated" AS "again" ON "again"."author_id" = "users"."id" AND "again"."id" > "rated"."id"'
        ' WHERE "users"."id" < ? ORDER BY "users"."id" ASC, "rated"."id" ASC'
    )
    assert rows(query) == [(1, 1, None), (2, 3, 4), (2, 4, None)]
    assert query.count() == 3
    assert (
        rows(query.select(extra=value(1)).union(query.select(extra=value(2))).order_by("-extra").limit(1))[0][
            3
        ]
        == 2
    )
    assert db.table(query.as_("q")).where("second", "is not null").all() == [(2, 3, 4)]


def test_answers(db: Database, engine: str) -> None:
    users = db.table("users").select("id", "name").order_by("id")
    assert users.first() == (1, "Ann")
    assert users.where("id", ">", 9).first() is None
    assert users.where("id", "=", 2).one().name == "Bob"
    assert db.table("users").select(fn.max("id")).scalar() == 4
    assert users.where("id", ">", 9).scalar() is None
    assert (users.count(), users.where("id", ">", 9).count()) == (4, 0)
    assert (users.exists(), users.where("id", ">", 9).exists()) == (True, False)
    assert [row.id for row in users] == [1, 2, 3, 4]
    assert [row.id for row in users.iterator(chunk_size=3)] == [1, 2, 3, 4]
    assert engine != "sqlite" or users.where("id", "=", 1).explain().startswith("SEARCH users")
    assert repr(users.limit(1)).startswith("<TableQuery\nSELECT")
    assert db.table("users").where(exists(users)).inner_join("posts", "posts.id", "users.id").exists()


def test_a_query_never_changes(db: Database) -> None:
    base = db.table("users").select("id").order_by("id")
    base.where("id", "=", 1).limit(1).order_by("-id")
    base.left_join("posts", "posts.author_id", "users.id")
    assert rows(base) == [(1,), (2,), (3,), (4,)]
    assert bound(base) == ()
