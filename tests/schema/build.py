"""Tables for tests, written in one line each, as an engine would find them.

``table("posts", "id author_id? slug!", "author_id > users")`` has a primary key ``id``, a column that
can be NULL, one that is unique, and a foreign key. The first column is the primary key unless ``key``
says otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable

from noormme.schema.assemble import assemble
from noormme.schema.model import Column, ForeignKey, Index, IndexPart, Relation, Schema, Table, Unique
from noormme.schema.naming import NameOverrides, field_name


def table(
    name: str, columns: str, *foreign_keys: str, key: str | None = None, unique: Iterable[str] = ()
) -> Table:
    """Make a table.

    Args:
        name: The exact name.
        columns: Names between spaces; ``?`` behind one that can be NULL, ``!`` behind a unique one.
        foreign_keys: ``"a b > target"`` or ``"a b > target(x y)"``; without target columns, ``id``.
        key: The columns of the primary key; ``""`` for none.
        unique: Further unique keys.
    """
    words = columns.split()
    names = [word.rstrip("?!") for word in words]
    primary_key = tuple(names[:1] if key is None else key.split())
    return Table(
        name,
        columns=tuple(
            Column(bare, field_name(bare), kind="integer", nullable=word.endswith("?"))
            for word, bare in zip(words, names, strict=True)
        ),
        primary_key=primary_key,
        uniques=tuple(
            Unique(tuple(columns))
            for columns in [*([bare] for word, bare in zip(words, names, strict=True) if word.endswith("!"))]
            + [text.split() for text in unique]
        ),
        foreign_keys=tuple(foreign_key(text) for text in foreign_keys),
    )


def foreign_key(text: str) -> ForeignKey:
    columns, _, target = text.partition(" > ")
    name, _, target_columns = target.rstrip(")").partition("(")
    return ForeignKey(tuple(columns.split()), name, tuple((target_columns or "id").split()))


def unique_index(*columns: str, where: str | None = None) -> Index:
    return Index("ix", tuple(IndexPart(column=column) for column in columns), unique=True, where=where)


def schema(*tables: Table, views: Iterable[Table] = (), names: NameOverrides | None = None) -> Schema:
    return assemble("sqlite", tables, views, names=names)


def relation(found: Schema, path: str) -> Relation:
    """The relation at ``"table.name"``."""
    source, _, name = path.rpartition(".")
    return found.relations_of(source)[name]


def attributes(found: Schema, name: str) -> list[str]:
    """The names of a table's relations."""
    return sorted(found.relations_of(name))


def fields(found: Schema, name: str) -> dict[str, str]:
    """The fields of a table by exact column name."""
    wanted = found.table(name)
    assert wanted is not None
    return {column.name: column.field for column in wanted.columns}


def messages(found: Schema) -> list[str]:
    return [warning.message for warning in found.warnings]
