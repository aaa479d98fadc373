"""How writes take turns: threads and tasks of this process, then processes, then SQLite's own lock.

Invariant: whoever writes has the turn. A transaction also takes a place in the queue between processes and
begins with SQLite's lock in its hands, so nothing fails halfway because somebody else was faster. A single
statement does without the queue unless SQLite says that the database is busy.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from threading import get_ident
from time import monotonic
from typing import TYPE_CHECKING, TypeVar

import apsw

from noormme.engines.base import Mode, Row, Written
from noormme.engines.budget import NEVER, THREAD, WouldWait
from noormme.engines.sqlite.disk import gone
from noormme.engines.sqlite.queue import FileQueue
from noormme.engines.sqlite.rows import RowByRow
from noormme.engines.sqlite.session import BUSY_PAUSE_S, SQLiteSession, current, until_free
from noormme.engines.sqlite.turn import Turn
from noormme.engines.waits import Pause, Waiting, block
from noormme.errors import DatabaseClosed, DatabaseLocked, TransactionError

if TYPE_CHECKING:
    from types import TracebackType

    from noormme.engines.sqlite.writer import SQLiteWriter
    from noormme.schema.model import Table

__all__ = ["Alone", "Writes"]

T = TypeVar("T")

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

    Attributes:
        turn: The turn.
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
        self._alone = Alone(self)

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
        if not ticket.granted:
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
            if THREAD.budget.limited:
                raise WouldWait
            raise TransactionError(
                "this thread has a transaction open in another task, and cannot wait for it",
                hint="in async code use the awaited form (acreate, asave, …), or write in that transaction",
            )

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
        queued = False
        try:
            deadline = monotonic() + self._patience_s
            if self._queue is not None and mode != "deferred":
                yield from _queued(self._queue, deadline)
                queued = True
            writer = yield from self.opening()
            if durable:
                sql = "PRAGMA synchronous=FULL"
                yield from until_free(lambda: writer.control(sql), deadline, sql)
            sql = f"BEGIN {mode.upper()}"
            yield from until_free(lambda: writer.control(sql), deadline, sql)
        except BaseException:
            if self.writer is not None and self.writer.in_transaction:
                # A signal came in when it had begun.
                self.writer.control("ROLLBACK", insist=True)
            self._finish(queued=queued, durable=durable)
            raise
        writer.suit()
        session = SQLiteSession(
            self._engine,
            writer,
            lambda: self._finish(queued=queued, durable=durable, begun=True),
            self._patience_s,
        )
        self._began(session)
        return session

    def _finish(self, *, queued: bool, durable: bool, begun: bool = False) -> None:
        """Give everything back."""
        try:
            if begun:
                self._ended()
            if durable and self.writer is not None:
                with suppress(DatabaseClosed):
                    self.writer.control(f"PRAGMA synchronous={self._synchronous}", insist=True)
        finally:
            if queued and self._queue is not None:
                self._queue.release()
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
        yield from _queued(self._queue, deadline)
        try:
            yield from until_free(attempt, deadline, sql)
        finally:
            self._queue.release()


class Alone(RowByRow):
    """A turn in which each statement commits by itself; an ``engines.base.Writer``."""

    __slots__ = ("_writer", "_writes")

    def __init__(self, writes: Writes) -> None:
        self._writes = writes

    def __enter__(self) -> Alone:
        writes = self._writes
        if not writes.turn.take_now():
            writes.refuse_waiting_for_itself()
            block(writes.taking())
        try:
            writer = writes.writer
            if writer is None or writer.wal_wanted or monotonic() >= writes.look_again:
                writer = block(writes.opening())
            writer.suit()
            self._writer = writer
        except BaseException:
            writes.turn.give()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._writes.turn.give()

    @property
    def changed(self) -> int:
        """How many rows the last statement changed."""
        return self._writer.changed

    @property
    def last_key(self) -> int:
        """The row id of the last row that was inserted."""
        return self._writer.last_key

    def run(self, sql: str, parameters: Sequence[object] = ()) -> list[Row]:
        """Run one statement, give its rows, and commit.

        Raises:
            DatabaseError: SQLite refused; nothing was written.
        """
        return self._one(lambda: self._writer.run(sql, parameters), sql)

    def write(self, sql: str, parameters: Sequence[object] = ()) -> Written:
        """Take the turn, run one statement, and give the turn up; see ``Engine.write``.

        Raises:
            DatabaseError: SQLite refused; nothing was written.
        """
        with self:
            return self._one(lambda: self._writer.write(sql, parameters), sql)

    def _one(self, run: Callable[[], T], sql: str) -> T:
        """What a statement gives, once nobody has the database; nothing is written where its time is over."""
        writer, budget = self._writer, THREAD.budget
        budget.take_time()
        limited = budget.ends != NEVER or writer.clocked
        found: list[T] = []

        def attempt() -> None:
            found.append(writer.whole(run) if limited else run())

        try:
            attempt()
        except apsw.BusyError:
            block(self._writes.when_busy(attempt, sql))
        budget.lift()
        return found[0]

    def run_many(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        """Run one statement for each row of parameters; a transaction is needed to make them one.

        Raises:
            DatabaseError: SQLite refused one of them; those before it are written.
        """
        for row in rows:
            self.run(sql, row)

    def next_key(self, table: Table) -> int | None:
        """The number that the next row of a table gets."""
        return self._writer.next_key(table)


def _queued(queue: FileQueue, deadline: float) -> Waiting[None]:
    """Take the place at the head of the queue between processes.

    Raises:
        DatabaseLocked: It did not come in time.
    """
    if queue.try_acquire():
        return
    place = _Place(queue, deadline)
    try:
        yield place
    except BaseException:
        place.leave()
        raise
    if not place.first:
        place.leave()
        raise DatabaseLocked(
            "another process, or another Database of this one, wrote for too long",
            hint="keep transactions short, or raise busy_timeout_s",
        )


class _Place:
    """A place in the queue between processes; an ``engines.waits.Wait``."""

    def __init__(self, queue: FileQueue, deadline: float) -> None:
        self._queue = queue
        self._deadline = deadline
        self._cancel: Callable[[], object] | None = None
        self.first = False

    def block(self) -> None:
        """Wait on this thread."""
        self.first = self._queue.acquire(max(0.0, self._deadline - monotonic()))

    def subscribe(self, wake: Callable[[], None]) -> float | None:
        """Have ``wake`` called at the head of the queue."""

        def arrived() -> None:
            self.first = True
            wake()

        self._cancel = self._queue.when_acquired(arrived)
        return max(0.0, self._deadline - monotonic())

    def leave(self) -> None:
        """Give the place up, or the turn if it came in the meantime."""
        if self._cancel is not None and not self._cancel():
            self._queue.release()
