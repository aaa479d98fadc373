"""What a user writes in a query in tables besides names and values: ``ref``, ``fn``, ``and_``, ``case``.

Invariant: these objects say what was written and check nothing of it; the query that takes one knows the
names. None of them changes after it was made.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

__all__ = [
    "CaseExpression",
    "ConditionLike",
    "ExistsTest",
    "Expression",
    "FunctionCall",
    "Group",
    "Labelled",
    "Negation",
    "Operation",
    "OuterRef",
    "Ref",
    "Sort",
    "Value",
    "and_",
    "case",
    "exists",
    "fn",
    "not_",
    "not_exists",
    "or_",
    "outer",
    "ref",
    "value",
]


class Expression(msgspec.Struct, frozen=True, eq=False):
    """Something with a value for each row. ``+``, ``-``, ``*``, ``/`` and ``%`` combine two of them."""

    def as_(self, name: str) -> Labelled:
        """The expression with a name in the result."""
        return Labelled(self, name)

    def asc(self, *, nulls: Literal["first", "last"] | None = None) -> Sort:
        """A sort key, the smallest first; ``nulls`` says where NULL goes."""
        return Sort(self, False, nulls)

    def desc(self, *, nulls: Literal["first", "last"] | None = None) -> Sort:
        """A sort key, the largest first; ``nulls`` says where NULL goes."""
        return Sort(self, True, nulls)

    def concat(self, other: object) -> Operation:
        """Both texts as one (``||``)."""
        return Operation("||", self, other)

    def __add__(self, other: object) -> Operation:
        return Operation("+", self, other)

    def __radd__(self, other: object) -> Operation:
        return Operation("+", other, self)

    def __sub__(self, other: object) -> Operation:
        return Operation("-", self, other)

    def __rsub__(self, other: object) -> Operation:
        return Operation("-", other, self)

    def __mul__(self, other: object) -> Operation:
        return Operation("*", self, other)

    def __rmul__(self, other: object) -> Operation:
        return Operation("*", other, self)

    def __truediv__(self, other: object) -> Operation:
        return Operation("/", self, other)

    def __rtruediv__(self, other: object) -> Operation:
        return Operation("/", other, self)

    def __mod__(self, other: object) -> Operation:
        return Operation("%", self, other)

    def __rmod__(self, other: object) -> Operation:
        return Operation("%", other, self)


class Ref(Expression, frozen=True, eq=False):
    """A column of the query, or a name that ``select`` gave."""

    name: str


class OuterRef(Expression, frozen=True, eq=False):
    """A column of a query around this one."""

    name: str


class Value(Expression, frozen=True, eq=False):
    """A value, where text alone would be a name."""

    value: object


class Operation(Expression, frozen=True, eq=False):
    """Two expressions or values with an operator between them."""

    operator: str
    left: object
    right: object


class FunctionCall(Expression, frozen=True, eq=False):
    """A function of SQL with its arguments; those that are text are names."""

    function: str
    arguments: tuple[object, ...] = ()
    distinct: bool = False
    filter: ConditionLike | None = None


class CaseExpression(Expression, frozen=True, eq=False):
    """CASE WHEN condition THEN result …, with what it is where no condition holds."""

    branches: tuple[tuple[ConditionLike, object], ...]
    otherwise: object = None


class Labelled(msgspec.Struct, frozen=True, eq=False):
    """An expression with the name that it has in the result."""

    expression: Expression
    name: str


class Sort(msgspec.Struct, frozen=True, eq=False):
    """A sort key: an expression, its direction, and where NULL goes."""

    expression: Expression
    descending: bool = False
    nulls: Literal["first", "last"] | None = None


class Group(msgspec.Struct, frozen=True, eq=False):
    """Several conditions, of which all (``and``) or at least one (``or``) must hold."""

    connector: Literal["and", "or"]
    parts: tuple[ConditionLike, ...]


class Negation(msgspec.Struct, frozen=True, eq=False):
    """A condition that must not hold."""

    condition: ConditionLike


class ExistsTest(msgspec.Struct, frozen=True, eq=False):
    """Whether a query gives any row."""

    query: object
    negated: bool = False


ConditionLike: TypeAlias = Group | Negation | ExistsTest | tuple[object, ...]
"""A condition: ``("age", ">", 18)``, ``("age", "is null")``, or what ``and_``, ``or_`` and such give."""


def ref(name: str) -> Ref:
    """A column, where text alone would be a value.

    Example:
        ``where("paid_at", ">", ref("due_on"))``
    """
    return Ref(name)


def outer(name: str) -> OuterRef:
    """A column of the query around a sub-select.

    Example:
        ``db.table("posts").where("user_id", "=", outer("users.id"))``, inside a query of users.
    """
    return OuterRef(name)


def value(value: object) -> Value:
    """A value, where text alone would be a name.

    Example:
        ``fn.coalesce("nickname", value("nobody"))``
    """
    return Value(value)


def and_(*conditions: ConditionLike) -> Group:
    """A condition that holds where all of these hold."""
    return Group("and", conditions)


def or_(*conditions: ConditionLike) -> Group:
    """A condition that holds where at least one of these holds."""
    return Group("or", conditions)


def not_(condition: ConditionLike) -> Negation:
    """SQL's NOT: a condition that is NULL stays NULL, and so does not hold either way."""
    return Negation(condition)


