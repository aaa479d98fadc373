"""Interrupts at a chosen place: what a signal does that comes between two lines."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import CodeType, FrameType
from typing import Any

__all__ = ["interrupted_at"]


def interrupted_at(line: int, code: CodeType, call: Callable[[], object]) -> bool:
    """Make a call that is interrupted as if by Ctrl-C, and say whether it was.

    Args:
        line: Before which line of the function's own the interrupt comes, counted from 1 as they run.
        code: The function.
        call: What to call.
    """
    left = line

    def local(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal left
        if event in ("line", "return"):
            left -= 1
            if left == 0:
                raise KeyboardInterrupt
        return local

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        return local if frame.f_code is code else None

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        call()
    except KeyboardInterrupt:
        return True
    finally:
        sys.settrace(before)
    return False
