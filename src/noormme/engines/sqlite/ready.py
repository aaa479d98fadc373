"""Statements that write, made ready to run often.

Invariant: what is done here at once is what ``SQLiteEngine.write`` does where nothing is in the way. In every
other case (no connection yet, a lock that somebody holds, an event loop, a look at the file that is due) that
does it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import monotonic
from typing import TYPE_CHECKING

import apsw

from noormme.engines.base import Row, Written
from noormme.engines.budget import NEVER, THREAD
from noormme.engines.sqlite.session import sessions_now

if TYPE_CHECKING:
    from noormme.engines.sqlite.driver import SQLiteEngine

__all__ = ["ready"]

_NO_ROWS: list[Row] = []


def ready(
    engine: SQLiteEngine, sql: str, *, gives_rows: bool, counts: bool, numbers: bool
) -> Callable[[Sequence[object]], Written]:
    """What runs a statement with the parameters that it is given.

    Args:
        engine: The engine, whose database is a file.
        sql: The statement.
        gives_rows: Whether it has a RETURNING clause.
        counts: Whether somebody wants to know how many rows it changes.
        numbers: Whether somebody wants to know the row id of the last row inserted.
    """
    slow = engine.write

    def run(parameters: Sequence[object]) -> Written:
        sessions = sessions_now()
        if sessions:
            session = sessions[-1]
            writer = session.writer
            lock = writer.lock
            if session.engine is not engine or not session.open or not lock.acquire(False):
                return slow(sql, parameters)
            try:
                if writer.connection.in_transaction:
                    found = writer.execute(sql, parameters)
                    rows = found.fetchall() if gives_rows else _NO_ROWS
                    scopes = session.scopes
                    return (
                        rows,
                        writer.changes() if counts else 1,
                        writer.key() if numbers else 0,
                        scopes[-1] if scopes else None,
                    )
            except Exception as error:
                raise session.error(error, sql) from error
            finally:
                lock.release()
            return slow(sql, parameters)
        writes = engine.writes
        budget, turn = THREAD.budget, writes.turn
        if (
            monotonic() >= writes.look_again
            or budget.deadline != NEVER
            or budget.ends != NEVER
            or not turn.take_now()
        ):
            return slow(sql, parameters)
        alone, loan = writes.at_hand, writes.loan
        plain = loan.plain
        # What ``Loan.here`` says, without the cost of a call.
        if (
            alone is None
            or alone.steps != budget.steps
            or plain is None
            or plain.single is not loan.cursors
            or not loan.cursors
        ):
            turn.give()
            return slow(sql, parameters)
        try:
            found = alone.execute(sql, parameters)
            rows = found.fetchall() if gives_rows else _NO_ROWS
            return rows, alone.changes() if counts else 1, alone.key() if numbers else 0, None
        except apsw.BusyError:
            pass
        except Exception as error:
            raise alone.error(error, sql) from error
        finally:
            turn.give()
        return slow(sql, parameters)

    return run
