"""A SQLite database written again into PostgreSQL, so that the same queries can be asked of both.

Invariant: tables, columns, keys and rows have the same names and the same values on both sides.
"""

from __future__ import annotations

from typing import Any

import psycopg
from msgspec.structs import replace
from psycopg import sql
from psycopg.types.json import Jsonb

from noormme import Database
from noormme.copying import copy
from noormme.engines.server.postgresql.types import SQL_TYPES
from noormme.schema.model import Column, Table

__all__ = ["mirror"]

_TYPES = {**SQL_TYPES, "any": "TEXT"}


def mirror(source: Database, url: str) -> None:
    """Write the tables of a database into an empty one; each view becomes one of rows that were written down.

    Args:
        source: The SQLite database.
        url: The PostgreSQL database.
    """
    copy(source.path, url, verify=False)
    with psycopg.connect(url) as connection:
        connection.execute("CREATE SCHEMA written_down")
        for view in (_typed(source, view) for view in source.schema.views if view.readable):
            if view.columns:
                place = sql.Identifier("written_down", view.name)
                connection.execute(_create(view, place))
                _copy(connection, source, view, place)
                connection.execute(
                    sql.SQL("CREATE VIEW {} AS SELECT * FROM {}").format(sql.Identifier(view.name), place)
                )
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("ANALYZE")


def _names(names: Any) -> sql.Composable:
    return sql.SQL(", ").join(map(sql.Identifier, names))


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


def _create(table: Table, place: sql.Composable) -> sql.Composable:
    parts = [
        sql.SQL("{} {}").format(sql.Identifier(column.name), sql.SQL(_TYPES[column.kind]))
        for column in table.columns
    ]
    return sql.SQL("CREATE TABLE {} ({})").format(place, sql.SQL(", ").join(parts))


def _copy(connection: psycopg.Connection[Any], source: Database, table: Table, place: sql.Composable) -> None:
    fields = [column.field for column in table.columns]
    rows = source[table.name].all().values_list(*fields)
    command = sql.SQL("COPY {} ({}) FROM STDIN").format(
        place, _names([column.name for column in table.columns])
    )
    # Of a document that is null, Python has None as of no document.
    tests = ", ".join(f'"{column.name}" IS NULL' for column in table.columns)
    nulls = source.execute(f'SELECT {tests} FROM "{table.name.replace(chr(34), chr(34) * 2)}"')
    with connection.cursor() as cursor, cursor.copy(command) as written:
        for row, missing in zip(rows, nulls, strict=True):
            written.write_row(
                [
                    None if absent else _stored(column, value)
                    for column, value, absent in zip(table.columns, row, missing, strict=True)
                ]
            )


def _stored(column: Column, value: Any) -> Any:
    if column.kind == "json":
        return Jsonb(value)
    return str(value) if column.kind in ("any", "text") else value
