"""Functions of numbers.

Invariant: of decimals they give decimals, of other numbers floats; those that only cut or round (``Abs``,
``Ceil``, ``Floor``, ``Round``, ``Sign``, ``Mod``) give whole numbers for whole numbers. They give NULL for
NULL; whether what has no result (the root of a negative number) is NULL or an error is the database's word.
"""

from __future__ import annotations

from noormme.query.expressions.base import Expression
from noormme.query.expressions.func import Func
from noormme.query.functions.checks import whole_number

__all__ = [
    "ACos",
    "ASin",
    "ATan",
    "ATan2",
    "Abs",
    "Ceil",
    "Cos",
    "Cot",
    "Degrees",
    "Exp",
    "Floor",
    "Ln",
    "Log",
    "Mod",
    "Pi",
    "Power",
    "Radians",
    "Random",
    "Round",
    "Sign",
    "Sin",
    "Sqrt",
    "Tan",
]


class Abs(Func):
    """A number without its sign.

    Args:
        expression: The number.

    Example:
        ``Abs("balance")``.
    """

    __slots__ = ()
    function = "abs"
    arity = 1


class ACos(Func):
    """The arc cosine in radians.

    Args:
        expression: The number.

    Example:
        ``ACos("ratio")``.
    """

    __slots__ = ()
    function = "acos"
    arity = 1


class ASin(Func):
    """The arc sine in radians.

    Args:
        expression: The number.

    Example:
        ``ASin("ratio")``.
    """

    __slots__ = ()
    function = "asin"
    arity = 1


class ATan(Func):
    """The arc tangent in radians.

    Args:
        expression: The number.

    Example:
        ``ATan("slope")``.
    """

    __slots__ = ()
    function = "atan"
    arity = 1


class ATan2(Func):
    """The angle of the point (x, y) in radians.

    Args:
        y: Its height.
        x: Its distance to the right.

    Example:
        ``ATan2("north", "east")``.
    """

    __slots__ = ()
    function = "atan2"
    arity = 2


class Ceil(Func):
    """The smallest whole number that is not smaller.

    Args:
        expression: The number.

    Example:
        ``Ceil("hours")``.
    """

    __slots__ = ()
    function = "ceil"
    arity = 1


class Cos(Func):
    """The cosine.

    Args:
        expression: The angle in radians.

    Example:
        ``Cos("angle")``.
    """

    __slots__ = ()
    function = "cos"
    arity = 1


class Cot(Func):
    """The cotangent.

    Args:
        expression: The angle in radians.

    Example:
        ``Cot("angle")``.
    """

    __slots__ = ()
    function = "cot"
    arity = 1


class Degrees(Func):
    """An angle in degrees.

    Args:
        expression: The angle in radians.

    Example:
        ``Degrees("angle")``.
    """

    __slots__ = ()
    function = "degrees"
    arity = 1


class Exp(Func):
    """e to the power of a number.

    Args:
        expression: The number.

    Example:
        ``Exp("growth")``.
    """

    __slots__ = ()
    function = "exp"
    arity = 1


class Floor(Func):
    """The largest whole number that is not larger.

    Args:
        expression: The number.

    Example:
        ``Floor("hours")``.
    """

    __slots__ = ()
    function = "floor"
    arity = 1


class Ln(Func):
    """The natural logarithm.

    Args:
        expression: The number.

    Example:
        ``Ln("price")``.
    """

    __slots__ = ()
    function = "ln"
    arity = 1


class Log(Func):
    """The logarithm of a number to a base.

    Args:
        base: The base.
        expression: The number.

    Example:
        ``Log(10, "price")``.
    """

    __slots__ = ()
    function = "log"
    arity = 2


class Mod(Func):
    """The rest of a division, with the sign of the number that is divided.

    Args:
        expression: The number.
        divisor: What it is divided by.

    Example:
        ``Mod("id", 10)``.
    """

    __slots__ = ()
    function = "mod"
    arity = 2


class Pi(Func):
    """The number π.

    Example:
        ``F("radius") * 2 * Pi()``.
    """

    __slots__ = ()
    function = "pi"
    arity = 0


class Power(Func):
    """A number to the power of another.

    Args:
        expression: The number.
        exponent: The exponent.

    Example:
        ``Power("side", 2)``.
    """

    __slots__ = ()
    function = "power"
    arity = 2


class Radians(Func):
    """An angle in radians.

    Args:
        expression: The angle in degrees.

    Example:
        ``Radians("longitude")``.
    """

    __slots__ = ()
    function = "radians"
    arity = 1


class Random(Func):
    """A number from 0 to 1 by chance, 1 excluded, another one in each row.

    Example:
        ``annotate(lot=Random())``.
    """

    __slots__ = ()
    function = "random"
    arity = 0


class Round(Func):
    """A number rounded to some digits; half of the last one goes away from zero.

    Args:
        expression: The number.
        precision: How many digits after the point; before it where negative.

    Example:
        ``Round("price", precision=2)``.
    """

    __slots__ = ()
    function = "round"
    arity = 2

    def __init__(self, expression: Expression | str, precision: Expression | str | int = 0) -> None:
        super().__init__(expression, whole_number(self, "precision", precision, least=-1000))


class Sign(Func):
    """-1, 0 or 1: whether a number is negative, zero or positive.

    Args:
        expression: The number.

    Example:
        ``Sign("balance")``.
    """

    __slots__ = ()
    function = "sign"
    arity = 1


class Sin(Func):
    """The sine.

    Args:
        expression: The angle in radians.

    Example:
        ``Sin("angle")``.
    """

    __slots__ = ()
    function = "sin"
    arity = 1


class Sqrt(Func):
    """The square root.

    Args:
        expression: The number.

    Example:
        ``Sqrt("area")``.
    """

    __slots__ = ()
    function = "sqrt"
    arity = 1


class Tan(Func):
    """The tangent.

    Args:
        expression: The angle in radians.

    Example:
        ``Tan("angle")``.
    """

    __slots__ = ()
    function = "tan"
    arity = 1
