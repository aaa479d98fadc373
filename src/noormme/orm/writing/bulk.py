"""Writing many objects at once.

Invariant: all of them are written, or none. What is given back are the rows as the database has them, in
the order in which the objects were given.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import repeat
from operator import add, attrgetter, is_, itemgetter
from time import perf_counter
from typing import TYPE_CHECKING, Any, cast

import msgspec

from noormme.errors import InvalidValue, UsageError
from noormme.orm.model import Model
from noormme.orm.transaction import Transaction
from noormme.orm.writing.assignments import Assignments, check_writable
from noormme.orm.writing.filled import filled_in_many
from noormme.orm.writing.insert import given_values, inserter, unsaved
from noormme.orm.writing.save import no_key, updater
from noormme.orm.writing.state import NEW, changes_of, is_new, put, reader, remember, remember_new, settled
from noormme.orm.writing.triggered import can_leave_out, reacts, replaces, take_over

if TYPE_CHECKING:
    from noormme.orm.mapper import Mapper
    from noormme.orm.writing.insert import Inserter
    from noormme.orm.writing.save import Updater

__all__ = ["bulk_create", "bulk_update", "objects_of", "row_in_the_way", "row_of", "rows_of"]

_ALWAYS = "GENERATED ALWAYS AS IDENTITY"
"""The default of a column that INSERT takes no value for, whatever COPY does."""


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
    if one.constants or _one_by_one(mapper, fields):
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
    keys: Sequence[Any] | None = None
    if number is not None:
        keys = _reserved(mapper, number, len(items))
        if keys is not None:
            one = inserter(mapper, (number, *fields))
        elif not mapper.registry.engine.dialect.features.tells_numbers:
            return False
    told = number is not None and keys is None
    if not told and not _can_read_again(mapper, one):
        return False

    def rows() -> Iterator[tuple[object, ...]]:
        every = map(reader(fields), items)
        return every if keys is None else map(add, zip(keys), every)

    try:
        parameters = list(map(one.checked_bind, rows()))
    except InvalidValue:
        # The slow way finds out which field it is.
        return False
    if not all(parameters):
        return False
    remember_new(mapper.registry.engine, items, given, missing)
    bound = cast("list[tuple[object, ...]]", parameters)
    if told:
        keys, filled = one.inserted(list(rows()), bound)
        _put_all(items, one.returned, filled)
    else:
        _run_many(mapper, one, rows(), bound)
    if number is not None and keys is not None and number not in one.returned:
        deque(map(put, items, repeat(number), keys), maxlen=0)
    if not told:
        _read_filled(mapper, one, items)
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
    every, rows = one, checked
    number = None if _one_by_one(mapper, one.fields) else _number(mapper, one)
    keys = None if number is None else _reserved(mapper, number, len(items))
    if number is not None and keys is not None:
        every = inserter(mapper, (number, *one.fields))
        rows = [(key, *values) for key, values in zip(keys, checked, strict=True)]
    elif number is not None or _one_by_one(mapper, one.fields):
        _put_all(items, mapper.fields, one.rows_of(checked))
        return
    if not _can_read_again(mapper, every):
        _put_all(items, mapper.fields, one.rows_of(checked))
        return
    _run_many(mapper, every, rows)
    _put_all(items, every.fields, rows)
    _read_filled(mapper, every, items)


def _reserved(mapper: Mapper, field: str, count: int) -> Sequence[Any] | None:
    """The keys of new rows; None where only an INSERT can say them."""
    with mapper.registry.engine.writing() as writer:
        return writer.reserve(mapper.table, mapper.column_of(field), count)


def _can_read_again(mapper: Mapper, one: Inserter) -> bool:
    """Whether what the database fills in can be read afterwards, by keys that are known."""
    return not one.returned or bool(mapper.key_fields and set(mapper.key_fields) <= {*one.fields})


def _read_filled(mapper: Mapper, one: Inserter | Updater, items: Sequence[Model]) -> None:
    """Put on objects what the database filled in; their keys are on them already."""
    if not one.returned or not items:
        return
    keys = list(map(reader(mapper.key_fields), items))
    _put_all(items, one.returned, filled_in_many(mapper, one.returned, keys))


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
            # The statement names its columns in the order of the table.
            columns = [mapper.column_of(one.fields[bind.slot]) for bind in plan.binds]
            writer.insert_rows(mapper.table, columns, parameters)
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


def rows_of(
    mapper: Mapper, fields: Sequence[str], keys: Sequence[Sequence[object]]
) -> list[tuple[object, ...] | None]:
    """What ``row_of`` gives for each of several keys, asked together.

    Args:
        mapper: The table.
        fields: The fields of a unique key.
        keys: Their values.
    """
    found: list[tuple[object, ...] | None] = [None] * len(keys)
    query: Any = mapper.model.objects
    # By the query without its values, which is the same for all keys unless their types differ.
    asked: dict[Any, list[tuple[int, tuple[object, ...]]]] = {}
    for at, key in enumerate(keys):
        if len(keys) == 1:
            found[at] = row_of(mapper, fields, key)
        elif None not in key and msgspec.UNSET not in key:
            one = query.filter(**dict(zip(fields, key, strict=True))).values_list(*mapper.fields)
            asked.setdefault(one.node, []).append((at, one.parameters))
    for node, every in asked.items():
        statement = mapper.statement(node)
        for (at, _), rows in zip(every, statement.write_each([values for _, values in every]), strict=True):
            found[at] = rows[0] if rows else None
    return found


def _put_all(items: Sequence[Model], fields: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Put what rows hold on their objects."""
    for item, values in zip(items, rows, strict=True):
        for field, value in zip(fields, values, strict=True):
            put(item, field, value)


def _one_by_one(mapper: Mapper, fields: Sequence[str]) -> bool:
    """Whether only the database knows what it makes of each row, or whether it takes these fields at all."""
    table = mapper.table
    if can_leave_out(table) or "INSERT" in mapper.rewritten_after:
        return True
    if any((mapper.column_of(field).default or "") == _ALWAYS for field in fields):
        return True
    return reacts(table, "INSERT") and not mapper.registry.engine.dialect.features.reserves_keys


def _number(mapper: Mapper, one: Inserter) -> str | None:
    """The field of the key that the database would fill in; None where these rows have keys of their own."""
    reserves = mapper.registry.engine.dialect.features.reserves_keys
    for column in mapper.columns:
        if column.field in one.fields:
            continue
        if mapper.numbers(column) or (
            reserves and column.field in mapper.key_fields and column.default is not None
        ):
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
        keys = list(map(key_of, items))
        plan = one.statement.plan
        started = perf_counter()
        try:
            parameters = list(map(plan.bind, map(add, rows, keys)))
            with engine.writing() as writer:
                done = writer.run_each(plan.sql, parameters)
        except InvalidValue as error:
            if any(None in key for key in keys):
                raise no_key(mapper) from None
            raise one.typed.named(error, rows) from error.__cause__
        for item, key, (found, changed_rows, _) in zip(items, keys, done, strict=True):
            if found or (not one.returning and changed_rows):
                written.add(key)
            if found:
                _put_all([item], one.returning, one.statement.decoded(found))
        one.statement.plan.statistics.add(perf_counter() - started, len(written))
        changes = [dict(changes_of(item)) for item in items] if hooks.after_update else []
        _put_all(items, names, rows)
        if one.returned and not one.returning:
            _read_filled(mapper, one, [item for item in items if key_of(item) in written])
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
