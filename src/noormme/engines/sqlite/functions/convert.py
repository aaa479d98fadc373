"""What a stored value is as text or as a number.

Invariant: SQLite stores any value in any column, so nothing here raises; what cannot be read is None.
"""

from __future__ import annotations

import math
from decimal import Decimal

__all__ = ["as_number", "as_text", "count_of", "exact"]

_INT64 = range(-(2**63), 2**63)


def as_text(value: object) -> str:
    """A stored value as text; SQLite too takes a BLOB for text in the encoding of the database."""
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)


def as_number(value: object) -> int | float | None:
    """A stored value as a number; None for NULL and for text that is none."""
    if isinstance(value, (int, float)):
        return value
    if value is None:
        return None
    text = as_text(value)
    if "_" in text or not text.isascii():  # Python would read more than SQL does
        return None
    try:
        whole = int(text)
    except ValueError:
        return _fraction(text)
    return whole if whole in _INT64 else _fraction(text)


def _fraction(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def count_of(value: object) -> int | None:
    """A stored value as a number of characters or digits; None where it is no number."""
    number = as_number(value)
    return round(number) if number is not None and abs(number) < 2**63 else None


def exact(number: float) -> Decimal:
    """A number with the digits that it shows: the REAL 0.1 means 0.1 and not the fraction next to it."""
    return Decimal(number) if isinstance(number, int) else Decimal(repr(number))
