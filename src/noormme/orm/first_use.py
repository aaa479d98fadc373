"""The modules that load SQLAlchemy, imported when the first query of a process needs them.

Invariant: a query that interrupts this import in its own thread (from a signal handler or a finalizer) gets a
named error and imports nothing: Python's import does not bear being interrupted by itself. Queries of other
threads wait for it.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from threading import get_ident

from noormme.engines.budget import THREAD, Unloaded
from noormme.errors import UsageError

__all__ = ["first_use"]

_loaded: set[str] = set()
_loading: set[int] = set()
"""The threads that are importing."""


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
