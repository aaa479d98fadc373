"""Methods of Django that mean nothing here, have a better way here, or take something else here.

Invariant: none of them is silently something else: it is what Django does on SQLite, or it raises and says
what to write.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn, Protocol, TypeVar

import msgspec

from noormme.errors import NotSupported, UsageError
from noormme.orm.dates import Dates

if TYPE_CHECKING:
    from noormme.engines.base import Role
    from noormme.orm.mapper import Mapper
    from noormme.orm.model import Model
    from noormme.orm.queryset import QuerySet

__all__ = ["Compatible", "Models"]

T = TypeVar("T")


class Models(Protocol):
    """What has the models of a database; ``Database`` is one."""

    def model(self, name: str) -> type[Model]:
        """The model of a table."""
        ...


class Compatible(Dates[T]):
    """A query that was not run, with the methods that programs written for Django may call."""

    __slots__ = ()

    def select_for_update(
        self,
        nowait: bool = False,
        skip_locked: bool = False,
        of: tuple[str, ...] = (),
        no_key: bool = False,
    ) -> QuerySet[T]:
        """The same query, whose rows no other transaction changes before the one that reads them ends.

        A SQLite database has no locks of rows, and needs none: it has one writer at a time. A transaction
        that means to write takes that place when it begins (``BEGIN IMMEDIATE``), so what it reads then
        cannot be changed by another one before it ends. There the arguments are without effect.

        Args:
            nowait: Raise DatabaseLocked where others have locked a row, without waiting for them.
            skip_locked: Leave out the rows that others have locked.
            of: ``("self",)``, which is what is locked anyway; joined rows are not.
            no_key: Let others refer to the rows meanwhile.

        Raises:
            UsageError: ``nowait`` and ``skip_locked`` exclude each other.
            NotSupported: ``of`` names a relation.
        """
        if nowait and skip_locked:
            raise UsageError("nowait and skip_locked exclude each other")
        mapper = self._mapper
        if not mapper.registry.engine.dialect.features.locks_rows:
            return self._derive(self.node, self.parameters)
        if tuple(of) not in ((), ("self",)):
            raise NotSupported(
                "rows of relations cannot be locked with those of the query", hint="lock them alone"
            )
        lock: tuple[str, ...] = ("NO KEY UPDATE" if no_key else "UPDATE",)
        lock += ("NOWAIT",) if nowait else ("SKIP LOCKED",) if skip_locked else ()
        shape = msgspec.structs.replace(self.node.shape, lock=lock)
        return self._derive(mapper.nodes.node(shape), self.parameters)

    def extra(self, *arguments: object, **options: object) -> NoReturn:
        """Left out: expressions say the same, and cannot be mistaken for SQL.

        Raises:
            NotSupported: Always, with what to write instead.
        """
        raise NotSupported(
            "extra() is left out",
            hint="write annotate(name=RawSQL(sql, params)), filter(RawSQL(sql, params)) or "
            "order_by(RawSQL(sql, params))",
        )

    def using(self, database: Models | Role) -> QuerySet[T]:
        """The same query on another database that has the same tables, or on a kind of server. Nothing runs.

        Args:
            database: The other database, as ``connect`` gave it. ``"primary"`` is the server that is written
                to; ``"replica"`` one of its replicas, also just after something was written. Where there are
                no replicas, both are the database itself; in a transaction neither makes a difference.

        Raises:
            UsageError: It is neither; names of databases, as Django's settings have them, do not exist.
            TableNotFound: It has no such table. A field that it lacks is missed when the query runs.

        Example:
            ``db.users.filter(is_active=True).using(archive)``.
        """
        if isinstance(database, str) and database in ("primary", "replica"):
            own = self._mapper.read_from(database)
            there = self._derive(own.nodes.node(self.node.shape), self.parameters)
            there._mapper = own
            return there
        if isinstance(database, str) or not hasattr(database, "model"):
            raise UsageError(
                f"using takes a database, not {type(database).__name__}",
                hint="write using(connect(…)), using('primary') or using('replica')",
            )
        mapper: Mapper = database.model(self.table).__noormme_mapper__
        made = self._derive(mapper.nodes.node(self.node.shape), self.parameters)
        made._mapper = mapper
        made.prefetches = tuple(prefetch.using(database) for prefetch in self.prefetches)
        return made
