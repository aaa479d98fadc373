"""Arithmetic and lookups in text between expressions, in MySQL and MariaDB.

Invariant: the result has the type of its kind; a division by zero gives NULL, as it does on SQLite. A
duration is a number of microseconds. This module imports SQLAlchemy.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from noormme.engines.server.mysql.operands import (
    CAST_TYPES,
    MOMENTS,
    as_datetime,
    as_number,
    as_text,
    called,
    cast,
    literal,
    pieced,
    quoted,
    spelled,
)
from noormme.query.dialect_expressions import Operand
from noormme.schema.model import Kind

__all__ = ["arithmetic", "binary", "text_comparison"]

_BITS = frozenset({"&", "|", "#", "<<"})


def arithmetic(operator: str, left: Operand, right: Operand, kind: Kind) -> ColumnElement[Any]:
    """Two expressions under an operator.

    Args:
        operator: One of ``query.nodes.Operator``.
        left: The left side.
        right: The right side.
        kind: The kind of the result.
    """
    if left.kind in MOMENTS or right.kind in MOMENTS:
        return _temporal(operator, left, right, kind)
    one, other = as_number(left), as_number(right)
    if operator == "**":
        return called("pow", one, other)
    if operator == ">>":
        # What moves in from the left is a copy of the sign, which these servers know nothing of.
        negative = _inverted(_joined(_inverted(one), operator, other))
        return cast(sa.case((one < literal("0"), negative), else_=_joined(one, operator, other)), "SIGNED")
    if operator in _BITS:
        # Operations on bits give numbers without a sign.
        return cast(_joined(one, "^" if operator == "#" else operator, other), "SIGNED")
    if operator == "%" and kind in ("real", "any"):
        # As decimals, of which 1 has no remainder when it is divided by 0.1.
        exact = (cast(each, CAST_TYPES["decimal"]) for each in (one, other))
        return cast(_joined(next(exact), operator, next(exact)), "DOUBLE")
    if operator == "/" and kind == "integer":
        return _joined(one, "DIV", other)
    if kind == "duration" and operator in ("*", "/"):
        return called("round", _joined(one, operator, other))
    return _joined(one, operator, other)


def _joined(left: ColumnElement[Any], operator: str, right: ColumnElement[Any]) -> ColumnElement[Any]:
    """``left operator right`` in parentheses; SQLAlchemy knows no precedence of ``op()``."""
    joined: Any = left.self_group().op(operator)(right.self_group())
    grouped: ColumnElement[Any] = joined.self_group()
    return grouped


def _inverted(number: ColumnElement[Any]) -> ColumnElement[Any]:
    return pieced("~", number.self_group())


def _temporal(operator: str, left: Operand, right: Operand, kind: Kind) -> ColumnElement[Any]:
    """Moments and durations."""
    if kind == "duration":
        return called("TIMESTAMPDIFF", literal("MICROSECOND"), as_datetime(right), as_datetime(left))
    moment, distance = (right, left) if left.kind == "duration" else (left, right)
    microseconds = distance.sql if operator == "+" else _joined(literal("0"), "-", distance.sql)
    moved = called("TIMESTAMPADD", literal("MICROSECOND"), microseconds, as_datetime(moment))
    return cast(moved, "TIME(6)") if moment.kind == "time" else moved


def binary(text: ColumnElement[Any]) -> ColumnElement[Any]:
    """A text that compares sign by sign, whatever the collation of its column.

    Args:
        text: The text, of any character set.
    """
    return sa.collate(called("CONVERT", spelled(text, "USING utf8mb4")), "utf8mb4_bin")


def text_comparison(lookup: str, left: Operand, right: Operand) -> ColumnElement[Any]:
    """A lookup in text whose right side is an expression.

    Args:
        lookup: The name of the lookup.
        left: What is searched.
        right: What is searched for.
    """
    text, needle = as_text(left), as_text(right)
    if lookup in ("regex", "iregex"):
        flag = quoted("(?i)" if lookup == "iregex" else "(?-i)")
        found: ColumnElement[Any] = text.op("REGEXP", is_comparison=True)(called("concat", flag, needle))
        return found
    if lookup.startswith("i"):
        text, needle = called("lower", text), called("lower", needle)
        lookup = lookup.removeprefix("i")
        if lookup == "exact":
            return text == needle
    else:
        text = binary(text)
    if lookup == "contains":
        return called("locate", needle, text) > literal("0")
    # A text that is shorter would be equal but for spaces, which some collations do not see.
    length = called("char_length", needle)
    end = called("left" if lookup == "startswith" else "right", text, length)
    return sa.and_(end == needle, called("char_length", text) >= length)
