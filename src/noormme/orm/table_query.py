"""Queries in tables that can run: ``db.table("projects").where("status", "=", "review").all()``.

Invariant: a query keeps no rows; each call that asks for some runs a statement, and says so.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Generator, Iterator
from typing import Any, NoReturn, Self

from noormme.errors import DoesNotExist, MultipleObjectsReturned, NotSupported
from noormme.orm.aio.running import each, on_loop
from noormme.orm.reading import Reading, chunk_rows
from noormme.orm.runner import Runner
from noormme.orm.sqltext import SQLText
from noormme.orm.statement import Statement
from noormme.query.builder.base import Aliased
from noormme.query.builder.chain import Chain
from noormme.query.builder.nodes import Mode
from noormme.query.rows import Row

__all__ = ["TableQuery"]


class TableQuery(Chain):
    """A query in tables, in SQL's own words. It never changes: every call gives a new one.

    Args:
        runner: What runs it.
        source: The first table: ``"users"``, ``"users as u"``, or a query with a name (``query.as_("u")``).

    Raises:
        TableNotFound: There is no such table.
    """

    __slots__ = ("_runner",)

    def __init__(self, runner: Runner, source: str | Aliased) -> None:
        self._runner = runner
        super().__init__(runner.registry.schema, source, runner.registry.table_not_found)

    @property
    def home(self) -> object:
        """What the queries of one database have in common; it outlives ``db.refresh()``."""
        return self._runner.registry.engine

    def all(self) -> list[Row]:
        """All rows, as tuples with names. Runs the query.

        Raises:
            DatabaseError: The database refused.
        """
        return self._statement().fetch(self.values)

    def __iter__(self) -> Iterator[Row]:
        return iter(self.all())

    def first(self) -> Row | None:
        """The first row, or None. Runs the query."""
        return next(iter(self._at_most(1).all()), None)

    def one(self) -> Row:
        """The only row. Runs the query.

        Raises:
            DoesNotExist: There is none.
            MultipleObjectsReturned: There are several.
        """
        rows = self._at_most(2).all()
        if not rows:
            raise DoesNotExist("the query gives no row", hint="use first() where there may be none")
        if len(rows) > 1:
            raise MultipleObjectsReturned("the query gives several rows", hint="use first() or all()")
        return rows[0]

    def scalar(self) -> Any:
        """The first value of the first row, or None where there is no row. Runs the query."""
        row = self.first()
        return None if row is None else row[0]

    def count(self) -> int:
        """How many rows the query gives. Runs a query of its own."""
        count: int = self._statement("count").scalar(self.values)
        return count

    def exists(self) -> bool:
        """Whether the query gives any row. Runs a query of its own."""
        return bool(self._statement("exists").fetch(self.values))

    def iterator(self, chunk_size: int = 2000) -> Iterator[Row]:
        """The rows one after the other, in bounded memory. Runs the query.

        Args:
            chunk_size: How many rows are in memory at a time.
        """
        return self._reading().rows(chunk_rows(chunk_size, chunk_size))

    def _reading(self) -> Reading[Row]:
        statement, values = self._statement(), self.values
        return Reading(
            self._runner.registry.engine,
            lambda size: statement.stream(values, size),
        )

    # -- for coroutines -----------------------------------------------------------------------------

    async def aall(self) -> list[Row]:
        """As ``all()``, awaited."""
        return await on_loop(self._runner.registry.engine, self.all)

    def __await__(self) -> Generator[Any, None, list[Row]]:
        """All rows, as ``all()`` gives them."""
        return self.aall().__await__()

    def __aiter__(self) -> AsyncIterator[Row]:
        """The rows one after the other, as ``aiterator()`` gives them."""
        return self.aiterator()

    async def afirst(self) -> Row | None:
        """As ``first()``, awaited."""
        return await on_loop(self._runner.registry.engine, self.first)

    async def aone(self) -> Row:
        """As ``one()``, awaited."""
        return await on_loop(self._runner.registry.engine, self.one)

    async def ascalar(self) -> Any:
        """As ``scalar()``, awaited."""
        return await on_loop(self._runner.registry.engine, self.scalar)

    async def acount(self) -> int:
        """As ``count()``, awaited."""
        return await on_loop(self._runner.registry.engine, self.count)

    async def aexists(self) -> bool:
        """As ``exists()``, awaited."""
        return await on_loop(self._runner.registry.engine, self.exists)

    def aiterator(self, chunk_size: int = 2000) -> AsyncGenerator[Row, None]:
        """As ``iterator()``, for ``async for``."""
        return each(self._reading(), chunk_rows(chunk_size, chunk_size))

    async def aexplain(self) -> str:
        """As ``explain()``, awaited."""
        return await on_loop(self._runner.registry.engine, self.explain)

    # -- what it is ---------------------------------------------------------------------------------

    def to_sql(self) -> SQLText:
        """The SQL and its parameters, without running it.

        Returns:
            A string that prints both; ``.statement`` and ``.parameters`` have them apart.
        """
        plan = self._statement().plan
        return SQLText(plan.sql, plan.shown(self.values))

    def explain(self) -> str:
        """How the database would run it: its plan, as text. Touches the database."""
        return self._statement().explain(self.values)

    def __repr__(self) -> str:
        return f"<TableQuery\n{self.to_sql()}\n>"

    def __copy__(self) -> Self:
        # It never changes, so it is its own copy.
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __reduce__(self) -> NoReturn:
        raise NotSupported("a query in tables cannot be pickled", hint="pickle its rows: query.all()")

    def _statement(self, mode: Mode = "rows") -> Statement:
        return self._runner.statement(self.node, mode, len(self.values))

    def _at_most(self, count: int) -> TableQuery:
        return self.limit(count) if self.node.limit is None else self
