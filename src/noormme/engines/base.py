"""What the rest of noormme asks of an engine.

Invariant: all I/O goes through an engine; every exception of a driver leaves it as an error of
``noormme.errors``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeVar

import msgspec

from noormme.engines.audit import AuditSQL
from noormme.engines.scope import Scope
from noormme.engines.waits import Waiting
from noormme.engines.workers import Workers
from noormme.errors import NoormmeError
from noormme.query.dialect import Dialect
from noormme.schema.model import Column, Kind, Schema, Table

if TYPE_CHECKING:
    from noormme.engines.creating import Creator

__all__ = [
    "Cursor",
    "Description",
    "Done",
    "Engine",
    "Local",
    "Mode",
    "Origin",
    "Results",
    "Role",
    "Row",
    "Session",
    "Writer",
    "Written",
]

T = TypeVar("T")
Row = tuple[Any, ...]

Written = tuple[list[Row], int, int, Scope | None]
"""What a statement did that wrote: its rows, how many it changed, the row id of the last one inserted, and
the block of the open transaction."""

Done = tuple[list[Row], int, int]
"""The same of one of many runs, without the block."""

Mode = Literal["immediate", "deferred", "exclusive"]
"""With which lock a transaction begins: the one to write, none until it is needed, or one against readers."""


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
