"""One connection to PostgreSQL; an ``engines.server.link.Link``.

Invariant: the time limit that the server knows is the one of the statement that runs. What psycopg raises
leaves as an error of noormme's, except a value that Python cannot hold.
"""

from __future__ import annotations

import select
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from time import monotonic, perf_counter
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import RawCursor, RawServerCursor

from noormme.engines.base import Row
from noormme.engines.budget import NEVER, THREAD, out_of_time
from noormme.engines.server.postgresql.faults import statement_error, unreadable
from noormme.engines.server.postgresql.opening import Connection, text_where_unreadable
from noormme.errors import ConnectionFailed
from noormme.schema.model import Schema

if TYPE_CHECKING:
    from psycopg.pq.abc import PGresult

__all__ = ["PostgreSQLLink"]

_NO_ROWS: list[Row] = []
_OUTDATED = "cached plan must not change result type"
_STREAMED_ROWS = 1_000
"""How many rows of a stream are asked for at a time."""


class PostgreSQLLink:
    """One connection.

    Args:
        raw: psycopg's connection.
        report: Told of every statement that runs.
        schema: Gives the schema, to name the columns of a constraint.
        limit_s: The time limit of every statement, in seconds; None for none.

    Attributes:
        raw: The same.
        idle_since: Since when nobody uses it, in seconds of ``time.monotonic``.
    """

    __slots__ = (
        "_cursor",
        "_known_inside",
        "_known_ms",
        "_limit_s",
        "_report",
        "_schema",
        "_statements",
        "_tolerant",
        "idle_since",
        "raw",
    )

    def __init__(
        self,
        raw: Connection,
        report: Callable[[str, Sequence[object]], None],
        schema: Callable[[], Schema],
        limit_s: float | None,
    ) -> None:
        self.raw = raw
        self.idle_since = monotonic()
        self._report = report
        self._schema = schema
        self._limit_s = limit_s
        self._known_ms = 0
        self._known_inside = False
        # SQL is text of the database's here, which the types of psycopg want to be a literal of the program.
        self._cursor: Any = RawCursor(raw)
        self._tolerant = False
        self._statements = 0

    @property
    def changed(self) -> int:
        """How many rows the last statement inserted, changed or deleted."""
        return max(int(self._cursor.rowcount), 0)

    @property
    def broken(self) -> bool:
        """Whether the server or the network has ended it, or left a transaction open."""
        return self.raw.closed or self.raw.info.transaction_status != psycopg.pq.TransactionStatus.IDLE

    def still_there(self) -> bool:
        """Whether the server has said nothing since it was last used, which would be its farewell."""
        if self.raw.closed:
            return False
        try:
            ready, _, _ = select.select([self.raw.fileno()], [], [], 0)
        except (OSError, ValueError, psycopg.Error):
            return False
        return not ready

    # -- statements ---------------------------------------------------------------------------------

    def run(self, sql: str, parameters: Sequence[object] = ()) -> list[Row]:
        """Run one statement and give its rows.

        Args:
            sql: The statement, with ``$1`` and so on for its parameters.
            parameters: Its parameters, encoded.

        Raises:
            DatabaseError: PostgreSQL refused.
            psycopg.DataError: A value of a row is one that Python does not have.
        """
        self._report(sql, parameters)
        cursor = self._tolerant_cursor() if self._tolerant else self._cursor
        try:
            self._limit()
            cursor.execute(sql, parameters)
            return cursor.fetchall() if cursor.description is not None else _NO_ROWS.copy()
        except Exception as error:
            if unreadable(error) and cursor.description is not None:
                raise
            raise self._error(error) from error

    def control(self, sql: str) -> None:
        """Begin, end or mark a transaction; nobody is told of it.

        Args:
            sql: BEGIN, COMMIT, ROLLBACK or a statement about a savepoint.

        Raises:
            DatabaseError: PostgreSQL refused.
        """
        try:
            self._cursor.execute(sql, prepare=False)
        except Exception as error:
            raise self._error(error) from error
        if sql.startswith("ROLLBACK") and self._known_inside:
            # It takes back what was SET in the transaction.
            self._known_ms = -1

    def run_many(self, sql: str, rows: Iterator[Sequence[object]]) -> None:
        """Run one statement for each row of parameters.

        Args:
            sql: The statement, which gives no rows.
            rows: The parameters, encoded.

        Raises:
            DatabaseError: PostgreSQL refused one of them.
        """
        for parameters in rows:
            self.run(sql, parameters)

    @contextmanager
    def tolerant(self) -> Generator[None, None, None]:
        """A block in which a value that psycopg cannot read comes as text."""
        self._tolerant = True
        try:
            yield
        finally:
            self._tolerant = False

    def stream(self, sql: str, parameters: Sequence[object]) -> Iterator[Row]:
        """Run a statement and give its rows as they come, from a cursor of the server's.

        Args:
            sql: The statement.
            parameters: Its parameters, encoded.

        Raises:
            DatabaseError: PostgreSQL refused.
        """
        self._report(sql, parameters)
        self._statements += 1
        cursor: Any = RawServerCursor(self.raw, f"noormme_{self._statements}")
        try:
            cursor.itersize = _STREAMED_ROWS
            self._limit()
            text_where_unreadable(cursor)
            cursor.execute(sql, parameters)
            while rows := cursor.fetchmany(_STREAMED_ROWS):
                yield from rows
        except psycopg.Error as error:
            raise self._error(error) from error
        finally:
            with suppress(psycopg.Error):
                cursor.close()

    def describe(self, sql: str) -> tuple[list[int], list[tuple[str, int, int]]]:
        """What PostgreSQL says of a statement, without running it.

        Args:
            sql: The statement.

        Returns:
            The types of its parameters, and of each column its name, the table that it comes from and its
            number there; as numbers, 0 where there is none.

        Raises:
            DatabaseError: PostgreSQL does not understand it.
        """
        connection = self.raw.pgconn
        try:
            with self.raw.lock:
                _checked(connection.prepare(b"", sql.encode()))
                result = _checked(connection.describe_prepared(b""))
        except Exception as error:
            raise self._error(error) from error
        columns = [
            ((result.fname(at) or b"").decode(), result.ftable(at), result.ftablecol(at))
            for at in range(result.nfields)
        ]
        return [result.param_type(at) for at in range(result.nparams)], columns

    def _tolerant_cursor(self) -> Any:
        cursor = RawCursor(self.raw)
        text_where_unreadable(cursor)
        return cursor

    def _limit(self) -> None:
        """Let the server know how long the next statement may take."""
        ends = THREAD.budget.ends
        wanted = 0 if self._limit_s is None else max(1, round(self._limit_s * 1000))
        if ends != NEVER:
            left_s = ends - perf_counter()
            if left_s <= 0:
                raise out_of_time(THREAD.budget.limit_s)
            left = max(1, round(left_s * 1000))
            wanted = min(wanted, left) if wanted else left
        if wanted != self._known_ms:
            self._cursor.execute(f"SET statement_timeout = {wanted}", prepare=False)
            self._known_ms = wanted
            status = self.raw.info.transaction_status
            self._known_inside = status != psycopg.pq.TransactionStatus.IDLE

    def _error(self, error: Exception) -> Exception:
        made = statement_error(error, self._schema())
        if isinstance(error, psycopg.OperationalError) and self.raw.closed:
            return ConnectionFailed(
                "the connection to the server was lost", hint="check that the server runs, and try again"
            )
        if _OUTDATED in str(error):
            # What was prepared on this connection is of no use any more; another one prepares it anew.
            self.close()
            return ConnectionFailed("the tables have changed since they were last read", hint="try again")
        return made

    # -- its end ------------------------------------------------------------------------------------

    def close(self) -> None:
        """End the connection."""
        with suppress(Exception):
            self.raw.close()

    def abandon(self) -> None:
        """Let go of a connection of the parent process without telling the server."""
        _ABANDONED.append(self.raw)


def _checked(result: PGresult) -> PGresult:
    if result.status != psycopg.pq.ExecStatus.COMMAND_OK:
        raise psycopg.errors.error_from_result(result, encoding="utf-8")
    return result


_ABANDONED: list[Connection] = []
"""Connections of a parent process: closing one would end it there."""
