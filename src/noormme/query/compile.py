"""From a shape to a plan: SQLAlchemy Core writes the SQL, once for each shape.

Invariant: what is compiled depends on the shape, the schema and the dialect only, never on a value.
This module and those that it uses import SQLAlchemy; ``noormme`` imports it at the first compilation.
"""

from __future__ import annotations

from typing import Literal

import sqlalchemy as sa

from noormme.errors import InvalidQuery
from noormme.query.aggregation import aggregated
from noormme.query.compound import Place, Statement, counted, existing, in_exists, rows
from noormme.query.computed import Computed
from noormme.query.context import Context
from noormme.query.dialect import Dialect
from noormme.query.evaluate import evaluate
from noormme.query.joins import AliasNames, literal
from noormme.query.nodes import Expression, Junction
from noormme.query.parameters import Parameters
from noormme.query.plan import Plan
from noormme.query.resolve import key_columns
from noormme.query.seek import seek_rows
from noormme.query.setops import with_fields
from noormme.query.shape import Shape
from noormme.query.slots import slot_count
from noormme.query.where import Conditions
from noormme.schema.model import Schema, Table

__all__ = ["CompilerHooks", "Mode", "compile_plan"]

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
    place = Place(schema, dialect, parameters, names, CompilerHooks())
    statement: Statement
    if shape.aggregates:
        statement, columns = aggregated(shape, place.context(shape))
    elif mode == "count":
        statement, columns = counted(shape, place)
    elif mode == "exists":
        statement, columns = existing(shape, place)
    elif shape.seek is not None:
        statement, columns = seek_rows(shape, place.context(shape))
    else:
        statement, columns = rows(shape, place)
    compiled = statement.compile(dialect=dialect.expressions.sqlalchemy)
    sql, binds = parameters.placed(compiled.string, dialect.expressions.placeholder)
    return Plan(
        sql,
        binds,
        columns.outputs,
        groups=columns.groups,
        leading=columns.leading,
        trailing=columns.trailing,
        keys=columns.keys,
        style="tuple" if mode != "rows" or shape.aggregates else shape.style,
        reads=tuple(sorted(names.tables)),
        slots=slot_count(shape),
    )


class CompilerHooks:
    """What expressions ask back from the compiler."""

    def condition(self, context: Context, node: Junction, scope: int | None = None) -> Computed | None:
        """A condition inside an expression or a join; None when it always holds."""
        built = Conditions(context, subqueries=False).junction(node, scope)
        if not built.parts:
            return None
        sql = sa.and_(*built.parts)
        over_many = built.having is not None or built.qualify is not None
        return Computed(
            sql,
            "boolean",
            nullable=False,
            aggregate=built.having is not None,
            window=built.qualify is not None,
            # Groups are those of its two answers, not those of the fields it looks at.
            reads=(*built.columns, *built.grouped) if over_many else (sql,),
        )

    def expression(
        self, context: Context, node: Expression, scope: int | None, like: Computed | None
    ) -> Computed:
        """An expression of a shape."""
        return evaluate(context, node, scope, like)

    def subquery(
        self, context: Context, shape: Shape, columns: tuple[str, ...] | None
    ) -> tuple[Statement, list[Computed]]:
        """A shape as a SELECT of one field, or of ``columns`` (its key by default) where it names none."""
        if not shape.fields and not (shape.style != "model" and shape.annotations):
            table = _table(context.schema, shape)
            fields = columns or tuple(column.field for column in key_columns(table))
            if not fields:
                raise InvalidQuery(
                    f"{table.name} has no key to compare with", hint="choose a field: .values('field')"
                )
            shape = with_fields(context.schema, shape, "tuple", fields)
        statement, selected = rows(shape, Place.inside(context))
        return statement, list(selected.computed)

    def exists(self, context: Context, shape: Shape) -> sa.ColumnElement[bool]:
        """Whether a shape has any row."""
        if shape.empty:
            return literal("1") == literal("0")
        return in_exists(shape, Place.inside(context)).exists()


def _table(schema: Schema, shape: Shape) -> Table:
    table = schema.table(shape.table)
    assert table is not None, "a shape names a table of its schema"
    return table
