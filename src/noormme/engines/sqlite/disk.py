"""What SQLite says when the file under it fails, as errors that say what to do.

Invariant: the file is only asked about here, never opened: closing it would drop SQLite's locks.
"""

from __future__ import annotations

import os

import apsw

from noormme.errors import ConnectionFailed, DiskFull, NoormmeError, QueryFailed, ReadOnly

__all__ = ["FILE_ERRORS", "file_error", "gone"]

FILE_ERRORS = (apsw.CantOpenError, apsw.FullError, apsw.IOError, apsw.ReadOnlyError)

_NO_ROOM = frozenset({apsw.SQLITE_IOERR_WRITE, apsw.SQLITE_IOERR_SHMSIZE, apsw.SQLITE_IOERR_TRUNCATE})
"""What a quota and a limit on the size of a file look like; a full disk has an error of its own."""


def file_error(error: apsw.Error, path: str | None = None) -> NoormmeError:
    """The error for a statement that failed because of the file. Looks at the file's permissions.

    Args:
        error: What APSW raised, one of ``FILE_ERRORS``.
        path: The file, where the connection is one that writes.
    """
    code = getattr(error, "extendedresult", 0)
    if isinstance(error, apsw.FullError):
        return DiskFull(
            "there is no room to write to the database",
            hint="free some space and try again; nothing of this was written, and reading goes on",
        )
    if isinstance(error, apsw.ReadOnlyError):
        return gone(path) if code == apsw.SQLITE_READONLY_DBMOVED else _readonly(path)
    if path is not None and not os.path.exists(path):
        return gone(path)
    if code in _NO_ROOM:
        return DiskFull(
            "the database cannot grow",
            hint="the disk, a quota or a limit on the size of files is reached: make room and try again",
        )
    if isinstance(error, apsw.CantOpenError):
        return ConnectionFailed(
            "a file that the database needs cannot be opened",
            hint="it may have been deleted or moved, or this process has too many files open",
        )
    return QueryFailed(
        "the file of the database cannot be read or written", hint="check the disk, and the log of the system"
    )


def gone(path: str | None) -> ConnectionFailed:
    """The error for a file that was moved or deleted while it was open.

    Args:
        path: The file.
    """
    name = f"'{path}'" if path is not None else "the database"
    return ConnectionFailed(
        f"{name} was deleted, moved or replaced while it was open",
        hint="what is written now would be lost; put the file back, then connect() again",
    )


def _readonly(path: str | None) -> ReadOnly:
    if path is None:
        return ReadOnly(
            "this connection reads only", hint="write through the tables, or within db.transaction()"
        )
    if not os.access(path, os.W_OK):
        return ReadOnly(
            f"no permission to write to '{path}'",
            hint="give this user the right to write it (chmod u+w), or run as its owner",
        )
    if not os.access(os.path.dirname(os.path.abspath(path)), os.W_OK):
        return ReadOnly(
            f"no permission to write in the folder of '{path}'",
            hint="SQLite keeps its journal beside the file: give this user the right to write there",
        )
    return ReadOnly(
        f"'{path}' was opened for reading only",
        hint="connect() without readonly=True, to a file that can be written",
    )
