"""The methods of a repository that write, for coroutines: each with an ``a`` in front.

Invariant: a twin takes what the method takes, gives what it gives and raises what it raises; a task that is
cancelled in it finds all of it written, or nothing (``orm.aio.writing``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

from noormme.orm.aio.writing import MANY, write
from noormme.orm.repository.writing import Writing, several

if TYPE_CHECKING:
    from noormme.orm.writing.upsert import Upserted

__all__ = ["AsyncWriting"]

T = TypeVar("T")
R = TypeVar("R")


class AsyncWriting(Writing[T]):
    """The rows of a table, written in coroutines."""

    # -- one row ------------------------------------------------------------------------------------

    async def acreate(self, values: Mapping[str, object] | T | None = None, /, **fields: object) -> T:
        """As ``create()``, awaited."""
        return await self._write(self.create, (values,), fields)

    async def asave(self, item: T, /) -> T:
        """As ``save()``, awaited."""
        return await self._write(self.save, (item,))

    async def aupdate(
        self, target: object, values: Mapping[str, object] | None = None, /, **fields: object
    ) -> T:
        """As ``update()``, awaited."""
        return await self._write(self.update, (target, values), fields)

    async def adelete(self, target: object, /) -> bool:
        """As ``delete()``, awaited."""
        return await self._write(self.delete, (target,))

    # -- many rows ----------------------------------------------------------------------------------

    async def acreate_many(self, rows: Iterable[Mapping[str, object] | T]) -> list[T]:
        """As ``create_many()``, awaited."""
        # What can be gone through once only would be empty where this begins again.
        given = several(rows)
        return await self._write(self.create_many, (given,), rows=len(given))

    async def aupdate_many(self, objects: Iterable[T], fields: Sequence[str] | None = None) -> int:
        """As ``update_many()``, awaited."""
        given = several(objects)
        return await self._write(self.update_many, (given, fields), rows=len(given))

    async def adelete_many(self, targets: Iterable[object]) -> int:
        """As ``delete_many()``, awaited."""
        given = several(targets)
        return await self._write(self.delete_many, (given,), rows=len(given))

    async def aupsert(
        self,
        rows: Mapping[str, object] | T | Iterable[Mapping[str, object] | T],
        *,
        on: Sequence[str] | None = None,
        update: Sequence[str] | None = None,
    ) -> Upserted[T]:
        """As ``upsert()``, awaited."""
        given = several(rows)
        options = {"on": on, "update": update}
        return await self._write(self.upsert, (given,), options, rows=len(given))

    # -- how ----------------------------------------------------------------------------------------

    async def _write(
        self,
        method: Callable[..., R],
        arguments: Sequence[object],
        options: Mapping[str, object] | None = None,
        *,
        rows: int = 1,
    ) -> R:
        long = rows > MANY or self._mapper.runs_own_code
        return await write(self._engine, method, arguments, options or {}, long=long)
