"""What the engines of all servers do in the same way: lend connections, run statements, hold transactions.

Invariant: no statement runs on the thread of an event loop: what a coroutine asks for ends there with
``OverBudget`` before it has begun, and runs in a worker thread.
"""

from __future__ import annotations

import atexit
import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from noormme.engines.base import Cursor, Mode, Named, Results, Role, Row, Session, Writer, Written
from noormme.engines.budget import THREAD, OverBudget
from noormme.engines.fetched import closed, no_replica
from noormme.engines.server.cursors import Lending, LentCursor
from noormme.engines.server.patience import Patience
from noormme.engines.server.pool import Pool, Use
from noormme.engines.server.replicas import Replicas, reading_from
from noormme.engines.server.session import ServerSession, current
from noormme.engines.server.turn import Turn
from noormme.engines.server.waiting import Elsewhere
from noormme.engines.waits import Waiting
from noormme.engines.workers import Workers
from noormme.errors import ConnectionFailed, ConnectionLost, NoormmeError, NotSupported, ReadOnly
from noormme.schema.model import Schema
from noormme.sharing import Living, usable

if TYPE_CHECKING:
    from noormme.engines.circuit import Circuit
    from noormme.engines.server.link import Link
    from noormme.settings import Settings

__all__ = ["ServerEngine"]

L = TypeVar("L", bound="Link")
T = TypeVar("T")

Record = Callable[[str, Sequence[object]], None]

_engines: Living[ServerEngine[Any]] = Living()


