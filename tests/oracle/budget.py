"""How much work a query may make for SQLite, on either side.

Invariant: a query that is stopped gives ``STOPPED`` and is compared with nothing: a cross join of random tables
says nothing about meaning.
"""

from __future__ import annotations

from typing import ClassVar

from .normalise import Outcome

__all__ = ["STOPPED", "StepBudget"]

STOPPED: Outcome = {"error": "StepLimit: too much work"}


class StepBudget:
    """Counts the steps of SQLite's virtual machine; ``spend`` is a progress handler.

    Attributes:
        STRIDE: How many steps lie between two calls of the handler.
        CALLS: How often it may be called for one query.
        is_spent: Whether the query was stopped.
    """

    STRIDE: ClassVar[int] = 10_000
    CALLS: ClassVar[int] = 400

    def __init__(self) -> None:
        self._left = self.CALLS

    @property
    def is_spent(self) -> bool:
        """Whether the query was stopped."""
        return self._left < 0

    def renew(self) -> None:
        """Begin a new query."""
        self._left = self.CALLS

    def spend(self) -> bool:
        """Whether SQLite must stop now."""
        self._left -= 1
        return self._left < 0
