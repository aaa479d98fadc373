"""What the rest of noormme asks of an engine.

Invariant: all I/O goes through an engine; every exception of a driver leaves it as an error of
``noormme.errors``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

import msgspec

from noormme.errors import NoormmeError
from noormme.query.dialect import Dialect
from noormme.schema.model import Schema

__all__ = ["Cursor", "Description", "Engine", "Local", "Origin", "Results", "Row"]

Row = tuple[Any, ...]


class Origin(msgspec.Struct, frozen=True):
    """Where one column of a statement comes from.

    Attributes:
        name: What the statement calls it.
        table: Exact name of its table, or ``""`` for an expression.
        column: Exact name of the column, or ``""``.
    """

    name: str
    table: str = ""
    column: str = ""


class Description(msgspec.Struct, frozen=True):
    """What is known of a statement before it runs.

    Attributes:
        sql: The statement alone.
        parameters: The name of each of its parameters, None for one that has only its position.
        columns: Its columns.
    """

    sql: str
    parameters: tuple[str | None, ...]
    columns: tuple[Origin, ...]


class Results(Protocol):
    """The rows of a statement, read from the database as they are asked for."""

    def __iter__(self) -> Iterator[Row]: ...

    def fetchall(self) -> list[Row]:
        """All rows."""
        ...

    @property
    def get(self) -> Any:
        """The only row, None where there is none, or a list of several; a row of one value is that value."""
        ...


class Cursor(Protocol):
    """A driver's cursor: runs a statement and gives its rows."""

    def execute(self, sql: str, parameters: Any = None, /) -> Results:
        """Run one statement.

        Args:
            sql: The statement.
            parameters: A tuple of values that the driver takes.
        """
        ...


class Local(Protocol):
    """What a thread has of its own: cursors."""

    @property
    def free(self) -> list[Cursor]:
        """Cursors that nothing reads from; take one with ``pop`` and put it back when its rows are read."""
        ...

    def new(self) -> Cursor:
        """One more cursor."""
        ...


class Engine(Protocol):
    """A database that statements run on."""

    @property
    def dialect(self) -> Dialect:
        """What the compiler and the decoders ask."""
        ...

    @property
    def local(self) -> Local:
        """The calling thread's cursors; raises DatabaseClosed after ``close``."""
        ...

    def discover(self) -> Schema:
        """Read the schema. Touches the database.

        Raises:
            ConnectionFailed: It cannot be read.
        """
        ...

    def fetch(self, sql: str, parameters: Sequence[object], columns: int | None = None) -> list[Row]:
        """Run a statement and give all of its rows, whatever odd values they hold.

        Args:
            sql: The statement.
            parameters: Its parameters.
            columns: How many columns it gives; needed to read text that is not valid UTF-8.

        Raises:
            DatabaseError: The database refused.
        """
        ...

    def stream(self, sql: str, parameters: Sequence[object], columns: int | None = None) -> Iterator[Row]:
        """Run a statement and give its rows as they come, on a cursor of its own.

        Args:
            sql: The statement.
            parameters: Its parameters.
            columns: How many columns it gives, to read text that is not valid UTF-8; None where there is
                none such, which raises UnicodeDecodeError if there is.

        Raises:
            DatabaseError: The database refused.
        """
        ...

    def describe(self, sql: str) -> Description:
        """Look at a statement of the user's without running it. Touches the database.

        Args:
            sql: The statement.

        Raises:
            QueryFailed: The database does not understand it.
            ReadOnly: It writes.
            NotSupported: It changes the connection.
            UsageError: The text holds no statement, or several.
        """
        ...

    def explain(self, sql: str, parameters: Sequence[object]) -> str:
        """The database's plan for a statement, as text. Touches the database.

        Args:
            sql: The statement, which does not run.
            parameters: Its parameters.
        """
        ...

    def error(self, error: Exception, sql: str) -> NoormmeError | None:
        """What an exception stands for, or None where the statement may do when run the tolerant way.

        Args:
            error: What a cursor raised.
            sql: The statement that it ran.
        """
        ...

    def capture(self, record: Callable[[str, Sequence[object]], None]) -> AbstractContextManager[None]:
        """Report every statement that runs while the context is open.

        Args:
            record: Called with the SQL and the parameters of each, on the thread that runs it.
        """
        ...

    def close(self) -> None:
        """Close every connection."""
        ...
