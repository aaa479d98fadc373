"""Arithmetic and lookups in text between expressions, in PostgreSQL.

Invariant: the result has the type of its kind; a division by zero gives NULL, as it does on SQLite. This
module imports SQLAlchemy.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement

from noormme.engines.server.postgresql.operands import (
    as_integer,
    as_number,
    as_text,
    called,
    cast,
    column_of,
    literal,
)
from noormme.engines.server.postgresql.types import SQL_TYPES
from noormme.query.dialect_expressions import Operand
from noormme.schema.model import Kind

__all__ = ["arithmetic", "text_comparison"]

_MOMENTS: frozenset[Kind] = frozenset({"date", "time", "datetime"})


def arithmetic(operator: str, left: Operand, right: Operand, kind: Kind) -> ColumnElement[Any]:
    """Two expressions under an operator.

    Args:
        operator: One of ``query.nodes.Operator``.
        left: The left side.
        right: The right side.
        kind: The kind of the result.
    """
    if left.kind in _MOMENTS or right.kind in _MOMENTS:
        return _joined(_moment(left), operator, _moment(right))
    if kind == "duration" and operator in ("*", "/"):
        one, other = (
            each.sql if each.kind == "duration" else cast(as_number(each), "DOUBLE PRECISION")
            for each in (left, right)
        )
        return _joined(one, operator, _not_zero(other) if operator == "/" else other)
    one, other = as_number(left), as_number(right)
    if operator == "**":
        return called("power", *(cast(each, _power_type(kind)) for each in (one, other)))
    if operator in ("<<", ">>"):
        return _joined(one, operator, as_integer(other))
    if operator == "%" and kind in ("real", "any"):
        exact = called("mod", cast(one, "NUMERIC"), _not_zero(cast(other, "NUMERIC")))
        return cast(exact, "DOUBLE PRECISION")
    if operator in ("/", "%"):
        if kind == "integer":
            # A sum is a decimal here, whose quotient would have a fraction.
            one, other = _whole(left, one), _whole(right, other)
        return _joined(one, operator, _not_zero(other))
    return _joined(one, operator, other)


def _whole(operand: Operand, number: ColumnElement[Any]) -> ColumnElement[Any]:
    return number if column_of(operand) is not None else cast(number, SQL_TYPES["integer"])


def _power_type(kind: Kind) -> str:
    return "NUMERIC" if kind == "decimal" else SQL_TYPES["real"]


def _not_zero(value: ColumnElement[Any]) -> ColumnElement[Any]:
    return called("nullif", value, literal("0"))


def _moment(operand: Operand) -> ColumnElement[Any]:
    """A moment as one with a time of day: the difference of two dates would be a number of days."""
    if operand.kind == "date":
        return cast(operand.sql, "TIMESTAMP")
    return operand.sql


def _joined(left: ColumnElement[Any], operator: str, right: ColumnElement[Any]) -> ColumnElement[Any]:
    """``left operator right`` in parentheses; SQLAlchemy knows no precedence of ``op()``."""
    joined: Any = left.self_group().op(operator)(right.self_group())
    grouped: ColumnElement[Any] = joined.self_group()
    return grouped


def text_comparison(lookup: str, left: Operand, right: Operand) -> ColumnElement[Any]:
    """A lookup in text whose right side is an expression.

    Args:
        lookup: The name of the lookup.
        left: What is searched.
        right: What is searched for.
    """
    text, needle = as_text(left), as_text(right)
    if lookup in ("regex", "iregex"):
        found: ColumnElement[Any] = text.op("~*" if lookup == "iregex" else "~", is_comparison=True)(needle)
        return found
    if lookup.startswith("i"):
        text, needle = called("lower", text), called("lower", needle)
        lookup = lookup.removeprefix("i")
    if lookup == "exact":
        return text == needle
    if lookup == "contains":
        return called("strpos", text, needle) > literal("0")
    if lookup == "startswith":
        return called("starts_with", text, needle)
    return called("right", text, called("length", needle)) == needle
