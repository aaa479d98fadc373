"""A whole database as tables for the terminal.

Invariant: made from a ``Schema`` (and row counts, where there are some) and from nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from noormme.cli.output import key_values, new_table, plural, printable
from noormme.schema.model import Relation, Schema, SchemaWarning, Table

__all__ = ["kind_text", "overview", "relations_table", "summary", "tables_table", "warnings_list"]

_WIDE = 100
"""From so many columns of the terminal on, there is room for what is nice to have."""


def overview(schema: Schema, title: str, counts: Mapping[str, int] | None = None, *, width: int) -> Group:
    """Everything about a database at a glance.

    Args:
        schema: The database.
        title: What to call it.
        counts: Rows by exact table name, or None when they were not counted.
        width: Columns of the terminal; a narrow one gets less.
    """
    return Group(*_parts(schema, title, counts, width))


def _parts(
    schema: Schema, title: str, counts: Mapping[str, int] | None, width: int
) -> Iterator[RenderableType]:
    yield Text.assemble((printable(title), "title"), (f"  {summary(schema, counts)}", "note"))
    if schema.tables or schema.views:
        yield Text()
        yield tables_table(schema, counts)
    if schema.relations:
        yield Text("\nRelations\n", style="title")
        yield relations_table(schema, wide=width >= _WIDE)
    if schema.hidden_tables:
        names = ", ".join(printable(name) for name in schema.hidden_tables)
        yield Text()
        yield Text.assemble(("Storage of virtual tables, hidden: ", "note"), names)
    yield Text()
    yield warnings_list(schema.warnings)


def summary(schema: Schema, counts: Mapping[str, int] | None) -> str:
    """``"sqlite · 13 tables · 2 views · 50,000 rows"``."""
    parts = [schema.dialect, plural(len(schema.tables), "table")]
    if schema.views:
        parts.append(plural(len(schema.views), "view"))
    if counts is not None:
        parts.append(plural(sum(counts.get(table.name, 0) for table in schema.tables), "row"))
    return " · ".join(parts)


def tables_table(schema: Schema, counts: Mapping[str, int] | None = None) -> RenderableType:
    """One line for each table and view."""
    headings = ["Table", *(["Rows"] if counts is not None else []), "Columns", "Primary key", "Points at"]
    table = new_table(*headings, right=("Rows", "Columns"), wrap=("Points at",))
    for item in schema:
        name = Text(printable(item.name), style="name")
        if (kind := kind_text(item)) != "table":
            name.append(f"  {kind}", style="note")
        cells: list[RenderableType] = [name]
        if counts is not None:
            cells.append(f"{counts[item.name]:,}" if item.name in counts else Text("?", style="warning"))
        cells += [str(len(item.columns)), Text(_key(item)), Text(_targets(item))]
        table.add_row(*cells)
    return table


def relations_table(schema: Schema, *, wide: bool) -> RenderableType:
    """One line for each relation, with the names of both of its ends, and its columns where there is room."""
    by = ["By"] if wide else []
    table = new_table("From", "Kind", "Back", *by, wrap=by)
    for relation in schema.relations:
        if relation.forward or (relation.through is not None and _comes_first(relation)):
            cells = [
                _end(schema, relation.source, relation.name),
                Text(relation.kind.replace("_", " "), style="kind"),
                _end(schema, relation.target, relation.inverse),
            ]
            if wide:
                cells.append(Text(printable(relation.through or ", ".join(relation.columns)), style="note"))
            table.add_row(*cells)
    return table


def warnings_list(warnings: Sequence[SchemaWarning]) -> RenderableType:
    """The warnings; a quiet line when there are none."""
    if not warnings:
        return Text("No warnings.", style="note")
    heading = Text(f"{plural(len(warnings), 'warning')}\n", style="warning")
    return Group(heading, key_values(("·", Text(printable(str(warning)))) for warning in warnings))


def kind_text(table: Table) -> str:
    """``"table"``, ``"view"``, ``"virtual (fts5)"``."""
    if table.module:
        return f"{table.kind} ({printable(table.module)})"
    return table.kind


def _comes_first(relation: Relation) -> bool:
    return (relation.source, relation.name) <= (relation.target, relation.inverse)


def _end(schema: Schema, table_name: str, attribute: str) -> Text:
    table = schema.table(table_name)
    model = printable(table.model if table else table_name)
    return Text.assemble((f"{model}.", "note"), (attribute, "name"))


def _key(table: Table) -> str:
    if table.primary_key:
        return ", ".join(printable(name) for name in table.primary_key)
    return table.rowid or "none"


def _targets(table: Table) -> str:
    return ", ".join(dict.fromkeys(printable(key.target) for key in table.foreign_keys))
