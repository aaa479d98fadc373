"""What a database looks like, as pure data.

Invariant: nothing here does I/O, nothing here changes after it was made, and two schemas are equal
exactly when the databases have the same shape. Every class is a frozen ``msgspec.Struct``, so a
schema compares, hashes, pickles and goes through JSON without code of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Literal

import msgspec

from noormme.deferred import made_by_one
from noormme.schema.search_index import SearchIndex
from noormme.sharing import computed_once

if TYPE_CHECKING:
    from noormme.schema.drawing.svg import Drawing

__all__ = [
    "Check",
    "Column",
    "ForeignKey",
    "Index",
    "IndexPart",
    "Kind",
    "Relation",
    "RelationKind",
    "Schema",
    "SchemaWarning",
    "Table",
    "TableKind",
    "Trigger",
    "Unique",
]

Kind = Literal[
    "any",
    "integer",
    "real",
    "text",
    "blob",
    "boolean",
    "date",
    "time",
    "datetime",
    "duration",
    "decimal",
    "uuid",
    "json",
    "array",
]
"""What a column's values are in Python; see ``schema.types`` for the rule and the Python types."""

TableKind = Literal["table", "view", "virtual"]
RelationKind = Literal["many_to_one", "one_to_one", "one_to_many", "many_to_many"]


class Column(msgspec.Struct, frozen=True, omit_defaults=True):
    """One column.

    Attributes:
        name: The exact name in the database.
        field: The Python name (see ``schema.naming``).
        declared_type: The type as it was declared, or ``""`` when there was none.
        kind: What the values are in Python.
        nullable: Whether NULL can be stored.
        default: The default as SQL text, or None.
        primary_key: The position in the primary key, from 1; 0 when not part of it.
        autoincrement: SQLite's AUTOINCREMENT, identity or serial elsewhere.
        generated: ``"virtual"`` or ``"stored"`` for a generated column.
        expression: The SQL text of a generated column.
        hidden: A hidden column of a virtual table; can be filtered by, is not selected.
        collation: The collation's name when it is not the default one.
        comment: The database's comment on the column.
        on_update: What the database sets it to when an UPDATE changes its row and does not name it, as SQL
            text (MySQL's ``ON UPDATE CURRENT_TIMESTAMP``).
        items: What the elements of an array are in Python; None for what is no array.
        labels: The values of an enumerated type (PostgreSQL's, MySQL's ``enum``), in their order.
    """

    name: str
    field: str
    declared_type: str = ""
    kind: Kind = "any"
    nullable: bool = True
    default: str | None = None
    primary_key: int = 0
    autoincrement: bool = False
    generated: Literal["virtual", "stored"] | None = None
    expression: str | None = None
    hidden: bool = False
    collation: str | None = None
    comment: str | None = None
    on_update: str | None = None
    items: Kind | None = None
    labels: tuple[str, ...] = ()


class ForeignKey(msgspec.Struct, frozen=True, omit_defaults=True):
    """One foreign key of a table.

    Attributes:
        columns: The columns that hold the reference, exact names, in key order.
        target: The exact name of the table pointed at (as found, whatever its case in the DDL).
        target_columns: The columns pointed at; the target's primary key where the DDL names none.
            Empty when the target does not exist or cannot be resolved; a warning then says so.
        name: The constraint's name, or None.
        on_update: What an update of the target does, in upper case.
        on_delete: What a delete of the target does, in upper case.
        deferrable: Whether the constraint can be checked at commit.
        initially_deferred: Whether it is, unless told otherwise.
    """

    columns: tuple[str, ...]
    target: str
    target_columns: tuple[str, ...] = ()
    name: str | None = None
    on_update: str = "NO ACTION"
    on_delete: str = "NO ACTION"
    deferrable: bool = False
    initially_deferred: bool = False


class Unique(msgspec.Struct, frozen=True, omit_defaults=True):
    """A UNIQUE constraint of the DDL: its columns, its name if it has one, its ON CONFLICT clause."""

    columns: tuple[str, ...]
    name: str | None = None
    on_conflict: str | None = None


class Check(msgspec.Struct, frozen=True, omit_defaults=True):
    """A CHECK constraint: its SQL text, its name if it has one, its column when it is a column's."""

    expression: str
    name: str | None = None
    column: str | None = None


class IndexPart(msgspec.Struct, frozen=True, omit_defaults=True):
    """One key part of an index: a column or an expression, its direction and its collation."""

    column: str | None = None
    expression: str | None = None
    descending: bool = False
    collation: str | None = None


