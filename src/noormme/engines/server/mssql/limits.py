"""How long a statement may take: the thread that sent it waits for the answer no longer.

Invariant: a limit is that of one thread and one statement. pymssql asks ``wait`` before it reads an answer,
and lets through what that raises; the connection is of no use then, and the server ends what it ran.
"""

from __future__ import annotations

import select
from collections.abc import Generator
from contextlib import contextmanager
from threading import local
from time import monotonic

__all__ = ["TimeOver", "limited", "wait"]


class TimeOver(Exception):
    """The server has not answered in time."""


class _Limit(local):
    ends: float | None = None


_LIMIT = _Limit()


@contextmanager
def limited(limit_s: float | None) -> Generator[None, None, None]:
    """A block whose statement may take so long.

    Args:
        limit_s: The limit, in seconds; None for none.
    """
    _LIMIT.ends = None if limit_s is None else monotonic() + limit_s
    try:
        yield
    finally:
        _LIMIT.ends = None


def wait(descriptor: int) -> None:
    """Wait until there is something to read, as long as the limit of this thread allows.

    Args:
        descriptor: That of a socket.

    Raises:
        TimeOver: There was nothing in time.
    """
    ends = _LIMIT.ends
    if ends is None or descriptor < 0:
        return
    ready, _, _ = select.select([descriptor], [], [], max(0.0, ends - monotonic()))
    if not ready:
        raise TimeOver
