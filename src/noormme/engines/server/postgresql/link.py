"""One connection to PostgreSQL; an ``engines.server.link.Link``.

Invariant: the time limit that the server knows is the one of the statement that runs. What psycopg raises
leaves as an error of noormme's, except a value that Python cannot hold.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager, suppress
from time import monotonic, perf_counter
from typing import TYPE_CHECKING, Any, LiteralString

import psycopg
from psycopg import RawCursor, RawServerCursor

from noormme.engines.audit import ACTOR
from noormme.engines.base import Row
from noormme.engines.budget import NEVER, THREAD, out_of_time
from noormme.engines.server.network import ANSWER_S, readable, still_there
from noormme.engines.server.postgresql.faults import aborted, lost, statement_error, unreadable
from noormme.engines.server.postgresql.many import ROWS, ManyRows
from noormme.engines.server.postgresql.opening import (
    Connection,
    comes_in_binary,
    rows_with_text,
    text_where_unreadable,
)
from noormme.engines.server.postgresql.statements import MAY_WRITE
from noormme.errors import ConnectionLost
from noormme.schema.model import Schema, Table

if TYPE_CHECKING:
    from psycopg.pq.abc import PGresult

__all__ = ["PostgreSQLLink"]

_IDLE = int(psycopg.pq.TransactionStatus.IDLE)
_FAILED = int(psycopg.pq.TransactionStatus.INERROR)
_POSITION = """
    SELECT
        CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_insert_lsn() END
            - '0/0'::pg_lsn,
        CASE WHEN NOT pg_is_in_recovery() THEN pg_current_wal_lsn() - '0/0'::pg_lsn END,
        current_setting('wal_block_size')::int
"""
_PAGE_HEADERS = (24, 40)
"""How long the header of a page of the log is, of a usual one and of the first of a file, in bytes."""

_OUTDATED = "cached plan must not change result type"
_NOBODY_KNOWS = "\0"
"""Who writes, as far as the server knows, after that was taken back; no text of PostgreSQL's."""

_UNKNOWN_MS = -1

_MANY_ROWS = 16
"""From how many rows on their form matters."""

_KNOWN_STATEMENTS = 1_000
"""Of how many statements it is remembered how their rows are best read."""

_STREAMED_ROWS = 1_000
"""How many rows of a stream are asked for at a time."""


