"""Managers: where a query starts (``db.users``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn, TypeVar, cast

from noormme.errors import UsageError
from noormme.orm.queryset import QuerySet

if TYPE_CHECKING:
    from noormme.orm.mapper import Mapper

__all__ = ["Manager", "declared_class"]

T = TypeVar("T")


class _NoTable:
    """What a manager has of everything before it belongs to a table."""

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("__"):
            # What looks for such names (pickle, doctest) takes no for an answer.
            raise AttributeError(name)
        raise UsageError(
            "this manager belongs to no table",
            hint="register the model that it was written for, or the class: db.register(…, table='users')",
        )


_NO_TABLE: Any = _NoTable()


class Manager(QuerySet[T]):
    """All rows of a table: a query set that remembers no results, so it can be kept and used again.

    A subclass with methods of its own is for the table that it is registered for: ``db.register``.

    Args:
        mapper: The table; None for a manager in the body of a model, which gets its table when the model is
            registered.
    """

    __slots__ = ()

    def __init__(self, mapper: Mapper | None = None) -> None:
        if mapper is None:
            super().__init__(_NO_TABLE, _NO_TABLE)
        else:
            super().__init__(mapper, mapper.nodes.root)

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        # What the steps of a manager give is no manager.
        del cls.queries

    @classmethod
    def from_queryset(cls, queries: type[QuerySet[Any]], name: str | None = None) -> type[Manager[Any]]:
        """A manager class that has the methods of a query set class as well, and whose steps give such.

        Args:
            queries: The class of query sets.
            name: What to call it.

        Raises:
            UsageError: ``queries`` is no class of query sets.

        Example:
            ``class UserManager(Manager.from_queryset(UserQuerySet)): …``
        """
        if not (isinstance(queries, type) and issubclass(queries, QuerySet)) or issubclass(queries, Manager):
            raise UsageError("from_queryset takes a subclass of QuerySet")
        made = type(name or f"{cls.__name__}From{queries.__name__}", (cls, queries), {"__doc__": cls.__doc__})
        manager = cast("type[Manager[Any]]", made)
        manager.queries = queries
        return manager

    @property
    def belongs(self) -> bool:
        """Whether it has a table yet."""
        return self._mapper is not _NO_TABLE

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
        of = repr(self._mapper.table.name) if self.belongs else "no table"
        return f"<{type(self).__name__} of {of}>"

    def _repr_html_(self) -> str:
        return self.all()._repr_html_()

    def __reduce__(self) -> tuple[Any, ...]:
        registry = self._mapper.registry
        return (registry.restore_manager, (registry.address, self._mapper.table.name))


def declared_class(value: object) -> type[Manager[Any]] | None:
    """The class of a manager in the body of a model: it stands there itself, or as a manager of no table."""
    if isinstance(value, Manager):
        manager: Manager[Any] = value  # pyright: ignore[reportUnknownVariableType]
        return None if manager.belongs else type(manager)
    if isinstance(value, type) and issubclass(value, Manager):
        declared: type[Manager[Any]] = value  # pyright: ignore[reportUnknownVariableType]
        return declared
    return None


Manager.queries = QuerySet
QuerySet.managers = Manager
