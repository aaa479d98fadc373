"""When what is in the write-ahead log goes into the database file.

Invariant: as with SQLite left to itself, that is after a commit that makes the log longer than some pages.
The thread of an event loop does not wait for it: a worker does it there, in a turn of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from typing import TYPE_CHECKING

import apsw

from noormme.engines.budget import STEPS_ON_LOOP, THREAD
from noormme.engines.workers import Job, Workers
from noormme.errors import NoormmeError

if TYPE_CHECKING:
    from noormme.engines.sqlite.writer import SQLiteWriter

__all__ = ["Checkpoints"]

_PAGES = 1000
"""How long the log may become, in pages; SQLite's own limit is the same."""

_PAGES_ON_LOOP = 4000
"""The same where a worker empties it: every task that writes meanwhile has to wait, which costs more."""


class Checkpoints:
    """The checkpoints of one connection that writes.

    Args:
        turn: A context in which nothing else writes.
        workers: Gives the threads of the engine.
    """

    def __init__(
        self, turn: Callable[[], AbstractContextManager[object]], workers: Callable[[], Workers]
    ) -> None:
        self._turn = turn
        self._workers = workers
        self._waiting = False

    def attach(self, writer: SQLiteWriter) -> None:
        """Look after a connection, in place of SQLite while the thread of an event loop writes.

        Args:
            writer: The connection that writes.
        """
        connection = writer.connection

        def committed(connection: apsw.Connection, name: str, pages: int) -> int:
            if pages >= _PAGES:
                self._due(writer, pages)
            return apsw.SQLITE_OK

        def suit(steps: int) -> None:
            if steps == STEPS_ON_LOOP:
                connection.set_wal_hook(committed)
            else:
                # SQLite's own way, which calls no Python at each commit.
                connection.wal_autocheckpoint(_PAGES)

        writer.suited = suit
        if writer.steps is not None:
            suit(writer.steps)

    def _due(self, writer: SQLiteWriter, pages: int) -> None:
        if THREAD.budget.steps != STEPS_ON_LOOP:
            # What cannot be done now, the next commit does.
            with suppress(apsw.Error):
                writer.connection.wal_checkpoint()
        elif pages >= _PAGES_ON_LOOP and not self._waiting:
            self._waiting = True
            self._workers().submit(Job(self._later, (writer,), {}))

    def _later(self, writer: SQLiteWriter) -> None:
        try:
            with suppress(apsw.Error, NoormmeError), self._turn(), writer.lock:
                writer.connection.wal_checkpoint()
        finally:
            self._waiting = False
