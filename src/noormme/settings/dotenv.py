"""The assignments of a ``.env`` file.

Invariant: nothing is executed, and no line is an error: what is no assignment is passed by, because the file
belongs to other programs too.

The common form is read: ``NAME=value``, ``export`` in front, comments, quotes, and ``${NAME}`` or
``${NAME:-default}`` outside of single quotes. A value that begins with a quote and does not end
with it is given as such, for whoever needs it to say so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

__all__ = ["Assignment", "assignments"]

_ASSIGNMENT = re.compile(
    r"""
    ^[^\S\n]*(?:export[^\S\n]+)?(?P<name>[A-Za-z_][A-Za-z0-9_]*)[^\S\n]*=[^\S\n]*
    (?:
        '(?P<single>(?:[^'\\]|\\.)*)'
      | "(?P<double>(?:[^"\\]|\\.)*)"
      | (?P<bare>[^\n]*?)
    )
    [^\S\n]*(?:(?:(?<=\s)|(?<=["']))\#[^\n]*)?$
    """,
    re.VERBOSE | re.MULTILINE | re.DOTALL,
)
_REFERENCE = re.compile(r"\$\{(?P<name>[^}:]*)(?::-(?P<default>[^}]*))?\}")
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}


class Assignment(NamedTuple):
    """One assignment.

    Attributes:
        name: The variable.
        text: Its value.
        line: The line it begins at, counted from 1.
        closed: Whether a value that begins with a quote ends with one; where not, the text is empty.
    """

    name: str
    text: str
    line: int
    closed: bool = True


def assignments(text: str, environment: Mapping[str, str]) -> Iterator[Assignment]:
    """Read a file.

    Args:
        text: What the file holds.
        environment: What ``${NAME}`` stands for; it comes before what the file says of that name.

    Yields:
        The assignments, in order.
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    said: dict[str, str] = {}
    for match in _ASSIGNMENT.finditer(text):
        name = match["name"]
        line = text.count("\n", 0, match.start("name")) + 1
        if (match["bare"] or "").startswith(("'", '"')):
            yield Assignment(name, "", line, closed=False)
            continue
        if (single := match["single"]) is not None:
            value = re.sub(r"\\([\\'])", r"\1", single)
        else:
            if (double := match["double"]) is not None:
                value = re.sub(r"\\(.)", _unescaped, double, flags=re.DOTALL)
            else:
                value = match["bare"]
            value = _REFERENCE.sub(lambda found: _meant(found, said, environment), value)
        said[name] = value
        yield Assignment(name, value, line)


def _unescaped(found: re.Match[str]) -> str:
    sign = found[1]
    return _ESCAPES.get(sign, sign if sign in "\\\"'" else found[0])


def _meant(found: re.Match[str], said: Mapping[str, str], environment: Mapping[str, str]) -> str:
    name = found["name"]
    if name in environment:
        return environment[name]
    return said.get(name, found["default"] or "")
