"""A full-text index, as pure data.

Invariant: as in ``schema.model``: no I/O, and nothing changes after it was made.
"""

from __future__ import annotations

from typing import Literal

import msgspec

__all__ = ["SearchColumn", "SearchIndex"]


class SearchColumn(msgspec.Struct, frozen=True, omit_defaults=True):
    """One column of a full-text index.

    Attributes:
        name: Its exact name in the index.
        column: The exact name of the table's column that it holds; None where no column is known for it.
        indexed: Whether it can be searched; False for UNINDEXED.
    """

    name: str
    column: str | None = None
    indexed: bool = True


class SearchIndex(msgspec.Struct, frozen=True, omit_defaults=True):
    """A full-text index, and the table whose rows it finds.

    Attributes:
        name: The exact name of the index; on SQLite a virtual table of FTS5, on PostgreSQL a column of type
            ``tsvector`` or an index, on MySQL and MariaDB a FULLTEXT index.
        table: The exact name of the table or view whose rows it finds; ``name`` itself where the index keeps
            its own rows and nothing else does.
        key: The column of the index that tells the row: ``"rowid"``, or an UNINDEXED column.
        table_key: The column of the table that equals it, by exact name, or its row id.
        columns: The columns of the index, in its order, which functions count by.
        content: Who keeps the texts: the index (``"own"``), the table (``"external"``), or nobody
            (``"none"``), so that the index cannot show them.
        tokenizer: How texts are cut into words, as it was declared (on PostgreSQL the text search
            configuration); ``""`` for the default.
        detail: What it notes of each word: ``"full"``, ``"column"`` or ``"none"``; phrases need the first.
        vector: The SQL of what is searched in a row of the table, where the index is none of its own (a
            ``tsvector`` of PostgreSQL, the columns of MATCH on MySQL); ``key`` and ``table_key`` then say
            nothing.
    """

    name: str
    table: str
    key: str = "rowid"
    table_key: str = "rowid"
    columns: tuple[SearchColumn, ...] = ()
    content: Literal["own", "external", "none"] = "own"
    tokenizer: str = ""
    detail: Literal["full", "column", "none"] = "full"
    vector: str | None = None

    def column(self, name: str) -> SearchColumn | None:
        """The column that holds the table's column of that exact name, else the one of that name, or None."""
        for column in self.columns:
            if column.column == name:
                return column
        for column in self.columns:
            if column.name == name:
                return column
        return None
