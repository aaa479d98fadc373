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
from noormme.engines.server.mysql.call_moments import extracted, now, truncated
from noormme.engines.server.mysql.operands import (
    CAST_TYPES,
    alike,
    as_kind,
    as_number,
    as_text,
    called,
    cast,
    in_one_form,
    is_json_value,
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


_FEWEST: Mapping[str, int] = {
    **dict.fromkeys(("cast", "collate", "extract", "trunc", "ord", "chr", "round", "repeat"), 1),
    **dict.fromkeys(("md5", "sha1", "sha224", "sha256", "sha384", "sha512"), 1),
    **dict.fromkeys(("lag", "lead", "nullif", "mod", "log", "strindex"), 2),
}
"""How many arguments a call must have to be written; the server itself checks the others."""

_TEXTS: Mapping[str, str] = {
    "left": "left",
    "length": "char_length",
    "lower": "lower",
    "ltrim": "ltrim",
    "repeat": "repeat",
    "reverse": "reverse",
    "right": "right",
    "rtrim": "rtrim",
    "substr": "substr",
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
_A_NUMBER = r"^[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?$"
_LAST_SIGN = str(0x10FFFF)
_SHA2: Mapping[str, str] = {"sha224": "224", "sha256": "256", "sha384": "384", "sha512": "512"}


def _text(
    dialect: MySQLDialect, operands: Sequence[Operand], option: str, kind: Kind, *, name: str
) -> ColumnElement[Any]:
    first, *rest = operands
    return called(name, as_text(first), *(each.sql for each in rest))


def _padded(
    dialect: MySQLDialect, operands: Sequence[Operand], option: str, kind: Kind, *, name: str
) -> ColumnElement[Any]:
    text, length, *fill = operands
    return called(name, as_text(text), length.sql, *(map(as_text, fill) if fill else [quoted(" ")]))


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
    return sa.case((sa.and_(number >= literal("0"), number <= literal(_LAST_SIGN)), sign))


def _ord(dialect: MySQLDialect, operands: Sequence[Operand], option: str, kind: Kind) -> ColumnElement[Any]:
    first = called("left", as_text(operands[0]), literal("1"))
    bytes_ = called("hex", called("CONVERT", spelled(first, "USING utf32")))
    number = cast(called("conv", bytes_, literal("16"), literal("10")), "SIGNED")
    return sa.case((called("char_length", first) == literal("0"), literal("0")), else_=number)


def _hash(
    dialect: MySQLDialect, operands: Sequence[Operand], option: str, kind: Kind, *, name: str
) -> ColumnElement[Any]:
    # As UTF-8, whatever the character set of the column.
    text = called("CONVERT", spelled(as_text(operands[0]), "USING utf8mb4"))
    return called("sha2", text, literal(_SHA2[name])) if name in _SHA2 else called(name, text)


def _number(
    dialect: MySQLDialect, operands: Sequence[Operand], option: str, kind: Kind, *, name: str
) -> ColumnElement[Any]:
    numbers = [as_number(operand) for operand in operands]
    made = called(name, *numbers)
    if name in ("acos", "asin", "ln", "log", "sqrt") or kind != "decimal":
        return made
    return cast(made, CAST_TYPES["decimal"]) if name in ("pow", "exp") else made


def _mod(dialect: MySQLDialect, operands: Sequence[Operand], option: str, kind: Kind) -> ColumnElement[Any]:
    return arithmetic("%", operands[0], operands[1], kind)


def _round(dialect: MySQLDialect, operands: Sequence[Operand], option: str, kind: Kind) -> ColumnElement[Any]:
    value, *places = (as_number(operand) for operand in operands)
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
    return as_text(operand) if kind in ("blob", "date", "time", "uuid") else value


def _cast(dialect: MySQLDialect, operands: Sequence[Operand], option: str, kind: Kind) -> ColumnElement[Any]:
    operand = operands[0]
    if option == "any" or (option == operand.kind and not is_json_value(operand.sql)):
        return operand.sql
    if option == "json":
        return sa.case((called("JSON_VALID", operand.sql), dialect.expressions.documents.read(operand.sql)))
    if option == "blob":
        # As UTF-8, whatever the character set of the column.
        return cast(called("CONVERT", spelled(as_text(operand), "USING utf8mb4")), "BINARY")
    if option in ("integer", "real", "decimal") and operand.kind in ("text", "any"):
        # The servers read what a text begins with; what is no number gives NULL.
        text = called("trim", as_text(operand))
        is_number = text.op("REGEXP", is_comparison=True)(quoted(_A_NUMBER))
        return sa.case((is_number, cast(text, CAST_TYPES[kind])))
    if option == "datetime" and operand.kind == "time":
        return called("TIMESTAMP", called("CURDATE"), operand.sql)
    return as_kind(operand, kind)


_WRITERS: Mapping[str, _Write] = {
    **{name: partial(_text, name=sql) for name, sql in _TEXTS.items()},
    **{name: partial(_number, name=sql) for name, sql in _NUMBERS.items()},
    **{name: partial(_hash, name=name) for name in ("md5", "sha1", *_SHA2)},
    **{name: partial(_padded, name=name) for name in ("lpad", "rpad")},
    **{name: partial(_extreme, name=name) for name in ("greatest", "least")},
    **{name: partial(_shifted, name=name) for name in ("lag", "lead")},
    "cast": _cast,
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
    "trunc": truncated,
}
