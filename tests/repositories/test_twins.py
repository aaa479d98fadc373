"""Every method of a repository that asks the database has a twin, finders among them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from noormme import Database, FieldNotFound, Repository
from tests.aio.test_twins import gives, is_twin, methods, parameters

RUN_NOTHING = {"transaction", "where"}


def asking() -> list[str]:
    found = methods(Repository)
    return [name for name, method in found if not is_twin(method) and name not in RUN_NOTHING]


@pytest.mark.parametrize("name", asking())
def test_what_asks_has_a_twin(name: str) -> None:
    method: Callable[..., Any] = getattr(Repository, name)
    twin: Callable[..., Any] = getattr(Repository, f"a{name}")
    assert is_twin(twin)
    assert parameters(method) == parameters(twin)
    if gives(method).startswith("Iterator["):
        assert gives(twin) == gives(method).replace("Iterator[", "AsyncGenerator[").replace("]", ", None]")
    else:
        assert gives(twin) == gives(method)
    assert twin.__doc__ == f"As ``{name}()``, " + ("for ``async for``." if name == "stream" else "awaited.")


def test_a_twin_has_what_it_is_a_twin_of() -> None:
    twins = [name for name, method in methods(Repository) if is_twin(method)]
    assert sorted(twins) == sorted(f"a{name}" for name in asking())
    assert {"find_by_id", "paginate", "load_relationships", "create", "delete_many"} <= set(asking())


def test_finders(db: Database) -> None:
    users = db.repository("users")

    async def ask() -> None:
        assert (await users.afind_by_email("bob@example.com")).pk == 2
        assert await users.afind_by_email("nobody") is None
        assert [user.pk for user in await users.afind_many_by_is_active_and_age(True, age=31)] == [1]

    asyncio.run(ask())
    assert users.afind_by_email is users.afind_by_email
    assert users.afind_by_email.__name__ == "afind_by_email"
    assert users.afind_by_email.__doc__ == "As ``find_by_email()``, awaited."
    assert {"afind_by_email", "afind_many_by_is_active", "afind_by_id"} <= set(dir(users))
    with pytest.raises(FieldNotFound, match="no field 'emial' on users, so there is no find_by_emial"):
        _ = users.afind_by_emial
    with pytest.raises(AttributeError, match="has no attribute 'afnd_all'"):
        _ = users.afnd_all


def test_many_tasks(db: Database) -> None:
    users = db.repository("users")

    async def task(key: int) -> Any:
        found = await users.afind_by_id(key)
        (found,) = await users.aload_relationships([found], ["comments", "profile"])
        return found.pk, len(found.comments.all()), found.profile is not None

    async def ask() -> list[Any]:
        return await asyncio.gather(*(task(1 + number % 4) for number in range(100)))

    found = asyncio.run(ask())
    assert found[:4] == [(1, 2, True), (2, 2, True), (3, 1, False), (4, 0, False)]
    assert found == found[:4] * 25
