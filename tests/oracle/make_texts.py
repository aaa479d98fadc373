"""Random texts.

Invariant: as in ``expressions``: what is asked for is what comes out, on both sides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .nodes import Fn, Infix, Part

if TYPE_CHECKING:
    from .expressions import Expressions, Scope

__all__ = ["a_text"]


def a_text(make: Expressions, scope: Scope, depth: int) -> object:
    rng = make.rng
    text = make.argument("text", depth, scope)
    constant = Fn("Value", (make.value("text"),))
    match rng.randrange(15):
        case 0 | 1:
            return Fn(rng.choice(("Lower", "Upper")), (text,))
        case 2 | 3:
            parts = [text, *(make.argument("text", depth, scope) for _ in range(rng.choice((1, 1, 2))))]
            return Fn("Concat", tuple(parts) if make.chance(0.6) else (*parts, constant))
        case 4:
            return Fn(rng.choice(("Left", "Right")), (text, rng.choice((1, 2, 5))))
        case 5:
            length = () if make.chance(0.4) else (rng.choice((0, 1, 3)),)
            return Fn("Substr", (text, rng.choice((1, 2, 4, 7)), *length))
        case 6:
            return Fn(rng.choice(("Trim", "LTrim", "RTrim")), (text,))
        case 7:
            return Fn(
                rng.choice(("LPad", "RPad")),
                (text, rng.choice((0, 3, 8)), *((constant,) * make.chance(0.6))),
            )
        case 8:
            return Fn("Repeat", (text, rng.choice((0, 1, 2))))
        case 9:
            return Fn(
                "Replace", (text, constant, *((Fn("Value", (make.value("text"),)),) * make.chance(0.8)))
            )
        case 10:
            return Fn("Reverse", (text,))
        case 11:
            return Fn("Cast", (make.argument(rng.choice(("integer", "text", "boolean")), depth, scope), str))
        case 12:
            return Fn(rng.choice(("MD5", "SHA1", "SHA224", "SHA256", "SHA384", "SHA512")), (text,))
        case 13:
            ref = make.ref("text", scope)
            start = rng.choice((0, 0, 1, 3))
            stop = None if make.chance(0.3) else start + rng.choice((0, 1, 2))
            return Part(ref.path, start, stop) if ref is not None else constant
        case _:
            if make.chance(0.3):
                return Fn("Chr", (Infix("+", make.of("integer", 0, scope), 48),))
            return Fn("Collate", (text, rng.choice(("NOCASE", "RTRIM", "BINARY"))))
