"""One comparison as SQL: what a condition reads, a lookup, and a value or a field to compare with.

Invariant: a value enters as a parameter in the form that the column stores, never as text of the SQL.
"""

from __future__ import annotations

from collections.abc import Callable
from math import ceil, floor
from typing import Any, cast

import sqlalchemy as sa

from noormme.errors import InvalidQuery, InvalidValue
from noormme.query.context import Computed, Context
from noormme.query.joins import literal
from noormme.query.lookups import LOOKUPS
from noormme.query.plan import Encode
from noormme.query.resolve import Target
from noormme.query.shape import Condition, ListParam, Param, Params, Ref, Subquery

__all__ = ["COMPARISONS", "comparison"]

_LAST_YEAR = 9999 + 1
"""One more than the last year of a Python date: nothing that is stored comes after it."""

COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "exact": lambda left, right: left == right,
    "gt": lambda left, right: left > right,
    "gte": lambda left, right: left >= right,
    "lt": lambda left, right: left < right,
    "lte": lambda left, right: left <= right,
}


def comparison(
    context: Context, node: Condition, target: Target, left: list[Computed], scope: int | None
) -> tuple[Any, list[Computed]]:
    """The SQL of one condition.

    Args:
        context: The SELECT that it belongs to.
        node: The condition, not an ``isnull``.
        target: What its name means.
        left: What it reads; several expressions for a composite key.
        scope: The filter call it belongs to, for an ``F`` over a to-many relation.

    Returns:
        The SQL, and what an ``F`` on the right side reads.

    Raises:
        InvalidQuery: The lookup cannot be used with such an operand.
    """
    lookup = LOOKUPS[target.lookup]
    operand = node.operand
    if isinstance(operand, Ref):
        right = context.name(operand.name, scope)
        if len(right) != len(left):
            raise InvalidQuery(
                f"'{node.name}' and F('{operand.name}') do not have the same number of columns"
            )
        if lookup.operand != "value":
            raise InvalidQuery(
                f"'{target.lookup}' does not take F() yet on {context.table.name}.{node.name}",
                hint="use exact, gt, gte, lt or lte",
            )
        compare = COMPARISONS[lookup.name]
        sql = sa.and_(*(compare(here.sql, there.sql) for here, there in zip(left, right, strict=True)))
        return sql, right
    if isinstance(operand, Subquery):
        return _in_subquery(context, lookup.name, operand, left, target), []
    if isinstance(operand, ListParam):
        return _in_list(context, node, operand, left), []
    if isinstance(operand, Params) and lookup.operand == "pair":
        low, high = (_parameter(context, slot, left[0], node) for slot in operand.slots)
        return left[0].sql.between(low, high), []
    if isinstance(operand, Params):
        if lookup.name != "exact":
            raise InvalidQuery(
                f"'{lookup.name}' cannot compare a composite key", hint="use exact, in or isnull"
            )
        pairs = zip(left, operand.slots, strict=True)
        return sa.and_(*(part.sql == _parameter(context, slot, part, node) for part, slot in pairs)), []
    assert isinstance(operand, Param)
    if lookup.operand in ("text", "pattern"):
        sql = context.dialect.expressions.text_lookup(
            lookup.name,
            left[0].sql,
            context.parameters.slot(operand.slot),
            kind=left[0].kind,
            column=left[0].column,
            folded=node.folded,
        )
        return sql, []
    if target.transforms == ("year",) and left[0].origin is not None:
        in_year = _in_year(context, lookup.name, left[0].origin, operand.slot)
        if in_year is not None:
            return in_year, []
    stored = context.dialect.expressions.operand(left[0].kind, left[0].sql)
    return COMPARISONS[lookup.name](stored, _parameter(context, operand.slot, left[0], node)), []


def _in_year(context: Context, lookup: str, moment: Computed, slot: int) -> Any:
    """A comparison of a year as one of the moment itself, or None where its form does not sort by time."""
    start = context.dialect.year_start(moment.kind, moment.table, moment.column)
    if start is None:
        return None
    encode = context.dialect.encoder("integer", None, None)

    def moment_of(year: Callable[[float], int]) -> sa.ColumnElement[Any]:
        return context.parameters.take(
            slot, lambda value: start(year(cast("float", value if encode is None else encode(value))))
        )

    if lookup == "exact":
        return sa.and_(moment.sql >= moment_of(_this_year), moment.sql < moment_of(_next_year))
    if lookup in ("gt", "gte"):
        return moment.sql >= moment_of(_next_year if lookup == "gt" else _this_year)
    return moment.sql < moment_of(_next_year if lookup == "lte" else _this_year)


def _encoder(context: Context, left: Computed, node: Condition) -> Encode | None:
    encode = context.dialect.encoder(left.kind, left.table, left.column)
    return encode if encode is None or not node.stored else _lenient(encode)


def _parameter(context: Context, slot: int, left: Computed, node: Condition) -> sa.ColumnElement[Any]:
    dialect = context.dialect
    parameter = context.parameters.take(slot, _encoder(context, left, node), dialect.native(left.kind))
    return dialect.expressions.comparable(left.kind, parameter)


def _in_list(context: Context, node: Condition, operand: ListParam, left: list[Computed]) -> Any:
    if not operand.slots and operand.nul is None:
        return literal("1") == literal("0")
    dialect, take = context.dialect, context.parameters.take
    if len(left) > 1:
        encode = dialect.rows_encoder([_encoder(context, part, node) for part in left])
        return dialect.expressions.member_rows(
            [part.sql for part in left], [part.kind for part in left], take(operand.slots[0], encode)
        )
    encode = dialect.list_encoder(_encoder(context, left[0], node), dialect.native(left[0].kind))
    nul = None if operand.nul is None else take(operand.nul, dialect.nul_encoder())
    stored = dialect.expressions.operand(left[0].kind, left[0].sql)
    return dialect.expressions.member(stored, [take(slot, encode) for slot in operand.slots], nul)


def _in_subquery(
    context: Context, lookup: str, operand: Subquery, left: list[Computed], target: Target
) -> Any:
    columns = None
    if target.relation is not None and target.table.name == operand.shape.table:
        columns = tuple(column.field for column in target.columns)
    select = context.hooks.subquery(context, operand.shape, columns)
    if lookup == "in":
        if len(left) == 1:
            return left[0].sql.in_(select)
        return sa.tuple_(*(part.sql for part in left)).in_(select)
    if lookup not in COMPARISONS or len(left) != 1:
        raise InvalidQuery(f"'{lookup}' does not take a subquery", hint="use in, exact, gt, gte, lt or lte")
    return COMPARISONS[lookup](left[0].sql, select.scalar_subquery())


def _this_year(year: float) -> int:
    """The first year that is not before ``year``, which may have a fraction or be infinite."""
    return ceil(min(max(year, -1), _LAST_YEAR))


def _next_year(year: float) -> int:
    """The first year after ``year``."""
    return floor(min(max(year, -1), _LAST_YEAR)) + 1


def _lenient(encode: Encode) -> Encode:
    """An encoder for values that were read from the database: what it cannot encode is in its stored form."""

    def encode_stored(value: object) -> object:
        try:
            return encode(value)
        except InvalidValue:
            return value

    return encode_stored
