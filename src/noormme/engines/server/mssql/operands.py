"""Expressions in the type in which SQL Server's functions and operators take them.

Invariant: SQL Server turns most types into others by itself; what it would refuse, or turn the wrong way
round, is cast here. This module imports SQLAlchemy.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.sql.elements import Grouping

from noormme.engines.clauses import called, literal, pieced
from noormme.engines.server.mssql.conditions import Nested, Stated, is_condition
from noormme.engines.server.mssql.types import SQL_TYPES, base_type, has_zone
from noormme.query.dialect_expressions import Operand
from noormme.schema.model import Column, Kind

__all__ = [
    "JSONValue",
    "OfKind",
    "alike",
    "as_float",
    "as_integer",
    "as_kind",
    "as_number",
    "as_text",
    "called",
    "cast",
    "column_of",
    "in_one_form",
    "is_json_value",
    "joined",
    "literal",
    "nested",
    "one_form",
    "pieced",
    "quoted",
    "searchable",
    "stated",
    "typed",
]

_NUMBERS: frozenset[Kind] = frozenset({"integer", "real", "decimal"})


class JSONValue(sa.types.NullType):
    """The type of a part of a document; in SQL it is a text of what the document holds there."""


class OfKind(sa.types.NullType):
    """The type of an expression whose kind must be known where it is compared with a list.

    Attributes:
        kind: The kind.
    """

    def __init__(self, kind: Kind) -> None:
        super().__init__()
        self.kind: Kind = kind


class _Named(sa.types.UserDefinedType[Any]):
    """A type by its name in SQL, which is noormme's own or the catalogue's."""

    cache_ok = True

    def __init__(self, name: str) -> None:
        self.name = name

    def get_col_spec(self, **options: Any) -> str:
        return self.name


def quoted(text: str) -> ColumnElement[Any]:
    """A text as a literal."""
    return literal("N'" + text.replace("'", "''") + "'")


def cast(value: ColumnElement[Any], sql_type: str) -> ColumnElement[Any]:
    """A value as a type of SQL.

    Args:
        value: The value.
        sql_type: The type's name, as SQL Server writes it.
    """
    made: ColumnElement[Any] = sa.cast(value, _Named(sql_type))
    # SQLAlchemy would make conclusions of a type that it does not know.
    return sa.type_coerce(made, sa.types.NullType())


def joined(left: ColumnElement[Any], sign: str, right: ColumnElement[Any]) -> ColumnElement[Any]:
    """``left sign right`` in parentheses; SQLAlchemy knows no precedence of ``op()``.

    Args:
        left: The left side.
        sign: The operator.
        right: The right side.
    """
    made: Any = left.self_group().op(sign)(right.self_group())
    grouped: ColumnElement[Any] = made.self_group()
    return grouped if isinstance(grouped, Grouping) else Grouping(grouped)


def nested(*parts: Any) -> ColumnElement[Any]:
    """A SELECT of one value, put together from text and expressions.

    Args:
        *parts: Text that is written as it stands, and expressions.
    """
    made: Any = pieced(*parts)
    return Nested(made.element)


def stated(*parts: Any) -> ColumnElement[Any]:
    """A condition put together from text and expressions.

    Args:
        *parts: Text that is written as it stands, and expressions.
    """
    made: Any = pieced(*parts)
    return Stated(made.element)


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
    if operand.kind == kind and (column_of(operand) is not None or kind in ("datetime", "json")):
        return operand.sql
    if operand.kind == "json" or kind == "json":
        return operand.sql
    return cast(operand.sql, SQL_TYPES[kind])


def _of_json(value: ColumnElement[Any], kind: Kind) -> ColumnElement[Any]:
    if kind in ("json", "text"):
        return value
    return called("TRY_CAST", _typed_as(value, SQL_TYPES[kind]))


def _typed_as(value: ColumnElement[Any], sql_type: str) -> ColumnElement[Any]:
    made: Any = value.op("AS")(literal(sql_type))
    return made  # type: ignore[no-any-return]


def typed(operand: Operand) -> ColumnElement[Any]:
    """A value as it is: a parameter has its own type to the server, and a condition is 1 or 0.

    Args:
        operand: The value.
    """
    return operand.sql


def as_number(operand: Operand) -> ColumnElement[Any]:
    """A number: a boolean is 1 or 0, and a part of a document what it reads as.

    Args:
        operand: The value.
    """
    if is_json_value(operand.sql):
        return _of_json(operand.sql, "real")
    if operand.kind == "boolean" and not is_condition(operand.sql):
        return cast(operand.sql, "INT")
    return operand.sql


def as_float(operand: Operand) -> ColumnElement[Any]:
    """A number as a float, which functions of fractions take and give.

    Args:
        operand: The value.
    """
    number = as_number(operand)
    own = column_of(operand)
    if is_json_value(operand.sql) or (operand.kind == "real" and own is not None):
        return number
    return cast(number, SQL_TYPES["real"])


def as_integer(operand: Operand) -> ColumnElement[Any]:
    """A number of the 32 bits that functions of text and windows take.

    Args:
        operand: The value.
    """
    own = column_of(operand)
    small = own is not None and base_type(own.declared_type) in ("int", "smallint", "tinyint")
    return operand.sql if small else cast(as_number(operand), "INT")


def as_text(operand: Operand) -> ColumnElement[Any]:
    """A value as text.

    Args:
        operand: The value.
    """
    value = operand.sql
    if is_json_value(value) or operand.kind in ("text", "json"):
        return value
    if operand.kind == "real":
        # CAST would leave six digits.
        return called("FORMAT", value, quoted("R"), quoted("en-US"))
    if operand.kind == "uuid":
        return called("LOWER", cast(value, "NVARCHAR(36)"))
    if operand.kind in ("datetime", "date", "time"):
        return called("CONVERT", literal("NVARCHAR(40)"), value, literal("121"))
    if operand.kind == "blob":
        return cast(cast(value, "VARCHAR(MAX)"), "NVARCHAR(MAX)")
    return cast(value, "NVARCHAR(MAX)")


def _is_zoned(operand: Operand) -> bool | None:
    column = column_of(operand)
    return None if column is None or operand.kind != "datetime" else has_zone(column)


def one_form(operands: Sequence[Operand], kind: Kind) -> bool:
    """Whether several values are of one type, so that what gives one of them has that too.

    Args:
        operands: The values.
        kind: The kind of the result.
    """
    return kind != "datetime" or len({_is_zoned(operand) for operand in operands} - {None}) <= 1


def in_one_form(operands: Sequence[Operand], kind: Kind) -> list[ColumnElement[Any]]:
    """Several expressions, of which one gives the value, as values of one type.

    Args:
        operands: The expressions.
        kind: The kind of the result.
    """
    kinds = {operand.kind for operand in operands}
    if kind == "any" and len(kinds - {"any"}) > 1:
        # Of several types SQL Server would take one, and turn the others into that.
        return [as_text(operand) if operand.kind != "any" else operand.sql for operand in operands]
    if len(kinds) == 1 or kind == "any":
        return [operand.sql for operand in operands]
    return [as_kind(operand, kind) if operand.kind != kind else operand.sql for operand in operands]


def alike(left: Operand, right: Operand) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """Two expressions in types that compare.

    Args:
        left: One expression.
        right: The other.
    """
    if is_json_value(left.sql) != is_json_value(right.sql):
        return _beside_json(left, right.kind), _beside_json(right, left.kind)
    kinds = {left.kind, right.kind}
    if len(kinds) == 2 and "text" in kinds and "any" not in kinds:
        # SQL Server would read the text as a number or a date, and fail where it is none.
        return as_text(left), as_text(right)
    return _compared(left), _compared(right)


def _beside_json(operand: Operand, other: Kind) -> ColumnElement[Any]:
    if not is_json_value(operand.sql):
        return operand.sql if operand.kind in _NUMBERS else as_text(operand)
    return _of_json(operand.sql, "real") if other in _NUMBERS else operand.sql


def _compared(operand: Operand) -> ColumnElement[Any]:
    column = column_of(operand)
    return operand.sql if column is None else searchable(operand.sql, column)


def searchable(value: ColumnElement[Any], column: Column) -> ColumnElement[Any]:
    """A column of texts in a type that is compared and searched.

    Args:
        value: The column.
        column: What is known of it.
    """
    old = base_type(column.declared_type) in ("ntext", "text", "xml")
    return cast(value, "NVARCHAR(MAX)") if old else value
