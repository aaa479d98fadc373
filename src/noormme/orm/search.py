"""``search``: a query by the words of its rows.

Invariant: nothing here touches the database. The text is a value like any other: searches for different texts
share one plan.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import msgspec

from noormme.errors import InvalidQuery, InvalidValue, NotSupported, UsageError, did_you_mean
from noormme.orm.first_use import first_use
from noormme.orm.paginate import Pages
from noormme.query.nodes import Order, Param, SearchCall
from noormme.query.shape import Search, Shape
from noormme.schema.search_index import SearchIndex

if TYPE_CHECKING:
    from noormme.orm.queryset import QuerySet

__all__ = ["Searches"]

T = TypeVar("T")

_LONGEST_TEXT = 20_000
"""In characters. The index takes time for the square of the words and cannot be interrupted in it: a text of
a million characters would hold its thread for minutes."""


class Searches(Pages[T]):
    """A query that can be searched."""

    __slots__ = ()

    def search(self, text: str, *, index: str | None = None) -> QuerySet[T]:
        """Only rows in which the words are found, those that fit best first.

        All words must be there, in any order. ``"quick fox"`` in double quotes is a phrase, ``qui*`` is the
        beginning of a word, ``-slow`` is a word that must not be there. No text is an error, and a text
        without words finds nothing. The order gives way to that of ``order_by``.

        Args:
            text: What a user typed.
            index: The exact name of the full-text index, where the table has several.

        Raises:
            NotSupported: The table has no full-text index; the hint has the SQL that makes one.
            UsageError: There is no such index, or there are several and none is named.
            InvalidValue: The text is none, or has more than 20,000 characters.
            InvalidQuery: A slice was taken before, or the query is searched already.

        Example:
            ``db.docs.search("quick brown").filter(owner="ann")[:10]``.
        """
        if not isinstance(text, str):
            raise InvalidValue(f"search takes a text, not {type(text).__name__}")
        if len(text) > _LONGEST_TEXT:
            raise InvalidValue(
                f"a text to search for has at most {_LONGEST_TEXT} characters", hint="search for fewer words"
            )
        self._unsliced("search")
        self._single_query("search")

        def make(shape: Shape) -> Shape:
            if any(isinstance(step, Search) for step in shape.steps):
                raise InvalidQuery(
                    f"this query of {self.table} is searched already", hint="put all words into one text"
                )
            step = Search(self._search_index(index).name, Param(len(self.parameters)))
            ordering = shape.ordering or (Order(SearchCall("order")),)
            return msgspec.structs.replace(shape, steps=(*shape.steps, step), ordering=ordering)

        node = self._mapper.nodes.move(self.node, ("search", index), make)
        return self._derive(node, (*self.parameters, text))

    def _search_index(self, name: str | None) -> SearchIndex:
        """The index to search."""
        indexes = self._mapper.registry.schema.search_indexes_of(self.table)
        names = [each.name for each in indexes]
        if not indexes:
            with first_use("query sets"):
                advice = self._mapper.registry.engine.dialect.expressions.search_advice(self._mapper.table)
            raise NotSupported(f"{self.table} has no full-text index", hint=advice)
        if name is None and len(indexes) > 1:
            raise UsageError(
                f"{self.table} has several full-text indexes",
                hint=f"name one: index='{names[0]}' ({', '.join(names)})",
            )
        found = next((each for each in indexes if name in (None, each.name)), None)
        if found is None:
            raise UsageError(
                f"{self.table} has no full-text index '{name}'",
                hint=did_you_mean(str(name), names) or f"there are: {', '.join(names)}",
            )
        if found.detail != "full" and found.tokenizer.startswith("trigram"):
            raise NotSupported(
                f"{found.name} cannot find words longer than three letters", hint="make it with detail='full'"
            )
        return found
