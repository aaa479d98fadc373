"""What connections ask the operating system.

Invariant: nothing is read or sent here.
"""

from __future__ import annotations

import select

__all__ = ["ANSWER_S", "ASKED_AFTER_S", "readable"]

ASKED_AFTER_S = 30.0
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
