"""How T-SQL writes the functions of the query language.

Invariant: the values of a function have the type of its kind. A function that is not known here is called by
its name. This module imports SQLAlchemy.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from noormme.engines.server.mssql.call_moments import extracted, now, truncated
from noormme.engines.server.mssql.call_texts import TEXTS
from noormme.engines.server.mssql.operands import (
    alike,
    as_float,
    as_integer,
    as_kind,
    as_number,
    as_text,
    called,
    cast,
    column_of,
    in_one_form,
    is_json_value,
    joined,
    literal,
    nested,
    quoted,
    typed,
)
from noormme.engines.server.mssql.types import SQL_TYPES
from noormme.errors import InvalidQuery, NotSupported
from noormme.query.dialect_expressions import Operand
from noormme.schema.model import Kind

if TYPE_CHECKING:
    from noormme.engines.server.mssql.dialect import SQLServerDialect

__all__ = ["call"]

_Write: TypeAlias = "Callable[[SQLServerDialect, Sequence[Operand], str, Kind], ColumnElement[Any]]"


def call(
    dialect: SQLServerDialect, function: str, operands: Sequence[Operand], option: str, kind: Kind
) -> ColumnElement[Any]:
    """A function of one row, or of a window.

    Args:
        dialect: Knows the time zone.
        function: Its name in ``query.functions``, or that of any SQL function.
        operands: What it is called with.
        option: What selects one of several forms of it.
        kind: The kind of its values.

    Raises:
        NotSupported: SQL Server has no such function.
        InvalidQuery: It is called with too few arguments.
    """
    write = _WRITERS.get(function)
    if len(operands) < _FEWEST.get(function, 0):
        raise InvalidQuery(f"{function}() is called with {len(operands)} of {_FEWEST[function]} arguments")
    if write is not None:
        return write(dialect, operands, option, kind)
    return called(function, *map(typed, operands))


_FEWEST: Mapping[str, int] = {
    **dict.fromkeys(("cast", "collate", "extract", "trunc", "ord", "chr", "round", "length"), 1),
    **dict.fromkeys(("md5", "sha1", "sha224", "sha256", "sha384", "sha512"), 1),
    **dict.fromkeys(("left", "lower", "ltrim", "repeat", "replace", "reverse", "right", "rtrim"), 1),
    **dict.fromkeys(("trim", "upper", "abs", "ceil", "floor", "sign", "sqrt", "ln", "exp"), 1),
    **dict.fromkeys(("lag", "lead", "nullif", "mod", "log", "power", "atan2"), 2),
    **dict.fromkeys(("strindex", "substr", "lpad", "rpad"), 2),
}
"""How many arguments a call must have to be written; SQL Server itself checks the others."""

_FRACTIONS: Mapping[str, str] = {
    **{name: name.upper() for name in ("acos", "asin", "atan", "cos", "cot", "degrees", "exp", "radians")},
    **{name: name.upper() for name in ("sin", "sqrt", "tan")},
    "atan2": "ATN2",
    "ln": "LOG",
    "pi": "PI",
}
"""Functions of floats, and what SQL Server calls them."""

_SAME: Mapping[str, str] = {"abs": "ABS", "ceil": "CEILING", "floor": "FLOOR", "sign": "SIGN"}
"""Functions whose values are of the type of the number."""


def _fraction(
    dialect: SQLServerDialect, operands: Sequence[Operand], option: str, kind: Kind, *, name: str
) -> ColumnElement[Any]:
    return _typed(called(name, *map(as_float, operands)), kind)


def _same(
    dialect: SQLServerDialect, operands: Sequence[Operand], option: str, kind: Kind, *, name: str
) -> ColumnElement[Any]:
    return called(name, as_number(operands[0]))


def _typed(made: ColumnElement[Any], kind: Kind) -> ColumnElement[Any]:
    """What is computed as a float is one, except where decimals make a decimal."""
    return cast(made, SQL_TYPES["decimal"]) if kind == "decimal" else made


def _round(
    dialect: SQLServerDialect, operands: Sequence[Operand], option: str, kind: Kind
) -> ColumnElement[Any]:
    digits = as_integer(operands[1]) if len(operands) > 1 else literal("0")
    return called("ROUND", as_number(operands[0]), digits)


def _log(
    dialect: SQLServerDialect, operands: Sequence[Operand], option: str, kind: Kind
) -> ColumnElement[Any]:
    base, number = operands
    return _typed(called("LOG", as_float(number), as_float(base)), kind)


def _mod(
    dialect: SQLServerDialect, operands: Sequence[Operand], option: str, kind: Kind
) -> ColumnElement[Any]:
    if kind != "real":
        divisor = called("NULLIF", as_number(operands[1]), literal("0"))
        return joined(as_number(operands[0]), "%", divisor)
    number, divisor = as_float(operands[0]), called("NULLIF", as_float(operands[1]), literal("0"))
    whole = called("ROUND", joined(number, "/", divisor), literal("0"), literal("1"))
    return joined(number, "-", joined(divisor, "*", whole))


def _power(
    dialect: SQLServerDialect, operands: Sequence[Operand], option: str, kind: Kind
) -> ColumnElement[Any]:
    # Of which type the result is, the first argument says.
    return _typed(called("POWER", as_float(operands[0]), as_number(operands[1])), kind)


def _random(
    dialect: SQLServerDialect, operands: Sequence[Operand], option: str, kind: Kind
) -> ColumnElement[Any]:
    # RAND() alone is one number for all rows.
    return called("RAND", called("CHECKSUM", called("NEWID")))


# -- choices --------------------------------------------------------------------------------------------


def _coalesce(
    dialect: SQLServerDialect, operands: Sequence[Operand], option: str, kind: Kind
) -> ColumnElement[Any]:
    values = in_one_form(operands, kind)
    gives = next((value.type for value in values if is_json_value(value)), None)
    return called("COALESCE", *values, gives=gives)


def _extreme(
    dialect: SQLServerDialect, operands: Sequence[Operand], option: str, kind: Kind, *, name: str
) -> ColumnElement[Any]:
    """The greatest or the least of several values; GREATEST and LEAST are not there before 2022."""
    parts: list[Any] = []
    for value in in_one_form(operands, kind):
        parts += ["), (", value] if parts else [value]
    return nested(f"SELECT {name}(v) FROM (VALUES (", *parts, ")) AS noormme_values (v)")


def _collate(
    dialect: SQLServerDialect, operands: Sequence[Operand], option: str, kind: Kind
) -> ColumnElement[Any]:
    return sa.collate(as_text(operands[0]), option)


def _nullif(
    dialect: SQLServerDialect, operands: Sequence[Operand], option: str, kind: Kind
) -> ColumnElement[Any]:
    value, other = alike(operands[0], operands[1])
    if value is operands[0].sql:
        return called("NULLIF", value, other, gives=value.type if is_json_value(value) else None)
    return sa.case((value == other, sa.null()), else_=operands[0].sql)


def _cast(
    dialect: SQLServerDialect, operands: Sequence[Operand], option: str, kind: Kind
) -> ColumnElement[Any]:
    operand = operands[0]
    if option == "any" or (option == "json" and operand.kind == "text"):
        return operand.sql
    if option == "blob" and operand.kind == "text":
        wide: Any = as_text(operand)
        utf8 = cast(wide.collate("Latin1_General_100_BIN2_UTF8"), "VARCHAR(MAX)")
        return cast(utf8, SQL_TYPES["blob"])
    if operand.kind == kind and column_of(operand) is not None:
        return operand.sql
    if option == "integer" and operand.kind in ("real", "decimal"):
        # As elsewhere to the nearest number, where CAST cuts.
        return cast(called("ROUND", operand.sql, literal("0")), SQL_TYPES["integer"])
    return as_kind(operand, kind)


# -- documents and windows ------------------------------------------------------------------------------


def _json_array(
    dialect: SQLServerDialect, operands: Sequence[Operand], option: str, kind: Kind
) -> ColumnElement[Any]:
    parts: list[Any] = []
    for operand in operands:
        parts += [quoted(","), _json_text(operand)] if parts else [_json_text(operand)]
    return called("CONCAT", cast(quoted("["), SQL_TYPES["text"]), *parts, quoted("]"))


def _json_object(
    dialect: SQLServerDialect, operands: Sequence[Operand], option: str, kind: Kind
) -> ColumnElement[Any]:
    parts: list[Any] = []
    for at in range(0, len(operands) - 1, 2):
        parts += [quoted(",")] if parts else []
        parts += [_json_string(as_text(operands[at])), quoted(":"), _json_text(operands[at + 1])]
    return called("CONCAT", cast(quoted("{"), SQL_TYPES["text"]), *parts, quoted("}"))


def _json_string(text: ColumnElement[Any]) -> ColumnElement[Any]:
    escaped = called("STRING_ESCAPE", text, literal("'json'"))
    return joined(joined(quoted('"'), "+", escaped), "+", quoted('"'))


def _json_text(operand: Operand) -> ColumnElement[Any]:
    """A value as JSON; SQL Server has functions that make documents from 2022 on."""
    if operand.kind == "json":
        made = operand.sql
    elif operand.kind == "boolean":
        made = sa.case(
            (operand.sql == literal("1"), quoted("true")), (operand.sql == literal("0"), quoted("false"))
        )
    elif operand.kind in ("integer", "decimal", "real"):
        made = as_text(operand)
    elif operand.kind in ("datetime", "date", "time"):
        made = _json_string(called("CONVERT", literal("NVARCHAR(40)"), operand.sql, literal("126")))
    else:
        made = _json_string(as_text(operand))
    return called("COALESCE", made, quoted("null"))


def _shifted(
    dialect: SQLServerDialect, operands: Sequence[Operand], option: str, kind: Kind, *, name: str
) -> ColumnElement[Any]:
    value, offset, *default = operands
    first, *other = in_one_form([value, *default], kind) if default else [typed(value)]
    return called(name, first, as_integer(offset), *other)


def _nth(
    dialect: SQLServerDialect, operands: Sequence[Operand], option: str, kind: Kind
) -> ColumnElement[Any]:
    raise NotSupported(
        "SQL Server has no NTH_VALUE", hint="use FirstValue, LastValue, or number rows in a subquery"
    )


_WRITERS: Mapping[str, _Write] = {
    **TEXTS,
    **{name: partial(_fraction, name=sql) for name, sql in _FRACTIONS.items()},
    **{name: partial(_same, name=sql) for name, sql in _SAME.items()},
    **{name: partial(_shifted, name=name.upper()) for name in ("lag", "lead")},
    "cast": _cast,
    "coalesce": _coalesce,
    "collate": _collate,
    "extract": extracted,
    "greatest": partial(_extreme, name="MAX"),
    "json_array": _json_array,
    "json_object": _json_object,
    "least": partial(_extreme, name="MIN"),
    "log": _log,
    "mod": _mod,
    "now": now,
    "nth_value": _nth,
    "nullif": _nullif,
    "power": _power,
    "random": _random,
    "round": _round,
    "trunc": truncated,
}
