"""SQLite through APSW: connections, statements, errors.

Invariant: a connection is used by the thread that opened it and by no other (a database in memory has one
connection behind a lock instead). Connections that read are ``query_only``; nothing here changes a file.
"""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from datetime import tzinfo
from time import sleep
from typing import Any

import apsw

from noormme.engines.base import Description, Row
from noormme.engines.sqlite.cursors import Closed, PerThread, Shared
from noormme.engines.sqlite.describe import describe
from noormme.engines.sqlite.dialect import SQLiteDialect
from noormme.engines.sqlite.faults import open_error, statement_error
from noormme.engines.sqlite.functions import register
from noormme.engines.sqlite.introspect import introspect
from noormme.engines.sqlite.planning import keep_plans, plans_can_be_kept
from noormme.engines.sqlite.tolerant import decoded_row, in_range, with_bytes
from noormme.errors import NoormmeError
from noormme.schema.model import Schema
from noormme.settings import MEMORY, Settings

__all__ = ["SQLiteEngine"]

_SAMPLED_ROWS = 50

_STEPS_BETWEEN_SIGNALS = 1_000_000
"""How many steps of its machine SQLite takes, in some 10 ms, before Python may handle a signal (Ctrl-C)."""

_INTERRUPTING_S = 0.001
"""How long another thread has to notice that its statement was interrupted, before the next try."""


