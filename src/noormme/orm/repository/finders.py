"""Dynamic finders: what ``find_by_email_and_name`` means.

Invariant: a name is read as fields joined by ``_and_``, never as lookups; where it can be read in several
ways, the longest fields win.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator
from typing import TYPE_CHECKING, Any

from noormme.errors import FieldNotFound, UsageError
from noormme.query.resolve import field_not_found

if TYPE_CHECKING:
    from noormme.orm.mapper import Mapper

__all__ = ["MANY", "ONE", "finder_names", "make_finder", "read_fields"]

ONE = "find_by_"
MANY = "find_many_by_"
_AND = "_and_"


def read_fields(text: str, known: Container[str]) -> list[str] | None:
    """The fields in the name of a finder.

    Args:
        text: What stands behind ``find_by_``.
        known: The names of fields.

    Returns:
        The fields, or None where it cannot be read as such.
    """
    words = text.split(_AND)
    # What the words from each place on are as fields; filled from the end.
    found: list[list[str] | None] = [None] * len(words) + [[]]
    for start in range(len(words) - 1, -1, -1):
        for end in range(len(words), start, -1):
            field, rest = _AND.join(words[start:end]), found[end]
            if rest is not None and field in known:
                found[start] = [field, *rest]
                break
    return found[0]


def make_finder(mapper: Mapper, name: str) -> Callable[..., Any]:
    """The finder of that name.

    Args:
        mapper: The table's mapper.
        name: ``find_by_…`` or ``find_many_by_…``.

    Returns:
        A function of one value for each field, in their order or by their names.

    Raises:
        FieldNotFound: A part of the name is no field.
    """
    prefix = MANY if name.startswith(MANY) else ONE
    fields = read_fields(name.removeprefix(prefix), _known(mapper))
    if fields is None:
        raise _not_found(mapper, name, prefix)
    find = _many(mapper, fields) if prefix == MANY else _one(mapper, fields)
    table, count = mapper.table.name, len(fields)

    def finder(*values: object, **named: object) -> Any:
        if named or len(values) != count:
            values = _in_order(values, named)
        return find(dict(zip(fields, values, strict=True)))

    def _in_order(values: tuple[object, ...], named: dict[str, object]) -> tuple[object, ...]:
        missing = fields[len(values) :]
        if len(values) > count or set(named) != set(missing):
            raise UsageError(
                f"{name} of {table} takes {count} {'value' if count == 1 else 'values'}: {', '.join(fields)}"
            )
        return (*values, *(named[field] for field in missing))

    what = "The rows" if prefix == MANY else "The first row by the key, or None,"
    finder.__name__ = finder.__qualname__ = name
    finder.__doc__ = f"{what} of {table} with this {' and '.join(fields)}."
    return finder


def _one(mapper: Mapper, fields: list[str]) -> Callable[[dict[str, object]], Any]:
    def first(lookups: dict[str, object]) -> Any:
        return mapper.model.objects.filter(**lookups).first()

    def only(lookups: dict[str, object]) -> Any:
        # get() takes the shortest way there is. A unique key may be missing in several rows.
        if None in lookups.values():
            return first(lookups)
        try:
            return mapper.model.objects.get(**lookups)
        except mapper.model.DoesNotExist:
            return None

    keys = [{"pk"}, *({mapper.field_of(column) for column in key} for key in mapper.table.unique_keys)]
    return only if any(key <= set(fields) for key in keys) else first


def _many(mapper: Mapper, fields: list[str]) -> Callable[[dict[str, object]], Any]:
    def many(lookups: dict[str, object]) -> list[Any]:
        return list(mapper.model.objects.filter(**lookups))

    return many


def _known(mapper: Mapper) -> set[str]:
    """The names that can stand in finders: fields, columns, relations to one row, and the key."""
    names = {*mapper.fields, *(column.name for column in mapper.columns)}
    names.update(name for name, relation in mapper.relations.items() if relation.forward)
    if mapper.key_fields:
        names.add("pk")
    return names


def finder_names(mapper: Mapper) -> Iterator[str]:
    """The names of the finders by one field."""
    for field in mapper.fields:
        yield ONE + field
        yield MANY + field


def _not_found(mapper: Mapper, name: str, prefix: str) -> FieldNotFound:
    """The error for a finder with something that is no field."""
    known = _known(mapper)
    parts = name.removeprefix(prefix).split(_AND)
    wrong = next((part for part in parts if part not in known), name.removeprefix(prefix))
    error = field_not_found(mapper.registry.schema, mapper.table, wrong)
    return FieldNotFound(f"{error.message}, so there is no {name}", hint=error.hint)
