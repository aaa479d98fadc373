"""From Python values to parameters: what all servers take alike.

Invariant: an encoder gives a value of a plain type or raises ``InvalidValue``; it never sees None, and no
message repeats a value.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time, tzinfo
from decimal import Decimal
from enum import Enum
from operator import index
from typing import SupportsIndex, cast
from uuid import UUID

from noormme.engines.refusal import refused
from noormme.schema.model import Kind

__all__ = ["BOOLEAN_WORDS", "as_blob", "as_number", "as_text", "as_uuid", "digits", "zone_of"]

BOOLEAN_WORDS: Mapping[object, bool] = {
    **dict.fromkeys(("t", "true", "y", "yes", "on", "1"), True),
    **dict.fromkeys(("f", "false", "n", "no", "off", "0"), False),
}
"""Texts that stand for true and false, as PostgreSQL reads them."""


def zone_of(name: str | None) -> tzinfo | None:
    """The time zone of the settings; None where they name none.

    Args:
        name: Its name, which was checked.
    """
    if name is None:
        return None
    # Most databases need no time zone, and reading one is file access.
    import zoneinfo

    return zoneinfo.ZoneInfo(name)


def as_number(value: object, kind: Kind) -> int | float | Decimal:
    """A number of any type, or the one that a text says.

    Args:
        value: The value.
        kind: The kind of the field, for the error.

    Raises:
        InvalidValue: It is no number.
    """
    if isinstance(value, Enum):
        return as_number(value.value, kind)
    if isinstance(value, (float, Decimal)):
        return value
    # A class has the methods of its values, and is none.
    if isinstance(value, SupportsIndex) and not isinstance(value, type):
        return index(value)
    if isinstance(value, str):
        try:
            return Decimal(value)
        except ArithmeticError:
            pass
    raise refused(kind, value, "a number")


def as_text(value: object) -> object:
    """A text, or what Python writes for a number, a moment or a UUID.

    Args:
        value: The value.

    Raises:
        InvalidValue: It has no text.
    """
    if type(value) is str:
        return value
    if isinstance(value, Enum):
        return as_text(value.value)
    if isinstance(value, int):
        return digits(value)
    if isinstance(value, (str, float, Decimal, date, time, UUID)):
        return str(value)
    raise refused("text", value, "a text")


def digits(value: int) -> str:
    """A whole number as text, also one of more digits than Python writes.

    Args:
        value: The number.
    """
    try:
        return str(value)
    except ValueError:
        return format(Decimal(value), "f")


def as_blob(value: object) -> object:
    """Bytes, also those of a text or a UUID.

    Args:
        value: The value.

    Raises:
        InvalidValue: It has no bytes.
    """
    if isinstance(value, UUID):
        return value.bytes
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(cast("bytes", value))
    raise refused("blob", value, "bytes")


def as_uuid(value: object) -> UUID:
    """A UUID, or the one that a text or 16 bytes say.

    Args:
        value: The value.

    Raises:
        InvalidValue: It is none.
    """
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
