"""An open transaction on a server: the connection that it has to itself.

Invariant: a session has its connection from its beginning to its end, and gives it back in no transaction.
Which session a piece of code is in is said by its context, so it follows calls, tasks and threads that were
given the context.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Sequence
from contextvars import ContextVar
from itertools import count
from threading import RLock
from typing import TYPE_CHECKING, Any, TypeVar

from noormme.engines.base import Done, Named, Row, Written
from noormme.engines.budget import THREAD, OverBudget, taken
from noormme.engines.scope import Scope
from noormme.engines.server.turn import unknown
from noormme.engines.server.waiting import Elsewhere
from noormme.engines.waits import Waiting
from noormme.errors import ConnectionFailed, ConnectionLost, NoormmeError, TransactionError

if TYPE_CHECKING:
    from types import TracebackType

    from noormme.engines.server.link import Link
    from noormme.engines.server.pool import Pool, Use
    from noormme.engines.workers import Workers
    from noormme.schema.model import Column, Table

__all__ = ["ServerSession", "current"]

T = TypeVar("T")

_SESSIONS: ContextVar[tuple[ServerSession, ...]] = ContextVar("noormme_server_sessions", default=())


def current(engine: object) -> ServerSession | None:
    """The session of an engine that this code is in, or None.

    Args:
        engine: The engine.
    """
    for session in reversed(_SESSIONS.get()):
        if session.engine is engine and session.open:
            return session
    return None


class ServerSession:
    """An open transaction; an ``engines.base.Session``.

    Args:
        engine: The engine.
        pool: Where its connection comes from.
        workers: Who waits for the server where a coroutine cannot.
        begin: The statements that begin it.
        patient: Tries again while the server is away.
        use: What it is for.

    Attributes:
        engine: The engine.
        open: Whether it goes on.
        committed: Whether it ended with a COMMIT.
        scopes: Its blocks that are open, the innermost last.
    """

    def __init__(
        self,
        engine: object,
        pool: Pool[Any],
        workers: Workers,
        begin: Sequence[str],
        *,
        patient: Callable[[Callable[[], Link]], Link],
        use: Use = "transaction",
    ) -> None:
        self.engine = engine
        self._workers = workers
        self.open = True
        self.committed = False
        self.scopes: list[Scope] = []
        self.lock = RLock()
        self._pool = pool
        self._names = count(1)
        self._link = patient(lambda: _begun(pool, begin, use))

    # -- the code that is in it ---------------------------------------------------------------------

    def attach(self) -> None:
        """Let the code of this context be in it."""
        _SESSIONS.set((*_SESSIONS.get(), self))

    def detach(self) -> None:
        """Let the code of this context be in it no longer."""
        _SESSIONS.set(tuple(session for session in _SESSIONS.get() if session is not self))

    def __enter__(self) -> ServerSession:
        # Between a statement and the question what it did, no other thread of the transaction may write.
        self.lock.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """What is written in a transaction goes on with it."""
        self.lock.release()

    def take_now(self) -> bool:
        """Never on this thread: every statement waits for the network, so a worker runs it."""
        return False

    def give(self) -> None:
        """Let other threads use its connection again."""
        self.lock.release()

    def holding(self, call: Callable[..., T], *arguments: object, **options: object) -> T:
        """What a call gives while no other thread uses its connection; waits for that.

        Args:
            call: What to call.
            *arguments: Its arguments.
            **options: Its arguments by name.
        """
        with self.lock:
            return call(*arguments, **options)

    # -- statements ---------------------------------------------------------------------------------

    @property
    def changed(self) -> int:
        """How many rows the last statement changed."""
        return self._link.changed

    @property
    def last_key(self) -> int:
        """The number that the last row got; 0 where the server gives it back with the row."""
        return self._link.last_key

    def run(self, sql: str, parameters: Sequence[object] = ()) -> list[Row]:
        """Run one statement and give its rows, those values as text that the driver cannot read.

        Raises:
            DatabaseError: The server refused.
            TransactionError: The transaction has ended.
        """
        if THREAD.budget.limited:
            raise OverBudget
        with taken(self.lock):
            self._check()
            with self._link.tolerant():
                return self._link.run(sql, parameters)

    def run_named(self, sql: str, parameters: Sequence[object] = ()) -> Named[list[Row]]:
        """As ``run``, with what the columns of the rows are called."""
        with taken(self.lock):
            rows = self.run(sql, parameters)
            return self._link.names, rows

    def read_named(self, sql: str, parameters: Sequence[object] = ()) -> Named[list[Row]]:
        """As ``read``, with what the columns of the rows are called."""
        with taken(self.lock):
            rows = self.read(sql, parameters)
            return self._link.names, rows

    def read(self, sql: str, parameters: Sequence[object] = ()) -> list[Row]:
        """Run one statement that can be run again, and give its rows.

        Raises:
            DatabaseError: The server refused.
            TransactionError: The transaction has ended.
        """
        if THREAD.budget.limited:
            raise OverBudget
        with taken(self.lock):
            self._check()
            return self._link.run(sql, parameters)

    def write(self, sql: str, parameters: Sequence[object] = ()) -> Written:
        """Run one statement; see ``Engine.write``.

        Raises:
            DatabaseError: The server refused.
            TransactionError: The transaction has ended.
        """
        with taken(self.lock):
            rows = self.run(sql, parameters)
            link = self._link
            return rows, link.changed, link.last_key, self.scopes[-1] if self.scopes else None

    def run_many(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        """Run one statement for each row of parameters.

        Raises:
            DatabaseError: The server refused one of them.
            TransactionError: The transaction has ended.
        """
        if THREAD.budget.limited:
            raise OverBudget
        with taken(self.lock):
            self._check()
            self._link.run_many(sql, iter(rows))

    def run_each(self, sql: str, rows: Iterable[Sequence[object]]) -> list[Done]:
        """Run one statement for each row of parameters, many at once, and give what each run did.

        Raises:
            DatabaseError: The server refused one of them.
            TransactionError: The transaction has ended.
        """
        with taken(self.lock):
            return self._ready().run_each(sql, iter(rows))

    def insert_rows(self, table: Table, columns: Sequence[Column], rows: Iterable[Sequence[object]]) -> None:
        """Insert many rows, in the fastest way that the server has.

        Raises:
            DatabaseError: The server refused one of them.
            TransactionError: The transaction has ended.
        """
        with taken(self.lock):
            self._ready().insert_rows(table, columns, iter(rows))

    def reserve(self, table: Table, column: Column, count: int) -> Sequence[Any] | None:
        """What the server would give new rows in a column; nobody else is given it.

        Raises:
            DatabaseError: The server refused.
            TransactionError: The transaction has ended.
        """
        with taken(self.lock):
            return self._ready().reserve(table, column, count)

    def _ready(self) -> Link:
        """The connection, for what waits for the network; its lock is held."""
        if THREAD.budget.limited:
            raise OverBudget
        self._check()
        return self._link

    def stream(self, sql: str, parameters: Sequence[object]) -> Generator[Row, None, None]:
        """The rows of a statement as they come.

        Args:
            sql: The statement.
            parameters: Its parameters, encoded.
        """
        if THREAD.budget.limited:
            raise OverBudget
        with taken(self.lock):
            self._check()
            return self._link.stream(sql, parameters)

    def trying(self, call: Callable[[Any], T]) -> T:
        """What a call with its connection gives, whose failure does not end the transaction.

        Args:
            call: What to call.
        """
        if THREAD.budget.limited:
            raise OverBudget
        with taken(self.lock):
            name = self.savepoint()
            try:
                found = call(self._link)
            except BaseException:
                self.rollback_to(name)
                raise
            self.release(name)
            return found

    def _check(self) -> None:
        if not self.open:
            raise TransactionError("this transaction has ended", hint="begin another one")

    # -- its parts and its end ----------------------------------------------------------------------

    def savepoint(self) -> str:
        """Mark a point to go back to.

        Returns:
            Its name.
        """
        name = f"noormme_{next(self._names)}"
        self._control(f"SAVEPOINT {name}")
        return name

    def release(self, name: str) -> None:
        """Keep what was written since a savepoint.

        Args:
            name: Its name.
        """
        self._control(f"RELEASE SAVEPOINT {name}")

    def rollback_to(self, name: str) -> None:
        """Undo what was written since a savepoint.

        Args:
            name: Its name.
        """
        if self.open:
            self._control(f"ROLLBACK TO SAVEPOINT {name}")
            self._control(f"RELEASE SAVEPOINT {name}")

    def committing(self) -> Waiting[None]:
        """Make everything permanent, and end it; everything is rolled back where that fails."""
        ended = Elsewhere(self._workers, self._commit, in_transaction=True)
        # Who leaves now does not know whether it was committed; ``committed`` says it when it is over.
        yield ended
        return ended.result

    def _commit(self) -> None:
        with self.lock:
            self._check()
            try:
                self._link.control("COMMIT")
            except ConnectionLost as lost:
                self.rollback()
                if lost.answered:
                    raise
                raise unknown("the transaction was committed") from lost
            except BaseException:
                self.rollback()
                raise
            self.open = False
            self.committed = True
            self._pool.give(self._link)

    def rollback(self) -> None:
        """Undo everything, and end it."""
        with self.lock:
            if not self.open:
                return
            self.open = False
            try:
                self._link.control("ROLLBACK")
            except NoormmeError:
                # Its end is a rollback too.
                self._pool.drop(self._link)
            except BaseException:
                self._pool.drop(self._link)
                raise
            else:
                self._pool.give(self._link)

    def _control(self, sql: str) -> None:
        with self.lock:
            self._check()
            self._link.control(sql)


def _begun(pool: Pool[Any], begin: Sequence[str], use: Use) -> Link:
    """A connection in a transaction."""
    link: Link = pool.take(use)
    try:
        for statement in begin:
            link.control(statement)
    except ConnectionFailed:
        pool.drop(link)
        pool.empty()
        raise
    except BaseException:
        pool.drop(link)
        raise
    return link
