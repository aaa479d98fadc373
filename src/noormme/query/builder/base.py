"""What every query in tables has: its shape, its values, and the names that it knows.

Invariant: a query never changes; every call gives a new one. Nothing here runs a statement.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Self

from noormme.errors import InvalidQuery, UsageError
from noormme.query.builder.build import Assembler, Embeddable
from noormme.query.builder.names import Known, of_columns, of_table, split_alias
from noormme.query.builder.nodes import (
    Compound,
    Derived,
    Output,
    Query,
    Select,
    Source,
    Star,
    TableSource,
    WithSource,
)
from noormme.query.builder.nodes import Expression as Node

if TYPE_CHECKING:
    from noormme.errors import TableNotFound
    from noormme.schema.model import Schema

__all__ = ["Aliased", "Base", "label"]


class Aliased:
    """A query with a name: a column of ``select``, or a source of ``table`` and of joins."""

    __slots__ = ("name", "query")

    def __init__(self, query: Base, name: str) -> None:
        self.query = query
        self.name = name


class Base(Embeddable):
    """A query in tables, as far as every part of it needs it.

    Args:
        schema: The schema.
        source: The first table: its name, with ``as`` and another one if wanted, or a named query.
        not_found: Gives the error for a table that does not exist.
    """

    __slots__ = ("_names", "_not_found", "_schema", "_sources", "_withs", "node", "values")

    node: Query
    values: tuple[object, ...]

    def __init__(
        self, schema: Schema, source: str | Aliased, not_found: Callable[[str], TableNotFound]
    ) -> None:
        self._schema = schema
        self._not_found = not_found
        self._withs: Mapping[str, Known] = {}
        self.values = ()
        self._sources: tuple[Known, ...] = ()
        assembler = Assembler(schema, (), (), home=self.home)
        node, known = self._source(source, assembler)
        self._sources = (known,)
        self._names: tuple[str, ...] | None = None
        self.node = Select(node)
        self.values = tuple(assembler.values)

    def _copy(self) -> Self:
        """The same query as an object of its own."""
        made: Self = object.__new__(type(self))
        for owner in type(self).__mro__:
            for name in getattr(owner, "__slots__", ()):
                setattr(made, name, getattr(self, name))
        return made

    def _with(self, node: Query, values: Any, sources: tuple[Known, ...] | None = None) -> Self:
        made = self._copy()
        made.node = node
        made.values = tuple(values)
        if sources is not None:
            made._sources = sources
        return made

    def as_(self, name: str) -> Aliased:
        """The query with a name, to be a column (``select``) or a source (``table`` and joins)."""
        return Aliased(self, label(name))

    def as_part(self) -> tuple[Query, tuple[object, ...]]:
        """The shape and the values. No statement runs."""
        return self.node, self.values

    def output_names(self) -> list[str]:
        """What the columns of the result are called."""
        return _output_names(self.node, {source.alias: source for source in self._sources})

    def _plain(self, what: str) -> Select:
        if isinstance(self.node, Select):
            return self.node
        raise InvalidQuery(
            f"{what} cannot follow {self.node.operator}",
            hint="call it on each part, or on db.table(query.as_('name'))",
        )

    def _assembler(self, *, labels: bool = False) -> Assembler:
        known: dict[str, Node] = {}
        if labels and isinstance(self.node, Select):
            known = {
                output.name: output.expression
                for output in self.node.outputs
                if output.labelled and not isinstance(output.expression, Star)
            }
        return Assembler(self._schema, self._sources, self.values, known, self.home)

    def _alias(self, name: str) -> str:
        """The name that a table has, or will have, in this query."""
        for source in self._sources:
            if source.alias == name or (source.table is not None and source.table.manager == name):
                return source.alias
        table = self._schema.table(name) if isinstance(name, str) else None
        return name if table is None else table.name

    def _source(self, source: str | Aliased, assembler: Assembler) -> tuple[Source, Known]:
        if isinstance(source, Aliased):
            names = source.query.output_names()
            return Derived(assembler.query(source.query), source.name), of_columns(names, source.name)
        if isinstance(source, Base):
            raise UsageError("a query in FROM needs a name", hint="write query.as_('name')")
        name, alias = (source, None)
        if not isinstance(source, str):
            raise self._not_found(source)
        if source not in self._withs and self._schema.table(source) is None:
            name, alias = split_alias(source)
        if name in self._withs:
            known = self._withs[name]
            alias = alias or name
            return WithSource(name, alias), Known(alias, known.columns, known.star)
        table = self._schema.table(name)
        if table is None:
            raise self._not_found(name)
        alias = alias or table.name
        return TableSource(table.name, alias), of_table(table, alias)


def _output_names(node: Query, sources: Mapping[str, Known]) -> list[str]:
    if isinstance(node, Compound):
        return list(next(iter(sources.values())).columns)
    names: list[str] = []
    for output in node.outputs or (Output(Star()),):
        if not isinstance(output.expression, Star):
            names.append(output.name)
            continue
        alias = output.expression.source
        for source in sources.values():
            if alias in (None, source.alias):
                names += [name for _, name in source.star]
    return names


def label(name: object) -> str:
    """A name that a user gave something.

    Raises:
        UsageError: It is no text, or empty.
    """
    if not isinstance(name, str) or not name or "\0" in name:
        raise UsageError("a name is a text that is not empty")
    return name
