"""Writing many objects at once.

Invariant: all of them are written, or none. What is given back are the rows as the database has them, in
the order in which the objects were given.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import count, repeat
from operator import add, attrgetter, is_, itemgetter
from time import perf_counter
from typing import TYPE_CHECKING, Any, cast

import msgspec

from noormme.errors import InvalidValue, UsageError
from noormme.orm.model import Model
from noormme.orm.transaction import Transaction
from noormme.orm.writing.assignments import Assignments, check_writable
from noormme.orm.writing.insert import given_values, inserter, unsaved
from noormme.orm.writing.save import no_key, updater
from noormme.orm.writing.state import NEW, changes_of, is_new, put, reader, remember, remember_new, settled
from noormme.orm.writing.triggered import can_leave_out, reacts, replaces, take_over

if TYPE_CHECKING:
    from noormme.orm.mapper import Mapper
    from noormme.orm.writing.insert import Inserter

__all__ = ["bulk_create", "bulk_update", "objects_of", "row_in_the_way", "row_of"]


def objects_of(mapper: Mapper, items: Iterable[Model | Mapping[str, object]]) -> list[Model]:
    """New objects of what was given.

    Args:
        mapper: The table.
        items: Objects of its model, or values by name.

    Raises:
        InvalidValue: One is neither.
        FieldNotFound: A name is unknown.
    """
    if not isinstance(items, Iterable):
        raise InvalidValue(
            f"'{mapper.table.manager}' takes a list of objects or dicts, not {type(items).__name__}"
        )
    every = list(items)
    if {*map(type, every)} == {mapper.model}:
        # As nearly always.
        return cast("list[Model]", every)
    found: list[Model] = []
    for item in every:
        if isinstance(item, mapper.model) or (
            isinstance(item, Model) and item.__noormme_table__.name == mapper.table.name
        ):
            found.append(item)
        elif isinstance(item, Mapping):
            found.append(unsaved(mapper, dict(item)))
        else:
            raise InvalidValue(
                f"'{mapper.table.manager}' takes objects of its own or dicts, not {type(item).__name__}"
            )
    return found


def bulk_create(mapper: Mapper, items: Sequence[Model]) -> None:
    """Insert many objects; keys and what the database fills in are on them afterwards.

    Args:
        mapper: The table.
        items: The objects.

    Raises:
        IntegrityError: A constraint refused one of them; none is written.
        InvalidValue: A value does not fit its column; none is written.
    """
    check_writable(mapper)
    if not items:
        return
    hooks = mapper.hooks
    with Transaction(mapper.registry.engine):
        for item in items if hooks.before_create else ():
            hooks.run("before_create", item)
        if not _insert_uniform(mapper, items):
            remember(mapper.registry.engine, list(items))
            for fields, (same, rows) in _groups(mapper, items):
                _insert_alike(mapper, inserter(mapper, fields), same, rows)
            for item in items:
                settled(item)
        if replaces(mapper.table):
            _take_over_rows(mapper, items)
        for item in items if hooks.after_create else ():
            hooks.run("after_create", item)


def _insert_uniform(mapper: Mapper, items: Sequence[Model]) -> bool:
    """Insert objects that are all new, give the same fields, and need no value changed, as nearly always.

    Every loop over the objects is one of C's: this is what inserting many of them costs.

    Returns:
        Whether they are so; otherwise nothing was done.
    """
    fields, _ = given_values(mapper, items[0])
    one = inserter(mapper, fields)
    if one.constants or one.returned or _one_by_one(mapper):
        return False
    try:
        given: list[set[str]] = list(map(itemgetter(NEW), map(vars, items)))
    except KeyError:
        # One of them has a row.
        return False
    missing: dict[str, object] = {}
    for column in mapper.columns:
        field, is_given = column.field, column.field in fields
        if is_given and not (column.hidden or mapper.numbers(column)):
            continue
        # Only what may be left out is looked at: all must lack it, or none.
        values = map(attrgetter(field), items)
        if not is_given:
            missing[field] = lacked = getattr(items[0], field)
            if not all(map(is_, values, repeat(lacked))):
                return False
        elif any(map(is_, values, repeat(None))):
            return False
    number = _number(mapper, one)
    first = None
    if number is not None:
        with mapper.registry.engine.writing() as writer:
            first = writer.next_key(mapper.table)
        if first is None:
            return False
        one = inserter(mapper, (number, *fields))
    rows = map(reader(fields), items)
    if first is not None:
        rows = map(add, zip(count(first)), rows)
    try:
        parameters = list(map(one.checked_bind, rows))
    except InvalidValue:
        # The slow way finds out which field it is.
        return False
    if not all(parameters):
        return False
    remember_new(mapper.registry.engine, items, given, missing)
    _run_many(mapper, one, map(reader(one.fields), items), cast("list[tuple[object, ...]]", parameters))
    if number is not None and first is not None:
        for key, item in enumerate(items, first):
            put(item, number, key)
    for state in map(vars, items):
        # A new object has no changes to forget.
        state.pop(NEW, None)
    return True


def _groups(
    mapper: Mapper, items: Sequence[Model]
) -> list[tuple[tuple[str, ...], tuple[list[Model], list[tuple[object, ...]]]]]:
    """Objects that give the same fields together, with their values; by the fields."""
    groups: dict[tuple[str, ...], tuple[list[Model], list[tuple[object, ...]]]] = {}
    for item in items:
        fields, values = given_values(mapper, item)
        group = groups.setdefault(fields, ([], []))
        group[0].append(item)
        group[1].append(values)
    numbered = [column.field for column in mapper.columns if mapper.numbers(column)]
    # Those that have their numbers come first, so that no other row is given one of these.
    return sorted(groups.items(), key=lambda group: not any(field in group[0] for field in numbered))


def _insert_alike(
    mapper: Mapper, one: Inserter, items: Sequence[Model], rows: Sequence[tuple[object, ...]]
) -> None:
    """Insert objects that give the same fields."""
    checked = [one.checked(values) for values in rows]
    number = _number(mapper, one)
    if number is None and not one.returned and not _one_by_one(mapper):
        _run_many(mapper, one, checked)
        _put_all(items, one.fields, checked)
        return
    with mapper.registry.engine.writing() as writer:
        first = None if number is None else writer.next_key(mapper.table)
    if number is None or first is None or _one_by_one(mapper):
        _put_all(items, mapper.fields, [one.row_of(values) for values in checked])
        return
    every = inserter(mapper, (number, *one.fields))
    numbered = [(key, *values) for key, values in enumerate(checked, first)]
    _run_many(mapper, every, numbered)
    _put_all(items, every.fields, numbered)
    if one.returned:
        query: Any = mapper.model.objects
        names = (number, *one.returned)
        last = first + len(items) - 1
        filled = query.filter(**{f"{number}__range": (first, last)}).order_by(number).values_list(*names)
        _put_all(items, names, list(filled))


def _run_many(
    mapper: Mapper,
    one: Inserter,
    rows: Iterable[tuple[object, ...]],
    parameters: Sequence[tuple[object, ...]] | None = None,
) -> None:
    """Insert rows.

    Args:
        mapper: The table.
        one: What inserts one of them.
        rows: Their values.
        parameters: The parameters for them, where they are known.
    """
    plan = one.statement.plan
    started = perf_counter()
    try:
        if parameters is None:
            rows = list(rows)
            parameters = list(map(plan.bind, rows))
        with mapper.registry.engine.writing() as writer:
            writer.run_many(plan.sql, parameters)
    except InvalidValue as error:
        raise one.typed.named(error, rows) from error.__cause__
    plan.statistics.add(perf_counter() - started, len(parameters))


def _take_over_rows(mapper: Mapper, items: Sequence[Model]) -> None:
    """Let objects whose row was replaced by that of a later one take it over; new is what has none."""
    remember(mapper.registry.engine, list(items), whole=True)
    for item in items:
        row = row_in_the_way(mapper, mapper.held_by(item))
        if row is not None:
            _put_all([item], mapper.fields, [row])
            continue
        put(item, NEW, set(mapper.fields))
        for column in mapper.columns:
            if mapper.numbers(column):
                put(item, column.field, None)


def row_in_the_way(mapper: Mapper, given: Mapping[str, object]) -> tuple[object, ...] | None:
    """The row with the key of these values, else one that shares a unique key with them, as all its fields.

    Args:
        mapper: The table.
        given: Values by field.
    """
    keys = [mapper.key_fields]
    for key in mapper.table.unique_keys:
        keys.append(tuple(column.field for column in mapper.columns if column.name in key))
    for fields in keys:
        if all(field in given for field in fields):
            found = row_of(mapper, fields, [given[field] for field in fields])
            if found is not None:
                return found
    return None


def row_of(mapper: Mapper, fields: Sequence[str], values: Sequence[object]) -> tuple[object, ...] | None:
    """The row with these values, as all of its fields; None where there is none.

    Args:
        mapper: The table.
        fields: The fields of a unique key.
        values: Their values.
    """
    if None in values or msgspec.UNSET in values:
        # NULL is in the way of nothing.
        return None
    query: Any = mapper.model.objects
    found: tuple[object, ...] | None = (
        query.filter(**dict(zip(fields, values, strict=True))).values_list(*mapper.fields).first()
    )
    return found


def _put_all(items: Sequence[Model], fields: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Put what rows hold on their objects."""
    for item, values in zip(items, rows, strict=True):
        for field, value in zip(fields, values, strict=True):
            put(item, field, value)


