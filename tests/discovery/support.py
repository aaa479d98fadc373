"""What the tests of discovery share: a database from a script, and its schema."""

from __future__ import annotations

from collections.abc import Mapping

import apsw

from noormme.engines.sqlite.introspect import introspect
from noormme.schema import Column, Kind, Schema, Table


def database(script: str = "") -> apsw.Connection:
    """A new database in memory, made by a script."""
    connection = apsw.Connection(":memory:")
    connection.execute(script)
    return connection


def discover(script: str, types: Mapping[str, Kind] | None = None) -> Schema:
    """The schema of a new database that a script makes."""
    return introspect(database(script), types=types)


def only_table(script: str) -> Table:
    """The one table of a new database, of which there is nothing to warn."""
    schema = discover(script)
    assert not schema.warnings
    (table,) = schema.tables
    return table


def found(schema: Schema, name: str) -> Table:
    """The table or view with an exact name."""
    (table,) = [table for table in schema if table.name == name]
    return table


def column(table: Table, name: str) -> Column:
    """The column with an exact name."""
    (column,) = [column for column in table.columns if column.name == name]
    return column


def codes(schema: Schema) -> list[tuple[str, str]]:
    """Code and table of each warning."""
    return [(warning.code, warning.table) for warning in schema.warnings]
