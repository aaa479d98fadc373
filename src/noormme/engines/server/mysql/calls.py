"""How MySQL and MariaDB write the functions of the query language.

Invariant: a function gives what it gives on the other databases, NULL for NULL included; where PostgreSQL
raises an error for a value (the root of a negative number), it gives NULL. A function that is not known here
is called by its name. This module imports SQLAlchemy.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from noormme.engines.server.mysql.arithmetic import arithmetic
from noormme.engines.server.mysql.call_casts import converted, read_number, written
from noormme.engines.server.mysql.call_moments import extracted, now, truncated
from noormme.engines.server.mysql.operands import (
    CAST_TYPES,
    alike,
    as_number,
    as_text,
    called,
    cast,
    in_one_form,
    literal,
    pieced,
    quoted,
    spelled,
)
from noormme.errors import InvalidQuery
from noormme.query.dialect_expressions import Operand
from noormme.schema.model import Kind

if TYPE_CHECKING:
    from noormme.engines.server.mysql.dialect import MySQLDialect

__all__ = ["call"]

# The first argument is the dialect, which some checkers cannot compare in a circle of imports.
_Write: TypeAlias = Callable[[Any, Sequence[Operand], str, Kind], ColumnElement[Any]]


def call(
    dialect: MySQLDialect, function: str, operands: Sequence[Operand], option: str, kind: Kind
) -> ColumnElement[Any]:
    """A function of one row, or of a window.

    Args:
        dialect: Knows the server and the time zone.
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
    return called(function, *(operand.sql for operand in operands))


_TEXTS: Mapping[str, str] = {
    "length": "char_length",
    "lower": "lower",
    "ltrim": "ltrim",
    "repeat": "repeat",
    "reverse": "reverse",
    "rtrim": "rtrim",
    "trim": "trim",
    "upper": "upper",
}
"""Functions of a text, and what the servers call them."""

_NUMBERS: Mapping[str, str] = {
    **{
        name: name
        for name in (
            *("abs", "acos", "asin", "atan", "atan2", "ceil", "cos", "degrees", "exp", "floor", "ln"),
            *("radians", "sign", "sin", "sqrt", "tan", "log"),
        )
    },
    "power": "pow",
}

_FEWEST: Mapping[str, int] = {
    **dict.fromkeys((*_TEXTS, "cast", "collate", "cot", "extract", "trunc", "ord", "chr", "round"), 1),
    **dict.fromkeys(("md5", "sha1", "sha224", "sha256", "sha384", "sha512"), 1),
    **dict.fromkeys(("lag", "lead", "left", "lpad", "mod", "log", "nullif", "right", "rpad"), 2),
    **dict.fromkeys(("strindex", "substr"), 2),
}
"""How many arguments a call must have to be written; the server itself checks the others."""

_LAST_SIGN = str(0x10FFFF)
_SURROGATES = (str(0xD800), str(0xDFFF))
_SHA2: Mapping[str, str] = {"sha224": "224", "sha256": "256", "sha384": "384", "sha512": "512"}


def _text(
    dialect: MySQLDialect, operands: Sequence[Operand], option: str, kind: Kind, *, name: str
) -> ColumnElement[Any]:
    first, *rest = operands
    if name == "char_length" and first.kind == "blob":
        return called("length", first.sql)
    return called(name, as_text(first), *(each.sql for each in rest))


def _end(
    dialect: MySQLDialect, operands: Sequence[Operand], option: str, kind: Kind, *, name: str
) -> ColumnElement[Any]:
    """``left()`` and ``right()``; a length below zero says how many signs of the other end are left out."""
    text, length = as_text(operands[0]), operands[1].sql
    rest = _plus(called("char_length", text), length)
    signs = sa.case((length < literal("0"), called("greatest", rest, literal("0"))), else_=length)
    return called(name, text, signs)


def _substr(
    dialect: MySQLDialect, operands: Sequence[Operand], option: str, kind: Kind
) -> ColumnElement[Any]:
    """A part of a text; before the first sign there are places without any."""
    text, place = as_text(operands[0]), operands[1].sql
    start = called("greatest", place, literal("1"))
    if len(operands) == 2:
        return called("substr", text, start)
    length = operands[2].sql
    signs = _plus(length, _plus(called("least", place, literal("1")), literal("-1")))
    return called("substr", text, start, sa.case((length >= literal("0"), signs)))


