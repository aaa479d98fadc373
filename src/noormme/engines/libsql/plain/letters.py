"""Upper and lower case of all scripts in plain SQL; libSQL's own functions know the letters of ASCII only.

Invariant: text of ASCII alone, which nearly all is, is left to ``lower`` and ``upper``. Other letters are
looked up one by one in a table that stands in the SQL.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import cast

import msgspec

from noormme.engines.libsql.plain.writing import Write, filled
from noormme.engines.sqlite.functions.text import FUNCTIONS

__all__ = ["WRITERS", "fold_pairs"]

_LETTERS = range(0x80, 0x1F000)
"""Behind these no script has upper and lower case."""

_CASED = (
    "CASE WHEN {0} IS NULL THEN NULL WHEN length({0}) = octet_length({0}) THEN FUNCTION({0}) ELSE"
    " (WITH RECURSIVE noormme_c(i, t) AS (SELECT 1, '' UNION ALL SELECT i + 1, t ||"
    " CASE WHEN unicode(substr({0}, i, 1)) < 128 THEN FUNCTION(substr({0}, i, 1)) ELSE"
    " coalesce(json_extract(TABLE, '$.' || substr({0}, i, 1)), substr({0}, i, 1)) END"
    " FROM noormme_c WHERE substr({0}, i, 1) <> '')"
    " SELECT t FROM noormme_c ORDER BY i DESC LIMIT 1) END"
)


@lru_cache(maxsize=4)
def _table(name: str) -> dict[str, str]:
    """The letters beyond ASCII that a function changes, and what each becomes."""
    change: Callable[[str], str] = str.casefold if name == "noormme_casefold" else _own(name)
    letters = (chr(code) for code in _LETTERS if not 0xD800 <= code < 0xE000)
    return {letter: made for letter in letters if (made := change(letter)) != letter}


def _own(name: str) -> Callable[[str], str]:
    return cast("Callable[[str], str]", FUNCTIONS[name][0])


@lru_cache(maxsize=4)
def _template(name: str, function: str) -> str:
    # Braces mark places only where a digit stands in them.
    table = msgspec.json.encode(_table(name)).decode().replace("'", "''")
    return _CASED.replace("FUNCTION", function).replace("TABLE", f"'{table}'")


def _cased(name: str, function: str) -> Write:
    return lambda arguments: filled(_template(name, function), *arguments)


@lru_cache(maxsize=256)
def fold_pairs(folded: str) -> str:
    """What must be replaced in a text before it is searched for another one without regard to case, as JSON.

    Only letters that become one of the text searched for matter: all others are no part of what is found,
    before and after.

    Args:
        folded: What is searched for, without regard to case.

    Returns:
        A JSON array of pairs: a letter, and what it becomes.
    """
    wanted = set(folded)
    found = {letter: made for letter, made in _table("noormme_casefold").items() if wanted & set(made)}
    return msgspec.json.encode(list(found.items())).decode()


WRITERS: Mapping[str, Write] = {
    "noormme_casefold": _cased("noormme_casefold", "lower"),
    "noormme_lower": _cased("noormme_lower", "lower"),
    "noormme_upper": _cased("noormme_upper", "upper"),
}
"""By the names of the functions, what writes a call of them."""
