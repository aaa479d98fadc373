"""What a connection to PostgreSQL does with many rows: COPY, pipelines, numbers that are taken beforehand.

Invariant: many rows are written in their order, and an error is that of one of them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any

import psycopg

from noormme.engines.base import Done, Row
from noormme.engines.server.postgresql.bulk import copy_text, insert_text, numbers, reservation
from noormme.errors import NoormmeError
from noormme.schema.model import Column, Table

__all__ = ["ROWS", "ManyRows"]

ROWS = int(psycopg.pq.ExecStatus.TUPLES_OK)
"""What a result is that has rows."""

_SENT_ROWS = 1_000
"""How many rows of parameters go together in one round trip."""


class ManyRows(ABC):
    """The part of a link that is made of the others."""

    __slots__ = ("_copies", "_cursor", "_report")

    _copies: Callable[[Table], bool]
    _cursor: Any
    _report: Callable[[str, Sequence[object]], None]

    @abstractmethod
    def run(self, sql: str, parameters: Sequence[object] = ()) -> list[Row]:
        """Run one statement and give its rows."""

    @abstractmethod
    def _prepare(self) -> None:
        """Let the server know what holds for the next statement."""

    @abstractmethod
    def _error(self, error: Exception) -> Exception:
        """The error that an exception of the driver stands for."""

    def run_many(self, sql: str, rows: Iterator[Sequence[object]]) -> None:
        """Run one statement for each row of parameters.

        Args:
            sql: The statement, which gives no rows.
            rows: The parameters, encoded.

        Raises:
            DatabaseError: PostgreSQL refused one of them.
        """
        while batch := list(islice(rows, _SENT_ROWS)):
            self._send(sql, batch, returning=False)

    def run_each(self, sql: str, rows: Iterator[Sequence[object]]) -> list[Done]:
        """Run one statement for each row of parameters, many of them in one round trip.

        Args:
            sql: The statement.
            rows: The parameters, encoded.

        Returns:
            What each run did.

        Raises:
            DatabaseError: PostgreSQL refused one of them.
        """
        done: list[Done] = []
        while batch := list(islice(rows, _SENT_ROWS)):
            done += self._send(sql, batch, returning=True)
        return done

    def _send(self, sql: str, batch: Sequence[Sequence[object]], *, returning: bool) -> list[Done]:
        """Run one statement for some rows in one round trip."""
        for parameters in batch:
            self._report(sql, parameters)
        cursor = self._cursor
        try:
            self._prepare()
            # In a pipeline: psycopg does not wait for the answer of one before it sends the next.
            cursor.executemany(sql, batch, returning=returning)
            if not returning:
                return []
            return [
                (cursor.fetchall() if cursor.pgresult.status == ROWS else [], max(cursor.rowcount, 0), 0)
                for _ in cursor.results()
            ]
        except NoormmeError:
            raise
        except Exception as error:
            raise self._error(error) from error

    def insert_rows(self, table: Table, columns: Sequence[Column], rows: Iterator[Sequence[object]]) -> None:
        """Insert many rows with COPY; with INSERT where a table has rules or policies, which COPY goes past.

        Args:
            table: The table.
            columns: The columns that are given.
            rows: Their values, encoded.

        Raises:
            DatabaseError: PostgreSQL refused one of them; none is written.
        """
        if not columns or not self._copies(table):
            self.run_many(insert_text(table, columns), rows)
            return
        sql = copy_text(table, columns)
        self._report(sql, ())
        try:
            self._prepare()
            with self._cursor.copy(sql) as copy:
                write = copy.write_row
                for row in rows:
                    write(row)
        except NoormmeError:
            raise
        except Exception as error:
            raise self._error(error) from error

    def reserve(self, table: Table, column: Column, count: int) -> Sequence[Any] | None:
        """Take numbers of the sequence behind a column, or what else its default gives.

        Args:
            table: The table.
            column: A column of its key.
            count: For how many rows.

        Returns:
            A value for each row, which no other program is given; None where only an INSERT can say it.
        """
        how = reservation(table, column)
        if how is None:
            return None
        if how.span is not None:
            [row] = self.run(how.span, (count, *how.parameters))
            found = numbers(row, count)
            if found is not None:
                return found
        # Others took numbers in between; those that were taken are gaps.
        values = [value for (value,) in self.run(how.each, (count, *how.parameters))]
        return values if len(values) == count and None not in values else None
