"""Writing one object with what is to happen before and after it.

Invariant: hooks and the write are one transaction; an error in a hook undoes all of it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from noormme.orm.transaction import Transaction
from noormme.orm.writing.state import changes_of

if TYPE_CHECKING:
    from noormme.orm.hooks import Changes, Event
    from noormme.orm.mapper import Mapper
    from noormme.orm.model import Model

__all__ = ["created", "deleted", "updated"]

R = TypeVar("R")


def created(mapper: Mapper, item: Model, write: Callable[[], R]) -> R:
    """Insert an object between the hooks of its table, which may still change it."""
    if not mapper.hooks.creating:
        return write()
    return _between(mapper, item, "before_create", write, "after_create")


def updated(mapper: Mapper, item: Model, write: Callable[[], R]) -> R:
    """Save an object between the hooks of its table, which may still change it."""
    if not mapper.hooks.updating:
        return write()
    return _between(mapper, item, "before_update", write, "after_update")


def deleted(mapper: Mapper, item: Model, write: Callable[[], R]) -> R:
    """Delete an object between the hooks of its table."""
    if not mapper.hooks.deleting:
        return write()
    return _between(mapper, item, "before_delete", write, "after_delete")


def _between(mapper: Mapper, item: Model, before: Event, write: Callable[[], R], after: Event) -> R:
    """Write an object between two events, in one transaction."""
    hooks = mapper.hooks

    def changes() -> Changes | None:
        # The write forgets them, so who is told of them has a copy.
        return dict(changes_of(item)) if before == "before_update" else None

    with Transaction(mapper.registry.engine):
        hooks.run(before, item, changes())
        # The hooks may have changed more of it.
        written = changes()
        result = write()
        hooks.run(after, item, written)
    return result
