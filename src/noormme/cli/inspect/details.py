"""One table as tables for the terminal.

Invariant: made from a ``Schema`` (and a row count, where there is one) and from nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from noormme.cli import code
from noormme.cli.inspect.overview import kind_text, warnings_list
from noormme.cli.output import highlighted, key_values, new_table, plural, printable
from noormme.schema.model import Column, ForeignKey, Index, IndexPart, Schema, Table, Unique
from noormme.schema.types import PYTHON_TYPES

__all__ = ["details"]


def details(schema: Schema, table: Table, count: int | None = None) -> Group:
    """Everything about one table.

    Args:
        schema: The database that the table is in.
        table: The table or view.
        count: How many rows it has, or None when they were not counted.
    """
    return Group(*_parts(schema, table, count))


def _parts(schema: Schema, table: Table, count: int | None) -> Iterator[RenderableType]:
    yield _heading(table, count)
    yield Text()
    yield _columns(table)
    sections = (
        ("Foreign keys", [_composite(key) for key in table.foreign_keys if len(key.columns) > 1]),
        ("Uniques", [_unique(unique) for unique in table.uniques if len(unique.columns) > 1]),
        ("Indexes", [_index(index) for index in table.indexes if index.origin == "index"]),
        ("Checks", [(check.name or check.column or "", check.expression) for check in table.checks]),
        ("Triggers", [(each.name, f"{each.timing} {each.event}".strip()) for each in table.triggers]),
    )
    for heading, lines in sections:
        if lines:
            yield Text(f"\n{heading}\n", style="title")
            pairs = ((printable(name), Text(printable(value))) for name, value in lines)
            yield Padding(key_values(pairs), (0, 0, 0, 1), expand=False)
    if schema.relations_of(table.name):
        yield Text("\nRelations\n", style="title")
        yield _relations(schema, table)
        yield Text("\nLoaded with the rows\n", style="title")
        for line in code.ahead(table, schema.relations_of(table.name).values()):
            yield highlighted(line, "python")
    yield Text()
    yield warnings_list([warning for warning in schema.warnings if warning.table == table.name])


def _heading(table: Table, count: int | None) -> Text:
    facts = [kind_text(table), f"model {table.model}", code.manager(table)]
    if count is not None:
        facts.insert(1, plural(count, "row"))
    if table.strict:
        facts.append("STRICT")
    if table.without_rowid:
        facts.append("WITHOUT ROWID")
    if not table.readable:
        facts.append("cannot be read")
    return Text.assemble((printable(table.name), "title"), (f"  {printable(' · '.join(facts))}", "note"))


def _columns(table: Table) -> RenderableType:
    renamed = any(column.field != column.name for column in table.columns)
    headings = ["Column", *(["Field"] if renamed else []), "Type", "Python", "Null", "Notes"]
    grid = new_table(*headings, wrap=("Notes",))
    for column in table.columns:
        grid.add_row(
            Text(printable(column.name), style="name"),
            *([Text(column.field)] if renamed else []),
            Text(printable(column.declared_type)),
            Text(_python(column), style="kind"),
            Text("null" if column.nullable else "", style="note"),
            Text(printable(" · ".join(_notes(table, column)))),
        )
    return grid


def _python(column: Column) -> str:
    python_type = PYTHON_TYPES[column.kind]
    return "Any" if python_type is object else python_type.__name__


def _notes(table: Table, column: Column) -> Iterator[str]:
    if column.primary_key:
        composite = len(table.primary_key) > 1
        yield f"primary key, part {column.primary_key}" if composite else "primary key"
    if column.autoincrement:
        yield "autoincrement"
    if any(unique.columns == (column.name,) for unique in table.uniques):
        yield "unique"
    for key in table.foreign_keys:
        if key.columns == (column.name,):
            yield _reference(key)
    if column.default is not None:
        yield f"default {column.default}"
    if column.collation:
        yield f"collate {column.collation}"
    if column.generated:
        yield f"{column.generated}: {column.expression or '?'}"
    if column.hidden:
        yield "hidden"
    if column.comment:
        yield column.comment


def _reference(key: ForeignKey) -> str:
    """What a foreign key points at, and its rules: ``"→ users.id, on delete cascade"``."""
    columns = ", ".join(key.target_columns) or "?"
    rules = [f"→ {key.target}.{columns}" if len(key.target_columns) == 1 else f"→ {key.target} ({columns})"]
    for event, action in (("delete", key.on_delete), ("update", key.on_update)):
        if action != "NO ACTION":
            rules.append(f"on {event} {action.lower()}")
    if key.deferrable:
        rules.append("deferred" if key.initially_deferred else "deferrable")
    return ", ".join(rules)


def _composite(key: ForeignKey) -> tuple[str, str]:
    return ", ".join(key.columns), _reference(key)


def _unique(unique: Unique) -> tuple[str, str]:
    return unique.name or "", f"({', '.join(unique.columns)})"


def _index(index: Index) -> tuple[str, str]:
    words = [f"({', '.join(_index_part(part) for part in index.parts)})"]
    if index.unique:
        words.insert(0, "unique")
    if index.where:
        words.append(f"where {index.where}")
    return index.name, " ".join(words)


def _index_part(part: IndexPart) -> str:
    words = [part.column if part.column is not None else part.expression or "?"]
    if part.collation and part.collation != "BINARY":
        words.append(f"collate {part.collation}")
    if part.descending:
        words.append("desc")
    return " ".join(words)


def _relations(schema: Schema, table: Table) -> RenderableType:
    grid = new_table("Code", "Gives", "Kind", wrap=("Gives",))
    for relation in schema.relations_of(table.name).values():
        target = schema.table(relation.target)
        model = printable(target.model if target else relation.target)
        gives = f"{model} rows" if relation.to_many else f"{model} or None" if relation.nullable else model
        grid.add_row(
            Text(code.attribute(table, relation), style="name"),
            Text(gives),
            Text(relation.kind.replace("_", " "), style="kind"),
        )
    return grid
