"""How MySQL and MariaDB write the aggregates of the query language.

Invariant: there is no FILTER, so what does not count is made NULL, which no aggregate sees. What stands here
is one call, so that a window can follow it. This module imports SQLAlchemy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.sql.operators import asc_op, desc_op, nulls_first_op, nulls_last_op

from noormme.engines.server.mysql.operands import (
    as_number,
    as_text,
    called,
    cast,
    is_json_value,
    literal,
    pieced,
    spelled,
)
from noormme.errors import NotSupported
from noormme.query.dialect_expressions import Operand

__all__ = ["aggregate"]

_NAMES: Mapping[str, str] = {
    "any_value": "min",  # any one of them will do
    "variance_pop": "var_pop",
    "variance_samp": "var_samp",
}
_OF_ALL = frozenset({"stddev_pop", "stddev_samp", "variance_pop", "variance_samp"})
"""Aggregates that take no DISTINCT."""

_COMPUTED = _OF_ALL | {"avg", "sum"}


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
    if not operands:
        return called(function, literal("*") if condition is None else sa.case((condition, literal("1"))))
    if distinct and function in _OF_ALL:
        raise NotSupported(
            f"MySQL and MariaDB compute {function}() of all values only",
            hint="leave distinct=True out, or compute it in Python",
        )
    if function in ("max", "min") and is_json_value(operands[0].sql):
        raise NotSupported(
            f"MySQL and MariaDB do not know of which type the values are that {function}() compares",
            hint="say it: Max(Cast('data__price', float))",
        )
    first, *more = [
        _number(function, operand) if function in _COMPUTED else operand.sql for operand in operands
    ]
    if condition is not None:
        first = sa.case((condition, first))
    return called(_NAMES.get(function, function), first.distinct() if distinct else first, *more)


def _number(function: str, operand: Operand) -> ColumnElement[Any]:
    """What is computed with: the mean of whole numbers would be a decimal.

    A float that was computed may be one with so many digits, and its mean would have few more.
    """
    if function == "sum" or operand.kind not in ("integer", "boolean", "real"):
        return as_number(operand)
    is_column = operand.kind == "real" and isinstance(operand.sql, sa.ColumnClause)
    return operand.sql if is_column else cast(operand.sql, "DOUBLE")


def _string_agg(
    operands: Sequence[Operand],
    distinct: bool,
    ordering: Sequence[ColumnElement[Any]],
    condition: ColumnElement[bool] | None,
) -> ColumnElement[Any]:
    text, delimiter = as_text(operands[0]), operands[1].sql
    is_fixed = isinstance(delimiter, sa.BindParameter)
    if not is_fixed:
        # Nothing but a literal can be the separator, so each part brings what stands in front of it.
        text = called("concat", delimiter, text)
    parts: list[Any] = ["DISTINCT"] if distinct else []
    parts.append(text if condition is None else sa.case((condition, text)))
    keys = (key for each in ordering if not _is_value(each) for key in _with_nulls(each))
    for at, key in enumerate(keys):
        parts += ["," if at else "ORDER BY", key]
    made = called("group_concat", spelled(*parts, "SEPARATOR", delimiter if is_fixed else literal("''")))
    if is_fixed:
        return made
    return called("substr", made, pieced(called("char_length", called("min", delimiter)), "+ 1"))


def _with_nulls(key: Any) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """A sort key and, before it, one that puts its NULLs first or last: MariaDB sorts them here as zeros."""
    said = getattr(key, "modifier", None)
    if said in (nulls_first_op, nulls_last_op):
        key = key.element
    descending = getattr(key, "modifier", None) is desc_op
    first = said is nulls_first_op or (said is not nulls_last_op and not descending)
    bare: ColumnElement[Any] = key.element if getattr(key, "modifier", None) in (asc_op, desc_op) else key
    missing = bare.is_(None)
    return (missing.desc() if first else missing), key


def _is_value(key: Any) -> bool:
    """Whether a sort key is a value, of which a number would be the place of an argument."""
    inner: Any = getattr(key, "element", None)
    return isinstance(key, sa.BindParameter) or (inner is not None and _is_value(inner))
