"""What every part of a translation knows, and the names that things get at the target.

Invariant: a difference that is noted is never taken back, and a name is given once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha1

import msgspec

from noormme.engines.creating import Creator
from noormme.engines.definable import Abilities, Stored
from noormme.schema.model import Column, Kind, Schema, Table

__all__ = ["Context", "Difference", "Names", "Seen", "column_names", "one_line", "stored_columns"]

Seen = Mapping[tuple[str, str], tuple[Kind, Stored | None]]
"""By table and column: the kind that its values are to have, and what was seen in it."""


class Difference(msgspec.Struct, frozen=True):
    """Something that has no equal at the target.

    Attributes:
        object: What it is about: ``"film.rating"``, ``"index idx_a"``.
        what: What the source has.
        outcome: What became of it.
    """

    object: str
    what: str
    outcome: str

    def __str__(self) -> str:
        return f"{self.object}: {self.what}; {self.outcome}"


_CASELESS = re.compile(r"(?:^|_)ci(?:_|$)", re.IGNORECASE)
_WIDE = re.compile(r"[^\x00-\uffff]")


class Context:
    """What is known of a translation.

    Args:
        schema: The source.
        tables: The tables of it that are wanted.
        creator: Writes for the target.
        seen: The kinds of columns where they are not those of the schema, and what is stored in them.

    Attributes:
        schema: The same.
        creator: The same.
        can: What definitions of the target can say.
        seen: The same.
        native: Whether both sides are of one engine.
        wanted: The tables that are wanted, by their names.
        names: The names of tables and views at the target, by those at the source.
        columns: By table, the names of its columns at the target, by those at the source.
        differences: What was found that has no equal.
    """

    def __init__(self, schema: Schema, tables: Sequence[Table], creator: Creator, seen: Seen) -> None:
        self.schema = schema
        self.creator = creator
        self.can = creator.can
        self.seen = seen
        self.native = schema.dialect == creator.dialect
        self.wanted = {table.name: table for table in tables}
        self.differences: list[Difference] = []
        self._collated: dict[str, list[str]] = {}
        every = [table.name for table in (*tables, *schema.views)]
        names = Names(self.can, every, as_they_are=self.native)
        self._index_names = Names(self.can)
        self.names = {table.name: self._named(table, names) for table in (*tables, *schema.views)}
        self._index_names.taken.update(name.lower() for name in self.names.values())
        self.columns = {table.name: column_names(table, self.can, native=self.native) for table in tables}

    def note(self, about: str, what: str, outcome: str) -> None:
        """Note a difference; the arguments are those of ``Difference``."""
        self.differences.append(Difference(about, what, outcome))

    def note_collation(self, column: str, collation: str) -> None:
        """Note a collation that the target has no equal of; it is told once for all of its columns.

        Args:
            column: The column, behind its table.
            collation: The name of the collation.
        """
        self._collated.setdefault(collation, []).append(column)

    def noted_collations(self) -> Iterator[Difference]:
        """What was noted of collations."""
        for collation, columns in self._collated.items():
            more = len(columns) - 1
            about = columns[0] + (f" and {more} other column{'s' * (more > 1)}" if more else "")
            case = (
                "in which case does not matter"
                if _CASELESS.search(collation)
                else "which has an order of its own"
            )
            yield Difference(
                about, f"the collation {collation}, {case}", "text compares as the database does by itself"
            )

    def namespace(self, table: Table) -> str | None:
        """The schema that a table lies in at the target.

        Args:
            table: The table or view.
        """
        return table.namespace if self.can.namespaces else None

    def index_name(self, name: str, table: str) -> str:
        """A name for an index that no other one has.

        Args:
            name: Its name at the source.
            table: The name of its table.
        """
        names = self._index_names if self.can.shared_index_names else Names(self.can)
        return names.fit(name, unlike=table)

    def _named(self, table: Table, names: Names) -> str:
        name, label = names.fit(table.name), self.can.label
        if name != table.name:
            self.note(table.name or "''", f"a name that {label} cannot have", f"it is called '{name}'")
        elif table.namespace is not None and not self.can.namespaces:
            self.note(table.name, f"it lies in the schema {table.namespace}", f"its name is '{name}'")
        return name


class Names:
    """Names that an engine can have.

    Args:
        can: What the engine can have.
        known: Names that are not given to what must have another one than its own.
        own: Names that cannot be had, because the engine uses them.
        as_they_are: Whether the names are of the same engine, so that they are unlike for it.

    Attributes:
        taken: Those, and the ones that were given, in lower case.
    """

    def __init__(
        self,
        can: Abilities,
        known: Iterable[str] = (),
        own: frozenset[str] = frozenset(),
        *,
        as_they_are: bool = False,
    ) -> None:
        self._can = can
        self._cased = can.cased_names or as_they_are
        self._given: set[str] = set()
        self._own = own
        self.taken = {name.lower() for name in known}

    def fit(self, name: str, unlike: str | None = None) -> str:
        """A name that can be had, like another one.

        Args:
            name: The other one; it is given as it is where it can be had.
            unlike: What to put before it where it is taken; None where nothing else has this name.
        """
        found = self._possible(name)
        if unlike is not None and found.lower() in self.taken:
            found = self._possible(f"{unlike}_{found}")
        again = not self._cased and found.lower() in self._given
        if unlike is not None or found != name or again:
            first, number = found, 2
            while found.lower() in self.taken:
                found, number = self._possible(f"{first}_{number}"), number + 1
        self.taken.add(found.lower())
        self._given.add(found.lower())
        return found

    def _possible(self, name: str) -> str:
        can = self._can
        found = name if can.wide_names else _WIDE.sub("_", name)
        if (not found and not can.empty_names) or (found.endswith(" ") and not can.spaces_at_end):
            found += "_"
        if found in self._own:
            found += "_"
        longest = can.longest_name
        return found if longest is None or len(found.encode()) <= longest else _shortened(found, longest)


def _shortened(name: str, longest: int) -> str:
    digest = sha1(name.encode(), usedforsecurity=False).hexdigest()[:8]
    return name.encode()[: longest - 9].decode(errors="ignore") + "_" + digest


def column_names(table: Table, can: Abilities, *, native: bool) -> Mapping[str, str]:
    """The names of a table's columns at the target, by those at the source.

    Args:
        table: The table.
        can: What the target can have.
        native: Whether the table is of the same engine.
    """
    every = [column.name for column in stored_columns(table)]
    names = Names(can, every, can.own_columns, as_they_are=native)
    return {column.name: names.fit(column.name) for column in stored_columns(table)}


def stored_columns(table: Table) -> list[Column]:
    """The columns that rows have.

    Args:
        table: The table.
    """
    return [column for column in table.columns if not column.hidden]


def one_line(text: str) -> str:
    """A text with single spaces between its words.

    Args:
        text: The text.
    """
    return " ".join(text.split())
