"""Expressions: from nodes of a shape to SQL, with what is known of their values.

Invariant: a value becomes a parameter in the form in which what stands beside it is stored.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql import operators
from sqlalchemy.sql.elements import AsBoolean, UnaryExpression

from noormme.errors import InvalidQuery
from noormme.query.arithmetic import result_kind
from noormme.query.combined import combined, directed, in_common, reads_of, result_of
from noormme.query.computed import Assigned, Computed
from noormme.query.context import Context
from noormme.query.documents import for_function, sortable, text
from noormme.query.functions.table import FUNCTIONS
from noormme.query.grouping import truth
from noormme.query.joins import literal
from noormme.query.nodes import (
    AggregateCall,
    Arithmetic,
    Call,
    Cases,
    Constant,
    Expression,
    JSONText,
    Outer,
    Raw,
    Ref,
    RowsExist,
    SearchCall,
    Subquery,
    Test,
    Typed,
    WindowCall,
)
from noormme.query.pieces import over, pieced
from noormme.query.searching import search_value
from noormme.query.windows import check_frame, shifted

__all__ = ["apply_aggregate", "arguments_of", "evaluate"]


_FRACTION: sa.types.TypeEngine[Any] = sa.types.Double()


def evaluate(
    context: Context, node: Expression, scope: int | None = None, like: Computed | None = None
) -> Computed:
    """The SQL of an expression.

    Args:
        context: The SELECT that it belongs to.
        node: The expression.
        scope: The filter call that asks, or None to share what is joined already.
        like: What it stands beside: values take the form in which that is stored.

    Raises:
        InvalidQuery: The expression has no meaning here.
        FieldNotFound: An ``OuterRef`` names a field that the query around does not have.
    """
    return _WRITERS[type(node)](context, node, scope, like)


# -- fields and values ------------------------------------------------------------------------------


def _one(found: list[Computed], name: str) -> Computed:
    if len(found) != 1:
        raise InvalidQuery(f"'{name}' is a composite key and has no value of its own", hint="name its fields")
    return found[0]


def _ref(context: Context, node: Ref, scope: int | None, like: Computed | None) -> Computed:
    return _one(context.name(node.name, scope), node.name)


def _outer(context: Context, node: Outer, scope: int | None, like: Computed | None) -> Computed:
    around = context.further_out(node.levels)
    if around is None:
        raise InvalidQuery(
            f"OuterRef('{node.name}') means a row of the query around, and there is none",
            hint="use the query set in Subquery(…), Exists(…) or a filter",
        )
    found = _one(around.name(node.name), node.name)
    # It is one value for all rows of this query.
    return Computed(
        found.sql,
        found.kind,
        table=found.table,
        column=found.column,
        origin=found.origin,
        path=found.path,
        reads=(),
    )


def _constant(context: Context, node: Constant, scope: int | None, like: Computed | None) -> Computed:
    kind = node.kind
    if node.slot is None:
        # Not ``sa.null()``, which SQLAlchemy refuses on the right of a comparison.
        return Computed(literal("NULL"), kind, reads=())
    table = column = None
    if like is not None and kind in (like.kind, "any"):
        kind, table, column = like.kind, like.table, like.column
    dialect = context.dialect
    if isinstance(like, Assigned) and column is not None:
        encode = dialect.storing(kind, like.table, column)
        stored = context.parameters.take(node.slot, encode, dialect.native(kind))
        return Computed(stored, kind, table=table, column=column, nullable=False, reads=())
    parameter = context.parameters.take(node.slot, dialect.encoder(kind, table, column), dialect.native(kind))
    sql = dialect.expressions.comparable(kind, parameter)
    return Computed(sql, kind, table=table, column=column, nullable=False, reads=())


def _raw(context: Context, node: Raw, scope: int | None, like: Computed | None) -> Computed:
    encode = context.dialect.encoder("any", None, None)
    parts: list[Any] = [node.pieces[0]]
    for slot, piece in zip(node.slots, node.pieces[1:], strict=True):
        parts += [context.parameters.take(slot, encode), piece]
    return Computed(pieced(*parts), node.output or "any")


def _typed(context: Context, node: Typed, scope: int | None, like: Computed | None) -> Computed:
    found = evaluate(context, node.expression, scope, like)
    if found.kind == node.output:
        return found
    found = context.plain(found)
    return combined(found.sql, node.output, (found,))


def _json_text(context: Context, node: JSONText, scope: int | None, like: Computed | None) -> Computed:
    found = text(context, evaluate(context, node.expression, scope, like))
    return combined(found.sql, "text", (found,))


# -- one row ----------------------------------------------------------------------------------------


def _arithmetic(context: Context, node: Arithmetic, scope: int | None, like: Computed | None) -> Computed:
    left, right = (context.plain(part) for part in _beside(context, (node.left, node.right), scope, None))
    kind = result_kind(node.operator, left.kind, right.kind)
    sql = context.dialect.expressions.arithmetic(node.operator, left, right, kind)
    return combined(sql, kind, (left, right))


def _call(context: Context, node: Call, scope: int | None, like: Computed | None) -> Computed:
    rule = FUNCTIONS.get(node.function)
    if rule is not None and rule.window:
        raise InvalidQuery(f"{node.function}() needs a window", hint="write Window(function, order_by=…)")
    arguments = arguments_of(context, node, scope)
    kind, model = result_of(node.function, arguments, node.option, node.output)
    expressions = context.dialect.expressions
    if rule is not None and rule.several and not expressions.one_form(arguments[rule.like :], kind):
        model = None
    return combined(expressions.call(node.function, arguments, node.option, kind), kind, arguments, model)


def _cases(context: Context, node: Cases, scope: int | None, like: Computed | None) -> Computed:
    results = _beside(context, (*(then for _, then in node.whens), node.default), scope, like)
    kind, model = in_common(results)
    if kind != "json":
        results = [context.plain(result) for result in results]
    if not context.dialect.expressions.one_form(results, kind):
        model = None
    values: list[Any] = context.dialect.expressions.in_one_form(results, kind)
    whens: list[tuple[Any, Any]] = []
    conditions: list[Computed] = []
    for (condition, _), then in zip(node.whens, values, strict=False):
        holds = context.hooks.condition(context, condition)
        if holds is not None:
            conditions.append(holds)
        whens.append((literal("1") == literal("1") if holds is None else holds.sql, then))
    sql: sa.ColumnElement[Any] = sa.case(*whens, else_=values[-1]) if whens else values[-1]
    return combined(sql, node.output or kind, (*conditions, *results), model)


# -- conditions and other queries -------------------------------------------------------------------


def _test(context: Context, node: Test, scope: int | None, like: Computed | None) -> Computed:
    found = context.hooks.condition(context, node.condition)
    known = truth(node.condition)
    if found is None or known is not None:
        # Nothing of a row is read, so that it parts no groups, of which a strict database convinces itself.
        value = literal("1") == literal("1" if known is not False else "0")
        return Computed(value, "boolean", nullable=False, reads=())
    found.sql = _as_operand(found.sql)
    return found


def _as_operand(condition: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """A condition that gets parentheses beside an operator, as SQLAlchemy's NOT of a group does not."""
    if isinstance(condition, AsBoolean) and condition.operator is operators.is_false:
        return UnaryExpression(condition.element, operator=operators.inv, type_=condition.type)
    return condition


