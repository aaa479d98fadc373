"""From Python values to what MySQL and MariaDB compare and store.

Invariant: an encoder gives something that ``reading`` writes as a literal, or raises ``InvalidValue``; it
never sees None, and no message repeats a value. A moment is sent without an offset, as the clock of the
session's time zone shows it; a duration is a number of microseconds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from enum import Enum
from functools import partial
from math import isfinite
from operator import index
from typing import SupportsIndex, cast
from uuid import UUID

from noormme.engines.refusal import refused
from noormme.engines.server.encoding import BOOLEAN_WORDS, as_blob, as_text, as_uuid
from noormme.engines.server.mysql.shapes import shape_of
from noormme.engines.server.mysql.types import base_type, is_bits, is_geometry
from noormme.errors import InvalidValue
from noormme.query.plan import Encode
from noormme.schema.json_text import json_text
from noormme.schema.model import Column, Kind

__all__ = ["NATIVE", "STORED_NATIVE", "encoder", "year_start"]

_INTEGER_MIN, _INTEGER_MAX = -(2**63), 2**64 - 1
"""From the smallest number of a BIGINT to the largest one of a BIGINT UNSIGNED."""

_MICROSECOND = timedelta(microseconds=1)

NATIVE: Mapping[Kind, type] = {"text": str, "blob": bytes, "boolean": bool, "date": date}
"""The types whose values are sent as they are."""

STORED_NATIVE: Mapping[Kind, type] = {**NATIVE, "integer": int}
"""The types whose values are stored as they are; the server refuses a number that does not fit."""


def encoder(
    kind: Kind, column: Column | None, *, timezone: tzinfo | None = None, storing: bool = False
) -> Encode:
    """What turns Python values into parameters.

    Args:
        kind: The kind of what they are compared with or stored in.
        column: The column that it is, or None.
        timezone: The zone of the session; None: UTC.
        storing: Whether the parameter is stored, and so must fit.
    """
    if column is not None and is_geometry(column):
        return shape_of
    if kind == "datetime":
        return partial(_datetime, timezone or UTC)
    if kind == "uuid" and column is not None and base_type(column) in ("binary", "varbinary"):
        return lambda value: as_uuid(value).bytes
    if storing and column is not None and is_bits(column) and kind == "boolean":
        return lambda value: int(_boolean(value))
    if kind == "integer" and storing:
        return _whole
    return _ENCODERS[kind]


def _plain(value: object) -> object:
    if isinstance(value, Enum):
        return _plain(value.value)
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, (bytearray, memoryview)):
        return bytes(cast("bytes", value))
    if isinstance(value, (float, Decimal)):
        return _finite(value)
    if isinstance(value, datetime):
        return _datetime(UTC, value)
    if isinstance(value, timedelta):
        return value // _MICROSECOND
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, (bytes, date, time)):
        return value
    # A class has the methods of its values, and is none.
    if isinstance(value, SupportsIndex) and not isinstance(value, type):
        return index(value)
    raise InvalidValue(f"MySQL cannot take {type(value).__name__}", hint="give a number, text or bytes")


def _finite(number: float | Decimal) -> float | Decimal:
    # Of a signaling NaN, isfinite() makes an error.
    if (isinstance(number, Decimal) and number.is_snan()) or not isfinite(number):
        raise InvalidValue("MySQL has no infinite number and no NaN", hint="give a finite number, or None")
    return number


def _number(value: object, kind: Kind) -> int | float | Decimal:
    if type(value) is int or (type(value) is float and isfinite(value)):
        # What follows asks more, and takes longer.
        return value
    if isinstance(value, Enum):
        return _number(value.value, kind)
    if isinstance(value, (float, Decimal)):
        return _finite(value)
    if isinstance(value, SupportsIndex) and not isinstance(value, type):
        return index(value)
    if isinstance(value, str):
        try:
            return _finite(Decimal(value))
        except ArithmeticError:
            pass
    raise refused(kind, value, "a number")


def _integer(value: object) -> object:
    return _number(value, "integer")


def _whole(value: object) -> object:
    number = _number(value, "integer")
    whole = int(number)
    if whole != number or not _INTEGER_MIN <= whole <= _INTEGER_MAX:
        raise refused("integer", value, "a whole number of at most 64 bits")
    return whole


def _real(value: object) -> object:
    try:
        return float(_number(value, "real"))
    except OverflowError:
        raise refused("real", value, "a number that a float can hold") from None


def _decimal(value: object) -> object:
    number = _number(value, "decimal")
    return Decimal(str(number)) if isinstance(number, float) else Decimal(number)


def _boolean(value: object) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, (int, float, Decimal)) and value in (0, 1):
        return bool(value)
    word = BOOLEAN_WORDS.get(value.strip().lower()) if isinstance(value, str) else None
    if word is None:
        raise refused("boolean", value, "True or False")
    return word


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
        # As a moment, which is equal to no date but at midnight.
        return value.replace(tzinfo=None)
    if isinstance(value, date):
        return value
    raise refused("date", value, fits)


def _time(value: object) -> object:
    fits = "a time, or text such as 10:30:00"
    if isinstance(value, str):
        return _read(time.fromisoformat, value, "time", fits)
    if isinstance(value, datetime):
        return value.time()
    if isinstance(value, time):
        return value.replace(tzinfo=None)
    raise refused("time", value, fits)


def _datetime(zone: tzinfo, value: object) -> object:
    if isinstance(value, datetime):
        return value if value.tzinfo is None else value.astimezone(zone).replace(tzinfo=None)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)
    fits = "a datetime, or text such as 2024-01-31 10:30:00"
    if isinstance(value, str):
        return _datetime(zone, _read(datetime.fromisoformat, value, "datetime", fits))
    raise refused("datetime", value, fits)


def _duration(value: object) -> object:
    if isinstance(value, timedelta):
        return value // _MICROSECOND
    raise refused("duration", value, "a timedelta")


def year_start(year: object) -> object:
    """The first moment of a year; what no date can be is the first or the last moment that one can.

    Args:
        year: The year.
    """
    assert isinstance(year, (int, float, Decimal)), "a year is a number"
    if year > 9999:
        return datetime.max
    return date.min if year < 1 else date(int(year), 1, 1)


_ENCODERS: Mapping[Kind, Encode] = {
    "any": _plain,
    "integer": _integer,
    "real": _real,
    "text": as_text,
    "blob": as_blob,
    "boolean": _boolean,
    "date": _date,
    "time": _time,
    "duration": _duration,
    "decimal": _decimal,
    "uuid": lambda value: str(as_uuid(value)),
    "json": json_text,
}
