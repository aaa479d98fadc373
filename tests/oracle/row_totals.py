"""Random aggregates of fields: totals, groups, annotated rows.

Invariant: a condition on an aggregate is defined by the data: no value that a sum of reals can come near to.
"""

from __future__ import annotations

from .conditions import CONNECTORS
from .leaves import COMPARABLE
from .query import Aggregate, Call, Condition, Group, Leaf, Not, OrderBy, Ref, Select, Subscript, Where
from .rows import Rows

__all__ = ["RowTotals"]


class RowTotals(Rows):
    """One query in the making."""

    def _aggregate(self, *, plain: bool) -> Aggregate | None:
        rng = self.rng
        function = rng.choice(("Count", "Count", "Count", "Sum", "Avg", "Min", "Max"))
        condition = None
        if plain and self.chance(0.12):
            depth, hops = rng.choice((0, 0, 1)), rng.choice((0, 1))
            condition = self.conditions.condition(self.table, self.row, depth, hops, inside=True)
            if _is_impossible(condition):
                # Django leaves such an aggregate out, and every condition on it.
                condition = None
        distinct = function in ("Count", "Sum", "Avg") and self.chance(0.25)
        target = self._counted() if function == "Count" else self._summed(function)
        if target is None or (not plain and self._is_many(target.split("__"))):
            return None
        default = None
        if function == "Sum" and self._field(target)[1].kind == "integer" and self.chance(0.15):
            default = 0
        return Aggregate(function, target, distinct, condition, default)

    def _counted(self) -> str | None:
        """A relation or a field to count."""
        path, model, _ = self.leaves.walk(self.table, [self.row], self.rng.choice((1, 1, 1, 2)))
        if len(model.key) == 1 and self.chance(0.8):
            return "__".join(path)
        return self._path(self.rng.choice((0, 1)))

    def _summed(self, function: str) -> str | None:
        kinds = ("integer", "real", "decimal") if function in ("Sum", "Avg") else COMPARABLE
        return self._path(self.rng.choice((0, 1, 1, 2)), kinds=kinds)

    def _aggregates(self, *, plain: bool = True) -> tuple[tuple[str, object], ...]:
        count = self.rng.choice((1, 1, 2))
        found = [aggregate for _ in range(count) if (aggregate := self._aggregate(plain=plain))]
        found = found or [Aggregate("Count", self._key_names()[0])]
        return tuple((f"a{number}", aggregate) for number, aggregate in enumerate(found, 1))

    def _grouped(self) -> None:
        """``aggregate()``, or ``values().annotate()`` grouped by fields."""
        if self.chance(0.4):
            self._distinct_at(0.1)
            if self.chance(0.25):
                self._total_order()
                self._part(step=False)
            # Rows that are cut or made distinct are those with the aggregated columns beside them.
            plain = all(not isinstance(step, Subscript) and step != Call("distinct") for step in self.steps)
            self.steps.append(Call("aggregate", (), self._aggregates(plain=plain)))
            return
        names = [path for _ in range(self.rng.choice((1, 1, 2))) if (path := self._output()) is not None]
        names = list(dict.fromkeys(names)) or [self.model.fields[0].name]
        aggregates = self._aggregates()
        self.steps.append(Select("values", tuple(names)))
        self.steps.append(Call("annotate", (), aggregates))
        # What HAVING reads besides the aggregates makes several rows of a group.
        split = self.chance(0.3) and self._having(aggregates) is not None
        if not split and self.chance(0.6):
            keys = dict.fromkeys((*self._alias(aggregates), *names))
            self.steps.append(OrderBy(tuple(map(self._sign, keys)), total=True, of_groups=True))
            if self.chance(0.4):
                self._part(step=False)
        if self.chance(0.1):
            self.steps.append(Call("count"))

    def _annotated(self) -> None:
        """``annotate()`` on rows, then filters and orders that use the annotation."""
        if self.chance(0.2):
            self._referring()
            return
        aggregates = self._aggregates()
        self.steps.append(
            Call(self.rng.choice(("annotate", "annotate", "annotate", "alias")), (), aggregates)
        )
        aliased = self.steps[-1] == Call("alias", (), aggregates)
        if self.chance(0.4):
            path = self._having(aggregates)
            if path is not None and self._is_many(path.split("__")):
                return
        if self.chance(0.3):
            self.steps.append(self.conditions.where(self.table, self.row))
        if self.chance(0.3) and not aliased:
            self.steps.append(
                Select(self.rng.choice(("values", "values_list")), (*self._key_names()[:1], "a1"))
            )
            if len(self.model.key) > 1:
                return
        if self.chance(0.6):
            self._total_order(self._alias(aggregates))
            if self.chance(0.4):
                self._part()
                return
        # Django groups by the first column only when it counts rows with a composite key.
        if len(self.model.key) == 1 and self.chance(0.15):
            self.steps.append(Call(self.rng.choice(("count", "exists"))))

    def _referring(self) -> None:
        """``annotate(f1=F(path))``, filtered and sorted by that name."""
        path = self._path(self.rng.choice((0, 1, 1, 2)), many=False, kinds=("integer", "text", "real"))
        if path is None or len(self.model.key) > 1:
            return
        self.steps.append(Call("annotate", (), (("f1", Ref(path)),)))
        value = self._value(path)
        condition = (
            Leaf("f1__isnull", True)
            if value is None
            else Leaf(f"f1__{self.rng.choice(('lte', 'gte'))}", value)
        )
        if self.chance(0.6):
            self.steps.append(Where(self.rng.choice(("filter", "filter", "exclude")), (condition,)))
        if self.chance(0.4):
            self.steps.append(Call("annotate", (), self._aggregates()))
        if self.chance(0.5):
            self.steps.append(Select(self.rng.choice(("values", "values_list")), ("pk", "f1")))
        if self.chance(0.7):
            self._total_order(("f1",))
            if self.chance(0.3):
                self._part()

    def _alias(self, aggregates: tuple[tuple[str, object], ...]) -> tuple[str, ...]:
        return (self.rng.choice(aggregates)[0],) if self.chance(0.6) else ()

    def _having(self, aggregates: tuple[tuple[str, object], ...]) -> str | None:
        """A condition on an aggregate, alone or beside one on the rows, whose path it gives back."""
        name, aggregate = self.rng.choice(aggregates)
        assert isinstance(aggregate, Aggregate)
        condition: Condition
        if aggregate.function in ("Min", "Max"):
            value = self._value(aggregate.path)
            lookup = "isnull" if value is None else self.rng.choice(("gte", "lte", "lt", "gt"))
            condition = Leaf(f"{name}__{lookup}", True if value is None else value)
        else:
            lookup = self.rng.choice(("gte", "gt", "lte", "lt", "in", "range", "exact"))
            value = self.rng.choice((0, 1, 1, 2, 3, 10))
            if lookup == "in":
                value = [0, 1, 2]
            elif lookup == "range":
                value = (1, 20)
            condition = Leaf(f"{name}__{lookup}", value)
        path = None
        if self.chance(0.25):
            # Django groups by what HAVING reads, and by a date itself as well when it reads a part of it.
            leaf = self.leaves.leaf(self.table, self.row, hops=self.rng.choice((0, 0, 1)), transforms=False)
            condition = Group(self.rng.choice(CONNECTORS), (condition, leaf))
            path = leaf.key
        self.steps.append(Where("exclude" if self.chance(0.15) else "filter", (condition,)))
        return path


def _is_impossible(condition: Condition) -> bool:
    """Whether an empty list is somewhere in it."""
    match condition:
        case Leaf(_, value):
            return value == []
        case Not(item):
            return _is_impossible(item)
        case Group(_, items):
            return any(map(_is_impossible, items))
