"""The SQL functions that lookups need and SQLite does not have.

Invariant: each gives the same answer for the same arguments, touches nothing, and gives NULL for NULL.
They are registered on every connection when it opens, which takes some microseconds in all.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, time, tzinfo
from functools import lru_cache
from typing import cast

import apsw

from noormme.engines.sqlite.moments import Unit
from noormme.engines.sqlite.values import STRICT, Unreadable, decode
from noormme.errors import InvalidValue

__all__ = ["register"]


def register(connection: apsw.Connection, *, timezone: tzinfo | None = None) -> None:
    """Give a connection the functions that compiled queries call. Runs no statement.

    - ``regexp(pattern, value)``: the REGEXP operator; whether Python's ``re`` finds the pattern.
    - ``noormme_casefold(value)``: text without the difference of upper and lower case, in all scripts.
    - ``noormme_datetime(value [, unit])``: a stored datetime in any form that can be read, as text
      ``YYYY-MM-DD HH:MM:SS[.ffffff]`` that shows the wall clock of the decoded Python value.
    - ``noormme_time(value [, unit])``: the time of day of a stored datetime or time, as text
      ``HH:MM:SS[.ffffff]``.

    The last two give NULL for what cannot be read.

    Args:
        connection: The connection, just opened.
        timezone: The zone of datetimes that carry no offset, as in ``values.decode``.
    """
    # The stub wants functions that take any number of arguments.
    add = cast("Callable[..., None]", connection.create_scalar_function)  # pyright: ignore[reportUnknownMemberType]
    flags = apsw.SQLITE_INNOCUOUS  # so that views, checks and triggers of the user may call them too
    datetime_text, time_text = _functions_of(timezone)
    add("regexp", _regexp, 2, deterministic=True, flags=flags)
    add("noormme_casefold", _casefold, 1, deterministic=True, flags=flags)
    add("noormme_datetime", datetime_text, -1, deterministic=True, flags=flags)
    add("noormme_time", time_text, -1, deterministic=True, flags=flags)


_TextOf = Callable[..., str | None]


@lru_cache(maxsize=16)
def _functions_of(timezone: tzinfo | None) -> tuple[_TextOf, _TextOf]:
    def datetime_text(value: object, unit: Unit | None = None) -> str | None:
        moment = _moment(value, unit, timezone)
        return None if moment is None else moment.replace(tzinfo=None).isoformat(" ")

    def time_text(value: object, unit: Unit | None = None) -> str | None:
        try:
            clock = cast("time", decode("time", value, unit=unit)) if _is_clock(value) else None
        except Unreadable:
            clock = None
        if clock is None:
            moment = _moment(value, unit, timezone)
            clock = None if moment is None else moment.time()
        return None if clock is None else clock.replace(tzinfo=None).isoformat()

    return datetime_text, time_text


_usual = cast("Callable[[object], datetime]", STRICT["datetime"])


def _is_clock(value: object) -> bool:
    """Whether it is text of a time of day alone."""
    return isinstance(value, str) and ":" in value[:3]


def _moment(value: object, unit: Unit | None, timezone: tzinfo | None) -> datetime | None:
    try:
        return _usual(value)
    except (ValueError, TypeError, IndexError):
        pass
    try:
        return cast("datetime | None", decode("datetime", value, timezone=timezone, unit=unit))
    except Unreadable:
        return None


@lru_cache(maxsize=256)
def _search(pattern: str) -> Callable[[str], object]:
    try:
        return re.compile(pattern).search
    except re.error as error:
        raise InvalidValue(
            f"a regular expression does not compile (at position {error.pos})",
            hint="it has the syntax of Python's re module",
        ) from error


def _regexp(pattern: object, value: object) -> bool | None:
    if value is None or pattern is None:
        return None
    text = value if type(value) is str else _text(value)
    return _search(_text(pattern))(text) is not None


def _casefold(value: object) -> str | None:
    if type(value) is str:
        return value.casefold()
    return None if value is None else _text(value).casefold()


def _text(value: object) -> str:
    """A stored value as text; SQLite too takes a BLOB for text in the encoding of the database."""
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)