def exists(query: object) -> ExistsTest:
    """A condition that holds where the query gives a row; ``outer`` names columns around it."""
    return ExistsTest(query)


def not_exists(query: object) -> ExistsTest:
    """A condition that holds where the query gives no row."""
    return ExistsTest(query, True)


def case(*branches: tuple[ConditionLike, object], otherwise: object = None) -> CaseExpression:
    """The result of the first condition that holds.

    Args:
        *branches: Pairs of a condition and a result, which is a value or an expression.
        otherwise: The result where none holds.
    """
    return CaseExpression(branches, otherwise)


class Functions:
    """The functions of SQL: ``fn.count()``, ``fn.sum("amount")``, ``fn.lower("email")``.

    The first argument is the name of a column or an expression. What follows is a value, but for
    ``coalesce``, whose texts are all names.
    """

    __slots__ = ()

    def count(
        self,
        column: str | Expression | None = None,
        *,
        distinct: bool = False,
        filter: ConditionLike | None = None,
    ) -> FunctionCall:
        """How many rows there are, or how many have a value in ``column``.

        Args:
            column: The column; None counts rows.
            distinct: Whether equal values count once.
            filter: Only rows for which this condition holds count.
        """
        return FunctionCall("count", () if column is None else (column,), distinct, filter)

    def sum(
        self, column: str | Expression, *, distinct: bool = False, filter: ConditionLike | None = None
    ) -> FunctionCall:
        """What the values add up to; NULL where there are none. The arguments are those of ``count``."""
        return FunctionCall("sum", (column,), distinct, filter)

    def total(
        self, column: str | Expression, *, distinct: bool = False, filter: ConditionLike | None = None
    ) -> FunctionCall:
        """What the values add up to, as a float; 0.0 where there are none. Arguments as ``count``."""
        return FunctionCall("total", (column,), distinct, filter)

    def avg(
        self, column: str | Expression, *, distinct: bool = False, filter: ConditionLike | None = None
    ) -> FunctionCall:
        """The mean. The arguments are those of ``count``."""
        return FunctionCall("avg", (column,), distinct, filter)

    def min(self, column: str | Expression, *, filter: ConditionLike | None = None) -> FunctionCall:
        """The smallest value. The arguments are those of ``count``."""
        return FunctionCall("min", (column,), False, filter)

    def max(self, column: str | Expression, *, filter: ConditionLike | None = None) -> FunctionCall:
        """The largest value. The arguments are those of ``count``."""
        return FunctionCall("max", (column,), False, filter)

    def group_concat(
        self, column: str | Expression, separator: str = ",", *, filter: ConditionLike | None = None
    ) -> FunctionCall:
        """All values as one text, in no certain order.

        Args:
            column: The column.
            separator: What stands between two values.
            filter: Only rows for which this condition holds count.
        """
        return FunctionCall("group_concat", (column, Value(separator)), False, filter)

    def coalesce(self, *arguments: object) -> FunctionCall:
        """The first argument that is not NULL; texts are names, ``value("text")`` is a text."""
        return FunctionCall("coalesce", arguments)

    def nullif(self, column: str | Expression, other: object) -> FunctionCall:
        """The column, or NULL where it equals the value ``other``."""
        return FunctionCall("nullif", (column, _as_value(other)))

    def lower(self, column: str | Expression) -> FunctionCall:
        """Text in lower case, as the database knows it (SQLite: the letters of ASCII)."""
        return FunctionCall("lower", (column,))

    def upper(self, column: str | Expression) -> FunctionCall:
        """Text in upper case, as the database knows it (SQLite: the letters of ASCII)."""
        return FunctionCall("upper", (column,))

    def trim(self, column: str | Expression) -> FunctionCall:
        """Text without blanks at both ends."""
        return FunctionCall("trim", (column,))

    def ltrim(self, column: str | Expression) -> FunctionCall:
        """Text without blanks at its start."""
        return FunctionCall("ltrim", (column,))

    def rtrim(self, column: str | Expression) -> FunctionCall:
        """Text without blanks at its end."""
        return FunctionCall("rtrim", (column,))

    def replace(self, column: str | Expression, old: object, new: object) -> FunctionCall:
        """Text with every ``old`` replaced by ``new``."""
        return FunctionCall("replace", (column, _as_value(old), _as_value(new)))

    def substr(self, column: str | Expression, start: object, length: object = None) -> FunctionCall:
        """A part of a text.

        Args:
            column: The text.
            start: The first character, from 1.
            length: How many characters; None for the rest.
        """
        extent = () if length is None else (_as_value(length),)
        return FunctionCall("substr", (column, _as_value(start), *extent))

    def length(self, column: str | Expression) -> FunctionCall:
        """How many characters a text has, or how many bytes a blob."""
        return FunctionCall("length", (column,))

    def instr(self, column: str | Expression, part: object) -> FunctionCall:
        """Where ``part`` first stands in a text, from 1; 0 where it does not."""
        return FunctionCall("instr", (column, _as_value(part)))

    def abs(self, column: str | Expression) -> FunctionCall:
        """A number without its sign."""
        return FunctionCall("abs", (column,))

    def round(self, column: str | Expression, digits: object = 0) -> FunctionCall:
        """A number rounded to that many digits behind the point."""
        return FunctionCall("round", (column, _as_value(digits)))

    def date(self, column: str | Expression) -> FunctionCall:
        """The day of a date or time that is stored as ISO text."""
        return FunctionCall("date", (column,))

    def datetime(self, column: str | Expression) -> FunctionCall:
        """The date and time, to the second, of what is stored as ISO text."""
        return FunctionCall("datetime", (column,))

    def strftime(self, pattern: str, column: str | Expression) -> FunctionCall:
        """Parts of a date or time that is stored as ISO text, as text: ``fn.strftime("%Y-%m", "due_on")``."""
        return FunctionCall("strftime", (Value(pattern), column))

    def json_extract(self, column: str | Expression, path: object) -> FunctionCall:
        """What stands at a path of a JSON column: ``fn.json_extract("settings", "$.theme")``."""
        return FunctionCall("json_extract", (column, _as_value(path)))

    def random(self) -> FunctionCall:
        """Another number for each row, to sort by."""
        return FunctionCall("random")


def _as_value(item: object) -> object:
    """Text as a value; an expression stays one."""
    return item if isinstance(item, Expression) else Value(item)


fn = Functions()
