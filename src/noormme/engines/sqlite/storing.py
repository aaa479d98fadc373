"""From Python values to what is stored, where the affinity of a column would change it on the way.

Invariant: what was stored reads back as the value that was given, cut to the form of the column; what SQLite
cannot keep in such a column is refused. SQLite makes a number of every text that looks like one where the
declared type of the column says so, and a number has 64 bits.
"""

from __future__ import annotations

import re
from datetime import tzinfo
from decimal import Decimal
from typing import Literal, TypeAlias, cast

from noormme.engines.sqlite.forms import StorageForm
from noormme.engines.sqlite.storage import Encoder, encoder
from noormme.errors import InvalidValue
from noormme.schema.model import Kind

__all__ = ["Affinity", "affinity", "storing_encoder"]

Affinity: TypeAlias = Literal["integer", "text", "blob", "real", "numeric"]

_RULES: tuple[tuple[str, Affinity], ...] = (
    ("INT", "integer"),
    ("CHAR", "text"),
    ("CLOB", "text"),
    ("TEXT", "text"),
    ("BLOB", "blob"),
    ("REAL", "real"),
    ("FLOA", "real"),
    ("DOUB", "real"),
)
"""SQLite's rules in SQLite's order."""

_INTEGER_MIN, _INTEGER_MAX = -(2**63), 2**63 - 1
_LOOKS_LIKE_A_NUMBER = re.compile(r"\d+(e\d+)?", re.IGNORECASE | re.ASCII)


def affinity(declared_type: str, *, strict: bool = False) -> Affinity:
    """What a column makes of the values that it is given.

    Args:
        declared_type: Its declared type, or ``""``.
        strict: Whether its table is STRICT, where ANY leaves values as they are.
    """
    name = declared_type.upper()
    if not name or (strict and name == "ANY"):
        return "blob"
    for letters, found in _RULES:
        if letters in name:
            return found
    return "numeric"


def storing_encoder(kind: Kind, form: StorageForm, timezone: tzinfo | None, into: Affinity) -> Encoder | None:
    """What turns Python values into what is stored in a column. Does not touch the database.

    Args:
        kind: The column's kind.
        form: Its form.
        timezone: As in ``storage.encoder``.
        into: Its affinity.

    Returns:
        A function of one value other than None, which raises ``InvalidValue`` for what the column cannot
        hold.
    """
    encode = encoder(kind, form, timezone, storing=True)
    if encode is None or into in ("text", "blob"):
        return encode
    if kind == "decimal":
        return _numeric_decimal(encode, whole=into != "real")
    if kind == "json" and form.layout != "jsonb":
        return _numeric_json(encode)
    if kind == "uuid" and form.layout == "hex":
        return _numeric_uuid(encode, form, timezone)
    return encode


def _numeric_decimal(encode: Encoder, *, whole: bool) -> Encoder:
    """Decimals as the numbers that the column would make of their text, where those mean the same."""

    def encode_number(value: object) -> object:
        text = cast("str", encode(value))
        number = Decimal(text)
        # SQLite's own way of writing infinity is larger than every float.
        if not number or number.adjusted() > 400:
            return text if number else 0
        if whole and number.adjusted() < 20 and number == number.to_integral_value():
            integer = int(number)
            if _INTEGER_MIN <= integer <= _INTEGER_MAX:
                return integer
        # SQLite rounds the text of a number less exactly than Python does, so it gets the number.
        real = float(number)
        if Decimal(repr(real)) == number:
            return real
        raise InvalidValue(
            "this decimal has more digits than SQLite keeps in a column of such a type",
            hint="round it first, or declare the column as TEXT, which keeps every digit",
        )

    return encode_number


def _numeric_json(encode: Encoder) -> Encoder:
    """JSON that is nothing but a number is stored as one, whatever is done."""

    def encode_number(value: object) -> object:
        if type(value) is float:
            encode(value)  # refuses what is no number of JSON
            return value
        if type(value) is int and not _INTEGER_MIN <= value <= _INTEGER_MAX:
            raise InvalidValue(
                "a number of more than 64 bits cannot be the whole of a JSON document in such a column",
                hint="put it into a list, or declare the column as TEXT",
            )
        return encode(value)

    return encode_number


def _numeric_uuid(encode: Encoder, form: StorageForm, timezone: tzinfo | None) -> Encoder:
    """Digits alone would be made a number: with hyphens they are none, and read as the same UUID."""
    hyphenated = encoder("uuid", StorageForm(layout="hyphenated", upper=form.upper), timezone, storing=True)
    assert hyphenated is not None, "a UUID is always encoded"

    def encode_uuid(value: object) -> object:
        text = cast("str", encode(value))
        return hyphenated(value) if _LOOKS_LIKE_A_NUMBER.fullmatch(text) else text

    return encode_uuid
