"""A schema of one engine in the terms of another.

Invariant: pure: nothing here touches a database. Whatever the other engine cannot hold as it is has a
``Difference`` that says what became of it; nothing is left out without one. Columns keep their order, so that
a row of the one table is a row of the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
from msgspec.structs import replace

from noormme.engines.creating import Creator
from noormme.engines.translating.context import Context, Difference, Seen
from noormme.engines.translating.defaults import NUMBERS
from noormme.engines.translating.table import TableTranslator
from noormme.schema.model import Column, ForeignKey, Schema, Table

__all__ = ["Translated", "translate"]


class Translated(msgspec.Struct, frozen=True):
    """A schema in the terms of another engine.

    Attributes:
        tables: Each table of the source beside the one that it becomes. Both have the same columns in the
            same order, but for hidden ones.
        views: The views of the source that can be read, each beside the name that it gets.
        differences: What has no equal.
    """

    tables: tuple[tuple[Table, Table], ...]
    views: tuple[tuple[Table, Table], ...]
    differences: tuple[Difference, ...]


def translate(schema: Schema, tables: Sequence[Table], creator: Creator, seen: Seen) -> Translated:
    """Give a schema in the terms of another engine, or of the same one.

    Args:
        schema: The source.
        tables: The tables of it that are wanted.
        creator: Writes for the target.
        seen: The kinds of columns where they are not those of the schema, and what is stored in them.

    Returns:
        The tables, and what has no equal.
    """
    context = Context(schema, tables, creator, seen)
    made = [TableTranslator(context, table).translated() for table in tables]
    if not context.native:
        made = _alike(context, made)
    views = [
        (view, Table(context.names[view.name], kind="view", namespace=context.namespace(view), sql=view.sql))
        for view in schema.views
        if view.readable and view.columns
    ]
    pairs = tuple(zip(tables, made, strict=True))
    return Translated(pairs, tuple(views), (*context.differences, *context.noted_collations()))


def _alike(context: Context, tables: list[Table]) -> list[Table]:
    """Tables whose foreign keys have the types of what they refer to, and refer to something unique."""
    by_name = {table.name: table for table in tables}
    # A key can refer to a column that refers to another one.
    for _ in range(len(tables)):
        changed = False
        for name, table in by_name.items():
            for key in table.foreign_keys:
                target = by_name[key.target]
                for mine, theirs in zip(key.columns, key.target_columns, strict=True):
                    one, other = table.column(mine), target.column(theirs)
                    assert one is not None, "a key has columns of its table"
                    assert other is not None, "and of its target"
                    kinds = {one.kind, other.kind}
                    if one.declared_type != other.declared_type and (len(kinds) == 1 or kinds <= NUMBERS):
                        like = replace(
                            one,
                            declared_type=other.declared_type,
                            kind=other.kind,
                            collation=other.collation,
                        )
                        table = _with_column(table, like)
                        changed = True
            by_name[name] = table
        if not changed:
            break
    return [_sound(context, by_name, table) for table in by_name.values()]


def _sound(context: Context, by_name: Mapping[str, Table], table: Table) -> Table:
    kept: list[ForeignKey] = []
    for key in table.foreign_keys:
        target = by_name[key.target]
        kinds = [
            (one.kind, other.kind)
            for mine, theirs in zip(key.columns, key.target_columns, strict=True)
            if (one := table.column(mine)) and (other := target.column(theirs))
        ]
        about = f"{table.name} ({', '.join(key.columns)})"
        if frozenset(key.target_columns) not in target.unique_keys:
            context.note(about, f"a foreign key to columns of {key.target} that are not unique", "left out")
        elif any(one != other for one, other in kinds):
            context.note(about, f"a foreign key to columns of another type in {key.target}", "left out")
        else:
            kept.append(key)
    return replace(table, foreign_keys=tuple(kept))


def _with_column(table: Table, column: Column) -> Table:
    return replace(
        table, columns=tuple(column if each.name == column.name else each for each in table.columns)
    )
