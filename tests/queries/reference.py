"""A small decoder of stored values, written apart from the library's, to compare with.

Invariant: it knows the forms that are in the sample databases and no others, and it uses nothing of
noormme. What it cannot read is returned as it is stored, as noormme promises too.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

__all__ = ["canonical", "decode"]

_MOMENTS = (
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M:%S.%f",
    "%Y-%m-%d",
    "%Y-%m-%dT%H:%M:%SZ",
    "%Y-%m-%d %H:%M:%S%z",
)
_TRUTHS = {0: False, 1: True, "true": True, "false": False}


def decode(kind: str, stored: object) -> tuple[object, bool]:
    """Read one stored value.

    Args:
        kind: The kind of the column.
        stored: What SQLite has: None, an int, a float, a str, or bytes (also of text that is not UTF-8).

    Returns:
        The value, and whether it could be read as that kind.
    """
    if stored is None or kind not in _READERS:
        return stored, True
    try:
        return _READERS[kind](stored), True
    except (ValueError, KeyError, TypeError):
        return stored, False


def canonical(value: object) -> str:
    """A text that two values share when they are the same value of the same type."""
    if isinstance(value, Decimal):
        return f"decimal {float(value)!r}"
    if isinstance(value, dict | list):
        return f"json {json.dumps(value, sort_keys=True)}"
    return f"{type(value).__name__} {value!r}"


def _moment(stored: object) -> datetime:
    if isinstance(stored, int | float):
        return datetime(1970, 1, 1) + timedelta(seconds=stored)
    for form in _MOMENTS:
        with suppress(ValueError):
            moment = datetime.strptime(str(stored), form)
            return moment.replace(tzinfo=UTC) if form.endswith("Z") else moment
    raise ValueError(form)


def _date(stored: object) -> date:
    moment = _moment(stored)
    return moment if moment.time() != time() else moment.date()


def _time(stored: object) -> time:
    return datetime.strptime(str(stored), "%H:%M:%S").time()


def _decimal(stored: object) -> Decimal:
    return Decimal(repr(stored))


def _json(stored: object) -> object:
    if isinstance(stored, int | float):
        return stored
    assert isinstance(stored, str | bytes)
    return json.loads(stored)


_READERS: Mapping[str, Callable[[object], object]] = {
    "boolean": lambda stored: _TRUTHS[stored],  # type: ignore[index]
    "date": _date,
    "datetime": _moment,
    "decimal": _decimal,
    "json": _json,
    "time": _time,
    "uuid": lambda stored: UUID(str(stored)),
}
