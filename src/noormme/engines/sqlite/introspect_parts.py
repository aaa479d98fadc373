"""The parts of a table that have statements of their own, and how DDL that is not understood is met.

Invariant: a statement that cannot be parsed costs what only its text says, and one warning; everything
that the pragmas say about it stays.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal, TypeVar

from msgspec.structs import replace

from noormme.engines.sqlite.catalog import Catalog, IndexPartRow, TriggerRow
from noormme.engines.sqlite.ddl import parse_index, parse_trigger_header
from noormme.schema.model import Index, IndexPart, SchemaWarning, Trigger
from noormme.schema.sql_tokens import DDLError

__all__ = [
    "DEFAULT_COLLATION",
    "free_rowid_name",
    "indexes_of",
    "keyless_warning",
    "parse_or_warn",
    "triggers_of",
]

DEFAULT_COLLATION = "BINARY"

_ORIGINS: Mapping[str, Literal["index", "unique", "primary_key"]] = {
    "c": "index",
    "u": "unique",
    "pk": "primary_key",
}

_T = TypeVar("_T")


def free_rowid_name(columns: set[str]) -> str | None:
    """Give the first name of the row id that no column hides, or None.

    Args:
        columns: The folded names of the table's columns.
    """
    return next((name for name in ("rowid", "_rowid_", "oid") if name not in columns), None)


def keyless_warning(table: str) -> SchemaWarning:
    """The warning that nothing tells the rows of a table apart."""
    message = f"{table}: it has no primary key and no row id to be had; its rows can be read, not changed"
    return SchemaWarning("no_primary_key", table, message)


def parse_or_warn(
    parse: Callable[[str], _T], sql: str | None, *, what: str, table: str, warnings: list[SchemaWarning]
) -> _T | None:
    """Parse a statement, or warn that it is kept as text only.

    Args:
        parse: The parser for this kind of statement.
        sql: The statement.
        what: What it makes, for the warning (``"the index 'by_name'"``).
        table: The exact name of the table that the warning is about.
        warnings: Gets the warning.

    Returns:
        What the parser gives, or None.
    """
    try:
        return parse(sql or "")
    except DDLError as error:
        message = f"{table}: the SQL of {what} is kept as text only, because {error}"
        warnings.append(SchemaWarning("unparsed_ddl", table, message))
        return None


def triggers_of(table: str, rows: Sequence[TriggerRow], warnings: list[SchemaWarning]) -> tuple[Trigger, ...]:
    """Make the triggers of one table or view, sorted by name.

    Args:
        table: The exact name of the table or view.
        rows: The triggers.
        warnings: Gets one warning for each trigger that cannot be parsed.
    """
    triggers: list[Trigger] = []
    for row in sorted(rows):
        what = f"the trigger {row.name!r}"
        header = parse_or_warn(parse_trigger_header, row.sql, what=what, table=table, warnings=warnings)
        timing, event = header or ("", "")
        triggers.append(Trigger(row.name, timing, event, row.sql or ""))
    return tuple(triggers)


def indexes_of(
    table: str, rows: Sequence[IndexPartRow], catalog: Catalog, warnings: list[SchemaWarning]
) -> tuple[Index, ...]:
    """Make the indexes of one table, those of its constraints included, sorted by name.

    Args:
        table: The table's exact name.
        rows: The key parts of all its indexes.
        catalog: What SQLite says about the database, for the text of predicates and expressions.
        warnings: Gets one warning for each index whose SQL is needed and cannot be parsed.
    """
    grouped: dict[str, list[IndexPartRow]] = {}
    for row in rows:
        grouped.setdefault(row.name, []).append(row)
    return tuple([_index(table, grouped[name], catalog, warnings) for name in sorted(grouped)])


def _index(table: str, rows: list[IndexPartRow], catalog: Catalog, warnings: list[SchemaWarning]) -> Index:
    first = rows[0]
    where: str | None = None
    parts = [
        IndexPart(
            row.column,
            None,
            row.descending == 1,
            None if row.collation == DEFAULT_COLLATION else row.collation,
        )
        for row in rows
    ]
    if first.partial or None in [row.column for row in rows]:
        what = f"the index {first.name!r}"
        sql = catalog.sql(first.name)
        definition = parse_or_warn(parse_index, sql, what=what, table=table, warnings=warnings)
        if definition and len(definition.parts) == len(rows):
            where = definition.where
            parts = [
                part if part.column is not None else replace(part, expression=text)
                for part, text in zip(parts, definition.parts, strict=True)
            ]
    return Index(first.name, tuple(parts), first.unique == 1, where, _ORIGINS[first.origin])
