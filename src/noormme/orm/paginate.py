"""``paginate``: a query in pages.

Invariant: a page is one statement. Its order is that of the query, with the key behind it where the order
alone does not tell the rows apart; so no row is on two pages and none is on no page.
"""

from __future__ import annotations

import itertools
from abc import abstractmethod
from collections.abc import Callable, Sequence
from enum import Enum
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast, overload

import msgspec

from noormme.deferred import deferred
from noormme.errors import InvalidQuery, UsageError
from noormme.orm.chain import MOST_ROWS
from noormme.orm.execution import Execution
from noormme.orm.node import Node
from noormme.query.build_expressions import nested_too_deeply
from noormme.query.nodes import Call, Order, Ref, SearchCall
from noormme.query.resolve import FilteredHop, key_columns
from noormme.query.shape import Seek, Shape, walk
from noormme.schema.model import Table

if TYPE_CHECKING:
    from noormme.orm import paging as pages
    from noormme.orm.paging import CursorPage, Looks, Page
    from noormme.orm.queryset import QuerySet
    from noormme.query import cursor as cursors
    from noormme.query import setops
    from noormme.query.cursor import Edge, Position
else:
    setops = deferred("noormme.query.setops")
    cursors = deferred("noormme.query.cursor")
    pages = deferred("noormme.orm.paging")

__all__ = ["UNSET", "PageOrder", "Pages", "Unset"]

T = TypeVar("T")
replace = msgspec.structs.replace


class PageOrder(msgspec.Struct, frozen=True):
    """The order of pages by cursor.

    Attributes:
        ordering: The sort keys, which tell all rows apart.
        width: How many columns they have.
        fingerprint: What tells the order from others.
        looks: What is needed to show the rows.
        seeks: Where it goes on behind a place (or, True, before it) whose values are none of them NULL, and
            whether with that place.
    """

    ordering: tuple[Order, ...]
    width: int
    fingerprint: bytes
    looks: Looks
    seeks: dict[tuple[bool, bool], Node]


class Unset(Enum):
    """What tells ``after=None`` from nothing."""

    UNSET = 0


UNSET = Unset.UNSET


