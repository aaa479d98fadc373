"""``only`` and ``defer``: fields that are left out load at first touch, for all peers at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from noormme import Database, DoesNotExist, FieldNotFound, InvalidQuery, UsageError, connect
from tests.orm.support import count_queries, ids, sql
from tests.orm.world import change


def loaded(query: Any) -> list[str]:
    """The fields that are there without another query."""
    return list(query[0].to_dict())


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (lambda users: users.only("name"), ["id", "name"]),
        (lambda users: users.only("name", "age"), ["id", "name", "age"]),
        (lambda users: users.only("pk"), ["id"]),
        (lambda users: users.only("name").only("age"), ["id", "age"]),
        (lambda users: users.defer("name", "age", "joined"), ["id", "email", "is_active"]),
        (lambda users: users.defer("name").defer("age", "joined"), ["id", "email", "is_active"]),
        (lambda users: users.defer("id", "name", "age", "joined"), ["id", "email", "is_active"]),
        (
            lambda users: users.defer("name").defer(None),
            ["id", "email", "name", "age", "is_active", "joined"],
        ),
        (lambda users: users.only("name", "age").defer("age"), ["id", "name"]),
        (lambda users: users.only("name").defer("age"), ["id", "name"]),
        (
            lambda users: users.only("name").defer("name"),
            ["id", "email", "name", "age", "is_active", "joined"],
        ),
        (
            lambda users: users.only("name").defer("name", "age", "joined"),
            ["id", "email", "name", "is_active"],
        ),
        (lambda users: users.defer("name").only("name", "age"), ["id", "age"]),
        (lambda users: users.only(), ["id", "email", "name", "age", "is_active", "joined"]),
        (lambda users: users.defer(), ["id", "email", "name", "age", "is_active", "joined"]),
    ],
)
def test_which_fields_are_loaded(db: Database, step: Callable[[Any], Any], expected: list[str]) -> None:
    assert loaded(step(db.users).order_by("id")) == expected


def test_a_relation_means_the_columns_that_hold_it(db: Database) -> None:
    assert loaded(db.posts.only("author").order_by("id")) == ["id", "author_id"]
    assert loaded(db.posts.defer("author", "editor").order_by("id")) == ["id", "title", "rating"]
    assert loaded(db.lines.only("order").order_by("id")) == ["id", "region", "number"]
    assert loaded(db.posts.defer("comments").order_by("id")) == [
        "id",
        "title",
        "rating",
        "author_id",
        "editor_id",
    ]


def test_touching_a_field_loads_it_for_all(db: Database, engine: str) -> None:
    query = db.users.only("name").order_by("id")
    assert sql(query) == 'SELECT "users"."id", "users"."name" FROM "users" ORDER BY "users"."id" ASC'
    with count_queries(db) as counted:
        users = list(query)
        assert [user.age for user in users] == [31, 17, None, 45]
        assert [user.is_active for user in users] == [True, True, False, True]
        assert [user.age for user in users] == [31, 17, None, 45]
    assert counted.number == 3
    assert engine != "sqlite" or " ".join(counted.statements[1].statement.split()) == (
        'SELECT "users"."id", "users"."age" FROM "users" '
        'WHERE "users"."id" IN (SELECT value FROM carray(?) AS anon_1)'
    )


def test_an_object_that_is_complete_is_a_plain_one(db: Database) -> None:
    user = db.users.defer("name").get(id=1)
    assert type(user) is not db.model("users")
    assert isinstance(user, db.model("users"))
    assert user.name == "Ann"
    assert type(user) is db.model("users")
    assert msgspec.json.decode(msgspec.json.encode(user))["name"] == "Ann"


def test_a_field_that_was_set_is_not_loaded(db: Database) -> None:
    user = db.users.only("name").get(id=1)
    with count_queries(db) as counted:
        user.age = 5
        assert user.age == 5
    assert counted.number == 0
    assert user.email == "ann@example.com"
    assert user.age == 5


def test_relations_of_objects_that_lack_their_key(db: Database) -> None:
    with count_queries(db) as counted:
        posts = list(db.posts.only("title").order_by("id"))
        assert [post.author.name for post in posts] == ["Ann", "Ann", "Bob", "Bob", "Cleo"]
        assert [len(post.comments.all()) for post in posts] == [4, 0, 1, 1, 0]
    assert counted.number == 4


def test_fields_of_joined_rows(db: Database) -> None:
    query = db.posts.select_related("author").only("title", "author__name").order_by("id")
    assert sql(query).startswith(
        'SELECT "posts"."id", "posts"."title", "users"."id", "users"."name" FROM "posts" LEFT OUTER JOIN'
    )
    with count_queries(db) as counted:
        assert [(post.title, post.author.name) for post in query[:2]] == [("One", "Ann"), ("Two", "Ann")]
    assert counted.number == 1
    deferred = db.posts.select_related("author").defer("author__email", "author__age", "rating").get(id=1)
    assert list(deferred.author.to_dict()) == ["id", "name", "is_active", "joined"]
    assert deferred.author.email == "ann@example.com"
    assert deferred.rating == 5


@pytest.mark.sqlite("a table without a key has a row id")
def test_composite_keys_and_row_ids(db: Database) -> None:
    with count_queries(db) as counted:
        assert [order.total for order in db.orders.only("region")] == [10.5, 20.0, 5.0]
        assert [entry.message for entry in db.log.defer("message").order_by("rowid")] == ["up", "down", None]
    assert counted.number == 4


def test_first_and_get(db: Database) -> None:
    assert db.users.only("name").first().age == 31
    assert db.users.only("name").get(id=2).age == 17
    assert ids(db.users.only("name").in_bulk([1]).values()) == [1]


def test_a_row_that_is_gone(own: Any) -> None:
    with connect(own) as db:
        tags = list(db.tags.only("id").order_by("id"))
        change(own, "PRAGMA foreign_keys = 0; DELETE FROM tags WHERE id = 2")
        assert tags[0].name == "sql"
        with pytest.raises(DoesNotExist, match="the tags row whose field 'name' was to be loaded is gone"):
            _ = tags[1].name
        assert tags[2].name == "rust"
        assert db.tags.only("id").get(id=1) == tags[0]


def test_values_in_odd_forms(opened: Callable[..., Database]) -> None:
    db = opened(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, day DATE, word TEXT);"
        "INSERT INTO t VALUES (1, '2024-01-02', 'a'), (2, '2024-1-2', 'b')"
    )
    assert len({row.day for row in db.t.only("word")}) == 1


@pytest.mark.parametrize("method", ["only", "defer"])
def test_mistakes(db: Database, method: str) -> None:
    with pytest.raises(FieldNotFound, match="no field 'nam' on users; did you mean 'name'"):
        getattr(db.users, method)("nam")
    with pytest.raises(UsageError, match="given by its name, not as int"):
        getattr(db.users, method)(1)
    with pytest.raises(InvalidQuery, match="active_users has no key"):
        getattr(db.active_users, method)("name")
