"""Random dates, times, moments and durations.

Invariant: as in ``expressions``: what is asked for is what comes out, on both sides.
"""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import TYPE_CHECKING

from .nodes import Fn, Infix

if TYPE_CHECKING:
    from .expressions import Expressions, Scope

__all__ = ["a_date", "a_datetime", "a_duration", "a_time", "difference"]

_DATE_UNITS = ("year", "quarter", "month", "week", "day")
_TIME_UNITS = ("hour", "minute", "second")


def a_date(make: Expressions, scope: Scope, depth: int) -> object:
    match make.rng.randrange(4):
        case 0 | 1:
            unit = make.rng.choice(_DATE_UNITS)
            return _trunc(make, unit, make.argument("date", depth, scope))
        case 2:
            return Fn("TruncDate", (make.argument("datetime", depth, scope),))
        case _:
            return Fn("Cast", (make.argument("datetime", depth, scope), date))


def _trunc(make: Expressions, unit: str, inner: object) -> Fn:
    return Fn(f"Trunc{unit.title()}", (inner,)) if make.chance(0.7) else Fn("Trunc", (inner, unit))


def a_datetime(make: Expressions, scope: Scope, depth: int) -> object:
    inner = make.argument("datetime", depth, scope)
    match make.rng.randrange(4):
        case 0 | 1:
            return _trunc(make, make.rng.choice((*_DATE_UNITS, *_TIME_UNITS)), inner)
        case 2:
            moved = make.of(make.rng.choice(("datetime", "datetime", "date")), depth, scope)
            return Infix(make.rng.choice("+-"), moved, make.value("duration"))
        case _:
            moved = make.of("datetime", depth, scope)
            return Infix(make.rng.choice("+-"), moved, difference(make, scope))


def a_time(make: Expressions, scope: Scope, depth: int) -> object:
    match make.rng.randrange(4):
        case 0 | 1:
            return _trunc(make, make.rng.choice(_TIME_UNITS), make.argument("time", depth, scope))
        case 2:
            return Fn("TruncTime", (make.argument("datetime", depth, scope),))
        case _:
            return Fn("Cast", (make.argument("datetime", depth, scope), time))


def a_duration(make: Expressions, scope: Scope, depth: int) -> object:
    return difference(make, scope)


def difference(make: Expressions, scope: Scope) -> object:
    """The time between two moments; a duration as it stands where there are none."""
    kind = make.rng.choice(("datetime", "datetime", "date", "time"))
    left, right = (make.ref(kind, scope) for _ in range(2))
    if left is None or right is None:
        return Fn("Value", (make.value("duration"),), (("output_field", timedelta),))
    return Infix("-", left, right)
