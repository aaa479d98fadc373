"""The error for a value that a field cannot take, the same from every engine.

Invariant: it says the type of a value and never the value.
"""

from __future__ import annotations

from noormme.errors import InvalidValue

__all__ = ["refused"]


def refused(kind: str, value: object, fits: str) -> InvalidValue:
    """The error for a value that a field cannot take.

    Args:
        kind: The kind of the field.
        value: The value.
        fits: What to give.
    """
    if isinstance(value, str):
        return InvalidValue(f"this text does not fit a field of kind {kind}", hint=f"give {fits}")
    return InvalidValue(f"a field of kind {kind} cannot take {type(value).__name__}", hint=f"give {fits}")
