"""Places of which there are so many and no more.

Invariant: a place is taken by one at a time. Taking and giving one back is one step of C's, so that a signal
handler or a finalizer that runs between two steps of Python's finds no lock taken by the code that it
interrupts.
"""

from __future__ import annotations

from queue import Empty, SimpleQueue

__all__ = ["Places"]


class Places:
    """Places to take and to give back; what ``threading.Semaphore`` is, but for signal handlers too.

    Args:
        number: How many there are.
    """

    __slots__ = ("_free",)

    def __init__(self, number: int) -> None:
        # ``put`` and ``get`` of a SimpleQueue are made for such use: docs.python.org/3/library/queue.html
        self._free: SimpleQueue[None] = SimpleQueue()
        for _ in range(number):
            self._free.put(None)

    def take(self, wait_s: float = 0.0) -> bool:
        """Take a place.

        Args:
            wait_s: How long to wait for one, in seconds.

        Returns:
            Whether there was one.
        """
        try:
            self._free.get(block=wait_s > 0, timeout=wait_s)
        except Empty:
            return False
        return True

    def give(self) -> None:
        """Give a place back."""
        self._free.put(None)
