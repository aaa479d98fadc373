"""When two values of a key that lie in different columns are equal, as the database has it.

Invariant: what a foreign key compares is compared with the collation of the column that it refers to, and a
text that looks like a number equals that number where one of the two columns holds numbers.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from noormme.schema.model import Column

__all__ = ["alike", "collation", "compared", "sent"]

Change = Callable[[Any], Any]

_NUMBERS = frozenset({"integer", "real", "decimal", "boolean"})
_NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*", re.ASCII)
_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}


def collation(column: Column) -> str:
    """The name of what compares the column's text, in upper case."""
    return (column.collation or "BINARY").upper()


def alike(one: Column, other: Column) -> bool:
    """Whether a value compares with one column as with the other, so that either can stand for both.

    Args:
        one: A column of a foreign key or of the key it refers to.
        other: The other of the two.
    """
    return collation(one) == collation(other) and not _mixed(one, other)


def compared(referred: Column, holder: Column) -> Change | None:
    """What makes equal values of two columns equal in Python; None where they are already.

    Args:
        referred: The column that a foreign key refers to.
        holder: The column of the foreign key.
    """
    if _mixed(referred, holder):
        return _as_number if _numeric(referred, holder) else _as_text
    return {"NOCASE": _folded, "RTRIM": _trimmed}.get(collation(referred))


def sent(holder: Column, referred: Column) -> Change | None:
    """What gives a value of a foreign key the form that it has in the key; None where that is the same.

    Args:
        holder: The column of the foreign key.
        referred: The column that it refers to.
    """
    if not _mixed(holder, referred) or not _numeric(holder, referred):
        return None
    return _as_text if referred.kind == "text" else _as_number


def _mixed(one: Column, other: Column) -> bool:
    return one.kind != other.kind and not {one.kind, other.kind} <= _NUMBERS


def _numeric(one: Column, other: Column) -> bool:
    return {one.kind, other.kind} <= _NUMBERS | {"text", "any"}


def _as_number(value: Any) -> Any:
    if type(value) is not str or _NUMBER.fullmatch(value) is None:
        return value
    try:
        return int(value)
    except ValueError:
        return float(value)


def _as_text(value: Any) -> Any:
    if value is None or type(value) is str:
        return value
    return str(int(value)) if type(value) is bool else str(value)


def _folded(value: Any) -> Any:
    # SQLite's NOCASE knows the letters of ASCII only.
    return value.translate(_LOWER) if type(value) is str else value


def _trimmed(value: Any) -> Any:
    return value.rstrip(" ") if type(value) is str else value
