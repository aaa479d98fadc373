"""Finding out that a turn was left behind: a signal ended what had it before it could give it back.

Python runs signal handlers between any two of its steps, so a KeyboardInterrupt can come in where no
``finally`` is reached yet, or where one has begun. What had the turn is gone then, and nobody gives it back.
"""

from __future__ import annotations

import sys
from types import FrameType

from noormme.engines.budget import THREAD

__all__ = ["nothing_else_runs"]

_PACKAGE, _COMMANDS = "noormme.", "noormme.cli"


def nothing_else_runs() -> bool:
    """Whether this thread runs nothing of this package but the call that asks.

    Where a signal handler or a finalizer asks, what it came in between is further down the stack; in doubt it
    is taken to be there. An event loop may have tasks that wait.
    """
    asyncio = sys.modules.get("asyncio")
    if THREAD.budget.work is not None or (asyncio is not None and asyncio._get_running_loop() is not None):
        return False
    frame: FrameType | None = sys._getframe(1)  # pyright: ignore[reportPrivateUsage]
    while frame is not None and _ours(frame):
        frame = frame.f_back
    while frame is not None and not _ours(frame):
        frame = frame.f_back
    return frame is None


def _ours(frame: FrameType) -> bool:
    name: str = frame.f_globals.get("__name__", "")
    return name.startswith(_PACKAGE) and not name.startswith(_COMMANDS)
