"""One connection to a libSQL file, or to a file that is a replica; an ``engines.server.link.Link``.

The client ``libsql`` keeps Python's lock while it works, so it never waits inside: a lock that another
connection holds is waited for here, where other threads go on. It would send integers of more than 32 bits as
floats, so those travel as text that the statement casts.

Invariant: ``libsql`` is imported here alone, when such a file is opened.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager, suppress
from importlib import import_module
from time import monotonic, perf_counter, sleep
from typing import TYPE_CHECKING, Any, cast

from noormme.engines.base import Row
from noormme.engines.budget import NEVER, THREAD, out_of_time
from noormme.engines.fetched import closed
from noormme.engines.libsql.address import Address
from noormme.engines.libsql.faults import statement_error
from noormme.engines.libsql.hrana import ColumnAnswer, ParameterAnswer, Result
from noormme.engines.libsql.places import names_of, numbered
from noormme.engines.libsql.transport import TextUnreadable
from noormme.engines.sqlite.numbering import next_key
from noormme.engines.sqlite.rows import RowByRow
from noormme.engines.sqlite.tolerant import in_range
from noormme.errors import ConnectionFailed, DatabaseLocked, InvalidValue, NoormmeError, NotSupported

if TYPE_CHECKING:
    from noormme.schema.model import Schema, Table

__all__ = ["LocalLink", "connect"]

_INT32 = range(-(2**31), 2**31)
_INT64 = range(-(2**63), 2**63)
_READING = frozenset({"SELECT", "VALUES", "WITH R"})
"""How statements begin that only read."""

_PAUSE_S = 0.002
"""How long to wait before a lock is tried again."""

_STREAMED_ROWS = 500


def connect(address: Address) -> Any:
    """Open a connection of the client's.

    Args:
        address: The file, and the server that it is a replica of.

    Raises:
        NotSupported: The client is not installed.
        ConnectionFailed: The file cannot be opened, or the server cannot be reached.
    """
    try:
        libsql: Any = import_module("libsql")
    except ImportError as error:
        raise NotSupported(
            "libsql files need a driver that is not installed", hint="pip install 'noormme[libsql]'"
        ) from error
    options: dict[str, Any] = {"isolation_level": None, "timeout": 0.0}
    if address.sync_url:
        options |= {"sync_url": address.sync_url, "auth_token": address.token}
        if address.sync_interval_s is not None:
            options["sync_interval"] = address.sync_interval_s
    try:
        raw: Any = libsql.connect(address.path, **options)
        return raw
    except Exception as error:
        raise _cannot_open(error, address) from None


def _cannot_open(error: Exception, address: Address) -> ConnectionFailed:
    said = str(error)
    if not address.sync_url:
        return ConnectionFailed(
            f"'{address.path}' cannot be opened by libSQL", hint="check the file and its permissions"
        )
    if "404" in said:
        return ConnectionFailed(
            f"the server of the replica '{address.path}' does not speak the client's protocol of replication",
            hint="a server of your own (sqld) needs the client of version 0.1.8: pip install 'libsql==0.1.8'",
        )
    if "401" in said or "403" in said:
        return ConnectionFailed(
            f"the server of the replica '{address.path}' did not let us in",
            hint="give ?auth_token=… in the URL, or set LIBSQL_AUTH_TOKEN; it may have expired",
        )
    return ConnectionFailed(
        f"the server of the replica '{address.path}' cannot be reached",
        hint="check sync_url, and that it runs",
    )


class LocalLink(RowByRow):
    """One connection.

    Args:
        raw: The client's connection.
        report: Told of every statement that runs.
        schema: Gives the schema, to name the columns of a constraint.
        limit_s: The time limit of every statement, in seconds; None for none.
        lock_s: How long to wait for a lock that another connection holds, in seconds.

    Attributes:
        idle_since: Since when nobody uses it, in seconds of ``time.monotonic``.
    """

    def __init__(
        self,
        raw: Any,
        report: Callable[[str, Sequence[object]], None],
        schema: Callable[[], Schema],
        limit_s: float | None,
        lock_s: float,
    ) -> None:
        self._raw: Any = raw
        self._report = report
        self._schema = schema
        self._limit_s = limit_s
        self._lock_s = lock_s
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
        """Whether it was closed, or a transaction was left open."""
        return self._raw is None or self._raw.in_transaction

    def still_there(self) -> bool:
        """Nobody else can end it."""
        return self._raw is not None

    # -- statements ---------------------------------------------------------------------------------

    def run(self, sql: str, parameters: Sequence[object] = ()) -> list[Row]:
        """Run one statement and give its rows.

        Args:
            sql: The statement.
            parameters: Its parameters, encoded.

        Raises:
            DatabaseError: libSQL refused.
            TextUnreadable: A text of a row is not valid UTF-8.
        """
        self._report(sql, parameters)
        return self._run(sql, parameters)

    def control(self, sql: str) -> None:
        """Begin, end or mark a transaction; nobody is told of it.

        Args:
            sql: BEGIN, COMMIT, ROLLBACK or a statement about a savepoint.

        Raises:
            DatabaseError: libSQL refused.
        """
        if sql == "ROLLBACK" and self._raw is not None and not self._raw.in_transaction:
            # SQLite has done it already, after some errors.
            return
        self._run(sql, ())

    def run_many(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        """Run one statement for each row of parameters.

        Args:
            sql: The statement, which gives no rows.
            rows: The parameters, encoded.

        Raises:
            DatabaseError: libSQL refused one of them; those before it were written.
        """
        changed = 0
        for parameters in rows:
            self.run(sql, parameters)
            changed += self._changed
        self._changed = changed

    def next_key(self, table: Table) -> int | None:
        """The number that the next row of a table gets; None outside a transaction, where others write.

        Args:
            table: A table whose rows the database numbers.
        """
        return next_key(self.run, table) if self._raw is not None and self._raw.in_transaction else None

    @contextmanager
    def tolerant(self) -> Generator[None, None, None]:
        """A block in which odd values are read; the engine asks for text as bytes."""
        yield

    def stream(self, sql: str, parameters: Sequence[object]) -> Generator[Row, None, None]:
        """Run a statement and give its rows as they come.

        Args:
            sql: The statement.
            parameters: Its parameters, encoded.

        Raises:
            DatabaseError: libSQL refused.
        """
        self._report(sql, parameters)
        cursor = self._execute(sql, parameters)
        while rows := self._called(sql, lambda: cursor.fetchmany(_STREAMED_ROWS)):
            yield from rows

    def describe(self, sql: str) -> Result:
        """What can be said of a statement without running it: the names of its columns and parameters.

        Args:
            sql: The statement.

        Raises:
            DatabaseError: libSQL does not understand it.
        """
        names = names_of(sql)
        parameters = [ParameterAnswer(name) for name in names]
        if sql.lstrip()[:6].upper() not in _READING:
            self._run(f"EXPLAIN {sql}", [None] * len(names))
            return Result(params=parameters)
        cursor = self._execute(f"SELECT * FROM ({sql}\n) LIMIT 0", [None] * len(names))
        columns = [ColumnAnswer(column[0]) for column in cursor.description]
        return Result(cols=columns, params=parameters, is_readonly=True)

    def sync(self) -> None:
        """Fetch what is new on the server.

        Raises:
            ConnectionFailed: The server cannot be reached.
        """
        try:
            self._raw.sync()
        except Exception as error:
            raise ConnectionFailed("the server of the replica cannot be reached", hint="try again") from error

    def _run(self, sql: str, parameters: Sequence[object]) -> list[Row]:
        cursor = self._execute(sql, parameters)
        self._changed = max(int(cursor.rowcount), 0)
        self._last_key = int(cursor.lastrowid or 0)
        if not cursor.description:
            self._names = None
            return []
        self._names = tuple([column[0] for column in cursor.description])
        rows: list[Row] = self._called(sql, cursor.fetchall)
        return rows

    def _execute(self, sql: str, parameters: Sequence[object]) -> Any:
        if self._raw is None:
            raise closed()
        reads = sql.lstrip()[:6].upper() in _READING
        values = tuple(in_range(parameters)) if reads else tuple(parameters)
        text, values = _sendable(sql, values)
        waits_until = monotonic() + self._lock_s
        while True:
            self._check_time()
            try:
                return self._called(sql, lambda: self._raw.execute(text, values))
            except DatabaseLocked:
                if monotonic() >= waits_until:
                    raise
            sleep(_PAUSE_S)

    def _called(self, sql: str, call: Callable[[], Any]) -> Any:
        """What a call of the client's gives; what it raises as an error of noormme's."""
        try:
            return call()
        except NoormmeError:
            raise
        except Exception as error:
            raise self._error(error, sql) from error
        except BaseException as error:
            # A panic of the client's, which is no Exception.
            if type(error).__name__ != "PanicException":
                raise
            raise TextUnreadable from None

    def _error(self, error: Exception, sql: str) -> Exception:
        said = str(error)
        if said.startswith("Hrana: ") or "stream error" in said:
            # What the server of a replica says stands in quotes.
            said = said.partition('message: "')[2].partition('", code')[0] or said
        return statement_error(said, "", sql, self._schema())

    def _check_time(self) -> None:
        ends = THREAD.budget.ends
        if ends != NEVER and perf_counter() >= ends:
            raise out_of_time(THREAD.budget.limit_s)

    # -- its end ------------------------------------------------------------------------------------

    def close(self) -> None:
        """End the connection."""
        raw, self._raw = self._raw, None
        if raw is not None:
            with suppress(Exception):
                if raw.in_transaction:
                    raw.rollback()
            with suppress(Exception):
                raw.close()

    def abandon(self) -> None:
        """Let go of a connection of the parent process: closing it would drop the locks of the file."""
        _ABANDONED.append(self._raw)
        self._raw = None


def _sendable(sql: str, values: tuple[object, ...]) -> tuple[str, tuple[object, ...]]:
    """A statement and its parameters in a form in which the client changes no value."""
    large: set[int] = set()
    sent: list[object] = []
    for index, value in enumerate(values):
        if isinstance(value, bool):
            sent.append(int(value))
        elif isinstance(value, int) and value not in _INT32:
            if value not in _INT64:
                raise InvalidValue("an integer is beyond 64 bits, which libSQL cannot store")
            large.add(index + 1)
            sent.append(str(value))
        elif isinstance(value, (bytearray, memoryview)):
            sent.append(bytes(cast("bytes", value)))
        elif value is None or isinstance(value, (int, float, str, bytes)):
            if isinstance(value, str):
                _check_unicode(value)
            sent.append(value)
        else:
            raise InvalidValue(
                "a value is of a type that libSQL does not have",
                hint="give a number, text, bytes, a date or a Decimal",
            )
    return (numbered(sql, large) if large else sql), tuple(sent)


def _check_unicode(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise InvalidValue(
            "text with half of a surrogate pair cannot be stored, so nothing can match it"
        ) from None


_ABANDONED: list[Any] = []
"""Connections of a parent process, kept from being closed in this one."""


def _keep_abandoned() -> None:
    """Keep them also at the end, when the interpreter drops its objects."""
    import ctypes

    for raw in _ABANDONED:
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(raw))


if sys.platform != "win32":
    import atexit

    atexit.register(_keep_abandoned)
