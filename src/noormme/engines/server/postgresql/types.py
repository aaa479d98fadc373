"""From PostgreSQL's types to what their values are in Python.

Invariant: the kind says what psycopg makes of a value of the type; what has no kind of its own is text,
except arrays, which are lists.
"""

from __future__ import annotations

from collections.abc import Mapping

from psycopg import postgres

from noormme.engines.server.postgresql.catalog import ColumnRow
from noormme.schema.model import Column, Kind

__all__ = [
    "SQL_TYPES",
    "has_zone",
    "is_binary_json",
    "is_plain_text",
    "kind_of_column",
    "kind_of_oid",
    "kind_of_type",
]

_KINDS: Mapping[str, Kind] = {
    **dict.fromkeys(("int2", "int4", "int8", "oid", "xid8"), "integer"),
    **dict.fromkeys(("float4", "float8"), "real"),
    "numeric": "decimal",
    "bytea": "blob",
    "bool": "boolean",
    "date": "date",
    **dict.fromkeys(("time", "timetz"), "time"),
    **dict.fromkeys(("timestamp", "timestamptz"), "datetime"),
    "interval": "duration",
    "uuid": "uuid",
    **dict.fromkeys(("json", "jsonb"), "json"),
}

SQL_TYPES: Mapping[Kind, str] = {
    "integer": "BIGINT",
    "real": "DOUBLE PRECISION",
    "text": "TEXT",
    "blob": "BYTEA",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "time": "TIME",
    "datetime": "TIMESTAMP",
    "duration": "INTERVAL",
    "decimal": "NUMERIC",
    "uuid": "UUID",
    "json": "JSONB",
}
"""The type that holds every value of a kind; a datetime with an offset is another one."""

_SHORT: Mapping[str, str] = {
    "smallint": "int2",
    "integer": "int4",
    "bigint": "int8",
    "real": "float4",
    "double precision": "float8",
    "boolean": "bool",
    "time without time zone": "time",
    "time with time zone": "timetz",
}
"""The catalogue's own names of types whose usual ones are longer."""

_PLAIN_TEXTS = ("text", "character varying", "character(", "bpchar")


def kind_of_column(row: ColumnRow, overrides: Mapping[str, Kind]) -> Kind:
    """The kind of a column.

    Args:
        row: What the catalogue says of it.
        overrides: Kinds to use instead, by declared type in lower case, with or without its arguments.
    """
    if overrides:
        declared = row.declared.lower()
        for name in (declared, declared.partition("(")[0].strip(), row.base):
            if name in overrides:
                return overrides[name]
    if row.is_array:
        return "array"
    return _KINDS.get(row.base, "text")


def kind_of_type(declared: str) -> Kind:
    """The kind of values of a type, by the name that the catalogue writes.

    Args:
        declared: Such as ``character varying(10)``.
    """
    name = declared.lower().partition("(")[0].strip()
    return _KINDS.get(_SHORT.get(name, name), "datetime" if name.startswith("timestamp") else "text")


def kind_of_oid(oid: int) -> Kind:
    """The kind of values of one of PostgreSQL's own types; ``"any"`` for a type that a database defines.

    Args:
        oid: The number of the type.
    """
    known = postgres.types.get(oid)
    if known is None or known.name in ("record", "void"):
        return "any"
    return "array" if known.array_oid == oid else _KINDS.get(known.name, "text")


def has_zone(column: Column) -> bool:
    """Whether a column of datetimes has moments, and not the time on some clock.

    Args:
        column: The column.
    """
    return column.declared_type.lower().endswith(("with time zone", "timestamptz"))


def is_binary_json(column: Column) -> bool:
    """Whether a column of documents has operators of its own; one of type ``json`` has none.

    Args:
        column: The column.
    """
    return column.declared_type.lower() != "json"


def is_plain_text(column: Column) -> bool:
    """Whether a column's type is one of characters, and not one whose values are only shown as text.

    Args:
        column: The column.
    """
    return column.declared_type.lower().startswith(_PLAIN_TEXTS)
