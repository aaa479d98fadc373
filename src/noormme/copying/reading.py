"""The rows of a table, in batches and in the order of a key, from its beginning or from behind some row.

Invariant: no more than one batch is held at a time, and every row comes exactly once, also where reading had
to begin again because text was met that is not UTF-8.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import islice
from typing import Any
from uuid import UUID

import msgspec

from noormme.copying.hashing import JSON_NULL
from noormme.engines.base import Engine, Row
from noormme.engines.creating import Creator
from noormme.errors import UnreadableValue
from noormme.query.decode import make_loader
from noormme.query.plan import Output, Plan
from noormme.schema.model import Column, Table

__all__ = ["Batch", "Reader", "key_from_text", "key_to_text"]


class Batch(msgspec.Struct, frozen=True):
    """Some rows of a table.

    Attributes:
        rows: The values of each as the driver gave them.
        keys: What each was read by; empty tuples where there is no such.
    """

    rows: list[Row]
    keys: list[Row]


class Reader:
    """Reads the rows of one table.

    Args:
        engine: The database.
        creator: What writes SQL for it.
        table: The table or view.
        columns: The columns that are read.

    Attributes:
        ordered_by: What rows are read by in order; empty where they come in any order.
        table: The table.
        columns: The columns.
    """

    def __init__(self, engine: Engine, creator: Creator, table: Table, columns: Sequence[Column]) -> None:
        self._engine = engine
        self._creator = creator
        self.table = table
        self.columns = list(columns)
        self.ordered_by = creator.ordered_by(table) if table.kind == "table" else ()
        self._decode = _decoder(engine, table, self.columns)

    def count(self) -> int:
        """How many rows there are. Touches the database."""
        sql = f"SELECT count(*) FROM {self._creator.place(self.table)}"
        return int(self._engine.fetch(self._creator.runnable(sql), ())[0][0])

    def batches(self, size: int, after: Row | None = None) -> Iterator[Batch]:
        """The rows. Touches the database as they are asked for.

        Args:
            size: How many rows a batch has at most.
            after: The key of the row to begin behind; None for the first.

        Raises:
            DatabaseError: The database refused, or the connection was lost.
        """
        given = 0
        try:
            for batch in self._read(size, after, tolerant=False):
                given += len(batch.rows)
                after = batch.keys[-1] if self.ordered_by else None
                yield batch
            return
        except UnicodeDecodeError:
            # Text that is not UTF-8; what was given cannot be taken back, so it goes on from there.
            pass
        for batch in self._read(size, after, tolerant=True):
            if not self.ordered_by and given:
                skipped = min(given, len(batch.rows))
                given -= skipped
                batch = Batch(batch.rows[skipped:], batch.keys[skipped:])
            if batch.rows:
                yield batch

    def decoded(self, rows: list[Row]) -> list[Row]:
        """Rows with the values that the kinds of the columns promise, where they can be read as such.

        Args:
            rows: The rows as the driver gave them.
        """
        return self._decode(rows)

    def _read(self, size: int, after: Row | None, *, tolerant: bool) -> Iterator[Batch]:
        width, keys = len(self.columns), len(self.ordered_by)
        parts = [*map(self._creator.selected, self.columns), *self.ordered_by]
        sql = f"SELECT {', '.join(parts) or 'NULL'} FROM {self._creator.place(self.table)}"
        order = ", ".join(self.ordered_by)
        if after is not None:
            marks = ", ".join(self._creator.mark(number) for number in range(1, keys + 1))
            sql += f" WHERE ({order}) > ({marks})" if keys > 1 else f" WHERE {order} > {marks}"
        if order:
            sql += f" ORDER BY {order}"
        sql = self._creator.runnable(sql, marks=True)
        rows = iter(self._engine.stream(sql, after or (), len(parts) if tolerant else None))
        while found := list(islice(rows, size)):
            if keys:
                yield Batch([row[:width] for row in found], [row[width:] for row in found])
            else:
                yield Batch(found if width else [() for _ in found], [()] * len(found))


def _decoder(engine: Engine, table: Table, columns: Sequence[Column]) -> Callable[[list[Row]], list[Row]]:
    dialect = engine.dialect
    fast = [dialect.decoder(column.kind, table.name, column.name) for column in columns]
    documents = [at for at, column in enumerate(columns) if column.kind == "json"]
    for at in documents:
        if fast[at] is None:
            # Such a dialect has its driver read documents, which came as text here.
            fast[at] = _document
    outputs = tuple(Output(column.name, column.kind, table.name, column.name) for column in columns)
    load = make_loader(Plan("", (), outputs, style="tuple"), fast, ())
    strict = [dialect.decoder(column.kind, table.name, column.name) is None for column in columns]

    def one(at: int, value: object) -> object:
        if value is None:
            return None
        if strict[at] and columns[at].kind == "json":
            return _document(value)
        return dialect.decode(columns[at].kind, value, table.name, columns[at].name)

    def decode(rows: list[Row]) -> list[Row]:
        try:
            found = load(rows)
        except Exception:
            # Some value has another form than its column; each is read by itself.
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", UnreadableValue)
                found = [tuple(one(at, value) for at, value in enumerate(row)) for row in rows]
        return _with_nulls(rows, found, documents) if documents else found

    return decode


def _document(text: object) -> object:
    return msgspec.json.decode(str(text))


def _with_nulls(rows: list[Row], found: list[Row], documents: Sequence[int]) -> list[Row]:
    """Rows with what stands for a document that is null."""
    made: list[Row] = []
    for raw, row in zip(rows, found, strict=True):
        null = [at for at in documents if row[at] is None and raw[at] is not None]
        if null:
            row = tuple(JSON_NULL if at in null else value for at, value in enumerate(row))
        made.append(row)
    return made


# -- keys as text, to go on from ------------------------------------------------------------------------


def key_to_text(key: Row) -> str:
    """A key as text that can be kept.

    Args:
        key: Its values, as the driver gave them; they are of the kinds of which ``ordered_by`` takes columns.
    """
    return msgspec.json.encode([(type(value).__name__, _written(value)) for value in key]).decode()


def _written(value: object) -> str:
    if isinstance(value, (bytes, float)):
        return value.hex()
    if isinstance(value, timedelta):
        return str(value // _MICROSECOND)
    return str(value)


def key_from_text(text: str) -> Row:
    """The key that ``key_to_text`` wrote.

    Args:
        text: The text.
    """
    return tuple(_READ[name](value) for name, value in msgspec.json.decode(text, type=list[tuple[str, str]]))


_MICROSECOND = timedelta(microseconds=1)

_READ: dict[str, Callable[[str], Any]] = {
    "int": int,
    "str": str,
    "float": float.fromhex,
    "bytes": bytes.fromhex,
    "bool": lambda text: text == "True",
    "Decimal": Decimal,
    "date": date.fromisoformat,
    "datetime": datetime.fromisoformat,
    "time": time.fromisoformat,
    "timedelta": lambda text: int(text) * _MICROSECOND,
    "UUID": UUID,
}
