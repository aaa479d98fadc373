"""The cursors of a thread: on a connection of its own, on a shared one behind a lock, or none any more.

Invariant: a cursor runs one statement at a time, on the thread that asked for it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any, NoReturn, Protocol

import apsw

from noormme.engines.base import Cursor, Row
from noormme.engines.sqlite.faults import closed

__all__ = ["Closed", "PerThread", "SQLiteCursor", "Shared"]


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
    """Each thread's own connection, opened at its first statement.

    Args:
        connect: Opens a connection.

    Attributes:
        free: The cursors that are not in use.
    """

    def __init__(self, connect: Callable[[], apsw.Connection]) -> None:
        self._connection = connect()
        self.free: list[Cursor] = [self._connection.cursor()]

    def new(self) -> SQLiteCursor:
        """One more cursor."""
        return self._connection.cursor()

    @contextmanager
    def alone(self) -> Generator[apsw.Connection, None, None]:
        """The connection, which no other thread uses meanwhile."""
        yield self._connection


class Shared:
    """The one connection of a database in memory, used by one thread at a time.

    Args:
        connection: The connection.

    Attributes:
        free: The cursors that are not in use.
    """

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        self._lock = threading.RLock()
        self.free: list[Cursor] = []

    def new(self) -> _LockedCursor:
        """One more cursor; its rows are read at once, because other threads wait for the connection."""
        return _LockedCursor(self._connection, self._lock)

    @contextmanager
    def alone(self) -> Generator[apsw.Connection, None, None]:
        """The connection, which no other thread uses meanwhile."""
        with self._lock:
            yield self._connection


class _LockedCursor:
    """A cursor whose every statement runs to its end under a lock."""

    def __init__(self, connection: apsw.Connection, lock: threading.RLock) -> None:
        self.connection = connection
        self._lock = lock

    def execute(self, sql: str, parameters: Any = None) -> _Fetched:
        """Run a statement and read all of its rows."""
        with self._lock:
            return _Fetched(self.connection.execute(sql, parameters).fetchall())

    def close(self) -> None:
        """Nothing to close: the connection is everybody's."""


class _Fetched(list[Row]):
    """Rows that were read already, with the interface of a cursor."""

    def fetchall(self) -> list[Row]:
        """All rows."""
        return self

    @property
    def get(self) -> Any:
        """The only row, None where there is none, or all of several."""
        return self[0] if len(self) == 1 else self or None


class Closed:
    """What is left of a closed engine."""

    @property
    def free(self) -> NoReturn:
        """Nothing can run any more."""
        raise closed()

    def new(self) -> NoReturn:
        """Nothing can run any more."""
        raise closed()

    def alone(self) -> NoReturn:
        """Nothing can run any more."""
        raise closed()
