"""Whether the target holds what the source holds: each table is read again on both sides.

Invariant: nothing is written. Of each side every row is read once, and no more than a batch is held.
"""

from __future__ import annotations

from collections.abc import Callable

from noormme.copying.hashing import TableHash
from noormme.copying.reading import Reader
from noormme.copying.report import TableReport
from noormme.copying.rows import Copied
from noormme.engines.base import Engine
from noormme.engines.creating import Creator
from noormme.schema.model import Table

__all__ = ["compared", "content_hash"]


def compared(copied: Copied, batch_rows: int, told: Callable[[int], None]) -> TableReport:
    """Read a table and its copy. Touches both databases.

    Args:
        copied: The table and its copy.
        batch_rows: How many rows to read at a time.
        told: Called with the number of rows of each batch of the source.
    """
    mine, theirs = TableHash(), TableHash()
    for batch in copied.source.batches(batch_rows):
        mine.add(copied.conversion.values(batch))
        told(len(batch.rows))
    for batch in copied.target.batches(batch_rows):
        theirs.add(copied.target.decoded(batch.rows) if not copied.conversion.raw else batch.rows)
    return TableReport(
        copied.source.table.name,
        copied.table.name,
        mine.rows,
        theirs.rows,
        mine.digest,
        mine.rows == theirs.rows and mine.digest == theirs.digest,
    )


def content_hash(engine: Engine, creator: Creator, table: Table, batch_rows: int = 5_000) -> TableHash:
    """The hash of what a table or view holds. Touches the database.

    Args:
        engine: The database.
        creator: Writes SQL for it.
        table: The table or view.
        batch_rows: How many rows to read at a time.
    """
    reader = Reader(engine, creator, table, [column for column in table.columns if not column.hidden])
    found = TableHash()
    for batch in reader.batches(batch_rows):
        found.add(reader.decoded(batch.rows))
    return found
