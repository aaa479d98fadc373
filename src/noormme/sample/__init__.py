"""A sample database: the work of a video-production studio.

Invariant: the same ``scale`` gives the same rows, always. ``build`` makes a new file and never
touches one that exists; a build that fails or is interrupted leaves nothing behind.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

import apsw

from noormme.errors import ConnectionFailed, UnsafeOperation
from noormme.sample import people, production, traffic
from noormme.sample.tables import INDEXES, TABLES

__all__ = ["Progress", "build", "row_counts"]

Progress: TypeAlias = Callable[[str, int, int], None]
"""Called as ``progress(table, done, total)``: the table being written, rows written so far, rows in all."""

_Value: TypeAlias = int | float | str | bytes | None
_CHUNK_ROWS = 1_000


def row_counts(scale: float = 1.0) -> dict[str, int]:
    """How many rows ``build`` writes to each table.

    Args:
        scale: 1.0 gives 50,000 rows; must be above 0.

    Returns:
        Rows by table, in the order in which they are written.

    Raises:
        ValueError: ``scale`` is not above 0.
    """
    if not scale > 0:
        raise ValueError("scale must be above 0")

    def scaled(count: int, least: int) -> int:
        return max(least, round(count * scale))

    users, projects, types, entries = scaled(2_000, 10), scaled(2_400, 10), 10, 12
    return {
        "users": users,
        "profiles": users,
        "user_roles": users + users * 3 // 10,
        "project_types": types,
        "editors": scaled(120, 3),
        "clients": scaled(400, 4),
        "projects": projects,
        "project_clients": projects + projects * 7 // 20,
        "video_versions": scaled(8_400, 20),
        "messages": scaled(22_218, 20),
        "payments": scaled(6_000, 20),
        "database_config": entries,
        "password_reset_tokens": scaled(600, 5),
    }


def build(path: str | Path, *, scale: float = 1.0, progress: Progress | None = None) -> Path:
    """Make the sample database.

    Args:
        path: The file to make; nothing may be there yet.
        scale: How large: 1.0 gives 50,000 rows, 0.02 about 1,000.
        progress: Told about every 1,000 rows and at the end of every table.

    Returns:
        ``path``, as a Path. The file is complete, in WAL mode, and closed.

    Raises:
        UnsafeOperation: Something is at ``path`` already.
        ConnectionFailed: The file cannot be made or written.
        ValueError: ``scale`` is not above 0.
    """
    path = Path(path)
    counts = row_counts(scale)
    try:
        # Taken with an exclusive create: a file that appears in between is not overwritten.
        path.touch(exist_ok=False)
    except FileExistsError:
        raise UnsafeOperation(
            f"'{path}' already exists",
            hint="the sample is only ever a new file: give another path, or remove it",
        ) from None
    except OSError as error:
        raise ConnectionFailed(
            f"cannot create '{path}': {error.strerror}", hint="check the folder and its permissions"
        ) from error
    try:
        _fill(path, counts, progress)
    except BaseException as error:
        path.unlink(missing_ok=True)
        if isinstance(error, apsw.Error):
            raise ConnectionFailed(f"cannot write '{path}': {error}", hint="check the free space") from error
        raise
    return path


def _fill(path: Path, counts: dict[str, int], progress: Progress | None) -> None:
    connection = apsw.Connection(str(path))
    try:
        # Without a journal: a file that is not complete is removed, so nothing needs rolling back.
        for setting in ("journal_mode=OFF", "synchronous=OFF", "foreign_keys=OFF"):
            connection.execute(f"PRAGMA {setting}")
        connection.execute("BEGIN")
        connection.execute(TABLES)
        _write(connection, counts, progress)
        connection.execute(INDEXES)
        connection.execute("COMMIT")
        connection.execute("PRAGMA optimize=0x10002")
        connection.execute("PRAGMA journal_mode=WAL")
    finally:
        connection.close()


def _write(connection: apsw.Connection, counts: dict[str, int], progress: Progress | None) -> None:
    total, done = sum(counts.values()), 0

    def write(table: str, columns: Sequence[str], rows: Sequence[tuple[_Value, ...]]) -> None:
        nonlocal done
        marks = ", ".join("?" * len(columns))
        statement = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"
        for start in range(0, len(rows), _CHUNK_ROWS):
            chunk = rows[start : start + _CHUNK_ROWS]
            connection.executemany(statement, chunk)
            done += len(chunk)
            if progress is not None:
                progress(table, done, total)

    users = people.users(counts["users"])
    write("users", people.User._fields, users)
    write("profiles", people.Profile._fields, people.profiles(users))
    roles = people.user_roles(users, counts["user_roles"] - counts["users"])
    write("user_roles", people.UserRole._fields, roles)
    write("project_types", production.ProjectType._fields, production.project_types())
    editors = people.editors(users, counts["editors"])
    write("editors", people.Editor._fields, editors)
    clients = production.clients(users, counts["clients"])
    write("clients", production.Client._fields, clients)
    projects = production.projects(users, editors, counts["projects"])
    write("projects", production.Project._fields, projects)
    pairs = production.project_clients(projects, clients, counts["project_clients"] - counts["projects"])
    write("project_clients", production.ProjectClient._fields, pairs)
    versions = production.video_versions(projects, counts["video_versions"])
    write("video_versions", production.VideoVersion._fields, versions)
    write("messages", traffic.Message._fields, traffic.messages(users, projects, counts["messages"]))
    payers = {pair.project_id: pair.client_id for pair in pairs if pair.is_payer}
    write("payments", traffic.Payment._fields, traffic.payments(projects, payers, counts["payments"]))
    write("database_config", production.ConfigEntry._fields, production.config_entries(users))
    tokens = people.reset_tokens(users, counts["password_reset_tokens"])
    write("password_reset_tokens", people.ResetToken._fields, tokens)
