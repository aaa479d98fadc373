"""From a shape to a SELECT: its clauses, its columns, its order.

Invariant: a statement is put together from the same clauses whether its rows are asked for, their number,
or whether there are any.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar, cast

import msgspec
import sqlalchemy as sa

from noormme.query.context import Context
from noormme.query.documents import sortable
from noormme.query.grouping import is_given
from noormme.query.joins import Source, literal
from noormme.query.nodes import AggregateCall, Order, Ref, SearchCall, WindowCall
from noormme.query.outputs import Columns, columns_of
from noormme.query.parameters import Parameters
from noormme.query.plan import Output
from noormme.query.resolve import key_columns
from noormme.query.searching import begin_search
from noormme.query.shape import Annotate, Chosen, FilteredJoin, Search, Shape, walk
from noormme.query.where import Conditions

__all__ = [
    "Key",
    "Parts",
    "any_row",
    "assembled",
    "counted",
    "existing",
    "inner_rows",
    "limited",
    "over_rows",
    "parts_of",
    "rows",
    "select",
    "selected",
    "sort_clause",
]

S = TypeVar("S", "sa.Select[Any]", "sa.GenerativeSelect")


class Parts(msgspec.Struct):
    """The clauses of a SELECT besides its columns."""

    where: list[Any]
    having: list[Any]
    qualify: list[Any]
    group: list[Any]
    order: list[Key]


class Key(msgspec.Struct, frozen=True):
    """One sort key: what it sorts by (None: a random order), and which way."""

    computed: Any
    order: Order

    def clause(self, sql: Any = None) -> Any:
        """The clause of ORDER BY.

        Args:
            sql: The expression to sort by instead of its own.
        """
        if self.computed is None:
            return sort_clause(self.order, None)
        return sort_clause(self.order, self.computed.sql if sql is None else sql)


def sort_clause(order: Order, value: Any) -> Any:
    """One sort key as a clause of ORDER BY.

    Args:
        order: Which way.
        value: What is sorted by; None for a random order.
    """
    if value is None:
        return sa.func.random()
    made = value.desc() if order.descending else value.asc()
    if order.nulls is None:
        return made
    return made.nulls_first() if order.nulls == "first" else made.nulls_last()


def parts_of(shape: Shape, context: Context) -> Parts:
    """The clauses of a shape besides its columns.

    Args:
        shape: The shape.
        context: Its SELECT.
    """
    conditions = Conditions(context)
    where: list[Any] = list(begin_search(shape, context))
    having: list[Any] = []
    qualify: list[Any] = []
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
        if isinstance(step, Search | FilteredJoin):
            # A filtered relation is joined where something asks for it.
            continue
        built = conditions.junction(step.predicate, index + 1)
        required |= built.required
        if built.where is not None:
            where.append(built.where)
        if built.having is not None:
            having.append(built.having)
        if built.qualify is not None:
            qualify.append(built.qualify)
        grouped += built.grouped
    for source in required:
        source.require()
    order = _ordering(shape, context)
    sorted_by = [key.computed for key in order if key.computed is not None]
    group: list[Any] = []
    aggregate = having or any(part.aggregate for part in sorted_by)
    if aggregate or any(context.annotation(name).aggregate for name in context.annotations):
        group = _group(shape, context, [*grouped, *(read for part in sorted_by for read in part.reads)])
    return Parts(where, having, qualify, group, order)


def _group(shape: Shape, context: Context, read: list[Any]) -> list[Any]:
    """What the rows are grouped by; ``read`` is what HAVING and ORDER BY need of single rows."""
    root = context.tree.root
    if shape.group is None:
        key = key_columns(context.table)
        columns = key or tuple(column for column in context.table.columns if not column.hidden)
        group = [root.column(column.name) for column in columns]
        if key and context.dialect.features.having_reads_rows:
            read = [part for part in read if getattr(part, "table", None) is not root.selectable]
    else:
        group = [read for name in shape.group for part in context.chosen(name) for read in part.reads]
        # What values() left out before the aggregate makes no groups; what came after it is in the rows.
        group += [
            read
            for name, step in context.annotations.items()
            if step.selected and name in shape.fields and name not in shape.group
            for read in context.annotation(name).reads
        ]
        named = context.annotations
        over = {name for name in named if context.annotation(name).aggregate}
        plain = all(
            name in over or (name in named and is_given(named[name].expression)) for name in shape.group
        )
        if plain and over.intersection(shape.fields):
            # Of plain values and aggregates, as in Django, all rows are one group, and so is no row at all.
            return _unlike([*group, *read])
    # No column at all to group by (values() of what is made of constants): one group for the whole table. A
    # number would mean a column by its place.
    strict = context.dialect.features.strict_clauses
    return _unlike([*group, *read]) or [literal(_NO_COLUMN if strict else "NULL")]


_NO_COLUMN = "CAST(NULL AS TEXT)"
"""One group for all rows, for databases that take no bare constant in GROUP BY."""


def _with_all_groups(shape: Shape, context: Context, parts: Parts, columns: Columns) -> Parts:
    """The clauses with everything in GROUP BY that is selected of joined tables.

    A row of the first table has one row of each, which some databases do not conclude; some do not even
    conclude that its key says what its other columns are.
    """
    features = context.dialect.features
    if not parts.group or shape.group is not None or not features.strict_clauses:
        return parts
    sizes = [sum(output is not None for output in group.outputs) for group in columns.groups]
    start = columns.leading + (sum(sizes[:1]) if features.groups_follow_key else 0)
    expressions = columns.expressions
    end = columns.leading + sum(sizes)
    chosen = [*expressions[: columns.leading], *expressions[start:end]]
    for name, step in context.annotations.items():
        found = context.annotation(name)
        if step.selected and (found.window or not found.aggregate):
            chosen += found.reads
    root = context.tree.root.selectable
    more = [
        part for part in chosen if not features.groups_follow_key or getattr(part, "table", None) is not root
    ]
    return msgspec.structs.replace(parts, group=_unlike([*parts.group, *more]))


def _unlike(parts: list[Any]) -> list[Any]:
    """Each expression once."""
    unique: list[Any] = []
    for part in parts:
        if not any(part is known for known in unique):
            unique.append(part)
    return unique


def _ordering(shape: Shape, context: Context) -> list[Key]:
    ordering = shape.ordering
    if shape.group is not None:
        # A search sorts its rows unasked; groups of them are not to fall apart by that.
        ordering = tuple(order for order in ordering if order.expression != SearchCall("order"))
    if shape.reverse and not ordering:
        ordering = tuple(Order(Ref(column.field), True) for column in key_columns(context.table))
    elif shape.reverse:
        ordering = tuple(order.reversed() for order in ordering)
    keys: list[Key] = []
    for order in ordering:
        if order.random:
            keys.append(Key(None, order))
        elif isinstance(order.expression, Ref):
            keys += [Key(sortable(context, part), order) for part in context.name(order.expression.name)]
        else:
            keys.append(Key(sortable(context, context.expression(order.expression)), order))
    return keys


def select(shape: Shape, context: Context, parts: Parts, columns: list[Any]) -> sa.Select[Any]:
    """The statement without order and limit.

    Args:
        shape: The shape.
        context: Its SELECT.
        parts: Its clauses.
        columns: What it selects.
    """
    statement = selected(columns).set_label_style(sa.LABEL_STYLE_NONE)
    statement = statement.select_from(context.tree.from_clause())
    if parts.where:
        statement = statement.where(*parts.where)
    if parts.group:
        statement = statement.group_by(*parts.group)
    if parts.having:
        statement = statement.having(*parts.having)
    if shape.distinct:
        statement = statement.distinct()
    if context.around is not None:
        # Tables that are not its own are those of the queries around it.
        statement = statement.correlate_except(*(source.selectable for source in context.tree.sources))
    return statement


def limited(shape: Shape, parameters: Parameters, statement: S) -> S:
    """A statement with the limit and the offset of a shape.

    Args:
        shape: The shape.
        parameters: Those of the whole statement.
        statement: The statement.
    """
    if shape.limit is not None:
        statement = statement.limit(parameters.take(shape.limit, None))
    if shape.offset is not None:
        statement = statement.offset(parameters.take(shape.offset, None))
    return statement


def rows(shape: Shape, context: Context) -> tuple[sa.Select[Any], Columns]:
    """The rows of a shape."""
    parts = parts_of(shape, context)
    statement, columns = assembled(shape, context, parts, columns_of(shape, context))
    if shape.lock:
        # Of joined tables a row may be missing, which cannot be locked.
        statement = statement.with_for_update(
            of=context.tree.root.selectable,
            key_share="NO KEY UPDATE" in shape.lock,
            nowait="NOWAIT" in shape.lock,
            skip_locked="SKIP LOCKED" in shape.lock,
        )
    return statement, columns


def assembled(
    shape: Shape, context: Context, parts: Parts, columns: Columns, *, more: Sequence[Any] = ()
) -> tuple[sa.Select[Any], Columns]:
    """The statement of a shape from its clauses and its columns.

    Args:
        shape: The shape.
        context: Its SELECT.
        parts: Its clauses.
        columns: Its columns.
        more: Further columns with names of their own, for a statement around this one.
    """
    parts = _with_all_groups(shape, context, parts, columns)
    if shape.window is not None:
        return _windowed(shape, context, parts, columns)
    chosen = list(columns.expressions)
    if shape.distinct:
        # DISTINCT is over what the rows are ordered by as well, as in Django.
        keys = [key.computed.sql for key in parts.order if key.computed is not None]
        extra = [part for part in keys if not any(part is known or part.compare(known) for known in chosen)]
        chosen += extra
        columns = msgspec.structs.replace(columns, trailing=len(extra))
    if parts.qualify:
        return _qualified(shape, context, parts, chosen, more), columns
    if more:
        chosen = [*(column.label(f"c{index}") for index, column in enumerate(chosen)), *more]
    statement = select(shape, context, parts, chosen)
    if parts.order:
        statement = statement.order_by(*(key.clause() for key in parts.order))
    return limited(shape, context.parameters, statement), columns


def _qualified(
    shape: Shape, context: Context, parts: Parts, chosen: list[Any], more: Sequence[Any]
) -> sa.Select[Any]:
    """The rows for which a condition about their windows holds: windows are computed before it is asked."""
    inside = [*(column.label(f"c{index}") for index, column in enumerate(chosen)), *more]
    keys = [
        None if key.computed is None else key.computed.sql.label(f"o{index}")
        for index, key in enumerate(parts.order)
    ]
    holds = sa.and_(*parts.qualify).label("kept")
    plain = msgspec.structs.replace(shape, distinct=False)
    sorts = [key for key in keys if key is not None]
    inner = select(plain, context, parts, [*inside, *sorts, holds]).subquery("windowed")
    outer = selected([inner.c[column.name] for column in inside]).where(inner.c["kept"])
    if shape.distinct:
        outer = outer.distinct()
    for key, label in zip(parts.order, keys, strict=True):
        column = cast("Any", None if label is None else inner.c[label.name])
        if shape.distinct and key.computed is not None and context.dialect.features.strict_clauses:
            # What DISTINCT rows are sorted by is selected, too, and must be called what it is called there.
            sql = key.computed.sql
            place = next(at for at, part in enumerate(chosen) if part is sql or sql.compare(part))
            column = inner.c[f"c{place}"]
        outer = outer.order_by(key.clause(column))
    return limited(shape, context.parameters, outer)


def _windowed(
    shape: Shape, context: Context, parts: Parts, columns: Columns
) -> tuple[sa.Select[Any], Columns]:
    """Number the rows of each parent and keep those of the slice (sliced prefetch)."""
    window = shape.window
    assert window is not None, "called for windowed shapes"
    parents = [part.sql for part in context.name(window.relation, window.scope)]
    sorts = [None if key.computed is None else key.computed.sql for key in parts.order]
    if not sorts:
        sorts = [context.tree.root.column(column.name) for column in key_columns(context.table)]
    labelled = [column.label(f"c{index}") for index, column in enumerate(columns.expressions)]
    nested = any(key.computed is not None and key.computed.window for key in parts.order)
    if shape.distinct or parts.qualify or nested:
        inner = _numbered_around(shape, context, parts, labelled, parents, sorts)
    else:
        number = _number(parts, parents, sorts)
        inner = select(shape, context, parts, [*labelled, number]).subquery("numbered")
    outer = selected([inner.c[f"c{index}"] for index in range(len(labelled))])
    position = inner.c["row_number"]
    if window.offset is not None:
        outer = outer.where(position > context.parameters.take(window.offset, None))
    if window.limit is not None:
        last: Any = context.parameters.take(window.limit, None)
        if window.offset is not None:
            last = last + context.parameters.take(window.offset, None)
        outer = outer.where(position <= last)
    return outer.order_by(position), columns


def _numbered_around(
    shape: Shape, context: Context, parts: Parts, labelled: list[Any], parents: list[Any], sorts: list[Any]
) -> sa.Subquery:
    """The numbers of the rows of a SELECT inside.

    DISTINCT and conditions about windows leave some of them, and no window stands in the order of another.
    """
    parents = [parent.label(f"p{index}") for index, parent in enumerate(parents)]
    sorts = [None if key is None else key.label(f"o{index}") for index, key in enumerate(sorts)]
    holds = [sa.and_(*parts.qualify).label("kept")] if parts.qualify else []
    known = [key for key in sorts if key is not None]
    rows = select(shape, context, parts, [*labelled, *parents, *known, *holds]).subquery("windowed")
    number = _number(
        parts,
        [rows.c[parent.name] for parent in parents],
        [None if key is None else rows.c[key.name] for key in sorts],
    )
    left = selected([*(rows.c[column.name] for column in labelled), number])
    return (left.where(rows.c["kept"]) if holds else left).subquery("numbered")


def _number(parts: Parts, parents: list[Any], sorts: list[Any]) -> Any:
    """The number of a row among those of its parent."""
    order = [key.clause(sql) for key, sql in zip(parts.order, sorts, strict=True)] if parts.order else sorts
    return sa.func.row_number().over(partition_by=parents, order_by=order).label("row_number")


def counted(shape: Shape, context: Context) -> tuple[sa.Select[Any], Columns]:
    """How many rows a shape has."""
    outputs = (Output("count", "integer"),)
    count: Any = sa.func.count(sa.text("*"))
    if shape.distinct or shape.sliced or context.annotations or over_rows(shape):
        inner = inner_rows(shape, context)
        return sa.select(count).select_from(inner.subquery("counted")), Columns((count,), outputs)
    unordered = msgspec.structs.replace(shape, ordering=(), reverse=False)
    statement = select(unordered, context, parts_of(unordered, context), [count])
    return statement, Columns((count,), outputs)


def existing(shape: Shape, context: Context) -> tuple[sa.Select[Any], Columns]:
    """Whether a shape has any row."""
    one = literal("1")
    columns = Columns((one,), (Output("exists", "integer"),))
    return any_row(shape, context).limit(one), columns


def any_row(shape: Shape, context: Context) -> sa.Select[Any]:
    """A SELECT of a constant for each row of a shape."""
    one = literal("1")
    if shape.sliced or over_rows(shape):
        return sa.select(one).select_from(inner_rows(shape, context).subquery("found"))
    unordered = msgspec.structs.replace(shape, ordering=(), reverse=False, distinct=False)
    return select(unordered, context, parts_of(unordered, context), [one])


def over_rows(shape: Shape) -> bool:
    """Whether there is an aggregate or a window in what a shape asks for."""
    return any(isinstance(part, (AggregateCall, WindowCall)) for part in walk(shape.steps))


def inner_rows(shape: Shape, context: Context) -> sa.Select[Any]:
    """The rows of a shape as a subquery: each column under a name of its own, order only where it decides."""
    shape = msgspec.structs.replace(shape, related=())
    if not shape.sliced:
        shape = msgspec.structs.replace(shape, ordering=(), reverse=False)
    statement, _ = rows(shape, context)
    selected = list(statement.selected_columns)
    return statement.with_only_columns(
        *(column.label(f"c{index}") for index, column in enumerate(selected)), maintain_column_froms=True
    )


def selected(columns: Sequence[Any]) -> sa.Select[Any]:
    """A SELECT of these columns."""
    # SQLAlchemy's types for any number of columns fit no annotation.
    return cast("sa.Select[Any]", sa.select(*columns))
