"""Writing the files that a user names.

Invariant: whoever reads a file meanwhile has the old bytes or the new ones, never a part; a link, and the
permissions of a file that is there, stay as they are. A database is never overwritten.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkstemp
from typing import IO

from noormme.errors import UnsafeOperation, UsageError

__all__ = ["check_place", "whole_file"]

_MODE = 0o666
_SQLITE = b"SQLite format 3\0"


@contextmanager
def whole_file(path: Path, *, mode: int | None = None) -> Generator[IO[bytes], None, None]:
    """Write a file that takes its name when it is whole; nothing is left of it when the body raises.

    A device and a pipe (``/dev/stdout``, ``/dev/null``) are written to: they are no files to replace.

    Args:
        path: The file; of a symbolic link, what it leads to is written.
        mode: The permissions of a file that is new; None for what the user's mask says.

    Yields:
        Where to write.

    Raises:
        UnsafeOperation: The file is a SQLite database.
        UsageError: It is a folder, or its folder does not exist.
        OSError: It cannot be written.
    """
    check_place(path)
    if path.exists() and not path.is_file():
        with path.open("wb") as file:
            yield file
        return
    target = Path(os.path.realpath(path))
    try:
        handle, name = mkstemp(prefix=".noormme-", dir=target.parent)
    except OSError as error:
        # The user named the folder, and not the file beside it that was to be there for a moment.
        raise OSError(error.errno, error.strerror, str(path)) from error
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
        Path(name).chmod(_mode(target, mode))
        Path(name).replace(target)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise


def check_place(path: Path) -> None:
    """Check that a file can be written, before what it is to hold is made.

    Args:
        path: The file; of a symbolic link, what it leads to.

    Raises:
        UnsafeOperation: The file is a SQLite database.
        UsageError: It is a folder, or its folder does not exist or cannot be written.
    """
    if path.is_dir():
        raise UsageError(f"'{path}' is a folder", hint="name a file in it")
    target = Path(os.path.realpath(path))
    if not target.parent.is_dir():
        raise UsageError(f"there is no folder '{path.parent}'", hint="make it first, or choose another one")
    if path.exists() and not path.is_file():
        return
    if _is_database(target):
        raise UnsafeOperation(f"'{path}' is a database, and is left as it is", hint="choose another file")
    if not os.access(target.parent, os.W_OK | os.X_OK):
        raise UsageError(f"nothing can be written in the folder '{path.parent}'", hint="choose another one")


def _is_database(target: Path) -> bool:
    """Whether a file that is there is a SQLite database; one that cannot be read is taken to be none."""
    try:
        with target.open("rb") as file:
            return file.read(len(_SQLITE)) == _SQLITE
    except OSError:
        return False


def _mode(target: Path, mode: int | None) -> int:
    """The permissions that the file has, or that a new one gets here."""
    try:
        return stat.S_IMODE(target.stat().st_mode)
    except FileNotFoundError:
        if mode is not None:
            return mode
        mask = os.umask(0)
        os.umask(mask)
        return _MODE & ~mask
