"""The methods of a repository that read, for coroutines: each with an ``a`` in front.

Invariant: a twin takes what the method takes, gives what it gives and raises what it raises; it holds the
event loop no longer than a short query takes (``orm.aio``).
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeVar, overload

from noormme.orm.aio.running import on_loop
from noormme.orm.paginate import UNSET, Unset
from noormme.orm.repository.finders import MANY, ONE, finder_names
from noormme.orm.repository.reading import Order, Where, several_keys
from noormme.orm.repository.relations import Relations, listed_paths
from noormme.query.expressions import Conditional, Expression

if TYPE_CHECKING:
    from noormme.engines.base import Engine
    from noormme.orm.paging import CursorPage, Page
    from noormme.orm.prefetch import Prefetch

__all__ = ["AsyncReading"]

T = TypeVar("T")
_A = "a"


class AsyncReading(Relations[T]):
    """The rows of a table, found in coroutines."""

    @property
    def _engine(self) -> Engine:
        return self._mapper.registry.engine

    # -- by key and by conditions -------------------------------------------------------------------

    async def afind_by_id(self, key: object) -> T | None:
        """As ``find_by_id()``, awaited."""
        return await on_loop(self._engine, self.find_by_id, (key,))

    async def afind_by_ids(self, keys: Iterable[object]) -> list[T]:
        """As ``find_by_ids()``, awaited."""
        return await on_loop(self._engine, self.find_by_ids, (several_keys(keys),))

    async def afind_all(self, /, *conditions: Conditional | Expression, **lookups: object) -> list[T]:
        """As ``find_all()``, awaited."""
        return await on_loop(self._engine, self.find_all, conditions, lookups)

    async def afirst(self, /, *conditions: Conditional | Expression, **lookups: object) -> T | None:
        """As ``first()``, awaited."""
        return await on_loop(self._engine, self.first, conditions, lookups)

    async def aexists(
        self, key: object = UNSET, /, *conditions: Conditional | Expression, **lookups: object
    ) -> bool:
        """As ``exists()``, awaited."""
        return await on_loop(self._engine, self.exists, (key, *conditions), lookups)

    async def acount(self, /, *conditions: Conditional | Expression, **lookups: object) -> int:
        """As ``count()``, awaited."""
        return await on_loop(self._engine, self.count, conditions, lookups)

    def astream(self, /, *conditions: Conditional | Expression, **lookups: object) -> AsyncGenerator[T, None]:
        """As ``stream()``, for ``async for``."""
        return self.where(*conditions, **lookups).aiterator()

    # -- pages --------------------------------------------------------------------------------------

    @overload
    async def apaginate(
        self, page: int = 1, per_page: int = 20, *, where: Where = None, order_by: Order = ()
    ) -> Page[T]: ...
    @overload
    async def apaginate(
        self, *, per_page: int = 20, after: str | None, where: Where = None, order_by: Order = ()
    ) -> CursorPage[T]: ...
    @overload
    async def apaginate(
        self, *, per_page: int = 20, before: str | None, where: Where = None, order_by: Order = ()
    ) -> CursorPage[T]: ...
    async def apaginate(
        self,
        page: int | None = None,
        per_page: int = 20,
        *,
        where: Where = None,
        order_by: Order = (),
        after: str | Unset | None = UNSET,
        before: str | Unset | None = UNSET,
    ) -> Page[T] | CursorPage[T]:
        """As ``paginate()``, awaited."""
        options = {"where": where, "order_by": order_by, "after": after, "before": before}
        return await on_loop(self._engine, self.paginate, (page, per_page), options)

    # -- relations ----------------------------------------------------------------------------------

    async def awith_count(self, key: object, relations: str | Iterable[str]) -> T | None:
        """As ``with_count()``, awaited."""
        return await on_loop(self._engine, self.with_count, (key, listed_paths(relations)))

    async def afind_with_relations(self, key: object, relations: str | Iterable[str | Prefetch]) -> T | None:
        """As ``find_with_relations()``, awaited."""
        return await on_loop(self._engine, self.find_with_relations, (key, listed_paths(relations)))

    async def aload_relationships(
        self, objects: Iterable[T], relations: str | Iterable[str | Prefetch]
    ) -> list[T]:
        """As ``load_relationships()``, awaited."""
        # What can be gone through once only would be empty where this begins again.
        items, paths = list(objects), listed_paths(relations)
        return await on_loop(self._engine, self.load_relationships, (items, paths))

    # -- finders ------------------------------------------------------------------------------------

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if not name.startswith((_A + ONE, _A + MANY)):
            return super().__getattr__(name)
        finder: Callable[..., Any] = getattr(self, name.removeprefix(_A))
        engine = self._engine

        async def awaited(*values: object, **named: object) -> Any:
            return await on_loop(engine, finder, values, named)

        awaited.__name__ = awaited.__qualname__ = name
        awaited.__doc__ = f"As ``{name.removeprefix(_A)}()``, awaited."
        self.__dict__[name] = awaited
        return awaited

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *(_A + name for name in finder_names(self._mapper))})
