"""What Python values are in JSON.

Invariant: a value is compared as the JSON that it would be stored as: a datetime or a UUID is a text, True is
not 1.
"""

from __future__ import annotations

from enum import Enum

from noormme.query.nodes import JSONType
from noormme.schema.json_text import builtin_json

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
    plain = builtin_json(value)
    return _TYPES[type(plain)], plain
