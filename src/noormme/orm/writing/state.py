"""What an object knows of its row: whether there is one, and which fields differ from it.

Invariant: an object that was loaded and not changed carries nothing of this. What a transaction wrote and
rolled back is as it was before: new objects are new again, changed fields are changed again.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from operator import attrgetter
from types import NoneType
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from noormme.engines.base import Engine
    from noormme.orm.model import Model

__all__ = [
    "CHANGED",
    "NEW",
    "changed_again",
    "changes_of",
    "given_of",
    "is_new",
    "made",
    "new_again",
    "note_change",
    "put",
    "reader",
    "remember",
    "remember_new",
    "settled",
    "written",
]

NEW = "__new"
"""In an object's ``__dict__``: there is no row yet; the set of the fields that the program has given."""

CHANGED = "__changed"
"""In an object's ``__dict__``: the fields that were set since it was loaded, with what they held before."""

_ATOMS = frozenset({NoneType, bool, bytes, date, datetime, float, int, str, time, timedelta, UUID})
"""The types of values that refer to nothing else and that can be compared with each other."""

_held = object.__getattribute__

put = msgspec.Struct.__setattr__
"""Sets an attribute without noting a change; the garbage collector then knows what the object refers to."""


def reader(fields: tuple[str, ...]) -> Callable[[Any], tuple[Any, ...]]:
    """What reads certain attributes of an object, at the speed of C.

    Args:
        fields: The attributes.
    """
    if len(fields) > 1:
        return attrgetter(*fields)
    if not fields:
        return lambda item: ()
    read = attrgetter(fields[0])
    return lambda item: (read(item),)


def is_new(item: Model) -> bool:
    """Whether an object has no row yet."""
    return NEW in vars(item)


def given_of(item: Model) -> set[str]:
    """The fields of an object that the program has given, and not the schema: all of one that was loaded."""
    found: set[str] | None = item.__dict__.get(NEW)
    return set(item.__noormme_mapper__.fields) if found is None else found


def changes_of(item: Model) -> dict[str, Any]:
    """The fields that differ from the row, with what they held when the object was loaded or saved."""
    found: dict[str, Any] = vars(item).get(CHANGED) or {}
    return found


def note_change(item: Model, field: str, value: object) -> None:
    """Note that a field is about to be set.

    Args:
        item: The object.
        field: The field.
        value: What it is set to.
    """
    state = vars(item)
    if NEW in state:
        state[NEW].add(field)
        return
    try:
        # Not getattr: a field that was left out must not be loaded for this.
        old: object = _held(item, field)
    except AttributeError:
        old = msgspec.UNSET
    changed: dict[str, Any] | None = state.get(CHANGED)
    if changed is None:
        kind = old.__class__
        if kind not in _ATOMS:
            if not _same(old, value):
                put(item, CHANGED, {field: old})
        elif kind is not value.__class__ or old != value:
            # Such a value is in no cycle, so the garbage collector need not know of it.
            state[CHANGED] = {field: old}
    elif field not in changed:
        if not _same(old, value):
            changed[field] = old
    elif _same(changed[field], value):
        del changed[field]


def _same(old: object, new: object) -> bool:
    """Whether a value is certainly what the row holds."""
    # A list or a dict may have been changed in place since.
    if type(old) in (dict, list):
        return old is new
    try:
        return type(old) is type(new) and bool(old == new)
    except ArithmeticError:
        # A signalling NaN of ``decimal`` compares with nothing.
        return False


def written(
    item: Model, fields: Sequence[str], values: Sequence[object], changed: dict[str, Any]
) -> dict[str, Any]:
    """Note that fields of an object were written, but for what was set meanwhile, by another task or thread.

    Args:
        item: The object, on which no changes are noted.
        fields: The fields.
        values: What their row holds now.
        changed: The changes that were noted on it when the fields had been written.

    Returns:
        The fields of these changes that were written, with what they held before.
    """
    before: dict[str, Any] = {}
    for field, value in zip(fields, values, strict=False):
        if field in changed:
            before[field] = changed.pop(field)
        if _held(item, field) is not value:
            changed[field] = value
    if changed:
        put(item, CHANGED, {**changes_of(item), **changed})
    return before


