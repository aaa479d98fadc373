"""Cursors that borrow a connection for one statement.

Invariant: a statement of code that is in a transaction runs on the connection of that; any other one has a
connection only while it runs, and all of its rows are read by then.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from noormme.engines.base import Cursor, Row
from noormme.engines.budget import THREAD, OverBudget
from noormme.engines.fetched import Fetched
from noormme.engines.server.session import current
from noormme.errors import ConnectionFailed

if TYPE_CHECKING:
    from noormme.engines.server.link import Link
    from noormme.engines.server.pool import Pool

__all__ = ["Lending", "LentCursor"]


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
            return Fetched(session.run(sql, parameters or ()))
        return Fetched(self._lending.read(lambda link: link.run(sql, parameters or ())))


class Lending:
    """The cursors of an engine; an ``engines.base.Local`` for all threads.

    Args:
        engine: The engine.
        pool: Its connections.

    Attributes:
        free: The cursors that are not in use.
        pool: The same.
    """

    def __init__(self, engine: object, pool: Pool[Any]) -> None:
        self._engine = engine
        self.pool = pool
        self.free: list[Cursor] = []

    def new(self) -> LentCursor:
        """One more cursor."""
        return LentCursor(self._engine, self)

    def read(self, call: Callable[[Link], list[Row]]) -> list[Row]:
        """What a call that only reads gives, with a connection of its own.

        A connection that turns out to have ended while nobody used it is replaced once.

        Args:
            call: What to call.
        """
        for last in (False, True):
            link = self.pool.take()
            try:
                found = call(link)
            except ConnectionFailed:
                self.pool.drop(link)
                if last:
                    raise
                # What happened to one has happened to all: the server was restarted.
                self.pool.empty()
            except BaseException:
                self.pool.give(link)
                raise
            else:
                self.pool.give(link)
                return found
        raise AssertionError("the second try returns or raises")
