"""The rows of a statement that are read as they come, while the connection may be asked for more.

Invariant: a connection gives the rows of one statement at a time, so what is left of a stream is read and
kept before another statement runs.
"""

from __future__ import annotations

from collections import deque
from typing import Any

from noormme.engines.base import Row

__all__ = ["Stream"]

_READ_ROWS = 1_000
"""How many rows that nobody wants are read at a time."""


class Stream:
    """The rows of a statement that the server still sends.

    Args:
        cursor: PyMySQL's cursor, which reads row by row.

    Attributes:
        cursor: The same.
        kept: What was read before it was asked for; None while the server still sends.
        left: Whether nobody wants more rows.
    """

    __slots__ = ("cursor", "kept", "left")

    def __init__(self, cursor: Any) -> None:
        self.cursor = cursor
        self.kept: deque[Row] | None = None
        self.left = False

    def next(self, most: int) -> list[Row]:
        """The next rows; none at the end.

        Args:
            most: How many at most.
        """
        if self.kept is not None:
            return [self.kept.popleft() for _ in range(min(most, len(self.kept)))]
        return list(self.cursor.fetchmany(most))

    def keep(self) -> None:
        """Read all that the server still sends, and keep it if somebody wants it."""
        if not self.left:
            self.kept = deque(self.cursor.fetchall())
            return
        more = True
        while more:
            more = bool(self.cursor.fetchmany(_READ_ROWS))

    def is_long(self) -> bool:
        """Whether the server still sends many rows; those that were read to know it are gone."""
        return all(self.cursor.fetchmany(_READ_ROWS) for _ in range(2))
