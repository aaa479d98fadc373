"""How writes take turns: threads and tasks of this process, then processes, then SQLite's own lock.

Invariant: whoever writes has the turn. A transaction also takes a place in the queue between processes and
begins with SQLite's lock in its hands, so nothing fails halfway because somebody else was faster. A single
statement does without the queue unless SQLite says that the database is busy.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from threading import get_ident
from time import monotonic
from typing import TYPE_CHECKING

import apsw

from noormme.engines.base import Mode
from noormme.engines.budget import THREAD, WouldWait
from noormme.engines.sqlite.alone import Alone
from noormme.engines.sqlite.disk import gone
from noormme.engines.sqlite.places import queued
from noormme.engines.sqlite.queue import FileQueue
from noormme.engines.sqlite.session import BUSY_PAUSE_S, SQLiteSession, current, until_free
from noormme.engines.sqlite.turn import Turn
from noormme.engines.waits import Pause, Waiting
from noormme.errors import DatabaseClosed, DatabaseLocked, TransactionError

if TYPE_CHECKING:
    from noormme.engines.sqlite.lending import Loan
    from noormme.engines.sqlite.writer import SQLiteWriter

__all__ = ["Writes"]

_SWITCHING_S = 0.05
"""How long to wait for the moment in which nobody uses a file that is to be put into WAL mode."""

_LOOKING_S = 0.05
"""How often single statements look whether the file is still there; transactions do so each time."""

_SWITCHING_AGAIN_S = 1.0
"""After how long that is tried again."""


class Writes:
    """The writing side of one engine.

    Args:
        engine: The engine, to tell its sessions from those of others.
        connect: Opens the connection that writes; called once, at the first write.
        file: The file; None for a database in memory.
        patience_s: How long to wait for a lock, in seconds.
        synchronous: How a COMMIT that is not to be durable waits for the disk, as SQLite's pragma says it.
        began: Called with each session that begins.
        ended: Called when it has ended.
        read_all: Reads what loops of this engine have not read yet, so that their statements end.
        loan: Which thread reads on the connection that writes.

    Attributes:
        turn: The turn.
        loan: Which thread reads on the connection that writes.
        writer: The connection that writes, once there is one.
        at_hand: The same, where a statement need not look for anything else before it uses it.
        look_again: When to look again whether the file is still there, in seconds of ``time.monotonic``.
    """

    def __init__(
        self,
        engine: object,
        connect: Callable[[], SQLiteWriter],
        file: str | None,
        patience_s: float,
        *,
        synchronous: str,
        began: Callable[[SQLiteSession], None],
        ended: Callable[[], None],
        read_all: Callable[[], None],
        loan: Loan,
    ) -> None:
        self.turn = Turn()
        self.writer: SQLiteWriter | None = None
        self._engine = engine
        self._connect = connect
        self._file = file
        self._found: tuple[int, int] | None = None
        self._queue = None if file is None else FileQueue(file)
        self._patience_s = patience_s
        self._synchronous = synchronous
        self._began = began
        self._ended = ended
        self._read_all = read_all
        self._next_try = 0.0
        self.look_again = 0.0
        self.at_hand: SQLiteWriter | None = None
        self.loan = loan
        self._alone = Alone(self)
        self._session: SQLiteSession | None = None

    # -- the turn -----------------------------------------------------------------------------------

    def taking(self) -> Waiting[None]:
        """Take the turn.

        Raises:
            DatabaseLocked: It did not come in time.
            TransactionError: This thread could only wait for itself.
        """
        if self.turn.take_now():
            return
        ticket = self.turn.ticket(monotonic() + self._patience_s)
        try:
            yield ticket
        except BaseException:
            self.turn.leave(ticket)
            raise
        if ticket.granted:
            self.turn.claim()
        else:
            self.turn.leave(ticket)
            raise DatabaseLocked(
                f"other threads or tasks of this program wrote for more than {self._patience_s:g} s",
                hint="keep transactions short, or raise busy_timeout_s",
            )

    def held(self) -> Alone:
        """A context that has the turn, outside of any transaction."""
        return self._alone

    def writing(self) -> SQLiteSession | Alone:
        """What to write with: the open transaction of this context, or a turn of its own."""
        return current(self._engine) or self._alone

    def opening(self) -> Waiting[SQLiteWriter]:
        """The connection that writes, opened at the first call; the caller has the turn.

        Raises:
            ConnectionFailed: The file cannot be opened, or is another one than before.
            DatabaseLocked: Another process held the file for too long.
        """
        self._look()
        writer = self.writer
        if writer is None:
            yield from until_free(self._open, monotonic() + self._patience_s, "")
            writer = self.writer
            assert writer is not None, "just opened"
        if writer.wal_wanted:
            if monotonic() >= self._next_try:
                yield from self._switching(writer)
            else:
                self._read_all()
        self.at_hand = None if writer.wal_wanted or writer.clocked or self._file is None else writer
        return writer

    def _look(self) -> None:
        """Look whether the file is still there; SQLite writes to one that was deleted without a word."""
        if self._file is None:
            return
        try:
            status = os.stat(self._file)
        except OSError as error:
            raise gone(self._file) from error
        found = (status.st_dev, status.st_ino)
        if self._found is None:
            self._found = found
        elif found != self._found:
            raise gone(self._file)
        self.look_again = monotonic() + _LOOKING_S

    def _open(self) -> None:
        self.writer = self._connect()

    def recall(self) -> None:
        """Let no other thread read on the connection that writes; the caller has the turn."""
        if not self.loan.recall():
            # It reads a huge row. Its thread keeps the connection, and another one is opened.
            self.writer = self.at_hand = None

    def _switching(self, writer: SQLiteWriter) -> Waiting[None]:
        """Put the file into WAL mode; where others use it all the time, a later write does that."""
        end = monotonic() + _SWITCHING_S
        while True:
            try:
                writer.use_wal()
                return
            except apsw.BusyError:
                # What this program reads itself it would wait for in vain.
                self._read_all()
                if monotonic() >= end:
                    break
            yield Pause(BUSY_PAUSE_S)
        self._next_try = monotonic() + _SWITCHING_AGAIN_S

    def refuse_waiting_for_itself(self) -> None:
        """Refuse to block a thread whose own tasks have the turn: it would never be given.

        Raises:
            TransactionError: This thread has it.
            WouldWait: The same, in what can wait elsewhere.
        """
        if self.turn.thread == get_ident():
            if self._left_behind():
                return
            if THREAD.budget.limited:
                raise WouldWait
            raise TransactionError(
                "this thread has a transaction open in another task, and cannot wait for it",
                hint="in async code use the awaited form (acreate, asave, …), or write in that transaction",
            )

    def _left_behind(self) -> bool:
        """Give the turn back for what a signal has ended before it did so; says whether that was so."""
        from noormme.engines.sqlite.left_behind import nothing_else_runs  # here, because few programs need it

        session = self._session
        if (
            self.turn.unclaimed is not None
            or (session is not None and session.scopes)
            or not nothing_else_runs()
        ):
            return False
        if session is not None and session.open:
            session.rollback()
            return True
        try:
            if self.writer is not None and self.writer.in_transaction:
                self.writer.control("ROLLBACK", insist=True)
        finally:
            self._finish(self.writer, in_queue=True, begun=True)
        return True

    # -- the end ------------------------------------------------------------------------------------

    def close(self) -> None:
        """Leave the queue between processes."""
        self.at_hand = None
        if self._queue is not None:
            self._queue.close()

    def after_fork(self) -> None:
        """Let go, in a child process, of the parent's place in the queue without giving it away."""
        if self._queue is not None:
            self._queue.after_fork()

    # -- transactions -------------------------------------------------------------------------------

    def beginning(self, mode: Mode, *, durable: bool) -> Waiting[SQLiteSession]:
        """Begin a transaction.

        Args:
            mode: What lock it begins with.
            durable: Whether its COMMIT waits until the disk has it.

        Raises:
            DatabaseLocked: A lock was not free in time.
        """
        yield from self.taking()
        in_queue = False
        writer: SQLiteWriter | None = None
        try:
            # Before there is anything to undo on the connection, which another thread may be reading with.
            self.recall()
            deadline = monotonic() + self._patience_s
            if self._queue is not None and mode != "deferred":
                yield from queued(self._queue, deadline)
                in_queue = True
            writer = yield from self.opening()
            if durable:
                yield from _until_done(writer, "PRAGMA synchronous=FULL", deadline)
            yield from _until_done(writer, f"BEGIN {mode.upper()}", deadline)
        except BaseException:
            try:
                if writer is not None and writer.in_transaction:
                    # A signal came in when it had begun.
                    writer.control("ROLLBACK", insist=True)
            finally:
                self._finish(writer if durable else None, in_queue=in_queue, begun=False)
            raise
        writer.suit()
        self._session = session = SQLiteSession(
            self._engine,
            writer,
            lambda: self._finish(writer if durable else None, in_queue=in_queue, begun=True),
            self._patience_s,
        )
        self._began(session)
        return session

    def _finish(self, durable: SQLiteWriter | None, *, in_queue: bool, begun: bool) -> None:
        """Give everything back.

        Args:
            durable: The connection, where its commits wait for the disk until now.
            in_queue: Whether there is a place in the queue between processes.
            begun: Whether the session had begun.
        """
        try:
            if durable is not None:
                with suppress(DatabaseClosed):
                    durable.control(f"PRAGMA synchronous={self._synchronous}", insist=True)
        finally:
            try:
                self._session = None
                if begun:
                    self._ended()
                if in_queue and self._queue is not None:
                    self._queue.release()
            finally:
                self.turn.give()

    # -- single statements --------------------------------------------------------------------------

    def when_busy(self, attempt: Callable[[], object], sql: str) -> Waiting[None]:
        """Run a statement that found the database busy; the caller has the turn.

        Args:
            attempt: Runs it.
            sql: The statement, for the error.

        Raises:
            DatabaseLocked: The lock was not free in time.
        """
        deadline = monotonic() + self._patience_s
        if self._queue is None:
            yield from until_free(attempt, deadline, sql)
            return
        yield from queued(self._queue, deadline)
        try:
            yield from until_free(attempt, deadline, sql)
        finally:
            self._queue.release()


def _until_done(writer: SQLiteWriter, sql: str, deadline: float) -> Waiting[None]:
    """Run a statement that begins a transaction, or says how, once no other process is in the way."""
    yield from until_free(lambda: writer.control(sql), deadline, sql)
