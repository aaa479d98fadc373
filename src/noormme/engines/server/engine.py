"""What the engines of all servers do in the same way: lend connections, run statements, hold transactions.

Invariant: no statement runs on the thread of an event loop: what a coroutine asks for ends there with
``OverBudget`` before it has begun, and runs in a worker thread.
"""

from __future__ import annotations

import atexit
import os
import weakref
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from noormme.engines.base import Mode, Row, Session, Writer, Written
from noormme.engines.budget import THREAD, OverBudget
from noormme.engines.fetched import closed
from noormme.engines.server.cursors import Lending
from noormme.engines.server.pool import Pool
from noormme.engines.server.session import ServerSession, Turn, current
from noormme.engines.server.waiting import Elsewhere
from noormme.engines.waits import Waiting
from noormme.engines.workers import Workers
from noormme.errors import NoormmeError, ReadOnly
from noormme.schema.model import Schema

if TYPE_CHECKING:
    from noormme.engines.circuit import Circuit
    from noormme.engines.server.link import Link
    from noormme.settings import Settings

__all__ = ["ServerEngine"]

L = TypeVar("L", bound="Link")

Record = Callable[[str, Sequence[object]], None]

_engines: weakref.WeakSet[ServerEngine[Any]] = weakref.WeakSet()


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

    def __init__(self, path: str, settings: Settings) -> None:
        self.path = path
        self.settings = settings
        self.mark = object()
        self.workers = Workers(settings.max_connections)
        self._records: tuple[Record, ...] = ()
        self._circuit = _circuit(settings)
        self._pool = self._new_pool()
        self.local = Lending(self, self._pool)
        self._closed = False
        self._sessions: weakref.WeakSet[ServerSession] = weakref.WeakSet()
        self._schema = Schema("")
        _engines.add(self)

    @abstractmethod
    def _connect(self) -> L:
        """A new connection.

        Raises:
            ConnectionFailed: The server cannot be reached.
        """

    @abstractmethod
    def _begin(self, mode: Mode) -> str:
        """The statement that begins a transaction.

        Args:
            mode: With which lock it begins.
        """

    @abstractmethod
    def _tolerable(self, error: Exception) -> bool:
        """Whether an exception means a value that the driver could only give as text.

        Args:
            error: What the driver raised.
        """

    def _new_pool(self) -> Pool[L]:
        settings = self.settings
        return Pool(self._connect, settings.max_connections, settings.pool_timeout_s, settings.idle_timeout_s)

    def _known(self) -> Schema:
        return self._schema

    # -- statements that read -----------------------------------------------------------------------

    def fetch(self, sql: str, parameters: Sequence[object], columns: int | None = None) -> list[Row]:
        """Run a statement and give all of its rows, as text what the driver cannot read."""
        session = current(self)
        if session is not None:
            return session.tolerant(sql, parameters)

        def read(link: Link) -> list[Row]:
            with link.tolerant():
                return link.run(sql, parameters)

        return self.local.read(read)

    def stream(self, sql: str, parameters: Sequence[object], columns: int | None = None) -> Iterator[Row]:
        """Run a statement and give its rows as they come, on a connection of its own."""
        if THREAD.budget.limited:
            raise OverBudget
        session = current(self)
        if session is not None:
            yield from session.stream(sql, parameters)
            return
        own = self._begun("deferred")
        try:
            yield from own.stream(sql, parameters)
        finally:
            own.rollback()

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

    # -- writing ------------------------------------------------------------------------------------

    def writing(self) -> AbstractContextManager[Writer]:
        """What to write with: the open transaction of this context, or a connection for the time."""
        self._refuse()
        if THREAD.budget.limited:
            raise OverBudget
        session = current(self)
        writing: AbstractContextManager[Writer] = Turn.of(self._pool) if session is None else session
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
            with Turn.of(self._pool) as turn:
                return turn.run(sql, parameters), turn.changed, 0, None

    def ready(self, sql: str, *, gives_rows: bool) -> Callable[[Sequence[object]], Written]:
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

    def _begun(self, mode: Mode) -> ServerSession:
        session = ServerSession(self, self._pool, self.workers, self._begin(mode))
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
        for record in self._records:
            record(sql, parameters)

    @contextmanager
    def capture(self, record: Record) -> Generator[None, None, None]:
        """Report every statement that runs while the context is open, on every thread."""
        self._records = (*self._records, record)
        try:
            yield
        finally:
            self._records = tuple(known for known in self._records if known is not record)

    def close(self) -> None:
        """Close every connection; using the engine afterwards raises DatabaseClosed."""
        self._closed = True
        self._pool.close()
        self.workers.close()

    def after_fork(self) -> None:
        """Forget, in a child process, the connections of its parent."""
        for session in self._sessions:
            session.open = False
        self._sessions = weakref.WeakSet()
        self._pool.abandon()
        # Its threads stayed in the parent.
        self.workers = Workers(self.settings.max_connections)
        if not self._closed:
            self._pool = self._new_pool()
            self.local = Lending(self, self._pool)


def _circuit(settings: Settings) -> Circuit | None:
    if settings.breaker_failures is None:
        return None
    from noormme.engines.circuit import Circuit  # here, because most programs have none

    return Circuit(settings.breaker_failures, settings.breaker_pause_s)


def _after_fork() -> None:
    for engine in list(_engines):
        engine.after_fork()


def _at_exit() -> None:
    for engine in list(_engines):
        engine.close()


atexit.register(_at_exit)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
