"""From the types of MySQL and MariaDB to what their values are in Python.

Invariant: the kind says what the engine makes of a value of the type. A number of bits is an integer, a
single bit and a TINYINT(1) are truth values, ENUM, SET and addresses are texts. A shape comes as text too,
but is not compared as one, so its kind is none.
"""

from __future__ import annotations

from collections.abc import Mapping

from noormme.engines.server.mysql.catalog import ColumnRow
from noormme.schema.model import Column, Kind

__all__ = ["GEOMETRIES", "SQL_TYPES", "base_type", "has_zone", "is_bits", "is_geometry", "kind_of_column"]

GEOMETRIES = frozenset(
    {
        "geometry",
        "point",
        "linestring",
        "polygon",
        "multipoint",
        "multilinestring",
        "multipolygon",
        "geomcollection",
        "geometrycollection",
    }
)
"""The types of shapes; the driver gives them as bytes."""

_KINDS: Mapping[str, Kind] = {
    **dict.fromkeys(("tinyint", "smallint", "mediumint", "int", "bigint", "year", "bit"), "integer"),
    **dict.fromkeys(("float", "double"), "real"),
    "decimal": "decimal",
    **dict.fromkeys(("char", "varchar", "tinytext", "text", "mediumtext", "longtext"), "text"),
    **dict.fromkeys(("enum", "set", "inet4", "inet6"), "text"),
    **dict.fromkeys(("binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob"), "blob"),
    "vector": "blob",
    "date": "date",
    "time": "time",
    **dict.fromkeys(("datetime", "timestamp"), "datetime"),
    "uuid": "uuid",
    "json": "json",
}

SQL_TYPES: dict[Kind, str] = {
    "integer": "BIGINT",
    "real": "DOUBLE",
    "text": "LONGTEXT",
    "blob": "LONGBLOB",
    "boolean": "TINYINT(1)",
    "date": "DATE",
    "time": "TIME(6)",
    "datetime": "DATETIME(6)",
    "duration": "BIGINT",
    "decimal": "DECIMAL(65,30)",
    "uuid": "CHAR(36)",
    "json": "JSON",
}
"""The type that holds every value of a kind. A duration is a number of microseconds."""


def kind_of_column(row: ColumnRow, overrides: Mapping[str, Kind]) -> Kind:
    """The kind of a column.

    Args:
        row: What the catalogue says of it.
        overrides: Kinds to use instead, by declared type in lower case, with or without its arguments.
    """
    declared, base = row.declared.lower(), row.data_type.lower()
    if overrides:
        for name in (declared, declared.partition("(")[0].strip(), base):
            if name in overrides:
                return overrides[name]
    if base == "bit" and declared in ("bit", "bit(1)"):
        return "boolean"
    if base == "tinyint" and declared.startswith("tinyint(1)"):
        return "boolean"
    return _KINDS.get(base, "any")


def base_type(column: Column) -> str:
    """A column's type without arguments and what follows them, in lower case.

    Args:
        column: The column.
    """
    return column.declared_type.lower().partition("(")[0].partition(" ")[0]


def is_bits(column: Column) -> bool:
    """Whether the driver gives a column's numbers or truth values as bytes.

    Args:
        column: The column.
    """
    return base_type(column) == "bit"


def is_geometry(column: Column) -> bool:
    """Whether a column has shapes.

    Args:
        column: The column.
    """
    return base_type(column) in GEOMETRIES


def has_zone(column: Column) -> bool:
    """Whether a column of datetimes has moments, and not the time on some clock.

    Args:
        column: The column.
    """
    return base_type(column) == "timestamp"
