"""Ordinary tables: what the pragmas say, completed by what only the DDL says.

Invariant: SQLite's own word goes first. The DDL is parsed only where it can say more, and believed
only where it lists the same columns and foreign keys as the pragmas do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Literal

import apsw
from msgspec.structs import replace

from noormme.engines.sqlite.catalog import REPLACEMENT, Catalog, TableRow, Unreadable, describe
from noormme.engines.sqlite.ddl import TableDefinition, parse_table
from noormme.engines.sqlite.introspect_keys import KeyResolver
from noormme.engines.sqlite.introspect_parts import (
    DEFAULT_COLLATION,
    free_rowid_name,
    indexes_of,
    keyless_warning,
    parse_or_warn,
    triggers_of,
)
from noormme.schema.model import Column, Index, Kind, SchemaWarning, Table, Unique
from noormme.schema.naming import field_name
from noormme.schema.sql_tokens import DDLError, fold, quote_identifier
from noormme.schema.types import kind_of

__all__ = ["TableReader"]

# Words without which a statement says nothing that the pragmas do not. They are looked for as mere
# substrings, because parsing one table too many costs less than looking closer at all of them.
_ONLY_IN_DDL = ("CHECK", "CONFLICT", "CONSTRAINT", "DEFERRABLE")

_BUILT_IN_COLLATIONS: Sequence[str] = ("BINARY", "NOCASE", "RTRIM")
_GENERATED: Mapping[int, Literal["virtual", "stored"]] = {2: "virtual", 3: "stored"}
_NOTHING = TableDefinition((), {}, (), (), ())
_parsed = lru_cache(maxsize=256)(parse_table)
"""A statement says the same each time: a schema that is read again is parsed where it is new."""


class TableReader:
    """Turns what the catalog has on ordinary tables into ``Table`` values.

    Args:
        connection: An open connection; statements are prepared on it where the catalog is not enough.
        catalog: What SQLite says about the database.
        types: Kinds to use instead of the rules, by declared type.
        warnings: Gets what cannot be taken as it stands.
    """

    def __init__(
        self,
        connection: apsw.Connection,
        catalog: Catalog,
        types: Mapping[str, Kind] | None,
        warnings: list[SchemaWarning],
    ) -> None:
        self._connection = connection
        self._catalog = catalog
        self._warnings = warnings
        self._keys = KeyResolver(catalog)
        self._kinds = _Kinds(types)
        self._fields = _Fields()
        self._known = dict.fromkeys(_BUILT_IN_COLLATIONS, True)

    def read(self, row: TableRow) -> Table:
        """Make one table.

        Args:
            row: What the catalog has on it.

        Returns:
            The table, without a manager and a model.
        """
        name, sql = row.name, self._catalog.sql(row.name)
        words = sql.upper() if sql else ""
        definition = self._definition(row, sql, words)
        is_nameable = self._is_nameable(row)
        columns = self._columns(row, words if is_nameable else "", definition.generated)
        indexes = indexes_of(name, row.indexes, self._catalog, self._warnings)
        triggers = self._catalog.triggers.get(fold(name))
        return Table(
            name,
            columns=columns,
            primary_key=row.primary_key,
            rowid=None if row.primary_key else self._rowid(row),
            uniques=_uniques(indexes, definition.uniques),
            checks=definition.checks,
            foreign_keys=self._keys.resolve(row, definition.foreign_keys, self._warnings) if row.keys else (),
            indexes=indexes,
            triggers=triggers_of(name, triggers, self._warnings) if triggers else (),
            strict=row.strict,
            without_rowid=row.without_rowid,
            readable=is_nameable and self._is_readable(name, columns),
            sql=sql,
        )

    def _definition(self, row: TableRow, sql: str | None, words: str) -> TableDefinition:
        """Parse the table's statement if it can say more than the pragmas."""
        if not _is_generated(row) and not any(word in words for word in _ONLY_IN_DDL):
            return _NOTHING

        def parse(text: str) -> TableDefinition:
            definition = _parsed(text)
            keys = len({key.id for key in row.keys})
            if list(definition.columns) != _names(row) or len(definition.foreign_keys) != keys:
                raise DDLError("its columns or foreign keys are not those that SQLite lists")
            return definition

        return (
            parse_or_warn(parse, sql, what="the table", table=row.name, warnings=self._warnings) or _NOTHING
        )

    def _columns(self, row: TableRow, words: str, expressions: Mapping[str, str]) -> tuple[Column, ...]:
        kinds, fields = self._kinds, self._fields
        # A primary key without an index is another name of the row id, which is never NULL. Every
        # other one can hold NULL unless SQLite says that it cannot.
        is_rowid = not row.without_rowid and "pk" not in [part.origin for part in row.indexes]
        columns = [
            Column(
                column.name,
                fields[column.name],
                column.type,
                kinds[column.type],
                not (column.not_null or (is_rowid and column.primary_key)),
                column.default,
                column.primary_key,
            )
            for column in row.columns
        ]
        if _is_generated(row):
            columns = [
                replace(column, generated=_GENERATED.get(said.hidden), expression=expressions.get(said.name))
                for column, said in zip(columns, row.columns, strict=True)
            ]
        if "COLLATE" in words:
            columns = [self._with_metadata(row.name, column) for column in columns]
        elif "AUTOINCREMENT" in words:
            columns = [
                self._with_metadata(row.name, column) if column.primary_key else column for column in columns
            ]
        return tuple(columns)

    def _with_metadata(self, table: str, column: Column) -> Column:
        """A column with its collation and whether its row ids are never used twice."""
        _, collation, _, _, autoincrement = self._connection.column_metadata("main", table, column.name)
        other = None if collation == DEFAULT_COLLATION else collation
        return replace(column, collation=other, autoincrement=autoincrement)

    def _rowid(self, row: TableRow) -> str | None:
        rowid = free_rowid_name({fold(name) for name in _names(row)})
        if rowid is None:
            self._warnings.append(keyless_warning(row.name))
        return rowid

    def _is_nameable(self, row: TableRow) -> bool:
        """Whether its name and its columns' names can be written in a statement."""
        if self._catalog.damaged and any(REPLACEMENT in name for name in (row.name, *_names(row))):
            self._warn(
                "undecodable_name",
                row.name,
                "its name or a column's name is not valid text; it is listed only",
            )
            return False
        return True

    def _is_readable(self, name: str, columns: tuple[Column, ...]) -> bool:
        """Whether all its columns can be selected: this connection can lack what they are made with."""
        suspect = False
        for column in columns:
            if column.collation and not self._knows(column.collation):
                suspect = True
                reason = (
                    f"its collation {column.collation!r} is not registered; comparing and ordering by it fail"
                )
                self._warn("unknown_collation", name, reason, column.name)
            elif column.generated:
                suspect = True
        if suspect:
            try:
                describe(self._connection, f"SELECT * FROM main.{quote_identifier(name)}")
            except Unreadable as error:
                self._warn("broken_table", name, f"it cannot be read: {error}; it is listed only")
                return False
        return True

    def _knows(self, collation: str) -> bool:
        """Whether a collation is registered; the pragma also lists those that a table only names."""
        known = self._known.get(collation)
        if known is None:
            try:
                describe(self._connection, f"SELECT 1 ORDER BY 1 COLLATE {quote_identifier(collation)}")
                known = True
            except Unreadable:
                known = False
            self._known[collation] = known
        return known

    def _warn(self, code: str, table: str, text: str, column: str | None = None) -> None:
        place = table if column is None else f"{table}.{column}"
        self._warnings.append(SchemaWarning(code, table, f"{place}: {text}", column))


