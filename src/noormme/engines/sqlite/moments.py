"""Dates and times as other programs write them: text in many forms, and numbers that count units.

Invariant: nothing is guessed where two readings are equally likely, and nothing of a value is lost
but what is finer than a microsecond. What is not read is refused with an error that the caller takes
for "return it as it is stored".
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from datetime import timezone as fixed_offset
from typing import Literal

__all__ = [
    "EPOCH",
    "JULIAN_EPOCH_MS",
    "Unit",
    "Unreadable",
    "clock_unit_of",
    "compact_datetime",
    "datetime_of_number",
    "offset_of",
    "parse_datetime",
    "parse_time",
    "time_of_number",
    "unit_of",
]

Unit = Literal["s", "ms", "us", "ns", "julian"]
"""What a number in a temporal column counts: a part of a second since 1970 (for a time: since
midnight), or days of the Julian calendar."""

EPOCH = datetime(1970, 1, 1)
JULIAN_EPOCH_MS = 210_866_760_000_000
"""1970-01-01 00:00 as a Julian day, in milliseconds."""


class Unreadable(ValueError):
    """A stored value that cannot be read as its column's kind; the caller returns it as it is stored."""


_ZULU = frozenset({"Z", "z", "UTC", "GMT"})
_OFFSET = re.compile(r"([+-])(\d\d)(?::?(\d\d)(?::?(\d\d))?)?", re.ASCII)
_CLOCK = r"(\d\d?):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?|(\d\d)(\d\d)(?:(\d\d)(?:[.,](\d+))?)?"
_ZONE = r"\s*(Z|z|UTC|GMT|[+-]\d\d(?::?\d\d(?::?\d\d)?)?)"
_TIME = re.compile(rf"[Tt]?(?:{_CLOCK})(?:{_ZONE})?", re.ASCII)
_DATETIME = re.compile(
    r"(\d{4})(?:([-/.])(\d\d?)\2(\d\d?)|(\d\d)(\d\d))"  # 2024-01-02, 2024/1/2, 20240102
    rf"(?:(?:[Tt_]|\s+)(?:{_CLOCK})"
    # Go adds the zone's name and its own clock, Java the zone in brackets.
    rf"(?:{_ZONE}(?:\s[A-Z][A-Za-z]{{1,4}})?(?:\sm=[+-][\d.]+)?(?:\[[\w/+-]+\])?)?"
    rf"|(Z|[+-]\d\d:\d\d))?",
    re.ASCII,
)
_COMPACT = re.compile(r"((?:19|20)\d\d)(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d))?", re.ASCII)
_BASE_DAYS = frozenset({date(2000, 1, 1), date(1970, 1, 1), date(1900, 1, 1), date(1899, 12, 30)})
"""The days that Rails, JavaScript, SQL Server and OLE put before a time of day."""


def offset_of(text: str) -> tzinfo:
    """The offset that ``Z``, ``UTC``, ``+02:00``, ``-0330`` or ``+02`` stands for.

    Raises:
        Unreadable: It is not an offset.
    """
    if text in _ZULU:
        return UTC
    match = _OFFSET.fullmatch(text)
    if match is None:
        raise Unreadable
    sign, hours, minutes, seconds = match.groups(default="0")
    distance = timedelta(hours=int(hours), minutes=int(minutes), seconds=int(seconds))
    return fixed_offset(-distance if sign == "-" else distance) if distance else UTC


def _clock(groups: tuple[str | None, ...]) -> tuple[time, bool]:
    """The time in the groups of ``_CLOCK``, and whether it is the 24:00 that ends a day."""
    parts = groups[:4] if groups[0] is not None else groups[4:8]
    hour, minute, second = (int(part or 0) for part in parts[:3])
    microsecond = int(((parts[3] or "") + "000000")[:6])
    if hour == 24 and not (minute or second or microsecond):
        return time(), True
    return time(hour, minute, second, microsecond), False


