"""MySQL's and MariaDB's side of compiling and decoding.

Invariant: a column has one form, which its type says; nothing is learnt from what is stored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID
from warnings import warn

import msgspec

from noormme.callsite import user_frame
from noormme.engines.server.mysql.flavours import Flavour
from noormme.engines.server.mysql.introspect_search import Words
from noormme.engines.server.mysql.lists import Listed
from noormme.engines.server.mysql.shapes import text_of
from noormme.engines.server.mysql.types import is_bits, is_geometry
from noormme.engines.server.mysql.values import NATIVE, STORED_NATIVE, encoder, year_start
from noormme.errors import UnreadableValue
from noormme.query.dialect import Keeping
from noormme.query.plan import Decode, Encode, Inline
from noormme.schema.model import Column, Kind, Schema, Table

if TYPE_CHECKING:
    from noormme.engines.server.mysql.expressions import MySQLExpressions

__all__ = ["MySQLDialect"]

_AS_IT_COMES = Inline("{v}", None)


class MySQLDialect:
    """What the compiler and the decoders need to know about MySQL and MariaDB.

    The arguments of its methods are those of ``query.dialect.Dialect``, which explains them.

    Args:
        schema: Gives the schema, to know the types of columns.
        flavour: Which of the two servers it is.
        timezone: The zone of datetimes; None leaves them without an offset, and they are those of UTC.
        knows_zone: Says whether the server has loaded the time zone of a name. Touches the database.

    Attributes:
        flavour: The same.
        timezone: The same.
        knows_zone: The same.
        features: NULLs come first in ascending order; FOR UPDATE locks rows; only MariaDB's INSERT gives rows
            back.
        guesses: Nothing is guessed.
        words: Which words full-text indexes note, as discovery has found it.
        keeping: Its plans are not kept for other processes.
    """

    name = "mysql"
    guesses = 0
    keeping: Keeping | None = None

    def __init__(
        self,
        schema: Callable[[], Schema],
        flavour: Flavour,
        timezone: tzinfo | None,
        knows_zone: Callable[[str], bool],
    ) -> None:
        self._schema = schema
        self.flavour = flavour
        self.features = flavour.features
        self.timezone = timezone
        self.knows_zone = knows_zone
        self.words = Words()
        self._warned: set[tuple[str, str]] = set()
        self._expressions: MySQLExpressions | None = None

    @property
    def expressions(self) -> MySQLExpressions:
        """What the server says in a way of its own; imports SQLAlchemy."""
        if self._expressions is None:
            from noormme.engines.server.mysql.expressions import MySQLExpressions

            self._expressions = MySQLExpressions(self)
        return self._expressions

    def forget(self) -> None:
        """Warn again of values that cannot be read."""
        self._warned.clear()

    # -- reading ------------------------------------------------------------------------------------

    def decoder(self, kind: Kind, table: str, column: str) -> Decode | Inline | None:
        """What is one kind in Python comes as several types, most of all where it was computed."""
        if kind == "datetime" and self.timezone is not None:
            return partial(_in_zone, self.timezone)
        if column:
            found = self._column(table, column)
            if found is not None and is_geometry(found):
                return text_of
            if found is not None and is_bits(found):
                return _bits if kind == "integer" else _truth
            return _OF_COLUMNS.get(kind)
        return _COMPUTED.get(kind)

    def _column(self, table: str, column: str) -> Column | None:
        found = self._schema().table(table) if table else None
        return None if found is None else found.column(column)

    def decode(self, kind: Kind, value: object, table: str, column: str) -> object:
        """Decode one value; what cannot be read is returned as the server writes it."""
        fast = self.decoder(kind, table, column)
        if isinstance(fast, Inline):
            fast = _COMPUTED.get(kind)
        if not callable(fast):
            return value
        try:
            return fast(value)
        except (ArithmeticError, TypeError, ValueError, msgspec.DecodeError):
            if (table, column) not in self._warned:
                self._warned.add((table, column))
                where = f"{table}.{column}" if table else f"the column '{column}' of a query"
                warn(
                    f"{where} holds a value that cannot be read as {kind}; it is returned as it is stored",
                    UnreadableValue,
                    stacklevel=user_frame()[1],
                )
            return value

    # -- writing and comparing ----------------------------------------------------------------------

    def encoder(self, kind: Kind, table: Table | None, column: Column | None) -> Encode | None:
        """What turns a Python value into what compares with the column."""
        return encoder(kind, column, timezone=self.timezone)

    def storing(self, kind: Kind, table: Table, column: Column) -> Encode | None:
        """What turns a Python value into what is stored in the column."""
        return encoder(kind, column, timezone=self.timezone, storing=True)

    def native(self, kind: Kind) -> type | None:
        """The Python type whose values the encoder of that kind passes on, or None."""
        return NATIVE.get(kind)

    def stored_native(self, kind: Kind, table: Table, column: Column) -> type | None:
        """The Python type whose values are stored in a column as they are, or None."""
        return STORED_NATIVE.get(kind)

    def learn(self, kind: Kind, table: Table, column: Column) -> None:
        """Nothing is learnt from stored values."""

    def list_encoder(self, encode: Encode | None, native: type | None) -> Encode:
        """A list of values of one type as one parameter."""

        def encode_list(values: Any) -> object:
            return Listed(values if encode is None else map(encode, values))

        return encode_list

    def nul_encoder(self) -> Encode:
        """A text holds a NUL like any other sign."""
        return lambda values: Listed(cast("Iterable[object]", values))

    def rows_encoder(self, encoders: list[Encode | None]) -> Encode:
        """A list of composite keys as one parameter."""

        def encode_rows(rows: Any) -> object:
            encoded = [
                tuple(
                    part if encode is None else encode(part)
                    for part, encode in zip(row, encoders, strict=True)
                )
                for row in rows
            ]
            return Listed(encoded, len(encoders))

        return encode_rows

    def year_start(self, kind: Kind, table: Table | None, column: Column | None) -> Encode | None:
        """What turns a year into its first moment, in the zone of the settings."""
        return year_start if kind in ("date", "datetime") else None


# -- decoders -----------------------------------------------------------------------------------------


def _in_zone(zone: tzinfo, value: object) -> object:
    moment = _datetime(value)
    return moment.replace(tzinfo=zone) if moment.tzinfo is None else moment


def _datetime(value: object) -> datetime:
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)
    return datetime.fromisoformat(cast("str", value))


def _date(value: object) -> date:
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else date.fromisoformat(cast("str", value)[:10])


def _time(value: object) -> time:
    return value if isinstance(value, time) else time.fromisoformat(cast("str", value))


def _duration(value: object) -> timedelta:
    return timedelta(microseconds=int(cast("int", value)))


def _bits(value: object) -> int:
    return int.from_bytes(value, "big") if isinstance(value, bytes) else cast("int", value)


def _truth(value: object) -> bool:
    return bool(_bits(value))


def _integer(value: object) -> object:
    """A decimal without a fraction as a whole number, or its text; a union can have others beside it."""
    if isinstance(value, str):
        return int(value)
    if isinstance(value, (Decimal, float)) and value == int(value):
        return int(value)
    return value


def _real(value: object) -> float:
    return float(cast("float", value))


def _decimal(value: object) -> Decimal:
    return Decimal(repr(value)) if isinstance(value, float) else Decimal(cast("str", value))


def _uuid(value: object) -> UUID:
    return UUID(bytes=value) if isinstance(value, bytes) and len(value) == 16 else UUID(_said(value))


def _said(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else cast("str", value)


def _text(value: object) -> object:
    """A text; what was computed of numbers, or of text beside bytes, is none yet."""
    if isinstance(value, bytes):
        return value.decode()
    return value if isinstance(value, str) else str(value)


def _blob(value: object) -> bytes:
    return value.encode() if isinstance(value, str) else cast("bytes", value)


_json = cast("Decode", msgspec.json.decode)

_COMPUTED: dict[Kind, Decode] = {
    "integer": _integer,
    "real": _real,
    "decimal": _decimal,
    "text": _text,
    "blob": _blob,
    "boolean": _truth,
    "date": _date,
    "time": _time,
    "datetime": _datetime,
    "duration": _duration,
    "uuid": _uuid,
    "json": _json,
}

_OF_COLUMNS: dict[Kind, Decode | Inline] = {
    "boolean": Inline("{v} != 0", None),
    # What Python has no value for comes as text, of which the tolerant decoder tells.
    "date": _AS_IT_COMES,
    "time": _AS_IT_COMES,
    "datetime": _AS_IT_COMES,
    "duration": _duration,
    "uuid": _uuid,
    "json": _json,
}
"""What the driver gives of a column is of the column's type, where Python has one like it."""
