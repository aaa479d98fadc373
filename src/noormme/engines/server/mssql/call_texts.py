"""How T-SQL writes the functions of text of the query language.

Invariant: a length is one in characters, blanks at the end included; a text that is missing gives NULL,
except in ``concat``. This module imports SQLAlchemy.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from sqlalchemy import ColumnElement

from noormme.engines.server.mssql.operands import as_integer, as_text, called, cast, joined, literal, quoted
from noormme.errors import NotSupported
from noormme.query.dialect_expressions import Operand
from noormme.schema.model import Kind

if TYPE_CHECKING:
    from noormme.engines.server.mssql.dialect import SQLServerDialect

__all__ = ["TEXTS", "length"]

_Write: TypeAlias = "Callable[[SQLServerDialect, Sequence[Operand], str, Kind], ColumnElement[Any]]"


def length(text: ColumnElement[Any]) -> ColumnElement[Any]:
    """How many characters a text has; ``LEN`` alone leaves out blanks at the end.

    Args:
        text: The text.
    """
    return joined(called("LEN", joined(text, "+", quoted("."))), "-", literal("1"))


def _named(name: str) -> _Write:
    def write(
        dialect: SQLServerDialect, operands: Sequence[Operand], option: str, kind: Kind
    ) -> ColumnElement[Any]:
        first, *rest = operands
        numbers = ("integer", "real", "decimal")
        more = [
            as_integer(each) if each.kind in numbers and name != "REPLACE" else as_text(each) for each in rest
        ]
        return called(name, as_text(first), *more)

    return write


def _length(
    dialect: SQLServerDialect, operands: Sequence[Operand], option: str, kind: Kind
) -> ColumnElement[Any]:
    return length(as_text(operands[0]))


def _concat(
    dialect: SQLServerDialect, operands: Sequence[Operand], option: str, kind: Kind
) -> ColumnElement[Any]:
    # With one argument alone it is an error.
    return called("CONCAT", *(as_text(operand) for operand in operands), quoted(""))


def _strindex(
    dialect: SQLServerDialect, operands: Sequence[Operand], option: str, kind: Kind
) -> ColumnElement[Any]:
    return called("CHARINDEX", as_text(operands[1]), as_text(operands[0]))


def _substr(
    dialect: SQLServerDialect, operands: Sequence[Operand], option: str, kind: Kind
) -> ColumnElement[Any]:
    text, start, *rest = operands
    many = as_integer(rest[0]) if rest else length(as_text(text))
    return called("SUBSTRING", as_text(text), as_integer(start), many)


def _padded(
    operands: Sequence[Operand],
) -> tuple[ColumnElement[Any], ColumnElement[Any], ColumnElement[Any]]:
    text, wide, *rest = operands
    fill = as_text(rest[0]) if rest else quoted(" ")
    return as_text(text), as_integer(wide), fill


def _lpad(
    dialect: SQLServerDialect, operands: Sequence[Operand], option: str, kind: Kind
) -> ColumnElement[Any]:
    text, wide, fill = _padded(operands)
    missing = joined(wide, "-", length(called("LEFT", text, wide)))
    # Not CONCAT, which takes NULL for an empty text.
    return joined(called("LEFT", called("REPLICATE", fill, wide), missing), "+", called("LEFT", text, wide))


def _rpad(
    dialect: SQLServerDialect, operands: Sequence[Operand], option: str, kind: Kind
) -> ColumnElement[Any]:
    text, wide, fill = _padded(operands)
    return called("LEFT", joined(text, "+", called("REPLICATE", fill, wide)), wide)


def _chr(
    dialect: SQLServerDialect, operands: Sequence[Operand], option: str, kind: Kind
) -> ColumnElement[Any]:
    return called("NCHAR", as_integer(operands[0]))


_HASHES: Mapping[str, tuple[str, int]] = {
    "md5": ("MD5", 32),
    "sha1": ("SHA1", 40),
    "sha256": ("SHA2_256", 64),
    "sha512": ("SHA2_512", 128),
}
"""What SQL Server calls a hash, and how many characters it has as hexadecimal text."""


def _hash(name: str) -> _Write:
    def write(
        dialect: SQLServerDialect, operands: Sequence[Operand], option: str, kind: Kind
    ) -> ColumnElement[Any]:
        if name not in _HASHES:
            raise NotSupported(
                f"SQL Server has no {name.upper()}", hint="use SHA256 or SHA512, or hash in Python"
            )
        sign, size = _HASHES[name]
        # The same hash as elsewhere needs the bytes of UTF-8, which 2019 has collations for.
        wide: Any = as_text(operands[0])
        utf8 = cast(wide.collate("Latin1_General_100_BIN2_UTF8"), "VARCHAR(MAX)")
        digest = called("HASHBYTES", literal(f"'{sign}'"), utf8)
        return called("LOWER", called("CONVERT", literal(f"VARCHAR({size})"), digest, literal("2")))

    return write


TEXTS: Mapping[str, _Write] = {
    **{
        name: _named(sql)
        for name, sql in {
            "left": "LEFT",
            "lower": "LOWER",
            "ltrim": "LTRIM",
            "ord": "UNICODE",
            "repeat": "REPLICATE",
            "replace": "REPLACE",
            "reverse": "REVERSE",
            "right": "RIGHT",
            "rtrim": "RTRIM",
            "trim": "TRIM",
            "upper": "UPPER",
        }.items()
    },
    **{name: _hash(name) for name in ("md5", "sha1", "sha224", "sha256", "sha384", "sha512")},
    "chr": _chr,
    "concat": _concat,
    "length": _length,
    "lpad": _lpad,
    "rpad": _rpad,
    "strindex": _strindex,
    "substr": _substr,
}
"""By name, what writes each function of text."""
