"""Literals of SQL as Python values.

Invariant: a literal is given only where SQLite and Python mean the same value by it, bit for bit; every
other text is refused with ``DDLError``, which a caller takes for "ask the database".
"""

from __future__ import annotations

import re

from noormme.schema.sql_tokens import DDLError, TokenReader

__all__ = ["INTEGER_MAX", "INTEGER_MIN", "read_literal"]

INTEGER_MIN, INTEGER_MAX = -(2**63), 2**63 - 1

_INTEGER = re.compile(r"[0-9]+(?:_[0-9]+)*")
_HEXADECIMAL = re.compile(r"0[xX][0-9a-fA-F]+(?:_[0-9a-fA-F]+)*")
_REAL = re.compile(r"([0-9]*)\.?([0-9]*)(?:[eE]([+-]?[0-9]+))?")

_SURE_DIGITS, _SURE_EXPONENT = 15, 22
"""Up to here every way to read a decimal gives the same double."""


def read_literal(reader: TokenReader) -> int | float | str:
    """Step over a text in single quotes or a number with at most one sign.

    Args:
        reader: Where the literal should begin.

    Returns:
        Its value.

    Raises:
        DDLError: Something else comes next, or a number that is not certain to be the same in Python.
    """
    sign = reader.step() if reader.word in ("+", "-") else ""
    start = reader.at
    reader.step()
    token = reader.text(start, reader.at)
    if token.startswith("'"):
        if sign or len(token) == 1:
            raise DDLError("a text was expected")
        return token[1:-1].replace("''", "'")
    return _number(token, negative=sign == "-")


def _number(token: str, *, negative: bool) -> int | float:
    if _INTEGER.fullmatch(token) or _HEXADECIMAL.fullmatch(token):
        number = int(token.replace("_", ""), 16 if token[1:2] in ("x", "X") else 10)
        number = -number if negative else number
        # Beyond 64 bits SQLite makes a real of a decimal, and wraps a hexadecimal.
        if INTEGER_MIN < number <= INTEGER_MAX:
            return number
    elif found := _REAL.fullmatch(token):
        whole, fraction, exponent = found.groups(default="")
        digits = len((whole + fraction).strip("0"))
        reach = abs(int(exponent or 0)) + len(fraction)
        if whole + fraction and digits <= _SURE_DIGITS and reach <= _SURE_EXPONENT:
            # Adding 0.0 makes zero of minus zero, which SQLite does not keep.
            return (-float(token) if negative else float(token)) + 0.0
    raise DDLError("a number was expected that is the same everywhere")
