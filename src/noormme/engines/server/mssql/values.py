"""From Python values to what SQL Server compares and stores.

Invariant: an encoder gives something that ``batches.sql_type`` knows, or raises ``InvalidValue``; it never
sees None, and no message repeats a value.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from enum import Enum
from math import isfinite
from operator import index
from typing import SupportsIndex, cast
from uuid import UUID

import msgspec

from noormme.engines.refusal import refused
from noormme.engines.server.encoding import BOOLEAN_WORDS, as_blob, as_number, as_text, as_uuid
from noormme.engines.server.mssql.marked import LegacyDateTime, Narrow
from noormme.engines.server.mssql.types import fraction_digits, has_zone, is_legacy_moment, is_narrow
from noormme.errors import InvalidValue
from noormme.query.plan import Encode
from noormme.schema.json_text import json_text
from noormme.schema.model import Column, Kind

__all__ = ["NATIVE", "encoder", "json_list", "json_rows", "moment_encoder", "text_encoder"]

_INTEGER_MIN, _INTEGER_MAX = -(2**63), 2**63 - 1
_DIGITS = 38
_MICROSECOND = timedelta(microseconds=1)

NATIVE: Mapping[Kind, type] = {"blob": bytes, "boolean": bool, "date": date, "uuid": UUID}
"""The types whose values are sent as they are, whatever the column."""


def encoder(kind: Kind, column: Column | None, *, timezone: tzinfo | None, storing: bool) -> Encode:
    """What turns Python values into parameters.

    Args:
        kind: The kind of what they are compared with or stored in.
        column: The column that it is, or None.
        timezone: The zone of datetimes without an offset; None: UTC.
        storing: Whether the parameter is stored, and so must fit.
    """
    if kind == "datetime":
        zoned = None if column is None or column.kind != "datetime" else has_zone(column)
        return moment_encoder(column if zoned is not None else None, zoned, timezone)
    if kind == "text":
        return text_encoder(column)
    if kind == "time":
        return _time_encoder(column)
    if storing:
        return {"integer": _whole, "real": _finite}.get(kind, _ENCODERS[kind])
    return _ENCODERS[kind]


# -- numbers --------------------------------------------------------------------------------------------


def _exact(number: int | float | Decimal) -> object:
    """A number of any size as one that SQL Server has, exactly where that is possible."""
    if isinstance(number, float):
        return number
    if isinstance(number, int) and _INTEGER_MIN <= number <= _INTEGER_MAX:
        return number
    exact = Decimal(number)
    return exact if exact.is_finite() and exact.adjusted() < _DIGITS else float(exact)


def _integer(value: object) -> object:
    return _comparable(_exact(as_number(value, "integer")))


def _whole(value: object) -> object:
    number = as_number(value, "integer")
    try:
        whole = int(number)
    except (ArithmeticError, ValueError):
        whole = None
    if whole is None or whole != number or not _INTEGER_MIN <= whole <= _INTEGER_MAX:
        raise refused("integer", value, "a whole number of at most 64 bits")
    return whole


def _real(value: object) -> object:
    try:
        return _comparable(float(as_number(value, "real")))
    except OverflowError:
        raise refused("real", value, "a number that a float can hold") from None


def _finite(value: object) -> object:
    number = _real(value)
    if isinstance(number, float) and abs(number) >= _INFINITE:
        raise refused("real", value, "a number that is finite: SQL Server stores neither infinity nor NaN")
    return number


_INFINITE = 1.7976931348623157e308


def _comparable(number: object) -> object:
    """A number to compare with: SQL Server has no infinity, and nothing in it is greater than this."""
    if isinstance(number, float) and not isfinite(number):
        if number != number:
            raise InvalidValue("SQL Server has no NaN, so nothing can equal it", hint="use isnull")
        return _INFINITE if number > 0 else -_INFINITE
    return number


def _decimal(value: object) -> object:
    number = as_number(value, "decimal")
    exact = Decimal(str(number)) if isinstance(number, float) else Decimal(number)
    if not exact.is_finite():
        raise refused("decimal", value, "a number that is finite")
    return exact


def _boolean(value: object) -> object:
    if isinstance(value, bool):
        return value
    if isinstance(value, (int, float, Decimal)) and value in (0, 1):
        return bool(value)
    word = BOOLEAN_WORDS.get(value.strip().lower()) if isinstance(value, str) else None
    if word is None:
        raise refused("boolean", value, "True or False")
    return word


# -- text and bytes -------------------------------------------------------------------------------------


def text_encoder(column: Column | None) -> Encode:
    """What turns values into texts; such as a column of one byte a character compares with them.

    Args:
        column: The column, or None.
    """
    if column is None or not is_narrow(column):
        return as_text

    def encode(value: object) -> object:
        text = cast("str", as_text(value))
        return Narrow(text) if text.isascii() else text

    return encode


# -- moments --------------------------------------------------------------------------------------------


def _read(read: Callable[[str], object], text: str, kind: Kind, fits: str) -> object:
    try:
        return read(text)
    except ValueError:
        raise refused(kind, text, fits) from None


def _date(value: object) -> object:
    fits = "a date, or text such as 2024-01-31"
    if isinstance(value, str):
        return _read(date.fromisoformat, value, "date", fits)
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return value
    raise refused("date", value, fits)


def _time_encoder(column: Column | None) -> Encode:
    digits = 6 if column is None or column.kind != "time" else fraction_digits(column)
    fits = "a time, or text such as 10:30:00"

    def encode(value: object) -> object:
        if isinstance(value, str):
            return encode(_read(time.fromisoformat, value, "time", fits))
        if isinstance(value, datetime):
            value = value.time()
        if isinstance(value, time):
            return value.replace(microsecond=_cut(value.microsecond, digits), tzinfo=None)
        raise refused("time", value, fits)

    return encode


def _cut(microsecond: int, digits: int) -> int:
    step = int(10 ** (6 - digits))
    return microsecond // step * step


def moment_encoder(column: Column | None, zoned: bool | None, timezone: tzinfo | None) -> Encode:
    """What turns values into datetimes.

    Args:
        column: The column, or None where it is none.
        zoned: Whether that has moments and not the time on some clock; None where it is no column.
        timezone: The zone of datetimes without an offset; None: UTC.
    """
    zone = timezone or UTC
    digits = 6 if column is None else fraction_digits(column)
    legacy = column is not None and is_legacy_moment(column)
    fits = "a datetime, or text such as 2024-01-31 10:30:00"

    def encode(value: object) -> object:
        if isinstance(value, datetime):
            if zoned is True and value.tzinfo is None:
                value = value.replace(tzinfo=zone)
            elif zoned is False and value.tzinfo is not None:
                value = value.astimezone(zone).replace(tzinfo=None)
            value = value.replace(microsecond=_cut(value.microsecond, digits))
            return _legacy(value) if legacy else value
        if isinstance(value, date):
            return encode(datetime(value.year, value.month, value.day))
        if isinstance(value, str):
            return encode(_read(datetime.fromisoformat, value, "datetime", fits))
        raise refused("datetime", value, fits)

    return encode


def _legacy(value: datetime) -> datetime:
    """A moment of the years that the type has; another one compares as a wider type."""
    if value.year < 1753:
        return value
    return LegacyDateTime(
        value.year, value.month, value.day, value.hour, value.minute, value.second, value.microsecond
    )


def _duration(value: object) -> object:
    if isinstance(value, timedelta):
        return value // _MICROSECOND
    raise refused("duration", value, "a timedelta")


def _plain(value: object) -> object:
    if isinstance(value, Enum):
        return _plain(value.value)
    if type(value) is int or (isinstance(value, (float, Decimal)) and not isinstance(value, bool)):
        return _comparable(_exact(value))
    if isinstance(value, str):
        return str(value)
    if isinstance(value, (bytearray, memoryview)):
        return bytes(cast("bytes", value))
    if isinstance(value, timedelta):
        return value // _MICROSECOND
    if isinstance(value, (bool, bytes, date, time, UUID)):
        return value
    # A class has the methods of its values, and is none.
    if isinstance(value, SupportsIndex) and not isinstance(value, type):
        return _plain(index(value))
    raise InvalidValue(f"SQL Server cannot take {type(value).__name__}", hint="give a number, text or bytes")


_ENCODERS: Mapping[Kind, Encode] = {
    "any": _plain,
    "integer": _integer,
    "real": _real,
    "blob": as_blob,
    "boolean": _boolean,
    "date": _date,
    "duration": _duration,
    "decimal": _decimal,
    "uuid": as_uuid,
    "json": json_text,
}


# -- several values as one parameter --------------------------------------------------------------------


def json_list(values: Sequence[object], encode: Encode | None) -> str:
    """Values as a JSON array, which ``OPENJSON`` reads.

    Args:
        values: The values, none of them None.
        encode: What encodes one of them.
    """
    return _array(values if encode is None else [encode(value) for value in values])


def json_rows(rows: Sequence[Sequence[object]], encoders: Sequence[Encode | None]) -> str:
    """Composite keys as a JSON array of arrays.

    Args:
        rows: The keys.
        encoders: What encodes each part.
    """
    encoded = [
        [part if encode is None else encode(part) for part, encode in zip(row, encoders, strict=True)]
        for row in rows
    ]
    return "[" + ",".join(map(_array, encoded)) + "]"


def _array(values: Sequence[object]) -> str:
    return "[" + ",".join(map(_element, values)) + "]"


def _element(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, (bytes, bytearray)):
        return f'"{b64encode(value).decode()}"'
    if isinstance(value, LegacyDateTime):
        return f'"{value.isoformat(timespec="milliseconds")}"'
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, (date, time)):
        return f'"{value.isoformat()}"'
    return msgspec.json.encode(str(value) if isinstance(value, (str, UUID)) else value).decode()
