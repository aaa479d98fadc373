"""The models of one database: one mapper for each table, made at first use.

Invariant: a registry belongs to one schema on one engine. When the schema changes, a new registry replaces
it; query sets and objects of the old one go on with what they know.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from importlib import import_module
from itertools import count
from threading import RLock
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import msgspec

from noormme.errors import NotSupported, TableNotFound, did_you_mean
from noormme.orm.customs import Customs
from noormme.orm.mapper import Mapper
from noormme.orm.stored_plans import StoredPlans
from noormme.settings import Settings
from noormme.sharing import Living, usable

if TYPE_CHECKING:
    from noormme.engines.base import Engine
    from noormme.orm.manager import Manager
    from noormme.orm.model import Model
    from noormme.orm.prefetch import Prefetch
    from noormme.orm.queryset import QuerySet
    from noormme.orm.repository import Repository
    from noormme.orm.rows import Together
    from noormme.query.shape import Shape
    from noormme.schema.model import Schema, Table

__all__ = ["Address", "Registry"]


class Address(msgspec.Struct, frozen=True):
    """Where a pickled object comes from: what names its database, and the settings it was opened with."""

    origin: str
    settings: Settings


class Registry:
    """What the models of one database share.

    Args:
        schema: The schema.
        engine: Where statements run.
        settings: How the user wants it.
        origin: What ``connect`` was called with, to find or open the database again when unpickling.
        customs: What the user registered for its tables.

    Attributes:
        repositories: Those in use, by the exact names of their tables.
        stored_plans: The plans that outlive the process.
        making: Held while a mapper is made or fitted out.
        successor: What has replaced it, because the schema has changed; None where nothing has.
        reopen: Opens a database by its address; set by the module that can.
        reopening: Held while one is opened for unpickling.
    """

    reopen: ClassVar[Callable[[Address], Registry] | None] = None
    _open: ClassVar[Living[Registry]] = Living()
    _numbers: ClassVar[Iterator[int]] = count()
    reopening: ClassVar[RLock] = RLock()

    def __init__(
        self,
        schema: Schema,
        engine: Engine,
        settings: Settings,
        origin: str,
        customs: Customs | None = None,
    ) -> None:
        self.schema = schema
        self.engine = engine
        self.settings = settings
        self.origin = origin
        self.customs = customs or Customs()
        self.repositories: dict[str, Repository[Any]] = {}
        self.stored_plans = StoredPlans(self)
        self._mappers: dict[str, Mapper] = {}
        self.making = RLock()
        self.successor: Registry | None = None
        self._number = next(Registry._numbers)
        Registry._open.add(self)

    @property
    def address(self) -> Address:
        """What objects are pickled with, to find their database again."""
        return Address(self.origin, self.settings)

    @classmethod
    def forget(cls, engine: Engine) -> None:
        """Unpickle nothing with an engine that is closed."""
        for registry in cls._open:
            if registry.engine is engine:
                cls._open.discard(registry)

    @classmethod
    def opened(cls) -> list[Registry]:
        """The registries of databases that are open, the latest first."""
        return sorted(cls._open, key=lambda registry: registry._number, reverse=True)

    @classmethod
    def at(cls, address: Address) -> Registry:
        """The newest open registry of that database, or a newly opened one (for unpickling).

        Raises:
            NotSupported: It is a database in memory, which only its own process can reach.
            ConnectionFailed: It cannot be opened.
        """
        found = cls._opened_at(address)
        if found is not None:
            return found
        if cls.reopen is None:
            # Nothing was connected in this process; the module sets it, and imports this one.
            import_module("noormme.database")
        if cls.reopen is None or address.origin.startswith(":memory:"):
            raise NotSupported(
                "a pickled object of a database in memory cannot be read here",
                hint="it exists in the process that made it only; use a file",
            )
        with cls.reopening:
            return cls._opened_at(address) or cls.reopen(address)

    @classmethod
    def _opened_at(cls, address: Address) -> Registry | None:
        for registry in cls.opened():
            if registry.origin == address.origin:
                return registry
        return None

    @staticmethod
    def restore(address: Address, table: str, values: dict[str, Any], together: Together | None) -> Model:
        """Rebuild a pickled object, without what it had besides its fields.

        Args:
            address: The database that it came from.
            table: Exact name of its table.
            values: Its loaded fields.
            together: What the objects of one result have in common; they are peers again.

        Raises:
            NotSupported: The database was in memory and is not open here.
            ConnectionFailed: The database cannot be opened.
        """
        mapper = Registry.at(address).mapper(table)
        item = mapper.make(values)
        if together is not None:
            mapper.peers.reunite(together, item)
        return item

    @staticmethod
    def restore_manager(address: Address, table: str) -> Manager[Any]:
        """Rebuild a pickled manager.

        Args:
            address: The database that it came from.
            table: Exact name of its table.

        Raises:
            NotSupported: The database was in memory and is not open here.
            ConnectionFailed: The database cannot be opened.
        """
        return Registry.at(address).mapper(table).model.objects

    @staticmethod
    def restore_query(
        address: Address,
        table: str,
        shape: Shape,
        parameters: tuple[object, ...],
        prefetches: tuple[Prefetch, ...],
        mode: Literal["peers", "raise"] | None,
        rows: list[Any] | None,
    ) -> QuerySet[Any]:
        """Rebuild a pickled query set together with its rows.

        Args:
            address: The database that it came from.
            table: Exact name of its table.
            shape: What it asks.
            parameters: The values of the shape's slots.
            prefetches: What it prefetches.
            mode: What ``loading`` was told.
            rows: Its rows; None where it had not run.

        Raises:
            NotSupported: The database was in memory and is not open here.
            ConnectionFailed: The database cannot be opened.
        """
        mapper = Registry.at(address).mapper(table)
        query: QuerySet[Any] = mapper.queries(mapper, mapper.nodes.node(shape), parameters, prefetches, mode)
        if rows is not None:
            query.restore(rows)
        return query

    def mapper(self, name: str) -> Mapper:
        """The mapper of a table or view.

        Args:
            name: The exact name of the table, or the name of its manager.

        Raises:
            TableNotFound: There is no such table; suggests those that look like it.
        """
        table = self.schema.table(name) if isinstance(name, str) else None
        if table is None:
            raise self.table_not_found(name)
        mapper = self._mappers.get(table.name)
        if mapper is None:
            # One thread makes it: a class of the user's belongs to one mapper.
            with self.making:
                mapper = self._mappers.get(table.name)
                if mapper is None:
                    mapper = Mapper(self, table)
                    self.customs.fit_out(mapper)
                    self._mappers[table.name] = mapper
        return mapper

    @property
    def mappers(self) -> list[Mapper]:
        """The mappers made so far."""
        return list(self._mappers.values())

    def table_not_found(self, name: str) -> TableNotFound:
        """The error for a table that does not exist."""
        if not isinstance(name, str):
            return TableNotFound(f"a table is named by a str, not by a value of type {type(name).__name__}")
        names = [table.name for table in self.schema] + [table.manager for table in self.schema]
        hint = did_you_mean(name, names)
        if hint is None:
            shown = ", ".join(sorted(table.name for table in self.schema.tables)[:10])
            hint = f"there are: {shown}" if shown else "the database has no tables"
        if name in self.schema.hidden_tables:
            hint = "it is the storage of a virtual table, or a part of a partitioned one; use that table"
        return TableNotFound(f"no table or view '{name}'", hint=hint)

    def readable(self, table: Table) -> None:
        """Raise unless rows can be read from ``table``.

        Raises:
            NotSupported: Its module is missing, or its definition is broken; the schema's warning says which.
        """
        if not table.readable:
            reasons = [str(warning) for warning in self.schema.warnings if warning.table == table.name]
            raise NotSupported(
                f"'{table.name}' cannot be read", hint="; ".join(reasons) or "see db.schema.warnings"
            )


def _after_fork() -> None:
    """Let a child process make and use mappers, and open databases, where a parent's thread was at it."""
    Registry.reopening = usable(Registry.reopening)
    for registry in Registry.opened():
        registry.making = usable(registry.making)
        for mapper in registry.mappers:
            mapper.peers.after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
