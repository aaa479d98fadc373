"""Threads that run what an event loop's thread must not.

Invariant: a worker runs one piece of work at a time, in a copy of the context of whoever asked for it; work
that nobody waits for any more ends at the next look of its statement at the budget.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping, Sequence
from contextvars import copy_context
from time import perf_counter
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from noormme.callsite import user_place
from noormme.engines.budget import LOOP_S, THREAD, Stopped

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor

__all__ = ["Job", "Workers"]

T = TypeVar("T")

_SLOW_ONES = 3
"""After how many slow writes in a row the disk is taken to be slow."""

_SLOW_S = 1.0
"""For how long writes go to workers then."""

_MOST_THREADS = min(32, (os.cpu_count() or 1) + 4)


class Job(Generic[T]):
    """A call that a worker makes.

    Args:
        call: What to call.
        arguments: Its arguments.
        options: Its arguments by name.

    Attributes:
        stopped: Whether nobody waits for it any more.
        thread: The thread that asked for it.
        place: Where in the user's code it was asked for.
    """

    __slots__ = ("_arguments", "_call", "_context", "_options", "place", "stopped", "thread")

    def __init__(
        self, call: Callable[..., T], arguments: Sequence[object], options: Mapping[str, object]
    ) -> None:
        self._call = call
        self._arguments = arguments
        self._options = options
        self._context = copy_context()
        self.place = user_place()
        self.stopped = False
        self.thread = threading.get_ident()

    def __call__(self) -> T:
        """Make the call.

        Raises:
            Stopped: Nobody waits for it any more.
        """
        if self.stopped:
            raise Stopped
        THREAD.budget.work = self
        try:
            return self._context.run(self._call, *self._arguments, **self._options)
        finally:
            THREAD.budget.work = None


class Workers:
    """The worker threads of one engine; none before the first job.

    Args:
        transactions: How many transactions can be open at a time.

    Attributes:
        wanted_until: Until when what writes goes to a worker, by ``perf_counter``: the disk is slow just now.
    """

    def __init__(self, transactions: int = 1) -> None:
        self._transactions = transactions
        self.wanted_until = 0.0
        self._slow_ones = 0
        self._pools: dict[bool, ThreadPoolExecutor] = {}
        self._lock = threading.RLock()
        self._jobs: set[Future[Any]] = set()

    def took(self, seconds: float) -> None:
        """Note how long a write held the thread of an event loop.

        Args:
            seconds: How long.
        """
        if seconds <= LOOP_S:
            self._slow_ones = 0
            return
        self._slow_ones += 1
        if self._slow_ones >= _SLOW_ONES:
            self.wanted_until = perf_counter() + _SLOW_S

    def submit(self, job: Job[T], *, in_transaction: bool = False) -> Future[T]:
        """Let a worker run a job, as soon as one is free.

        Args:
            job: The job.
            in_transaction: Whether it is a part of an open transaction. There is a worker for each of these
                alone: all others may be waiting for the end of the transaction.
        """
        while True:
            pool = self._pools.get(in_transaction) or self._opened(in_transaction)
            try:
                future = pool.submit(job)
                break
            except RuntimeError:
                if self._pools.get(in_transaction) is pool:
                    # There can be no more threads.
                    raise
                # It was closed meanwhile. On a new one the engine says so itself, or is closed once more.
        self._jobs.add(future)
        future.add_done_callback(self._jobs.discard)
        return future

    def _opened(self, in_transaction: bool) -> ThreadPoolExecutor:
        with self._lock:
            pool = self._pools.get(in_transaction)
            if pool is None:
                pool = self._pools[in_transaction] = _pool(
                    self._transactions if in_transaction else _MOST_THREADS
                )
            return pool

    @property
    def busy(self) -> int:
        """How many jobs wait or run."""
        return len(self._jobs)

    def close(self) -> None:
        """Let the threads end when their work is done."""
        with self._lock:
            pools, self._pools = self._pools, {}
        for pool in pools.values():
            pool.shutdown(wait=False)


def _pool(threads: int) -> ThreadPoolExecutor:
    from concurrent.futures import ThreadPoolExecutor  # here, because programs without coroutines need none

    return ThreadPoolExecutor(threads, thread_name_prefix="noormme")
