"""What ``capture`` is told: the statements that run, and not those that noormme runs for itself.

Invariant: a connection has a trace exactly while somebody listens, so nobody else pays for it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Any, TypeAlias, TypeVar

import apsw

__all__ = ["Record", "Reports"]

T = TypeVar("T")

Record: TypeAlias = Callable[[str, Sequence[object]], None]
"""Called with the SQL and the parameters of each statement, on the thread that runs it."""


class Reports:
    """Who is told of the statements of one engine."""

    def __init__(self) -> None:
        # By their ids, because threads add and remove them at the same time.
        self._records: dict[int, Record] = {}
        self._looking = _Looking()

    def add(self, record: Record, connections: Callable[[], Iterable[apsw.Connection]]) -> None:
        """Tell somebody from now on.

        Args:
            record: What to call.
            connections: Gives all connections of the engine.
        """
        self._records[id(record)] = record
        for connection in connections():
            self.trace(connection)

    def remove(self, record: Record, connections: Callable[[], Iterable[apsw.Connection]]) -> None:
        """Tell somebody no longer.

        Args:
            record: What was given to ``add``.
            connections: Gives all connections of the engine.
        """
        self._records.pop(id(record), None)
        for connection in connections():
            self.trace(connection)

    def trace(self, connection: apsw.Connection) -> None:
        """Let a connection report its statements, if anybody listens."""
        with suppress(apsw.ConnectionClosedError):
            while True:
                wanted = bool(self._records)
                connection.exec_trace = self._report if wanted else None
                # Another thread may have set it in between, for what holds since.
                if bool(self._records) == wanted:
                    return

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
            for record in list(self._records.values()):
                record(sql, tuple(bindings) if bindings else ())
        return True


class _Looking(threading.local):
    """Whether the statements of a thread are noormme's own: looks at stored values, BEGIN and COMMIT."""

    for_itself = False
