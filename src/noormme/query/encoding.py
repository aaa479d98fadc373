"""What the compiler puts around an encoder of a dialect.

Invariant: each of these says what it was made of, so that a plan that holds one can be stored.
"""

from __future__ import annotations

from collections.abc import Callable
from math import ceil, floor
from typing import cast

from noormme.errors import InvalidValue
from noormme.query.plan import Encode

__all__ = ["Lenient", "YearBound", "next_year", "this_year"]

_LAST_YEAR = 10_000


class Lenient:
    """An encoder for values that were read from the database: what it cannot encode is in its stored form.

    Args:
        encode: The encoder of the column.
    """

    __slots__ = ("encode",)

    def __init__(self, encode: Encode) -> None:
        self.encode = encode

    def __call__(self, value: object) -> object:
        """The encoded value, or the value itself."""
        try:
            return self.encode(value)
        except InvalidValue:
            return value


class YearBound:
    """An encoder from a year to the value of a column that sorts just before the year, or the one after it.

    Args:
        start: The dialect's ``year_start`` of the column.
        number: The dialect's encoder of integers.
        following: Whether it is the year after it.
    """

    __slots__ = ("_bound", "_number", "following", "start")

    def __init__(self, start: Encode, number: Encode | None, *, following: bool) -> None:
        self.start = start
        self.following = following
        self._number = number
        self._bound: Callable[[float], int] = next_year if following else this_year

    def __call__(self, year: object) -> object:
        """The value that sorts just before the year."""
        number = year if self._number is None else self._number(year)
        return self.start(self._bound(cast("float", number)))


def this_year(year: float) -> int:
    """The first year that is not before ``year``, which may have a fraction or be infinite."""
    return ceil(min(max(year, -1), _LAST_YEAR))


def next_year(year: float) -> int:
    """The first year after ``year``."""
    return floor(min(max(year, -1), _LAST_YEAR)) + 1
