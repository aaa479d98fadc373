"""Dates and times in plain SQL: any usual form as one text.

Invariant: what is given is the wall clock of the decoded Python value, as text that sorts by time; NULL for
NULL and for what is not ISO text or a number of a known unit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement

from noormme.engines.clauses import literal
from noormme.engines.libsql.plain.writing import Write, filled, no_such, word

__all__ = ["WRITERS", "ZONED", "shown"]

_DAY = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]"
_CLOCK = "[0-9][0-9]:[0-9][0-9]"

# What stands behind the seconds: a fraction, then an offset, which is not a part of the wall clock.
_DIGITS = "substr({0}, START + 1, length({0}) - START - length(ltrim(substr({0}, START + 1), '0123456789')))"
_FRACTION = (
    f"CASE WHEN substr({{0}}, START, 1) = '.' AND CAST(substr({_DIGITS}, 1, 6) AS INTEGER) > 0"
    f" THEN '.' || substr({_DIGITS} || '000000', 1, 6) ELSE '' END"
)

_TEXT_MOMENT = (
    f"CASE WHEN {{0}} GLOB '{_DAY}' THEN {{0}} || ' 00:00:00'"
    f" WHEN {{0}} GLOB '{_DAY}[ T]{_CLOCK}:[0-9][0-9]*' THEN substr({{0}}, 1, 10) || ' ' ||"
    f" substr({{0}}, 12, 8) ||"
    f" {_FRACTION.replace('START', '20')}"
    f" WHEN {{0}} GLOB '{_DAY}[ T]{_CLOCK}*' THEN substr({{0}}, 1, 10) || ' ' || substr({{0}}, 12, 5)"
    " || ':00' END"
)
_TEXT_CLOCK = (
    f"CASE WHEN {{0}} GLOB '{_CLOCK}:[0-9][0-9]*' THEN substr({{0}}, 1, 8) ||"
    f" {_FRACTION.replace('START', '9')}"
    f" WHEN {{0}} GLOB '{_CLOCK}*' THEN substr({{0}}, 1, 5) || ':00' END"
)

_PER_SECOND: Mapping[str, int] = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}


def _microseconds(unit: str) -> str:
    """A number of a unit as whole microseconds."""
    if unit == "julian":
        # To the millisecond, as SQLite itself reads it.
        return "(CAST({0} * 86400000 + 0.5 AS INTEGER) - 210866760000000) * 1000"
    if unit == "ns":
        return "(({0} - (({0} % 1000) + 1000) % 1000) / 1000)"
    return f"CAST(round({{0}} * {1_000_000 // _PER_SECOND[unit]}.0) AS INTEGER)"


_BY_SIZE = (
    "CASE WHEN typeof({0}) = 'real' AND {0} >= 2300000 AND {0} < 2600000 THEN JULIAN"
    " WHEN abs({0}) >= 1000 AND abs({0}) < 10000 THEN NULL WHEN abs({0}) < 1e11 THEN S"
    " WHEN abs({0}) < 1e14 THEN MS WHEN abs({0}) < 1e17 THEN US ELSE NS END"
)


def _by_size() -> str:
    made = _BY_SIZE
    for name, unit in (("JULIAN", "julian"), ("US", "us"), ("MS", "ms"), ("NS", "ns"), ("S", "s")):
        made = made.replace(f" {name} ", f" {_microseconds(unit)} ")
        made = made.replace(f"THEN {name}", f"THEN {_microseconds(unit)}")
    return made


_SHOWN = (
    "datetime(({0} - (({0} % 1000000) + 1000000) % 1000000) / 1000000, 'unixepoch') ||"
    " CASE WHEN {0} % 1000000 THEN format('.%06d', (({0} % 1000000) + 1000000) % 1000000) ELSE '' END"
)


def shown(microseconds: ColumnElement[Any]) -> ColumnElement[Any]:
    """Microseconds since 1970 as text; NULL beyond the calendar."""
    return filled(
        f"CASE WHEN {{0}} BETWEEN -62135596800000000 AND 253402300799999999 THEN {_SHOWN} END", microseconds
    )


def _datetime(arguments: Sequence[ColumnElement[Any]]) -> ColumnElement[Any]:
    value = arguments[0]
    unit = word(arguments[1]) if len(arguments) > 1 else None
    return _of_type(value, shown(filled(_by_size() if unit is None else _microseconds(unit), value)))


def _of_type(value: ColumnElement[Any], number: ColumnElement[Any]) -> ColumnElement[Any]:
    return filled(
        "CASE typeof({0}) WHEN 'text' THEN {1} WHEN 'null' THEN NULL WHEN 'blob' THEN NULL ELSE {2} END",
        value,
        filled(_TEXT_MOMENT, value),
        number,
    )


def _time(arguments: Sequence[ColumnElement[Any]]) -> ColumnElement[Any]:
    return _clock(arguments[0], _datetime(arguments))


def _clock(value: ColumnElement[Any], moment: ColumnElement[Any]) -> ColumnElement[Any]:
    return filled(
        f"CASE WHEN typeof({{0}}) = 'text' AND {{0}} GLOB '{_CLOCK}*' THEN {{1}} ELSE substr({{2}}, 12) END",
        value,
        filled(_TEXT_CLOCK, value),
        moment,
    )


def _zoned_datetime(arguments: Sequence[ColumnElement[Any]]) -> ColumnElement[Any]:
    """Of text alone, which shows the wall clock itself; what a number shows depends on the zone."""
    if len(arguments) > 1:
        return _ZONES(arguments)
    return _of_type(arguments[0], literal("NULL"))


def _zoned_time(arguments: Sequence[ColumnElement[Any]]) -> ColumnElement[Any]:
    return _clock(arguments[0], _zoned_datetime(arguments))


_ZONES = no_such("time zones", "convert in Python, or store moments in the zone that is asked for")

WRITERS: Mapping[str, Write] = {
    "noormme_datetime": _datetime,
    "noormme_time": _time,
    "noormme_unzoned": _ZONES,
    "noormme_zoned": _ZONES,
}
"""By the names of the functions, what writes a call of them."""

ZONED: Mapping[str, Write] = {"noormme_datetime": _zoned_datetime, "noormme_time": _zoned_time}
"""The same, where moments without an offset are of another zone than UTC."""
