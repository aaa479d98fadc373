"""What every expression can do: stand in arithmetic, be compared, be sorted by.

Invariant: an expression never changes after it was made and knows no database. ``node`` takes its values out
and leaves a part of a shape, so two expressions that differ in values only share one plan.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Protocol, TypeAlias, cast
from uuid import UUID

from noormme.errors import UsageError
from noormme.query.expressions.conditions import Conditional, Q
from noormme.query.expressions.ordering import OrderBy
from noormme.query.nodes import Arithmetic, Junction, Operator, Order, Test
from noormme.query.nodes import Expression as Node
from noormme.schema.model import Kind

__all__ = [
    "Build",
    "Combined",
    "Comparison",
    "ConditionalExpression",
    "Expression",
    "Negated",
    "OutputField",
    "kind_of_value",
    "output_kind",
    "several",
]

_KINDS: dict[type, Kind] = {
    bool: "boolean",
    int: "integer",
    float: "real",
    str: "text",
    bytes: "blob",
    Decimal: "decimal",
    datetime: "datetime",
    date: "date",
    time: "time",
    timedelta: "duration",
    UUID: "uuid",
    dict: "json",
    list: "json",
}

OutputField: TypeAlias = type | str
"""What says of which type an expression's values are: a Python type (``int``, ``Decimal``, ``dict``), or the
name of a kind (``"integer"``, ``"json"``)."""


def kind_of_value(value: object) -> Kind:
    """The kind of a Python value; ``"any"`` for None and for types that no column has."""
    found = _KINDS.get(type(value))
    if found is not None:
        return found
    for python_type, kind in _KINDS.items():
        if isinstance(value, python_type):
            return kind
    return "any"


def output_kind(output: OutputField | None) -> Kind | None:
    """The kind that ``output_field`` says; None where it says nothing.

    Raises:
        UsageError: It is neither a Python type that a column can have nor the name of a kind.
    """
    if output is None:
        return None
    if isinstance(output, type) and output in _KINDS:
        return _KINDS[output]
    for kind in (*_KINDS.values(), "any"):
        if output == kind:
            return kind
    names = ", ".join(python_type.__name__ for python_type in _KINDS)
    raise UsageError("output_field takes a Python type", hint=f"one of {names}")


class Build(Protocol):
    """What an expression asks of the query that it is put into; ``query.build.Builder`` is one."""

    def value(self, value: object, kind: Kind | None = None) -> Node:
        """A value as an expression; its kind is that of its type where none is given."""
        ...

    def slot(self, value: object) -> int:
        """A slot for a value that is no expression of its own."""
        ...

    def operand(self, operand: object) -> Node:
        """An expression, or a value as one."""
        ...

    def argument(self, argument: object) -> Node:
        """What a function is called with: a text is the name of a field."""
        ...

    def field(self, name: object) -> Node:
        """A field by name, or an expression.

        Raises:
            FieldNotFound: The query has no such field.
            UsageError: It is neither.
        """
        ...

    def kind(self, node: Node) -> Kind:
        """The kind of an expression's values, where its node says it; ``"any"`` elsewhere."""
        ...

    def outer(self, name: str, levels: int) -> Node:
        """A field of a query around this one."""
        ...

    def condition(self, condition: Conditional) -> Junction:
        """A condition.

        Raises:
            UsageError: It is none.
        """
        ...

    def compared(self, comparison: Comparison) -> Junction:
        """An expression under a lookup."""
        ...

    def order(self, item: object) -> Order:
        """A sort key: a name, ``"-name"``, an expression or an ``OrderBy``."""
        ...

    def subquery(self, query: object, output: Kind | None) -> Node:
        """Another query set as one value.

        Raises:
            UsageError: It is none.
            InvalidQuery: It gives several fields.
        """
        ...

    def exists(self, query: object) -> Node:
        """Whether another query set has any row.

        Raises:
            UsageError: It is none.
        """
        ...


