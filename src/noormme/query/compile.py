"""From a shape to a plan: SQLAlchemy Core writes the SQL, once for each shape.

Invariant: what is compiled depends on the shape, the schema and the dialect only, never on a value.
This module and those that it uses import SQLAlchemy; ``noormme`` imports it at the first compilation.
"""

from __future__ import annotations

from typing import Any, Literal, cast

import msgspec
import sqlalchemy as sa

from noormme.errors import InvalidQuery
from noormme.query.context import Computed, Context, Parameters
from noormme.query.dialect import Dialect
from noormme.query.joins import AliasNames, Source, literal
from noormme.query.outputs import Columns, columns_of, output_of
from noormme.query.plan import Output, Plan
from noormme.query.resolve import key_columns
from noormme.query.shape import AggregateCall, Annotate, Chosen, Junction, Order, Shape
from noormme.query.slots import slot_count
from noormme.query.where import Conditions
from noormme.schema.model import Kind, Schema, Table

__all__ = ["Mode", "compile_plan"]

Mode = Literal["rows", "count", "exists"]


def compile_plan(shape: Shape, mode: Mode, schema: Schema, dialect: Dialect) -> Plan:
    """Compile one shape.

    Args:
        shape: What is asked.
        mode: ``"rows"`` for the rows themselves, else their number or whether there are any.
        schema: The schema that the shape's names belong to.
        dialect: The engine's side.

    Returns:
        The plan. The database is touched only where the dialect must learn how a column stores its values.

    Raises:
        InvalidQuery: The combination has no meaning.
    """
    parameters = Parameters()
    names = AliasNames(schema)
    table = _table(schema, shape)
    context = Context(schema, dialect, table, parameters, names, shape.annotations, _Hooks())
    if shape.aggregates:
        statement, columns = _aggregated(shape, context)
    elif mode == "count":
        statement, columns = _counted(shape, context)
    elif mode == "exists":
        statement, columns = _existing(shape, context)
    else:
        statement, columns = _rows(shape, context)
    compiled = statement.compile(dialect=dialect.expressions.sqlalchemy)
    sql, binds = parameters.placed(compiled.string, dialect.expressions.placeholder)
    return Plan(
        sql,
        binds,
        columns.outputs,
        groups=columns.groups,
        leading=columns.leading,
        trailing=columns.trailing,
        style="tuple" if mode != "rows" or shape.aggregates else shape.style,
        reads=tuple(sorted(names.tables)),
        slots=slot_count(shape),
    )


class _Hooks:
    """What expressions ask back from the compiler."""

    def condition(self, context: Context, node: Junction) -> sa.ColumnElement[bool] | None:
        condition: sa.ColumnElement[bool] | None
        condition = Conditions(context, subqueries=False).junction(node, None).where
        return condition

    def subquery(self, context: Context, shape: Shape, columns: tuple[str, ...] | None) -> sa.Select[Any]:
        """A shape as a SELECT of one field, or of ``columns`` (its key by default) where it names none."""
        table = _table(context.schema, shape)
        if not shape.fields and not (shape.style != "model" and shape.annotations):
            fields = columns or tuple(column.field for column in key_columns(table))
            if not fields:
                raise InvalidQuery(
                    f"{table.name} has no key to compare with", hint="choose a field: .values('field')"
                )
            shape = msgspec.structs.replace(shape, fields=fields, style="tuple", related=())
        if not shape.sliced and not shape.distinct:
            shape = msgspec.structs.replace(shape, ordering=(), reverse=False)
        statement, _ = _rows(shape, context.inner(table, shape.annotations))
        return statement


def _table(schema: Schema, shape: Shape) -> Table:
    table = schema.table(shape.table)
    assert table is not None, "a shape names a table of its schema"
    return table


class _Parts(msgspec.Struct):
    """The clauses of a SELECT besides its columns."""

    where: list[Any]
    having: list[Any]
    group: list[Any]
    order: list[Any]
    order_values: list[Computed]


def _parts(shape: Shape, context: Context) -> _Parts:
    conditions = Conditions(context)
    where: list[Any] = []
    having: list[Any] = []
    grouped: list[Any] = []
    required: set[Source] = set()
    if shape.empty:
        where.append(sa.literal_column("1") == sa.literal_column("0"))
    for index, step in enumerate(shape.steps):
        if isinstance(step, Annotate):
            context.annotation(step.name)
            continue
        if isinstance(step, Chosen):
            context.choose(step.fields)
            continue
        built = conditions.junction(step.predicate, index + 1)
        required |= built.required
        if built.where is not None:
            where.append(built.where)
        if built.having is not None:
            having.append(built.having)
            grouped += built.grouped
    for source in required:
        source.require()
    order, values = _ordering(shape, context)
    group: list[Any] = []
    if any(context.annotation(name).aggregate for name in context.annotations):
        group = _group(shape, context, [*grouped, *(part.sql for part in values if not part.aggregate)])
    return _Parts(where, having, group, order, values)


