"""The functions that lookups need: regular expressions, and text without upper and lower case.

Invariant: each gives the same answer for the same arguments, touches nothing, and gives NULL for NULL.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache

from noormme.engines.sqlite.functions.convert import as_text
from noormme.errors import InvalidValue

__all__ = ["FUNCTIONS"]


@lru_cache(maxsize=256)
def _search(pattern: str) -> Callable[[str], object]:
    try:
        return re.compile(pattern).search
    except re.error as error:
        raise InvalidValue(
            f"a regular expression does not compile (at position {error.pos})",
            hint="it has the syntax of Python's re module",
        ) from error


def _regexp(pattern: object, value: object) -> bool | None:
    if value is None or pattern is None:
        return None
    text = value if type(value) is str else as_text(value)
    return _search(as_text(pattern))(text) is not None


def _casefold(value: object) -> str | None:
    if type(value) is str:
        return value.casefold()
    return None if value is None else as_text(value).casefold()


FUNCTIONS: Mapping[str, tuple[Callable[..., object], int]] = {
    "noormme_casefold": (_casefold, 1),
    "regexp": (_regexp, 2),
}
"""By their names in SQL: the functions, and how many arguments they take (-1: any number)."""
