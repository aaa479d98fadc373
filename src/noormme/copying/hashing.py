"""A hash of what a table holds that does not depend on the engine, nor on the order of the rows.

Invariant: a value is hashed as its text, and values that mean the same have the same text wherever they are
kept: a number that of its digits without zeros at the end (``1``, ``1.0`` and ``1.00`` are alike), a truth
value 0 or 1, a moment that of UTC, a document that of its sorted keys, bytes those of text. NULL is like
nothing else.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from hashlib import blake2b
from typing import Any, cast
from uuid import UUID

import msgspec

__all__ = ["JSON_NULL", "TableHash", "text_of"]

_SIZE = 16
_SQLITE_INFINITY = 999
"""The exponent of 9e999, which is how SQLite writes infinity."""
_MODULUS = 1 << (8 * _SIZE)


class _JSONNull:
    """A document that is null, which Python has None for, as for no document."""

    def __repr__(self) -> str:
        return "JSON_NULL"


JSON_NULL = _JSONNull()
"""A document that is null."""


class TableHash:
    """The hash of a table, made of its rows in any order.

    Attributes:
        rows: How many rows were added.
    """

    def __init__(self) -> None:
        self.rows = 0
        self._sum = 0

    def add(self, rows: Iterable[Sequence[object]]) -> None:
        """Add rows.

        Args:
            rows: Their values, decoded.
        """
        total = 0
        count = 0
        for row in rows:
            count += 1
            parts = [_prefixed(value) for value in row]
            digest = blake2b("".join(parts).encode("utf-8", "surrogateescape"), digest_size=_SIZE).digest()
            total += int.from_bytes(digest, "big")
        self._sum = (self._sum + total) % _MODULUS
        self.rows += count

    @property
    def digest(self) -> str:
        """The hash, as 32 hexadecimal digits."""
        return f"{self._sum:0{2 * _SIZE}x}"


def text_of(value: object) -> str:
    """The text that a value is hashed as, which is also its text where it is kept as one.

    Args:
        value: Any value but None.
    """
    write = _WRITERS.get(type(value))
    return write(value) if write is not None else _other(value)


def _prefixed(value: object) -> str:
    if value is None:
        return "~;"
    if type(value) is str:
        return f"{len(value)}:{value}"
    text = text_of(value)
    return f"{len(text)}:{text}"


def _real(value: float) -> str:
    if value.is_integer() and abs(value) < 2**63:
        return str(int(value))
    return repr(value) if math.isfinite(value) else {math.inf: "inf", -math.inf: "-inf"}.get(value, "nan")


def _decimal(value: Decimal) -> str:
    if not value.is_finite():
        return _real(float(value)) if not value.is_nan() else "nan"
    if not value:
        return "0"
    if value.adjusted() == _SQLITE_INFINITY:
        return "inf" if value > 0 else "-inf"
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _moment(value: datetime) -> str:
    if value.tzinfo is not None:
        value = value.astimezone(UTC).replace(tzinfo=None)
    return value.isoformat(" ")


def _document(value: object) -> str:
    return msgspec.json.encode(_plain(value), order="deterministic").decode()


def _plain(value: object) -> object:
    """A document with each number in one form."""
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in cast("Mapping[object, object]", value).items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in cast("Sequence[object]", value)]
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    return value


def _other(value: object) -> str:
    for kind, write in _WRITERS.items():
        if isinstance(value, kind):
            return write(value)
    return str(value)


_WRITERS: Mapping[type, Callable[[Any], str]] = {
    str: str,
    bool: lambda value: "1" if value else "0",
    int: str,
    float: _real,
    Decimal: _decimal,
    bytes: lambda value: value.decode("utf-8", "surrogateescape"),
    datetime: _moment,
    date: date.isoformat,
    time: time.isoformat,
    timedelta: lambda value: str(value // timedelta(microseconds=1)),
    UUID: str,
    dict: _document,
    list: _document,
    _JSONNull: lambda value: "null",
}
