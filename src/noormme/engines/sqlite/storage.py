"""From Python values to what SQLite stores: the parameter that compares rightly with a column.

Invariant: an encoder gives something that SQLite can bind, or raises ``InvalidValue``; it never sees
None, and no message repeats a value. What cannot be bound without a loss that the user did not ask
for (NaN, which SQLite makes NULL; half of a surrogate pair) is refused.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from enum import Enum
from operator import index
from typing import SupportsIndex, cast
from uuid import UUID

import apsw
import msgspec

from noormme.engines.refusal import refused
from noormme.engines.sqlite.forms import StorageForm
from noormme.engines.sqlite.temporal import date_encoder, datetime_encoder, time_encoder
from noormme.engines.sqlite.values import Unreadable, decode
from noormme.errors import InvalidValue
from noormme.schema.json_text import json_text
from noormme.schema.model import Kind

__all__ = ["Encoder", "encoder"]

Encoder = Callable[[object], object]

_INTEGER_MIN, _INTEGER_MAX = -(2**63), 2**63 - 1
_LONGEST = 20
"""Digits from which on a number is no integer of SQLite; 1e999999999 must not be written out."""


def encoder(
    kind: Kind, form: StorageForm, timezone: tzinfo | None = None, *, storing: bool = False
) -> Encoder | None:
    """What turns Python values into parameters for a column. Does not touch the database.

    Args:
        kind: The column's kind.
        form: Its form (``form_of``).
        timezone: The zone of datetimes without an offset, stored or given; None: UTC.
        storing: Whether the parameter will be stored. A value that is finer than the column's form is
            then cut to it. Otherwise the parameter is for comparing only, and keeps the value's place
            between two values of the column: never store it.

    Returns:
        A function of one value other than None, which raises ``InvalidValue`` for what the column
        cannot hold. None where every value may be bound as it is.
    """
    return _MAKERS[kind](form, timezone, storing)


# ---------------------------------------------------------------- values that are stored as they are


def _plain(value: object) -> object:
    if type(value) is str:
        return value if value.isascii() else _unicode(value)
    if type(value) in (int, bytes, bool):
        return value
    return _plain_other(value)


def _plain_other(value: object) -> object:
    """Types that SQLite does not have, as text; a column without a kind of its own holds them so."""
    if isinstance(value, Enum):
        return _plain(value.value)
    if isinstance(value, str):
        return _unicode(str(value))
    if isinstance(value, float):
        return _not_nan(value)
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(cast("bytes", value))
    if isinstance(value, datetime):
        return value.isoformat(" ")
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, (UUID, Decimal)):
        return str(value)
    # A class has the methods of its values, and is none.
    if isinstance(value, SupportsIndex) and not isinstance(value, type):
        return index(value)
    raise InvalidValue(f"SQLite cannot take {type(value).__name__}", hint="give a number, text or bytes")


def _blob(value: object) -> object:
    return value.bytes if isinstance(value, UUID) else _plain(value)


def _unicode(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise InvalidValue(
            "text with half of a surrogate pair cannot be stored", hint="give text that UTF-8 can encode"
        ) from None
    return text


# ---------------------------------------------------------------- numbers


def _integer_encoder(form: StorageForm, timezone: tzinfo | None, storing: bool) -> Encoder:
    def encode(value: object) -> object:
        number = value if type(value) is int else _number_of(value, "integer")
        if type(number) is int and _INTEGER_MIN <= number <= _INTEGER_MAX:
            return number
        if not storing:
            return number if type(number) is float else _wide(cast("int", number))
        if type(number) is float and number.is_integer() and abs(number) < -_INTEGER_MIN:
            return int(number)
        raise refused("integer", value, "a whole number of at most 64 bits")

    return encode


def _real_encoder(form: StorageForm, timezone: tzinfo | None, storing: bool) -> Encoder:
    def encode(value: object) -> object:
        number = _not_nan(value) if type(value) is float else _number_of(value, "real")
        if type(number) is float or _INTEGER_MIN <= number <= _INTEGER_MAX:
            return number
        return _wide(cast("int", number))

    return encode


def _number_of(value: object, kind: str) -> int | float:
    """A number from anything that means one."""
    if isinstance(value, Enum):
        return _number_of(value.value, kind)
    if isinstance(value, float):
        return _not_nan(float(value))
    if isinstance(value, SupportsIndex) and not isinstance(value, type):
        return index(value)
    if isinstance(value, (str, Decimal)):
        try:
            if kind == "real":
                return _not_nan(float(value))
            number = Decimal(value)
            whole = number.is_finite() and number.adjusted() < _LONGEST and number == int(number)
            return int(number) if whole else _not_nan(float(number))
        except (ArithmeticError, ValueError):
            pass
    raise refused(kind, value, "a number")


def _wide(number: int) -> float:
    """An integer that is too large for SQLite as a real, which compares with integers as it should."""
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf


def _not_nan(number: float) -> float:
    if number != number:
        raise InvalidValue("SQLite has no NaN", hint="it would become NULL")
    return number


def _decimal(value: object) -> object:
    if type(value) is not Decimal:
        if not isinstance(value, (int, float, str, Decimal)):
            raise refused("decimal", value, "a Decimal, a number, or text such as 12.50")
        try:
            value = Decimal(str(+value) if isinstance(value, (int, float)) else value)
        except (ArithmeticError, ValueError):
            raise refused("decimal", value, "a Decimal, a number, or text such as 12.50") from None
    if value.is_finite():
        return str(value)
    _not_nan(math.nan if value.is_nan() else 0.0)
    return "-9e999" if value < 0 else "9e999"  # how SQLite writes infinity


# ---------------------------------------------------------------- booleans, UUIDs, JSON


def _boolean_encoder(form: StorageForm, timezone: tzinfo | None, storing: bool) -> Encoder:
    false, true = form.words
    words: dict[object, int | str] = {False: false, True: true}

    def encode(value: object) -> object:
        try:
            return words[value]
        except (KeyError, TypeError):
            pass
        if isinstance(value, str):
            try:
                return words[decode("boolean", value)]
            except Unreadable:
                pass
        raise refused("boolean", value, "True or False")

    return encode


def _uuid_encoder(form: StorageForm, timezone: tzinfo | None, storing: bool) -> Encoder:
    write = (_UPPER_UUID_WRITERS if form.upper else _UUID_WRITERS)[form.layout]

    def encode(value: object) -> object:
        if not isinstance(value, UUID):
            if not isinstance(value, (str, bytes)):
                raise refused("uuid", value, "a UUID or its text")
            try:
                value = cast("UUID", decode("uuid", value))
            except Unreadable:
                raise refused("uuid", value, "a UUID or its text") from None
        return write(value)

    return encode


_UUID_WRITERS: Mapping[str, Callable[[UUID], object]] = {
    "hyphenated": str,
    "hex": lambda value: value.hex,
    "braced": lambda value: f"{{{value}}}",
    "urn": lambda value: value.urn,
    "bytes": lambda value: value.bytes,
}
_UPPER_UUID_WRITERS: Mapping[str, Callable[[UUID], object]] = {
    "hyphenated": lambda value: str(value).upper(),
    "hex": lambda value: value.hex.upper(),
    "braced": lambda value: f"{{{value}}}".upper(),
    "urn": lambda value: f"urn:uuid:{str(value).upper()}",
}


def _json_encoder(form: StorageForm, timezone: tzinfo | None, storing: bool) -> Encoder:
    if form.layout == "jsonb" and storing:
        return _jsonb
    return _json_ascii if form.ascii else json_text


def _jsonb(value: object) -> bytes:
    return apsw.jsonb_encode(msgspec.json.decode(json_text(value)))  # pyright: ignore[reportUnknownMemberType]


def _json_ascii(value: object) -> str:
    from json import dumps, loads  # loaded for such columns only: a start should not pay for it

    return dumps(loads(json_text(value)), separators=(",", ":"))


def _microseconds(value: object) -> object:
    if not isinstance(value, timedelta):
        raise refused("duration", value, "a timedelta")
    return value // timedelta(microseconds=1)


_Make = Callable[[StorageForm, tzinfo | None, bool], Encoder]


def _always(encode: Encoder) -> _Make:
    return lambda form, timezone, storing: encode


_MAKERS: Mapping[Kind, _Make] = {
    "any": _always(_plain),
    # SQLite has no arrays: a column that the settings call one holds what it is given.
    "array": _always(_plain),
    "integer": _integer_encoder,
    "real": _real_encoder,
    "text": _always(_plain),
    "blob": _always(_blob),
    "boolean": _boolean_encoder,
    "date": date_encoder,
    "time": time_encoder,
    "datetime": datetime_encoder,
    "duration": _always(_microseconds),
    "decimal": _always(_decimal),
    "uuid": _uuid_encoder,
    "json": _json_encoder,
}
