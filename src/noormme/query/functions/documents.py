"""JSON documents made in the database.

Invariant: every value stands in the document as JSON has it: true and false, numbers, nested documents; what
JSON does not have is text, and NULL is ``null``.
"""

from __future__ import annotations

from noormme.query.expressions.fields import Value
from noormme.query.expressions.func import Func

__all__ = ["JSONArray", "JSONObject"]


class JSONArray(Func):
    """A JSON array of values.

    Args:
        *expressions: Fields by name, expressions or values.

    Example:
        ``JSONArray("latitude", "longitude")``.
    """

    __slots__ = ()
    function = "json_array"


class JSONObject(Func):
    """A JSON object.

    Args:
        **fields: Its members: fields by name, expressions or values.

    Example:
        ``JSONObject(title="title", author="author__name", size=Length("body"))``.
    """

    __slots__ = ()
    function = "json_object"

    def __init__(self, **fields: object) -> None:
        super().__init__(*(part for name, value in fields.items() for part in (Value(name), value)))

    def __repr__(self) -> str:
        names = (value.value for value in self.arguments[::2] if isinstance(value, Value))
        members = zip(names, self.arguments[1::2], strict=True)
        return f"JSONObject({', '.join(f'{name}={value!r}' for name, value in members)})"
