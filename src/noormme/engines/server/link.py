"""What the engine of a server asks of one connection.

Invariant: one thread uses a link at a time; every exception of the driver leaves it as an error of
``noormme.errors``, except what only a value says that the driver cannot read.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Protocol

from noormme.engines.base import Done, Row

if TYPE_CHECKING:
    from noormme.schema.model import Column, Table

__all__ = ["Link"]


class Link(Protocol):
    """One connection to a server.

    Attributes:
        idle_since: Since when nobody uses it, in seconds of ``time.monotonic``.
    """

    idle_since: float

    @property
    def changed(self) -> int:
        """How many rows the last statement inserted, changed or deleted."""
        ...

    @property
    def last_key(self) -> int:
        """The number that the last row got that was inserted; 0 where the server says it in the row only."""
        ...

    @property
    def names(self) -> tuple[str, ...] | None:
        """What the columns of the last statement's rows are called; None where the driver does not say."""
        ...

    @property
    def broken(self) -> bool:
        """Whether the server or the network has ended it."""
        ...

    def still_there(self) -> bool:
        """Whether the server has said nothing since it was last used, which would be its farewell."""
        ...

    def run(self, sql: str, parameters: Sequence[object] = ()) -> list[Row]:
        """Run one statement and give its rows.

        Args:
            sql: The statement.
            parameters: Its parameters, encoded.

        Raises:
            DatabaseError: The server refused.
        """
        ...

    def control(self, sql: str) -> None:
        """Begin, end or mark a transaction; nobody is told of it.

        Args:
            sql: BEGIN, COMMIT, ROLLBACK or a statement about a savepoint.

        Raises:
            DatabaseError: The server refused.
        """
        ...

    def run_many(self, sql: str, rows: Iterator[Sequence[object]]) -> None:
        """Run one statement for each row of parameters.

        Args:
            sql: The statement, which gives no rows.
            rows: The parameters, encoded.

        Raises:
            DatabaseError: The server refused one of them.
        """
        ...

    def run_each(self, sql: str, rows: Iterator[Sequence[object]]) -> list[Done]:
        """Run one statement for each row of parameters, many of them at once, and give what each run did.

        Args:
            sql: The statement.
            rows: The parameters, encoded.

        Raises:
            DatabaseError: The server refused one of them.
        """
        ...

    def insert_rows(self, table: Table, columns: Sequence[Column], rows: Iterator[Sequence[object]]) -> None:
        """Insert many rows, in the fastest way that the server has.

        Args:
            table: The table.
            columns: The columns that are given.
            rows: Their values, encoded.

        Raises:
            DatabaseError: The server refused one of them.
        """
        ...

    def reserve(self, table: Table, column: Column, count: int) -> Sequence[Any] | None:
        """What the server would give new rows in a column; nobody else is given it.

        Args:
            table: The table.
            column: A column of its key.
            count: For how many rows.

        Returns:
            A value for each row; None where only an INSERT can say it.
        """
        ...

    def tolerant(self) -> AbstractContextManager[None]:
        """A block in which a value that the driver cannot read comes as text."""
        ...

    def stream(self, sql: str, parameters: Sequence[object]) -> Generator[Row, None, None]:
        """Run a statement and give its rows as they come; the link is in a transaction.

        Args:
            sql: The statement.
            parameters: Its parameters, encoded.

        Raises:
            DatabaseError: The server refused.
        """
        ...

    def close(self) -> None:
        """End the connection."""
        ...

    def abandon(self) -> None:
        """Let go of a connection of the parent process without telling the server."""
        ...
