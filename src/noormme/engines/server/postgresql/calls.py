"""How PostgreSQL writes the functions of the query language.

Invariant: the values of a function have the type of its kind. A function that is not known here is called by
its name. This module imports SQLAlchemy.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from noormme.engines.server.postgresql.call_moments import extracted, now, truncated
from noormme.engines.server.postgresql.operands import (
    alike,
    as_integer,
    as_kind,
    as_number,
    as_text,
    called,
    cast,
    in_one_form,
    is_json_value,
    literal,
    quoted,
    typed,
)
from noormme.engines.server.postgresql.types import SQL_TYPES
from noormme.errors import InvalidQuery
from noormme.query.dialect_expressions import Operand
from noormme.schema.model import Kind

if TYPE_CHECKING:
    from noormme.engines.server.postgresql.dialect import PostgreSQLDialect

__all__ = ["call"]

# The first argument is the dialect, which some checkers cannot compare in a circle of imports.
_Write: TypeAlias = Callable[[Any, Sequence[Operand], str, Kind], ColumnElement[Any]]


def call(
    dialect: PostgreSQLDialect, function: str, operands: Sequence[Operand], option: str, kind: Kind
) -> ColumnElement[Any]:
    """A function of one row, or of a window.

    Args:
        dialect: Knows the time zone.
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
    return called(function, *map(typed, operands))


_TEXTS: Mapping[str, str] = {
    "left": "left",
    "length": "length",
    "lower": "lower",
    "lpad": "lpad",
    "ltrim": "ltrim",
    "ord": "ascii",
    "repeat": "repeat",
    "replace": "replace",
    "reverse": "reverse",
    "right": "right",
    "rpad": "rpad",
    "rtrim": "rtrim",
    "strindex": "strpos",
    "substr": "substr",
    "trim": "btrim",
    "upper": "upper",
}
"""Functions of text, and what PostgreSQL calls them."""

_NUMBERS = (
    *("abs", "acos", "asin", "atan", "atan2", "ceil", "cos", "cot", "degrees", "exp", "floor", "ln"),
    *("radians", "sign", "sin", "sqrt", "tan"),
)

_FEWEST: Mapping[str, int] = {
    **dict.fromkeys((*_TEXTS, "cast", "collate", "extract", "trunc", "chr", "round"), 1),
    **dict.fromkeys(("md5", "sha1", "sha224", "sha256", "sha384", "sha512"), 1),
    **dict.fromkeys(("lag", "lead", "nullif", "mod", "log", "nth_value"), 2),
}
"""How many arguments a call must have to be written; PostgreSQL itself checks the others."""


def _text(
    dialect: PostgreSQLDialect, operands: Sequence[Operand], option: str, kind: Kind, *, name: str
) -> ColumnElement[Any]:
    numbers = ("integer", "real", "decimal")
    first, *rest = operands
    if name == "length" and first.kind == "blob":
        return cast(called(name, typed(first)), "BIGINT")
    more = [
        as_integer(each.sql) if each.kind in numbers and name != "replace" else as_text(each) for each in rest
    ]
    made = called(name, as_text(first), *more)
    return cast(made, "BIGINT") if kind == "integer" else made


def _concat(
    dialect: PostgreSQLDialect, operands: Sequence[Operand], option: str, kind: Kind
) -> ColumnElement[Any]:
    return called("concat", *(as_text(operand) for operand in operands))


def _chr(
    dialect: PostgreSQLDialect, operands: Sequence[Operand], option: str, kind: Kind
) -> ColumnElement[Any]:
    return called("chr", as_integer(as_number(operands[0])))


def _hash(
    dialect: PostgreSQLDialect, operands: Sequence[Operand], option: str, kind: Kind, *, name: str
) -> ColumnElement[Any]:
    operand = operands[0]
    data = typed(operand) if operand.kind == "blob" else as_text(operand)
    if name == "md5":
        return called("md5", data)
    if operand.kind != "blob":
        data = called("convert_to", data, quoted("UTF8"))
    # Only the extension pgcrypto knows SHA-1.
    digest = called("digest", data, quoted("sha1")) if name == "sha1" else called(name, data)
    return called("encode", digest, quoted("hex"))


def _typed(made: ColumnElement[Any], kind: Kind) -> ColumnElement[Any]:
    return cast(made, SQL_TYPES[kind]) if kind in ("integer", "real", "decimal") else made


def _number(
    dialect: PostgreSQLDialect, operands: Sequence[Operand], option: str, kind: Kind, *, name: str
) -> ColumnElement[Any]:
    return _typed(called(name, *(as_number(operand) for operand in operands)), kind)


def _exact(
    dialect: PostgreSQLDialect, operands: Sequence[Operand], option: str, kind: Kind, *, name: str
) -> ColumnElement[Any]:
    """A function that PostgreSQL has for decimals, or rounds right for them only."""
    first, *rest = (as_number(operand) for operand in operands)
    more = [as_integer(each) if name == "round" else cast(each, "NUMERIC") for each in rest]
    if name == "mod":
        more = [called("nullif", each, literal("0")) for each in more]
    return _typed(called(name, cast(first, "NUMERIC"), *more), kind)


