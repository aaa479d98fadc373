"""The connections that read: no more than a limit, lent to threads, taken back from those that do not read.

Invariant: a connection is used by one thread at a time. It belongs to the seat of a thread, to a stream, or
to nobody (then it is spare); it changes hands only when no cursor of it is in use.

A thread keeps its connection between its statements, because taking it anew would cost as much as a small
query. Who looks for one may take it from a thread whose cursors are all free: that thread finds no cursor at
its next statement, asks for one, and is given another connection.
"""

from __future__ import annotations

import weakref
from collections import deque
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from threading import RLock
from time import monotonic, sleep

import apsw

from noormme.engines.base import Cursor
from noormme.engines.budget import THREAD, WouldWait
from noormme.engines.fetched import closed
from noormme.engines.sqlite import lifetime
from noormme.errors import PoolTimeout

__all__ = ["Readers", "Seat"]

_LOOKING_AGAIN_S = 0.002
"""How long to wait before looking again for a free connection: a thread does not say when it is done."""


class Readers:
    """All connections of an engine that read.

    Args:
        connect: Opens a connection.
        watch: Lets a connection heed the budget of the calling thread, which takes it.
        limit: How many there may be.
        timeout_s: How long to wait for one, in seconds.
        idle_timeout_s: How long one is kept while nobody uses it, in seconds.
    """

    def __init__(
        self,
        connect: Callable[[], apsw.Connection],
        watch: Callable[[apsw.Connection], None],
        limit: int,
        timeout_s: float,
        idle_timeout_s: float,
    ) -> None:
        self._connect = connect
        self._watch = watch
        self._limit = limit
        self._timeout_s = timeout_s
        self._idle_timeout_s = idle_timeout_s
        # A finalizer may run inside of it, on the same thread.
        self._lock = RLock()
        self._opening = 0
        self._closed = False
        self._next_look = monotonic() + idle_timeout_s
        self._open: weakref.WeakSet[apsw.Connection] = weakref.WeakSet()
        self._seats: weakref.WeakSet[Seat] = weakref.WeakSet()
        # A deque, because finalizers give back too, and may run while this thread holds the lock.
        self._spare: deque[tuple[apsw.Connection, float]] = deque()

    @property
    def number(self) -> int:
        """How many connections are open."""
        return len(self._open)

    def seat(self, free: list[Cursor]) -> Seat:
        """The place of a thread, without a connection yet.

        Args:
            free: Where the thread keeps the cursors that it does not use.
        """
        seat = Seat(self, free)
        with self._lock:
            self._seats.add(seat)
        return seat

    def take(self) -> apsw.Connection:
        """A connection for the caller alone, who gives it back with ``give``; waits where all are in use.

        Raises:
            ConnectionFailed: The file cannot be opened.
            DatabaseClosed: The engine was closed.
            PoolTimeout: All connections were in use for too long.
        """
        deadline = monotonic() + self._timeout_s
        while True:
            connection = self._take_spare() or self._open_another() or self._take_from_a_thread()
            if connection is not None:
                self._watch(connection)
                return connection
            if THREAD.budget.limited:
                # The thread of an event loop waits for nobody.
                raise WouldWait
            if monotonic() >= deadline:
                raise PoolTimeout(
                    f"all {self._limit} connections that read were in use for {self._timeout_s:g} s",
                    hint="read iterators to their end, or raise max_readers",
                )
            sleep(_LOOKING_AGAIN_S)

    def give(self, connection: apsw.Connection) -> None:
        """Take a connection back that nothing reads from any more; never waits.

        Args:
            connection: One that ``take`` gave.
        """
        self._spare.append((connection, monotonic()))

    @contextmanager
    def lent(self) -> Generator[apsw.Connection, None, None]:
        """A connection for the block alone; raises as ``take`` does."""
        connection = self.take()
        try:
            yield connection
        finally:
            self.give(connection)

    def tidy(self) -> None:
        """Close what nobody has used for a while; does nothing if it was called a short time ago."""
        now = monotonic()
        if now < self._next_look:
            return
        self._next_look = now + self._idle_timeout_s / 4
        before = now - self._idle_timeout_s
        for _ in range(len(self._spare)):
            spare = self._take_spare_before(before)
            if spare is not None:
                self._close(spare)
        for seat in self._all_seats():
            connection = seat.give_up(before)
            if connection is not None:
                self._close(connection)

    def close(self) -> None:
        """Open no more connections; the engine closes those that there are."""
        with self._lock:
            self._closed = True

    # -- where a connection comes from ----------------------------------------------------------------

    def _take_spare(self) -> apsw.Connection | None:
        try:
            return self._spare.pop()[0]
        except IndexError:
            return None

    def _take_spare_before(self, moment: float) -> apsw.Connection | None:
        try:
            connection, since = self._spare.popleft()
        except IndexError:
            return None
        if since <= moment:
            return connection
        self._spare.append((connection, since))
        return None

    def _open_another(self) -> apsw.Connection | None:
        with self._lock:
            if self._closed:
                raise closed()
            if len(self._open) + self._opening >= self._limit:
                return None
            self._opening += 1
        try:
            # Not under the lock: a file that is locked can take seconds to open.
            connection = self._connect()
            self._open.add(connection)
        finally:
            with self._lock:
                self._opening -= 1
        if self._closed:
            lifetime.close(connection)
            raise closed()
        self.tidy()
        return connection

    def _take_from_a_thread(self) -> apsw.Connection | None:
        for seat in self._all_seats():
            connection = seat.give_up()
            if connection is not None:
                return connection
        return None

    def _all_seats(self) -> list[Seat]:
        with self._lock:
            return list(self._seats)

    def _close(self, connection: apsw.Connection) -> None:
        self._open.discard(connection)
        lifetime.close(connection)


