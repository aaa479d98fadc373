"""What statements that read run on, and what they give.

Invariant: an engine's own classes have these methods; nothing here does anything.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol, TypeVar

__all__ = ["Cursor", "Local", "Named", "Results", "Row"]

T = TypeVar("T")
Row = tuple[Any, ...]
"""A row as a driver gives it."""

Named = tuple[tuple[str, ...] | None, T]
"""What the columns of rows are called, and the rows; None where the database did not say it."""


class Results(Protocol):
    """The rows of a statement, read from the database as they are asked for."""

    def __iter__(self) -> Iterator[Row]: ...

    def fetchall(self) -> list[Row]:
        """All rows."""
        ...

    @property
    def get(self) -> Any:
        """The only row, None where there is none, or a list of several; a row of one value is that value."""
        ...

    def close(self) -> None:
        """Give up the rows that were not read."""
        ...


class Cursor(Protocol):
    """A driver's cursor: runs a statement and gives its rows."""

    def execute(self, sql: str, parameters: Any = None, /) -> Results:
        """Run one statement.

        Args:
            sql: The statement.
            parameters: A tuple of values that the driver takes.
        """
        ...

    def close(self) -> None:
        """Give up the rows that were not read; it runs nothing any more."""
        ...


class Local(Protocol):
    """What a thread has of its own: cursors."""

    @property
    def free(self) -> list[Cursor]:
        """Cursors that nothing reads from; take one with ``pop`` and put it back when its rows are read."""
        ...

    @property
    def single(self) -> list[Cursor]:
        """Those for a statement that finds one row by a key: the same, or one where its row is at hand."""
        ...

    def new(self) -> Cursor:
        """One more cursor."""
        ...