def _group(shape: Shape, context: Context, read: list[Any]) -> list[Any]:
    """What the rows are grouped by; ``read`` is what HAVING and ORDER BY need of single rows."""
    root = context.tree.root
    if shape.group is None:
        key = key_columns(context.table)
        columns = key or tuple(column for column in context.table.columns if not column.hidden)
        group = [root.column(column.name) for column in columns]
        if key:
            read = [part for part in read if getattr(part, "table", None) is not root.selectable]
    else:
        group = [part.sql for name in shape.group for part in context.chosen(name) if not part.aggregate]
        group += [
            found.sql
            for name, step in context.annotations.items()
            if step.selected and name not in shape.group and not (found := context.annotation(name)).aggregate
        ]
    unique: list[Any] = []
    for part in [*group, *read]:
        if not any(part is known for known in unique):
            unique.append(part)
    # No column at all to group by (values() of constants): one group for the whole table.
    return unique or [literal("1")]


def _ordering(shape: Shape, context: Context) -> tuple[list[Any], list[Computed]]:
    ordering = shape.ordering
    if shape.reverse and not ordering:
        ordering = tuple(Order(column.field, True) for column in key_columns(context.table))
    elif shape.reverse:
        ordering = tuple(order.reversed() for order in ordering)
    clauses: list[Any] = []
    values: list[Computed] = []
    for order in ordering:
        if order.random:
            clauses.append(sa.func.random())
            continue
        for part in context.name(order.name):
            clause: Any = part.sql.desc() if order.descending else part.sql.asc()
            if order.nulls == "first":
                clause = clause.nulls_first()
            elif order.nulls == "last":
                clause = clause.nulls_last()
            clauses.append(clause)
            values.append(part)
    return clauses, values


def _select(shape: Shape, context: Context, parts: _Parts, columns: list[Any]) -> sa.Select[Any]:
    statement = _selected(columns).set_label_style(sa.LABEL_STYLE_NONE)
    statement = statement.select_from(context.tree.from_clause())
    if parts.where:
        statement = statement.where(*parts.where)
    if parts.group:
        statement = statement.group_by(*parts.group)
    if parts.having:
        statement = statement.having(*parts.having)
    if shape.distinct:
        statement = statement.distinct()
    return statement


def _limited(shape: Shape, context: Context, statement: sa.Select[Any]) -> sa.Select[Any]:
    if shape.limit is not None:
        statement = statement.limit(context.parameters.take(shape.limit, None))
    if shape.offset is not None:
        statement = statement.offset(context.parameters.take(shape.offset, None))
    return statement


def _rows(shape: Shape, context: Context) -> tuple[sa.Select[Any], Columns]:
    parts = _parts(shape, context)
    return _assembled(shape, context, parts, columns_of(shape, context))


def _assembled(
    shape: Shape, context: Context, parts: _Parts, columns: Columns
) -> tuple[sa.Select[Any], Columns]:
    selected = list(columns.expressions)
    if shape.distinct:
        # DISTINCT is over what the rows are ordered by as well, as in Django.
        extra = [part.sql for part in parts.order_values if not any(part.sql is known for known in selected)]
        extra = [part for part in extra if not any(part.compare(known) for known in selected)]
        selected += extra
        columns = msgspec.structs.replace(columns, trailing=len(extra))
    statement = _select(shape, context, parts, selected)
    if shape.window is not None:
        return _windowed(shape, context, parts, statement, columns)
    if parts.order:
        statement = statement.order_by(*parts.order)
    return _limited(shape, context, statement), columns


def _windowed(
    shape: Shape, context: Context, parts: _Parts, statement: sa.Select[Any], columns: Columns
) -> tuple[sa.Select[Any], Columns]:
    """Number the rows of each parent and keep those of the slice (sliced prefetch)."""
    window = shape.window
    assert window is not None, "called for windowed shapes"
    parents = [part.sql for part in context.name(window.relation, window.scope)]
    order = parts.order or [context.tree.root.column(column.name) for column in key_columns(context.table)]
    number = sa.func.row_number().over(partition_by=parents, order_by=order).label("row_number")
    labelled = [column.label(f"c{index}") for index, column in enumerate(columns.expressions)]
    inner = statement.with_only_columns(*labelled, number).subquery("numbered")
    outer = _selected([inner.c[f"c{index}"] for index in range(len(labelled))])
    position = inner.c["row_number"]
    if window.offset is not None:
        outer = outer.where(position > context.parameters.take(window.offset, None))
    if window.limit is not None:
        last: Any = context.parameters.take(window.limit, None)
        if window.offset is not None:
            last = last + context.parameters.take(window.offset, None)
        outer = outer.where(position <= last)
    return outer.order_by(position), columns


