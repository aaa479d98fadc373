"""From what SQLite stores to the Python value that the column's kind promises.

Invariant: a value that is not NULL is either read without losing anything of it, or refused. Nothing
here guesses where two readings are equally likely, nothing turns a value into None (a JSON ``null``
*is* None), and nothing raises but what says "not readable".

There are two ways in. ``STRICT`` and ``INLINE`` take the usual form only, at the speed of C, and
raise for everything else. ``decode`` takes every form that SQLite databases are known to hold, and is
for the rows that the fast way refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from typing import cast
from uuid import UUID

import apsw
import msgspec

from noormme.engines.sqlite.moments import (
    Unit,
    Unreadable,
    datetime_of_number,
    parse_datetime,
    parse_time,
    time_of_number,
)
from noormme.query.plan import Inline
from noormme.schema.model import Kind

__all__ = ["INLINE", "STRICT", "Decoder", "Unit", "Unreadable", "decode"]

Decoder = Callable[[object], object]


# ---------------------------------------------------------------- the fast way: the usual form only


def _datetime(text: str) -> datetime:
    # fromisoformat alone reads a date with an offset ("2024-01-02+05:00") as 5 o'clock, 13 digits of
    # milliseconds as a day in another century, and "10:30.5" as half a second. None is that long.
    if len(text) < 19:
        raise Unreadable
    return datetime.fromisoformat(text)


def _time(text: str) -> time:
    if text[5] != ":":
        raise Unreadable
    return time.fromisoformat(text)


def _decimal(value: object) -> Decimal:
    # By way of text, because the REAL 0.1 means 0.1 and not the fraction that is next to it.
    return Decimal(str(value))


_decode_uuid = msgspec.json.Decoder(UUID).decode


def _uuid(text: str) -> UUID:
    # UUID(text) is Python code and takes five times as long.
    return _decode_uuid('"' + text + '"')


def _json(text: str) -> object:
    # Bytes may be JSONB, and a few of those are JSON text as well, with another meaning.
    if type(text) is not str:
        raise Unreadable
    return msgspec.json.decode(text)


_WORDS = {
    False: ("false", "f", "no", "n", "off", "0"),
    True: ("true", "t", "yes", "y", "on", "1"),
}
_BOOLEANS: dict[object, bool] = {
    0: False,
    1: True,
    **{
        spelling: truth
        for truth, words in _WORDS.items()
        for word in words
        for spelling in (word, word.upper(), word.capitalize())
    },
}


def _duration(value: float) -> timedelta:
    """A duration is stored as a number of microseconds, as Django stores it."""
    return timedelta(microseconds=value)


STRICT: Mapping[Kind, Decoder | None] = {
    "any": None,
    "array": None,
    "integer": None,
    "real": None,
    "text": None,
    "blob": None,
    "boolean": _BOOLEANS.__getitem__,
    "date": cast("Decoder", date.fromisoformat),
    "time": cast("Decoder", _time),
    "datetime": cast("Decoder", _datetime),
    "duration": cast("Decoder", _duration),
    "decimal": _decimal,
    "uuid": cast("Decoder", _uuid),
    "json": cast("Decoder", _json),
}
"""By kind, what reads one stored value that is not NULL and has the usual form. Anything else raises
(any exception). None where values are used as they are stored."""


INLINE: Mapping[Kind, Inline] = {
    "boolean": Inline("(True if {v} == 1 else False if {v} == 0 else {f}[{v}])", _BOOLEANS),
    "date": Inline("{f}({v})", cast("Decoder", date.fromisoformat)),
    "time": Inline("{f}({v} if {v}[5] == ':' else None)", cast("Decoder", time.fromisoformat)),
    "datetime": Inline("{f}({v} if len({v}) > 18 else None)", cast("Decoder", datetime.fromisoformat)),
    "decimal": Inline("{f}(str({v}))", cast("Decoder", Decimal)),
    "uuid": Inline("{f}('\"' + {v} + '\"')", cast("Decoder", _decode_uuid)),
    "json": Inline("{f}({v} if type({v}) is str else None)", cast("Decoder", msgspec.json.decode)),
}
"""By kind, the expression that reads one value as ``STRICT`` does; kinds without one need none."""


# ---------------------------------------------------------------- the tolerant way


def decode(kind: Kind, value: object, *, timezone: tzinfo | None = None, unit: Unit | None = None) -> object:
    """Read one stored value, whatever its form. Does not touch the database.

    Args:
        kind: The column's kind.
        value: What SQLite gave: None, an int, a float, a str or bytes.
        timezone: The zone of datetimes that carry no offset. With it every datetime is aware, and
            numbers, which are instants, are given in this zone. Without it a datetime is aware
            exactly when its text carries an offset, and numbers are given in UTC, naive.
        unit: What numbers count in this column, where it is known; else their size decides.

    Returns:
        The value. None stays None. A date column whose value has a time of day other than midnight
        gives a datetime (which is a date), so that nothing is lost.

    Raises:
        Unreadable: It cannot be read as that kind.
    """
    if value is None:
        return None
    reader = _READERS.get(kind)
    if reader is None:
        return value
    try:
        return reader(value, timezone, unit)
    except (ValueError, TypeError, ArithmeticError, RecursionError) as error:
        raise Unreadable(f"a stored value of type {type(value).__name__} is no {kind}") from error


_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?", re.ASCII)
_UUID = re.compile(
    r"(?:\{|urn:uuid:)?([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})\}?",
    re.IGNORECASE | re.ASCII,
)


def _text_of(value: object) -> str:
    """Text without blanks and NULs around it; a BLOB may hold text too."""
    text = value.decode() if isinstance(value, bytes) else value
    if not isinstance(text, str):
        raise Unreadable
    return text.strip(" \t\r\n\0")


def _read_datetime(value: object, timezone: tzinfo | None, unit: Unit | None) -> datetime:
    if isinstance(value, (int, float)):
        return datetime_of_number(value, timezone, unit)
    text = _text_of(value)
    if len(text) == 8 and text.isdecimal():
        try:
            return datetime.fromisoformat(text).replace(tzinfo=timezone)
        except ValueError:
            pass  # not YYYYMMDD, so a number like any other
    if _NUMBER.fullmatch(text):
        return datetime_of_number(float(text) if "." in text else int(text), timezone, unit)
    moment = parse_datetime(text)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=timezone)


def _read_date(value: object, timezone: tzinfo | None, unit: Unit | None) -> date:
    moment = _read_datetime(value, timezone, unit)
    return moment if moment.time() != time() else moment.date()


def _read_time(value: object, timezone: tzinfo | None, unit: Unit | None) -> time:
    if isinstance(value, (int, float)):
        return time_of_number(value, unit)
    return parse_time(_text_of(value))


def _read_boolean(value: object, timezone: tzinfo | None, unit: Unit | None) -> bool:
    if isinstance(value, bytes) and value in (b"\0", b"\1"):
        return value == b"\1"
    key = _text_of(value).lower() if isinstance(value, (str, bytes)) else value
    if key not in _BOOLEANS:
        raise Unreadable
    return _BOOLEANS[key]


def _read_decimal(value: object, timezone: tzinfo | None, unit: Unit | None) -> Decimal:
    return _decimal(_text_of(value) if isinstance(value, (str, bytes)) else value)


def _read_uuid(value: object, timezone: tzinfo | None, unit: Unit | None) -> UUID:
    if isinstance(value, bytes) and len(value) == 16:
        return UUID(bytes=value)
    match = _UUID.fullmatch(_text_of(value))
    if match is None:
        raise Unreadable
    return UUID("".join(match.groups()))


def _read_json(value: object, timezone: tzinfo | None, unit: Unit | None) -> object:
    if isinstance(value, (int, float)):
        return value  # the column's affinity made a number of JSON text
    if isinstance(value, bytes):
        if apsw.jsonb_detect(value):  # pyright: ignore[reportUnknownMemberType]
            return apsw.jsonb_decode(value)  # pyright: ignore[reportUnknownMemberType]
        value = value.decode()
    try:
        return _json(cast("str", value))
    except (ValueError, msgspec.MsgspecError):
        # Python's own module reads what it also writes: NaN, control characters, lone surrogates.
        from json import loads  # loaded for such values only: a start should not pay for it

        return loads(cast("str", value), strict=False)


def _read_duration(value: object, timezone: tzinfo | None, unit: Unit | None) -> object:
    if isinstance(value, (int, float)):
        return _duration(value)
    raise Unreadable


_READERS: Mapping[Kind, Callable[[object, tzinfo | None, Unit | None], object]] = {
    "boolean": _read_boolean,
    "date": _read_date,
    "time": _read_time,
    "datetime": _read_datetime,
    "duration": _read_duration,
    "decimal": _read_decimal,
    "uuid": _read_uuid,
    "json": _read_json,
}
