"""A compiled expression, and what is known of its values.

Invariant: kind, table and column say how a value of it is decoded, and in which form it is compared.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from noormme.query.joins import Source
from noormme.schema.model import Column, Kind, Table

__all__ = ["Assigned", "Computed"]


class Computed:
    """An expression with what is known of its values.

    Attributes:
        sql: The expression.
        kind: The kind of its values.
        table: The table of the column it is, or None.
        column: The column it is (before transforms), or None.
        nullable: Whether it can be NULL.
        aggregate: Whether it is computed from several rows.
        window: Whether it is computed over a window of rows.
        source: Where the column is read from, or None.
        origin: What a transform was applied to, or None.
        path: Where in the JSON document ``origin`` it is; empty for what is no part of one.
        reads: What it reads of single rows, where it is more than a column: groups must know it.
    """

    __slots__ = (
        "aggregate",
        "column",
        "kind",
        "nullable",
        "origin",
        "path",
        "reads",
        "source",
        "sql",
        "table",
        "window",
    )

    kind: Kind

    def __init__(
        self,
        sql: sa.ColumnElement[Any],
        kind: Kind,
        *,
        table: Table | None = None,
        column: Column | None = None,
        nullable: bool = True,
        aggregate: bool = False,
        window: bool = False,
        source: Source | None = None,
        origin: Computed | None = None,
        path: tuple[str | int, ...] = (),
        reads: tuple[sa.ColumnElement[Any], ...] | None = None,
    ) -> None:
        self.sql = sql
        self.kind = kind
        self.table = table
        self.column = column
        self.nullable = nullable
        self.aggregate = aggregate
        self.window = window
        self.source = source
        self.origin = origin
        self.path = path
        self.reads: tuple[sa.ColumnElement[Any], ...] = (
            reads if reads is not None else () if aggregate or window else (sql,)
        )

    @property
    def document(self) -> Computed:
        """The whole document where it is a part of one, else itself."""
        return self.origin if self.path and self.origin is not None else self

    def derived(self, sql: sa.ColumnElement[Any], kind: Kind, path: tuple[str | int, ...] = ()) -> Computed:
        """Something made of this alone.

        Args:
            sql: Its SQL.
            kind: The kind of its values.
            path: Where in this document it is.
        """
        return Computed(
            sql,
            kind,
            nullable=self.nullable or bool(path),
            aggregate=self.aggregate,
            window=self.window,
            source=self.source,
            origin=self,
            path=path,
            reads=self.reads if self.aggregate or self.window else None,
        )


class Assigned(Computed):
    """The column that an expression is assigned to: values take the form in which it stores them."""

    __slots__ = ()

    table: Table
    column: Column

    def __init__(self, sql: sa.ColumnElement[Any], table: Table, column: Column) -> None:
        super().__init__(sql, column.kind, table=table, column=column, nullable=column.nullable)
