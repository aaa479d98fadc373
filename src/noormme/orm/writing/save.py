"""Saving, deleting and reading again one object.

Invariant: of an object that was loaded only the changed columns are written; an object that was saved
differs from its row in nothing. A row that is gone is an error, not a new row.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from functools import partial
from operator import is_
from time import perf_counter
from typing import TYPE_CHECKING, Any

import msgspec

from noormme.errors import DoesNotExist, ForeignKeyViolation, IntegrityError, InvalidValue, UsageError
from noormme.orm.writing.assignments import Assignments, assignments_to, check_writable, key_values
from noormme.orm.writing.filled import filled_in
from noormme.orm.writing.hooked import deleted, updated
from noormme.orm.writing.insert import insert_object
from noormme.orm.writing.references import explained
from noormme.orm.writing.state import (
    CHANGED,
    NEW,
    changed_again,
    changes_of,
    is_new,
    put,
    reader,
    remember,
    settled,
    written,
)
from noormme.orm.writing.statement import WriteStatement
from noormme.orm.writing.triggered import can_leave_out, is_there, left_as_it_was, take_over
from noormme.orm.writing.typed import Typed, learn_forms
from noormme.orm.writing.validation import make_validator
from noormme.query.writing.targets import written_columns

if TYPE_CHECKING:
    from noormme.orm.mapper import Mapper
    from noormme.orm.model import Model

__all__ = ["Updater", "delete", "no_key", "refresh", "save", "save_changes", "update", "updater"]


def save_changes(item: Model) -> bool:
    """Write what has changed of an object, where that is simple: by far the most common case, at little cost.

    Args:
        item: The object.

    Returns:
        Whether it was a row that was loaded, of which some fields were set, and these are written now; else
        nothing was done.

    Raises:
        DoesNotExist: The row is gone.
        IntegrityError: A constraint refused it.
        InvalidValue: A value does not fit its column.
    """
    state = vars(item)
    changed = state.get(CHANGED)
    if not changed or len(state) != 1:
        return False
    mapper = item.__noormme_mapper__
    known = mapper.updaters.get(tuple(changed) if len(changed) == 1 else _in_order(mapper, changed))
    if known is None or known.simple is None or mapper.hooks.updating:
        return False
    return known.simple(item, state)


def save(item: Model, update_fields: Iterable[str] | None = None, *, force_insert: bool = False) -> None:
    """Write what has changed of an object, or insert it.

    Args:
        item: The object.
        update_fields: Write these fields and no others.
        force_insert: Make a new row.

    Raises:
        DoesNotExist: The row is gone.
        IntegrityError: A constraint refused it.
        InvalidValue: A value does not fit its column.
        UsageError: ``update_fields`` of an object that has no row.
    """
    mapper = item.__noormme_mapper__
    state = vars(item)
    if NEW not in state and any(
        mapper.numbers(mapper.column_of(field)) and getattr(item, field) is None
        for field in mapper.key_fields
    ):
        # Something other than a query made it (``msgspec.convert``, ``structs.replace``): it has no row.
        put(item, NEW, set(mapper.fields))
        state.pop(CHANGED, None)
    _take_keys(mapper, item)
    if force_insert or is_new(item):
        if update_fields is not None:
            raise UsageError("a new row is written whole", hint="leave update_fields out")
        if is_new(item):
            insert_object(mapper, item)
        else:
            _insert_again(mapper, item)
        return
    if update_fields is not None:
        if isinstance(update_fields, str) or not isinstance(update_fields, Iterable):
            raise UsageError("update_fields takes a list of names")
        _save_fields(mapper, item, Assignments(mapper, update_fields).fields)
    elif CHANGED in vars(item) and (changed := changes_of(item)):
        _save_fields(mapper, item, _in_order(mapper, changed))


def _in_order(mapper: Mapper, fields: Collection[str]) -> tuple[str, ...]:
    """Fields in the order of the table, so that each set of fields has one statement."""
    return tuple(field for field in mapper.fields if field in fields)


def _insert_again(mapper: Mapper, item: Model) -> None:
    """Make a new row of an object that has one, or had one."""
    remember(mapper.registry.engine, [item], whole=True)
    put(item, NEW, set(mapper.fields))
    try:
        insert_object(mapper, item)
    except BaseException:
        vars(item).pop(NEW, None)
        raise


def _save_fields(mapper: Mapper, item: Model, fields: tuple[str, ...]) -> None:
    if not mapper.hooks.updating:
        _write_fields(mapper, item, fields)
        return
    asked = set(fields)

    def write() -> None:
        # A hook may have changed more of it.
        every = asked | set(changes_of(item))
        _write_fields(mapper, item, _in_order(mapper, every))

    updated(mapper, item, write)


def _write_fields(mapper: Mapper, item: Model, fields: tuple[str, ...]) -> None:
    if not fields:
        return
    engine = mapper.registry.engine
    if engine.session() is not None:
        remember(engine, [item])
    one = updater(mapper, fields)
    values = one.read(item)
    held, returned = one(values, _key_of(mapper, item, changes_of(item)))
    if held is not values:
        for field, given, value, now in zip(fields, values, held, one.read(item), strict=True):
            # What was set meanwhile stays.
            if now is given:
                put(item, field, value)
    if returned:
        for field, value in zip(one.returned, returned, strict=True):
            put(item, field, value)
    written(item, fields, held, vars(item).pop(CHANGED, None) or {})
    if "UPDATE" in mapper.rewritten_after:
        take_over(mapper, item)


def _key_of(mapper: Mapper, item: Model, changed: dict[str, Any]) -> tuple[Any, ...]:
    """The key that the row of an object has, whatever the object's own is by now."""
    if changed.keys().isdisjoint(mapper.key_fields):
        return mapper.read_key(item)
    return tuple(changed[field] if field in changed else getattr(item, field) for field in mapper.key_fields)


