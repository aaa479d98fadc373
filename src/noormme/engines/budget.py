"""How long a statement may hold the thread that runs it, and whether somebody still waits for it.

Invariant: only the thread of an event loop has a deadline, and only while it runs something for a coroutine.
What exceeds it ends with ``OverBudget`` before it has changed anything, and runs again in a worker thread.
"""

from __future__ import annotations

import math
import sys
import threading
from time import perf_counter
from typing import Protocol

from noormme.errors import QueryTimeout, UsageError

__all__ = [
    "ANY_TIME",
    "LOOP_S",
    "NEVER",
    "STEPS_ELSEWHERE",
    "STEPS_ON_LOOP",
    "THREAD",
    "Budget",
    "OverBudget",
    "Stopped",
    "Unloaded",
    "Work",
    "WouldWait",
    "checked_limit",
    "go_on",
    "in_coroutine",
    "out_of_time",
    "take",
    "taken",
    "time_limit",
]

NEVER = math.inf

ANY_TIME = sys.float_info.max
"""A deadline that is never over, for what may take its time and must not wait."""

LOOP_S = 0.002
"""How long the thread of an event loop may be held by one piece of work, in seconds."""

STEPS_ON_LOOP = 1_000
"""How many steps of its machine SQLite takes, in some 10 µs, before it looks at the deadline of a loop."""

STEPS_ELSEWHERE = 1_000_000
"""The same, in some 10 ms, where nothing but signals (Ctrl-C) and cancellation is looked for: each look needs
Python's lock, for which other threads wait."""


class OverBudget(BaseException):
    """What runs on an event loop's thread takes too long there; no error, so nothing may catch it as one."""


class Unloaded(OverBudget):
    """What runs on an event loop's thread needs modules that take long to load."""


class WouldWait(OverBudget):
    """What runs on an event loop's thread would have to wait there for another thread or process."""


class Stopped(BaseException):
    """Nobody waits any more for what a worker runs; no error, so nothing may catch it as one."""


class Work(Protocol):
    """What a worker thread is doing."""

    @property
    def thread(self) -> int:
        """The thread that asked for it."""
        ...

    @property
    def stopped(self) -> bool:
        """Whether nobody waits for it any more."""
        ...

    @property
    def place(self) -> str | None:
        """Where in the user's code it was asked for."""
        ...


class Budget:
    """What the statements of one thread look at while they run.

    Attributes:
        deadline: When they must have ended here, by ``perf_counter``.
        ends: When they must have ended anywhere, because the caller gave them no more time.
        limit_s: How much time the caller gave them, in seconds.
        steps: How many steps they take between two looks.
        watched: The mark of the engine whose connections in this thread are known to look that often.
        work: What the thread does, where it is a worker.
        rests_at: When a loop's thread lets other tasks run, by ``perf_counter``.
    """

    __slots__ = ("deadline", "ends", "limit_s", "rests_at", "steps", "watched", "work")

    def __init__(self) -> None:
        self.deadline = NEVER
        self.ends = NEVER
        self.limit_s = NEVER
        self.steps = STEPS_ELSEWHERE
        self.watched: object = None
        self.work: Work | None = None
        self.rests_at = 0.0

    @property
    def limited(self) -> bool:
        """Whether there is a deadline; what has one does not wait for other threads either."""
        return self.deadline != NEVER

    def lift(self) -> None:
        """Let what runs go on to its end: it has written something, so it cannot begin again."""
        self.deadline = NEVER

    def take_time(self) -> None:
        """Let what runs take its time, because it cannot be ended: it goes on without waiting.

        SQLite looks at the budget once more when a statement is done, and what has committed by itself by
        then could not be told from what was ended before.
        """
        if self.deadline != NEVER:
            self.deadline = ANY_TIME


def take(lock: threading.RLock) -> None:
    """Take a lock that is held by another thread; a thread that has a deadline does not wait for it.

    Args:
        lock: The lock.

    Raises:
        WouldWait: The thread has a deadline.
    """
    if not lock.acquire(blocking=not THREAD.budget.limited):
        raise WouldWait


class taken:  # noqa: N801 - it reads as a statement
    """Takes a lock; a thread that has a deadline does not wait for it.

    Args:
        lock: The lock.
    """

    __slots__ = ("_lock",)

    def __init__(self, lock: threading.RLock) -> None:
        self._lock = lock

    def __enter__(self) -> None:
        take(self._lock)

    def __exit__(self, *exception: object) -> None:
        self._lock.release()


class _PerThread(threading.local):
    """Each thread's own, so that it is looked up once for several looks at it."""

    def __init__(self) -> None:
        self.budget = Budget()


THREAD = _PerThread()
"""Has the calling thread's budget."""


class time_limit:  # noqa: N801 - it reads as a statement
    """A block whose statements must have ended after some time; inside another one, the shorter one counts.

    Args:
        limit_s: How much time, in seconds; None for as much as it takes.
    """

    __slots__ = ("_limit_s", "_outer")

    def __init__(self, limit_s: float | None) -> None:
        self._limit_s = limit_s

    def __enter__(self) -> None:
        budget = THREAD.budget
        self._outer = (budget.ends, budget.limit_s)
        if self._limit_s is not None:
            ends = perf_counter() + self._limit_s
            if ends < budget.ends:
                budget.ends, budget.limit_s = ends, self._limit_s

    def __exit__(self, *exception: object) -> None:
        budget = THREAD.budget
        budget.ends, budget.limit_s = self._outer


def in_coroutine() -> bool:
    """Whether this is the thread of an event loop, and what runs there was not asked for with ``await``."""
    # Whoever has not imported it runs no loop.
    asyncio = sys.modules.get("asyncio")
    return asyncio is not None and not THREAD.budget.limited and asyncio._get_running_loop() is not None


def checked_limit(limit_s: object, name: str) -> float:
    """A time limit that somebody gave, as a number of seconds.

    Args:
        limit_s: What was given.
        name: What takes it, for the error.

    Raises:
        UsageError: It is no number above zero.
    """
    if isinstance(limit_s, bool) or not isinstance(limit_s, (int, float)) or not limit_s > 0:
        raise UsageError(f"{name} takes a number of seconds above zero")
    return limit_s


def out_of_time(limit_s: float) -> QueryTimeout:
    """The error for a statement that took too long.

    Args:
        limit_s: How long it was allowed to take, in seconds.
    """
    return QueryTimeout(
        f"the statement took longer than {limit_s:g} s",
        hint="explain() shows how it runs, for an index that is missing; or give it more time",
    )


def go_on() -> bool:
    """What a driver calls during a long statement; the call alone lets Python raise KeyboardInterrupt.

    Returns:
        False, which means that the statement does not end.

    Raises:
        OverBudget: The deadline is over.
        QueryTimeout: The time that the caller gave is over.
        Stopped: Nobody waits for the statement any more.
    """
    budget = THREAD.budget
    now = perf_counter()
    if now > budget.deadline:
        raise OverBudget
    if now > budget.ends:
        raise out_of_time(budget.limit_s)
    work = budget.work
    if work is not None and work.stopped:
        raise Stopped
    return False
