"""How SQLite writes the functions of the query language.

Invariant: a function gives what it gives on PostgreSQL, NULL for NULL included; where PostgreSQL raises an
error for a value (the root of a negative number), it gives NULL, as SQLite's own functions do. A function
that is not known here is called by its name. This module imports SQLAlchemy; the first compilation loads it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from noormme.engines.sqlite.call_casts import casted, json_part
from noormme.engines.sqlite.call_moments import extracted, now, truncated
from noormme.engines.sqlite.operands import alike, as_kind, as_number, as_text, called, literal
from noormme.errors import InvalidQuery
from noormme.query.dialect_expressions import Operand
from noormme.schema.model import Kind

if TYPE_CHECKING:
    from noormme.engines.sqlite.dialect import SQLiteDialect

__all__ = ["call"]

# The first argument is the dialect, which some checkers cannot compare in a circle of imports.
_Write: TypeAlias = Callable[[Any, Sequence[Operand], str, Kind], ColumnElement[Any]]


def call(
    dialect: SQLiteDialect, function: str, operands: Sequence[Operand], option: str, kind: Kind
) -> ColumnElement[Any]:
    """A function of one row, or of a window.

    Args:
        dialect: Knows how columns store their values.
        function: Its name in ``query.functions``, or that of any SQL function.
        operands: What it is called with.
        option: What selects one of several forms of it.
        kind: The kind of its values.
    """
    write = _WRITERS.get(function)
    if len(operands) < _FEWEST.get(function, 0):
        raise InvalidQuery(f"{function}() is called with {len(operands)} of {_FEWEST[function]} arguments")
    if write is not None:
        return write(dialect, operands, option, kind)
    return called(_NAMES.get(function, function), *(operand.sql for operand in operands))


_FEWEST: Mapping[str, int] = {
    **dict.fromkeys(("cast", "collate", "cot", "extract", "trunc"), 1),
    **dict.fromkeys(("md5", "sha1", "sha224", "sha256", "sha384", "sha512"), 1),
    **dict.fromkeys(("lag", "lead", "nullif"), 2),
}
"""How many arguments a call must have to be written; SQLite itself checks the others."""

_NAMES: Mapping[str, str] = {
    "chr": "noormme_chr",
    "left": "noormme_left",
    "lower": "noormme_lower",
    "lpad": "noormme_lpad",
    "ord": "noormme_ord",
    "repeat": "noormme_repeat",
    "reverse": "noormme_reverse",
    "right": "noormme_right",
    "rpad": "noormme_rpad",
    "strindex": "instr",
    "substr": "noormme_substr",
    "upper": "noormme_upper",
}
"""Functions that take their arguments as they are, where SQLite has another name for them."""

_NUMBERS: Mapping[str, str] = {
    **{
        name: name
        for name in (
            *("abs", "acos", "asin", "atan", "atan2", "ceil", "cos", "degrees", "floor", "ln", "radians"),
            *("sin", "sqrt", "tan"),
        )
    },
    "exp": "noormme_exp",
    "log": "noormme_log",
    "mod": "noormme_mod",
    "power": "noormme_power",
    "round": "noormme_round",
    "sign": "sign",
}
"""Functions of numbers, and what SQLite calls them."""


def _number(
    dialect: SQLiteDialect, operands: Sequence[Operand], option: str, kind: Kind, *, name: str
) -> ColumnElement[Any]:
    made = called(name, *(as_number(dialect, operand) for operand in operands))
    # SQLite gives the sign as a whole number.
    return sa.cast(made, sa.REAL()) if name == "sign" and kind == "real" else made


def _cot(dialect: SQLiteDialect, operands: Sequence[Operand], option: str, kind: Kind) -> ColumnElement[Any]:
    return literal("1.0").op("/")(called("tan", as_number(dialect, operands[0]))).self_group()


def _random(
    dialect: SQLiteDialect, operands: Sequence[Operand], option: str, kind: Kind
) -> ColumnElement[Any]:
    # The 53 bits that a float has, of the 64 that SQLite gives.
    return literal("((random() & 9007199254740991) / 9007199254740992.0)")


def _hash(
    dialect: SQLiteDialect, operands: Sequence[Operand], option: str, kind: Kind, *, name: str
) -> ColumnElement[Any]:
    return called("noormme_hash", operands[0].sql, literal(f"'{name}'"))


def _concat(
    dialect: SQLiteDialect, operands: Sequence[Operand], option: str, kind: Kind
) -> ColumnElement[Any]:
    return called("concat", *(as_text(dialect, operand) for operand in operands))


def _coalesce(
    dialect: SQLiteDialect, operands: Sequence[Operand], option: str, kind: Kind
) -> ColumnElement[Any]:
    return as_kind(called("coalesce", *alike(dialect, operands, kind)), kind, operands)


def _extreme(
    dialect: SQLiteDialect, operands: Sequence[Operand], option: str, kind: Kind, *, name: str
) -> ColumnElement[Any]:
    return as_kind(called(name, *alike(dialect, operands, kind, compared=True)), kind, operands)


def _collate(
    dialect: SQLiteDialect, operands: Sequence[Operand], option: str, kind: Kind
) -> ColumnElement[Any]:
    return sa.collate(operands[0].sql, option)


def _nullif(
    dialect: SQLiteDialect, operands: Sequence[Operand], option: str, kind: Kind
) -> ColumnElement[Any]:
    value, other = dialect.expressions.alike(*operands[:2])
    if value is operands[0].sql:
        return called("nullif", value, other)
    return sa.case((value == other, sa.null()), else_=operands[0].sql)


def _shifted(
    dialect: SQLiteDialect, operands: Sequence[Operand], option: str, kind: Kind, *, name: str
) -> ColumnElement[Any]:
    value, offset, *default = operands
    first, *other = alike(dialect, [value, *default], kind)
    return called(name, first, offset.sql, *other)


def _json(
    dialect: SQLiteDialect, operands: Sequence[Operand], option: str, kind: Kind, *, name: str
) -> ColumnElement[Any]:
    return called(name, *(json_part(dialect, operand) for operand in operands))


_WRITERS: Mapping[str, _Write] = {
    **{name: partial(_number, name=sql) for name, sql in _NUMBERS.items()},
    **{name: partial(_hash, name=name) for name in ("md5", "sha1", "sha224", "sha256", "sha384", "sha512")},
    "cast": casted,
    "coalesce": _coalesce,
    "collate": _collate,
    "concat": _concat,
    "cot": _cot,
    "extract": extracted,
    "greatest": partial(_extreme, name="noormme_greatest"),
    "json_array": partial(_json, name="json_array"),
    "json_object": partial(_json, name="json_object"),
    "lag": partial(_shifted, name="lag"),
    "lead": partial(_shifted, name="lead"),
    "least": partial(_extreme, name="noormme_least"),
    "now": now,
    "nullif": _nullif,
    "random": _random,
    "trunc": truncated,
}
