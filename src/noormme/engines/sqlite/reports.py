"""What ``capture`` is told: the statements that run, and not those that noormme runs for itself.

Invariant: a connection has a trace exactly while somebody listens, so nobody else pays for it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeAlias, TypeVar

import apsw

__all__ = ["Record", "Reports"]

T = TypeVar("T")

Record: TypeAlias = Callable[[str, Sequence[object]], None]
"""Called with the SQL and the parameters of each statement, on the thread that runs it."""


class Reports:
    """Who is told of the statements of one engine."""

    def __init__(self) -> None:
        self._records: tuple[Record, ...] = ()
        self._looking = _Looking()

    def add(self, record: Record, connections: Callable[[], Iterable[apsw.Connection]]) -> None:
        """Tell somebody from now on.

        Args:
            record: What to call.
            connections: Gives all connections of the engine.
        """
        self._records = (*self._records, record)
        for connection in connections():
            self.trace(connection)

    def remove(self, record: Record, connections: Callable[[], Iterable[apsw.Connection]]) -> None:
        """Tell somebody no longer.

        Args:
            record: What was given to ``add``.
            connections: Gives all connections of the engine.
        """
        self._records = tuple(known for known in self._records if known is not record)
        for connection in connections():
            self.trace(connection)

    def trace(self, connection: apsw.Connection) -> None:
        """Let a connection report its statements, if anybody listens."""
        connection.exec_trace = self._report if self._records else None

    def unreported(self, run: Callable[[], T]) -> T:
        """Run something whose statements are not reported."""
        self._looking.for_itself = True
        try:
            return run()
        finally:
            self._looking.for_itself = False

    def _report(self, cursor: object, sql: str, bindings: Any) -> bool:
        """What APSW calls before each statement; the answer lets it run."""
        if not self._looking.for_itself:
            for record in self._records:
                record(sql, tuple(bindings) if bindings else ())
        return True


class _Looking(threading.local):
    """Whether the statements of a thread are noormme's own: looks at stored values, BEGIN and COMMIT."""

    for_itself = False
