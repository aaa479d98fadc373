"""What a database holds, for tests: the hash of each table, and the kinds of its columns."""

from __future__ import annotations

from pathlib import Path

from noormme.copying.ends import open_source
from noormme.copying.verify import content_hash

__all__ = ["hashes", "kinds"]


def hashes(database: str | Path) -> dict[str, tuple[int, str]]:
    """The number of rows and the hash of each ordinary table, by its name."""
    end = open_source(str(database))
    try:
        return {
            table.name: (found.rows, found.digest)
            for table in end.schema.tables
            if table.kind == "table" and table.readable
            for found in [content_hash(end.engine, end.creator, table)]
        }
    finally:
        end.close()


def kinds(database: str | Path) -> dict[str, dict[str, str]]:
    """The kind of each column, by table and column."""
    end = open_source(str(database))
    try:
        return {
            table.name: {column.name: column.kind for column in table.columns if not column.hidden}
            for table in end.schema.tables
            if table.kind == "table"
        }
    finally:
        end.close()
