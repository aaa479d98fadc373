"""What SQLite says in a way of its own where it writes: upserts, and computed values as columns store them.

Invariant: an expression that has the form of the column already is written as it stands. This module imports
SQLAlchemy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.dialects.sqlite import insert

from noormme.engines.clauses import on_conflict
from noormme.engines.sqlite.forms import SEVERAL_FORMS, form_of, unit_in
from noormme.engines.sqlite.functions.stored import Conversion
from noormme.engines.sqlite.operands import as_boolean, as_text, called, literal
from noormme.engines.sqlite.storing import affinity
from noormme.query.dialect_expressions import Operand
from noormme.schema.model import Column, Kind, Table

if TYPE_CHECKING:
    from noormme.engines.sqlite.dialect import SQLiteDialect

__all__ = ["computed_first", "stored", "upsert"]

_NUMBERS: frozenset[Kind] = frozenset({"integer", "real", "decimal"})


def stored(dialect: SQLiteDialect, operand: Operand, table: Table, column: Column) -> ColumnElement[Any]:
    """The values of an expression in the form in which a column stores them.

    Args:
        dialect: Knows how columns store their values.
        operand: The expression.
        table: The column's table.
        column: The column.
    """
    if operand.column is column or (operand.column == column and operand.table == table):
        return operand.sql
    if column.kind in SEVERAL_FORMS:
        return _in_form(dialect, operand, table, column)
    if column.kind == "decimal" and operand.column is None and operand.kind in ("decimal", "real"):
        return _converted(dialect, operand, table, column)
    if column.kind in _NUMBERS and operand.kind == "boolean":
        return as_boolean(dialect, operand)
    if column.kind == "text" and operand.kind in (*SEVERAL_FORMS, "duration", "decimal"):
        return as_text(dialect, operand)
    return operand.sql


def _in_form(dialect: SQLiteDialect, operand: Operand, table: Table, column: Column) -> ColumnElement[Any]:
    kind = column.kind
    if kind == "json" and operand.kind == "any":
        # What an SQL function or SQL of the user's gives for a document is a document.
        return operand.sql
    form = dialect.storing_form(kind, table, column)
    if operand.kind == kind:
        own = (
            form_of(kind, ())
            if operand.table is None or operand.column is None
            else dialect.bound_form(kind, operand.table, operand.column)
        )
        if own == form and own.mixed == "no":
            return operand.sql
    return _converted(dialect, operand, table, column)


def _converted(dialect: SQLiteDialect, operand: Operand, table: Table, column: Column) -> ColumnElement[Any]:
    unit = None
    if operand.kind in SEVERAL_FORMS and operand.table is not None and operand.column is not None:
        unit = unit_in(dialect.bound_form(operand.kind, operand.table, operand.column))
    conversion = Conversion(
        operand.kind,
        column.kind,
        dialect.storing_form(column.kind, table, column),
        affinity(column.declared_type, strict=table.strict),
        unit,
    )
    spelled = msgspec.json.encode(conversion).decode().replace("'", "''")
    return called("noormme_stored", operand.sql, literal(f"'{spelled}'"))


def computed_first(statement: sa.Update) -> sa.Update:
    """An UPDATE that computes all new values before it writes the first row.

    Left to itself SQLite goes row by row, and a subquery would see the rows that were written already. An
    UPDATE with a FROM clause it computes as one SELECT.

    Args:
        statement: The UPDATE.
    """
    once = sa.select(literal("1").label("row")).subquery("noormme_once")
    return statement.where(once.c.row == literal("1"))


def upsert(
    table: sa.TableClause,
    values: Mapping[str, ColumnElement[Any]],
    target: Sequence[ColumnElement[Any]],
    where: str | None,
    update: Sequence[str],
) -> sa.Insert:
    """An INSERT with ON CONFLICT; the arguments are those of ``Expressions.upsert``."""
    return on_conflict(insert(table).values(dict(values)), target, where, update)
