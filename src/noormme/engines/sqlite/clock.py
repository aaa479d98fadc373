"""The time limit of the statements of a connection, where the settings have one.

Invariant: a connection without such a limit has nothing of this. The limit is for SQLite's own work on one
statement, from when it begins until its rows are read or its caller does something else with them; a limit
that the caller has set comes before it.
"""

from __future__ import annotations

from time import perf_counter
from typing import Any

import apsw

from noormme.engines.budget import NEVER, THREAD, go_on, out_of_time

__all__ = ["Clock", "TimedCursor", "heeder"]


class Clock:
    """What knows when the statement of one connection must have ended.

    Args:
        limit_s: How long a statement may take, in seconds.
    """

    __slots__ = ("_ends", "_limit_s")

    def __init__(self, limit_s: float) -> None:
        self._limit_s = limit_s
        self._ends = NEVER

    def cursor(self, connection: apsw.Connection) -> TimedCursor:
        """A cursor of the connection, for ``Connection.cursor_factory``."""
        return TimedCursor(connection, self)

    def start(self) -> None:
        """Note that a statement begins."""
        self._ends = perf_counter() + self._limit_s

    def stop(self) -> None:
        """Let the statement that has begun take as long as it likes."""
        self._ends = NEVER

    def go_on(self) -> bool:
        """What SQLite calls during a long statement.

        Raises:
            QueryTimeout: The time is over.
        """
        if perf_counter() > self._ends and THREAD.budget.ends == NEVER:
            raise out_of_time(self._limit_s)
        return go_on()


class TimedCursor(apsw.Cursor):
    """A cursor that starts the clock of its connection with every statement."""

    def __init__(self, connection: apsw.Connection, clock: Clock) -> None:
        super().__init__(connection)
        self.clock = clock

    def execute(self, *arguments: Any, **options: Any) -> apsw.Cursor:
        """Run a statement."""
        self.clock.start()
        return super().execute(*arguments, **options)

    def executemany(self, *arguments: Any, **options: Any) -> apsw.Cursor:
        """Run a statement several times, which counts as one."""
        self.clock.start()
        return super().executemany(*arguments, **options)


def heeder(connection: apsw.Connection) -> Any:
    """What a connection is to call during long statements."""
    owner = getattr(connection.cursor_factory, "__self__", None)
    return owner.go_on if isinstance(owner, Clock) else go_on
