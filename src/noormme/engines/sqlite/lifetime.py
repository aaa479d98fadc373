"""What becomes of engines when the process forks, and when it ends.

Invariant: a connection is used and closed by the process that opened it and by no other. Every engine that is
still open when the program ends is closed, so that the last one to leave a file merges its write-ahead log.
"""

from __future__ import annotations

import atexit
import os
import weakref
from collections.abc import Iterable
from typing import Protocol

import apsw

__all__ = ["inherit", "look_after"]


class _Engine(Protocol):
    """What an engine does at these moments."""

    def close(self) -> None:
        """Close every connection."""
        ...

    def after_fork(self) -> None:
        """Forget, in a child process, what belongs to its parent."""
        ...


_engines: weakref.WeakSet[_Engine] = weakref.WeakSet()

_inherited: list[apsw.Connection] = []
"""Connections of a parent process. Closing one would drop locks, and could merge a log that others have
merged and replaced since, over what they have written."""


def look_after(engine: _Engine) -> None:
    """Tell an engine of every fork, and close it at the end of the program.

    Args:
        engine: The engine, which is not kept alive by this.
    """
    _engines.add(engine)


def inherit(connections: Iterable[apsw.Connection]) -> None:
    """Keep connections of the parent process from ever being closed in this one.

    Args:
        connections: The connections.
    """
    _inherited.extend(connections)


def _after_fork() -> None:
    for engine in list(_engines):
        engine.after_fork()


def _at_exit() -> None:
    for engine in list(_engines):
        engine.close()
    if _inherited:
        # The interpreter drops its objects when it ends, which closes connections. Not these: each is given
        # a reference that nobody drops.
        import ctypes

        for connection in _inherited:
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(connection))


atexit.register(_at_exit)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
