"""The nodes of a shape: expressions and conditions, without values.

Invariant: a node holds no value that a user passed. Where a value belongs there is a *slot*: an index into
the tuple of values that travels beside the shape.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

import msgspec

from noormme.schema.model import Kind

if TYPE_CHECKING:
    from noormme.query.shape import Shape

__all__ = [
    "AggregateCall",
    "Arithmetic",
    "Call",
    "Cases",
    "Compared",
    "Condition",
    "Constant",
    "Expression",
    "Frame",
    "Holds",
    "Items",
    "JSONText",
    "JSONType",
    "Junction",
    "ListParam",
    "Operand",
    "Operator",
    "Order",
    "Outer",
    "Param",
    "Params",
    "Predicate",
    "Raw",
    "Ref",
    "RowsExist",
    "Scoped",
    "SearchCall",
    "Subquery",
    "Test",
    "Typed",
    "WindowCall",
]

Operator = Literal["+", "-", "*", "/", "%", "**", "&", "|", "#", "<<", ">>"]
"""Arithmetic; ``#`` is exclusive or of bits."""


JSONType = Literal["text", "integer", "real", "boolean", "null", "document"]
"""What a value is in JSON; a document is an array or an object."""


class Param(msgspec.Struct, frozen=True, tag=True):
    """One value, at ``slot`` of the values tuple."""

    slot: int


class Params(msgspec.Struct, frozen=True, tag=True):
    """A fixed number of values: the two ends of a range, or the parts of a composite key."""

    slots: tuple[int, ...]


class ListParam(msgspec.Struct, frozen=True, tag=True):
    """Lists of values for ``in``, one slot for each Python type among them; none for an empty list.

    Attributes:
        slots: Where the lists are.
        nul: Where the list of texts that hold a NUL is; drivers must treat those apart.
    """

    slots: tuple[int, ...]
    nul: int | None = None


class Ref(msgspec.Struct, frozen=True, tag=True):
    """A field, a path to a field over relations, or an annotation, by the name that was written."""

    name: str


class Outer(msgspec.Struct, frozen=True, tag=True):
    """A field of the query around this one, by the name that was written.

    Attributes:
        name: The name, resolved where the query around is compiled.
        levels: How many queries further out it is; 1 is the one directly around.
    """

    name: str
    levels: int = 1


class Constant(msgspec.Struct, frozen=True, tag=True):
    """A value as an expression.

    Attributes:
        slot: Where it is in the values tuple; None for NULL.
        kind: What its type says; ``"any"`` where that is nothing.
    """

    slot: int | None
    kind: Kind = "any"


class Arithmetic(msgspec.Struct, frozen=True, tag=True):
    """Two expressions under an operator."""

    operator: Operator
    left: Expression
    right: Expression


class Call(msgspec.Struct, frozen=True, tag=True):
    """A function of one row.

    Attributes:
        function: Its name in ``query.functions``, or that of any SQL function.
        arguments: What it is called with.
        output: The kind of its values where that was said.
        option: What selects one of several forms of it (the unit of ``trunc``, the kind of ``cast``).
    """

    function: str
    arguments: tuple[Expression, ...]
    output: Kind | None = None
    option: str = ""


class AggregateCall(msgspec.Struct, frozen=True, tag=True):
    """An aggregate function.

    Attributes:
        function: Its name in ``query.functions``.
        arguments: What is aggregated, and what else the function takes; none counts rows.
        distinct: Whether equal values count once.
        condition: Only rows for which this holds are aggregated.
        default: What to return where there is nothing to aggregate.
        ordering: In which order the values are taken.
        output: The kind of its values where that was said.
    """

    function: str
    arguments: tuple[Expression, ...] = ()
    distinct: bool = False
    condition: Junction | None = None
    default: Expression | None = None
    ordering: tuple[Order, ...] = ()
    output: Kind | None = None


class Cases(msgspec.Struct, frozen=True, tag=True):
    """The first expression whose condition holds."""

    whens: tuple[tuple[Junction, Expression], ...]
    default: Expression
    output: Kind | None = None


class Typed(msgspec.Struct, frozen=True, tag=True):
    """An expression whose values are said to be of a kind."""

    expression: Expression
    output: Kind


class JSONText(msgspec.Struct, frozen=True, tag=True):
    """The text of a part of a JSON document."""

    expression: Expression


class Subquery(msgspec.Struct, frozen=True, tag=True):
    """Another query, whose slots were shifted to lie behind those of the query around it.

    Attributes:
        shape: Its shape.
        output: The kind of its values where that was said.
    """

    shape: Shape
    output: Kind | None = None


class RowsExist(msgspec.Struct, frozen=True, tag=True):
    """Whether another query has any row."""

    shape: Shape


class Test(msgspec.Struct, frozen=True, tag=True):
    """A condition, as an expression that is true or false."""

    condition: Junction


