"""From SQL Server's types to what their values are in Python.

Invariant: the kind says what ``converters`` makes of a value of the type; a type that is not known is text.
"""

from __future__ import annotations

from collections.abc import Mapping

from noormme.schema.model import Column, Kind

__all__ = [
    "SQL_TYPES",
    "base_type",
    "declared_type",
    "fraction_digits",
    "has_zone",
    "is_legacy_moment",
    "is_narrow",
    "kind_of",
    "roomy_type",
]

_KINDS: Mapping[str, Kind] = {
    **dict.fromkeys(("tinyint", "smallint", "int", "bigint"), "integer"),
    **dict.fromkeys(("float", "real"), "real"),
    **dict.fromkeys(("decimal", "numeric", "money", "smallmoney"), "decimal"),
    **dict.fromkeys(("binary", "varbinary", "image", "timestamp", "rowversion"), "blob"),
    **dict.fromkeys(("hierarchyid", "geography", "geometry"), "blob"),
    "bit": "boolean",
    "date": "date",
    "time": "time",
    **dict.fromkeys(("datetime", "datetime2", "smalldatetime", "datetimeoffset"), "datetime"),
    "uniqueidentifier": "uuid",
    "json": "json",
    "sql_variant": "any",
}

SQL_TYPES: Mapping[Kind, str] = {
    "integer": "BIGINT",
    "real": "FLOAT",
    "text": "NVARCHAR(MAX)",
    "blob": "VARBINARY(MAX)",
    "boolean": "BIT",
    "date": "DATE",
    "time": "TIME(6)",
    "datetime": "DATETIME2(6)",
    "duration": "BIGINT",
    "decimal": "DECIMAL(38, 10)",
    "uuid": "UNIQUEIDENTIFIER",
    "json": "NVARCHAR(MAX)",
}
"""The type that holds the values of a kind; a duration is a number of microseconds."""

_OF_CHARACTERS = ("char", "varchar", "nchar", "nvarchar")
_OF_BYTES = ("binary", "varbinary")
_EXACT = ("decimal", "numeric")
_WITH_FRACTION = ("time", "datetime2", "datetimeoffset")
_LEGACY_DIGITS: Mapping[str, int] = {"datetime": 3, "smalldatetime": 0}


def kind_of(
    name: str, base: str, declared: str, overrides: Mapping[str, Kind], *, is_json: bool = False
) -> Kind:
    """The kind of a column.

    Args:
        name: The name of its type, which can be an alias.
        base: The type that SQL Server has itself.
        declared: That type with its arguments.
        overrides: Kinds to use instead, by the name of a type in lower case, with or without its arguments.
        is_json: Whether a check of the column says that its text is JSON.
    """
    for known in (name.lower(), declared, base):
        if known in overrides:
            return overrides[known]
    return "json" if is_json else _KINDS.get(base, "text")


def declared_type(name: str, length: int, precision: int, scale: int) -> str:
    """A type as it is declared, with its arguments.

    Args:
        name: Its name; for an alias that of the type behind it.
        length: ``max_length`` of ``sys.columns``, in bytes; -1 for ``max``.
        precision: How many digits it has.
        scale: How many of them stand behind the point.
    """
    if name in _OF_CHARACTERS or name in _OF_BYTES:
        size = length // 2 if name.startswith("n") else length
        return f"{name}({'max' if length < 0 else size})"
    if name in _EXACT:
        return f"{name}({precision}, {scale})"
    return f"{name}({scale})" if name in _WITH_FRACTION else name


def base_type(declared: str) -> str:
    """A declared type without its arguments, in lower case.

    Args:
        declared: The type.
    """
    return declared.lower().partition("(")[0].strip()


def has_zone(column: Column) -> bool:
    """Whether a column of datetimes has moments, and not the time on some clock.

    Args:
        column: The column.
    """
    return base_type(column.declared_type) == "datetimeoffset"


def is_legacy_moment(column: Column) -> bool:
    """Whether a column counts 300ths of a second, or minutes.

    Args:
        column: The column.
    """
    return base_type(column.declared_type) in _LEGACY_DIGITS


def fraction_digits(column: Column) -> int:
    """How many digits of a second a column keeps, as far as Python has them.

    Args:
        column: A column of times or datetimes.
    """
    base = base_type(column.declared_type)
    if base in _LEGACY_DIGITS:
        return _LEGACY_DIGITS[base]
    digits = column.declared_type.partition("(")[2].rstrip(") ")
    return min(int(digits), 6) if base in _WITH_FRACTION and digits.isdigit() else 6


def is_narrow(column: Column) -> bool:
    """Whether a column has texts of one byte a character, whose index a wide text does not use.

    Args:
        column: The column.
    """
    return base_type(column.declared_type) in ("char", "varchar", "text")


def roomy_type(column: Column) -> str:
    """The type of a column, with room for texts and bytes that are too long: storing them must be refused.

    A CAST to the type itself would cut them without a word.

    Args:
        column: The column.
    """
    base = base_type(column.declared_type)
    if base in ("nchar", "nvarchar", "ntext"):
        return "nvarchar(max)"
    if base in ("char", "varchar", "text"):
        return "varchar(max)"
    return "varbinary(max)" if base in (*_OF_BYTES, "image") else column.declared_type
