"""Steps that give another query set: what SQL each writes, and that none changes the query set it starts from."""

from __future__ import annotations

from typing import Any

import pytest

from noormme import Count, Database, F, InvalidQuery, NotSupported, OrderBy, Q, QuerySet, UsageError
from noormme.query.expressions import Aggregate
from tests.orm.support import bound, count_queries, ids, sql, where

USERS = '"users"."id", "users"."email", "users"."name", "users"."age", "users"."is_active", "users"."joined"'


def test_a_manager_asks_for_every_column(db: Database) -> None:
    assert sql(db.users.all()) == f'SELECT {USERS} FROM "users"'
    assert ids(db.users) == [1, 2, 3, 4]


def test_conditions_of_one_filter_are_joined_by_and(db: Database) -> None:
    query = db.users.filter(name="Ann", age__gt=18)
    assert where(query) == '"users" WHERE "users"."name" = ? AND "users"."age" > ?'
    assert bound(query) == ("Ann", 18)
    assert ids(query) == [1]


def test_filters_and_values_follow_each_other(db: Database) -> None:
    query = db.users.filter(age__gt=18).filter(Q(name="Ann") | Q(name="Dan"), is_active=True)
    assert where(query) == (
        '"users" WHERE "users"."age" > ? AND ("users"."name" = ? OR "users"."name" = ?) '
        'AND "users"."is_active" = ?'
    )
    assert bound(query) == (18, "Ann", "Dan", 1)
    assert ids(query) == [1, 4]


def test_exclude_keeps_rows_with_null(db: Database) -> None:
    query = db.users.exclude(age__gt=18)
    assert where(query) == '"users" WHERE NOT ("users"."age" > ? AND "users"."age" IS NOT NULL)'
    assert ids(query) == [2, 3]


def test_a_filter_without_conditions_is_the_query_itself(db: Database) -> None:
    assert sql(db.users.filter()) == sql(db.users.all())
    assert sql(db.users.exclude()) == sql(db.users.all())
    assert sql(db.users.filter(Q())) == sql(db.users.all())
    assert ids(db.users.exclude(~Q())) == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (Q(age=31) | Q(age=17), [1, 2]),
        (Q(age=31) & Q(name="Ann"), [1]),
        (Q(age=31) ^ Q(name="Ann"), []),
        (Q(age=31) ^ Q(name="Bob"), [1, 2]),
        (~Q(age=31), [2, 3, 4]),
        (~Q(age=31, name="Ann"), [2, 3, 4]),
        (~(Q(age=31) | Q(name="Bob")), [3, 4]),
        (Q(Q(age=31), is_active=True), [1]),
        (Q() & Q(age=31), [1]),
        (Q(age=31) | Q(), [1]),
        (Q(age__isnull=True) ^ Q(is_active=False) ^ Q(id=3), [3]),
    ],
)
def test_q(db: Database, condition: Q, expected: list[int]) -> None:
    assert ids(db.users.filter(condition)) == expected


def test_q_describes_itself() -> None:
    assert repr(~Q(age=1)) == "~Q(age=1)"
    assert repr(Q(age=1) ^ ~Q(Q(name="x") | Q(name="y"))) == "Q(Q(age=1) ^ ~Q(Q(name='x') | Q(name='y')))"
    assert Q(age=1) == Q(age=1)
    assert Q(age=1) != ~Q(age=1)
    assert list(Q(age=1, name="x")) == [("age", 1), ("name", "x")]
    assert bool(Q(age=1))
    assert not Q()


def test_q_takes_conditions_only(db: Database) -> None:
    with pytest.raises(UsageError, match="Q takes conditions"):
        Q("age")  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        Q(age=1) | "age"  # type: ignore[operator]
    with pytest.raises(UsageError, match="must be a Q"):
        db.users.filter("age")


def test_f_compares_with_another_field(db: Database) -> None:
    query = db.posts.filter(author=F("editor"))
    assert where(query) == '"posts" WHERE "posts"."author_id" = "posts"."editor_id"'
    assert ids(db.posts.filter(editor__age__gt=F("author__age"))) == [3, 4]
    assert ids(db.users.filter(age__gte=F("id"), age__lt=F("profile__id"))) == []


def test_f_is_a_value() -> None:
    assert F("age") == F("age")
    assert F("age") != F("name")
    assert len({F("age"), F("age"), F("name")}) == 2
    assert repr(F("age")) == "F('age')"


