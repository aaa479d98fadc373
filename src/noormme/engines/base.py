"""What the rest of noormme asks of an engine.

Invariant: all I/O goes through an engine; every exception of a driver leaves it as an error of
``noormme.errors``. What statements run on is told in ``reading`` and ``writing``, and given on from here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Literal, Protocol

import msgspec

from noormme.engines.audit import AuditSQL
from noormme.engines.reading import Cursor, Local, Named, Results, Row
from noormme.engines.waits import Waiting
from noormme.engines.workers import Workers
from noormme.engines.writing import Done, Mode, Session, Writer, Written
from noormme.errors import NoormmeError
from noormme.query.dialect import Dialect
from noormme.schema.model import Kind, Schema

if TYPE_CHECKING:
    from noormme.engines.creating import Creator

__all__ = [
    "Cursor",
    "Description",
    "Done",
    "Engine",
    "Local",
    "Mode",
    "Named",
    "Origin",
    "Results",
    "Role",
    "Row",
    "Session",
    "Writer",
    "Written",
]

Role = Literal["primary", "replica"]
"""What a server is where several have the same database: written to, or a copy that follows."""


class Origin(msgspec.Struct, frozen=True):
    """Where one column of a statement comes from.

    Attributes:
        name: What the statement calls it.
        table: Exact name of its table, or ``""`` for an expression.
        column: Exact name of the column, or ``""``.
        kind: What the database says of the values of an expression; ``"any"`` where it says nothing.
    """

    name: str
    table: str = ""
    column: str = ""
    kind: Kind = "any"


class Description(msgspec.Struct, frozen=True):
    """What is known of a statement before it runs.

    Attributes:
        sql: The statement alone.
        parameters: The name of each of its parameters, None for one that has only its position.
        columns: Its columns.
        writes: Whether it may change the database.
        places: Which parameter stands at each place of the statement, counted from 0, where the driver wants
            one for each place; None where each parameter is given once.
        once: Whether it gives rows like one that reads, but calls what may write: it runs once, where
            statements that write run.
        kinds: What the database takes each of its parameters to be; empty where it says nothing.
    """

    sql: str
    parameters: tuple[str | None, ...]
    columns: tuple[Origin, ...]
    writes: bool = False
    places: tuple[int, ...] | None = None
    once: bool = False
    kinds: tuple[Kind, ...] = ()

    @property
    def slots(self) -> Sequence[int]:
        """The parameter of each value that the driver is given."""
        return range(len(self.parameters)) if self.places is None else self.places


class Engine(Protocol):
    """A database that statements run on."""

    @property
    def path(self) -> str:
        """What it is called: a file's path, or a URL without its password."""
        ...

    @property
    def dialect(self) -> Dialect:
        """What the compiler and the decoders ask."""
        ...

    @property
    def audit(self) -> AuditSQL:
        """What it takes to keep an audit trail."""
        ...

    @property
    def creator(self) -> Creator:
        """What writes definitions: tables, indexes, constraints."""
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

    def run_named(self, cursor: Cursor, sql: str, parameters: Sequence[object]) -> Named[Results]:
        """Run a statement on a cursor of ``local``, and give its rows with what their columns are called.

        Args:
            cursor: The cursor.
            sql: The statement.
            parameters: Its parameters.
        """
        ...

    def stream(self, sql: str, parameters: Sequence[object], columns: int | None = None) -> Iterator[Row]:
        """Run a statement and give its rows as they come, on a connection of its own.

        Threads may take turns in asking for rows.

        Args:
            sql: The statement.
            parameters: Its parameters.
            columns: How many columns it gives, to read text that is not valid UTF-8; None where there is
                none such, which raises UnicodeDecodeError if there is.

        Raises:
            DatabaseError: The database refused.
        """
        ...

    def reading_from(self, role: Role | None) -> AbstractContextManager[None]:
        """A block whose reads outside of transactions go to one kind of server, where there are several.

        Args:
            role: Which kind; None leaves it to the rules.
        """
        ...

    @property
    def waits(self) -> bool:
        """Whether its statements wait for a network, which the thread of an event loop must not."""
        ...

    @property
    def mark(self) -> object:
        """What tells this engine from others without keeping it alive."""
        ...

    @property
    def workers(self) -> Workers:
        """The threads for what an event loop's thread must not run."""
        ...

    def watch(self) -> None:
        """Let the calling thread's connection look at the thread's budget as often as that says."""
        ...

    def writing(self) -> AbstractContextManager[Writer]:
        """What to write with: the open transaction of this context, or a turn of its own.

        In a turn of its own each statement commits by itself.

        Raises:
            ReadOnly: The database was opened to be read only.
            DatabaseLocked: Others wrote for longer than the time limit.
        """
        ...

    def write(self, sql: str, parameters: Sequence[object]) -> Written:
        """Run one statement in the open transaction of this context, or in a turn of its own.

        What ``writing()`` does, for one statement and at less cost.

        Args:
            sql: The statement.
            parameters: Its parameters, encoded.

        Returns:
            Its rows, how many rows it changed itself, the row id of the last row inserted, and the block of
            the open transaction.

        Raises:
            DatabaseError: The database refused; nothing of the statement was written.
            ReadOnly: The database was opened to be read only.
        """
        ...

    def ready(
        self, sql: str, *, gives_rows: bool, counts: bool, numbers: bool
    ) -> Callable[[Sequence[object]], Written]:
        """A statement that writes, made ready to run often: what ``write`` does, at less cost.

        Args:
            sql: The statement.
            gives_rows: Whether it has a RETURNING clause.
            counts: Whether how many rows it changed must be true; else it may be any number but 0.
            numbers: Whether the row id of the last row inserted must be true.
        """
        ...

    def beginning(self, mode: Mode, *, durable: bool) -> Waiting[Session]:
        """Begin a transaction, without waiting on this thread.

        Args:
            mode: With which lock it begins.
            durable: Whether its COMMIT waits until the disk has everything.

        Raises:
            ReadOnly: The database was opened to be read only.
            DatabaseLocked: A lock was not free in time.
        """
        ...

    def begin(self, mode: Mode, *, durable: bool) -> Session:
        """Begin a transaction, and wait on this thread where that is needed.

        Args:
            mode: With which lock it begins.
            durable: Whether its COMMIT waits until the disk has everything.

        Raises:
            ReadOnly: The database was opened to be read only.
            DatabaseLocked: A lock was not free in time.
            TransactionError: This thread could only wait for itself.
        """
        ...

    def session(self) -> Session | None:
        """The open transaction that this code is in, or None."""
        ...

    def describe(self, sql: str) -> Description:
        """Look at a statement of the user's without running it. Touches the database.

        Args:
            sql: The statement.

        Raises:
            QueryFailed: The database does not understand it.
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

    def pull(self) -> None:
        """Fetch what is new on the server whose replica the database is.

        Raises:
            NotSupported: It is no replica.
            ConnectionFailed: The server cannot be reached.
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
