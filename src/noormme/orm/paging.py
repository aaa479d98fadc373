"""Pages of a query: by number, and by cursor.

Invariant: a page holds its rows, which never change; the number of all rows is asked for at most once, and
only when somebody wants to know.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Generic, NamedTuple, Protocol, TypeVar, overload

from noormme.orm.display import html_table, text_table
from noormme.query.cursor import Edge, Position, encode_cursor

__all__ = ["CursorPage", "Looks", "Page"]

T = TypeVar("T")


class Looks(NamedTuple):
    """What is needed to show rows.

    Attributes:
        table: The table that they are of.
        names: The names of their columns.
        flat: Whether they are bare values.
    """

    table: str
    names: Sequence[str]
    flat: bool


class _Rows(Sequence[T]):
    """Rows that were read, shown as a table.

    Attributes:
        items: The rows.
        per_page: How many rows a page has at most.
    """

    __slots__ = ("_looks", "items", "per_page")

    def __init__(self, items: list[T], per_page: int, looks: Looks) -> None:
        self.items = items
        self.per_page = per_page
        self._looks = looks

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[T]:
        return iter(self.items)

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> list[T]: ...
    def __getitem__(self, index: int | slice) -> T | list[T]:
        return self.items[index]

    def __repr__(self) -> str:
        looks = self._looks
        return text_table(self._title, self._cells(), looks.names, more=False, kind=type(self).__name__)

    def _repr_html_(self) -> str:
        return html_table(self._title, self._cells(), self._looks.names, more=False)

    def _cells(self) -> Sequence[object]:
        return [(item,) for item in self.items] if self._looks.flat else self.items

    @property
    def _title(self) -> str:
        return self._looks.table


class Countable(Protocol):
    """The query that a page is of."""

    def count(self) -> int:
        """How many rows it has."""
        ...

    async def acount(self) -> int:
        """The same, awaited."""
        ...

    def recipe(self) -> tuple[Callable[..., Countable], tuple[Any, ...]]:
        """What makes it again, without its rows."""
        ...


class Page(_Rows[T], Generic[T]):
    """One page of a query, by its number; iterate over it, index it, or take ``items``.

    Attributes:
        items: The rows.
        number: Which page it is, from 1.
        per_page: How many rows a page has at most.
        has_next: Whether there are rows behind it.
    """

    __slots__ = ("_query", "_total", "has_next", "number")

    def __init__(
        self,
        items: list[T],
        number: int,
        per_page: int,
        *,
        has_next: bool,
        query: Countable,
        looks: Looks,
    ) -> None:
        super().__init__(items, per_page, looks)
        self.number = number
        self.has_next = has_next
        self._query = query
        self._total: int | None = None
        if not has_next and (items or number == 1):
            # The last page tells how many rows there are.
            self._total = (number - 1) * per_page + len(items)

    @property
    def total(self) -> int:
        """How many rows the query has. The first use counts them, unless this is the last page."""
        if self._total is None:
            self._total = self._query.count()
        return self._total

    @property
    def pages(self) -> int:
        """How many pages there are: at least one, which may be empty. Counts the rows, as ``total`` does."""
        return max(1, -(-self.total // self.per_page))

    async def atotal(self) -> int:
        """As ``total``, awaited."""
        if self._total is None:
            self._total = await self._query.acount()
        return self._total

    async def apages(self) -> int:
        """As ``pages``, awaited."""
        await self.atotal()
        return self.pages

    @property
    def has_previous(self) -> bool:
        """Whether there is a page before it."""
        return self.number > 1

    @property
    def next_number(self) -> int | None:
        """The number of the next page, or None."""
        return self.number + 1 if self.has_next else None

    @property
    def previous_number(self) -> int | None:
        """The number of the page before, or None. From behind the end it is the last page, which counts."""
        if self.number == 1:
            return None
        return self.number - 1 if self.items else min(self.number - 1, self.pages)

    def __reduce__(self) -> tuple[Any, ...]:
        # The query is pickled as a question: its other rows are none of this page's.
        page = (self.items, self.number, self.per_page, self.has_next, self._looks, self._total)
        return (Page._restored, (*page, *self._query.recipe()))

    @staticmethod
    def _restored(
        items: list[Any],
        number: int,
        per_page: int,
        has_next: bool,
        looks: Looks,
        total: int | None,
        restore: Callable[..., Countable],
        query: tuple[Any, ...],
    ) -> Page[Any]:
        """Make a pickled one again."""
        page = Page(items, number, per_page, has_next=has_next, query=restore(*query, None), looks=looks)
        page._total = total
        return page

    @property
    def _title(self) -> str:
        return f"{self._looks.table}, page {self.number}"


class CursorPage(_Rows[T], Generic[T]):
    """One page of a query, found by a cursor; iterate over it, index it, or take ``items``.

    Attributes:
        items: The rows.
        per_page: How many rows a page has at most.
    """

    __slots__ = ("_fingerprint", "_next", "_previous")

    def __init__(
        self,
        items: list[T],
        per_page: int,
        *,
        next: Edge | Position | None,
        previous: Edge | Position | None,
        fingerprint: bytes,
        looks: Looks,
    ) -> None:
        self.items = items
        self.per_page = per_page
        self._looks = looks
        self._next = next
        self._previous = previous
        self._fingerprint = fingerprint

    @property
    def next(self) -> str | None:
        """The cursor for ``after=`` that gives the next page; None where there are no rows behind it.

        Raises:
            InvalidQuery: A sort key of its last row holds a value that no cursor can carry.
        """
        return self._cursor(self._next)

    @property
    def previous(self) -> str | None:
        """The cursor for ``before=`` that gives the page before; None where this is the first one.

        Raises:
            InvalidQuery: A sort key of its first row holds a value that no cursor can carry.
        """
        return self._cursor(self._previous)

    def _cursor(self, place: Edge | Position | None) -> str | None:
        if place is None:
            return None
        return encode_cursor(place.position if isinstance(place, Edge) else place, self._fingerprint)

    @property
    def has_next(self) -> bool:
        """Whether there are rows behind it."""
        return self._next is not None

    @property
    def has_previous(self) -> bool:
        """Whether there are rows before it; a page that was reached with ``after`` is taken to have some."""
        return self._previous is not None
