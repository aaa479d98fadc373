"""From the values that the source gives to those that the target takes.

Invariant: a value arrives as it is, or as another one that means the same in the column's new type, or the
copy stops with an error that names the table, the column and the key of the row; never does it change
without a word.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from noormme.copying.hashing import JSON_NULL, text_of
from noormme.copying.reading import Batch, Reader
from noormme.copying.survey import OnBadValue
from noormme.engines.base import Engine, Row
from noormme.errors import InvalidValue, NoormmeError
from noormme.schema.declared import read_declared
from noormme.schema.model import Column, Kind, Table

__all__ = ["Conversion"]

Change = Callable[[Any], Any]


class Conversion:
    """Turns the rows of a table into those of its copy.

    Args:
        reader: Reads the source.
        target: The target.
        table: The table at the target, as it was discovered there.
        columns: Its columns, in the order of those of the reader.
        raw: Whether values are passed on as the driver gives them, because both sides are of one engine.
        on_bad_value: What becomes of a value that the column does not take.

    Attributes:
        raw: The same.
    """

    def __init__(
        self,
        reader: Reader,
        target: Engine,
        table: Table,
        columns: Sequence[Column],
        *,
        raw: bool,
        on_bad_value: OnBadValue,
    ) -> None:
        self._reader = reader
        self.raw = raw
        self._null = on_bad_value == "null"
        self._changes = [
            None if raw else _change(old.kind, new, nul=target.creator.can.stores_nul)
            for old, new in zip(reader.columns, columns, strict=True)
        ]
        self._encoders = [
            None if raw or column.generated else _encoder(target, table, column) for column in columns
        ]
        self._nullable = [column.nullable for column in columns]
        self._given = [at for at, column in enumerate(columns) if not column.generated]

    def values(self, batch: Batch) -> list[Row]:
        """The values that the copy of each row has, as Python has them.

        Args:
            batch: The rows.

        Raises:
            InvalidValue: The target cannot hold one of them.
        """
        if self.raw:
            return batch.rows
        return self._mapped(batch, self._reader.decoded(batch.rows), self._changes)

    def parameters(self, batch: Batch) -> list[Row]:
        """What is sent to the target for each row: the columns that it does not compute itself, encoded.

        Args:
            batch: The rows.

        Raises:
            InvalidValue: The target cannot hold one of them.
        """
        rows = self.values(batch)
        if not self.raw:
            rows = self._mapped(batch, rows, self._encoders)
        if len(self._given) == len(self._encoders):
            return rows
        return [tuple(row[at] for at in self._given) for row in rows]

    def _mapped(self, batch: Batch, rows: list[Row], changes: Sequence[Change | None]) -> list[Row]:
        if not rows or not any(changes):
            return rows
        columns: list[Sequence[object]] = list(zip(*rows, strict=True))
        for at, change in enumerate(changes):
            if change is not None:
                columns[at] = self._column(batch, at, columns[at], change)
        return list(zip(*columns, strict=True))

    def _column(self, batch: Batch, at: int, values: Sequence[Any], change: Change) -> list[object]:
        try:
            return [None if value is None else change(value) for value in values]
        except (InvalidValue, ValueError, ArithmeticError, TypeError):
            pass
        found: list[object] = []
        for number, value in enumerate(values):
            try:
                found.append(None if value is None else change(value))
            except (InvalidValue, ValueError, ArithmeticError, TypeError) as error:
                if not (self._null and self._nullable[at]):
                    raise self._bad(at, batch.keys[number], error) from None
                found.append(None)
        return found

    def _bad(self, at: int, key: Row, error: Exception) -> InvalidValue:
        column = self._reader.columns[at]
        where = f" in the row with the key {', '.join(map(str, key))}" if key else ""
        reason = f": {error.message}" if isinstance(error, NoormmeError) else ""
        return InvalidValue(
            f"{self._reader.table.name}.{column.name} ({column.kind}) holds a value{where} that the target "
            f"cannot hold{reason}",
            hint="correct it at the source, or choose --on-bad-value=null or =text",
        )


def _encoder(target: Engine, table: Table, column: Column) -> Change | None:
    """What encodes the values of a column, a document that is null among them."""
    encode = target.creator.storing(column) or target.dialect.storing(column.kind, table, column)
    if column.kind != "json" or encode is None:
        return encode
    return lambda value: encode(None if value is JSON_NULL else value)


def _change(kind: Kind, column: Column, *, nul: bool) -> Change | None:
    """What makes a value of a kind one of a column's kind; None where the column takes it as it is."""
    change = _to_kind(column)
    if change is _text and not nul:
        change = _text_without_nul
    if column.kind == "json":
        return change
    if kind == "json":
        # A document that is null can be told from none only as a document, or as text.
        return change or _documented
    return change


def _to_kind(column: Column) -> Change | None:
    wanted = column.kind
    if wanted == "text":
        # Odd values of a column of texts became text too.
        return _text
    if wanted == "blob":
        return _bytes
    if wanted == "datetime":
        return _moment if read_declared(column.declared_type).zoned else _moment_of_clock
    if wanted == "integer":
        return _whole
    if wanted == "decimal":
        return _decimal
    if wanted == "real":
        return _real
    types = _STRICT.get(wanted)
    return None if types is None else _checked(types)


_STRICT: dict[Kind, type] = {
    "boolean": bool,
    "date": date,
    "time": time,
    "duration": timedelta,
    "uuid": UUID,
}


def _checked(wanted: type) -> Change:
    def check(value: object) -> object:
        if type(value) is not wanted:
            raise InvalidValue(f"it is no {wanted.__name__}")
        return value

    return check


def _documented(value: object) -> object:
    return None if value is JSON_NULL else value


def _text(value: object) -> object:
    if type(value) is str:
        return value
    return value.decode() if isinstance(value, bytes) else text_of(value)


def _text_without_nul(value: object) -> object:
    text = _text(value)
    if "\0" in str(text):
        raise InvalidValue("text with the character NUL")
    return text


def _bytes(value: object) -> object:
    if type(value) is bytes:
        return value
    return text_of(value).encode("utf-8", "surrogateescape")


def _moment(value: object) -> object:
    if type(value) is date:
        return datetime(value.year, value.month, value.day)
    if not isinstance(value, datetime):
        raise InvalidValue("it is no moment")
    return value if value.tzinfo is not None else value.replace(tzinfo=UTC)


def _moment_of_clock(value: object) -> object:
    if type(value) is date:
        return datetime(value.year, value.month, value.day)
    if not isinstance(value, datetime):
        raise InvalidValue("it is no moment")
    return value if value.tzinfo is None else value.astimezone(UTC).replace(tzinfo=None)


def _whole(value: object) -> object:
    if isinstance(value, timedelta):
        return value // timedelta(microseconds=1)
    if isinstance(value, (int, Decimal)) and value == int(value):
        return int(value)
    raise InvalidValue("it is no whole number")


def _decimal(value: object) -> object:
    if isinstance(value, Decimal):
        return value
    if isinstance(value, (int, float)):
        return Decimal(str(value))
    raise InvalidValue("it is no decimal")


def _real(value: object) -> object:
    if isinstance(value, (float, int)) and not isinstance(value, bool):
        return value
    raise InvalidValue("it is no number")