def _subquery(context: Context, node: Subquery, scope: int | None, like: Computed | None) -> Computed:
    select, selected = context.hooks.subquery(context, node.shape, None)
    if len(selected) != 1:
        raise InvalidQuery(
            f"a subquery of {node.shape.table} must give one field", hint="use values('field')"
        )
    [found] = selected
    value: Any = select.scalar_subquery()
    if node.output not in (None, found.kind):
        return Computed(value, node.output or "any")
    return Computed(value, found.kind, table=found.table, column=found.column)


def _exists(context: Context, node: RowsExist, scope: int | None, like: Computed | None) -> Computed:
    return Computed(context.hooks.exists(context, node.shape), "boolean", nullable=False)


# -- several rows -----------------------------------------------------------------------------------


def _aggregate(context: Context, node: AggregateCall, scope: int | None, like: Computed | None) -> Computed:
    known = context.aggregated.get(node)
    if known is not None:
        return known
    arguments = arguments_of(context, node, scope)
    condition = None if node.condition is None else context.hooks.condition(context, node.condition)
    ordering = [sortable(context, evaluate(context, order.expression, scope)) for order in node.ordering]
    for part in (*arguments, *ordering, *(() if condition is None else (condition,))):
        if part.aggregate or part.window:
            raise InvalidQuery(
                f"{node.function}() cannot be computed over an aggregate or a window of the same query",
                hint="use aggregate(), or a Subquery",
            )
    return apply_aggregate(context, node, arguments, condition, ordering)


def arguments_of(context: Context, node: Call | AggregateCall, scope: int | None = None) -> list[Computed]:
    """What a function is called with; a row is counted by any part of its key.

    Args:
        context: The SELECT that it belongs to.
        node: The function.
        scope: The filter call that asks, or None to share what is joined already.
    """
    first = node.arguments[0] if node.arguments else None
    if isinstance(node, Call) or node.function != "count" or node.distinct or not isinstance(first, Ref):
        return for_function(context, node.function, _beside(context, node.arguments, scope, None))
    return context.name(first.name, scope)[:1]


