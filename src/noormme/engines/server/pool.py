"""The connections to a server: as many as are in use at once, and no more than the settings allow.

Invariant: a connection is with one borrower at a time. One that is broken, or that was idle for too long, is
never lent again. Nothing here runs in a thread of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from threading import BoundedSemaphore, Lock
from time import monotonic
from typing import Generic, TypeVar

from noormme.engines.budget import THREAD, WouldWait
from noormme.engines.fetched import closed
from noormme.engines.server.link import Link
from noormme.errors import PoolTimeout

__all__ = ["Pool"]

L = TypeVar("L", bound=Link)

_TRUSTED_S = 1.0
"""For how long a connection that nobody uses is believed to be there."""


class Pool(Generic[L]):
    """Lends connections.

    Args:
        connect: Makes one.
        most: How many there may be.
        wait_s: How long to wait for one, in seconds.
        idle_s: How long one that nobody uses is kept, in seconds.
    """

    def __init__(self, connect: Callable[[], L], most: int, wait_s: float, idle_s: float) -> None:
        self._connect = connect
        self._most = most
        self._wait_s = wait_s
        self._idle_s = idle_s
        self._room = BoundedSemaphore(most)
        self._lock = Lock()
        # The one that was used last is lent first, so that those too many grow old.
        self._idle: list[L] = []
        self._lent: set[L] = set()
        self._closed = False

    @property
    def size(self) -> int:
        """How many connections are open."""
        return len(self._idle) + len(self._lent)

    def take(self) -> L:
        """A connection that nobody else uses; ``give`` it back.

        Raises:
            ConnectionFailed: The server cannot be reached.
            PoolTimeout: All connections were in use for too long.
            DatabaseClosed: The engine was closed.
        """
        if self._closed:
            raise closed()
        if not self._room.acquire(blocking=False):
            if THREAD.budget.limited:
                raise WouldWait
            if not self._room.acquire(timeout=self._wait_s):
                raise PoolTimeout(
                    f"all {self._most} connections were in use for {self._wait_s:g} s",
                    hint="raise max_connections or pool_timeout_s, or end transactions and streams sooner",
                )
        try:
            link = self._kept() or self._connect()
        except BaseException:
            self._room.release()
            raise
        self._lent.add(link)
        return link

    def give(self, link: L) -> None:
        """Take a connection back.

        Args:
            link: The connection, in no transaction.
        """
        self._lent.discard(link)
        if self._closed or link.broken:
            link.close()
        else:
            link.idle_since = monotonic()
            self._idle.append(link)
        self._room.release()

    def drop(self, link: L) -> None:
        """Take a connection back that is good for nothing any more.

        Args:
            link: The connection.
        """
        self._lent.discard(link)
        link.close()
        self._room.release()

    @contextmanager
    def lent(self) -> Generator[L, None, None]:
        """A connection for a block; see ``take``."""
        link = self.take()
        try:
            yield link
        finally:
            self.give(link)

    def _kept(self) -> L | None:
        """A connection that is there already."""
        now = monotonic()
        while True:
            try:
                link = self._idle.pop()
            except IndexError:
                return None
            idle_s = now - link.idle_since
            if idle_s <= _TRUSTED_S or (idle_s <= self._idle_s and link.still_there()):
                if self._idle and now - self._idle[0].idle_since > self._idle_s:
                    self.tidy()
                return link
            link.close()

    def tidy(self) -> None:
        """Close the connections that nobody has used for long."""
        oldest = monotonic() - self._idle_s
        with self._lock:
            old = [link for link in self._idle if link.idle_since < oldest]
            for link in old:
                try:
                    self._idle.remove(link)
                except ValueError:
                    continue
                link.close()

    def empty(self) -> None:
        """Close every connection that nobody uses."""
        while self._idle:
            try:
                link = self._idle.pop()
            except IndexError:
                return
            link.close()

    def close(self) -> None:
        """Close every connection; those in use too, which ends their statements."""
        self._closed = True
        self.empty()
        for link in list(self._lent):
            link.close()

    def abandon(self) -> None:
        """Forget, in a child process, the connections of its parent."""
        for link in [*self._idle, *self._lent]:
            link.abandon()
        self._idle.clear()
        self._lent.clear()
