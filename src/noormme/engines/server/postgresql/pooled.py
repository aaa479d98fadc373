"""A connection to a pooler that gives every transaction another connection to the server (pgbouncer).

Invariant: nothing is left on a connection to the server that another client gets next: what is set is set for
one transaction, and messages that belong together are in one.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, LiteralString

import psycopg

from noormme.engines.audit import ACTOR
from noormme.engines.base import Done, Row
from noormme.engines.budget import NEVER, THREAD
from noormme.engines.server.postgresql.link import PostgreSQLLink
from noormme.schema.model import Column, Schema, Table

if TYPE_CHECKING:
    from noormme.engines.server.postgresql.opening import Connection

__all__ = ["PooledLink"]

_IDLE = psycopg.pq.TransactionStatus.IDLE


class PooledLink(PostgreSQLLink):
    """One connection.

    Args:
        raw: psycopg's connection, which prepares no statements.
        report: Told of every statement that runs.
        schema: Gives the schema, to name the columns of a constraint.
        limit_s: The time limit of every statement, in seconds; None for none.
        copies: Whether COPY does to a table what INSERT would.
        readonly: Whether every transaction must be told that it may not write.
    """

    __slots__ = ("_readonly",)

    _SET_ACTOR = "SELECT set_config('noormme.actor', $1, true)"
    _SET_LIMIT = "SET LOCAL statement_timeout ="

    def __init__(
        self,
        raw: Connection,
        report: Callable[[str, Sequence[object]], None],
        schema: Callable[[], Schema],
        limit_s: float | None,
        copies: Callable[[Table], bool],
        *,
        readonly: bool,
    ) -> None:
        super().__init__(raw, report, schema, limit_s, copies)
        self._readonly = readonly

    def run(self, sql: str, parameters: Sequence[object] = ()) -> list[Row]:
        """Run one statement and give its rows; see ``PostgreSQLLink``."""
        plain = self._limit_s is None and THREAD.budget.ends == NEVER and ACTOR.get() is None
        if plain and not self._readonly:
            return super().run(sql, parameters)
        with self._in_one_piece():
            return super().run(sql, parameters)

    def control(self, sql: str) -> None:
        """Begin, end or mark a transaction; see ``PostgreSQLLink``."""
        begins = sql.startswith("BEGIN")
        super().control(f"{sql} READ ONLY" if begins and self._readonly else sql)
        if begins or sql in ("COMMIT", "ROLLBACK"):
            self._forget()

    def insert_rows(self, table: Table, columns: Sequence[Column], rows: Iterator[Sequence[object]]) -> None:
        """Insert many rows; see ``PostgreSQLLink``."""
        with self._in_one_piece():
            super().insert_rows(table, columns, rows)

    def describe(self, sql: str) -> tuple[list[int], list[tuple[str, int, int, int]]]:
        """What PostgreSQL says of a statement; see ``PostgreSQLLink``."""
        with self._in_one_piece():
            return super().describe(sql)

    def _send(self, sql: str, batch: Sequence[Sequence[object]], *, returning: bool) -> list[Done]:
        with self._in_one_piece():
            return super()._send(sql, batch, returning=returning)

    @contextmanager
    def _in_one_piece(self) -> Generator[None, None, None]:
        """A block whose messages all go to one connection to the server."""
        if self.raw.info.transaction_status != _IDLE:
            yield
            return
        self._alone("BEGIN READ ONLY" if self._readonly else "BEGIN")
        try:
            yield
        except BaseException:
            with suppress(Exception):
                self._alone("ROLLBACK")
            raise
        self._alone("COMMIT")

    def _alone(self, sql: LiteralString) -> None:
        """Begin or end a transaction with a cursor that nobody asks afterwards what it did."""
        try:
            self.raw.execute(sql, prepare=False)
        except psycopg.Error as error:
            raise self._error(error) from error
        self._forget()

    def _forget(self) -> None:
        """What was set was set for a transaction."""
        self._known_ms, self._known_actor = 0, None
