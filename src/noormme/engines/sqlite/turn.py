"""Who may use the one connection that writes: one at a time, in the order in which they asked.

Invariant: a turn that is given up while others wait goes to the one that has waited longest, whether it is a
thread or a task; nobody passes those who wait.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from contextlib import suppress
from threading import Lock, RLock, get_ident
from time import monotonic

__all__ = ["Ticket", "Turn"]


class Turn:
    """A first-come, first-served lock for threads and tasks.

    Attributes:
        unclaimed: Who was given the turn and does not know it yet.
    """

    __slots__ = ("_holder", "_mutex", "_waiting", "unclaimed")

    def __init__(self) -> None:
        # The thread that has it, under the key 0. A signal can come in between any two steps of Python's. To
        # set a key that is missing is one step, so who has the turn is always known.
        self._holder: dict[int, tuple[int]] = {}
        self.unclaimed: Ticket | None = None
        self._waiting: deque[Ticket] = deque()
        # Reentrant, because the collection of a task that was left waiting gives its place up at any moment.
        self._mutex = RLock()

    @property
    def thread(self) -> int:
        """The thread that took the turn; for a task, that of its event loop. 0 where it is free."""
        holder = self._holder.get(0)
        return 0 if holder is None else holder[0]

    def _take(self, thread: int) -> bool:
        mine = (thread,)
        return self._holder.setdefault(0, mine) is mine

    def take_now(self) -> bool:
        """Take the turn if it is free and nobody waits for it."""
        return not self._waiting and self._take(get_ident())

    def ticket(self, deadline: float) -> Ticket:
        """A place in the queue.

        Args:
            deadline: Until when to wait, in seconds of ``time.monotonic``.
        """
        made = Ticket(self, deadline)
        with self._mutex:
            self._waiting.append(made)
            # It may have become free since it was asked for.
            self._pass_on()
        return made

    def give(self) -> None:
        """Give the turn up; the next in the queue has it."""
        self._holder.clear()
        if self._waiting:
            with self._mutex:
                self._pass_on()

    def _pass_on(self) -> None:
        while self._waiting and self._take(self._waiting[0].asked_by):
            self.unclaimed = ticket = self._waiting.popleft()
            if ticket.grant():
                return
            self.unclaimed = None
            self._holder.clear()

    def claim(self) -> None:
        """Know that one has been given the turn."""
        self.unclaimed = None

    def leave(self, ticket: Ticket) -> None:
        """Give a place in the queue up, or the turn if the ticket has it by now."""
        with self._mutex:
            if not ticket.granted:
                with suppress(ValueError):  # it was passed over
                    self._waiting.remove(ticket)
                return
        self.claim()
        self.give()


class Ticket:
    """A place in the queue; an ``engines.waits.Wait``.

    Attributes:
        asked_by: The thread that asked for it.
        granted: Whether it has the turn.
    """

    __slots__ = ("_deadline", "_gate", "_turn", "_wake", "asked_by", "granted")

    def __init__(self, turn: Turn, deadline: float) -> None:
        self._turn = turn
        self._deadline = deadline
        self.asked_by = get_ident()
        self._gate = Lock()
        self._gate.acquire()
        self._wake: Callable[[], None] | None = None
        self.granted = False

    def grant(self) -> bool:
        """Have the turn (called by ``Turn``).

        Returns:
            Whether anybody is there to take it.
        """
        self.granted = True
        self._gate.release()
        if self._wake is not None:
            try:
                self._wake()
            except RuntimeError:
                # This is what an event loop raises that was closed before its tasks had ended.
                self.granted = False
        return self.granted

    def block(self) -> None:
        """Wait for the turn on this thread, at most until the deadline."""
        self._gate.acquire(timeout=max(0.0, self._deadline - monotonic()))

    def subscribe(self, wake: Callable[[], None]) -> float | None:
        """Have ``wake`` called when it has the turn."""
        self._wake = wake
        if self.granted:
            wake()
        return max(0.0, self._deadline - monotonic())
