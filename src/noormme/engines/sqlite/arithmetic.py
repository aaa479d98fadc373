"""Arithmetic and comparison of expressions in SQLite.

Invariant: both sides are brought into one form before they meet: decimals to numbers, moments to text that
sorts by time, unless one column's form is the other's already.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from noormme.engines.sqlite.forms import unit_in
from noormme.engines.sqlite.operands import MOMENTS, called
from noormme.engines.sqlite.operands import alike as in_one_form
from noormme.query.dialect_expressions import Operand
from noormme.schema.model import Kind

if TYPE_CHECKING:
    from noormme.engines.sqlite.dialect import SQLiteDialect

__all__ = ["alike", "arithmetic", "text_comparison"]

_NUMBERS: frozenset[Kind] = frozenset({"integer", "real", "decimal", "boolean"})


def alike(
    dialect: SQLiteDialect, left: Operand, right: Operand
) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """Two expressions in a form in which they are equal where their values are.

    Args:
        dialect: Knows how columns store their values.
        left: One expression.
        right: The other.
    """
    kinds = {left.kind, right.kind}
    if kinds <= MOMENTS and not _same_form(dialect, left, right):
        target: Kind = "datetime" if "datetime" in kinds else left.kind
        return _canonical(dialect, left, target), _canonical(dialect, right, target)
    if "decimal" in kinds and kinds <= _NUMBERS:
        return _number(left), _number(right)
    if len(kinds) == 1:
        here, there = in_one_form(dialect, (left, right), left.kind)
        return here, there
    return left.sql, right.sql


def _same_form(dialect: SQLiteDialect, left: Operand, right: Operand) -> bool:
    if left.kind != right.kind:
        return False
    forms = [dialect.bound_form(each.kind, each.table, each.column) for each in (left, right)]
    return forms[0] == forms[1]


def _canonical(dialect: SQLiteDialect, operand: Operand, kind: Kind) -> ColumnElement[Any]:
    """A moment as text that sorts by time."""
    unit = unit_in(dialect.bound_form(operand.kind, operand.table, operand.column))
    arguments: list[Any] = [operand.sql, *([] if unit is None else [sa.literal_column(f"'{unit}'")])]
    if kind == "time":
        return called("noormme_time", *arguments)
    moment = called("noormme_datetime", *arguments)
    return called("date", moment) if kind == "date" else moment


def _number(operand: Operand) -> ColumnElement[Any]:
    # A decimal may be stored as text, which sorts above every number.
    return sa.cast(operand.sql, sa.NUMERIC()) if operand.kind == "decimal" else operand.sql


def arithmetic(
    dialect: SQLiteDialect, operator: str, left: Operand, right: Operand, kind: Kind
) -> ColumnElement[Any]:
    """Two expressions under an operator.

    Args:
        dialect: Knows how columns store their values.
        operator: One of ``query.nodes.Operator``.
        left: The left side.
        right: The right side.
        kind: The kind of the result.
    """
    if left.kind in MOMENTS or right.kind in MOMENTS:
        return _temporal(dialect, operator, left, right, kind)
    one, other = _number(left), _number(right)
    if operator == "**":
        return called("noormme_power", one, other)
    if operator == "#":
        # SQLite has no exclusive or: what either has without what both have.
        return _joined(_joined(one, "|", other), "-", _joined(one, "&", other))
    if operator == "%" and kind in ("real", "decimal", "any"):
        # The % of SQLite cuts its operands to whole numbers.
        return called("noormme_mod", one, other)
    if operator == "/" and kind == "decimal":
        return _joined(sa.cast(one, sa.REAL()), operator, other)
    if kind == "duration":
        return sa.cast(called("round", _joined(one, operator, other)), sa.INTEGER())
    return _joined(one, operator, other)


def _joined(left: ColumnElement[Any], operator: str, right: ColumnElement[Any]) -> ColumnElement[Any]:
    """``left operator right`` in parentheses; SQLAlchemy knows no precedence of ``op()``."""
    joined: Any = left.self_group().op(operator)(right.self_group())
    grouped: ColumnElement[Any] = joined.self_group()
    return grouped


def _temporal(
    dialect: SQLiteDialect, operator: str, left: Operand, right: Operand, kind: Kind
) -> ColumnElement[Any]:
    """Moments and durations; a duration is a number of microseconds."""
    if kind == "duration":
        target: Kind = "time" if left.kind == "time" else "datetime"
        return called(
            "noormme_between", _canonical(dialect, right, target), _canonical(dialect, left, target)
        )
    moment, distance = (right, left) if left.kind == "duration" else (left, right)
    microseconds = distance.sql if operator == "+" else _joined(sa.literal_column("0"), "-", distance.sql)
    target = "time" if moment.kind == "time" else "datetime"
    return called("noormme_moved", _canonical(dialect, moment, target), microseconds)


def text_comparison(lookup: str, left: Operand, right: Operand) -> ColumnElement[Any]:
    """A lookup in text whose right side is an expression.

    Args:
        lookup: The name of the lookup.
        left: What is searched.
        right: What is searched for.
    """
    text, needle = _text(left), _text(right)
    if lookup in ("regex", "iregex"):
        flags: ColumnElement[Any] = sa.literal_column("'(?i)'")
        pattern = _joined(flags, "||", needle) if lookup == "iregex" else needle
        found: ColumnElement[Any] = text.op("REGEXP", is_comparison=True)(pattern)
        return found
    if lookup.startswith("i"):
        text, needle = called("noormme_casefold", text), called("noormme_casefold", needle)
        lookup = lookup.removeprefix("i")
    zero: ColumnElement[Any] = sa.literal_column("0")
    one: ColumnElement[Any] = sa.literal_column("1")
    if lookup == "exact":
        return text == needle
    if lookup == "contains":
        return called("instr", text, needle) > zero
    if lookup == "startswith":
        return called("instr", text, needle) == one
    length = called("length", needle)
    ends = called("substr", text, -length) == needle
    return sa.or_(sa.and_(length == zero, text.is_not(None)), ends)


def _text(operand: Operand) -> ColumnElement[Any]:
    return operand.sql if operand.kind in ("text", "any", "blob") else sa.cast(operand.sql, sa.TEXT())
