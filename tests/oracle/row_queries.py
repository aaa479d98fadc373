"""Random queries over rows, fields and plain aggregates.

Invariant: every choice comes from the ``Random`` that is passed in. A query is *defined*: its result does not depend on which of several equal rows
comes first, except as far as ``Query.comparison`` allows for.
"""

from __future__ import annotations

from .query import Call, OrderBy, Query, Select, Subscript
from .row_totals import RowTotals

__all__ = ["RowQueries"]


class RowQueries(RowTotals):
    """One query in the making."""

    def query(self) -> Query:
        makers = [self._objects, self._columns, self._scalar, self._one, self._grouped, self._annotated]
        (maker,) = self.rng.choices(makers, [38, 22, 10, 10, 10, 10])
        self._filters()
        maker()
        return Query(self.table, tuple(self.steps))

    def _objects(self) -> None:
        if self.chance(0.2):
            self.steps.append(Call("distinct"))
        if self.chance(0.6):
            self._total_order()
            if self.chance(0.5):
                self._part()
        elif self.chance(0.2):
            paths = self._sort_paths(many=True)
            if paths:
                self.steps.append(OrderBy(tuple(map(self._key, paths))))
        if self.chance(0.08) and not any(isinstance(step, Subscript) for step in self.steps):
            self.steps.append(Call("iterator", (), (("chunk_size", self.rng.choice((1, 7, 2000))),)))
        elif self.chance(0.02):
            self.steps.append(Call("none"))

    def _columns(self) -> None:
        """``values`` and ``values_list``; ordered ones are compared in groups of ties."""
        names = [path for _ in range(self.rng.choice((1, 2, 2, 3))) if (path := self._output()) is not None]
        names = list(dict.fromkeys(names)) or list(self._key_names())
        if self.chance(0.15) and self.model.named:
            names = []
        if names and self.chance(0.35):
            keys = self.rng.sample(names, self.rng.randrange(1, len(names) + 1))
            rest = [name for name in names if name not in keys]
            self.steps.append(OrderBy(tuple(map(self._key, keys))))
            self._distinct_at(0.35)
            self.steps.append(Select("values_list", (*keys, *rest), self.rng.choice(("", "", "named"))))
            return
        self._distinct_at(0.3)
        if len(names) == 1 and self.chance(0.5):
            self.steps.append(Select("values_list", (names[0],), "flat"))
        else:
            self.steps.append(Select(self.rng.choice(("values", "values_list")), tuple(names)))
        if self.chance(0.08):
            self.steps.append(Call(self.rng.choice(("count", "exists"))))
            return
        to_one = not any(self._is_many(name.split("__")) for name in names)
        if to_one and self.chance(0.4):
            self._total_order()
            if self.chance(0.6):
                self._part()

    def _scalar(self) -> None:
        self._distinct_at(0.2)
        if self.chance(0.25):
            self._total_order()
            self._part(step=False)
        method = self.rng.choice(("count", "count", "exists"))
        self.steps.append(Call(method))

    def _one(self) -> None:
        """Methods that give one row."""
        shape = self.rng.randrange(8)
        if shape == 0 and len(self.model.key) == 1:
            if self.chance(0.3):
                self.steps.append(Call("reverse"))
            self.steps.append(Call(self.rng.choice(("first", "last"))))
        elif shape == 1:
            self._total_order()
            names = self.steps.pop()
            if isinstance(names, OrderBy) and all(isinstance(name, str) for name in names.names):
                self.steps.append(Call(self.rng.choice(("earliest", "latest")), names.names))
            else:
                self.steps.append(Call("exists"))
        elif shape == 2 and (key := self.model.key_field()) is not None:
            keys = [self.leaves.seed(self.table)[key.column] for _ in range(3)]
            self.steps.append(Call("in_bulk", (keys,)))
        elif shape == 3:
            seed = self.leaves.seed(self.table)
            one = Call("get", (), tuple((column, seed[column]) for column in self.model.key))
            self.steps.append(Call("contains", (Query(self.table, (one,)),)))
        elif shape == 4:
            column = (
                self.rng.choice(self.model.fields[:3]).name if len(self.model.key) == 1 else self.model.key[0]
            )
            self.steps.append(Call("get", (), ((column, self._value(column)),)))
        elif shape == 5:
            self._total_order()
            self.steps.append(Subscript(self.rng.choice((0, 0, 1, 2)), item=True))
        else:
            self._total_order()
            self.steps.append(Call(self.rng.choice(("first", "last"))))