def _take_keys(mapper: Mapper, item: Model) -> None:
    """Take the keys of objects that were set as relations before they were saved."""
    for name, value in list(vars(item).items()):
        relation = mapper.relations.get(name)
        if relation is None or not relation.forward or value is None:
            continue
        own = [mapper.field_of(column) for column in relation.columns]
        held = [getattr(item, field) for field in own]
        # A key that only the database knows is no key yet.
        if not any(value is None or value is msgspec.UNSET for value in held):
            continue
        names = [mapper.link(name).target.field_of(column) for column in relation.target_columns]
        for field, key in zip(own, key_values(value, names, f"'{name}' of {mapper.table.name}"), strict=True):
            # Set as a program would set it, so that it is noted as a change; the object stays.
            setattr(item, field, key)
        put(item, name, value)


def updater(mapper: Mapper, fields: tuple[str, ...]) -> Updater:
    """What changes these fields of one row; made once for each set of fields."""
    found = mapper.updaters.get(fields)
    if found is None:
        found = Updater(mapper, fields)
        mapper.updaters.keep(fields, found)
    return found


class Updater:
    """Changes certain fields of one row.

    Args:
        mapper: The table.
        fields: The fields.

    Attributes:
        fields: The fields.
        read: Reads them from an object.
        simple: Saves an object in which these fields were changed, and says whether it did so; it does not
            where a value is worth a closer look. None where more is to be done.
        returned: The fields that the database computes from others, or sets when a row is changed.
        returning: Those of them that the statement gives back: all, or none where it cannot.
        statement: The statement; its values are those of the fields, then the key.
        typed: Gives values the types that reading them would give.
        validate: Checks values before the database does; None where there is nothing to check.
    """

    __slots__ = (
        "_engine",
        "_mapper",
        "fields",
        "read",
        "returned",
        "returning",
        "simple",
        "statement",
        "typed",
        "validate",
    )

    def __init__(self, mapper: Mapper, fields: tuple[str, ...]) -> None:
        check_writable(mapper)
        written_columns(mapper.registry.schema, mapper.table, fields)
        self._mapper = mapper
        self._engine = mapper.registry.engine
        self.fields = fields
        self.read = reader(fields)
        self.returned = tuple(
            field for field in mapper.fields if field in mapper.computed and field not in fields
        )
        self.returning = self.returned if self._engine.dialect.features.returns_updated else ()
        learn_forms(mapper, fields)
        self.statement = WriteStatement(mapper.row_plans.update(fields, self.returning), self._engine)
        self.typed = Typed(mapper, fields)
        self.validate = (
            make_validator(mapper.table, fields, inserting=False)
            if mapper.registry.settings.validate
            else None
        )
        plain = not self.returned and "UPDATE" not in mapper.rewritten_after
        self.simple = self._simple() if plain and mapper.keeps_key(fields) else None

    def _simple(self) -> Callable[[Model, dict[str, Any]], bool]:
        """What saves an object, of the state given, whose fields are all that has changed.

        It is one function, to cost little.
        """
        mapper, width = self._mapper, len(self.fields)
        read = reader((*self.fields, *mapper.key_fields))
        plan, run = self.statement.plan, self.statement.run
        statistics, checked_bind = plan.statistics, self.typed.checked_bind(plan, self.validate)

        def saved(item: Model, state: dict[str, Any]) -> bool:
            values = read(item)
            started = perf_counter()
            try:
                parameters = checked_bind(values)
                if parameters is None:
                    return False
                _, count, _, scope = run(parameters)
            except InvalidValue as error:
                raise self._refused(error, values[:width], values[width:]) from error.__cause__
            except ForeignKeyViolation as error:
                given = dict(zip(self.fields, values, strict=False))
                raise explained(mapper, error, given) from error.__cause__
            elapsed = perf_counter() - started
            statistics.calls += 1
            statistics.rows += 1
            statistics.total_s += elapsed
            if elapsed > statistics.slowest_s:
                statistics.slowest_s = elapsed
            if not count:
                raise self._not_written(values[width:])
            changed = state.pop(CHANGED, None)
            if changed is None or len(changed) != width or not all(map(is_, read(item), values)):
                changed = written(item, self.fields, values, changed or {})
            if scope is not None:
                scope.undo.append(partial(changed_again, item, changed))
            return True

        return saved

    def _refused(
        self, error: InvalidValue, values: tuple[object, ...], key: tuple[object, ...]
    ) -> InvalidValue:
        return no_key(self._mapper) if None in key else self.typed.named(error, [values])

    def _not_written(self, key: tuple[object, ...]) -> DoesNotExist | IntegrityError:
        if can_leave_out(self._mapper.table) and is_there(self._mapper, key):
            return left_as_it_was(self._mapper.table)
        return self._mapper.model.DoesNotExist(
            f"the {self._mapper.table.name} row that was to be saved is gone",
            hint="save(force_insert=True) makes it again",
        )

    def __call__(
        self, values: tuple[object, ...], key: tuple[object, ...], *, read: bool = True
    ) -> tuple[tuple[object, ...], tuple[object, ...]]:
        """Change one row.

        Args:
            values: The values of the fields.
            key: The key that the row has now.
            read: Whether what the statement cannot give back is read.

        Returns:
            The values as the row holds them, and those of ``returned``, unless they were not read.

        Raises:
            DoesNotExist: There is no such row.
            IntegrityError: A constraint refused it.
        """
        values = self.checked(values)
        plan = self.statement.plan
        started = perf_counter()
        try:
            rows, count, _, _ = self.statement.run(plan.bind(values + key))
        except InvalidValue as error:
            raise self._refused(error, values, key) from error.__cause__
        except ForeignKeyViolation as error:
            given = dict(zip(self.fields, values, strict=True))
            raise explained(self._mapper, error, given) from error.__cause__
        plan.statistics.add(perf_counter() - started, 1)
        if not (rows if self.returning else count):
            raise self._not_written(key)
        if read and self.returned and not self.returning:
            return values, filled_in(self._mapper, self.returned, self.key_after(values, key))
        return values, self.statement.decoded(rows)[0] if rows else ()

    def key_after(self, values: tuple[object, ...], key: tuple[object, ...]) -> tuple[object, ...]:
        """The key that a row has once it was changed.

        Args:
            values: The values of the fields.
            key: The key that it had before.
        """
        changed = dict(zip(self.fields, values, strict=True))
        return tuple(changed.get(field, old) for field, old in zip(self._mapper.key_fields, key, strict=True))

    def checked(self, values: tuple[object, ...]) -> tuple[object, ...]:
        """The values in the types that reading them would give.

        Raises:
            NotNullViolation: A field that must have a value has none.
            CheckViolation: A value is none of those that the schema allows.
            InvalidValue: A value does not fit its column.
        """
        if not self.typed.fits(values):
            if msgspec.UNSET in values:
                raise InvalidValue(
                    f"an object of {self._mapper.table.name} lacks a value for what is to be saved"
                )
            values = self.typed.changed(values)
        if self.validate is not None:
            self.validate(values)
        return values


