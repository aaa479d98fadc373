"""Set operations in SQL: UNION, INTERSECT and EXCEPT of the SELECTs of their parts.

Invariant: a row of a set operation is decoded as one of its first part. Every SELECT of a shape is made
here, whether the shape is a set operation or not.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import msgspec
import sqlalchemy as sa

from noormme.query import select as plain
from noormme.query.computed import Computed
from noormme.query.context import Context, Hooks
from noormme.query.dialect import Dialect
from noormme.query.joins import AliasNames, literal
from noormme.query.outputs import Columns
from noormme.query.parameters import Parameters
from noormme.query.plan import Output
from noormme.query.setops import names_of, places, sort_keys
from noormme.query.shape import Compound, Shape
from noormme.schema.model import Schema

__all__ = ["Place", "Statement", "any_row", "counted", "existing", "in_exists", "rows"]

Statement: TypeAlias = "sa.Select[Any] | sa.CompoundSelect[Any]"


class Place(msgspec.Struct, frozen=True):
    """Where in a statement a SELECT stands.

    Attributes:
        schema: The schema.
        dialect: The engine's side.
        parameters: Those of the whole statement.
        names: The names in use where it stands.
        hooks: What other parts of the compiler do.
        around: The SELECT around it.
    """

    schema: Schema
    dialect: Dialect
    parameters: Parameters
    names: AliasNames
    hooks: Hooks
    around: Context | None = None

    @classmethod
    def inside(cls, context: Context) -> Place:
        """The place of a subquery."""
        return cls(context.schema, context.dialect, context.parameters, context.names, context.hooks, context)

    def context(self, shape: Shape) -> Context:
        """The context of a shape's SELECT here."""
        table = self.schema.table(shape.table)
        assert table is not None, "a shape names a table of its schema"
        return Context(
            self.schema,
            self.dialect,
            table,
            self.parameters,
            self.names,
            shape.annotations,
            self.hooks,
            self.around,
            filtered=shape.filtered,
        )

    def branch(self) -> Place:
        """The same place for one part of a set operation."""
        return msgspec.structs.replace(self, names=self.names.branch())


def rows(shape: Shape, place: Place) -> tuple[Statement, Columns]:
    """The rows of a shape.

    Args:
        shape: The shape.
        place: Where its SELECT stands.
    """
    if shape.compound is None:
        return plain.rows(shape, place.context(shape))
    return _rows(shape, shape.compound, place, labelled=False)


def counted(shape: Shape, place: Place) -> tuple[sa.Select[Any], Columns]:
    """How many rows a shape has."""
    if shape.compound is None:
        return plain.counted(shape, place.context(shape))
    count: Any = sa.func.count(sa.text("*"))
    inner = _labelled(shape, shape.compound, place)
    return sa.select(count).select_from(inner.subquery("counted")), Columns(
        (count,), (Output("count", "integer"),)
    )


def existing(shape: Shape, place: Place) -> tuple[sa.Select[Any], Columns]:
    """Whether a shape has any row."""
    if shape.compound is None:
        return plain.existing(shape, place.context(shape))
    one = literal("1")
    return any_row(shape, place).limit(one), Columns((one,), (Output("exists", "integer"),))


def any_row(shape: Shape, place: Place) -> sa.Select[Any]:
    """A SELECT of a constant for each row of a shape."""
    if shape.compound is None:
        return plain.any_row(shape, place.context(shape))
    inner = _labelled(shape, shape.compound, place)
    return sa.select(literal("1")).select_from(inner.subquery("found"))


def in_exists(shape: Shape, place: Place) -> sa.Select[Any]:
    """A SELECT of a row for each one of a shape, as EXISTS takes it.

    Where the shape is a part of a query, it is no table of that: what is one cannot look at the query around
    it on every database.
    """
    if shape.compound is None and (shape.sliced or plain.over_rows(shape)):
        return plain.inner_rows(shape, place.context(shape))
    return any_row(shape, place)


def _labelled(shape: Shape, compound: Compound, place: Place) -> Statement:
    """The rows as a subquery, in an order only where that decides which there are."""
    if not shape.sliced:
        shape = msgspec.structs.replace(shape, ordering=(), reverse=False)
    return _rows(shape, compound, place, labelled=True)[0]


