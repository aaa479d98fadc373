"""What a query gives, as columns and rows.

Invariant: rows are taken from the database as they are asked for, wherever the result can give them so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple, cast

from noormme import Database, Manager, Model, QuerySet, RawQuerySet, Row, TableQuery
from noormme.errors import InvalidQuery, NoormmeError
from noormme.orm.paging import CursorPage, Page

__all__ = ["Rows", "as_result", "failed", "unique"]

_CHUNK_ROWS = 2_000


class Rows(NamedTuple):
    """Rows with the names of their columns.

    Attributes:
        columns: The names, none of them twice.
        rows: The rows, each with a value for every column.
        single: Whether it is one value rather than rows.
    """

    columns: tuple[str, ...]
    rows: Iterator[Sequence[object]]
    single: bool = False


def as_result(db: Database, found: Any) -> Rows | str:
    """What an expression gave, as rows or as text. A query runs when its rows are asked for.

    Args:
        db: The database, which knows the columns of a query without rows.
        found: What the expression gave.

    Raises:
        InvalidQuery: It gave a value that cannot be shown.
    """
    # What it is shall be told by the class alone, whatever its rows are.
    given: Any = found
    if isinstance(found, str):
        return found
    if isinstance(found, Manager):
        given = given.all()
    if isinstance(given, QuerySet):
        query = cast("QuerySet[Any]", given)  # type: ignore[redundant-cast]  # for pyright
        return _of_items(query.iterator(_CHUNK_ROWS), _names(db, query))
    if isinstance(found, RawQuerySet | TableQuery):
        rows: Iterator[Any] = given.iterator(_CHUNK_ROWS)
        return _of_items(rows)
    if isinstance(found, Model | Row):
        return _of_items(iter([given]))
    if isinstance(found, dict):
        values: list[Any] = list(given.values())
        objects = bool(values) and all(isinstance(each, Model) for each in values)
        return _of_items(iter(values if objects else [given]))
    if isinstance(found, Page | CursorPage | list | tuple | set | frozenset | Iterator):
        items: Iterator[Any] = iter(given)
        return _of_items(_told(items))
    try:
        str(given)
    except Exception as error:
        raise failed(error) from error
    return Rows(("value",), iter([(given,)]), single=True)


def unique(columns: Iterable[str]) -> tuple[str, ...]:
    """Names of columns, each one once: the second ``id`` is ``id_2``.

    Args:
        columns: The names.
    """
    taken: dict[str, None] = {}
    for name in columns:
        number, free = 1, name
        while free in taken:
            number += 1
            free = f"{name}_{number}"
        taken[free] = None
    return tuple(taken)


def failed(error: Exception) -> InvalidQuery:
    """The error of a query whose Python failed.

    Args:
        error: What it raised.
    """
    return InvalidQuery(f"the expression failed: {type(error).__name__}: {error}")


def _told(items: Iterator[Any]) -> Iterator[Any]:
    """The same items; code of the user's that fails in between is the user's error."""
    try:
        yield from items
    except NoormmeError:
        raise
    except Exception as error:
        raise failed(error) from error


def _of_items(items: Iterator[Any], names: Sequence[str] = ()) -> Rows:
    """Rows of whatever each item is; the first one says what the columns are called."""
    first = next(items, None)
    if first is None:
        return Rows(unique(names), iter(()))
    every = chain([first], items)
    item: Any = first
    match first:
        case Model():
            present = first.to_dict()
            columns = tuple(present) + tuple(
                name for name in names if name not in present and name in vars(first)
            )
            return Rows(columns, ([getattr(row, name, None) for name in columns] for row in every))
        case dict():
            columns = tuple(cast("Mapping[str, object]", first))
            return Rows(tuple(map(str, columns)), ([row.get(name) for name in columns] for row in every))
        case Row():
            return Rows(unique(first.columns), every)
        case tuple():
            width = len(item)
            fields = getattr(cast("Any", first), "_fields", None) or names
            if len(fields) != width:
                fields = [f"column_{number}" for number in range(1, width + 1)]
            return Rows(unique(fields), every)
        case _:
            name = names[0] if len(names) == 1 else "value"
            return Rows((name,), ((item,) for item in every))


def _names(db: Database, query: QuerySet[Any]) -> list[str]:
    """The names of a query's columns."""
    shape = query.shape
    if shape.fields:
        return list(shape.fields)
    table = db.schema.table(query.table)
    fields = [column.field for column in table.columns] if table is not None else []
    return [*fields, *(name for name, step in shape.annotations.items() if step.selected)]
