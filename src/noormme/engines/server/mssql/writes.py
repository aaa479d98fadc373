"""INSERT, MERGE, UPDATE and DELETE in T-SQL, and what they give back.

Invariant: a table with triggers gives its rows back through a table variable, since it can give them in no
other way; a number that the database would count is inserted only where the statement says so. No text
holds a semicolon: what needs one ends with ``END``, which ``batches`` replaces. This module imports
SQLAlchemy.
"""

# SQLAlchemy's compiler has few types, and what a dialect overrides and reads is not public.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportPrivateUsage=false
# pyright: reportIncompatibleMethodOverride=false, reportUnknownArgumentType=false

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.sql.compiler import SQLCompiler

from noormme.engines.server.mssql.batches import END
from noormme.engines.server.mssql.types import base_type, roomy_type
from noormme.errors import NotSupported
from noormme.schema.model import Column, Schema, Table

if TYPE_CHECKING:
    _Base = SQLCompiler
else:
    _Base = object

__all__ = ["Merge", "Writes"]

_WRITTEN = "@noormme_written"

_INCOMPARABLE = frozenset({"geography", "geometry", "image", "json", "ntext", "text", "xml"})


class Merge(sa.Insert):
    """An INSERT that does something else where there is such a row already.

    Args:
        table: The table.
        new: What is inserted, by the exact names of the columns.
        keys: Each a list of columns; a row is there where all columns of one of them are the same.
        update: The columns that the row there takes from the new one.
    """

    inherit_cache = False

    def __init__(
        self,
        table: sa.TableClause,
        new: Mapping[str, sa.ColumnElement[Any]],
        keys: Sequence[Sequence[str]],
        update: Sequence[str],
    ) -> None:
        super().__init__(table)
        self.new = dict(new)
        self.keys = [list(key) for key in keys]
        self.update_names = list(update)


