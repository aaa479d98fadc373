"""A database that is opened when something is first asked of it.

Invariant: it is opened at most once, also where several threads ask at a time; where that fails, the next one
who asks tries again.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from threading import RLock
from typing import TYPE_CHECKING

from noormme.engines.fetched import closed
from noormme.sharing import Living, usable

if TYPE_CHECKING:
    from noormme.engines.base import Engine
    from noormme.orm.registry import Registry

__all__ = ["Late"]


class Late:
    """How a database is opened.

    Args:
        how: Opens it.
        done: Called with what it gave, once.

    Attributes:
        opened: Whether it is open.
    """

    def __init__(
        self, how: Callable[[], tuple[Engine, Registry]], done: Callable[[Engine, Registry], None]
    ) -> None:
        self._how = how
        self._done = done
        self._lock = RLock()
        self._closed = False
        self.opened = False
        _waiting.add(self)

    def open(self) -> None:
        """Open it, unless somebody has.

        Raises:
            DatabaseClosed: It was closed before it was opened.
            ConnectionFailed: It cannot be opened.
        """
        with self._lock:
            if self._closed:
                raise closed()
            if not self.opened:
                self._done(*self._how())
                self.opened = True

    def close(self) -> bool:
        """Do not open it any more.

        Returns:
            Whether there is nothing to close.
        """
        with self._lock:
            self._closed = not self.opened
            return self._closed

    def after_fork(self) -> None:
        """Let a child process open it, where another thread of the parent was about to."""
        self._lock = usable(self._lock)


_waiting: Living[Late] = Living()


def _after_fork() -> None:
    for late in _waiting:
        late.after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
