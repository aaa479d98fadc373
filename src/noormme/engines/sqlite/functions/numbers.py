"""Functions of numbers that SQLite lacks, or computes otherwise than PostgreSQL.

Invariant: NULL for NULL, and NULL where there is no result: a division by zero, a power that is no real
number or too large. PostgreSQL raises an error there; SQLite's own operators and functions give NULL, and one
row of a file that any program may have written must not keep a query from all the others.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Context, Decimal

from noormme.engines.sqlite.functions.convert import as_number, as_text, count_of, exact

__all__ = ["FUNCTIONS"]

_DIGITS = 350
"""More digits than this lie beyond every float, on either side of the point."""

_CONTEXT = Context(prec=4 * _DIGITS, rounding=ROUND_HALF_UP)
_LOGARITHMS = Context(prec=20)
_INT64 = range(-(2**63), 2**63)


def _round(value: object, digits: object) -> int | float | None:
    """Rounded; half of the last digit goes away from zero."""
    number, places = as_number(value), count_of(digits)
    if number is None or places is None or not math.isfinite(number):
        return number if places is not None else None
    if isinstance(number, int) and places >= 0:
        return number
    places = max(min(places, _DIGITS), -_DIGITS)
    rounded = exact(number).quantize(Decimal((0, (1,), -places)), context=_CONTEXT)
    return _whole(int(rounded)) if isinstance(number, int) else float(rounded)


def _whole(number: int) -> int | None:
    """A whole number that SQLite can hold."""
    return number if number in _INT64 else None


def _mod(value: object, divisor: object) -> int | float | None:
    """The rest of a division, with the sign of what is divided."""
    number, other = as_number(value), as_number(divisor)
    if number is None or not other:
        return None
    if isinstance(number, int) and isinstance(other, int):
        rest = abs(number) % abs(other)
        return -rest if number < 0 else rest
    if not math.isfinite(number) or not math.isfinite(other):
        return None
    # By the digits that the numbers show: 5.4 is 27 times 0.2, with no rest.
    return float(_CONTEXT.remainder(exact(number), exact(other)))


def _power(value: object, exponent: object) -> float | None:
    number, other = as_number(value), as_number(exponent)
    if number is None or other is None:
        return None
    try:
        return math.pow(number, other)
    except (ValueError, OverflowError):
        return None


def _exp(value: object) -> float | None:
    number = as_number(value)
    try:
        return None if number is None else math.exp(number)
    except OverflowError:
        return None


def _log(base: object, value: object) -> float | None:
    one, other = as_number(base), as_number(value)
    if one is None or other is None or one <= 0 or other <= 0 or one == 1:
        return None
    if not math.isfinite(one) or not math.isfinite(other):
        return None
    # With some digits more than a float has, so that the logarithm of 1000 to the base 10 is 3.
    logarithms = _LOGARITHMS.ln(exact(other)), _LOGARITHMS.ln(exact(one))
    return float(_LOGARITHMS.divide(*logarithms))


def _greatest(*values: object) -> object:
    return max((value for value in values if value is not None), key=_sort_key, default=None)


def _least(*values: object) -> object:
    return min((value for value in values if value is not None), key=_sort_key, default=None)


def _sort_key(value: object) -> tuple[int, object]:
    """What sorts as SQLite does: numbers, then texts, then bytes."""
    if isinstance(value, (int, float)):
        return 0, value
    return (2, value) if isinstance(value, bytes) else (1, as_text(value))


FUNCTIONS: Mapping[str, tuple[Callable[..., object], int]] = {
    "noormme_exp": (_exp, 1),
    "noormme_greatest": (_greatest, -1),
    "noormme_least": (_least, -1),
    "noormme_log": (_log, 2),
    "noormme_mod": (_mod, 2),
    "noormme_power": (_power, 2),
    "noormme_round": (_round, 2),
}
"""By their names in SQL: the functions, and how many arguments they take (-1: any number)."""
