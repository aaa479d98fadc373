"""Trying again while a server is away.

Invariant: only what had no effect is tried again, and no connection is held between two tries.
"""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter, sleep
from typing import TypeVar

from noormme.engines.budget import THREAD, go_on
from noormme.errors import ConnectionLost

__all__ = ["Patience", "rest"]

T = TypeVar("T")

_FIRST_S = 0.05
"""The longest pause before the third try; it doubles each time, and a random part of it is taken."""

_LONGEST_S = 0.5
_LOOK_S = 0.1
"""How often somebody who pauses looks whether anybody still waits."""


class Patience:
    """Makes calls again that failed because their connection was lost.

    The second try follows at once, for a connection that ended while nobody used it; the others after growing
    and random pauses, so that those who lost theirs together do not come back together.

    Args:
        for_s: For how long to try, in seconds.
    """

    def __init__(self, for_s: float) -> None:
        self._for_s = for_s

    def __call__(self, call: Callable[[], T]) -> T:
        """What a call gives.

        Args:
            call: What to call; it raises ConnectionLost only where it had no effect.

        Raises:
            ConnectionLost: The last try failed too.
        """
        try:
            return call()
        except ConnectionLost:
            pass
        # Imported here, because most programs never lose a connection.
        from tenacity import Retrying, retry_if_exception_type, stop_before_delay, wait_random_exponential

        again = Retrying(
            retry=retry_if_exception_type(ConnectionLost),
            stop=stop_before_delay(self._for_s),
            wait=wait_random_exponential(multiplier=_FIRST_S, max=_LONGEST_S),
            sleep=rest,
            reraise=True,
        )
        return again(call)


def rest(seconds: float) -> None:
    """Sleep, but not for longer than anybody waits for the result.

    Args:
        seconds: How long, in seconds.

    Raises:
        QueryTimeout: The time that the caller gave is over.
        Stopped: Nobody waits any more.
    """
    until = perf_counter() + seconds
    while True:
        go_on()
        left_s = min(until, THREAD.budget.ends) - perf_counter()
        if left_s <= 0:
            go_on()
            return
        sleep(min(left_s, _LOOK_S))
