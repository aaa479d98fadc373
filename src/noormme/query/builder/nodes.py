"""The shape of a query in tables: SELECT, FROM, JOIN, WHERE, … as frozen values.

Invariant: nodes compare and hash by what they ask; they hold names and slots, never a value. Equal nodes have
the same SQL and so the same plan.
"""

from __future__ import annotations

from typing import Any, Literal, TypeAlias, TypeVar, cast

import msgspec

__all__ = [
    "Arithmetic",
    "Between",
    "Binary",
    "Call",
    "Case",
    "Col",
    "Compare",
    "Compound",
    "Condition",
    "Derived",
    "Exists",
    "Expression",
    "InList",
    "InQuery",
    "Join",
    "JoinKind",
    "Junction",
    "Mode",
    "Not",
    "Null",
    "NullTest",
    "Ordering",
    "Outer",
    "Output",
    "Query",
    "Scalar",
    "Select",
    "Slot",
    "Source",
    "Star",
    "TableSource",
    "WithSource",
    "moved",
]

JoinKind = Literal["inner", "left", "right", "full", "cross"]
Mode = Literal["rows", "count", "exists"]
"""What a query is asked for: its rows, their number, or whether there are any."""


class _Node(msgspec.Struct, frozen=True, tag=True):
    """Anything in a shape; the class is a part of what is compared."""


# ---------------------------------------------------------------- expressions


class Slot(_Node, frozen=True):
    """A value, by its position in the values that travel beside the shape."""

    index: int


class Null(_Node, frozen=True):
    """NULL, which is a part of the shape because it is compared in a way of its own."""


class Col(_Node, frozen=True):
    """A column: the name of its source in this query, and its own name."""

    source: str
    name: str


class Outer(_Node, frozen=True):
    """A column of a query around this one, as it was written."""

    name: str


class Star(_Node, frozen=True):
    """All columns of one source, or of every source."""

    source: str | None = None


class Call(_Node, frozen=True):
    """A function of SQL.

    Attributes:
        function: Its name; one of ``functions.FUNCTIONS``.
        arguments: What it is called with; none for ``count(*)``.
        distinct: Whether an aggregate takes equal values once.
        condition: Only rows for which it holds are aggregated.
    """

    function: str
    arguments: tuple[Expression, ...] = ()
    distinct: bool = False
    condition: Condition | None = None


class Arithmetic(_Node, frozen=True):
    """Two expressions with ``+``, ``-``, ``*``, ``/``, ``%`` or ``||`` between them."""

    operator: str
    left: Expression
    right: Expression


class Case(_Node, frozen=True):
    """CASE WHEN … THEN … ELSE … END."""

    branches: tuple[tuple[Condition, Expression], ...]
    otherwise: Expression


class Scalar(_Node, frozen=True):
    """A query that gives one value."""

    query: Query


# ---------------------------------------------------------------- conditions


class Compare(_Node, frozen=True):
    """Two expressions with a comparing operator between them."""

    operator: str
    left: Expression
    right: Expression


Binary: TypeAlias = "Compare | Arithmetic"


class NullTest(_Node, frozen=True):
    """IS NULL, or IS NOT NULL."""

    operand: Expression
    negated: bool = False


class Between(_Node, frozen=True):
    """BETWEEN two expressions."""

    operand: Expression
    low: Expression
    high: Expression
    negated: bool = False


class InList(_Node, frozen=True):
    """IN a list of values; a slot has all values of one type.

    Attributes:
        operand: What is looked for.
        slots: The lists.
        nul: The slot of the texts that hold a NUL, or None.
        negated: Whether it is NOT IN.
    """

    operand: Expression
    slots: tuple[int, ...] = ()
    nul: int | None = None
    negated: bool = False


class InQuery(_Node, frozen=True):
    """IN the rows of a query."""

    operand: Expression
    query: Query
    negated: bool = False


class Exists(_Node, frozen=True):
    """Whether a query gives any row."""

    query: Query
    negated: bool = False


class Junction(_Node, frozen=True):
    """Several conditions that must hold together (``and``) or of which one must hold (``or``)."""

    connector: Literal["and", "or"]
    parts: tuple[Condition, ...]


class Not(_Node, frozen=True):
    """A condition that must not hold."""

    condition: Condition


Expression: TypeAlias = Slot | Null | Col | Outer | Call | Arithmetic | Case | Scalar
Condition: TypeAlias = Compare | NullTest | Between | InList | InQuery | Exists | Junction | Not


# ---------------------------------------------------------------- queries


class TableSource(_Node, frozen=True):
    """A table or view, by its exact name, and the name that it has in this query."""

    table: str
    alias: str


class Derived(_Node, frozen=True):
    """A query in FROM, and the name that it has there."""

    query: Query
    alias: str


class WithSource(_Node, frozen=True):
    """A query of the WITH clause by its name there, and the name that it has in this query."""

    name: str
    alias: str


Source: TypeAlias = TableSource | Derived | WithSource


class Join(_Node, frozen=True):
    """One more source, and when its rows belong to those before it."""

    kind: JoinKind
    source: Source
    condition: Condition | None = None


class Output(_Node, frozen=True):
    """One column of the result.

    Attributes:
        expression: Where it comes from.
        name: What it is called in the result; ``""`` for all columns of a source.
        labelled: Whether the user gave it that name.
    """

    expression: Expression | Star
    name: str = ""
    labelled: bool = False


class Ordering(_Node, frozen=True):
    """A sort key; ``Slot`` and numbers are values, so its position is never meant."""

    expression: Expression
    descending: bool = False
    nulls: Literal["first", "last"] | None = None


class Select(_Node, frozen=True):
    """One SELECT; without outputs it gives every column of its sources."""

    source: Source
    joins: tuple[Join, ...] = ()
    outputs: tuple[Output, ...] = ()
    distinct: bool = False
    where: Condition | None = None
    group: tuple[Expression, ...] = ()
    having: Condition | None = None
    order: tuple[Ordering, ...] = ()
    limit: int | None = None
    offset: int | None = None
    ctes: tuple[tuple[str, Query], ...] = ()


class Compound(_Node, frozen=True):
    """Two queries as one: UNION and its like; a sort key is a column of the left one by name."""

    operator: Literal["union", "union_all", "intersect", "except"]
    left: Query
    right: Query
    order: tuple[Ordering, ...] = ()
    limit: int | None = None
    offset: int | None = None


Query: TypeAlias = Select | Compound

T = TypeVar("T")

_SLOT_FIELDS = frozenset({"index", "nul", "limit", "offset"})


def moved(node: T, by: int) -> T:
    """The same node with its slots counted from ``by`` on, for a query that becomes part of another."""
    return cast("T", _moved(node, by)) if by else node


def _moved(node: object, by: int) -> object:
    if isinstance(node, tuple):
        return tuple(_moved(each, by) for each in cast("tuple[object, ...]", node))
    if not isinstance(node, _Node):
        return node
    changed: dict[str, Any] = {}
    for name in node.__struct_fields__:
        value = getattr(node, name)
        if name == "slots":
            changed[name] = tuple(slot + by for slot in value)
        elif name in _SLOT_FIELDS:
            changed[name] = None if value is None else value + by
        elif isinstance(value, (tuple, _Node)):
            changed[name] = _moved(cast("object", value), by)
    return msgspec.structs.replace(node, **changed) if changed else node
