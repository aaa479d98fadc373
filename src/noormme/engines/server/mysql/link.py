"""One connection to MySQL or MariaDB; an ``engines.server.link.Link``.

Invariant: the time limit that the server knows is the one of the statement that runs. What PyMySQL raises
leaves as an error of noormme's. Rows that are streamed are read before another statement runs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from threading import RLock
from time import monotonic, perf_counter
from typing import Any

import pymysql
from pymysql.cursors import Cursor, SSCursor

from noormme.engines.base import Origin, Row
from noormme.engines.budget import NEVER, THREAD, out_of_time
from noormme.engines.server.mysql.describing import described
from noormme.engines.server.mysql.faults import is_lost, lost, statement_error
from noormme.engines.server.mysql.flavours import Flavour
from noormme.engines.server.mysql.many import ManyRows
from noormme.engines.server.mysql.reading import Unreadable
from noormme.engines.server.mysql.streaming import Stream
from noormme.engines.server.mysql.transacting import Transacting, in_transaction, more_results
from noormme.engines.server.network import ANSWER_S, still_there
from noormme.errors import InvalidValue, NoormmeError
from noormme.schema.model import Schema

__all__ = ["MySQLLink", "UnreadableRow"]

_READS = re.compile(
    r"(?:[\s(]|/\*.*?\*/|--\s[^\n]*\n|\#[^\n]*\n)*(?:SELECT|WITH|VALUES|TABLE)\b", re.IGNORECASE | re.DOTALL
)
"""What can be run twice; that which writes and begins with WITH gives no rows."""

_SMALL = 16_000
"""As many characters as every server takes, which is asked only about longer statements."""

_UNKNOWN_S = -1.0

_STREAMED_ROWS = 1_000
"""How many rows of a stream are read at a time."""


class UnreadableRow(Exception):
    """A row holds a value that Python has no value for; the statement is to be run the tolerant way."""


class MySQLLink(ManyRows):
    """One connection.

    Args:
        raw: PyMySQL's connection.
        flavour: What server it is to.
        unreadable: Says whether a value came as text because Python has none for it.
        report: Told of every statement that runs.
        schema: Gives the schema, to name the columns of a constraint.
        limit_s: The time limit of every statement, in seconds; None for none.

    Attributes:
        raw: The same.
        idle_since: Since when nobody uses it, in seconds of ``time.monotonic``.
    """

    def __init__(
        self,
        raw: pymysql.Connection[Any],
        flavour: Flavour,
        unreadable: Unreadable,
        report: Callable[[str, Sequence[object]], None],
        schema: Callable[[], Schema],
        limit_s: float | None,
    ) -> None:
        self.raw = raw
        self.idle_since = monotonic()
        self._flavour = flavour
        self._unreadable = unreadable
        self._report = report
        self._schema = schema
        self._limit_s = limit_s
        self._known_limit_s: float | None = None
        self._cursor: Any = Cursor(raw)
        self._tolerant = False
        self._stream: Stream | None = None
        self._lock = RLock()
        self._transaction = Transacting()
        self._packet_bytes: int | None = None

    @property
    def changed(self) -> int:
        """How many rows the last statement inserted, changed or deleted."""
        return max(int(self._cursor.rowcount), 0)

    @property
    def last_key(self) -> int:
        """The number that the last row got; the first one of several."""
        return int(self._cursor.lastrowid or 0)

    @property
    def names(self) -> tuple[str, ...] | None:
        """What the columns of the last statement's rows are called."""
        description = self._cursor.description
        return None if description is None else tuple([column[0] for column in description])

    @property
    def broken(self) -> bool:
        """Whether the server or the network has ended it, or left a transaction open."""
        return not self.raw.open or in_transaction(self.raw)

    @property
    def packet_bytes(self) -> int:
        """How long a statement the server takes; asked once.

        Raises:
            DatabaseError: The server does not answer.
        """
        if self._packet_bytes is None:
            [(asked,)] = self.send("SELECT @@max_allowed_packet")
            self._packet_bytes = int(asked)
        return self._packet_bytes

    def still_there(self) -> bool:
        """Whether the server has said nothing since it was last used, which would be its farewell."""
        if not self.raw.open:
            return False
        try:
            return still_there(_socket(self.raw).fileno, self.idle_since, partial(_answers, self.raw))
        except (OSError, ValueError, pymysql.Error):
            return False

    # -- statements ---------------------------------------------------------------------------------

    def run(self, sql: str, parameters: Sequence[object] = ()) -> list[Row]:
        """Run one statement and give its rows.

        Args:
            sql: The statement, with ``%s`` for its parameters and ``%%`` for a percent sign.
            parameters: Its parameters, encoded.

        Raises:
            DatabaseError: The server refused.
            UnreadableRow: A value of a row is one that Python does not have.
        """
        self._report(sql, parameters)
        cursor = self._cursor
        with self._lock:
            self._transaction.check(sql)
            self._finish_stream()
            self._unreadable.found = False
            try:
                self._limit()
                cursor.execute(self._fitting(cursor.mogrify(sql, tuple(parameters))))
                rows = list(cursor.fetchall()) if cursor.description is not None else []
                if more_results(self.raw):
                    _read_on(cursor)
            except NoormmeError:
                raise
            except Exception as error:
                raise self._error(error, sql) from error
        if self._unreadable.found and not self._tolerant and _READS.match(sql):
            raise UnreadableRow
        return rows

    def control(self, sql: str) -> None:
        """Begin, end or mark a transaction; nobody is told of it.

        Args:
            sql: START TRANSACTION, COMMIT, ROLLBACK or a statement about a savepoint or the isolation.

        Raises:
            DatabaseError: The server refused.
        """
        with self._lock:
            if self._transaction.skips(sql):
                return
            if sql == "ROLLBACK" and self._cut():
                self._transaction.controlled(sql)
                return
            if not self.raw.open:
                raise lost(before=True)
            self._finish_stream()
            try:
                self._cursor.execute(sql)
            except Exception as error:
                raise self._error(error, sql) from error
            self._transaction.controlled(sql)

    def send(self, text: str) -> list[Row]:
        """Run a statement whose parameters are in its text, and give its rows; nobody is told of it.

        Args:
            text: The statement.

        Raises:
            DatabaseError: The server refused.
        """
        cursor = self._cursor
        with self._lock:
            self._transaction.check(text)
            self._finish_stream()
            try:
                self._limit()
                cursor.execute(self._fitting(text))
                return list(cursor.fetchall()) if cursor.description is not None else []
            except NoormmeError:
                raise
            except Exception as error:
                raise self._error(error, text) from error

    def written(self, sql: str, parameters: Sequence[object]) -> str:
        """A text with parameters written into it.

        Args:
            sql: The text, with ``%s`` for each parameter.
            parameters: The parameters, encoded.
        """
        text: str = self._cursor.mogrify(sql, tuple(parameters))
        return text

    def told(self, sql: str, parameters: Sequence[object]) -> None:
        """Tell those who listen of a statement."""
        self._report(sql, parameters)

    @contextmanager
    def tolerant(self) -> Generator[None, None, None]:
        """A block in which a value that Python has no value for comes as text."""
        self._tolerant = True
        try:
            yield
        finally:
            self._tolerant = False

    def stream(self, sql: str, parameters: Sequence[object]) -> Generator[Row, None, None]:
        """Run a statement and give its rows as they come.

        Args:
            sql: The statement.
            parameters: Its parameters, encoded.

        Raises:
            DatabaseError: The server refused.
        """
        self._report(sql, parameters)
        with self._lock:
            self._transaction.check(sql)
            self._finish_stream()
            stream = Stream(SSCursor(self.raw))
            try:
                self._limit()
                stream.cursor.execute(self._fitting(self.written(sql, parameters)))
            except NoormmeError:
                raise
            except Exception as error:
                raise self._error(error, sql) from error
            self._stream = stream
        try:
            while True:
                with self._lock:
                    try:
                        rows = stream.next(_STREAMED_ROWS)
                    except Exception as error:
                        raise self._error(error, sql) from error
                if not rows:
                    if stream.kept is None and not self.raw.open:
                        # It was closed meanwhile, and nobody knows which rows are missing.
                        raise lost()
                    return
                yield from rows
        finally:
            # What the server still sends is read when something else is asked.
            stream.left = True

    def describe(self, sql: str, database: str) -> tuple[Origin, ...]:
        """What the server says of a statement, without running it.

        Args:
            sql: The statement, with ``?`` for its parameters.
            database: The database whose tables are known.

        Raises:
            DatabaseError: The server does not understand it.
        """
        with self._lock:
            try:
                return described(self.raw, sql, database)
            except Exception as error:
                raise self._error(error, sql) from error

    def _finish_stream(self) -> None:
        """Read what is left of a stream, because a connection gives the rows of one statement at a time."""
        stream, self._stream = self._stream, None
        if stream is not None:
            try:
                stream.keep()
            except Exception as error:
                raise self._error(error, "") from error

    def _cut(self) -> bool:
        """End the connection, which undoes its transaction, where many rows come that nobody wants.

        To read them would take as long as the whole stream; the connection is not worth it.
        """
        stream = self._stream
        if stream is None or not stream.left:
            return False
        try:
            is_long = stream.is_long()
        except Exception:
            is_long = True
        if is_long:
            self._stream = None
            self.close()
        return is_long

    def _fitting(self, text: str) -> str:
        """A statement, unless the server would end the connection because of its length.

        Args:
            text: The statement.

        Raises:
            InvalidValue: It is longer than the server takes.
        """
        if len(text) <= _SMALL:
            return text
        most = self.packet_bytes
        # One byte says what is asked for.
        if len(text.encode("utf-8", "surrogatepass")) >= most:
            raise InvalidValue(
                f"a value is larger than the server takes in a statement ({most} bytes)",
                hint="raise the server's max_allowed_packet",
            )
        return text

    def _limit(self) -> None:
        """Let the server know how long the next statement may take."""
        ends = THREAD.budget.ends
        wanted = self._limit_s
        if ends != NEVER:
            left_s = ends - perf_counter()
            if left_s <= 0:
                raise out_of_time(THREAD.budget.limit_s)
            wanted = left_s if wanted is None else min(wanted, left_s)
        if wanted != self._known_limit_s:
            # Unknown until it is known: an interrupt may come between the two.
            self._known_limit_s = _UNKNOWN_S
            self._cursor.execute(self._flavour.time_limit(wanted))
            self._known_limit_s = wanted

    def _error(self, error: Exception, sql: str) -> Exception:
        if is_lost(error) or not self.raw.open:
            self.close()
            return lost(error)
        made = statement_error(error, self._schema(), sql)
        self._transaction.failed(made, self.raw)
        return made or error

    # -- its end ------------------------------------------------------------------------------------

    def close(self) -> None:
        """End the connection, whatever it is doing."""
        with suppress(Exception):
            # A farewell would wait for what the server still sends.
            _end(self.raw)

    def abandon(self) -> None:
        """Let go of a connection of the parent process without telling the server."""
        _ABANDONED.append(self.raw)


def _read_on(cursor: Any) -> None:
    """Read what a procedure gives behind its first rows, at whose end the server says where it stands."""
    while cursor.nextset():
        continue


def _answers(raw: Any) -> bool:
    """Whether the server answers within a moment when it is asked for nothing."""
    usual = raw._read_timeout
    raw._read_timeout = ANSWER_S
    try:
        raw.ping(reconnect=False)
    finally:
        raw._read_timeout = usual
    return True


def _end(raw: Any) -> None:
    if raw._result is not None:
        # Nobody is to read to the end of what does not come any more.
        raw._result.unbuffered_active = False
    raw._force_close()


def _socket(raw: Any) -> Any:
    return raw._sock


_ABANDONED: list[object] = []
"""Connections of a parent process: closing one would end it there."""
