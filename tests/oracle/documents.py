"""Random lookups into JSON documents.

Invariant: paths and values are those of ``library``; some lead nowhere on purpose.
"""

from __future__ import annotations

from random import Random

from .nodes import Group, Leaf, Not
from .world import World

__all__ = ["Documents"]

_PATHS = (
    ("n",),
    ("n",),
    ("name",),
    ("name",),
    ("tags",),
    ("tags", "0"),
    ("tags", "2"),
    ("tags", "3", "k"),
    ("deep", "x"),
    ("deep", "y"),
    ("deep", "y", "1"),
    ("on",),
    ("missing",),
    ("0",),
    ("3", "k", "0"),
)
_VALUES: dict[str, tuple[object, ...]] = {
    "n": (1, 1, 2.5, -3, 10, None),
    "name": ("ann", "Bob", "", "élan", 5),
    "tags": (["red", "blue"], [], ["red"], {"0": "zero"}),
    "x": (1, 2, None),
    "y": ([10, 20], []),
    "on": (True, False, None),
    "0": ("red", "blue", 1, "zero"),
    "1": (20, "two"),
    "2": (3, None),
}
_PIECES: tuple[object, ...] = (
    {"n": 1},
    {"on": True},
    {"deep": {"x": 1}},
    {"deep": {}},
    {"tags": ["red"]},
    ["two"],
    [1],
    {},
    [],
    "text",
    {"name": "ann", "n": 1},
    [{"k": [True]}],
)
_WHOLES: tuple[object, ...] = (
    {"n": 1, "name": "ann", "tags": ["blue", "red"], "deep": {"x": 1, "y": [10, 20]}, "more": 1},
    [1, "two", None, {"k": [True, False]}, 5],
    {"n": None, "on": True, "deep": {}, "name": "bob%"},
    "text",
)


class Documents:
    """Makes lookups on ``events.meta`` from every table that leads there."""

    def __init__(self, world: World, rng: Random) -> None:
        self.world = world
        self.rng = rng

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def reaches(self, table: str) -> bool:
        """Whether a path from a table leads to documents."""
        return table == "events" or any(one.target == "events" for one in self.world.models[table].relations)

    def path(self, table: str) -> str:
        """A path into a document."""
        return "__".join((self._column(table), *self.rng.choice(_PATHS)))

    def condition(self, table: str) -> Leaf | Not | Group:
        """A condition on a document or on what is in it."""
        if self.chance(0.15):
            return Not(self._leaf(table))
        if self.chance(0.15):
            return Group(self.rng.choice("&|^"), (self._leaf(table), self._leaf(table)))  # type: ignore[arg-type]
        return self._leaf(table)

    def _column(self, table: str) -> str:
        if table == "events":
            return "meta"
        names = [one.name for one in self.world.models[table].relations if one.target == "events"]
        return f"{self.rng.choice(names)}__meta"

    def _leaf(self, table: str) -> Leaf:
        rng = self.rng
        column = self._column(table)
        if self.chance(0.4):
            return self._of_document(column)
        path = rng.choice(_PATHS)
        key = "__".join((column, *path))
        values = _VALUES.get(path[-1], (1, "a"))
        match rng.randrange(9):
            case 0 | 1 | 2:
                return Leaf(key, rng.choice(values))
            case 3:
                return Leaf(f"{key}__isnull", self.chance(0.5))
            case 4:
                found = [
                    value
                    for value in values
                    if not isinstance(value, list | dict | bool) and value is not None
                ]
                return Leaf(f"{key}__in", rng.sample(found, min(len(found), 2)) or [1, 2])
            case 5 | 6:
                numbers = {"n": (0, 1, 2.5), "x": (1, 2), "1": (15,), "name": ("b", "Bob")}.get(
                    path[-1], (1,)
                )
                return Leaf(f"{key}__{rng.choice(('gt', 'gte', 'lt', 'lte'))}", rng.choice(numbers))
            case 7:
                lookup = rng.choice(("icontains", "contains", "istartswith", "iendswith", "iexact", "iregex"))
                if lookup == "contains":
                    return Leaf(f"{key}__contains", rng.choice(_PIECES))
                # Nothing that is in true, false and null, which Django takes for texts.
                return Leaf(f"{key}__{lookup}", rng.choice(("bob", "an", "red", "zero")))
            case _:
                return self._of_document(key)

    def _of_document(self, key: str) -> Leaf:
        rng = self.rng
        keys = ("n", "name", "tags", "on", "deep", "1", "x", "k", "missing", "a b")
        match rng.randrange(7):
            case 0 | 1:
                return Leaf(f"{key}__has_key", rng.choice(keys))
            case 2:
                return Leaf(f"{key}__has_keys", rng.sample(keys, rng.choice((1, 2))))
            case 3:
                return Leaf(f"{key}__has_any_keys", rng.sample(keys, rng.choice((1, 2, 3))))
            case 4:
                return Leaf(f"{key}__contains", rng.choice(_PIECES))
            case 5:
                return Leaf(f"{key}__contained_by", rng.choice(_WHOLES))
            case _:
                return Leaf(key, rng.choice((None, {}, [], "text", True, {"n": 1})))
