"""Writes of whole queries as plans: UPDATE and DELETE of the rows of a shape.

Invariant: exactly the rows of the shape are written, each once. Where the shape reads its own table only, its
conditions are those of the statement; otherwise the statement asks for the keys of its rows. What is assigned
is computed from the rows as they were before any of them was written. This module imports SQLAlchemy.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from noormme.errors import InvalidQuery, ReadOnly
from noormme.query.compile import CompilerHooks
from noormme.query.compound import Place
from noormme.query.context import Context
from noormme.query.dialect import Dialect
from noormme.query.joins import AliasNames
from noormme.query.nodes import Expression
from noormme.query.parameters import Parameters
from noormme.query.plan import Output, Plan
from noormme.query.resolve import key_columns
from noormme.query.select import over_rows, parts_of
from noormme.query.select import rows as rows_of
from noormme.query.setops import with_fields
from noormme.query.shape import Shape
from noormme.query.slots import slot_count
from noormme.query.writing.assigning import assigned
from noormme.query.writing.targets import outputs_of, written_columns
from noormme.schema.model import Schema

__all__ = ["compile_delete", "compile_update", "refuse_delete", "refuse_update"]


def refuse_update(shape: Shape) -> None:
    """Refuse a query whose rows cannot be updated.

    Args:
        shape: The query.

    Raises:
        InvalidQuery: It is sliced, combined or grouped.
    """
    _refuse(shape, "update")


def refuse_delete(shape: Shape) -> None:
    """Refuse a query whose rows cannot be deleted.

    Args:
        shape: The query.

    Raises:
        InvalidQuery: It is sliced, combined or grouped, or gives no objects.
    """
    _refuse(shape, "delete")
    if shape.style != "model":
        raise InvalidQuery(
            "cannot delete after values() or values_list()", hint="delete from the query before them"
        )


def _refuse(shape: Shape, what: str) -> None:
    if shape.compound is not None:
        raise InvalidQuery(
            f"cannot {what} the rows of {shape.compound.operator}()",
            hint=f"{what} the rows of each query, or filter(pk__in=…) on a query of the table",
        )
    if shape.sliced:
        raise InvalidQuery(
            f"cannot {what} once a slice has been taken",
            hint=f"{what} filter(pk__in=…) with a subquery: filter(pk__in=query[:10].values('pk'))",
        )
    if shape.group is not None or shape.aggregates:
        raise InvalidQuery(
            f"cannot {what} groups of rows", hint=f"{what} filter(field__in=…) on a query without groups"
        )


def compile_update(
    shape: Shape,
    assignments: Sequence[tuple[str, Expression]],
    schema: Schema,
    dialect: Dialect,
    *,
    returning: Sequence[str] = (),
) -> Plan:
    """The UPDATE of the rows of a shape.

    Args:
        shape: Which rows; its order, its columns and ``distinct`` do not matter.
        assignments: The fields and what they are set to, computed from the row as it was.
        schema: The schema that the shape's names belong to.
        dialect: The engine's side.
        returning: The fields that the statement gives back.

    Returns:
        The plan. The database is touched only where the dialect must learn how a column stores its values.

    Raises:
        InvalidQuery: The shape is sliced, combined or grouped; a field cannot be written; an assigned
            expression is computed from several rows or reads another table.
        FieldNotFound: There is no such field.
        ReadOnly: The rows must be found by their key, and the table has none.
    """
    refuse_update(shape)
    table = schema.table(shape.table)
    assert table is not None, "a shape names a table of its schema"
    columns = written_columns(schema, table, [name for name, _ in assignments])
    if not columns:
        raise InvalidQuery(f"an update of {table.name} that writes no field", hint="name a field")
    outputs = outputs_of(schema, table, returning)
    context, where = _opened(shape, schema, dialect)
    read = context.names.occurrences[table.name]
    values = {
        column.name: assigned(context, column, node)
        for column, (_, node) in zip(columns, assignments, strict=True)
    }
    root: Any = context.tree.root.selectable
    statement = sa.update(root).values(values).where(*where)
    if context.names.occurrences[table.name] > read:
        statement = dialect.expressions.computed_first(statement)
    nodes = tuple(node for _, node in assignments)
    return _plan(statement, context, outputs, slot_count((shape, nodes)))


def compile_delete(shape: Shape, schema: Schema, dialect: Dialect, *, returning: Sequence[str] = ()) -> Plan:
    """The DELETE of the rows of a shape.

    Args:
        shape: Which rows; its order and ``distinct`` do not matter.
        schema: The schema that the shape's names belong to.
        dialect: The engine's side.
        returning: The fields that the statement gives back of the rows as they were.

    Returns:
        The plan. The database is touched only where the dialect must learn how a column stores its values.

    Raises:
        InvalidQuery: The shape is sliced, combined or grouped, or gives no objects.
        FieldNotFound: There is no such field.
        ReadOnly: The rows must be found by their key, and the table has none.
    """
    refuse_delete(shape)
    table = schema.table(shape.table)
    assert table is not None, "a shape names a table of its schema"
    outputs = outputs_of(schema, table, returning)
    context, where = _opened(shape, schema, dialect)
    root: Any = context.tree.root.selectable
    return _plan(sa.delete(root).where(*where), context, outputs, slot_count(shape))


def _opened(shape: Shape, schema: Schema, dialect: Dialect) -> tuple[Context, list[Any]]:
    """The table that is written, and which of its rows."""
    plain = msgspec.structs.replace(
        shape, ordering=(), reverse=False, distinct=False, style="model", fields=(), related=(), deferred=()
    )
    if not over_rows(plain):
        context = _place(schema, dialect).context(plain)
        parts = parts_of(plain, context)
        if len(context.tree.sources) == 1:
            return context, parts.where
    # What was compiled so far is left, with its parameters and its names.
    place = _place(schema, dialect)
    context = place.context(plain)
    root = context.tree.root
    key = key_columns(root.table)
    if not key:
        raise ReadOnly(
            f"the rows of {root.table.name} cannot be found again: it has neither a primary key nor a row id",
            hint="filter by its own columns only, or give the table a primary key",
        )
    keys = with_fields(schema, plain, "tuple", tuple(column.field for column in key))
    statement, _ = rows_of(keys, place.context(keys))
    columns = [root.column(column.name) for column in key]
    left: Any = columns[0] if len(columns) == 1 else sa.tuple_(*columns)
    return context, [left.in_(statement)]


def _place(schema: Schema, dialect: Dialect) -> Place:
    return Place(schema, dialect, Parameters(), AliasNames(schema), CompilerHooks())


def _plan(statement: Any, context: Context, outputs: tuple[Output, ...], slots: int) -> Plan:
    expressions = context.dialect.expressions
    if outputs:
        root = context.tree.root
        statement = statement.returning(*(root.column(output.column) for output in outputs))
    compiled = statement.compile(dialect=expressions.sqlalchemy)
    sql, binds = context.parameters.placed(compiled.string, expressions.placeholder)
    return Plan(sql, binds, outputs, style="tuple", reads=tuple(sorted(context.names.tables)), slots=slots)
