"""What the speed comparison runs: the same work, written for noormme and written by hand.

Invariant: the two sides of an operation ask for the same rows, the same columns and the same order.
The noormme side gives typed objects; the other side gives the tuples that ``sqlite3`` gives.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Literal, TypeAlias

import msgspec

from noormme.cli.code import free_name, manager, sql_name
from noormme.cli.demo.glance import Glance
from noormme.cli.output import plural
from noormme.schema.model import Column, Kind, Relation, Schema, Table

__all__ = ["Operation", "Source", "operations"]

Row: TypeAlias = tuple[Any, ...]
Keyed: TypeAlias = Sequence[tuple[Glance, Column]]

_KEYS = 500
_PAGE = 20
_LIST = 1_000
_LONG_LIST = 10_000
_PARENTS = 200


class Source(msgspec.Struct, frozen=True):
    """Where a value of a row comes from; it decides how the stored form is read."""

    kind: Kind
    table: str = ""
    column: str = ""


class Operation(msgspec.Struct, frozen=True):
    """One thing to time on both sides.

    Attributes:
        title: What is done, in a few words.
        code: The noormme side: a Python expression that reads ``db`` and, for each run, ``key``.
        keys: The values of ``key``; one run for each.
        flat: Turns what one run gives into rows of the other side's shape.
        way: How the other side fetches; see ``contender``.
        sql: Its statement.
        inputs: Its parameters; one run for each.
        options: What else its way needs.
        sources: Where each value of a row comes from.
        child_sources: The same for the rows of the list at the end of a row.
    """

    title: str
    code: str
    keys: tuple[object, ...]
    flat: Callable[[Any], list[Row]]
    way: Literal["one", "every", "children"]
    sql: str
    inputs: tuple[tuple[object, ...], ...]
    sources: tuple[Source, ...]
    options: dict[str, object] = {}
    child_sources: tuple[Source, ...] = ()


def operations(schema: Schema, looks: Sequence[Glance]) -> list[Operation]:
    """Everything that can be compared on a database, each on the largest table that it fits.

    Args:
        schema: The database.
        looks: A glance at each of its tables, the largest first.
    """
    keyed = [(look, key) for look in looks if (key := look.key) is not None]
    found = [next(way(schema, keyed), None) for way in _WAYS]
    return [operation for operation in found if operation is not None]


def _by_key(schema: Schema, keyed: Keyed) -> Iterator[Operation]:
    for look, key in keyed:
        yield _get(look, key, "get by primary key")


def _by_unique(schema: Schema, keyed: Keyed) -> Iterator[Operation]:
    for look, key in keyed:
        for column in look.columns("text", "integer"):
            alone = any(unique.columns == (column.name,) for unique in look.table.uniques)
            if alone and column != key and not column.nullable:
                yield _get(look, column, "get by a unique field")


def _get(look: Glance, column: Column, title: str) -> Operation:
    table = look.table
    keys = tuple(look.values(column)[:_KEYS])
    return Operation(
        title=title,
        code=f"{manager(table)}.get({column.field}=key)",
        keys=keys,
        flat=lambda item: [_values(table, item)],
        way="one",
        sql=f"SELECT {_selected(table)} FROM {sql_name(table.name)} WHERE {sql_name(column.name)} = ?",
        inputs=tuple((key,) for key in keys),
        sources=_sources(table),
    )


def _page(schema: Schema, keyed: Keyed) -> Iterator[Operation]:
    for look, key, column, values in _grouping(keyed):
        table = look.table
        yield Operation(
            title=f"filter, order, {_PAGE} rows",
            code=f'list({manager(table)}.filter({column.field}=key).order_by("-{key.field}")[:{_PAGE}])',
            keys=values,
            flat=_objects(table),
            way="every",
            sql=f"SELECT {_selected(table)} FROM {sql_name(table.name)} WHERE {sql_name(column.name)} = ?"
            f" ORDER BY {sql_name(key.name)} DESC LIMIT ?",
            inputs=tuple((value, _PAGE) for value in values),
            sources=_sources(table),
        )


def _list(schema: Schema, keyed: Keyed) -> Iterator[Operation]:
    for look, key in keyed:
        yield _listed(look.table, key, min(_LIST, look.count))


def _long_list(schema: Schema, keyed: Keyed) -> Iterator[Operation]:
    for look, key in keyed:
        if look.count >= 2 * _LIST:
            yield _listed(look.table, key, min(_LONG_LIST, look.count))


def _listed(table: Table, key: Column, count: int) -> Operation:
    return Operation(
        title=plural(count, "row"),
        code=f'list({manager(table)}.order_by("{key.field}")[:{count}])',
        keys=(None,),
        flat=_objects(table),
        way="every",
        sql=f"SELECT {_selected(table)} FROM {sql_name(table.name)} ORDER BY {sql_name(key.name)} LIMIT ?",
        inputs=((count,),),
        sources=_sources(table),
    )


def _one_column(schema: Schema, keyed: Keyed) -> Iterator[Operation]:
    for look, key in keyed:
        table, column, count = look.table, look.label, min(_LIST, look.count)
        yield Operation(
            title=f"one column of {plural(count, 'row')}",
            code=f'list({manager(table)}.order_by("{key.field}")'
            f'.values_list("{column.field}", flat=True)[:{count}])',
            keys=(None,),
            flat=lambda values: [(value,) for value in values],
            way="every",
            sql=f"SELECT {sql_name(column.name)} FROM {sql_name(table.name)}"
            f" ORDER BY {sql_name(key.name)} LIMIT ?",
            inputs=((count,),),
            sources=(Source(column.kind, table.name, column.name),),
        )


def _count(schema: Schema, keyed: Keyed) -> Iterator[Operation]:
    for look, _, column, values in _grouping(keyed):
        yield Operation(
            title="count of a filter",
            code=f"{manager(look.table)}.filter({column.field}=key).count()",
            keys=values,
            flat=lambda count: [(count,)],
            way="every",
            sql=f"SELECT count(*) FROM {sql_name(look.table.name)} WHERE {sql_name(column.name)} = ?",
            inputs=tuple((value,) for value in values),
            sources=(Source("integer"),),
        )


def _group(schema: Schema, keyed: Keyed) -> Iterator[Operation]:
    for look, key, column, _ in _grouping(keyed):
        table, field = look.table, column.field
        name = free_name("n", schema, table)
        yield Operation(
            title="count by group",
            code=f'list({manager(table)}.values("{field}").annotate({name}=Count("{key.field}")).order_by("{field}"))',
            keys=(None,),
            flat=lambda rows: [tuple(row.values()) for row in rows],
            way="every",
            sql=f"SELECT {sql_name(column.name)}, count({sql_name(key.name)}) FROM {sql_name(table.name)}"
            f" GROUP BY {sql_name(column.name)} ORDER BY {sql_name(column.name)}",
            inputs=((),),
            sources=(Source(column.kind, table.name, column.name), Source("integer")),
        )


def _joined(schema: Schema, keyed: Keyed) -> Iterator[Operation]:
    for look, key in keyed:
        parents = [
            (len(target.columns), relation.name, relation, target)
            for relation in schema.relations_of(look.table.name).values()
            if relation.forward and len(relation.columns) == 1
            if (target := schema.table(relation.target)) is not None and target.readable
        ]
        if parents:
            *_, relation, target = min(parents, key=lambda parent: parent[:2])
            yield _join(look, key, relation, target)


def _join(look: Glance, key: Column, relation: Relation, target: Table) -> Operation:
    table, count = look.table, min(_LIST, look.count)

    def flat(rows: list[Any]) -> list[Row]:
        nobody: Row = (None,) * len(_sources(target))
        parents = [getattr(row, relation.name) for row in rows]
        return [
            _values(table, row) + (_values(target, parent) if parent else nobody)
            for row, parent in zip(rows, parents, strict=True)
        ]

    return Operation(
        title=f"{plural(count, 'row')} with their parents",
        code=f'list({manager(table)}.select_related("{relation.name}").order_by("{key.field}")[:{count}])',
        keys=(None,),
        flat=flat,
        way="every",
        sql=f"SELECT {_selected(table, 'a')}, {_selected(target, 'b')} FROM {sql_name(table.name)} AS a"
        f" LEFT JOIN {sql_name(target.name)} AS b"
        f" ON b.{sql_name(relation.target_columns[0])} = a.{sql_name(relation.columns[0])}"
        f" ORDER BY a.{sql_name(key.name)} LIMIT ?",
        inputs=((count,),),
        sources=(*_sources(table), *_sources(target)),
    )


def _children(schema: Schema, keyed: Keyed) -> Iterator[Operation]:
    for child, _ in keyed:
        for relation in schema.relations_of(child.table.name).values():
            for look, key in keyed:
                pointed_at = (relation.target, relation.target_columns) == (look.table.name, (key.name,))
                if relation.kind == "many_to_one" and pointed_at:
                    yield _prefetch(look, key, child.table, relation)


def _prefetch(look: Glance, key: Column, child: Table, relation: Relation) -> Operation:
    table, count = look.table, min(_PARENTS, look.count)
    visible = [column.name for column in _visible(table)]
    child_visible = [column.name for column in _visible(child)]

    def flat(rows: list[Any]) -> list[Row]:
        lists = [[_values(child, item) for item in getattr(row, relation.inverse).all()] for row in rows]
        return [(*_values(table, row), items) for row, items in zip(rows, lists, strict=True)]

    return Operation(
        title=f"{plural(count, 'parent')} with their children",
        code=f'list({manager(table)}.prefetch_related("{relation.inverse}").order_by("{key.field}")[:{count}])',
        keys=(None,),
        flat=flat,
        way="children",
        sql=f"SELECT {_selected(table)} FROM {sql_name(table.name)} ORDER BY {sql_name(key.name)} LIMIT ?",
        inputs=((count,),),
        options={
            "of_parent": f"SELECT {_selected(child)} FROM {sql_name(child.name)}"
            f" WHERE {sql_name(relation.columns[0])} IN",
            "key": visible.index(key.name),
            "link": child_visible.index(relation.columns[0]),
        },
        sources=_sources(table),
        child_sources=_sources(child),
    )


def _grouping(keyed: Keyed) -> Iterator[tuple[Glance, Column, Column, tuple[object, ...]]]:
    """Tables with a column of few values: the look, its key, the column, the values."""
    for look, key in keyed:
        for column, values in look.groups("text", "integer"):
            yield look, key, column, tuple(values)


def _visible(table: Table) -> list[Column]:
    return [column for column in table.columns if not column.hidden]


def _selected(table: Table, alias: str = "") -> str:
    prefix = f"{alias}." if alias else ""
    return ", ".join(prefix + sql_name(column.name) for column in _visible(table))


def _sources(table: Table) -> tuple[Source, ...]:
    return tuple(Source(column.kind, table.name, column.name) for column in _visible(table))


def _values(table: Table, item: object) -> Row:
    return tuple(getattr(item, column.field) for column in _visible(table))


def _objects(table: Table) -> Callable[[Any], list[Row]]:
    return lambda rows: [_values(table, row) for row in rows]


_WAYS: tuple[Callable[[Schema, Keyed], Iterator[Operation]], ...] = (
    _by_key,
    _by_unique,
    _page,
    _list,
    _long_list,
    _one_column,
    _count,
    _group,
    _joined,
    _children,
)
"""Each gives one operation for every table that it fits, the largest first."""
