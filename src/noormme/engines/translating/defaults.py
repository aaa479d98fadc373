"""Defaults of one engine in the form that the columns of another take.

Invariant: a default that is given means the same in every engine; every other one is None.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from uuid import UUID

import msgspec

from noormme.schema.model import Column, Kind

__all__ = ["MOMENTS", "NUMBERS", "fitting_default"]

NUMBERS: frozenset[Kind] = frozenset({"integer", "real", "decimal"})
MOMENTS: frozenset[Kind] = frozenset({"date", "time", "datetime"})
_READERS: Mapping[Kind, Callable[[str], object]] = {
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "datetime": datetime.fromisoformat,
    "uuid": UUID,
    "json": msgspec.json.decode,
}
"""By kind, what reads a text as every engine does."""

_TRUTHS: Mapping[str, str] = {
    **dict.fromkeys(("1", "T", "TRUE"), "TRUE"),
    **dict.fromkeys(("0", "F", "FALSE"), "FALSE"),
}


def fitting_default(text: str, column: Column) -> str | None:
    """A default in the form that the column's type takes; None where it has none.

    Args:
        text: The default, as every engine writes it (``schema.portable``).
        column: The column at the target.
    """
    is_text = text.startswith("'")
    if text == "NULL":
        return text
    if text.startswith("CURRENT_"):
        return text if column.kind in MOMENTS else None
    if column.kind == "boolean":
        word = text.strip("'").upper()
        return _TRUTHS.get(word)
    if text in ("TRUE", "FALSE"):
        number = "1" if text == "TRUE" else "0"
        return number if column.kind in NUMBERS else f"'{number}'" if column.kind == "text" else None
    if column.kind in NUMBERS:
        bare = text.strip("'").strip()
        return bare if bare.lstrip("+-").replace(".", "", 1).isdecimal() else None
    if column.kind == "text":
        return text if is_text else f"'{text}'"
    if not is_text or column.kind not in _READERS:
        return None
    try:
        _READERS[column.kind](text[1:-1].replace("''", "'"))
    except (ValueError, msgspec.MsgspecError):
        return None
    return text
