"""Writes of single rows as plans: INSERT, and UPDATE and DELETE by the key.

Invariant: a plan depends on which fields are written, never on a value; a value is stored in the form of its
column, and None is NULL. This module imports SQLAlchemy.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from noormme.errors import InvalidQuery
from noormme.query.dialect import Dialect
from noormme.query.joins import AliasNames, Source
from noormme.query.parameters import Parameters
from noormme.query.plan import Output, Plan
from noormme.query.writing.targets import (
    conflict_target,
    outputs_of,
    partial_index,
    row_key,
    written_columns,
)
from noormme.schema.model import Column, Schema, Table

__all__ = ["OnConflict", "compile_delete_row", "compile_insert", "compile_update_row"]


class OnConflict(msgspec.Struct, frozen=True):
    """What an INSERT does where there is such a row already.

    Attributes:
        target: The fields of the unique key that both rows have; empty for any key.
        update: The fields that the row there takes from the new one; empty to leave it as it is.
    """

    target: tuple[str, ...] = ()
    update: tuple[str, ...] = ()


class _Writing:
    """One statement that writes rows of one table."""

    def __init__(self, table: Table, schema: Schema, dialect: Dialect) -> None:
        self.table = table
        self.schema = schema
        self.dialect = dialect
        self.parameters = Parameters()
        self.names = AliasNames(schema)
        self.source = Source(table, self.names.take(table.name))

    @property
    def selectable(self) -> Any:
        return self.source.selectable

    def stored(self, columns: Sequence[Column]) -> dict[str, sa.ColumnElement[Any]]:
        """A parameter for each column, in the order of the slots."""
        return {
            column.name: self.parameters.take(
                slot,
                self.dialect.storing(column.kind, self.table, column),
                self.dialect.stored_native(column.kind, self.table, column),
                nullable=True,
            )
            for slot, column in enumerate(columns)
        }

    def found(self, key: Sequence[Column], start: int) -> list[sa.ColumnElement[bool]]:
        """Which row it is: the key in the slots from ``start`` on."""
        dialect, expressions = self.dialect, self.dialect.expressions
        conditions: list[sa.ColumnElement[bool]] = []
        for slot, column in enumerate(key, start):
            encode = dialect.encoder(column.kind, self.table, column)
            parameter = self.parameters.take(slot, encode, dialect.native(column.kind))
            left = expressions.operand(column.kind, self.source.column(column.name))
            conditions.append(left == expressions.comparable(column.kind, parameter))
        return conditions

    def plan(self, statement: Any, outputs: tuple[Output, ...], slots: int, **options: Any) -> Plan:
        """The plan of a finished statement."""
        expressions = self.dialect.expressions
        if outputs:
            statement = statement.returning(*(self.source.column(output.column) for output in outputs))
        compiled = statement.compile(dialect=expressions.sqlalchemy, **options)
        sql, binds = self.parameters.placed(compiled.string, expressions.placeholder)
        return Plan(sql, binds, outputs, style="tuple", reads=tuple(sorted(self.names.tables)), slots=slots)


def compile_insert(
    table: Table,
    schema: Schema,
    dialect: Dialect,
    fields: Sequence[str],
    *,
    returning: Sequence[str] = (),
    conflict: OnConflict | None = None,
) -> Plan:
    """The INSERT of one row.

    Args:
        table: The table.
        schema: Its schema.
        dialect: The engine's side.
        fields: The fields that are given; the values come in their order. Empty for a row of defaults.
        returning: The fields that the statement gives back.
        conflict: What happens where there is such a row already; None to fail.

    Returns:
        The plan. The database is touched only where the dialect must learn how a column stores its values.

    Raises:
        FieldNotFound: There is no such field.
        InvalidQuery: A field cannot be written, or the target of ``conflict`` is no unique key.
    """
    columns = written_columns(schema, table, fields)
    outputs = outputs_of(schema, table, returning)
    writing = _Writing(table, schema, dialect)
    values = writing.stored(columns)
    if not values:
        if conflict is not None:
            raise InvalidQuery(
                f"a row of {table.name} that is nothing but defaults meets no other",
                hint="give the fields of the key",
            )
        return writing.plan(sa.insert(writing.selectable), outputs, 0, column_keys=[])
    if conflict is None:
        return writing.plan(sa.insert(writing.selectable).values(values), outputs, len(columns))
    target = conflict_target(schema, table, conflict.target)
    update = written_columns(schema, table, conflict.update)
    for column in update:
        if column not in columns:
            raise InvalidQuery(
                f"{table.name}.{column.field} is to be updated but not given", hint="give a value for it"
            )
    statement = dialect.expressions.upsert(
        writing.selectable,
        values,
        [writing.source.column(column.name) for column in target],
        _partial_condition(table, target),
        [column.name for column in update],
    )
    return writing.plan(statement, outputs, len(columns))


def _partial_condition(table: Table, target: Sequence[Column]) -> str | None:
    """The condition of the unique index that a target means, where no full key is on the same columns."""
    names = frozenset(column.name for column in target)
    if not names or names in table.unique_keys:
        return None
    index = partial_index(table, names)
    return None if index is None else index.where


def compile_update_row(
    table: Table, schema: Schema, dialect: Dialect, fields: Sequence[str], *, returning: Sequence[str] = ()
) -> Plan:
    """The UPDATE of one row, which is found by its key.

    Args:
        table: The table.
        schema: Its schema.
        dialect: The engine's side.
        fields: The fields that are written; parts of the key can be among them.
        returning: The fields that the statement gives back.

    Returns:
        The plan. Its values are those of the fields, then the key that the row has now.

    Raises:
        FieldNotFound: There is no such field.
        InvalidQuery: A field cannot be written, or there is none.
        ReadOnly: The table has no key.
    """
    columns = written_columns(schema, table, fields)
    if not columns:
        raise InvalidQuery(f"an update of {table.name} that writes no field", hint="name a field")
    key = row_key(table, "update")
    outputs = outputs_of(schema, table, returning)
    writing = _Writing(table, schema, dialect)
    statement = sa.update(writing.selectable).values(writing.stored(columns))
    statement = statement.where(*writing.found(key, len(columns)))
    return writing.plan(statement, outputs, len(columns) + len(key))


def compile_delete_row(
    table: Table, schema: Schema, dialect: Dialect, *, returning: Sequence[str] = ()
) -> Plan:
    """The DELETE of one row, which is found by its key.

    Args:
        table: The table.
        schema: Its schema.
        dialect: The engine's side.
        returning: The fields that the statement gives back.

    Returns:
        The plan. Its values are those of the key.

    Raises:
        FieldNotFound: There is no such field.
        ReadOnly: The table has no key.
    """
    key = row_key(table, "delete")
    outputs = outputs_of(schema, table, returning)
    writing = _Writing(table, schema, dialect)
    statement = sa.delete(writing.selectable).where(*writing.found(key, 0))
    return writing.plan(statement, outputs, len(key))
