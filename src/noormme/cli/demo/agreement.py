"""Whether typed rows hold what the stored rows hold.

Invariant: the stored rows come from the other process; they are read by the same rules, but not by the
same connection, query or decoder, as the typed rows that they are compared with.
"""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from noormme.cli.demo.operations import Operation, Row, Source
from noormme.cli.demo.rival import Rival, stored_value
from noormme.engines.sqlite.dialect import SQLiteDialect

__all__ = ["Reader"]


class Reader:
    """Reads the rows of the other process.

    Args:
        other: The other process; it is asked for samples, to learn the form of columns.
        timezone: The time zone that was set for datetimes without an offset, or None.
    """

    def __init__(self, other: Rival, timezone: str | None) -> None:
        self._dialect = SQLiteDialect(other.sample, ZoneInfo(timezone) if timezone else None)

    def agree(self, operation: Operation, typed: Sequence[Row], stored: Sequence[Row]) -> bool:
        """Whether both lists hold the same rows, in the same order.

        Args:
            operation: What read them; it says what each value is.
            typed: Rows of Python values.
            stored: Rows of stored values, as JSON brought them.
        """
        if len(typed) != len(stored):
            return False
        return all(self._same(operation, ours, theirs) for ours, theirs in zip(typed, stored, strict=True))

    def _same(self, operation: Operation, ours: Row, theirs: Row) -> bool:
        width = len(operation.sources)
        if ours[:width] != self._row(operation.sources, theirs[:width]):
            return False
        if not operation.child_sources:
            return True
        children = [self._row(operation.child_sources, child) for child in theirs[width]]
        # Nobody asked for an order among the children.
        return sorted(map(repr, ours[width])) == sorted(map(repr, children))

    def _row(self, sources: Sequence[Source], row: Row) -> Row:
        return tuple(self._value(source, value) for source, value in zip(sources, row, strict=True))

    def _value(self, source: Source, value: object) -> object:
        if value is None or source.kind in ("any", "integer", "real", "text", "blob"):
            return stored_value(value)
        return self._dialect.decode(source.kind, stored_value(value), source.table, source.column)
