"""Functions of numbers in plain SQL.

libSQL fails the whole statement for the root of a negative number and its like, and for a result that is too
large; the query language gives NULL there, so each such function is asked only where it has an answer.

Invariant: numbers are read by the digits that they show, as people do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement

from noormme.engines.libsql.plain.writing import Write, filled, templated

__all__ = ["WRITERS", "shortest"]

_LARGEST, _SMALLEST, _NOTHING = "709.782712893384", "-708.39", "-745.2"
"""To which power of e there is a float, a float with all its digits, and one at all."""

_EXP = (
    f"CASE WHEN {{0}} < {_NOTHING} THEN 0.0 WHEN {{0}} < {_SMALLEST} THEN exp({{0}} / 2) * exp({{0}} / 2)"
    f" WHEN {{0}} <= {_LARGEST} THEN exp({{0}}) END"
)

_SHORTEST = (
    "CASE WHEN CAST(format('%.15g', {0}) AS REAL) = {0} THEN format('%.15g', {0})"
    " WHEN CAST(format('%!.16g', {0}) AS REAL) = {0} THEN"
    " CASE WHEN abs({0}) < 1e15 THEN format('%.16g', {0}) ELSE format('%.15e', {0}) END"
    " WHEN abs({0}) < 1e15 THEN format('%!.17g', {0}) ELSE format('%!.16e', {0}) END"
)


def shortest(value: ColumnElement[Any]) -> ColumnElement[Any]:
    """The fewest digits that mean this float and no other, as text.

    Args:
        value: A float that is finite.
    """
    return filled(_SHORTEST, value)


_PLACES = "CASE WHEN instr({0}, '.') THEN length({0}) - instr({0}, '.') ELSE 0 END"


def _round(arguments: Sequence[ColumnElement[Any]]) -> ColumnElement[Any]:
    """Rounded; half of the last digit goes away from zero. A further digit breaks the tie, as shown."""
    value, digits = arguments
    text = shortest(filled("CAST({0} AS REAL)", value))
    places = filled(_PLACES, text)
    return filled(
        "CASE WHEN {1} IS NULL THEN NULL WHEN typeof({0}) = 'integer' THEN"
        " CASE WHEN {1} >= 0 THEN {0} WHEN {1} < -18 THEN 0 ELSE {4} END"
        " WHEN {1} < 0 THEN round({0} / CAST('1e' || (-{1}) AS REAL)) * CAST('1e' || (-{1}) AS REAL)"
        " WHEN instr({2}, 'e') THEN round({0}, {1})"
        " WHEN {3} <= {1} THEN CAST({0} AS REAL) ELSE round(CAST({2} || '1' AS REAL), {1}) END",
        value,
        digits,
        text,
        places,
        _whole_round(value, digits),
    )


def _whole_round(value: ColumnElement[Any], digits: ColumnElement[Any]) -> ColumnElement[Any]:
    """A whole number rounded before the point; NULL beyond 64 bits."""
    unit = filled("CAST(CAST('1e' || (-{0}) AS REAL) AS INTEGER)", digits)
    rest = filled("{0} % {1}", value, unit)
    further = filled(
        "CASE WHEN abs({0}) * 2.0 >= {1} THEN (({0} > 0) - ({0} < 0)) * {1} ELSE 0 END", rest, unit
    )
    return filled(
        "CASE typeof({0}) WHEN 'integer' THEN {0} END", filled("{0} - {1} + {2}", value, rest, further)
    )


def _mod(arguments: Sequence[ColumnElement[Any]]) -> ColumnElement[Any]:
    """The rest of a division, with the sign of what is divided; by the digits that the numbers show."""
    value, divisor = arguments
    one, other = (shortest(filled("CAST({0} AS REAL)", each)) for each in arguments)
    scale = filled("CAST('1e' || max({0}, {1}) AS REAL)", filled(_PLACES, one), filled(_PLACES, other))
    return filled(
        "CASE WHEN {1} = 0 THEN NULL WHEN typeof({0}) = 'integer' AND typeof({1}) = 'integer' THEN {0} % {1}"
        " WHEN instr({2} || {3}, 'e') = 0 AND abs({0}) * {4} < 9e15 AND abs({1}) * {4} < 9e15"
        " THEN CAST(round({0} * {4}) AS INTEGER) % CAST(round({1} * {4}) AS INTEGER) / {4}"
        " ELSE {0} - {1} * CAST({0} / {1} AS INTEGER) END",
        value,
        divisor,
        one,
        other,
        scale,
    )


def _extreme(function: str) -> Write:
    """The largest or smallest of several values that are not NULL; numbers stand before texts, then bytes."""

    def write(arguments: Sequence[ColumnElement[Any]]) -> ColumnElement[Any]:
        parts = [
            f"SELECT {{{index}}} AS v" if not index else f"SELECT {{{index}}}"
            for index in range(len(arguments))
        ]
        return filled(f"SELECT {function}(v) FROM ({' UNION ALL '.join(parts)})", *arguments)

    def write_many(arguments: Sequence[ColumnElement[Any]]) -> ColumnElement[Any]:
        if len(arguments) <= 9:
            return write(arguments)
        return write([write(arguments[:9]), write_many(arguments[9:])])

    return write_many


def _power(arguments: Sequence[ColumnElement[Any]]) -> ColumnElement[Any]:
    value, exponent = arguments
    # The exponent of e, where there is one.
    size = filled("CASE WHEN {0} <> 0 THEN {1} * ln(abs({0})) END", value, exponent)
    return filled(
        "CASE WHEN {0} = 0 THEN CASE WHEN {1} = 0 THEN 1.0 WHEN {1} > 0 THEN 0.0 END"
        " WHEN {0} < 0 AND {1} <> CAST({1} AS INTEGER) THEN NULL"
        f" WHEN {{2}} < {_SMALLEST} THEN CASE WHEN {{0}} < 0 AND {{1}} % 2 <> 0 THEN -1.0 ELSE 1.0"
        f" END * {{3}}"
        f" WHEN {{2}} <= {_LARGEST} THEN CAST(power({{0}}, {{1}}) AS REAL) END",
        value,
        exponent,
        size,
        filled(_EXP, size),
    )


WRITERS: Mapping[str, Write] = {
    "acos": templated("CASE WHEN {0} BETWEEN -1 AND 1 THEN acos({0}) END"),
    "asin": templated("CASE WHEN {0} BETWEEN -1 AND 1 THEN asin({0}) END"),
    "ln": templated("CASE WHEN {0} > 0 THEN ln({0}) END"),
    "sqrt": templated("CASE WHEN {0} >= 0 THEN sqrt({0}) END"),
    "noormme_exp": templated(_EXP),
    "noormme_power": _power,
    # What is a whole power is said exactly: the logarithm of 1000 to the base 10 is 3.
    "noormme_log": templated(
        "CASE WHEN {0} > 0 AND {1} > 0 AND {0} <> 1 THEN"
        " CASE WHEN abs(round(ln({1}) / ln({0})) * ln({0})) < 709 AND"
        " power({0}, round(ln({1}) / ln({0}))) = {1}"
        " THEN round(ln({1}) / ln({0})) ELSE ln({1}) / ln({0}) END END"
    ),
    "noormme_mod": _mod,
    "noormme_round": _round,
    "noormme_greatest": _extreme("max"),
    "noormme_least": _extreme("min"),
}
"""By the names of the functions, what writes a call of them; those that libSQL has are asked with care."""
