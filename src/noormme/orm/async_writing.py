"""The methods of a query set that write, for coroutines: each with an ``a`` in front.

Invariant: a twin takes what the method takes, gives what it gives and raises what it raises; a task that is
cancelled in it finds all of it written, or nothing (``orm.aio.writing``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Sized
from typing import TYPE_CHECKING, Any, TypeVar

from noormme.deferred import deferred
from noormme.orm.model import Model
from noormme.orm.writing.queries import WritingQueries

if TYPE_CHECKING:
    from noormme.orm.aio import writing as aio_writing
    from noormme.orm.writing.upsert import Upserted
else:
    aio_writing = deferred("noormme.orm.aio.writing")

__all__ = ["AsyncWrites"]

T = TypeVar("T")
R = TypeVar("R")


class AsyncWrites(WritingQueries[T]):
    """What can be written by way of a query set or a manager, awaited."""

    __slots__ = ()

    # -- one row ------------------------------------------------------------------------------------

    async def acreate(self, /, **values: object) -> T:
        """As ``create()``, awaited."""
        mapper = self._mapper
        return await aio_writing.write(
            mapper.registry.engine, self.create, (), values, long=mapper.runs_own_code
        )

    async def aget_or_create(
        self, defaults: Mapping[str, object] | None = None, **lookups: object
    ) -> tuple[T, bool]:
        """As ``get_or_create()``, awaited."""
        return await self._write(self.get_or_create, (defaults,), lookups)

    async def aupdate_or_create(
        self,
        defaults: Mapping[str, object] | None = None,
        create_defaults: Mapping[str, object] | None = None,
        **lookups: object,
    ) -> tuple[T, bool]:
        """As ``update_or_create()``, awaited."""
        return await self._write(self.update_or_create, (defaults, create_defaults), lookups)

    # -- many rows at once --------------------------------------------------------------------------

    async def abulk_create(
        self,
        objs: Iterable[Model | Mapping[str, object]],
        *,
        ignore_conflicts: bool = False,
        update_conflicts: bool = False,
        unique_fields: Sequence[str] | None = None,
        update_fields: Sequence[str] | None = None,
    ) -> list[T]:
        """As ``bulk_create()``, awaited."""
        options: dict[str, object] = {
            "ignore_conflicts": ignore_conflicts,
            "update_conflicts": update_conflicts,
            "unique_fields": unique_fields,
            "update_fields": update_fields,
        }
        return await self._write_all(self.bulk_create, objs, (), options)

    async def abulk_update(self, objs: Iterable[Any], fields: Sequence[str]) -> int:
        """As ``bulk_update()``, awaited."""
        return await self._write_all(self.bulk_update, objs, (fields,), {})

    async def aupsert(
        self,
        objs: Iterable[Model | Mapping[str, object]],
        *,
        on: Sequence[str] | None = None,
        update: Sequence[str] | None = None,
    ) -> Upserted[T]:
        """As ``upsert()``, awaited."""
        return await self._write_all(self.upsert, objs, (), {"on": on, "update": update})

    # -- all rows of the query ----------------------------------------------------------------------

    async def aupdate(self, /, *, all_rows: bool = False, **values: object) -> int:
        """As ``update()``, awaited."""
        return await self._write(self.update, (), {"all_rows": all_rows, **values}, open_end=True)

    async def adelete(self, *, all_rows: bool = False) -> int:
        """As ``delete()``, awaited."""
        return await self._write(self.delete, (), {"all_rows": all_rows}, open_end=True)

    # -- how ----------------------------------------------------------------------------------------

    async def _write(
        self,
        method: Callable[..., R],
        arguments: Sequence[object],
        options: Mapping[str, object],
        *,
        open_end: bool = False,
    ) -> R:
        mapper = self._mapper
        engine, long = mapper.registry.engine, mapper.runs_own_code
        return await aio_writing.write(engine, method, arguments, options, long=long, open_end=open_end)

    async def _write_all(
        self,
        method: Callable[..., R],
        objs: Iterable[Any],
        arguments: Sequence[object],
        options: Mapping[str, object],
    ) -> R:
        # What can be gone through once only would be empty where this begins again.
        items = list(objs) if isinstance(objs, Iterator) else objs
        mapper = self._mapper
        long = mapper.runs_own_code or (isinstance(items, Sized) and len(items) > aio_writing.MANY)
        return await aio_writing.write(
            mapper.registry.engine, method, (items, *arguments), options, long=long
        )