def parse_datetime(text: str) -> datetime:
    """A year, a month and a day of text in this order, with or without a time and an offset.

    Raises:
        Unreadable: It is not in a form that is known; any other ValueError: there is no such day.
    """
    if text[16:17] == ":":
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            pass
    match = _DATETIME.fullmatch(text)
    if match is None:
        if text[4:5] != "W" and text[4:6] != "-W":
            raise Unreadable
        return datetime.fromisoformat(text)  # weeks are rare enough to leave them to the library
    groups = match.groups()
    day = date(int(groups[0]), int(groups[2] or groups[4]), int(groups[3] or groups[5]))
    clock, ends_day = _clock(groups[6:14]) if groups[6] or groups[10] else (time(), False)
    offset = groups[14] or groups[15]
    moment = datetime.combine(day, clock, None if offset is None else offset_of(offset))
    return moment + timedelta(days=1) if ends_day else moment


def parse_time(text: str) -> time:
    """A time of day in text, with or without an offset; a day that only stands there is left out.

    Raises:
        Unreadable: It is not in a form that is known; any other ValueError: there is no such time.
    """
    if text[5:6] == ":":
        try:
            return time.fromisoformat(text)
        except ValueError:
            pass
    match = _TIME.fullmatch(text)
    if match is None:
        moment = parse_datetime(text)
        if moment.date() not in _BASE_DAYS:
            raise Unreadable
        return moment.timetz()
    clock, ends_day = _clock(match.groups()[:8])
    if ends_day:
        raise Unreadable
    offset = match.group(9)
    return clock if offset is None else clock.replace(tzinfo=offset_of(offset))


def unit_of(number: float) -> Unit:
    """What a number in a date or datetime column counts, by its size: units lie far apart.

    Raises:
        Unreadable: It may as well be a year.
    """
    if isinstance(number, float) and 2_300_000 <= number < 2_600_000:
        return "julian"  # the years 1585 to 2406; as seconds these are a few days of 1970
    size = abs(number)
    if 1_000 <= size < 10_000:
        raise Unreadable  # more likely a year than a second of the first hours of 1970
    return "s" if size < 1e11 else "ms" if size < 1e14 else "us" if size < 1e17 else "ns"


def _instant(number: float, unit: Unit) -> datetime:
    """The naive UTC datetime that a number stands for."""
    if unit == "julian":
        # To the millisecond, as SQLite's own functions read it; a double holds no more.
        return EPOCH + timedelta(milliseconds=int(number * 86_400_000 + 0.5) - JULIAN_EPOCH_MS)
    return EPOCH + _span(number, unit)


def _span(number: float, unit: Unit) -> timedelta:
    if unit == "s":
        return timedelta(seconds=number)
    if unit == "ms":
        return timedelta(milliseconds=number)
    if unit == "us":
        return timedelta(microseconds=number)
    return timedelta(microseconds=number // 1_000)


def compact_datetime(digits: str) -> datetime | None:
    """Digits as YYYYMMDD or YYYYMMDDHHMMSS of this century or the last, or None."""
    match = _COMPACT.fullmatch(digits)
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups())
    try:
        return datetime(year, month, day, hour, minute, second)
    except ValueError:
        return None


def datetime_of_number(number: float, timezone: tzinfo | None, unit: Unit | None) -> datetime:
    """The datetime that a number stands for: in ``timezone``, else naive in UTC.

    Args:
        number: The number.
        timezone: The zone to give it in.
        unit: What it counts; None: what its size says.

    Raises:
        Unreadable: It may as well be a year; an ArithmeticError or any other ValueError: it is too large.
    """
    if unit is None:
        # Numeric affinity makes an integer of text such as 20240102.
        moment = compact_datetime(str(number))
        if moment is not None:
            return moment.replace(tzinfo=timezone)
        unit = unit_of(number)
    moment = _instant(number, unit)
    return moment if timezone is None else moment.replace(tzinfo=UTC).astimezone(timezone)


def clock_unit_of(number: float) -> Unit:
    """What a number in a time column counts, by its size.

    Raises:
        Unreadable: It may be a part of a second or of a day.
    """
    if 0 < number < 1:
        raise Unreadable
    return "s" if number < 86_400 else "ms" if number < 86_400_000 else "us" if number < 8.64e10 else "ns"


def time_of_number(number: float, unit: Unit | None) -> time:
    """The time of day that a number since midnight stands for.

    Raises:
        Unreadable: It is not within one day, or may be a part of a day; an ArithmeticError or any
            other ValueError: it is too large.
    """
    if unit is None:
        unit = clock_unit_of(number)
    span = _span(number, unit)
    if span.days or unit == "julian":
        raise Unreadable
    return (EPOCH + span).time()
