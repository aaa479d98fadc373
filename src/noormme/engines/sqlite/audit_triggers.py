"""The audit trail's tables and triggers, as SQL.

Invariant: the triggers work on every connection of every program, because they call nothing but SQLite's
own functions; what only noormme knows (who, and in which transaction) is added by a temporary trigger of
noormme's own connection, which no other program sees.

A row that ``REPLACE`` removes fires no DELETE trigger unless its connection asks for that. So the rows
that stand in a new row's way are put aside before, and those that are gone afterwards were replaced.
"""

from __future__ import annotations

from noormme.engines.sqlite.audit_stamp import AUDIT_TABLE, PREFIX
from noormme.engines.sqlite.audit_values import (
    any_of,
    changed,
    changes,
    key_names,
    key_of,
    quote_text,
    row_of,
    stored_columns,
)
from noormme.schema.defaults import is_row_id
from noormme.schema.model import Index, Table
from noormme.schema.sql_tokens import quote_identifier

__all__ = ["NOW", "REPLACED_TABLE", "TABLES", "audit_triggers"]

REPLACED_TABLE = "noormme_audit_replaced"

_KEY_COLUMNS = 16
"""How many columns a key can have for the rows that REPLACE removes to be seen."""

TABLES = (
    f"""CREATE TABLE IF NOT EXISTS {AUDIT_TABLE} (
    id INTEGER PRIMARY KEY,
    at DATETIME NOT NULL,
    actor TEXT,
    action TEXT NOT NULL,
    table_name TEXT NOT NULL,
    row_key JSON,
    previous_key JSON,
    before JSON,
    after JSON,
    transaction_id INTEGER
)""",
    f"CREATE INDEX IF NOT EXISTS {AUDIT_TABLE}_row ON {AUDIT_TABLE} (table_name, row_key)",
    f"CREATE INDEX IF NOT EXISTS {AUDIT_TABLE}_previous ON {AUDIT_TABLE} (table_name, previous_key) "
    "WHERE previous_key IS NOT NULL",
    f"CREATE TABLE IF NOT EXISTS {REPLACED_TABLE} (table_name TEXT, row_key, before, since INTEGER, "
    f"{', '.join(f'k{number}' for number in range(1, _KEY_COLUMNS + 1))})",
)
"""The statements that make the tables, where they are not there yet."""

NOW = "strftime('%Y-%m-%d %H:%M:%f+00:00', 'now')"
"""The time in UTC, as text that sorts; SQLite's clock has milliseconds."""


def audit_triggers(table: Table) -> dict[str, str]:
    """The triggers that keep the audit trail of one table. Does not touch the database.

    Args:
        table: An ordinary table whose rows have a key or a row id.

    Returns:
        The statements by the names of the triggers.
    """
    name = quote_text(table.name)
    key, previous = key_of(table, "NEW"), key_of(table, "OLD")
    rekeyed = any_of([f"OLD.{part} IS NOT NEW.{part} COLLATE BINARY" for part in key_names(table)])
    conditions = [changed(table, column) for column in stored_columns(table)]
    if not table.primary_key:
        conditions.append(rekeyed)
    uniques = _unique_conditions(table)
    # A row that an UPDATE gives another key is not gone.
    moved = f"s.row_key <> {previous} AND "
    columns = "at, action, table_name, row_key"
    triggers = {
        "insert": (
            "AFTER INSERT",
            "",
            f"{_note_replaced(table) if uniques else ''}INSERT INTO {AUDIT_TABLE} ({columns}, after) "
            f"VALUES ({NOW}, 'insert', {name}, {key}, {row_of(table, 'NEW')});",
        ),
        "update": (
            "AFTER UPDATE",
            any_of(conditions),
            f"{_note_replaced(table, moved) if uniques else ''}"
            f"INSERT INTO {AUDIT_TABLE} ({columns}, previous_key, before, after) "
            f"VALUES ({NOW}, 'update', {name}, {key}, CASE WHEN {rekeyed} THEN {previous} END, "
            f"{changes(table, 'OLD')}, {changes(table, 'NEW')});",
        ),
        "delete": (
            "AFTER DELETE",
            "",
            f"INSERT INTO {AUDIT_TABLE} ({columns}, before) "
            f"VALUES ({NOW}, 'delete', {name}, {previous}, {row_of(table, 'OLD')});",
        ),
    }
    if uniques:
        conflict = any_of([f"EXISTS ({_conflicting(table, unique)})" for unique in uniques])
        triggers["before_insert"] = ("BEFORE INSERT", conflict, _put_aside(table, uniques))
        watched = ", ".join(quote_identifier(column) for column in _unique_columns(table))
        same = " AND ".join(f"r.{part} IS OLD.{part}" for part in key_names(table))
        others = [f"{unique} AND NOT ({same})" for unique in uniques]
        if watched:
            conflict = any_of([f"EXISTS ({_conflicting(table, unique)})" for unique in others])
            triggers["before_update"] = (f"BEFORE UPDATE OF {watched}", conflict, _put_aside(table, others))
    made: dict[str, str] = {}
    for kind, (event, condition, body) in triggers.items():
        trigger = f"{PREFIX}{kind}_{table.name}"
        when = f" WHEN {condition}" if condition else ""
        made[trigger] = (
            f"CREATE TRIGGER {quote_identifier(trigger)} {event} ON {quote_identifier(table.name)}"
            f"{when} BEGIN {body} END"
        )
    return made


