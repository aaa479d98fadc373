"""A list of values as one parameter: what ``x IN (SELECT value FROM carray(?))`` binds.

Invariant: a binding holds values of one storage class, and matches exactly what the values would match
one by one. What can match nothing is left out: None, NaN, integers of more than 64 bits.

APSW's ``carray`` holds C strings, so text with a NUL inside cannot be in it. A list that may hold such
text needs a second parameter, and the SQL is

    x IN (SELECT value FROM carray(?1) UNION ALL SELECT CAST(value AS TEXT) FROM carray(?2))

with ``list_binding`` for the first and ``nul_binding`` for the second. NULL in place of a list is an
empty list to SQLite, and costs nothing that could be measured.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal

import apsw

from noormme.errors import InvalidValue

__all__ = ["StorageClass", "bind", "group_values", "list_binding", "nul_binding"]

StorageClass = Literal["integer", "real", "text", "blob"]

_CLASSES: Mapping[type, StorageClass] = {
    int: "integer",
    bool: "integer",
    float: "real",
    str: "text",
    bytes: "blob",
}
_INTEGER_MIN, _INTEGER_MAX = -(2**63), 2**63 - 1
_EXACT = 2**53
"""Up to here every integer is a real as well."""


def list_binding(values: Iterable[object], encode: Callable[[object], object] | None = None) -> object | None:
    """One parameter for a list whose encoded values are all numbers, all text or all bytes.

    Args:
        values: The values; None among them is left out, and so is text with a NUL.
        encode: The column's encoder, or None.

    Returns:
        What to bind; None, which SQLite takes for an empty list, when nothing is left.

    Raises:
        InvalidValue: The list mixes storage classes, a value cannot be encoded, or text is not Unicode.
    """
    groups = group_values(_encoded(values, encode))
    if groups.keys() == {"integer", "real"}:
        groups = _one_group_of_numbers(groups["integer"], groups["real"])
    if len(groups) > 1:
        raise InvalidValue("this list mixes numbers, text and bytes", hint="give values of one type")
    for storage_class, group in groups.items():
        return bind(storage_class, group)
    return None


def nul_binding(
    values: Iterable[object],
    encode: Callable[[object], object] | None = None,
    *,
    encoding: str = "UTF-8",
) -> object | None:
    """One parameter for the text in a list that holds a NUL, as bytes to be cast to text.

    Args:
        values: The same values as for ``list_binding``.
        encode: The column's encoder, or None.
        encoding: What ``PRAGMA encoding`` says.

    Returns:
        What to bind; None when there is no such text, as nearly always.
    """
    texts = [value for value in _encoded(values, encode) if isinstance(value, str)]
    if "\0" not in "".join(texts):
        return None
    return _carray(tuple(text.encode(encoding) for text in texts if "\0" in text))


def group_values(values: Iterable[object]) -> dict[StorageClass, list[Any]]:
    """Take a list of stored forms apart by storage class.

    Raises:
        InvalidValue: SQLite has no storage class for a value.
    """
    rows = list(values)
    types = set(map(type, rows))
    groups: dict[StorageClass, list[Any]] = {}
    for kind in types - {type(None)}:
        storage_class = _CLASSES.get(kind)
        if storage_class is None:
            raise InvalidValue(f"SQLite cannot take {kind.__name__}", hint="give numbers, text or bytes")
        group = rows if len(types) == 1 else [value for value in rows if type(value) is kind]
        groups[storage_class] = groups.get(storage_class, []) + group
    return groups


def bind(storage_class: StorageClass, values: Sequence[Any]) -> object | None:
    """One parameter for values of one storage class; None when nothing is left of them.

    Raises:
        InvalidValue: Text is not Unicode.
    """
    if storage_class == "integer":
        return _carray(_integers(values))
    if storage_class == "real":
        return _carray(array("d", [value for value in values if value == value]))
    if storage_class == "blob":
        return _carray(tuple(values))
    try:
        return _carray(tuple(values))
    except UnicodeEncodeError:
        raise InvalidValue(
            "text with half of a surrogate pair cannot be stored", hint="give text that UTF-8 can encode"
        ) from None
    except ValueError:
        return _carray(tuple(value for value in values if "\0" not in value))


def _carray(values: array[int] | array[float] | tuple[str, ...] | tuple[bytes, ...]) -> object | None:
    return apsw.carray(values) if values else None  # pyright: ignore[reportUnknownMemberType]


def _integers(values: Sequence[int]) -> array[int]:
    try:
        return array("q", values)
    except OverflowError:
        return array("q", [value for value in values if _INTEGER_MIN <= value <= _INTEGER_MAX])


def _encoded(values: Iterable[object], encode: Callable[[object], object] | None) -> Iterable[object]:
    if encode is None:
        return values
    return [encode(value) for value in values if value is not None]


def _one_group_of_numbers(integers: list[int], reals: list[float]) -> dict[StorageClass, list[Any]]:
    """All as reals, or all as integers where reals would run together."""
    if max(map(abs, integers)) <= _EXACT:
        return {"real": [*integers, *reals]}
    return {"integer": [*integers, *(int(value) for value in reals if value.is_integer())]}