class ServerEngine(ABC, Generic[L]):
    """A database on a server; the part of an ``engines.base.Engine`` that is the same for all of them.

    Args:
        path: What the database is called in messages, without a password.
        settings: How many connections, time limits, whether nothing may be written.

    Attributes:
        path: The same.
        local: The cursors, the same for all threads.
        mark: What tells this engine from others without keeping it alive.
        workers: The threads for what an event loop's thread must not run.
        waits: Every statement waits for the network.
    """

    waits = True

    _reads_replicas = False

    def __init__(self, path: str, settings: Settings) -> None:
        if settings.replicas and not self._reads_replicas:
            raise _no_replicas()
        self.path = path
        self.settings = settings
        self.mark = object()
        self.workers = Workers(settings.max_connections)
        # By their ids, because threads add and remove them at the same time.
        self._records: dict[int, Record] = {}
        self._circuit = _circuit(settings)
        self._patient = Patience(settings.reconnect_s)
        self._reached = False
        self._closed = False
        self._make_pools()
        self._sessions: Living[ServerSession] = Living()
        self._schema = Schema("")
        _engines.add(self)

    @abstractmethod
    def _connect(self) -> L:
        """A new connection.

        Raises:
            ConnectionLost: The server cannot be reached, or takes nobody just now.
            ConnectionFailed: It does not let us in.
        """

    @abstractmethod
    def _begin(self, mode: Mode) -> Sequence[str]:
        """The statements that begin a transaction.

        Args:
            mode: With which lock it begins.
        """

    @abstractmethod
    def _tolerable(self, error: Exception) -> bool:
        """Whether an exception means a value that the driver could only give as text.

        Args:
            error: What the driver raised.
        """

    def _connect_to(self, url: str) -> L:
        """A new connection to a replica, with which nothing can be written.

        Args:
            url: Where it is, with its password.

        Raises:
            ConnectionFailed: It cannot be reached, or does not let us in.
            NotSupported: Databases of this kind have no replicas that can be read.
        """
        raise _no_replicas()

    def _position(self, link: L, of_primary: bool) -> int | None:
        """How far the log of the primary is, or what a replica has applied of it; None where it does not say.

        Args:
            link: A connection to it.
            of_primary: Whether it is the primary.
        """
        return None

    def _make_pools(self) -> None:
        settings = self.settings
        self._pool = self._new_pool(self._open)
        self._servers = Replicas(
            self._pool,
            [self._new_pool(partial(self._connect_to, url)) for url in settings.replicas],
            self._position,
            window_s=settings.replica_window_s,
            most_lag_s=settings.replica_max_lag_s,
        )
        self.local = Lending(self, self._servers, self._patient)

    def _new_pool(self, connect: Callable[[], L]) -> Pool[L]:
        settings = self.settings
        return Pool(
            connect,
            settings.max_connections,
            settings.pool_timeout_s,
            settings.idle_timeout_s,
            settings.connection_age_s,
        )

    def _open(self) -> L:
        """A new connection; a server that was never there is not waited for."""
        try:
            link = self._connect()
        except ConnectionLost as lost:
            if self._reached or lost.answered:
                raise
            raise ConnectionFailed(lost.message, hint=lost.hint) from lost.__cause__
        self._reached = True
        return link

    def _reach(self) -> None:
        """Open the first connection, which tells whether there is such a database."""
        self._patient(lambda: self._pool.give(self._pool.take()))

    def _known(self) -> Schema:
        return self._schema

    # -- statements that read -----------------------------------------------------------------------

    def fetch(self, sql: str, parameters: Sequence[object], columns: int | None = None) -> list[Row]:
        """Run a statement and give all of its rows, as text what the driver cannot read."""
        session = current(self)
        if session is not None:
            return session.run(sql, parameters)

        def read(link: Link) -> list[Row]:
            with link.tolerant():
                return link.run(sql, parameters)

        return self.local.read(read)

    def run_named(self, cursor: Cursor, sql: str, parameters: Sequence[object]) -> Named[Results]:
        """Run a statement and give its rows, with what their columns are called."""
        assert isinstance(cursor, LentCursor), "there are no others"
        return cursor.execute_named(sql, parameters)

    def stream(self, sql: str, parameters: Sequence[object], columns: int | None = None) -> Iterator[Row]:
        """Run a statement and give its rows as they come, on a connection of its own."""
        if THREAD.budget.limited:
            raise OverBudget
        session = current(self)
        if session is not None:
            yield from session.stream(sql, parameters)
            return
        own, first, rows = self._patient(
            lambda: self._servers.read(lambda pool: self._streaming(pool, sql, parameters))
        )
        try:
            # Who leaves them has done so before the connection is given to somebody else.
            with closing(rows):
                yield from first
                yield from rows
        finally:
            own.rollback()

    def _streaming(
        self, pool: Pool[L], sql: str, parameters: Sequence[object]
    ) -> tuple[ServerSession, list[Row], Generator[Row, None, None]]:
        """A session with the first row of a statement, and those behind it."""
        own = self._begun("deferred", "stream", pool)
        try:
            rows = own.stream(sql, parameters)
            first = list(islice(rows, 1))
        except BaseException:
            own.rollback()
            raise
        return own, first, rows

    def reading_from(self, role: Role | None) -> AbstractContextManager[None]:
        """A block whose reads outside of transactions go to one kind of server."""
        return reading_from(role)

    def watch(self) -> None:
        """Nothing to watch: the server itself ends what takes too long."""

    def error(self, error: Exception, sql: str) -> NoormmeError | None:
        """The error that an exception stands for; None where the tolerant way may do better."""
        if isinstance(error, NoormmeError):
            return error
        return None if self._tolerable(error) else self._translated(error)

    @abstractmethod
    def _translated(self, error: Exception) -> NoormmeError | None:
        """The error that an exception of the driver stands for; None where it is none of the driver's."""

    def _alone(self, call: Callable[[L], T]) -> T:
        """What a call gives that neither writes nor ends a transaction, on the connection of this context.

        Args:
            call: What to call.
        """
        if THREAD.budget.limited:
            raise OverBudget
        session = current(self)
        return self.local.read_primary(call) if session is None else session.trying(call)

    def pull(self) -> None:
        """The database of a server is no replica that is kept here.

        Raises:
            NotSupported: Always, but for the engines that know replicas.
        """
        raise no_replica()

    # -- writing ------------------------------------------------------------------------------------

    def writing(self) -> AbstractContextManager[Writer]:
        """What to write with: the open transaction of this context, or a connection for the time."""
        self._refuse()
        if THREAD.budget.limited:
            raise OverBudget
        session = current(self)
        writing: AbstractContextManager[Writer] = (
            Turn.of(self._pool, self._patient) if session is None else session
        )
        return writing if self._circuit is None else self._circuit.around(writing, whole=session is None)

    def write(self, sql: str, parameters: Sequence[object]) -> Written:
        """Run one statement in the open transaction of this context, or by itself."""
        self._refuse()
        if THREAD.budget.limited:
            raise OverBudget
        session = current(self)
        around = (
            nullcontext()
            if self._circuit is None
            else self._circuit.around(nullcontext(), whole=session is None)
        )
        with around:
            if session is not None:
                return session.write(sql, parameters)
            return self._patient(lambda: self._written(sql, parameters))

    def _written(self, sql: str, parameters: Sequence[object]) -> Written:
        with Turn.of(self._pool, self._patient) as turn:
            return turn.run(sql, parameters), turn.changed, turn.last_key, None

    def ready(
        self, sql: str, *, gives_rows: bool, counts: bool, numbers: bool
    ) -> Callable[[Sequence[object]], Written]:
        """A statement that writes, made ready to run often."""
        return partial(self.write, sql)

    def session(self) -> Session | None:
        """The open transaction that this code is in, or None."""
        return current(self)

    def beginning(self, mode: Mode, *, durable: bool) -> Waiting[Session]:
        """Begin a transaction, without waiting on this thread."""
        begun = Elsewhere(self.workers, lambda: self.begin(mode, durable=durable))
        try:
            yield begun
        except BaseException:
            begun.left(lambda session: session.rollback())
            raise
        return begun.result

    def begin(self, mode: Mode, *, durable: bool) -> Session:
        """Begin a transaction."""
        self._refuse()
        if THREAD.budget.limited:
            raise OverBudget
        circuit = self._circuit
        if circuit is None:
            return self._begun(mode)
        circuit.check()
        try:
            return self._begun(mode)
        except BaseException as error:
            circuit.failed(error)
            raise

    def _begun(self, mode: Mode, use: Use = "transaction", pool: Pool[L] | None = None) -> ServerSession:
        session = ServerSession(
            self,
            pool or self._pool,
            self.workers,
            self._begin(mode),
            patient=self._patient if pool is None else _at_once,
            use=use,
        )
        self._sessions.add(session)
        return session

    def _refuse(self) -> None:
        if self.settings.readonly:
            raise ReadOnly(
                "this database was opened with readonly=True", hint="connect() without it to write"
            )
        if self._closed:
            raise closed()

    # -- who listens, and the end -------------------------------------------------------------------

    def _report(self, sql: str, parameters: Sequence[object]) -> None:
        if self._records:
            for record in list(self._records.values()):
                record(sql, parameters)

    @contextmanager
    def capture(self, record: Record) -> Generator[None, None, None]:
        """Report every statement that runs while the context is open, on every thread."""
        self._records[id(record)] = record
        try:
            yield
        finally:
            self._records.pop(id(record), None)

    def close(self) -> None:
        """Close every connection; using the engine afterwards raises DatabaseClosed."""
        self._closed = True
        self._pool.close()
        self._servers.close()
        self.workers.close()

    def after_fork(self) -> None:
        """Forget, in a child process, the connections of its parent."""
        for session in self._sessions:
            session.open = False
            session.lock = usable(session.lock)
        self._sessions = Living()
        self._pool.abandon()
        self._servers.abandon()
        # Its threads stayed in the parent.
        self.workers = Workers(self.settings.max_connections)
        if self._circuit is not None:
            self._circuit.after_fork()
        if not self._closed:
            self._make_pools()


def _no_replicas() -> NotSupported:
    return NotSupported(
        "databases of this kind are read from one server", hint="leave the setting replicas out"
    )


def _at_once(call: Callable[[], T]) -> T:
    """Make a call; somebody else tries it again."""
    return call()


def _circuit(settings: Settings) -> Circuit | None:
    if settings.breaker_failures is None:
        return None
    from noormme.engines.circuit import Circuit  # here, because most programs have none

    return Circuit(settings.breaker_failures, settings.breaker_pause_s)


def _after_fork() -> None:
    for engine in _engines:
        engine.after_fork()


def _at_exit() -> None:
    for engine in _engines:
        engine.close()


atexit.register(_at_exit)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
