"""The connection that writes, and the statements that run on it.

Invariant: whoever uses it holds the turn of its engine. It never waits inside SQLite: a lock that another
process holds is an answer (``apsw.BusyError``), and who asked decides how to wait.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from threading import RLock
from typing import TYPE_CHECKING, Any, TypeVar

import apsw

from noormme.engines.base import Named, Row, Written
from noormme.engines.budget import ANY_TIME, THREAD, take, taken
from noormme.engines.fetched import closed
from noormme.engines.sqlite.clock import TimedCursor
from noormme.engines.sqlite.cursors import names_of
from noormme.engines.sqlite.faults import statement_error
from noormme.engines.sqlite.numbering import next_key, written_table
from noormme.engines.sqlite.rows import RowByRow
from noormme.engines.sqlite.watching import heed_steps
from noormme.errors import NoormmeError

if TYPE_CHECKING:
    from noormme.schema.model import Schema, Table

__all__ = ["SQLiteWriter"]

T = TypeVar("T")

_TEMPORARY = "SELECT 1 FROM temp.sqlite_schema WHERE type IN ('table', 'view') LIMIT 1"


class SQLiteWriter(RowByRow):
    """One connection that may write; an ``engines.base.Writer``.

    Args:
        connection: The connection.
        lock: What keeps two threads from using it at once. (One transaction may be used by several threads,
            and a database in memory has one connection for everything.)
        unreported: Runs a function without its statements being reported to ``capture``.
        schema: Gives the schema, to name the columns of a constraint.
        steps: How many steps its statements take between two looks at the budget; None where that is no
            business of the writer's, because others use the connection too.
        wal_wanted: Whether the file is to be put into WAL mode.

    Attributes:
        connection: The connection.
        lock: The lock.
        clocked: Whether the settings limit the time of its statements.
        steps: How many steps its statements take between two looks at the budget; None where it says nothing
            about that.
        suited: Called with that number when it changes.
        execute: Runs a statement without any of what ``write`` does around it.
        has_temporary: Whether it may have tables that the connections that read have not.
        changes: How many rows the last statement changed.
        key: The row id of the last row that was inserted.
        wal_wanted: Whether that is still to be done.
    """

    __slots__ = (
        "_cursor",
        "_path",
        "_schema",
        "_unreported",
        "changes",
        "clocked",
        "connection",
        "execute",
        "has_temporary",
        "key",
        "lock",
        "steps",
        "suited",
        "wal_wanted",
    )

    def __init__(
        self,
        connection: apsw.Connection,
        lock: RLock,
        unreported: Callable[[Callable[[], Any]], Any],
        schema: Callable[[], Schema],
        *,
        steps: int | None = None,
        wal_wanted: bool = False,
    ) -> None:
        self.connection = connection
        self.lock = lock
        self._unreported = unreported
        self._schema = schema
        self.wal_wanted = wal_wanted
        self.steps = steps
        self.suited: Callable[[int], None] | None = None
        self.has_temporary = False
        # Parameters are encoded here, which the types of APSW cannot know.
        self._cursor: Any = connection.cursor()
        self.clocked = isinstance(self._cursor, TimedCursor)
        self.execute = self._cursor.execute
        self.key = connection.last_insert_rowid
        # Asked for now: a closed connection does not say it.
        self._path = connection.filename or None
        self.changes = connection.changes

    @property
    def changed(self) -> int:
        """How many rows the last statement inserted, changed or deleted itself."""
        return self.changes()

    @property
    def last_key(self) -> int:
        """The row id of the last row that was inserted."""
        return self.key()

    def suit(self, steps: int | None = None) -> int | None:
        """Let it look at the budget as often as the calling thread needs, which alone uses it just now.

        Args:
            steps: How many steps are between two looks, where it is not this thread that needs them.

        Returns:
            How many there were before.
        """
        before = self.steps
        wanted = steps or THREAD.budget.steps
        if before is not None and before != wanted:
            heed_steps(self.connection, wanted)
            self.steps = wanted
            if self.suited is not None:
                self.suited(wanted)
        return before

    def run(self, sql: str, parameters: Sequence[object] = ()) -> list[Row]:
        """Run one statement and give its rows.

        Args:
            sql: The statement.
            parameters: Its parameters, encoded.

        Raises:
            DatabaseError: SQLite refused; nothing of the statement was written.
            apsw.BusyError: Another process holds the lock; nothing was written.
        """
        try:
            with taken(self.lock):
                rows: list[Row] = self._cursor.execute(sql, parameters).fetchall()
        except (apsw.BusyError, NoormmeError):
            raise
        except Exception as error:
            raise self.error(error, sql) from error
        self._look_for_temporary(sql)
        return rows

    def run_named(self, sql: str, parameters: Sequence[object] = ()) -> Named[list[Row]]:
        """As ``run``, with what the columns of the rows are called.

        Args:
            sql: The statement.
            parameters: Its parameters, encoded.
        """
        try:
            with taken(self.lock):
                cursor: apsw.Cursor = self._cursor.execute(sql, parameters)
                # When the rows are read, it does not say it any more.
                found = names_of(cursor), cursor.fetchall()
        except (apsw.BusyError, NoormmeError):
            raise
        except Exception as error:
            raise self.error(error, sql) from error
        self._look_for_temporary(sql)
        return found

    def _look_for_temporary(self, sql: str) -> None:
        """Note whether a statement of the user's has made a table or view that this connection alone has."""
        if not self.has_temporary and "temp" in sql.lower():
            with self.lock:
                found = self._unreported(lambda: self.connection.execute(_TEMPORARY).fetchall())
            self.has_temporary = bool(found)

    def write(self, sql: str, parameters: Sequence[object] = ()) -> Written:
        """Run one statement; give its rows, how many it changed, and the row id of the last insert.

        Args:
            sql: The statement.
            parameters: Its parameters, encoded.

        Raises:
            DatabaseError: SQLite refused; nothing of the statement was written.
            apsw.BusyError: Another process holds the lock; nothing was written.
        """
        lock = self.lock
        if not lock.acquire(False):
            take(lock)
        try:
            return self._cursor.execute(sql, parameters).fetchall(), self.changes(), self.key(), None
        except (apsw.BusyError, NoormmeError):
            raise
        except Exception as error:
            raise self.error(error, sql) from error
        finally:
            lock.release()

    def run_many(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        """Run one statement for each row of parameters.

        Args:
            sql: The statement, which gives no rows.
            rows: The parameters, encoded.

        Raises:
            DatabaseError: SQLite refused one of them; those before it were written.
            apsw.BusyError: Another process holds the lock.
        """
        try:
            with taken(self.lock):
                self._cursor.executemany(sql, rows).fetchall()
        except (apsw.BusyError, NoormmeError):
            raise
        except Exception as error:
            raise self.error(error, sql) from error

    def error(self, error: Exception, sql: str) -> NoormmeError:
        """What an exception of a statement stands for.

        Args:
            error: What running it raised.
            sql: The statement.
        """
        if isinstance(error, NoormmeError):
            return error
        return statement_error(error, sql, schema=self._schema(), table=written_table(sql), path=self._path)

    def next_key(self, table: Table) -> int | None:
        """The number that the next row of a table gets, by SQLite's rules for row ids.

        Args:
            table: A table whose rows SQLite numbers.

        Returns:
            The number; None where the largest one is taken, and SQLite looks for a free one.
        """
        return next_key(self.run, table)

    def control(self, sql: str, *, insist: bool = False) -> None:
        """Begin, end or mark a transaction.

        Args:
            sql: BEGIN, COMMIT, ROLLBACK or a statement about a savepoint.
            insist: Wait for the connection, whatever the thread may wait for.

        Raises:
            DatabaseError: SQLite refused.
            apsw.BusyError: Another process holds the lock.
        """
        budget = THREAD.budget
        deadline, ends = budget.deadline, budget.ends
        # It must not be ended when it is done, and is short.
        budget.take_time()
        budget.ends = ANY_TIME
        try:
            if insist:
                with self.lock:
                    self._unreported(lambda: self.run(sql))
            else:
                self._unreported(lambda: self.run(sql))
        finally:
            budget.deadline, budget.ends = deadline, ends

    def whole(self, run: Callable[[], T]) -> T:
        """Run one statement in a transaction of its own, so that it is undone where it is ended.

        SQLite looks at the time once more when a statement is done; one that had committed by itself would
        then be there, and said not to be.

        Args:
            run: Runs it.

        Raises:
            DatabaseError: SQLite refused, or the time was over; nothing was written.
            apsw.BusyError: Another process holds the lock; nothing was written.
        """
        self.control("BEGIN IMMEDIATE")
        try:
            result = run()
            self.control("COMMIT")
        except BaseException:
            if self.in_transaction:
                self.control("ROLLBACK", insist=True)
            raise
        return result

    def use_wal(self) -> None:
        """Put the file into WAL mode, outside of any transaction.

        Raises:
            DatabaseError: SQLite refused.
            apsw.BusyError: Another connection reads or writes just now, which only a file not in WAL mode
                minds.
        """
        self.control("PRAGMA journal_mode=WAL")
        self.wal_wanted = False

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open; SQLite itself ends one when the disk is full, for example.

        False where the connection was closed.
        """
        try:
            with self.lock:
                return self.connection.in_transaction
        except apsw.ConnectionClosedError:
            return False

    def check_open(self) -> None:
        """Raise unless the connection is open.

        Raises:
            DatabaseClosed: The engine was closed meanwhile.
        """
        try:
            self.connection.cursor()
        except apsw.ConnectionClosedError as error:
            raise closed() from error
