"""Views and virtual tables, each read by itself, so that a broken one does not stop the others.

Invariant: whatever is marked readable could be selected from by the connection that looked. What
could not is kept with its name and its SQL, and a warning gives SQLite's reason.
"""

from __future__ import annotations

from collections.abc import Mapping

import apsw

from noormme.engines.sqlite.catalog import Unreadable, describe, primary_key_of, probe, read_columns
from noormme.engines.sqlite.ddl import parse_virtual_table
from noormme.engines.sqlite.introspect_parts import (
    free_rowid_name,
    keyless_warning,
    parse_or_warn,
)
from noormme.schema.model import Column, Kind, SchemaWarning, Table, Trigger
from noormme.schema.naming import field_name
from noormme.schema.sql_tokens import fold, quote_identifier
from noormme.schema.types import kind_of

__all__ = ["read_view", "read_virtual_table"]


def read_view(
    connection: apsw.Connection,
    name: str,
    sql: str | None,
    *,
    triggers: tuple[Trigger, ...],
    types: Mapping[str, Kind] | None,
    warnings: list[SchemaWarning],
) -> Table:
    """Read one view.

    Args:
        connection: An open connection; one statement is prepared on it and not run, because a view
            can take any time.
        name: The view's exact name.
        sql: The statement that made it.
        triggers: Its triggers.
        types: Kinds to use instead of the rules, by declared type.
        warnings: Gets a warning if the view does not work.

    Returns:
        The view. Its columns have the declared types of the columns behind them; an expression has
        none, so its values come as they are stored.
    """
    try:
        # The pragma does not see an unknown collation, or a function that the view may not call.
        described = describe(connection, f"SELECT * FROM main.{quote_identifier(name)}")
    except Unreadable as error:
        message = f"{name}: this view cannot be read: {error}; it is listed only"
        warnings.append(SchemaWarning("broken_view", name, message))
        return Table(name, kind="view", triggers=triggers, readable=False, sql=sql)
    columns = [
        Column(column, field_name(column), declared, kind_of(declared, types))
        for column, declared in described
    ]
    return Table(name, kind="view", columns=tuple(columns), triggers=triggers, sql=sql)


def read_virtual_table(
    connection: apsw.Connection,
    name: str,
    sql: str | None,
    *,
    types: Mapping[str, Kind] | None,
    warnings: list[SchemaWarning],
) -> Table:
    """Read one virtual table.

    Args:
        connection: An open connection. One row is read on it, because many modules find out what they
            lack only when they are asked for a row.
        name: The table's exact name.
        sql: The statement that made it.
        types: Kinds to use instead of the rules, by declared type.
        warnings: Gets a warning if the table does not work.

    Returns:
        The table, hidden columns included.
    """
    definition = parse_or_warn(parse_virtual_table, sql, what="the table", table=name, warnings=warnings)
    module = definition.module if definition else None
    try:
        rows = read_columns(connection, name)
    except Unreadable as error:
        warnings.append(_broken(name, str(error)))
        return Table(name, kind="virtual", module=module, readable=False, sql=sql)
    columns = [
        Column(
            row.name,
            field_name(row.name),
            row.type,
            kind_of(row.type, types),
            row.not_null == 0,
            row.default,
            row.primary_key,
            hidden=row.hidden == 1,
        )
        for row in rows
    ]
    reason = _why_unreadable(connection, name, columns)
    if reason:
        warnings.append(_broken(name, reason))
    primary_key = primary_key_of(rows)
    # Without a primary key a module cannot be WITHOUT ROWID, so there is a row id.
    rowid = None if primary_key else free_rowid_name({fold(column.name) for column in columns})
    if not primary_key and rowid is None:
        warnings.append(keyless_warning(name))
    return Table(
        name,
        kind="virtual",
        columns=tuple(columns),
        primary_key=primary_key,
        rowid=rowid,
        module=module,
        readable=reason is None,
        sql=sql,
    )


def _why_unreadable(connection: apsw.Connection, name: str, columns: list[Column]) -> str | None:
    if all(column.hidden for column in columns):
        return "all its columns are hidden"
    try:
        probe(connection, f"SELECT * FROM main.{quote_identifier(name)} LIMIT 1")
    except Unreadable as error:
        return str(error)
    return None


def _broken(name: str, reason: str) -> SchemaWarning:
    code = "unknown_module" if reason.startswith("no such module") else "broken_virtual_table"
    return SchemaWarning(
        code, name, f"{name}: this virtual table cannot be read: {reason}; it is listed only"
    )
