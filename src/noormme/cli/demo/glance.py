"""A first look at the rows of a table: enough to ask sensible questions about them.

Invariant: at most ``ROWS`` rows of a table are read, whatever its size; what is said of a column is
said of these rows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

import msgspec

from noormme import Database
from noormme.errors import NoormmeError
from noormme.schema.model import Column, Kind, Table
from noormme.schema.types import PYTHON_TYPES

__all__ = ["Glance", "glances"]

ROWS = 1_000
_TABLES = 12
_COLUMNS = 40
_GROUPS = 50
_TEXT_CHARACTERS = 60


class Glance(msgspec.Struct, frozen=True):
    """A table and its first rows.

    Attributes:
        table: The table.
        count: How many rows it has in all.
        rows: Its first rows, by field; columns of blobs and JSON are left out.
    """

    table: Table
    count: int
    rows: tuple[Mapping[str, object], ...]

    @property
    def key(self) -> Column | None:
        """The primary key if it is one column of whole numbers or text."""
        if len(self.table.primary_key) != 1:
            return None
        column = self.table.column(self.table.primary_key[0])
        return column if column is not None and column.kind in ("integer", "text") else None

    @property
    def keys(self) -> set[str]:
        """The exact names of the columns that are part of a primary key or a foreign key."""
        return {name for key in self.table.foreign_keys for name in key.columns} | set(self.table.primary_key)

    @property
    def label(self) -> Column:
        """The column that tells a person which row it is: a name or a title, other text, or the first."""
        texts = [
            column for column in self.columns("text") if column.name not in self.keys and self.values(column)
        ]
        named = (column for column in texts if column.field.endswith(("name", "title")))
        return next(named, None) or next(iter(texts), None) or next(self.columns(), self.table.columns[0])

    def columns(self, *kinds: Kind) -> Iterator[Column]:
        """The columns that were looked at, of these kinds or of all."""
        if self.rows:
            looked_at = self.rows[0].keys()
            for column in self.table.columns:
                if column.field in looked_at and (not kinds or column.kind in kinds):
                    yield column

    def values(self, column: Column) -> list[object]:
        """The column's values that are not None, have the type that its kind promises, and are short."""
        wanted = PYTHON_TYPES[column.kind]
        values = [value for row in self.rows if type(value := row[column.field]) is wanted]
        if column.kind == "text":
            return [value for value in values if 0 < len(str(value)) <= _TEXT_CHARACTERS]
        return values

    def groups(self, *kinds: Kind) -> Iterator[tuple[Column, list[object]]]:
        """The columns of few values that come often, each with its values, the most frequent first.

        Columns that are no keys come first: they mean something to a person.
        """
        columns = sorted(self.columns(*kinds), key=lambda column: column.name in self.keys)
        for column in columns:
            values = self.values(column)
            frequent = Counter(values).most_common()
            if len(values) == len(self.rows) and 2 <= len(frequent) <= min(_GROUPS, len(values) // 4):
                yield column, [value for value, _ in frequent]

    def partly_empty(self, column: Column) -> bool:
        """Whether some rows have a value there and some have none."""
        empty = sum(row[column.field] is None for row in self.rows)
        return 0 < empty < len(self.rows)


def glances(db: Database, counts: Mapping[str, int]) -> list[Glance]:
    """A look at each of the largest tables that have rows, the largest first. Touches the database."""
    schema = db.schema
    found: list[Glance] = []
    for name in sorted(counts, key=lambda name: (-counts[name], name))[:_TABLES]:
        table = schema.table(name)
        if table is not None and table.kind == "table" and counts[name]:
            columns = [column for column in table.columns if column.kind not in ("blob", "json", "any")]
            fields = [column.field for column in columns if not column.hidden][:_COLUMNS]
            try:
                rows = tuple(db[name].values(*fields)[:ROWS]) if fields else ()
            except NoormmeError:
                continue
            found.append(Glance(table, counts[name], rows))
    return found
