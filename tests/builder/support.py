"""What the tests of queries in tables share."""

from __future__ import annotations

from typing import Any

from noormme.orm.table_query import TableQuery

__all__ = ["after_from", "rows", "sql"]


def sql(query: TableQuery) -> str:
    """The SQL of a query in one line."""
    return " ".join(query.to_sql().statement.split())


def after_from(query: TableQuery) -> str:
    """What stands in its SQL after the first FROM."""
    return sql(query).partition(" FROM ")[2]


def rows(query: Any) -> list[tuple[Any, ...]]:
    """Its rows as bare tuples."""
    return [tuple(row) for row in query]
