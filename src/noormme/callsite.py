"""Where in the user's code a call into noormme came from."""

from __future__ import annotations

import sys
from types import FrameType

__all__ = ["user_frame", "user_place"]

_PACKAGE = __name__.partition(".")[0]


def user_frame() -> tuple[FrameType | None, int]:
    """The innermost frame that is not noormme's own.

    Returns:
        The frame, and how many frames up from the caller of this function it is, as ``warnings.warn`` counts.
        The frame is None where noormme was not called by Python code.
    """
    frame: FrameType | None = sys._getframe(1)  # pyright: ignore[reportPrivateUsage]  # documented all the same
    level = 1
    while frame is not None and str(frame.f_globals.get("__name__", "")).partition(".")[0] == _PACKAGE:
        frame = frame.f_back
        level += 1
    return frame, level


def user_place() -> str | None:
    """The innermost line that is not noormme's own, as ``file:line``; None where there is none."""
    frame, _ = user_frame()
    return None if frame is None else f"{frame.f_code.co_filename}:{frame.f_lineno}"
