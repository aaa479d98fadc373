"""What the parts of a module share: the schema, the names, the types, and what is known of each table."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from noormme.codegen.python.names import Names
from noormme.codegen.python.options import PythonOptions
from noormme.codegen.python.types import Typed, Types, optional
from noormme.query.resolve import key_columns, model_columns
from noormme.schema.defaults import required
from noormme.schema.model import Column, Relation, Schema, Table

__all__ = ["FieldPath", "Module", "member"]


class FieldPath(msgspec.Struct, frozen=True):
    """A field that can be named from a table.

    Attributes:
        name: The name, relations included.
        read: What it is read as.
    """

    name: str
    read: str


class Module:
    """One module while it is written.

    Args:
        schema: The schema.
        options: How the user wants it.
        stub: Whether it is a stub, which never runs.
    """

    def __init__(self, schema: Schema, options: PythonOptions, *, stub: bool = False) -> None:
        self.schema = schema
        self.options = options
        self.stub = stub
        self.names = Names(schema)
        self.types = Types(self.names, options)
        self.tables = sorted(schema, key=lambda table: table.name)
        self._typed: dict[tuple[str, str], Typed] = {}

    def name(self, module: str, name: str) -> str:
        """The name of something that is imported; it is imported from now on."""
        return self.types.named(module, name)

    def typing(self, name: str) -> str:
        """The name of something of ``typing``."""
        return self.types.named("typing", name)

    @property
    def typed_dict(self) -> str:
        """The base of typed dicts. A closed one tells checkers that there is no further name."""
        return self.name("typing_extensions", "TypedDict")

    def queries(self, name: str) -> str:
        """The name of something of ``noormme.typed.queries``."""
        return self.types.named("noormme.typed.queries", name)

    def implementation(self, line: str) -> list[str]:
        """What stands after the overloads of a function; stubs must have none."""
        return [] if self.stub else [line]

    def target(self, relation: Relation) -> Table:
        """The table that a relation leads to."""
        table = self.schema.table(relation.target)
        assert table is not None, "a relation leads to a table of the same schema"
        return table

    def relations(self, table: Table) -> list[Relation]:
        """The relations of a table, in the order of their names."""
        found = self.schema.relations_of(table.name)
        return [found[name] for name in sorted(found)]

    def typed(self, table: Table, column: Column) -> Typed:
        """The types of a column."""
        key = (table.name, column.name)
        found = self._typed.get(key)
        if found is None:
            found = self._typed[key] = self.types.of(table, column)
        return found

    def writable(self, table: Table) -> bool:
        """Whether rows can be written."""
        return table.kind != "view" and bool(key_columns(table))

    def key(self, table: Table) -> str:
        """The type of a table's key."""
        parts = [self.typed(table, column).read for column in key_columns(table)]
        if not parts:
            return self.types.builtin("object")
        return parts[0] if len(parts) == 1 else f"{self.types.builtin('tuple')}[{', '.join(parts)}]"

    def to_one(self, relation: Relation) -> str:
        """The type of the object at the end of a relation to one row."""
        return optional(self.target(relation).model, relation.nullable)

    def paths(self, table: Table) -> list[FieldPath]:
        """The fields that can be named from a table, its own first."""
        return list(self._paths(table, "", self.options.depth, nullable=False))

    def _paths(self, table: Table, prefix: str, depth: int, *, nullable: bool) -> Iterator[FieldPath]:
        for column in model_columns(table):
            typed = self.typed(table, column)
            yield FieldPath(prefix + column.field, optional(typed.read, nullable or typed.nullable))
        if len(key_columns(table)) == 1:
            yield FieldPath(f"{prefix}pk", optional(self.key(table), nullable))
        if depth > 0:
            for relation in self.relations(table):
                missing = nullable or relation.nullable or relation.to_many
                yield from self._paths(
                    self.target(relation), f"{prefix}{relation.name}__", depth - 1, nullable=missing
                )

    def relation_paths(self, table: Table, depth: int | None = None) -> list[str]:
        """The paths of relations from a table, one deeper than fields are named."""
        depth = self.options.depth + 1 if depth is None else depth
        found: list[str] = []
        for relation in self.relations(table):
            found.append(relation.name)
            if depth > 1:
                deeper = self.relation_paths(self.target(relation), depth - 1)
                found += [f"{relation.name}__{path}" for path in deeper]
        return found

    def references(self, table: Table) -> list[Relation]:
        """The relations of one column that a new row must have, by its column or by its object."""
        return [
            relation
            for relation in self.relations(table)
            if relation.forward and len(relation.columns) == 1 and self._needed(table, relation.columns[0])
        ]

    def _needed(self, table: Table, name: str) -> bool:
        column = table.column(name)
        return column is not None and required(table, column)

    def unpacked(self, table: Table, kind: str, *taken: str) -> str:
        """The type of keyword arguments that are described by one of a table's typed dicts.

        Args:
            table: The table.
            kind: Which typed dict.
            *taken: The names of other arguments; where a field has such a name, any keyword is taken.
        """
        if taken and {*taken} & {*member(self, table)}:
            return self.typing("Any")
        return f"{self.typing('Unpack')}[{self.names.of(table, kind)}]"


def member(module: Module, table: Table) -> Iterator[str]:
    """The names of a table's fields and relations."""
    for column in model_columns(table):
        yield column.field
    for relation in module.relations(table):
        yield relation.name
