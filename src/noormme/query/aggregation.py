"""Aggregates: over the rows of a group, and over the rows of a whole query.

Invariant: an aggregate over groups or over a slice is computed around a subquery that gives those rows.
"""

from __future__ import annotations

from typing import Any

import msgspec
import sqlalchemy as sa

from noormme.query.computed import Computed
from noormme.query.context import Context
from noormme.query.documents import sortable
from noormme.query.evaluate import apply_aggregate, arguments_of
from noormme.query.nodes import AggregateCall
from noormme.query.outputs import Columns, columns_of, output_of
from noormme.query.select import assembled, over_rows, parts_of, select, selected
from noormme.query.shape import Shape, walk

__all__ = ["aggregated"]


def aggregated(shape: Shape, context: Context) -> tuple[sa.Select[Any], Columns]:
    """``aggregate()``: over the rows themselves, or over a subquery where those are groups or a slice."""
    nested = shape.distinct or shape.sliced or over_rows(shape)
    if nested:
        return _aggregated_over_rows(shape, context)
    plain = msgspec.structs.replace(shape, ordering=(), reverse=False)
    parts = parts_of(plain, context)
    columns = _results(shape, context)
    return select(plain, context, parts, list(columns.expressions)), columns


def _results(shape: Shape, context: Context) -> Columns:
    """The columns of ``aggregate()``."""
    computed = [context.expression(step.expression) for step in shape.aggregates]
    outputs = [output_of(step.name, part) for step, part in zip(shape.aggregates, computed, strict=True)]
    return Columns(tuple(part.sql.label(None) for part in computed), tuple(outputs))


def _aggregated_over_rows(shape: Shape, context: Context) -> tuple[sa.Select[Any], Columns]:
    inner_shape = msgspec.structs.replace(shape, aggregates=(), related=())
    if not shape.sliced:
        inner_shape = msgspec.structs.replace(inner_shape, ordering=(), reverse=False)
    parts = parts_of(inner_shape, context)
    calls = [
        part for step in shape.aggregates for part in walk(step.expression) if isinstance(part, AggregateCall)
    ]
    columns: list[Any] = []

    def carried(computed: Computed) -> tuple[str, Computed]:
        """An expression as a column of the subquery: the column's name, and the expression."""
        name = f"a{len(columns)}"
        columns.append(computed.sql.label(name))
        if parts.group and context.dialect.features.strict_clauses:
            parts.group += [] if computed.aggregate else computed.reads
        return name, computed

    given: list[tuple[AggregateCall, list[Any], list[Any], list[Any]]] = []
    for call in calls:
        condition = None if call.condition is None else context.hooks.condition(context, call.condition)
        given.append(
            (
                call,
                [carried(argument) for argument in arguments_of(context, call)],
                [] if condition is None else [carried(condition)],
                [carried(sortable(context, context.expression(order.expression))) for order in call.ordering],
            )
        )
    statement, _ = assembled(inner_shape, context, parts, columns_of(inner_shape, context), more=columns)
    inner = statement.subquery("rows")

    def outside(part: tuple[str, Computed]) -> Computed:
        name, computed = part
        return Computed(inner.c[name], computed.kind, table=computed.table, column=computed.column)

    for call, *taken in given:
        arguments, conditions, ordering = (list(map(outside, parts_)) for parts_ in taken)
        condition = conditions[0] if conditions else None
        context.aggregated[call] = apply_aggregate(context, call, arguments, condition, ordering)
    made = _results(shape, context)
    return selected(list(made.expressions)).select_from(inner), made
