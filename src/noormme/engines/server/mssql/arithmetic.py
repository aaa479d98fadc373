"""Arithmetic and lookups in text between expressions, in T-SQL.

Invariant: the result has the type of its kind; a division by zero gives NULL, as it does on SQLite, and a
duration is a whole number of microseconds. This module imports SQLAlchemy.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement

from noormme.engines.server.mssql.operands import (
    as_float,
    as_number,
    as_text,
    called,
    cast,
    joined,
    literal,
    quoted,
)
from noormme.engines.server.mssql.types import SQL_TYPES
from noormme.errors import NotSupported
from noormme.query.dialect_expressions import Operand
from noormme.schema.model import Kind

__all__ = ["arithmetic", "no_regular_expressions", "text_comparison"]

_MOMENTS: frozenset[Kind] = frozenset({"date", "time", "datetime"})
_SIGNS = {"#": "^"}


def arithmetic(operator: str, left: Operand, right: Operand, kind: Kind) -> ColumnElement[Any]:
    """Two expressions under an operator.

    Args:
        operator: One of ``query.nodes.Operator``.
        left: The left side.
        right: The right side.
        kind: The kind of the result.
    """
    if left.kind in _MOMENTS and right.kind in _MOMENTS:
        return called("DATEDIFF_BIG", literal("MICROSECOND"), right.sql, left.sql)
    if left.kind in _MOMENTS and right.kind == "duration":
        return _shifted(left, right.sql, operator)
    if right.kind in _MOMENTS and left.kind == "duration":
        return _shifted(right, left.sql, operator)
    if kind == "duration" and operator in ("*", "/"):
        one, other = (each.sql if each.kind == "duration" else as_float(each) for each in (left, right))
        return cast(joined(one, operator, _not_zero(other) if operator == "/" else other), "BIGINT")
    one, other = as_number(left), as_number(right)
    if operator == "**":
        base = cast(one, SQL_TYPES["decimal"]) if kind == "decimal" else as_float(left)
        return called("POWER", base, other)
    if operator == "<<":
        return joined(one, "*", called("POWER", cast(literal("2"), "BIGINT"), other))
    if operator == ">>":
        whole = joined(one, "/", called("POWER", cast(literal("2"), "FLOAT"), other))
        return cast(called("FLOOR", whole), "BIGINT")
    if operator == "%" and kind in ("real", "any"):
        one, other = as_float(left), _not_zero(as_float(right))
        whole = called("ROUND", joined(one, "/", other), literal("0"), literal("1"))
        return joined(one, "-", joined(other, "*", whole))
    if operator in ("/", "%"):
        one = as_float(left) if operator == "/" and kind in ("real", "any") else one
        return joined(one, operator, _not_zero(other))
    return joined(one, _SIGNS.get(operator, operator), other)


def _not_zero(value: ColumnElement[Any]) -> ColumnElement[Any]:
    return called("NULLIF", value, literal("0"))


def _shifted(moment: Operand, duration: ColumnElement[Any], operator: str) -> ColumnElement[Any]:
    """A moment and so many microseconds, added in steps that ``DATEADD`` can count."""
    by = joined(literal("0"), "-", duration) if operator == "-" else duration
    value = moment.sql
    seconds = joined(joined(by, "/", literal("1000000")), "%", literal("86400"))
    if moment.kind != "time":
        value = cast(value, SQL_TYPES["datetime"]) if moment.kind == "date" else value
        value = called(
            "DATEADD", literal("DAY"), joined(by, "/", cast(literal("86400000000"), "BIGINT")), value
        )
    value = called("DATEADD", literal("SECOND"), seconds, value)
    return called("DATEADD", literal("MICROSECOND"), joined(by, "%", literal("1000000")), value)


def no_regular_expressions() -> NotSupported:
    """The error for ``regex`` and ``iregex``."""
    return NotSupported(
        "SQL Server before 2025 has no regular expressions",
        hint="use contains, startswith or endswith, or filter in Python; on 2025, RawSQL with REGEXP_LIKE",
    )


def text_comparison(lookup: str, left: Operand, right: Operand) -> ColumnElement[Any]:
    """A lookup in text whose right side is an expression.

    Args:
        lookup: The name of the lookup.
        left: What is searched.
        right: What is searched for.

    Raises:
        NotSupported: It is a regular expression.
    """
    if lookup in ("regex", "iregex"):
        raise no_regular_expressions()
    text, needle = as_text(left), as_text(right)
    if lookup.startswith("i"):
        text, needle = called("LOWER", text), called("LOWER", needle)
        lookup = lookup.removeprefix("i")
    if lookup == "exact":
        return text == needle
    pattern = needle
    for sign in "[%_":
        pattern = called("REPLACE", pattern, quoted(sign), quoted(f"[{sign}]"))
    # Not CONCAT, to which NULL is an empty text, which is in every one.
    if lookup in ("contains", "endswith"):
        pattern = joined(quoted("%"), "+", pattern)
    if lookup in ("contains", "startswith"):
        pattern = joined(pattern, "+", quoted("%"))
    found: ColumnElement[Any] = text.op("LIKE", is_comparison=True)(pattern)
    return found
