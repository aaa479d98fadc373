"""Opening a connection to a file, with the settings that SQLite keeps for each.

Invariant: what is opened here was read once, so it is a database; it has not been changed.
"""

from __future__ import annotations

import os
from datetime import tzinfo

import apsw

from noormme.engines.sqlite.clock import Clock
from noormme.engines.sqlite.faults import open_error
from noormme.engines.sqlite.functions import register
from noormme.engines.sqlite.lifetime import opened
from noormme.engines.sqlite.watching import heed
from noormme.settings import MEMORY, Settings

__all__ = ["fixed", "flags", "open_connection", "zone"]


def open_connection(
    path: str, settings: Settings, *, flags: int, writes: bool, timezone: tzinfo | None
) -> apsw.Connection:
    """Open a connection and read from it. Touches the database.

    Args:
        path: The file, or ``":memory:"``.
        settings: Pragmas, time limits.
        flags: SQLite's flags, as ``flags`` gives them.
        writes: Whether it is the one that writes.
        timezone: The zone of stored datetimes that carry no offset.

    Raises:
        ConnectionFailed: The file is missing, is no database, is encrypted or cannot be read.
        DatabaseLocked: Another connection keeps it locked.
        apsw.BusyError: The same, for the one that writes.
    """
    try:
        connection = opened(path, flags)
        if settings.timeout_s is not None:
            connection.cursor_factory = Clock(settings.timeout_s).cursor
        # What writes never waits inside SQLite: others would not know that it waits.
        heed(connection, settings.busy_timeout_s)
        if writes:
            connection.set_busy_timeout(0)
        query_only = not writes and path != MEMORY
        connection.execute(_pragmas(settings, query_only=query_only)).fetchall()
        # The first statement that reads the file tells whether it is a database at all.
        connection.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchall()
    except apsw.Error as error:
        if writes and isinstance(error, apsw.BusyError):
            # Who asked decides how to wait.
            raise
        raise open_error(error, path) from error
    register(connection, timezone=timezone)
    return connection


def fixed(path: str) -> str:
    """The path from the root, so that connections opened later mean the same file after a chdir.

    It is joined and not normalized: ``..`` after a link leads elsewhere than its text says.
    """
    try:
        return os.path.join(os.getcwd(), path)
    except FileNotFoundError:  # the working directory was removed
        return path


def flags(path: str, settings: Settings) -> int:
    """SQLite's flags for opening a file; looks at its permissions.

    Args:
        path: The file, or ``":memory:"``.
        settings: Whether it is to be read only.
    """
    if path == MEMORY:
        return apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE
    # A file in WAL mode has two files beside it while it is read. A connection that may write removes them
    # when it closes, one that may not leaves them behind; but the first also finishes what another program
    # left in them. So a read-only database is opened for writing only where there is nothing to finish; every
    # reader is query_only in any case.
    unfinished = settings.readonly and any(os.path.exists(path + end) for end in ("-wal", "-journal"))
    if unfinished or not os.access(path, os.W_OK):
        return apsw.SQLITE_OPEN_READONLY
    return apsw.SQLITE_OPEN_READWRITE


def _pragmas(settings: Settings, *, query_only: bool) -> str:
    temp_store = {"default": 0, "file": 1, "memory": 2}[settings.temp_store]
    return (
        f"PRAGMA cache_size=-{settings.cache_size_kib}; PRAGMA mmap_size={settings.mmap_size_bytes};"
        f"PRAGMA temp_store={temp_store}; PRAGMA foreign_keys={int(settings.foreign_keys)};"
        f"PRAGMA query_only={int(query_only)};"
        f"PRAGMA synchronous={settings.durability}"
    )


def zone(name: str | None) -> tzinfo | None:
    """The time zone of that name.

    Args:
        name: The name, which is known to this machine, or None.
    """
    if name is None:
        return None
    from zoneinfo import ZoneInfo  # here, because most programs need no time zone

    return ZoneInfo(name)
