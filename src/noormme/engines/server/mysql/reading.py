"""What the driver makes of values on a connection: literals of those sent, Python values of those read.

Invariant: a value that is sent has its type in SQL (``DATE'2024-01-31'``), so that what is computed from it
has one too. Reading never stops in the middle of a result, after which the connection would be of no use:
what Python has no value for comes as text, and is noted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from pymysql.constants import FIELD_TYPE
from pymysql.converters import escape_float, escape_str, escape_timedelta

from noormme.engines.server.encoding import digits
from noormme.engines.server.mysql.lists import Listed, write_list

__all__ = ["Unreadable", "conversions"]


class Unreadable:
    """Whether a value was read that Python has no value for.

    Attributes:
        found: Whether there was one since this was last set.
    """

    __slots__ = ("found",)

    def __init__(self) -> None:
        self.found = False


def conversions(unreadable: Unreadable) -> dict[Any, Any]:
    """How the values of one connection are written and read, as PyMySQL takes it.

    Args:
        unreadable: Told where a value comes as text because Python has none for it.
    """
    read_date, read_datetime, read_time = (
        _tolerant(read, unreadable) for read in (date.fromisoformat, datetime.fromisoformat, _time)
    )
    return {
        **_WRITERS,
        **dict.fromkeys(_INTEGERS, int),
        **dict.fromkeys((FIELD_TYPE.FLOAT, FIELD_TYPE.DOUBLE), float),
        **dict.fromkeys((FIELD_TYPE.DECIMAL, FIELD_TYPE.NEWDECIMAL), Decimal),
        **dict.fromkeys((FIELD_TYPE.DATE, FIELD_TYPE.NEWDATE), read_date),
        **dict.fromkeys((FIELD_TYPE.DATETIME, FIELD_TYPE.TIMESTAMP), read_datetime),
        FIELD_TYPE.TIME: read_time,
    }


_INTEGERS = (
    FIELD_TYPE.TINY,
    FIELD_TYPE.SHORT,
    FIELD_TYPE.LONG,
    FIELD_TYPE.INT24,
    FIELD_TYPE.LONGLONG,
    FIELD_TYPE.YEAR,
)


def _tolerant(read: Callable[[str], object], unreadable: Unreadable) -> Callable[[str], object]:
    def reading(text: str) -> object:
        try:
            return read(text)
        except ValueError:
            # 0000-00-00, or a time of more than a day.
            unreadable.found = True
            return text

    return reading


def _time(text: str) -> time:
    return time.fromisoformat(text)


# -- writing ------------------------------------------------------------------------------------------


def _date(value: date, mapping: Any = None) -> str:
    return f"DATE'{value.isoformat()}'"


def _datetime(value: datetime, mapping: Any = None) -> str:
    return f"TIMESTAMP'{value.replace(tzinfo=None).isoformat(' ')}'"


def _clock(value: time, mapping: Any = None) -> str:
    return f"TIME'{value.replace(tzinfo=None).isoformat()}'"


def _list(value: Listed, mapping: Mapping[Any, Any]) -> str:
    return write_list(value, lambda each: _literal(each, mapping))


def _literal(value: object, mapping: Mapping[Any, Any]) -> str:
    write = mapping.get(type(value)) or mapping[str]
    written: str = write(value, mapping)
    return written


def _bytes(value: bytes, mapping: Any = None) -> str:
    return f"X'{value.hex()}'"


def _text(value: str, mapping: Any = None) -> str:
    return str(escape_str(value, mapping))


def _truth(value: bool, mapping: Any = None) -> str:
    return "TRUE" if value else "FALSE"


def _decimal(value: Decimal, mapping: Any = None) -> str:
    return format(value, "f")


def _whole(value: int, mapping: Any = None) -> str:
    return digits(value)


def _null(value: None, mapping: Any = None) -> str:
    return "NULL"


def _uuid(value: UUID, mapping: Any = None) -> str:
    return f"'{value}'"


_WRITERS: dict[Any, Any] = {
    bool: _truth,
    bytes: _bytes,
    date: _date,
    datetime: _datetime,
    Decimal: _decimal,
    float: escape_float,
    int: _whole,
    Listed: _list,
    str: _text,
    time: _clock,
    timedelta: escape_timedelta,
    type(None): _null,
    UUID: _uuid,
}
