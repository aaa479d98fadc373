"""The rows of one table, written to its copy.

Invariant: rows and the record of how far they go are committed together, so that a copy that was stopped at
any moment goes on behind the last row that is there.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

import msgspec

from noormme.copying.ends import End
from noormme.copying.plan import TablePlan
from noormme.copying.progress import STATE_TABLE, Item, Record
from noormme.copying.reading import Reader, key_from_text, key_to_text
from noormme.copying.survey import OnBadValue
from noormme.copying.values import Conversion
from noormme.engines.base import Row
from noormme.errors import UnsafeOperation
from noormme.orm.transaction import Transaction
from noormme.schema.model import Column, Table

__all__ = ["Copied", "TableCopy"]


class Copied(msgspec.Struct, frozen=True):
    """A table and its copy, ready to be read.

    Attributes:
        source: Reads the table.
        target: Reads its copy.
        conversion: Turns rows of the one into rows of the other.
        table: The copy.
        columns: Its columns, in the order of those of the source.
    """

    source: Reader
    target: Reader
    conversion: Conversion
    table: Table
    columns: tuple[Column, ...]

    @classmethod
    def of(cls, plan: TablePlan, source: End, target: End, on_bad_value: OnBadValue) -> Copied:
        """What reads and writes the rows of a table.

        Args:
            plan: The table.
            source: The source.
            target: The target, where the table is.
            on_bad_value: What becomes of a value that its column does not take.

        Raises:
            UnsafeOperation: The table is not there, or one of its columns.
        """
        columns = [column for column in plan.source.columns if not column.hidden]
        table = target.schema.table(plan.target.name)
        # Discovered there: of which kind its values are is what reading it again will say.
        found = {} if table is None else {column.name: column for column in table.columns}
        if table is None or any(column.name not in found for column in plan.target.columns):
            raise UnsafeOperation(
                f"table '{plan.target.name}' was removed from {target.path} or changed while it was copied",
                hint=f"remove {STATE_TABLE} there too, and run the copy again with --replace",
            )
        made = tuple(found[column.name] for column in plan.target.columns)
        reader = Reader(source.engine, source.creator, plan.source, columns)
        raw = source.creator.dialect == target.creator.dialect and all(
            old.kind == new.kind for old, new in zip(columns, made, strict=True)
        )
        return cls(
            reader,
            Reader(target.engine, target.creator, table, made),
            Conversion(reader, target.engine, table, made, raw=raw, on_bad_value=on_bad_value),
            table,
            made,
        )


class TableCopy:
    """Writes the rows of one table.

    Args:
        plan: The table.
        copied: Reads and writes it.
        source: The source.
        target: The target.
        record: Where it is noted how far it is.
    """

    def __init__(self, plan: TablePlan, copied: Copied, source: End, target: End, record: Record) -> None:
        self._plan = plan
        self._copied = copied
        self._source = source
        self._target = target
        self._record = record
        self._columns = [column for column in copied.columns if not column.generated]

    def run(self, item: Item, batch_rows: int, told: Callable[[int], None]) -> int:
        """Write the rows that are not there yet.

        Args:
            item: How far it is.
            batch_rows: How many rows are committed together.
            told: Called with the number of rows of each batch.

        Returns:
            How many rows the copy has.

        Raises:
            InvalidValue: The target cannot hold a value.
            DatabaseError: The source or the target refused.
        """
        reader = self._copied.source
        after = key_from_text(item.detail) if item.detail and item.state == "rows" else None
        written = item.amount if after is not None else 0
        told(written)
        # Without a key to go on from, all of its rows are written in one transaction.
        whole = not reader.ordered_by
        outer: AbstractContextManager[object] = Transaction(self._target.engine) if whole else nullcontext()
        with outer:
            for batch in reader.batches(batch_rows, after):
                parameters = self._copied.conversion.parameters(batch)
                written += len(parameters)
                detail = "" if whole else key_to_text(batch.keys[-1])
                self._write(parameters, Item("rows", written, detail))
                told(len(parameters))
            if whole:
                self._end(written)
        if not whole:
            self._end(written)
        return written

    def _write(self, rows: list[Row], item: Item) -> None:
        engine = self._target.engine
        with Transaction(engine), engine.writing() as writer:
            # First, because rows that another run has written are no longer this one's to write.
            self._record.hold(writer)
            writer.insert_rows(self._copied.table, self._columns, rows)
            self._record.note(writer, self._plan.item, item)

    def _end(self, written: int) -> None:
        """Let the database number on behind the last row, and note that all rows are there."""
        creator = self._target.creator
        with self._target.defining() as writer:
            for old, new in zip(self._copied.source.columns, self._plan.target.columns, strict=True):
                if not new.autoincrement:
                    continue
                column = creator.quoted(new.name)
                asked = f"SELECT max({column}) FROM {creator.place(self._plan.target)}"
                [(highest,)] = writer.run(creator.runnable(asked))
                last = max(int(highest or 0), self._counter(old))
                if last > 0:
                    sql, parameters = creator.set_counter(self._plan.target, new, last)
                    writer.run(sql, parameters)
            self._record.note(writer, self._plan.item, Item("copied", written))

    def _counter(self, column: Column) -> int:
        """What the source has given last; 0 where it does not say."""
        asked = self._source.creator.counter(self._plan.source, column)
        found = self._source.engine.fetch(*asked) if asked is not None else []
        return int(found[0][0] or 0) if found else 0
