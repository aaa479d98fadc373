"""Which cursors code gets while somebody has the connection that writes.

They are those of the transaction that the code is in, or those of its thread.

Invariant: code in the transaction sees what it has written; other threads do not.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from threading import get_ident
from typing import Any

import apsw

from noormme.engines.base import Cursor, Named
from noormme.engines.budget import THREAD
from noormme.engines.fetched import Fetched
from noormme.engines.sqlite.cursors import LockedCursor, PerThread, Shared, SQLiteCursor
from noormme.engines.sqlite.session import SQLiteSession, sessions_now

__all__ = ["NotLent", "PatientCursor", "Routed"]


class _Chosen(ABC):
    """The cursors of every thread, which are those of another one of these classes."""

    plain: PerThread | Shared

    @abstractmethod
    def _local(self) -> SQLiteSession | PerThread | Shared | _Afterwards:
        """Whose cursors the calling code gets."""

    @property
    def free(self) -> list[Cursor]:
        """Cursors that nothing reads from."""
        return self._local().free

    # Nothing is lent: the connection that writes is the transaction's, or wanted by another thread.
    single = free

    def new(self) -> SQLiteCursor:
        """One more cursor."""
        return self._local().new()

    def alone(self) -> AbstractContextManager[apsw.Connection]:
        """The connection, which no other thread uses meanwhile."""
        return self._local().alone()

    def streaming(self) -> AbstractContextManager[SQLiteCursor]:
        """A cursor for rows that are read as they are asked for."""
        return self._local().streaming()

    def watch(self, busy_timeout_s: float) -> None:
        """Let the thread's own connection look at the budget of its thread as often as that says."""
        self.plain.watch(busy_timeout_s)


class NotLent(_Chosen):
    """The cursors of every thread, all on a connection of its own, while what was lent is taken back.

    Args:
        plain: The same, and those lent to it.
    """

    def __init__(self, plain: PerThread) -> None:
        self.plain = plain

    def _local(self) -> PerThread | Shared:
        return self.plain


class Routed(_Chosen):
    """The cursors of every thread while a transaction is open: its own for the code that is in it.

    Args:
        session: The open transaction.
        plain: The cursors of all other code.
        turn: A context in which no transaction is open.
    """

    def __init__(
        self,
        session: SQLiteSession,
        plain: PerThread | Shared,
        turn: Callable[[], AbstractContextManager[object]],
    ) -> None:
        self.plain = plain
        self._session = session
        self._turn = turn

    def forget(self) -> None:
        """Let the transaction end here without a word to the database: it is that of the parent process."""
        self._session.open = False

    def _local(self) -> SQLiteSession | PerThread | Shared | _Afterwards:
        if self._session in sessions_now():
            return self._session
        work = THREAD.budget.work
        thread = get_ident() if work is None else work.thread
        if isinstance(self.plain, Shared) and self._session.thread != thread:
            return _Afterwards(self.plain, self._turn)
        # A task of the same thread cannot wait for another one; in memory it sees what that one has written.
        return self.plain


class _Afterwards:
    """The cursors of a database in memory, for threads that must not see what a transaction has written."""

    def __init__(self, plain: Shared, turn: Callable[[], AbstractContextManager[object]]) -> None:
        self._plain = plain
        self._turn = turn

    @property
    def free(self) -> list[Cursor]:
        """None is kept: the transaction ends soon."""
        return []

    single = free

    def new(self) -> SQLiteCursor:
        """One more cursor."""
        return PatientCursor(self._plain.new(), self._turn)

    @contextmanager
    def alone(self) -> Generator[apsw.Connection, None, None]:
        """The connection, which no other thread uses meanwhile."""
        with self._turn(), self._plain.alone() as connection:
            yield connection

    @contextmanager
    def streaming(self) -> Generator[SQLiteCursor, None, None]:
        """One more cursor."""
        yield self.new()


class PatientCursor:
    """A cursor that waits for the end of a transaction before each statement."""

    def __init__(self, cursor: LockedCursor, turn: Callable[[], AbstractContextManager[object]]) -> None:
        self._cursor = cursor
        self._turn = turn
        self.connection = cursor.connection

    def execute(self, sql: str, parameters: Any = None, /) -> Fetched:
        """Run a statement and read all of its rows."""
        with self._turn():
            return self._cursor.execute(sql, parameters)

    def execute_named(self, sql: str, parameters: Any = None, /) -> Named[Fetched]:
        """Run a statement and read all of its rows, with what their columns are called."""
        with self._turn():
            return self._cursor.execute_named(sql, parameters)

    def close(self) -> None:
        """Nothing to close: the connection is everybody's."""
