"""Definitions as SQLite writes them.

Invariant: nothing can be added to a table that is there but indexes, so a table is made with all of its
constraints. The one column that SQLite numbers is declared INTEGER PRIMARY KEY, in the column itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from noormme.engines.creating import Creator
from noormme.engines.definable import Abilities, ColumnType, Wanted
from noormme.errors import InvalidValue
from noormme.schema.declared import read_declared
from noormme.schema.defaults import is_row_id
from noormme.schema.model import Column, ForeignKey, Table

__all__ = ["SQLiteCreator"]

_LARGEST_SAFE = 15
"""So many digits a number of SQLite keeps exactly, whatever they are."""

_WORD_OR_NUMBER = re.compile(r"\w+|[+-]?[\d.]+")
_INTEGERS = {"smallint": "SMALLINT", "integer": "INT", "bigint": "INTEGER"}


class SQLiteCreator(Creator):
    """Writes the definitions of SQLite."""

    dialect = "sqlite"
    can = Abilities(
        label="SQLite",
        adds_constraints=False,
        booleans_are_numbers=True,
        collations={"BINARY": "BINARY", "NOCASE": "NOCASE", "RTRIM": "RTRIM"},
        empty_names=True,
        stores_nan=False,
        comments=False,
        numbers_keys_only=True,
        numbers_row_ids=True,
        any_value_anywhere=True,
    )

    def column_type(self, wanted: Wanted) -> ColumnType:
        """The type whose name says most of what the other one says; SQLite stores any value in any column."""
        kind, declared = wanted.kind, wanted.declared
        if kind == "integer":
            if wanted.numbered:
                return ColumnType("INTEGER", kind)
            if wanted.is_wide:
                return ColumnType("DECIMAL TEXT(20, 0)", "decimal", "64 bits without a sign become a decimal")
            return ColumnType(_INTEGERS[wanted.integer], kind)
        if kind == "text":
            return ColumnType("TEXT" if wanted.length is None else f"VARCHAR({wanted.length})", kind)
        if kind == "decimal":
            return ColumnType(_decimal(wanted), kind)
        if kind == "array":
            return ColumnType("JSON", "json", "an array becomes JSON")
        if kind == "real":
            return ColumnType("FLOAT4" if declared.name in ("float4", "real") else "DOUBLE", kind)
        if kind in ("time", "datetime"):
            fraction = "" if wanted.fraction is None else f"({wanted.fraction})"
            name = "TIME" if kind == "time" else "TIMESTAMPTZ" if wanted.zoned else "DATETIME"
            return ColumnType(f"{name}{fraction}", kind)
        names = {"any": "", "json": "JSONB" if declared.name == "jsonb" else "JSON"}
        return ColumnType(names.get(kind, kind.upper()), kind)

    def mark(self, number: int) -> str:
        """A question mark."""
        return "?"

    def ordered_by(self, table: Table) -> tuple[str, ...]:
        """The row id, which no odd value can be in; the primary key where there is none."""
        if table.without_rowid:
            return tuple(map(self.quoted, table.primary_key))
        names = {column.name.lower() for column in table.columns}
        found = [name for name in ("rowid", "_rowid_", "oid") if name not in names]
        if found:
            return (found[0],)
        row_id = [column.name for column in table.columns if is_row_id(table, column)]
        return tuple(map(self.quoted, row_id))

    def column(self, table: Table, column: Column) -> str:
        """The definition of a column; that of the row id says so itself."""
        if not _is_row_id(table, column):
            return super().column(table, column)
        # The keyword is the only one that keeps numbers of rows that are gone from being given again.
        keyword = " AUTOINCREMENT" if column.autoincrement else ""
        return f"{self.quoted(column.name)} INTEGER PRIMARY KEY{keyword}"

    def numbering(self, table: Table, column: Column) -> str:
        """Only the row id is numbered."""
        return ""

    def constraints(self, table: Table) -> list[str]:
        """The constraints, without a primary key that stands with its column."""
        parts = super().constraints(table)
        if any(_is_row_id(table, column) for column in table.columns):
            del parts[0]
        return parts

    def options(self, table: Table) -> str:
        """STRICT and WITHOUT ROWID."""
        words = ["WITHOUT ROWID"] if table.without_rowid else []
        words += ["STRICT"] if table.strict else []
        return f" {', '.join(words)}" if words else ""

    def default(self, column: Column) -> str:
        """An expression stands in parentheses."""
        text = column.default or "NULL"
        plain = text.startswith(("'", "(", "CURRENT_")) or _WORD_OR_NUMBER.fullmatch(text)
        return text if plain else f"({text})"

    def foreign_key(self, key: ForeignKey) -> str:
        """A FOREIGN KEY constraint; one whose target has not been made yet is taken too."""
        return self.referring(key, self.quoted(key.target))

    def set_counter(self, table: Table, column: Column, last: int) -> tuple[str, tuple[object, ...]]:
        """The counter is a row of its own, which the first insert with AUTOINCREMENT makes."""
        return (
            "INSERT OR REPLACE INTO sqlite_sequence (rowid, name, seq) "
            "VALUES ((SELECT rowid FROM sqlite_sequence WHERE name = ?1), ?1, ?2)",
            (table.name, last),
        )

    def counter(self, table: Table, column: Column) -> tuple[str, tuple[object, ...]] | None:
        """What AUTOINCREMENT has given last; without the keyword the rows say it."""
        if not column.autoincrement:
            return None
        return "SELECT seq FROM sqlite_sequence WHERE name = ?", (table.name,)

    def broken_keys(self, table: Table) -> tuple[str, tuple[object, ...]] | None:
        """The check that SQLite has; keys were off while the rows were written."""
        if not table.foreign_keys:
            return None
        return "SELECT count(*) FROM pragma_foreign_key_check(?)", (table.name,)

    def storing(self, column: Column) -> Callable[[Any], object] | None:
        """Moments are stored with their offset, which is what tells them from the time on some clock."""
        if column.kind == "datetime" and read_declared(column.declared_type).zoned:
            return _with_offset
        return None


def _with_offset(value: object) -> object:
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise InvalidValue("it is no moment with an offset")
    return value.astimezone(UTC).isoformat(" ")


def _decimal(wanted: Wanted) -> str:
    if wanted.precision is not None:
        digits, scale = wanted.precision
        # With TEXT in its name the column keeps every digit.
        return f"DECIMAL{' TEXT' if digits > _LARGEST_SAFE else ''}({digits}, {scale})"
    stored = wanted.stored
    safe = stored is not None and stored.whole_digits + stored.scale <= _LARGEST_SAFE
    return "DECIMAL" if safe or wanted.dialect == "sqlite" else "DECIMAL TEXT"


def _is_row_id(table: Table, column: Column) -> bool:
    return (
        table.primary_key == (column.name,)
        and column.declared_type.upper() == "INTEGER"
        and column.kind == "integer"
        and not table.without_rowid
    )
