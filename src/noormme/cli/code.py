"""Code that is made from the names of a schema: to show it, and to run it.

Invariant: what these functions return can be pasted into a program and runs, whatever the names are.
"""

from __future__ import annotations

from collections.abc import Iterable
from keyword import iskeyword

from noormme.schema.model import Relation, Schema, Table
from noormme.schema.naming import RESERVED_DATABASE_NAMES

__all__ = ["ahead", "attribute", "free_name", "manager", "quoted", "sql_name", "variable"]


def manager(table: Table) -> str:
    """How ``db`` gives the table's manager: ``db.users``, or ``db["close"]``."""
    name = table.manager
    if name.isidentifier() and not iskeyword(name) and name not in RESERVED_DATABASE_NAMES:
        return f"db.{name}"
    return f"db[{quoted(table.name)}]"


def variable(table: Table) -> str:
    """A name for one row of the table: ``VideoVersion`` gives ``video_version``."""
    parts: list[str] = []
    for before, letter in zip("_" + table.model, table.model, strict=False):
        if letter.isupper() and not before.isupper() and before != "_":
            parts.append("_")
        parts.append(letter.lower())
    name = "".join(parts)
    return f"{name}_" if iskeyword(name) else name


def attribute(table: Table, relation: Relation) -> str:
    """How a row gives what a relation leads to: ``post.author``, ``post.tags.all()``."""
    return f"{variable(table)}.{relation.name}{'.all()' if relation.to_many else ''}"


def ahead(table: Table, relations: Iterable[Relation]) -> list[str]:
    """How queries load relations with their rows: ``db.posts.select_related("author")`` and its like."""
    lines: list[str] = []
    found = list(relations)
    for method, to_many in (("select_related", False), ("prefetch_related", True)):
        names = [quoted(relation.name) for relation in found if relation.to_many is to_many]
        if names:
            lines.append(f"{manager(table)}.{method}({', '.join(names)})")
    return lines


def free_name(name: str, schema: Schema, table: Table) -> str:
    """``name``, with as many underscores as make it neither a field nor a relation of the table."""
    taken = {column.field for column in table.columns} | schema.relations_of(table.name).keys()
    while name in taken:
        name += "_"
    return name


def quoted(text: str) -> str:
    """``text`` as a Python string, in double quotes where Python leaves the choice."""
    plain = repr(text)
    if plain.startswith("'") and '"' not in text:
        return f'"{plain[1:-1]}"'
    return plain


def sql_name(name: str) -> str:
    """``name`` as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'
