"""What a source holds where the types of its columns do not say it: every value is looked at once.

Invariant: nothing is written. What is found does not depend on the order of the rows, so that a copy that is
begun again finds the same.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Literal, TypeAlias
from uuid import UUID

import msgspec

from noormme.copying.hashing import JSON_NULL
from noormme.copying.reading import Reader
from noormme.engines.base import Row
from noormme.engines.definable import Abilities, Stored
from noormme.errors import InvalidValue
from noormme.schema.model import Column, Kind, Table

__all__ = ["ColumnSurvey", "OnBadValue", "SeenColumn", "decided", "survey"]

OnBadValue: TypeAlias = Literal["error", "null", "text"]
"""What becomes of a value that is none of its column's type: the copy stops, it becomes NULL, or the column
becomes one of text."""

_TYPES: Mapping[Kind, frozenset[type]] = {
    "integer": frozenset({int}),
    "real": frozenset({float, int}),
    "text": frozenset({str}),
    "blob": frozenset({bytes}),
    "boolean": frozenset({bool}),
    "date": frozenset({date}),
    "time": frozenset({time}),
    "datetime": frozenset({datetime}),
    "duration": frozenset({timedelta}),
    "decimal": frozenset({Decimal}),
    "uuid": frozenset({UUID}),
}
"""The Python types of the values of each kind."""

_NAMES_SHOWN = 5


class SeenColumn(msgspec.Struct):
    """What was seen in a column.

    Attributes:
        table: Its table's name.
        column: Its name.
        kind: The kind that its values are to have.
        stored: What was seen.
        odd: How many values were none of its kind, for which something was decided.
    """

    table: str
    column: str
    kind: Kind
    stored: Stored
    odd: int = 0


class ColumnSurvey:
    """Collects what is seen in one column.

    Args:
        table: Its table.
        column: The column.
        can: What the target can hold.

    Attributes:
        table: The same.
        column: The same.
        stored: What was seen.
        types: The Python types of the values.
        odd: How many values are none of the column's kind.
        no_number: Whether a number was infinite or NaN, where the target stores none such.
        first: The key of the row with the first of them.
    """

    def __init__(self, table: Table, column: Column, can: Abilities) -> None:
        self.table = table
        self.column = column
        self.stored = Stored()
        self.types: set[type] = set()
        self.odd = 0
        self.first: Row = ()
        self.no_number = False
        self._can = can
        self._allowed = _TYPES.get(column.kind)

    def add(self, values: Sequence[Any], raw: Sequence[object], keys: Sequence[Row]) -> None:
        """Look at some values.

        Args:
            values: The values, decoded.
            raw: The same as they are stored.
            keys: The keys of their rows.
        """
        types = set(map(type, values))
        stored = self.stored
        if type(None) in types:
            types.discard(type(None))
            stored.nulls += sum(value is None for value in values)
        self.types |= types
        if int in types:
            whole = [value for value in values if type(value) is int]
            stored.lowest, stored.highest = min(stored.lowest, *whole), max(stored.highest, *whole)
        if str in types:
            texts = [value for value in values if type(value) is str]
            stored.longest = max(stored.longest, *map(len, texts))
            stored.nul = stored.nul or any("\0" in text for text in texts)
        if bytes in types:
            stored.longest = max([stored.longest, *(len(value) for value in values if type(value) is bytes)])
        if Decimal in types:
            self._measure(value for value in values if type(value) is Decimal)
        if not types.isdisjoint((datetime, time)):
            zones = {value.tzinfo is None for value in values if type(value) in (datetime, time)}
            stored.naive, stored.aware = stored.naive or True in zones, stored.aware or False in zones
        self._note_odd(types, values, raw, keys)

    def _measure(self, numbers: Iterable[Decimal]) -> None:
        stored = self.stored
        for number in numbers:
            if number.is_finite():
                _, digits, exponent = number.normalize().as_tuple()
                assert isinstance(exponent, int), "a finite number has one"
                stored.scale = max(stored.scale, -exponent)
                stored.whole_digits = max(stored.whole_digits, len(digits) + exponent)

    def _note_odd(
        self, types: set[type], values: Sequence[Any], raw: Sequence[object], keys: Sequence[Row]
    ) -> None:
        if float in types or Decimal in types:
            self.no_number = self.no_number or any(map(self._is_no_number, values))
        fits = (self._can.stores_nul or not self.stored.nul) and not self.no_number
        if self._allowed is not None:
            if types <= self._allowed and fits:
                return
        elif self.column.kind != "json" or types.isdisjoint((str, bytes)):
            return
        for value, found, key in zip(values, raw, keys, strict=True):
            if value is not None and value is not JSON_NULL and self._is_odd(value, found):
                if not self.odd:
                    self.first = key
                self.odd += 1

    def _is_odd(self, value: object, found: object) -> bool:
        if self._allowed is None:
            # What could be read as a document is another object than the text that it was read from.
            return type(value) in (str, bytes) and value is found
        if isinstance(value, str) and not self._can.stores_nul and "\0" in value:
            return True
        return self._is_no_number(value) or type(value) not in self._allowed

    def _is_no_number(self, value: object) -> bool:
        if not isinstance(value, (float, Decimal)) or math.isfinite(value):
            return False
        return not (self._can.stores_nan if math.isnan(value) else self._can.stores_infinity)


def survey(
    reader: Reader, can: Abilities, size: int, told: Callable[[int], None]
) -> tuple[int, list[ColumnSurvey]]:
    """Look at every value of a table. Touches the database.

    Args:
        reader: Reads the table.
        can: What the target can hold.
        size: How many rows to read at a time.
        told: Called with the number of rows of each batch.

    Returns:
        How many rows there are, and what was seen in each column.
    """
    found = [ColumnSurvey(reader.table, column, can) for column in reader.columns]
    count = 0
    for batch in reader.batches(size):
        count += len(batch.rows)
        rows = reader.decoded(batch.rows)
        for column, values, raw in zip(
            found, zip(*rows, strict=True), zip(*batch.rows, strict=True), strict=True
        ):
            column.add(values, raw, batch.keys)
        told(len(batch.rows))
    return count, found


def decided(columns: Sequence[ColumnSurvey], can: Abilities, on_bad_value: OnBadValue) -> list[SeenColumn]:
    """Say of which kind the values of each column are to be.

    Args:
        columns: What was seen.
        can: What the target can hold.
        on_bad_value: What becomes of a value that is none of its column's type.

    Raises:
        InvalidValue: A column holds such values, and they are an error; the message names the columns, and of
            each the key of the first row.
    """
    made: list[SeenColumn] = []
    bad: list[str] = []
    for column in columns:
        kind = _wider(column, can)
        odd = 0 if kind is not None else column.odd
        kind = kind or column.column.kind
        mixed = kind in ("datetime", "time") and column.stored.aware and column.stored.naive
        if odd or mixed:
            empty = on_bad_value == "null" and not mixed
            if on_bad_value == "text":
                kind = _as_text(column, can)
            elif not (empty and (column.column.nullable or column.column.generated)):
                bad.append(_sentence(column, mixed=mixed))
        made.append(SeenColumn(column.table.name, column.column.name, kind, column.stored, odd))
    if bad:
        more = f" (and {len(bad) - _NAMES_SHOWN} columns more)" if len(bad) > _NAMES_SHOWN else ""
        raise InvalidValue(
            f"the source holds values that the target's types cannot: {'; '.join(bad[:_NAMES_SHOWN])}{more}",
            hint="correct them there, or choose --on-bad-value=text, which makes such columns TEXT, or "
            "--on-bad-value=null, which leaves out the values",
        )
    return made


def _wider(column: ColumnSurvey, can: Abilities) -> Kind | None:
    """A kind that holds every value as it is, where the column's own says nothing or too little."""
    kind, types, stored = column.column.kind, column.types, column.stored
    # A real holds whole numbers of 53 bits.
    exact = stored.lowest >= -(2**53) and stored.highest <= 2**53
    if kind == "any":
        if types and types <= {int}:
            return "integer"
        if types and types <= {int, float}:
            return "real" if exact and not column.no_number else "text"
        return "blob" if types == {bytes} else _as_text(column, can)
    if not column.odd:
        return None
    if kind == "date" and types <= {date, datetime}:
        # No date is lost as a moment at midnight.
        return "datetime"
    if kind == "boolean" and types <= {bool, int}:
        return "integer"
    if kind == "integer" and types <= {int, float} and exact:
        return "real"
    if kind == "blob" and types <= {str, bytes}:
        return _as_text(column, can)
    return None


def _as_text(column: ColumnSurvey, can: Abilities) -> Kind:
    """``"text"``; ``"blob"`` for what no text of the target can hold."""
    return "blob" if bytes in column.types or (column.stored.nul and not can.stores_nul) else "text"


def _sentence(column: ColumnSurvey, *, mixed: bool) -> str:
    name = f"{column.table.name}.{column.column.name}"
    if mixed and not column.odd:
        return f"{name} ({column.column.kind}) has moments with an offset and without one"
    where = ""
    if column.first:
        key = ", ".join(map(str, column.first))
        where = f", the first in the row with the key {key}"
    values = "1 value that is none" if column.odd == 1 else f"{column.odd:,} values that are none"
    return f"{name} ({column.column.kind}) has {values}{where}"
