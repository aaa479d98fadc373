"""Rows that are read as they are asked for, and all at once where they are in the way of a write.

Invariant: a file that is not in WAL mode cannot be put into it, and takes no commit, while a statement reads
from it. A loop that writes to the rows it goes through would wait for itself there; so what such loops have
not read yet is read before.
"""

from __future__ import annotations

import weakref
from collections import deque
from collections.abc import Callable, Iterator
from threading import RLock

import apsw

from noormme.engines.base import Results, Row
from noormme.engines.budget import NEVER, THREAD

__all__ = ["Stream", "Streams"]

_PATIENCE_S = 0.05
"""How long to wait for a thread that reads a stream to its end just now."""


class Stream:
    """The rows of one statement, which somebody else may read to their end while nobody asks for one.

    The driver keeps two threads from reading at once: the later one meets ``apsw.ThreadingViolationError``.

    Args:
        rows: The rows, as the driver gives them.
        close: Ends the statement.

    Attributes:
        taken: Whether somebody else has begun to read them to their end.
    """

    __slots__ = ("__weakref__", "_ahead", "_close", "_error", "_lock", "_rows", "taken")

    def __init__(self, rows: Results, close: Callable[[], None]) -> None:
        self._rows = iter(rows)
        self._close = close
        self.taken = False
        # Reentrant, because a finalizer may end the stream while its thread reads from it.
        self._lock = RLock()
        self._ahead: deque[Row] = deque()
        self._error: BaseException | None = None

    def rest(self) -> Iterator[Row]:
        """What another thread has read of them, where it did."""
        with self._lock:
            ahead, self._ahead = self._ahead, deque()
        yield from ahead
        if self._error is not None:
            raise self._error

    def __enter__(self) -> Stream:
        return self

    def __exit__(self, *exception: object) -> None:
        """Read no more, because the statement is about to be ended."""
        with self._lock:
            self._rows = iter(())

    def read_all(self) -> None:
        """Read what is left, so that the statement ends; who asks for the rows meets an error in them."""
        if not self._lock.acquire(timeout=_PATIENCE_S):
            return
        self.taken = True
        try:
            with _Undisturbed():
                self._ahead.extend(self._rows)
        except apsw.ThreadingViolationError:
            # The thread that asks for them reads just now.
            return
        except BaseException as error:
            self._error = error
            self._rows = iter(())
            self._close()
            if not isinstance(error, Exception):
                raise
        finally:
            self._lock.release()


class Streams:
    """The statements of one engine whose rows are read as they are asked for."""

    def __init__(self) -> None:
        self._open: weakref.WeakSet[Stream] = weakref.WeakSet()
        self._lock = RLock()

    def add(self, rows: Results, close: Callable[[], None]) -> Stream:
        """A stream of rows; the arguments are those of ``Stream``."""
        made = Stream(rows, close)
        with self._lock:
            self._open.add(made)
        return made

    def read_all(self) -> None:
        """Read what is left of all of them."""
        with self._lock:
            found = list(self._open)
        for stream in found:
            stream.read_all()


class _Undisturbed:
    """A block whose statements belong to somebody else: this thread's budget does not end them."""

    def __enter__(self) -> None:
        budget = THREAD.budget
        self._outer = (budget.deadline, budget.ends, budget.work)
        budget.deadline, budget.ends, budget.work = NEVER, NEVER, None

    def __exit__(self, *exception: object) -> None:
        budget = THREAD.budget
        budget.deadline, budget.ends, budget.work = self._outer
