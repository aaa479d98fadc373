"""Definitions as PostgreSQL writes them.

Invariant: what is written is understood by PostgreSQL 13 and later, and needs no extension.
"""

from __future__ import annotations

from noormme.engines.creating import Creator
from noormme.engines.definable import Abilities, ColumnType, Wanted
from noormme.engines.server.postgresql.types import SQL_TYPES
from noormme.schema.declared import read_declared
from noormme.schema.model import Column, ForeignKey, Table

__all__ = ["PostgreSQLCreator"]

_BUILT_IN = frozenset(
    [
        "bigint",
        "bit",
        "boolean",
        "box",
        "bytea",
        "character",
        "cidr",
        "circle",
        "date",
        "daterange",
        "inet",
        "int4range",
        "int8range",
        "integer",
        "interval",
        "json",
        "jsonb",
        "line",
        "lseg",
        "macaddr",
        "macaddr8",
        "money",
        "numeric",
        "numrange",
        "oid",
        "path",
        "point",
        "polygon",
        "real",
        "smallint",
        "text",
        "time",
        "timestamp",
        "tsquery",
        "tsrange",
        "tstzrange",
        "tsvector",
        "uuid",
        "xml",
    ]
) | {"bit varying", "character varying", "double precision", '"char"', "name"}
"""The types that every database has."""

_LARGEST_PRECISION = 1000
_INTEGERS = {"smallint": "SMALLINT", "integer": "INTEGER", "bigint": "BIGINT"}


class PostgreSQLCreator(Creator):
    """Writes the definitions of PostgreSQL."""

    dialect = "postgresql"
    can = Abilities(
        label="PostgreSQL",
        collations={"BINARY": "C"},
        longest_name=63,
        cased_names=True,
        own_columns=frozenset(["tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"]),
        namespaces=True,
        stores_nul=False,
    )

    def column_type(self, wanted: Wanted) -> ColumnType:
        """The type that holds what the other one holds."""
        kind, declared = wanted.kind, wanted.declared
        if kind == "integer":
            if wanted.is_wide:
                return ColumnType("NUMERIC(20, 0)", "decimal", "64 bits without a sign become a decimal")
            return ColumnType(_INTEGERS[wanted.integer], kind)
        if kind == "text":
            return ColumnType("TEXT" if wanted.length is None else f"VARCHAR({wanted.length})", kind)
        if kind == "decimal":
            if wanted.precision is None or wanted.precision[0] > _LARGEST_PRECISION:
                return ColumnType("NUMERIC", kind)
            return ColumnType("NUMERIC({}, {})".format(*wanted.precision), kind)
        if kind == "real":
            return ColumnType("REAL" if declared.name == "float4" else "DOUBLE PRECISION", kind)
        if kind in ("time", "datetime"):
            fraction = "" if wanted.fraction is None else f"({wanted.fraction})"
            zone = " WITH TIME ZONE" if wanted.zoned else ""
            return ColumnType(f"{'TIME' if kind == 'time' else 'TIMESTAMP'}{fraction}{zone}", kind)
        if kind == "any":
            return ColumnType("TEXT", "text")
        return ColumnType(SQL_TYPES[kind], kind)

    def knows(self, column: Column) -> bool:
        """An enum or a domain is a database's own."""
        return read_declared(column.declared_type).name in _BUILT_IN

    def mark(self, number: int) -> str:
        """A dollar and the number."""
        return f"${number}"

    def selected(self, column: Column) -> str:
        """A document as its text: Python has None for one that is null, as for none."""
        name = self.quoted(column.name)
        return f"{name}::text" if column.kind == "json" else name

    def add_later_foreign_key(self, table: Table, key: ForeignKey, target: Table) -> str | None:
        """NOT VALID: it holds for rows that are written from then on."""
        return f"{self.add_foreign_key(table, key, target)} NOT VALID"

    def comment(self, table: Table, column: Column | None) -> str | None:
        """COMMENT ON, which takes a literal only."""
        text = table.comment if column is None else column.comment
        if not text:
            return None
        place = self.place(table)
        what = f"TABLE {place}" if column is None else f"COLUMN {place}.{self.quoted(column.name)}"
        return f"COMMENT ON {what} IS {self.literal(text)}"

    def drop(self, table: Table) -> str:
        """The statement that removes a table or view, and the foreign keys and views that lean on it."""
        return super().drop(table) + " CASCADE"

    def numbering(self, table: Table, column: Column) -> str:
        """An identity; ALWAYS where it was that."""
        if column.default is not None and column.default.startswith("GENERATED"):
            return column.default
        return super().numbering(table, column)

    def create_namespace(self, name: str) -> str | None:
        """CREATE SCHEMA."""
        return f"CREATE SCHEMA IF NOT EXISTS {self.quoted(name)}"

    def set_counter(self, table: Table, column: Column, last: int) -> tuple[str, tuple[object, ...]]:
        """The sequence behind the column goes on from there."""
        return "SELECT setval(pg_get_serial_sequence($1, $2), $3)", (self.place(table), column.name, last)

    def counter(self, table: Table, column: Column) -> tuple[str, tuple[object, ...]] | None:
        """What the sequence behind the column has given last, if it has given anything."""
        return (
            "SELECT s.last_value FROM pg_sequences AS s WHERE to_regclass(format('%I.%I', s.schemaname, "
            "s.sequencename)) = to_regclass(pg_get_serial_sequence($1, $2))",
            (self.place(table), column.name),
        )
