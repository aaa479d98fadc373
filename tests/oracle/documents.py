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
    "n": (1, 1, 2.5, -3, 10, None, "1", "one", 1.0),
    "name": ("ann", "Bob", "", "élan", 5, "null", "5"),
    "tags": (["red", "blue"], [], ["red"], {"0": "zero"}, "[]"),
    "x": (1, 2, None, "1"),
    "y": ([10, 20], [], [10.0, 20], [20, 10]),
    "deep": ({"y": [10, 20], "x": 1}, {"x": None}, {}, {"x": 1.0, "y": []}),
    "on": (True, False, None, "true", "null"),
    "0": ("red", "blue", 1, "zero"),
    "1": (20, "two"),
    "2": (3, None),
}
_NUMBERS: dict[str, tuple[object, ...]] = {
    "n": (0, 1, 2.5, "1", "a", ""),
    "x": (1, 2, "1"),
    "1": (15,),
    "name": ("b", "Bob", "null", 3),
    "on": ("a", "true", 0),
}
"""What is greater or less than something, by the last part of a path."""

_NEEDLES = {
    "name": (
        "ann",
        "ANN",
        "An",
        "a",
        "Bob",
        "bob%",
        "B",
        "É",
        "é",
        "lan",
        "",
        "5",
        "ul",
        "null",
        "NULL",
        "%",
    ),
    "n": ("1", "one", "ONE", ".", "2.5", "-", "0", "nul", "o"),
    "tags": ("red", "Red", "RED", "[", "]", '"', "blue", "zero", "{", "[]"),
    "on": ("t", "T", "true", "TRUE", "rue", "fal", "e", "null"),
    "deep": ("x", "{", "}", "null", "10", ""),
    "x": ("1", "2", "null", "."),
    "y": ("10", "[", "20]", ","),
    "0": ("red", "RED", "zero", "1", "b"),
}
_PATTERNS = {
    "name": ("^a", "n+$", "^B.b", "%$", "^$", "É", "^[a-z]+$", "l"),
    "n": (r"^\d$", r"\.", "one|1", "^-", "E$"),
    "tags": (r"^\[", "red.*blue", "RED", r"\[\]", "zero"),
    "on": ("^t", "e$", "TRUE", "l"),
}
_IN_TEXT = (
    "contains",
    "icontains",
    "startswith",
    "istartswith",
    "endswith",
    "iendswith",
    "exact",
    "iexact",
    "regex",
    "iregex",
)
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
_DOCUMENTS: tuple[object, ...] = (
    None,
    {},
    [],
    "text",
    True,
    "true",
    {"n": 1},
    {"tags": ["blue", "red", 3, {"k": 1}], "n": 1.0},
    [1, "two", None, {"k": [True, False]}],
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
        match rng.randrange(11):
            case 0 | 1 | 2:
                return Leaf(key, rng.choice(values))
            case 3:
                return Leaf(f"{key}__isnull", self.chance(0.5))
            case 4:
                members = rng.sample(values, min(len(values), rng.choice((1, 2, 3))))
                return Leaf(f"{key}__in", members)
            case 5 | 6:
                other = rng.choice(_NUMBERS.get(path[-1], (1,)))
                return Leaf(f"{key}__{rng.choice(('gt', 'gte', 'lt', 'lte'))}", other)
            case 7:
                numbers = (other for other in _NUMBERS.get(path[-1], (1,)) if not isinstance(other, str))
                low, high = (rng.choice([*numbers, 1, 5]), 12.5)
                return Leaf(f"{key}__range", (low, high) if self.chance(0.7) else ("B", "on"))
            case 8 | 9:
                return self._in_text(key, path[-1])
            case _:
                return self._of_document(key)

    def _in_text(self, key: str, name: str) -> Leaf:
        """A lookup in the text of a part; ``contains`` is containment, ``exact`` of a part too."""
        rng = self.rng
        lookup = rng.choice(_IN_TEXT)
        if lookup == "contains" and self.chance(0.5):
            return Leaf(f"{key}__contains", rng.choice(_PIECES))
        needles = _PATTERNS.get(name, ("1", "^$")) if "regex" in lookup else _NEEDLES.get(name, ("1", "a"))
        return Leaf(f"{key}__{lookup}", rng.choice(needles))

    def _of_document(self, key: str) -> Leaf:
        rng = self.rng
        keys = ("n", "name", "tags", "on", "deep", "1", "x", "k", "missing", "a b")
        match rng.randrange(9):
            case 7:
                # The text of a whole document is what is stored, so ``exact`` is of documents only.
                lookup = rng.choice([each for each in _IN_TEXT if each not in ("contains", "exact")])
                pool = _PATTERNS if "regex" in lookup else _NEEDLES
                return Leaf(f"{key}__{lookup}", rng.choice(rng.choice(list(pool.values()))))
            case 8:
                return Leaf(f"{key}__in", rng.sample(_DOCUMENTS, 2))
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
                return Leaf(key, rng.choice(_DOCUMENTS))
