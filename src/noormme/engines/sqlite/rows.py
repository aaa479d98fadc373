"""Many rows at once, for whoever writes to a file, where no statement waits for a network.

Invariant: what is done with many rows is what is done with each of them, in their order.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from noormme.engines.base import Done, Row
from noormme.schema.sql_tokens import quote_identifier

if TYPE_CHECKING:
    from noormme.schema.model import Column, Table

__all__ = ["RowByRow"]


class RowByRow(ABC):
    """The part of an ``engines.base.Writer`` that is made of the others."""

    __slots__ = ()

    @property
    @abstractmethod
    def changed(self) -> int:
        """How many rows the last statement changed."""

    @property
    @abstractmethod
    def last_key(self) -> int:
        """The row id of the last row that was inserted."""

    @abstractmethod
    def run(self, sql: str, parameters: Sequence[object] = ()) -> list[Row]:
        """Run one statement and give its rows."""

    @abstractmethod
    def run_many(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        """Run one statement for each row of parameters."""

    @abstractmethod
    def next_key(self, table: Table) -> int | None:
        """The number that the next row of a table gets; None where only SQLite can say it."""

    def run_each(self, sql: str, rows: Iterable[Sequence[object]]) -> list[Done]:
        """Run one statement for each row of parameters, and give what each run did.

        Raises:
            DatabaseError: SQLite refused one of them; those before it were written.
        """
        return [(self.run(sql, parameters), self.changed, self.last_key) for parameters in rows]

    def insert_rows(self, table: Table, columns: Sequence[Column], rows: Iterable[Sequence[object]]) -> None:
        """Insert many rows with one statement.

        Raises:
            DatabaseError: SQLite refused one of them; those before it were written.
        """
        names = ", ".join(quote_identifier(column.name) for column in columns)
        marks = ", ".join("?" * len(columns))
        values = f"({names}) VALUES ({marks})" if columns else "DEFAULT VALUES"
        self.run_many(f"INSERT INTO {quote_identifier(table.name)} {values}", rows)

    def reserve(self, table: Table, column: Column, count: int) -> Sequence[int] | None:
        """The row ids that the next rows get, while nobody else writes.

        Args:
            table: A table whose rows SQLite numbers.
            column: The column that has the numbers.
            count: For how many rows.
        """
        first = self.next_key(table)
        return None if first is None else range(first, first + count)
