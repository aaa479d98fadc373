"""What every random query is made of: filters, paths, orders and parts.

Invariant: every choice comes from the ``Random`` that is passed in.
"""

from __future__ import annotations

from random import Random
from typing import Any

from .conditions import Conditions
from .leaves import COMPARABLE
from .query import Call, Combine, OrderBy, Query, SortKey, Step, Subscript
from .world import Field, Model, World

__all__ = ["Rows"]

_TABLES = ("people", "people", "people", "posts", "posts", "posts", "comments", "comments", "memberships")
_RARE_TABLES = (
    "clubs",
    "countries",
    "categories",
    "tags",
    "profiles",
    "passports",
    "post_tags",
    "friendships",
    "events",
    "events",
)


class Rows:
    """One query in the making."""

    def __init__(self, world: World, rng: Random) -> None:
        self.world = world
        self.rng = rng
        self.conditions = Conditions(world, rng)
        self.leaves = self.conditions.leaves
        self.table = rng.choice(_TABLES if rng.random() < 0.8 else _RARE_TABLES)
        self.model: Model = world.models[self.table]
        self.row = self.leaves.seed(self.table)
        self.steps: list[Step] = []

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def _filters(self) -> None:
        for _ in range(self.rng.choice((0, 1, 1, 1, 2, 2, 3))):
            self.steps.append(self.conditions.where(self.table, self.row))
        if self.chance(0.1):
            others = [
                self.conditions.where(self.table, self.leaves.seed(self.table))
                for _ in range(self.rng.choice((0, 1, 1, 1, 2)))
            ]
            self.steps.append(
                Combine(self.rng.choice(("&", "|", "|", "^")), Query(self.table, tuple(others)))
            )

    def _path(self, hops: int, *, many: bool = True, kinds: tuple[str, ...] = COMPARABLE) -> str | None:
        """A random path to a field of one of the kinds, or None where the walk ends without one."""
        path, model, _ = self.leaves.walk(self.table, [self.row], hops)
        if not many and self._is_many(path):
            return None
        fields = [field for field in model.fields if field.kind in kinds]
        return "__".join([*path, self.rng.choice(fields).name]) if fields else None

    def _is_many(self, path: list[str]) -> bool:
        """Whether a path, with or without a field at its end, leads to several rows."""
        model = self.model
        for name in path:
            relation = next((one for one in model.relations if one.name == name), None)
            if relation is None:
                return False
            if relation.many:
                return True
            model = self.world.models[relation.target]
        return False

    def _total_order(self, extra: tuple[str, ...] = ()) -> None:
        """Sort keys that end in the primary key, so that every row has one place."""
        names: list[str | SortKey] = [self._key(name) for name in self._sort_paths(many=False)]
        names += [self._sign(name) for name in extra]
        self.steps.append(OrderBy((*names, *(self._sign(name) for name in self._key_names())), total=True))
        if self.chance(0.12):
            self.steps.append(Call("reverse"))

    def _key_names(self) -> tuple[str, ...]:
        return self.model.key if len(self.model.key) > 1 else ("pk",)

    def _sort_paths(self, *, many: bool) -> list[str]:
        paths = (
            self._path(self.rng.choice((0, 0, 1, 1, 2)), many=many)
            for _ in range(self.rng.choice((0, 1, 1, 2)))
        )
        return list(dict.fromkeys(path for path in paths if path is not None))

    def _sign(self, name: str) -> str:
        return f"-{name}" if self.chance(0.4) else name

    def _key(self, name: str) -> str | SortKey:
        if self.chance(0.2):
            return SortKey(name, self.chance(0.5), self.rng.choice(("first", "last")))
        return self._sign(name)

    def _part(self, *, step: bool = True) -> None:
        """A slice, sometimes with a step, sometimes a slice of a slice."""
        start = self.rng.choice((None, 0, 1, 2, 5))
        stop = self.rng.choice((None, 3, 7, 10, 30))
        if start is None and stop is None:
            stop = 4
        self.steps.append(Subscript(start, stop))
        if self.chance(0.15):
            self.steps.append(Subscript(self.rng.choice((None, 1)), self.rng.choice((2, 4))))
        elif step and self.chance(0.2):
            self.steps[-1] = Subscript(start, stop, self.rng.choice((1, 2, 3)))

    def _output(self) -> str | None:
        if self.chance(0.15):
            single = [
                relation.name
                for relation in self.model.relations
                if len(self.world.models[relation.target].key) == 1
            ]
            return self.rng.choice(single) if single else None
        kinds = (*COMPARABLE, "boolean")
        return self._path(self.rng.choice((0, 0, 0, 1, 1, 2)), kinds=kinds)

    def _distinct_at(self, share: float) -> None:
        if self.chance(share):
            self.steps.append(Call("distinct"))

    def _field(self, path: str) -> tuple[Model, Field]:
        model = self.model
        *relations, name = path.split("__")
        for each in relations:
            model = self.world.models[next(one.target for one in model.relations if one.name == each)]
        return model, next(field for field in model.fields if field.name == name)

    def _value(self, path: str) -> Any:
        model, field = self._field(path)
        return self.rng.choice(self.world.rows(model.table))[field.column]
