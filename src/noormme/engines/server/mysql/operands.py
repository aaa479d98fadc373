"""Expressions in the type in which the functions of MySQL and MariaDB take them.

Invariant: the servers turn anything into anything by themselves, a text without digits into 0, so what is of
another type than it is compared with is cast here. This module imports SQLAlchemy.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.sql.elements import ClauseList, Grouping

from noormme.engines.clauses import called, literal, pieced
from noormme.query.dialect_expressions import Operand
from noormme.schema.model import Column, Kind

__all__ = [
    "CAST_TYPES",
    "MOMENTS",
    "NUMBERS",
    "JSONValue",
    "alike",
    "as_datetime",
    "as_kind",
    "as_number",
    "as_text",
    "called",
    "cast",
    "column_of",
    "in_one_form",
    "is_json_value",
    "literal",
    "pieced",
    "quoted",
    "spelled",
]

NUMBERS: frozenset[Kind] = frozenset({"integer", "real", "decimal", "boolean"})
MOMENTS: frozenset[Kind] = frozenset({"date", "time", "datetime"})

CAST_TYPES: dict[Kind, str] = {
    "integer": "SIGNED",
    "real": "DOUBLE",
    "text": "CHAR",
    "blob": "BINARY",
    "date": "DATE",
    "time": "TIME(6)",
    "datetime": "DATETIME(6)",
    "duration": "SIGNED",
    "decimal": "DECIMAL(65,30)",
    "uuid": "CHAR",
}
"""What CAST calls the type of a kind."""


class Words(Grouping[Any]):
    """Expressions with words between them, without parentheses; ``compiler`` writes them."""

    __visit_name__ = "noormme_words"


class JSONValue(sa.types.NullType):
    """The type of a part of a document that is read as the text of what it holds."""


def quoted(text: str) -> ColumnElement[Any]:
    """A text as a literal."""
    escaped = text.replace("\\", "\\\\").replace("'", "''")
    return sa.literal_column(f"'{escaped}'")


def spelled(*parts: Any) -> ColumnElement[Any]:
    """Text and expressions one after the other, as the arguments of a function that has words in them."""
    elements: list[Any] = [literal(part) if isinstance(part, str) else part for part in parts]
    joined: Any = ClauseList(*elements, operator=None, group=False, group_contents=False)  # type: ignore[arg-type]
    return Words(joined)


def cast(value: ColumnElement[Any], sql_type: str) -> ColumnElement[Any]:
    """A value as a type of SQL.

    Args:
        value: The value.
        sql_type: What CAST calls the type.
    """
    return called("CAST", spelled(value, f"AS {sql_type}"))


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
    if kind in ("any", "json") or (operand.kind == kind and not is_json_value(operand.sql)):
        return operand.sql
    if kind == "boolean":
        return _truth(operand)
    if kind == "text":
        return as_text(operand)
    if kind == "real" and operand.kind in ("integer", "decimal", "boolean"):
        return cast(operand.sql, "DOUBLE")
    if kind == "decimal" and operand.kind in ("integer", "boolean"):
        return operand.sql
    return cast(operand.sql, CAST_TYPES[kind])


_TRUE = ("1", "t", "tr", "tru", "true", "y", "ye", "yes", "on")
_FALSE = ("0", "f", "fa", "fal", "fals", "false", "n", "no", "of", "off")
"""Words for booleans, which can be shortened as in PostgreSQL."""


def _truth(operand: Operand) -> ColumnElement[Any]:
    if operand.kind in NUMBERS:
        return operand.sql != literal("0")
    word = called("lower", called("trim", operand.sql))
    true, false = (word.in_([quoted(each) for each in words]) for words in (_TRUE, _FALSE))
    return sa.case((true, literal("TRUE")), (false, literal("FALSE")))


def as_number(operand: Operand) -> ColumnElement[Any]:
    """A number; a part of a document is what it reads as.

    Args:
        operand: The value.
    """
    return cast(operand.sql, "DOUBLE") if is_json_value(operand.sql) else operand.sql


def as_datetime(operand: Operand) -> ColumnElement[Any]:
    """A moment with a time of day; a time is one of some day.

    Args:
        operand: The moment.
    """
    if operand.kind == "datetime":
        return operand.sql
    if operand.kind == "time":
        return called("TIMESTAMP", literal("DATE'2000-01-02'"), operand.sql)
    return cast(operand.sql, "DATETIME(6)")


def as_text(operand: Operand) -> ColumnElement[Any]:
    """A value as text.

    Args:
        operand: The value.
    """
    if operand.kind in ("text", "uuid", "json") or is_json_value(operand.sql):
        return operand.sql
    if operand.kind == "boolean":
        return sa.case((operand.sql, quoted("true")), (sa.not_(operand.sql), quoted("false")))
    if operand.kind == "blob":
        return called("CONVERT", spelled(operand.sql, "USING utf8mb4"))
    return _without_zeros(operand.sql) if operand.kind in ("datetime", "time") else cast(operand.sql, "CHAR")


def _without_zeros(moment: ColumnElement[Any]) -> ColumnElement[Any]:
    """A moment as text, without zeros at the end of a fraction of a second."""
    text = cast(moment, "CHAR")
    whole = called("substring_index", text, quoted("."), literal("1"))
    shortened = called("trim", spelled("TRAILING '0' FROM", text))
    return sa.case((called("MICROSECOND", moment) == literal("0"), whole), else_=shortened)


def in_one_form(operands: Sequence[Operand], kind: Kind) -> list[ColumnElement[Any]]:
    """Several expressions, of which one gives the value, as values of one type.

    Args:
        operands: The expressions.
        kind: The kind of the result.
    """
    return [as_kind(operand, kind) for operand in operands]


def alike(left: Operand, right: Operand) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """Two expressions in types that compare as their values do.

    Args:
        left: One expression.
        right: The other.
    """
    if is_json_value(left.sql) != is_json_value(right.sql):
        document, value = (left, right) if is_json_value(left.sql) else (right, left)
        is_number = value.kind in NUMBERS
        pair = (as_number(document), value.sql) if is_number else (document.sql, as_text(value))
        return pair if document is left else (pair[1], pair[0])
    kinds = {left.kind, right.kind}
    if len(kinds) == 2 and "any" not in kinds and "text" in kinds:
        return as_text(left), as_text(right)
    return left.sql, right.sql
