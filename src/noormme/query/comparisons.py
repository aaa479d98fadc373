"""One comparison as SQL: what a condition reads, a lookup, and a value or a field to compare with.

Invariant: a value enters as a parameter in the form that the column stores, never as text of the SQL.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from noormme.errors import InvalidQuery
from noormme.query.computed import Computed
from noormme.query.context import Context
from noormme.query.documents import equal_documents, in_document, text
from noormme.query.encoding import Lenient, YearBound
from noormme.query.joins import literal
from noormme.query.lookups import LookupRule, lookup_rule
from noormme.query.nodes import Condition, Expression, Items, ListParam, Param, Params, Raw, Ref, Subquery
from noormme.query.plan import Encode
from noormme.query.resolve import Target
from noormme.query.written import written

__all__ = ["COMPARISONS", "compared", "comparison"]


COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "exact": lambda left, right: left == right,
    "gt": lambda left, right: left > right,
    "gte": lambda left, right: left >= right,
    "lt": lambda left, right: left < right,
    "lte": lambda left, right: left <= right,
}


ARRAY_LOOKUPS = frozenset({"contains", "contained_by", "overlap"})
"""What arrays have and other values have not, or otherwise."""


def comparison(
    context: Context,
    node: Condition,
    target: Target,
    left: list[Computed],
    scope: int | None,
    right: list[Computed] | None = None,
) -> tuple[Any, list[Computed]]:
    """The SQL of one condition.

    Args:
        context: The SELECT that it belongs to.
        node: The condition, not an ``isnull``.
        target: What its name means.
        left: What it reads; several expressions for a composite key.
        scope: The filter call it belongs to, for an ``F`` over a to-many relation.
        right: What it is compared with, where that was compiled already.

    Returns:
        The SQL, and what an expression on the right side reads.

    Raises:
        InvalidQuery: The lookup cannot be used with such an operand.
    """
    lookup = lookup_rule(target.lookup, left[0].kind if len(left) == 1 else "any")
    operand = node.operand
    if lookup.sql is not None:
        return _custom(context, node, lookup, left, scope, right)
    if len(left) == 1 and left[0].kind == "json":
        if lookup.operand in ("text", "pattern"):
            return _in_json_text(context, node, target, left[0], scope, right)
        if right is None and not isinstance(operand, (Expression, Items)):
            return in_document(context, node, lookup, left[0]), []
    if isinstance(operand, Items):
        right = right or [context.expression(item, scope, like=left[0]) for item in operand.items]
        return _among(context, lookup.name, left, right, node.name), right
    if right is not None:
        return compared(context, lookup.name, left, right, node.name), right
    if isinstance(operand, Subquery) and lookup.operand not in ("text", "pattern"):
        return _in_subquery(context, lookup.name, operand, left, target), []
    if isinstance(operand, Ref):
        right = context.name(operand.name, scope)
        return compared(context, lookup.name, left, right, node.name), right
    if isinstance(operand, Expression):
        right = [context.expression(operand, scope, like=left[0])]
        if isinstance(operand, Raw) and lookup.name == "in" and len(left) == 1:
            # It may be a SELECT of many rows, and as an operand of = it would give the first one.
            return context.plain(left[0]).sql.op("IN", precedence=5, is_comparison=True)(right[0].sql), right
        return compared(context, lookup.name, left, right, node.name), right
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
    if lookup.name in ARRAY_LOOKUPS:
        other = _parameter(context, operand.slot, left[0], node)
        return context.dialect.expressions.array_lookup(lookup.name, stored, other), []
    return COMPARISONS[lookup.name](stored, _parameter(context, operand.slot, left[0], node)), []


def _custom(
    context: Context,
    node: Condition,
    lookup: LookupRule,
    left: list[Computed],
    scope: int | None,
    right: list[Computed] | None,
) -> tuple[Any, list[Computed]]:
    """A lookup that a user registered: its operands are those of a built-in one that takes the same."""
    assert lookup.sql is not None, "called for lookups that a user registered"
    if len(left) != 1:
        raise InvalidQuery(f"'{lookup.name}' cannot compare a composite key", hint="name one of its fields")
    [one] = left if "json" in lookup.takes else map(context.plain, left)
    expressions = context.dialect.expressions
    operand = node.operand
    sql: Any = one.sql
    given: Any = operand
    if right is None and isinstance(operand, Expression) and lookup.operand != "list":
        right = [context.expression(operand, scope, like=one)]
    if right is not None and not isinstance(operand, Items):
        sql, given = expressions.alike(one, right[0] if one.kind == "json" else context.plain(right[0]))
    elif isinstance(operand, Subquery):
        given, _ = context.hooks.subquery(context, operand.shape, None)
    elif isinstance(operand, ListParam):
        given = _members(context, node, operand, one)
    elif isinstance(operand, Params) and lookup.operand == "pair":
        given = tuple(_parameter(context, slot, one, node) for slot in operand.slots)
    elif isinstance(operand, Param) and lookup.operand in ("text", "pattern"):
        given = context.parameters.take(operand.slot, context.dialect.encoder("text", None, None))
    elif isinstance(operand, Param):
        given = _parameter(context, operand.slot, one, node)
    elif not isinstance(operand, bool):
        raise InvalidQuery(f"'{lookup.name}' does not take this on {context.table.name}.{node.name}")
    return written(expressions.sqlalchemy, lookup.name, lookup.sql(sql, given)), right or []


def _in_json_text(
    context: Context,
    node: Condition,
    target: Target,
    left: Computed,
    scope: int | None,
    right: list[Computed] | None,
) -> tuple[Any, list[Computed]]:
    """A lookup in the text of a document, or of a part of it."""
    sql, right = comparison(context, node, target, [text(context, left)], scope, right)
    return context.dialect.expressions.documents.text_lookup(sql, left.document, left.path), right


def compared(
    context: Context, lookup: str, left: list[Computed], right: list[Computed], name: str
) -> sa.ColumnElement[bool]:
    """Two expressions under a lookup.

    Args:
        context: The SELECT that they belong to.
        lookup: The name of the lookup.
        left: What is compared; several expressions for a composite key.
        right: What it is compared with.
        name: What to call the left side in an error.

    Raises:
        InvalidQuery: The two sides do not fit.
    """
    if len(left) != len(right):
        raise InvalidQuery(f"'{name}' and what it is compared with do not have the same number of columns")
    expressions = context.dialect.expressions
    rule = lookup_rule(lookup, left[0].kind if len(left) == 1 else "any")
    if rule.operand in ("text", "pattern") and len(left) == 1:
        return expressions.text_comparison(lookup, left[0], text(context, right[0]))
    if lookup == "in" and len(left) == 1:
        lookup = "exact"
    if len(left) == 1 and left[0].kind == right[0].kind == "json":
        here, there = left[0], right[0]
        if lookup == "exact":
            return equal_documents(context, here, there)
        if lookup in ("contains", "contained_by"):
            outer, inner = (here, there) if lookup == "contains" else (there, here)
            return expressions.documents.contains(outer.sql, inner.sql)
    left, right = ([context.plain(part) for part in parts] for parts in (left, right))
    if lookup in ARRAY_LOOKUPS and len(left) == 1 and left[0].kind == right[0].kind == "array":
        return expressions.array_lookup(lookup, left[0].sql, right[0].sql)
    compare = COMPARISONS.get(lookup)
    if compare is None or (len(left) > 1 and lookup != "exact"):
        raise InvalidQuery(f"'{lookup}' does not take an expression on {context.table.name}.{name}")
    pairs = [expressions.alike(here, there) for here, there in zip(left, right, strict=True)]
    return sa.and_(*(compare(here, there) for here, there in pairs))


def _among(
    context: Context, lookup: str, left: list[Computed], right: list[Computed], name: str
) -> sa.ColumnElement[bool]:
    """``in`` and ``range`` with expressions."""
    if lookup == "range" and len(left) == 1:
        low, high = right
        return sa.and_(
            compared(context, "gte", left, [low], name), compared(context, "lte", left, [high], name)
        )
    return sa.or_(*(compared(context, "exact", left, [each], name) for each in right))


def _in_year(context: Context, lookup: str, moment: Computed, slot: int) -> Any:
    """A comparison of a year as one of the moment itself, or None where its form does not sort by time."""
    start = context.dialect.year_start(moment.kind, moment.table, moment.column)
    if start is None:
        return None
    encode = context.dialect.encoder("integer", None, None)

    def moment_of(*, following: bool) -> sa.ColumnElement[Any]:
        return context.parameters.take(slot, YearBound(start, encode, following=following))

    if lookup == "exact":
        return sa.and_(moment.sql >= moment_of(following=False), moment.sql < moment_of(following=True))
    if lookup in ("gt", "gte"):
        return moment.sql >= moment_of(following=lookup == "gt")
    return moment.sql < moment_of(following=lookup == "lte")


def _encoder(context: Context, left: Computed, node: Condition) -> Encode | None:
    encode = context.dialect.encoder(left.kind, left.table, left.column)
    return encode if encode is None or not node.stored else Lenient(encode)


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
    stored = dialect.expressions.operand(left[0].kind, left[0].sql)
    if left[0].source is None:
        stored = dialect.expressions.comparable(left[0].kind, stored)
    return dialect.expressions.member(stored, *_lists(context, node, operand, left[0]))


def _members(context: Context, node: Condition, operand: ListParam, left: Computed) -> Any:
    """A SELECT of the values of a list, in the form in which ``left`` compares with them."""
    lists, nul = _lists(context, node, operand, left)
    return context.dialect.expressions.members(lists, nul, left.kind)


def _lists(
    context: Context, node: Condition, operand: ListParam, left: Computed
) -> tuple[list[sa.ColumnElement[Any]], sa.ColumnElement[Any] | None]:
    """The parameters of a list: one for the values of each type, and one for texts with a NUL."""
    dialect, take = context.dialect, context.parameters.take
    encode = dialect.list_encoder(_encoder(context, left, node), dialect.native(left.kind))
    nul = None if operand.nul is None else take(operand.nul, dialect.nul_encoder())
    return [take(slot, encode) for slot in operand.slots], nul


def _in_subquery(
    context: Context, lookup: str, operand: Subquery, left: list[Computed], target: Target
) -> Any:
    columns = None
    if target.relation is not None and target.table.name == operand.shape.table:
        columns = tuple(column.field for column in target.columns)
    select, selected = context.hooks.subquery(context, operand.shape, columns)
    if lookup == "in":
        if len(left) == 1:
            model = selected[0]
            if model.path and isinstance(select, sa.Select) and len(select.selected_columns) == 1:
                model = context.plain(model)
                select = select.with_only_columns(model.sql, maintain_column_froms=True)
            here = context.plain(left[0])
            expressions = context.dialect.expressions
            if not expressions.one_form((here, model), here.kind):
                inner: Any = select.subquery("found")
                column = Computed(inner.c[0], model.kind, table=model.table, column=model.column)
                this, other = expressions.alike(here, column)
                return this.in_(sa.select(other))
            return here.sql.in_(select)
        return sa.tuple_(*(part.sql for part in left)).in_(select)
    if lookup not in COMPARISONS or len(left) != 1:
        raise InvalidQuery(f"'{lookup}' does not take a subquery", hint="use in, exact, gt, gte, lt or lte")
    value = Computed(
        select.scalar_subquery(), selected[0].kind, table=selected[0].table, column=selected[0].column
    )
    return compared(context, lookup, left, [value], target.lookup)