def _counted(shape: Shape, context: Context) -> tuple[sa.Select[Any], Columns]:
    outputs = (Output("count", "integer"),)
    count: Any = sa.func.count(sa.text("*"))
    plain = not (shape.distinct or shape.sliced or context.annotations)
    if plain:
        unordered = msgspec.structs.replace(shape, ordering=(), reverse=False)
        statement = _select(unordered, context, _parts(unordered, context), [count])
        return statement, Columns((count,), outputs)
    inner = _inner_rows(shape, context)
    return sa.select(count).select_from(inner.subquery("counted")), Columns((count,), outputs)


def _existing(shape: Shape, context: Context) -> tuple[sa.Select[Any], Columns]:
    one = literal("1")
    outputs = (Output("exists", "integer"),)
    if shape.sliced:
        inner = _inner_rows(shape, context)
        return sa.select(one).select_from(inner.subquery("found")).limit(one), Columns((one,), outputs)
    unordered = msgspec.structs.replace(shape, ordering=(), reverse=False, distinct=False)
    statement = _select(unordered, context, _parts(unordered, context), [one])
    return statement.limit(one), Columns((one,), outputs)


def _inner_rows(shape: Shape, context: Context) -> sa.Select[Any]:
    """The rows of a shape as a subquery: each column under a name of its own, order only where it decides."""
    shape = msgspec.structs.replace(shape, related=())
    if not shape.sliced:
        shape = msgspec.structs.replace(shape, ordering=(), reverse=False)
    statement, _ = _rows(shape, context)
    selected = list(statement.selected_columns)
    return statement.with_only_columns(
        *(column.label(f"c{index}") for index, column in enumerate(selected)), maintain_column_froms=True
    )


def _aggregated(shape: Shape, context: Context) -> tuple[sa.Select[Any], Columns]:
    """``aggregate()``: over the rows themselves, or over a subquery where those are groups or a slice."""
    nested = (
        shape.distinct
        or shape.sliced
        or any(context.annotation(name).aggregate for name in context.annotations)
    )
    if not nested:
        plain = msgspec.structs.replace(shape, ordering=(), reverse=False)
        parts = _parts(plain, context)
        computed = [(step.name, context.expression(step.expression)) for step in shape.aggregates]
        outputs = tuple(output_of(name, part) for name, part in computed)
        columns = [part.sql.label(None) for _, part in computed]
        return _select(plain, context, parts, columns), Columns(tuple(columns), outputs)
    return _aggregated_over_rows(shape, context)


def _aggregated_over_rows(shape: Shape, context: Context) -> tuple[sa.Select[Any], Columns]:
    inner_shape = msgspec.structs.replace(shape, aggregates=(), related=())
    if not shape.sliced:
        inner_shape = msgspec.structs.replace(inner_shape, ordering=(), reverse=False)
    parts = _parts(inner_shape, context)
    one = literal("1")
    arguments: list[tuple[str, AggregateCall, Computed | None]] = []
    values: list[Any] = []
    for index, step in enumerate(shape.aggregates):
        call = step.expression
        assert isinstance(call, AggregateCall), "aggregate() takes aggregates only"
        argument = None if call.argument is None else context.name(call.argument.name)[0]
        value: sa.ColumnElement[Any] = one if argument is None else argument.sql
        if call.condition is not None:
            condition = context.hooks.condition(context, call.condition)
            value = value if condition is None else sa.case((condition, value), else_=sa.null())
        values.append(value.label(f"a{index}"))
        arguments.append((step.name, call, argument))
    statement, _ = _assembled(inner_shape, context, parts, columns_of(inner_shape, context))
    selected = [column.label(f"c{index}") for index, column in enumerate(statement.selected_columns)]
    inner = statement.with_only_columns(*selected, *values, maintain_column_froms=True).subquery("rows")
    results: list[Any] = []
    outputs: list[Output] = []
    for index, (name, call, argument) in enumerate(arguments):
        kind: Kind = "integer" if argument is None else argument.kind
        found = context.apply(
            msgspec.structs.replace(call, condition=None), Computed(inner.c[f"a{index}"], kind), None
        )
        results.append(found.sql.label(None))
        outputs.append(output_of(name, found))
    return _selected(results), Columns(tuple(results), tuple(outputs))


def _selected(columns: list[Any]) -> sa.Select[Any]:
    # SQLAlchemy's types for any number of columns fit no annotation.
    return cast("sa.Select[Any]", sa.select(*columns))