# ---------------------------------------------------------------- rows that REPLACE removes


def _unique_indexes(table: Table) -> list[Index]:
    """The indexes whose columns no two rows share; what an expression is in another row SQL cannot say."""
    return [index for index in table.indexes if index.unique and index.columns is not None]


def _unique_columns(table: Table) -> list[str]:
    columns = [column for index in _unique_indexes(table) for column in index.columns or ()]
    return list(dict.fromkeys([*columns, *table.primary_key]))


def _unique_conditions(table: Table) -> list[str]:
    """For each unique key: that a row ``r`` has the same as ``NEW``."""
    if len(key_names(table)) > _KEY_COLUMNS:
        return []
    conditions: list[str] = []
    if not table.primary_key or any(is_row_id(table, column) for column in table.columns):
        conditions.append(" AND ".join(f"r.{part} = NEW.{part}" for part in key_names(table)))
    collations = {column.name: column.collation for column in table.columns}
    for index in _unique_indexes(table):
        parts: list[str] = []
        for part in index.parts:
            column = quote_identifier(part.column or "")
            # SQLite uses an index only where the comparison is by the index's own collation.
            own = part.collation != collations.get(part.column or "")
            collate = f" COLLATE {quote_identifier(part.collation or 'BINARY')}" if own else ""
            parts.append(f"r.{column} = NEW.{column}{collate}")
        if index.where is not None:
            parts.append(f"({index.where})")
        conditions.append(" AND ".join(parts))
    return conditions


def _conflicting(table: Table, condition: str) -> str:
    return f"SELECT 1 FROM {quote_identifier(table.name)} AS r WHERE {condition}"


def _put_aside(table: Table, conditions: list[str]) -> str:
    """Note the rows that are in the way, with what they held and where the trail ended."""
    name = quote_text(table.name)
    keys = key_names(table)
    places = ", ".join(f"k{number}" for number in range(1, len(keys) + 1))
    return (
        f"DELETE FROM {REPLACED_TABLE} WHERE table_name = {name}; "
        f"INSERT INTO {REPLACED_TABLE} (table_name, row_key, before, since, {places}) "
        f"SELECT {name}, {key_of(table, 'r')}, {row_of(table, 'r')}, "
        f"(SELECT coalesce(max(id), 0) FROM {AUDIT_TABLE}), {', '.join(f'r.{key}' for key in keys)} "
        f"FROM {quote_identifier(table.name)} AS r WHERE {any_of(conditions)};"
    )


def _note_replaced(table: Table, condition: str = "") -> str:
    """Write entries for the rows put aside that are gone, unless a DELETE trigger has done so."""
    name = quote_text(table.name)
    same = " AND ".join(f"r.{key} IS s.k{number}" for number, key in enumerate(key_names(table), 1))
    return (
        f"INSERT INTO {AUDIT_TABLE} (at, action, table_name, row_key, before) "
        f"SELECT {NOW}, 'delete', {name}, s.row_key, s.before FROM {REPLACED_TABLE} AS s "
        f"WHERE s.table_name = {name} AND {condition}(s.row_key = {key_of(table, 'NEW')} OR NOT EXISTS "
        f"(SELECT 1 FROM {quote_identifier(table.name)} AS r WHERE {same})) AND NOT EXISTS "
        f"(SELECT 1 FROM {AUDIT_TABLE} AS a WHERE a.id > s.since AND a.action = 'delete' "
        f"AND a.table_name = {name} AND a.row_key = s.row_key); "
        f"DELETE FROM {REPLACED_TABLE} WHERE table_name = {name}; "
    )
