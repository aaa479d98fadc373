"""How an engine writes definitions: tables, indexes, constraints and views as SQL text.

Invariant: a ``Creator`` touches no database and writes what it is given, in the terms of its own engine: the
declared types of a table are types of that engine. What a schema of another engine becomes there is said by
``engines.translating``, which asks the ``Creator`` what it can say at all.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any

from noormme.engines.definable import Abilities, ColumnType, Wanted
from noormme.schema.model import Check, Column, ForeignKey, Index, IndexPart, Table, Unique

__all__ = ["Creator"]


class Creator(ABC):
    """Writes the definitions of one engine.

    Attributes:
        dialect: The name of the engine's dialect.
        can: What its definitions can say.
        large_text: The type of a column of texts of any length.
    """

    dialect: str
    can: Abilities
    large_text = "TEXT"

    @abstractmethod
    def column_type(self, wanted: Wanted) -> ColumnType:
        """The type for a column of another engine.

        Args:
            wanted: What the column is there.
        """

    @abstractmethod
    def mark(self, number: int) -> str:
        """How a statement writes a parameter.

        Args:
            number: Its number, from 1.
        """

    @abstractmethod
    def set_counter(self, table: Table, column: Column, last: int) -> tuple[str, tuple[object, ...]]:
        """What makes the database go on numbering behind a number; a statement and its parameters.

        Args:
            table: The table.
            column: The column that the database numbers.
            last: The number, at least 1.
        """

    @abstractmethod
    def counter(self, table: Table, column: Column) -> tuple[str, tuple[object, ...]] | None:
        """What gives the number that the database has given last; None where it counts from the rows.

        Args:
            table: The table.
            column: The column that the database numbers.

        Returns:
            A statement, which gives one number, NULL or no row, and its parameters.
        """

    def broken_keys(self, table: Table) -> tuple[str, tuple[object, ...]] | None:
        """What counts the rows of a table that refer to none; None where the engine lets no such row in.

        Args:
            table: The table.

        Returns:
            A statement, which gives one number, and its parameters.
        """
        return None

    def knows(self, column: Column) -> bool:
        """Whether every database of this engine has the type of a column, and not only its own one.

        Args:
            column: The column, of a database of this engine.
        """
        return True

    def storing(self, column: Column) -> Callable[[Any], object] | None:
        """What encodes the values of a column that was just made; None where the dialect knows it by itself.

        Args:
            column: The column.
        """
        return None

    def runnable(self, sql: str, *, marks: bool = False) -> str:
        """A statement as the driver takes it.

        Args:
            sql: The statement.
            marks: Whether it has parameters, written as ``mark`` gives them.
        """
        return sql

    # -- names --------------------------------------------------------------------------------------

    def quoted(self, name: str) -> str:
        """A name, quoted.

        Args:
            name: Any name.
        """
        return '"' + name.replace('"', '""') + '"'

    def literal(self, text: str) -> str:
        """A text as a literal.

        Args:
            text: The text.
        """
        return "'" + text.replace("'", "''") + "'"

    def names(self, names: Sequence[str]) -> str:
        """Names, quoted, with commas between them.

        Args:
            names: The names.
        """
        return ", ".join(map(self.quoted, names))

    def place(self, table: Table) -> str:
        """The name of a table or view, with its schema where it has one.

        Args:
            table: The table or view.
        """
        if table.namespace is None or not self.can.namespaces:
            return self.quoted(table.name)
        return f"{self.quoted(table.namespace)}.{self.quoted(table.bare_name)}"

    def selected(self, column: Column) -> str:
        """A column as it is read where every value must come as it is stored.

        Args:
            column: The column.
        """
        return self.quoted(column.name)

    def ordered_by(self, table: Table) -> tuple[str, ...]:
        """What the rows of a table are read by in order, each of them once.

        Args:
            table: The table.

        Returns:
            SQL expressions that together are unique and never NULL; none where there are no such.
        """
        key = [column for column in table.columns if column.primary_key]
        if not key or any(column.nullable or column.kind in ("json", "any", "array") for column in key):
            return ()
        return tuple(map(self.quoted, table.primary_key))

    # -- tables -------------------------------------------------------------------------------------

    def create_table(self, table: Table) -> str:
        """The statement that makes a table, with its keys, and with what cannot be added later.

        Args:
            table: The table, in the terms of this engine. Its indexes, and foreign keys and checks where
                those can be added, are left to the other methods.
        """
        parts = [self.column(table, column) for column in table.columns if not column.hidden]
        parts += self.constraints(table)
        return f"CREATE TABLE {self.place(table)} (\n  " + ",\n  ".join(parts) + f"\n){self.options(table)}"

    def options(self, table: Table) -> str:
        """What stands behind the columns of a table, with a space before it.

        Args:
            table: The table.
        """
        return ""

    def column(self, table: Table, column: Column) -> str:
        """The definition of a column.

        Args:
            table: Its table.
            column: The column.
        """
        words = [self.quoted(column.name), column.declared_type]
        if column.collation:
            words.append(f"COLLATE {self.collation(column.collation)}")
        if column.generated and column.expression:
            words.append(f"GENERATED ALWAYS AS ({column.expression}) {column.generated.upper()}")
        elif column.autoincrement:
            words.append(self.numbering(table, column))
        if not column.nullable:
            words.append("NOT NULL")
        if column.default is not None and not column.autoincrement:
            words.append(f"DEFAULT {self.default(column)}")
        return " ".join(word for word in words if word)

    def collation(self, name: str) -> str:
        """A collation as it stands behind COLLATE.

        Args:
            name: Its name.
        """
        return self.quoted(name)

    def default(self, column: Column) -> str:
        """The default of a column as it stands behind DEFAULT.

        Args:
            column: The column, which has one.
        """
        return column.default or "NULL"

    def numbering(self, table: Table, column: Column) -> str:
        """What makes the database number a column.

        Args:
            table: The table.
            column: The column.
        """
        return "GENERATED BY DEFAULT AS IDENTITY"

    def constraints(self, table: Table) -> list[str]:
        """The constraints that a table is made with.

        Args:
            table: The table.
        """
        parts: list[str] = []
        if table.primary_key:
            parts.append(f"PRIMARY KEY ({self.names(table.primary_key)})")
        parts += [self.unique(table, unique) for unique in table.uniques]
        if not self.can.adds_constraints:
            parts += [self.check(check) for check in table.checks]
            parts += [self.foreign_key(key) for key in table.foreign_keys]
        return parts

    def unique(self, table: Table, unique: Unique) -> str:
        """A UNIQUE constraint.

        Args:
            table: Its table.
            unique: The constraint.
        """
        return f"{self.named(unique.name)}UNIQUE ({self.names(unique.columns)})"

    def check(self, check: Check) -> str:
        """A CHECK constraint.

        Args:
            check: The constraint.
        """
        return f"{self.named(check.name)}CHECK ({check.expression})"

    def foreign_key(self, key: ForeignKey) -> str:
        """A FOREIGN KEY constraint.

        Args:
            key: The constraint; the name of its target is that of a table without a schema.
        """
        return self.referring(key, self.quoted(key.target))

    def referring(self, key: ForeignKey, target: str) -> str:
        """A FOREIGN KEY constraint.

        Args:
            key: The constraint.
            target: The table that it refers to, quoted.
        """
        columns = f" ({self.names(key.target_columns)})" if key.target_columns else ""
        words = [
            f"{self.named(key.name)}FOREIGN KEY ({self.names(key.columns)}) REFERENCES {target}{columns}"
        ]
        words += [f"ON UPDATE {key.on_update}"] if key.on_update != "NO ACTION" else []
        words += [f"ON DELETE {key.on_delete}"] if key.on_delete != "NO ACTION" else []
        if key.deferrable and self.can.deferrable:
            words.append("DEFERRABLE INITIALLY " + ("DEFERRED" if key.initially_deferred else "IMMEDIATE"))
        return " ".join(words)

    def named(self, name: str | None) -> str:
        """What names a constraint, with a space behind it; nothing where it has no name.

        Args:
            name: The name.
        """
        return f"CONSTRAINT {self.quoted(name)} " if name else ""

    # -- what comes after the rows ------------------------------------------------------------------

    def add_check(self, table: Table, check: Check) -> str:
        """The statement that adds a CHECK constraint.

        Args:
            table: The table.
            check: The constraint.
        """
        return f"ALTER TABLE {self.place(table)} ADD {self.check(check)}"

    def add_foreign_key(self, table: Table, key: ForeignKey, target: Table) -> str:
        """The statement that adds a foreign key.

        Args:
            table: The table.
            key: The foreign key.
            target: The table that it refers to.
        """
        return f"ALTER TABLE {self.place(table)} ADD {self.referring(key, self.place(target))}"

    def add_later_foreign_key(self, table: Table, key: ForeignKey, target: Table) -> str | None:
        """The statement that adds a foreign key which rows break that are there already.

        Args:
            table: The table.
            key: The foreign key.
            target: The table that it refers to.

        Returns:
            The statement; None where a foreign key holds for all rows or for none.
        """
        return None

    def create_index(self, table: Table, index: Index) -> str:
        """The statement that makes an index.

        Args:
            table: The table.
            index: The index.
        """
        unique = "UNIQUE " if index.unique else ""
        parts = ", ".join(self.index_part(table, part) for part in index.parts)
        where = f" WHERE {index.where}" if index.where and self.can.partial_indexes else ""
        return f"CREATE {unique}INDEX {self.index_name(table, index)} ON {self.place(table)} ({parts}){where}"

    def index_name(self, table: Table, index: Index) -> str:
        """The name of an index as CREATE INDEX has it.

        Args:
            table: Its table.
            index: The index.
        """
        return self.quoted(index.name)

    def index_part(self, table: Table, part: IndexPart) -> str:
        """One part of an index.

        Args:
            table: The table.
            part: The part.
        """
        text = self.quoted(part.column) if part.column is not None else f"({part.expression})"
        if part.collation:
            text += f" COLLATE {self.collation(part.collation)}"
        return f"{text} DESC" if part.descending else text

    def comment(self, table: Table, column: Column | None) -> str | None:
        """The statement that sets the comment of a table or a column; None where it came with the table.

        Args:
            table: The table.
            column: The column, or None for the table itself.
        """
        return None

    def create_view(self, view: Table, query: str) -> str:
        """The statement that makes a view.

        Args:
            view: Its name.
            query: What it selects.
        """
        return f"CREATE VIEW {self.place(view)} AS {query}"

    def drop(self, table: Table) -> str:
        """The statement that removes a table or view, if it is there.

        Args:
            table: The table or view.
        """
        kind = "VIEW" if table.kind == "view" else "TABLE"
        return f"DROP {kind} IF EXISTS {self.place(table)}"

    def drop_foreign_key(self, table: Table, key: ForeignKey) -> str | None:
        """The statement that removes a foreign key, where a table that it refers to cannot be dropped else.

        Args:
            table: The table that has it.
            key: The foreign key.
        """
        return None

    def create_namespace(self, name: str) -> str | None:
        """The statement that makes a schema within the database, if it is not there.

        Args:
            name: Its name.

        Returns:
            The statement; None where there is no such thing.
        """
        return None