def settled(item: Model) -> None:
    """Note that an object is what its row is."""
    state = vars(item)
    state.pop(NEW, None)
    state.pop(CHANGED, None)


def remember(engine: Engine, items: list[Model], *, whole: bool = False) -> None:
    """Let a rollback give objects the state that they have now.

    Args:
        engine: The database; nothing is to do where no transaction is open.
        items: The objects, before they are written.
        whole: Whether all of their fields may be filled with what their rows hold, and not only those
            that the database fills in.
    """
    session = engine.session()
    if session is not None and session.scopes:
        before = [_Before(item, whole=whole) for item in items]

        def undo() -> None:
            for each in before:
                each.restore()

        session.scopes[-1].undo.append(undo)


def remember_new(
    engine: Engine, items: Sequence[Model], given: Sequence[set[str]], unfilled: Mapping[str, object]
) -> None:
    """What ``remember`` does, for new objects of which all lack the same.

    Args:
        engine: The database; nothing is to do where no transaction is open.
        items: The objects, before they are written.
        given: The fields that the program has given, of each.
        unfilled: The fields that the database fills in, with what stands there until then.
    """
    session = engine.session()
    if session is None or not session.scopes:
        return

    def undo() -> None:
        for item, fields in zip(items, given, strict=True):
            new_again(item, fields, unfilled)

    session.scopes[-1].undo.append(undo)


def made(engine: Engine, item: Model, unmake: Callable[[list[Any]], object]) -> None:
    """Let a rollback make an object new that did not exist before its row.

    Args:
        engine: The database; nothing is to do where no transaction is open.
        item: The object.
        unmake: What makes such objects new again.
    """
    session = engine.session()
    if session is not None and session.scopes:
        session.scopes[-1].made[unmake].append(item)


def new_again(item: Model, given: Iterable[str], unfilled: Mapping[str, object]) -> None:
    """Make an object new again whose row was rolled back.

    Args:
        item: The object.
        given: The fields that the program had given.
        unfilled: The fields that the database had filled in, with what they held before.
    """
    set_since = changes_of(item).keys()
    settled(item)
    put(item, NEW, {*given, *set_since})
    for field, value in unfilled.items():
        # What the program has set since stays.
        if field not in set_since:
            put(item, field, value)


def changed_again(item: Model, changed: dict[str, Any]) -> None:
    """Give an object whose changes were saved and rolled back these changes again.

    Args:
        item: The object.
        changed: The changes that were saved.
    """
    # What was set after the write differs from the row as well.
    differing = {**changes_of(item), **changed}
    settled(item)
    put(item, CHANGED, differing)


class _Before:
    """An object as it is before it is written."""

    __slots__ = ("_changed", "_given", "_item", "_new", "_values")

    def __init__(self, item: Model, *, whole: bool) -> None:
        self._item = item
        self._new = is_new(item)
        self._given = frozenset(given_of(item)) if self._new else frozenset[str]()
        self._changed = dict(changes_of(item))
        mapper = item.__noormme_mapper__
        self._values: dict[str, object] = {}
        if whole or self._new or mapper.computed:
            for field, value in mapper.held_by(item).items():
                unfilled = self._new and (value is msgspec.UNSET or field in mapper.key_fields)
                if whole or unfilled or field in mapper.computed:
                    self._values[field] = value

    def restore(self) -> None:
        item, values = self._item, self._values
        if self._new:
            new_again(item, self._given, values)
            return
        if is_new(item):
            # It was deleted, and what was set since then was not noted.
            set_since = {
                field: values[field] for field in values if not _same(values[field], getattr(item, field))
            }
        else:
            # Before this write the row held what the object did, where it was not noted as changed.
            set_since = {field: values.get(field, old) for field, old in changes_of(item).items()}
            for field, value in values.items():
                if field not in set_since:
                    put(item, field, value)
        settled(item)
        # What was set after the write differs from the row as well.
        differing = {**set_since, **self._changed}
        if differing:
            put(item, CHANGED, differing)
