"""What the compiler of queries in tables knows of an expression and of a source.

Invariant: a typed expression says how its values are decoded, and in which form a value is compared with it.
This module imports SQLAlchemy; the first compilation loads it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.selectable import Join as BaseJoin

from noormme.query.builder.names import Known, of_table
from noormme.query.builder.nodes import JoinKind
from noormme.query.joins import quoted, table_clause
from noormme.query.plan import Output
from noormme.schema.model import Column, Kind, Table

__all__ = ["JoinedClause", "SourceColumns", "Typed", "alike", "output_of", "table_columns"]


class Typed(msgspec.Struct, frozen=True):
    """An expression with what is known of its values.

    Attributes:
        sql: The expression.
        kind: The kind of its values.
        table: The table of the column that it is, or None.
        column: That column, or None.
        nullable: Whether it can be NULL.
        whole: Whether the SQL is one operand as it stands, without parentheses.
    """

    sql: Any
    kind: Kind = "any"
    table: Table | None = None
    column: Column | None = None
    nullable: bool = True
    whole: bool = True


class SourceColumns:
    """One source of a SELECT while it is compiled.

    Attributes:
        selectable: What stands in FROM.
        columns: Its columns by exact name.
        known: What they can be called.
    """

    __slots__ = ("columns", "known", "selectable")

    def __init__(self, selectable: sa.FromClause, columns: dict[str, Typed], known: Known) -> None:
        self.selectable = selectable
        self.columns = columns
        self.known = known

    def make_nullable(self) -> None:
        """Note that an outer join can leave out its rows."""
        for name, typed in self.columns.items():
            self.columns[name] = msgspec.structs.replace(typed, nullable=True)


def table_columns(table: Table, alias: str) -> SourceColumns:
    """A table as a source, by the name that it has in the query."""
    names = [column.name for column in table.columns]
    if table.rowid is not None and table.rowid not in names:
        names.append(table.rowid)
    clauses: list[sa.ColumnClause[Any]] = [sa.column(quoted(name)) for name in names]
    plain = table_clause(table, clauses)
    selectable: sa.FromClause = plain if alias == table.name else plain.alias(quoted(alias))
    columns: dict[str, Typed] = {}
    for name in names:
        column = table.column(name)
        if column is None:
            columns[name] = Typed(selectable.c[name], "integer", nullable=False)
        else:
            columns[name] = Typed(selectable.c[name], column.kind, table, column, column.nullable)
    return SourceColumns(selectable, columns, of_table(table, alias))


def output_of(name: str, typed: Typed) -> Output:
    """The output of an expression, decoded as its column where it is one."""
    if typed.table is None or typed.column is None:
        return Output(name, typed.kind, nullable=typed.nullable)
    return Output(name, typed.kind, typed.table.name, typed.column.name, typed.nullable)


def alike(left: Typed, right: Typed) -> Typed:
    """What is known of a column that has values of both."""
    nullable = left.nullable or right.nullable
    if left.table is right.table and left.column is right.column and left.kind == right.kind:
        return msgspec.structs.replace(left, nullable=nullable)
    kind: Kind = left.kind if left.kind == right.kind else "any"
    if {left.kind, right.kind} <= {"integer", "real"}:
        kind = "real"
    return Typed(left.sql, kind, nullable=nullable)


class JoinedClause(BaseJoin):
    """A join that is written as its kind says; SQLAlchemy has no RIGHT and no CROSS JOIN."""

    inherit_cache = False

    def __init__(self, left: sa.FromClause, right: sa.FromClause, condition: Any, kind: JoinKind) -> None:
        super().__init__(left, right, sa.true() if condition is None else condition)
        self.kind: JoinKind = kind
        self.bare = condition is None


_WORDS: Mapping[JoinKind, str] = {
    "inner": "JOIN",
    "left": "LEFT JOIN",
    "right": "RIGHT JOIN",
    "full": "FULL JOIN",
    "cross": "CROSS JOIN",
}


@compiles(JoinedClause)
def _compile_join(element: JoinedClause, compiler: Any, **options: Any) -> str:
    options["asfrom"] = True
    left = compiler.process(element.left, **options)
    right = compiler.process(element.right, **options)
    joined = f"{left} {_WORDS[element.kind]} {right}"
    if element.bare:
        return joined
    # Where a database has no truth values, its compiler knows how a condition is written.
    condition = getattr(compiler, "condition", compiler.process)
    return f"{joined} ON {condition(element.onclause, **options)}"