class _Kinds(dict[str, Kind]):
    """The kind of each declared type, worked out at its first column."""

    def __init__(self, types: Mapping[str, Kind] | None) -> None:
        super().__init__()
        self._types = types

    def __missing__(self, declared_type: str) -> Kind:
        kind = self[declared_type] = kind_of(declared_type, self._types)
        return kind


class _Fields(dict[str, str]):
    """The field name of each column name, worked out at its first column."""

    def __missing__(self, column: str) -> str:
        name = self[column] = field_name(column)
        return name


def _is_generated(row: TableRow) -> bool:
    return bool([column for column in row.columns if column.hidden])


def _names(row: TableRow) -> list[str]:
    return [column.name for column in row.columns]


def _uniques(indexes: tuple[Index, ...], declared: tuple[Unique, ...]) -> tuple[Unique, ...]:
    """The UNIQUE constraints in order: SQLite knows them by their indexes, the DDL has their clauses."""
    clauses: dict[tuple[str, ...], Unique] = {}
    for unique in declared:
        clauses.setdefault(tuple([fold(column) for column in unique.columns]), unique)
    made = [index for index in indexes if index.origin == "unique"]
    # The names end in a number: "sqlite_autoindex_t_2" comes before "sqlite_autoindex_t_10".
    made.sort(key=lambda index: (len(index.name), index.name))
    uniques: list[Unique] = []
    for index in made:
        columns = index.columns or ()
        said = clauses.get(tuple([fold(column) for column in columns]))
        uniques.append(Unique(columns, said.name, said.on_conflict) if said else Unique(columns))
    return tuple(uniques)
