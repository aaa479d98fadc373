"""How to make a full-text index on SQLite, for who searches a table that has none.

Invariant: nothing here touches the database; the SQL is for people.
"""

from __future__ import annotations

from noormme.schema.model import Table

__all__ = ["advice"]


def advice(table: Table) -> str:
    """What makes an index for a table.

    Args:
        table: The table.
    """
    if table.kind != "table" or table.without_rowid:
        return "make one with CREATE VIRTUAL TABLE … USING fts5(…)"
    texts = [column.name for column in table.columns if column.kind in ("text", "any")]
    columns = ", ".join(map(_quoted, texts or ["…"]))
    named = _quoted(f"{table.name}_fts")
    content = table.name.replace("'", "''")
    return (
        f"make one: CREATE VIRTUAL TABLE {named} USING fts5({columns}, content='{content}'); "
        f"INSERT INTO {named}({named}) VALUES ('rebuild'); "
        "then db.refresh(), and triggers that keep it up to date"
    )


def _quoted(name: str) -> str:
    return name if name.isidentifier() or name == "…" else '"' + name.replace('"', '""') + '"'
