"""Arrays that psycopg gives as text, because it does not know the type of their elements (such as enums).

Invariant: what is no text comes back as it is.
"""

from __future__ import annotations

import re

import psycopg

__all__ = ["is_known", "list_of"]

_PART = re.compile(r'[{},]|"((?:[^"\\]|\\.)*)"|[^{},"]+', re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


def is_known(declared: str) -> bool:
    """Whether psycopg knows the type of an array's elements.

    Args:
        declared: The type of the array, as the catalogue names it.
    """
    return psycopg.adapters.types.get(declared.partition("[")[0].partition("(")[0].strip()) is not None


def list_of(value: object) -> object:
    """The list that an array is.

    Args:
        value: What psycopg gave: a list, or the array as PostgreSQL writes it.
    """
    if not isinstance(value, str):
        return value
    # The bounds of an array that does not begin at 1 stand before it.
    text = value[value.index("{") :] if value.startswith("[") else value
    found: list[list[object]] = [[]]
    for part in _PART.finditer(text):
        sign = part[0]
        if sign == "{":
            found.append([])
        elif sign == "}":
            inner = found.pop()
            found[-1].append(inner)
        elif part[1] is not None:
            found[-1].append(_ESCAPED.sub(r"\1", part[1]))
        elif sign != ",":
            found[-1].append(None if sign == "NULL" else sign)
    return found[0][0]
