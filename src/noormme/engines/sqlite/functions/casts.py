"""From stored values of one type to another, as PostgreSQL casts them.

Invariant: what does not read as the wanted type is NULL. PostgreSQL raises an error there; in a file in which
any program may have written any value, one row must not keep a query from all the others.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Context
from typing import cast

import msgspec

from noormme.engines.sqlite.functions.convert import as_number, as_text, exact
from noormme.engines.sqlite.values import Unreadable, decode

__all__ = ["FUNCTIONS"]

_INT64 = range(-(2**63), 2**63)
_BLANKS = " \t\n\r\v\f"
_ROUNDING = Context(prec=400, rounding=ROUND_HALF_UP)
_WORDS = ((1, ("true", "yes", "on", "1")), (0, ("false", "no", "off", "0")))
_DAY_US = 86_400_000_000


def _integer(value: object, kind: str) -> int | None:
    """A whole number: of a float the nearest even one where two are as near, of a decimal the larger one."""
    if kind == "boolean":
        return _boolean(value, kind)
    number = as_number(value)
    if number is None or not math.isfinite(number):
        return None
    if isinstance(number, float):
        if kind != "decimal" and not isinstance(value, float):
            return None  # text of a fraction, or of a number that is too large
        rounded = exact(number).to_integral_value(context=_ROUNDING)
        number = int(rounded) if kind == "decimal" else round(number)
    return number if number in _INT64 else None


def _real(value: object) -> float | None:
    number = as_number(value)
    return None if number is None else float(number)


def _decimal(value: object) -> int | float | None:
    """A decimal, as a number: it then sorts as one."""
    number = as_number(value)
    return None if number is None or not math.isfinite(number) else number


def _boolean(value: object, kind: str) -> int | None:
    """True and false as 1 and 0: a number that is not 0, or the beginning of one of PostgreSQL's words."""
    if isinstance(value, (int, float)):
        return int(value != 0)
    if value is None:
        return None
    if kind == "boolean":
        try:
            return int(cast("bool", decode("boolean", value)))
        except Unreadable:
            return None
    word = as_text(value).strip(_BLANKS).lower()
    # "o" could begin both.
    found = [truth for truth, words in _WORDS if word and any(known.startswith(word) for known in words)]
    return found[0] if len(found) == 1 else None


def _text(value: object, kind: str) -> str | None:
    """A value as PostgreSQL writes it."""
    if value is None:
        return None
    if kind == "boolean":
        truth = _boolean(value, kind)
        return as_text(value) if truth is None else ("false", "true")[truth]
    if kind in ("date", "time", "datetime"):
        text = as_text(value)
        return text.rstrip("0") if "." in text else text
    if kind == "duration" and isinstance(value, (int, float)):
        return _interval(round(value))
    if isinstance(value, bytes):
        return "\\x" + value.hex()
    return _shortest(value) if isinstance(value, float) else str(value)


def _shortest(number: float) -> str:
    """The fewest digits that mean this float and no other."""
    text = repr(number)
    if 1e15 <= abs(number) < 1e16:  # Python writes these out
        text = f"{exact(number).normalize():e}"
    return text.removesuffix(".0").replace("inf", "Infinity")


def _interval(microseconds: int) -> str:
    """A duration: ``1 day 02:00:00``."""
    days, rest = divmod(microseconds, _DAY_US)
    seconds, fraction = divmod(rest, 1_000_000)
    clock = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    if fraction:
        clock += f".{fraction:06d}".rstrip("0")
    if not days:
        return clock
    day = f"{days} day{'' if days == 1 else 's'}"
    return f"{day} {'+' if days < 0 else ''}{clock}" if rest else day


def _blob(value: object) -> bytes | None:
    """Bytes: those of the text in UTF-8, or of the hexadecimal digits after ``\\x``."""
    if value is None or isinstance(value, bytes):
        return value
    text = as_text(value)
    if not text.startswith("\\x"):
        return text.encode(errors="replace")
    try:
        return bytes.fromhex(text[2:])
    except ValueError:
        return None


def _uuid(value: object) -> str | None:
    """A UUID as lower case digits with hyphens."""
    try:
        return None if value is None else str(decode("uuid", value))
    except Unreadable:
        return None


def _joined(values: object, delimiter: object) -> str | None:
    """The values of a JSON array that are not null, as one text."""
    if values is None or delimiter is None:
        return None
    texts = [
        _shortest(value) if isinstance(value, float) else str(value)
        for value in msgspec.json.decode(as_text(values), type=list[object])
        if value is not None
    ]
    return as_text(delimiter).join(texts) if texts else None


FUNCTIONS: Mapping[str, tuple[Callable[..., object], int]] = {
    "noormme_blob": (_blob, 1),
    "noormme_boolean": (_boolean, 2),
    "noormme_decimal": (_decimal, 1),
    "noormme_integer": (_integer, 2),
    "noormme_joined": (_joined, 2),
    "noormme_real": (_real, 1),
    "noormme_text": (_text, 2),
    "noormme_uuid": (_uuid, 1),
}
"""By their names in SQL: the functions, and how many arguments they take (-1: any number)."""
