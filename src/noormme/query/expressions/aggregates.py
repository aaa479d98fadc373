"""Functions over many rows.

Invariant: an aggregate knows what it aggregates and which rows count; grouping is the query's business.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import ClassVar

import msgspec

from noormme.errors import UsageError
from noormme.query.expressions.base import Build, Expression, OutputField, output_kind, several
from noormme.query.expressions.conditions import Conditional
from noormme.query.expressions.fields import F, Value
from noormme.query.nodes import AggregateCall, Junction
from noormme.query.nodes import Expression as Node
from noormme.schema.model import Kind

__all__ = [
    "Aggregate",
    "AnyValue",
    "Avg",
    "Count",
    "Max",
    "Min",
    "StdDev",
    "StringAgg",
    "Sum",
    "Variance",
]


class Aggregate(Expression):
    """A function over many rows, for ``annotate``, ``aggregate`` and ``Window``.

    Args:
        expression: The field by name, or an expression; ``"*"`` for rows (``Count`` only).
        distinct: Whether equal values count once.
        filter: Only rows for which this holds are aggregated.
        default: What to return where there is nothing to aggregate: a value or an expression. Not for
            ``Count``.
        order_by: In which order the values are taken, where that matters: as ``order_by`` takes it.
        output_field: The type of the result, where the function does not say it.

    Raises:
        UsageError: The arguments do not fit the function.
    """

    __slots__ = ("default", "distinct", "expression", "filter", "kind", "order_by")

    function: ClassVar[str]
    ordered: ClassVar[bool] = False
    """Whether the order of the values matters to it."""

    def __init__(
        self,
        expression: Expression | str,
        *,
        distinct: bool = False,
        filter: Conditional | None = None,
        default: object = None,
        order_by: object = None,
        output_field: OutputField | None = None,
    ) -> None:
        label = type(self).__name__
        if not isinstance(expression, (str, Expression)):
            raise UsageError(
                f"{label} takes a field name or an expression, not {type(expression).__name__}",
                hint=f'write {label}("field")',
            )
        if expression == "*" and self.function != "count":
            raise UsageError(f"{label} needs a field; only Count takes '*'")
        if expression == "*" and distinct:
            raise UsageError("Count('*', distinct=True) has no meaning", hint="name the field to count")
        if filter is not None and not isinstance(filter, Conditional):
            raise UsageError(
                f"{label}(filter=…) takes a Q, not {type(filter).__name__}", hint="write filter=Q(…)"
            )
        if default is not None and self.function == "count":
            raise UsageError("Count takes no default: it is 0 where there is nothing")
        if order_by is not None and not self.ordered:
            raise UsageError(f"{label} takes no order_by: the order does not change its result")
        self.expression = expression
        self.distinct = bool(distinct)
        self.filter = filter
        self.default = default
        self.order_by = several(order_by)
        self.kind: Kind | None = output_kind(output_field)

    def arguments(self, build: Build) -> tuple[Node, ...]:
        """What the function is called with."""
        return () if self.expression == "*" else (build.field(self.expression),)

    def node(self, build: Build) -> Node:
        """This expression as a part of a shape."""
        condition: Junction | None = None if self.filter is None else build.condition(self.filter)
        return AggregateCall(
            self.function,
            self.arguments(build),
            self.distinct,
            condition,
            None if self.default is None else build.operand(self.default),
            tuple(build.order(item) for item in self.order_by),
            self.kind,
        )

    @property
    def name_only(self) -> Hashable | None:
        """What tells it from others, where it aggregates a field and no more was said."""
        # A class that builds its node in a way of its own may hold more than is seen here.
        plain = type(self).node is Aggregate.node and type(self).arguments is Aggregate.arguments
        if not plain or type(self.expression) is not str or self.filter is not None or self.order_by:
            return None
        return None if self.default is not None else (type(self), self.expression, self.distinct, self.kind)

    @property
    def default_alias(self) -> str:
        """The name that Django gives to an aggregate without one: ``posts__count``.

        Raises:
            UsageError: It aggregates rows or an expression, not a field.
        """
        name = self.expression.name if isinstance(self.expression, F) else self.expression
        if not isinstance(name, str) or name == "*":
            raise UsageError(f"{self!r} needs a name", hint=f"write n={type(self).__name__}(…)")
        return f"{name}__{self.function}"

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.expression!r})"


class Count(Aggregate):
    """The number of values that are not NULL, or of rows for ``Count("*")``."""

    __slots__ = ()
    function = "count"


class Sum(Aggregate):
    """The sum of the values; None where there are none."""

    __slots__ = ()
    function = "sum"


class Avg(Aggregate):
    """The mean of the values; None where there are none."""

    __slots__ = ()
    function = "avg"


class Min(Aggregate):
    """The smallest value; None where there are none."""

    __slots__ = ()
    function = "min"


class Max(Aggregate):
    """The largest value; None where there are none."""

    __slots__ = ()
    function = "max"


class AnyValue(Aggregate):
    """One of the values that are not NULL; None where there are none."""

    __slots__ = ()
    function = "any_value"


class _Spread(Aggregate):
    """How far the values lie apart.

    Args:
        expression: The field by name, or an expression.
        sample: Whether the rows are a sample of what is measured (divided by n - 1), not all of it.
        distinct: Whether equal values count once.
        filter: Only rows for which this holds are aggregated.
        default: What to return where there is nothing to aggregate.
        output_field: The type of the result, where the function does not say it.
    """

    __slots__ = ("_sample",)

    def __init__(
        self,
        expression: Expression | str,
        sample: bool = False,
        *,
        distinct: bool = False,
        filter: Conditional | None = None,
        default: object = None,
        output_field: OutputField | None = None,
    ) -> None:
        super().__init__(
            expression, distinct=distinct, filter=filter, default=default, output_field=output_field
        )
        self._sample = sample

    def node(self, build: Build) -> Node:
        """This expression as a part of a shape."""
        made = super().node(build)
        assert isinstance(made, AggregateCall), "an aggregate makes a call of one"
        return msgspec.structs.replace(made, function=f"{self.function}_{'samp' if self._sample else 'pop'}")


class StdDev(_Spread):
    """The standard deviation of the values; None where there are none."""

    __slots__ = ()
    function = "stddev"


class Variance(_Spread):
    """The variance of the values; None where there are none."""

    __slots__ = ()
    function = "variance"


class StringAgg(Aggregate):
    """The texts put together.

    Args:
        expression: The field by name, or an expression.
        delimiter: What stands between them: a text or an expression.
        distinct: Whether equal texts count once.
        filter: Only rows for which this holds are aggregated.
        default: What to return where there is nothing to aggregate.
        order_by: In which order they are taken.
    """

    __slots__ = ("delimiter",)
    function = "string_agg"
    ordered = True

    def __init__(
        self,
        expression: Expression | str,
        delimiter: object = ",",
        *,
        distinct: bool = False,
        filter: Conditional | None = None,
        default: object = None,
        order_by: object = None,
    ) -> None:
        super().__init__(expression, distinct=distinct, filter=filter, default=default, order_by=order_by)
        self.delimiter = delimiter if isinstance(delimiter, Expression) else Value(delimiter)

    def arguments(self, build: Build) -> tuple[Node, ...]:
        """What the function is called with."""
        return (*super().arguments(build), self.delimiter.node(build))
