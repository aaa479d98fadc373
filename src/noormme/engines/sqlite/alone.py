"""Statements that commit by themselves, outside of any transaction.

Invariant: a statement runs in a turn; where another process holds the file, that waits for it, in the queue.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from time import monotonic
from typing import TYPE_CHECKING, TypeVar

import apsw

from noormme.engines.base import Named, Row, Written
from noormme.engines.budget import NEVER, THREAD
from noormme.engines.sqlite.rows import RowByRow
from noormme.engines.waits import block

if TYPE_CHECKING:
    from types import TracebackType

    from noormme.engines.sqlite.writes import Writes
    from noormme.schema.model import Table

__all__ = ["Alone"]

T = TypeVar("T")


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
        loan = writes.loan
        try:
            here = loan.here
            if not here:
                writes.recall()
            writer = writes.writer
            if writer is None or writer.wal_wanted or monotonic() >= writes.look_again:
                writer = block(writes.opening())
            writer.suit()
            if not here:
                loan.lend(writer)
            self._writer = writer
        except BaseException:
            writes.turn.give()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if self._writer.has_temporary:
                # Gets would find tables that other queries do not find.
                self._writes.recall()
        finally:
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

    def run_named(self, sql: str, parameters: Sequence[object] = ()) -> Named[list[Row]]:
        """As ``run``, with what the columns of the rows are called."""
        return self._one(lambda: self._writer.run_named(sql, parameters), sql)

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
