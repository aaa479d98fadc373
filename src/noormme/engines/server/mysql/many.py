"""What a connection does with many rows: it puts the INSERTs of single rows together.

Invariant: many rows are written in their order, and what is told of each is what its own INSERT would have
told.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import Any

from noormme.engines.base import Done, Row
from noormme.engines.server.mysql.bulk import chunks, insert_text, numbers, pieces_of
from noormme.schema.model import Column, Table

__all__ = ["ManyRows"]


class ManyRows(ABC):
    """The part of a link that is made of the others."""

    @property
    @abstractmethod
    def changed(self) -> int:
        """How many rows the last statement inserted, changed or deleted."""

    @property
    @abstractmethod
    def last_key(self) -> int:
        """The number that the last row got; the first one of several."""

    @abstractmethod
    def run(self, sql: str, parameters: Sequence[object] = ()) -> list[Row]:
        """Run one statement and give its rows."""

    @abstractmethod
    def send(self, text: str) -> list[Row]:
        """Run a statement whose parameters are in its text, and give its rows; nobody is told of it."""

    @abstractmethod
    def written(self, sql: str, parameters: Sequence[object]) -> str:
        """A text with parameters written into it.

        Args:
            sql: The text, with ``%s`` for each parameter.
            parameters: The parameters, encoded.

        Raises:
            InvalidValue: One of them cannot be written.
        """

    @property
    @abstractmethod
    def packet_bytes(self) -> int:
        """How long a statement the server takes; asked once."""

    @abstractmethod
    def told(self, sql: str, parameters: Sequence[object]) -> None:
        """Tell those who listen of a statement."""

    def run_many(self, sql: str, rows: Iterator[Sequence[object]]) -> None:
        """Run one statement for each row of parameters.

        Args:
            sql: The statement, which gives no rows.
            rows: The parameters, encoded.

        Raises:
            DatabaseError: The server refused one of them.
        """
        pieces = pieces_of(sql)
        if pieces is None:
            for parameters in rows:
                self.run(sql, parameters)
            return
        for text, _ in chunks(pieces, self._reported(sql, rows), self.written, self.packet_bytes):
            self.send(text)

    def run_each(self, sql: str, rows: Iterator[Sequence[object]]) -> list[Done]:
        """Run one statement for each row of parameters, and give what each run did.

        Args:
            sql: The statement.
            rows: The parameters, encoded.

        Raises:
            DatabaseError: The server refused one of them.
        """
        pieces = pieces_of(sql)
        if pieces is None:
            return [(self.run(sql, parameters), self.changed, self.last_key) for parameters in rows]
        done: list[Done] = []
        step: int | None = None
        for text, count in chunks(pieces, self._reported(sql, rows), self.written, self.packet_bytes):
            found, first = self.send(text), self.last_key
            if first and count > 1 and step is None:
                # With several servers that are written to, each has numbers of its own.
                [(step,)] = self.send("SELECT @@auto_increment_increment")
            given: list[list[Row]] = [[row] for row in found] if found else [[]] * count
            done += [(row, 1, key) for row, key in zip(given, numbers(first, step or 1, count), strict=True)]
        return done

    def insert_rows(self, table: Table, columns: Sequence[Column], rows: Iterator[Sequence[object]]) -> None:
        """Insert many rows, in statements of many rows.

        Args:
            table: The table.
            columns: The columns that are given.
            rows: Their values, encoded.

        Raises:
            DatabaseError: The server refused one of them.
        """
        self.run_many(insert_text(table, columns), rows)

    def reserve(self, table: Table, column: Column, count: int) -> Sequence[Any] | None:
        """Only an INSERT can say the numbers of its rows."""
        return None

    def _reported(self, sql: str, rows: Iterator[Sequence[object]]) -> Iterator[Sequence[object]]:
        for parameters in rows:
            self.told(sql, parameters)
            yield parameters
