"""A SQLite database written again into libSQL, so that the same queries can be asked of both.

Invariant: the statements that made the tables and the values in their rows are the same on both sides.
"""

from __future__ import annotations

from pathlib import Path

from noormme import Database
from noormme.schema.sql_tokens import quote_identifier
from tests.with_libsql.server import link_to, load, schema_of

__all__ = ["mirror"]


def mirror(source: Database, url: str) -> None:
    """Write the tables of a database into an empty one.

    Args:
        source: The SQLite database.
        url: The libSQL database.
    """
    statements = schema_of(Path(source.path))
    late = [each for each in statements if each.split(None, 2)[1].upper() == "TRIGGER"]
    load(url, ";".join(each for each in statements if each not in late))
    link = link_to(url)
    link.control("BEGIN IMMEDIATE")
    link.run("PRAGMA defer_foreign_keys = ON")
    for table in source.schema.tables:
        columns = [column.name for column in table.columns if column.generated is None and not column.hidden]
        if table.rowid is not None:
            columns.insert(0, table.rowid)
        names = ", ".join(map(quote_identifier, columns))
        place = quote_identifier(table.name)
        rows = source._engine.fetch(f"SELECT {names} FROM {place}", (), len(columns))
        link.run_many(f"INSERT INTO {place} ({names}) VALUES ({', '.join('?' * len(columns))})", iter(rows))
    link.control("COMMIT")
    link.close()
    load(url, ";".join(late))