def _power(
    dialect: PostgreSQLDialect, operands: Sequence[Operand], option: str, kind: Kind
) -> ColumnElement[Any]:
    inside = "NUMERIC" if kind == "decimal" else "DOUBLE PRECISION"
    return _typed(called("power", *(cast(as_number(each), inside) for each in operands)), kind)


def _random(
    dialect: PostgreSQLDialect, operands: Sequence[Operand], option: str, kind: Kind
) -> ColumnElement[Any]:
    return called("random")


def _several(
    dialect: PostgreSQLDialect, operands: Sequence[Operand], option: str, kind: Kind, *, name: str
) -> ColumnElement[Any]:
    values = in_one_form(operands, kind)
    gives = next((value.type for value in values if is_json_value(value)), None)
    return called(name, *values, gives=gives)


def _collate(
    dialect: PostgreSQLDialect, operands: Sequence[Operand], option: str, kind: Kind
) -> ColumnElement[Any]:
    return sa.collate(as_text(operands[0]), option)


def _nullif(
    dialect: PostgreSQLDialect, operands: Sequence[Operand], option: str, kind: Kind
) -> ColumnElement[Any]:
    value, other = alike(operands[0], operands[1])
    if value is operands[0].sql:
        return called("nullif", value, other, gives=value.type if is_json_value(value) else None)
    return sa.case((value == other, sa.null()), else_=operands[0].sql)


def _shifted(
    dialect: PostgreSQLDialect, operands: Sequence[Operand], option: str, kind: Kind, *, name: str
) -> ColumnElement[Any]:
    value, offset, *default = operands
    first, *other = in_one_form([value, *default], kind) if default else [typed(value)]
    return called(name, first, as_integer(offset.sql), *other)


def _nth(
    dialect: PostgreSQLDialect, operands: Sequence[Operand], option: str, kind: Kind
) -> ColumnElement[Any]:
    return called("nth_value", typed(operands[0]), as_integer(operands[1].sql))


def _ntile(
    dialect: PostgreSQLDialect, operands: Sequence[Operand], option: str, kind: Kind
) -> ColumnElement[Any]:
    return called("ntile", *(as_integer(operand.sql) for operand in operands))


def _json(
    dialect: PostgreSQLDialect, operands: Sequence[Operand], option: str, kind: Kind, *, name: str
) -> ColumnElement[Any]:
    keyed = name == "jsonb_build_object"
    parts = [
        as_text(operand) if keyed and at % 2 == 0 else _json_part(operand)
        for at, operand in enumerate(operands)
    ]
    return called(name, *parts)


def _json_part(operand: Operand) -> ColumnElement[Any]:
    if operand.kind in ("json", "any"):
        return typed(operand)
    return _written(operand) if operand.kind in ("blob", "duration") else as_kind(operand, operand.kind)


def _written(operand: Operand) -> ColumnElement[Any]:
    """A value as PostgreSQL writes it; bytes in hexadecimal."""
    return cast(typed(operand), "TEXT") if operand.kind == "blob" else as_text(operand)


def _bytes(text: ColumnElement[Any]) -> ColumnElement[Any]:
    """The bytes that a text writes in hexadecimal behind ``\\x``, or else those of the text itself."""
    written = called("starts_with", text, quoted("\\x"))
    return sa.case((written, cast(text, "BYTEA")), else_=called("convert_to", text, quoted("UTF8")))


def _cast(
    dialect: PostgreSQLDialect, operands: Sequence[Operand], option: str, kind: Kind
) -> ColumnElement[Any]:
    operand = operands[0]
    if option == "any":
        return operand.sql
    if option == "blob" and operand.kind == "text":
        return _bytes(as_text(operand))
    if option == "text":
        return _written(operand)
    if option == "datetime" and operand.kind == "datetime":
        return operand.sql
    if operand.kind == "text":
        return cast(as_text(operand), SQL_TYPES[kind])
    return as_kind(operand, kind)


_WRITERS: Mapping[str, _Write] = {
    **{name: partial(_text, name=sql) for name, sql in _TEXTS.items()},
    **{name: partial(_number, name=name) for name in _NUMBERS},
    **{name: partial(_exact, name=name) for name in ("log", "mod", "round")},
    **{name: partial(_hash, name=name) for name in ("md5", "sha1", "sha224", "sha256", "sha384", "sha512")},
    **{name: partial(_several, name=name) for name in ("coalesce", "greatest", "least")},
    **{name: partial(_shifted, name=name) for name in ("lag", "lead")},
    "cast": _cast,
    "chr": _chr,
    "collate": _collate,
    "concat": _concat,
    "extract": extracted,
    "json_array": partial(_json, name="jsonb_build_array"),
    "json_object": partial(_json, name="jsonb_build_object"),
    "now": now,
    "nth_value": _nth,
    "ntile": _ntile,
    "nullif": _nullif,
    "power": _power,
    "random": _random,
    "trunc": truncated,
}
