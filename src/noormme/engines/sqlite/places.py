"""Waiting for the head of the queue between processes, on a thread or on an event loop."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING

from noormme.engines.waits import Waiting
from noormme.errors import DatabaseLocked

if TYPE_CHECKING:
    from noormme.engines.sqlite.queue import FileQueue

__all__ = ["queued"]


def queued(queue: FileQueue, deadline: float) -> Waiting[None]:
    """Take the place at the head of the queue between processes.

    Args:
        queue: The queue.
        deadline: Until when to wait, in seconds of ``time.monotonic``.

    Raises:
        DatabaseLocked: It did not come in time.
    """
    if queue.try_acquire():
        return
    place = _Place(queue, deadline)
    try:
        yield place
    except BaseException:
        place.leave()
        raise
    if not place.first:
        place.leave()
        raise DatabaseLocked(
            "another process, or another Database of this one, wrote for too long",
            hint="keep transactions short, or raise busy_timeout_s",
        )


class _Place:
    """A place in the queue between processes; an ``engines.waits.Wait``."""

    def __init__(self, queue: FileQueue, deadline: float) -> None:
        self._queue = queue
        self._deadline = deadline
        self._cancel: Callable[[], object] | None = None
        self.first = False

    def block(self) -> None:
        """Wait on this thread."""
        self.first = self._queue.acquire(max(0.0, self._deadline - monotonic()))

    def subscribe(self, wake: Callable[[], None]) -> float | None:
        """Have ``wake`` called at the head of the queue."""

        def arrived() -> None:
            self.first = True
            wake()

        self._cancel = self._queue.when_acquired(arrived)
        return max(0.0, self._deadline - monotonic())

    def leave(self) -> None:
        """Give the place up, or the turn if it came in the meantime."""
        if self._cancel is not None and not self._cancel():
            self._queue.release()
