"""What repositories read: by key, by conditions, in pages, as a stream."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest

from noormme import (
    CursorPage,
    Database,
    F,
    FieldNotFound,
    InvalidValue,
    NotSupported,
    Page,
    Q,
    Repository,
    TableNotFound,
    UsageError,
)
from noormme.orm.manager import Manager
from tests.orm.support import count_queries, ids
from tests.repositories.ask import Ask


def test_one_for_each_table(db: Database) -> None:
    users = db.repository("users")
    assert type(users) is Repository
    assert db.repository("users") is users
    assert db.repository("posts") is not users
    assert users.table == "users"
    assert repr(users) == "<Repository of 'users'>"
    with pytest.raises(TableNotFound, match="did you mean 'users'"):
        db.repository("usres")


def test_names_of_tables(northwind: Database) -> None:
    assert northwind.repository("order_details") is northwind.repository("Order Details")
    assert northwind.repository("order_details").table == "Order Details"


def test_made_by_hand(db: Database) -> None:
    assert Repository(db, "users").find_by_id(1) == db.users.get(id=1)
    with pytest.raises(UsageError, match="Repository does not say which table it is for"):
        Repository(db)


@pytest.mark.sqlite("a table without a key has a row id")
def test_by_key(db: Database, asked: Ask) -> None:
    users = asked(db.repository("users"))
    assert users.find_by_id(2) == db.users.get(id=2)
    assert users.find_by_id(99) is None
    assert users.find_by_id(None) is None
    assert asked(db.repository("orders")).find_by_id(("eu", 2)).total == 20
    assert asked(db.repository("orders")).find_by_id(("eu", 9)) is None
    assert asked(db.repository("teams")).find_by_id("core").title == "Core"
    assert asked(db.repository("log")).find_by_id(2).message == "down"
    with pytest.raises(InvalidValue):
        users.find_by_id(object())
    with pytest.raises(FieldNotFound, match="active_users"):
        asked(db.repository("active_users")).find_by_id(1)


def test_by_keys(db: Database, asked: Ask) -> None:
    users = asked(db.repository("users"))
    with count_queries(db) as counted:
        assert ids(users.find_by_ids([3, 1, 99, 3])) == [3, 1]
    assert counted.number == 1
    assert ids(users.find_by_ids(iter([4, 2]))) == [4, 2]
    assert users.find_by_ids([]) == []
    for no_list in ("12", None, 1):
        with pytest.raises(UsageError, match="takes a list of keys"):
            users.find_by_ids(no_list)
    assert ids(users.find_by_ids(["2", 1])) == [1, 2], "a key in another form comes last"
    keys = [("us", 1), ("eu", 1)]
    assert ids(asked(db.repository("orders")).find_by_ids(keys)) == keys


def test_all(db: Database, asked: Ask) -> None:
    users = asked(db.repository("users"))
    assert users.find_all() == list(db.users)
    assert ids(users.find_all(age__gte=18)) == [1, 4]
    assert ids(users.find_all(Q(age__lt=18) | Q(age=None))) == [2, 3]
    assert [row.name for row in asked(db.repository("active_users")).find_all()] == ["Ann", "Bob", "Dan"]


def test_first(db: Database, asked: Ask) -> None:
    users = asked(db.repository("users"))
    assert users.first().pk == 1
    assert users.first(name="Dan").pk == 4
    assert users.first(F("age") + 0 > 40).pk == 4
    assert users.first(name="Nobody") is None


def test_exists(db: Database, asked: Ask) -> None:
    users = asked(db.repository("users"))
    assert users.exists(1)
    assert not users.exists(99)
    assert not users.exists(None)
    assert users.exists()
    assert users.exists(name="Ann", age=31)
    assert not users.exists(name="Ann", age=32)
    assert users.exists(1, name="Ann")
    assert not users.exists(1, name="Bob")
    assert users.exists(Q(name="Ann") | Q(name="Nobody"))
    assert not users.exists(Q(name="Ann"), name="Bob")
    assert asked(db.repository("orders")).exists(("eu", 1))


def test_count(db: Database, asked: Ask) -> None:
    users = asked(db.repository("users"))
    assert users.count() == 4
    assert users.count(is_active=True) == 3
    assert users.count(Q(age__lt=18) | Q(name="Ann"), is_active=True) == 2


def test_where_and_query(db: Database) -> None:
    users = db.repository("users")
    assert isinstance(users.query, Manager)
    assert users.query.filter(age=31).get().name == "Ann"
    with count_queries(db) as counted:
        query = users.where(~Q(name="Ann"), is_active=True).order_by("-id")
    assert counted.number == 0
    assert ids(query) == [4, 2]


def test_stream(db: Database, asked: Ask) -> None:
    assert [user.pk for user in asked(db.repository("users")).stream(is_active=True)] == [1, 2, 4]
    assert len(list(asked(db.repository("users")).stream())) == 4


def test_pages_by_number(db: Database, asked: Ask) -> None:
    users = asked(db.repository("users"))
    page = users.paginate(page=2, per_page=2, where={"is_active": True}, order_by="-id")
    assert isinstance(page, Page)
    assert (ids(page), page.number, page.total, page.has_next) == ([1], 2, 3, False)
    assert ids(users.paginate()) == [1, 2, 3, 4]
    assert ids(users.paginate(2, 3)) == [4]
    assert ids(users.paginate(where=Q(age__gt=20), order_by=["-age"])) == [4, 1]
    assert ids(users.paginate(order_by=("is_active", "-id"))) == [3, 4, 2, 1]
    assert ids(users.paginate(order_by=F("age").desc(nulls_last=True))) == [4, 1, 2, 3]
    assert users.paginate(page=9).items == []
    with pytest.raises(UsageError):
        users.paginate(page=0)


def test_pages_by_cursor(db: Database, asked: Ask) -> None:
    users = asked(db.repository("users"))
    first = users.paginate(per_page=2, order_by="-id", after=None)
    assert isinstance(first, CursorPage)
    assert ids(first) == [4, 3]
    second = users.paginate(per_page=2, order_by="-id", after=first.next)
    assert ids(second) == [2, 1]
    assert ids(users.paginate(per_page=2, order_by="-id", before=second.previous)) == [4, 3]
    assert ids(users.paginate(per_page=1, before="", where={"is_active": False})) == [3]
    with pytest.raises(UsageError, match="exclude each other"):
        users.paginate(page=1, after=None)  # type: ignore[call-overload]


def test_it_cannot_be_pickled(db: Database) -> None:
    with pytest.raises(NotSupported, match="a repository cannot be pickled"):
        pickle.dumps(db.repository("users"))
    with pytest.raises(NotSupported):
        copy.copy(db.repository("users"))


def test_the_mapping_of_names_is_that_of_queries(db: Database, asked: Ask) -> None:
    users = asked(db.repository("users"))
    for method in (users.find_all, users.first, users.exists, users.count, users.where):
        with pytest.raises(FieldNotFound, match="did you mean 'email'"):
            method(emial="x")


class Users(Repository[Any]):
    table = "users"

    def active(self) -> list[Any]:
        return self.find_all(is_active=True)


def test_one_class_for_several_databases(db: Database, studio: Database) -> None:
    db.register(Users)
    studio.register(Users)
    assert len(db.repository(Users).active()) == 3
    assert len(studio.repository(Users).active()) > 3
