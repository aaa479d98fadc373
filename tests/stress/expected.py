"""What a database must hold after a row of writes, as plain dicts, and what objects must know of their rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any

SCRIPT = """
CREATE TABLE teams (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE people (
    id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE, age INTEGER CHECK (age >= 0),
    visits INTEGER NOT NULL DEFAULT 0, made TEXT DEFAULT (lower('NOW')),
    team_id INTEGER REFERENCES teams(id) ON DELETE CASCADE,
    initial TEXT AS (substr(email, 1, 1))
);
CREATE TABLE tags (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE people_tags (
    person_id INTEGER NOT NULL REFERENCES people(id) ON DELETE CASCADE,
    tag_id INTEGER NOT NULL REFERENCES tags(id) ON DELETE CASCADE,
    PRIMARY KEY (person_id, tag_id)
) WITHOUT ROWID;
CREATE TABLE pairs (a INTEGER, b TEXT, n INTEGER NOT NULL DEFAULT 1, PRIMARY KEY (a, b)) WITHOUT ROWID;
"""

FIELDS = ("id", "email", "age", "visits", "made", "team_id", "initial")
WRITABLE = ("id", "email", "age", "visits", "made", "team_id")

Row = dict[str, Any]


class Refused(Exception):
    """A constraint refuses a write.

    Args:
        kinds: The kinds of constraints that do; which one is named first is SQLite's choice.
    """

    def __init__(self, kinds: set[str]) -> None:
        super().__init__(", ".join(sorted(kinds)))
        self.kinds = kinds


class Gone(Exception):
    """The row of an object is not there."""


class World:
    """The rows of all tables."""

    def __init__(self) -> None:
        self.teams: dict[int, str] = {}
        self.people: dict[int, Row] = {}
        self.tags: dict[int, str] = {}
        self.ties: set[tuple[int, int]] = set()
        self.pairs: dict[tuple[int, str], int] = {}

    def copy(self) -> World:
        return deepcopy(self)

    def next_id(self, table: Mapping[int, object]) -> int:
        return max(table, default=0) + 1

    # -- people -------------------------------------------------------------------------------------

    def insert(self, values: Mapping[str, Any]) -> Row:
        row = {"id": None, "age": None, "visits": 0, "made": "now", "team_id": None, **values}
        if row["id"] is None:
            row["id"] = self.next_id(self.people)
        elif row["id"] in self.people:
            raise Refused({"unique"} | self._refusals(row, None))
        return self._put(row, None)

    def change(self, key: int, values: Mapping[str, Any]) -> Row:
        if key not in self.people:
            raise Gone
        return self._put({**self.people[key], **values}, key)

    def _put(self, row: Row, key: int | None) -> Row:
        if kinds := self._refusals(row, key):
            raise Refused(kinds)
        row["initial"] = row["email"][:1]
        self.people[row["id"]] = row
        return dict(row)

    def _refusals(self, row: Row, key: int | None) -> set[str]:
        found: set[str] = set()
        if row.get("email") is None or row["visits"] is None:
            found.add("not null")
        if any(other["email"] == row.get("email") for at, other in self.people.items() if at != key):
            found.add("unique")
        if row["age"] is not None and row["age"] < 0:
            found.add("check")
        if row["team_id"] is not None and row["team_id"] not in self.teams:
            found.add("foreign key")
        return found

    def delete(self, keys: set[int]) -> int:
        """Delete people and what ties them; says how many there were."""
        there = keys & self.people.keys()
        for key in there:
            del self.people[key]
        self.ties = {tie for tie in self.ties if tie[0] not in there}
        return len(there)

    def by_email(self, email: str) -> Row | None:
        return next((dict(row) for row in self.people.values() if row["email"] == email), None)

    # -- the rest -----------------------------------------------------------------------------------

    def delete_team(self, key: int) -> int:
        if self.teams.pop(key, None) is None:
            return 0
        self.delete({at for at, row in self.people.items() if row["team_id"] == key})
        return 1

    def tie(self, person: int, tags: set[int]) -> None:
        new = {(person, tag) for tag in tags} - self.ties
        if new and (person not in self.people or not tags <= self.tags.keys()):
            raise Refused({"foreign key"})
        self.ties |= new

    def put_pair(self, key: tuple[int, str], n: int, *, instead_of: tuple[int, str] | None = None) -> None:
        if instead_of is not None and instead_of not in self.pairs:
            raise Gone
        if key in self.pairs and key != instead_of:
            raise Refused({"unique"})
        if instead_of is not None:
            del self.pairs[instead_of]
        self.pairs[key] = n


class Held:
    """An object that the program holds, and what it must know.

    Attributes:
        item: The object.
        new: Whether it has no row.
        known: What it knows its row to hold.
        values: What its attributes hold.
    """

    def __init__(self, item: Any, *, new: bool, known: Row, values: Row) -> None:
        self.item = item
        self.new = new
        self.known = known
        self.values = values

    def differing(self) -> Row:
        """What save() must write."""
        return {name: self.values[name] for name in WRITABLE if self.values[name] != self.known[name]}

    def is_row(self, row: Row) -> None:
        self.new, self.known, self.values = False, dict(row), dict(row)


class Block:
    """An open block of a transaction.

    Attributes:
        before: The rows when it began.
        undo: What brings objects back, the last one first.
        written: The objects that were written, with what they held before each time.
        calls: What is to be called once everything is committed.
    """

    def __init__(self, transaction: Any, before: World) -> None:
        self.transaction = transaction
        self.before = before
        self.undo: list[Callable[[], None]] = []
        self.written: dict[int, tuple[Held, list[Row]]] = {}
        self.calls: list[int] = []

    def remember(self, held: Held) -> None:
        """Note an object that is about to be written."""
        new, known, values = held.new, dict(held.known), dict(held.values)
        self.written.setdefault(id(held), (held, []))[1].append(values)

        def undo() -> None:
            held.new, held.known = new, known

        self.undo.append(undo)

    def hand_over(self, outer: Block) -> None:
        outer.undo += self.undo
        outer.calls += self.calls
        for key, (held, before) in self.written.items():
            outer.written.setdefault(key, (held, []))[1].extend(before)
