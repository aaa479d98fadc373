"""What a user writes inside a query: ``Q``, ``F``, aggregates and sort keys.

Invariant: these are immutable descriptions that hold names and values; ``query.build`` takes the
values out and leaves a shape. None of them knows a database.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

from noormme.errors import UsageError

__all__ = ["Aggregate", "Avg", "Count", "F", "Max", "Min", "OrderBy", "Q", "Sum"]

Connector = Literal["AND", "OR", "XOR"]


class Q:
    """A condition that combines with ``&``, ``|``, ``^`` and ``~``.

    Args:
        *children: Other conditions.
        **lookups: Lookups as ``filter`` takes them.

    An empty ``Q()`` holds for every row, negated or not, and disappears when combined.

    Example:
        >>> str(Q(age__lt=18) | ~Q(status="active"))
        "Q(Q(age__lt=18) | ~Q(status='active'))"
    """

    __slots__ = ("children", "connector", "negated")

    children: tuple[Q | tuple[str, object], ...]
    connector: Connector
    negated: bool

    def __init__(
        self, /, *children: Q, _connector: Connector = "AND", _negated: bool = False, **lookups: object
    ) -> None:
        for child in children:
            if not isinstance(child, Q):
                raise UsageError(
                    f"Q takes conditions and keyword lookups, not {type(child).__name__}",
                    hint="write Q(field=value)",
                )
        self.children = (*children, *lookups.items())
        self.connector = _connector
        self.negated = _negated

    def _combine(self, other: Q, connector: Connector) -> Q:
        if not isinstance(other, Q):
            return NotImplemented
        if not self.children:
            return other
        if not other.children:
            return self
        combined = Q(_connector=connector)
        combined.children = (*self._parts(connector), *other._parts(connector))
        return combined

    def _parts(self, connector: Connector) -> tuple[Q | tuple[str, object], ...]:
        """What it adds to a combination: one of the same kind is joined, so that long chains do not nest."""
        return self.children if self.connector == connector and not self.negated else (self,)

    def __and__(self, other: Q) -> Q:
        return self._combine(other, "AND")

    def __or__(self, other: Q) -> Q:
        return self._combine(other, "OR")

    def __xor__(self, other: Q) -> Q:
        return self._combine(other, "XOR")

    def __invert__(self) -> Q:
        inverted = Q(_connector=self.connector, _negated=not self.negated)
        inverted.children = self.children
        return inverted

    def __bool__(self) -> bool:
        return bool(self.children)

    def __iter__(self) -> Iterator[Q | tuple[str, object]]:
        return iter(self.children)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Q)
            and self.connector == other.connector
            and self.negated == other.negated
            and self.children == other.children
        )

    __hash__ = None  # type: ignore[assignment]  # it may hold unhashable values

    def __repr__(self) -> str:
        sign = {"AND": " & ", "OR": " | ", "XOR": " ^ "}[self.connector]
        parts = [
            repr(child) if isinstance(child, Q) else f"{child[0]}={child[1]!r}" for child in self.children
        ]
        glue = ", " if self.connector == "AND" else sign
        if self.negated and len(self.children) == 1 and isinstance(self.children[0], Q):
            return f"~{parts[0]}"
        return f"{'~' if self.negated else ''}Q({glue.join(parts)})"


class F:
    """A reference to a field, a path over relations, or an annotation.

    Args:
        name: The name as ``filter`` takes it, without a lookup (``"author__age"``).

    Example:
        ``db.tasks.filter(finished__gt=F("due"))`` and ``order_by(F("due").desc(nulls_last=True))``.
    """

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        if not isinstance(name, str):
            raise UsageError(f"F takes the name of a field, not {type(name).__name__}")
        self.name = name

    def asc(self, *, nulls_first: bool = False, nulls_last: bool = False) -> OrderBy:
        """This field as an ascending sort key.

        Args:
            nulls_first: NULLs before everything else.
            nulls_last: NULLs after everything else.

        Raises:
            UsageError: Both are set.
        """
        return OrderBy(self, nulls_first=nulls_first, nulls_last=nulls_last)

    def desc(self, *, nulls_first: bool = False, nulls_last: bool = False) -> OrderBy:
        """This field as a descending sort key.

        Args:
            nulls_first: NULLs before everything else.
            nulls_last: NULLs after everything else.

        Raises:
            UsageError: Both are set.
        """
        return OrderBy(self, descending=True, nulls_first=nulls_first, nulls_last=nulls_last)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, F) and other.name == self.name

    def __hash__(self) -> int:
        return hash((F, self.name))

    def __repr__(self) -> str:
        return f"F({self.name!r})"


class OrderBy:
    """A sort key with a say on where NULLs go.

    Args:
        expression: The field, as an ``F`` or by name.
        descending: Largest first.
        nulls_first: NULLs before everything else.
        nulls_last: NULLs after everything else.

    Raises:
        UsageError: Both ``nulls_first`` and ``nulls_last`` are set.
    """

    __slots__ = ("descending", "name", "nulls")

    def __init__(
        self,
        expression: F | str,
        *,
        descending: bool = False,
        nulls_first: bool = False,
        nulls_last: bool = False,
    ) -> None:
        if nulls_first and nulls_last:
            raise UsageError("nulls_first and nulls_last exclude each other", hint="set one of them")
        self.name = expression.name if isinstance(expression, F) else expression
        self.descending = descending
        self.nulls: Literal["first", "last"] | None = (
            "first" if nulls_first else "last" if nulls_last else None
        )

    def __repr__(self) -> str:
        return f"OrderBy({self.name!r}, descending={self.descending}, nulls={self.nulls!r})"


class Aggregate:
    """A function over many rows, for ``annotate`` and ``aggregate``.

    Args:
        expression: The field, as an ``F`` or by name, or ``"*"`` for rows (``Count`` only).
        distinct: Whether equal values count once.
        filter: Only rows for which this holds are aggregated.
        default: What to return where there is nothing to aggregate; not for ``Count``.

    Raises:
        UsageError: The arguments do not fit the function.
    """

    __slots__ = ("default", "distinct", "filter", "name")

    function: ClassVar[str]

    def __init__(
        self,
        expression: F | str,
        *,
        distinct: bool = False,
        filter: Q | None = None,
        default: object = None,
    ) -> None:
        label = type(self).__name__
        name = expression.name if isinstance(expression, F) else expression
        if not isinstance(name, str):
            raise UsageError(f"{label} takes a field name or F(...), not {type(name).__name__}")
        if name == "*" and self.function != "count":
            raise UsageError(f"{label} needs a field; only Count takes '*'")
        if name == "*" and distinct:
            raise UsageError("Count('*', distinct=True) has no meaning", hint="name the field to count")
        if filter is not None and not isinstance(filter, Q):
            raise UsageError(
                f"{label}(filter=…) takes a Q, not {type(filter).__name__}", hint="write filter=Q(…)"
            )
        if default is not None and self.function == "count":
            raise UsageError("Count takes no default: it is 0 where there is nothing")
        self.name = name
        self.distinct = distinct
        self.filter = filter
        self.default = default

    @property
    def default_alias(self) -> str:
        """The name that Django gives to an aggregate without one: ``posts__count``.

        Raises:
            UsageError: It aggregates rows, not a field.
        """
        if self.name == "*":
            raise UsageError("Count('*') needs a name", hint="write n=Count('*')")
        return f"{self.name}__{self.function}"

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"


class Count(Aggregate):
    """The number of values that are not NULL, or of rows for ``Count("*")``."""

    __slots__ = ()
    function = "count"


class Sum(Aggregate):
    """The sum of the values; None where there are none."""

    __slots__ = ()
    function = "sum"


class Avg(Aggregate):
    """The mean of the values as a float; None where there are none."""

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
