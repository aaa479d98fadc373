"""Rows that are inserted, or updated where they are there already.

Invariant: which rows were there is read in the transaction that writes. Where nobody else can write
meanwhile (SQLite), what is reported as inserted was inserted; on a server another session may have inserted
it since, and its row is updated then.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import msgspec

from noormme.errors import InvalidValue, UniqueViolation, UsageError
from noormme.orm.transaction import Transaction
from noormme.orm.writing.assignments import Assignments, check_writable
from noormme.orm.writing.bulk import row_in_the_way, row_of, rows_of
from noormme.orm.writing.filled import filled_in
from noormme.orm.writing.insert import given_values, inserter
from noormme.orm.writing.save import updater
from noormme.orm.writing.state import given_of, put, remember, settled
from noormme.orm.writing.statement import WriteStatement
from noormme.orm.writing.triggered import left_out, rows_now
from noormme.query.writing.targets import conflict_target

if TYPE_CHECKING:
    from noormme.orm.mapper import Mapper
    from noormme.orm.model import Model
    from noormme.orm.writing.insert import Inserter

__all__ = ["Upserted", "insert_or_ignore", "upsert"]

T = TypeVar("T")

_TOGETHER = 1_000
"""How many rows are written together where each statement waits for a network."""


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
    in_one = _in_one_statement(mapper)
    if not in_one:
        # The statement that is not there would refuse what is no key.
        conflict_target(mapper.registry.schema, mapper.table, target)
    with Transaction(mapper.registry.engine):
        remember(mapper.registry.engine, list(items), whole=True)
        every = (_upserted(mapper, item, on, target, wanted) for item in items)
        for batch in _batches(mapper, every) if in_one else ():
            _upsert_batch(mapper, target, batch, inserted, updated)
        for one in every:
            (inserted if _upsert_by_steps(mapper, target, one) else updated).append(one.item)
    return Upserted(inserted, updated, list(items))


class _Upsert(msgspec.Struct, frozen=True):
    """One object that is inserted, or taken over by its row.

    Attributes:
        item: The object.
        one: What inserts it.
        checked: Its values.
        key: The values by which its row is found; None where it can only be new.
        taken: The fields that its row takes over.
    """

    item: Model
    one: Inserter
    checked: tuple[object, ...]
    key: tuple[object, ...] | None
    taken: tuple[str, ...] = ()


def _upserted(
    mapper: Mapper, item: Model, on: Sequence[str], target: tuple[str, ...], wanted: tuple[str, ...] | None
) -> _Upsert:
    fields, values = given_values(mapper, item)
    one = inserter(mapper, fields)
    missing = [field for field in target if field not in fields]
    if missing and on:
        raise UsageError(f"an object lacks '{missing[0]}', by which its row is to be found")
    if missing:
        # Without a key of its own it can only be new.
        return _Upsert(item, one, one.checked(values), None)
    given = given_of(item)
    taken = (
        wanted
        if wanted is not None
        else tuple(field for field in fields if field in given and field not in target)
    )
    checked = one.checked(values)
    key = tuple(checked[fields.index(field)] for field in target)
    return _Upsert(item, one, checked, key, taken)


def _batches(mapper: Mapper, each: Iterable[_Upsert]) -> Iterator[list[_Upsert]]:
    """Objects that one statement writes, together where that saves round trips; no key twice in a batch."""
    together = mapper.registry.engine.dialect.features.round_trips
    batch: list[_Upsert] = []
    keys: set[tuple[object, ...]] = set()
    for one in each:
        alike = batch and one.one is batch[0].one and one.taken == batch[0].taken
        # What is no value to compare with (a list) is looked at by itself.
        single = not together or one.key is None or not one.taken or not _hashable(one.key)
        if batch and (single or not alike or len(batch) == _TOGETHER or one.key in keys):
            yield batch
            batch, keys = [], set()
        batch.append(one)
        if single or one.key is None:
            yield batch
            batch = []
        else:
            keys.add(one.key)
    if batch:
        yield batch


def _hashable(key: tuple[object, ...]) -> bool:
    try:
        hash(key)
    except TypeError:
        return False
    return True


def _upsert_batch(
    mapper: Mapper, target: tuple[str, ...], batch: list[_Upsert], inserted: list[Any], updated: list[Any]
) -> None:
    """Write objects that have the same fields."""
    first = batch[0]
    if first.key is None:
        _fill(mapper, first.item, first.one.row_of(first.checked))
        inserted.append(first.item)
        return
    known = rows_of(mapper, target, [one.key for one in batch if one.key is not None])
    if known[0] is not None and not first.taken:
        _fill(mapper, first.item, known[0])
        updated.append(first.item)
        return
    # What an object does not give is part of a new row, and no change of one that is there.
    conflict = (target, first.taken or target)
    made: set[object] = set()
    for one, there, row in zip(
        batch, known, _write(mapper, first.one, [one.checked for one in batch], conflict), strict=True
    ):
        if row is None:
            raise left_out(mapper.table)
        _fill(mapper, one.item, row)
        key = mapper.read_key(one.item)
        # The database may find keys equal that are not to Python.
        (inserted if there is None and key not in made else updated).append(one.item)
        made.add(key)


def _in_one_statement(mapper: Mapper) -> bool:
    """Whether one statement can insert a row or change the one with a certain key, and give it back."""
    features = mapper.registry.engine.dialect.features
    return features.conflict_targets and features.returns_inserted


def _upsert_by_steps(mapper: Mapper, target: tuple[str, ...], one: _Upsert) -> bool:
    """Insert a row, or change the one that is there, by a statement for each.

    Args:
        mapper: The table.
        target: The fields of the key by which the row is found.
        one: The object.

    Returns:
        Whether the row is new.
    """
    known = None if one.key is None else row_of(mapper, target, one.key)
    if known is None:
        try:
            _fill(mapper, one.item, one.one.row_of(one.checked))
        except UniqueViolation:
            # Somebody else has made it since; or another key is in the way, which is an error.
            known = None if one.key is None else row_of(mapper, target, one.key)
            if known is None:
                raise
        else:
            return True
    row: Sequence[object] = known
    if one.taken:
        given = dict(zip(one.one.fields, one.checked, strict=True))
        held = dict(zip(mapper.fields, known, strict=True))
        change = updater(mapper, one.taken)
        key = tuple(held[field] for field in mapper.key_fields)
        written, _ = change(tuple(given[field] for field in one.taken), key, read=False)
        row = filled_in(mapper, mapper.fields, change.key_after(written, key))
    _fill(mapper, one.item, row)
    return False


def insert_or_ignore(mapper: Mapper, items: Sequence[Model]) -> None:
    """Insert those objects that no row is in the way of; the others take over the row that is.

    Args:
        mapper: The table.
        items: The objects.
    """
    check_writable(mapper)
    in_one = _in_one_statement(mapper)
    with Transaction(mapper.registry.engine):
        remember(mapper.registry.engine, list(items), whole=True)
        for one, every in _alike(mapper, items):
            checked = [one.checked(given_values(mapper, item)[1]) for item in every]
            rows = (
                _write(mapper, one, checked, ((), ()))
                if in_one
                else [_written_if_new(one, values) for values in checked]
            )
            for item, values, row in zip(every, checked, rows, strict=True):
                if row is None:
                    row = row_in_the_way(mapper, dict(zip(one.fields, values, strict=True)))
                if row is not None:
                    _fill(mapper, item, row)


def _written_if_new(one: Inserter, checked: tuple[object, ...]) -> Sequence[object] | None:
    """Insert a row, and give what it holds; None where another row is in the way."""
    try:
        return one.row_of(checked)
    except UniqueViolation:
        return None


def _alike(mapper: Mapper, items: Sequence[Model]) -> Iterator[tuple[Inserter, list[Model]]]:
    """Objects behind each other that give the same fields, together where that saves round trips."""
    together = mapper.registry.engine.dialect.features.round_trips
    for fields, group in groupby(items, lambda item: given_values(mapper, item)[0]):
        every = list(group)
        size = _TOGETHER if together else 1
        for start in range(0, len(every), size):
            yield inserter(mapper, fields), every[start : start + size]


def _write(
    mapper: Mapper,
    one: Inserter,
    every: Sequence[tuple[object, ...]],
    conflict: tuple[tuple[str, ...], tuple[str, ...]],
) -> list[Sequence[object] | None]:
    """Run inserts, and give what each row holds; None where one left the row as it was."""
    engine = mapper.registry.engine
    returned = mapper.fields
    plan = mapper.row_plans.insert(one.fields, returned, conflict)
    try:
        parameters = list(map(plan.bind, every))
        with engine.writing() as writer:
            done = writer.run_each(plan.sql, parameters)
    except InvalidValue as error:
        raise one.typed.named(error, every) from error.__cause__
    plan.statistics.add(0.0, len(done))
    decoded = WriteStatement(plan, engine).decoded
    rows: list[Sequence[object] | None] = [decoded(found)[0] if found else None for found, _, _ in done]
    if not mapper.rewritten_after:
        return rows
    there = iter(rows_now(mapper, [row for row in rows if row is not None]))
    return [None if row is None else next(there) for row in rows]


def _fill(mapper: Mapper, item: Model, row: Sequence[object] | None) -> None:
    names = mapper.fields
    for field, value in zip(names, row or (), strict=True):
        put(item, field, value)
    settled(item)
