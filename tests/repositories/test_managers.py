"""Managers and query sets of one's own: their methods, and how they chain."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from noormme import Database, Manager, Model, QuerySet, Repository, TableNotFound, UsageError
from noormme.orm.related import RelatedManager
from tests.orm.support import ids


class UserQuerySet(QuerySet[Any]):
    """Query sets of users."""

    def by_age(self) -> QuerySet[Any]:
        return self.order_by("-age")

    def active(self) -> QuerySet[Any]:
        return self.filter(is_active=True)


class UserManager(Manager[Any]):
    """The manager of users."""

    table = "users"

    def adults(self) -> QuerySet[Any]:
        return self.filter(age__gte=18)


def test_methods_of_a_manager(db: Database) -> None:
    before = db.users
    assert db.register(UserManager) is UserManager
    assert ids(db.users.adults()) == [1, 4]
    assert type(db.users) is UserManager
    assert repr(db.users) == "<UserManager of 'users'>"
    assert db["users"].adults().count() == 2
    assert db.model("users").objects is db.users
    assert not hasattr(db.users.all(), "adults")
    assert not hasattr(db.posts, "adults")
    assert not hasattr(before, "adults")


def test_methods_of_query_sets_chain(db: Database) -> None:
    db.register(UserQuerySet, table="users")
    assert ids(db.users.active().filter(age__gt=1).by_age()) == [4, 1, 2]
    assert ids(db.users.by_age().exclude(age=None).active()[:2]) == [4, 1]
    assert type(db.users.all()) is UserQuerySet
    assert type(db.users.values("id")) is UserQuerySet
    assert type(db.users.filter(id=1) | db.users.filter(id=2)) is UserQuerySet
    assert type(db.users.none()) is UserQuerySet
    assert isinstance(db.users, UserQuerySet)
    assert isinstance(db.users, Manager)
    assert type(db.posts.all()) is QuerySet


def test_both_together_in_any_order(db: Database, studio: Database) -> None:
    db.register(UserManager)
    db.register(UserQuerySet, table="users")
    assert ids(db.users.adults().filter(is_active=True).by_age()) == [4, 1]
    assert repr(db.users) == "<UserManager of 'users'>"
    studio.register(UserQuerySet, table="users")
    studio.register(UserManager)
    assert isinstance(studio.users, UserManager)
    assert studio.users.active().exists()


def test_a_manager_made_from_a_query_set(db: Database) -> None:
    class Users(UserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
        def oldest(self) -> Any:
            return self.adults().by_age()[0]

    db.register(Users)
    assert db.users.oldest().pk == 4
    assert type(db.users.filter(id=1)) is UserQuerySet
    assert Manager.from_queryset(UserQuerySet).__name__ == "ManagerFromUserQuerySet"
    assert Manager.from_queryset(UserQuerySet, "Named").__name__ == "Named"
    for wrong in (Manager, UserManager, str, db.users):
        with pytest.raises(UsageError, match="from_queryset takes a subclass of QuerySet"):
            Manager.from_queryset(wrong)  # type: ignore[arg-type]


def test_as_manager(db: Database) -> None:
    class User(db.model("users")):  # type: ignore[misc]
        objects = UserQuerySet.as_manager()

    db.register(User)
    assert ids(User.objects.active().by_age()) == [4, 1, 2]
    assert ids(db.users.active().by_age()) == [4, 1, 2]


def test_managers_of_related_rows_have_them_too(db: Database) -> None:
    core = db.teams.get(slug="core")
    db.register(UserManager)
    db.register(UserQuerySet, table="users")
    for team in (core, db.teams.get(slug="core")):
        assert ids(team.users.adults()) == [1]
        assert ids(team.users.active().by_age()) == [1, 2]
        assert isinstance(team.users, RelatedManager)
        assert [user.pk for user in team.users] == [1, 2]
    prefetched = db.teams.prefetch_related("users").get(slug="core")
    assert len(prefetched.users.all()) == 2
    assert type(db.posts.get(id=1).tags) is RelatedManager


def test_they_stay_after_a_refresh(db: Database) -> None:
    db.register(UserManager)
    db.register(UserQuerySet, table="users")
    db.refresh()
    assert ids(db.users.adults().by_age()) == [4, 1]
    assert ids(db.teams.get(slug="core").users.adults().by_age()) == [1]


def test_with_a_model_of_ones_own(db: Database) -> None:
    db.register(UserManager)

    class User(db.model("users")):  # type: ignore[misc]
        def label(self) -> str:
            return f"<{self.name}>"

    db.register(User)
    db.register(UserQuerySet, table="users")
    assert [user.label() for user in db.users.adults().by_age()] == ["<Dan>", "<Ann>"]
    assert db.model("users") is User
    assert User.objects is db.users


def test_query_sets_go_to_other_databases_and_through_pickles(db: Database) -> None:
    db.register(UserQuerySet, table="users")
    query = pickle.loads(pickle.dumps(db.users.active()))
    assert type(query) is UserQuerySet
    assert ids(query) == [1, 2, 4]
    assert type(pickle.loads(pickle.dumps(db.users))).__name__ == "Manager"
    assert ids(pickle.loads(pickle.dumps(db.users)).active()) == [1, 2, 4]


def test_the_name_in_the_body_does_not_hide_the_table(db: Database, northwind: Database) -> None:
    class Details(Manager[Any]):
        table = "order_details"

    northwind.register(Details)
    assert northwind.order_details.table == "Order Details"
    assert northwind.order_details.filter(quantity__gt=100).table == "Order Details"
    assert UserManager.registered_table == "users"


def test_what_cannot_be_registered(db: Database) -> None:
    with pytest.raises(
        UsageError, match="UserQuerySet does not say which table it is for; write table = 'users'"
    ):
        db.register(UserQuerySet)
    with pytest.raises(TableNotFound, match="did you mean 'users'"):
        db.register(UserQuerySet, table="usres")
    for wrong in (
        Manager,
        QuerySet,
        Repository,
        Model,
        RelatedManager,
        str,
        type(db.teams.get(slug="core").users),
    ):
        with pytest.raises(UsageError, match="is no class that a table can use; register a subclass"):
            db.register(wrong, table="users")  # type: ignore[type-var]
    with pytest.raises(UsageError, match="register takes a class, not UserManager"):
        db.register(UserManager(), table="users")  # type: ignore[type-var]
    assert type(db.users) is Manager


def test_what_nobody_would_call(db: Database) -> None:
    class Active(Manager[Any]):
        def get_queryset(self) -> Any:
            raise AssertionError

    class User(db.model("users")):  # type: ignore[misc]
        objects = Active()

    with pytest.raises(UsageError, match="Active has a get_queryset, which nobody would call"):
        db.register(Active, table="users")
    with pytest.raises(UsageError, match="Active has a get_queryset"):
        db.register(User)
    assert type(db.users) is Manager
    assert db.model("users") is not User


def test_twice(db: Database) -> None:
    db.register(UserManager)
    with pytest.raises(UsageError, match="UserManager is registered for 'users' already"):
        db.register(UserManager)

    class Other(Manager[Any]):
        table = "users"

    with pytest.raises(UsageError, match="'users' has UserManager registered already"):
        db.register(Other)
    db.register(Other, replace=True)
    assert type(db.users) is Other


def test_a_decorator(db: Database) -> None:
    @db.register
    class First(Manager[Any]):
        table = "users"

    @db.register(table="posts")
    class Second(Manager[Any]):
        pass

    assert type(db.users) is First
    assert type(db.posts) is Second