def no_key(mapper: Mapper) -> InvalidValue:
    """The error for a row whose key is NULL.

    Args:
        mapper: Its table.
    """
    return InvalidValue(
        f"the key of this row of {mapper.table.name} is NULL, and does not tell it from others",
        hint="write to it by a query: filter(…).update(…) or filter(…).delete()",
    )


def update(item: Model, values: dict[str, object]) -> None:
    """Set fields of an object and write these.

    Args:
        item: The object.
        values: Fields and relations to one row, by name.

    Raises:
        FieldNotFound: A name is unknown.
        DoesNotExist: The row is gone.
        IntegrityError: A constraint refused it.
    """
    mapper = item.__noormme_mapper__
    assignments = assignments_to(mapper, values)
    given = tuple(values.values())
    for field, value in zip(assignments.fields, assignments.values(given), strict=True):
        setattr(item, field, value)
    assignments.relate(item, given)
    if is_new(item):
        insert_object(mapper, item)
        return
    changed = changes_of(item)
    fields = tuple(field for field in mapper.fields if field in changed and field in assignments.fields)
    if fields:
        _save_fields(mapper, item, fields)


def delete(item: Model) -> int:
    """Delete the row of an object.

    Args:
        item: The object; it is new afterwards.

    Returns:
        How many rows were deleted, not counting those that the database deleted with it.

    Raises:
        ForeignKeyViolation: Other rows refer to it.
        UsageError: The object was never saved.
    """
    mapper = item.__noormme_mapper__
    if is_new(item):
        raise UsageError(f"this object of {mapper.table.name} has no row to delete")
    return deleted(mapper, item, lambda: _delete(mapper, item))


