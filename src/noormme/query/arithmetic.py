"""Of which kind the result of arithmetic is.

Invariant: the rules are those of PostgreSQL: whole numbers stay whole (``7 / 2`` is 3), a decimal beside a
float gives a float, and a difference of two moments is a duration.
"""

from __future__ import annotations

from noormme.errors import InvalidQuery
from noormme.query.nodes import Operator
from noormme.schema.model import Kind

__all__ = ["result_kind"]

_WHOLE: frozenset[Kind] = frozenset({"integer", "boolean"})
_NUMBERS: frozenset[Kind] = frozenset({"integer", "boolean", "real", "decimal"})
_MOMENTS: frozenset[Kind] = frozenset({"date", "datetime", "time"})
_BITS = frozenset({"&", "|", "#", "<<", ">>"})


def result_kind(operator: Operator, left: Kind, right: Kind) -> Kind:
    """The kind of ``left operator right``.

    Args:
        operator: The operator.
        left: The kind of the left side; ``"any"`` is taken for a number.
        right: The kind of the right side.

    Raises:
        InvalidQuery: The two cannot be combined in this way.
    """
    if operator in _BITS:
        if {left, right} <= _WHOLE | {"any"}:
            return "integer"
        raise _impossible(operator, left, right)
    if "duration" in (left, right) or left in _MOMENTS:
        found = _temporal(operator, left, right)
        if found is None:
            raise _impossible(operator, left, right)
        return found
    kinds = {left, right}
    if not kinds <= _NUMBERS | {"any"}:
        raise _impossible(operator, left, right)
    if "any" in kinds:
        return "any"
    if "real" in kinds:
        return "real"
    if operator == "**":
        return "decimal" if "decimal" in kinds else "real"
    return "decimal" if "decimal" in kinds else "integer"


def _temporal(operator: Operator, left: Kind, right: Kind) -> Kind | None:
    """The result where a moment or a duration is on one side; None where there is none."""
    if left == right == "duration":
        return "duration" if operator in ("+", "-") else None
    if left == "duration" and right in _NUMBERS:
        return "duration" if operator in ("*", "/") else None
    if right == "duration" and left in _NUMBERS:
        return "duration" if operator == "*" else None
    if left == "duration" and right in _MOMENTS:
        return _moved(right) if operator == "+" else None
    if left in _MOMENTS and right == "duration":
        return _moved(left) if operator in ("+", "-") else None
    if left in _MOMENTS and right in _MOMENTS and (left == "time") == (right == "time"):
        return "duration" if operator == "-" else None
    return None


def _moved(moment: Kind) -> Kind:
    return "time" if moment == "time" else "datetime"


def _impossible(operator: Operator, left: Kind, right: Kind) -> InvalidQuery:
    text = "text" in (left, right) and operator == "+"
    return InvalidQuery(
        f"{left} {operator} {right} has no meaning",
        hint="put texts together with Concat(…)"
        if text
        else "use Cast(…), or ExpressionWrapper(…, output_field=…)",
    )