class SQLiteEngine:
    """One SQLite database; an ``engines.base.Engine``, which explains what is not explained here.

    Args:
        path: The file, or ``":memory:"``.
        settings: Pragmas, time zone, whether to open read-only.

    Raises:
        ConnectionFailed: The file is missing, is no database, is encrypted or cannot be read.

    Attributes:
        dialect: What the compiler asks.
        local: The calling thread's cursors.
    """

    def __init__(self, path: str, settings: Settings) -> None:
        self.path = path
        self.settings = settings
        self.memory = path == MEMORY
        self._file = path if self.memory else _fixed(path)
        self._timezone = _zone(settings.timezone)
        self.dialect = SQLiteDialect(self._sample, self._timezone)
        self._connections: weakref.WeakSet[apsw.Connection] = weakref.WeakSet()
        self._lock = threading.Lock()
        self._recorders: tuple[Callable[[str, Sequence[object]], None], ...] = ()
        self._looking = _Looking()
        self._keep_plans = False
        self._discovered = False
        self._schema = Schema(self.dialect.name)
        self._open_flags = _flags(self._file, settings)
        self.local: PerThread | Shared | Closed = (
            Shared(self._connect()) if self.memory else PerThread(self._connect)
        )
        _engines.add(self)

    # -- connections --------------------------------------------------------------------------------

    def _connect(self) -> apsw.Connection:
        settings = self.settings
        try:
            connection = apsw.Connection(self._file, flags=self._open_flags)
            connection.set_busy_timeout(int(settings.busy_timeout_s * 1000))
            connection.execute(_pragmas(settings, query_only=not self.memory)).fetchall()
            # The first statement that reads the file tells whether it is a database at all.
            connection.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchall()
        except apsw.Error as error:
            raise open_error(error, self._file) from error
        register(connection, timezone=self._timezone)
        if self._keep_plans:
            keep_plans(connection)
        connection.set_progress_handler(_go_on, _STEPS_BETWEEN_SIGNALS)
        with self._lock:
            self._connections.add(connection)
        if self._recorders:
            connection.exec_trace = self._report
        return connection

    def close(self) -> None:
        """Close every connection; using the engine afterwards raises DatabaseClosed.

        A statement that another thread is running is interrupted.
        """
        self.local = Closed()
        for connection in self._all_connections():
            while True:
                try:
                    connection.close(True)
                    break
                except apsw.ThreadingViolationError:
                    connection.interrupt()
                    sleep(_INTERRUPTING_S)

    def _all_connections(self) -> list[apsw.Connection]:
        with self._lock:
            return list(self._connections)

    def after_fork(self) -> None:
        """Forget, in a child process, the connections of its parent: they must be neither used nor closed."""
        if isinstance(self.local, Closed):
            return
        _inherited.extend(self._connections)
        self._connections = weakref.WeakSet()
        self._lock = threading.Lock()
        if not self.memory:
            self.local = PerThread(self._connect)

    # -- schema -------------------------------------------------------------------------------------

    def discover(self) -> Schema:
        """Read the schema.

        Raises:
            ConnectionFailed: The file cannot be read.
        """
        try:
            ((self.dialect.encoding,),) = self.local.new().execute("PRAGMA encoding").fetchall()
            schema = introspect(
                self.local.new().connection, types=self.settings.types, names=self.settings.names
            )
        except apsw.Error as error:
            raise open_error(error, self.path) from error
        self.dialect.forget()
        self._keep_plans = plans_can_be_kept(schema, has_samples=self._has_samples())
        if self._keep_plans and not self._discovered:
            # At the first look only: later a statement may be running, which this would end.
            keep_plans(self.local.new().connection)
        self._schema, self._discovered = schema, True
        self.dialect.tables = {table.name.lower() for table in schema}
        return schema

    def _has_samples(self) -> bool:
        sql = "SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_stat4'"
        return bool(self.local.new().execute(sql).fetchall())

    def _sample(self, table: str, column: str) -> list[object]:
        """Some stored values of a column."""
        quoted = ['"' + name.replace('"', '""') + '"' for name in (table, column)]
        sql = f"SELECT {quoted[1]} FROM {quoted[0]} WHERE {quoted[1]} IS NOT NULL LIMIT {_SAMPLED_ROWS}"
        self._looking.at_values = True
        try:
            return [row[0] for row in self.local.new().execute(sql).fetchall()]
        except (apsw.SQLError, apsw.CorruptError, UnicodeDecodeError):
            # What cannot be read teaches nothing; the query itself will say what is wrong.
            return []
        except apsw.Error as error:
            raise statement_error(error, sql) from error
        finally:
            self._looking.at_values = False

    # -- statements ---------------------------------------------------------------------------------

    def fetch(self, sql: str, parameters: Sequence[object], columns: int | None = None) -> list[Row]:
        """Run a statement and give all of its rows, whatever odd values they hold.

        Args:
            sql: The statement.
            parameters: Its parameters, encoded.
            columns: How many columns it gives, to read text that is not UTF-8.

        Raises:
            QueryFailed: SQLite refused the statement.
            InvalidValue: A parameter is of a type that SQLite does not have.
        """
        try:
            return self.local.new().execute(sql, tuple(parameters)).fetchall()
        except UnicodeDecodeError:
            if columns is None:
                raise
            return self._fetch_bytes(sql, parameters, columns)
        except OverflowError:
            # An integer beyond 64 bits compares with stored numbers as the float next to it does.
            return self.fetch(sql, in_range(parameters), columns)
        except NoormmeError:
            raise
        except Exception as error:
            raise statement_error(error, sql) from error

    def _fetch_bytes(self, sql: str, parameters: Sequence[object], columns: int) -> list[Row]:
        """The same rows with text read as bytes first; what is not UTF-8 stays bytes."""
        encoding = self._encoding()
        try:
            rows = self.local.new().execute(with_bytes(sql, columns), tuple(parameters)).fetchall()
        except (apsw.Error, UnicodeDecodeError) as error:
            raise statement_error(error, sql) from error
        return [decoded_row(row, encoding) for row in rows]

    def _encoding(self) -> str:
        """The encoding of the text of the database."""
        return str(self.local.new().execute("PRAGMA encoding").fetchall()[0][0])

    def stream(self, sql: str, parameters: Sequence[object], columns: int | None = None) -> Iterator[Row]:
        """Run a statement and give its rows as they come, on a cursor of its own.

        Args:
            sql: The statement.
            parameters: Its parameters, encoded.
            columns: How many columns it gives, to read text that is not UTF-8.

        Raises:
            QueryFailed: SQLite refused the statement.
            InvalidValue: A parameter is of a type that SQLite does not have.
        """
        cursor = self.local.new()
        try:
            if columns is not None:
                encoding = self._encoding()
                try:
                    for row in cursor.execute(with_bytes(sql, columns), in_range(parameters)):
                        yield decoded_row(row, encoding)
                except UnicodeDecodeError as error:
                    # The columns come as bytes, so it was a function that read a text.
                    raise statement_error(error, sql) from error
                return
            try:
                rows = cursor.execute(sql, tuple(parameters))
            except OverflowError:
                rows = cursor.execute(sql, in_range(parameters))
            yield from rows
        except (apsw.Error, TypeError, UnicodeEncodeError) as error:
            raise statement_error(error, sql) from error
        finally:
            cursor.close()

    def describe(self, sql: str) -> Description:
        """Look at a statement of the user's without running it."""
        with self.local.alone() as connection:
            return describe(connection, sql, self._schema)

    def explain(self, sql: str, parameters: Sequence[object]) -> str:
        """SQLite's query plan, indented as the sqlite3 shell shows it."""
        depth: dict[int, int] = {0: 0}
        lines: list[str] = []
        for number, parent, _, detail in self.fetch(f"EXPLAIN QUERY PLAN {sql}", parameters):
            depth[number] = depth.get(parent, 0) + 1
            lines.append("  " * (depth[number] - 1) + detail)
        return "\n".join(lines)

    def error(self, error: Exception, sql: str) -> NoormmeError | None:
        """The error that an exception stands for; None where the tolerant way may do better."""
        return statement_error(error, sql) if isinstance(error, (apsw.Error, NoormmeError)) else None

    @contextmanager
    def capture(self, record: Callable[[str, Sequence[object]], None]) -> Generator[None, None, None]:
        """Report every statement that runs while the context is open, on every thread.

        The looks at stored values that compiling needs are not reported, so that a query counts the same
        the first time and later.
        """
        self._recorders = (*self._recorders, record)
        self._trace()
        try:
            yield
        finally:
            self._recorders = tuple(known for known in self._recorders if known is not record)
            self._trace()

    def _report(self, cursor: object, sql: str, bindings: Any) -> bool:
        """What APSW calls before each statement; the answer lets it run."""
        if not self._looking.at_values:
            for record in self._recorders:
                record(sql, tuple(bindings) if bindings else ())
        return True

    def _trace(self) -> None:
        for connection in self._all_connections():
            connection.exec_trace = self._report if self._recorders else None


