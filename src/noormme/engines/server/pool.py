"""The connections to a server: as many as are in use at once, and no more than the settings allow.

Invariant: a connection is with one borrower at a time. One that is broken, too old, or was idle for too
long is never lent again. Streams leave one connection to others, since what reads a stream may well ask for
something else meanwhile. Nothing here runs in a thread of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator
from contextlib import contextmanager
from random import uniform
from threading import Lock
from time import monotonic, perf_counter, time
from typing import Generic, Literal, TypeVar

from noormme.engines.budget import THREAD, WouldWait, go_on
from noormme.engines.fetched import closed
from noormme.engines.server.link import Link
from noormme.engines.server.places import Places
from noormme.errors import PoolTimeout

__all__ = ["Pool", "Use"]

L = TypeVar("L", bound=Link)

Use = Literal["read", "stream", "transaction", "write"]
"""What a connection is borrowed for."""

_TRUSTED_S = 1.0
"""For how long a connection that nobody uses is believed to be there, by who can try again."""

_ASLEEP_S = 1.0
"""From how much time on that one clock has missed this process is taken to have been frozen."""

_LOOK_S = 0.25
"""How often a worker that waits looks whether anybody still waits for it."""


class Pool(Generic[L]):
    """Lends connections.

    Args:
        connect: Makes one.
        most: How many there may be.
        wait_s: How long to wait for one, in seconds.
        idle_s: How long one that nobody uses is kept, in seconds.
        age_s: How long one is used at all, in seconds; each for a little less, so that they do
            not end together.

    Attributes:
        written_at: When a connection was given back last with which something may have been written, by
            ``time.monotonic``.
    """

    def __init__(
        self, connect: Callable[[], L], most: int, wait_s: float, idle_s: float, age_s: float = float("inf")
    ) -> None:
        self._connect = connect
        self._most = most
        self._wait_s = wait_s
        self._idle_s = idle_s
        self._age_s = age_s
        self._room = Places(most)
        self._streams = Places(max(1, most - 1))
        self._lock = Lock()
        # The one that was used last is lent first, so that those too many grow old.
        self._idle: list[L] = []
        self._lent: dict[L, Use] = {}
        self._ends: dict[L, float] = {}
        self._closed = False
        self._slept_s = time() - monotonic()
        self.written_at = float("-inf")

    @property
    def size(self) -> int:
        """How many connections are open."""
        return len(self._idle) + len(self._lent)

    @property
    def busy(self) -> int:
        """How many connections are in use."""
        return len(self._lent)

    def take(self, use: Use = "read", *, sure: bool = False, wait_s: float | None = None) -> L:
        """A connection that nobody else uses; ``give`` it back.

        Args:
            use: What for.
            sure: Whether to look that the server has not ended it, however short ago it was used, because
                what is to be done with it cannot be tried again.
            wait_s: How long to wait for it, in seconds, instead of the usual time.

        Raises:
            ConnectionFailed: The server cannot be reached.
            PoolTimeout: All connections were in use for too long.
            DatabaseClosed: The engine was closed.
        """
        if self._closed:
            raise closed()
        wait_s = self._wait_s if wait_s is None else wait_s
        if use == "stream":
            self._enter(self._streams, wait_s)
        try:
            self._enter(self._room, wait_s)
            try:
                link = self._kept(sure=sure) or self._new()
                self._lent[link] = use
            except BaseException:
                self._room.give()
                raise
        except BaseException:
            if use == "stream":
                self._streams.give()
            raise
        return link

    def give(self, link: L) -> None:
        """Take a connection back.

        Args:
            link: The connection, in no transaction.
        """
        use = self._lent.pop(link, None)
        if use is None:
            return
        now = monotonic()
        if use in ("transaction", "write"):
            self.written_at = now
        if self._closed or link.broken or now > self._ends.get(link, now):
            self._end(link)
        else:
            link.idle_since = now
            self._idle.append(link)
            if self._closed:
                # Meanwhile, by another thread.
                self.empty()
            # Another thread may have taken it by now.
            if any(now - oldest.idle_since > self._idle_s for oldest in self._idle[:1]):
                self.tidy()
        self._leave(use)

    def drop(self, link: L) -> None:
        """Take a connection back that is good for nothing any more.

        Args:
            link: The connection.
        """
        use = self._lent.pop(link, None)
        if use is None:
            return
        if use in ("transaction", "write"):
            self.written_at = monotonic()
        self._end(link)
        self._leave(use)

    @contextmanager
    def lent(self, use: Use = "read", *, sure: bool = False) -> Generator[L, None, None]:
        """A connection for a block; see ``take``."""
        link = self.take(use, sure=sure)
        try:
            yield link
        finally:
            self.give(link)

    def _enter(self, room: Places, wait_s: float) -> None:
        """Take a place, as soon as there is one."""
        if room.take():
            return
        if THREAD.budget.limited:
            raise WouldWait
        until = monotonic() + wait_s
        # Who is no worker waits in one go, and keeps its place in the queue.
        look_s = wait_s if THREAD.budget.work is None else _LOOK_S
        while not room.take(max(0.0, min(look_s, until - monotonic(), THREAD.budget.ends - perf_counter()))):
            go_on()
            if monotonic() >= until:
                raise self._exhausted(wait_s)

    def _leave(self, use: Use) -> None:
        """Give the place of a connection back."""
        self._room.give()
        if use == "stream":
            self._streams.give()

    def _exhausted(self, wait_s: float) -> PoolTimeout:
        who = "the only connection was" if self._most == 1 else f"all {self._most} connections were"
        counts = Counter(list(self._lent.values()))
        uses = [f"{number} {use}{'s' if number > 1 else ''}" for use, number in sorted(counts.items())]
        return PoolTimeout(
            f"{who} in use for {wait_s:g} s" + (f" (by {', '.join(uses)})" if uses else ""),
            hint="raise max_connections or pool_timeout_s, or end transactions and streams sooner",
        )

    def _new(self) -> L:
        link = self._connect()
        self._ends[link] = monotonic() + self._age_s * uniform(0.9, 1.0)
        return link

    def _end(self, link: L) -> None:
        self._ends.pop(link, None)
        link.close()

    def _kept(self, *, sure: bool) -> L | None:
        """A connection that is there already."""
        self._wake()
        now = monotonic()
        while True:
            try:
                link = self._idle.pop()
            except IndexError:
                return None
            idle_s = now - link.idle_since
            trusted = idle_s <= _TRUSTED_S and not sure
            if (
                now <= self._ends.get(link, now)
                and (trusted or idle_s <= self._idle_s)
                and (trusted or link.still_there())
            ):
                return link
            self._end(link)

    def _wake(self) -> None:
        """Let connections be as old as they are where this process or its machine was frozen for a while."""
        slept_s = time() - monotonic()
        if slept_s - self._slept_s > _ASLEEP_S:
            for link in list(self._idle):
                link.idle_since -= slept_s - self._slept_s
        self._slept_s = slept_s

    def tidy(self) -> None:
        """Close the connections that nobody has used for long."""
        # Not waited for: what it interrupts may be holding it, where this is called by a signal handler.
        if not self._lock.acquire(blocking=False):
            return
        try:
            oldest = monotonic() - self._idle_s
            for link in [link for link in self._idle if link.idle_since < oldest]:
                try:
                    self._idle.remove(link)
                except ValueError:
                    continue
                self._end(link)
        finally:
            self._lock.release()

    def empty(self) -> None:
        """Close every connection that nobody uses."""
        while self._idle:
            try:
                link = self._idle.pop()
            except IndexError:
                return
            self._end(link)

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
