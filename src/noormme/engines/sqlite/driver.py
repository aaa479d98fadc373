"""SQLite through APSW: connections, statements, errors.

Invariant: a connection that reads is ``query_only``, and used by one thread at a time (a database in memory
has one connection behind a lock instead). One connection writes; whoever has the turn uses it.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from threading import get_ident
from time import sleep
from typing import TYPE_CHECKING

import apsw

from noormme.engines.audit import AuditSQL
from noormme.engines.base import (
    Cursor,
    Description,
    Mode,
    Named,
    Results,
    Role,
    Row,
    Session,
    Writer,
    Written,
)
from noormme.engines.budget import THREAD, taken
from noormme.engines.fetched import closed, no_replica
from noormme.engines.sqlite import lifetime
from noormme.engines.sqlite.audit_stamp import AuditStamp
from noormme.engines.sqlite.checkpoints import Checkpoints
from noormme.engines.sqlite.cursors import Closed, PerThread, Shared
from noormme.engines.sqlite.describe import describe
from noormme.engines.sqlite.dialect import SQLiteDialect
from noormme.engines.sqlite.faults import open_error, statement_error
from noormme.engines.sqlite.guard import Guard
from noormme.engines.sqlite.introspect import introspect
from noormme.engines.sqlite.lending import Loan
from noormme.engines.sqlite.opening import fixed, flags, open_connection, zone
from noormme.engines.sqlite.planning import keep_plans, plans_can_be_kept
from noormme.engines.sqlite.readers import Readers
from noormme.engines.sqlite.ready import ready
from noormme.engines.sqlite.reports import Reports
from noormme.engines.sqlite.routing import NotLent, Routed
from noormme.engines.sqlite.session import SQLiteSession, current
from noormme.engines.sqlite.statements import Cursors, explain, fetch, run_named, stream
from noormme.engines.sqlite.streams import Streams
from noormme.engines.sqlite.watching import heed, wait_where
from noormme.engines.sqlite.writer import SQLiteWriter
from noormme.engines.sqlite.writes import Writes
from noormme.engines.waits import Waiting, block
from noormme.engines.workers import Workers
from noormme.errors import NoormmeError, ReadOnly
from noormme.schema.model import Schema
from noormme.settings import MEMORY, Settings

if TYPE_CHECKING:
    from noormme.engines.circuit import Circuit
    from noormme.engines.creating import Creator

__all__ = ["SQLiteEngine"]

_SAMPLED_ROWS = 50

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
        mark: What tells this engine from others without keeping it alive.
        waits: No network is waited for.
        workers: The threads for what an event loop's thread must not run.
    """

    waits = False

    def __init__(self, path: str, settings: Settings) -> None:
        self.path = path
        self.settings = settings
        self.memory = path == MEMORY
        self._file = path if self.memory else fixed(path)
        self._timezone = zone(settings.timezone)
        self.dialect = SQLiteDialect(self._sample, self._timezone)
        self._stamp = AuditStamp()
        self._circuit = _circuit(settings)
        self._connections: weakref.WeakSet[apsw.Connection] = weakref.WeakSet()
        self._lock = threading.RLock()
        self._closed = False
        self._reports = Reports()
        self.mark = object()
        self.workers = Workers()
        self._keep_plans = False
        self._discovered = False
        self._schema = Schema(self.dialect.name)
        self._open_flags = flags(self._file, settings)
        self._guard = None if self.memory else Guard(self._file, settings.sqlite3_guard)
        self._readers = self._new_readers()
        self._plain: PerThread | Shared = Shared(self._connect()) if self.memory else PerThread(self._readers)
        try:
            # The first connection tells whether there is such a database.
            self._plain.free.append(self._plain.new())
        except BaseException:
            if self._guard is not None:
                self._guard.release()
            raise
        self.local: Cursors = self._plain
        self._streams = Streams()
        self.writes = self._new_writes()
        lifetime.look_after(self)

    # -- connections --------------------------------------------------------------------------------

    def _connect(self, *, writes: bool = False) -> apsw.Connection:
        connection = open_connection(
            self._file, self.settings, flags=self._open_flags, writes=writes, timezone=self._timezone
        )
        if writes:
            self._stamp.attach(connection)
        if self._keep_plans:
            keep_plans(connection)
        with self._lock:
            late = self._closed
            if not late:
                self._connections.add(connection)
        if late:
            # While it was opened: nobody else would close it.
            lifetime.close(connection)
            raise closed()
        self._reports.trace(connection)
        return connection

    def _new_readers(self) -> Readers:
        settings = self.settings
        return Readers(
            self._connect,
            partial(heed, busy_timeout_s=settings.busy_timeout_s),
            settings.max_readers,
            settings.pool_timeout_s,
            settings.idle_timeout_s,
        )

    def _new_writes(self) -> Writes:
        return Writes(
            self,
            self._connect_writer,
            None if self.memory else self._file,
            self.settings.busy_timeout_s,
            synchronous=self.settings.durability.upper(),
            began=self._began,
            ended=self._ended,
            read_all=self._streams.read_all,
            loan=self._new_loan(),
        )

    def _new_loan(self) -> Loan:
        wal = self.settings.journal_mode == "wal"
        plain = self._plain if isinstance(self._plain, PerThread) else None
        return Loan(plain, lends=wal, apart=self._apart)

    @contextmanager
    def _apart(self) -> Generator[None, None, None]:
        """A block in which every thread reads on a connection of its own."""
        with self._lock:
            if self.local is self._plain and isinstance(self._plain, PerThread):
                self.local = NotLent(self._plain)
        try:
            yield
        finally:
            with self._lock:
                if isinstance(self.local, NotLent):
                    self.local = self._plain

    def _connect_writer(self) -> SQLiteWriter:
        """The connection that writes.

        Raises:
            apsw.BusyError: Another process holds the file just now.
        """
        if isinstance(self._plain, Shared):
            shared = self._plain.connection
            with taken(self._plain.lock):
                self._reports.unreported(lambda: self._stamp.attach(shared))
                return SQLiteWriter(shared, self._plain.lock, self._reports.unreported, self._known)
        connection = self._connect(writes=True)
        made = SQLiteWriter(
            connection,
            threading.RLock(),
            self._reports.unreported,
            self._known,
            steps=THREAD.budget.steps,
            wal_wanted=self.settings.journal_mode == "wal",
        )
        writes = self.writes

        def reads() -> bool:
            # What another thread kept, because it read too long, does nothing else any more.
            kept = writes.writer is not None and writes.writer is not made
            return kept or (writes.turn.thread != get_ident() and writes.loan.reads())

        wait_where(connection, self.settings.busy_timeout_s, reads)
        Checkpoints(self.writes.held, lambda: self.workers).attach(made)
        return made

    def _known(self) -> Schema:
        return self._schema

    def _began(self, session: SQLiteSession) -> None:
        with self._lock:
            if not self._closed:
                self.local = Routed(session, self._plain, self.writes.held)

    def _ended(self) -> None:
        with self._lock:
            if isinstance(self.local, Routed):
                self.local = self._plain
        self._readers.tidy()

    def close(self) -> None:
        """Close every connection; using the engine afterwards raises DatabaseClosed.

        A statement that another thread is running is interrupted.
        """
        with self._lock:
            self._closed = True
            self.local = Closed()
        self._readers.close()
        self.writes.close()
        if self._guard is not None:
            self._guard.release()
        self.workers.close()
        for connection in self._all_connections():
            while True:
                try:
                    lifetime.close(connection)
                    break
                except apsw.ThreadingViolationError:
                    connection.interrupt()
                    sleep(_INTERRUPTING_S)

    def _all_connections(self) -> list[apsw.Connection]:
        with self._lock:
            return list(self._connections)

    def before_fork(self) -> None:
        """Let a database in memory be copied between two statements."""
        if isinstance(self._plain, Shared):
            self._plain.rest()

    def after_fork_in_parent(self) -> None:
        """Go on."""
        if isinstance(self._plain, Shared):
            self._plain.go_on()

    def after_fork(self) -> None:
        """Forget, in a child process, the connections of its parent: they must be neither used nor closed.

        A database in memory is copied with the process, so its connection is the child's own. What a
        transaction has not committed stays with the parent there too.
        """
        copied = isinstance(self._plain, Shared) and self._plain.go_on()
        if self._closed:
            return
        if isinstance(self.local, Routed):
            self.local.forget()
        self._lock = threading.RLock()
        # Its threads stayed in the parent.
        self.workers = Workers()
        if self._circuit is not None:
            self._circuit.after_fork()
        self.writes.after_fork()
        self._readers = self._new_readers()
        if copied:
            self.local = self._plain
            self._roll_back()
        else:
            lifetime.inherit(self._connections)
            self._connections = weakref.WeakSet()
            if self.memory:
                # The copy is in the middle of a statement that nobody will end.
                self._closed, self.local = True, Closed()
            else:
                self.local = self._plain = PerThread(self._readers)
        self._streams = Streams()
        self.writes = self._new_writes()

    def _roll_back(self) -> None:
        with self.local.alone() as connection:
            if connection.in_transaction:
                self._reports.unreported(lambda: connection.execute("ROLLBACK"))

    # -- schema -------------------------------------------------------------------------------------

    def discover(self) -> Schema:
        """Read the schema.

        Raises:
            ConnectionFailed: The file cannot be read.
        """
        try:
            ((self.dialect.encoding,),) = self.local.new().execute("PRAGMA encoding").fetchall()
            with self.local.alone() as connection:
                schema = introspect(connection, types=self.settings.types, names=self.settings.names)
        except apsw.Error as error:
            raise open_error(error, self.path) from error
        self.dialect.forget()
        self._keep_plans = plans_can_be_kept(schema, has_samples=self._has_samples())
        if self._keep_plans and not self._discovered:
            # At the first look only: later a statement may be running, which this would end.
            with self.local.alone() as connection:
                keep_plans(connection)
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
        try:
            found = self._reports.unreported(lambda: self.local.new().execute(sql).fetchall())
            return [row[0] for row in found]
        except (apsw.SQLError, apsw.CorruptError, UnicodeDecodeError):
            # What cannot be read teaches nothing; the query itself will say what is wrong.
            return []
        except apsw.Error as error:
            raise statement_error(error, sql) from error

    # -- statements ---------------------------------------------------------------------------------

    def fetch(self, sql: str, parameters: Sequence[object], columns: int | None = None) -> list[Row]:
        """Run a statement and give all of its rows, whatever odd values they hold."""
        return fetch(self.local, sql, parameters, columns)

    def run_named(self, cursor: Cursor, sql: str, parameters: Sequence[object]) -> Named[Results]:
        """Run a statement and give its rows, with what their columns are called."""
        return run_named(cursor, sql, parameters)

    def stream(self, sql: str, parameters: Sequence[object], columns: int | None = None) -> Iterator[Row]:
        """Run a statement and give its rows as they come, on a cursor of its own."""
        return stream(self.local, self._streams, sql, parameters, columns)

    def reading_from(self, role: Role | None) -> AbstractContextManager[None]:
        """A file is read where it is written."""
        return nullcontext()

    def watch(self) -> None:
        """Let the calling thread's connection look at the thread's budget as often as that says."""
        self.local.watch(self.settings.busy_timeout_s)
        self.writes.loan.end_here()

    def describe(self, sql: str) -> Description:
        """Look at a statement of the user's without running it."""
        with self.local.alone() as connection:
            # A connection sees that the tables have changed when it reads, and not when it prepares.
            try:
                self._reports.unreported(
                    lambda: connection.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchall()
                )
            except apsw.Error as error:
                raise statement_error(error, sql) from error
            return describe(connection, sql, self._schema)

    # -- writing ------------------------------------------------------------------------------------

    def writing(self) -> AbstractContextManager[Writer]:
        """What to write with: the open transaction of this context, or a turn of its own."""
        self._refuse_readonly()
        writing = self.writes.writing()
        if self._circuit is None:
            return writing
        return self._circuit.around(writing, whole=current(self) is None)

    def write(self, sql: str, parameters: Sequence[object]) -> Written:
        """Run one statement in the open transaction of this context, or in a turn of its own."""
        if self.settings.readonly or self.local.__class__ is Closed:
            self._refuse_readonly()
        if self._circuit is None:
            return (current(self) or self.writes.held()).write(sql, parameters)
        session = current(self)
        with self._circuit.around(nullcontext(), whole=session is None):
            return (session or self.writes.held()).write(sql, parameters)

    def ready(
        self, sql: str, *, gives_rows: bool, counts: bool, numbers: bool
    ) -> Callable[[Sequence[object]], Written]:
        """A statement that writes, made ready to run often."""
        if self.memory or self.settings.readonly or self._circuit is not None:
            return partial(self.write, sql)
        return ready(self, sql, gives_rows=gives_rows, counts=counts, numbers=numbers)

    def session(self) -> SQLiteSession | None:
        """The open transaction that this code is in, or None."""
        return current(self)

    def beginning(self, mode: Mode, *, durable: bool) -> Waiting[Session]:
        """Begin a transaction, without waiting on this thread."""
        self._refuse_readonly()
        circuit = self._circuit
        if circuit is None:
            return (yield from self.writes.beginning(mode, durable=durable))
        circuit.check()
        try:
            session = yield from self.writes.beginning(mode, durable=durable)
        except BaseException as error:
            circuit.failed(error)
            raise
        session.circuit = circuit
        return session

    def begin(self, mode: Mode, *, durable: bool) -> Session:
        """Begin a transaction, and wait on this thread where that is needed."""
        self.writes.refuse_waiting_for_itself()
        return block(self.beginning(mode, durable=durable))

    def _refuse_readonly(self) -> None:
        if self.settings.readonly:
            raise ReadOnly(
                "this database was opened with readonly=True", hint="connect() without it to write"
            )
        if isinstance(self.local, Closed):
            raise closed()

    @property
    def creator(self) -> Creator:
        """What writes definitions."""
        # Imported here, because most programs define nothing.
        from noormme.engines.sqlite.creating import SQLiteCreator

        return SQLiteCreator()

    @property
    def audit(self) -> AuditSQL:
        """The SQL of the audit trail."""
        # Imported here, because most programs keep none.
        from noormme.engines.sqlite.audit import SQLiteAudit

        return SQLiteAudit(self._stamp, self.dialect)

    def pull(self) -> None:
        """A file of SQLite's is no replica.

        Raises:
            NotSupported: Always.
        """
        raise no_replica()

    def explain(self, sql: str, parameters: Sequence[object]) -> str:
        """SQLite's query plan, indented as the sqlite3 shell shows it."""
        return explain(self.local, sql, parameters)

    def error(self, error: Exception, sql: str) -> NoormmeError | None:
        """The error that an exception stands for; None where the tolerant way may do better."""
        return statement_error(error, sql) if isinstance(error, (apsw.Error, NoormmeError)) else None

    @contextmanager
    def capture(self, record: Callable[[str, Sequence[object]], None]) -> Generator[None, None, None]:
        """Report every statement that runs while the context is open, on every thread.

        The looks at stored values that compiling needs are not reported, so that a query counts the same
        the first time and later.
        """
        self._reports.add(record, self._all_connections)
        try:
            yield
        finally:
            self._reports.remove(record, self._all_connections)


def _circuit(settings: Settings) -> Circuit | None:
    if settings.breaker_failures is None:
        return None
    from noormme.engines.circuit import Circuit  # here, because most programs have none

    return Circuit(settings.breaker_failures, settings.breaker_pause_s)
