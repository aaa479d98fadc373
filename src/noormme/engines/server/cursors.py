"""Cursors that borrow a connection for one statement.

Invariant: a statement of code that is in a transaction runs on the connection of that; any other one has a
connection only while it runs, and all of its rows are read by then.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from noormme.engines.base import Cursor, Named
from noormme.engines.budget import THREAD, OverBudget
from noormme.engines.fetched import Fetched
from noormme.engines.server.session import current
from noormme.errors import ConnectionFailed

if TYPE_CHECKING:
    from noormme.engines.server.link import Link
    from noormme.engines.server.patience import Patience
    from noormme.engines.server.pool import Pool
    from noormme.engines.server.replicas import Replicas

__all__ = ["Lending", "LentCursor"]

T = TypeVar("T")


class LentCursor:
    """Runs each statement on a connection that it borrows.

    Args:
        engine: Whose statements they are.
        lending: Where connections come from.
    """

    __slots__ = ("_engine", "_lending")

    def __init__(self, engine: object, lending: Lending) -> None:
        self._engine = engine
        self._lending = lending

    def execute(self, sql: str, parameters: Any = ()) -> Fetched:
        """Run a statement and read all of its rows.

        Args:
            sql: The statement.
            parameters: Its parameters, encoded.

        Raises:
            DatabaseError: The server refused.
            OverBudget: The calling thread is that of an event loop, which waits for no network.
        """
        if THREAD.budget.limited:
            raise OverBudget
        session = current(self._engine)
        if session is not None:
            return Fetched(session.read(sql, parameters or ()))
        return Fetched(self._lending.read(lambda link: link.run(sql, parameters or ())))

    def close(self) -> None:
        """Nothing to give up: all rows were read, and the connection is back."""

    def execute_named(self, sql: str, parameters: Any = ()) -> Named[Fetched]:
        """As ``execute``, with what the columns of the rows are called.

        Args:
            sql: The statement.
            parameters: Its parameters, encoded.
        """
        if THREAD.budget.limited:
            raise OverBudget
        session = current(self._engine)
        if session is not None:
            names, rows = session.read_named(sql, parameters or ())
            return names, Fetched(rows)

        def read(link: Link) -> Named[Fetched]:
            rows = link.run(sql, parameters or ())
            return link.names, Fetched(rows)

        return self._lending.read(read)


class Lending:
    """The cursors of an engine; an ``engines.base.Local`` for all threads.

    Args:
        engine: The engine.
        servers: Those that can be read.
        patient: Tries again while they are away.

    Attributes:
        free: The cursors that are not in use.
        single: The same.
    """

    def __init__(self, engine: object, servers: Replicas[Any], patient: Patience) -> None:
        self._engine = engine
        self._servers = servers
        self._patient = patient
        self.free = self.single = list[Cursor]()

    def new(self) -> LentCursor:
        """One more cursor."""
        return LentCursor(self._engine, self)

    def read(self, call: Callable[[Any], T]) -> T:
        """What a call that only reads gives, with a connection of its own.

        A call whose connection is lost is made again, for as long as the settings say.

        Args:
            call: What to call.

        Raises:
            ConnectionLost: The server did not come back in time.
            DatabaseError: The server refused.
        """
        return self._patient(lambda: self._servers.read(lambda pool: _once(pool, call)))

    def read_primary(self, call: Callable[[Any], T]) -> T:
        """As ``read``, from the server that is written to.

        Args:
            call: What to call.
        """
        return self._patient(lambda: _once(self._servers.primary, call))


def _once(pool: Pool[Any], call: Callable[[Any], T]) -> T:
    """What a call gives with a connection of a pool."""
    link = pool.take()
    try:
        found = call(link)
    except ConnectionFailed:
        pool.drop(link)
        # What happened to one has happened to all: the server was restarted.
        pool.empty()
        raise
    except BaseException:
        pool.give(link)
        raise
    pool.give(link)
    return found