def test_an_object_stands_for_its_key(db: Database) -> None:
    ann, order = db.users.get(id=1), db.orders.get(pk=("eu", 1))
    assert ids(db.posts.filter(author=ann)) == ids(db.posts.filter(author_id=ann)) == [1, 2]
    assert (
        ids(db.posts.filter(author__in=[ann])) == ids(db.posts.filter(author_id__in=[ann, 2][:1])) == [1, 2]
    )
    assert ids(db.users.filter(pk=ann)) == ids(db.users.filter(id=ann)) == [1]
    assert ids(db.lines.filter(order=order)) == ids(db.lines.filter(order__in=[order])) == [1, 2]
    assert ids(db.passports.filter(user_id=ann)) == ids(db.passports.filter(user=ann)) == [1]


def test_annotate_adds_attributes(db: Database) -> None:
    query = db.users.annotate(posts=Count("posts_as_author")).order_by("id")
    assert sql(query) == (
        f'SELECT {USERS}, count("posts"."id") AS count_1 FROM "users" '
        'LEFT OUTER JOIN "posts" ON "posts"."author_id" = "users"."id" GROUP BY "users"."id" '
        'ORDER BY "users"."id" ASC'
    )
    assert [(user.name, user.posts) for user in query] == [("Ann", 2), ("Bob", 2), ("Cleo", 1), ("Dan", 0)]


def test_annotate_names_an_aggregate_as_django_does(db: Database) -> None:
    (user, *_) = db.users.annotate(Count("posts_as_author")).order_by("id")
    assert user.posts_as_author__count == 2


def test_an_annotation_can_be_filtered_and_ordered_by(db: Database) -> None:
    query = db.users.annotate(n=Count("posts_as_author")).filter(n__gte=2).order_by("-n", "-id")
    assert where(query).endswith(
        'HAVING count("posts"."id") >= ? ORDER BY count("posts"."id") DESC, "users"."id" DESC'
    )
    assert [(user.id, user.n) for user in query] == [(2, 2), (1, 2)]
    renamed = db.users.annotate(called=F("name"), boss=F("profile__bio")).filter(called="Ann")
    assert [(user.called, user.boss) for user in renamed] == [("Ann", "likes <b>SQL</b>")]


def test_alias_is_not_part_of_the_rows(db: Database) -> None:
    query = db.users.alias(n=Count("posts_as_author")).filter(n=1)
    assert sql(query).startswith(f'SELECT {USERS} FROM "users" LEFT')
    (cleo,) = query
    assert cleo.name == "Cleo"
    assert not hasattr(cleo, "n")


@pytest.mark.parametrize(
    "name", ["name", "profile", "pk", "to_dict", "save", "objects", "__loading", "__class__", ""]
)
def test_an_annotation_cannot_take_a_name_that_objects_have(db: Database, name: str) -> None:
    with pytest.raises(UsageError):
        db.users.annotate(**{name: F("age")})


def test_an_annotation_cannot_be_replaced(db: Database) -> None:
    with pytest.raises(UsageError, match="'n' is taken"):
        db.users.annotate(n=F("age")).annotate(n=F("name"))
    with pytest.raises(UsageError, match="must be an expression, not int"):
        db.users.annotate(n=1)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="'age' is a field of users already"):
        db.users.annotate(F("age"))
    with pytest.raises(UsageError, match="annotate takes expressions, not str"):
        db.users.annotate("age")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="Combined needs a name"):
        db.users.annotate(F("age") + 1)


def test_order_by(db: Database) -> None:
    assert (
        where(db.users.order_by("-age", "name")) == '"users" ORDER BY "users"."age" DESC, "users"."name" ASC'
    )
    assert ids(db.users.order_by("-age", "name")) == [4, 1, 2, 3]
    assert ids(db.users.order_by("+age")) == [3, 2, 1, 4]
    assert ids(db.users.order_by(F("age"))) == [3, 2, 1, 4]
    assert ids(db.users.order_by("age").order_by("-id")) == [4, 3, 2, 1]
    assert where(db.users.order_by("age").order_by()) == '"users"'
    assert db.users.order_by("age").ordered
    assert not db.users.order_by("age").order_by().ordered


def test_order_by_says_where_nulls_go(db: Database) -> None:
    last = db.users.order_by(F("age").asc(nulls_last=True))
    assert where(last) == '"users" ORDER BY "users"."age" ASC NULLS LAST'
    assert ids(last) == [2, 1, 4, 3]
    assert ids(db.users.order_by(F("age").desc(nulls_first=True))) == [3, 4, 1, 2]
    assert ids(db.users.order_by(OrderBy("age", nulls_last=True), "id")) == [2, 1, 4, 3]
    assert repr(OrderBy("age")) == "OrderBy('age', descending=False, nulls=None)"
    with pytest.raises(UsageError, match="exclude each other"):
        F("age").asc(nulls_first=True, nulls_last=True)


