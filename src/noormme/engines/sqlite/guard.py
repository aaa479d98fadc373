"""What keeps a second SQLite library away from a file that is open here.

Python's ``sqlite3`` has a SQLite of its own, and so has the client of libSQL. POSIX drops all locks that a
process has on a file as soon as any part of the process closes it: so when one library closes the file, the
other one's locks are gone, another process writes at the same time, and the file is damaged.

Invariant: a file is watched from before an engine opens it until the engine is closed or gone; one that the
engine makes, from then on. Files are compared by what they are, not by their names, and only asked about:
never opened.
"""

from __future__ import annotations

import os
import sys
import warnings
from typing import Literal

from noormme.errors import UnsafeOperation
from noormme.sharing import Living

__all__ = ["Guard", "Library"]

_EVENT = "sqlite3.connect"

GuardMode = Literal["refuse", "warn", "off"]
"""What opening a file a second time does."""

Library = Literal["SQLite", "libSQL"]
"""Each has a SQLite of its own."""


class Guard:
    """One engine's watch over its file; ends with ``release``, or when nobody has it any more.

    It begins before the file is opened, so that of two threads that open it with two libraries at once one
    finds the other. Where the client makes the file, it begins after that.

    Args:
        path: The file; one that is not there is not watched.
        mode: What opening it a second time does.
        library: The library that opens it.

    Raises:
        UnsafeOperation: Another library has it open.
    """

    def __init__(self, path: str, mode: GuardMode, library: Library = "SQLite") -> None:
        self.path = path
        self.mode: GuardMode = mode
        self.library: Library = library
        self.file = _identity(path)
        if mode != "off" and self.file is not None:
            _watch(self)
            try:
                self._look()
            except BaseException:
                self.release()
                raise

    def _look(self) -> None:
        """Look whether another library has the file open."""
        for guard in _guards:
            if guard.library != self.library and guard.file == self.file:
                known = f"'{guard.path}' is open with {guard.library}"
                # Both must have said that a warning is enough.
                told: GuardMode = self.mode if guard.mode == "warn" else "refuse"
                _tell(told, f"{known}, and this opens it again with {self.library}")

    def release(self) -> None:
        """Watch no longer."""
        _guards.discard(self)


_guards: Living[Guard] = Living()
_hooked: list[bool] = []


def _watch(guard: Guard) -> None:
    _guards.add(guard)
    if not _hooked:
        # A hook cannot be taken away, so there is one for the life of the process.
        _hooked.append(True)
        sys.addaudithook(_hook)


def _hook(event: str, arguments: tuple[object, ...]) -> None:
    if event == _EVENT and _guards:
        _check(arguments[0])


def _check(database: object) -> None:
    files = {file for name in _names(database) if (file := _identity(name)) is not None}
    watching = sorted(
        (guard for guard in _guards if guard.file in files), key=lambda guard: guard.mode != "refuse"
    )
    for guard in watching[:1]:
        _tell(
            guard.mode,
            f"'{guard.path}' is open in noormme, and this opens it a second time with Python's sqlite3",
            "use db.execute(), or sqlite3 in another process",
        )


def _tell(mode: GuardMode, message: str, instead: str = "close it first") -> None:
    hint = (
        f"closing either of them drops the locks of both, which can damage the file: {instead}; "
        "sqlite3_guard='off' allows it"
    )
    if mode == "refuse":
        raise UnsafeOperation(message, hint=hint)
    warnings.warn(f"{message}; {hint}", RuntimeWarning, stacklevel=5)


def _names(database: object) -> list[str]:
    """The files that may be meant: the event does not say whether a URI is taken for one."""
    if not isinstance(database, (str, bytes, os.PathLike)):
        return []
    name = os.fsdecode(database)  # pyright: ignore[reportUnknownArgumentType]
    if not name.startswith("file:"):
        return [name]
    path = name[len("file:") :].partition("#")[0].partition("?")[0]
    if path.startswith("//"):
        # What stands between the second and the third slash is the host.
        path = "/" + path[2:].partition("/")[2]
    from urllib.parse import unquote  # here, because a start should not pay for it

    return [name, unquote(path)]


def _identity(path: str) -> tuple[int, int] | None:
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return None
    return found.st_dev, found.st_ino
