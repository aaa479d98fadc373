"""The SQL functions of durations: the distance between two moments, and a moment moved.

Invariant: moments come as the text that ``noormme_datetime`` and ``noormme_time`` give, durations as whole
microseconds; NULL and what cannot be read give NULL.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, time, timedelta

__all__ = ["FUNCTIONS"]

_MICROSECOND = timedelta(microseconds=1)


def _between(start: object, end: object) -> int | None:
    """Microseconds from one moment to another."""
    first, last = _moment(start), _moment(end)
    return None if first is None or last is None else (last - first) // _MICROSECOND


def _moved(value: object, microseconds: object) -> str | None:
    """A moment after a duration; a time of day begins anew at midnight."""
    moment = _moment(value)
    if moment is None or not isinstance(microseconds, (int, float)):
        return None
    try:
        moved = moment + timedelta(microseconds=microseconds)
    except OverflowError:
        return None
    return moved.isoformat(" ") if _has_date(value) else moved.time().isoformat()


def _has_date(value: object) -> bool:
    return isinstance(value, str) and ":" not in value[:3]


def _moment(value: object) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        if _has_date(value):
            return datetime.fromisoformat(value)
        return datetime.combine(datetime(2000, 1, 1), time.fromisoformat(value))
    except ValueError:
        return None


FUNCTIONS: Mapping[str, tuple[Callable[..., object], int]] = {
    "noormme_between": (_between, 2),
    "noormme_moved": (_moved, 2),
}
