"""Durations in plain SQL: the distance between two moments, and a moment moved.

Invariant: moments come as text in the form of ``plain.moments``, durations as whole microseconds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement

from noormme.engines.libsql.plain.moments import shown
from noormme.engines.libsql.plain.writing import Write, filled

__all__ = ["WRITERS"]

_MOMENT = (
    "unixepoch(substr({0}, 1, CASE WHEN instr({0}, '.') THEN instr({0}, '.') - 1 ELSE 19 END)) * 1000000 +"
    " CASE WHEN instr({0}, '.') THEN CAST(substr(substr({0}, instr({0}, '.') + 1) || '000000', 1, 6)"
    " AS INTEGER)"
    " ELSE 0 END"
)
"""Microseconds since 1970, of a time of day since then on a day in 2000. SQLite rounds fractions away."""


def _between(arguments: Sequence[ColumnElement[Any]]) -> ColumnElement[Any]:
    start, end = (filled(_MOMENT, each) for each in arguments)
    return filled("{1} - {0}", start, end)


def _moved(arguments: Sequence[ColumnElement[Any]]) -> ColumnElement[Any]:
    value, microseconds = arguments
    moved = shown(filled("{0} + CAST(round({1}) AS INTEGER)", filled(_MOMENT, value), microseconds))
    return filled(
        "CASE WHEN typeof({1}) NOT IN ('integer', 'real') THEN NULL"
        " WHEN instr(substr({0}, 1, 3), ':') THEN substr({2}, 12) ELSE {2} END",
        value,
        microseconds,
        moved,
    )


WRITERS: Mapping[str, Write] = {"noormme_between": _between, "noormme_moved": _moved}
"""By the names of the functions, what writes a call of them."""