class Pages(Execution[T]):
    """A query that can be read in pages."""

    __slots__ = ()

    @abstractmethod
    def count(self) -> int:
        """How many rows there are."""

    @abstractmethod
    async def acount(self) -> int:
        """How many rows there are, awaited."""

    @abstractmethod
    def recipe(self) -> tuple[Callable[..., QuerySet[T]], tuple[Any, ...]]:
        """What makes this query set again, without its rows (pickling)."""

    @abstractmethod
    def _names(self) -> list[str]:
        """The names of the columns of a row."""

    @overload
    def paginate(self, page: int = 1, per_page: int = 20) -> Page[T]: ...
    @overload
    def paginate(self, *, per_page: int = 20, after: str | None) -> CursorPage[T]: ...
    @overload
    def paginate(self, *, per_page: int = 20, before: str | None) -> CursorPage[T]: ...
    @overload
    def paginate(self, *, per_page: int = 20, after: str | None, before: str | None) -> CursorPage[T]: ...
    def paginate(
        self,
        page: int | None = None,
        per_page: int = 20,
        *,
        after: str | Unset | None = UNSET,
        before: str | Unset | None = UNSET,
    ) -> Page[T] | CursorPage[T]:
        """One page of the rows, by its number or by a cursor. Runs one query.

        A page by number costs more the further back it is: the database steps over the rows before it. A page
        by cursor costs the same everywhere, where an index has the sort keys in their order; and rows that
        come or go in between neither repeat nor hide others.

        Args:
            page: The number of the page, from 1. A page behind the end is empty.
            per_page: How many rows a page has at most.
            after: The ``next`` of a page, to read the page after it. None begins at the first row.
            before: The ``previous`` of a page, to read the page before it. ``""`` ends at the last row.

        Returns:
            A ``Page``; with ``after`` or ``before`` a ``CursorPage``.

        Raises:
            UsageError: A number is below 1, or both a number and a cursor are given.
            InvalidValue: The cursor is damaged, or belongs to another order.
            InvalidQuery: The order is random; or, with a cursor, rows cannot be told apart or are sorted by
                the current time.

        Example:
            >>> page = db.users.order_by("-created_at").paginate(page=2, per_page=50)
            >>> len(page), page.number, page.has_next
            (50, 2, True)
            >>> first = db.users.order_by("-created_at").paginate(per_page=50, after=None)
            >>> second = db.users.order_by("-created_at").paginate(per_page=50, after=first.next)
            >>> second.items == page.items
            True
        """
        _at_least_one(per_page, "per_page")
        if after is UNSET and before is UNSET:
            return self._numbered(1 if page is None else page, per_page)
        if page is not None:
            raise UsageError("page and a cursor exclude each other", hint="leave page out")
        if before is UNSET or before is None:
            return self._by_cursor(None if after is UNSET else after, per_page, backward=False)
        if after is not UNSET and after:
            raise UsageError("after and before exclude each other", hint="give one of them")
        return self._by_cursor(before, per_page, backward=True)

    # -- by number ----------------------------------------------------------------------------------

    def _numbered(self, number: int, per_page: int) -> Page[T]:
        _at_least_one(number, "page")
        shape = self.node.shape
        query: Pages[T] = self
        if shape.sliced:
            self._refuse_random()
        else:
            query = self._derive(
                self._mapper.nodes.move(self.node, "pages", self._numbered_shape), self.parameters
            )
        start = (number - 1) * per_page
        # One row more tells whether there is a next page.
        query = query._sliced(start, start + per_page + 1)
        rows = [] if shape.empty else self._mapper.statement(query.node).fetch(query.parameters)
        has_next = len(rows) > per_page
        del rows[per_page:]
        self._complete_page(rows)
        return pages.Page(rows, number, per_page, has_next=has_next, query=self, looks=self._looks())

    def _numbered_shape(self, shape: Shape) -> Shape:
        self._refuse_random()
        return replace(shape, ordering=self._total_order(), reverse=False)

    def _refuse_random(self) -> None:
        if self._sorted_by({"random"}):
            raise InvalidQuery("rows in random order have no pages", hint="order by fields")

    def _sorted_by(self, functions: set[str]) -> bool:
        """Whether the order looks at one of these functions, under the name of an annotation as well."""
        shape = self.node.shape
        waiting: list[object] = [shape.ordering]
        seen: set[str] = set()
        while waiting:
            try:
                parts = list(walk(waiting.pop()))
            except RecursionError:
                raise nested_too_deeply() from None
            for part in parts:
                if isinstance(part, Order) and part.random:
                    return True
                if isinstance(part, Call) and part.function in functions:
                    return True
                if isinstance(part, Ref) and part.name in shape.annotations and part.name not in seen:
                    seen.add(part.name)
                    waiting.append(shape.annotations[part.name].expression)
        return False

    def _looks(self) -> Looks:
        return pages.Looks(self.table, self._names(), self.node.shape.style == "flat")

    def _complete_page(self, rows: list[Any]) -> None:
        if rows.__class__ is self._mapper.rows_class:
            self._complete(rows)

    # -- by cursor ----------------------------------------------------------------------------------

    def _by_cursor(self, cursor: str | None, per_page: int, *, backward: bool) -> CursorPage[T]:
        order = self.node.pages or self._page_order()
        # An empty text stands for the first place, or the last one.
        position = cursors.decode_cursor(cursor, order.fingerprint, order.width) if cursor else None
        node, values = self._seek(order, position, per_page, backward)
        statement = node.rows or self._mapper.statement(node)
        items, rows = ([], []) if self.node.shape.empty else statement.page(values, per_page)
        back: Edge | Position | None = None
        on: Edge | None = None
        keys = statement.plan.keys
        if position is not None:
            # An empty page begins and ends at the place where it was looked for.
            back = cursors.Edge(rows[0], keys) if rows else cursors.Position(position.values, inclusive=True)
        if len(rows) > per_page:
            on = cursors.Edge(rows[per_page - 1], keys)
        if backward:
            items.reverse()
        self._complete_page(items)
        return pages.CursorPage(
            items,
            per_page,
            next=back if backward else on,
            previous=on if backward else back,
            fingerprint=order.fingerprint,
            looks=order.looks,
        )

    def _page_order(self) -> PageOrder:
        """The order of the pages by cursor; found out once for each shape."""
        self._refuse_random()
        if self._sorted_by({"now"}):
            raise InvalidQuery(
                "an order by the current time is another one for each page",
                hint="use page=, or compare with a time of your own",
            )
        self._single_query("paginate by cursor")
        if self.node.shape.sliced:
            raise InvalidQuery("a cursor cannot part a slice", hint="paginate first, or use page=")
        if not self._identity():
            raise InvalidQuery(
                f"{self.table} has no key to tell its rows apart by",
                hint="use page=, or .values(…).distinct()",
            )
        ordering = tuple(map(_comparable, self._total_order()))
        try:
            fingerprint = cursors.fingerprint_of([self.table, _without_slots(msgspec.to_builtins(ordering))])
        except RecursionError:
            raise nested_too_deeply() from None
        width = sum(map(self._width, ordering))
        found = self.node.pages = PageOrder(ordering, width, fingerprint, self._looks(), {})
        return found

    def _seek(
        self, order: PageOrder, position: Position | None, per_page: int, backward: bool, /
    ) -> tuple[Node, tuple[object, ...]]:
        """What gives the rows of a page and one more, nearest to the place first, and its values."""
        limit = per_page + 1 if per_page < MOST_ROWS else MOST_ROWS
        if position is None:
            return self._seek_node(order, None, backward, inclusive=False), (*self.parameters, limit)
        values, inclusive = position.values, position.inclusive
        if None not in values:
            # The usual case.
            node = order.seeks.get((backward, inclusive))
            if node is None:
                filled = (True,) * len(values)
                node = self._seek_node(order, filled, backward, inclusive=inclusive)
                order.seeks[backward, inclusive] = node
            return node, (*self.parameters, *values, limit)
        filled = tuple(value is not None for value in values)
        bound = [value for value in values if value is not None]
        node = self._seek_node(order, filled, backward, inclusive=inclusive)
        return node, (*self.parameters, *bound, limit)

    def _seek_node(
        self, order: PageOrder, filled: tuple[bool, ...] | None, backward: bool, /, *, inclusive: bool
    ) -> Node:
        """The query of a page that begins at a place.

        Args:
            order: The order of the pages.
            filled: Which sort keys of the place have a value; None for the first place of all.
            backward: Whether the page ends at the place.
            inclusive: Whether a row at the very place comes with the page.
        """

        def make(shape: Shape) -> Shape:
            free = itertools.count(len(self.parameters))
            slots = None if filled is None else tuple(next(free) if there else None for there in filled)
            ordering = order.ordering
            return replace(
                shape,
                ordering=tuple(each.reversed() for each in ordering) if backward else ordering,
                reverse=False,
                limit=next(free),
                seek=Seek(slots, inclusive),
            )

        return self._mapper.nodes.move(self.node, ("seek", backward, filled, inclusive), make)

    # -- the order ----------------------------------------------------------------------------------

    def _total_order(self) -> tuple[Order, ...]:
        """The order of the query, with what tells equal rows apart behind it, where there is such a thing."""
        shape = self.node.shape
        ordering = shape.ordering
        if shape.reverse:
            ordering = tuple(order.reversed() for order in ordering)
        descending = ordering[-1].descending if ordering else shape.reverse
        named = [order.expression.name for order in ordering if isinstance(order.expression, Ref)]
        if self._unique_by(named):
            return ordering
        further = (name for name in self._identity() if name not in named)
        # The direction of the last key: an index gives its row ids in the direction in which it is read.
        return (*ordering, *(Order(Ref(name), descending) for name in further))

    def _identity(self) -> Sequence[str]:
        """The names by which no two rows are equal."""
        shape = self.node.shape
        if shape.compound is not None:
            # Rows that are equal in all of its columns are one, or cannot be told apart at all.
            return setops.names_of(self._mapper.registry.schema, shape.compound.parts[0])
        if shape.group is not None:
            return shape.group
        if shape.distinct and shape.style != "model":
            return self._names()
        return self._mapper.key_fields

    def _unique_by(self, names: Sequence[str]) -> bool:
        """Whether these sort keys alone tell the rows apart."""
        shape = self.node.shape
        if (
            shape.compound is not None
            or shape.group is not None
            or (shape.distinct and shape.style != "model")
        ):
            return False
        columns: set[str] = set()
        for name in names:
            target = self._resolve(name)
            if not target.hops and not target.transforms:
                columns.update(column.name for column in target.columns)
            elif (
                len(target.hops) == 1
                and target.relation is not None
                and target.relation.forward
                and not isinstance(target.relation, FilteredHop)
            ):
                columns.update(target.relation.columns)
        return any(key <= columns for key in _keys(self._mapper.table))

    def _width(self, order: Order) -> int:
        """How many columns a sort key has: several where it is a composite key."""
        if not isinstance(order.expression, Ref):
            return 1
        return max(1, len(self._resolve(order.expression.name).columns))