class Expression:
    """Something that has a value in each row.

    Arithmetic (``+ - * / % **``) and the comparisons ``< <= > >=`` give further expressions; what stands on
    the other side is an expression or a value. ``==`` and ``!=`` compare the expressions themselves, as
    Python's own objects do: write ``filter(field=expression)`` for a condition of equality.
    """

    __slots__ = ()

    def node(self, build: Build) -> Node:
        """This expression as a part of a shape.

        Args:
            build: The query that it is put into; it takes the values.

        Raises:
            UsageError: A class of one's own does not say what it is.
        """
        raise UsageError(
            f"{type(self).__name__} needs a method node(self, build)",
            hint="subclass Func and name its function, or combine other expressions",
        )

    @property
    def default_alias(self) -> str:
        """The name that it gets where none is given.

        Raises:
            UsageError: It has none.
        """
        raise UsageError(f"{type(self).__name__} needs a name", hint="write name=expression")

    @property
    def name_only(self) -> Hashable | None:
        """What tells it from other expressions where it is made of names and holds no value; else None.

        A step of a query with such expressions is found again by it, without building their nodes.
        """
        return None

    # -- arithmetic ---------------------------------------------------------------------------------

    def __add__(self, other: object) -> Combined:
        return Combined("+", self, other)

    def __radd__(self, other: object) -> Combined:
        return Combined("+", other, self)

    def __sub__(self, other: object) -> Combined:
        return Combined("-", self, other)

    def __rsub__(self, other: object) -> Combined:
        return Combined("-", other, self)

    def __mul__(self, other: object) -> Combined:
        return Combined("*", self, other)

    def __rmul__(self, other: object) -> Combined:
        return Combined("*", other, self)

    def __truediv__(self, other: object) -> Combined:
        return Combined("/", self, other)

    def __rtruediv__(self, other: object) -> Combined:
        return Combined("/", other, self)

    def __mod__(self, other: object) -> Combined:
        return Combined("%", self, other)

    def __rmod__(self, other: object) -> Combined:
        return Combined("%", other, self)

    def __pow__(self, other: object) -> Combined:
        return Combined("**", self, other)

    def __rpow__(self, other: object) -> Combined:
        return Combined("**", other, self)

    def __neg__(self) -> Combined:
        return Combined("*", self, -1)

    def bitand(self, other: object) -> Combined:
        """The bits that both have."""
        return Combined("&", self, other)

    def bitor(self, other: object) -> Combined:
        """The bits that either has."""
        return Combined("|", self, other)

    def bitxor(self, other: object) -> Combined:
        """The bits that one of the two has."""
        return Combined("#", self, other)

    def bitleftshift(self, other: object) -> Combined:
        """The bits moved up."""
        return Combined("<<", self, other)

    def bitrightshift(self, other: object) -> Combined:
        """The bits moved down."""
        return Combined(">>", self, other)

    # -- comparison ---------------------------------------------------------------------------------

    def __lt__(self, other: object) -> Comparison:
        return Comparison(self, "lt", other)

    def __le__(self, other: object) -> Comparison:
        return Comparison(self, "lte", other)

    def __gt__(self, other: object) -> Comparison:
        return Comparison(self, "gt", other)

    def __ge__(self, other: object) -> Comparison:
        return Comparison(self, "gte", other)

    # -- order --------------------------------------------------------------------------------------

    def asc(self, *, nulls_first: bool = False, nulls_last: bool = False) -> OrderBy:
        """This as an ascending sort key.

        Args:
            nulls_first: NULLs before everything else.
            nulls_last: NULLs after everything else.

        Raises:
            UsageError: Both are set.
        """
        return OrderBy(self, nulls_first=nulls_first, nulls_last=nulls_last)

    def desc(self, *, nulls_first: bool = False, nulls_last: bool = False) -> OrderBy:
        """This as a descending sort key.

        Args:
            nulls_first: NULLs before everything else.
            nulls_last: NULLs after everything else.

        Raises:
            UsageError: Both are set.
        """
        return OrderBy(self, descending=True, nulls_first=nulls_first, nulls_last=nulls_last)


def several(given: object) -> tuple[object, ...]:
    """One sort key or expression, or an iterable of them, as a tuple; none for None."""
    if given is None:
        return ()
    if isinstance(given, (str, Expression, OrderBy)) or not isinstance(given, Iterable):
        return (given,)
    return tuple(cast("Iterable[object]", given))


class Combined(Expression):
    """Two expressions under an operator; ``F("a") + 1`` makes one."""

    __slots__ = ("left", "operator", "right")

    def __init__(self, operator: Operator, left: object, right: object) -> None:
        self.operator: Operator = operator
        self.left = left
        self.right = right

    def node(self, build: Build) -> Node:
        """This expression as a part of a shape."""
        return Arithmetic(self.operator, build.operand(self.left), build.operand(self.right))

    def __repr__(self) -> str:
        return f"({self.left!r} {self.operator} {self.right!r})"


class ConditionalExpression(Conditional, Expression):
    """An expression that is a condition; its negation is both as well."""

    __slots__ = ()

    def __invert__(self) -> Negated:
        return Negated(self)


class Negated(Q, Expression):
    """What ``~`` makes of an expression: a condition as every other, which can be sorted by too.

    Args:
        expression: What is negated.
    """

    __slots__ = ()

    def __init__(self, expression: ConditionalExpression) -> None:
        super().__init__(expression, _negated=True)

    def node(self, build: Build) -> Node:
        """This expression as a part of a shape."""
        return Test(build.condition(self))


class Comparison(ConditionalExpression):
    """An expression under a lookup; ``F("a") > 3`` makes one. It is a condition and has a truth value.

    Args:
        expression: What is compared.
        lookup: The name of the lookup, as it stands after ``__``.
        operand: What it is compared with: a value or an expression.
    """

    __slots__ = ("expression", "lookup", "operand")

    def __init__(self, expression: Expression, lookup: str, operand: object) -> None:
        self.expression = expression
        self.lookup = lookup
        self.operand = operand

    def node(self, build: Build) -> Node:
        """This expression as a part of a shape."""
        return Test(build.compared(self))

    def __bool__(self) -> bool:
        raise UsageError(
            "a comparison of expressions is neither true nor false by itself",
            hint="combine with &, | and ~ instead of and, or and not, and pass it to filter()",
        )

    def __repr__(self) -> str:
        return f"Comparison({self.expression!r}, {self.lookup!r}, {self.operand!r})"
