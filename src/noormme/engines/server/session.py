"""An open transaction on a server: the connection that it has to itself.

Invariant: a session has its connection from its beginning to its end, and gives it back in no transaction.
Which session a piece of code is in is said by its context, so it follows calls, tasks and threads that were
given the context.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import count
from threading import RLock
from typing import TYPE_CHECKING, Any, TypeVar

from noormme.engines.base import Row, Written
from noormme.engines.budget import THREAD, OverBudget, taken
from noormme.engines.scope import Scope
from noormme.engines.server.waiting import Elsewhere
from noormme.engines.waits import Waiting
from noormme.errors import ConnectionFailed, NoormmeError, TransactionError

if TYPE_CHECKING:
    from types import TracebackType

    from noormme.engines.server.link import Link
    from noormme.engines.server.pool import Pool
    from noormme.engines.workers import Workers
    from noormme.schema.model import Table

__all__ = ["ServerSession", "Turn", "current"]

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
        begin: The statement that begins it.

    Attributes:
        engine: The engine.
        open: Whether it goes on.
        committed: Whether it ended with a COMMIT.
        scopes: Its blocks that are open, the innermost last.
    """

    def __init__(self, engine: object, pool: Pool[Any], workers: Workers, begin: str) -> None:
        self.engine = engine
        self._workers = workers
        self.open = True
        self.committed = False
        self.scopes: list[Scope] = []
        self.lock = RLock()
        self._pool = pool
        self._names = count(1)
        self._link = _begun(pool, begin)

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
        """Servers give keys back with the row that has them."""
        return 0

    def run(self, sql: str, parameters: Sequence[object] = ()) -> list[Row]:
        """Run one statement and give its rows.

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
            return rows, self._link.changed, 0, self.scopes[-1] if self.scopes else None

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

    def next_key(self, table: Table) -> int | None:
        """Only the server can say it."""
        return None

    def tolerant(self, sql: str, parameters: Sequence[object]) -> list[Row]:
        """The rows of a statement, those values as text that the driver cannot read.

        Args:
            sql: The statement.
            parameters: Its parameters, encoded.
        """
        with taken(self.lock), self._link.tolerant():
            return self.run(sql, parameters)

    def stream(self, sql: str, parameters: Sequence[object]) -> Iterator[Row]:
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


def _begun(pool: Pool[Any], begin: str) -> Link:
    """A connection in a transaction; one that had ended while nobody used it is replaced once."""
    for last in (False, True):
        link: Link = pool.take()
        try:
            link.control(begin)
        except ConnectionFailed:
            pool.drop(link)
            if last:
                raise
            pool.empty()
        except BaseException:
            pool.drop(link)
            raise
        else:
            return link
    raise AssertionError("the second try returns or raises")


class Turn:
    """A connection for statements that each commit by themselves; an ``engines.base.Writer``.

    Args:
        link: The connection.
    """

    def __init__(self, link: Link) -> None:
        self._link = link

    @classmethod
    @contextmanager
    def of(cls, pool: Pool[Any]) -> Generator[Turn, None, None]:
        """A turn with a connection of a pool.

        Args:
            pool: The pool.
        """
        with pool.lent() as link:
            yield cls(link)

    @property
    def changed(self) -> int:
        """How many rows the last statement changed."""
        return self._link.changed

    @property
    def last_key(self) -> int:
        """Servers give keys back with the row that has them."""
        return 0

    def run(self, sql: str, parameters: Sequence[object] = ()) -> list[Row]:
        """Run one statement and give its rows.

        Raises:
            DatabaseError: The server refused.
        """
        return self._link.run(sql, parameters)

    def run_many(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        """Run one statement for each row of parameters.

        Raises:
            DatabaseError: The server refused one of them.
        """
        self._link.run_many(sql, iter(rows))

    def next_key(self, table: Table) -> int | None:
        """Only the server can say it."""
        return None
