"""Expressions in the type in which PostgreSQL's functions and operators take them.

Invariant: PostgreSQL turns hardly anything into another type by itself, so what is of another type than it
must be is cast here, and nothing else is. This module imports SQLAlchemy.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from noormme.engines.clauses import called, literal, pieced
from noormme.engines.server.postgresql.types import SQL_TYPES, has_zone, is_plain_text
from noormme.query.dialect_expressions import Operand
from noormme.schema.model import Column, Kind

__all__ = [
    "JSONValue",
    "alike",
    "as_integer",
    "as_kind",
    "as_number",
    "as_text",
    "called",
    "cast",
    "column_of",
    "in_one_form",
    "is_json_value",
    "literal",
    "one_form",
    "pieced",
    "quoted",
    "typed",
]

_NUMBERS: frozenset[Kind] = frozenset({"integer", "real", "decimal"})


class JSONValue(sa.types.NullType):
    """The type of a part of a document whose own type only the document says; in SQL it is ``jsonb``."""


class _Named(sa.types.UserDefinedType[Any]):
    """A type by its name in SQL, which is noormme's own or the catalogue's."""

    cache_ok = True

    def __init__(self, name: str) -> None:
        self.name = name

    def get_col_spec(self, **options: Any) -> str:
        return self.name


def quoted(text: str) -> ColumnElement[Any]:
    """A text as a literal; a backslash is none of the signs that mean something in it."""
    return sa.literal_column("'" + text.replace("'", "''") + "'")


def cast(value: ColumnElement[Any], sql_type: str) -> ColumnElement[Any]:
    """A value as a type of SQL.

    Args:
        value: The value.
        sql_type: The type's name, as PostgreSQL writes it.
    """
    made: ColumnElement[Any] = sa.cast(value, _Named(sql_type))
    # SQLAlchemy would make conclusions of a type that it does not know.
    return sa.type_coerce(made, sa.types.NullType())


def is_json_value(value: ColumnElement[Any]) -> bool:
    """Whether an expression is a part of a document.

    Args:
        value: The expression.
    """
    return isinstance(value.type, JSONValue)


def column_of(operand: Operand) -> Column | None:
    """The column whose type an expression has; a value that stands beside one has the type of no column.

    Args:
        operand: The expression.
    """
    return None if isinstance(operand.sql, sa.BindParameter) else operand.column


def as_kind(operand: Operand, kind: Kind) -> ColumnElement[Any]:
    """A value as one of a kind; as it is, where it has that type already.

    Args:
        operand: The value.
        kind: The kind.
    """
    if kind == "any":
        return operand.sql
    if is_json_value(operand.sql):
        return _of_json(operand.sql, kind)
    if kind == "text":
        return as_text(operand)
    if operand.kind == kind and column_of(operand) is not None:
        return operand.sql
    if kind == "datetime" and operand.kind in ("datetime", "any"):
        # Which of the two types of moments it has, it says itself.
        return operand.sql
    if kind == "integer" and operand.kind == "boolean":
        return cast(cast(operand.sql, "INTEGER"), "BIGINT")
    if kind == "boolean" and operand.kind in _NUMBERS:
        return cast(cast(operand.sql, "INTEGER"), "BOOLEAN")
    return cast(operand.sql, SQL_TYPES[kind])


def _of_json(value: ColumnElement[Any], kind: Kind) -> ColumnElement[Any]:
    if kind == "json":
        return value
    text = value.op("#>>")(quoted("{}")).self_group()
    return text if kind == "text" else cast(text, SQL_TYPES[kind])


def typed(operand: Operand) -> ColumnElement[Any]:
    """A value in the type of its kind, where a parameter alone would not tell which it has.

    Args:
        operand: The value.
    """
    return as_kind(operand, operand.kind) if isinstance(operand.sql, sa.BindParameter) else operand.sql


def as_number(operand: Operand) -> ColumnElement[Any]:
    """A number: a boolean is 1 or 0, and a part of a document what it reads as.

    Args:
        operand: The value.
    """
    if is_json_value(operand.sql):
        return _of_json(operand.sql, "real")
    if operand.kind == "boolean":
        return as_kind(operand, "integer")
    return operand.sql


def as_integer(value: ColumnElement[Any]) -> ColumnElement[Any]:
    """A number of the 32 bits that functions of text and windows take.

    Args:
        value: The number.
    """
    return cast(value, "INTEGER")


def as_text(operand: Operand) -> ColumnElement[Any]:
    """A value as text.

    Args:
        operand: The value.
    """
    if is_json_value(operand.sql):
        return _of_json(operand.sql, "text")
    column = column_of(operand)
    if operand.kind == "text" and column is not None and is_plain_text(column):
        return operand.sql
    if operand.kind == "blob":
        return called("convert_from", operand.sql, quoted("UTF8"))
    return cast(operand.sql, "TEXT")


def _zone_of(operand: Operand) -> bool | None:
    column = column_of(operand)
    return None if column is None or operand.kind != "datetime" else has_zone(column)


def one_form(operands: Sequence[Operand], kind: Kind) -> bool:
    """Whether several values are of one type, so that what gives one of them has that too.

    Args:
        operands: The values.
        kind: The kind of the result.
    """
    if len({is_json_value(operand.sql) for operand in operands}) > 1:
        return False
    if kind == "text":
        return all(column is None or is_plain_text(column) for column in map(column_of, operands))
    return kind != "datetime" or len({_zone_of(operand) for operand in operands} - {None}) <= 1


def in_one_form(operands: Sequence[Operand], kind: Kind) -> list[ColumnElement[Any]]:
    """Several expressions, of which one gives the value, as values of one type.

    Args:
        operands: The expressions.
        kind: The kind of the result.
    """
    if kind == "any" and any(is_json_value(operand.sql) for operand in operands):
        return [_as_json(operand) for operand in operands]
    columns = [column_of(operand) for operand in operands]
    if len({None if column is None else column.declared_type for column in columns}) == 1 and columns[0]:
        return [operand.sql for operand in operands]
    return [as_kind(operand, kind) for operand in operands]


def _as_json(operand: Operand) -> ColumnElement[Any]:
    if is_json_value(operand.sql) or operand.kind == "json":
        return operand.sql
    value = operand.sql if operand.kind == "any" else as_kind(operand, operand.kind)
    return called("to_jsonb", value, gives=JSONValue())


def alike(left: Operand, right: Operand) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """Two expressions in types that compare.

    Args:
        left: One expression.
        right: The other.
    """
    if is_json_value(left.sql) != is_json_value(right.sql):
        return _as_json(left), _as_json(right)
    kinds = {left.kind, right.kind}
    if kinds == {"text"} and _differ(left, right):
        return as_text(left), as_text(right)
    if len(kinds) == 2 and "any" not in kinds:
        if "text" in kinds:
            return as_text(left), as_text(right)
        if "boolean" in kinds and kinds & _NUMBERS:
            return as_number(left), as_number(right)
    return left.sql, right.sql


def _differ(left: Operand, right: Operand) -> bool:
    """Whether two columns are of different types, one of them no type of characters."""
    one, other = column_of(left), column_of(right)
    if one is None or other is None or one.declared_type == other.declared_type:
        return False
    return not (is_plain_text(one) and is_plain_text(other))
