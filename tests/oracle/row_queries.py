"""Random queries over rows, fields and plain aggregates.

Invariant: every choice comes from the ``Random`` that is passed in. A query is *defined*: its result does not depend on which of several equal rows
comes first, except as far as ``Query.comparison`` allows for.
"""

from __future__ import annotations

from random import Random
from typing import Any

from .conditions import CONNECTORS, Conditions
from .leaves import COMPARABLE
from .query import (
    Aggregate,
    Call,
    Combine,
    Condition,
    Group,
    Leaf,
    Not,
    OrderBy,
    Query,
    Ref,
    Select,
    SortKey,
    Step,
    Subscript,
    Where,
)
from .world import Field, Model, World

__all__ = ["RowQueries"]

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


class RowQueries:
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

    def query(self) -> Query:
        makers = [self._objects, self._columns, self._scalar, self._one, self._grouped, self._annotated]
        (maker,) = self.rng.choices(makers, [38, 22, 10, 10, 10, 10])
        self._filters()
        maker()
        return Query(self.table, tuple(self.steps))

    # conditions

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

    # order and parts

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

    # what is asked for

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

    # aggregates

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

    def _field(self, path: str) -> tuple[Model, Field]:
        model = self.model
        *relations, name = path.split("__")
        for each in relations:
            model = self.world.models[next(one.target for one in model.relations if one.name == each)]
        return model, next(field for field in model.fields if field.name == name)

    def _value(self, path: str) -> Any:
        model, field = self._field(path)
        return self.rng.choice(self.world.rows(model.table))[field.column]

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
