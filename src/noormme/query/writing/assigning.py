"""What a column is set to: an expression of the updated row, in the form in which the column stores it.

Invariant: an assigned expression reads the row itself, and other rows in a subquery only. This module imports
SQLAlchemy.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from noormme.errors import InvalidQuery
from noormme.query.computed import Assigned, Computed
from noormme.query.context import Context
from noormme.query.joins import literal
from noormme.query.nodes import AggregateCall, Constant, Expression, SearchCall, WindowCall
from noormme.query.shape import walk
from noormme.schema.model import Column

__all__ = ["assigned"]

_OF_SEVERAL_ROWS: dict[type, str] = {
    AggregateCall: "an aggregate",
    WindowCall: "a window function",
    SearchCall: "what a search finds",
}


def assigned(context: Context, column: Column, node: Expression) -> sa.ColumnElement[Any]:
    """The SQL of an assigned expression.

    Args:
        context: The table that is updated; nothing must be joined to it.
        column: The column that is set.
        node: The expression.

    Raises:
        InvalidQuery: It is computed from several rows, or reads another table than in a subquery.
    """
    where = f"{context.table.name}.{column.field}"
    if isinstance(node, Constant):
        return _constant(context, column, node)
    for part in walk(node):
        for kind, what in _OF_SEVERAL_ROWS.items():
            if isinstance(part, kind):
                raise _of_several_rows(where, what)
    joined = len(context.tree.sources)
    like = Assigned(context.tree.root.column(column.name), context.table, column)
    found = context.expression(node, like=like)
    if found.aggregate or found.window:
        raise _of_several_rows(where, "a window function" if found.window else "an aggregate")
    if len(context.tree.sources) > joined:
        raise InvalidQuery(
            f"{where} is set to something of another table, and an update reads its own rows only",
            hint="use a Subquery of the other table: "
            "Subquery(db.others.filter(pk=OuterRef('other_id')).values('field')[:1])",
        )
    if found.path and column.kind != "json":
        found = context.plain(found)
    return context.dialect.expressions.stored(found, context.table, column)


def _constant(context: Context, column: Column, node: Constant) -> sa.ColumnElement[Any]:
    """A value: as that of the column itself, whatever type was said of it."""
    dialect = context.dialect
    if node.slot is None:
        null = literal("NULL")
        if node.kind != "json" or column.kind != "json":
            return null
        # The null of JSON is a value.
        return dialect.expressions.stored(Computed(literal("'null'"), "json"), context.table, column)
    encode = dialect.storing(column.kind, context.table, column)
    return context.parameters.take(node.slot, encode, dialect.native(column.kind), nullable=True)


def _of_several_rows(where: str, what: str) -> InvalidQuery:
    return InvalidQuery(
        f"{where} cannot be set to {what}, which is computed from several rows",
        hint="compute it in a Subquery, or read it first",
    )
