"""Row counts, for the commands that show them.

Invariant: a table that cannot be counted has no count; it stops nothing.
"""

from __future__ import annotations

from collections.abc import Iterable

from noormme import Database, NoormmeError
from noormme.schema.model import Table

__all__ = ["row_counts"]


def row_counts(db: Database, tables: Iterable[Table]) -> dict[str, int]:
    """Count the rows of tables and views. Touches the database once for each.

    Returns:
        Rows by exact name, without those that cannot be read.
    """
    counts: dict[str, int] = {}
    for table in tables:
        if table.readable:
            try:
                counts[table.name] = db[table.name].count()
            except NoormmeError:
                # What is readable by its definition may still fail on a row; the others go on.
                continue
    return counts
