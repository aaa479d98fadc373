"""What an engine must be able to do to keep an audit trail.

Invariant: the trail is kept by the database itself, so that it also sees what other programs write; an engine
says in its own SQL how, and runs nothing here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from typing import Any, Literal, Protocol

from noormme.schema.model import Column, Table

__all__ = ["ACTOR", "AuditSQL", "Timespec"]

Timespec = Literal["milliseconds", "microseconds"]
"""How exactly a trail knows the time."""

ACTOR: ContextVar[str | None] = ContextVar("noormme_actor", default=None)
"""Who writes, as far as the code of this context has said it."""


class AuditSQL(Protocol):
    """The statements of an audit trail, in the language of one database.

    Attributes:
        table: The name of the table that holds the trail.
        own: The names of all tables that the trail needs.
        prefix: What the names of its triggers begin with.
        setup: The statements that make the tables, where they are not there yet.
        stamp: The statements after which the entries of this connection say who wrote, and in which
            transaction.
        timespec: How exactly the trail knows the time, as ``datetime.isoformat`` calls it.
        first: Why the triggers of ``later`` run before those of the trail, and what to do about it.
        exists: A query that gives a row where there is a trail.
        kept: A query that gives a row where a trail of the table is kept whose name is its parameter.
        later: A query for the names of a table's triggers that run before those of the trail; its
            parameter is the table's name.
    """

    table: str
    own: frozenset[str]
    prefix: str
    setup: Sequence[str]
    stamp: Sequence[str]
    timespec: Timespec
    first: str
    exists: str
    kept: str
    later: str

    @property
    def stamped(self) -> bool:
        """Whether ``stamp`` has run on the connection that writes."""
        ...

    def note_stamped(self, *, kept: bool) -> None:
        """Note that ``stamp`` has run on the connection that writes.

        Args:
            kept: Whether nothing can undo it any more.
        """
        ...

    def refusal(self, table: Table) -> str | None:
        """Why no trail of a table can be kept, or None where it can."""
        ...

    def triggers(self, table: Table) -> Mapping[str, str]:
        """The statements that make the triggers of a table, by the names of the triggers."""
        ...

    def outdated(self, found: Mapping[str, str], wanted: Mapping[str, str]) -> bool:
        """Whether triggers of these names do something else than they should, by their statements."""
        ...

    def drop(self, trigger: str, table: Table) -> str:
        """The statement that removes a trigger of a table."""
        ...

    def marker(self) -> str:
        """The statement that notes what was done to a trail.

        Its parameters: the action, the table, and a detail.
        """
        ...

    def mark(self, number: int) -> str:
        """How a statement names its parameter of that number, counted from 1."""
        ...

    def column(self, name: str) -> str:
        """An expression for a column of the trail as the methods below take it.

        Args:
            name: The column, or ``detail`` for that of ``marker``. Moments are text in UTC.
        """
        ...

    def key(self, table: Table) -> str:
        """An expression for a key as ``column`` gives it, of the values of the key, the first one first."""
        ...

    def read_key(self, written: Any) -> tuple[object, ...] | None:
        """The values of a key as they are stored, from what ``column`` or ``key`` gave; None for NULL."""
        ...

    def read_row(self, written: Any) -> dict[str, object] | None:
        """The values of a row as they are stored, by the columns' exact names; None for NULL."""
        ...

    def decode(self, table: Table, column: Column | None, value: object) -> object:
        """A stored value that is not None as queries give it; None for a column that is gone."""
        ...

    def rows(self, table: Table, *, one: bool) -> str:
        """A query for the key and the columns of the rows of a table, as the trail writes them.

        Args:
            table: The table.
            one: Whether it is for the row of one key, whose values are its parameters.
        """
        ...
