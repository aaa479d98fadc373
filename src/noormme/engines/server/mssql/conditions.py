"""What is a condition to SQL Server, and what is a value.

Invariant: T-SQL has no values that are true or false: a condition stands in WHERE, HAVING, ON and WHEN and
nowhere else, and a value stands everywhere but there. This module imports SQLAlchemy.
"""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy.sql import operators, visitors
from sqlalchemy.sql.elements import (
    AsBoolean,
    BinaryExpression,
    ClauseList,
    ExpressionClauseList,
    Grouping,
    TypeCoerce,
    UnaryExpression,
)
from sqlalchemy.sql.selectable import Exists, SelectBase

__all__ = ["Nested", "Stated", "has_subquery", "is_always_known", "is_condition", "is_piece"]

_CONNECTORS = frozenset({operators.and_, operators.or_})
_SIGNS = frozenset({operators.inv, operators.exists, operators.is_true, operators.is_false})
_COMPARISONS = frozenset(
    {
        operators.eq,
        operators.ne,
        operators.gt,
        operators.ge,
        operators.lt,
        operators.le,
        operators.is_,
        operators.is_not,
        operators.is_distinct_from,
        operators.is_not_distinct_from,
        operators.in_op,
        operators.not_in_op,
        operators.like_op,
        operators.not_like_op,
        operators.between_op,
        operators.not_between_op,
    }
)
_NEVER_NULL = frozenset(
    {operators.is_, operators.is_not, operators.is_distinct_from, operators.is_not_distinct_from}
)


class Nested(Grouping[Any]):
    """A value that was put together from pieces of SQL, and is a SELECT."""

    inherit_cache = False


class Stated(Nested):
    """A condition that was put together from pieces of SQL, a SELECT among them."""

    inherit_cache = False


def has_subquery(element: Any) -> bool:
    """Whether there is a SELECT in an expression, which T-SQL neither aggregates nor groups by.

    Args:
        element: The expression.
    """
    return any(isinstance(part, (SelectBase, Nested)) for part in visitors.iterate(element))


def is_condition(element: Any) -> bool:
    """Whether an expression is written as a condition.

    Args:
        element: The expression.
    """
    inside = _inside(element)
    if isinstance(element, Grouping):
        return isinstance(element, Stated) or is_condition(inside)
    if isinstance(element, TypeCoerce):
        return is_condition(element.typed_expression)
    if isinstance(element, BinaryExpression):
        operator = element.operator
        if isinstance(operator, operators.custom_op):
            return operator.is_comparison
        return operator in _COMPARISONS
    if isinstance(element, ExpressionClauseList):
        return element.operator in _CONNECTORS
    if isinstance(element, (Exists, AsBoolean)):
        return True
    return isinstance(element, UnaryExpression) and element.operator in _SIGNS


def is_piece(element: Any) -> bool:
    """Whether an expression is SQL that was put together from text: only who wrote it knows what it is.

    Args:
        element: The expression.
    """
    inside = _inside(element)
    return (
        isinstance(element, Grouping)
        and isinstance(inside, ClauseList)
        and cast("Any", inside.operator) is None
    )


def is_always_known(element: Any) -> bool:
    """Whether a condition holds or does not, and is never unknown because of a NULL.

    Args:
        element: The condition.
    """
    inside = _inside(element)
    if isinstance(element, Grouping):
        return not isinstance(element, Stated) and is_always_known(inside)
    if isinstance(element, ExpressionClauseList):
        return all(is_always_known(part) for part in element.clauses)
    if isinstance(element, BinaryExpression):
        return element.operator in _NEVER_NULL
    if isinstance(element, Exists):
        return True
    # NOT; ``AsBoolean`` is one around what is a condition already.
    negated = isinstance(element, UnaryExpression) and element.operator in _SIGNS
    return negated and is_condition(inside) and is_always_known(inside)


def _inside(element: Any) -> Any:
    """What stands in parentheses, or behind NOT."""
    return getattr(element, "element", None)
