"""Where SQL of the user's takes parameters, as numbers.

Invariant: what stands in quotes or in a comment is never a parameter, and nothing but the places themselves
is changed. A name that is there several times is one parameter, as SQLite itself counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet

from noormme.schema.sql_tokens import tokenize

__all__ = ["names_of", "numbered"]

_FIRST = frozenset("?:@$")


def numbered(sql: str, integers: AbstractSet[int] = frozenset()) -> str:
    """A statement with ``?1`` and so on for its parameters.

    Args:
        sql: The statement, with ``?``, ``?1``, ``:name``, ``@name`` or ``$name``.
        integers: The numbers, from 1, of parameters that are sent as text and are integers.
    """
    made: list[str] = []
    for token, number, _ in _places(sql):
        if number == 0:
            made.append(token)
        else:
            made.append(f"CAST(?{number} AS INTEGER)" if number in integers else f"?{number}")
    return "".join(made)


def names_of(sql: str) -> list[str | None]:
    """The name of each parameter of a statement, in order; None for one that has only its position.

    Args:
        sql: The statement.
    """
    names: list[str | None] = []
    for _, number, name in _places(sql):
        names += [None] * (number - len(names))
        if number and name:
            names[number - 1] = name
    return names


def _places(sql: str) -> Iterator[tuple[str, int, str]]:
    """Every token, with the number of the parameter that it is, or 0, and the name that it has there."""
    known: dict[str, int] = {}
    highest = 0
    for token in tokenize(sql):
        number = 0
        if token[0] in _FIRST and (token[0] == "?" or len(token) > 1):
            if token == "?":
                number = highest + 1
            elif token[0] == "?":
                number = int(token[1:])
            else:
                number = known.setdefault(token, highest + 1)
            highest = max(highest, number)
        yield token, number, "" if token[0] == "?" else token[1:]