class Seat:
    """The place of one thread: its connection, which may be taken away while it does not read.

    Args:
        readers: Where connections come from and go to.
        free: The cursors that the thread does not use. It takes them with ``pop`` and puts them back with
            ``append``, without a lock: both are atomic, as is asking whether there is one before.
    """

    def __init__(self, readers: Readers, free: list[Cursor]) -> None:
        self._readers = readers
        self._free = free
        self._lock = RLock()
        self._alone = 0
        self._connection: apsw.Connection | None = None
        self._cursors: weakref.WeakSet[apsw.Cursor] = weakref.WeakSet()
        self._statements = -1
        self._since = 0.0

    def cursor(self) -> apsw.Cursor:
        """One more cursor of the thread's connection, which is taken anew where there is none."""
        with self._lock:
            cursor = self._taken().cursor()
            self._cursors.add(cursor)
            return cursor

    @contextmanager
    def alone(self) -> Generator[apsw.Connection, None, None]:
        """The connection, which stays with this thread meanwhile."""
        with self._lock:
            self._alone += 1
            try:
                yield self._taken()
            finally:
                self._alone -= 1

    def _taken(self) -> apsw.Connection:
        if self._connection is None:
            self._connection = self._readers.take()
        return self._connection

    def give_up(self, unused_since: float | None = None) -> apsw.Connection | None:
        """The connection, if nothing of it is in use; the thread takes another one when it needs one.

        Args:
            unused_since: Only if no statement ran on it since this moment of ``time.monotonic``, as far as
                can be told from what an earlier call saw.
        """
        # Not waiting: the thread may hold its lock while it looks for a connection at other threads.
        if not self._lock.acquire(blocking=False):
            return None
        try:
            connection = self._connection
            if connection is None or self._alone:
                return None
            taken: list[Cursor] = []
            with suppress(IndexError):
                while True:
                    taken.append(self._free.pop())
            if len(taken) < len(self._cursors) or (
                unused_since is not None and self._used_after(unused_since, connection)
            ):
                self._free.extend(taken)
                return None
            self._connection = None
            self._cursors.clear()
            return connection
        finally:
            self._lock.release()

    def _used_after(self, moment: float, connection: apsw.Connection) -> bool:
        statistics = connection.cache_stats()
        statements = statistics["hits"] + statistics["misses"] + statistics["no_cache"]
        if statements != self._statements:
            self._statements, self._since = statements, monotonic()
        return self._since > moment

    def __del__(self) -> None:
        # The thread has ended. Where a cursor of it is still in use, the connection ends with that cursor.
        if self._connection is not None and len(self._cursors) == len(self._free):
            self._free.clear()
            self._readers.give(self._connection)
