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

_WORDS: Mapping[object, bool] = {
    **dict.fromkeys(("t", "true", "y", "yes", "on", "1"), True),
    **dict.fromkeys(("f", "false", "n", "no", "off", "0"), False),
}


def encoder(
    kind: Kind, *, zoned: bool | None = None, timezone: tzinfo | None = None, storing: bool = False
) -> Encode:
    """What turns Python values into parameters.

    Args:
        kind: The kind of what they are compared with or stored in.
        zoned: For datetimes: whether that has moments and not the time on some clock; None where it is no
            column.
        timezone: The zone of datetimes without an offset; None: UTC.
        storing: Whether the parameter is stored, and so must fit.
    """
    if kind == "datetime":
        return _datetime_encoder(zoned, timezone)
    if kind == "integer" and storing:
        return _whole
    return _ENCODERS[kind]


def refused(kind: Kind, value: object, fits: str) -> InvalidValue:
    """The error for a value that a field cannot take; it says the type and never the value.

    Args:
        kind: The kind of the field.
        value: The value.
        fits: What to give.
    """
    if isinstance(value, str):
        return InvalidValue(f"this text does not fit a field of kind {kind}", hint=f"give {fits}")
    return InvalidValue(f"a field of kind {kind} cannot take {type(value).__name__}", hint=f"give {fits}")


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
        return _array(cast("list[object]", value))
    # A class has the methods of its values, and is none.
    if isinstance(value, SupportsIndex) and not isinstance(value, type):
        return _plain(index(value))
    raise InvalidValue(f"PostgreSQL cannot take {type(value).__name__}", hint="give a number, text or bytes")


def _number(value: object, kind: Kind) -> int | float | Decimal:
    if isinstance(value, Enum):
        return _number(value.value, kind)
    if isinstance(value, (float, Decimal)):
        return value
    if isinstance(value, SupportsIndex) and not isinstance(value, type):
        return index(value)
    if isinstance(value, str):
        try:
            return Decimal(value)
        except ArithmeticError:
            pass
    raise refused(kind, value, "a number")


def _integer(value: object) -> object:
    number = _number(value, "integer")
    if type(number) is int and _INTEGER_MIN <= number <= _INTEGER_MAX:
        return number
    return number if isinstance(number, float) else Decimal(number)


def _whole(value: object) -> object:
    number = _number(value, "integer")
    try:
        whole = int(number)
    except (ArithmeticError, ValueError):
        whole = None
    if whole is None or whole != number or not _INTEGER_MIN <= whole <= _INTEGER_MAX:
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


def _text(value: object) -> object:
    if type(value) is str:
        return value
    if isinstance(value, Enum):
        return _text(value.value)
    if isinstance(value, (str, int, float, Decimal, date, time, UUID)):
        return str(value)
    raise refused("text", value, "a text")


def _blob(value: object) -> object:
    if isinstance(value, UUID):
        return value.bytes
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(cast("bytes", value))
    raise refused("blob", value, "bytes")


def _boolean(value: object) -> object:
    if isinstance(value, bool):
        return value
    if isinstance(value, (int, float, Decimal)) and value in (0, 1):
        return bool(value)
    word = _WORDS.get(value.strip().lower()) if isinstance(value, str) else None
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


def _uuid(value: object) -> object:
    if isinstance(value, UUID):
        return value
    try:
        if isinstance(value, str):
            return UUID(value)
        if isinstance(value, bytes) and len(value) == 16:
            return UUID(bytes=value)
    except ValueError:
        pass
    raise refused("uuid", value, "a UUID or its text")


_ENCODERS: Mapping[Kind, Encode] = {
    "any": _plain,
    "integer": _integer,
    "real": _real,
    "text": _text,
    "blob": _blob,
    "boolean": _boolean,
    "date": _date,
    "time": _time,
    "duration": _duration,
    "decimal": _decimal,
    "uuid": _uuid,
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


def _array(values: Sequence[object]) -> str:
    """A list as PostgreSQL writes an array; of which type, what stands beside it says."""
    parts: list[str] = []
    for value in values:
        if isinstance(value, list):
            parts.append(_array(cast("list[object]", value)))
        else:
            parts.append("NULL" if value is None else _element(key_part(_plain(value))))
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
