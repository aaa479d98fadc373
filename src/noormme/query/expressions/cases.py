"""Conditional expressions: the first of several results whose condition holds."""

from __future__ import annotations

from noormme.errors import UsageError
from noormme.query.expressions.base import Build, Expression, OutputField, output_kind
from noormme.query.expressions.conditions import Conditional, Q
from noormme.query.nodes import Cases
from noormme.query.nodes import Expression as Node
from noormme.schema.model import Kind

__all__ = ["Case", "When"]


class When:
    """One branch of a ``Case``.

    Args:
        condition: A condition.
        then: The result where it holds: a field by name, an expression, or another value.
        **lookups: The condition as keyword lookups.

    Raises:
        UsageError: There is no condition, or no result.

    Example:
        ``When(age__lt=18, then=Value("minor"))``
    """

    __slots__ = ("condition", "then")

    def __init__(self, condition: Conditional | None = None, *, then: object, **lookups: object) -> None:
        if condition is not None and not isinstance(condition, Conditional):
            raise UsageError(
                f"When takes a condition, not {type(condition).__name__}",
                hint="write When(field=value, then=…)",
            )
        whole = Q.every(() if condition is None else (condition,), lookups)
        if not whole or (isinstance(condition, Q) and not condition and not lookups):
            raise UsageError("When needs a condition", hint="write When(field=value, then=…)")
        self.condition = whole
        self.then = then

    def __repr__(self) -> str:
        return f"When({self.condition!r}, then={self.then!r})"


class Case(Expression):
    """The result of the first branch whose condition holds.

    Args:
        *cases: The branches, looked at in order.
        default: The result where none holds: a field by name, an expression, or another value; NULL by
            default.
        output_field: The type of the results, where they do not say it.

    Raises:
        UsageError: An argument is no ``When``.
    """

    __slots__ = ("cases", "default", "kind")

    def __init__(self, *cases: When, default: object = None, output_field: OutputField | None = None) -> None:
        for case in cases:
            if not isinstance(case, When):
                raise UsageError(f"Case takes When(…), not {type(case).__name__}")
        self.cases = cases
        self.default = default
        self.kind: Kind | None = output_kind(output_field)

    def node(self, build: Build) -> Node:
        """This expression as a part of a shape."""
        whens = tuple((build.condition(case.condition), build.argument(case.then)) for case in self.cases)
        return Cases(whens, build.argument(self.default), self.kind)

    def __repr__(self) -> str:
        return f"Case({', '.join(map(repr, self.cases))}, default={self.default!r})"
