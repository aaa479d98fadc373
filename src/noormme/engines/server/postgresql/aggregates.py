"""How PostgreSQL writes the aggregates of the query language.

Invariant: a number has the type of its kind, but for the sum of whole numbers, which PostgreSQL gives as a
decimal and the decoder makes whole. What stands here is one call, so that a window can follow it, except
where PostgreSQL has none. This module imports SQLAlchemy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.sql.operators import desc_op, nulls_first_op, nulls_last_op

from noormme.engines.clauses import filtered
from noormme.engines.server.postgresql.operands import (
    as_number,
    as_text,
    called,
    is_json_value,
    literal,
    pieced,
    typed,
)
from noormme.engines.server.postgresql.operands import cast as as_type
from noormme.engines.server.postgresql.types import SQL_TYPES
from noormme.query.dialect_expressions import Operand
from noormme.schema.model import Kind

__all__ = ["aggregate"]

_NAMES: Mapping[str, str] = {"variance_pop": "var_pop", "variance_samp": "var_samp"}
_COMPUTED = frozenset({"avg", "sum", "stddev_pop", "stddev_samp", "variance_pop", "variance_samp"})
_EXTREMES: Mapping[str, str] = {"max": "DESC", "min": "ASC"}
_NO_EXTREMES: frozenset[Kind] = frozenset({"uuid", "json", "blob"})
"""Kinds that sort, and whose types have no ``max`` and ``min``."""


def aggregate(
    function: str,
    operands: Sequence[Operand],
    *,
    distinct: bool,
    ordering: Sequence[ColumnElement[Any]],
    condition: ColumnElement[bool] | None,
) -> ColumnElement[Any]:
    """A function over many rows.

    Args:
        function: Its name in ``query.functions``, or that of any SQL function.
        operands: What is aggregated, and what else it takes; none counts rows.
        distinct: Whether equal values count once.
        ordering: In which order the values are taken.
        condition: Only rows for which this holds are aggregated.
    """
    if function == "string_agg":
        return _string_agg(operands, distinct, ordering, condition)
    if function in _EXTREMES and operands[0].kind == "boolean":
        name = "bool_or" if function == "max" else "bool_and"
        return filtered(called(name, operands[0].sql), condition)
    if function in _EXTREMES and (operands[0].kind in _NO_EXTREMES or is_json_value(operands[0].sql)):
        value = typed(operands[0])
        present = value.is_not(None)
        condition = present if condition is None else sa.and_(present, condition)
        sort: Any = value.desc() if function == "max" else value.asc()
        return _first(called("array_agg", *_ordered(value, [sort])), condition, value)
    if function == "any_value":
        value = typed(operands[0])
        present = value.is_not(None)
        condition = present if condition is None else sa.and_(present, condition)
        return _first(called("array_agg", value), condition, value)
    values: list[ColumnElement[Any]] = [
        _number(function, operand) if function in _COMPUTED else typed(operand) for operand in operands
    ] or [literal("*")]
    if distinct:
        values[0] = values[0].distinct()
    return filtered(called(_NAMES.get(function, function), *values), condition)


def _number(function: str, operand: Operand) -> ColumnElement[Any]:
    """What is computed with: the mean of whole numbers would be a decimal."""
    number = as_number(operand)
    whole = operand.kind in ("integer", "boolean") and not is_json_value(operand.sql)
    return as_type(number, SQL_TYPES["real"]) if whole and function != "sum" else number


def _first(
    array: ColumnElement[Any], condition: ColumnElement[bool], value: ColumnElement[Any]
) -> ColumnElement[Any]:
    """The first element of an array that is aggregated."""
    return sa.type_coerce(pieced(pieced(filtered(array, condition)), "[1]"), value.type)


def _string_agg(
    operands: Sequence[Operand],
    distinct: bool,
    ordering: Sequence[ColumnElement[Any]],
    condition: ColumnElement[bool] | None,
) -> ColumnElement[Any]:
    text, delimiter = as_text(operands[0]), as_text(operands[1])
    if distinct:
        # PostgreSQL sorts what it takes once by itself, and by nothing else.
        ordered = _ordered(delimiter, [_resorted(text, ordering)])
        return filtered(called("string_agg", text.distinct(), *ordered), condition)
    return filtered(called("string_agg", text, *_ordered(delimiter, ordering)), condition)


def _resorted(text: ColumnElement[Any], ordering: Sequence[ColumnElement[Any]]) -> ColumnElement[Any]:
    key: Any = ordering[0] if ordering else None
    while getattr(key, "modifier", None) in (nulls_first_op, nulls_last_op):
        # There are no NULLs among what is joined.
        key = key.element
    return text.desc() if getattr(key, "modifier", None) is desc_op else text


def _ordered(
    argument: ColumnElement[Any], ordering: Sequence[ColumnElement[Any]]
) -> list[ColumnElement[Any]]:
    """The last argument of an aggregate and the order of its rows, as they stand in the parentheses."""
    return [argument.op("ORDER BY")(ordering[0]), *ordering[1:]] if ordering else [argument]