def _keys(table: Table) -> list[set[str]]:
    """The sets of columns by which no two rows of a table are equal."""
    required = {column.name: column for column in table.columns if not column.nullable}
    keys = [{column.name for column in key_columns(table)}]
    keys += [set(unique.columns) for unique in table.uniques]
    for index in table.indexes:
        if index.unique and index.where is None and index.columns is not None:
            alike = all(
                part.collation in (None, required[part.column].collation)
                for part in index.parts
                if part.column in required
            )
            keys += [set(index.columns)] if alike else []
    return [key for key in keys if key and (key == keys[0] or key <= required.keys())]


def _comparable(order: Order) -> Order:
    """The order of a search as one by a value that can be compared with others."""
    if order.expression != SearchCall("order"):
        return order
    return Order(SearchCall("rank"), not order.descending)


def _without_slots(node: object) -> object:
    """What an order is, apart from where in the query its values stand."""
    if isinstance(node, dict):
        parts = cast("dict[str, object]", node)
        return {name: _without_slots(part) for name, part in parts.items() if name not in ("slot", "slots")}
    if isinstance(node, (list, tuple)):
        return [_without_slots(part) for part in cast("Sequence[object]", node)]
    return node


def _at_least_one(number: object, name: Literal["page", "per_page"]) -> None:
    if type(number) is not int:
        raise UsageError(
            f"{name} is a whole number, not {type(number).__name__}", hint=f"write {name}=int(…)"
        )
    if number < 1:
        raise UsageError(f"{name} counts from 1", hint=f"the smallest {name} is 1")
