"""What the tests of queries in tables share."""

from __future__ import annotations

from typing import Any

from noormme.orm.table_query import TableQuery
from tests.orm.support import file

__all__ = ["after_from", "bound", "rows", "sql"]


def _as_on_sqlite(query: TableQuery) -> TableQuery:
    if query._schema.dialect == "sqlite":
        return query
    made = query._copy()
    made._runner = file().table("users")._runner
    return made


def sql(query: TableQuery) -> str:
    """The SQL of a query in one line, as it is on SQLite."""
    return " ".join(_as_on_sqlite(query).to_sql().statement.split())


def bound(query: TableQuery) -> tuple[object, ...]:
    """The parameters of that SQL."""
    return tuple(_as_on_sqlite(query).to_sql().parameters)


def after_from(query: TableQuery) -> str:
    """What stands in its SQL after the first FROM."""
    return sql(query).partition(" FROM ")[2]


def rows(query: Any) -> list[tuple[Any, ...]]:
    """Its rows as bare tuples."""
    return [tuple(row) for row in query]