class Frame(msgspec.Struct, frozen=True, tag=True):
    """The rows around the current one that a window function sees.

    Attributes:
        unit: What the ends count: rows, groups of peers, or a difference of the sort key.
        start: Slot of the distance of the first row (negative: before); None from the beginning.
        end: Slot of the distance of the last row; None to the end.
        signs: For each end whether it lies before, at or after the current row: the SQL depends on that.
        exclude: Which rows are left out of it.
    """

    unit: Literal["ROWS", "RANGE", "GROUPS"]
    start: int | None
    end: int | None
    signs: tuple[Literal[-1, 0, 1] | None, Literal[-1, 0, 1] | None]
    exclude: Literal["", "CURRENT ROW", "GROUP", "TIES", "NO OTHERS"] = ""


class WindowCall(msgspec.Struct, frozen=True, tag=True):
    """A function over a window of rows.

    Attributes:
        call: The function: an aggregate, or a window function of ``query.functions``.
        partition: What parts the rows.
        ordering: How the rows of a part are sorted.
        frame: Which of them it sees; the database's own choice where None.
        output: The kind of its values where that was said.
    """

    call: AggregateCall | Call
    partition: tuple[Expression, ...] = ()
    ordering: tuple[Order, ...] = ()
    frame: Frame | None = None
    output: Kind | None = None


class Raw(msgspec.Struct, frozen=True, tag=True):
    """SQL that the user wrote.

    Attributes:
        pieces: The text around the parameters.
        slots: The parameters between the pieces.
        output: The kind of its values where that was said.
    """

    pieces: tuple[str, ...]
    slots: tuple[int, ...] = ()
    output: Kind | None = None


class SearchCall(msgspec.Struct, frozen=True, tag=True):
    """What the full-text search of the query gives for a row.

    Attributes:
        function: ``"rank"`` is larger for what fits better; ``"order"`` sorts ascending by how well it fits,
            in the way in which the index does that itself.
        columns: Fields by name: those with a weight, or the one to show.
        arguments: The weights, or how to show it.
    """

    function: Literal["rank", "order", "highlight", "snippet"]
    columns: tuple[str, ...] = ()
    arguments: tuple[Param, ...] = ()


class Items(msgspec.Struct, frozen=True, tag=True):
    """Several expressions for ``in`` or the two of ``range``."""

    items: tuple[Expression, ...]


Expression: TypeAlias = (
    Ref
    | Outer
    | Constant
    | Arithmetic
    | Call
    | AggregateCall
    | Cases
    | Typed
    | JSONText
    | Subquery
    | RowsExist
    | Test
    | WindowCall
    | Raw
    | SearchCall
)
"""Every node that gives a value; it can be asked for with ``isinstance``."""

Operand: TypeAlias = Param | Params | ListParam | Items | bool | Expression


class Condition(msgspec.Struct, frozen=True, tag=True):
    """One comparison, ``name`` as it was written (``"author__email__icontains"``).

    Attributes:
        name: Relations, field, transforms and lookup, joined by ``__``.
        operand: What it is compared with; a bool for ``isnull``.
        folded: Whether the value asks for Unicode case folding, which ASCII needles do not need.
        stored: Whether the values were read from the database and may be in a form that only it knows.
        json: What the values are in JSON, one for each slot, where they are compared with JSON.
    """

    name: str
    operand: Operand
    folded: bool = False
    stored: bool = False
    json: tuple[JSONType, ...] = ()


class Compared(msgspec.Struct, frozen=True, tag=True):
    """An expression under a lookup.

    Attributes:
        expression: What is compared.
        lookup: The name of the lookup.
        operand: What it is compared with; a bool for ``isnull``.
        folded: As in ``Condition``.
        json: As in ``Condition``.
    """

    expression: Expression
    lookup: str
    operand: Operand
    folded: bool = False
    json: tuple[JSONType, ...] = ()


class Junction(msgspec.Struct, frozen=True, tag=True):
    """Predicates under one connector; an empty one holds for every row, negated or not."""

    connector: Literal["AND", "OR", "XOR"]
    children: tuple[Predicate, ...]
    negated: bool = False


class Scoped(msgspec.Struct, frozen=True, tag=True):
    """A predicate with to-many joins of its own: one filter of a query set that was combined.

    Attributes:
        scope: Its number, from 1 in each shape.
        predicate: The filter.
        shares: The scopes of the other side of ``|`` or ``^``. A join that one of them made is taken
            over before a new one is made, each join by one scope of this side only.
    """

    scope: int
    predicate: Junction
    shares: tuple[int, ...] = ()


class Holds(msgspec.Struct, frozen=True, tag=True):
    """An expression that is itself a condition."""

    expression: Expression


Predicate: TypeAlias = Condition | Compared | Holds | Junction | Scoped


class Order(msgspec.Struct, frozen=True, tag=True):
    """One sort key.

    Attributes:
        expression: What the rows are sorted by.
        descending: Largest first.
        nulls: Where NULLs go, if that is said.
        random: Whether it is ``"?"``, a random order; the rest then means nothing.
    """

    expression: Expression
    descending: bool = False
    nulls: Literal["first", "last"] | None = None
    random: bool = False

    def reversed(self) -> Order:
        """The same key the other way round; nulls change sides too."""
        flipped: Literal["first", "last"] | None = None
        if self.nulls is not None:
            flipped = "last" if self.nulls == "first" else "first"
        return Order(self.expression, not self.descending, flipped, self.random)