class Index(msgspec.Struct, frozen=True, omit_defaults=True):
    """One index.

    Attributes:
        name: The index's exact name.
        parts: The key parts, in order.
        unique: Whether it is unique.
        where: The predicate of a partial index as SQL text, or None.
        origin: ``"index"`` for CREATE INDEX, ``"unique"`` or ``"primary_key"`` for one that a
            constraint made.
        method: What it finds rows by, where that is not their order (``"fulltext"``, ``"spatial"``).
    """

    name: str
    parts: tuple[IndexPart, ...]
    unique: bool = False
    where: str | None = None
    origin: Literal["index", "unique", "primary_key"] = "index"
    method: str | None = None

    @property
    def columns(self) -> tuple[str, ...] | None:
        """The column names, or None when a part is an expression."""
        names = tuple(part.column for part in self.parts if part.column is not None)
        return names if len(names) == len(self.parts) else None


class Trigger(msgspec.Struct, frozen=True, omit_defaults=True):
    """One trigger: its name, when it fires (``"AFTER"``…), on what (``"INSERT"``…), and its SQL."""

    name: str
    timing: str = ""
    event: str = ""
    sql: str = ""


class Table(msgspec.Struct, frozen=True, omit_defaults=True):
    """One table, view or virtual table.

    Attributes:
        name: The exact name in the database.
        manager: The Python name under which ``db`` has it (see ``schema.naming``).
        model: The name of the model class.
        kind: ``"table"``, ``"view"`` or ``"virtual"``.
        columns: In the order of the database, hidden ones included.
        primary_key: Exact names of the primary key's columns, in key order; empty when none.
        rowid: The name by which the row id can be selected (``"rowid"``, ``"_rowid_"`` or ``"oid"``)
            on a table without a primary key; None where there is a primary key or no row id.
        strict: SQLite's STRICT.
        without_rowid: SQLite's WITHOUT ROWID.
        module: The module of a virtual table (``"fts5"``).
        readable: False when it cannot be selected from; a warning says why.
        sql: The statement that made it, or None.
        comment: The database's comment on the table.
        namespace: The schema of the server that it is in, where a bare name would not find it there; ``name``
            then begins with it and a dot.
    """

    name: str
    manager: str = ""
    model: str = ""
    kind: TableKind = "table"
    columns: tuple[Column, ...] = ()
    primary_key: tuple[str, ...] = ()
    rowid: str | None = None
    uniques: tuple[Unique, ...] = ()
    checks: tuple[Check, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    indexes: tuple[Index, ...] = ()
    triggers: tuple[Trigger, ...] = ()
    strict: bool = False
    without_rowid: bool = False
    module: str | None = None
    readable: bool = True
    sql: str | None = None
    comment: str | None = None
    namespace: str | None = None

    @property
    def bare_name(self) -> str:
        """Its name inside of its namespace."""
        return self.name if self.namespace is None else self.name[len(self.namespace) + 1 :]

    def column(self, name: str) -> Column | None:
        """The column with that exact name or that field name, or None; exact names win."""
        for column in self.columns:
            if column.name == name:
                return column
        for column in self.columns:
            if column.field == name:
                return column
        return None

    @property
    def unique_keys(self) -> set[frozenset[str]]:
        """The sets of columns that no two rows share: primary key, UNIQUE and full unique indexes."""
        keys = {frozenset(unique.columns) for unique in self.uniques}
        if self.primary_key:
            keys.add(frozenset(self.primary_key))
        for index in self.indexes:
            if index.unique and index.where is None and (columns := index.columns) is not None:
                keys.add(frozenset(columns))
        return keys


class Relation(msgspec.Struct, frozen=True, omit_defaults=True):
    """One direction of a relation between two tables.

    Attributes:
        source: Exact name of the table that has the attribute.
        name: The attribute's Python name.
        kind: ``"many_to_one"`` and ``"one_to_one"`` give one object, the others give a manager.
        target: Exact name of the table that the attribute leads to.
        columns: Columns of the source that are compared, exact names.
        target_columns: Columns of the target that are compared with them, in the same order.
        forward: Whether the source holds the foreign key.
        nullable: Whether there can be no target row.
        inverse: The name of the same relation seen from the target.
        through: Exact name of the junction table of a many-to-many relation.
        through_columns: The junction's columns that point at ``columns`` of the source.
        through_target_columns: The junction's columns that point at ``target_columns``.
    """

    source: str
    name: str
    kind: RelationKind
    target: str
    columns: tuple[str, ...]
    target_columns: tuple[str, ...]
    forward: bool = False
    nullable: bool = True
    inverse: str = ""
    through: str | None = None
    through_columns: tuple[str, ...] = ()
    through_target_columns: tuple[str, ...] = ()

    @property
    def to_many(self) -> bool:
        """Whether the attribute gives a manager rather than one object."""
        return self.kind in ("one_to_many", "many_to_many")


class SchemaWarning(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something that discovery could not take as it stands, and what was done about it.

    Attributes:
        code: A stable name of the kind of warning (``"dangling_foreign_key"``).
        table: Exact name of the table or view, or ``""`` for the database as a whole.
        message: One sentence: what, where, and what noormme does about it.
        column: Exact name of the column, where there is one.
    """

    code: str
    table: str
    message: str
    column: str | None = None

    def __str__(self) -> str:
        return self.message


class Schema(msgspec.Struct, frozen=True, omit_defaults=True, dict=True):
    """Everything discovered in one database.

    Attributes:
        dialect: ``"sqlite"``, ``"postgresql"``, …
        tables: Tables and virtual tables, sorted by name.
        views: Views, sorted by name.
        relations: Every direction of every relation, sorted by source and name.
        hidden_tables: Names of shadow tables of virtual tables, and of partitions, which are not modelled.
        warnings: What could not be taken as it stands.
        search_indexes: Full-text indexes, sorted by table and name.
    """

    dialect: str
    tables: tuple[Table, ...] = ()
    views: tuple[Table, ...] = ()
    relations: tuple[Relation, ...] = ()
    hidden_tables: tuple[str, ...] = ()
    warnings: tuple[SchemaWarning, ...] = ()
    search_indexes: tuple[SearchIndex, ...] = ()

    def __iter__(self) -> Iterator[Table]:
        """All tables, then all views."""
        yield from self.tables
        yield from self.views

    @computed_once
    def _by_name(self) -> dict[str, Table]:
        return {table.name: table for table in self}

    @computed_once
    def _by_manager(self) -> dict[str, Table]:
        return {table.manager: table for table in self}

    @computed_once
    def _relations_by_source(self) -> dict[str, dict[str, Relation]]:
        grouped: dict[str, dict[str, Relation]] = {}
        for relation in self.relations:
            grouped.setdefault(relation.source, {})[relation.name] = relation
        return grouped

    def table(self, name: str) -> Table | None:
        """The table or view with that exact name or manager name, or None; exact names win."""
        return self._by_name.get(name) or self._by_manager.get(name)

    def relations_of(self, table: str) -> dict[str, Relation]:
        """The relations of a table by attribute name; ``table`` is the exact name."""
        return self._relations_by_source.get(table, {})

    def search_indexes_of(self, table: str) -> tuple[SearchIndex, ...]:
        """The full-text indexes that find rows of a table; ``table`` is the exact name."""
        return tuple(index for index in self.search_indexes if index.table == table)

    @computed_once
    def fingerprint(self) -> str:
        """A hash of the schema as 64 hexadecimal digits: equal schemas, equal fingerprints."""
        from hashlib import sha256  # here, because it is slow to import and few programs ask

        return sha256(self.to_json()).hexdigest()

    def diagram(self, tables: Iterable[str] | None = None, *, max_columns: int | None = 16) -> Drawing:
        """Draw the tables, their columns and keys, and what points at what; a notebook shows it.

        Args:
            tables: The tables and views to draw, by exact name or manager; None for every table.
            max_columns: How many columns a table shows at most, keys first; None for all of them.

        Returns:
            The drawing: ``svg`` is its text, ``save("schema.svg")`` writes it to a file.

        Raises:
            TableNotFound: One of ``tables`` does not exist.
        """
        from noormme.schema.drawing.svg import draw  # here, because it is made of this module

        return draw(self, tables, max_columns=max_columns)

    def _repr_html_(self) -> str:
        """What a notebook shows: the diagram."""
        return self.diagram().svg

    def to_json(self) -> bytes:
        """The schema as JSON, the same bytes for equal schemas."""
        return msgspec.json.encode(self, order="deterministic")

    @classmethod
    def from_json(cls, data: bytes | str) -> Schema:
        """The schema that ``to_json`` wrote.

        Raises:
            msgspec.ValidationError: The JSON does not describe a schema.
        """
        return _decoder().decode(data)


_decoder = made_by_one(lambda: msgspec.json.Decoder(Schema))
