"""Full-text indexes: which tables of FTS5 there are, and whose rows they find.

Invariant: everything is told by the DDL, and nothing is read from an index. An index whose table cannot be
told finds its own rows only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, cast

from noormme.engines.sqlite.ddl import parse_virtual_table
from noormme.engines.sqlite.ddl_search import Inserted, SearchDefinition, inserts_into, parse_search_arguments
from noormme.engines.sqlite.introspect_parts import free_rowid_name
from noormme.schema.model import Table
from noormme.schema.search_index import SearchColumn, SearchIndex
from noormme.schema.sql_tokens import DDLError, fold

__all__ = ["search_indexes"]

_PREFIXES = ("fts_", "fts5_", "search_")
_SUFFIXES = ("_fts", "_fts5", "_search", "_search_index", "_fts_index")
"""What stands around the name of a table in that of its index."""

_ROWIDS = frozenset({"rowid", "_rowid_", "oid"})


def search_indexes(tables: Iterable[Table], views: Iterable[Table]) -> list[SearchIndex]:
    """Find the full-text indexes of a database. Does not touch it.

    Args:
        tables: Its tables and virtual tables, with their triggers.
        views: Its views.

    Returns:
        Each index that can be read, as one that finds its own rows, and once more for each table that it
        was made for: the one that it has its texts from, those with a trigger that fills it, else the one
        that its name tells.
    """
    tables = list(tables)
    known = {fold(table.name): table for table in (*tables, *views)}
    found: list[SearchIndex] = []
    for table in tables:
        if table.readable and table.module is not None and fold(table.module) == "fts5":
            found += _Reader(table, known).indexes()
    return found


class _Reader:
    """One table of FTS5."""

    def __init__(self, index: Table, known: Mapping[str, Table]) -> None:
        self.index = index
        self.known = known
        self.names = [column.name for column in index.columns if not column.hidden]
        self.definition = _definition(index)
        self.unindexed = set(map(fold, self.definition.unindexed))

    def indexes(self) -> list[SearchIndex]:
        """The index as it finds rows of each of its tables."""
        itself = dict(zip(self.names, self.names, strict=True))
        own = self.make(self.index, "rowid", self.index.rowid or "rowid", itself)
        content = self.definition.options.get("content")
        if content:
            table = self.known.get(fold(content))
            companions = [] if table is None else self.external(table)
        else:
            companions = self.filled() or self.named()
        return [own, *companions]

    def external(self, table: Table) -> list[SearchIndex]:
        """The index of a table that keeps the texts itself; the columns of both have the same names."""
        name = self.definition.options.get("content_rowid", "rowid")
        key = _column(table, name) or (_rowid(table) if fold(name) in _ROWIDS else None)
        if key is None:
            return []
        return [self.make(table, "rowid", key, self.same_names(table))]

    def filled(self) -> list[SearchIndex]:
        """The index of each table with a trigger that puts new rows into it."""
        found: list[SearchIndex] = []
        for table in self.known.values():
            inserts = (
                inserted
                for trigger in table.triggers
                for inserted in inserts_into(trigger.sql, self.index.name)
            )
            made = next(filter(None, (self.of_trigger(table, inserted) for inserted in inserts)), None)
            if made is not None:
                found.append(made)
        return sorted(found, key=lambda made: made.table)

    def of_trigger(self, table: Table, inserted: Inserted) -> SearchIndex | None:
        """The index of a table with that trigger; None where the trigger does not tell the rows apart."""
        sources = {
            fold(column): source
            and (_column(table, source) or (_rowid(table) if fold(source) in _ROWIDS else None))
            for column, source in zip(inserted.columns, inserted.sources, strict=True)
        }
        columns = {name: sources.get(fold(name)) for name in self.names}
        for rowid in _ROWIDS:
            if key := sources.get(rowid):
                return self.make(table, "rowid", key, columns)
        return self.by_column(table, columns)

    def named(self) -> list[SearchIndex]:
        """The index of the table that its name tells, where that has all of its columns."""
        name = fold(self.index.name)
        bases = [name.removesuffix(end) for end in _SUFFIXES if name.endswith(end)]
        bases += [name.removeprefix(start) for start in _PREFIXES if name.startswith(start)]
        for table in (self.known.get(base) for base in bases):
            if table is None or table is self.index or table.kind != "table":
                continue
            columns = self.same_names(table)
            if any(column is None for name, column in columns.items() if fold(name) not in self.unindexed):
                continue
            made = self.by_column(table, columns)
            if made is None and (key := _rowid(table)):
                made = self.make(table, "rowid", key, columns)
            if made is not None:
                return [made]
        return []

    def by_column(self, table: Table, columns: Mapping[str, str | None]) -> SearchIndex | None:
        """The index whose rows are told by a column that is not searched and holds the table's key."""
        if len(table.primary_key) != 1:
            return None
        [key] = table.primary_key
        for name, column in columns.items():
            if column == key and fold(name) in self.unindexed:
                return self.make(table, name, key, columns)
        return None

    def same_names(self, table: Table) -> dict[str, str | None]:
        return {name: _column(table, name) for name in self.names}

    def make(self, table: Table, key: str, table_key: str, columns: Mapping[str, str | None]) -> SearchIndex:
        options = self.definition.options
        content = options.get("content")
        detail = fold(options.get("detail", "full"))
        return SearchIndex(
            self.index.name,
            table.name,
            key,
            table_key,
            tuple(SearchColumn(name, columns[name], fold(name) not in self.unindexed) for name in self.names),
            "own" if content is None else "external" if content else "none",
            options.get("tokenize", ""),
            cast('Literal["full", "column", "none"]', detail),
        )


def _definition(index: Table) -> SearchDefinition:
    try:
        return parse_search_arguments(parse_virtual_table(index.sql or "").arguments)
    except DDLError:
        return SearchDefinition((), {})


def _column(table: Table, name: str) -> str | None:
    """The exact name of a column that may be written in other letters."""
    return next((column.name for column in table.columns if fold(column.name) == fold(name)), None)


def _rowid(table: Table) -> str | None:
    """By what name the row id of a table is read: that of its primary key where that is the row id."""
    if table.kind == "view" or table.without_rowid:
        return None
    # A primary key with an index of its own is not the row id (INTEGER PRIMARY KEY DESC).
    if len(table.primary_key) == 1 and all(index.origin != "primary_key" for index in table.indexes):
        key = table.column(table.primary_key[0])
        if key is not None and fold(key.declared_type) == "integer":
            return key.name
    return free_rowid_name({fold(column.name) for column in table.columns})
