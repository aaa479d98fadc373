"""Random filters, excludes and ``Q`` trees over random lookups.

Invariant: what is joined by ``&`` is built around one row, so that a deep condition still has rows.
"""

from __future__ import annotations

from random import Random
from typing import Literal

from .leaves import Leaves
from .query import Call, Condition, Group, Leaf, Not, Query, Select, Where
from .world import Row, World

__all__ = ["CONNECTORS", "Conditions"]

CONNECTORS: tuple[Literal["&", "|", "^"], ...] = ("&", "&", "|", "|", "|", "^")
"""As often as they are drawn."""


class Conditions:
    """Makes conditions over one world from one source of randomness."""

    def __init__(self, world: World, rng: Random) -> None:
        self.world = world
        self.rng = rng
        self.leaves = Leaves(world, rng)

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def where(self, table: str, row: Row) -> Where:
        """One filter that ``row`` passes, or one exclude that it survives; most of the time."""
        exclude = self.chance(0.25)
        around = self.leaves.seed(table) if exclude else row
        count = self.rng.choice((1, 1, 1, 2))
        conditions = tuple(
            self.condition(table, around, self.rng.choice((0, 0, 0, 1, 2))) for _ in range(count)
        )
        return Where("exclude" if exclude else "filter", conditions)

    def condition(
        self, table: str, row: Row, depth: int, hops: int | None = None, *, inside: bool = False
    ) -> Condition:
        """A condition of some depth; ``inside`` an aggregate there are no subqueries."""
        if depth == 0:
            if not inside and self.chance(0.03):
                return self._subquery(table, row)
            if not inside and self.chance(0.02):
                return self._object(table, row)
            if len(key := self.world.models[table].key) > 1 and self.chance(0.2):
                return self._composite(table, key, row)
            return self.leaves.leaf(table, row, hops=hops)
        if self.chance(0.25):
            return Not(self.condition(table, self.leaves.seed(table), depth - 1, hops, inside=inside))
        connector = self.rng.choice(CONNECTORS)
        items = [self.condition(table, row, self.rng.randrange(depth), hops, inside=inside)]
        while len(items) < self.rng.choice((2, 2, 3)):
            around = row if connector == "&" else self.leaves.seed(table)
            items.append(self.condition(table, around, self.rng.randrange(depth), hops, inside=inside))
        return Group(connector, tuple(items))

    def _subquery(self, table: str, row: Row) -> Leaf:
        """``author__in=db.people.filter(…)`` or ``id__in=db.posts.filter(…).values("author")``."""
        model = self.world.models[table]
        relations = [
            relation for relation in model.relations if self.world.models[relation.target].key_field()
        ]
        relation = self.rng.choice(relations)
        found = self.world.follow(row, relation)
        seed = self.rng.choice(found) if found else self.leaves.seed(relation.target)
        where = Where("filter", (self.leaves.leaf(relation.target, seed, hops=self.rng.choice((0, 0, 1))),))
        inner = Query(relation.target, (where,))
        key = model.key_field()
        back = [one for one in self.world.models[relation.target].relations if one.target == table]
        if key is not None and back and self.chance(0.5):
            select = Select("values", (self.rng.choice(back).name,))
            return Leaf("pk__in", Query(relation.target, (where, select)))
        return Leaf(f"{relation.name}__in", inner)

    def _object(self, table: str, row: Row) -> Leaf:
        """``author=db.people.get(id=1)``."""
        relation = self.rng.choice(self.world.models[table].relations)
        found = self.world.follow(row, relation)
        target = self.rng.choice(found) if found else self.leaves.seed(relation.target)
        key = self.world.models[relation.target].key_field()
        if key is None:
            return self.leaves.leaf(table, row)
        return Leaf(
            relation.name, Query(relation.target, (Call("get", (), ((key.name, target[key.column]),)),))
        )

    def _composite(self, table: str, key: tuple[str, ...], row: Row) -> Leaf:
        """``pk=(1, 2)`` and ``pk__in=[(1, 2), …]``."""
        keys = [
            tuple(each[column] for column in key)
            for each in (row, *self.rng.sample(self.world.rows(table), 3))
        ]
        return Leaf("pk", keys[0]) if self.chance(0.5) else Leaf("pk__in", keys)
