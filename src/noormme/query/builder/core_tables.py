"""The tables of a schema as SQLAlchemy Core has them.

Invariant: a ``sqlalchemy.Table`` has the exact names of the database, all of them quoted, and is made
once; a column whose name is empty is left out. This module imports SQLAlchemy; the first table asked for
loads it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeEngine

from noormme.query.joins import quoted
from noormme.schema.model import Column, Kind, Schema, Table

__all__ = ["KIND_OF_TYPE", "make_tables"]

_TYPES: Mapping[Kind, Callable[[], TypeEngine[Any]]] = {
    "any": sa.types.NullType,
    "integer": sa.Integer,
    "real": sa.Float,
    "text": sa.Text,
    "blob": sa.LargeBinary,
    "boolean": sa.Boolean,
    "date": sa.Date,
    "time": sa.Time,
    "datetime": sa.DateTime,
    "duration": sa.Interval,
    "decimal": sa.Numeric,
    "uuid": sa.Uuid,
    "json": sa.JSON,
    "array": sa.types.NullType,
}

KIND_OF_TYPE: tuple[tuple[type[Any], Kind], ...] = (
    (sa.Boolean, "boolean"),
    (sa.DateTime, "datetime"),
    (sa.Date, "date"),
    (sa.Time, "time"),
    (sa.Interval, "duration"),
    (sa.Uuid, "uuid"),
    (sa.JSON, "json"),
    (sa.LargeBinary, "blob"),
    (sa.Integer, "integer"),
    (sa.Float, "real"),
    (sa.Numeric, "decimal"),
    (sa.String, "text"),
)
"""What the values of an expression of a SQLAlchemy type are; the first that fits counts."""


def make_tables(schema: Schema) -> dict[str, sa.Table]:
    """All tables and views of a schema, in one ``MetaData``, by exact name.

    Args:
        schema: The schema.
    """
    metadata = sa.MetaData()
    return {table.name: _table(table, schema, metadata) for table in schema}


def _table(table: Table, schema: Schema, metadata: sa.MetaData) -> sa.Table:
    # SQLAlchemy has no columns without a name; one such column must not take all tables away.
    parts: list[Any] = [_column(column, table) for column in table.columns if column.name]
    for key in table.foreign_keys:
        target = schema.table(key.target)
        if target is not None and key.target_columns:
            # By name, so that it does not matter which of the two tables is made first.
            inside = "" if target.namespace is None else f"{target.namespace}."
            ends = [f"{inside}{target.bare_name}.{name}" for name in key.target_columns]
            names = (*key.columns, target.name, *key.target_columns)
            if all(names) and all("." not in name for name in (target.bare_name, *key.target_columns)):
                parts.append(
                    sa.ForeignKeyConstraint(
                        list(key.columns),
                        ends,
                        onupdate=_action(key.on_update),
                        ondelete=_action(key.on_delete),
                    )
                )
    namespace = None if table.namespace is None else quoted(table.namespace)
    return sa.Table(quoted(table.bare_name), metadata, *parts, schema=namespace)


def _column(column: Column, table: Table) -> sa.Column[Any]:
    return sa.Column(
        quoted(column.name),
        _TYPES[column.kind](),
        key=column.name,
        primary_key=column.name in table.primary_key,
        nullable=column.nullable,
        autoincrement=column.autoincrement or "auto",
        # So that SQLAlchemy knows that a row may leave it out.
        server_default=None if column.default is None else sa.FetchedValue(),
    )


def _action(words: str) -> str | None:
    return None if words == "NO ACTION" else words
