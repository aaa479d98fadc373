"""PostgreSQL's side of compiling and decoding.

Invariant: a column has one form, which its type says; nothing is learnt from what is stored.
"""

from __future__ import annotations

from datetime import datetime, tzinfo
from decimal import Decimal
from functools import partial
from math import isfinite
from typing import TYPE_CHECKING, Any
from warnings import warn

import msgspec

from noormme.callsite import user_frame
from noormme.engines.lacking import ONLY_SQLITE
from noormme.engines.server.postgresql.arrays import is_known, list_of
from noormme.engines.server.postgresql.types import has_zone
from noormme.engines.server.postgresql.values import NATIVE, array_of, encoder, key_part
from noormme.errors import UnreadableValue
from noormme.query.dialect import Keeping
from noormme.query.features import Features
from noormme.query.plan import AS_IT_COMES, Decode, Encode, Inline
from noormme.schema.model import Column, Kind, Schema, Table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from noormme.engines.server.postgresql.expressions import PostgreSQLExpressions

__all__ = ["PostgreSQLDialect"]

_MOMENTS: frozenset[Kind] = frozenset({"date", "time", "datetime", "duration"})


class PostgreSQLDialect:
    """What the compiler and the decoders need to know about PostgreSQL.

    The arguments of its methods are those of ``query.dialect.Dialect``, which explains them.

    Args:
        schema: Gives the schema, to know the types of columns.
        timezone: The zone of datetimes that carry no offset; None leaves them naive.

    Attributes:
        timezone: The same.
        features: NULLs come last in ascending order, what is not named in GROUP BY is an error unless the key
            of its table is, FOR UPDATE locks rows, and sequences number rows.
        guesses: Nothing is guessed.
        keeping: Its plans are not kept for other processes.
    """

    name = "postgresql"
    features = Features(
        nulls_are_smallest=False,
        strict_clauses=True,
        locks_rows=True,
        reserves_keys=True,
        round_trips=True,
        lacks=ONLY_SQLITE | {"json_extract": "write a query set, whose names reach into documents"},
    )
    guesses = 0
    keeping: Keeping | None = None

    def __init__(self, schema: Callable[[], Schema], timezone: tzinfo | None = None) -> None:
        self._schema = schema
        self.timezone = timezone
        self._warned: set[tuple[str, str]] = set()
        self._expressions: PostgreSQLExpressions | None = None

    @property
    def expressions(self) -> PostgreSQLExpressions:
        """What PostgreSQL says in a way of its own; imports SQLAlchemy."""
        if self._expressions is None:
            from noormme.engines.server.postgresql.expressions import PostgreSQLExpressions

            self._expressions = PostgreSQLExpressions(self)
        return self._expressions

    def forget(self) -> None:
        """Warn again of values that cannot be read."""
        self._warned.clear()

    # -- reading ------------------------------------------------------------------------------------

    def decoder(self, kind: Kind, table: str, column: str) -> Decode | Inline | None:
        """A datetime whose zone the settings say, a sum, which is a decimal here, and arrays of enums."""
        if not column and kind in _COMPUTED:
            return _COMPUTED[kind]
        if kind == "array":
            return None if self._is_known_array(table, column) else list_of
        if kind == "datetime" and self.timezone is not None and not self._is_zoned(table, column):
            return partial(_in_zone, self.timezone)
        # What Python has no value for comes as text, of which the tolerant decoder tells.
        return AS_IT_COMES if kind in _MOMENTS else None

    def _is_known_array(self, table: str, column: str) -> bool:
        found = self._schema().table(table) if table else None
        known = None if found is None else found.column(column)
        return known is not None and is_known(known.declared_type)

    def _is_zoned(self, table: str, column: str) -> bool:
        found = self._schema().table(table) if table else None
        known = None if found is None else found.column(column)
        return known is not None and has_zone(known)

    def decode(self, kind: Kind, value: object, table: str, column: str) -> object:
        """Decode one value; what Python has no value for is returned as PostgreSQL writes it."""
        if kind in _MOMENTS and isinstance(value, str):
            if (table, column) not in self._warned:
                self._warned.add((table, column))
                where = f"{table}.{column}" if table else f"the column '{column}' of a query"
                warn(
                    f"{where} holds a value that cannot be read as {kind}; it is returned as it is stored",
                    UnreadableValue,
                    stacklevel=user_frame()[1],
                )
            return value
        fast = self.decoder(kind, table, column)
        return fast(value) if callable(fast) else value

    # -- writing and comparing ----------------------------------------------------------------------

    def encoder(self, kind: Kind, table: Table | None, column: Column | None) -> Encode | None:
        """What turns a Python value into what compares with the column."""
        return self._encoder(kind, column, storing=False)

    def storing(self, kind: Kind, table: Table, column: Column) -> Encode | None:
        """What turns a Python value into what is stored in the column."""
        return self._encoder(kind, column, storing=True)

    def _encoder(self, kind: Kind, column: Column | None, *, storing: bool) -> Encode:
        zoned = None if column is None or column.kind != "datetime" else has_zone(column)
        items = None if column is None else column.items
        return encoder(kind, zoned=zoned, timezone=self.timezone, storing=storing, items=items)

    def native(self, kind: Kind) -> type | None:
        """The Python type whose values the encoder of that kind passes on, or None."""
        return NATIVE.get(kind)

    def stored_native(self, kind: Kind, table: Table, column: Column) -> type | None:
        """The Python type whose values are stored in a column as they are, or None."""
        return NATIVE.get(kind)

    def learn(self, kind: Kind, table: Table, column: Column) -> None:
        """Nothing is learnt from stored values."""

    def list_encoder(self, encode: Encode | None, native: type | None) -> Encode:
        """A list of values of one type as an array."""

        def encode_list(values: Any) -> object:
            return array_of(values, encode)

        return encode_list

    def nul_encoder(self) -> Encode:
        """No text holds a NUL, so such a list is like an empty one."""
        return lambda values: "{}"

    def rows_encoder(self, encoders: list[Encode | None]) -> Encode:
        """A list of composite keys as one parameter, as JSON."""

        def encode_rows(rows: Any) -> object:
            encoded = [
                [
                    key_part(part if encode is None else encode(part))
                    for part, encode in zip(row, encoders, strict=True)
                ]
                for row in rows
            ]
            return msgspec.json.encode(encoded).decode()

        return encode_rows

    def year_start(self, kind: Kind, table: Table | None, column: Column | None) -> Encode | None:
        """What turns a year into the text of its first moment, in the zone of the settings."""
        return _year_start if kind in ("date", "datetime") else None


def _whole(number: object) -> object:
    """A decimal without a fraction as a whole number; a union can have others beside it."""
    if isinstance(number, Decimal) and number == number.to_integral_value():
        return int(number)
    return number


def _float(number: object) -> object:
    """A decimal as a float, where a query says that it is one."""
    return float(number) if isinstance(number, Decimal) else number


def _decimal(number: object) -> object:
    """A float as a decimal, where a query says that it is one."""
    return Decimal(repr(number)) if isinstance(number, float) else number


_COMPUTED: Mapping[Kind, Decode] = {"integer": _whole, "real": _float, "decimal": _decimal}
"""What is computed can come in another type than that of its kind."""


def _in_zone(zone: tzinfo, value: object) -> object:
    if isinstance(value, datetime) and value.tzinfo is None:
        return value.replace(tzinfo=zone)
    return value


def _year_start(year: object) -> object:
    assert isinstance(year, (int, float)), "a year is a number"
    if not isfinite(year) or year > 9999:
        return "infinity" if year > 0 else "-infinity"
    return "-infinity" if year < 1 else f"{int(year):04d}-01-01"
