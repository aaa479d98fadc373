"""How T-SQL writes the aggregates of the query language.

Invariant: a condition is a CASE around what is aggregated, since T-SQL has no FILTER; a whole number is
summed up as one of 64 bits. What stands here is one call, so that a window can follow it. This module
imports SQLAlchemy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.sql.elements import BindParameter

from noormme.engines.server.mssql.conditions import has_subquery
from noormme.engines.server.mssql.operands import (
    as_float,
    as_number,
    as_text,
    called,
    cast,
    literal,
    pieced,
    typed,
)
from noormme.engines.server.mssql.types import SQL_TYPES
from noormme.errors import NotSupported
from noormme.query.dialect_expressions import Operand

__all__ = ["aggregate"]

_NAMES: Mapping[str, str] = {
    "any_value": "MAX",
    "avg": "AVG",
    "count": "COUNT_BIG",
    "max": "MAX",
    "min": "MIN",
    "stddev_pop": "STDEVP",
    "stddev_samp": "STDEV",
    "sum": "SUM",
    "variance_pop": "VARP",
    "variance_samp": "VAR",
}
_OF_FLOATS = frozenset({"stddev_pop", "stddev_samp", "variance_pop", "variance_samp"})


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

    Raises:
        NotSupported: SQL Server cannot aggregate that.
    """
    values = [_value(function, operand) for operand in operands[:1]] + [each.sql for each in operands[1:]]
    _refuse_subqueries(function, [*values, *([] if condition is None else [condition])])
    if condition is not None:
        first = values[0] if values else literal("1")
        values[:1] = [sa.case((condition, first))]
    if function == "string_agg":
        return _string_agg(values, distinct, ordering)
    values = values or [literal("*")]
    if distinct:
        values[0] = values[0].distinct()
    return called(_NAMES.get(function, function), *values)


def _value(function: str, operand: Operand) -> ColumnElement[Any]:
    """What is aggregated, in a type that the function takes and has room in."""
    if function == "string_agg":
        return cast(as_text(operand), SQL_TYPES["text"])
    if function in _OF_FLOATS:
        return as_float(operand)
    if function == "avg":
        return typed(operand) if operand.kind in ("decimal", "duration") else as_float(operand)
    if function == "sum":
        number = as_number(operand)
        return cast(number, "BIGINT") if operand.kind in ("integer", "boolean") else number
    if function in ("max", "min", "any_value") and operand.kind == "boolean":
        return as_number(operand)
    return typed(operand)


def _string_agg(
    values: Sequence[ColumnElement[Any]], distinct: bool, ordering: Sequence[ColumnElement[Any]]
) -> ColumnElement[Any]:
    if distinct:
        raise NotSupported(
            "STRING_AGG of SQL Server has no DISTINCT",
            hint="aggregate over a query of distinct values, or join the texts in Python",
        )
    if not isinstance(values[1], BindParameter):
        raise NotSupported(
            "SQL Server joins texts by one that is given, not by one of the row", hint="use Value(', ')"
        )
    made = called("STRING_AGG", *values)
    if not ordering:
        return made
    keys: list[Any] = []
    for key in ordering:
        keys += [",", key] if keys else [key]
    return pieced(made, "WITHIN GROUP (ORDER BY", *keys, ")")


def _refuse_subqueries(function: str, parts: Sequence[Any]) -> None:
    """T-SQL aggregates nothing that a SELECT inside gives."""
    if any(map(has_subquery, parts)):
        raise NotSupported(
            f"SQL Server computes no {function}() of what a subquery gives",
            hint="aggregate a query that has the subquery as an annotation, or count in Python",
        )
