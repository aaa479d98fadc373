"""Threads that take turns as often as they can."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")

_OFTEN_S = 1e-6


@contextmanager
def threads(work: Callable[[int], T], number: int) -> Generator[list[Future[T]], None, None]:
    """Threads that work on something together, once all of them run, and take turns as often as they can.

    They start at the usual pace: coverage on CPython 3.11 loses some of those that start under the other.

    Args:
        work: What each does; it is given its number.
        number: How many there are.
    """
    usual = sys.getswitchinterval()
    barrier = threading.Barrier(number + 1, action=lambda: sys.setswitchinterval(_OFTEN_S))

    def run(which: int) -> T:
        barrier.wait(timeout=60)
        return work(which)

    with ThreadPoolExecutor(number) as pool:
        try:
            running = [pool.submit(run, which) for which in range(number)]
            barrier.wait(timeout=60)
            yield running
        finally:
            sys.setswitchinterval(usual)


@contextmanager
def meanwhile(work: Callable[[], object], number: int) -> Generator[None, None, None]:
    """Threads that do something again and again until the block ends, also where it ends with an error.

    Args:
        work: What they do; its errors are raised at the end of the block.
        number: How many threads there are.
    """
    going = [True]

    def again(_: int) -> None:
        while going:
            work()

    with threads(again, number) as running:
        try:
            yield
        finally:
            going.clear()
        for each in running:
            each.result()


class Awaited:
    """A lock that says when a thread has to wait for it."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._event = threading.Event()
        self._thread: threading.Thread | None = None

    def __enter__(self) -> None:
        if not self._lock.acquire(blocking=False):
            self._event.set()
            self._lock.acquire()

    def __exit__(self, *exception: object) -> None:
        self._lock.release()

    def beside(self, work: Callable[[], object]) -> None:
        """Do something on another thread until it is done or waits for the lock; only at the first call.

        Args:
            work: What it does, once; its result is seen after ``join``.
        """
        if self._thread is not None:
            return

        def run() -> None:
            try:
                work()
            finally:
                self._event.set()

        self._thread = threading.Thread(target=run)
        self._thread.start()
        assert self._event.wait(timeout=60)

    def join(self) -> None:
        """Wait until that is done; the lock was given back."""
        assert self._thread is not None
        self._thread.join()


def at_once(work: Callable[[int], T], number: int) -> list[T]:
    """What ``work`` gives in each of some threads that start together; see ``threads``."""
    with threads(work, number) as running:
        return [each.result() for each in running]
