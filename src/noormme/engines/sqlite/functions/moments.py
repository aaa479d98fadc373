"""The functions of dates and times: any stored form as one text, and from one time zone to another.

Invariant: what they give is the wall clock of the decoded Python value, as text that sorts by time; NULL for
NULL and for what cannot be read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, time, timedelta, tzinfo
from datetime import timezone as fixed_offset
from functools import lru_cache
from typing import cast

from noormme.engines.sqlite.moments import Unit
from noormme.engines.sqlite.values import STRICT, Unreadable, decode

__all__ = ["functions_of"]

_TextOf = Callable[..., str | None]


@lru_cache(maxsize=16)
def functions_of(timezone: tzinfo | None) -> Mapping[str, tuple[Callable[..., object], int]]:
    """By their names in SQL: the functions, and how many arguments they take (-1: any number).

    Args:
        timezone: The zone of datetimes that carry no offset, as in ``values.decode``.
    """

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

    def zoned_text(value: object, zone: str, unit: Unit | None = None) -> str | None:
        moment = _moment(value, unit, timezone)
        if moment is None:
            return None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=timezone or UTC)
        return _shown(moment, _zone(zone))

    def unzoned_text(value: object, zone: str) -> str | None:
        moment = _moment(value, None, None)
        return None if moment is None else _shown(moment.replace(tzinfo=_zone(zone)), timezone or UTC)

    return {
        "noormme_datetime": (datetime_text, -1),
        "noormme_time": (time_text, -1),
        "noormme_unzoned": (unzoned_text, 2),
        "noormme_zoned": (zoned_text, -1),
    }


@lru_cache(maxsize=64)
def _zone(name: str) -> tzinfo:
    """The zone of a name, or of a distance from UTC (``"+05:30"``)."""
    if name[0] in "+-":
        distance = timedelta(hours=int(name[1:3]), minutes=int(name[4:6]))
        return fixed_offset(-distance if name[0] == "-" else distance)
    from zoneinfo import ZoneInfo  # loaded for such queries only: a start should not pay for it

    return ZoneInfo(name)


def _shown(moment: datetime, zone: tzinfo) -> str | None:
    """The wall clock in a zone at a moment; None where that leaves the calendar."""
    try:
        return moment.astimezone(zone).replace(tzinfo=None).isoformat(" ")
    except OverflowError:
        return None


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
