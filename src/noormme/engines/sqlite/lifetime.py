"""What becomes of engines when the process forks, and when it ends.

Invariant: a connection is used and closed by the process that opened it and by no other. Every engine that is
still open when the program ends is closed, so that the last one to leave a file merges its write-ahead log.
No process forks while another thread opens a connection, and a fork waits a moment for those that are inside
of SQLite: what holds a lock of SQLite's own there (that of its memory, for one) would hold it in the child
for ever.
"""

from __future__ import annotations

import atexit
import os
from collections.abc import Iterable
from contextlib import suppress
from threading import RLock, get_ident
from typing import Protocol

import apsw

from noormme.sharing import Living, wait_before_forks

__all__ = ["close", "inherit", "look_after", "opened"]

_FORK_WAITS_S = 0.25
"""How long that moment is at most; most statements are shorter, and a long one rarely holds such a lock."""


class _Engine(Protocol):
    """What an engine does at these moments."""

    def close(self) -> None:
        """Close every connection."""
        ...

    def before_fork(self) -> None:
        """Be in a state that can be copied."""
        ...

    def after_fork_in_parent(self) -> None:
        """Go on."""
        ...

    def after_fork(self) -> None:
        """Forget, in a child process, what belongs to its parent."""
        ...


_engines: Living[_Engine] = Living()
_connections: Living[apsw.Connection] = Living()
_opening = RLock()
"""Held while one is opened."""
_closing: set[int] = set()
"""The threads that are closing one, which may take long."""

_inherited: list[apsw.Connection] = []
"""Connections of a parent process. Closing one would drop locks, and could merge a log that others have
merged and replaced since, over what they have written."""


def look_after(engine: _Engine) -> None:
    """Tell an engine of every fork, and close it at the end of the program.

    Args:
        engine: The engine, which is not kept alive by this.
    """
    _engines.add(engine)


def opened(path: str, flags: int) -> apsw.Connection:
    """Open a connection; forks wait for the end of that, and for statements that run on it.

    Args:
        path: The file, or ``":memory:"``.
        flags: SQLite's flags.

    Raises:
        apsw.Error: It cannot be opened.
    """
    with _opening:
        connection = apsw.Connection(path, flags=flags)
        _connections.add(connection)
    return connection


def close(connection: apsw.Connection) -> None:
    """Close a connection; forks wait for the end of that.

    Args:
        connection: The connection, whose statements are ended.

    Raises:
        apsw.ThreadingViolationError: Another thread uses it.
    """
    thread = get_ident()
    _closing.add(thread)
    try:
        connection.close(True)
    finally:
        _closing.discard(thread)


def inherit(connections: Iterable[apsw.Connection]) -> None:
    """Keep connections of the parent process from ever being closed in this one.

    Args:
        connections: The connections.
    """
    _inherited.extend(connections)


def _goes_on() -> bool:
    """Whether another thread is inside of SQLite."""
    return bool(_closing - {get_ident()}) or any(_is_used(connection) for connection in _connections)


def _is_used(connection: apsw.Connection) -> bool:
    with suppress(apsw.ConnectionClosedError):
        try:
            connection.total_changes()
        except apsw.ThreadingViolationError:
            return True
    return False


def _before_fork() -> None:
    _opening.acquire()
    for engine in _engines:
        engine.before_fork()


def _after_fork_in_parent() -> None:
    for engine in _engines:
        engine.after_fork_in_parent()
    _opening.release()


def _after_fork() -> None:
    _connections.clear()
    # A thread of the child can get the number that one of the parent has.
    _closing.intersection_update((get_ident(),))
    _opening.release()
    for engine in _engines:
        engine.after_fork()


def _at_exit() -> None:
    for engine in _engines:
        engine.close()
    if _inherited:
        # The interpreter drops its objects when it ends, which closes connections. Not these: each is given
        # a reference that nobody drops.
        import ctypes

        for connection in _inherited:
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(connection))


atexit.register(_at_exit)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_before_fork, after_in_parent=_after_fork_in_parent, after_in_child=_after_fork
    )
wait_before_forks(_goes_on, _FORK_WAITS_S)
