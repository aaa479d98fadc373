"""A schema as frozen dataclasses, one for each table: rows for programs that must not know noormme.

Invariant: the module needs the standard library only, and its classes have the fields of ``to_dict()`` under
the same names.
"""

from __future__ import annotations

import msgspec

from noormme.codegen.annotations import Annotations, literal, text
from noormme.codegen.columns import read_columns, read_tables
from noormme.codegen.header import header
from noormme.schema.defaults import constant_default
from noormme.schema.limits import limits_of
from noormme.schema.model import Column, Schema, Table

__all__ = ["render"]


def render(schema: Schema, *, source: str) -> str:
    """Write the module. Touches no database.

    Args:
        schema: The schema.
        source: What it was read from, for the header.

    Returns:
        Python source, ending in a line break.
    """
    tables = read_tables(schema)
    annotations = Annotations([table.model for table in tables])
    decorator = annotations.name("dataclasses", "dataclass")
    classes = [_class(table, annotations, decorator) for table in tables]
    lines = [
        f'"""Rows of {source} as dataclasses.',
        "",
        header(source, "dataclasses"),
        "",
        "Make one of a row with ``User(**user.to_dict())``.",
        '"""',
        "",
        "from __future__ import annotations",
        "",
        *annotations.imports(),
    ]
    return "\n".join(lines) + "\n" + "".join(f"\n\n{each}" for each in classes)


def _class(table: Table, annotations: Annotations, decorator: str) -> str:
    columns = read_columns(table)
    fields = {column.field for column in columns}
    limits = limits_of(table)
    lines = [f"@{decorator}(frozen=True, slots=True, kw_only=True)", f"class {table.model}:"]
    lines.append(f'    """A row of {text(table.name)}{_remark(table.comment)}."""')
    lines.append("")
    for column in columns:
        annotation = annotations.type(column, fields, limits.get(column.name))
        if column.nullable and column.kind not in ("any", "json"):
            annotation += " | None"
        lines.append(f"    {column.field}: {annotation}{_default(column)}")
        if column.comment:
            lines.append(f'    """{text(column.comment)}"""')
    return "\n".join(lines) + "\n"


def _default(column: Column) -> str:
    default = constant_default(column)
    if default is not msgspec.UNSET:
        return f" = {literal(default)}"
    return " = None" if column.nullable and column.default is None and not column.generated else ""


def _remark(comment: str | None) -> str:
    return f": {text(comment).rstrip('.')}" if comment else ""
