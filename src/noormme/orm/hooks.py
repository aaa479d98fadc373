"""Hooks: what a user wants to happen before and after an object is created, updated or deleted.

Invariant: the hooks of a table are one frozen value, made anew when somebody registers; a write looks at
tuples that are empty where nobody listens, and does nothing else for them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from inspect import iscoroutinefunction
from typing import Any, Literal, TypeAlias, get_args

from noormme.engines.budget import THREAD, OverBudget
from noormme.errors import UsageError, did_you_mean

__all__ = ["EVENTS", "NO_HOOKS", "Changes", "Event", "Hook", "Hooks", "check_event", "check_hook"]

Event: TypeAlias = Literal[
    "before_create", "after_create", "before_update", "after_update", "before_delete", "after_delete"
]
"""When a hook runs."""

EVENTS: tuple[Event, ...] = get_args(Event)

Changes: TypeAlias = Mapping[str, Any]
"""What an update changes: each changed field with its old value; the object has the new ones."""

Hook: TypeAlias = Callable[..., object]
"""Called with the object, and for an update with its changes as well."""


class Hooks:
    """The hooks of one table.

    Attributes:
        before_create: Called with an object that is about to be inserted.
        after_create: Called with an object that was inserted, its key and defaults filled in.
        before_update: Called with an object that is about to be saved, and its changes.
        after_update: Called with an object that was saved, and its changes.
        before_delete: Called with an object that is about to be deleted.
        after_delete: Called with an object that was deleted.
        creating: Whether there is one for the creation of objects, which then needs a transaction.
        updating: The same for their updates.
        deleting: The same for their deletion.
    """

    __slots__ = (*EVENTS, "creating", "deleting", "updating")

    def __init__(self, hooks: Mapping[Event, Iterable[Hook]]) -> None:
        self.before_create = tuple(hooks.get("before_create", ()))
        self.after_create = tuple(hooks.get("after_create", ()))
        self.before_update = tuple(hooks.get("before_update", ()))
        self.after_update = tuple(hooks.get("after_update", ()))
        self.before_delete = tuple(hooks.get("before_delete", ()))
        self.after_delete = tuple(hooks.get("after_delete", ()))
        self.creating = bool(self.before_create or self.after_create)
        self.updating = bool(self.before_update or self.after_update)
        self.deleting = bool(self.before_delete or self.after_delete)

    def run(self, event: Event, item: object, changes: Changes | None = None) -> None:
        """Run the hooks of an event, in the order in which they were registered.

        Call it inside the transaction of the write: what a hook raises goes on to the caller, and the
        transaction is to be rolled back.

        Args:
            event: When it is.
            item: The object.
            changes: For an update: the changed fields with their old values.

        Raises:
            OverBudget: This is the thread of an event loop, where the write can be ended and begin again.
        """
        hooks: tuple[Hook, ...] = getattr(self, event)
        if hooks and THREAD.budget.limited:
            # They run once and take their time, so they run in a worker: a transaction that could be ended
            # because it takes long would run them again.
            raise OverBudget
        if changes is None:
            for hook in hooks:
                hook(item)
        else:
            for hook in hooks:
                hook(item, changes)


NO_HOOKS = Hooks({})
"""Those of a table that nobody listens to."""


def check_event(event: object) -> Event:
    """The event of that name.

    Raises:
        UsageError: There is none.
    """
    for known in EVENTS:
        if known == event:
            return known
    hint = did_you_mean(event, EVENTS) if isinstance(event, str) else None
    raise UsageError(
        f"no event '{event}'" if isinstance(event, str) else "an event is given by its name",
        hint=hint or f"there are: {', '.join(EVENTS)}",
    )


def check_hook(hook: object, name: str) -> None:
    """Check that something can be a hook.

    Args:
        hook: What was given.
        name: What to call it.

    Raises:
        UsageError: It cannot be called, or is a coroutine function, which nobody would await.
    """
    if not callable(hook):
        raise UsageError(f"{name} is a function, not {type(hook).__name__}")
    if iscoroutinefunction(hook):
        raise UsageError(
            f"{name} is a coroutine function, and hooks run inside the transaction of the write",
            hint="write a plain function; what may come later belongs to db.on_commit",
        )