class PostgreSQLLink(ManyRows):
    """One connection.

    Args:
        raw: psycopg's connection.
        report: Told of every statement that runs.
        schema: Gives the schema, to name the columns of a constraint.
        limit_s: The time limit of every statement, in seconds; None for none.
        copies: Whether COPY does to a table what INSERT would.

    Attributes:
        raw: The same.
        idle_since: Since when nobody uses it, in seconds of ``time.monotonic``.
    """

    __slots__ = (
        "_in_binary",
        "_known_actor",
        "_known_inside",
        "_known_ms",
        "_limit_s",
        "_pgconn",
        "_schema",
        "_statements",
        "_tolerant",
        "idle_since",
        "raw",
    )

    _SET_ACTOR: LiteralString = "SELECT set_config('noormme.actor', $1, false)"
    _SET_LIMIT: LiteralString = "SET statement_timeout ="

    def __init__(
        self,
        raw: Connection,
        report: Callable[[str, Sequence[object]], None],
        schema: Callable[[], Schema],
        limit_s: float | None,
        copies: Callable[[Table], bool],
    ) -> None:
        self.raw = raw
        self.idle_since = monotonic()
        self._report = report
        self._schema = schema
        self._limit_s = limit_s
        self._copies = copies
        self._known_ms = 0
        self._known_actor: str | None = None
        self._known_inside = False
        # SQL is text of the database's here, which the types of psycopg want to be a literal of the program.
        self._cursor: Any = RawCursor(raw)
        self._pgconn = raw.pgconn
        # Statements that read, and whether all of their columns are read faster in PostgreSQL's own form.
        self._in_binary: dict[str, bool] = {}
        self._tolerant = False
        self._statements = 0

    @property
    def changed(self) -> int:
        """How many rows the last statement inserted, changed or deleted."""
        return max(int(self._cursor.rowcount), 0)

    @property
    def last_key(self) -> int:
        """PostgreSQL gives keys back with the row that has them."""
        return 0

    @property
    def names(self) -> tuple[str, ...] | None:
        """What the columns of the last statement's rows are called."""
        result = self._cursor.pgresult
        if result is None:
            return None
        return tuple([(result.fname(at) or b"").decode() for at in range(result.nfields)])

    @property
    def broken(self) -> bool:
        """Whether the server or the network has ended it, or left a transaction open."""
        # Of a connection that has ended, libpq says that it does not know.
        return self._pgconn.transaction_status != _IDLE

    def still_there(self) -> bool:
        """Whether the server has said nothing since it was last used, which would be its farewell."""
        if self.raw.closed:
            return False
        try:
            return still_there(self.raw.fileno, self.idle_since, self._answers)
        except (OSError, ValueError, psycopg.Error):
            return False

    def _answers(self) -> bool:
        """Whether the server answers within a moment when it is asked for nothing."""
        connection = self.raw.pgconn
        until = monotonic() + ANSWER_S
        with self.raw.lock:
            connection.send_query(b"")
            connection.flush()
            while True:
                while connection.is_busy():
                    if not readable(connection.socket, max(0.0, until - monotonic())):
                        return False
                    connection.consume_input()
                if connection.get_result() is None:
                    return True

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
        cursor = self._cursor
        binary = self._in_binary.get(sql)
        try:
            self._prepare()
            if binary and not self._tolerant:
                cursor.execute(sql, parameters, binary=True)
                if comes_in_binary(cursor.pgresult):
                    binary_rows: list[Row] = cursor.fetchall()
                    return binary_rows
                # A column is of another type by now.
                del self._in_binary[sql]
            cursor.execute(sql, parameters)
            # Not ``description``, which makes an object of each column.
            if cursor.pgresult.status != ROWS:
                return []
            if binary is None and cursor.pgresult.ntuples >= _MANY_ROWS and sql.startswith("SELECT"):
                if len(self._in_binary) >= _KNOWN_STATEMENTS:
                    self._in_binary.clear()
                self._in_binary[sql] = comes_in_binary(cursor.pgresult)
            found: list[Row] = cursor.fetchall()
        except Exception as error:
            if unreadable(error) and cursor.description is not None:
                if self._tolerant:
                    return rows_with_text(self.raw, cursor.pgresult)
                raise
            raise self._error(error) from error
        return found

    def control(self, sql: str) -> None:
        """Begin, end or mark a transaction; nobody is told of it.

        Args:
            sql: BEGIN, COMMIT, ROLLBACK or a statement about a savepoint.

        Raises:
            DatabaseError: PostgreSQL refused.
            TransactionError: A statement failed in the transaction that is to be committed.
        """
        if sql == "COMMIT" and self._pgconn.transaction_status == _FAILED:
            # PostgreSQL would roll it back, and not call that an error.
            raise aborted()
        if self.raw.closed:
            raise lost(before=True)
        try:
            self._cursor.execute(sql, prepare=False)
        except Exception as error:
            raise self._error(error) from error
        if sql.startswith("ROLLBACK") and self._known_inside:
            # It takes back what was SET in the transaction.
            self._known_ms, self._known_actor = _UNKNOWN_MS, _NOBODY_KNOWS

    @contextmanager
    def tolerant(self) -> Generator[None, None, None]:
        """A block in which a value that psycopg cannot read comes as text."""
        self._tolerant = True
        try:
            yield
        finally:
            self._tolerant = False

    def stream(self, sql: str, parameters: Sequence[object]) -> Generator[Row, None, None]:
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
            self._prepare()
            text_where_unreadable(cursor)
            cursor.execute(sql, parameters)
            while rows := cursor.fetchmany(_STREAMED_ROWS):
                yield from rows
                if len(rows) < _STREAMED_ROWS:
                    return
        except psycopg.Error as error:
            raise self._error(error) from error
        finally:
            _end(cursor)

    def describe(self, sql: str) -> tuple[list[int], list[tuple[str, int, int, int]]]:
        """What PostgreSQL says of a statement, without running it.

        Args:
            sql: The statement.

        Returns:
            The types of its parameters, and of each column its name, the table that it comes from, its
            number there and its type; as numbers, 0 where there is none.

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
            ((result.fname(at) or b"").decode(), result.ftable(at), result.ftablecol(at), result.ftype(at))
            for at in range(result.nfields)
        ]
        return [result.param_type(at) for at in range(result.nparams)], columns

    def may_write(self, names: Sequence[str]) -> bool:
        """Whether a function of one of some names may write, as the catalogue has it; nobody is told.

        Args:
            names: The names.

        Raises:
            DatabaseError: PostgreSQL refused.
        """
        try:
            (row,) = self._cursor.execute(MAY_WRITE, (list(names),), prepare=False).fetchall()
        except Exception as error:
            raise self._error(error) from error
        return bool(row[0])

    def position(self) -> int:
        """How far the log of the server is, or what a replica has applied of it, in bytes; nobody is told.

        Raises:
            DatabaseError: PostgreSQL refused.
        """
        try:
            (row,) = self._cursor.execute(_POSITION, prepare=False).fetchall()
        except Exception as error:
            raise self._error(error) from error
        position, written, page_bytes = row
        if written is not None and not written % page_bytes and position - written in _PAGE_HEADERS:
            # Only the header of a page is there, which is sent to replicas with what comes after it.
            return int(written)
        return int(position)

    def _prepare(self) -> None:
        """Let the server know how long the next statement may take and who writes, where that has changed."""
        actor = ACTOR.get()
        if actor != self._known_actor:
            # Unknown until it is known: an interrupt may come between the two.
            self._known_actor = _NOBODY_KNOWS
            self._known_inside = self._pgconn.transaction_status != _IDLE
            self._cursor.execute(self._SET_ACTOR, (actor or "",), prepare=False)
            self._known_actor = actor
        ends = THREAD.budget.ends
        wanted = 0 if self._limit_s is None else max(1, round(self._limit_s * 1000))
        if ends != NEVER:
            left_s = ends - perf_counter()
            if left_s <= 0:
                raise out_of_time(THREAD.budget.limit_s)
            left = max(1, round(left_s * 1000))
            wanted = min(wanted, left) if wanted else left
        if wanted != self._known_ms:
            self._known_ms = _UNKNOWN_MS
            self._known_inside = self._known_inside or self._pgconn.transaction_status != _IDLE
            self._cursor.execute(f"{self._SET_LIMIT} {wanted}", prepare=False)
            self._known_ms = wanted

    def _error(self, error: Exception) -> Exception:
        made = statement_error(error, self._schema())
        if isinstance(error, psycopg.OperationalError) and self.raw.closed:
            return lost()
        if _OUTDATED in str(error):
            # What was prepared on this connection is of no use any more; another one prepares it anew.
            self.close()
            return ConnectionLost(
                "the tables have changed since they were last read", hint="try again", answered=True
            )
        return made

    # -- its end ------------------------------------------------------------------------------------

    def close(self) -> None:
        """End the connection."""
        with suppress(Exception):
            self.raw.close()

    def abandon(self) -> None:
        """Let go of a connection of the parent process without telling the server."""
        _ABANDONED.append(self.raw)


def _end(cursor: Any) -> None:
    """Close a cursor of the server's; the second try only notes that its connection is gone."""
    try:
        cursor.close()
    except psycopg.Error:
        with suppress(psycopg.Error):
            cursor.close()


def _checked(result: PGresult) -> PGresult:
    if result.status != psycopg.pq.ExecStatus.COMMAND_OK:
        raise psycopg.errors.error_from_result(result, encoding="utf-8")
    return result


_ABANDONED: list[Connection] = []
"""Connections of a parent process: closing one would end it there."""
