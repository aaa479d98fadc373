"""What threads and processes have in common: sets of what exists, and what a fork waits for.

Invariant: a child that was forked never waits for a thread that stayed in its parent. What such a thread
holds and cannot be made anew in the child, the fork waits for; for the rest the child takes new locks.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from threading import RLock
from time import monotonic, sleep
from typing import Any, Generic, TypeVar
from weakref import ref

__all__ = ["Living", "computed_once", "usable", "wait_before_forks"]

T = TypeVar("T")

_PAUSE_S = 0.0002


class Living(Generic[T]):
    """The objects of a kind that exist; it keeps none of them alive.

    Any thread may add objects while another one looks at them, which ``weakref.WeakSet`` does not bear.
    """

    __slots__ = ("_references",)

    def __init__(self) -> None:
        self._references: set[ref[T]] = set()

    def __len__(self) -> int:
        return len(self._references)

    def __iter__(self) -> Iterator[T]:
        # Copying a set is one step, in which no other thread has a turn.
        return iter([item for found in self._references.copy() if (item := found()) is not None])

    def add(self, item: T) -> None:
        """Have it among them for as long as it exists.

        Args:
            item: The object, which can be hashed.
        """
        self._references.add(ref(item, self._references.discard))

    def discard(self, item: T) -> None:
        """Have it among them no longer, if it is."""
        self._references.discard(ref(item))

    def clear(self) -> None:
        """Have none of them any longer."""
        self._references.clear()


class computed_once(Generic[T]):  # noqa: N801  # a decorator, as functools.cached_property is
    """A property that is computed when it is first asked for, or twice where two threads ask at once.

    ``functools.cached_property`` has one lock for all objects up to Python 3.11, for which a child process
    would wait for ever.

    Args:
        compute: Computes it, always with the same result for an object, which has a ``__dict__``.
    """

    def __init__(self, compute: Callable[[Any], T]) -> None:
        self._compute = compute
        self.__doc__ = compute.__doc__

    def __set_name__(self, owner: type[Any], name: str) -> None:
        self._name = name

    def __get__(self, item: Any, owner: type[Any]) -> T:
        # Found in the object's own dict from now on, before anything looks here.
        found = item.__dict__[self._name] = self._compute(item)
        return found


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


_waited_for: list[tuple[float, Callable[[], bool]]] = []


def wait_before_forks(goes_on: Callable[[], bool], patience_s: float) -> None:
    """Have every fork wait while other threads are in the middle of something.

    Args:
        goes_on: Whether they are. It is called by the thread that forks, and waits for no lock, because they
            may need one that this thread holds.
        patience_s: How long a fork waits at most, in seconds.
    """
    global _waited_for
    # What is soon over comes last: it may begin again while something else is waited for. A new list, because
    # another thread may be forking, and would find none of them in one that is being sorted.
    _waited_for = sorted([*_waited_for, (patience_s, goes_on)], key=lambda known: -known[0])


def _before_fork() -> None:
    for patience_s, goes_on in _waited_for:
        until = monotonic() + patience_s
        while goes_on() and monotonic() < until:
            sleep(_PAUSE_S)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before_fork)
