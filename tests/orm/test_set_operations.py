"""``union``, ``intersection`` and ``difference`` of query sets."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from noormme import (
    Count,
    Database,
    Exists,
    F,
    FieldNotFound,
    InvalidQuery,
    MultipleObjectsReturned,
    NotSupported,
    OuterRef,
    Prefetch,
    QuerySet,
    RelationNotLoaded,
    Subquery,
    UnreadableValue,
    UsageError,
    Value,
)
from tests.orm.support import bound, count_queries, ids, sql

USERS = '"users"."id", "users"."email", "users"."name", "users"."age", "users"."is_active", "users"."joined"'
NAMED = '"users"."id" AS c0, "users"."email" AS c1, "users"."name" AS c2, "users"."age" AS c3, "users"."is_active" AS c4, "users"."joined" AS c5'
COLUMNS = "c0, c1, c2, c3, c4, c5"


def of(name: str) -> str:
    return ", ".join(f"{name}.{column}" for column in COLUMNS.split(", "))


def adults(db: Database) -> QuerySet[Any]:
    return db.users.filter(age__gte=18)


def bob(db: Database) -> QuerySet[Any]:
    return db.users.filter(id=2)


def test_union(db: Database) -> None:
    query = adults(db).union(bob(db), adults(db))
    part = f'SELECT {USERS} FROM "users" WHERE "users"'
    assert sql(query) == f'{part}."age" >= ? UNION {part}."id" = ? UNION {part}."age" >= ?'
    assert bound(query) == (18, 2, 18)
    assert sorted(ids(query)) == [1, 2, 4]
    assert query.order_by("name")[0].name == "Ann"


def test_union_all_keeps_equal_rows(db: Database) -> None:
    query = adults(db).union(adults(db), all=True).order_by("id")
    assert " UNION ALL " in sql(query)
    assert ids(query) == [1, 1, 4, 4]
    flags = db.users.values_list("is_active", flat=True)
    assert sorted(flags.union(flags)) == [False, True]
    assert sorted(flags.union(flags, all=True)) == [False] * 2 + [True] * 6


def test_intersection(db: Database) -> None:
    query = adults(db).intersection(db.users.filter(id__lt=4), db.users.all())
    assert sql(query).count(" INTERSECT ") == 2
    assert ids(query) == [1]
    assert list(db.users.values("id", "age").intersection(db.users.values("id", "id"))) == []


@pytest.mark.sqlite("a union comes in no order of its own elsewhere")
def test_difference(db: Database) -> None:
    query = db.users.difference(adults(db), bob(db))
    assert sql(query).count(" EXCEPT ") == 2
    assert ids(query) == [3]
    assert list(db.users.values_list("age").difference(db.users.filter(id=1).values_list("age"))) == [
        (None,),
        (17,),
        (45,),
    ]


def test_of_different_tables(db: Database) -> None:
    query = db.users.values_list("id", "name").union(db.tags.values_list("id", "name")).order_by("-name")
    assert (
        sql(query)
        == 'SELECT "users"."id", "users"."name" FROM "users" UNION SELECT "tags"."id", "tags"."name" FROM "tags" ORDER BY 2 DESC'
    )
    assert list(query[:3]) == [(1, "sql"), (3, "rust"), (2, "python")]
    paths = db.posts.values("author__name").union(db.users.filter(id=4).values("name"))
    assert list(paths.order_by("author__name")) == [
        {"author__name": name} for name in ("Ann", "Bob", "Cleo", "Dan")
    ]


def test_objects_give_the_fields_that_the_first_part_names(db: Database) -> None:
    query = db.users.values("name", "id").union(db.tags.all()).order_by("-name")
    assert list(query[:2]) == [{"name": "sql", "id": 1}, {"name": "rust", "id": 3}]
    with pytest.raises(FieldNotFound, match="no field 'email' on tags"):
        db.users.values("email").union(db.tags.all())


def test_every_form_of_row(db: Database) -> None:
    def forms(make: Callable[[QuerySet[Any]], QuerySet[Any]]) -> list[Any]:
        return list(make(db.users.filter(id=1)).union(make(bob(db))).order_by("id"))

    assert forms(lambda query: query.values("id", "name")) == [
        {"id": 1, "name": "Ann"},
        {"id": 2, "name": "Bob"},
    ]
    assert forms(lambda query: query.values_list("id", "name")) == [(1, "Ann"), (2, "Bob")]
    assert forms(lambda query: query.values_list("id", flat=True)) == [1, 2]
    assert [row.name for row in forms(lambda query: query.values_list("id", "name", named=True))] == [
        "Ann",
        "Bob",
    ]
    assert [row["age"] for row in forms(lambda query: query.values())] == [31, 17]
    assert [type(row) for row in forms(lambda query: query)] == [db.model("users")] * 2


# -- order, slices, numbers ---------------------------------------------------------------------------


def test_order(db: Database) -> None:
    query = adults(db).union(bob(db))
    assert sql(query.order_by("-age", "name")).endswith(" ORDER BY 4 DESC, 3 ASC")
    assert ids(query.order_by("-age")) == [4, 1, 2]
    assert ids(query.order_by("-age").reverse()) == [2, 1, 4]
    assert ids(query.order_by("-pk").order_by("name")) == [1, 2, 4]
    assert "ORDER BY" not in sql(query.order_by("name").order_by())
    assert ids(query.reverse()) == [4, 2, 1]


@pytest.mark.otherwise("mysql", "cannot, and says so")
def test_where_the_nulls_of_an_order_go(db: Database) -> None:
    ages = db.users.values_list("age", flat=True).union(db.users.values_list("age", flat=True))
    assert sql(ages.order_by(F("age").desc(nulls_first=True))).endswith("ORDER BY 1 DESC NULLS FIRST")
    assert list(ages.order_by(F("age").desc(nulls_first=True))) == [None, 45, 31, 17]
    assert list(ages.order_by(F("age").desc(nulls_first=True)).reverse()) == [17, 31, 45, None]


def test_order_by_the_same_column_under_another_name(db: Database) -> None:
    posts = db.posts.union(db.posts.filter(id=1))
    assert sql(posts.order_by("author", "-pk")).endswith(" ORDER BY 4 ASC, 1 DESC")
    assert ids(posts.order_by("author", "-pk")) == [2, 1, 4, 3, 5]
    orders = db.orders.union(db.orders.filter(region="eu"))
    assert ids(orders.order_by("-pk")) == ids(orders.reverse()) == [("us", 1), ("eu", 2), ("eu", 1)]
    pairs = db.users.values_list("pk", "name").union(bob(db).values_list("id", "name"))
    assert list(pairs.order_by("-id")[:1]) == [(4, "Dan")]


def test_random_order(db: Database) -> None:
    query = adults(db).union(bob(db)).order_by("?")
    assert sql(query).endswith(") AS combined ORDER BY random()")
    assert sorted(ids(query)) == [1, 2, 4]


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (
            lambda query: query.order_by(F("age") + 1),
            InvalidQuery,
            "a union is sorted by its columns, not by expressions",
        ),
        (
            lambda query: query.order_by("profile__bio"),
            FieldNotFound,
            "'profile__bio' is not among the columns of the union of users",
        ),
        (lambda query: query.order_by("nme"), FieldNotFound, "did you mean 'name'"),
        (lambda query: query.order_by("age").values("id"), FieldNotFound, "'age' is not among the columns"),
        (
            lambda query: query.values("age").reverse(),
            FieldNotFound,
            "'id' is not among the columns of the union of users; there are: age",
        ),
        (lambda query: query.values("age").first(), FieldNotFound, "'id' is not among the columns"),
        (lambda query: query[:1].order_by("id"), InvalidQuery, "cannot order once a slice has been taken"),
        (lambda query: query[:1].reverse(), InvalidQuery, "cannot reverse once a slice has been taken"),
    ],
)
def test_orders_that_there_are_not(db: Database, make: Any, error: type[Exception], message: str) -> None:
    for _ in range(2):
        with pytest.raises(error, match=message):
            make(adults(db).union(bob(db)))


def test_slices(db: Database) -> None:
    query = db.users.union(bob(db)).order_by("id")
    assert sql(query[1:3]).endswith(" ORDER BY 1 ASC LIMIT ? OFFSET ?")
    assert bound(query[1:3]) == (2, 2, 1)
    assert ids(query[1:3]) == [2, 3]
    assert ids(query[1:][1:2]) == [3]
    assert query[3].id == 4
    assert ids(query[::2]) == [1, 3]
    with pytest.raises(IndexError):
        query[4]


def test_numbers(db: Database, engine: str) -> None:
    query = adults(db).union(bob(db))
    with db.capture() as statements:
        assert query.count() == 3
        assert query.exists()
        assert query.order_by("-id")[1:].count() == 2
        assert not query[3:].exists()
    assert engine != "sqlite" or " ".join(str(statements[0]).split()).startswith(
        f'SELECT count(*) AS count_1 FROM (SELECT {NAMED} FROM "users" WHERE'
    )
    assert len(query) == 3
    assert not db.users.filter(id=9).union(db.users.filter(id=8))


def test_pages(db: Database) -> None:
    query = adults(db).union(bob(db)).order_by("-age")
    page = query.paginate(page=2, per_page=2)
    assert (ids(page), page.has_next) == ([2], False)
    names = db.users.values_list("name", flat=True).union(db.tags.values_list("name", flat=True), all=True)
    assert list(names.paginate(page=2, per_page=3)) == ["Dan", "python", "rust"]
    with pytest.raises(NotSupported, match="cannot paginate by cursor after union"):
        query.paginate(after=None)


def test_one_row(db: Database) -> None:
    query = adults(db).union(bob(db))
    assert query.first().id == 1
    assert query.last().id == 4
    assert query.order_by("name").last().id == 4
    assert (query.earliest("age").id, query.latest("age").id) == (2, 4)
    assert bob(db).union(bob(db)).get().id == 2
    with pytest.raises(MultipleObjectsReturned):
        query.get()
    assert sorted(query.in_bulk()) == [1, 2, 4]


@pytest.mark.sqlite("its functions and operators")
def test_streams_and_plans(db: Database) -> None:
    query = adults(db).union(bob(db))
    assert sorted(ids(query.iterator(chunk_size=1))) == [1, 2, 4]
    assert "UNION" in query.explain()
    with count_queries(db) as counted:
        assert len(list(query)) == len(query) == 3
    assert counted.number == 1
    again = db.users.filter(age__gte=40).union(db.users.filter(id=3))
    assert again.node is query.node
    assert sorted(ids(again)) == [3, 4]


def test_pickles(db: Database) -> None:
    query = adults(db).union(bob(db)).order_by("-id")
    copy = pickle.loads(pickle.dumps(query))
    with count_queries(db) as counted:
        assert ids(copy) == [4, 2, 1]
    assert counted.number == 0
    assert ids(copy.all()[:1]) == [4]


def test_shown(db: Database) -> None:
    assert "3 rows" in repr(adults(db).union(bob(db)).order_by("id"))
    assert (
        repr(db.users.values_list("id", flat=True).union(db.tags.values_list("id", flat=True))).splitlines()[
            1
        ]
        == "id"
    )


# -- parts ----------------------------------------------------------------------------------------------


def test_chains_are_flat(db: Database) -> None:
    query = adults(db).union(bob(db)).union(db.users.filter(id=3)).order_by("-id")
    assert "(" not in sql(query)
    assert ids(query) == [4, 3, 2, 1]
    assert ids(db.users.difference(bob(db)).difference(adults(db))) == [3]


def test_nested_combinations(db: Database) -> None:
    query = adults(db).union(bob(db)).difference(db.users.filter(id=1))
    assert sql(query).startswith(f'SELECT {of("part")} FROM (SELECT {NAMED} FROM "users" WHERE')
    assert sorted(ids(query)) == [2, 4]
    assert bound(query) == (18, 2, 1)
    right = db.users.difference(adults(db).union(bob(db)))
    assert ids(right) == [3]
    kept = bob(db).union(bob(db), all=True)
    assert ids(kept.union(kept, all=True)) == [2] * 4
    assert ids(kept.union(kept)) == [2]
    assert ids(db.users.intersection(kept.union(adults(db)).order_by("-id")[:1])) == [4]


def test_ordered_and_sliced_parts(db: Database) -> None:
    ordered = db.users.order_by("name").union(bob(db))
    assert "ORDER BY" not in sql(ordered)
    ends = db.users.order_by("-id")[:1].union(db.users.order_by("id")[:1]).order_by("id")
    part = f'SELECT {of("part")} FROM (SELECT {NAMED} FROM "users" ORDER BY "users"."id"'
    assert sql(ends) == f"{part} DESC LIMIT ?) AS part UNION {part} ASC LIMIT ?) AS part ORDER BY 1 ASC"
    assert ids(ends) == [1, 4]
    assert ids(ends.all()[:1].union(bob(db)[:1]).order_by("-id")) == [2, 1]
    distinct = db.users.distinct().order_by("profile__bio")[:3].union(db.users.filter(id=1))
    assert sorted(ids(distinct)) == [1, 2, 3, 4]


def test_empty_parts(db: Database) -> None:
    nobody = db.users.none()
    assert sql(adults(db).union(nobody)) == sql(adults(db))
    assert ids(adults(db).union(nobody, bob(db), nobody).order_by("id")) == [1, 2, 4]
    assert ids(nobody.union(adults(db)).filter(id=1)) == [1]
    assert ids(nobody.union(bob(db), adults(db)).order_by("id")) == [1, 2, 4]
    assert ids(adults(db).difference(nobody, db.users.filter(id=1))) == [4]
    assert ids(adults(db).union(nobody).order_by("-id")[:1]) == [4]
    with count_queries(db) as counted:
        assert ids(nobody.union(nobody)) == ids(nobody.difference(adults(db))) == []
        assert ids(adults(db).intersection(bob(db), nobody)) == ids(adults(db).union(bob(db)).none()) == []
    assert counted.number == 0


def test_one_query_set_alone(db: Database) -> None:
    for query in (adults(db).union(), adults(db).intersection(), adults(db).difference()):
        assert sql(query) == sql(adults(db))


# -- what comes with the rows -----------------------------------------------------------------------------


def test_annotations(db: Database) -> None:
    left = adults(db).annotate(n=Count("posts_as_author"))
    query = left.union(bob(db).annotate(n=Value(7))).order_by("-n")
    assert [(user.id, user.n) for user in query] == [(2, 7), (1, 2), (4, 0)]
    assert list(query.values_list("id", "n")) == [(2, 7), (1, 2), (4, 0)]
    hidden = adults(db).alias(n=Count("posts_as_author")).filter(n=2).union(bob(db))
    assert sorted(ids(hidden)) == [1, 2]


def test_related_objects(db: Database) -> None:
    posts = db.posts.select_related("author").annotate(twice=F("rating") * 2)
    query = posts.filter(id=1).union(db.posts.filter(id=3).annotate(twice=F("rating") * 2)).order_by("twice")
    with count_queries(db) as counted:
        assert [(post.id, post.author.name, post.twice) for post in query] == [(3, "Bob", 6), (1, "Ann", 10)]
    assert counted.number == 1


@pytest.mark.sqlite("a union comes in no order of its own elsewhere")
def test_prefetched_and_lazy_relations(db: Database) -> None:
    query = (
        db.posts.filter(id=1)
        .prefetch_related("tags")
        .union(db.posts.filter(id=3))
        .prefetch_related("comments")
    )
    with count_queries(db) as counted:
        assert [(len(post.tags.all()), len(post.comments.all())) for post in query.order_by("id")] == [
            (2, 4),
            (1, 1),
        ]
    assert counted.number == 3
    with count_queries(db) as counted:
        assert [user.profile for user in adults(db).union(bob(db))][2] is None
    assert counted.number == 2
    with pytest.raises(RelationNotLoaded):
        adults(db).union(bob(db)).loading("raise")[0].profile  # noqa: B018


def test_deferred_fields_are_those_of_the_first_part(db: Database) -> None:
    query = adults(db).only("name").union(bob(db)).order_by("name")
    assert sql(query).startswith('SELECT "users"."id", "users"."name" FROM "users" WHERE')
    with count_queries(db) as counted:
        assert [user.age for user in query] == [31, 17, 45]
    assert counted.number == 2
    assert ids(adults(db).defer("age").union(bob(db).only("age")).order_by("joined", "id")) == [4, 1, 2]


def test_some_columns(db: Database) -> None:
    query = adults(db).union(bob(db))
    assert sql(query.values("is_active")).startswith('SELECT "users"."is_active" FROM "users" WHERE')
    assert list(query.values("is_active")) == [{"is_active": True}]
    assert list(adults(db).union(bob(db), all=True).values_list("is_active", flat=True)) == [True] * 3
    tags = db.posts.union(db.posts.filter(id=1)).values_list("tags__name", flat=True)
    assert list(tags.order_by("tags__name")) == [None, "python", "sql"]


def test_some_of_named_columns(db: Database) -> None:
    pairs = adults(db).values_list("id", "name").union(db.tags.values_list("id", "name"))
    names = pairs.order_by("-id", "name").values_list("name", flat=True)
    part = 'SELECT "users"."id" AS c0, "users"."name" AS c1 FROM "users" WHERE "users"."age" >= ?'
    assert (
        sql(names)
        == f'SELECT combined.c1 FROM ({part} UNION SELECT "tags"."id" AS c0, "tags"."name" AS c1 FROM "tags") AS combined ORDER BY combined.c0 DESC, combined.c1 ASC'
    )
    assert list(names) == ["Dan", "rust", "python", "Ann", "sql"]
    assert list(pairs.values("name", "id").order_by("id")[:1]) == [{"name": "Ann", "id": 1}]
    assert pairs.values("id").count() == 5
    assert sorted(pairs.values_list("id", flat=True).union(db.users.values_list("id", flat=True))) == [
        1,
        2,
        3,
        4,
    ]
    assert sorted(pairs.values()[:1])[0].keys() == {"id", "name"}
    with pytest.raises(
        FieldNotFound, match="'email' is not among the columns of the union of users; there are: id, name"
    ):
        pairs.values("email")


@pytest.mark.sqlite("numbers and texts are not equal elsewhere")
def test_kinds_that_differ(db: Database) -> None:
    numbers = db.lines.values_list("quantity", flat=True).union(db.orders.values_list("total", flat=True))
    assert list(numbers.order_by("-quantity")[:3]) == [20.0, 10.5, 9]
    mixed = (
        db.users.filter(id=1).values_list("joined", flat=True).union(db.tags.values_list("name", flat=True))
    )
    with pytest.warns(UnreadableValue, match="the column 'joined' of a query holds a value"):
        assert list(mixed.order_by("joined")) == [datetime(2024, 1, 1, 10), "python", "rust", "sql"]
    nullable = db.users.values_list("name", flat=True).union(db.users.values_list("age", flat=True))
    assert None in list(nullable)


def test_forms_that_differ(opened: Callable[..., Database]) -> None:
    db = opened(
        "CREATE TABLE a(id INTEGER PRIMARY KEY, at DATETIME NOT NULL); INSERT INTO a VALUES (1, 1700000000000), (2, 1700000001000);"
        "CREATE TABLE b(id INTEGER PRIMARY KEY, at DATETIME); INSERT INTO b VALUES (1, 1700000002), (2, '2023-11-14 22:13:23'), (3, NULL);"
    )
    rows = db.a.values_list("at", flat=True).union(db.b.values_list("at", flat=True))
    assert sorted(row.second for row in rows if row is not None) == [20, 21, 22, 23]


# -- inside other queries -----------------------------------------------------------------------------------


def test_subquery_of_a_list(db: Database) -> None:
    union = adults(db).union(bob(db))
    query = db.users.filter(id__in=union.values("id")).order_by("id")
    inner = 'SELECT "users_2"."id" FROM "users" AS "users_2" WHERE "users_2"'
    assert (
        sql(query)
        == f'SELECT {USERS} FROM "users" WHERE "users"."id" IN ({inner}."age" >= ? UNION {inner}."id" = ?) ORDER BY "users"."id" ASC'
    )
    assert ids(query) == ids(db.users.filter(pk__in=union).order_by("id")) == [1, 2, 4]
    assert ids(db.users.exclude(id__in=union)) == [3]
    assert ids(db.posts.filter(author__in=union).order_by("id")) == [1, 2, 3, 4]
    assert ids(db.users.filter(id__in=union.none())) == []
    regions = db.orders.filter(region="eu").union(db.orders.filter(region="us"))
    assert ids(db.lines.filter(order__in=regions)) == [1, 2, 3]
    with pytest.raises(InvalidQuery, match="gives 2 fields where one is needed"):
        db.users.filter(id__in=union.values("id", "name"))


@pytest.mark.sqlite("MariaDB sees no outer rows from a combined query")
def test_correlated_subqueries(db: Database) -> None:
    mine = db.posts.filter(author=OuterRef("pk")).union(db.posts.filter(editor=OuterRef("pk")))
    assert ids(db.users.filter(Exists(mine)).order_by("id")) == [1, 2, 3]
    assert ids(db.users.filter(~Exists(mine))) == [4]
    newest = Subquery(mine.values("id").order_by("-id")[:1])
    assert list(db.users.annotate(newest=newest).order_by("id").values_list("newest", flat=True)) == [
        4,
        4,
        5,
        None,
    ]
    assert "UNION" in sql(db.users.annotate(newest=newest))


# -- what does not go together, and what does not follow --------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda db: db.users.union(1), UsageError, "union() takes query sets, not int"),
        (lambda db: db.users.difference([1]), UsageError, "difference() takes query sets, not list"),
        (
            lambda db: db.users.union(db.posts),
            InvalidQuery,
            "union() of objects of users and posts has no meaning",
        ),
        (
            lambda db: db.users.intersection(db.users.values("id")),
            InvalidQuery,
            "intersection() of objects and of values has no meaning",
        ),
        (
            lambda db: db.users.values("id").union(db.posts.values("id", "title")),
            InvalidQuery,
            "users gives 1, posts gives 2",
        ),
        (
            lambda db: db.users.values("id").union(db.posts.values()),
            InvalidQuery,
            "users gives 1, posts gives 5",
        ),
        (
            lambda db: db.users.annotate(n=F("id")).union(db.users),
            InvalidQuery,
            "needs the same annotations on each side: n on the first, none on another",
        ),
        (
            lambda db: Prefetch("posts_as_author", db.posts.union(db.posts)),
            NotSupported,
            "the query set of Prefetch('posts_as_author') cannot be a union",
        ),
    ],
)
def test_what_does_not_go_together(db: Database, make: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error) as raised:
        make(db)
    assert message in str(raised.value)


def test_two_databases(db: Database, opened: Callable[..., Database]) -> None:
    other = opened("CREATE TABLE users(id INTEGER PRIMARY KEY)")
    with pytest.raises(InvalidQuery, match="two databases"):
        db.users.values("id").union(other.users.values("id"))


@pytest.mark.parametrize(
    ("make", "what"),
    [
        (lambda query: query.filter(id=1), "filter"),
        (lambda query: query.exclude(id=1), "filter"),
        (lambda query: query.get(id=1), "filter"),
        (lambda query: query.in_bulk([1]), "filter"),
        (lambda query: query.annotate(n=F("id")), "annotate"),
        (lambda query: query.alias(n=F("id")), "annotate"),
        (lambda query: query.values(n=F("id")), "annotate"),
        (lambda query: query.aggregate(Count("id")), "aggregate"),
        (lambda query: query.distinct(), "use distinct"),
        (lambda query: query.select_related("profile"), "use select_related"),
        (lambda query: query.only("id"), "use only"),
        (lambda query: query.defer("id"), "use defer"),
        (lambda query: query.contains(query[0]), "use contains"),
        (lambda query: query | query, "combine query sets with operators"),
        (lambda query: query & query, "combine query sets with operators"),
    ],
)
@pytest.mark.parametrize("operator", ["union", "intersection", "difference"])
def test_what_does_not_follow(db: Database, make: Any, what: str, operator: str) -> None:
    query = getattr(db.users.all(), operator)(bob(db))
    with pytest.raises(
        NotSupported, match=f"cannot {what} after {operator}\\(\\); do that on each query set before"
    ):
        make(query)


def test_a_plain_query_set_does_not_combine_with_one(db: Database) -> None:
    with pytest.raises(NotSupported):
        adults(db) | adults(db).union(bob(db))
