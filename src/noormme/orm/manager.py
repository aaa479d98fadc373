"""Managers: where a query starts (``db.users``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from noormme.orm.queryset import QuerySet

if TYPE_CHECKING:
    from noormme.orm.mapper import Mapper

__all__ = ["Manager"]

T = TypeVar("T")


class Manager(QuerySet[T]):
    """All rows of a table: a query set that remembers no results, so it can be kept and used again."""

    __slots__ = ()

    def __init__(self, mapper: Mapper) -> None:
        super().__init__(mapper, mapper.nodes.root)

    @property
    def model(self) -> type[Any]:
        """The model class."""
        return self._mapper.model

    def _remember(self, rows: list[Any]) -> None:
        # A manager lives as long as the database; its next use asks again.
        return

    def __len__(self) -> int:
        # list(manager) asks for the length as well, and that would run the query a second time.
        raise TypeError(f"a {type(self).__name__} has no length of its own: write .count(), or len(….all())")

    def __bool__(self) -> bool:
        return self.exists()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._mapper.table.name!r}>"

    def _repr_html_(self) -> str:
        return self.all()._repr_html_()

    def __reduce__(self) -> tuple[Any, ...]:
        registry = self._mapper.registry
        return (registry.restore_manager, (registry.address, self._mapper.table.name))
