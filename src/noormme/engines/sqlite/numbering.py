"""Which table a statement of ours writes, and which number its next row gets.

Invariant: the rules are SQLite's own; a number holds while nobody else can write.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from noormme.engines.base import Row
from noormme.schema.model import Table
from noormme.schema.sql_tokens import quote_identifier

__all__ = ["next_key", "written_table"]

_WRITTEN = re.compile(r'(?:INSERT(?: OR \w+)? INTO|UPDATE|DELETE FROM) "((?:[^"]|"")+)"')

_LARGEST_KEY = 2**62
"""From here on numbers are not taken in advance; SQLite has them up to 2**63 - 1."""


def written_table(sql: str) -> str | None:
    """The exact name of the table that a compiled statement writes; None for other statements.

    Args:
        sql: The statement.
    """
    written = _WRITTEN.match(sql)
    return written[1].replace('""', '"') if written else None


def next_key(run: Callable[[str, Sequence[object]], list[Row]], table: Table) -> int | None:
    """The number that the next row of a table gets, by SQLite's rules for row ids. Touches the database.

    Args:
        run: Runs a statement where nobody else can write.
        table: A table whose rows SQLite numbers.

    Returns:
        The number; None where the largest one is taken, and SQLite looks for a free one.
    """
    column = table.primary_key[0] if table.primary_key else table.rowid
    key, name = quote_identifier(column or "rowid"), quote_identifier(table.name)
    [[largest]] = run(f"SELECT coalesce(max({key}), 0) FROM {name}", ())
    if any(column.autoincrement for column in table.columns):
        used = run("SELECT seq FROM sqlite_sequence WHERE name = ?", (table.name,))
        largest = max(largest, *(row[0] for row in used), 0)
    return None if largest >= _LARGEST_KEY else int(largest) + 1
