"""A Python value as JSON text: what is stored, and what values in conditions are compared as.

Invariant: what JSON cannot hold is refused by a named error; nothing is made null in silence.
"""

from __future__ import annotations

import math
from typing import cast

import msgspec

from noormme.errors import InvalidValue

__all__ = ["builtin_json", "json_text"]

_NO_JSON = (TypeError, ValueError, RecursionError, msgspec.MsgspecError)


def json_text(value: object) -> str:
    """Compact JSON text, as SQLite's ``json()`` writes it.

    Args:
        value: Any value; what is no type of JSON's own becomes text as ``msgspec`` writes it.

    Raises:
        InvalidValue: JSON cannot hold it.
    """
    try:
        text = msgspec.json.encode(value)
        if b"null" not in text or not _has_no_json(msgspec.to_builtins(value)):
            return text.decode()
    except _NO_JSON:
        pass
    raise _refused(value)


def builtin_json(value: object) -> object:
    """The value made of nothing but JSON's own types: what is read again once it was stored.

    Args:
        value: As ``json_text`` takes it.

    Raises:
        InvalidValue: JSON cannot hold it.
    """
    text = json_text(value)
    try:
        return msgspec.json.decode(text)
    except _NO_JSON:
        raise _refused(value) from None


def _refused(value: object) -> InvalidValue:
    return InvalidValue(
        f"JSON cannot hold this {type(value).__name__} or something inside it",
        hint="give dicts with text keys, lists, text, finite numbers, True, False and None",
    )


def _has_no_json(value: object) -> bool:
    """Whether there is a NaN or an infinity, of which the encoder makes null."""
    if isinstance(value, float):
        return not math.isfinite(value)
    if isinstance(value, dict):
        return any(map(_has_no_json, cast("dict[object, object]", value).values()))
    return isinstance(value, (list, tuple)) and any(map(_has_no_json, cast("list[object]", value)))
