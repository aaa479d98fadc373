"""From SQL Server's catalogue to a schema.

Invariant: nothing here touches the database, and nothing that the catalogue can hold makes it fail.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Literal

from noormme.engines.server.mssql.catalog import (
    Catalog,
    CheckRow,
    ColumnRow,
    ForeignKeyRow,
    IndexRow,
    RelationRow,
    TriggerRow,
)
from noormme.engines.server.mssql.types import declared_type, kind_of
from noormme.schema.assemble import assemble
from noormme.schema.model import (
    Check,
    Column,
    ForeignKey,
    Index,
    IndexPart,
    Kind,
    Schema,
    SchemaWarning,
    Table,
    Trigger,
    Unique,
)
from noormme.schema.naming import NameOverrides, field_name

__all__ = ["schema_of"]

_IDENTITY = "IDENTITY"
"""What fills in a column that the database counts, which has no default of its own."""

_ROW_VERSIONS = ("timestamp", "rowversion")


def schema_of(
    catalog: Catalog,
    *,
    types: Mapping[str, Kind] | None = None,
    names: NameOverrides | None = None,
) -> Schema:
    """The schema of a database.

    Args:
        catalog: What SQL Server says of it.
        types: Kinds to use instead of the rules, by declared type.
        names: Names to use instead of the rules.
    """
    reader = _Reader(catalog, types or {})
    tables: list[Table] = []
    views: list[Table] = []
    for relation in catalog.kept():
        (views if relation.kind == "V" else tables).append(reader.table(relation))
    hidden = [catalog.exact_name(relation) for relation in catalog.hidden()]
    return assemble("mssql", tables, views, hidden_tables=hidden, warnings=reader.warnings, names=names)


class _Reader:
    """Turns rows of the catalogue into tables.

    Attributes:
        warnings: What could not be taken as it stands.
    """

    def __init__(self, catalog: Catalog, types: Mapping[str, Kind]) -> None:
        self._catalog = catalog
        self._types: dict[str, Kind] = {name.lower(): kind for name, kind in types.items()}
        self._names = {relation.oid: catalog.exact_name(relation) for relation in catalog.relations}
        self._columns = {oid: {row.number: row.name for row in rows} for oid, rows in catalog.columns.items()}
        self.warnings: list[SchemaWarning] = []

    def table(self, relation: RelationRow) -> Table:
        """One table or view, without a manager and a model."""
        catalog, oid = self._catalog, relation.oid
        name = catalog.exact_name(relation)
        indexes = [list(rows) for _, rows in groupby(catalog.indexes.get(oid, []), lambda row: row.number)]
        key = next((self._keys(oid, rows) for rows in indexes if rows[0].primary), ())
        is_view = relation.kind == "V"
        if not is_view and not key:
            self._warn(
                "no_primary_key", name, "it has no primary key; its rows can be read, not changed one by one"
            )
        if not relation.readable:
            self._warn("no_permission", name, "this user may not read it; it is listed only")
        checks = catalog.checks.get(oid, [])
        documents = {row.column for row in checks if "isjson(" in row.definition.lower()}
        return Table(
            name,
            kind="view" if is_view else "table",
            columns=tuple(
                self._column(row, key, row.number in documents, is_view)
                for row in catalog.columns.get(oid, [])
            ),
            primary_key=key,
            uniques=tuple(
                Unique(self._keys(oid, rows), rows[0].name) for rows in indexes if rows[0].constraint
            ),
            checks=tuple(self._check(row) for row in checks),
            foreign_keys=tuple(self._foreign_keys(name, catalog.foreign_keys.get(oid, []))),
            indexes=tuple(self._index(oid, rows) for rows in indexes),
            triggers=tuple(_triggers(catalog.triggers.get(oid, []))),
            readable=relation.readable,
            sql=relation.definition,
            comment=relation.comment,
            namespace=None if relation.namespace == catalog.namespace else relation.namespace,
        )

    def _column(self, row: ColumnRow, key: Sequence[str], is_json: bool, is_view: bool) -> Column:
        declared = declared_type(row.base, row.length, row.precision, row.scale)
        # What the server writes itself: a version of the row, and when that began and ended.
        filled = row.base in _ROW_VERSIONS or row.generated_always > 0
        generated: Literal["virtual", "stored"] | None = None
        if row.computed is not None or filled:
            generated = "stored" if row.persisted or filled else "virtual"
        default = _IDENTITY if row.identity else None if row.default is None else _bare(row.default)
        return Column(
            row.name,
            field_name(row.name),
            declared,
            kind_of(row.type_name, row.base, declared, self._types, is_json=is_json),
            is_view or row.nullable,
            default,
            key.index(row.name) + 1 if row.name in key else 0,
            row.identity,
            generated,
            None if row.computed is None else _bare(row.computed),
            hidden=row.hidden,
            collation=row.collation,
            comment=row.comment,
        )

    def _check(self, row: CheckRow) -> Check:
        column = self._columns.get(row.relation, {}).get(row.column)
        return Check(_bare(row.definition), row.name, column)

    def _foreign_keys(self, table: str, rows: Iterable[ForeignKeyRow]) -> list[ForeignKey]:
        made: list[ForeignKey] = []
        for name, parts in groupby(rows, lambda row: row.name):
            several = list(parts)
            first = several[0]
            target = self._names.get(first.target)
            if target is None:
                self._warn("dangling_foreign_key", table, f"its foreign key {name} leads out of what is read")
                continue
            made.append(
                ForeignKey(
                    self._numbered(first.relation, [row.column for row in several]),
                    target,
                    self._numbered(first.target, [row.target_column for row in several]),
                    name,
                    first.on_update.replace("_", " "),
                    first.on_delete.replace("_", " "),
                )
            )
        return made

    def _index(self, oid: int, rows: Sequence[IndexRow]) -> Index:
        first = rows[0]
        names = self._columns.get(oid, {})
        parts = tuple(
            IndexPart(names[row.column], descending=row.descending)
            for row in rows
            if row.ordinal and row.column in names
        )
        where = None if first.where is None else _bare(first.where)
        origin: Literal["index", "unique", "primary_key"] = "index"
        if first.primary or first.constraint:
            origin = "primary_key" if first.primary else "unique"
        return Index(first.name, parts, first.unique and not first.disabled, where, origin)

    def _keys(self, oid: int, rows: Sequence[IndexRow]) -> tuple[str, ...]:
        return self._numbered(oid, [row.column for row in rows if row.ordinal])

    def _numbered(self, oid: int, numbers: Iterable[int]) -> tuple[str, ...]:
        names = self._columns.get(oid, {})
        return tuple(names[number] for number in numbers if number in names)

    def _warn(self, code: str, table: str, text: str) -> None:
        self.warnings.append(SchemaWarning(code, table, f"{table}: {text}"))


def _triggers(rows: Iterable[TriggerRow]) -> list[Trigger]:
    made: list[Trigger] = []
    for name, parts in groupby(rows, lambda row: row.name):
        several = list(parts)
        timing = "INSTEAD OF" if several[0].instead else "AFTER"
        made.append(Trigger(name, timing, " OR ".join(row.event for row in several), several[0].sql or ""))
    return made


def _bare(definition: str) -> str:
    """An expression without the parentheses that SQL Server puts around all of it."""
    while definition.startswith("(") and _closes(definition) == len(definition) - 1:
        definition = definition[1:-1].strip()
    return definition


def _closes(text: str) -> int:
    """Where the first parenthesis of a text is closed; -1 where it is not."""
    depth, quote = 0, ""
    for at, sign in enumerate(text):
        if quote:
            quote = "" if sign == quote else quote
        elif sign == "'" or sign == "[":
            quote = "]" if sign == "[" else "'"
        elif sign == "(":
            depth += 1
        elif sign == ")":
            depth -= 1
            if depth == 0:
                return at
    return -1
