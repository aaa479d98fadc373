"""From Python dates and times to the text or the number that a column stores for them.

Invariant: what is written sorts in SQLite as the Python values do, and equals what the column stores
for the same value, provided that the column keeps to its form. A value that is finer than the form is
cut when it is to be stored; when it is only compared, it gets a place between two stored ones.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import TypeVar

from msgspec import to_builtins

from noormme.engines.refusal import refused
from noormme.engines.sqlite.forms import StorageForm
from noormme.engines.sqlite.moments import EPOCH, JULIAN_EPOCH_MS, offset_of, parse_datetime, parse_time
from noormme.errors import InvalidValue

__all__ = ["date_encoder", "datetime_encoder", "time_encoder"]

Encoder = Callable[[object], object]
_Write = Callable[[datetime], object]
_Parsed = TypeVar("_Parsed", datetime, time)

_MIDNIGHT = time()
_MICROSECOND = timedelta(microseconds=1)


def datetime_encoder(form: StorageForm, timezone: tzinfo | None, storing: bool) -> Encoder:
    """What writes datetimes, dates (as their midnight) and ISO text; see ``storage.encoder``."""
    write = _writer(form, storing)
    assumed = timezone or UTC
    home = _home(form)
    moves_naive = home is not None and home is not assumed
    takes_numbers = form.layout != "iso"

    def encode(value: object) -> object:
        if type(value) is not datetime:
            if takes_numbers and type(value) in (int, float):
                return value
            value = _datetime_of(value, "datetime", "a datetime, a date, or text such as 2024-01-31 18:30:00")
        try:
            if value.tzinfo is not None:
                value = value.astimezone(home or assumed).replace(tzinfo=None)
            elif moves_naive:
                value = value.replace(tzinfo=assumed).astimezone(home).replace(tzinfo=None)
        except OverflowError:
            raise InvalidValue("this datetime leaves the calendar in the time zone of the column") from None
        return write(value)

    if not storing or moves_naive or form.layout != "iso" or form.timespec in ("days", "trimmed"):
        return encode
    separator, timespec, offset = form.separator, form.timespec, form.offset
    if timespec in ("auto", "microseconds"):
        whole = offset if timespec == "auto" else f".000000{offset}"

        def encode_exact(value: object) -> object:
            # msgspec writes what isoformat() writes, in a third of its time.
            if type(value) is datetime and value.tzinfo is None:
                text: str = to_builtins(value).replace("T", separator)
                return text + (offset if value.microsecond else whole)
            return encode(value)

        return encode_exact

    def encode_iso(value: object) -> object:
        # By far the most common case, in one call.
        if type(value) is datetime and value.tzinfo is None:
            return value.isoformat(separator, timespec) + offset
        return encode(value)

    return encode_iso


def date_encoder(form: StorageForm, timezone: tzinfo | None, storing: bool) -> Encoder:
    """What writes dates, datetimes (their day, in ``timezone`` if it is set) and ISO text."""
    write = _day_writer(form, timezone, storing)
    takes_numbers = form.layout != "iso"

    def encode(value: object) -> object:
        if type(value) is not date:
            if takes_numbers and type(value) in (int, float):
                return value
            moment = _datetime_of(value, "date", "a date, a datetime, or text such as 2024-01-31")
            if moment.tzinfo is not None and timezone is not None:
                moment = moment.astimezone(timezone)
            value = moment.date()
        return write(value)

    return encode


def _day_writer(form: StorageForm, timezone: tzinfo | None, storing: bool) -> Callable[[date], object]:
    if form.layout == "iso" and form.timespec == "days":
        return date.isoformat
    # Numbers are instants, so their midnight is that of the zone; text has the midnight that it says.
    instants = form.layout not in ("iso", "compact")
    write = datetime_encoder(form, timezone, storing) if instants else _writer(form, storing)
    return lambda day: write(datetime(day.year, day.month, day.day))


def time_encoder(form: StorageForm, timezone: tzinfo | None, storing: bool) -> Encoder:
    """What writes times, datetimes (their time of day) and ISO text."""
    takes_numbers = form.layout != "iso"
    write = _writer(form, storing)
    home = _home(form)
    plain = form == StorageForm(layout="iso")
    skip = len("1970-01-01 ")

    def encode(value: object) -> object:
        if takes_numbers and type(value) in (int, float):
            return value
        clock = _time_of(value)
        if plain:
            return clock.isoformat()
        moment = datetime.combine(EPOCH, clock)
        if home is not None and clock.tzinfo is not None:
            moment = datetime.combine(EPOCH, moment.astimezone(home).time())
        written = write(moment)
        return form.base_day + written[skip:] if isinstance(written, str) else written

    return encode


def _home(form: StorageForm) -> tzinfo | None:
    """The zone of what the column stores; None where it does not say."""
    if form.layout in ("iso", "compact"):
        return offset_of(form.offset.split()[0]) if form.offset else None
    return UTC


def _datetime_of(value: object, kind: str, fits: str) -> datetime:
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)
    if isinstance(value, str):
        return _parsed(parse_datetime, value, kind, fits)
    raise refused(kind, value, fits)


def _time_of(value: object) -> time:
    fits = "a time, a datetime, or text such as 18:30:00"
    if isinstance(value, time):
        return value
    if isinstance(value, datetime):
        return value.time()
    if isinstance(value, str):
        return _parsed(parse_time, value, "time", fits)
    raise refused("time", value, fits)


def _parsed(parse: Callable[[str], _Parsed], text: str, kind: str, fits: str) -> _Parsed:
    try:
        return parse(text.strip())
    except (ValueError, OverflowError):
        raise refused(kind, text, fits) from None


def _writer(form: StorageForm, storing: bool) -> _Write:
    """What writes a naive datetime in the zone of the column."""
    if form.layout == "iso":
        return _iso_writer(form, storing)
    if form.layout == "compact":
        return _compact_writer(form.timespec == "days", storing)
    if form.layout == "julian":
        return lambda moment: (_microseconds(moment) + 1_000 * JULIAN_EPOCH_MS) / 86_400_000_000
    if form.layout == "ns":
        return lambda moment: 1_000 * _microseconds(moment)
    return _count_writer(
        {"s": 1_000_000, "ms": 1_000}.get(form.layout, 1), exact=not storing or form.timespec == "auto"
    )


def _microseconds(moment: datetime) -> int:
    return (moment.replace(tzinfo=None) - EPOCH) // _MICROSECOND


def _count_writer(grain_us: int, *, exact: bool) -> _Write:
    def write(moment: datetime) -> object:
        count = _microseconds(moment)
        whole, rest = divmod(count, grain_us)
        return count / grain_us if rest and exact else whole

    return write


def _compact_writer(days: bool, storing: bool) -> _Write:
    def write(moment: datetime) -> object:
        number = (moment.year * 100 + moment.month) * 100 + moment.day
        if days:
            finer = moment.time() != _MIDNIGHT
        else:
            number = ((number * 100 + moment.hour) * 100 + moment.minute) * 100 + moment.second
            finer = moment.microsecond != 0
        return number + 0.5 if finer and not storing else number

    return write


_GRAINS_US: Mapping[str, int] = {
    "minutes": 60_000_000,
    "seconds": 1_000_000,
    "milliseconds": 1_000,
    "microseconds": 1,
}


def _iso_writer(form: StorageForm, storing: bool) -> _Write:
    separator, timespec, offset = form.separator, form.timespec, form.offset
    if timespec == "auto":
        if not offset:
            return lambda moment: moment.isoformat(separator)
        return lambda moment: moment.isoformat(separator) + offset
    if timespec == "days":
        return lambda moment: (
            moment.date().isoformat() if moment.time() == _MIDNIGHT else moment.isoformat(separator)
        )
    if timespec == "trimmed":
        return lambda moment: (
            (moment.isoformat(separator).rstrip("0") if moment.microsecond else moment.isoformat(separator))
            + offset
        )
    if storing:
        return lambda moment: moment.isoformat(separator, timespec) + offset
    grain_us = _GRAINS_US[timespec]
    letter = offset[:1].isalpha()

    def write(moment: datetime) -> object:
        if not (moment.second * 1_000_000 + moment.microsecond) % grain_us:
            return moment.isoformat(separator, timespec) + offset
        if letter:
            # Between 10:30:00Z and 10:30:01Z: a fraction would sort before the letter.
            return moment.isoformat(separator, timespec) + offset + "~"
        return moment.isoformat(separator) + offset

    return write
