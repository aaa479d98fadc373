"""What all outputs ask of a table: which of its columns are read, given at an insert, and changed.

Invariant: every output answers these questions by this module, so that they agree with each other.
"""

from __future__ import annotations

from collections.abc import Sequence

from noormme.schema.limits import is_numbered
from noormme.schema.model import Column, Schema, Table

__all__ = ["changed_columns", "created_columns", "has_rows", "is_written", "read_columns", "read_tables"]


def read_tables(schema: Schema) -> list[Table]:
    """The tables and views that rows can be read from, in the order of their models' names."""
    return sorted((table for table in schema if has_rows(table)), key=lambda table: table.model)


def has_rows(table: Table) -> bool:
    """Whether rows can be read from it at all."""
    return table.readable and bool(read_columns(table))


def is_written(table: Table) -> bool:
    """Whether rows of it can be written: a view is only read."""
    return table.kind != "view"


def read_columns(table: Table) -> Sequence[Column]:
    """The columns of a row, in the order of the database."""
    return [column for column in table.columns if not column.hidden]


def created_columns(table: Table) -> Sequence[Column]:
    """The columns that a program gives for a new row: those that the database does not fill in itself."""
    return [
        column
        for column in read_columns(table)
        if column.generated is None and not is_numbered(table, column)
    ]


def changed_columns(table: Table) -> Sequence[Column]:
    """The columns that a program changes in a row: all but its key, and what is computed."""
    return [
        column
        for column in read_columns(table)
        if column.generated is None and column.name not in table.primary_key
    ]
