"""The world of ``tests.orm``, and the two ways in which a test asks it."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Iterator

import pytest

from tests.aio.modes import Async, Mode, Sync
from tests.orm.conftest import db, opened, own, world, writable

__all__ = ["db", "mode", "opened", "own", "world", "writable"]


@pytest.fixture(params=["sync", "async"])
def mode(request: pytest.FixtureRequest) -> Iterator[Mode]:
    """How the test asks: with the methods themselves, or with their twins on an event loop."""
    if request.param == "sync":
        yield Sync()
        return
    with Async() as made:
        yield made


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run a test that is a coroutine function on an event loop of its own."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    names = inspect.signature(pyfuncitem.obj).parameters
    asyncio.run(pyfuncitem.obj(**{name: pyfuncitem.funcargs[name] for name in names}))
    return True