class _Looking(threading.local):
    """Whether the thread looks at stored values for itself."""

    at_values = False


def _go_on() -> bool:
    """What SQLite calls during a long statement; the call alone lets Python raise KeyboardInterrupt."""
    return False


def _fixed(path: str) -> str:
    """The path from the root, so that connections opened later mean the same file after a chdir.

    It is joined and not normalized: ``..`` after a link leads elsewhere than its text says.
    """
    try:
        return os.path.join(os.getcwd(), path)
    except FileNotFoundError:  # the working directory was removed
        return path


def _flags(path: str, settings: Settings) -> int:
    if path == MEMORY:
        return apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE
    # A file in WAL mode has two files beside it while it is read. A connection that may write removes them
    # when it closes, one that may not leaves them behind; but the first also finishes what another program
    # left in them. So a read-only database is opened for writing only where there is nothing to finish; every
    # reader is query_only in any case.
    unfinished = settings.readonly and any(os.path.exists(path + end) for end in ("-wal", "-journal"))
    if unfinished or not os.access(path, os.W_OK):
        return apsw.SQLITE_OPEN_READONLY
    return apsw.SQLITE_OPEN_READWRITE


def _pragmas(settings: Settings, *, query_only: bool) -> str:
    temp_store = {"default": 0, "file": 1, "memory": 2}[settings.temp_store]
    return (
        f"PRAGMA cache_size=-{settings.cache_size_kib}; PRAGMA mmap_size={settings.mmap_size_bytes};"
        f"PRAGMA temp_store={temp_store}; PRAGMA foreign_keys={int(settings.foreign_keys)};"
        f"PRAGMA query_only={int(query_only)}"
    )


def _zone(name: str | None) -> tzinfo | None:
    if name is None:
        return None
    from zoneinfo import ZoneInfo  # here, because most programs need no time zone

    return ZoneInfo(name)


_engines: weakref.WeakSet[SQLiteEngine] = weakref.WeakSet()
_inherited: list[apsw.Connection] = []
"""Connections of a parent process, kept so that they are never closed in the child: closing one would drop
the parent's locks."""


def _after_fork() -> None:
    for engine in list(_engines):
        engine.after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
