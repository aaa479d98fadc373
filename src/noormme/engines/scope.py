"""One block of a transaction, and what is to follow when it ends well or badly.

Invariant: what a block promises for its end is kept by the block around it until the outermost one commits.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

__all__ = ["Scope"]


class Scope:
    """A transaction, or a savepoint inside it.

    Attributes:
        savepoint: The name of its savepoint; None for the transaction itself.
        on_commit: What to call once the transaction is committed, in order.
        made: Objects that did not exist before, and what each list of them is given to if it is rolled back,
            after everything in ``undo``. (A function for each of them would be one more thing for the garbage
            collector to look at.)
        undo: What brings objects back to what they were, if it is rolled back; the last one first.
        rolled_back: Whether it is to be rolled back although no error ends it.
    """

    __slots__ = ("made", "on_commit", "rolled_back", "savepoint", "undo")

    def __init__(self, savepoint: str | None = None) -> None:
        self.savepoint = savepoint
        self.on_commit: list[Callable[[], object]] = []
        self.made: defaultdict[Callable[[list[Any]], object], list[Any]] = defaultdict(list)
        self.undo: list[Callable[[], object]] = []
        self.rolled_back = False

    def hand_over(self, outer: Scope) -> None:
        """Leave what was promised to the block around this one."""
        outer.on_commit += self.on_commit
        outer.undo += self.undo
        # Another thread that shares the transaction may add to it meanwhile.
        for unmake in list(self.made):
            outer.made[unmake] += self.made[unmake]

    def undone(self) -> None:
        """Bring objects back to what they were."""
        undos, self.undo = self.undo, []
        for undo in reversed(undos):
            undo()
        made, self.made = self.made, defaultdict(list)
        for unmake, items in made.items():
            unmake(items)
