"""Getting a row or making it, whoever else is about to do the same.

Invariant: what decides that a row is to be made is read while nobody else can write, or else the key of the
row decides who was first.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from noormme.errors import DoesNotExist, UniqueViolation, UsageError
from noormme.orm.transaction import Transaction
from noormme.orm.writing.save import update

if TYPE_CHECKING:
    from noormme.orm.model import Model

__all__ = ["get_or_create", "update_or_create"]


def get_or_create(
    query: Any, defaults: Mapping[str, object] | None, lookups: dict[str, object]
) -> tuple[Any, bool]:
    """The one row for which the lookups hold, which was not there a moment ago, or a new one.

    Args:
        query: The query set to look in.
        defaults: What else a new row gets.
        lookups: As ``get`` takes them.

    Returns:
        The object, and whether it was made.
    """
    try:
        with Transaction(query.home):
            # Somebody may have made it since; from here on nobody can, where only one writes at a time.
            found = _found(query, lookups)
            if found is not None:
                return found, False
            return query.create(**_values(lookups, defaults or {})), True
    except UniqueViolation:
        # On a server somebody else was first; or it is another row that is in the way.
        found = _found(query, lookups)
        if found is None:
            raise
        return found, False


def update_or_create(
    query: Any,
    defaults: Mapping[str, object] | None,
    create_defaults: Mapping[str, object] | None,
    lookups: dict[str, object],
) -> tuple[Any, bool]:
    """The one row for which the lookups hold, updated, or a new one.

    Args:
        query: The query set to look in.
        defaults: What the row is updated with.
        create_defaults: What else a new row gets; ``defaults`` where it is None.
        lookups: As ``get`` takes them.

    Returns:
        The object, and whether it was made.
    """
    new = (defaults or {}) if create_defaults is None else create_defaults
    try:
        with Transaction(query.home):
            found = _found(query, lookups)
            if found is None:
                return query.create(**_values(lookups, new)), True
            update(found, _called(defaults or {}))
            return found, False
    except UniqueViolation:
        with Transaction(query.home):
            found = _found(query, lookups)
            if found is None:
                raise
            update(found, _called(defaults or {}))
            return found, False


def _found(query: Any, lookups: dict[str, object]) -> Model | None:
    try:
        found: Model = query.get(**lookups)
    except DoesNotExist:
        return None
    return found


def _values(lookups: dict[str, object], defaults: Mapping[str, object]) -> dict[str, object]:
    """What a new row is made of: the lookups that say what a field is, and the defaults."""
    values: dict[str, object] = {}
    for name, value in lookups.items():
        field, _, lookup = name.partition("__")
        if lookup in ("", "exact"):
            values[field] = value
    return values | _called(defaults)


def _called(defaults: Mapping[str, object]) -> dict[str, object]:
    if not isinstance(defaults, Mapping):
        raise UsageError("defaults are a dict of values by field")
    return {name: value() if callable(value) else value for name, value in defaults.items()}