class Writes(_Base):
    """The part of the compiler that writes statements which change rows."""

    def table_of(self, selectable: Any) -> Table | None:
        """What the schema says of a table, or of an alias of one.

        Args:
            selectable: The table.
        """
        schema: Schema = self.dialect.schema()  # type: ignore[attr-defined]
        table = getattr(selectable, "element", selectable)
        namespace = getattr(table, "schema", None)
        name = getattr(table, "name", "")
        return schema.table(name if namespace is None else f"{namespace}.{name}")

    def check_comparable(self, column: Any, where: str) -> None:
        """Refuse a column whose values SQL Server cannot compare.

        Args:
            column: The column; anything else is let through.
            where: Where it would be compared.

        Raises:
            NotSupported: It has such a type.
        """
        table = self.table_of(getattr(column, "table", None))
        known = None if table is None else table.column(column.name)
        if known is not None and base_type(known.declared_type) in _INCOMPARABLE:
            assert table is not None, "a column has a table"
            raise NotSupported(
                f"SQL Server cannot compare {table.name}.{known.name} ({known.declared_type}) in {where}",
                hint=f"leave it out: .defer({known.field!r}), or name the fields with .values()",
            )

    def visit_insert(self, insert_stmt: Any, **options: Any) -> str:  # type: ignore[override]
        """INSERT, or MERGE."""
        if isinstance(insert_stmt, Merge):
            text, names = self._merge(insert_stmt, **options), list(insert_stmt.new)
        else:
            text = str(super().visit_insert(insert_stmt, **options))  # type: ignore[no-untyped-call]
            names = list(map(_plain_name, insert_stmt._values or ()))
        table = self.table_of(insert_stmt.table)
        text = self._given_back(insert_stmt, table, text)
        if table is not None and any(_is_counted(table.column(name)) for name in names):
            place = self.preparer.format_table(insert_stmt.table)
            # It is taken back at the end of the batch.
            return f"SET IDENTITY_INSERT {place} ON {END} {text}"
        return text

    def visit_update(self, update_stmt: Any, **options: Any) -> str:  # type: ignore[override]
        """UPDATE."""
        text = super().visit_update(update_stmt, **options)
        return self._given_back(update_stmt, self.table_of(update_stmt.table), text)

    def visit_delete(self, delete_stmt: Any, **options: Any) -> str:  # type: ignore[override]
        """DELETE."""
        text = str(super().visit_delete(delete_stmt, **options))  # type: ignore[no-untyped-call]
        return self._given_back(delete_stmt, self.table_of(delete_stmt.table), text)

    def returning_clause(self, stmt: Any, returning_cols: Sequence[Any], **options: Any) -> str:
        """OUTPUT: the rows as they are now, or of a DELETE as they were."""
        side = "deleted" if stmt.is_delete else "inserted"
        names = [self.preparer.quote_identifier(column.name) for column in returning_cols]
        text = "OUTPUT " + ", ".join(f"{side}.{name}" for name in names)
        table = self.table_of(stmt.table)
        return f"{text} INTO {_WRITTEN}" if table is not None and table.triggers else text

    def _given_back(self, statement: Any, table: Table | None, text: str) -> str:
        """A statement whose rows go into a table variable, with that around it."""
        if not statement._returning or table is None or not table.triggers:
            return text
        declared: list[str] = []
        names: list[str] = []
        for each in statement._returning:
            column = table.column(each.name)
            names.append(self.preparer.quote_identifier(each.name))
            declared.append(f"{names[-1]} {_variable_type(column)}")
        end = "" if text.endswith(END) else f" {END}"
        return (
            f"DECLARE {_WRITTEN} TABLE ({', '.join(declared)}) {END} {text}{end} "
            f"SELECT {', '.join(names)} FROM {_WRITTEN}"
        )

    def _merge(self, statement: Merge, **options: Any) -> str:
        quote = self.preparer.quote_identifier
        table = self.table_of(statement.table)
        assert table is not None, "a MERGE is into a table of the schema"
        self.stack.append({"correlate_froms": set(), "asfrom_froms": set(), "selectable": statement})
        try:
            # NULL has the type of a number here, which not every column takes.
            values = [
                f"CAST({value._compiler_dispatch(self, **options)} AS {_roomy_type(table, name)})"
                for name, value in statement.new.items()
            ]
        finally:
            self.stack.pop()
        names = [quote(name) for name in statement.new]
        listed = ", ".join(names)
        same = [
            " AND ".join(f"target.{quote(name)} = new.{quote(name)}" for name in key)
            for key in statement.keys
        ]
        found = same[0] if len(same) == 1 else " OR ".join(f"({each})" for each in same)
        text = (
            f"MERGE INTO {self.preparer.format_table(statement.table)} WITH (HOLDLOCK) AS target "
            f"USING (VALUES ({', '.join(values)})) AS new ({listed}) ON {found}"
        )
        if statement.update_names:
            changed = ", ".join(f"{quote(name)} = new.{quote(name)}" for name in statement.update_names)
            text += f" WHEN MATCHED THEN UPDATE SET {changed}"
        given = ", ".join(f"new.{name}" for name in names)
        text += f" WHEN NOT MATCHED THEN INSERT ({listed}) VALUES ({given})"
        if statement._returning:
            text += " " + self.returning_clause(statement, list(statement._returning))
        return f"{text} {END}"


def _plain_name(column: Any) -> str:
    return str(getattr(column, "name", column))


def _is_counted(column: Column | None) -> bool:
    return column is not None and column.autoincrement


def _roomy_type(table: Table, name: str) -> str:
    column = table.column(name)
    assert column is not None, "what is inserted is a column of the table"
    return roomy_type(column)


_NO_VARIABLE = ("timestamp", "rowversion")


def _variable_type(column: Column | None) -> str:
    """The type of a column as one of a table variable, which counts nothing itself."""
    assert column is not None, "what is given back is a column of the table"
    return "binary(8)" if column.declared_type.lower() in _NO_VARIABLE else column.declared_type
