"""The SQL function that gives a computed value the form in which a column stores its values.

Invariant: what it gives is what the column's encoder gives for the Python value that was computed; what
cannot be read as such a value stays as it is, and NULL stays NULL.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import tzinfo
from functools import lru_cache

import msgspec

from noormme.deferred import made_by_one
from noormme.engines.sqlite.decoders import computed_decimal
from noormme.engines.sqlite.forms import SEVERAL_FORMS, StorageForm
from noormme.engines.sqlite.moments import Unit
from noormme.engines.sqlite.storing import Affinity, storing_encoder
from noormme.engines.sqlite.values import Unreadable, decode
from noormme.errors import InvalidValue
from noormme.schema.model import Kind

__all__ = ["Conversion", "conversion_of", "functions_of"]

_MOMENTS: frozenset[Kind] = frozenset({"date", "time", "datetime"})


class Conversion(msgspec.Struct, frozen=True, omit_defaults=True, array_like=True):
    """From the form of an expression to that of a column.

    Attributes:
        source: The kind of the expression.
        target: The kind of the column.
        form: The form of the column.
        into: The affinity of the column.
        unit: What numbers of the expression count, where it is known.
    """

    source: Kind
    target: Kind
    form: StorageForm
    into: Affinity
    unit: Unit | None = None


_decoder = made_by_one(lambda: msgspec.json.Decoder(Conversion))


def conversion_of(spelled: str) -> Conversion:
    """The conversion that a call in SQL spells.

    Args:
        spelled: It as JSON.
    """
    return _decoder().decode(spelled)


@lru_cache(maxsize=16)
def functions_of(timezone: tzinfo | None) -> Mapping[str, tuple[Callable[..., object], int]]:
    """By their names in SQL: the functions, and how many arguments they take.

    Args:
        timezone: The zone of datetimes that carry no offset, as in ``values.decode``.
    """

    @lru_cache(maxsize=1024)
    def converter(conversion: str) -> Callable[[object], object]:
        return _converter(conversion, timezone)

    def stored(value: object, conversion: str) -> object:
        if value is None:
            return None
        try:
            return converter(conversion)(value)
        except (Unreadable, InvalidValue, ArithmeticError, ValueError, TypeError):
            return value

    return {"noormme_stored": (stored, 2)}


def _converter(spelled: str, timezone: tzinfo | None) -> Callable[[object], object]:
    conversion = conversion_of(spelled)
    encode = storing_encoder(conversion.target, conversion.form, timezone, conversion.into)
    assert encode is not None, "kinds with several forms, and decimals, are always encoded"
    if conversion.target == "decimal":
        return lambda value: encode(computed_decimal(value))
    kind = _read_as(conversion.source, conversion.target)
    if kind is None:
        return encode
    unit = conversion.unit
    counts = conversion.source not in SEVERAL_FORMS and conversion.form.layout != "iso"

    def convert(value: object) -> object:
        if counts and isinstance(value, (int, float)):
            # A number beside a column of numbers counts what the column counts.
            return encode(value)
        return encode(decode(kind, value, timezone=timezone, unit=unit))

    return convert


def _read_as(source: Kind, target: Kind) -> Kind | None:
    """As which kind a computed value is read; None where it is used as it comes."""
    if source == target or (source in _MOMENTS and target in _MOMENTS):
        return source
    if target == "json":
        return source if source in SEVERAL_FORMS else None
    return target
