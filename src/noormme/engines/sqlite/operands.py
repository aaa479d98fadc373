"""Expressions in the form in which SQLite's functions take them.

Invariant: whatever form a column stores its values in, a function sees numbers as numbers, moments as text
that sorts by time, and texts as PostgreSQL writes them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from noormme.engines.clauses import called, literal, pieced
from noormme.engines.sqlite.forms import SEVERAL_FORMS, unit_in
from noormme.query.dialect_expressions import Operand
from noormme.schema.model import Kind

if TYPE_CHECKING:
    from noormme.engines.sqlite.dialect import SQLiteDialect

__all__ = [
    "MOMENTS",
    "alike",
    "as_boolean",
    "as_kind",
    "as_moment",
    "as_number",
    "as_text",
    "called",
    "literal",
    "one_form",
    "pieced",
    "quoted",
]

MOMENTS: frozenset[Kind] = frozenset({"date", "time", "datetime"})
_COUNTED: frozenset[Kind] = frozenset({"integer", "decimal", "boolean"})


def quoted(word: str) -> ColumnElement[Any]:
    """A word of our own as a literal."""
    assert "'" not in word, "only words of our own and checked names stand in SQL"
    return sa.literal_column(f"'{word}'")


def as_number(dialect: SQLiteDialect, operand: Operand) -> ColumnElement[Any]:
    """A number: a decimal may be stored as text, and a boolean as a word."""
    if operand.kind == "decimal":
        return sa.cast(operand.sql, sa.NUMERIC())
    return as_boolean(dialect, operand) if operand.kind == "boolean" else operand.sql


def as_boolean(dialect: SQLiteDialect, operand: Operand) -> ColumnElement[Any]:
    """A boolean as 1 or 0."""
    form = dialect.bound_form("boolean", operand.table, operand.column)
    if operand.column is not None and (form.words != (0, 1) or form.mixed != "no"):
        return called("noormme_boolean", operand.sql, quoted("boolean"))
    return operand.sql


def as_moment(dialect: SQLiteDialect, operand: Operand, kind: Kind) -> ColumnElement[Any]:
    """A date, a time or a datetime as text, whatever form it is stored in."""
    arguments: list[Any] = [operand.sql]
    if operand.kind in MOMENTS:
        unit = unit_in(dialect.bound_form(operand.kind, operand.table, operand.column))
        arguments += [] if unit is None else [quoted(unit)]
    if kind == "time":
        return called("noormme_time", *arguments)
    moment = called("noormme_datetime", *arguments)
    return called("date", moment) if kind == "date" else moment


def as_text(dialect: SQLiteDialect, operand: Operand) -> ColumnElement[Any]:
    """A value as PostgreSQL writes it as text."""
    kind = operand.kind
    if kind in ("text", "integer", "any"):
        return operand.sql
    if kind == "uuid":
        return called("noormme_uuid", operand.sql)
    if kind == "json":
        return dialect.expressions.operand(kind, operand.sql)
    value = as_moment(dialect, operand, kind) if kind in MOMENTS else operand.sql
    return called("noormme_text", value, quoted(kind))


def as_kind(value: ColumnElement[Any], kind: Kind, operands: Sequence[Operand]) -> ColumnElement[Any]:
    """A result as a float where some of the operands are whole numbers or decimals."""
    mixed = kind == "real" and any(operand.kind in _COUNTED for operand in operands)
    return sa.cast(value, sa.REAL()) if mixed else value


def alike(
    dialect: SQLiteDialect, operands: Sequence[Operand], kind: Kind, *, compared: bool = False
) -> list[ColumnElement[Any]]:
    """Several expressions whose values are of one kind, in one form.

    Args:
        dialect: Knows how columns store their values.
        operands: The expressions.
        kind: The kind that they have in common.
        compared: Whether they are compared, not only handed on: a form may hold values that only look alike.
    """
    if kind == "decimal" and compared:
        return [as_number(dialect, operand) for operand in operands]
    if one_form(dialect, operands, kind) and not (compared and _is_mixed(dialect, operands)):
        return [operand.sql for operand in operands]
    return [_usual(dialect, operand, kind) for operand in operands]


def one_form(dialect: SQLiteDialect, operands: Sequence[Operand], kind: Kind) -> bool:
    """Whether values of one kind come in one form, so that they compare as they are stored.

    Args:
        dialect: Knows how columns store their values.
        operands: The expressions; what is of no such kind does not matter.
        kind: The kind that they have in common.
    """
    if kind not in SEVERAL_FORMS:
        return True
    known = [operand for operand in operands if operand.kind in SEVERAL_FORMS]
    if any(operand.kind != kind for operand in known):
        return False
    return len({dialect.bound_form(kind, operand.table, operand.column) for operand in known}) <= 1


def _is_mixed(dialect: SQLiteDialect, operands: Sequence[Operand]) -> bool:
    """Whether a column among them holds moments in several forms."""
    return any(
        dialect.bound_form(operand.kind, operand.table, operand.column).mixed != "no"
        for operand in operands
        if operand.kind in MOMENTS
    )


def _usual(dialect: SQLiteDialect, operand: Operand, kind: Kind) -> ColumnElement[Any]:
    """A value in the form in which values of its kind usually are."""
    if kind in MOMENTS:
        return as_moment(dialect, operand, kind)
    if kind == "boolean":
        return as_boolean(dialect, operand)
    return (
        called("noormme_uuid", operand.sql)
        if kind == "uuid"
        else dialect.expressions.operand(kind, operand.sql)
    )
