"""From ``FilteredRelation`` to a step of a shape.

Invariant: the condition of a filtered relation reads the joined row, the rows on the way to it and the first
row, and nothing else; so the ON clause that it becomes needs no other join.
"""

from __future__ import annotations

from noormme.errors import NotSupported, UsageError
from noormme.query.build import Builder, nested_too_deeply
from noormme.query.expressions.relations import FilteredRelation
from noormme.query.nodes import Condition, Junction
from noormme.query.nodes import Expression as Node
from noormme.query.resolve import FilteredHop, resolve, resolve_relations
from noormme.query.shape import FilteredJoin, Shape
from noormme.schema.model import Relation, Schema, Table

__all__ = ["filtered_join"]


def filtered_join(
    schema: Schema,
    table: Table,
    start: int,
    shape: Shape,
    name: str,
    given: FilteredRelation,
    *,
    home: object = None,
) -> tuple[FilteredJoin, list[object]]:
    """The step of one filtered relation, and its values.

    Args:
        schema: The schema of the query's table.
        table: The query's table.
        start: How many values the query has already.
        shape: The query.
        name: What the relation shall be called.
        given: The relation and the condition.
        home: What the queries of its database have in common.

    Raises:
        RelationNotFound: There is no such relation.
        FieldNotFound: The condition names an unknown field.
        UsageError: The name cannot stand in a path, or the condition reaches beyond the relation.
        NotSupported: The relation is a filtered one already.
    """
    if "__" in name:
        raise UsageError(
            f"'{name}' cannot name a relation: two underscores part the names of a path",
            hint="choose another name",
        )
    path = resolve_relations(schema, table, given.relation_name, shape.filtered)
    if isinstance(path[-1], FilteredHop):
        raise NotSupported(
            f"'{given.relation_name}' is a filtered relation already",
            hint="put both conditions into one FilteredRelation",
        )
    builder = _ConditionBuilder(schema, table, start, shape, name, given.relation_name, path)
    builder.home = home
    try:
        condition = builder.condition(given.condition)
    except RecursionError:
        raise nested_too_deeply() from None
    return FilteredJoin(name, given.relation_name, condition), builder.values


class _ConditionBuilder(Builder):
    """Takes the condition of a filtered relation apart: its path becomes its new name."""

    def __init__(
        self,
        schema: Schema,
        table: Table,
        start: int,
        shape: Shape,
        name: str,
        relation: str,
        path: tuple[Relation, ...],
    ) -> None:
        known = shape.filtered
        super().__init__(
            schema,
            table,
            start,
            shape.annotations,
            {**known, name: FilteredJoin(name, relation, Junction("AND", ()))},
        )
        self._known = known
        self._name = name
        self._relation = relation
        self._path = path

    def lookup(self, name: str, value: object) -> Condition:
        """The node of one keyword lookup."""
        return super().lookup(self._renamed(name, with_lookup=True), value)

    def field(self, name: object) -> Node:
        """A field by name, or an expression."""
        return super().field(self._renamed(name, with_lookup=False) if isinstance(name, str) else name)

    def _renamed(self, name: str, *, with_lookup: bool) -> str:
        """A name with the new name of the relation in place of its path."""
        target = resolve(
            self.schema,
            self.table,
            name,
            annotations=self.annotations,
            filtered=self._known,
            with_lookup=with_lookup,
        )
        hops = target.hops
        if target.annotation is not None:
            raise NotSupported(
                f"the condition of the filtered relation '{self._name}' cannot use the annotation "
                f"'{target.annotation}'",
                hint="write its expression into the condition",
            )
        last = target.relation
        if last is not None and last.forward and hops != self._path and not isinstance(last, FilteredHop):
            # A reference is read where it is held.
            hops = hops[:-1]
        if hops != self._path[: len(hops)]:
            raise UsageError(
                f"the condition of the filtered relation '{self._name}' reaches beyond '{self._relation}': "
                f"'{name}'",
                hint=f"name fields of '{self._relation}', or of the row itself",
            )
        if name == self._relation or name.startswith(f"{self._relation}__"):
            return self._name + name[len(self._relation) :]
        return name
