"""Full-text search inside a SELECT: the join to the index, and what it gives for each row.

Invariant: what a user typed is bound as one parameter, as the expression that the dialect makes of it.
An index gives its values only while it is read, so a SELECT that groups or numbers rows reads it in a SELECT
of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from noormme.errors import InvalidQuery, NotSupported
from noormme.query.computed import Computed
from noormme.query.context import Context
from noormme.query.joins import Source, literal, quoted
from noormme.query.nodes import AggregateCall, SearchCall, WindowCall
from noormme.query.resolve import resolve
from noormme.query.shape import Search, Shape, walk
from noormme.schema.search_index import SearchColumn, SearchIndex

__all__ = ["Found", "begin_search", "search_value"]


class Found(msgspec.Struct, frozen=True):
    """The search of a SELECT.

    Attributes:
        index: The index.
        table: What it is read from.
        wanted: Gives a parameter for what is searched for.
        values: What was computed where the index is read in a SELECT of its own, by its node.
    """

    index: SearchIndex
    table: Any
    wanted: Callable[[], sa.ColumnElement[Any]]
    values: Mapping[SearchCall, Any] | None = None


def begin_search(shape: Shape, context: Context) -> list[sa.ColumnElement[bool]]:
    """Join the index that a shape searches, if it does.

    Args:
        shape: The shape.
        context: Its SELECT, which knows the search from then on.

    Returns:
        The conditions that it adds.
    """
    step = next((step for step in shape.steps if isinstance(step, Search)), None)
    if step is None:
        return []
    index = next(
        each for each in context.schema.search_indexes_of(context.table.name) if each.name == step.index
    )
    encode = context.dialect.expressions.search_text(index)
    slot = step.text.slot

    def wanted() -> sa.ColumnElement[Any]:
        return context.parameters.take(slot, encode)

    if index.vector is not None:
        # The table itself has what is searched.
        context.found = Found(index, context.tree.root.selectable, wanted)
        return [_matches(context, context.found)]
    table = context.schema.table(index.name)
    assert table is not None, "an index is a table of its schema"
    root = context.tree.root
    calls = [
        node for node in walk((shape.steps, shape.ordering, shape.aggregates)) if type(node) is SearchCall
    ]
    apart = bool(calls) and _reads_twice(shape)
    if index.name == context.table.name and not apart:
        context.found = Found(index, root.selectable, wanted)
        return [_matches(context, context.found)]
    source = Source(table, context.names.take(table.name), root)
    found = Found(index, source.selectable, wanted)
    key = _column(source, index.key)
    if not apart:
        context.found = found
        context.tree.attach(source, key == _column(root, index.table_key))
        return [_matches(context, found)]
    values = {
        call: _value(context, found, call).label(f"value_{number}")
        for number, call in enumerate(dict.fromkeys(calls))
    }
    read = sa.select(key.label("key"), *values.values()).where(_matches(context, found))
    rows = context.dialect.expressions.apart(read).subquery(quoted(context.names.free("found")))
    source.selectable = rows
    context.found = Found(index, rows, wanted, {call: rows.c[value.name] for call, value in values.items()})
    context.tree.attach(source, rows.c["key"] == _column(root, index.table_key))
    return []


def search_value(context: Context, call: SearchCall) -> Computed:
    """What a search gives for a row.

    Args:
        context: The SELECT.
        call: What is asked for.

    Raises:
        InvalidQuery: The query searches nothing, or its index does not have the field.
        NotSupported: The index does not keep the texts.
    """
    found: Found | None = context.found
    if found is None:
        raise InvalidQuery(
            f"{call.function}: this query of {context.table.name} searches nothing",
            hint="call search() on the query set",
        )
    sql = _value(context, found, call) if found.values is None else found.values[call]
    ranks = call.function in ("rank", "order")
    return Computed(sql, "real" if ranks else "text", nullable=not ranks)


def _reads_twice(shape: Shape) -> bool:
    """Whether rows are kept before they are given, when the index has gone on to others."""
    parts = (shape.steps, shape.ordering, shape.aggregates)
    return (
        shape.group is not None
        or shape.window is not None
        or any(isinstance(part, (AggregateCall, WindowCall)) for part in walk(parts))
    )


def _matches(context: Context, found: Found) -> sa.ColumnElement[bool]:
    return context.dialect.expressions.matches(found.table, found.index, found.wanted())


def _value(context: Context, found: Found, call: SearchCall) -> sa.ColumnElement[Any]:
    index = found.index
    arguments: Sequence[Any] = [context.parameters.take(argument.slot, None) for argument in call.arguments]
    if call.function == "rank":
        weights = dict(
            zip((_position(context, index, name) for name in call.columns), arguments, strict=True)
        )
        one = literal("1.0")
        arguments = [weights.get(place, one) for place in range(len(index.columns))] if weights else []
        position = None
    else:
        if call.function != "order" and index.content == "none":
            raise NotSupported(
                f"the index {index.name} does not keep its texts, so no part of them can be shown",
                hint="make it with content='the table'",
            )
        position = _position(context, index, call.columns[0]) if call.columns else None
    return context.dialect.expressions.search_value(
        call.function, found.table, index, position, arguments, found.wanted
    )


def _position(context: Context, index: SearchIndex, name: str) -> int:
    """Which column of the index holds a field."""
    target = resolve(context.schema, context.table, name, annotations=context.annotations)
    column: SearchColumn | None = None
    if not target.hops and not target.transforms and len(target.columns) == 1:
        column = index.column(target.columns[0].name)
    if column is None:
        names = ", ".join(each.column or each.name for each in index.columns if each.indexed)
        raise InvalidQuery(f"'{name}' is not in the index {index.name}", hint=f"it has {names}")
    return index.columns.index(column)


def _column(source: Source, name: str) -> sa.ColumnElement[Any]:
    """A column, or the row id of a table that has another key."""
    known: sa.ColumnElement[Any] | None = source.selectable.c.get(name)
    return sa.column(quoted(name), _selectable=source.selectable) if known is None else known