def _plus(number: ColumnElement[Any], other: ColumnElement[Any]) -> ColumnElement[Any]:
    total: ColumnElement[Any] = number.op("+")(other).self_group()
    return total


def _padded(
    dialect: MySQLDialect, operands: Sequence[Operand], option: str, kind: Kind, *, name: str
) -> ColumnElement[Any]:
    text, width = as_text(operands[0]), called("greatest", operands[1].sql, literal("0"))
    if len(operands) == 2:
        return called(name, text, width, quoted(" "))
    fill = as_text(operands[2])
    # With nothing to fill it up with, the text is only cut. Most collations find a space equal to nothing.
    is_empty = called("char_length", fill) == literal("0")
    return sa.case((is_empty, called("left", text, width)), else_=called(name, text, width, fill))


def _replace(
    dialect: MySQLDialect, operands: Sequence[Operand], option: str, kind: Kind
) -> ColumnElement[Any]:
    return called("replace", *map(as_text, operands))


def _strindex(
    dialect: MySQLDialect, operands: Sequence[Operand], option: str, kind: Kind
) -> ColumnElement[Any]:
    text, needle = map(as_text, operands[:2])
    return called("locate", needle, text)


def _concat(
    dialect: MySQLDialect, operands: Sequence[Operand], option: str, kind: Kind
) -> ColumnElement[Any]:
    # concat() gives NULL where one of its parts is.
    return called("concat", *(called("coalesce", as_text(operand), quoted("")) for operand in operands))


def _chr(dialect: MySQLDialect, operands: Sequence[Operand], option: str, kind: Kind) -> ColumnElement[Any]:
    number = operands[0].sql
    bytes_ = called("unhex", called("lpad", called("hex", number), literal("8"), quoted("0")))
    in_utf32 = called("CONVERT", spelled(bytes_, "USING utf32"))
    sign = called("CONVERT", spelled(in_utf32, "USING utf8mb4"))
    known = sa.and_(
        number.between(literal("0"), literal(_LAST_SIGN)),
        sa.not_(number.between(literal(_SURROGATES[0]), literal(_SURROGATES[1]))),
    )
    return sa.case((known, sign))


def _ord(dialect: MySQLDialect, operands: Sequence[Operand], option: str, kind: Kind) -> ColumnElement[Any]:
    first = called("left", as_text(operands[0]), literal("1"))
    bytes_ = called("hex", called("CONVERT", spelled(first, "USING utf32")))
    number = cast(called("conv", bytes_, literal("16"), literal("10")), "SIGNED")
    return sa.case((called("char_length", first) == literal("0"), literal("0")), else_=number)


def _hash(
    dialect: MySQLDialect, operands: Sequence[Operand], option: str, kind: Kind, *, name: str
) -> ColumnElement[Any]:
    # As UTF-8, whatever the character set of the column.
    operand = operands[0]
    text = (
        operand.sql
        if operand.kind == "blob"
        else called("CONVERT", spelled(as_text(operand), "USING utf8mb4"))
    )
    return called("sha2", text, literal(_SHA2[name])) if name in _SHA2 else called(name, text)


def _number(
    dialect: MySQLDialect, operands: Sequence[Operand], option: str, kind: Kind, *, name: str
) -> ColumnElement[Any]:
    made = called(name, *map(read_number, operands))
    if name in ("acos", "asin", "ln", "log", "sqrt") or kind != "decimal":
        return made
    return cast(made, CAST_TYPES["decimal"]) if name in ("pow", "exp") else made


def _mod(dialect: MySQLDialect, operands: Sequence[Operand], option: str, kind: Kind) -> ColumnElement[Any]:
    return arithmetic("%", operands[0], operands[1], kind)


def _round(dialect: MySQLDialect, operands: Sequence[Operand], option: str, kind: Kind) -> ColumnElement[Any]:
    value, *places = map(read_number, operands)
    if kind != "real":
        return called("round", value, *places)
    # A decimal is rounded half away from zero, a float as the machine does it.
    exact = called("round", cast(value, CAST_TYPES["decimal"]), *places)
    huge = called("abs", value) >= literal("1e34")
    return sa.case((huge, value), else_=cast(exact, "DOUBLE"))


