"""The tables of a libSQL database without their rows, in a SQLite database in memory.

Discovery and the look at a user's statement need what SQLite says when it prepares statements: columns with
their origins, keys, views that do not work. A copy of the schema says the same, after one request to the
server, so the code of the SQLite engine does both, and nothing about them is written twice.

Invariant: the skeleton holds no row of the user's, and nothing in it is ever written to the database.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from threading import RLock
from typing import NamedTuple

import apsw
from msgspec.structs import replace

from noormme.engines.base import Description
from noormme.engines.sqlite import lifetime
from noormme.engines.sqlite.describe import describe
from noormme.engines.sqlite.introspect import introspect
from noormme.schema.model import Kind, Schema, SchemaWarning, Table
from noormme.schema.naming import NameOverrides
from noormme.schema.sql_tokens import fold

__all__ = ["FUNCTIONS", "OBJECTS", "VERSION", "Skeleton", "SkeletonObject"]

OBJECTS = "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY rowid"
"""What the skeleton is made of."""

VERSION = "PRAGMA schema_version"
"""A number that changes with the tables."""

FUNCTIONS = "SELECT DISTINCT name FROM pragma_function_list"
"""The functions that statements and views may call."""

_RANDOM_ROWID = re.compile(r"\bRANDOM\s+ROWID\s*;?\s*\Z", re.IGNORECASE)
_VECTOR_INDEX = re.compile(r"\blibsql_vector_idx\s*\(", re.IGNORECASE)
_IN_MEMORY = apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE
_ORDER = {"virtual": 0, "table": 1, "index": 2, "view": 3, "trigger": 4}
"""Virtual tables first, because they make the tables in which they keep their rows."""


class SkeletonObject(NamedTuple):
    """One row of ``sqlite_schema``."""

    type: str
    name: str
    table: str
    sql: str | None


class Skeleton:
    """A database in memory that looks like another one.

    Args:
        rows: What ``OBJECTS`` gives.
        functions: The names of the functions that the other one has.
        version: What ``VERSION`` gave before.

    Attributes:
        hidden: The tables in which vector indexes keep their data.
        version: The same.
    """

    def __init__(
        self, rows: Iterable[Sequence[object]], functions: Iterable[str], version: object = None
    ) -> None:
        self.version = version
        self._connection = lifetime.opened(":memory:", _IN_MEMORY)
        self._lock = RLock()
        self._refused: list[tuple[SkeletonObject, str]] = []
        self._odd: dict[str, str] = {}
        _register_missing(self._connection, functions)
        objects = [SkeletonObject(*map(_text, row)) for row in rows]
        left_out = _of_vector_indexes(objects)
        self.hidden = frozenset({each.name for each in objects if each.type == "table"} & left_out)
        # What is made of SQL that this SQLite finds odd was made by one that did not.
        self._connection.execute("PRAGMA trusted_schema = ON; PRAGMA foreign_keys = OFF")
        for each in sorted(objects, key=_order):
            if each.sql and not fold(each.name).startswith("sqlite_") and each.name not in left_out:
                self._make(each, each.sql)

    def _make(self, each: SkeletonObject, sql: str) -> None:
        try:
            self._connection.execute(sql)
            return
        except apsw.Error as error:
            reason = str(error)
        if self._exists(each.name):
            # The table that keeps the rows of a virtual one.
            return
        if each.type == "table" and _RANDOM_ROWID.search(sql):
            self._odd[each.name] = sql
            self._make(each, _RANDOM_ROWID.sub("", sql))
            return
        if not self._written_down(each, sql):
            self._refused.append((each, reason))

    def _written_down(self, each: SkeletonObject, sql: str) -> bool:
        """Put what has no rows of its own into the schema as it stands, as it is in a file."""
        if each.type not in ("view", "trigger") and _order(each) != _ORDER["virtual"]:
            return False
        with suppress(apsw.Error):
            self._connection.execute("PRAGMA writable_schema = ON")
            self._connection.execute(
                "INSERT INTO sqlite_schema VALUES (?, ?, ?, 0, ?)", (each.type, each.name, each.table, sql)
            )
            self._connection.execute("PRAGMA writable_schema = RESET")
            return True
        self._connection.execute("PRAGMA writable_schema = OFF")
        return False

    def _exists(self, name: str) -> bool:
        found = self._connection.execute("SELECT 1 FROM sqlite_schema WHERE name = ?", (name,)).fetchall()
        return bool(found)

    def schema(self, types: Mapping[str, Kind], names: NameOverrides) -> Schema:
        """The schema of the other database.

        Args:
            types: Kinds to use instead of the rules, by declared type.
            names: Names to use instead of the rules.
        """
        with self._lock:
            found = introspect(self._connection, types=types, names=names)
        warnings = [
            SchemaWarning(
                "unparsed_ddl",
                each.table,
                f"{each.table}: {each.type} '{each.name}' is left out, because {reason}",
            )
            for each, reason in self._refused
        ]
        return replace(
            found,
            dialect="libsql",
            tables=tuple(self._as_written(table) for table in found.tables),
            hidden_tables=tuple(sorted({*found.hidden_tables, *self.hidden})),
            warnings=(*found.warnings, *warnings),
        )

    def _as_written(self, table: Table) -> Table:
        sql = self._odd.get(table.name)
        return table if sql is None else replace(table, sql=sql)

    def describe(self, sql: str, schema: Schema) -> Description:
        """Look at a statement without running it; see ``engines.sqlite.describe``.

        Args:
            sql: The statement.
            schema: The schema, to suggest names from.
        """
        with self._lock:
            return describe(self._connection, sql, schema)

    def close(self) -> None:
        """Let go of it."""
        with self._lock:
            self._connection.close()

    def abandon(self) -> None:
        """Leave it as it is in a child process: a thread of the parent may have been in the middle of it."""
        lifetime.inherit([self._connection])


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _order(each: SkeletonObject) -> int:
    words = (each.sql or "").split(None, 2)
    is_virtual = each.type == "table" and len(words) > 1 and words[1].upper() == "VIRTUAL"
    return _ORDER["virtual" if is_virtual else each.type]


def _of_vector_indexes(objects: Sequence[SkeletonObject]) -> frozenset[str]:
    """The tables and indexes that libSQL itself made for indexes of vectors."""
    names = {each.name for each in objects}
    made = {
        f"{each.name}_{end}"
        for each in objects
        if each.type == "index" and _VECTOR_INDEX.search(each.sql or "")
        for end in ("shadow", "shadow_idx")
    }
    return frozenset({name for name in names if name.startswith("libsql_")} | (made & names))


def _register_missing(connection: apsw.Connection, functions: Iterable[str]) -> None:
    """Give a connection functions by the names of those that it lacks; they are prepared and never called."""
    known = {row[0] for row in connection.execute("SELECT name FROM pragma_function_list")}
    for name in sorted({str(name).lower() for name in functions} - known):
        connection.create_scalar_function(  # pyright: ignore[reportUnknownMemberType]
            name, lambda *arguments: None, -1, deterministic=True, flags=apsw.SQLITE_INNOCUOUS
        )
