"""Random lookups that mean something: paths that lead somewhere, values that are in the data.

Invariant: every choice comes from the ``Random`` that is passed in. A lookup is built around a
*seed row*, which satisfies it most of the time; conditions that share a seed row can therefore be
combined without ending in an empty result.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random
from typing import Any

from .query import Leaf, Ref
from .world import Field, Model, Relation, Row, World

__all__ = ["COMPARABLE", "Leaves"]

COMPARABLE = ("integer", "real", "text", "date", "datetime", "time", "decimal")
"""Kinds whose values have an order."""

_TEXT_LOOKUPS = (
    "contains",
    "icontains",
    "startswith",
    "istartswith",
    "endswith",
    "iendswith",
    "iexact",
    "regex",
    "iregex",
)
_DATE_PARTS = ("year", "iso_year", "quarter", "month", "week", "week_day", "iso_week_day", "day")
_TIME_PARTS = ("hour", "minute", "second")
_TRANSFORMS = {
    "date": _DATE_PARTS,
    "datetime": (*_DATE_PARTS, *_TIME_PARTS, "date", "time"),
    "time": _TIME_PARTS,
}
_HOPS = (0, 0, 0, 0, 1, 1, 1, 2, 2, 3)


class Leaves:
    """Makes lookups over one world from one source of randomness."""

    def __init__(self, world: World, rng: Random) -> None:
        self.world = world
        self.rng = rng

    def seed(self, table: str) -> Row:
        """A row to build conditions around."""
        return self.rng.choice(self.world.rows(table))

    def leaf(self, table: str, seed: Row, *, hops: int | None = None, transforms: bool = True) -> Leaf:
        """One lookup on a path of at most ``hops`` relations (0 to 3 by default).

        Args:
            table: The table that the query starts from.
            seed: The row to build it around.
            hops: How many relations to follow.
            transforms: Whether it may look at a part of a date or time.
        """
        rng = self.rng
        steps = rng.choice(_HOPS) if hops is None else hops
        path, model, rows = self.walk(table, [seed], steps)
        if not rows or rng.random() < 0.1:
            rows = self.world.rows(model.table)
        row = rng.choice(rows)
        if model.relations and (not model.fields or rng.random() < 0.15):
            return self._relation_leaf(path, rng.choice(model.relations), row)
        field = rng.choice([field for field in model.fields if field.kind != "json"])
        if rng.random() < 0.06 and (other := self._same_kind(model, field)) is not None:
            lookup = rng.choice(["", "__lt", "__gte", "__gt", "__lte"])
            return Leaf("__".join([*path, field.name]) + lookup, Ref("__".join([*path, other.name])))
        name = "pk" if (field.column,) == model.key and rng.random() < 0.5 else field.name
        lookup, value = self._lookup(field, row[field.column], model.table, transforms=transforms)
        return Leaf("__".join([*path, name, *lookup]), value)

    def walk(self, table: str, rows: list[Row], hops: int) -> tuple[list[str], Model, list[Row]]:
        """A random path, the model where it ends, and the rows that it reaches from ``rows``."""
        path: list[str] = []
        model = self.world.models[table]
        for _ in range(hops):
            live = [relation for relation in model.relations if self._reach(rows, relation)]
            if not model.relations:
                break
            choice = self.rng.choice(live if live and self.rng.random() < 0.85 else model.relations)
            path.append(choice.name)
            rows = self._reach(rows, choice)
            model = self.world.models[choice.target]
        return path, model, rows

    def _reach(self, rows: list[Row], relation: Relation) -> list[Row]:
        return [found for row in rows[:20] for found in self.world.follow(row, relation)]

    def _relation_leaf(self, path: list[str], relation: Relation, row: Row) -> Leaf:
        rng = self.rng
        name = "__".join([*path, relation.name])
        found = self.world.follow(row, relation)
        key = self.world.models[relation.target].key_field()
        if key is None or not found or rng.random() < 0.3:
            return Leaf(f"{name}__isnull", not found if rng.random() < 0.8 else bool(found))
        value = rng.choice(found)[key.column]
        if rng.random() < 0.5:
            return Leaf(name + rng.choice(["", "", "__exact", "__pk"]), value)
        return Leaf(f"{name}__in", self._list(relation.target, key, value))

    def _same_kind(self, model: Model, field: Field) -> Field | None:
        others = [other for other in model.fields if other.kind == field.kind and other != field]
        return self.rng.choice(others) if others else None

    def _lookup(self, field: Field, value: Any, table: str, *, transforms: bool) -> tuple[list[str], object]:
        rng = self.rng
        if value is None or rng.random() < 0.06:
            shape = rng.random()
            if value is None and shape < 0.2:
                return [], None
            return ["isnull"], (value is None) == (shape < 0.9)
        usable = _TRANSFORMS.get(field.kind, ()) if transforms else ()
        if usable and rng.random() < 0.5:
            parts = [rng.choice(usable)]
            if parts == ["date"] and rng.random() < 0.25:
                parts.append(rng.choice(_DATE_PARTS))
            lookup, target = self._plain(
                "integer", _part(value, parts), [_part(other, parts) for other in self._others(table, field)]
            )
            return [*parts, *lookup], target
        if field.kind == "text" and not field.foreign and rng.random() < 0.65:
            return self._text(value)
        lookup, target = self._plain(field.kind, value, self._others(table, field))
        if field.foreign and lookup == ["range"]:
            return [], value
        return lookup, target

    def _others(self, table: str, field: Field) -> list[Any]:
        rows = self.world.rows(table)
        picked = (self.rng.choice(rows)[field.column] for _ in range(4))
        return [value for value in picked if value is not None]

    def _list(self, table: str, field: Field, value: object) -> list[object]:
        items = [value, *self._others(table, field)[: self.rng.randrange(4)]]
        if self.rng.random() < 0.08:
            items.append(None)
        if self.rng.random() < 0.03:
            items = []
        self.rng.shuffle(items)
        return items

    def _plain(self, kind: str, value: Any, others: list[Any]) -> tuple[list[str], object]:
        """A lookup that every kind has; ``others`` are further values of the same kind."""
        rng = self.rng
        choice = rng.random()
        if choice < 0.25 or kind == "boolean":
            return ([] if rng.random() < 0.7 else ["exact"]), value
        if choice < 0.4:
            items = [value, *others[: rng.randrange(4)], *([None] if rng.random() < 0.08 else [])]
            rng.shuffle(items)
            return ["in"], [] if rng.random() < 0.03 else items
        other = rng.choice(others) if others else value
        if choice < 0.55:
            return ["range"], (min(value, other), max(value, other))
        if value == other:
            return [rng.choice(["gte", "lte"])], value
        holds = ["gt", "gte"] if value > other else ["lt", "lte"]
        if rng.random() < 0.12:
            holds = ["lt", "gt", "lte", "gte"]
        return [rng.choice(holds)], other

    def _text(self, value: str) -> tuple[list[str], object]:
        rng = self.rng
        lookup = rng.choice(_TEXT_LOOKUPS)
        start = rng.randrange(len(value) + 1)
        part = value[start : start + rng.randrange(1, 5)]
        if "start" in lookup:
            part = value[: rng.randrange(1, 5)]
        elif "ends" in lookup:
            part = value[-rng.randrange(1, 5) :]
        elif lookup == "iexact":
            part = value
        elif "regex" in lookup:
            part = re.escape(part)
            if rng.random() < 0.4:
                part = rng.choice(["^", ""]) + re.escape(value[:2]) + rng.choice([".", ".*", "[a-z]?", "$"])
        if lookup.startswith("i") and rng.random() < 0.5 and "regex" not in lookup:
            part = part.swapcase()
        return [lookup], part


def _part(value: Any, parts: list[str]) -> Any:
    """What date transforms give for a value."""
    for part in parts:
        value = _PARTS[part](value) if part in _PARTS else getattr(value, part)
    return value


_PARTS: dict[str, Callable[[Any], object]] = {
    "date": lambda value: value.date(),
    "iso_week_day": lambda value: value.isoweekday(),
    "iso_year": lambda value: value.isocalendar().year,
    "quarter": lambda value: (value.month + 2) // 3,
    "time": lambda value: value.time(),
    "week": lambda value: value.isocalendar().week,
    "week_day": lambda value: value.isoweekday() % 7 + 1,
}