def _rows(shape: Shape, compound: Compound, place: Place, *, labelled: bool) -> tuple[Statement, Columns]:
    """The rows of a set operation.

    Args:
        shape: The set operation.
        compound: The same, what it is made of.
        place: Where it stands.
        labelled: Whether its columns must have names of their own (``c0``, …).
    """
    keys = sort_keys(place.schema, shape)
    every = names_of(place.schema, compound.parts[0])
    chosen = list(range(len(every)))
    if shape.style != "model" and shape.fields:
        chosen = [index for name in shape.fields for index in places(place.schema, shape, name)]
    around = shape.empty or chosen != list(range(len(every))) or any(order.random for order, _ in keys)
    if len(compound.parts) == 1 and (keys or shape.sliced):
        # A part alone has clauses of its own where those of the set operation would go.
        around = True
    made = [_part(part, place.branch(), labelled=labelled or around) for part in compound.parts]
    made = _in_one_form(place, made, labelled=labelled or around)
    columns = _columns([each for _, each in made])
    statement: Any = _operated(compound, [each for each, _ in made])
    # The columns of related objects stand between those of the object and the annotations.
    own = len(every) if shape.style != "model" else sum(map(bool, columns.groups[0].outputs))
    keys = [(order, at if at < own else at + len(columns.outputs) - len(every)) for order, at in keys]
    if around:
        inner = statement.subquery("combined")
        found = [inner.c[f"c{index}"] for index in range(len(columns.outputs))]
        clauses = [plain.sort_clause(order, None if order.random else found[at]) for order, at in keys]
        if shape.style != "model":
            columns = _taken(columns, chosen)
            found = [found[index] for index in chosen]
        statement = plain.selected(_named(found) if labelled else found)
        if shape.empty:
            statement = statement.where(literal("1") == literal("0"))
    else:
        clauses = [plain.sort_clause(order, literal(str(at + 1))) for order, at in keys]
    if clauses:
        statement = statement.order_by(*clauses)
    return plain.limited(shape, place.parameters, statement), columns


def _part(part: Shape, place: Place, *, labelled: bool) -> tuple[Any, Columns]:
    """The SELECT of one part, in a SELECT of its own where it has what a part cannot have."""
    if not part.sliced:
        part = msgspec.structs.replace(part, ordering=(), reverse=False)
    if part.compound is not None:
        statement, columns = _rows(part, part.compound, place, labelled=True)
    else:
        whole, columns = plain.rows(part, place.context(part))
        if not part.sliced and not labelled:
            return whole, columns
        named = _named(list(whole.selected_columns))
        statement = whole.with_only_columns(*named, maintain_column_froms=True)
        if not part.sliced:
            return statement, columns
    inner = statement.subquery("part")
    taken = [inner.c[f"c{index}"] for index in range(len(columns.outputs))]
    return plain.selected(_named(taken) if labelled else taken), columns


def _in_one_form(
    place: Place, made: list[tuple[Any, Columns]], *, labelled: bool
) -> list[tuple[Any, Columns]]:
    """The parts with the values of each column in one form, so that equal rows are equal in SQL."""
    expressions = place.dialect.expressions
    fields = list(zip(*(columns.computed for _, columns in made), strict=False))
    mixed = {index for index, each in enumerate(fields) if not expressions.one_form(each, each[0].kind)}
    if not mixed:
        return made
    inner = [list(statement.subquery("part").c) for statement, _ in made]
    for index in mixed:
        kind = fields[index][0].kind
        stored = [
            Computed(taken[index], each.kind, table=each.table, column=each.column)
            for taken, each in zip(inner, fields[index], strict=True)
        ]
        for taken, converted in zip(inner, expressions.in_one_form(stored, kind), strict=True):
            taken[index] = converted
    return [
        (
            plain.selected(_named(taken) if labelled else taken),
            msgspec.structs.replace(
                columns,
                outputs=tuple(
                    Output(output.name, fields[index][0].kind) if index in mixed else output
                    for index, output in enumerate(columns.outputs)
                ),
                computed=tuple(
                    Computed(taken[index], fields[index][0].kind) if index in mixed else each
                    for index, each in enumerate(columns.computed)
                ),
            ),
        )
        for taken, (_, columns) in zip(inner, made, strict=True)
    ]


def _named(columns: Sequence[Any]) -> list[Any]:
    """Each column under a name of its own."""
    return [column.label(f"c{index}") for index, column in enumerate(columns)]


def _operated(compound: Compound, statements: Sequence[Any]) -> Any:
    if len(statements) == 1:
        return statements[0]
    if compound.operator == "union":
        return sa.union_all(*statements) if compound.all else sa.union(*statements)
    return sa.intersect(*statements) if compound.operator == "intersection" else sa.except_(*statements)


def _columns(parts: Sequence[Columns]) -> Columns:
    """The columns of the first part, as far as the others agree with it."""
    first = parts[0]
    outputs = tuple(_output([part.outputs[index] for part in parts]) for index in range(len(first.outputs)))
    return msgspec.structs.replace(first, outputs=outputs, trailing=0)


def _output(parts: Sequence[Output]) -> Output:
    first = parts[0]
    nullable = any(part.nullable for part in parts)
    if all((part.table, part.column) == (first.table, first.column) for part in parts):
        return msgspec.structs.replace(first, nullable=nullable)
    # Another column may store the same kind of values in another form.
    return Output(first.name, first.kind, nullable=nullable)


def _taken(columns: Columns, chosen: Sequence[int]) -> Columns:
    """Some of the columns."""
    return Columns(
        tuple(columns.expressions[index] for index in chosen),
        tuple(columns.outputs[index] for index in chosen),
        computed=tuple(columns.computed[index] for index in chosen),
    )
