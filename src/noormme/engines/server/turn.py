"""Statements that each commit by themselves, on a connection that is borrowed for them.

Invariant: a connection that is lost while something is written is an ``OutcomeUnknown``, unless the server
has said that it did nothing; no statement here is ever sent twice.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from noormme.engines.base import Done, Named, Row
from noormme.errors import ConnectionLost, OutcomeUnknown

if TYPE_CHECKING:
    from noormme.engines.server.link import Link
    from noormme.engines.server.patience import Patience
    from noormme.engines.server.pool import Pool
    from noormme.schema.model import Column, Table

__all__ = ["Turn", "unknown"]


def unknown(what: str) -> OutcomeUnknown:
    """The error for a connection that was lost while the server did something.

    Args:
        what: What it may have done, as a part of a sentence.
    """
    return OutcomeUnknown(
        f"the connection to the server was lost before it answered, so whether {what} is not known",
        hint="look at the rows before you write them again",
    )


class _told:  # noqa: N801 - it reads as a statement
    """A block that sends what writes: a connection that is lost in it does not say what became of that."""

    __slots__ = ()

    def __enter__(self) -> None:
        """Nothing has to be prepared."""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        # What the server has answered with a refusal, it has not done.
        if isinstance(error, ConnectionLost) and not error.answered:
            raise unknown("it was written") from error


class Turn:
    """A connection for statements that each commit by themselves; an ``engines.base.Writer``.

    Args:
        link: The connection.
    """

    def __init__(self, link: Link) -> None:
        self._link = link

    @classmethod
    @contextmanager
    def of(cls, pool: Pool[Any], patient: Patience) -> Generator[Turn, None, None]:
        """A turn with a connection of a pool.

        Args:
            pool: The pool.
            patient: Tries again while the server is away.
        """
        link = patient(lambda: pool.take("write", sure=True))
        try:
            yield cls(link)
        finally:
            pool.give(link)

    @property
    def changed(self) -> int:
        """How many rows the last statement changed."""
        return self._link.changed

    @property
    def last_key(self) -> int:
        """The number that the last row got; 0 where the server gives it back with the row."""
        return self._link.last_key

    def run(self, sql: str, parameters: Sequence[object] = ()) -> list[Row]:
        """Run one statement and give its rows, those values as text that the driver cannot read.

        Raises:
            OutcomeUnknown: The connection was lost meanwhile.
            DatabaseError: The server refused.
        """
        # It is never run again, so what it gives back is read the way that reads everything.
        with _told(), self._link.tolerant():
            return self._link.run(sql, parameters)

    def run_named(self, sql: str, parameters: Sequence[object] = ()) -> Named[list[Row]]:
        """As ``run``, with what the columns of the rows are called."""
        rows = self.run(sql, parameters)
        return self._link.names, rows

    def run_many(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        """Run one statement for each row of parameters.

        Raises:
            OutcomeUnknown: The connection was lost meanwhile.
            DatabaseError: The server refused one of them.
        """
        with _told():
            self._link.run_many(sql, iter(rows))

    def run_each(self, sql: str, rows: Iterable[Sequence[object]]) -> list[Done]:
        """Run one statement for each row of parameters, many at once, and give what each run did.

        Raises:
            OutcomeUnknown: The connection was lost meanwhile.
            DatabaseError: The server refused one of them.
        """
        with _told():
            return self._link.run_each(sql, iter(rows))

    def insert_rows(self, table: Table, columns: Sequence[Column], rows: Iterable[Sequence[object]]) -> None:
        """Insert many rows, in the fastest way that the server has.

        Raises:
            OutcomeUnknown: The connection was lost meanwhile.
            DatabaseError: The server refused one of them.
        """
        with _told():
            self._link.insert_rows(table, columns, iter(rows))

    def reserve(self, table: Table, column: Column, count: int) -> Sequence[Any] | None:
        """What the server would give new rows in a column; nobody else is given it.

        Raises:
            DatabaseError: The server refused.
        """
        return self._link.reserve(table, column, count)
