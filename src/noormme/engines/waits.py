"""Waiting, written once for those who block and those who await.

Invariant: code that may have to wait is a generator that yields each ``Wait`` and goes on when it is over; it
never waits itself. What ends the wait early (Ctrl-C, a cancellation) is raised at that ``yield``, where the
generator gives back what it holds. ``block`` drives it on the calling thread; ``orm.aio`` drives it on an
event loop.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from time import sleep
from typing import Protocol, TypeAlias, TypeVar

from noormme.engines.budget import THREAD, WouldWait

__all__ = ["Pause", "Wait", "Waiting", "block"]

T = TypeVar("T")


class Wait(Protocol):
    """Something to wait for."""

    def block(self) -> None:
        """Wait on this thread, until it is over or its time is up."""
        ...

    def subscribe(self, wake: Callable[[], None]) -> float | None:
        """Wait without a thread.

        Args:
            wake: Called once when it is over, on any thread.

        Returns:
            After how many seconds to go on without having been woken; None for never.
        """
        ...


Waiting: TypeAlias = Generator[Wait, None, T]
"""A generator that yields what it waits for and returns a ``T``."""


class Pause:
    """A pause of so many seconds."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def block(self) -> None:
        """Sleep."""
        sleep(self.seconds)

    def subscribe(self, wake: Callable[[], None]) -> float | None:
        """Nothing wakes it before its time is up."""
        return self.seconds


def block(steps: Waiting[T]) -> T:
    """Run a generator of waits on this thread.

    Args:
        steps: The generator.

    Returns:
        What it returns.

    Raises:
        WouldWait: It has to wait, and this is the thread of an event loop.
    """
    raised: BaseException | None = None
    while True:
        try:
            wait = next(steps) if raised is None else steps.throw(raised)
        except StopIteration as end:
            result: T = end.value
            return result
        raised = None
        try:
            _wait_here(wait)
        except BaseException as error:
            # An interrupt (Ctrl-C), or a thread that may not wait: the generator gives back what it holds.
            raised = error


def _wait_here(wait: Wait) -> None:
    if THREAD.budget.limited:
        raise WouldWait
    wait.block()
