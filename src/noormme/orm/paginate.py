"""``paginate``: a query in pages.

Invariant: a page is one statement. Its order is that of the query, with the key behind it where the order
alone does not tell the rows apart; so no row is on two pages and none is on no page.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any, Literal, TypeVar, cast, overload

import msgspec

from noormme.errors import InvalidQuery, UsageError
from noormme.orm.chain import MOST_ROWS
from noormme.orm.execution import Execution
from noormme.orm.paging import CursorPage, Looks, Page
from noormme.orm.peers import recycle
from noormme.query.cursor import Position, decode_cursor, encode_cursor, fingerprint_of
from noormme.query.nodes import Order, Ref, SearchCall
from noormme.query.resolve import FilteredHop, key_columns
from noormme.query.setops import names_of
from noormme.query.shape import Seek, Shape
from noormme.schema.model import Table

__all__ = ["PageOrder", "Pages"]

T = TypeVar("T")
replace = msgspec.structs.replace


class PageOrder(msgspec.Struct, frozen=True):
    """The order of pages by cursor.

    Attributes:
        ordering: The sort keys, which tell all rows apart.
        width: How many columns they have.
        fingerprint: What tells the order from others.
    """

    ordering: tuple[Order, ...]
    width: int
    fingerprint: bytes


class _Unset:
    """What tells ``after=None`` from nothing."""


_UNSET = _Unset()


class Pages(Execution[T]):
    """A query that can be read in pages."""

    __slots__ = ()

    def count(self) -> int:
        """How many rows there are."""
        raise NotImplementedError

    def _names(self) -> list[str]:
        """The names of the columns of a row."""
        raise NotImplementedError

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
        after: str | _Unset | None = _UNSET,
        before: str | _Unset | None = _UNSET,
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
            InvalidQuery: The order is random; or, with a cursor, rows cannot be told apart.

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
        if any(order.random for order in self.node.shape.ordering):
            raise InvalidQuery("rows in random order have no pages", hint="order by fields")
        if isinstance(after, _Unset) and isinstance(before, _Unset):
            return self._numbered(1 if page is None else page, per_page)
        if page is not None:
            raise UsageError("page and a cursor exclude each other", hint="leave page out")
        after = None if isinstance(after, _Unset) else after
        before = None if isinstance(before, _Unset) else before
        if after and before is not None:
            raise UsageError("after and before exclude each other", hint="give one of them")
        if before is None:
            return self._by_cursor(after or None, per_page, backward=False)
        return self._by_cursor(before or None, per_page, backward=True)

    # -- by number ----------------------------------------------------------------------------------

    def _numbered(self, number: int, per_page: int) -> Page[T]:
        _at_least_one(number, "page")
        shape = self.node.shape
        query: Pages[T] = self
        if not shape.sliced:
            node = self._mapper.nodes.move(
                self.node,
                "pages",
                lambda shape: replace(shape, ordering=self._total_order(), reverse=False),
            )
            query = self._derive(node, self.parameters)
        start = (number - 1) * per_page
        # One row more tells whether there is a next page.
        rows = query._sliced(start, start + per_page + 1)._rows_of_page()
        has_next = len(rows) > per_page
        del rows[per_page:]
        self._complete_page(rows)
        return Page(rows, number, per_page, has_next=has_next, count=self.count, looks=self._looks())

    def _looks(self) -> Looks:
        return Looks(self.table, self._names(), self.node.shape.style == "flat")

    def _rows_of_page(self) -> list[Any]:
        if self.node.shape.empty:
            return []
        recycle()
        return self._mapper.statement(self.node).fetch(self.parameters)

    def _complete_page(self, rows: list[Any]) -> None:
        if rows.__class__ is self._mapper.rows_class:
            self._complete(rows)

    # -- by cursor ----------------------------------------------------------------------------------

    def _by_cursor(self, cursor: str | None, per_page: int, *, backward: bool) -> CursorPage[T]:
        self._single_query("paginate by cursor")
        order = self._page_order()
        fingerprint = order.fingerprint
        position = None if cursor is None else decode_cursor(cursor, fingerprint, order.width)
        rows: Any = self._seek(order.ordering, position, per_page, backward=backward)
        keys: list[tuple[object, ...]] = rows.keys if rows else []
        more = len(rows) > per_page
        del rows[per_page:], keys[per_page:]
        if backward:
            rows.reverse()
            keys.reverse()
        self._complete_page(rows)
        ahead, behind = (position is not None, more) if backward else (more, position is not None)

        def edge(index: int) -> str:
            # Of an empty page both edges are the place where it was looked for.
            place = Position(keys[index]) if keys else Position(cast("Position", position).values, True)
            return encode_cursor(place, fingerprint)

        return CursorPage(
            rows,
            per_page,
            next=edge(-1) if ahead else None,
            previous=edge(0) if behind else None,
            looks=self._looks(),
        )

    def _page_order(self) -> PageOrder:
        """The order of the pages by cursor; found out once for each shape."""
        known = self.node.pages
        if known is not None:
            return known
        if self.node.shape.sliced:
            raise InvalidQuery("a cursor cannot part a slice", hint="paginate first, or use page=")
        if not self._identity():
            raise InvalidQuery(
                f"{self.table} has no key to tell its rows apart by",
                hint="use page=, or .values(…).distinct()",
            )
        ordering = tuple(map(_comparable, self._total_order()))
        fingerprint = fingerprint_of([self.table, _without_slots(msgspec.to_builtins(ordering))])
        found = self.node.pages = PageOrder(ordering, sum(map(self._width, ordering)), fingerprint)
        return found

    def _seek(
        self, ordering: tuple[Order, ...], position: Position | None, per_page: int, *, backward: bool
    ) -> Any:
        """The rows of a page and one more, nearest to the place first, with their sort keys."""
        values = () if position is None else position.values
        filled = None if position is None else tuple(value is not None for value in values)
        inclusive = position is not None and position.inclusive

        def make(shape: Shape) -> Shape:
            free = itertools.count(len(self.parameters))
            slots = None if filled is None else tuple(next(free) if there else None for there in filled)
            return replace(
                shape,
                ordering=tuple(order.reversed() for order in ordering) if backward else ordering,
                reverse=False,
                limit=next(free),
                seek=Seek(slots, inclusive),
            )

        node = self._mapper.nodes.move(self.node, ("seek", backward, filled, inclusive), make)
        bound = (value for value in values if value is not None)
        query: Pages[T] = self._derive(node, (*self.parameters, *bound, min(per_page + 1, MOST_ROWS)))
        return query._rows_of_page()

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
            return names_of(self._mapper.registry.schema, shape.compound.parts[0])
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