def test_order_by_a_relation_or_at_random(db: Database) -> None:
    assert ids(db.posts.order_by("-author__name", "id")) == [5, 3, 4, 1, 2]
    assert ids(db.posts.order_by("editor", "-id")) == [5, 2, 4, 3, 1]
    assert where(db.users.order_by("?")) == '"users" ORDER BY random()'
    assert sorted(ids(db.users.order_by("?"))) == [1, 2, 3, 4]


def test_reverse_turns_order_and_nulls_round(db: Database) -> None:
    query = db.users.order_by(F("age").asc(nulls_last=True), OrderBy("id", nulls_first=True)).reverse()
    assert where(query) == '"users" ORDER BY "users"."age" DESC NULLS FIRST, "users"."id" DESC NULLS LAST'
    assert ids(query) == [3, 4, 1, 2]
    assert ids(query.reverse()) == [2, 1, 4, 3]
    assert ids(db.users.reverse()) == [4, 3, 2, 1]
    assert where(db.users.reverse().reverse()) == '"users"'


def test_distinct(db: Database) -> None:
    query = db.users.filter(posts_as_author__rating=5).distinct()
    assert sql(query).startswith('SELECT DISTINCT "users"."id"')
    assert ids(query) == [1, 2]
    assert list(db.posts.values_list("rating", flat=True).distinct().order_by("rating")) == [None, 1, 3, 5]
    with pytest.raises(NotSupported, match=r"use values\(\.\.\.\)\.distinct\(\)"):
        db.users.distinct("name")


def test_distinct_rows_may_be_ordered_by_something_else(db: Database) -> None:
    query = db.users.values_list("is_active", flat=True).distinct().order_by("-name")
    assert (
        sql(query)
        == 'SELECT DISTINCT "users"."is_active", "users"."name" FROM "users" ORDER BY "users"."name" DESC'
    )
    assert list(query) == [True, False, True, True]


def test_none_runs_nothing(db: Database) -> None:
    nothing = db.users.filter(name="Ann").none()
    with count_queries(db) as counted:
        assert list(nothing) == []
        assert nothing.all().count() == 0
        assert not nothing.all().exists()
        assert nothing.first() is None
        assert list(nothing.iterator()) == []
        assert list(nothing.values("id")) == []
        assert nothing.aggregate(n=Count("id")) == {"n": 0}
    assert counted.number == 0
    assert where(nothing) == '"users" WHERE 1 = 0 AND "users"."name" = ?'


def test_none_stays_empty_inside_another_query(db: Database) -> None:
    assert ids(db.posts.filter(author__in=db.users.none())) == []
    assert ids(db.posts.exclude(author__in=db.users.none())) == [1, 2, 3, 4, 5]
    assert ids(db.posts.filter(author=db.users.none())) == []


def test_a_query_set_can_stand_in_a_condition(db: Database) -> None:
    adults = db.users.filter(age__gte=18)
    query = db.posts.filter(author__in=adults)
    assert where(query) == (
        '"posts" WHERE "posts"."author_id" IN (SELECT "users"."id" FROM "users" WHERE "users"."age" >= ?)'
    )
    with count_queries(db) as counted:
        assert ids(query) == [1, 2]
    assert counted.number == 1
    assert ids(db.posts.filter(title__in=db.users.values("name"))) == []
    assert ids(db.users.filter(name__in=db.users.filter(id__lt=3).values_list("name", flat=True))) == [1, 2]
    assert ids(db.posts.filter(rating=db.posts.order_by("-rating").values("rating")[:1])) == [1, 4]
    assert ids(db.posts.filter(author__in=db.users.order_by("-id")[:2])) == [5]
    assert ids(db.lines.filter(order__in=db.orders.filter(region="eu"))) == [1, 2]
    nested = db.posts.filter(
        rating__gt=1, author__in=db.users.filter(age__range=(1, 40), id__in=[1, 2, 9])[:1]
    )
    assert bound(nested) == (1, 1, 40, [1, 2, 9], 1)
    assert ids(nested) == [1]
    text = db.posts.filter(rating__gt=1, title__in=db.posts.filter(title__in=["One", "\0"]).values("title"))
    assert ids(text) == [1]


def test_a_subquery_must_fit(db: Database) -> None:
    with pytest.raises(InvalidQuery, match="gives 2 fields"):
        db.posts.filter(author__in=db.users.values("id", "name"))
    with pytest.raises(InvalidQuery, match="'range' does not take a subquery"):
        list(db.posts.filter(title__range=db.users.values("name")))
    with pytest.raises(InvalidQuery, match="has no key"):
        list(db.posts.filter(author__in=db.active_users.all()))


