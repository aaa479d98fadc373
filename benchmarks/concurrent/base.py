"""What a contender does for the workloads on an event loop.

Invariant: every method is awaited in one running loop, and gives what that library's users hold.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

__all__ = ["Asynchronous"]


class Asynchronous:
    """One library, used on an event loop as its documentation recommends."""

    async def open(self, database: Path) -> None:
        """Connect to a copy of the blog database, which belongs to this contender."""
        raise NotImplementedError

    async def get(self, key: int) -> Any:
        """The user with that key."""
        raise NotImplementedError

    async def insert(self, name: str) -> Any:
        """A new tag, committed."""
        raise NotImplementedError

    async def scan(self) -> int:
        """How many posts hold a word that none has: some 15 ms of the database's time."""
        raise NotImplementedError

    async def run(self, sql: str) -> int:
        """The one number that a statement gives: seconds of the database's time."""
        raise NotImplementedError

    async def close(self) -> None:
        """Close what is open."""

    def user(self, row: Any) -> list[object]:
        """What is compared of a user, as plain values."""
        return [row.id, row.email, row.age, row.is_active, row.created_at.isoformat()]
