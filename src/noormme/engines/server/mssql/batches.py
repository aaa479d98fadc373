"""From a compiled statement and its parameters to what is sent to the server.

Invariant: a statement runs by ``sp_executesql``, so that a parameter that occurs twice is one to the server,
and its type is that of the value and never a guess of the driver's. Nothing of a user's becomes SQL here but
whole numbers.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache
from uuid import UUID

from noormme.engines.server.mssql.marked import LegacyDateTime, Narrow
from noormme.errors import InvalidValue

__all__ = ["END", "batch", "counting", "without_parameters"]

END = "/*;*/"
"""Where a statement of the compiler's ends that T-SQL wants a semicolon behind."""

_PART = re.compile(
    r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|\[(?:[^\]]|\]\])*\]|--[^\n]*|(?P<end>/\*;\*/)|/\*.*?(?:\*/|\Z)"
    r"|(?P<page>OFFSET (?:0|@P[0-9]+) ROWS FETCH NEXT @P(?P<rows>[0-9]+) ROWS ONLY)"
    r"|@P(?P<number>[0-9]+)(?P<bound>(?= (?:PRECEDING|FOLLOWING)\b))?",
    re.DOTALL,
)
_NO_PAGE = "OFFSET CAST(9223372036854775807 AS BIGINT) ROWS"
"""A page of no rows, which FETCH refuses."""

_SHORT_TEXT, _SHORT_BYTES = 4_000, 8_000
_INTEGER_MAX = 2**63 - 1


def batch(sql: str, parameters: Sequence[object]) -> tuple[str, tuple[object, ...]]:
    """What the driver runs, which has ``%s`` for its values.

    Args:
        sql: The statement, with ``@P1`` and so on for its parameters.
        parameters: Their values, encoded.

    Returns:
        A call of ``sp_executesql``, and the values in it: the statement, the types of its parameters, and
        these themselves. What is SET in such a statement is taken back when that ends.

    Raises:
        InvalidValue: A value is of a type that SQL Server does not have.
    """
    missing = tuple(number for number, value in enumerate(parameters, 1) if value is None)
    bounds = tuple((number, value) for number, value in enumerate(parameters, 1) if type(value) is int)
    text = _written(sql, missing, _bounds(sql, bounds))
    sent = [(number, value) for number, value in enumerate(parameters, 1) if value is not None]
    if not sent:
        return "EXEC sp_executesql %s", (text,)
    declared = ", ".join(f"@P{number} {sql_type(value)}" for number, value in sent)
    places = ", ".join(f"@P{number} = %s" for number, _ in sent)
    values = [_sent(value) for _, value in sent]
    return f"EXEC sp_executesql %s, %s, {places}", (text, declared, *values)


def without_parameters(sql: str, count: int) -> str:
    """A statement that is only looked at: NULL in the place of each parameter.

    Args:
        sql: The statement.
        count: How many parameters it has.
    """
    return _written(sql, tuple(range(1, count + 1)), ())


def _sent(value: object) -> object:
    """A value in a form that the driver writes without a loss; its type is declared."""
    if isinstance(value, LegacyDateTime):
        return value.isoformat(timespec="milliseconds")
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, bytearray):
        return bytes(value)
    if isinstance(value, str) and "\0" in value:
        # The driver would take it for the end of the statement; the server makes a text of bytes.
        return value.encode("ascii" if isinstance(value, Narrow) else "utf-16-le")
    return str(value) if isinstance(value, (str, UUID)) else value


def _bounds(sql: str, numbers: tuple[tuple[int, int], ...]) -> tuple[tuple[int, int], ...]:
    """Those whole numbers that T-SQL wants to see: the bounds of a frame, and that a page has no rows."""
    if not any(word in sql for word in (" PRECEDING", " FOLLOWING", " FETCH NEXT ")):
        return ()
    found = list(_PART.finditer(sql))
    bounds = {int(part["number"]) for part in found if part["bound"] is not None}
    pages = {int(part["rows"]) for part in found if part["page"] is not None}
    return tuple(
        (number, value) for number, value in numbers if number in bounds or (number in pages and value == 0)
    )


