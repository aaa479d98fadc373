"""Discovery: everything that a database of MySQL or MariaDB says about itself, as one ``Schema``.

Invariant: nothing in the catalogue makes discovery fail or leaves a table out without a word. What is
discovered is the one database of the connection; a foreign key that leads to another one is a warning.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Literal

from noormme.engines.server.mysql.catalog import Catalog, ColumnRow, IndexRow, KeyRow, RelationRow
from noormme.engines.server.mysql.introspect_search import search_indexes
from noormme.engines.server.mysql.types import kind_of_column
from noormme.schema.assemble import assemble
from noormme.schema.declared import read_declared
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

_PRIMARY = "PRIMARY"
_ON_UPDATE = re.compile(r"on update (?P<value>current_timestamp(?:\(\d*\))?)", re.IGNORECASE)
_PERIOD = ("ROW START", "ROW END")
"""What the columns of a system-versioned table are generated as; its key ends with the second of them."""


def schema_of(
    catalog: Catalog,
    *,
    types: Mapping[str, Kind] | None = None,
    names: NameOverrides | None = None,
) -> Schema:
    """The schema of a database. Does not touch it.

    Args:
        catalog: What the server says of it.
        types: Kinds to use instead of the rules, by declared type.
        names: Names to use instead of the rules.
    """
    reader = _Reader(catalog, types or {})
    tables: list[Table] = []
    views: list[Table] = []
    hidden: list[str] = []
    for relation in catalog.relations:
        if relation.kind == "SEQUENCE":
            hidden.append(relation.name)
        elif relation.kind.endswith("VIEW"):
            views.append(reader.view(relation))
        else:
            tables.append(reader.table(relation))
    return assemble(
        "mysql",
        tables,
        views,
        hidden_tables=hidden,
        search_indexes=search_indexes(tables),
        warnings=reader.warnings,
        names=names,
    )


class _Reader:
    """Turns rows of the catalogue into tables.

    Attributes:
        warnings: What could not be taken as it stands.
    """

    def __init__(self, catalog: Catalog, types: Mapping[str, Kind]) -> None:
        self._catalog = catalog
        self._types: dict[str, Kind] = {name.lower(): kind for name, kind in types.items()}
        self._tables = {relation.name: relation for relation in catalog.relations}
        self._folded = {name.lower(): name for name in self._tables}
        self.warnings: list[SchemaWarning] = []

    def view(self, relation: RelationRow) -> Table:
        """One view, without a manager and a model."""
        name = relation.name
        rows = self._catalog.columns.get(name, [])
        readable = self._readable(name, rows)
        if "references invalid table(s)" in (relation.comment or "") or not rows:
            readable = False
            self._warn(
                "broken_view",
                name,
                "it refers to a table, column or function that is not there or that its definer may not use; "
                "it is listed only",
            )
        columns = [self._column(row, (), is_view=True) for row in rows]
        return Table(
            name, kind="view", columns=tuple(columns), readable=readable, sql=relation.definition or None
        )

    def table(self, relation: RelationRow) -> Table:
        """One table, without a manager and a model."""
        catalog, name = self._catalog, relation.name
        rows = catalog.columns.get(name, [])
        periods = {row.name for row in rows if _is_period(row)}
        indexes = _grouped_indexes(catalog.indexes.get(name, []), periods)
        key = tuple(part.column or "" for part in indexes.get(_PRIMARY, []))
        if not key:
            self._warn(
                "no_primary_key", name, "it has no primary key; its rows can be read, not changed one by one"
            )
        made = tuple(_index(index, parts) for index, parts in indexes.items())
        return Table(
            name,
            columns=tuple(self._column(row, key, is_view=False) for row in rows),
            primary_key=key,
            uniques=tuple(
                Unique(columns, index.name)
                for index in made
                if index.origin == "unique" and (columns := index.columns) is not None
            ),
            checks=self._checks(name, rows),
            foreign_keys=self._foreign_keys(name),
            indexes=made,
            triggers=tuple(
                Trigger(row.name, row.timing, row.event, row.sql) for row in catalog.triggers.get(name, [])
            ),
            readable=self._readable(name, rows),
            comment=relation.comment or None,
        )

    def _readable(self, name: str, rows: Sequence[ColumnRow]) -> bool:
        # A table none of whose columns may be read is listed where it may be written.
        if not rows or any(row.readable for row in rows):
            return True
        self._warn("no_permission", name, "this user may not read it; it is listed only")
        return False

    def _column(self, row: ColumnRow, key: tuple[str, ...], *, is_view: bool) -> Column:
        extra = row.extra.upper()
        generated = _generated(row)
        found = _ON_UPDATE.search(row.extra)
        return Column(
            row.name,
            field_name(row.name),
            row.declared,
            kind_of_column(row, self._types),
            is_view or row.nullable,
            None if is_view or generated else _stated(row),
            key.index(row.name) + 1 if row.name in key else 0,
            "AUTO_INCREMENT" in extra and not is_view,
            None if is_view else generated,
            row.expression if generated and not is_view else None,
            collation=row.collation,
            comment=row.comment or None,
            on_update=None if found is None or is_view else found["value"],
            labels=read_declared(row.declared).values if row.data_type == "enum" else (),
        )

    def _checks(self, name: str, rows: Sequence[ColumnRow]) -> tuple[Check, ...]:
        columns = {row.name for row in rows}
        made: list[Check] = []
        for row in self._catalog.checks.get(name, []):
            # MariaDB names the check of a column like the column.
            made.append(Check(row.expression, row.name, row.name if row.name in columns else None))
        return tuple(made)

    def _foreign_keys(self, name: str) -> tuple[ForeignKey, ...]:
        made: list[ForeignKey] = []
        for constraint, parts in groupby(self._catalog.keys.get(name, []), key=lambda row: row.name):
            rows = list(parts)
            target = self._target(rows[0])
            if target is None:
                where = f"{rows[0].target_database}.{rows[0].target}"
                self._warn(
                    "dangling_foreign_key",
                    name,
                    f"its foreign key {constraint} leads to {where}, which is not read",
                )
                continue
            made.append(
                ForeignKey(
                    tuple(row.column for row in rows),
                    target,
                    tuple(row.target_column for row in rows),
                    constraint,
                    rows[0].on_update,
                    rows[0].on_delete,
                )
            )
        return tuple(made)

    def _target(self, row: KeyRow) -> str | None:
        catalog = self._catalog
        database, name = row.target_database, row.target
        if catalog.folds_names:
            if database.lower() != catalog.database.lower():
                return None
            return name if name in self._tables else self._folded.get(name.lower())
        return name if database == catalog.database and name in self._tables else None

    def _warn(self, code: str, table: str, text: str) -> None:
        self.warnings.append(SchemaWarning(code, table, f"{table}: {text}"))


def _is_period(row: ColumnRow) -> bool:
    return (row.expression or "").upper() in _PERIOD


def _generated(row: ColumnRow) -> Literal["virtual", "stored"] | None:
    extra = row.extra.upper()
    if "VIRTUAL GENERATED" in extra:
        return "virtual"
    if "STORED GENERATED" in extra or "PERSISTENT" in extra or _is_period(row):
        return "stored"
    return None


def _stated(row: ColumnRow) -> str | None:
    """The default, where it is one that was stated: every column that may be NULL is NULL otherwise."""
    return None if row.default == "NULL" else row.default


def _grouped_indexes(rows: Iterable[IndexRow], periods: set[str]) -> dict[str, list[IndexRow]]:
    """The indexes by name, without the columns that MariaDB adds to those of versioned tables."""
    found: dict[str, list[IndexRow]] = {}
    for row in rows:
        if row.column is None or row.column not in periods:
            found.setdefault(row.name, []).append(row)
    return found


def _index(name: str, rows: Sequence[IndexRow]) -> Index:
    kind = rows[0].kind.upper()
    origin: Literal["index", "unique", "primary_key"] = "unique" if rows[0].unique else "index"
    return Index(
        name,
        tuple(_part(row) for row in rows),
        rows[0].unique,
        origin="primary_key" if name == _PRIMARY else origin,
        method=None if kind == "BTREE" else kind.lower(),
    )


def _part(row: IndexRow) -> IndexPart:
    if row.column is None:
        return IndexPart(expression=row.expression, descending=row.descending)
    if row.prefix is not None and row.kind not in ("FULLTEXT", "SPATIAL"):
        # Only its beginning is compared, so this is no key of the column.
        name = row.column.replace("`", "``")
        return IndexPart(expression=f"`{name}`({row.prefix})", descending=row.descending)
    return IndexPart(row.column, descending=row.descending)
