"""A schema as JSON Schema: for each table the JSON of a row, of a new row and of changes.

Invariant: msgspec writes the types, so a row as ``msgspec.json.encode`` writes it is one that the schema
takes, as long as its values are of their columns' types.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Annotated, Any, Literal

import msgspec

from noormme.codegen.columns import changed_columns, created_columns, is_written, read_columns, read_tables
from noormme.codegen.header import header
from noormme.schema.defaults import constant_default, required
from noormme.schema.limits import Limits, limits_of
from noormme.schema.model import Column, Schema, Table
from noormme.schema.types import PYTHON_TYPES

__all__ = ["render"]

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_Field = tuple[str, Any, Any]


def render(schema: Schema, *, source: str) -> str:
    """Write the document. Touches no database.

    Args:
        schema: The schema.
        source: What it was read from, for the header.

    Returns:
        JSON, indented, ending in a line break. ``$defs`` has ``User``, ``UserCreate`` and ``UserUpdate``.
    """
    shapes = [shape for table in read_tables(schema) for shape in _shapes(table)]
    document = {
        "$schema": _DIALECT,
        "$comment": header(source, "json-schema"),
        "title": source,
        "$defs": {shape.__name__: _definition(shape) for shape in shapes},
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _definition(shape: type[msgspec.Struct]) -> object:
    _, definitions = msgspec.json.schema_components([shape])
    # Its key there is an ASCII form of the name.
    return next(iter(definitions.values()))


def _shapes(table: Table) -> list[type[msgspec.Struct]]:
    writer = _Writer(table)
    found = [writer.read()]
    if is_written(table):
        found += [writer.create(), writer.update()]
    return found


class _Writer:
    """Makes the shapes of one table, as classes that msgspec can describe."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._limits = limits_of(table)

    def read(self) -> type[msgspec.Struct]:
        """The shape of a row that is there."""
        columns = read_columns(self._table)
        fields = [(column.field, self._type(column, bounded=False), msgspec.NODEFAULT) for column in columns]
        return self._shape("Read", "A row", fields)

    def create(self) -> type[msgspec.Struct]:
        """The shape of a row that is made."""
        fields: list[_Field] = []
        for column in created_columns(self._table):
            default = constant_default(column)
            if required(self._table, column):
                default = msgspec.NODEFAULT
            elif default is msgspec.UNSET and column.nullable and column.default is None:
                default = None
            fields.append(self._given(column, default))
        return self._shape("Create", "A new row", fields, closed=True)

    def update(self) -> type[msgspec.Struct]:
        """The shape of what is changed in a row."""
        fields = [self._given(column, msgspec.UNSET) for column in changed_columns(self._table)]
        return self._shape("Update", "Changes of a row", fields, closed=True)

    def _given(self, column: Column, default: Any) -> _Field:
        found = self._type(column, bounded=True)
        return column.field, found | msgspec.UnsetType if default is msgspec.UNSET else found, default

    def _shape(
        self, suffix: str, what: str, fields: list[_Field], *, closed: bool = False
    ) -> type[msgspec.Struct]:
        table = self._table
        about = f"{what} of {table.name}{': ' + table.comment if table.comment else ''}"
        return msgspec.defstruct(
            f"{table.model}{suffix}",
            fields,
            kw_only=True,
            forbid_unknown_fields=closed,
            namespace={"__doc__": f"{about.rstrip('.')}."},
        )

    def _type(self, column: Column, *, bounded: bool) -> Any:
        found = self._limited(column, bounded=bounded)
        if column.nullable and found is not Any:
            found = found | None
        extra = {"readOnly": True} if column.generated is not None else None
        if column.comment or extra:
            found = Annotated[found, msgspec.Meta(description=column.comment, extra_json_schema=extra)]
        return found

    def _limited(self, column: Column, *, bounded: bool) -> Any:
        limits = self._limits.get(column.name, Limits())
        if limits.values:
            return Literal[limits.values]
        if column.kind == "array":
            items: Any = PYTHON_TYPES[column.items or "any"]
            listed: Any = list
            return listed[Any if items is object else items]
        found: Any = PYTHON_TYPES[column.kind]
        if found is object:
            return Any
        if found is timedelta:
            return Annotated[timedelta, msgspec.Meta(extra_json_schema={"format": "duration"})]
        bounds: Any = limits.bounds
        return Annotated[found, msgspec.Meta(**bounds)] if bounded and bounds else found