STEPS = [
    lambda query: query.filter(id__gt=2),
    lambda query: query.exclude(id=1),
    lambda query: query.order_by("-id"),
    lambda query: query.reverse(),
    lambda query: query.distinct(),
    lambda query: query.none(),
    lambda query: query[:1],
    lambda query: query.values("id"),
    lambda query: query.values_list("id"),
    lambda query: query.annotate(n=Count("comments")),
    lambda query: query.alias(n=Count("comments")),
    lambda query: query.only("id"),
    lambda query: query.defer("name"),
    lambda query: query.select_related("profile"),
    lambda query: query.prefetch_related("comments"),
    lambda query: query.loading("raise"),
    lambda query: query.all(),
    lambda query: query & query.filter(id=1),
    lambda query: query | query.filter(id=1),
]


@pytest.mark.parametrize("step", STEPS)
def test_no_step_changes_the_query_set(db: Database, step: Any) -> None:
    query: QuerySet[Any] = db.users.filter(id__gt=0)
    before = sql(query)
    made = step(query)
    assert made is not query
    assert sql(query) == before
    assert query.prefetches == ()
    assert ids(query) == [1, 2, 3, 4]


def test_a_query_set_runs_once_and_a_step_of_it_runs_again(db: Database) -> None:
    query = db.users.filter(id__gt=1)
    with count_queries(db) as counted:
        assert query
        assert len(query) == 3
        assert ids(query) == [2, 3, 4]
        assert query.count() == 3
        assert query.exists()
        assert query[0].id == 2
        assert ids(query[1:]) == [3, 4]
        assert query.contains(query[0])
    assert counted.number == 1
    with count_queries(db) as counted:
        assert ids(query.all()) == [2, 3, 4]
    assert counted.number == 1


def test_a_manager_asks_anew_each_time(db: Database) -> None:
    users = db.users
    with count_queries(db) as counted:
        assert ids(users) == ids(users)
    assert counted.number == 2
    with count_queries(db) as counted:
        assert users
        assert len(list(users)) == 4
    assert counted.number == 2
    with pytest.raises(TypeError, match=r"write \.count\(\)"):
        len(users)


@pytest.mark.parametrize(
    ("step", "what"),
    [
        (lambda query: query.filter(id=1), "filter"),
        (lambda query: query.exclude(id=1), "filter"),
        (lambda query: query.order_by("id"), "order"),
        (lambda query: query.reverse(), "reverse"),
        (lambda query: query.distinct(), "distinct"),
        (lambda query: query.annotate(n=F("id")), "annotate"),
        (lambda query: query.latest("id"), "latest"),
        (lambda query: query.in_bulk([1]), "in_bulk"),
        (lambda query: query.last(), "reverse"),
        (lambda query: query | query, "combine"),
    ],
)
def test_nothing_can_be_asked_of_a_slice_that_would_change_its_rows(
    db: Database, step: Any, what: str
) -> None:
    with pytest.raises(InvalidQuery, match=f"{what}.* once a slice has been taken"):
        step(db.users.order_by("id")[:3])


def test_aggregates_say_what_they_cannot_do() -> None:
    assert repr(Count("posts")) == "Count('posts')"
    with pytest.raises(UsageError, match="takes a field name"):
        Count(3)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="only Count takes"):
        type("Sum", (Aggregate,), {"function": "sum"})("*")
    with pytest.raises(UsageError, match="no meaning"):
        Count("*", distinct=True)
    with pytest.raises(UsageError, match="takes a Q"):
        Count("id", filter="id")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="takes no default"):
        Count("id", default=1)
    with pytest.raises(UsageError, match="needs a name"):
        _ = Count("*").default_alias


def test_a_field_may_have_the_name_of_an_argument(opened: Any) -> None:
    db = opened(
        'CREATE TABLE t (id INTEGER PRIMARY KEY, self TEXT, fields TEXT); INSERT INTO t VALUES (1, "a", "b")'
    )
    assert ids(db.t.filter(self="a", fields="b")) == [1]
    assert ids(db.t.exclude(self="a")) == []
    assert db.t.get(self="a").fields == "b"
    assert ids(db.t.filter(Q(self="a"))) == [1]
    assert db.t.values(x=F("self"))[0] == {"x": "a"}
    with pytest.raises(UsageError, match="'self' is a field"):
        db.t.annotate(self=F("id"))
