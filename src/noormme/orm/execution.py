"""How a query runs: when its rows are needed, and at most once.

Invariant: rows that were loaded are kept and never loaded again; a stream keeps none.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from noormme.errors import UsageError
from noormme.orm.loading import set_loading
from noormme.orm.prefetch import run_prefetches
from noormme.orm.raw import RawQueries
from noormme.orm.sqltext import SQLText
from noormme.orm.steps import run

if TYPE_CHECKING:
    from noormme.orm.statement import Statement

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
            run(run_prefetches(mapper, rows, self.prefetches))
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
        size = self._mapper.registry.settings.iterator_chunk_rows if chunk_size is None else chunk_size
        if type(size) is not int or size < 1:
            raise UsageError(
                "chunk_size must be a whole number from 1 on", hint="leave it out for the usual size"
            )
        return self._stream(size)

    def _stream(self, size: int) -> Iterator[T]:
        if self.node.shape.empty:
            return
        mapper = self._mapper
        chunks = mapper.statement(self.node).stream(self.parameters, size)
        while (chunk := next(chunks, None)) is not None:
            if self.gives_objects:
                self._complete(chunk)
            yield from chunk
            # Two chunks are never in memory at once, unless their objects are in use.
            del chunk
            mapper.peers.settle()

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
