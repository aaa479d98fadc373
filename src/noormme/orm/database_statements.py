"""What a database runs besides the queries of models: SQL text, SQLAlchemy Core, queries in tables.

Invariant: a statement is run by the ``Runner``, for coroutines as for everybody else; nothing is decided here
but on which thread.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from noormme.deferred import deferred
from noormme.orm.core import CoreTables
from noormme.orm.runner import Runner

if TYPE_CHECKING:
    from sqlalchemy import Executable

    from noormme.orm import table_query as table_queries
    from noormme.orm.aio import running
    from noormme.orm.aio import writing as aio_writing
    from noormme.orm.registry import Registry
    from noormme.orm.table_query import TableQuery
    from noormme.query.builder.base import Aliased
    from noormme.query.rows import Row
else:
    aio_writing = deferred("noormme.orm.aio.writing")
    table_queries = deferred("noormme.orm.table_query")
    running = deferred("noormme.orm.aio.running")

__all__ = ["DatabaseStatements"]


class DatabaseStatements:
    """The part of a ``Database`` that runs statements."""

    _registry: Registry
    _runner: Runner

    def table(self, source: str | Aliased) -> TableQuery:
        """A query in tables, for those who think in SQL: ``db.table("users").where("age", ">", 18).all()``.

        Args:
            source: The first table, by exact name or manager name (``"users"``, ``"users as u"``), or a query
                with a name (``query.as_("u")``).

        Raises:
            TableNotFound: There is none of that name.
        """
        return table_queries.TableQuery(self._runner, source)

    @property
    def core(self) -> CoreTables:
        """The tables as SQLAlchemy Core has them: ``db.core.users``, for what ``execute`` takes."""
        return self._runner.core

    def execute(
        self,
        statement: str | Executable,
        parameters: Sequence[object] | Mapping[str, object] | None = None,
        *,
        timeout_s: float | None = None,
    ) -> list[Row]:
        """Run SQL text or a statement of SQLAlchemy Core, and give all of its rows.

        A statement that writes commits by itself, unless a transaction is open.

        Args:
            statement: One statement.
            parameters: The values of its parameters: in order for ``?``, by name for ``:name``.
            timeout_s: How long it may take, in seconds; it comes before the setting of that name.

        Returns:
            The rows as tuples with names; each value is read as the table column that it comes from.

        Raises:
            UsageError: There is no statement or there are several, or the parameters do not fit.
            QueryFailed: The database refused it.
            IntegrityError: A constraint refused what it writes.
            ReadOnly: It writes, and the database was opened with ``readonly=True``.
            QueryTimeout: It took longer than ``timeout_s``.

        Example:
            ``db.execute("select * from users where id = ?", [1])``
        """
        return self._runner.execute(statement, parameters, timeout_s)

    def execute_many(
        self,
        statement: str | Executable,
        rows: Iterable[Sequence[object] | Mapping[str, object]],
    ) -> int:
        """Run SQL text or a statement of SQLAlchemy Core that writes, once for each of many parameters.

        All of them are one transaction: an error undoes every one. Rows that the statement gives back are not
        kept.

        Args:
            statement: One statement that writes.
            rows: The values of its parameters for each run, as ``execute`` takes them.

        Returns:
            How many rows were inserted, changed or deleted.

        Raises:
            UsageError: It writes nothing, or the parameters do not fit.
            IntegrityError: A constraint refused one of them; none is written.
            ReadOnly: The database was opened with ``readonly=True``.

        Example:
            ``db.execute_many("insert into tags (name) values (?)", [["sql"], ["python"]])``
        """
        return self._runner.execute_many(statement, rows)

    async def aexecute(
        self,
        statement: str | Executable,
        parameters: Sequence[object] | Mapping[str, object] | None = None,
        *,
        timeout_s: float | None = None,
    ) -> list[Row]:
        """As ``execute()``, awaited."""
        runner, given = self._runner, (statement, parameters, timeout_s)
        if await running.on_loop(self._registry.engine, runner.writes, (statement,)):
            return await aio_writing.write(self._registry.engine, runner.execute, given, open_end=True)
        return await running.on_loop(self._registry.engine, runner.execute, given)

    async def aexecute_many(
        self,
        statement: str | Executable,
        rows: Iterable[Sequence[object] | Mapping[str, object]],
    ) -> int:
        """As ``execute_many()``, awaited."""
        every = list(rows)
        call = self._runner.execute_many
        return await aio_writing.write(
            self._registry.engine, call, (statement, every), long=len(every) > aio_writing.MANY
        )
