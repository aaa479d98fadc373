"""The immutable shape of a query: operations and names, never values.

Invariant: a shape holds no value that a user passed. Where a value belongs, the shape has a *slot*:
an index into the tuple of values that travels beside it. Two queries that differ in values only are
therefore equal, hash equal, and share one compiled plan.
"""

from __future__ import annotations

from typing import Literal, TypeAlias, TypeVar, cast

import msgspec

__all__ = [
    "AggregateCall",
    "Annotate",
    "Chosen",
    "Condition",
    "Expression",
    "Filter",
    "Junction",
    "LinkKey",
    "ListParam",
    "Operand",
    "Order",
    "Param",
    "Params",
    "Predicate",
    "Ref",
    "RowStyle",
    "Scoped",
    "Shape",
    "Step",
    "Subquery",
    "WindowSlice",
    "shift",
]

RowStyle = Literal["model", "dict", "tuple", "flat", "named"]
"""What a row becomes: an object, or what ``values()`` and ``values_list()`` give."""


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


class Subquery(msgspec.Struct, frozen=True, tag=True):
    """Another query, whose slots were shifted to lie behind those of the query around it."""

    shape: Shape


class AggregateCall(msgspec.Struct, frozen=True, tag=True):
    """An aggregate function over a field, or over rows where ``argument`` is None.

    Attributes:
        function: ``"count"``, ``"sum"``, ``"avg"``, ``"min"`` or ``"max"``.
        argument: What is aggregated; None counts rows.
        distinct: Whether equal values count once.
        condition: Only rows for which this holds are aggregated.
        default: What to return where there is nothing to aggregate.
    """

    function: str
    argument: Ref | None = None
    distinct: bool = False
    condition: Junction | None = None
    default: Param | None = None


Expression: TypeAlias = Ref | AggregateCall
Operand: TypeAlias = Param | Params | ListParam | Ref | Subquery | bool


class Condition(msgspec.Struct, frozen=True, tag=True):
    """One comparison, ``name`` as it was written (``"author__email__icontains"``).

    Attributes:
        name: Relations, field, transforms and lookup, joined by ``__``.
        operand: What it is compared with; a bool for ``isnull``.
        folded: Whether the value asks for Unicode case folding, which ASCII needles do not need.
        stored: Whether the values were read from the database and may be in a form that only it knows.
    """

    name: str
    operand: Operand
    folded: bool = False
    stored: bool = False


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


Predicate: TypeAlias = Condition | Junction | Scoped


class Filter(msgspec.Struct, frozen=True, tag=True):
    """One call of ``filter`` or ``exclude``: what is in it shares its joins over to-many relations."""

    predicate: Junction


class Annotate(msgspec.Struct, frozen=True, tag=True):
    """One named expression added to each row; ``selected`` is False for ``alias()``."""

    name: str
    expression: Expression
    selected: bool = True


class Chosen(msgspec.Struct, frozen=True, tag=True):
    """The place of a ``values()`` that follows to-many relations: its joins are made there, as in Django.

    Attributes:
        fields: The fields that it asks for; filters that come later do not share their joins.
    """

    fields: tuple[str, ...]


Step: TypeAlias = Filter | Annotate | Chosen


class Order(msgspec.Struct, frozen=True, tag=True):
    """One sort key.

    Attributes:
        name: What the rows are sorted by.
        descending: Largest first.
        nulls: Where NULLs go, if that is said.
        random: Whether it is ``"?"``, a random order; the rest then means nothing.
    """

    name: str
    descending: bool = False
    nulls: Literal["first", "last"] | None = None
    random: bool = False

    def reversed(self) -> Order:
        """The same key the other way round; nulls change sides too."""
        flipped: Literal["first", "last"] | None = None
        if self.nulls is not None:
            flipped = "last" if self.nulls == "first" else "first"
        return Order(self.name, not self.descending, flipped, self.random)


class LinkKey(msgspec.Struct, frozen=True, tag=True):
    """The junction columns of a many-to-many batch, selected before the row they lead to.

    Attributes:
        relation: The relation of the shape's table that leads back to the rows asked for.
        scope: The scope of the filter that names those rows.
    """

    relation: str
    scope: int


class WindowSlice(msgspec.Struct, frozen=True, tag=True):
    """Numbering of a batch: at most ``limit`` rows for each value of ``relation`` (sliced prefetch)."""

    relation: str
    scope: int
    limit: int | None
    offset: int | None


class Shape(msgspec.Struct, frozen=True, tag=True, omit_defaults=True):
    """Everything about a query but its values.

    Attributes:
        table: Exact name of the table.
        steps: Filters and annotations in the order of the calls, which matters to joins and groups.
        ordering: The sort keys.
        reverse: Whether the order is turned round; without sort keys, the key descending.
        distinct: SELECT DISTINCT.
        limit: Slot of the largest number of rows.
        offset: Slot of the number of rows to skip.
        style: What a row becomes.
        fields: The fields that ``values`` or ``values_list`` asked for; empty means all.
        group: The fields that aggregates are grouped by; None groups by the row itself.
        related: Paths of ``select_related``.
        deferred: Fields left out (or, with ``only``, the fields kept).
        only: Whether ``deferred`` lists the fields that are kept.
        aggregates: The named aggregates of ``aggregate()``; the query then gives one row.
        link: Set on the batch query of a many-to-many prefetch.
        window: Set on the batch query of a sliced prefetch.
        empty: ``none()``: no row, and no statement either.
    """

    table: str
    steps: tuple[Step, ...] = ()
    ordering: tuple[Order, ...] = ()
    reverse: bool = False
    distinct: bool = False
    limit: int | None = None
    offset: int | None = None
    style: RowStyle = "model"
    fields: tuple[str, ...] = ()
    group: tuple[str, ...] | None = None
    related: tuple[str, ...] = ()
    deferred: tuple[str, ...] = ()
    only: bool = False
    aggregates: tuple[Annotate, ...] = ()
    link: LinkKey | None = None
    window: WindowSlice | None = None
    empty: bool = False

    @property
    def sliced(self) -> bool:
        """Whether a limit or an offset is set, after which no filter may be added."""
        return self.limit is not None or self.offset is not None

    @property
    def annotations(self) -> dict[str, Annotate]:
        """The annotations by name, in the order of the calls."""
        return {step.name: step for step in self.steps if isinstance(step, Annotate)}


N = TypeVar("N")


def shift(node: N, by: int) -> N:
    """The same node with every slot moved up by ``by``, for a query that goes inside another.

    Args:
        node: A shape or any node of one.
        by: How many values stand before those of the node.

    Returns:
        The node itself where ``by`` is 0, else a copy.
    """
    return node if by == 0 else cast("N", _shifted(node, by))


def _shifted(node: object, by: int) -> object:
    if isinstance(node, Param):
        return Param(node.slot + by)
    if isinstance(node, Params):
        return Params(tuple(slot + by for slot in node.slots))
    if isinstance(node, ListParam):
        return ListParam(tuple(slot + by for slot in node.slots), None if node.nul is None else node.nul + by)
    if isinstance(node, Shape):
        return msgspec.structs.replace(
            node,
            steps=_shifted(node.steps, by),
            aggregates=_shifted(node.aggregates, by),
            limit=None if node.limit is None else node.limit + by,
            offset=None if node.offset is None else node.offset + by,
        )
    if isinstance(node, tuple):
        return tuple(_shifted(part, by) for part in cast("tuple[object, ...]", node))
    if isinstance(node, msgspec.Struct):
        parts = {name: _shifted(getattr(node, name), by) for name in node.__struct_fields__}
        return msgspec.structs.replace(node, **parts)
    return node
