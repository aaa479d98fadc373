"""An open transaction: the turn, the place between processes and the connection that go with it.

Invariant: at most one session of an engine is open, because it holds the turn. Its statements, those that
read among them, run on the connection that writes, one at a time; which session a piece of code is in is
said by its context, so it follows calls, tasks and threads that were given the context.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import count
from threading import get_ident
from time import monotonic
from typing import TYPE_CHECKING, TypeVar

import apsw

from noormme.engines.base import Cursor, Named, Row, Written
from noormme.engines.budget import THREAD, WouldWait, take, taken
from noormme.engines.scope import Scope
from noormme.engines.sqlite.cursors import LockedCursor, SQLiteCursor
from noormme.engines.sqlite.faults import statement_error
from noormme.engines.sqlite.rows import RowByRow
from noormme.engines.waits import Pause, Waiting
from noormme.errors import DatabaseLocked, TransactionError

if TYPE_CHECKING:
    from types import TracebackType

    from noormme.engines.circuit import Circuit
    from noormme.engines.sqlite.writer import SQLiteWriter
    from noormme.schema.model import Table

__all__ = ["BUSY_PAUSE_S", "SQLiteSession", "current", "sessions_now", "until_free"]

T = TypeVar("T")

_SESSIONS: ContextVar[tuple[SQLiteSession, ...]] = ContextVar("noormme_sessions", default=())
"""The sessions that a piece of code is in, one for each database, the newest last."""

sessions_now = _SESSIONS.get
"""Gives them."""

BUSY_PAUSE_S = 0.001
"""How long to wait before a lock that another process holds is tried again."""


def current(engine: object) -> SQLiteSession | None:
    """The session of an engine that this code is in, or None.

    Args:
        engine: The engine.
    """
    sessions = _SESSIONS.get()
    if not sessions:
        return None
    for session in reversed(sessions):
        if session.engine is engine and session.open:
            return session
    return None


def until_free(attempt: Callable[[], object], deadline: float, sql: str) -> Waiting[None]:
    """Try a statement again and again while another process holds the lock that it needs.

    Args:
        attempt: Runs it.
        deadline: Until when, in seconds of ``time.monotonic``.
        sql: The statement, for the error.

    Raises:
        DatabaseLocked: The lock was not free in time.
    """
    while True:
        try:
            attempt()
            return
        except (apsw.BusyError, WouldWait) as error:
            if monotonic() >= deadline:
                busy = error if isinstance(error, apsw.BusyError) else apsw.BusyError()
                raise statement_error(busy, sql) from error
        yield Pause(BUSY_PAUSE_S)


class SQLiteSession(RowByRow):
    """An open transaction; an ``engines.base.Session``, and the ``Local`` of the code that is in it.

    Args:
        engine: The engine.
        writer: Its writer.
        finish: Gives back what the transaction holds.
        patience_s: How long COMMIT waits for a lock, in seconds.

    Attributes:
        engine: The engine.
        free: Cursors that nothing reads from.
        single: The same.
        open: Whether it goes on.
        writer: The connection that its statements run on.
        committed: Whether it ended with a COMMIT.
        scopes: Its blocks that are open, the innermost last.
        thread: The thread that began it.
        circuit: What counts whether it can be committed, where that is wanted.
    """

    def __init__(
        self, engine: object, writer: SQLiteWriter, finish: Callable[[], None], patience_s: float
    ) -> None:
        self.engine = engine
        self.free = self.single = list[Cursor]()
        self.open = True
        self.committed = False
        self.scopes: list[Scope] = []
        self.thread = get_ident()
        self.circuit: Circuit | None = None
        self.writer = writer
        self._finish = finish
        self._patience_s = patience_s
        self._names = count(1)
        self._connection = writer.connection

    # -- the code that is in it ---------------------------------------------------------------------

    def attach(self) -> None:
        """Let the code of this context be in it."""
        _SESSIONS.set((*_SESSIONS.get(), self))

    def detach(self) -> None:
        """Let the code of this context be in it no longer."""
        _SESSIONS.set(tuple(session for session in _SESSIONS.get() if session is not self))

    def __enter__(self) -> SQLiteSession:
        # Between a statement and the question what it did, no other thread of the transaction may write.
        self.writer.lock.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """What is written in a transaction goes on with it."""
        self.writer.lock.release()

    def take_now(self) -> bool:
        """Keep all other threads from its connection, unless one of them uses it; ``give`` ends that."""
        if not self.writer.lock.acquire(blocking=False):
            return False
        self.writer.suit()
        return True

    def give(self) -> None:
        """Let other threads use its connection again."""
        self.writer.lock.release()

    def holding(self, call: Callable[..., T], *arguments: object, **options: object) -> T:
        """What a call gives while no other thread uses its connection; waits for that.

        Args:
            call: What to call.
            *arguments: Its arguments.
            **options: Its arguments by name.
        """
        with self.writer.lock:
            before = self.writer.suit()
            try:
                return call(*arguments, **options)
            finally:
                self.writer.suit(before)

    # -- statements that write ----------------------------------------------------------------------

    @property
    def changed(self) -> int:
        """How many rows the last statement changed."""
        return self._connection.changes()

    @property
    def last_key(self) -> int:
        """The row id of the last row that was inserted."""
        return self._connection.last_insert_rowid()

    def error(self, error: Exception, sql: str) -> Exception:
        """What an exception of a statement in it stands for.

        Args:
            error: What running it raised.
            sql: The statement.
        """
        return _too_late() if isinstance(error, apsw.BusyError) else self.writer.error(error, sql)

    def run(self, sql: str, parameters: Sequence[object] = ()) -> list[Row]:
        """Run one statement and give its rows.

        Raises:
            DatabaseError: SQLite refused.
            TransactionError: The transaction has ended.
        """
        with taken(self.writer.lock):
            self._check()
            try:
                return self.writer.run(sql, parameters)
            except apsw.BusyError as error:
                raise _too_late() from error

    def run_named(self, sql: str, parameters: Sequence[object] = ()) -> Named[list[Row]]:
        """As ``run``, with what the columns of the rows are called."""
        with taken(self.writer.lock):
            self._check()
            try:
                return self.writer.run_named(sql, parameters)
            except apsw.BusyError as error:
                raise _too_late() from error

    def write(self, sql: str, parameters: Sequence[object] = ()) -> Written:
        """Run one statement; see ``Engine.write``.

        Raises:
            DatabaseError: SQLite refused.
            TransactionError: The transaction has ended.
        """
        lock = self.writer.lock
        if not lock.acquire(False):
            take(lock)
        try:
            if not self.open or not self._connection.in_transaction:
                self._check()
            rows, changed, key, _ = self.writer.write(sql, parameters)
            return rows, changed, key, self.scopes[-1] if self.scopes else None
        except apsw.BusyError as error:
            raise _too_late() from error
        finally:
            lock.release()

    def run_many(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        """Run one statement for each row of parameters.

        Raises:
            DatabaseError: SQLite refused one of them.
            TransactionError: The transaction has ended.
        """
        with taken(self.writer.lock):
            self._check()
            try:
                self.writer.run_many(sql, rows)
            except apsw.BusyError as error:
                raise _too_late() from error

    def next_key(self, table: Table) -> int | None:
        """The number that the next row of a table gets."""
        return self.writer.next_key(table)

    def _check(self) -> None:
        if not self.open:
            raise TransactionError("this transaction has ended", hint="begin another one")
        if not self.writer.in_transaction:
            self.writer.check_open()
            # Without it each statement that follows would be committed by itself.
            raise TransactionError(
                "the database rolled this transaction back after an error",
                hint="leave the block, and begin again",
            )

    # -- its parts and its end ----------------------------------------------------------------------

    def savepoint(self) -> str:
        """Mark a point to go back to.

        Returns:
            Its name.
        """
        with taken(self.writer.lock):
            self._check()
            name = f"noormme_{next(self._names)}"
            self.writer.control(f"SAVEPOINT {name}")
        return name

    def release(self, name: str) -> None:
        """Keep what was written since a savepoint."""
        with taken(self.writer.lock):
            self._check()
            self.writer.control(f"RELEASE {name}")

    def rollback_to(self, name: str) -> None:
        """Undo what was written since a savepoint."""
        if self.open and self.writer.in_transaction:
            self.writer.control(f"ROLLBACK TO {name}", insist=True)
            self.writer.control(f"RELEASE {name}", insist=True)

    def committing(self) -> Waiting[None]:
        """Make everything permanent, and end it.

        Raises:
            DatabaseError: SQLite refused (a deferred foreign key, a full disk); everything is rolled back.
            TransactionError: SQLite has rolled it back before.
        """
        try:
            self._check()
            deadline = monotonic() + self._patience_s
            yield from until_free(lambda: self.writer.control("COMMIT"), deadline, "COMMIT")
        except BaseException as error:
            if self.circuit is not None:
                self.circuit.failed(error)
            self.rollback()
            raise
        self.committed = True
        THREAD.budget.lift()
        if self.circuit is not None:
            self.circuit.succeeded()
        self._end()

    def rollback(self) -> None:
        """Undo everything, and end it."""
        if not self.open:
            return
        try:
            if self.writer.in_transaction:
                self.writer.control("ROLLBACK", insist=True)
        finally:
            self._end()

    def _end(self) -> None:
        if self.open:
            self.open = False
            self._finish()

    # -- statements that read (``engines.base.Local``) ----------------------------------------------

    def new(self) -> SQLiteCursor:
        """One more cursor."""
        with taken(self.writer.lock):
            self._check()
        return LockedCursor(self.writer.connection, self.writer.lock)

    @contextmanager
    def streaming(self) -> Generator[SQLiteCursor, None, None]:
        """One more cursor, on the one connection that sees what the transaction has written."""
        yield self.new()

    @contextmanager
    def alone(self) -> Generator[apsw.Connection, None, None]:
        """The connection, which no other thread uses meanwhile."""
        with self.writer.lock:
            yield self.writer.connection


def _too_late() -> DatabaseLocked:
    """The error for a lock that a deferred transaction asks for too late: it would wait for ever."""
    return DatabaseLocked(
        "another connection writes, or has written since this transaction began to read",
        hint="use mode='immediate' for a transaction that reads and then writes",
    )