def _one_by_one(mapper: Mapper) -> bool:
    """Whether only the database knows what it makes of each row."""
    table = mapper.table
    return reacts(table, "INSERT") or can_leave_out(table) or "INSERT" in mapper.rewritten_after


def _number(mapper: Mapper, one: Inserter) -> str | None:
    """The field in which the database would number these rows; None where they have keys of their own."""
    for column in mapper.columns:
        if mapper.numbers(column) and column.field not in one.fields:
            return column.field
    return None


def bulk_update(mapper: Mapper, items: Sequence[Model], fields: Sequence[str]) -> int:
    """Write certain fields of many objects.

    Args:
        mapper: The table.
        items: The objects, which have rows.
        fields: The fields and relations to one row that are written.

    Returns:
        How many rows were changed, each counted once; objects whose row is gone change none.

    Raises:
        UsageError: No field is given, one is part of the key, or an object was never saved.
        IntegrityError: A constraint refused one of them; none is written.
    """
    check_writable(mapper)
    if not fields:
        raise UsageError(
            "bulk_update() needs the fields to write", hint="write bulk_update(objects, ['field'])"
        )
    names = Assignments(mapper, fields).fields
    if set(names) & set(mapper.key_fields):
        raise UsageError(f"bulk_update() cannot change the key of {mapper.table.name}")
    if any(is_new(item) for item in items):
        raise UsageError("bulk_update() takes objects that were saved", hint="use bulk_create() or upsert()")
    one = updater(mapper, names)
    engine = mapper.registry.engine
    hooks = mapper.hooks
    key_of = reader(mapper.key_fields)
    written: set[tuple[object, ...]] = set()
    with Transaction(engine):
        for item in items if hooks.before_update else ():
            hooks.run("before_update", item, dict(changes_of(item)))
        remember(engine, list(items))
        rows = [one.checked(tuple(getattr(item, field) for field in names)) for item in items]
        bind, sql = one.statement.plan.bind, one.statement.plan.sql
        started = perf_counter()
        with engine.writing() as writer:
            for item, values in zip(items, rows, strict=True):
                key = key_of(item)
                try:
                    found = writer.run(sql, bind(values + key))
                except InvalidValue as error:
                    if None in key:
                        raise no_key(mapper) from None
                    raise one.typed.named(error, [values]) from error.__cause__
                if found or (not one.returned and writer.changed):
                    written.add(key)
                if found:
                    _put_all([item], one.returned, one.statement.decoded(found))
        one.statement.plan.statistics.add(perf_counter() - started, len(written))
        changes = [dict(changes_of(item)) for item in items] if hooks.after_update else []
        _put_all(items, names, rows)
        for item in items:
            if key_of(item) not in written:
                # Its row is gone, or the table left it as it was: what was set differs from it as before.
                continue
            changed = changes_of(item)
            for field in names:
                changed.pop(field, None)
            if "UPDATE" in mapper.rewritten_after:
                take_over(mapper, item)
        for item, before in zip(items, changes, strict=False):
            if key_of(item) in written:
                hooks.run("after_update", item, before)
    return len(written)
