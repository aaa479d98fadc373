"""What an engine must be able to do to keep an audit trail.

Invariant: the trail is kept by the database itself, so that it also sees what other programs write; an engine
says in its own SQL how, and runs nothing here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from typing import Protocol

from noormme.schema.model import Table

__all__ = ["ACTOR", "AuditSQL"]

ACTOR: ContextVar[str | None] = ContextVar("noormme_actor", default=None)
"""Who writes, as far as the code of this context has said it."""


class AuditSQL(Protocol):
    """The statements of an audit trail, in the language of one database.

    Attributes:
        table: The name of the table that holds the trail.
        own: The names of all tables that the trail needs.
        prefix: What the names of its triggers begin with.
        setup: The statements that make the tables, where they are not there yet.
        stamp: The statement after which the entries of this connection say who wrote, and in which
            transaction.
        exists: A query that gives a row where there is a trail.
        kept: A query that gives a row where a trail of the table is kept whose name is its parameter.
        later: A query for the names of a table's triggers that run before those of the trail; its
            parameter is the table's name.
    """

    table: str
    own: frozenset[str]
    prefix: str
    setup: Sequence[str]
    stamp: str
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

    def drop(self, trigger: str) -> str:
        """The statement that removes a trigger."""
        ...

    def marker(self) -> str:
        """The statement that notes what was done to a trail.

        Its parameters: the action, the table, and a detail.
        """
        ...

    def key(self, values: int) -> str:
        """An expression for a key as the trail writes it, of that many parameters, the first one first."""
        ...

    def rows(self, table: Table, *, one: bool) -> str:
        """A query for the key and the columns of the rows of a table, as the trail writes them.

        Args:
            table: The table.
            one: Whether it is for the row of one key, whose values are its parameters.
        """
        ...
