"""Writing by way of a relation, for coroutines: each method with an ``a`` in front.

Invariant: as for query sets, a twin is called like its method; what is tied or untied is one transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from noormme.orm.writing.related import RelatedWrites

__all__ = ["AsyncRelatedWrites"]


class AsyncRelatedWrites(RelatedWrites):
    """What can be written through the manager of a to-many relation, awaited."""

    __slots__ = ()

    async def acreate(  # type: ignore[override]  # Django's name for the payload of the junction
        self, /, *, through_defaults: Mapping[str, object] | None = None, **values: object
    ) -> Any:
        """As ``create()``, awaited."""
        return await self._write(self.create, (), {"through_defaults": through_defaults, **values})

    async def aadd(self, *rows: object, through_defaults: Mapping[str, object] | None = None) -> None:
        """As ``add()``, awaited."""
        await self._write_all(self._add, rows, (through_defaults,), {})

    def _add(self, rows: Iterable[object], through_defaults: Mapping[str, object] | None) -> None:
        self.add(*rows, through_defaults=through_defaults)

    async def aremove(self, *rows: object) -> None:
        """As ``remove()``, awaited."""
        await self._write_all(self._remove, rows, (), {})

    def _remove(self, rows: Iterable[object]) -> None:
        self.remove(*rows)

    async def aclear(self) -> None:
        """As ``clear()``, awaited."""
        await self._write(self.clear, (), {}, open_end=True)

    async def aset(
        self,
        rows: Iterable[object],
        *,
        clear: bool = False,
        through_defaults: Mapping[str, object] | None = None,
    ) -> None:
        """As ``set()``, awaited."""
        options: dict[str, object] = {"clear": clear, "through_defaults": through_defaults}
        await self._write_all(self.set, rows, (), options)
