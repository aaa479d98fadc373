"""What statements that write run on: a turn of their own, or an open transaction.

Invariant: an engine's own classes have these methods; nothing here does anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal, Protocol, TypeVar

from noormme.engines.reading import Named, Row
from noormme.engines.scope import Scope
from noormme.engines.waits import Waiting
from noormme.schema.model import Column, Table

__all__ = ["Done", "Mode", "Session", "Writer", "Written"]

T = TypeVar("T")

Written = tuple[list[Row], int, int, Scope | None]
"""What a statement did that wrote: its rows, how many it changed, the row id of the last one inserted, and
the block of the open transaction."""

Done = tuple[list[Row], int, int]
"""The same of one of many runs, without the block."""

Mode = Literal["immediate", "deferred", "exclusive"]
"""With which lock a transaction begins: the one to write, none until it is needed, or one against readers."""


class Writer(Protocol):
    """What statements that write run on, while it is the caller's turn."""

    @property
    def changed(self) -> int:
        """How many rows the last statement inserted, changed or deleted itself."""
        ...

    @property
    def last_key(self) -> int:
        """The row id of the last row that was inserted."""
        ...

    def run(self, sql: str, parameters: Sequence[object] = ()) -> list[Row]:
        """Run one statement and give its rows.

        Args:
            sql: The statement.
            parameters: Its parameters, encoded.

        Raises:
            DatabaseError: The database refused; nothing of the statement was written.
        """
        ...

    def run_named(self, sql: str, parameters: Sequence[object] = ()) -> Named[list[Row]]:
        """As ``run``, with what the columns of the rows are called.

        Args:
            sql: The statement.
            parameters: Its parameters, encoded.
        """
        ...

    def run_many(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        """Run one statement for each row of parameters.

        Args:
            sql: The statement, which gives no rows.
            rows: The parameters, encoded.

        Raises:
            DatabaseError: The database refused one of them; those before it may have been written.
        """
        ...

    def run_each(self, sql: str, rows: Iterable[Sequence[object]]) -> list[Done]:
        """Run one statement for each row of parameters, and give what each run did.

        Where statements wait for a network, many of them go together.

        Args:
            sql: The statement.
            rows: The parameters, encoded.

        Raises:
            DatabaseError: The database refused one of them; those before it may have been written.
        """
        ...

    def insert_rows(self, table: Table, columns: Sequence[Column], rows: Iterable[Sequence[object]]) -> None:
        """Insert many rows, in the fastest way that the database has. Triggers see them as any others.

        Args:
            table: The table.
            columns: The columns that are given.
            rows: Their values, encoded as for storing, in the order of the columns. They are asked for while
                the statement runs, so a row must not come from a statement on the same connection.

        Raises:
            DatabaseError: The database refused one of them; those before it may have been written.
        """
        ...

    def reserve(self, table: Table, column: Column, count: int) -> Sequence[Any] | None:
        """What the database would give new rows in a column that is left out.

        With ``Features.reserves_keys`` they are nobody else's. Without it they are the next ones, for as long
        as nobody else writes.

        Args:
            table: The table.
            column: A column of its key.
            count: For how many rows.

        Returns:
            A value for each row; None where only an INSERT can say it.
        """
        ...


class Session(Writer, Protocol):
    """An open transaction.

    Attributes:
        scopes: Its blocks that are open, the innermost last.
    """

    scopes: list[Scope]

    @property
    def open(self) -> bool:
        """Whether it goes on."""
        ...

    @property
    def committed(self) -> bool:
        """Whether it ended with everything made permanent."""
        ...

    def attach(self) -> None:
        """Let the code of this context (``contextvars``) be in it."""
        ...

    def detach(self) -> None:
        """Let the code of this context be in it no longer."""
        ...

    def take_now(self) -> bool:
        """Keep all other threads from its connection, unless one of them uses it; ``give`` ends that."""
        ...

    def give(self) -> None:
        """Let other threads use its connection again."""
        ...

    def holding(self, call: Callable[..., T], *arguments: object, **options: object) -> T:
        """What a call gives while no other thread uses its connection; waits for that.

        Args:
            call: What to call.
            *arguments: Its arguments.
            **options: Its arguments by name.
        """
        ...

    def savepoint(self) -> str:
        """Mark a point to go back to, and give its name."""
        ...

    def release(self, name: str) -> None:
        """Keep what was written since a savepoint."""
        ...

    def rollback_to(self, name: str) -> None:
        """Undo what was written since a savepoint."""
        ...

    def committing(self) -> Waiting[None]:
        """Make everything permanent, and end it; everything is rolled back where that fails."""
        ...

    def rollback(self) -> None:
        """Undo everything, and end it."""
        ...
