"""Values as other types, in MySQL and MariaDB.

Invariant: a text that is no value of the type gives NULL, where the servers would read what it begins with.
This module imports SQLAlchemy.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from noormme.engines.server.mysql.operands import (
    CAST_TYPES,
    as_kind,
    as_number,
    as_text,
    called,
    cast,
    is_json_value,
    literal,
    quoted,
    spelled,
)
from noormme.query.dialect_expressions import Operand
from noormme.schema.model import Kind

if TYPE_CHECKING:
    from noormme.engines.server.mysql.dialect import MySQLDialect

__all__ = ["converted", "read_number", "written"]

_A_WHOLE_NUMBER = r"^[-+]?[0-9]+$"
_A_NUMBER = r"^[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?$"
_SMALLEST, _LARGEST = str(-(2**63)), str(2**63 - 1)
_LARGEST_FLOAT = "1.7976931348623157e308"
_A_UUID = "^[{]?([0-9a-fA-F]{4}-?){8}[}]?$"
_BYTES = r"^\\x([0-9a-fA-F]{2})*$"


def converted(
    dialect: MySQLDialect, operands: Sequence[Operand], option: str, kind: Kind
) -> ColumnElement[Any]:
    """A value as one of the kind that the option says."""
    operand = operands[0]
    if option == "any" or (option == operand.kind and not is_json_value(operand.sql)):
        return operand.sql
    if option == "json":
        return sa.case((called("JSON_VALID", operand.sql), dialect.expressions.documents.read(operand.sql)))
    if option == "blob":
        return _bytes(operand)
    if option in ("integer", "real", "decimal") and operand.kind in ("text", "any"):
        return _as_number_of(operand, kind)
    if option == "integer" and operand.kind == "real":
        return sa.case(
            (called("abs", operand.sql) < literal("9.2233720368547758e18"), as_kind(operand, kind))
        )
    if option == "text" and operand.kind == "blob":
        return written(operand)
    if option == "uuid" and operand.kind == "text":
        return sa.case((_matches(operand.sql, _A_UUID), as_kind(operand, kind)))
    if option == "time" and operand.kind == "text":
        # A TIME of these servers can be longer than a day.
        clock = as_kind(operand, kind)
        return sa.case((clock.between(quoted("00:00:00"), quoted("23:59:59.999999")), clock))
    if option == "datetime" and operand.kind == "time":
        return called("TIMESTAMP", called("CURDATE"), operand.sql)
    return as_kind(operand, kind)


def read_number(operand: Operand) -> ColumnElement[Any]:
    """A number; a text is what it reads as, and NULL where it is no number.

    Args:
        operand: The value.
    """
    return _as_number_of(operand, "real") if operand.kind == "text" else as_number(operand)


def written(operand: Operand) -> ColumnElement[Any]:
    """A value as text; bytes in hexadecimal, as PostgreSQL writes them.

    Args:
        operand: The value.
    """
    if operand.kind != "blob":
        return as_text(operand)
    return called("concat", quoted("\\x"), called("lower", called("hex", operand.sql)))


def _bytes(operand: Operand) -> ColumnElement[Any]:
    """The bytes that a text writes in hexadecimal behind ``\\x``, or else the text itself in UTF-8."""
    text = as_text(operand)
    itself = cast(called("CONVERT", spelled(text, "USING utf8mb4")), "BINARY")
    if operand.kind != "text":
        return itself
    in_hexadecimal = called("unhex", called("substr", text, literal("3")))
    plain = called("left", text, literal("2")) != quoted("\\x")
    return sa.case((_matches(text, _BYTES), in_hexadecimal), (plain, itself))


def _as_number_of(operand: Operand, kind: Kind) -> ColumnElement[Any]:
    """What a text reads as; the servers would read what it begins with. NULL where it is no such number."""
    text = called("trim", as_text(operand))
    if kind == "integer":
        fits = cast(text, "DECIMAL(65)").between(literal(_SMALLEST), literal(_LARGEST))
        return sa.case((sa.and_(_matches(text, _A_WHOLE_NUMBER), fits), cast(text, CAST_TYPES[kind])))
    number = cast(text, CAST_TYPES[kind])
    is_number = _matches(text, _A_NUMBER)
    if kind == "real":
        is_number = sa.and_(is_number, called("abs", number) < literal(_LARGEST_FLOAT))
    return sa.case((is_number, number))


def _matches(text: ColumnElement[Any], pattern: str) -> ColumnElement[bool]:
    found: ColumnElement[bool] = text.op("REGEXP", is_comparison=True)(quoted(pattern))
    return found
