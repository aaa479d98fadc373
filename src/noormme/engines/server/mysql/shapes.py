"""Shapes as text: what a column of type GEOMETRY holds, as ``POINT(1.5 2)``, and back.

Invariant: a shape that was read and is written again is the same, to the last bit of its numbers and with its
reference system, which stands before it where it has one (``SRID=4326;POINT(8.5 47.4)``). The numbers come in
the order in which they are stored, x before y.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterator

from noormme.errors import InvalidValue

__all__ = ["shape_of", "text_of"]

_NAMES = {
    1: "POINT",
    2: "LINESTRING",
    3: "POLYGON",
    4: "MULTIPOINT",
    5: "MULTILINESTRING",
    6: "MULTIPOLYGON",
    7: "GEOMETRYCOLLECTION",
}
_TYPES = {name: number for number, name in _NAMES.items()}
_PARTS = {"MULTIPOINT": "POINT", "MULTILINESTRING": "LINESTRING", "MULTIPOLYGON": "POLYGON"}
_TOKEN = re.compile(
    r"\s*(?:(?P<word>[A-Za-z]+)|(?P<number>[-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?)|(?P<sign>[(),]))"
)
_SYSTEM = re.compile(r"\s*SRID\s*=\s*(?P<number>[0-9]+)\s*;", re.IGNORECASE)


def text_of(value: object) -> object:
    """A shape as text.

    Args:
        value: What the server gave.

    Returns:
        The text; what is no shape as it is.
    """
    if not isinstance(value, bytes):
        return value
    try:
        return _Bytes(value).shape()
    except (struct.error, KeyError):
        return value


def shape_of(value: object) -> bytes:
    """What the server stores of a shape that is given as text.

    Args:
        value: The text, or the bytes that the server stores.

    Raises:
        InvalidValue: It is no shape.
    """
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        found = _SYSTEM.match(value)
        system = 0 if found is None else int(found["number"])
        words = _Words(value[found.end() :] if found is not None else value)
        try:
            return struct.pack("<I", system) + words.shape()
        except (struct.error, KeyError, ValueError, StopIteration):
            pass
    raise InvalidValue("this is no shape", hint="give a text such as 'POINT(1.5 2)'")


class _Bytes:
    """Reads a shape from what is stored."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0
        self._order = "<"

    def _next(self, form: str) -> int:
        [number] = struct.unpack_from(f"{self._order}{form}", self._data, self._at)
        self._at += struct.calcsize(f"<{form}")
        return int(number)

    def shape(self) -> str:
        """All of it."""
        system = self._next("I")
        text = self._named()
        return f"SRID={system};{text}" if system else text

    def _named(self) -> str:
        name, inner = self._typed()
        return f"{name}{inner}" if inner else f"{name} EMPTY"

    def _typed(self) -> tuple[str, str]:
        self._order = "<" if self._data[self._at] else ">"
        self._at += 1
        name = _NAMES[self._next("I")]
        if name == "POINT":
            return name, f"({self._point()})"
        if name == "LINESTRING":
            return name, self._line()
        each = [self._line() if name == "POLYGON" else self._part(name) for _ in range(self._next("I"))]
        return name, f"({','.join(each)})" if each else ""

    def _part(self, name: str) -> str:
        if name not in _PARTS:
            return self._named()
        inner = self._typed()[1]
        # MariaDB takes the points of a MULTIPOINT without parentheses only, MySQL both ways.
        return inner[1:-1] if name == "MULTIPOINT" else inner

    def _line(self) -> str:
        points = [self._point() for _ in range(self._next("I"))]
        return f"({','.join(points)})" if points else ""

    def _point(self) -> str:
        x, y = struct.unpack_from(f"{self._order}2d", self._data, self._at)
        self._at += 16
        return f"{_shown(x)} {_shown(y)}"


class _Words:
    """Writes a shape that is read from text."""

    def __init__(self, text: str) -> None:
        self._tokens: Iterator[str] = iter(_tokens(text))
        self._token = next(self._tokens, "")

    def shape(self) -> bytes:
        """All of it."""
        made = self._named()
        if self._token:
            raise ValueError
        return made

    def _take(self, expected: str = "") -> str:
        token = self._token
        if expected and token != expected:
            raise ValueError
        self._token = next(self._tokens, "")
        return token

    def _named(self) -> bytes:
        return self._typed(self._take().upper())

    def _typed(self, name: str) -> bytes:
        head = struct.pack("<BI", 1, _TYPES[name])
        if self._token.upper() == "EMPTY":
            self._take()
            return head + struct.pack("<I", 0)
        if name == "POINT":
            self._take("(")
            point = self._point()
            self._take(")")
            return head + point
        if name == "LINESTRING":
            return head + self._several(self._point)
        if name == "POLYGON":
            return head + self._several(lambda: self._several(self._point))
        part = _PARTS.get(name)
        return head + self._several(self._named if part is None else lambda: self._part(part))

    def _part(self, name: str) -> bytes:
        if name == "POINT" and self._token != "(":
            return struct.pack("<BI", 1, _TYPES[name]) + self._point()
        return self._typed(name)

    def _several(self, read: Callable[[], bytes]) -> bytes:
        self._take("(")
        each = [read()]
        while self._token == ",":
            self._take()
            each.append(read())
        self._take(")")
        return struct.pack("<I", len(each)) + b"".join(each)

    def _point(self) -> bytes:
        return struct.pack("<2d", float(self._take()), float(self._take()))


def _tokens(text: str) -> Iterator[str]:
    at = 0
    end = len(text.rstrip())
    while at < end:
        found = _TOKEN.match(text, at)
        if found is None:
            raise InvalidValue("this is no shape", hint="give a text such as 'POINT(1.5 2)'")
        at = found.end()
        yield found["word"] or found["number"] or found["sign"]


def _shown(number: float) -> str:
    return str(int(number)) if number.is_integer() and abs(number) < 2**53 else repr(number)
