"""What Python values are in JSON.

Invariant: a value is compared as the JSON that it would be stored as: a datetime or a UUID is a text, True is
not 1.
"""

from __future__ import annotations

import math
from enum import Enum
from typing import cast

import msgspec

from noormme.errors import InvalidValue
from noormme.query.nodes import JSONType

__all__ = ["json_value"]

_TYPES: dict[type, JSONType] = {
    str: "text",
    int: "integer",
    float: "real",
    bool: "boolean",
    type(None): "null",
    dict: "document",
    list: "document",
}


def json_value(value: object) -> tuple[JSONType, object]:
    """What a value is in JSON, and the value made of nothing but JSON's own types.

    Args:
        value: Any value that can be stored as JSON.

    Raises:
        InvalidValue: JSON cannot hold it.
    """
    if isinstance(value, Enum):
        value = value.value
    for python_type in (str, bool, int):
        if isinstance(value, python_type):
            return _TYPES[python_type], python_type(value)
    plain = _builtin(value)
    return _TYPES[type(plain)], plain


def _builtin(value: object) -> object:
    try:
        plain: object = msgspec.json.decode(msgspec.json.encode(value))
        if not _has_no_json(msgspec.to_builtins(value)):
            return plain
    except (TypeError, ValueError, RecursionError, msgspec.MsgspecError):
        pass
    raise InvalidValue(
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
