"""Databases whose changes the triggers write down, and what the trail says that they hold."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import apsw

from noormme.engines.sqlite.audit_stamp import AUDIT_TABLE, STAMP
from noormme.engines.sqlite.audit_stored import stored_key, stored_row
from noormme.engines.sqlite.audit_triggers import TABLES, audit_triggers
from noormme.engines.sqlite.introspect import introspect
from noormme.schema import Table

Key = tuple[object, ...]
Row = dict[str, object]


class Entry(NamedTuple):
    action: str
    table: str
    key: Key
    previous: Key | None
    before: Row | None
    after: Row | None


def audited(script: str, path: str = ":memory:") -> tuple[apsw.Connection, dict[str, Table]]:
    """A database made by a script, with the triggers on every table that it has."""
    connection = apsw.Connection(path)
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute(script)
    tables = {table.name: table for table in introspect(connection).tables}
    for sql in TABLES:
        connection.execute(sql)
    for table in tables.values():
        for sql in audit_triggers(table).values():
            connection.execute(sql)
    return connection, tables


def stamped(connection: apsw.Connection) -> None:
    """Add what noormme's own connection adds."""
    connection.create_scalar_function("noormme_actor", lambda: "ann", 0)
    connection.create_scalar_function("noormme_transaction", lambda entry: entry, 1)
    connection.execute(STAMP)


def entries(connection: apsw.Connection) -> list[Entry]:
    rows = connection.execute(
        "SELECT action, table_name, CAST(row_key AS BLOB), CAST(previous_key AS BLOB), CAST(before AS BLOB), "
        f"CAST(after AS BLOB) FROM {AUDIT_TABLE} ORDER BY id"
    )
    return [
        Entry(
            action, table, stored_key(key) or (), stored_key(previous), stored_row(before), stored_row(after)
        )
        for action, table, key, previous, before, after in rows
    ]


def exact(value: object) -> tuple[str, str]:
    """A value that equals another only if type and bits are the same; SQLite writes minus zero as zero."""
    return (type(value).__name__, (value + 0.0).hex() if isinstance(value, float) else repr(value))


def held(row: Row | None) -> dict[str, tuple[str, str]]:
    return {name: exact(value) for name, value in (row or {}).items()}


def state_of(connection: apsw.Connection, table: Table) -> dict[str, dict[str, tuple[str, str]]]:
    """The rows that a table has, by key."""
    key = table.primary_key or (table.rowid or "",)
    names = [column.name for column in table.columns]
    quoted = ", ".join('"' + name.replace('"', '""') + '"' for name in names)
    keys = ", ".join('"' + name.replace('"', '""') + '"' if table.primary_key else name for name in key)
    found: dict[str, dict[str, tuple[str, str]]] = {}
    # Text that is not valid comes as bytes, which is what the trail gives too.
    for row in rows_of(connection, f"SELECT {keys}, {quoted} FROM {name_of(table)}", len(key) + len(names)):
        found[repr(row[: len(key)])] = held(dict(zip(names, row[len(key) :], strict=True)))
    return found


def name_of(table: Table) -> str:
    return '"' + table.name.replace('"', '""') + '"'


def rows_of(connection: apsw.Connection, sql: str, width: int) -> list[tuple[object, ...]]:
    try:
        return connection.execute(sql).fetchall()
    except UnicodeDecodeError:
        numbers = [f"c{number}" for number in range(width)]
        safe = ", ".join(
            f"CASE WHEN typeof({name}) = 'text' THEN CAST({name} AS BLOB) ELSE {name} END, typeof({name})"
            for name in numbers
        )
        rows = connection.execute(f"WITH q({', '.join(numbers)}) AS ({sql}) SELECT {safe} FROM q").fetchall()
        return [tuple(as_read(row[at], row[at + 1]) for at in range(0, len(row), 2)) for row in rows]


def as_read(value: object, kind: str) -> object:
    if kind != "text" or not isinstance(value, bytes):
        return value
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value


def replay(trail: Iterable[Entry]) -> dict[str, dict[str, dict[str, tuple[str, str]]]]:
    """What the trail says that the tables hold; it must fit itself at every step."""
    tables: dict[str, dict[str, dict[str, tuple[str, str]]]] = {}
    for entry in trail:
        rows = tables.setdefault(entry.table, {})
        key, previous = repr(entry.key), repr(entry.previous or entry.key)
        if entry.action == "insert":
            assert key not in rows, entry
            rows[key] = held(entry.after)
        elif entry.action == "delete":
            assert rows.pop(key) == held(entry.before), entry
        else:
            row = rows.pop(previous)
            assert {name: row[name] for name in held(entry.before)} == held(entry.before), entry
            assert list(entry.before or ()) == list(entry.after or ())
            assert held(entry.before) != held(entry.after), entry
            assert key not in rows, entry
            rows[key] = row | held(entry.after)
    return tables
