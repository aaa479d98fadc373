"""How a query runs: when its rows are needed, and at most once.

Invariant: rows that were loaded are kept and never loaded again; a stream keeps none.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from noormme.deferred import deferred
from noormme.engines.budget import checked_limit
from noormme.orm.loading import set_loading
from noormme.orm.raw import RawQueries
from noormme.orm.reading import Reading, chunk_rows
from noormme.orm.sqltext import SQLText
from noormme.orm.steps import run

if TYPE_CHECKING:
    from noormme.orm import prefetch as prefetching
    from noormme.orm.queryset import QuerySet
    from noormme.orm.statement import Statement
else:
    prefetching = deferred("noormme.orm.prefetch")

__all__ = ["Execution"]

T = TypeVar("T")


class Execution(RawQueries[T]):
    """A query that can run, and the rows that it gave."""

    __slots__ = ()

    def _fetch(self) -> list[T]:
        rows = self._rows
        if rows is None:
            rows = self._load()
            self._remember(rows)
        return rows

    def _remember(self, rows: list[T]) -> None:
        self._rows = rows

    def _load(self) -> list[T]:
        node = self.node
        if self._source is not None and not self.prefetches:
            return self._source.rows()
        if node.shape.empty:
            return []
        mapper = self._mapper
        rows = (node.rows or mapper.statement(node)).fetch(self.parameters)
        if rows.__class__ is mapper.rows_class:
            self._complete(rows)
        return rows

    def _complete(self, rows: Any) -> None:
        """What follows the loading of objects: they become peers, and what was asked for is prefetched."""
        mapper = self._mapper
        mapper.peers.register(rows)
        if self.prefetches:
            with mapper.registry.engine.reading_from(mapper.role):
                run(prefetching.run_prefetches(mapper, rows, self.prefetches))
        if self._mode is not None:
            set_loading(rows, self._mode)

    def restore(self, rows: list[T]) -> None:
        """Take rows that were loaded elsewhere (unpickling)."""
        if self.gives_objects:
            loaded = self._mapper.rows_class(rows)
            self._mapper.peers.register(loaded)
            self._rows = loaded
        else:
            self._rows = rows

    def _loaded(self) -> list[T] | None:
        """The rows, where they are here already."""
        if self._rows is not None or self._source is None:
            return self._rows
        return self._source.loaded()

    def iterator(self, chunk_size: int | None = None) -> Iterator[T]:
        """The rows one after the other, in bounded memory, without keeping them.

        Args:
            chunk_size: How many rows are in memory at a time; prefetches run once for each chunk.

        Raises:
            UsageError: ``chunk_size`` is not positive.
        """
        size = chunk_rows(chunk_size, self._mapper.registry.settings.iterator_chunk_rows)
        return self._reading().rows(size)

    def _reading(self) -> Reading[T]:
        mapper = self._mapper
        complete = self._complete if self.gives_objects else None
        return Reading(mapper.registry.engine, self._chunks, complete, mapper.peers.settle)

    def _chunks(self, size: int) -> Generator[list[T], None, None]:
        if not self.node.shape.empty:
            yield from self._mapper.statement(self.node).stream(self.parameters, size)

    def timeout(self, seconds: float) -> QuerySet[T]:
        """The same query with a time limit for each of its statements; nothing runs.

        It comes before the setting ``timeout_s``. Queries that are made of this one have it too; what is
        prefetched, and what objects load later, has not.

        Args:
            seconds: How long the database may work on a statement, in seconds.

        Returns:
            A query set whose methods raise ``QueryTimeout`` when the time is over.

        Raises:
            UsageError: It is no number above zero.

        Example:
            ``db.users.filter(bio__icontains="sql").timeout(2.0).count()``
        """
        mapper = self._mapper.limited(checked_limit(seconds, "timeout"))
        made = self._derive(mapper.nodes.node(self.node.shape), self.parameters)
        made._mapper = mapper
        return made

    def sql(self) -> SQLText:
        """The SQL and its parameters, without running it.

        Returns:
            A string that prints both; ``.statement`` and ``.parameters`` have them apart.
        """
        statement = self._statement()
        return SQLText(statement.plan.sql, statement.plan.shown(self.parameters))

    def explain(self) -> str:
        """How the database would run it: its plan, as text. Touches the database."""
        return self._statement().explain(self.parameters)

    def _statement(self) -> Statement:
        return self._mapper.statement(self.node)
