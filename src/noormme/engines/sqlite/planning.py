"""Whether SQLite plans a statement anew when it is run with other values.

SQLite built with STAT4, as APSW's is, prepares a statement again whenever it is run with another value in a
place that may decide the plan, such as ``age = ?`` beside ORDER BY. That costs 20 µs each time and mostly
finds the same plan. SQLite's query planner stability guarantee turns it off
(https://sqlite.org/queryplanner-ng.html#qpsg).

Invariant: it stays on where the database has something that only a value can decide: a partial index
(``WHERE active = 1``), an index that serves LIKE, the statistics of ``sqlite_stat4``.
"""

from __future__ import annotations

import apsw

from noormme.schema.model import Schema, Table

__all__ = ["keep_plans", "plans_can_be_kept"]


def plans_can_be_kept(schema: Schema, *, has_samples: bool) -> bool:
    """Whether no value can change which index serves a query.

    Args:
        schema: The schema.
        has_samples: Whether the database holds the statistics of ``sqlite_stat4``.
    """
    return not has_samples and not any(map(_depends_on_values, schema.tables))


def _depends_on_values(table: Table) -> bool:
    # LIKE ignores the case of letters, so it is served by indexes that do.
    ignoring_case = any((column.collation or "").upper() == "NOCASE" for column in table.columns)
    return ignoring_case or any(
        index.where is not None or any((part.collation or "").upper() == "NOCASE" for part in index.parts)
        for index in table.indexes
    )


def keep_plans(connection: apsw.Connection) -> None:
    """Let the statements of a connection keep their plan, whatever their values.

    Args:
        connection: The connection; no statement may be running on it.
    """
    connection.config(apsw.SQLITE_DBCONFIG_ENABLE_QPSG, 1)
