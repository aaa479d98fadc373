"""One connection to SQL Server; an ``engines.server.link.Link``.

Invariant: a statement of a transaction never runs outside of it: where the server has ended the transaction
by itself, nothing but ROLLBACK is taken any more. What pymssql raises leaves as an error of noormme's.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import islice
from threading import RLock
from time import monotonic, perf_counter
from typing import Any

import pymssql

from noormme.engines.base import Done, Named, Row
from noormme.engines.budget import NEVER, THREAD, out_of_time
from noormme.engines.server.mssql.batches import batch, counting, without_parameters
from noormme.engines.server.mssql.bulk import insert_many
from noormme.engines.server.mssql.faults import statement_error
from noormme.engines.server.mssql.limits import TimeOver, limited
from noormme.engines.server.mssql.values import json_rows
from noormme.errors import ConnectionFailed, QueryTimeout, TransactionError
from noormme.schema.model import Column, Schema, Table

__all__ = ["SQLServerLink"]

_STREAMED_ROWS = 1_000
"""How many rows of a stream are asked for at a time."""

_SOON_S = 10.0
"""How long a question of noormme's own may take, in seconds."""

_INSERTED_ROWS = 1_000
"""How many rows go to the server in one INSERT."""


class SQLServerLink:
    """One connection.

    Args:
        raw: pymssql's connection, on which each statement commits by itself.
        report: Told of every statement that runs.
        schema: Gives the schema, to name the columns of a constraint.
        limit_s: The time limit of every statement, in seconds; None for none.

    Attributes:
        raw: The same.
        idle_since: Since when nobody uses it, in seconds of ``time.monotonic``.
        changed: How many rows the last statement inserted, changed or deleted.
        names: What the columns of the last statement's rows are called; None where it gave none.
    """

    __slots__ = (
        "_gone",
        "_inside",
        "_limit_s",
        "_lock",
        "_lost",
        "_report",
        "_schema",
        "_streams",
        "changed",
        "idle_since",
        "names",
        "raw",
    )

    def __init__(
        self,
        raw: Any,
        report: Callable[[str, Sequence[object]], None],
        schema: Callable[[], Schema],
        limit_s: float | None,
    ) -> None:
        self.raw = raw
        self.idle_since = monotonic()
        self.changed = 0
        self.names: tuple[str, ...] | None = None
        self._report = report
        self._schema = schema
        self._limit_s = limit_s
        self._gone = False
        self._inside = False
        self._lost = False
        # Threads that share a transaction: one may loop over a stream while another one asks.
        self._lock = RLock()
        self._streams: list[_Stream] = []

    @property
    def broken(self) -> bool:
        """Whether the server or the network has ended it, or left a transaction open."""
        return self._gone or self._inside

    def still_there(self) -> bool:
        """Whether the server answers; the driver does not say it otherwise."""
        try:
            self._ask("SELECT 1")
        except (pymssql.Error, TimeOver):
            return False
        return True

    # -- statements ---------------------------------------------------------------------------------

    def run(self, sql: str, parameters: Sequence[object] = ()) -> list[Row]:
        """Run one statement and give its rows.

        Args:
            sql: The statement, with ``@P1`` and so on for its parameters.
            parameters: Its parameters, encoded.

        Raises:
            DatabaseError: SQL Server refused.
            TransactionError: The server has ended the transaction that this is a part of.
        """
        self._report(sql, parameters)
        with_count = counting(sql)
        with self._lock:
            self._check()
            try:
                text, values = batch(with_count or sql, parameters)
                with limited(self._left_s()):
                    cursor = self._cursor()
                    cursor.execute(text, values)
                self.names, rows = _last_rows(cursor)
            except Exception as error:
                raise self._error(error) from error
            if with_count is None:
                self.changed = len(rows)
                return rows
            self.changed = int(rows[0][0]) if rows else 0
            return []

    def control(self, sql: str) -> None:
        """Begin, end or mark a transaction; nobody is told of it.

        Args:
            sql: BEGIN, COMMIT, ROLLBACK or a statement about a savepoint, in the words of the standard.

        Raises:
            DatabaseError: SQL Server refused.
            TransactionError: COMMIT of a transaction that the server has ended.
        """
        ends = sql in ("COMMIT", "ROLLBACK")
        text = _spoken(sql)
        with self._lock:
            if not ends or sql == "COMMIT":
                self._check()
            if not text:
                return
            try:
                self._cursor().execute(text)
            except Exception as error:
                raise self._error(error) from error
            if ends:
                self._inside = self._lost = False
            elif text == "BEGIN TRANSACTION":
                self._inside = True

    def run_many(self, sql: str, rows: Iterator[Sequence[object]]) -> None:
        """Run one statement for each row of parameters.

        Args:
            sql: The statement, which gives no rows.
            rows: The parameters, encoded.

        Raises:
            DatabaseError: SQL Server refused one of them.
        """
        for parameters in rows:
            self.run(sql, parameters)

    def run_each(self, sql: str, rows: Iterator[Sequence[object]]) -> list[Done]:
        """Run one statement for each row of parameters, and give what each run did.

        Args:
            sql: The statement.
            rows: The parameters, encoded.

        Returns:
            For each run its rows, how many it changed, and 0: numbers come back with the rows.

        Raises:
            DatabaseError: SQL Server refused one of them.
        """
        return [(self.run(sql, parameters), self.changed, 0) for parameters in rows]

    def insert_rows(self, table: Table, columns: Sequence[Column], rows: Iterator[Sequence[object]]) -> None:
        """Insert many rows, a thousand of them in one statement and as one parameter.

        Args:
            table: The table.
            columns: The columns that are given.
            rows: Their values, encoded.

        Raises:
            DatabaseError: SQL Server refused one of them.
        """
        sql = insert_many(table, columns)
        while chunk := list(islice(rows, _INSERTED_ROWS)):
            self.run(sql, (json_rows(chunk, [None] * len(columns)),))

    def reserve(self, table: Table, column: Column, count: int) -> Sequence[Any] | None:
        """Nothing: only an INSERT can say what an identity column gives.

        Args:
            table: The table.
            column: A column of its key.
            count: For how many rows.
        """
        return None

    @property
    def last_key(self) -> int:
        """Always 0: SQL Server gives numbers back with the rows that have them."""
        return 0

    @contextmanager
    def tolerant(self) -> Generator[None, None, None]:
        """A block like any other: pymssql gives what it does not know as bytes."""
        yield

    def stream(self, sql: str, parameters: Sequence[object]) -> Generator[Row, None, None]:
        """Run a statement and give its rows as they come.

        A connection gives the rows of one statement at a time: another statement reads the rest of them
        first.

        Args:
            sql: The statement.
            parameters: Its parameters, encoded.

        Raises:
            DatabaseError: SQL Server refused.
        """
        self._report(sql, parameters)
        stream = self._begun(sql, parameters)
        try:
            while rows := self._more(stream):
                yield from rows
        finally:
            # Without the lock, for which a finalizer could wait as long as another thread's statement takes.
            with suppress(ValueError):
                self._streams.remove(stream)

    def describe(self, sql: str, parameters: int) -> list[Row]:
        """What SQL Server says of the columns of a statement, without running it.

        Args:
            sql: The statement.
            parameters: How many parameters it has.

        Returns:
            Of each column its name, and the schema, the table and the column that it comes from; then the
            number of the error and its text, where there is one.

        Raises:
            DatabaseError: SQL Server does not understand it.
        """
        return self.run(_DESCRIBE, (without_parameters(sql, parameters),))

    def plan(self, sql: str, parameters: int) -> list[str]:
        """The lines of the plan of a statement, which does not run.

        Args:
            sql: The statement.
            parameters: How many parameters it has.

        Raises:
            DatabaseError: SQL Server does not understand it.
        """
        with self._lock:
            self.control("SET SHOWPLAN_TEXT ON")
            try:
                # As it stands: what runs it would show the plan of itself.
                return [str(row[0]) for row in self._ask(without_parameters(sql, parameters))]
            except Exception as error:
                raise self._error(error) from error
            finally:
                self.control("SET SHOWPLAN_TEXT OFF")

    def _ask(self, sql: str) -> list[Row]:
        """The rows of a statement of noormme's own, whose answer is expected soon."""
        with self._lock:
            with limited(_SOON_S):
                cursor = self._cursor()
                cursor.execute(sql)
            return _last_rows(cursor)[1]

    def _begun(self, sql: str, parameters: Sequence[object]) -> _Stream:
        """The rows of a statement, which runs now."""
        with self._lock:
            self._check()
            try:
                text, values = batch(sql, parameters)
                with limited(self._left_s()):
                    cursor = self._cursor()
                    cursor.execute(text, values)
            except (pymssql.Error, TimeOver) as error:
                raise self._error(error) from error
            stream = _Stream(cursor)
            self._streams.append(stream)
        return stream

    def _more(self, stream: _Stream) -> list[Row]:
        """The next rows of a stream; none at the end."""
        with self._lock:
            try:
                return stream.more()
            except (pymssql.Error, TimeOver) as error:
                raise self._error(error) from error

    def _cursor(self) -> Any:
        """A cursor; the connection gives the rows of one at a time. The lock is held."""
        for stream in list(self._streams):
            stream.finish()
        return self.raw.cursor()

    def _left_s(self) -> float | None:
        """How many seconds the next statement may take; None for no limit."""
        limit_s = self._limit_s
        ends = THREAD.budget.ends
        if ends != NEVER:
            left_s = ends - perf_counter()
            if left_s <= 0:
                raise out_of_time(THREAD.budget.limit_s)
            limit_s = left_s if limit_s is None else min(limit_s, left_s)
        return limit_s

    def _check(self) -> None:
        if self._lost:
            raise TransactionError(
                "SQL Server has ended this transaction because of an error, and nothing of it was kept",
                hint="end the block and run it again; db.run_in_transaction() does that",
            )

    def _error(self, error: Exception) -> Exception:
        if isinstance(error, TimeOver):
            limit_s = THREAD.budget.limit_s if THREAD.budget.ends != NEVER else self._limit_s
            made: Exception = out_of_time(limit_s or _SOON_S)
            self._leave()
        else:
            made = statement_error(error, self._schema())
            if isinstance(made, (ConnectionFailed, QueryTimeout)):
                self._leave()
        if self._inside and not self._lost:
            self._lost = self._gone or not self._goes_on()
        return made

    def _leave(self) -> None:
        """End a connection that is of no use: what it answers next would be that of another question."""
        self._gone = True
        self.close()

    def _goes_on(self) -> bool:
        """Whether the transaction is still there after an error, and takes statements."""
        try:
            [(state,)] = self._ask("SELECT XACT_STATE()")
        except (pymssql.Error, TimeOver):
            return False
        return int(state) == 1

    # -- its end ------------------------------------------------------------------------------------

    def close(self) -> None:
        """End the connection."""
        with suppress(Exception):
            self.raw.close()

    def abandon(self) -> None:
        """Let go of a connection of the parent process without telling the server."""
        _ABANDONED.append(self.raw)


