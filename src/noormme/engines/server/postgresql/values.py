"""From Python values to what PostgreSQL compares and stores.

Invariant: an encoder gives something that psycopg sends, or raises ``InvalidValue``; it never sees None, and
no message repeats a value. Text goes without a type, so that PostgreSQL takes it for what stands beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from enum import Enum
from operator import index
from typing import SupportsIndex, cast
from uuid import UUID

import msgspec

from noormme.engines.refusal import refused
from noormme.engines.server.encoding import BOOLEAN_WORDS, as_blob, as_number, as_text, as_uuid
from noormme.errors import InvalidValue
from noormme.query.plan import Encode
from noormme.schema.json_text import json_text
from noormme.schema.model import Kind

__all__ = ["NATIVE", "array_of", "encoder", "key_part"]

_INTEGER_MIN, _INTEGER_MAX = -(2**63), 2**63 - 1

NATIVE: Mapping[Kind, type] = {
    "text": str,
    "blob": bytes,
    "boolean": bool,
    "date": date,
    "time": time,
    "duration": timedelta,
    "uuid": UUID,
}
"""The types whose values are sent as they are."""


def encoder(
    kind: Kind,
    *,
    zoned: bool | None = None,
    timezone: tzinfo | None = None,
    storing: bool = False,
    items: Kind | None = None,
) -> Encode:
    """What turns Python values into parameters.

    Args:
        kind: The kind of what they are compared with or stored in.
        zoned: For datetimes: whether that has moments and not the time on some clock; None where it is no
            column.
        timezone: The zone of datetimes without an offset; None: UTC.
        storing: Whether the parameter is stored, and so must fit.
        items: For arrays: what their elements are; None where it is not known.
    """
    if kind == "datetime":
        return _datetime_encoder(zoned, timezone)
    if kind == "array":
        return _array_encoder(None if items is None else encoder(items, timezone=timezone))
    if kind == "integer" and storing:
        return _whole
    return _ENCODERS[kind]


def _plain(value: object) -> object:
    if isinstance(value, Enum):
        return _plain(value.value)
    if type(value) is int:
        return value if _INTEGER_MIN <= value <= _INTEGER_MAX else Decimal(value)
    if isinstance(value, str):
        return str(value)
    if isinstance(value, (bytearray, memoryview)):
        return bytes(cast("bytes", value))
    if isinstance(value, (bool, bytes, float, Decimal, date, time, timedelta, UUID)):
        return value
    if isinstance(value, list):
        return _array(cast("list[object]", value), _plain)
    # A class has the methods of its values, and is none.
    if isinstance(value, SupportsIndex) and not isinstance(value, type):
        return _plain(index(value))
    raise InvalidValue(f"PostgreSQL cannot take {type(value).__name__}", hint="give a number, text or bytes")


def _integer(value: object) -> object:
    if type(value) is int and _INTEGER_MIN <= value <= _INTEGER_MAX:
        return value
    number = as_number(value, "integer")
    if type(number) is int and _INTEGER_MIN <= number <= _INTEGER_MAX:
        return number
    return number if isinstance(number, float) else Decimal(number)


def _whole(value: object) -> object:
    if type(value) is int and _INTEGER_MIN <= value <= _INTEGER_MAX:
        return value
    number = as_number(value, "integer")
    try:
        whole = int(number)
    except (ArithmeticError, ValueError):
        whole = None
    if whole is None or whole != number or not _INTEGER_MIN <= whole <= _INTEGER_MAX:
        raise refused("integer", value, "a whole number of at most 64 bits")
    return whole


def _real(value: object) -> object:
    if type(value) is float:
        return value
    try:
        return float(as_number(value, "real"))
    except OverflowError:
        raise refused("real", value, "a number that a float can hold") from None


def _decimal(value: object) -> object:
    number = as_number(value, "decimal")
    return Decimal(str(number)) if isinstance(number, float) else Decimal(number)


def _boolean(value: object) -> object:
    if isinstance(value, bool):
        return value
    if isinstance(value, (int, float, Decimal)) and value in (0, 1):
        return bool(value)
    word = BOOLEAN_WORDS.get(value.strip().lower()) if isinstance(value, str) else None
    if word is None:
        raise refused("boolean", value, "True or False")
    return word


def _read(read: Callable[[str], object], text: str) -> object:
    """A moment from its text; a text that only PostgreSQL understands (``infinity``) as it is."""
    try:
        return read(text)
    except ValueError:
        return text


def _date(value: object) -> object:
    if isinstance(value, str):
        return _read(date.fromisoformat, value)
    if isinstance(value, date):
        return value
    raise refused("date", value, "a date, or text such as 2024-01-31")


def _time(value: object) -> object:
    if isinstance(value, str):
        return _read(time.fromisoformat, value)
    if isinstance(value, time):
        return value
    if isinstance(value, datetime):
        return value.time()
    raise refused("time", value, "a time, or text such as 10:30:00")


def _datetime_encoder(zoned: bool | None, timezone: tzinfo | None) -> Encode:
    zone = timezone or UTC

    def encode(value: object) -> object:
        if type(value) is datetime and zoned is (value.tzinfo is not None):
            return value
        if isinstance(value, datetime):
            if zoned is True and value.tzinfo is None:
                return value.replace(tzinfo=zone)
            if zoned is False and value.tzinfo is not None:
                return value.astimezone(zone).replace(tzinfo=None)
            return value
        if isinstance(value, date):
            return encode(datetime(value.year, value.month, value.day))
        if isinstance(value, str):
            read = _read(datetime.fromisoformat, value)
            return read if isinstance(read, str) else encode(read)
        raise refused("datetime", value, "a datetime, or text such as 2024-01-31 10:30:00")

    return encode


def _duration(value: object) -> object:
    if isinstance(value, timedelta):
        return value
    raise refused("duration", value, "a timedelta")


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
    "uuid": as_uuid,
    "json": json_text,
}


# -- several values -------------------------------------------------------------------------------------


def array_of(values: Sequence[object], encode: Encode | None) -> object:
    """Values of one type as an array.

    Args:
        values: The values, none of them None.
        encode: What encodes one of them.
    """
    encoded = list(values) if encode is None else [encode(value) for value in values]
    if any(isinstance(value, str) for value in encoded):
        # Without a type, as one text is: PostgreSQL makes an array of what stands beside it.
        return "{" + ",".join(_element(value) for value in encoded) + "}"
    mixed = len({type(value) for value in encoded}) > 1
    if mixed and all(isinstance(value, (int, float, Decimal)) for value in encoded):
        return [Decimal(str(value)) for value in encoded]
    return encoded


def _array_encoder(encode: Encode | None) -> Encode:
    def encode_list(value: object) -> object:
        if isinstance(value, (list, tuple, set, frozenset)):
            return _array(list(cast("Sequence[object]", value)), encode or _plain)
        raise refused("array", value, "a list")

    return encode_list


def _array(values: Sequence[object], encode: Encode) -> str:
    """A list as PostgreSQL writes an array; of which type, what stands beside it says."""
    parts: list[str] = []
    for value in values:
        if isinstance(value, list):
            parts.append(_array(cast("list[object]", value), encode))
        else:
            parts.append("NULL" if value is None else _element(key_part(encode(value))))
    return "{" + ",".join(parts) + "}"


def _element(value: object) -> str:
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def key_part(value: object) -> object:
    """A part of a composite key as JSON has it.

    Args:
        value: The part, encoded.
    """
    if isinstance(value, bytes):
        return "\\x" + value.hex()
    if isinstance(value, datetime):
        return value.isoformat(" ")
    if isinstance(value, (Decimal, date, time, UUID)):
        return str(value)
    if isinstance(value, timedelta):
        return f"{value // timedelta(microseconds=1)} microseconds"
    return value if isinstance(value, (str, int, float)) else msgspec.to_builtins(value)
