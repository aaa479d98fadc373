"""How SQLite writes the aggregates of the query language.

Invariant: what SQLite has is used; a text is put together from its parts in the order that was asked for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement

from noormme.engines.clauses import filtered
from noormme.engines.sqlite.operands import as_boolean, as_text, called, literal
from noormme.query.dialect_expressions import Operand

if TYPE_CHECKING:
    from noormme.engines.sqlite.dialect import SQLiteDialect

__all__ = ["aggregate"]

_NAMES: Mapping[str, str] = {
    "any_value": "min",  # any one of them will do
    "stddev_pop": "noormme_stddev_pop",
    "stddev_samp": "noormme_stddev_samp",
    "variance_pop": "noormme_variance_pop",
    "variance_samp": "noormme_variance_samp",
}


def aggregate(
    dialect: SQLiteDialect,
    function: str,
    operands: Sequence[Operand],
    *,
    distinct: bool,
    ordering: Sequence[ColumnElement[Any]],
    condition: ColumnElement[bool] | None,
) -> ColumnElement[Any]:
    """A function over many rows.

    Args:
        dialect: Knows how columns store their values.
        function: Its name in ``query.functions``, or that of any SQL function.
        operands: What is aggregated, and what else it takes; none counts rows.
        distinct: Whether equal values count once.
        ordering: In which order the values are taken.
        condition: Only rows for which this holds are aggregated.
    """
    if function == "string_agg":
        return _string_agg(dialect, operands, distinct, ordering, condition)
    values: list[ColumnElement[Any]] = [_value(dialect, function, operand) for operand in operands] or [
        literal("*")
    ]
    if distinct:
        values[0] = values[0].distinct()
    return filtered(called(_NAMES.get(function, function), *values), condition)


def _value(dialect: SQLiteDialect, function: str, operand: Operand) -> ColumnElement[Any]:
    added = function not in ("count", "min", "max", "any_value")
    return as_boolean(dialect, operand) if added and operand.kind == "boolean" else operand.sql


def _string_agg(
    dialect: SQLiteDialect,
    operands: Sequence[Operand],
    distinct: bool,
    ordering: Sequence[ColumnElement[Any]],
    condition: ColumnElement[bool] | None,
) -> ColumnElement[Any]:
    """Texts put together; of equal ones SQLite can take one only where there is no delimiter."""
    text, delimiter = as_text(dialect, operands[0]), operands[1].sql
    if not distinct:
        return filtered(called("string_agg", text, *_ordered(delimiter, ordering)), condition)
    unique = called("json_group_array", *_ordered(text.distinct(), ordering or [text]))
    return called("noormme_joined", filtered(unique, condition), delimiter)


def _ordered(
    argument: ColumnElement[Any], ordering: Sequence[ColumnElement[Any]]
) -> list[ColumnElement[Any]]:
    """The last argument of an aggregate and the order of its rows, as they stand in the parentheses."""
    return [argument.op("ORDER BY")(ordering[0]), *ordering[1:]] if ordering else [argument]
