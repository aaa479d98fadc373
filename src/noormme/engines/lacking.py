"""What a database does not have, said by name: parts of an ``Expressions`` for engines that lack something.

Invariant: each method raises ``NotSupported`` with what to do instead, and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from noormme.errors import NotSupported
from noormme.query.plan import Encode
from noormme.schema.model import Table
from noormme.schema.search_index import SearchIndex

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, FromClause

__all__ = ["ONLY_SQLITE", "WithoutArrays", "WithoutSearch"]

ONLY_SQLITE = {
    "glob": "write like, or regexp",
    "match": "write a query set and search()",
    "total": "write fn.coalesce(fn.sum(…), 0)",
    "datetime": "select the column, or write a query set with Cast",
    "strftime": "select the column and write it in Python, or write a query set with Extract",
}
"""The functions and operators of queries in tables that no server has, and what to write instead."""


class WithoutArrays:
    """For a database none of whose columns hold arrays.

    Attributes:
        product: What the database is called in messages.
    """

    product: str

    def array_lookup(
        self, lookup: str, left: ColumnElement[Any], right: ColumnElement[Any]
    ) -> ColumnElement[bool]:
        """No column holds arrays."""
        raise self._no_arrays()

    def element(self, array: ColumnElement[Any], start: int, end: int | None) -> ColumnElement[Any]:
        """No column holds arrays."""
        raise self._no_arrays()

    def _no_arrays(self) -> NotSupported:
        return NotSupported(f"{self.product} has no arrays", hint="keep a list in a column of JSON")


class WithoutSearch:
    """For a database whose full-text indexes are not discovered.

    Attributes:
        product: What the database is called in messages.
        search_in_sql: How a search is written in SQL.
    """

    product: str
    search_in_sql: str

    def search_text(self, index: SearchIndex) -> Encode:
        """Discovery finds no full-text index here."""
        raise self._no_search()

    def search_advice(self, table: Table) -> str:
        """What to do instead of a search.

        Args:
            table: The table.
        """
        return self.search_in_sql

    def matches(
        self, table: FromClause, index: SearchIndex, expression: ColumnElement[Any]
    ) -> ColumnElement[bool]:
        """Discovery finds no full-text index here."""
        raise self._no_search()

    def search_value(
        self,
        function: str,
        table: FromClause,
        index: SearchIndex,
        position: int | None,
        arguments: Sequence[ColumnElement[Any]],
        wanted: Callable[[], ColumnElement[Any]],
    ) -> ColumnElement[Any]:
        """Discovery finds no full-text index here."""
        raise self._no_search()

    def _no_search(self) -> NotSupported:
        return NotSupported(f"full-text search is not there for {self.product} yet", hint=self.search_in_sql)
