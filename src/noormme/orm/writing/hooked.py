"""Writing one object with what is to happen before and after it.

Invariant: hooks and the write are one transaction; an error in a hook undoes all of it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from noormme.orm.transaction import Transaction
from noormme.orm.writing.state import changes_of

if TYPE_CHECKING:
    from noormme.orm.mapper import Mapper
    from noormme.orm.model import Model

__all__ = ["created", "deleted", "updated"]

R = TypeVar("R")


def created(mapper: Mapper, item: Model, write: Callable[[], R]) -> R:
    """Insert an object between the hooks of its table.

    Args:
        mapper: The table.
        item: The object; hooks may still change it.
        write: Inserts it.
    """
    hooks = mapper.hooks
    if not hooks.creating:
        return write()
    with Transaction(mapper.registry.engine):
        hooks.run("before_create", item)
        result = write()
        hooks.run("after_create", item)
    return result


def updated(mapper: Mapper, item: Model, write: Callable[[], R]) -> R:
    """Save an object between the hooks of its table.

    Args:
        mapper: The table.
        item: The object; hooks may still change it.
        write: Saves it.
    """
    hooks = mapper.hooks
    if not hooks.updating:
        return write()
    with Transaction(mapper.registry.engine):
        hooks.run("before_update", item, dict(changes_of(item)))
        changes = dict(changes_of(item))
        result = write()
        hooks.run("after_update", item, changes)
    return result


def deleted(mapper: Mapper, item: Model, write: Callable[[], R]) -> R:
    """Delete an object between the hooks of its table.

    Args:
        mapper: The table.
        item: The object.
        write: Deletes it.
    """
    hooks = mapper.hooks
    if not hooks.deleting:
        return write()
    with Transaction(mapper.registry.engine):
        hooks.run("before_delete", item)
        result = write()
        hooks.run("after_delete", item)
    return result