@lru_cache(maxsize=1_024)
def _written(sql: str, missing: tuple[int, ...], bounds: tuple[tuple[int, int], ...]) -> str:
    """A statement with NULL for parameters that are missing: no type of a parameter would fit everywhere."""
    if END not in sql and not missing and not bounds:
        return sql
    known = dict(bounds)

    def place(found: re.Match[str]) -> str:
        if found["end"] is not None:
            return ";"
        if found["page"] is not None:
            return _NO_PAGE if int(found["rows"]) in known else found[0]
        if found["number"] is None:
            return found[0]
        number = int(found["number"])
        if found["bound"] is not None and number in known:
            return str(known[number])
        return "NULL" if number in missing else found[0]

    return _PART.sub(place, sql)


def sql_type(value: object) -> str:
    """The type of the parameter that a value travels as.

    Args:
        value: The value, encoded.

    Raises:
        InvalidValue: SQL Server has none for it.
    """
    if isinstance(value, bool):
        return "bit"
    if isinstance(value, int):
        return "bigint" if -_INTEGER_MAX <= value <= _INTEGER_MAX else "decimal(38, 0)"
    if isinstance(value, str):
        if isinstance(value, Narrow):
            return "varchar(8000)" if len(value) <= _SHORT_BYTES else "varchar(max)"
        return "nvarchar(4000)" if len(value) <= _SHORT_TEXT else "nvarchar(max)"
    if isinstance(value, Decimal):
        return _decimal_type(value)
    if isinstance(value, (bytes, bytearray)):
        return "varbinary(8000)" if len(value) <= _SHORT_BYTES else "varbinary(max)"
    for kind, name in _TYPES:
        if isinstance(value, kind):
            return "datetimeoffset(6)" if isinstance(value, datetime) and value.tzinfo else name
    raise InvalidValue(
        f"SQL Server cannot take {type(value).__name__}",
        hint="give a number, text, bytes, a date or a Decimal",
    )


_TYPES: Sequence[tuple[type, str]] = (
    (float, "float"),
    (LegacyDateTime, "datetime"),
    (datetime, "datetime2(6)"),
    (date, "date"),
    (time, "time(6)"),
    (UUID, "uniqueidentifier"),
)


def _decimal_type(value: Decimal) -> str:
    """A type for the digits of a number, in steps, so that numbers alike have one plan on the server."""
    exponent = value.as_tuple().exponent
    scale = max(0, -exponent) if isinstance(exponent, int) else 39
    whole = max(1, value.adjusted() + 1)
    scale = next((step for step in (6, 12, 18, 24, 30, 38) if scale <= step), scale)
    if scale > 38 or whole + scale > 38:
        raw = max(0, -exponent) if isinstance(exponent, int) else 39
        if whole + raw > 38:
            raise InvalidValue(
                "SQL Server has no decimals of more than 38 digits", hint="round it, or give a float"
            )
        scale = raw
    return f"decimal(38, {scale})"


_CHANGING = re.compile(
    rf"\s*(?:SET IDENTITY_INSERT .*? ON {re.escape(END)} )?(?:INSERT|UPDATE|DELETE|MERGE)\b",
    re.IGNORECASE | re.DOTALL,
)
_GIVING = re.compile(r"\bOUTPUT\s+(?:inserted|deleted)\.", re.IGNORECASE)


def counting(sql: str) -> str | None:
    """A statement that changes rows, with a SELECT of their number behind it.

    The driver's own number is that of the last statement that ran, which can be one of a trigger.

    Args:
        sql: The statement.

    Returns:
        The two; None for what gives rows back, or changes none.
    """
    if _CHANGING.match(sql) is None or _GIVING.search(sql) is not None:
        return None
    end = "" if sql.rstrip().endswith(END) else f" {END}"
    return f"{sql}{end} SELECT @@ROWCOUNT"
