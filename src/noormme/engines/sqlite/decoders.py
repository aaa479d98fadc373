"""The fast decoder of a column whose form is known.

Invariant: a decoder gives exactly what ``values.decode`` gives with the unit of that form, or raises;
it never takes a value for another one that only looks alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal
from functools import partial
from typing import cast
from uuid import UUID

import apsw
import msgspec

from noormme.engines.sqlite.forms import StorageForm, unit_in
from noormme.engines.sqlite.moments import EPOCH, Unit, Unreadable
from noormme.engines.sqlite.values import STRICT, Decoder, decode
from noormme.schema.model import Kind

__all__ = ["computed_decimal", "decoder"]


def decoder(kind: Kind, form: StorageForm, *, timezone: tzinfo | None = None) -> Decoder | None:
    """The fast decoder for a column whose form is known; ``STRICT`` knows the usual forms only.

    Args:
        kind: The column's kind.
        form: Its form.
        timezone: The zone of datetimes that carry no offset, as in ``values.decode``.

    Returns:
        What reads one value that is not NULL and raises for other forms; None where values are used
        as they are stored.
    """
    if kind == "uuid" and form.layout == "bytes":
        return cast("Decoder", partial(msgspec.convert, type=UUID))
    if kind == "json" and form.layout == "jsonb":
        return cast("Decoder", apsw.jsonb_decode)  # pyright: ignore[reportUnknownMemberType]
    usual = form.layout == "iso" and form.timespec not in ("days", "minutes") and not form.base_day
    if kind == "datetime":
        if form.layout == "iso" and timezone is None and not form.offset:
            if form.timespec == "days":
                return cast("Decoder", _midnight)
            if form.timespec == "minutes":
                return cast("Decoder", _minute)
        if form.offset == " +00:00" and usual:
            return cast("Decoder", _spaced)
        usual = usual and not form.offset.startswith(" ")
        if usual and timezone is not None:
            return _zoned(timezone)
        if form.layout in _COUNTED and form.mixed != "units" and timezone is None:
            return _COUNTED[form.layout]
    elif kind == "date":
        usual = form.layout == "iso" and form.timespec == "days"
    elif kind == "uuid":
        usual = form.layout in ("hyphenated", "hex")
    elif kind != "time":
        usual = True
    return STRICT[kind] if usual else partial(_decode, kind=kind, timezone=timezone, unit=unit_in(form))


def computed_decimal(value: object) -> Decimal:
    """A decimal that SQLite computed, as a float: the digits that are surely right."""
    return Decimal(f"{value:.15g}") if isinstance(value, float) else Decimal(str(value))


def _from_seconds(value: float) -> datetime:
    return EPOCH + timedelta(0, value)


def _from_milliseconds(value: float) -> datetime:
    return EPOCH + timedelta(0, 0, 0, value)


def _from_microseconds(value: float) -> datetime:
    return EPOCH + timedelta(0, 0, value)


_COUNTED: Mapping[str, Decoder] = {
    "s": cast("Decoder", _from_seconds),
    "ms": cast("Decoder", _from_milliseconds),
    "us": cast("Decoder", _from_microseconds),
}


def _decode(value: object, *, kind: Kind, timezone: tzinfo | None, unit: Unit | None) -> object:
    return decode(kind, value, timezone=timezone, unit=unit)


def _zoned(timezone: tzinfo | None) -> Decoder:
    read = cast("Decoder", STRICT["datetime"])

    def decode_zoned(value: object) -> object:
        moment = cast("datetime", read(value))
        return moment if moment.tzinfo is not None else moment.replace(tzinfo=timezone)

    return decode_zoned


def _midnight(text: str) -> datetime:
    if len(text) != 10 or text[4] != "-":
        raise Unreadable
    return datetime.fromisoformat(text)


def _minute(text: str) -> datetime:
    if len(text) != 16 or text[10] not in " T" or text[13] != ":":
        raise Unreadable
    return datetime.fromisoformat(text)


def _spaced(text: str) -> datetime:
    """Sequelize's form, which the library reads for some numbers of digits only."""
    if text[-7] != " " or text[16] != ":":
        raise Unreadable
    return datetime.fromisoformat(text[:-7] + text[-6:])
