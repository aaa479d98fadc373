"""Random subqueries that look at the row around them.

Invariant: a subquery that gives one value has a total order and takes the first row, or aggregates.
"""

from __future__ import annotations

from random import Random

from .aggregations import Aggregations
from .conditions import Conditions
from .expressions import Expressions, Scope
from .nodes import Condition, Fn, Infix, Leaf, Not
from .query import Call, OrderBy, Query, Select, Step, Subscript, Where
from .world import Relation, World

__all__ = ["Nested"]


class Nested:
    """Makes ``Subquery`` and ``Exists`` over one world from one source of randomness."""

    def __init__(
        self,
        world: World,
        rng: Random,
        conditions: Conditions,
        expressions: Expressions,
        aggregations: Aggregations,
    ) -> None:
        self.world = world
        self.rng = rng
        self.conditions = conditions
        self.expressions = expressions
        self.aggregations = aggregations
        expressions.subqueries = self.value
        expressions.exists = self.exists

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def exists(self, scope: Scope) -> Condition | None:
        """``Exists(db.posts.filter(author=OuterRef("pk")))`` and its like."""
        around = self._around(scope)
        if around is None:
            return None
        table, where = around
        steps: list[Step] = [where]
        if self.chance(0.4):
            steps.append(self._filter(table, scope))
        if self.chance(0.2) and (further := self._twice(table, scope)) is not None:
            steps.append(further)
        if self.chance(0.1):
            steps.append(OrderBy(("pk",), total=True))
            steps.append(Subscript(self.rng.choice((0, 1)), 3))
        made = Fn("Exists", (Query(table, tuple(steps)),))
        return Not(made) if self.chance(0.35) else made

    def value(self, scope: Scope, kind: str) -> Fn | None:
        """One value of a kind out of other rows."""
        around = self._around(scope)
        if around is None:
            return None
        table, where = around
        steps: list[Step] = [where]
        if self.chance(0.3):
            steps.append(self._filter(table, scope))
        if self.chance(0.1) and (further := self._twice(table, scope)) is not None:
            steps.append(further)
        if kind == "integer" and self.chance(0.5) and len(where.conditions) == 1:
            return self._counted(table, where, steps, scope)
        inner = Scope(table, self.rng.choice(self.world.rows(table)))
        fields = [field.name for field in self.world.models[table].fields if field.kind == kind]
        if not fields:
            return None
        name = self.rng.choice(fields)
        key = self.world.models[table].key
        order = (self.rng.choice((f"-{name}", name)), *(key if len(key) > 1 else ("pk",)))
        steps.append(OrderBy(order, total=True))
        if self.chance(0.25):
            steps.append(Call("annotate", (), (("x", self.expressions.of(kind, 1, inner)),)))
            name = "x"
        steps.append(Select(self.rng.choice(("values", "values", "values_list")), (name,)))
        start = self.rng.choice((None, None, None, 0, 1))
        steps.append(Subscript(start, (start or 0) + 1))
        return Fn("Subquery", (Query(table, tuple(steps)),))

    def _counted(self, table: str, where: Where, steps: list[Step], scope: Scope) -> Fn | None:
        """``.values("author").annotate(n=Count("pk")).values("n")``: one group for the row around."""
        (leaf,) = where.conditions
        if not isinstance(leaf, Leaf) or "__" in leaf.key:
            return None
        inner = Scope(table, self.rng.choice(self.world.rows(table)))
        aggregate, kind = self.aggregations.aggregate(inner, 0)
        if kind != "integer":
            return None
        steps.append(Select("values", (leaf.key,)))
        steps.append(Call("annotate", (), (("n", aggregate),)))
        steps.append(Select("values", ("n",)))
        return Fn("Subquery", (Query(table, tuple(steps)),))

    def _twice(self, table: str, scope: Scope) -> Where | None:
        """``Exists`` inside the subquery that looks at the row around it and at the one around that."""
        around = self._around(Scope(table, self.rng.choice(self.world.rows(table))))
        if around is None or scope.prefix:
            return None
        inner, tie = around
        kind = self.rng.choice(("integer", "text", "date", "datetime"))
        own, other = (
            [
                field.name
                for field in self.world.models[each].fields
                if field.kind == kind and not field.foreign
            ]
            for each in (scope.table, inner)
        )
        if not own or not other:
            return None
        outer = Fn("OuterRef", (Fn("OuterRef", (self.rng.choice(own),)),))
        lookup = self.rng.choice(("", "__gt", "__lte", "__lt"))
        both = Where("filter", (*tie.conditions, Leaf(self.rng.choice(other) + lookup, outer)))
        made = Fn("Exists", (Query(inner, (both,)),))
        return Where(self.rng.choice(("filter", "filter", "exclude")), (made,))

    def _filter(self, table: str, scope: Scope) -> Where:
        inner = Scope(table, self.rng.choice(self.world.rows(table)))
        saved, self.expressions.exists = self.expressions.exists, lambda scope: None
        try:
            condition = self.expressions.condition(inner, 1)
        finally:
            self.expressions.exists = saved
        return Where(self.rng.choice(("filter", "filter", "exclude")), (condition,))

    def _around(self, scope: Scope) -> tuple[str, Where] | None:
        """Another table and the condition that ties its rows to the row around."""
        model = self.world.models[scope.table]
        ways = [
            (relation, back) for relation in model.relations if (back := self._back(scope.table, relation))
        ]
        if ways and self.chance(0.75) and len(model.key) == 1:
            relation, back = self.rng.choice(ways)
            outer = Fn("OuterRef", (scope.path("pk"),))
            return relation.target, Where("filter", (Leaf(back, outer),))
        if scope.prefix:
            return None
        table = self.rng.choice(("people", "posts", "events", "comments", scope.table))
        kind = self.rng.choice(("integer", "text", "date", "datetime"))
        own = [field.name for field in model.fields if field.kind == kind and not field.foreign]
        other = [
            field.name
            for field in self.world.models[table].fields
            if field.kind == kind and not field.foreign
        ]
        if not own or not other or len(self.world.models[table].key) > 1:
            return None
        outer: object = Fn("OuterRef", (self.rng.choice(own),))
        if kind == "integer" and self.chance(0.2):
            outer = Infix(self.rng.choice("+-*"), outer, self.rng.choice((1, 2)))
        lookup = self.rng.choice(("", "", "__gt", "__lte", "__lt"))
        return table, Where("filter", (Leaf(self.rng.choice(other) + lookup, outer),))

    def _back(self, table: str, relation: Relation) -> str | None:
        """The name of the relation in its target that leads back, where that is one foreign key."""
        if len(relation.hops) != 1:
            return None
        ((start, _, end),) = relation.hops
        for other in self.world.models[relation.target].relations:
            if other.target == table and other.hops == ((end, table, start),) and not other.many:
                return other.name
        return None
