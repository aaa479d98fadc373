"""The INSERT of many rows, which travel as one parameter.

Invariant: a row has the values that it would have if it were inserted alone: each is read from JSON as of the
type of its column, in which nothing is lost that the column would keep.
"""

from __future__ import annotations

from collections.abc import Sequence

from noormme.engines.server.mssql.batches import END
from noormme.engines.server.mssql.types import base_type, roomy_type
from noormme.schema.model import Column, Table

__all__ = ["insert_many"]

_AS_TEXT = {
    "hierarchyid": "nvarchar(4000)",
    "sql_variant": "nvarchar(4000)",
    "xml": "nvarchar(max)",
    **dict.fromkeys(("geography", "geometry"), "varbinary(max)"),
}
"""Types that ``OPENJSON`` does not read, and what is read in their place."""


def insert_many(table: Table, columns: Sequence[Column]) -> str:
    """The statement; its one parameter is an array of arrays of values (``values.json_rows``).

    Args:
        table: The table.
        columns: The columns that are given.
    """
    place = quoted_table(table)
    names = ", ".join(_bracketed(column.name) for column in columns)
    read = ", ".join(f"c{at} {_read_as(column)} '$[{at}]'" for at, column in enumerate(columns))
    chosen = ", ".join(f"c{at}" for at in range(len(columns)))
    text = f"INSERT INTO {place} ({names}) SELECT {chosen} FROM OPENJSON(@P1) WITH ({read})"
    if any(column.autoincrement for column in columns):
        return f"SET IDENTITY_INSERT {place} ON {END} {text}"
    return text


def quoted_table(table: Table) -> str:
    """A table as T-SQL names it.

    Args:
        table: The table.
    """
    name = _bracketed(table.bare_name)
    return name if table.namespace is None else f"{_bracketed(table.namespace)}.{name}"


def _bracketed(name: str) -> str:
    return "[" + name.replace("]", "]]") + "]"


def _read_as(column: Column) -> str:
    return _AS_TEXT.get(base_type(column.declared_type), roomy_type(column))
