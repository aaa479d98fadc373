"""What a line of the table of the language is.

Invariant: an entry says everything about one query: what part of the language it is about, the query with one
value left open, its SQL, and what it gives for two values.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from noormme import Database, Model, QuerySet

__all__ = ["Entry", "computed", "found", "plain"]


class Entry(NamedTuple):
    """One query of the table.

    Attributes:
        about: The names of the surface that it shows: ``"lookup exact"``; several are parted by commas.
        ask: The query, of a database and a value.
        sql: All statements that it runs, in one line; ``…`` stands for all columns of a table.
        first: A value and what the query gives for it.
        second: Another value, and what the same query gives for that one.
    """

    about: str
    ask: Callable[[Database, Any], Any]
    sql: str
    first: tuple[Any, Any]
    second: tuple[Any, Any]


def found(query: QuerySet[Any]) -> QuerySet[Any]:
    """The keys of the rows that a query finds, sorted."""
    return query.order_by("id").values_list("id", flat=True)


def computed(query: QuerySet[Any], expression: Any) -> QuerySet[Any]:
    """What an expression gives for each row of a query, in the order of the keys."""
    return query.annotate(x=expression).order_by("id").values_list("x", flat=True)


def plain(answer: object) -> object:
    """An answer in a form that a table can hold: lists for query sets, keys for objects."""
    if isinstance(answer, QuerySet):
        return [plain(row) for row in answer]
    if isinstance(answer, Model):
        return answer.pk
    if isinstance(answer, dict):
        return {key: plain(value) for key, value in answer.items()}
    if isinstance(answer, list):
        return [plain(value) for value in answer]
    return answer
