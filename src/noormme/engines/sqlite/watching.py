"""What a connection looks at while a statement runs, and while it waits for a lock.

Invariant: the thread of an event loop never waits for a lock of another connection: what would wait there
goes to a worker, which waits as long as the settings say.
"""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter, sleep

import apsw

from noormme.engines.budget import STEPS_ELSEWHERE, THREAD, WouldWait
from noormme.engines.sqlite.clock import heeder

__all__ = ["heed", "heed_steps", "wait_where"]

_DELAYS_S = (0.001, 0.002, 0.005, 0.010, 0.015, 0.020, 0.025, 0.025, 0.025, 0.050, 0.050, 0.100)
"""How long the first waits are; SQLite's own are the same."""


def heed(connection: apsw.Connection, busy_timeout_s: float) -> None:
    """Let a connection look at the budget of the threads that use it, as often as the calling thread needs.

    Args:
        connection: The connection.
        busy_timeout_s: How long its statements wait for a lock, in seconds.
    """
    steps = THREAD.budget.steps
    heed_steps(connection, steps)
    if steps == STEPS_ELSEWHERE:
        connection.set_busy_timeout(int(busy_timeout_s * 1000))
    else:
        connection.set_busy_handler(_Waiting(busy_timeout_s))


def heed_steps(connection: apsw.Connection, steps: int) -> None:
    """Let a connection that never waits look at the budget of the thread that uses it.

    Args:
        connection: The connection.
        steps: How many steps a statement takes between two looks.
    """
    connection.set_progress_handler(heeder(connection), steps)


def wait_where(connection: apsw.Connection, busy_timeout_s: float, may: Callable[[], bool]) -> None:
    """Let statements of a connection wait for locks in some cases only; in all others they fail at once.

    Args:
        connection: The connection.
        busy_timeout_s: How long they wait, in seconds.
        may: Whether the statement that the calling thread runs is one that waits.
    """
    waiting = _Waiting(busy_timeout_s)
    connection.set_busy_handler(lambda tries: may() and waiting(tries))


class _Waiting:
    """What SQLite calls when another connection holds a lock, on connections that event loops use.

    Args:
        timeout_s: How long to wait in all, where the thread may wait.
    """

    def __init__(self, timeout_s: float) -> None:
        self._timeout_s = timeout_s
        self._started = 0.0

    def __call__(self, tries: int) -> bool:
        """Wait before the next try.

        Args:
            tries: How often it was called for this lock.

        Returns:
            Whether there is a next try.

        Raises:
            WouldWait: The thread is one that may not wait.
        """
        if THREAD.budget.limited:
            raise WouldWait
        now = perf_counter()
        if tries == 0:
            self._started = now
        left = self._started + self._timeout_s - now
        if left <= 0:
            return False
        sleep(min(left, _DELAYS_S[min(tries, len(_DELAYS_S) - 1)]))
        return True
