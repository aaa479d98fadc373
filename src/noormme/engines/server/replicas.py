"""Which server a read goes to, where there are copies of the database that follow it.

Invariant: a read finds what this process wrote before it, for as long as the settings say; no replica is read
that is known to be further behind than they allow. Whatever is wrong with a replica, the read goes elsewhere.

How far a replica is, is measured in positions of the primary's log: the primary is asked for its own from
time to time, and a replica that has reached one of these has everything that was written before that time. So
clocks of servers do not matter, and a replica that gets nothing any more falls behind like any other.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import count
from threading import Lock
from time import monotonic
from typing import Generic, TypeVar

from noormme.engines.base import Role
from noormme.engines.server.link import Link
from noormme.engines.server.pool import Pool
from noormme.errors import ConnectionFailed, DatabaseLocked, PoolTimeout, ReadOnly

__all__ = ["Position", "Replica", "Replicas", "reading_from"]

L = TypeVar("L", bound=Link)
T = TypeVar("T")

Position = Callable[[L, bool], int | None]
"""Says how far the log of the primary is, or with False what a replica has applied of it; None where it does
not say."""

_EVERY_S = 1.0
"""How often the primary is asked for its position when nothing is written here."""

_SOONEST_S = 0.01
"""After how long a replica that was behind is asked again, at first; it doubles up to the above."""

_AWAY_S = 0.5
"""For how long a server that failed is left alone, at first; it doubles up to the following."""

_LONGEST_AWAY_S = 30.0

_ELSEWHERE = (ConnectionFailed, DatabaseLocked, ReadOnly)
"""What a replica may say that the primary does not: it is gone, it must give way to what it replays, or the
statement locks or writes."""

_ROLE: ContextVar[Role | None] = ContextVar("noormme_role", default=None)


@contextmanager
def reading_from(role: Role | None) -> Generator[None, None, None]:
    """A block whose reads go to one kind of server; None leaves it to the rules.

    Args:
        role: ``"primary"``, or ``"replica"`` whatever this process has written.
    """
    if role is None:
        yield
        return
    token = _ROLE.set(role)
    try:
        yield
    finally:
        _ROLE.reset(token)


class _Server(Generic[L]):
    """A server, and whether it is worth asking.

    Attributes:
        is_primary: Whether it is the one that is written to.
    """

    is_primary = True

    def __init__(self, pool: Pool[L]) -> None:
        self.pool = pool
        self.failures = 0
        self.away_until = 0.0

    def failed(self) -> None:
        """Leave it alone for a while, for longer each time."""
        self.failures += 1
        # What follows the tenth is longer than the longest, and after a thousand no float any more.
        pause_s = min(_AWAY_S * 2 ** min(self.failures - 1, 10), _LONGEST_AWAY_S)
        self.away_until = monotonic() + pause_s
        self.pool.empty()

    def answered(self) -> None:
        """Forget that it failed."""
        self.failures = 0

    def position(self, ask: Position[L]) -> int | None:
        """Its position; None where it cannot be asked just now."""
        try:
            link = self.pool.take(wait_s=0.0)
        except PoolTimeout:
            return None
        except ConnectionFailed:
            self.failed()
            return None
        try:
            found = ask(link, self.is_primary)
        except ConnectionFailed:
            self.pool.drop(link)
            self.failed()
            return None
        except BaseException:
            self.pool.give(link)
            raise
        self.pool.give(link)
        self.answered()
        return found


class Replica(_Server[L]):
    """A copy of the database.

    Args:
        pool: Connections to it.

    Attributes:
        has_until: It has everything that was written before, by ``time.monotonic``.
        look_at: When it is asked again.
        pause_s: For how long it was left alone the last time because it was behind.
    """

    is_primary = False

    def __init__(self, pool: Pool[L]) -> None:
        super().__init__(pool)
        self.has_until = float("-inf")
        self.look_at = float("-inf")
        self.pause_s = _SOONEST_S


class Replicas(Generic[L]):
    """The servers that reads can go to.

    Args:
        primary: Connections to the server that is written to.
        pools: Connections to each of the others.
        position: How far a server is.
        window_s: For how long a read finds what was written here before it, in seconds.
        most_lag_s: How far a replica that is read may be behind, in seconds; None for any time.
    """

    def __init__(
        self,
        primary: Pool[L],
        pools: Sequence[Pool[L]],
        position: Position[L],
        *,
        window_s: float,
        most_lag_s: float | None,
    ) -> None:
        self._primary = _Server(primary)
        self._replicas = [Replica(pool) for pool in pools]
        self._position = position
        self._window_s = window_s
        self._most_lag_s = float("inf") if most_lag_s is None else most_lag_s
        # When the primary was asked, and what it said; enough for the lag that is allowed.
        self._marks: deque[tuple[float, int]] = deque(maxlen=64)
        self._ask_at = float("-inf")
        self._looking = Lock()
        self._turns = count()

    @property
    def primary(self) -> Pool[L]:
        """Connections to the server that is written to."""
        return self._primary.pool

    def read(self, call: Callable[[Pool[L]], T]) -> T:
        """What a call gives that only reads, made with a server that is fit for it.

        Args:
            call: Called with the connections to a server; again with others if that one fails.

        Raises:
            DatabaseError: The primary refused, or the replica for a reason that the primary would have too.
        """
        role = _ROLE.get()
        if self._replicas and role != "primary":
            for replica in self._fit(role):
                try:
                    found = call(replica.pool)
                except ConnectionFailed:
                    replica.failed()
                except _ELSEWHERE:
                    continue
                else:
                    replica.answered()
                    return found
        return call(self._primary.pool)

    def close(self) -> None:
        """Close all connections to replicas."""
        for replica in self._replicas:
            replica.pool.close()

    def abandon(self) -> None:
        """Forget, in a child process, the connections of its parent."""
        for replica in self._replicas:
            replica.pool.abandon()

    def _fit(self, role: Role | None) -> list[Replica[L]]:
        """The replicas that may be read, the one with the least to do first."""
        now = monotonic()
        self._look(now)
        # Asking has taken time.
        now = monotonic()
        wrote_at = self._primary.pool.written_at
        needed = wrote_at if role is None and now - wrote_at <= self._window_s else float("-inf")
        fit = [each for each in self._replicas if now >= each.away_until and self._has(each, needed, now)]
        turn = next(self._turns)
        return sorted(fit, key=lambda each: (each.pool.busy, (self._replicas.index(each) - turn) % len(fit)))

    def _has(self, replica: Replica[L], needed: float, now: float) -> bool:
        """Whether a replica has what was written before a moment, and enough of what others wrote."""
        if replica.has_until < needed:
            return False
        if not self._marks:
            # The primary does not say how far it is, or cannot be asked: then an old row is better than none.
            return True
        return replica.has_until >= self._marks[-1][0] or now - replica.has_until <= self._most_lag_s

    # -- how far they are ---------------------------------------------------------------------------

    def _look(self, now: float) -> None:
        """Ask the servers how far they are, if it is time; one thread does it for all."""
        wrote_at = self._primary.pool.written_at
        newest = self._marks[-1][0] if self._marks else float("-inf")
        stale = now >= self._ask_at or (wrote_at >= newest and now - wrote_at <= self._window_s)
        behind = [each for each in self._replicas if each.has_until < newest or stale]
        due = [each for each in behind if now >= max(each.look_at, each.away_until)]
        if not due or not self._looking.acquire(blocking=False):
            return
        try:
            if stale:
                self._ask_primary(now)
            for replica in due:
                self._ask(replica)
        finally:
            self._looking.release()

    def _ask_primary(self, now: float) -> None:
        self._ask_at = now + _EVERY_S
        if now < self._primary.away_until:
            return
        # What is written before it is asked is before the position that it says.
        asked = monotonic()
        position = self._primary.position(self._position)
        if position is not None:
            self._marks.append((asked, position))

    def _ask(self, replica: Replica[L]) -> None:
        position = replica.position(self._position)
        now = monotonic()
        if position is not None:
            reached = [asked for asked, mark in self._marks if mark <= position]
            replica.has_until = max([replica.has_until, *reached])
        if self._marks and replica.has_until < self._marks[-1][0]:
            replica.pause_s = min(2 * replica.pause_s, _EVERY_S)
        else:
            replica.pause_s = _SOONEST_S
        replica.look_at = now + replica.pause_s
