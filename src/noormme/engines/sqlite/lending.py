"""The connection that writes, lent for reading to the thread that wrote last.

SQLite's connections forget their pages when another one has written. A thread that writes on one and reads on
another would read them from the file each time: a get after a write costs twice as much. The connection that
wrote still has them.

Invariant: what reads on the connection that writes is a statement for a single row by its key, so it is
short. It runs outside of any turn. Whoever takes the turn on another thread waits for its end before the
connection is used; while a transaction is open nothing is lent.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from contextlib import AbstractContextManager
from time import monotonic, sleep
from typing import TYPE_CHECKING

import apsw

from noormme.engines.base import Cursor
from noormme.engines.budget import THREAD
from noormme.engines.fetched import closed
from noormme.engines.sqlite.cursors import PerThread

if TYPE_CHECKING:
    from noormme.engines.sqlite.writer import SQLiteWriter

__all__ = ["Loan"]

_PATIENCE_S = 0.02
"""How long to wait for the end of a statement; it takes microseconds, but its row may be a huge one."""

_LOOKING_AGAIN_S = 0.00005


class Loan:
    """Which thread reads on the connection that writes. Who changes that has the turn.

    Args:
        plain: The cursors of every thread; None for a database in memory, which has one connection.
        lends: Whether the connection is ever lent.
        apart: A context in which no thread takes a cursor that was lent to it.

    Attributes:
        plain: The same cursors.
        cursors: The ``single`` of the thread that wrote last, whether anything was lent to it or not; None
            where that is over.
    """

    __slots__ = ("_apart", "_cursor", "_lends", "cursors", "plain")

    def __init__(
        self, plain: PerThread | None, *, lends: bool, apart: Callable[[], AbstractContextManager[None]]
    ) -> None:
        self.plain = plain
        self.cursors: list[Cursor] | None = None
        self._lends = lends
        self._apart = apart
        self._cursor: Callable[[], apsw.Cursor | None] = _nothing

    @property
    def here(self) -> bool:
        """Whether it was the calling thread that wrote last, and reads nothing with what was lent to it."""
        plain = self.plain
        return plain is None or (plain.single is self.cursors and (bool(self.cursors) or not self._lent))

    def lend(self, writer: SQLiteWriter) -> None:
        """Let the calling thread read single rows on the connection that writes.

        Args:
            writer: The connection, which no thread reads on.
        """
        plain = self.plain
        if plain is None:
            return
        # A worker does what somebody else asked for, who goes on elsewhere.
        worker = THREAD.budget.work is not None
        if worker or not self._lends or writer.wal_wanted or writer.clocked or writer.has_temporary:
            self.cursors = plain.single = plain.free
            return
        try:
            cursor = writer.connection.cursor()
        except apsw.ConnectionClosedError as error:
            raise closed() from error
        cursors: list[Cursor] = [cursor]
        self._cursor = weakref.ref(cursor)
        self.cursors = plain.single = cursors

    def recall(self) -> bool:
        """Let no thread read on it any more.

        Returns:
            False where another thread still reads, so that the connection cannot be used.
        """
        plain = self.plain
        if plain is None:
            return True
        if plain.single is self.cursors:
            # What this thread reads just now has called what writes: it is not waited for.
            returned = self._taken_back()
            plain.single = plain.free
        else:
            returned = self._taken_back() or self._returned()
        self.cursors, self._cursor = None, _nothing
        return returned

    @property
    def _lent(self) -> bool:
        return self._cursor is not _nothing

    def _taken_back(self) -> bool:
        """Whether the cursor is nobody's; taking it is atomic, and whose it was does not look again."""
        if self._cursor() is None or self.cursors is None:
            return True
        try:
            self.cursors.pop()
        except IndexError:
            return self._cursor() is None
        return True

    def _returned(self) -> bool:
        """The same, once the thread that reads is done."""
        with self._apart():
            end = monotonic() + _PATIENCE_S
            while not self._taken_back():
                if monotonic() >= end:
                    return False
                sleep(_LOOKING_AGAIN_S)
        return True

    def end_here(self) -> None:
        """Let the calling thread read on a connection of its own until it writes again; needs no turn."""
        plain = self.plain
        if plain is not None:
            plain.single = plain.free

    def reads(self) -> bool:
        """Whether the calling thread may read on the connection that writes."""
        plain = self.plain
        return plain is not None and self._lent and plain.single is self.cursors


def _nothing() -> None:
    return None
