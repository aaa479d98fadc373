"""One connection to a libSQL server; an ``engines.server.link.Link``.

Invariant: outside a transaction the server keeps nothing between two requests. A transaction is a stream that
the server knows by a baton; once the server has ended it, no statement runs on that stream any more, because
it would commit by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from threading import RLock
from time import monotonic, perf_counter
from typing import TYPE_CHECKING, Any, NoReturn

import msgspec

from noormme.engines.base import Done, Row
from noormme.engines.budget import NEVER, THREAD, out_of_time
from noormme.engines.libsql.cursor import RemoteCursor
from noormme.engines.libsql.faults import ENDS_TRANSACTION, LibSQLFault, expired, statement_error
from noormme.engines.libsql.hrana import (
    Answer,
    Fault,
    Request,
    Result,
    Step,
    batch,
    execute,
    read_row,
    statement,
)
from noormme.engines.libsql.transport import Lost, TextUnreadable, Transport
from noormme.engines.sqlite.numbering import next_key
from noormme.engines.sqlite.rows import RowByRow
from noormme.errors import ConnectionFailed, InvalidValue, NotSupported, OutcomeUnknown, QueryTimeout

if TYPE_CHECKING:
    from noormme.schema.model import Schema, Table

__all__ = ["RemoteLink"]

_BATCH_ROWS = 500
"""How many rows go to the server in one request."""

_BATCH_BYTES = 1_000_000
"""How many bytes of text and BLOBs are enough for one."""

_CLOSE: Request = {"type": "close"}
_STATE: Request = {"type": "get_autocommit"}
_SQL_ID = 1

_answer = msgspec.json.Decoder(Answer).decode


class RemoteLink(RowByRow):
    """One connection.

    Args:
        transport: What carries requests.
        report: Told of every statement that runs.
        schema: Gives the schema, to name the columns of a constraint.
        limit_s: The time limit of every statement, in seconds; None for none.

    Attributes:
        idle_since: Since when nobody uses it, in seconds of ``time.monotonic``.
        lock: What keeps two threads from reading answers at once.
    """

    def __init__(
        self,
        transport: Transport,
        report: Callable[[str, Sequence[object]], None],
        schema: Callable[[], Schema],
        limit_s: float | None,
    ) -> None:
        self._transport = transport
        self._report = report
        self._schema = schema
        self._limit_s = limit_s
        self._baton: str | None = None
        self._inside = False
        # Whether the server has ended the transaction; who is in it must not go on.
        self._lost = False
        self._broken = False
        self._rows: RemoteCursor | None = None
        self.lock = RLock()
        self._changed = 0
        self._last_key = 0
        self._names: tuple[str, ...] | None = None
        self.idle_since = monotonic()

    @property
    def changed(self) -> int:
        """How many rows the last statement inserted, changed or deleted."""
        return self._changed

    @property
    def last_key(self) -> int:
        """The row id of the last row that was inserted."""
        return self._last_key

    @property
    def names(self) -> tuple[str, ...] | None:
        """What the columns of the last statement's rows are called."""
        return self._names

    @property
    def broken(self) -> bool:
        """Whether the server or the network has ended it, or left a transaction open."""
        return self._broken or self._inside or self._lost

    def still_there(self) -> bool:
        """Whether the server has said nothing since it was last used, which would be its farewell."""
        return self._transport.still_there()

    # -- statements ---------------------------------------------------------------------------------

    def run(self, sql: str, parameters: Sequence[object] = ()) -> list[Row]:
        """Run one statement and give its rows.

        Args:
            sql: The statement.
            parameters: Its parameters, encoded.

        Raises:
            DatabaseError: The server refused.
            TransactionError: The server has ended the transaction.
            TextUnreadable: A text of a row is not valid UTF-8.
        """
        self._report(sql, parameters)
        reads = sql.lstrip()[:6].upper() in ("SELECT", "WITH R", "VALUES")
        made = execute(statement(sql, parameters, compared=reads))
        done = self._only(sql, [made], writes=not reads)
        self._changed = done.affected_row_count
        self._last_key = int(done.last_insert_rowid or 0)
        self._names = tuple([column.name or "" for column in done.cols])
        return [read_row(row) for row in done.rows]

    def control(self, sql: str) -> None:
        """Begin, end or mark a transaction; nobody is told of it.

        Args:
            sql: BEGIN, COMMIT, ROLLBACK or a statement about a savepoint.

        Raises:
            DatabaseError: The server refused.
            TransactionError: The server has ended the transaction.
        """
        word = sql.partition(" ")[0]
        if word == "BEGIN":
            self._inside = True
            try:
                self._only(sql, [execute(statement(sql, ()))])
            except BaseException:
                self._leave()
                raise
            return
        if sql not in ("COMMIT", "ROLLBACK"):
            self._only(sql, [execute(statement(sql, ()))])
            return
        was_lost, was_inside = self._lost, self._inside
        if sql == "ROLLBACK" and (was_lost or not was_inside):
            # The server has done it already.
            self._leave()
            return
        try:
            self._only(sql, [execute(statement(sql, ()))], last=True)
        finally:
            self._leave()

    def run_many(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        """Run one statement for each row of parameters, some hundred in each request.

        Args:
            sql: The statement, which gives no rows.
            rows: The parameters, encoded.

        Raises:
            DatabaseError: The server refused one of them; those before it were written.
            TransactionError: The server has ended the transaction.
        """
        self._changed = sum(step.affected_row_count for step in self._each(sql, iter(rows), wanted=False))

    def run_each(self, sql: str, rows: Iterable[Sequence[object]]) -> list[Done]:
        """Run one statement for each row of parameters, some hundred in each request.

        Args:
            sql: The statement.
            rows: The parameters, encoded.

        Returns:
            What each run did.

        Raises:
            DatabaseError: The server refused one of them; those before it were written.
            TransactionError: The server has ended the transaction.
        """
        return [
            (
                [read_row(row) for row in step.rows],
                step.affected_row_count,
                int(step.last_insert_rowid or 0),
            )
            for step in self._each(sql, iter(rows), wanted=True)
        ]

    def _each(self, sql: str, rows: Iterator[Sequence[object]], *, wanted: bool) -> Iterator[Step]:
        """What each run of a statement did."""
        while part := self._gathered(rows):
            for row in part:
                self._report(sql, row)
            requests: list[Request] = [
                {"type": "store_sql", "sql_id": _SQL_ID, "sql": sql},
                batch(_SQL_ID, part, wanted=wanted),
                {"type": "close_sql", "sql_id": _SQL_ID},
            ]
            done = self._only(sql, requests, at=1, writes=True)
            fault = next(filter(None, done.step_errors), None)
            if fault is not None:
                self.fail(fault, sql)
            yield from (step for step in done.step_results if step is not None)

    def _gathered(self, rows: Iterator[Sequence[object]]) -> list[Sequence[object]]:
        """The rows for one request."""
        found: list[Sequence[object]] = []
        size = 0
        while len(found) < _BATCH_ROWS and size < _BATCH_BYTES:
            row = next(rows, None)
            if row is None:
                break
            found.append(row)
            size += sum(len(value) for value in row if isinstance(value, (str, bytes)))
        return found

    def next_key(self, table: Table) -> int | None:
        """The number that the next row of a table gets; None outside a transaction, where others write.

        Args:
            table: A table whose rows the database numbers.
        """
        return next_key(self.run, table) if self._inside else None

    @contextmanager
    def tolerant(self) -> Generator[None, None, None]:
        """A block in which odd values are read; what the server cannot send, it cannot send there either."""
        yield

    def stream(self, sql: str, parameters: Sequence[object]) -> Generator[Row, None, None]:
        """Run a statement and give its rows as they come; the link is in a transaction.

        Another statement of the transaction reads them to their end first.

        Args:
            sql: The statement.
            parameters: Its parameters, encoded.

        Raises:
            DatabaseError: The server refused.
        """
        self._report(sql, parameters)
        made = statement(sql, parameters, compared=True)
        with self.lock:
            self._settle()
            cursor = self._rows = RemoteCursor(self, sql, {"stmt": made})
        try:
            yield from cursor
        finally:
            with self.lock:
                cursor.drop()

    def describe(self, sql: str) -> Result:
        """What the server says of a statement, without running it.

        Args:
            sql: The statement.

        Raises:
            DatabaseError: The server does not understand it.
        """
        return self._only(sql, [{"type": "describe", "sql": sql}])

    # -- requests -----------------------------------------------------------------------------------

    def _only(
        self, sql: str, requests: list[Request], *, at: int = 0, last: bool = False, writes: bool = False
    ) -> Result:
        """What one of several requests gave.

        Args:
            sql: The statement, for the error.
            requests: The requests.
            at: Which one is asked for.
            last: Whether the stream ends with them.
            writes: Whether they may change something.
        """
        with self.lock:
            if self._lost:
                raise expired()
            self._settle()
            ends = last or not self._inside
            answer = self._send([*requests, _CLOSE if ends else _STATE], commits=writes and ends)
            outcome = answer.results[at]
            if not ends and not self._is_open(answer):
                self._lost = True
            if outcome.error is not None:
                self.fail(outcome.error, sql)
            if outcome.response is None or outcome.response.result is None:
                return Result()
            return outcome.response.result

    def _is_open(self, answer: Answer) -> bool:
        """Whether the transaction goes on; some errors and statements end it in the server."""
        state = answer.results[-1].response
        return answer.baton is not None and state is not None and not state.is_autocommit

    def _send(self, requests: list[Request], *, commits: bool = False) -> Answer:
        body, limit_s = self.body({"requests": requests}), self.left_s()
        try:
            answer = _answer(self._transport.pipeline(body, limit_s))
        except BaseException as error:
            if commits and isinstance(error, TimeoutError):
                # The server goes on without us.
                self._broken = True
                raise OutcomeUnknown(
                    "the server did not answer in time, so whether it was written is not known",
                    hint="look at the rows; in a transaction a time limit undoes what was written",
                ) from error
            self.interrupted(error)
        self.went_on(answer.baton, answer.base_url)
        return answer

    def body(self, request: Request) -> bytes:
        """A request on this stream as it is sent.

        Raises:
            InvalidValue: A text is not Unicode.
        """
        try:
            return msgspec.json.encode({"baton": self._baton, **request})
        except UnicodeEncodeError as error:
            raise InvalidValue(
                "text with half of a surrogate pair cannot be stored, so nothing can match it"
            ) from error

    def went_on(self, baton: str | None, base_url: str | None = None) -> None:
        """Take over what continues the stream."""
        if base_url is not None:
            raise NotSupported(
                "this server wants its transactions at another address", hint="connect() to that address"
            )
        self._baton = baton

    def open_cursor(self, request: Request) -> Generator[bytes]:
        """Send a batch whose answer comes in lines."""
        return self._transport.cursor(self.body(request), self.left_s())

    def left_s(self) -> float | None:
        """How long the next statement may take, in seconds; None for any time.

        Raises:
            QueryTimeout: The caller's time is over.
        """
        ends = THREAD.budget.ends
        if ends == NEVER:
            return self._limit_s
        left_s = ends - perf_counter()
        if left_s <= 0:
            raise out_of_time(THREAD.budget.limit_s)
        return left_s if self._limit_s is None else min(left_s, self._limit_s)

    def interrupted(self, error: BaseException) -> NoReturn:
        """Raise what an interrupted request stands for; a transaction has ended with it."""
        self._lost = self._inside
        self._baton = None
        if isinstance(error, TimeoutError):
            self._broken = True
            limit_s = THREAD.budget.limit_s if THREAD.budget.ends != NEVER else self._limit_s
            raise out_of_time(limit_s) if limit_s is not None else QueryTimeout("the server did not answer")
        if isinstance(error, Lost):
            raise expired() from error
        if isinstance(error, TextUnreadable) and self._inside:
            raise NotSupported(
                "a stored text is not valid UTF-8: the server cannot send it, and has ended the transaction",
                hint="read such rows outside transactions",
            ) from error
        if isinstance(error, ConnectionFailed):
            self._broken = True
        if not isinstance(error, Exception):
            # Ctrl-C leaves an answer unread.
            self._broken = True
            self._transport.close()
        raise error

    def fail(self, fault: Fault, sql: str) -> NoReturn:
        """Raise what an error of the server's stands for."""
        code = fault.code or ""
        if code in ENDS_TRANSACTION:
            self._lost = self._inside
        error = statement_error(fault.message, code, sql, self._schema())
        raise error from LibSQLFault(fault.message, code)

    def _settle(self) -> None:
        """Have the rows of a stream read to their end, before something else is asked."""
        if self._rows is not None:
            self._rows.read_rest()
            self._rows = None

    def _leave(self) -> None:
        self._inside = self._lost = False
        self._baton = None

    # -- its end ------------------------------------------------------------------------------------

    def close(self) -> None:
        """End the connection; the server rolls a transaction back that is open."""
        if self.lock.acquire(blocking=False):
            try:
                self._end_stream()
            finally:
                self.lock.release()
        self._broken = True
        self._transport.close()

    def _end_stream(self) -> None:
        """Have an open transaction rolled back; else it would hold its locks until the server misses it."""
        if self._inside and not self._lost and self._baton is not None and self._rows is None:
            with suppress(Exception):
                self._transport.pipeline(self.body({"requests": [_CLOSE]}), 1.0)

    def abandon(self) -> None:
        """Let go of a connection of the parent process without telling the server."""
        self._broken = True
        _ABANDONED.append(self._transport)


_ABANDONED: list[Any] = []
"""Connections of a parent process, which goes on with them."""
