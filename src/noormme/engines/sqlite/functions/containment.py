"""JSON documents in Python: which are equal, and which contain which.

Invariant: the meaning is that of PostgreSQL's ``jsonb``: the order of keys does not matter, of keys given
twice the last one counts, 1 equals 1.0, and true is not 1. Nothing here raises for what is stored.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import cast

import msgspec

from noormme.engines.sqlite.values import Unreadable, decode

__all__ = ["FUNCTIONS", "canonical", "json_contains", "json_of"]

_FRACTION = re.compile(rb"\d[.eE]")
_KEPT = 64
"""How many documents that are searched for are kept decoded; a query has few."""


def canonical(value: object) -> str:
    """The JSON text that all equal values have: keys sorted, whole numbers without a fraction.

    Args:
        value: A value made of JSON's own types.
    """
    try:
        text = msgspec.json.encode(value, order="sorted")
        if _FRACTION.search(text):
            text = msgspec.json.encode(_whole(value), order="sorted")
        return text.decode()
    except UnicodeEncodeError:
        from json import dumps  # for half of a surrogate pair, which Python's own module can write

        return dumps(_whole(value), sort_keys=True, separators=(",", ":"))


def _whole(value: object) -> object:
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    if isinstance(value, dict):
        return {key: _whole(part) for key, part in cast("dict[str, object]", value).items()}
    if isinstance(value, list):
        return [_whole(part) for part in cast("list[object]", value)]
    return value


def json_of(stored: object) -> object:
    """The SQL function ``noormme_json``: stored JSON in its canonical form; what is no JSON as it is.

    Args:
        stored: What a column holds.
    """
    if stored is None:
        return None
    try:
        return canonical(_decoded(stored))
    except (Unreadable, RecursionError):
        return stored


def json_contains(stored: object, wanted: object) -> bool | None:
    """The SQL function ``noormme_json_contains``: whether one document contains another.

    Args:
        stored: The document to look into.
        wanted: What it must contain.

    Returns:
        None where one is NULL; False for what is no JSON.
    """
    if stored is None or wanted is None:
        return None
    try:
        value, needles = _search(wanted)
        # A document without these words cannot contain it; escapes may spell them in another way.
        if type(stored) is str and "\\" not in stored:
            for needle in needles:
                if needle not in stored:
                    return False
        return _holds(_decoded(stored), value)
    except (Unreadable, RecursionError):
        return False


def _decoded(stored: object) -> object:
    try:
        return msgspec.json.decode(stored) if type(stored) is str else decode("json", stored)
    except (ValueError, msgspec.MsgspecError):
        return decode("json", stored)


@lru_cache(maxsize=_KEPT)
def _search(wanted: object) -> tuple[object, tuple[str, ...]]:
    """A document that is searched for, and texts without which no other contains it."""
    value = _decoded(wanted)
    return value, tuple(_words(value))


def _words(value: object) -> list[str]:
    """The keys and texts in a document as JSON writes them, where it has one way to write them only."""
    words: list[str] = []
    parts = [value]
    while parts:
        part = parts.pop()
        if isinstance(part, dict):
            members = cast("dict[str, object]", part)
            parts += [*members, *members.values()]
        elif isinstance(part, list):
            parts += cast("list[object]", part)
        elif isinstance(part, str) and part.isprintable() and '"' not in part and "\\" not in part:
            words.append(f'"{part}"')
    return words


def _holds(stored: object, wanted: object) -> bool:
    """Containment at the top, where an array contains each of its plain values as well."""
    parts = None if _is_container(wanted) else _parts(stored)
    return _contains(stored, wanted) if parts is None else any(_equal(part, wanted) for part in parts)


def _is_container(value: object) -> bool:
    return isinstance(value, (dict, list))


def _parts(value: object) -> list[object] | None:
    """The parts of an array; None for anything else."""
    return cast("list[object]", value) if isinstance(value, list) else None


def _contains(stored: object, wanted: object) -> bool:
    # Loops, because any() and all() would take three times as much of Python's stack for each level.
    if isinstance(wanted, dict):
        if not isinstance(stored, dict):
            return False
        members = cast("dict[str, object]", stored)
        for key, part in cast("dict[str, object]", wanted).items():
            if key not in members or not _contains(members[key], part):
                return False
        return True
    if isinstance(wanted, list):
        if not isinstance(stored, list):
            return False
        parts = cast("list[object]", stored)
        for each in cast("list[object]", wanted):
            for part in parts:
                if _contains(part, each):
                    break
            else:
                return False
        return True
    return _equal(stored, wanted)


def _equal(left: object, right: object) -> bool:
    """Whether two values, one of them plain, are the same: True equals 1 in Python and not in JSON."""
    return left == right and isinstance(left, bool) == isinstance(right, bool)


FUNCTIONS: Mapping[str, tuple[Callable[..., object], int]] = {
    "noormme_json": (json_of, 1),
    "noormme_json_contains": (json_contains, 2),
}
"""By their names in SQL: the functions, and how many arguments they take."""