class _Stream:
    """The rows of a cursor that is read while others may want the connection."""

    __slots__ = ("_cursor", "_done", "_read")

    def __init__(self, cursor: Any) -> None:
        self._cursor = cursor
        self._read: list[Row] = []
        self._done = False

    def more(self) -> list[Row]:
        """The next rows; none at the end."""
        if self._read:
            rows, self._read = self._read, []
            return rows
        return [] if self._done else list(self._cursor.fetchmany(_STREAMED_ROWS))

    def finish(self) -> None:
        """Read the rest, so that the connection is free."""
        if not self._done:
            self._read += self._cursor.fetchall()
            self._done = True


_DESCRIBE = """
SELECT name, source_schema, source_table, source_column, error_number, error_message
FROM sys.dm_exec_describe_first_result_set(@P1, NULL, 1)
WHERE COALESCE(is_hidden, 0) = 0
ORDER BY column_ordinal
"""


def _spoken(sql: str) -> str:
    """A statement about transactions in T-SQL; empty for what T-SQL has not, and does not need."""
    if sql.startswith("SAVEPOINT "):
        return f"SAVE TRANSACTION {sql.removeprefix('SAVEPOINT ')}"
    if sql.startswith("ROLLBACK TO SAVEPOINT "):
        return f"ROLLBACK TRANSACTION {sql.removeprefix('ROLLBACK TO SAVEPOINT ')}"
    if sql.startswith("RELEASE SAVEPOINT "):
        return ""
    if sql == "ROLLBACK":
        # A deadlock, or a trigger, may have rolled back already.
        return "IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION"
    return "COMMIT TRANSACTION" if sql == "COMMIT" else sql


def _last_rows(cursor: Any) -> Named[list[Row]]:
    """The rows of the last result that has some; an error of any statement of the batch is raised here."""
    names: tuple[str, ...] | None = None
    rows: list[Row] = []
    more = True
    while more:
        if cursor.description is not None:
            names, rows = tuple([column[0] for column in cursor.description]) or None, list(cursor.fetchall())
        more = bool(cursor.nextset())
    return names, rows


_ABANDONED: list[Any] = []
"""Connections of a parent process: closing one would end it there."""