def _random(
    dialect: MySQLDialect, operands: Sequence[Operand], option: str, kind: Kind
) -> ColumnElement[Any]:
    return called("rand")


def _cot(dialect: MySQLDialect, operands: Sequence[Operand], option: str, kind: Kind) -> ColumnElement[Any]:
    # cot() of zero is an error.
    return pieced("1e0 /", called("tan", as_number(operands[0])))


def _pi(dialect: MySQLDialect, operands: Sequence[Operand], option: str, kind: Kind) -> ColumnElement[Any]:
    # pi() is shown with six digits.
    return literal("3.141592653589793e0")


def _several(
    dialect: MySQLDialect, operands: Sequence[Operand], option: str, kind: Kind
) -> ColumnElement[Any]:
    return called("coalesce", *in_one_form(operands, kind))


def _extreme(
    dialect: MySQLDialect, operands: Sequence[Operand], option: str, kind: Kind, *, name: str
) -> ColumnElement[Any]:
    """The largest or the smallest one of those that are there; of none of them NULL."""
    values = in_one_form(operands, kind)
    if len(values) == 1:
        return values[0]
    # NULL would be the result where one of them is: each is replaced by the first one that is there.
    present = [called("coalesce", value, *values) for value in values]
    return called(name, *present)


def _collate(
    dialect: MySQLDialect, operands: Sequence[Operand], option: str, kind: Kind
) -> ColumnElement[Any]:
    return sa.collate(as_text(operands[0]), option)


def _nullif(
    dialect: MySQLDialect, operands: Sequence[Operand], option: str, kind: Kind
) -> ColumnElement[Any]:
    value, other = alike(operands[0], operands[1])
    if value is operands[0].sql:
        return called("nullif", value, other)
    return sa.case((value == other, sa.null()), else_=operands[0].sql)


def _shifted(
    dialect: MySQLDialect, operands: Sequence[Operand], option: str, kind: Kind, *, name: str
) -> ColumnElement[Any]:
    value, offset, *default = operands
    first, *other = in_one_form([value, *default], kind)
    return called(name, first, offset.sql, *other)


def _json(
    dialect: MySQLDialect, operands: Sequence[Operand], option: str, kind: Kind, *, name: str
) -> ColumnElement[Any]:
    keyed = name == "json_object"
    parts = [
        as_text(operand) if keyed and at % 2 == 0 else _json_part(dialect, operand)
        for at, operand in enumerate(operands)
    ]
    return called(name, *parts)


def _json_part(dialect: MySQLDialect, operand: Operand) -> ColumnElement[Any]:
    """A value as it stands in a JSON document: what JSON does not have is text."""
    value, kind = operand.sql, operand.kind
    if kind == "json":
        return dialect.expressions.documents.embedded(value)
    if kind == "boolean":
        # The servers know no truth values but in JSON.
        word = sa.case((value, quoted("true")), (sa.not_(value), quoted("false")))
        return called("JSON_EXTRACT", word, quoted("$"))
    if kind == "datetime":
        return called("replace", as_text(operand), quoted(" "), quoted("T"))
    return written(operand) if kind in ("blob", "date", "time", "uuid") else value


_WRITERS: Mapping[str, _Write] = {
    **{name: partial(_text, name=sql) for name, sql in _TEXTS.items()},
    **{name: partial(_number, name=sql) for name, sql in _NUMBERS.items()},
    **{name: partial(_hash, name=name) for name in ("md5", "sha1", *_SHA2)},
    **{name: partial(_padded, name=name) for name in ("lpad", "rpad")},
    **{name: partial(_end, name=name) for name in ("left", "right")},
    **{name: partial(_extreme, name=name) for name in ("greatest", "least")},
    **{name: partial(_shifted, name=name) for name in ("lag", "lead")},
    "cast": converted,
    "chr": _chr,
    "coalesce": _several,
    "collate": _collate,
    "concat": _concat,
    "cot": _cot,
    "extract": extracted,
    "json_array": partial(_json, name="json_array"),
    "json_object": partial(_json, name="json_object"),
    "mod": _mod,
    "now": now,
    "nullif": _nullif,
    "ord": _ord,
    "pi": _pi,
    "random": _random,
    "replace": _replace,
    "round": _round,
    "strindex": _strindex,
    "substr": _substr,
    "trunc": truncated,
}
