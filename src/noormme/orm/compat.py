"""Methods of Django that mean nothing here, or that have a better way here.

Invariant: none of them is silently something else: it is what Django does on SQLite, or it raises and says
what to write.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn, TypeVar

from noormme.errors import NotSupported, UsageError
from noormme.orm.dates import Dates

if TYPE_CHECKING:
    from noormme.orm.queryset import QuerySet

__all__ = ["Compatible"]

T = TypeVar("T")


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
        """The same query: SQLite has no locks of rows, and needs none.

        A SQLite database has one writer at a time. A transaction that means to write takes that place when it
        begins (``BEGIN IMMEDIATE``), so what it reads then cannot be changed by another one before it ends.

        Args:
            nowait: Without effect.
            skip_locked: Without effect.
            of: Without effect.
            no_key: Without effect.

        Raises:
            UsageError: ``nowait`` and ``skip_locked`` exclude each other.
        """
        if nowait and skip_locked:
            raise UsageError("nowait and skip_locked exclude each other")
        return self._derive(self.node, self.parameters)

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

    def using(self, alias: str) -> NoReturn:
        """Not needed: a query belongs to the database that it was made from.

        Raises:
            NotSupported: Always, with what to write instead.
        """
        raise NotSupported(
            "a query set belongs to its database", hint="start from the other database: other.table"
        )
