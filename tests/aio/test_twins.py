"""Everything that asks the database has a twin, which is called in the same way."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from noormme import Database, Manager, Model, QuerySet, RawQuerySet, Repository, TableQuery
from noormme.orm.related import RelatedManager

QUIET = {
    "as_",
    "as_part",
    "as_subquery",
    "extra",
    "output_names",
    "recipe",
    "restore",
    "sql",
    "to_sql",
    "transaction",
    "where",
}
"""Methods that give no query set and ask nothing of the database (but what their compilation needs)."""

IN_A_DATABASE = {
    "aclose": "close",
    "aexecute": "execute",
    "aexecute_many": "execute_many",
    "ahistory": "history",
    "arefresh": "refresh",
    "arun_in_transaction": "run_in_transaction",
}
IN_A_MODEL = {"adelete": "delete", "arefresh": "refresh", "asave": "save", "aupdate": "update"}


def methods(owner: type) -> Iterator[tuple[str, Callable[..., Any]]]:
    for name, method in inspect.getmembers(owner, inspect.isfunction):
        if not name.startswith("_"):
            yield name, method


def gives(method: Callable[..., Any]) -> str:
    return str(method.__annotations__["return"])


def asks(name: str, method: Callable[..., Any]) -> bool:
    another = "QuerySet[" in gives(method) or gives(method) in ("Self", "TableQuery")
    return not another and name not in QUIET and not is_twin(method)


def is_twin(method: Callable[..., Any]) -> bool:
    return inspect.iscoroutinefunction(method) or gives(method).startswith(
        ("AsyncGenerator", "AsyncIterator")
    )


def asking() -> list[Any]:
    return [
        pytest.param(owner, name, id=f"{owner.__name__}.{name}")
        for owner in (QuerySet, Manager, RelatedManager, RawQuerySet, TableQuery, Repository)
        for name, method in methods(owner)
        if asks(name, method)
    ]


@pytest.mark.parametrize(("owner", "name"), asking())
def test_what_asks_has_a_twin(owner: type, name: str) -> None:
    method, twin = getattr(owner, name), getattr(owner, f"a{name}")
    assert is_twin(twin)
    assert parameters(method) == parameters(twin)
    if gives(method).startswith("Iterator["):
        rows = gives(method).removeprefix("Iterator[").removesuffix("]")
        assert gives(twin) in (f"AsyncGenerator[{rows}, None]", f"AsyncIterator[{rows}]")
    else:
        assert gives(twin) == gives(method)
    assert twin.__doc__ == f"As ``{name}()``, " + (
        "for ``async for``." if name in ("iterator", "stream") else "awaited."
    )


@pytest.mark.parametrize("owner", [QuerySet, Manager, RawQuerySet, TableQuery, Database, Repository, Model])
def test_a_twin_has_what_it_is_a_twin_of(owner: type) -> None:
    for name, method in methods(owner):
        if is_twin(method) and name != "aload":
            assert callable(getattr(owner, name.removeprefix("a"), None)), name


@pytest.mark.parametrize(("twin", "name"), IN_A_DATABASE.items())
def test_twins_of_a_database(twin: str, name: str) -> None:
    awaited, plain = (parameters(getattr(Database, each)) for each in (twin, name))
    if twin == "arun_in_transaction":
        # What it calls is a coroutine function.
        awaited, plain = awaited[2:], plain[2:]
    assert awaited == plain


@pytest.mark.parametrize(("twin", "name"), IN_A_MODEL.items())
def test_twins_of_an_object(twin: str, name: str) -> None:
    assert parameters(getattr(Model, twin)) == parameters(getattr(Model, name))
    assert gives(getattr(Model, twin)) == gives(getattr(Model, name))


def parameters(method: Callable[..., Any]) -> list[inspect.Parameter]:
    return list(inspect.signature(method).parameters.values())


def test_the_walk_finds_what_it_should() -> None:
    names = {case.values[1] for case in asking() if case.values[0] is QuerySet}
    assert names >= {
        "aggregate", "contains", "count", "earliest", "exists", "explain", "first", "get", "in_bulk",
        "iterator", "last", "latest", "paginate",
    }  # fmt: skip
    assert not names & {"filter", "all", "values", "union", "aget"}
