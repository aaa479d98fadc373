"""Cursors: a place in an order as text, to go on from there later, in another process, after a deploy.

Invariant: what ``encode_cursor`` wrote is read back unchanged, types included; any other text is refused. A
cursor holds values and nothing that runs, and its values are only ever bound as parameters. It is neither
secret nor signed: whoever has it can read the values of the sort keys of one row.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from binascii import a2b_base64, crc32
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from math import isfinite
from typing import Any, cast
from uuid import UUID

import msgspec

from noormme.errors import InvalidQuery, InvalidValue

__all__ = ["Edge", "Position", "decode_cursor", "encode_cursor", "fingerprint_of"]

_URL_SAFE = bytes.maketrans(b"-_", b"+/")
_CHECK_BYTES = 4
_JSON_ARRAY: msgspec.json.Decoder[list[Any]] = msgspec.json.Decoder(list)
_PLAIN = frozenset((type(None), bool, str, int, float))
"""What stands for itself in JSON."""

_LARGEST = 2**63
"""Integers from here on are written as text, because few readers of JSON have them."""

_READERS: dict[str, Callable[[str], object]] = {
    "int": int,
    "float": float,
    "bytes": bytes.fromhex,
    "decimal": Decimal,
    "uuid": UUID,
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "duration": lambda text: timedelta(microseconds=int(text)),
}


class Position(msgspec.Struct, frozen=True):
    """A place in an order.

    Attributes:
        values: The values of the sort keys, as the database gave them.
        inclusive: Whether a row with these very values comes with the page.
    """

    values: tuple[object, ...]
    inclusive: bool = False


class Edge(msgspec.Struct, frozen=True):
    """A row at the end of a page, of which a cursor can be made.

    Attributes:
        row: The row, as the database gave it.
        keys: Where in it the sort keys stand.
    """

    row: tuple[object, ...]
    keys: tuple[int, ...]

    @property
    def position(self) -> Position:
        """The place of the row in the order."""
        return Position(tuple([self.row[at] for at in self.keys]))


def fingerprint_of(description: object) -> bytes:
    """Four bytes that tell one order from another.

    Args:
        description: What the order is, as something that JSON can say.
    """
    return crc32(msgspec.json.encode(description, order="deterministic")).to_bytes(_CHECK_BYTES)


def encode_cursor(position: Position, fingerprint: bytes) -> str:
    """A place as text that can stand in a URL.

    Args:
        position: The place.
        fingerprint: That of the order.

    Raises:
        InvalidQuery: A value cannot be written.
    """
    try:
        content = msgspec.json.encode([position.inclusive, *map(_written, position.values)])
    except (TypeError, ValueError, msgspec.MsgspecError) as error:
        raise InvalidQuery(
            "a sort key holds a value that no cursor can carry", hint="sort by another field, or use page="
        ) from error
    body = fingerprint + content
    return urlsafe_b64encode(_check(body) + body).decode().rstrip("=")


def decode_cursor(text: object, fingerprint: bytes, count: int) -> Position:
    """The place that a cursor stands for.

    Args:
        text: The cursor.
        fingerprint: That of the order in which it is to be used.
        count: How many sort keys that order has.

    Raises:
        InvalidValue: It is no cursor, is damaged, or belongs to another order.
    """
    if not isinstance(text, str):
        raise InvalidValue(f"a cursor is a text, not {type(text).__name__}", hint="pass what page.next gave")
    try:
        encoded = text.encode("ascii").translate(_URL_SAFE) + b"=" * (-len(text) % 4)
        data = a2b_base64(encoded, strict_mode=True)
        check, body = data[:_CHECK_BYTES], data[_CHECK_BYTES:]
        own, content = body[:_CHECK_BYTES], body[_CHECK_BYTES:]
        if check != _check(body):
            raise _damaged()
        inclusive, *written = _JSON_ARRAY.decode(content)
        values = tuple(written) if _PLAIN.issuperset(map(type, written)) else tuple(map(_read, written))
    except (ValueError, TypeError, ArithmeticError, LookupError, RecursionError, msgspec.MsgspecError):
        raise _damaged() from None
    if own != fingerprint:
        raise InvalidValue("this cursor belongs to another order", hint="begin again, with after=None")
    if type(inclusive) is not bool or len(values) != count:
        raise _damaged()
    return Position(values, inclusive)


def _check(body: bytes) -> bytes:
    """What tells a damaged cursor: it keeps off accidents, not intent."""
    return crc32(body).to_bytes(_CHECK_BYTES)


def _damaged() -> InvalidValue:
    return InvalidValue(
        "this is no cursor, or it is damaged", hint="pass what page.next or page.previous gave"
    )


def _written(value: object) -> object:
    """A value as JSON has it, or as its type and a text."""
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        return int(value) if -_LARGEST <= value < _LARGEST else ["int", str(value)]
    if isinstance(value, float):
        return float(value) if isfinite(value) else ["float", str(value)]
    if isinstance(value, (bytes, bytearray, memoryview)):
        return ["bytes", bytes(cast("bytes", value)).hex()]
    if isinstance(value, (datetime, date, time)):
        kind = "datetime" if isinstance(value, datetime) else "date" if isinstance(value, date) else "time"
        return [kind, value.isoformat()]
    if isinstance(value, timedelta):
        return ["duration", str(value // timedelta(microseconds=1))]
    if isinstance(value, Decimal):
        return ["decimal", str(value)]
    if isinstance(value, UUID):
        return ["uuid", value.hex]
    raise TypeError(type(value).__name__)


def _read(written: object) -> object:
    if type(written) in _PLAIN:
        return written
    if not isinstance(written, list):
        raise _damaged()
    kind, text = cast("Sequence[object]", written)
    if not isinstance(kind, str) or not isinstance(text, str):
        raise _damaged()
    return _READERS[kind](text)
