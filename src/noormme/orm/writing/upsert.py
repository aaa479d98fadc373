"""Rows that are inserted, or updated where they are there already.

Invariant: which rows were there is read while nobody else can write, so what is reported as inserted was
    inserted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import msgspec

from noormme.errors import InvalidValue, UsageError
from noormme.orm.transaction import Transaction
from noormme.orm.writing.assignments import Assignments, check_writable
from noormme.orm.writing.bulk import row_in_the_way, row_of
from noormme.orm.writing.insert import given_values, inserter
from noormme.orm.writing.state import given_of, put, remember, settled
from noormme.orm.writing.statement import WriteStatement
from noormme.orm.writing.triggered import left_out, row_now

if TYPE_CHECKING:
    from noormme.orm.mapper import Mapper
    from noormme.orm.model import Model
    from noormme.orm.writing.insert import Inserter

__all__ = ["Upserted", "insert_or_ignore", "upsert"]

T = TypeVar("T")


class Upserted(msgspec.Struct, Generic[T], frozen=True):
    """What an upsert did.

    Attributes:
        inserted: The objects whose rows are new.
        updated: The objects whose rows were there.
        objects: All of them, in the order in which they were given.
    """

    inserted: list[T]
    updated: list[T]
    objects: list[T]

    def __iter__(self) -> Iterator[T]:
        return iter(self.objects)

    def __len__(self) -> int:
        return len(self.objects)


def upsert(
    mapper: Mapper, items: Sequence[Model], on: Sequence[str], update: Sequence[str] | None
) -> Upserted[Any]:
    """Insert objects, and update the rows that there are already.

    Args:
        mapper: The table.
        items: The objects.
        on: The fields of the unique key by which a row is found; the key of the table by default.
        update: The fields that a row takes over; by default all that an object gives, besides ``on``.

    Returns:
        Which objects were inserted and which updated; all of them hold what their rows hold.

    Raises:
        IntegrityError: Another constraint refused one of them; none is written.
        InvalidQuery: ``on`` is no unique key.
    """
    check_writable(mapper)
    target = Assignments(mapper, on or mapper.key_fields).fields
    wanted = None if update is None else Assignments(mapper, update).fields
    inserted: list[Any] = []
    updated: list[Any] = []
    with Transaction(mapper.registry.engine):
        remember(mapper.registry.engine, list(items), whole=True)
        for item in items:
            fields, values = given_values(mapper, item)
            missing = [field for field in target if field not in fields]
            if missing and on:
                raise UsageError(f"an object lacks '{missing[0]}', by which its row is to be found")
            if missing:
                # Without a key of its own it can only be new.
                _fill(mapper, item, inserter(mapper, fields).row(values))
                inserted.append(item)
                continue
            given = given_of(item)
            taken = (
                wanted
                if wanted is not None
                else tuple(field for field in fields if field in given and field not in target)
            )
            one = inserter(mapper, fields)
            checked = one.checked(values)
            known = row_of(mapper, target, [checked[fields.index(field)] for field in target])
            if known is not None and not taken:
                _fill(mapper, item, known)
            else:
                # What an object does not give is part of a new row, and no change of one that is there.
                row = _write(mapper, one, checked, (target, taken or target))
                if row is None:
                    raise left_out(mapper.table)
                _fill(mapper, item, row)
            (inserted if known is None else updated).append(item)
    return Upserted(inserted, updated, list(items))


def insert_or_ignore(mapper: Mapper, items: Sequence[Model]) -> None:
    """Insert those objects that no row is in the way of; the others take over the row that is.

    Args:
        mapper: The table.
        items: The objects.
    """
    check_writable(mapper)
    with Transaction(mapper.registry.engine):
        remember(mapper.registry.engine, list(items), whole=True)
        for item in items:
            fields, values = given_values(mapper, item)
            one = inserter(mapper, fields)
            checked = one.checked(values)
            row = _write(mapper, one, checked, ((), ()))
            if row is None:
                row = row_in_the_way(mapper, dict(zip(one.fields, checked, strict=True)))
            if row is not None:
                _fill(mapper, item, row)


def _write(
    mapper: Mapper,
    one: Inserter,
    checked: tuple[object, ...],
    conflict: tuple[tuple[str, ...], tuple[str, ...]],
) -> Sequence[object] | None:
    """Run one insert, and give what the row holds; None where it left the row as it was."""
    engine = mapper.registry.engine
    returned = mapper.fields
    plan = mapper.row_plans.insert(one.fields, returned, conflict)
    try:
        with engine.writing() as writer:
            rows = writer.run(plan.sql, plan.bind(checked))
    except InvalidValue as error:
        raise one.typed.named(error, [checked]) from error.__cause__
    plan.statistics.add(0.0, len(rows))
    if not rows:
        return None
    row: Sequence[object] = WriteStatement(plan, engine).decoded(rows)[0]
    return row_now(mapper, row) if mapper.rewritten_after else row


def _fill(mapper: Mapper, item: Model, row: Sequence[object] | None) -> None:
    names = mapper.fields
    for field, value in zip(names, row or (), strict=True):
        put(item, field, value)
    settled(item)
