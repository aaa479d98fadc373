"""A schema as DBML, the language of dbdiagram.io and dbdocs.io.

Invariant: names and types are the database's own, quoted. DBML knows no escape for a double quote in a name,
so an apostrophe takes its place. Views are left out, because DBML has none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from noormme.codegen.header import header
from noormme.schema.defaults import constant_default
from noormme.schema.model import Column, ForeignKey, Index, Schema, Table

__all__ = ["render"]

_PLAIN_TYPE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\([0-9]+(,[0-9]+)?\))?").fullmatch
_ACTIONS = frozenset({"CASCADE", "RESTRICT", "SET NULL", "SET DEFAULT"})


def render(schema: Schema, *, source: str) -> str:
    """Write the text. Touches no database.

    Args:
        schema: The schema.
        source: What it was read from, for the header.

    Returns:
        DBML, ending in a line break.
    """
    tables = {table.name: table for table in schema.tables if table.columns}
    parts = [f"// {header(source, 'dbml')}\n"]
    parts += ["\n".join([*_table(table), ""]) for table in tables.values()]
    references = [line for table in tables.values() for line in _references(table, tables)]
    if references:
        parts.append("\n".join([*references, ""]))
    return "\n".join(parts)


def _table(table: Table) -> Iterator[str]:
    yield f"Table {_name(table.name)} {{"
    for column in table.columns:
        settings = list(_settings(table, column))
        shown = f" [{', '.join(settings)}]" if settings else ""
        yield f"  {_column_name(column)} {_type(column)}{shown}"
    indexes = list(_indexes(table))
    if indexes:
        yield "\n  indexes {"
        yield from (f"    {line}" for line in indexes)
        yield "  }"
    if table.comment:
        yield f"\n  Note: {_text(table.comment)}"
    yield "}"


def _settings(table: Table, column: Column) -> Iterator[str]:
    if table.primary_key == (column.name,):
        yield "pk"
        if column.autoincrement:
            yield "increment"
    elif not column.nullable:
        yield "not null"
    if table.primary_key != (column.name,) and frozenset({column.name}) in table.unique_keys:
        yield "unique"
    if column.default is not None and not column.autoincrement:
        yield f"default: {_default(column)}"
    if column.comment:
        yield f"note: {_text(column.comment)}"


def _default(column: Column) -> str:
    value = constant_default(column)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float) and value >= 0:
        return repr(value)
    if isinstance(value, str):
        return _text(value)
    return _expression(column.default or "")


def _indexes(table: Table) -> Iterator[str]:
    if len(table.primary_key) > 1:
        yield f"({_columns(table, table.primary_key)}) [pk]"
    for unique in table.uniques:
        if len(unique.columns) > 1:
            yield f"({_columns(table, unique.columns)}) [unique]"
    for index in table.indexes:
        if index.origin == "index" and index.parts:
            settings = ["unique"] if index.unique else []
            settings.append(f"name: {_text(index.name)}")
            if index.where:
                settings.append(f"note: {_text('where ' + index.where)}")
            yield f"({_parts(table, index)}) [{', '.join(settings)}]"


def _parts(table: Table, index: Index) -> str:
    return ", ".join(
        _columns(table, (part.column,)) if part.column is not None else _expression(part.expression or "")
        for part in index.parts
    )


def _references(table: Table, tables: dict[str, Table]) -> Iterator[str]:
    for key in table.foreign_keys:
        target = tables.get(key.target)
        if target is not None and len(key.columns) == len(key.target_columns):
            sign = "-" if frozenset(key.columns) in table.unique_keys else ">"
            yield f"Ref: {_end(table, key.columns)} {sign} {_end(target, key.target_columns)}{_rules(key)}"


def _rules(key: ForeignKey) -> str:
    rules = [
        f"{event}: {action.lower()}"
        for event, action in (("delete", key.on_delete), ("update", key.on_update))
        if action in _ACTIONS
    ]
    return f" [{', '.join(rules)}]" if rules else ""


def _end(table: Table, columns: tuple[str, ...]) -> str:
    named = _columns(table, columns)
    return f"{_name(table.name)}.{named}" if len(columns) == 1 else f"{_name(table.name)}.({named})"


def _columns(table: Table, names: tuple[str, ...]) -> str:
    found = {column.name: _column_name(column) for column in table.columns}
    return ", ".join(found.get(name) or _name(name) for name in names)


def _column_name(column: Column) -> str:
    return _name(column.name if column.name.strip() else column.field)


def _type(column: Column) -> str:
    declared = " ".join(column.declared_type.split())
    if not declared:
        return column.kind
    return declared if _PLAIN_TYPE(declared) else _name(declared)


def _name(text: str) -> str:
    return f'"{_line(text).replace(chr(34), chr(39)) or "unnamed"}"'


def _text(text: str) -> str:
    escaped = _line(text).replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _expression(text: str) -> str:
    return f"`{_line(text).replace('`', chr(34))}`"


def _line(text: str) -> str:
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
