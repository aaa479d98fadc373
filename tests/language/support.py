"""Running an entry of the table: what it asks of the database, and what it gives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from noormme import Database
from tests.language.entries import plain

__all__ = ["run"]


def run(db: Database, ask: Callable[[Database, Any], Any], value: object) -> tuple[str, object]:
    """Run a query with a value.

    Args:
        db: The database.
        ask: The query.
        value: Its value.

    Returns:
        The SQL of all its statements, in one line, and what it gives.
    """
    with db.capture() as statements:
        answer = plain(ask(db, value))
    sql = "; ".join(" ".join(each.statement.split()) for each in statements)
    for table in db.schema.tables:
        sql = sql.replace(
            ", ".join(f'"{table.name}"."{column.name}"' for column in table.columns), f"{table.name}.…"
        )
    return sql, answer
