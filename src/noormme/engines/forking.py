"""Locks in a child process: what a thread of the parent holds, nobody gives back there.

Invariant: a child that was forked never waits for a thread that stayed in its parent.
"""

from __future__ import annotations

from threading import RLock

__all__ = ["usable"]


def usable(lock: RLock) -> RLock:
    """The lock, or a new one where it would be waited for in vain.

    Args:
        lock: A lock of the parent's, as a child finds it that has one thread as yet.
    """
    # The thread that forked goes on in the child, and gives back there what it holds.
    if not lock.acquire(blocking=False):
        return RLock()
    lock.release()
    return lock
