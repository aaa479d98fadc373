"""Repositories of one's own, and hooks: where they are registered, and in which order they run."""

from __future__ import annotations

from typing import Any

import pytest

from noormme import Database, QuerySet, Repository, TableNotFound, UsageError
from noormme.orm.customs import Customs
from noormme.orm.hooks import EVENTS, NO_HOOKS, Hooks
from tests import switching


class Users(Repository[Any]):
    table = "users"

    def active(self) -> QuerySet[Any]:
        return self.query.filter(is_active=True)


def test_a_class_of_ones_own(db: Database) -> None:
    plain = db.repository("users")
    assert db.register(Users) is Users
    users = db.repository("users")
    assert type(users) is Users
    assert users is not plain
    assert users is db.repository("users")
    assert users is db.repository(Users)
    assert users.active().count() == 3
    assert users.find_by_name("Ann").pk == 1
    assert repr(users) == "<Users of 'users'>"
    assert type(db.repository("posts")) is Repository


def test_it_stays_after_a_refresh(db: Database) -> None:
    db.register(Users)
    before = db.repository(Users)
    db.refresh()
    assert db.repository(Users) is not before
    assert db.repository("users").active().count() == 3
    assert before.active().count() == 3


def test_the_table_can_be_said_when_it_is_registered(db: Database) -> None:
    class Rows(Repository[Any]):
        pass

    with pytest.raises(UsageError, match="Rows does not say which table it is for"):
        db.register(Rows)
    db.register(Rows, table="posts")
    assert db.repository(Rows).table == "posts"
    with pytest.raises(UsageError, match=r"Users is not registered; call db.register\(Users\) first"):
        db.repository(Users)


def test_a_class_that_is_registered_while_a_plain_one_is_made(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    making = switching.Awaited()
    monkeypatch.setattr(db._registry, "making", making)
    class_of = Customs.repository_class

    def meanwhile(customs: Customs, table: str) -> Any:
        found = class_of(customs, table)
        making.beside(lambda: db.register(Users))
        return found

    monkeypatch.setattr(Customs, "repository_class", meanwhile)
    db.repository("users")
    making.join()
    assert type(db.repository("users")) is Users


def test_twice(db: Database) -> None:
    db.register(Users)
    with pytest.raises(UsageError, match="Users is registered for 'users' already"):
        db.register(Users)

    class Others(Users):
        pass

    with pytest.raises(UsageError, match="'users' has Users registered already"):
        db.register(Others)
    db.register(Others, replace=True)
    assert type(db.repository("users")) is Others


def test_hooks_of_nobody(db: Database) -> None:
    db.register(Users)
    for hooks in (NO_HOOKS, db.model("users").__noormme_mapper__.hooks):
        assert [getattr(hooks, event) for event in EVENTS] == [()] * 6
        assert (hooks.creating, hooks.updating, hooks.deleting) == (False, False, False)


def test_where_hooks_come_from_and_their_order(db: Database) -> None:
    seen: list[str] = []
    db.register(Users)

    @db.on("before_create", "users")
    def first(user: Any) -> None:
        seen.append(f"first {user.name}")

    class User(db.model("users")):  # type: ignore[misc]
        def before_create(self) -> None:
            seen.append(f"model {self.name}")

    class More(Users):
        def before_create(self, user: Any) -> None:
            seen.append(f"{self.table} {user.name}")

    @db.on("before_create", "users")
    def second(user: Any) -> None:
        seen.append(f"second {user.name}")

    db.register(User)
    db.register(More, replace=True)
    hooks = User.__noormme_mapper__.hooks
    assert (hooks.creating, hooks.updating, hooks.deleting) == (True, False, False)
    hooks.run("before_create", db.users.get(id=1))
    assert seen == ["model Ann", "users Ann", "first Ann", "second Ann"]
    assert first is not None
    assert second is not None
    seen.clear()
    db.refresh()
    db.model("users").__noormme_mapper__.hooks.run("before_create", db.users.get(id=2))
    assert seen == ["model Bob", "users Bob", "first Bob", "second Bob"]
    assert not db.model("posts").__noormme_mapper__.hooks.creating


@pytest.mark.parametrize("event", EVENTS)
def test_each_event(event: Any) -> None:
    seen: list[tuple[object, ...]] = []
    hooks = Hooks({event: [lambda *given: seen.append(given)]})
    assert len(getattr(hooks, event)) == 1
    assert sum(len(getattr(hooks, each)) for each in EVENTS) == 1
    about = {"create": hooks.creating, "update": hooks.updating, "delete": hooks.deleting}
    assert [name for name, some in about.items() if some] == [event.partition("_")[2]]
    item = object()
    for each in EVENTS:
        hooks.run(each, item, {"age": 1} if each.endswith("update") else None)
    assert seen == [(item, {"age": 1})] if event.endswith("update") else [(item,)]


def test_what_a_hook_raises_goes_on(db: Database) -> None:
    seen: list[object] = []

    @db.on("before_delete", "users")
    def refuse(user: Any) -> None:
        raise ValueError("not this one")

    db.on("before_delete", "users")(seen.append)
    with pytest.raises(ValueError, match="not this one"):
        db.model("users").__noormme_mapper__.hooks.run("before_delete", db.users.get(id=1))
    assert seen == []


def test_what_can_be_no_hook(db: Database) -> None:
    with pytest.raises(UsageError, match="no event 'before_save'; did you mean"):
        db.on("before_save", "users")(print)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="no event 'x'; there are: before_create, after_create"):
        db.on("x", "users")(print)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="an event is given by its name"):
        db.on(None, "users")(print)  # type: ignore[arg-type]
    with pytest.raises(TableNotFound, match="did you mean 'users'"):
        db.on("before_create", "usres")(print)
    with pytest.raises(UsageError, match="a hook is a function, not int"):
        db.on("before_create", "users")(3)  # type: ignore[type-var]

    async def later(user: Any) -> None:
        raise AssertionError

    with pytest.raises(UsageError, match="a hook is a coroutine function; .*|a hook is a coroutine function"):
        db.on("before_create", "users")(later)

    class Wrong(Repository[Any]):
        table = "users"

        async def after_create(self, user: Any) -> None:
            raise AssertionError

    with pytest.raises(UsageError, match="Wrong.after_create is a coroutine function"):
        db.register(Wrong)

    class WrongUser(db.model("users")):  # type: ignore[misc]
        before_update = 3

    with pytest.raises(UsageError, match="WrongUser.before_update is a function, not int"):
        db.register(WrongUser)
    assert type(db.repository("users")) is Repository
    assert not db.model("users").__noormme_mapper__.hooks.creating


def test_a_field_called_like_a_hook_is_none(opened: Any) -> None:
    db = opened("CREATE TABLE t (id INTEGER PRIMARY KEY, before_create TEXT); INSERT INTO t VALUES (1, 'x')")

    class Row(db.model("t")):  # type: ignore[misc]
        before_create: str

        def after_create(self) -> None:
            raise AssertionError

    db.register(Row)
    hooks = Row.__noormme_mapper__.hooks
    assert hooks.before_create == ()
    assert len(hooks.after_create) == 1
    assert db.t.first().before_create == "x"
