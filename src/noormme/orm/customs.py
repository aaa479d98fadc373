"""What the user registered for the tables of one database: classes and hooks.

Invariant: it outlives the schema. Each mapper is fitted out with what is registered for its table when it is
made, and again when something more is registered.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MemberDescriptorType
from typing import TYPE_CHECKING, Any

from noormme.orm.custom_models import base_of, fitted, own_part
from noormme.orm.custom_queries import manager_class, related_class
from noormme.orm.declared import Declared, warn_of_drift
from noormme.orm.hooks import EVENTS, Event, Hook, Hooks
from noormme.orm.model import Model
from noormme.orm.models import make_deferred_model, make_model

if TYPE_CHECKING:
    from noormme.orm.manager import Manager
    from noormme.orm.mapper import Mapper
    from noormme.orm.queryset import QuerySet
    from noormme.orm.repository import Repository

__all__ = ["Custom", "Customs", "hooks_in"]


class Custom:
    """What is registered for one table; None where nothing is.

    Attributes:
        model: The class of its rows.
        manager: The class of its manager.
        queries: The class of its query sets.
        repository: The class of its repository.
        opened: Gives that repository, for its hooks.
        functions: The functions that are hooks, in the order in which they came.
    """

    __slots__ = ("functions", "manager", "model", "opened", "queries", "repository")

    def __init__(self) -> None:
        self.model: type[Model] | None = None
        self.manager: type[Manager[Any]] | None = None
        self.queries: type[QuerySet[Any]] | None = None
        self.repository: type[Repository[Any]] | None = None
        self.opened: Callable[[], Repository[Any]] | None = None
        self.functions: dict[Event, list[Hook]] = {}

    def hooks(self) -> Hooks:
        """All hooks of the table: those of its model, of its repository, and functions, in this order."""
        found: dict[Event, list[Hook]] = {event: [] for event in EVENTS}
        if self.model is not None:
            for event in hooks_in(self.model):
                found[event].append(getattr(self.model, event))
        if self.repository is not None and self.opened is not None:
            for event in hooks_in(self.repository):
                found[event].append(_of_repository(self.opened, event))
        for event, functions in self.functions.items():
            found[event].extend(functions)
        return Hooks(found)


class Customs:
    """What is registered for the tables of one database, by their exact names."""

    __slots__ = ("_declared", "_tables")

    def __init__(self) -> None:
        self._tables: dict[str, Custom] = {}
        self._declared: Mapping[str, Declared] = {}

    def declare(self, declared: Mapping[str, Declared]) -> None:
        """Take the classes of a generated module, for tables that have none of the user's.

        Args:
            declared: The classes by the exact names of their tables.
        """
        self._declared = declared

    def repository_class(self, table: str) -> type[Repository[Any]] | None:
        """The class of a table's repository; None for the plain one."""
        custom, declared = self._tables.get(table), self._declared.get(table)
        if custom is not None and custom.repository is not None:
            return custom.repository
        return None if declared is None else declared.repository

    def of(self, table: str) -> Custom:
        """What is registered for a table, for more to be added."""
        return self._tables.setdefault(table, Custom())

    def table_of(self, repository: type[Repository[Any]]) -> str | None:
        """The table that a class of repositories is registered for."""
        known = {table: declared.repository for table, declared in self._declared.items()}
        customs = {table: self._tables[table] for table in list(self._tables)}
        known |= {table: custom.repository for table, custom in customs.items() if custom.repository}
        return next((table for table, kind in known.items() if kind is repository), None)

    @property
    def tables_with_models(self) -> list[str]:
        """The tables whose rows are of a class of the user's."""
        return [table for table in list(self._tables) if self._tables[table].model is not None]

    def fit_out(self, mapper: Mapper) -> None:
        """Give a new mapper the classes and the hooks of its table."""
        custom = self._tables.get(mapper.table.name) or Custom()
        self.fit_model(mapper, custom)
        mapper.hooks = custom.hooks()

    def fit_model(self, mapper: Mapper, custom: Custom) -> None:
        """Give a mapper the class of its rows, and those of its queries."""
        declared = self._declared.get(mapper.table.name)
        if custom.model is not None:
            mapper.model = fitted(custom.model, mapper)
            if base_of(custom.model) is not None:
                custom.model = mapper.model
        elif not hasattr(mapper, "model"):
            mapper.model = make_model(mapper) if declared is None else fitted(declared.model, mapper)
        if declared is not None:
            warn_of_drift(declared.model, mapper)
        mapper.deferred_model = make_deferred_model(mapper.model)
        model = mapper.model
        mapper.saves = model.save is not Model.save
        mapper.own_methods = (
            mapper.saves or model.update is not Model.update or model.delete is not Model.delete
        )
        self.fit_queries(mapper, custom)

    def fit_queries(self, mapper: Mapper, custom: Custom) -> None:
        """Give a mapper the classes of its queries."""
        declared = self._declared.get(mapper.table.name)
        if declared is None:
            manager = manager_class(custom.manager, custom.queries)
        else:
            manager = manager_class(custom.manager or declared.manager, custom.queries or declared.queries)
        mapper.model.objects = manager(mapper)
        mapper.queries = manager.queries
        mapper.related_manager = related_class(manager)


def hooks_in(given: type[Any]) -> list[Event]:
    """The hooks that a class of the user's has as methods; fields of that name are none."""
    parts = own_part(given) if issubclass(given, Model) else given.__mro__
    methods = {
        name
        for each in parts
        for name, value in vars(each).items()
        if not isinstance(value, MemberDescriptorType)
    }
    return [event for event in EVENTS if event in methods]


def _of_repository(opened: Callable[[], Repository[Any]], event: Event) -> Hook:
    def hook(*arguments: object) -> None:
        getattr(opened(), event)(*arguments)

    return hook
