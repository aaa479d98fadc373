"""The modules that load SQLAlchemy, imported when the first query of a process needs them.

Invariant: a query that interrupts this import in its own thread (from a signal handler or a finalizer) gets a
named error and imports nothing: Python's import does not bear being interrupted by itself. Queries of other
threads wait for it, and so does a fork: a child process would wait for ever for what its parent is importing.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager
from threading import get_ident

from noormme.engines.budget import THREAD, Unloaded
from noormme.errors import UsageError
from noormme.sharing import wait_before_forks

__all__ = ["first_use"]

_loaded: set[str] = set()
_loading: set[int] = set()
"""The threads that are importing."""

_FORK_WAITS_S = 5.0
"""How long a fork waits for them at most: what they import takes a tenth of that on a slow machine."""


@contextmanager
def first_use(name: str) -> Generator[None, None, None]:
    """Goes around the import of a module that loads SQLAlchemy.

    Args:
        name: What the modules are for that are imported in there.

    Raises:
        UsageError: This thread is in the middle of such an import.
        Unloaded: The thread is that of an event loop, which it would hold for a tenth of a second.
    """
    if name in _loaded:
        yield
        return
    if THREAD.budget.limited:
        raise Unloaded
    thread = get_ident()
    if thread in _loading:
        raise UsageError(
            "a query came in while the first one was loading SQLAlchemy, in the same thread",
            hint="run one query before signal handlers and finalizers do",
        )
    _loading.add(thread)
    try:
        yield
        _loaded.add(name)
    finally:
        _loading.discard(thread)


def _after_fork() -> None:
    # A thread of the child can get the number that one of the parent has.
    _loading.intersection_update((get_ident(),))


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
wait_before_forks(lambda: bool(_loading - {get_ident()}), _FORK_WAITS_S)