def _delete(mapper: Mapper, item: Model) -> int:
    check_writable(mapper)
    plan = mapper.row_plans.delete()
    key = _key_of(mapper, item, changes_of(item))
    if None in key:
        raise no_key(mapper)
    started = perf_counter()
    _, count, _, _ = mapper.registry.engine.write(plan.sql, plan.bind(key))
    plan.statistics.add(perf_counter() - started, count)
    remember(mapper.registry.engine, [item], whole=True)
    settled(item)
    put(item, NEW, set(mapper.fields))
    return count


def refresh(item: Model, fields: tuple[str, ...]) -> None:
    """Read the row of an object again.

    Args:
        item: The object.
        fields: Only these fields; all by default, and then what was loaded with the object is forgotten.

    Raises:
        DoesNotExist: The row is gone.
        FieldNotFound: A name is unknown.
    """
    mapper = item.__noormme_mapper__
    changed = changes_of(item)
    key = _key_of(mapper, item, changed)
    if not key or msgspec.UNSET in key or None in key:
        raise DoesNotExist(f"this object of {mapper.table.name} has no row to read")
    query: Any = mapper.model.objects
    names = fields or mapper.fields
    found = query.values_list(*names).filter(pk=key[0] if len(key) == 1 else key).first()
    if found is None:
        raise mapper.model.DoesNotExist(f"the {mapper.table.name} row is gone")
    # What is read here may be rolled back.
    remember(mapper.registry.engine, [item], whole=True)
    for name, value in zip(names, found, strict=True):
        put(item, name, value)
        changed.pop(name, None)
        for relation in mapper.relations_by_field.get(name, ()):
            vars(item).pop(relation, None)
    if not fields:
        for name in [
            name for name in list(vars(item)) if name in mapper.relations or name.startswith("__loaded_")
        ]:
            del vars(item)[name]
        settled(item)
        item.__class__ = mapper.model
