"""The SQL functions that compiled queries call and SQLite does not have, or has otherwise than PostgreSQL.

Invariant: each gives the same answer for the same arguments, touches nothing and never fails over a value
that some program stored. They are registered on every connection when it opens, which takes some tens of
microseconds in all.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import tzinfo
from functools import lru_cache
from typing import cast

import apsw

from noormme.engines.sqlite.functions import (
    casts,
    containment,
    durations,
    lookups,
    numbers,
    spread,
    stored,
    text,
)
from noormme.engines.sqlite.functions.moments import functions_of

__all__ = ["register"]


def register(connection: apsw.Connection, *, timezone: tzinfo | None = None) -> None:
    """Give a connection the functions that compiled queries call. Runs no statement.

    - ``regexp(pattern, value)``: the REGEXP operator; whether Python's ``re`` finds the pattern.
    - ``noormme_casefold(value)``: text without the difference of upper and lower case, in all scripts.
    - ``noormme_datetime(value [, unit])``: a stored datetime in any form that can be read, as text
      ``YYYY-MM-DD HH:MM:SS[.ffffff]`` that shows the wall clock of the decoded Python value.
    - ``noormme_time(value [, unit])``: the time of day of a stored datetime or time, as text
      ``HH:MM:SS[.ffffff]``.
    - ``noormme_zoned(value, zone [, unit])``: as ``noormme_datetime``, the wall clock in a zone; and
      ``noormme_unzoned(value, zone)`` back to ``timezone``.
    - ``noormme_stored(value, conversion)``: a computed value in the form in which a column stores it.
    - Those of the query language, which the modules of this package explain.

    Args:
        connection: The connection, just opened.
        timezone: The zone of datetimes that carry no offset, as in ``values.decode``.
    """
    # The stubs want functions that take any number of arguments.
    add = cast("Callable[..., None]", connection.create_scalar_function)  # pyright: ignore[reportUnknownMemberType]
    aggregate = cast("Callable[..., None]", connection.create_window_function)  # pyright: ignore[reportUnknownMemberType]
    flags = apsw.SQLITE_INNOCUOUS  # so that views, checks and triggers of the user may call them too
    for name, function, count in _scalars(timezone):
        add(name, function, count, deterministic=True, flags=flags)
    for name, factory in spread.AGGREGATES.items():
        aggregate(name, factory, 1, flags=flags)


@lru_cache(maxsize=16)
def _scalars(timezone: tzinfo | None) -> tuple[tuple[str, Callable[..., object], int], ...]:
    tables = (
        lookups.FUNCTIONS,
        functions_of(timezone),
        durations.FUNCTIONS,
        text.FUNCTIONS,
        numbers.FUNCTIONS,
        casts.FUNCTIONS,
        containment.FUNCTIONS,
        stored.functions_of(timezone),
    )
    return tuple((name, *function) for table in tables for name, function in table.items())
