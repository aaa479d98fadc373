"""One test for both ways of asking: with a method, or with its twin that is awaited.

Invariant: a test that asks through a mode says the same for both; which one it is, it does not know.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Protocol

__all__ = ["Async", "Mode", "Sync", "twin"]


def twin(method: Callable[..., Any]) -> Any:
    """The awaited form of a bound method."""
    return getattr(method.__self__, f"a{method.__name__}")


class Mode(Protocol):
    """A way of asking."""

    def call(self, method: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        """What a method gives."""
        ...

    def rows(self, query: Any) -> list[Any]:
        """All rows of a query."""
        ...

    def loop(self, query: Any) -> list[Any]:
        """The rows that a loop over a query sees."""
        ...

    def iterate(self, method: Callable[..., Any], *arguments: Any) -> list[Any]:
        """The rows that a loop over what a method gives sees."""
        ...

    def load(self, item: Any, name: str) -> Any:
        """What an attribute of an object holds, which may have to be loaded."""
        ...


class Sync:
    """With the methods themselves."""

    def call(self, method: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        return method(*arguments, **options)

    def rows(self, query: Any) -> list[Any]:
        return list(query)

    def loop(self, query: Any) -> list[Any]:
        return [row for row in query]  # noqa: C416 - the loop is what is tested

    def iterate(self, method: Callable[..., Iterable[Any]], *arguments: Any) -> list[Any]:
        return list(method(*arguments))

    def load(self, item: Any, name: str) -> Any:
        return getattr(item, name)


class Async:
    """With the twins, on an event loop that goes on from call to call."""

    def __enter__(self) -> Async:
        self._runner = asyncio.Runner()
        return self

    def __exit__(self, *exception: Any) -> None:
        self._runner.close()

    def run(self, awaitable: Awaitable[Any]) -> Any:
        async def awaited() -> Any:
            return await awaitable

        return self._runner.run(awaited())

    def call(self, method: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        return self.run(twin(method)(*arguments, **options))

    def rows(self, query: Any) -> list[Any]:
        return self.run(query)

    def loop(self, query: Any) -> list[Any]:
        async def rows() -> list[Any]:
            return [row async for row in query]

        return self.run(rows())

    def iterate(self, method: Callable[..., Any], *arguments: Any) -> list[Any]:
        async def rows() -> list[Any]:
            return [row async for row in twin(method)(*arguments)]

        return self.run(rows())

    def load(self, item: Any, name: str) -> Any:
        self.run(item.aload(name))
        return getattr(item, name)
