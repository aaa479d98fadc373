"""The parts of a declared type: its name, its arguments and what stands around them.

Invariant: the answer depends on the text alone, and every text has one; nothing here knows what a type
means, which is for ``schema.types`` and for the engines to say.
"""

from __future__ import annotations

import re
from functools import lru_cache

import msgspec

__all__ = ["Declared", "read_declared"]


class Declared(msgspec.Struct, frozen=True):
    """A declared type in parts.

    Attributes:
        name: The type's name in lower case, without its arguments and what follows them: ``"character
            varying"``, ``"timestamp"``.
        arguments: The numbers in its parentheses: length, or precision and scale.
        values: The texts in its parentheses, for an ENUM or a SET.
        unsigned: Whether it says UNSIGNED.
        zoned: Whether it is a moment with an offset: ``timestamptz``, ``… with time zone``.
        array: Whether it is an array of the type.
    """

    name: str
    arguments: tuple[int, ...] = ()
    values: tuple[str, ...] = ()
    unsigned: bool = False
    zoned: bool = False
    array: bool = False


_TEXT = re.compile(r"'((?:[^'\\]|''|\\.)*)'", re.DOTALL)
_PARTS = re.compile(r"([^(]*)(?:\((.*)\))?([^)]*)", re.DOTALL)
_ZONED = frozenset({"timestamptz", "timetz", "datetimeoffset"})
_AFTER = ("unsigned", "zerofill", "with time zone", "without time zone", "[]")


@lru_cache(maxsize=4096)
def read_declared(declared_type: str) -> Declared:
    """Give the parts of a declared type.

    Args:
        declared_type: The type as a database of any kind declares it, or ``""``.

    Returns:
        Its parts; what is not understood is part of the name.
    """
    found = _PARTS.fullmatch(declared_type.strip())
    before, inside, after = found.groups(default="") if found else (declared_type, "", "")
    values = tuple(text.replace("''", "'") for text in _TEXT.findall(inside))
    numbers = [] if values else [part.strip() for part in inside.split(",")]
    whole = all(number.isdecimal() and number.isascii() for number in numbers)
    name = " ".join(f"{before} {after}".lower().split())
    said = {word for word in _AFTER if word in name}
    for word in said:
        name = " ".join(name.replace(word, " ").split())
    return Declared(
        name,
        tuple(map(int, numbers)) if whole else (),
        values,
        "unsigned" in said,
        "with time zone" in said or name in _ZONED,
        "[]" in said,
    )
