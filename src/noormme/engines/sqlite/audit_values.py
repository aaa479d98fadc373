"""Rows as JSON, written by SQL that any program's SQLite can run.

Invariant: every value that SQLite can store is told apart from every other, and comes back as the same
bits: integers and reals are numbers (a real has a point or an exponent, an infinite one an exponent that no
finite one has), text is text, NULL is null, and a blob is ``{"blob": "00FF"}``, which no text can be. Text
that is not valid UTF-8 keeps its bytes. Only functions that SQLite has had since 3.38 are used, because the
triggers run in programs that know nothing of noormme.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import msgspec

from noormme.schema.defaults import is_row_id
from noormme.schema.model import Column, Table
from noormme.schema.sql_tokens import quote_identifier
from noormme.schema.types import affinity_of

__all__ = [
    "any_of",
    "changed",
    "changes",
    "key_names",
    "key_of",
    "quote_text",
    "row_of",
    "stored_columns",
    "typed",
]

_T = TypeVar("_T")

_PAIRS = 50
"""How many columns one call names: SQLite's functions take 127 arguments, and expressions nest 1,000 deep."""

_EXACT = frozenset({"INT", "INTEGER", "TEXT"})
"""Types that a STRICT table holds to, and JSON has."""


def quote_text(text: str) -> str:
    """The text as a literal of SQL."""
    return "'" + text.replace("'", "''") + "'"


def stored_columns(table: Table) -> tuple[Column, ...]:
    """The columns whose values are kept: all but the hidden ones, generated ones included."""
    return tuple(column for column in table.columns if not column.hidden)


def key_names(table: Table) -> tuple[str, ...]:
    """The names of the key's columns as they stand in SQL; the row id where there is no key."""
    if table.primary_key:
        return tuple(quote_identifier(name) for name in table.primary_key)
    return (table.rowid,) if table.rowid else ()


def key_of(table: Table, row: str) -> str:
    """An expression for the key of a row as a JSON array.

    Args:
        table: The table.
        row: What the row is called in the statement: ``NEW``, ``OLD`` or an alias.
    """
    return f"json_array({', '.join(typed(f'{row}.{name}') for name in key_names(table))})"


def row_of(table: Table, row: str) -> str:
    """An expression for all columns of a row as a JSON object.

    A table with very many columns gives an array of objects, whose columns follow one another.

    Args:
        table: The table.
        row: What the row is called in the statement.
    """
    objects = [
        "json_object("
        + ", ".join(f"{quote_text(column.name)}, {_column_value(table, column, row)}" for column in group)
        + ")"
        for group in _groups(stored_columns(table))
    ]
    return objects[0] if len(objects) == 1 else f"json_array({', '.join(objects)})"


def changed(table: Table, column: Column) -> str:
    """A condition that holds where an UPDATE gave the column another value, or one of another type."""
    old, new = (f"{row}.{quote_identifier(column.name)}" for row in ("OLD", "NEW"))
    # The column's own collation may call texts equal that are not the same.
    differs = f"{old} IS NOT {new} COLLATE BINARY"
    if affinity_of(column.declared_type) in ("integer", "text", "real"):
        return differs
    return f"({differs} OR typeof({old}) <> typeof({new}))"


def changes(table: Table, row: str) -> str:
    """An expression for the columns that an UPDATE changed as a JSON object.

    Args:
        table: The table.
        row: ``OLD`` for the values before, ``NEW`` for those after.
    """
    parts: list[str] = []
    for column in stored_columns(table):
        name = quote_text(f",{_json_text(column.name)}:")
        value = _written(f"{row}.{quote_identifier(column.name)}")
        parts.append(f"CASE WHEN {changed(table, column)} THEN {name} || {value} ELSE '' END")
    joined = " || ".join(f"({' || '.join(group)})" for group in _groups(parts))
    return f"'{{' || substr({joined}, 2) || '}}'"


def typed(value: str) -> str:
    """A value as an argument of ``json_object`` and its like.

    Args:
        value: An expression that is cheap and has no effect: it is written several times.
    """
    blob = f"json_object('blob', hex({value}))"
    return (
        f"CASE typeof({value}) WHEN 'blob' THEN {blob} WHEN 'real' THEN json({_real(value)}) ELSE {value} END"
    )


def any_of(conditions: Sequence[str]) -> str:
    """The conditions joined with OR, in groups, so that many do not nest too deeply."""
    return " OR ".join(f"({' OR '.join(group)})" for group in _groups(conditions))


def _groups(parts: Sequence[_T]) -> list[Sequence[_T]]:
    return [parts[start : start + _PAIRS] for start in range(0, len(parts), _PAIRS)]


def _column_value(table: Table, column: Column, row: str) -> str:
    value = f"{row}.{quote_identifier(column.name)}"
    exact = is_row_id(table, column) or (table.strict and column.declared_type.upper() in _EXACT)
    return value if exact else typed(value)


def _written(value: str) -> str:
    """The value as the text of JSON."""
    blob = f"""'{{"blob":"' || hex({value}) || '"}}'"""
    return (
        f"CASE typeof({value}) WHEN 'blob' THEN {blob} WHEN 'real' THEN {_real(value)} "
        f"ELSE json_quote({value}) END"
    )


def _real(value: str) -> str:
    # Only an infinite number has no difference from itself. quote() gives as many digits as it takes.
    infinite = f"CASE WHEN {value} < 0 THEN '-9.0e+999' ELSE '9.0e+999' END"
    return f"CASE WHEN {value} - {value} IS NULL THEN {infinite} ELSE quote({value}) END"


def _json_text(name: str) -> str:
    return msgspec.json.encode(name).decode()
