"""The immutable shape of a query: operations and names, never values.

Invariant: a shape holds no value that a user passed. Where a value belongs, the shape has a *slot*:
an index into the tuple of values that travels beside it. Two queries that differ in values only are
therefore equal, hash equal, and share one compiled plan.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, TypeAlias, TypeVar, cast

import msgspec

from noormme.query.nodes import (
    Constant,
    Expression,
    Frame,
    Junction,
    ListParam,
    Order,
    Param,
    Params,
    Raw,
)

__all__ = [
    "Annotate",
    "Chosen",
    "Compound",
    "Filter",
    "FilteredJoin",
    "LinkKey",
    "RowStyle",
    "Search",
    "Seek",
    "SetOperator",
    "Shape",
    "Step",
    "WindowSlice",
    "shift",
    "walk",
]

RowStyle = Literal["model", "dict", "tuple", "flat", "named"]
"""What a row becomes: an object, or what ``values()`` and ``values_list()`` give."""


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


class Search(msgspec.Struct, frozen=True, tag=True):
    """One call of ``search``.

    Attributes:
        index: The exact name of the full-text index.
        text: What is searched for.
    """

    index: str
    text: Param


class FilteredJoin(msgspec.Struct, frozen=True, tag=True):
    """A relation under a name of its own, joined with a further condition: ``FilteredRelation``.

    Attributes:
        name: The name.
        relation: The path of the relation.
        condition: What its rows must fulfil, with the name in place of the path.
    """

    name: str
    relation: str
    condition: Junction


Step: TypeAlias = Filter | Annotate | Chosen | FilteredJoin | Search


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


class Seek(msgspec.Struct, frozen=True, tag=True):
    """A page that begins at a place in the order (see ``query.seek``).

    Attributes:
        slots: Where the value of each sort key is, None where that is NULL; None for the first page.
        inclusive: Whether a row with these very values belongs to the page.
    """

    slots: tuple[int | None, ...] | None = None
    inclusive: bool = False


SetOperator = Literal["union", "intersection", "difference"]


class Compound(msgspec.Struct, frozen=True, tag=True):
    """A set operation over the rows of several queries.

    Attributes:
        operator: Which one.
        parts: The queries, from left to right; each gives as many columns as the first.
        all: Whether a union keeps rows that are equal.
    """

    operator: SetOperator
    parts: tuple[Shape, ...]
    all: bool = False


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
        seek: Set on the query of a page by cursor; such a shape is never part of another.
        compound: The queries whose rows are put together. Besides them such a shape has an order, a slice,
            and what a row becomes, and nothing else.
        lock: How its rows are locked, as SQL says it (``"UPDATE"``, ``"NO KEY UPDATE"``), and what becomes of
            those that others have locked (``"NOWAIT"``, ``"SKIP LOCKED"``); empty for no lock.
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
    seek: Seek | None = None
    compound: Compound | None = None
    lock: tuple[str, ...] = ()

    @property
    def sliced(self) -> bool:
        """Whether a limit or an offset is set, after which no filter may be added."""
        return self.limit is not None or self.offset is not None

    @property
    def annotations(self) -> dict[str, Annotate]:
        """The annotations by name, in the order of the calls; those of the first part of a set operation."""
        if self.compound is not None:
            return self.compound.parts[0].annotations
        return {step.name: step for step in self.steps if isinstance(step, Annotate)}

    @property
    def filtered(self) -> dict[str, FilteredJoin]:
        """The filtered relations by name."""
        return {step.name: step for step in self.steps if isinstance(step, FilteredJoin)}


N = TypeVar("N")


def walk(node: object) -> Iterator[object]:
    """A node and everything in it, but not what is in subqueries.

    Args:
        node: A node of a shape, or several in a tuple.
    """
    if isinstance(node, tuple):
        for part in cast("tuple[object, ...]", node):
            yield from walk(part)
    elif isinstance(node, msgspec.Struct):
        yield node
        if not isinstance(node, Shape):
            for name in node.__struct_fields__:
                yield from walk(getattr(node, name))


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
    if isinstance(node, Constant):
        return Constant(None if node.slot is None else node.slot + by, node.kind)
    if isinstance(node, Raw):
        return Raw(node.pieces, tuple(slot + by for slot in node.slots), node.output)
    if isinstance(node, Frame):
        start, end = (None if slot is None else slot + by for slot in (node.start, node.end))
        return Frame(node.unit, start, end, node.signs, node.exclude)
    if isinstance(node, Shape):
        return msgspec.structs.replace(
            node,
            steps=_shifted(node.steps, by),
            aggregates=_shifted(node.aggregates, by),
            ordering=_shifted(node.ordering, by),
            limit=None if node.limit is None else node.limit + by,
            offset=None if node.offset is None else node.offset + by,
            compound=_shifted(node.compound, by),
        )
    if isinstance(node, tuple):
        return tuple(_shifted(part, by) for part in cast("tuple[object, ...]", node))
    if isinstance(node, msgspec.Struct):
        parts = {name: _shifted(getattr(node, name), by) for name in node.__struct_fields__}
        return msgspec.structs.replace(node, **parts)
    return node
