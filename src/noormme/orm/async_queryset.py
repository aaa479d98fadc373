"""The methods of a query set that ask the database, for coroutines: each with an ``a`` in front.

Invariant: a twin takes what the method takes, gives what it gives and raises what it raises; it holds the
event loop no longer than a short query takes (``orm.aio``).
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import AsyncGenerator, AsyncIterator, Generator, Iterable
from time import perf_counter
from typing import TYPE_CHECKING, Any, TypeVar, overload

from noormme.engines.base import Engine
from noormme.engines.budget import LOOP_S, NEVER, THREAD, OverBudget
from noormme.orm.aio.running import each, listed, off_loop, on_loop, soon
from noormme.orm.async_writing import AsyncWrites
from noormme.orm.paginate import UNSET, Unset
from noormme.orm.reading import chunk_rows
from noormme.query.expressions.base import Expression
from noormme.query.expressions.conditions import Conditional

if TYPE_CHECKING:
    from noormme.orm.paging import CursorPage, Page

__all__ = ["AsyncQueries"]

T = TypeVar("T")


class AsyncQueries(AsyncWrites[T]):
    """A query that can run, awaited."""

    __slots__ = ()

    @abstractmethod
    def get(self, /, *conditions: Conditional | Expression, **lookups: object) -> T:
        """The one row for which the conditions hold."""

    @abstractmethod
    def first(self) -> T | None:
        """The first row."""

    @abstractmethod
    def last(self) -> T | None:
        """The last row."""

    @abstractmethod
    def earliest(self, *fields: str) -> T:
        """The row that comes first by ``fields``."""

    @abstractmethod
    def latest(self, *fields: str) -> T:
        """The row that comes last by ``fields``."""

    @abstractmethod
    def in_bulk(self, keys: Iterable[object] | None = None, *, field_name: str = "pk") -> dict[Any, T]:
        """Objects by key."""

    @property
    def _engine(self) -> Engine:
        return self._mapper.registry.engine

    # -- the rows -----------------------------------------------------------------------------------

    def __await__(self) -> Generator[Any, None, list[T]]:
        """All rows, as ``list()`` gives them."""
        return listed(self._engine, self._fetch).__await__()

    def __aiter__(self) -> AsyncIterator[T]:
        """The rows one after the other: those that are here already, else as ``aiterator()`` gives them."""
        if self._rows is None and self._source is None:
            return self.aiterator()
        return soon(self._engine, self._fetch)

    def aiterator(self, chunk_size: int | None = None) -> AsyncGenerator[T, None]:
        """As ``iterator()``, for ``async for``."""
        size = chunk_rows(chunk_size, self._mapper.registry.settings.iterator_chunk_rows)
        return each(self._reading(), size)

    # -- one row ------------------------------------------------------------------------------------

    async def aget(self, /, *conditions: Conditional | Expression, **lookups: object) -> T:
        """As ``get()``, awaited."""
        engine = self._mapper.registry.engine
        budget = THREAD.budget
        now = perf_counter()
        if budget.watched is not engine.mark or now > budget.rests_at:
            return await on_loop(engine, self.get, conditions, lookups)
        # What ``on_loop`` does where nothing is in the way, without a coroutine of its own.
        budget.deadline = now + LOOP_S
        try:
            return self.get(*conditions, **lookups)
        except OverBudget:
            pass
        finally:
            budget.deadline = NEVER
        return await off_loop(engine, self.get, conditions, lookups)

    async def afirst(self) -> T | None:
        """As ``first()``, awaited."""
        return await on_loop(self._engine, self.first)

    async def alast(self) -> T | None:
        """As ``last()``, awaited."""
        return await on_loop(self._engine, self.last)

    async def aearliest(self, *fields: str) -> T:
        """As ``earliest()``, awaited."""
        return await on_loop(self._engine, self.earliest, fields)

    async def alatest(self, *fields: str) -> T:
        """As ``latest()``, awaited."""
        return await on_loop(self._engine, self.latest, fields)

    # -- many rows ----------------------------------------------------------------------------------

    async def ain_bulk(self, keys: Iterable[object] | None = None, *, field_name: str = "pk") -> dict[Any, T]:
        """As ``in_bulk()``, awaited."""
        # What can be gone through once only would be empty where this runs again.
        wanted = None if keys is None else list(keys)
        return await on_loop(self._engine, self.in_bulk, (wanted,), {"field_name": field_name})

    @overload
    async def apaginate(self, page: int = 1, per_page: int = 20) -> Page[T]: ...
    @overload
    async def apaginate(self, *, per_page: int = 20, after: str | None) -> CursorPage[T]: ...
    @overload
    async def apaginate(self, *, per_page: int = 20, before: str | None) -> CursorPage[T]: ...
    @overload
    async def apaginate(
        self, *, per_page: int = 20, after: str | None, before: str | None
    ) -> CursorPage[T]: ...
    async def apaginate(
        self,
        page: int | None = None,
        per_page: int = 20,
        *,
        after: str | Unset | None = UNSET,
        before: str | Unset | None = UNSET,
    ) -> Page[T] | CursorPage[T]:
        """As ``paginate()``, awaited."""
        cursors = {"after": after, "before": before}
        found: Page[T] | CursorPage[T] = await on_loop(self._engine, self.paginate, (page, per_page), cursors)
        return found

    # -- what is said of them -----------------------------------------------------------------------

    async def acount(self) -> int:
        """As ``count()``, awaited."""
        return await on_loop(self._engine, self.count)

    async def aexists(self) -> bool:
        """As ``exists()``, awaited."""
        return await on_loop(self._engine, self.exists)

    async def acontains(self, item: object) -> bool:
        """As ``contains()``, awaited."""
        return await on_loop(self._engine, self.contains, (item,))

    async def aaggregate(self, /, *unnamed: Expression, **named: Expression) -> dict[str, Any]:
        """As ``aggregate()``, awaited."""
        return await on_loop(self._engine, self.aggregate, unnamed, named)

    async def aexplain(self) -> str:
        """As ``explain()``, awaited."""
        return await on_loop(self._engine, self.explain)
