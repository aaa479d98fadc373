"""What the tests of the orm share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from noormme import Database, QuerySet

__all__ = ["bound", "count_queries", "file", "ids", "sql", "where", "written_from"]

_files: list[Database] = []


def ids(rows: Iterable[Any]) -> list[Any]:
    """The keys of objects."""
    return [row.pk for row in rows]


def written_from(source: Database) -> None:
    """Say which file holds what the world of the test on a server holds.

    Args:
        source: The file, connected.
    """
    _files[:] = [source]


def file() -> Database:
    """That file: a test that asserts SQL asserts SQLite's, whatever it runs on."""
    return _files[0]


def _as_on_sqlite(query: QuerySet[Any]) -> QuerySet[Any]:
    return query if query._mapper.registry.schema.dialect == "sqlite" else query.using(file())


def sql(query: QuerySet[Any]) -> str:
    """The SQL of a query set in one line, as it is on SQLite."""
    return " ".join(_as_on_sqlite(query).sql().statement.split())


def bound(query: QuerySet[Any]) -> tuple[object, ...]:
    """The parameters of that SQL."""
    return tuple(_as_on_sqlite(query).sql().parameters)


def where(query: QuerySet[Any]) -> str:
    """What stands in its SQL after the select list."""
    return sql(query).partition(" FROM ")[2]


class count_queries:  # noqa: N801 - it reads as a statement
    """How many statements run inside: ``with count_queries(db) as counted: …; assert counted.number == 2``."""

    def __init__(self, db: Database) -> None:
        self._capture = db.capture()
        self.statements: list[Any] = []

    def __enter__(self) -> count_queries:
        self.statements = self._capture.__enter__()
        return self

    def __exit__(self, *exception: Any) -> None:
        self._capture.__exit__(*exception)

    @property
    def number(self) -> int:
        """How many there were so far."""
        return len(self.statements)
