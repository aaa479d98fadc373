"""Values as another type, and as parts of a JSON document, in SQLite.

Invariant: which casts there are is said in ``query.functions.table``; each is written here for every form in
which a column may store what is cast.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from noormme.engines.sqlite.operands import (
    MOMENTS,
    as_boolean,
    as_moment,
    as_number,
    as_text,
    called,
    literal,
    quoted,
)
from noormme.query.dialect_expressions import Operand
from noormme.schema.model import Kind

if TYPE_CHECKING:
    from noormme.engines.sqlite.dialect import SQLiteDialect

__all__ = ["casted", "json_part"]


def casted(
    dialect: SQLiteDialect, operands: Sequence[Operand], option: str, kind: Kind
) -> ColumnElement[Any]:
    """A value as another type; NULL where it does not read as that."""
    operand = operands[0]
    if option in MOMENTS:
        return as_moment(dialect, operand, kind)
    if option == "text":
        return _text(dialect, operand)
    if option == "json":
        return dialect.expressions.operand("json", _valid_json(operand.sql))
    if option in ("integer", "boolean"):
        return called(f"noormme_{option}", operand.sql, quoted(operand.kind))
    if option in ("blob", "decimal", "real", "uuid"):
        return called(f"noormme_{option}", operand.sql)
    return operand.sql


def _text(dialect: SQLiteDialect, operand: Operand) -> ColumnElement[Any]:
    if operand.kind in ("integer", "any"):
        # What has no type may be stored as anything.
        return called("noormme_text", operand.sql, quoted("any"))
    return as_text(dialect, operand)


def _valid_json(value: Any) -> ColumnElement[Any]:
    return sa.case((called("json_valid", value, literal("9")), value))


def json_part(dialect: SQLiteDialect, operand: Operand) -> ColumnElement[Any]:
    """A value as it stands in a JSON document: what JSON does not have is text.

    Args:
        dialect: Knows how columns store their values.
        operand: The value.
    """
    kind = operand.kind
    if kind == "json":
        return dialect.expressions.operand("json", operand.sql)
    if kind == "boolean":
        truth = as_boolean(dialect, operand)
        return called("json", sa.case((truth, quoted("true")), (sa.not_(truth), quoted("false"))))
    if kind == "datetime":
        return called("replace", as_text(dialect, operand), quoted(" "), quoted("T"))
    if kind in ("blob", "date", "duration", "time", "uuid"):
        return as_text(dialect, operand)
    return as_number(dialect, operand)
