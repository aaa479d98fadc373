"""What a column holds when nobody says it.

Invariant: a default is given as a Python value only where storing that value and leaving the column out
come to the same; of everything else (the time of the insert, expressions, a text in a column of
numbers) only the database knows what it will be.
"""

from __future__ import annotations

import msgspec

from noormme.schema.literals import read_literal
from noormme.schema.model import Column, Table
from noormme.schema.sql_tokens import DDLError, TokenReader, tokenize
from noormme.schema.types import affinity_of

__all__ = ["constant_default", "filled_by_database", "is_row_id", "required"]

_SURE_WHOLE = 2**53
"""Up to here every integer is a double."""

_WORDS = {"NULL": None, "TRUE": True, "FALSE": False}


def constant_default(column: Column) -> object | msgspec.UnsetType:
    """The Python value of a default that is a plain literal.

    Args:
        column: The column.

    Returns:
        A text, number or truth value of the column's kind, or None for NULL. UNSET where there is no
        default, where the column is generated, and where only the database knows what it comes to.
    """
    if column.default is None or column.generated:
        return msgspec.UNSET
    reader = TokenReader(tokenize(column.default))
    try:
        if reader.word in _WORDS:
            value: object = _WORDS[reader.step()]
        else:
            value = read_literal(reader)
        if reader.word:
            return msgspec.UNSET
    except DDLError:
        return msgspec.UNSET
    return _as_kind(value, column)


def _as_kind(value: object, column: Column) -> object | msgspec.UnsetType:
    """The value as the column gives it back, or UNSET where the column would make another of it."""
    affinity = affinity_of(column.declared_type)
    if value is None:
        return None
    if column.kind == "boolean":
        if isinstance(value, bool):
            return value
        return bool(value) if type(value) is int and value in (0, 1) else msgspec.UNSET
    if column.kind == "integer" and type(value) is int and affinity in ("integer", "numeric"):
        return value
    if column.kind == "text" and type(value) is str and affinity == "text":
        return value
    if column.kind == "real" and affinity == "real":
        if type(value) is float:
            return value
        if type(value) is int and abs(value) <= _SURE_WHOLE:
            return float(value)
    return msgspec.UNSET


def is_row_id(table: Table, column: Column) -> bool:
    """Whether the column is another name of SQLite's row id, which NULL asks for a new one.

    Args:
        table: The table.
        column: One of its columns.
    """
    if table.kind != "table" or table.without_rowid or table.primary_key != (column.name,):
        return False
    # Every other primary key has an index.
    return not any(index.origin == "primary_key" for index in table.indexes)


def filled_by_database(table: Table, column: Column) -> bool:
    """Whether the database gives the column a value when an INSERT leaves it out.

    Args:
        table: The table.
        column: One of its columns.

    Returns:
        True for generated columns, row ids and other numbered keys, and defaults other than NULL.
    """
    if column.generated or column.autoincrement or is_row_id(table, column):
        return True
    return column.default is not None and constant_default(column) is not None


def required(table: Table, column: Column) -> bool:
    """Whether an INSERT that leaves the column out is refused.

    Args:
        table: The table.
        column: One of its columns.
    """
    return not column.nullable and not column.hidden and not filled_by_database(table, column)
