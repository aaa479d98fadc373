"""What a copy did, as pure data.

Invariant: a report holds names, numbers and hashes, and never a value of a row.
"""

from __future__ import annotations

import msgspec

from noormme.engines.translating import Difference

__all__ = ["CopyReport", "Difference", "Progress", "TableReport"]


class TableReport(msgspec.Struct, frozen=True):
    """What became of one table.

    Attributes:
        name: Its name at the source.
        target: Its name at the target.
        rows: How many rows the source has.
        copied: How many rows the target has, where that was counted.
        hash: The hash of its content at the source, where that was asked for; see ``copying.hashing``.
        matches: Whether the target gave the same number of rows and the same hash; None where nobody looked.
    """

    name: str
    target: str
    rows: int
    copied: int | None = None
    hash: str | None = None
    matches: bool | None = None


class CopyReport(msgspec.Struct, frozen=True):
    """What a copy did, or would do.

    Attributes:
        source: What the source is called, without a password.
        target: What the target is called.
        dry_run: Whether nothing was written.
        resumed: Whether it went on where an earlier one had stopped.
        tables: What became of each table, in the order in which they were copied.
        views: The views that the target has too.
        differences: What has no equal at the target.
        statements: The definitions that were written, or would be.
        elapsed_s: How long it took, in seconds.
    """

    source: str
    target: str
    dry_run: bool
    resumed: bool
    tables: tuple[TableReport, ...]
    views: tuple[str, ...]
    differences: tuple[Difference, ...]
    statements: tuple[str, ...]
    elapsed_s: float

    @property
    def rows(self) -> int:
        """How many rows the tables have."""
        return sum(table.rows for table in self.tables)

    @property
    def verified(self) -> bool:
        """Whether every table was read again at the target and is the same there."""
        return all(table.matches for table in self.tables)

    @property
    def mismatches(self) -> tuple[TableReport, ...]:
        """The tables that were found to be another at the target."""
        return tuple(table for table in self.tables if table.matches is False)


class Progress(msgspec.Struct, frozen=True):
    """How far a copy is.

    Attributes:
        phase: ``"looking"`` at what the source holds, ``"copying"``, ``"finishing"`` or ``"verifying"``.
        object: The table, or what is being made.
        done: Rows of this phase so far, of all tables; or steps.
        total: How many there are.
    """

    phase: str
    object: str
    done: int
    total: int
