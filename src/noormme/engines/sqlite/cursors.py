"""The cursors of a thread: on a connection of its own, on a shared one behind a lock, or none any more.

Invariant: a cursor runs one statement at a time, on the thread that asked for it.
"""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import AbstractContextManager, closing, contextmanager
from typing import Any, NoReturn, Protocol

import apsw

from noormme.engines.base import Cursor, Named
from noormme.engines.budget import taken
from noormme.engines.fetched import Fetched, closed
from noormme.engines.sqlite.readers import Readers
from noormme.engines.sqlite.watching import heed

__all__ = ["Closed", "LockedCursor", "PerThread", "SQLiteCursor", "Shared", "names_of"]


_FORK_WAITS_S = 5.0
"""How long a fork waits at most for a statement on the connection that all threads share."""


def names_of(cursor: apsw.Cursor) -> tuple[str, ...] | None:
    """What the columns are called of a statement that has begun and has a row left to give.

    Args:
        cursor: What runs it.

    Returns:
        Their names as SQLite has them now, whatever they were when the statement was first prepared; None
        where there are no rows, of which it does not say it.
    """
    try:
        return tuple([name for name, _ in cursor.get_description()])
    except apsw.ExecutionCompleteError:
        return None


class SQLiteCursor(Cursor, Protocol):
    """What APSW's cursors and those with a lock have in common."""

    @property
    def connection(self) -> apsw.Connection:
        """The connection that it runs on."""
        ...

    def close(self) -> None:
        """Give up the rows that were not read."""
        ...


class PerThread(threading.local):
    """Each thread's own connection, taken at its first statement.

    Args:
        readers: Where it comes from.

    Attributes:
        free: The cursors that are not in use.
        single: Those for a single row: the same, or one that was lent (``lending``).
    """

    def __init__(self, readers: Readers) -> None:
        self.free = self.single = list[Cursor]()
        self._readers = readers
        self._seat = readers.seat(self.free)

    def new(self) -> SQLiteCursor:
        """One more cursor."""
        return self._seat.cursor()

    def alone(self) -> AbstractContextManager[apsw.Connection]:
        """The connection, which no other thread uses meanwhile."""
        return self._seat.alone()

    def watch(self, busy_timeout_s: float) -> None:
        """Let the connection look at the budget of its thread as often as that says."""
        with self._seat.alone() as connection:
            heed(connection, busy_timeout_s)

    @contextmanager
    def streaming(self) -> Generator[SQLiteCursor, None, None]:
        """A cursor on a connection of its own, so that rows not read yet hold nobody to an old snapshot."""
        with self._readers.lent() as connection, closing(connection.cursor()) as cursor:
            yield cursor


class Shared:
    """The one connection of a database in memory, used by one thread at a time.

    Args:
        connection: The connection.

    Attributes:
        connection: The connection.
        lock: The lock that its statements run under.
        free: The cursors that are not in use.
        single: The same.
    """

    def __init__(self, connection: apsw.Connection) -> None:
        self.connection = connection
        self.lock = threading.RLock()
        self.free = self.single = list[Cursor]()
        self._rests = False

    def rest(self) -> None:
        """Run no statement while the process forks: a child would find one that never ends."""
        self._rests = self.lock.acquire(timeout=_FORK_WAITS_S)

    def go_on(self) -> bool:
        """Run statements again.

        Returns:
            False where one took too long to be waited for.
        """
        rested, self._rests = self._rests, False
        if rested:
            self.lock.release()
        return rested

    def new(self) -> LockedCursor:
        """One more cursor; its rows are read at once, because other threads wait for the connection."""
        return LockedCursor(self.connection, self.lock)

    def watch(self, busy_timeout_s: float) -> None:
        """Let the connection look at the budget of threads as often as the calling thread needs."""
        with taken(self.lock):
            heed(self.connection, busy_timeout_s)

    @contextmanager
    def streaming(self) -> Generator[SQLiteCursor, None, None]:
        """One more cursor."""
        yield self.new()

    @contextmanager
    def alone(self) -> Generator[apsw.Connection, None, None]:
        """The connection, which no other thread uses meanwhile."""
        with taken(self.lock):
            yield self.connection


class LockedCursor:
    """A cursor whose every statement runs to its end under a lock."""

    def __init__(self, connection: apsw.Connection, lock: threading.RLock) -> None:
        self.connection = connection
        self.lock = lock

    def execute(self, sql: str, parameters: Any = None) -> Fetched:
        """Run a statement and read all of its rows."""
        with taken(self.lock):
            return Fetched(self.connection.execute(sql, parameters).fetchall())

    def execute_named(self, sql: str, parameters: Any = None) -> Named[Fetched]:
        """Run a statement and read all of its rows, with what their columns are called."""
        with taken(self.lock):
            rows = self.connection.execute(sql, parameters)
            return names_of(rows), Fetched(rows.fetchall())

    def close(self) -> None:
        """Nothing to close: the connection is everybody's."""


class Closed:
    """What is left of a closed engine."""

    @property
    def free(self) -> NoReturn:
        """Nothing can run any more."""
        raise closed()

    single = free

    def new(self) -> NoReturn:
        """Nothing can run any more."""
        raise closed()

    def alone(self) -> NoReturn:
        """Nothing can run any more."""
        raise closed()

    def streaming(self) -> NoReturn:
        """Nothing can run any more."""
        raise closed()

    def watch(self, busy_timeout_s: float) -> NoReturn:
        """Nothing can run any more."""
        raise closed()
