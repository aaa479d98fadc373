"""What connections ask the operating system.

Invariant: nothing is read or sent here but by what is given.
"""

from __future__ import annotations

import select
from collections.abc import Callable
from time import monotonic

__all__ = ["ANSWER_S", "readable", "still_there"]

_ASKED_AFTER_S = 30.0
"""After how long without use a connection is tried before it is used, in seconds."""

ANSWER_S = 2.0
"""How long the server has to answer then, in seconds."""


def readable(file: int, within_s: float) -> bool:
    """Whether something has come on a socket, or its other end has closed it.

    Args:
        file: The number of the socket.
        within_s: How long to wait for it, in seconds.

    Raises:
        OSError: It is closed.
    """
    if hasattr(select, "poll"):
        # select() takes no numbers from 1024 on.
        poll = select.poll()
        poll.register(file, select.POLLIN)
        return bool(poll.poll(within_s * 1000))
    ready, _, _ = select.select([file], [], [], within_s)
    return bool(ready)


def still_there(socket: Callable[[], int], idle_since: float, answers: Callable[[], bool]) -> bool:
    """Whether a server has said nothing since its connection was last used, which would be its farewell.

    After a long time it is asked: what lies between may have dropped the connection without a word.

    Args:
        socket: Gives the number of the socket.
        idle_since: Since when nobody uses it, in seconds of ``time.monotonic``.
        answers: Asks the server; says whether it answers.

    Raises:
        OSError: The connection has ended; so does what the driver raises.
    """
    if readable(socket(), 0):
        return False
    return monotonic() - idle_since < _ASKED_AFTER_S or answers()
