"""Random whole numbers, reals and decimals.

Invariant: as in ``expressions``: what is asked for is what comes out, on both sides.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from .nodes import Fn, Infix, Method

if TYPE_CHECKING:
    from .expressions import Expressions, Scope

__all__ = ["decimal", "integer", "real"]

_DATE_PARTS = ("Year", "IsoYear", "Quarter", "Month", "Week", "WeekDay", "IsoWeekDay", "Day")
_TIME_PARTS = ("Hour", "Minute", "Second")


def integer(make: Expressions, scope: Scope, depth: int) -> object:
    rng = make.rng
    match rng.randrange(13):
        case 12:
            divisor = (
                rng.choice((2, 3, -4, 7, 0)) if make.chance(0.6) else make.argument("integer", depth, scope)
            )
            return Fn("Mod", (make.argument("integer", depth, scope), divisor))
        case 0 | 1:
            return Fn("Length", (make.argument("text", depth, scope),))
        case 2:
            return Fn("StrIndex", (make.argument("text", depth, scope), Fn("Value", (make.value("text"),))))
        case 3 | 4 | 5:
            kind = rng.choice(("date", "datetime", "datetime", "time"))
            parts = {"date": _DATE_PARTS, "time": _TIME_PARTS}.get(kind, _DATE_PARTS + _TIME_PARTS)
            part = rng.choice(parts)
            inner = make.argument(kind, depth, scope)
            if make.chance(0.3):
                name = {"WeekDay": "week_day", "IsoWeekDay": "iso_week_day", "IsoYear": "iso_year"}.get(part)
                return Fn("Extract", (inner, name or part.lower()))
            return Fn(f"Extract{part}", (inner,))
        case 6:
            return Fn("Abs", (make.argument("integer", depth, scope),))
        case 7:
            return Fn("Sign", (make.argument("integer", depth, scope),))
        case 8:
            kind = rng.choice(("real", "boolean", "decimal", "integer"))
            return Fn("Cast", (make.argument(kind, depth, scope), int), ())
        case 9:
            return Fn("Ord", (make.argument("text", depth, scope),))
        case 10:
            name = rng.choice(("bitand", "bitor", "bitxor", "bitleftshift", "bitrightshift"))
            left = make.of("integer", depth, scope)
            return Method(left, name, (rng.choice((0, 1, 2, 3)),))
        case _:
            return Infix("*", make.of("integer", depth, scope), -1)


def real(make: Expressions, scope: Scope, depth: int) -> object:
    rng = make.rng

    def number(kind: str = "real") -> object:
        return make.argument(kind, depth, scope)

    match rng.randrange(12):
        case 0 | 1:
            name = rng.choice(("Sin", "Cos", "Tan", "ATan", "Degrees", "Radians"))
            return Fn(name, (number(rng.choice(("real", "integer"))),))
        case 2:
            return Fn(rng.choice(("Sqrt", "Ln")), (Fn("Abs", (number(),)),))
        case 3:
            return Fn(rng.choice(("ASin", "ACos", "Sin", "Exp", "Cot")), (Fn("Sin", (number(),)),))
        case 4:
            base = rng.choice(("real", "real", "integer"))
            exponent = rng.choice((0, 1, 2, 3, -1, -2, 0.5))
            if make.chance(0.5):
                return Fn("Power", (number(base), exponent))
            # A whole number and a float are no pair that Django knows under this operator.
            whole = int(exponent) if base == "integer" else float(exponent)
            return Infix("**", make.of(base, depth, scope), whole)
        case 5:
            return Fn("Mod", (number("real"), rng.choice((2, 3, 0.75, -4, 0.1, 0))))
        case 6:
            return Fn("ATan2", (number(), number()))
        case 7:
            precision = () if make.chance(0.3) else (("precision", rng.choice((0, 1, 2))),)
            return Fn("Round", (number(),), precision)
        case 8:
            return Fn(rng.choice(("Ceil", "Floor", "Abs", "Sign")), (number(),))
        case 9:
            return Fn("Log", (rng.choice((2, 10)), Fn("Abs", (number(),))))
        case 10:
            return Fn("Pi") if make.chance(0.3) else Fn("Abs", (number(),))
        case _:
            return Fn("Cast", (number(rng.choice(("integer", "decimal", "real"))), float))


def decimal(make: Expressions, scope: Scope, depth: int) -> object:
    number = make.argument("decimal", depth, scope)
    match make.rng.randrange(5):
        case 0:
            return Fn("Round", (number,), (("precision", make.rng.choice((0, 1, 2))),))
        case 1:
            return Fn(make.rng.choice(("Ceil", "Floor")), (number,))
        case 2:
            return Fn("Abs", (number,))
        case _:
            return Fn("Cast", (make.argument(make.rng.choice(("integer", "real")), depth, scope), Decimal))
