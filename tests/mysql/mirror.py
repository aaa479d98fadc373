"""A SQLite database written again into MySQL, so that the same queries can be asked of both.

Invariant: tables, columns, keys and rows have the same names and the same values on both sides.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from itertools import islice
from typing import Any

import msgspec
import pymysql
from msgspec.structs import replace

from noormme import Database
from noormme.engines.server.mysql.types import SQL_TYPES
from noormme.schema.model import Column, ForeignKey, Table
from tests.mysql.server import raw_connection

__all__ = ["mirror"]

_TYPES = {**SQL_TYPES, "any": "LONGTEXT"}
_KEY_TYPES = {
    "text": "VARCHAR(190)",
    "any": "VARCHAR(190)",
    "blob": "VARBINARY(190)",
    "decimal": "DECIMAL(40,10)",
}
"""The types of columns that a key or an index is on: there must be a limit."""

_DECIMAL = re.compile(r"DECIMAL\(\d+, ?\d+\)")
_ROWS = 500


def mirror(source: Database, url: str) -> None:
    """Write the tables of a database into an empty one; each view becomes one of rows that were written down.

    Args:
        source: The SQLite database.
        url: The MySQL database.
    """
    with raw_connection(url) as connection, connection.cursor() as cursor:
        cursor.execute("SET foreign_key_checks = 0, sql_mode = 'STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO'")
        cursor.execute("SET time_zone = '+00:00'")
        for table in source.schema.tables:
            cursor.execute(_create(source, table, _name(table.name)))
            _copy(cursor, source, table, _name(table.name))
        for table in source.schema.tables:
            for key in table.foreign_keys:
                _add(cursor, table, key)
        for view in (_typed(source, view) for view in source.schema.views if view.readable):
            if view.columns:
                place = _name(f"written_down_{view.name}")
                cursor.execute(_create(source, view, place))
                _copy(cursor, source, view, place)
                cursor.execute(f"CREATE VIEW {_name(view.name)} AS SELECT * FROM {place}")


def _name(name: str) -> str:
    return "`" + name.replace("`", "``").replace("%", "%%") + "`"


def _names(names: Iterable[str]) -> str:
    return ", ".join(map(_name, names))


def _add(cursor: Any, table: Table, key: ForeignKey) -> None:
    """Add a foreign key; SQLite has some whose types MySQL would refuse."""
    with suppress(pymysql.OperationalError, pymysql.IntegrityError):
        cursor.execute(
            f"ALTER TABLE {_name(table.name)} ADD FOREIGN KEY ({_names(key.columns)}) "
            f"REFERENCES {_name(key.target)} ({_names(key.target_columns)})"
        )


def _typed(source: Database, table: Table) -> Table:
    """A table whose columns without a kind have that of the numbers in them."""
    columns: list[Column] = []
    for column in table.columns:
        if column.kind == "any":
            types = set(map(type, source[table.name].all().values_list(column.field, flat=True))) - {
                type(None)
            }
            if types and types <= {int, float}:
                column = replace(column, kind="integer" if types == {int} else "real")
        columns.append(column)
    return replace(table, columns=tuple(columns))


def _create(source: Database, table: Table, place: str) -> str:
    keyed = {name for unique in table.uniques for name in unique.columns} | set(table.primary_key)
    keyed |= {name for key in table.foreign_keys for name in key.columns}
    for other in source.schema.tables:
        keyed |= {
            name for key in other.foreign_keys if key.target == table.name for name in key.target_columns
        }
    parts = [_column(table, column, keyed) for column in table.columns]
    if table.primary_key:
        parts.append(f"PRIMARY KEY ({_names(table.primary_key)})")
    parts += [f"UNIQUE ({_names(unique.columns)})" for unique in table.uniques]
    return f"CREATE TABLE {place} ({', '.join(parts)})"


def _column(table: Table, column: Column, keyed: set[str]) -> str:
    limited = column.name in keyed
    words = [_name(column.name), _KEY_TYPES.get(column.kind, "") if limited else ""]
    declared = column.declared_type if _DECIMAL.fullmatch(column.declared_type) else ""
    words[1] = words[1] or declared or _TYPES[column.kind]
    if not column.nullable:
        words.append("NOT NULL")
    numbered = column.kind == "integer" and not table.without_rowid and table.primary_key == (column.name,)
    if numbered:
        words.append("AUTO_INCREMENT")
    elif column.default is not None and column.kind == "boolean":
        words.append("DEFAULT 1" if column.default in ("1", "TRUE") else "DEFAULT 0")
    elif column.default is not None and column.kind in ("integer", "text", "real"):
        words.append(f"DEFAULT ({column.default})")
    return " ".join(words)


def _copy(cursor: Any, source: Database, table: Table, place: str) -> None:
    fields = [column.field for column in table.columns]
    rows = iter(source[table.name].all().values_list(*fields))
    # Of a document that is null, Python has None as of no document.
    tests = ", ".join(f'"{column.name}" IS NULL' for column in table.columns)
    nulls = iter(source.execute(f'SELECT {tests} FROM "{table.name.replace(chr(34), chr(34) * 2)}"'))
    places = f"({', '.join(['%s'] * len(fields))})"
    names = _names(column.name for column in table.columns)
    while chunk := list(islice(zip(rows, nulls, strict=True), _ROWS)):
        values = [
            None if absent else _stored(column, value)
            for row, missing in chunk
            for column, value, absent in zip(table.columns, row, missing, strict=True)
        ]
        cursor.execute(f"INSERT INTO {place} ({names}) VALUES {', '.join([places] * len(chunk))}", values)


def _stored(column: Column, value: Any) -> Any:
    if column.kind == "json":
        return msgspec.json.encode(value).decode()
    if column.kind == "duration":
        return round(value.total_seconds() * 1_000_000)
    return str(value) if column.kind in ("any", "text", "uuid") else value
