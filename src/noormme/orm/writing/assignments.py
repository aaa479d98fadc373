"""What names stand for when values are written: fields, exact columns, ``pk`` and relations to one row.

Invariant: a name means here what it means in ``filter``; what it stands for is found once for each set of
    names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, cast

import msgspec

from noormme.errors import InvalidValue, ReadOnly, UsageError
from noormme.orm.writing.state import is_new, put
from noormme.orm.writing.statements import related_values
from noormme.query.writing.targets import relation_columns, written_columns

if TYPE_CHECKING:
    from noormme.orm.mapper import Mapper
    from noormme.orm.model import Model

__all__ = ["Assignments", "assignments_to", "check_writable", "key_values"]


def check_writable(mapper: Mapper) -> None:
    """Raise unless rows of a table can be written.

    Raises:
        ReadOnly: It is a view, or has no key to tell its rows by.
        NotSupported: It cannot be used at all.
    """
    table = mapper.table
    mapper.registry.readable(table)
    if table.kind == "view":
        raise ReadOnly(f"'{table.name}' is a view, and can only be read", hint="write to the tables it shows")
    if not mapper.key_fields:
        raise ReadOnly(f"'{table.name}' has no key to tell its rows by, and can only be read")


def assignments_to(mapper: Mapper, names: Iterable[str]) -> Assignments:
    """What names stand for; found out once for each set of names.

    Args:
        mapper: The table.
        names: The names, in order.

    Raises:
        FieldNotFound: A name is unknown.
        ReadOnly: The database fills a field in, or a relation is held by the other table.
        UsageError: Two names set one field.
    """
    key = tuple(names)
    found = mapper.assignments.get(key)
    if found is None:
        found = Assignments(mapper, key)
        mapper.assignments.keep(key, found)
    return found


class Assignments:
    """Names with what they stand for.

    Args:
        mapper: The table.
        names: The names.

    Attributes:
        fields: The fields that they set, in order.
        computed: Whether their values are others than those that are given for the names.
        relations: For each relation among the names: where it stands, and what it is called.

    Raises:
        FieldNotFound: A name is unknown.
        ReadOnly: The database fills a field in, or a relation is held by the other table.
        UsageError: Two names set one field.
    """

    __slots__ = ("_parts", "computed", "fields", "relations")

    def __init__(self, mapper: Mapper, names: Iterable[str]) -> None:
        fields: list[str] = []
        parts: list[Callable[[Any], Sequence[object]] | None] = []
        self.relations: list[tuple[int, str]] = []
        schema, table = mapper.registry.schema, mapper.table
        keys = mapper.key_fields
        for position, name in enumerate(names):
            if not isinstance(name, str):
                raise UsageError(f"fields of {table.name} are given by name, not as {type(name).__name__}")
            held = relation_columns(schema, table, name)
            if held is not None:
                fields += [own.field for own, _ in held[1]]
                parts.append(_keys_of(mapper, name))
                self.relations.append((position, name))
            elif name == "pk" and len(keys) > 1:
                fields += keys
                parts.append(_parts_of_key(table.name, len(keys)))
            else:
                fields.append(written_columns(schema, table, (name,))[0].field)
                parts.append(None)
        twice = sorted({field for field in fields if fields.count(field) > 1})
        if twice:
            raise UsageError(f"'{twice[0]}' of {mapper.table.name} is set twice", hint="leave one name out")
        self.fields = tuple(fields)
        self.computed = any(parts)
        self._parts = parts if self.computed else None

    def values(self, given: tuple[object, ...]) -> tuple[object, ...]:
        """The values of the fields.

        Args:
            given: The values of the names.

        Raises:
            InvalidValue: What is given for a relation is no saved object of its table.
        """
        if self._parts is None:
            return given
        found: list[object] = []
        for part, value in zip(self._parts, given, strict=True):
            if part is None:
                found.append(value)
            else:
                found += part(value)
        return tuple(found)

    def relate(self, item: Model, given: tuple[object, ...]) -> None:
        """Put the objects that were given for relations on an object, so that they need not be loaded.

        Args:
            item: The object.
            given: The values of the names.
        """
        for position, name in self.relations:
            if given[position] is None or hasattr(type(given[position]), "__noormme_table__"):
                put(item, name, given[position])


def _keys_of(mapper: Mapper, name: str) -> Callable[[Any], Sequence[object]]:
    """What gives the fields of a relation for what it is set to."""
    return lambda value: [part for _, part in related_values(mapper, name, value) or ()]


def key_values(item: Model, names: Sequence[str], where: str) -> list[object]:
    """The key of an object that something is to refer to.

    Args:
        item: The object.
        names: The fields of the key.
        where: What refers to it, for the error.

    Raises:
        InvalidValue: It has no row yet, and so no key.
    """
    found = [getattr(item, name) for name in names]
    if any(value is None or value is msgspec.UNSET for value in found) and is_new(item):
        raise InvalidValue(f"{where} refers to an object that was not saved", hint="save() it first")
    return found


def _parts_of_key(table: str, count: int) -> Callable[[Any], Sequence[object]]:
    def parts(value: object) -> Sequence[object]:
        found = tuple(cast("Sequence[object]", value)) if isinstance(value, (tuple, list)) else ()
        if len(found) != count:
            raise InvalidValue(f"the key of {table} is a tuple of {count} values")
        return found

    return parts
