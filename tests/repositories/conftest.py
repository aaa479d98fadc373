"""The small world of the orm's tests, a copy that tests may write to, and the two ways of asking a repository."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from noormme import Repository
from tests.aio.conftest import mode
from tests.aio.modes import Async, Mode
from tests.orm.conftest import db, opened, own, world, writable

__all__ = ["asked", "db", "mode", "opened", "own", "world", "writable"]


class _Awaited:
    """A repository whose methods are called by their twins, on an event loop."""

    def __init__(self, repository: Repository[Any], mode: Async) -> None:
        self._repository = repository
        self._mode = mode

    def __getattr__(self, name: str) -> Any:
        if name == "stream":
            return self._stream
        twin = getattr(self._repository, f"a{name}", None)
        if twin is None:
            return getattr(self._repository, name)
        return lambda *arguments, **options: self._mode.run(twin(*arguments, **options))

    def _stream(self, *conditions: Any, **lookups: Any) -> list[Any]:
        async def rows() -> list[Any]:
            return [row async for row in self._repository.astream(*conditions, **lookups)]

        return self._mode.run(rows())


@pytest.fixture
def asked(mode: Mode) -> Callable[[Repository[Any]], Any]:
    """A function that gives a repository to be asked with its methods, or with their twins."""
    return lambda repository: _Awaited(repository, mode) if isinstance(mode, Async) else repository
