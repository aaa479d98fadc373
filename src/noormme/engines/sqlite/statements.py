"""Statements that read, given as text: their rows come as SQLite has them, whatever odd values they hold.

Invariant: nothing that is stored makes a statement fail: text that is not UTF-8 comes as bytes. An integer
beyond 64 bits that is asked for compares as the float next to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

import apsw

from noormme.engines.base import Cursor, Named, Results, Row
from noormme.engines.sqlite.clock import TimedCursor
from noormme.engines.sqlite.cursors import Closed, LockedCursor, PerThread, Shared, SQLiteCursor, names_of
from noormme.engines.sqlite.faults import statement_error
from noormme.engines.sqlite.plans import plan_text
from noormme.engines.sqlite.routing import NotLent, PatientCursor, Routed
from noormme.engines.sqlite.streams import Streams
from noormme.engines.sqlite.tolerant import decoded_row, in_range, with_bytes
from noormme.errors import NoormmeError

__all__ = ["Cursors", "explain", "fetch", "run_named", "stream"]

Cursors: TypeAlias = PerThread | Shared | Routed | NotLent | Closed
"""The calling thread's cursors."""


def fetch(local: Cursors, sql: str, parameters: Sequence[object], columns: int | None = None) -> list[Row]:
    """Run a statement and give all of its rows, whatever odd values they hold.

    Args:
        local: The cursors of the calling thread.
        sql: The statement.
        parameters: Its parameters, encoded.
        columns: How many columns it gives, to read text that is not UTF-8.

    Raises:
        QueryFailed: SQLite refused the statement.
        InvalidValue: A parameter is of a type that SQLite does not have.
    """
    try:
        return local.new().execute(sql, tuple(parameters)).fetchall()
    except UnicodeDecodeError:
        if columns is None:
            raise
        return _fetch_bytes(local, sql, parameters, columns)
    except OverflowError:
        # An integer beyond 64 bits compares with stored numbers as the float next to it does.
        return fetch(local, sql, in_range(parameters), columns)
    except NoormmeError:
        raise
    except Exception as error:
        raise statement_error(error, sql) from error


def _fetch_bytes(local: Cursors, sql: str, parameters: Sequence[object], columns: int) -> list[Row]:
    """The same rows with text read as bytes first; what is not UTF-8 stays bytes."""
    encoding = _encoding(local)
    try:
        rows = local.new().execute(with_bytes(sql, columns), tuple(parameters)).fetchall()
    except (apsw.Error, UnicodeDecodeError) as error:
        raise statement_error(error, sql) from error
    return [decoded_row(row, encoding) for row in rows]


def _encoding(local: Cursors) -> str:
    """The encoding of the text of the database."""
    return str(local.new().execute("PRAGMA encoding").fetchall()[0][0])


def run_named(cursor: Cursor, sql: str, parameters: Sequence[object]) -> Named[Results]:
    """Run a statement and give its rows, with what their columns are called.

    Args:
        cursor: A cursor of the calling thread.
        sql: The statement.
        parameters: Its parameters, encoded.
    """
    if isinstance(cursor, (LockedCursor, PatientCursor)):
        return cursor.execute_named(sql, parameters)
    assert isinstance(cursor, apsw.Cursor), "there are no others"
    # They are encoded here, which the types of APSW cannot know.
    given: Any = parameters
    rows = cursor.execute(sql, given)
    return names_of(rows), rows


def stream(
    local: Cursors,
    streams: Streams,
    sql: str,
    parameters: Sequence[object],
    columns: int | None = None,
) -> Iterator[Row]:
    """As ``fetch``, but the rows are read as they are asked for, on a cursor of their own.

    They are one of ``streams`` meanwhile. With ``columns`` all text is read as bytes from the beginning: a
    caller gives it once it has met text that is not UTF-8, because rows that were given cannot be taken back.
    """
    try:
        with local.streaming() as cursor:
            if columns is not None:
                encoding = _encoding(local)
                try:
                    rows = _begun(cursor, with_bytes(sql, columns), in_range(parameters))
                    for row in _read(streams, cursor, rows):
                        yield decoded_row(row, encoding)
                except UnicodeDecodeError as error:
                    # The columns come as bytes, so it was a function that read a text.
                    raise statement_error(error, sql) from error
                return
            try:
                rows = _begun(cursor, sql, tuple(parameters))
            except OverflowError:
                rows = _begun(cursor, sql, in_range(parameters))
            yield from _read(streams, cursor, rows)
    except (apsw.Error, TypeError, UnicodeEncodeError) as error:
        raise statement_error(error, sql) from error


def _read(streams: Streams, cursor: SQLiteCursor, rows: Results) -> Iterator[Row]:
    """Rows as they are asked for, also where a write had them read to their end."""
    with streams.add(rows, cursor.close) as stream:
        try:
            yield from rows
        except (apsw.ThreadingViolationError, apsw.CursorClosedError):
            if not stream.taken:
                raise
        yield from stream.rest()


def explain(local: Cursors, sql: str, parameters: Sequence[object]) -> str:
    """SQLite's query plan, indented as the sqlite3 shell shows it.

    Args:
        local: The cursors of the calling thread.
        sql: The statement, which does not run.
        parameters: Its parameters, encoded.
    """
    return plan_text(fetch(local, f"EXPLAIN QUERY PLAN {sql}", parameters))


def _begun(cursor: SQLiteCursor, sql: str, parameters: Sequence[object]) -> Results:
    """The rows of a statement whose time is up to whoever asks for them, once it has begun."""
    rows = cursor.execute(sql, parameters)
    if isinstance(cursor, TimedCursor):
        cursor.clock.stop()
    return rows
