"""SQL Server's side of compiling and decoding.

Invariant: a column has one form, which its type says; nothing is learnt from what is stored.
"""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo
from decimal import Decimal
from functools import partial
from math import isfinite
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID
from warnings import warn

import msgspec

from noormme.callsite import user_frame
from noormme.engines.lacking import ONLY_SQLITE
from noormme.engines.server.mssql.types import has_zone
from noormme.engines.server.mssql.values import NATIVE, encoder, json_list, json_rows
from noormme.errors import UnreadableValue
from noormme.query.dialect import Keeping
from noormme.query.features import Features
from noormme.query.plan import Decode, Encode, Inline
from noormme.schema.model import Column, Kind, Schema, Table

if TYPE_CHECKING:
    from collections.abc import Callable

    from noormme.engines.server.mssql.expressions import SQLServerExpressions

__all__ = ["SQLServerDialect"]


class SQLServerDialect:
    """What the compiler and the decoders need to know about SQL Server.

    The arguments of its methods are those of ``query.dialect.Dialect``, which explains them.

    Args:
        schema: Gives the schema, to know the types of columns.
        timezone: The zone of datetimes that carry no offset; None leaves them naive.

    Attributes:
        schema: The same.
        timezone: The same.
        features: NULLs come first in ascending order; everything that is selected of a group must be named in
            GROUP BY, the columns of its key's table among them; hints lock rows; statements wait for a
            network.
        guesses: Nothing is guessed.
        keeping: Its plans are not kept for other processes.
    """

    name = "mssql"
    features = Features(
        strict_clauses=True,
        groups_follow_key=False,
        having_reads_rows=False,
        locks_rows=True,
        round_trips=True,
        lacks=ONLY_SQLITE
        | {
            "glob": "write like",
            "match": "write SQL text with CONTAINS",
            "regexp": "write like, or filter in Python",
            "group_concat": "write a query set with StringAgg",
            "instr": "write a query set with StrIndex",
            "json_extract": "write a query set, whose names reach into documents",
        },
    )
    guesses = 0
    keeping: Keeping | None = None

    def __init__(self, schema: Callable[[], Schema], timezone: tzinfo | None = None) -> None:
        self.schema = schema
        self.timezone = timezone
        self._warned: set[tuple[str, str]] = set()
        self._expressions: SQLServerExpressions | None = None

    @property
    def expressions(self) -> SQLServerExpressions:
        """What SQL Server says in a way of its own; imports SQLAlchemy."""
        if self._expressions is None:
            from noormme.engines.server.mssql.expressions import SQLServerExpressions

            self._expressions = SQLServerExpressions(self)
        return self._expressions

    def forget(self) -> None:
        """Warn again of values that cannot be read."""
        self._warned.clear()

    # -- reading ------------------------------------------------------------------------------------

    def decoder(self, kind: Kind, table: str, column: str) -> Decode | Inline | None:
        """What reads a value of a kind; a column gives most of them as they are."""
        if kind == "datetime" and self.timezone is not None and not self._is_zoned(table, column):
            return partial(_in_zone, self.timezone)
        if kind in _ALWAYS:
            return _ALWAYS[kind]
        return None if column else _COMPUTED.get(kind)

    def _is_zoned(self, table: str, column: str) -> bool:
        found = self.schema().table(table) if table else None
        known = None if found is None else found.column(column)
        return known is not None and has_zone(known)

    def decode(self, kind: Kind, value: object, table: str, column: str) -> object:
        """Decode one value; what cannot be read is returned as it is stored."""
        fast = self.decoder(kind, table, column)
        if fast is None:
            return value
        read = cast("Decode", fast.function) if isinstance(fast, Inline) else fast
        try:
            return read(value)
        except (ValueError, TypeError, ArithmeticError, msgspec.DecodeError):
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
        return encoder(kind, column, timezone=self.timezone, storing=False)

    def storing(self, kind: Kind, table: Table, column: Column) -> Encode | None:
        """What turns a Python value into what is stored in the column."""
        return encoder(kind, column, timezone=self.timezone, storing=True)

    def native(self, kind: Kind) -> type | None:
        """The Python type whose values the encoder of that kind passes on, or None."""
        return NATIVE.get(kind)

    def stored_native(self, kind: Kind, table: Table, column: Column) -> type | None:
        """The Python type whose values are stored in a column as they are, or None."""
        return NATIVE.get(kind)

    def learn(self, kind: Kind, table: Table, column: Column) -> None:
        """Nothing is learnt from stored values."""

    def list_encoder(self, encode: Encode | None, native: type | None) -> Encode:
        """A list of values of one type as a JSON array."""

        def encode_list(values: Any) -> object:
            return json_list(values, encode)

        return encode_list

    def nul_encoder(self) -> Encode:
        """Texts with a NUL are texts as all others are, for JSON can escape it."""
        return lambda values: json_list(cast("list[object]", values), None)

    def rows_encoder(self, encoders: list[Encode | None]) -> Encode:
        """A list of composite keys as a JSON array of arrays."""

        def encode_rows(rows: Any) -> object:
            return json_rows(rows, encoders)

        return encode_rows

    def year_start(self, kind: Kind, table: Table | None, column: Column | None) -> Encode | None:
        """What turns a year into its first moment, or the nearest one that there is."""
        return _year_start if kind in ("date", "datetime") else None


def _year_start(year: object) -> object:
    assert isinstance(year, (int, float)), "a year is a number"
    if not isfinite(year) or year > 9999:
        return datetime.max if year > 0 else datetime.min
    return datetime.min if year < 1 else datetime(int(year), 1, 1)


def _in_zone(zone: tzinfo, value: object) -> object:
    if isinstance(value, datetime) and value.tzinfo is None:
        return value.replace(tzinfo=zone)
    return value


def _uuid(value: object) -> object:
    return UUID(value) if isinstance(value, str) else value


def _duration(value: object) -> object:
    return timedelta(microseconds=value) if isinstance(value, int) else value


def _json(value: object) -> object:
    return msgspec.json.decode(value) if isinstance(value, (str, bytes)) else value


def _whole(value: object) -> object:
    """What was computed as a decimal or a float, as the whole number that it is."""
    if isinstance(value, (Decimal, float)) and value == value // 1:
        return int(value)
    return value


def _real(value: object) -> object:
    return float(value) if isinstance(value, (int, Decimal)) else value


def _decimal(value: object) -> object:
    return value if isinstance(value, Decimal) else Decimal(str(value))


_ALWAYS: dict[Kind, Decode | Inline] = {
    "boolean": Inline("{f}({v})", bool),
    "uuid": _uuid,
    "duration": _duration,
    "json": _json,
}
"""What is read the same way from columns and expressions: a condition is selected as 1 or 0."""

_COMPUTED: dict[Kind, Decode] = {"integer": _whole, "real": _real, "decimal": _decimal}
"""What expressions give as another type of number than a column of the kind."""
