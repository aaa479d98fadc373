"""``get``, ``first``, ``last``, ``earliest``, ``latest``, ``count``, ``exists``, ``contains``, ``in_bulk``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from noormme import (
    Count,
    Database,
    DoesNotExist,
    FieldNotFound,
    InvalidQuery,
    MultipleObjectsReturned,
    Q,
    UsageError,
)
from tests.orm.support import count_queries, ids, where


def test_get_by_a_key_or_a_unique_field_needs_no_limit(db: Database) -> None:
    with count_queries(db) as counted:
        assert db.users.get(id=2).name == "Bob"
        assert db.users.get(pk=2).name == "Bob"
        assert db.users.get(email="bob@example.com").id == 2
        assert db.users.get(email__exact="bob@example.com", is_active=True).id == 2
        assert db.memberships.get(user_id=1, team_slug="docs").role == "writer"
        assert db.orders.get(pk=("eu", 2)).total == 20.0
        assert db.orders.get(region="eu", number=1).total == 10.5
    assert not [each for each in counted.statements if "LIMIT" in each.statement]


def test_get_by_anything_else_reads_two_rows_at_most(db: Database) -> None:
    with count_queries(db) as counted:
        assert db.users.get(name="Ann").id == 1
        assert db.users.get(Q(name="Ann") | Q(name="Nobody")).id == 1
        assert db.users.filter(id=1).get().id == 1
        assert db.users.get(id__in=[1]).id == 1
        assert db.users.get(posts_as_author__title="Five").id == 3
    assert [each.parameters[-1] for each in counted.statements] == [2, 2, 1, 2, 2]


@pytest.mark.parametrize("again", [1, 3])
def test_get_wants_one_row(db: Database, again: int) -> None:
    for _ in range(again):
        with pytest.raises(DoesNotExist, match="no users row matches id; use first"):
            db.users.get(id=99)
        with pytest.raises(db.model("users").DoesNotExist):
            db.users.get(name="Nobody", age=3)
        with pytest.raises(MultipleObjectsReturned, match="more than one users row matches is_active"):
            db.users.get(is_active=True)
        with pytest.raises(
            db.model("users").MultipleObjectsReturned, match="more than one users row matches;"
        ):
            db.users.get()
        with pytest.raises(DoesNotExist, match="no users row matches;"):
            db.users.none().get()
        assert db.users.get(id=1).name == "Ann"


def test_get_of_a_slice_stays_inside_it(db: Database) -> None:
    assert db.users.order_by("-id")[:1].get().id == 4
    with pytest.raises(MultipleObjectsReturned):
        db.users.order_by("id")[:3].get()
    with pytest.raises(InvalidQuery, match="cannot filter"):
        db.users.order_by("id")[:3].get(id=1)


def test_get_finds_a_key_in_any_type(db: Database) -> None:
    assert db.users.get(id="2").id == 2
    assert db.users.get(id=2.0).id == 2
    assert db.users.get(id=True).id == 1
    for wrong in (2**70, -(2**70), 1.5):
        with pytest.raises(DoesNotExist):
            db.users.get(id=wrong)
    assert db.users.get(id=2).id == 2


def test_get_gives_what_the_query_gives(db: Database) -> None:
    assert db.users.values("name").get(id=1) == {"name": "Ann"}
    assert db.users.values_list("name", flat=True).get(id=1) == "Ann"
    assert db.users.values_list("name", flat=True).get(id=1) == "Ann"
    assert db.users.annotate(n=Count("posts_as_author")).get(id=1).n == 2
    assert db.users.annotate(n=Count("posts_as_author")).get(n=1).id == 3
    only = db.users.only("name").get(id=1)
    assert (only.id, only.name) == (1, "Ann")
    with count_queries(db) as counted:
        assert db.posts.select_related("author").get(id=1).author.name == "Ann"
        assert db.posts.select_related("author").get(id=3).author.name == "Bob"
    assert counted.number == 2


def test_get_of_a_table_with_one_column(opened: Callable[..., Database]) -> None:
    db = opened("CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1), (2)")
    for _ in range(2):
        assert db.t.get(id=1).id == 1
        with pytest.raises(DoesNotExist):
            db.t.get(id=3)


def test_get_reads_values_in_odd_forms(opened: Callable[..., Database]) -> None:
    db = opened(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, day DATE);"
        "INSERT INTO t VALUES (1, '2024-01-02'), (2, '2024-1-2'), (3, '2024-01-02 00:00:00')"
    )
    assert db.t.get(id=1).day == db.t.get(id=2).day == db.t.get(id=3).day


@pytest.mark.sqlite("a table without a key has a row id")
def test_first_and_last_go_by_the_key(db: Database) -> None:
    with count_queries(db) as counted:
        assert db.users.first() == db.users.get(id=1)
        assert db.users.last() == db.users.get(id=4)
    assert 'ORDER BY "users"."id" ASC' in counted.statements[0].statement
    assert 'ORDER BY "users"."id" DESC' in counted.statements[2].statement
    assert db.users.filter(id__lt=0).first() is None
    assert db.users.filter(id__lt=0).last() is None
    assert db.orders.last().pk == ("us", 1)
    assert db.log.first().message == "up"
    assert db.log.last().message is None


def test_first_and_last_go_by_the_order(db: Database) -> None:
    assert db.users.order_by("-age").first().name == "Dan"
    assert db.users.order_by("-age").last().name == "Cleo"
    assert db.users.reverse().first().id == 4
    assert db.users.reverse().last().id == 1
    assert db.users.order_by("id")[1:].first().id == 2
    assert db.posts.values("rating").annotate(n=Count("id")).order_by("n", "rating").first() == {
        "rating": None,
        "n": 1,
    }
    assert db.users.values_list("name", flat=True).last() == "Dan"


def test_what_has_neither_key_nor_order_has_no_last_row(db: Database) -> None:
    assert db.active_users.first().name == "Ann"
    assert db.active_users.order_by("id").last().name == "Dan"
    with pytest.raises(InvalidQuery, match="active_users has no key"):
        db.active_users.last()
    groups = db.posts.values("rating").annotate(n=Count("id"))
    for wrong in (groups.first, groups.last):
        with pytest.raises(InvalidQuery, match=r"groups without an order.*add order_by\(\)"):
            wrong()
    assert db.posts.values("id").annotate(n=Count("comments")).last() == {"id": 5, "n": 0}
    assert db.posts.values("pk").annotate(n=Count("comments")).first() == {"pk": 1, "n": 4}


def test_earliest_and_latest(db: Database) -> None:
    assert db.users.latest("age").name == "Dan"
    assert db.users.earliest("age").name == "Cleo"
    assert db.users.filter(age__isnull=False).earliest("age").name == "Bob"
    assert db.users.latest("-age").name == "Cleo"
    assert db.users.latest("is_active", "id").name == "Dan"
    assert db.users.order_by("name").latest("joined").name == "Cleo"
    with pytest.raises(DoesNotExist):
        db.users.filter(id=9).latest("age")
    with pytest.raises(UsageError, match="need a field"):
        db.users.latest()
    with pytest.raises(FieldNotFound, match="did you mean 'age'"):
        db.users.earliest("agee")


def test_count_and_exists_ask_the_database(db: Database, engine: str) -> None:
    with count_queries(db) as counted:
        assert db.users.filter(age__gt=18).count() == 2
        assert db.users.filter(age__gt=18).exists() is True
        assert db.users.filter(age__gt=99).exists() is False
    assert engine != "sqlite" or [" ".join(each.statement.split()) for each in counted.statements[:2]] == [
        'SELECT count(*) AS count_1 FROM "users" WHERE "users"."age" > ?',
        'SELECT 1 FROM "users" WHERE "users"."age" > ? LIMIT 1',
    ]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (lambda db: db.users.filter(posts_as_author__rating=5), 2),
        (lambda db: db.users.filter(posts_as_author__id__gt=0), 5),
        (lambda db: db.users.filter(posts_as_author__id__gt=0).distinct(), 3),
        (lambda db: db.posts.values("rating").distinct(), 4),
        (lambda db: db.posts.values("rating").annotate(n=Count("id")), 4),
        (lambda db: db.posts.values("rating").annotate(n=Count("id")).filter(n__gt=1), 1),
        (lambda db: db.users.annotate(n=Count("posts_as_author")).filter(n=2), 2),
        (lambda db: db.users.order_by("-age")[1:3], 2),
        (lambda db: db.users.select_related("profile").order_by("name"), 4),
        (lambda db: db.log, 3),
        (lambda db: db.active_users.filter(id__gt=1), 2),
    ],
)
def test_count_is_the_number_of_rows(db: Database, query: Callable[[Database], Any], expected: int) -> None:
    made = query(db).all()
    assert made.count() == expected
    assert made.exists()
    assert len(list(made)) == expected


def test_contains(db: Database) -> None:
    ann, cleo = db.users.get(id=1), db.users.get(id=3)
    active = db.users.filter(is_active=True)
    with count_queries(db) as counted:
        assert active.contains(ann)
        assert not active.contains(cleo)
    assert [each.statement.count("LIMIT 1") for each in counted.statements] == [1, 1]
    row = db.active_users.get(name="Ann")
    assert db.active_users.contains(row)
    assert not db.active_users.filter(name="Bob").contains(row)
    assert db.orders.contains(db.orders.get(pk=("us", 1)))
    with pytest.raises(UsageError, match="takes an object of users, not Post"):
        active.contains(db.posts.first())
    with pytest.raises(UsageError, match="needs objects"):
        db.users.values("id").contains(ann)


@pytest.mark.sqlite("a table without a key has a row id")
def test_in_bulk(db: Database) -> None:
    found = db.users.in_bulk([3, 1, 9, 1])
    assert {key: user.name for key, user in found.items()} == {1: "Ann", 3: "Cleo"}
    assert list(db.users.in_bulk()) == [1, 2, 3, 4]
    assert db.users.in_bulk([]) == {}
    assert list(db.users.filter(age__gt=18).in_bulk([1, 2])) == [1]
    assert list(db.users.in_bulk(["bob@example.com"], field_name="email")) == ["bob@example.com"]
    assert list(db.profiles.in_bulk(field_name="user_id")) == [1, 2]
    assert list(db.users.in_bulk([2], field_name="id")) == [2]
    assert list(db.orders.in_bulk([("us", 1)])) == [("us", 1)]
    assert list(db.log.in_bulk([2])) == [2]
    assert list(db.teams.in_bulk({"core"})) == ["core"]


@pytest.mark.parametrize("field", ["name", "posts_as_author", "profile__id"])
def test_in_bulk_needs_a_unique_field(db: Database, field: str) -> None:
    with pytest.raises(UsageError, match=f"'{field}' of users is none"):
        db.users.in_bulk([1], field_name=field)


def test_in_bulk_needs_objects_with_a_key(db: Database) -> None:
    with pytest.raises(UsageError, match="needs objects"):
        db.users.values("id").in_bulk([1])
    with pytest.raises(FieldNotFound):
        db.active_users.in_bulk([1])
    with pytest.raises(FieldNotFound, match="did you mean 'email'"):
        db.users.in_bulk([1], field_name="emial")


@pytest.mark.sqlite("its functions and operators")
def test_explain_shows_the_plan_of_the_database(db: Database) -> None:
    assert db.users.filter(id=1).explain() == "SEARCH users USING INTEGER PRIMARY KEY (rowid=?)"
    nested = db.posts.filter(author__in=db.users.filter(age=1)).explain().splitlines()
    assert nested[0].startswith("SCAN posts")
    assert nested[1] == "LIST SUBQUERY 1"
    assert nested[2].startswith("  ")


def test_sql_shows_and_does_not_run(db: Database) -> None:
    with count_queries(db) as counted:
        text = db.users.filter(id__in=[1, 2], name="x").order_by("id")[:3].sql()
    assert counted.number == 0
    assert text.parameters == ([1, 2], "x", 3)
    assert str(text) == f"{text.statement}\n-- parameters: ([1, 2], 'x', 3)"
    assert repr(text) == str(text)
    assert str(db.users.all().sql()) == db.users.all().sql().statement
    assert where(db.users.filter(id=1)) == '"users" WHERE "users"."id" = ?'


def test_rows_of_a_composite_key(db: Database) -> None:
    assert [order.pk for order in db.orders.filter(pk__in=[("eu", 2), ("us", 1), ("xx", 1)])] == [
        ("eu", 2),
        ("us", 1),
    ]
    assert ids(db.lines.filter(order=("eu", 1))) == [1, 2]
    assert ids(db.lines.filter(order__in=[("eu", 1), ("us", 1)]).order_by("id")) == [1, 2, 3]
    assert ids(db.lines.exclude(order=("eu", 1)).order_by("id")) == [3, 4, 5]
    assert ids(db.lines.filter(order__isnull=True)) == [4, 5]
    assert ids(db.lines.filter(order=db.orders.get(pk=("eu", 1)))) == [1, 2]