def apply_aggregate(
    context: Context,
    call: AggregateCall,
    arguments: Sequence[Computed],
    condition: Computed | None,
    ordering: Sequence[Computed],
) -> Computed:
    """An aggregate over what is compiled already.

    Args:
        context: The SELECT that it belongs to.
        call: The function and its options.
        arguments: What is aggregated.
        condition: Only rows for which this holds are aggregated.
        ordering: What the values are sorted by.
    """
    kind, model = result_of(call.function, arguments, "", call.output)
    function = context.dialect.expressions.aggregate(
        call.function,
        arguments,
        distinct=call.distinct,
        ordering=directed(ordering, call.ordering),
        condition=None if condition is None else condition.sql,
    )
    made = Computed(
        function,
        kind,
        table=None if model is None else model.table,
        column=None if model is None else model.column,
        nullable=call.function != "count" and call.default is None,
        aggregate=True,
    )
    return made if call.default is None else _or_default(context, made, call.default)


def _or_default(context: Context, made: Computed, default: Expression) -> Computed:
    other = evaluate(context, default, None, made)
    # What is found by a name is shared, and stays as it is.
    sql = sa.cast(other.sql, _FRACTION) if (made.kind, other.kind) == ("real", "integer") else other.sql
    made.sql = sa.func.coalesce(made.sql, sql, type_=sa.types.NullType())
    return made


def _window(context: Context, node: WindowCall, scope: int | None, like: Computed | None) -> Computed:
    call = node.call
    rule = FUNCTIONS.get(call.function) if isinstance(call, Call) else None
    if rule is not None and not (rule.window or rule.aggregate):
        raise InvalidQuery(
            f"{call.function}() cannot be used over a window", hint="use an aggregate or a window function"
        )
    arguments = arguments_of(context, call, scope)
    option = call.option if isinstance(call, Call) else ""
    kind, model = result_of(call.function, arguments, option, node.output or call.output)
    parts = list(arguments)
    if isinstance(call, AggregateCall):
        condition = None if call.condition is None else context.hooks.condition(context, call.condition)
        parts += [] if condition is None else [condition]
        function = context.dialect.expressions.aggregate(
            call.function,
            arguments,
            distinct=call.distinct,
            ordering=(),
            condition=None if condition is None else condition.sql,
        )
    else:
        function = context.dialect.expressions.call(call.function, arguments, call.option, kind)
    partition = [evaluate(context, part, scope) for part in node.partition]
    ordering = [sortable(context, evaluate(context, order.expression, scope)) for order in node.ordering]
    if any(part.window for part in (*parts, *partition, *ordering)):
        raise InvalidQuery(
            f"{call.function}() cannot be computed over another window of the same query",
            hint="compute the other one in a Subquery, or both in SQL: db.table(query.as_('name'))",
        )
    distances: list[Any] = []
    if node.frame is not None:
        check_frame(context, node.frame)
        ends = (node.frame.start, node.frame.end)
        distances = [None if slot is None else context.parameters.take(slot, None) for slot in ends]
    window = partial(
        over,
        partition=[part.sql for part in partition],
        ordering=directed(ordering, node.ordering),
        frame=node.frame,
        distances=distances,
    )
    has_default = call.function in ("lag", "lead") and len(arguments) == 3
    if has_default and not context.dialect.features.shifts_with_default:
        sql = shifted(context, call.function, arguments, kind, window)
    else:
        sql = window(function)
    parts += [*partition, *ordering]
    made = Computed(
        sql,
        kind,
        table=None if model is None else model.table,
        column=None if model is None else model.column,
        aggregate=any(part.aggregate for part in parts),
        window=True,
        reads=reads_of(parts),
    )
    if isinstance(call, AggregateCall) and call.default is not None:
        return _or_default(context, made, call.default)
    return made


def _search(context: Context, node: SearchCall, scope: int | None, like: Computed | None) -> Computed:
    return search_value(context, node)


_WRITERS: dict[type, Callable[..., Computed]] = {
    Ref: _ref,
    Outer: _outer,
    Constant: _constant,
    Arithmetic: _arithmetic,
    Call: _call,
    AggregateCall: _aggregate,
    Cases: _cases,
    Typed: _typed,
    JSONText: _json_text,
    Subquery: _subquery,
    RowsExist: _exists,
    Test: _test,
    WindowCall: _window,
    Raw: _raw,
    SearchCall: _search,
}


# -- expressions beside each other ------------------------------------------------------------------


def _beside(
    context: Context, nodes: Sequence[Expression], scope: int | None, like: Computed | None
) -> list[Computed]:
    """Expressions that stand beside each other: values take the form of the first column among them."""
    found = [None if isinstance(node, Constant) else evaluate(context, node, scope, like) for node in nodes]
    known = [part for part in found if part is not None]
    made: list[Computed] = []
    for node, part in zip(nodes, found, strict=True):
        if part is None:
            assert isinstance(node, Constant), "what is no constant was evaluated"
            kind = node.kind
            model = next((each for each in known if each.kind == kind), like)
            part = evaluate(context, node, scope, model)
        made.append(part)
    return made
