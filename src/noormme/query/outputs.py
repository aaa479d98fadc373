"""What a query selects: which columns, and which of them make which object.

Invariant: the columns of a row stand in this order: the link of a batch, the groups of objects, the
annotations, and what the database needs only to sort by.
"""

from __future__ import annotations

from typing import Any

import msgspec

from noormme.errors import InvalidQuery
from noormme.query.computed import Computed
from noormme.query.context import Context
from noormme.query.joins import Source
from noormme.query.plan import Output, RowGroup
from noormme.query.resolve import FilteredHop, key_columns, model_columns, resolve, resolve_relations
from noormme.query.shape import Shape
from noormme.schema.model import Table

__all__ = ["Columns", "columns_of", "output_of"]


class Columns(msgspec.Struct, frozen=True):
    """The select list of one statement.

    Attributes:
        expressions: The SQL of each column.
        outputs: How each is decoded and what it is called.
        groups: Which columns make which object.
        leading: Columns before the first group.
        trailing: Columns at the end that are not part of the result.
        keys: Where in a row the sort keys stand that a cursor is made of.
        computed: What is known of each expression, where they are fields of ``values()``.
    """

    expressions: tuple[Any, ...]
    outputs: tuple[Output, ...]
    groups: tuple[RowGroup, ...] = ()
    leading: int = 0
    trailing: int = 0
    keys: tuple[int, ...] = ()
    computed: tuple[Any, ...] = ()


def columns_of(shape: Shape, context: Context) -> Columns:
    """The select list of a shape.

    Args:
        shape: The shape.
        context: The SELECT, which gets the joins that the columns need.

    Raises:
        InvalidQuery: A field cannot be selected.
    """
    if shape.style == "model":
        return _objects(shape, context)
    return _values(shape, context)


def _values(shape: Shape, context: Context) -> Columns:
    names = shape.fields
    if not names:
        selected = tuple(name for name, step in shape.annotations.items() if step.selected)
        names = tuple(column.field for column in model_columns(context.table)) + selected
    expressions: list[Any] = []
    outputs: list[Output] = []
    computed: list[Computed] = []
    for name in names:
        found = context.chosen(name)
        if len(found) != 1:
            parts = ", ".join(f"'{column.field}'" for column in context.target(name).columns)
            raise InvalidQuery(
                f"'{name}' on {context.table.name} is a composite key", hint=f"name its fields: {parts}"
            )
        expressions.append(found[0].sql)
        outputs.append(output_of(name, found[0]))
        computed.append(found[0])
    return Columns(tuple(expressions), tuple(outputs), computed=tuple(computed))


def output_of(name: str, computed: Computed) -> Output:
    """The output of an expression, decoded as its column where it is one.

    Args:
        name: What it is called in the result.
        computed: The expression.
    """
    if computed.table is None or computed.column is None:
        return Output(name, computed.kind)
    return Output(name, computed.kind, computed.table.name, computed.column.name)


class _Objects:
    """Collects the columns of the objects of one row."""

    def __init__(self, shape: Shape, context: Context) -> None:
        self.context = context
        self.expressions: list[Any] = []
        self.outputs: list[Output] = []
        self.groups: list[RowGroup] = []
        self.kept = _kept(shape, context) if shape.deferred else {}

    def add(
        self, table: Table, source: Source, path: str, parent: int | None, relation: str, inverse: str
    ) -> int:
        wanted = self.kept.get(path)
        key = {column.name for column in key_columns(table)}
        outputs: list[Output | None] = []
        positions: list[int] = []
        for column in model_columns(table):
            if wanted is not None and column.field not in wanted and column.name not in key:
                outputs.append(None)
                continue
            if column.name in key:
                positions.append(len(self.expressions))
            output = Output(column.field, column.kind, table.name, column.name, column.nullable)
            self.expressions.append(source.column(column.name))
            self.outputs.append(output)
            outputs.append(output)
        self.groups.append(RowGroup(table.name, tuple(outputs), parent, relation, tuple(positions), inverse))
        return len(self.groups) - 1


def _objects(shape: Shape, context: Context) -> Columns:
    collected = _Objects(shape, context)
    if shape.link is not None:
        relation = context.schema.relations_of(context.table.name)[shape.link.relation]
        junction = context.tree.junction(context.tree.root, relation, shape.link.scope)
        for name in relation.through_target_columns:
            collected.expressions.append(junction.column(name))
            column = junction.table.column(name)
            assert column is not None, "a relation names columns of its junction"
            collected.outputs.append(Output(column.field, column.kind, junction.table.name, name))
    leading = len(collected.expressions)
    collected.add(context.table, context.tree.root, "", None, "", "")
    made: dict[str, tuple[int, Source]] = {"": (0, context.tree.root)}
    for path in shape.related:
        before = ""
        for hop in resolve_relations(context.schema, context.table, path, context.filtered):
            here = f"{before}__{hop.name}" if before else hop.name
            if here not in made:
                parent, source = made[before]
                joined = context.tree.hop(source, hop, None)
                both = hop.kind == "one_to_one" and not isinstance(hop, FilteredHop)
                inverse = hop.inverse if both else ""
                made[here] = (collected.add(joined.table, joined, here, parent, hop.name, inverse), joined)
            before = here
    for name, step in shape.annotations.items():
        if step.selected:
            computed = context.annotation(name)
            collected.expressions.append(computed.sql)
            collected.outputs.append(output_of(name, computed))
    return Columns(tuple(collected.expressions), tuple(collected.outputs), tuple(collected.groups), leading)


def _kept(shape: Shape, context: Context) -> dict[str, frozenset[str]]:
    """For each object path with deferred fields: the fields that are loaded."""
    named: dict[str, set[str]] = {}
    for name in shape.deferred:
        target = resolve(context.schema, context.table, name)
        hops = target.hops
        if target.relation is not None and target.relation.forward:
            # Naming a relation means the columns that hold it.
            hops = hops[:-1]
            table = context.schema.table(target.relation.source)
            assert table is not None, "a relation leaves from a table of the same schema"
            held = (table.column(column) for column in target.relation.columns)
            columns = [column for column in held if column is not None]
        else:
            columns = list(target.columns)
        fields = named.setdefault("__".join(hop.name for hop in hops), set())
        fields.update(column.field for column in columns)
    kept: dict[str, frozenset[str]] = {}
    for path, fields in named.items():
        hops = resolve_relations(context.schema, context.table, path) if path else ()
        table = context.schema.table(hops[-1].target) if hops else context.table
        assert table is not None, "a relation leads to a table of the same schema"
        every = {column.field for column in model_columns(table)}
        kept[path] = frozenset(fields if shape.only else every - fields)
    return kept
