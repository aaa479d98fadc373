"""Values as another type, in plain SQL.

Invariant: what does not read as the wanted type is NULL. A text is a number where SQLite's own comparison of
it with a number takes it for one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement

from noormme.engines.libsql.plain.numbers import shortest
from noormme.engines.libsql.plain.writing import Write, filled, templated, word

__all__ = ["WRITERS"]

_TRUE = "'t', 'tr', 'tru', 'true', 'y', 'ye', 'yes', 'on', '1'"
_FALSE = "'f', 'fa', 'fal', 'fals', 'false', 'n', 'no', 'of', 'off', '0'"
_BLANKS = "char(32, 9, 10, 13, 11, 12)"

_BOOLEAN = (
    "CASE typeof({0}) WHEN 'integer' THEN {0} <> 0 WHEN 'real' THEN {0} <> 0 WHEN 'null' THEN NULL ELSE"
    f" CASE WHEN {{0}} = x'01' THEN 1 WHEN {{0}} = x'00' THEN 0 WHEN lower(trim({{0}}, {_BLANKS})) IN"
    f" ({_TRUE})"
    f" THEN 1 WHEN lower(trim({{0}}, {_BLANKS})) IN ({_FALSE}) THEN 0 END END"
)
_NUMBER = (
    "CASE typeof({0}) WHEN 'integer' THEN {0} WHEN 'real' THEN {0} WHEN 'null' THEN NULL ELSE"
    " CASE WHEN CAST(CAST({0} AS TEXT) AS NUMERIC) = CAST({0} AS TEXT)"
    " AND abs(CAST({0} AS REAL)) < 9e999 THEN CAST(CAST({0} AS TEXT) AS NUMERIC) END END"
)
_WHOLE = "abs({0}) < 9223372036854775808.0"
# What is cut off, and the whole number that is left.
_REST = "({0} - CAST({0} AS INTEGER))"
_SIGN = "(({0} > 0) - ({0} < 0))"


def _boolean(arguments: Sequence[ColumnElement[Any]]) -> ColumnElement[Any]:
    return filled(_BOOLEAN, arguments[0])


def _integer(arguments: Sequence[ColumnElement[Any]]) -> ColumnElement[Any]:
    """A whole number: of a float the nearest even one where two are as near, of a decimal the larger one."""
    value, kind = arguments[0], word(arguments[1])
    if kind == "boolean":
        return filled(_BOOLEAN, value)
    up = f"abs({_REST}) >= 0.5"
    if kind != "decimal":
        up = f"abs({_REST}) > 0.5 OR (abs({_REST}) = 0.5 AND CAST({{0}} AS INTEGER) % 2 <> 0)"
    rounded = f"CASE WHEN {_WHOLE} THEN CAST({{0}} AS INTEGER) + CASE WHEN {up} THEN {_SIGN} ELSE 0 END END"
    number = filled(_NUMBER, value)
    read = filled(f"CASE typeof({{0}}) WHEN 'integer' THEN {{0}} WHEN 'real' THEN {rounded} END", number)
    if kind == "decimal":
        return read
    # Text of a fraction is no whole number.
    return filled(
        "CASE WHEN typeof({0}) IN ('text', 'blob') AND (typeof({1}) = 'real' OR"
        " CAST({0} AS TEXT) GLOB '*[.eE]*') THEN NULL ELSE {2} END",
        value,
        number,
        read,
    )


def _text(arguments: Sequence[ColumnElement[Any]]) -> ColumnElement[Any]:
    """A value as PostgreSQL writes it."""
    value, kind = arguments[0], word(arguments[1])
    if kind == "boolean":
        return filled(
            "CASE {1} WHEN 1 THEN 'true' WHEN 0 THEN 'false' ELSE CAST({0} AS TEXT) END",
            value,
            filled(_BOOLEAN, value),
        )
    if kind in ("date", "time", "datetime"):
        return filled("CASE WHEN instr({0}, '.') THEN rtrim({0}, '0') ELSE CAST({0} AS TEXT) END", value)
    plain = filled(
        "CASE typeof({0}) WHEN 'real' THEN CASE WHEN abs({0}) < 9e999 THEN {1} WHEN {0} > 0 THEN 'Infinity'"
        " ELSE '-Infinity' END WHEN 'blob' THEN '\\x' || lower(hex({0})) ELSE CAST({0} AS TEXT) END",
        value,
        shortest(value),
    )
    return _interval(value, plain) if kind == "duration" else plain


def _interval(value: ColumnElement[Any], plain: ColumnElement[Any]) -> ColumnElement[Any]:
    """A duration: ``1 day 02:00:00``; its days are rounded down, its rest is positive."""
    whole = filled("CAST(round({0}) AS INTEGER)", value)
    days = filled("({0} - (({0} % 86400000000) + 86400000000) % 86400000000) / 86400000000", whole)
    rest = filled("(({0} % 86400000000) + 86400000000) % 86400000000", whole)
    clock = filled(
        "format('%02d:%02d:%02d', {0} / 3600000000, {0} / 60000000 % 60, {0} / 1000000 % 60) ||"
        " CASE WHEN {0} % 1000000 THEN '.' || rtrim(format('%06d', {0} % 1000000), '0') ELSE '' END",
        rest,
    )
    day = filled("{0} || CASE WHEN {0} = 1 THEN ' day' ELSE ' days' END", days)
    made = filled(
        "CASE WHEN {0} = 0 THEN {2} WHEN {1} = 0 THEN {3}"
        " ELSE {3} || ' ' || CASE WHEN {0} < 0 THEN '+' ELSE '' END || {2} END",
        days,
        rest,
        clock,
        day,
    )
    return filled("CASE WHEN typeof({0}) IN ('integer', 'real') THEN {1} ELSE {2} END", value, made, plain)


_HEXADECIMAL = (
    "lower(replace(replace(replace(replace(CASE WHEN typeof({0}) = 'blob' AND length({0}) = 16 THEN hex({0})"
    " ELSE trim(CAST({0} AS TEXT)) END, 'urn:uuid:', ''), '{', ''), '}', ''), '-', ''))"
)


def _uuid(arguments: Sequence[ColumnElement[Any]]) -> ColumnElement[Any]:
    """A UUID as lower case digits with hyphens."""
    digits = filled(_HEXADECIMAL, arguments[0])
    return filled(
        "CASE WHEN length({0}) = 32 AND {0} NOT GLOB '*[^0-9a-f]*' THEN substr({0}, 1, 8) || '-' ||"
        " substr({0}, 9, 4) || '-' || substr({0}, 13, 4) || '-' || substr({0}, 17, 4) || '-' ||"
        " substr({0}, 21)"
        " END",
        digits,
    )


WRITERS: Mapping[str, Write] = {
    "noormme_blob": templated(
        "CASE WHEN typeof({0}) = 'blob' THEN {0} WHEN substr({0}, 1, 2) = '\\x' THEN unhex(substr({0}, 3))"
        " ELSE CAST(CAST({0} AS TEXT) AS BLOB) END"
    ),
    "noormme_boolean": _boolean,
    "noormme_decimal": templated(_NUMBER),
    "noormme_integer": _integer,
    "noormme_real": lambda arguments: filled("CAST({0} AS REAL)", filled(_NUMBER, arguments[0])),
    "noormme_text": _text,
    "noormme_uuid": _uuid,
}
"""By the names of the functions, what writes a call of them."""
