"""What a generator of queries must know: names from Django's models, values from the file.

Invariant: read once, never changed. Values are Python values of the kind that Django's field says.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import apsw

__all__ = ["Field", "Model", "Relation", "Row", "World"]

Row = Mapping[str, Any]

_DECODERS: dict[str, Callable[[Any], object]] = {
    "boolean": bool,
    "date": date.fromisoformat,
    "datetime": datetime.fromisoformat,
    "decimal": lambda stored: Decimal(str(stored)),
    "json": json.loads,
    "time": time.fromisoformat,
    "uuid": UUID,
}


@dataclass(frozen=True)
class Field:
    """A field that can be written in a query.

    Attributes:
        name: As it is written.
        column: As it is in the database.
        kind: What its values are.
        foreign: Whether it is the raw value of a foreign key, for which Django has few lookups.
    """

    name: str
    column: str
    kind: str
    foreign: bool


@dataclass(frozen=True)
class Relation:
    """A relation: its name, its target table, and the hops ``(column, table, column)`` to it."""

    name: str
    target: str
    many: bool
    hops: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class Model:
    """A table.

    Attributes:
        table: Its name.
        fields: Its fields, as far as they can be written in a query.
        relations: Its relations.
        key: The columns of its primary key.
        named: Whether every column is among the fields.
    """

    table: str
    fields: tuple[Field, ...]
    relations: tuple[Relation, ...]
    key: tuple[str, ...]
    named: bool

    def key_field(self) -> Field | None:
        """The field that ``pk`` stands for, or None for a composite key."""
        (column, *rest) = self.key
        return None if rest else next(field for field in self.fields if field.column == column)


class World:
    """The models by table, and the rows."""

    def __init__(self, path: Path, description: Mapping[str, Any]) -> None:
        self.models = {table: _model(table, about) for table, about in description.items()}
        self._rows: dict[str, list[Row]] = {}
        self._index: dict[tuple[str, str], dict[object, list[Row]]] = {}
        connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
        try:
            for table, model in self.models.items():
                self._rows[table] = _read(connection, model)
        finally:
            connection.close()

    def rows(self, table: str) -> list[Row]:
        """All rows of a table, by column name."""
        return self._rows[table]

    def follow(self, row: Row, relation: Relation) -> list[Row]:
        """The rows that a relation leads to from one row."""
        rows = [row]
        for start, table, end in relation.hops:
            rows = [found for each in rows for found in self._lookup(table, end, each[start])]
        return rows

    def _lookup(self, table: str, column: str, value: object) -> list[Row]:
        index = self._index.get((table, column))
        if index is None:
            index = self._index[table, column] = {}
            for row in self._rows[table]:
                index.setdefault(row[column], []).append(row)
        return [] if value is None else index.get(value, [])


def _model(table: str, about: Mapping[str, Any]) -> Model:
    return Model(
        table,
        tuple(Field(name=name, **field) for name, field in about["fields"].items()),
        tuple(
            Relation(name, relation["target"], relation["many"], tuple(map(tuple, relation["hops"])))
            for name, relation in about["relations"].items()
        ),
        tuple(about["key"]),
        len(about["fields"]) == len(about["columns"]),
    )


def _read(connection: apsw.Connection, model: Model) -> list[Row]:
    kinds = {field.column: field.kind for field in model.fields}
    cursor = connection.execute(f'SELECT * FROM "{model.table}"')
    names = [column[0] for column in cursor.get_description()]
    return [
        {name: _decode(kinds.get(name), value) for name, value in zip(names, values, strict=True)}
        for values in cursor
    ]


def _decode(kind: str | None, value: object) -> object:
    decoder = _DECODERS.get(kind or "")
    return value if value is None or decoder is None else decoder(value)
