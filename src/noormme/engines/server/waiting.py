"""What a coroutine waits for while a worker does it.

Invariant: what a worker has begun is not lost when nobody waits for it any more: it is undone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Generic, TypeVar, cast

from noormme.engines.workers import Job

if TYPE_CHECKING:
    from noormme.engines.workers import Workers

__all__ = ["Elsewhere"]

T = TypeVar("T")


class Elsewhere(Generic[T]):
    """A call that is made by whoever blocks, or by a worker for who awaits; an ``engines.waits.Wait``.

    Args:
        workers: The workers.
        call: What to call.
        in_transaction: Whether it is a part of an open transaction, for whose end all other workers may wait.
    """

    def __init__(self, workers: Workers, call: Callable[[], T], *, in_transaction: bool = False) -> None:
        self._workers = workers
        self._in_transaction = in_transaction
        self._call = call
        self._undo: Callable[[T], object] | None = None
        self._result: T | None = None
        self._error: BaseException | None = None
        self._done = False

    def block(self) -> None:
        """Make the call on this thread."""
        self._run()

    def subscribe(self, wake: Callable[[], None]) -> float | None:
        """Let a worker make the call.

        Args:
            wake: Called when it is done.
        """
        job = self._workers.submit(Job(self._run, (), {}), in_transaction=self._in_transaction)
        job.add_done_callback(lambda _: wake())
        return None

    def left(self, undo: Callable[[T], object]) -> None:
        """Nobody wants the result any more.

        Args:
            undo: Called with it, now or when it is there.
        """
        self._undo = undo
        if self._done and self._error is None:
            undo(cast("T", self._result))

    @property
    def result(self) -> T:
        """What the call gave; raises what it raised."""
        if self._error is not None:
            raise self._error
        return cast("T", self._result)

    def _run(self) -> None:
        try:
            self._result = self._call()
        except BaseException as error:
            self._error = error
        self._done = True
        if self._undo is not None and self._error is None:
            self._undo(cast("T", self._result))
