"""Which database a project has, found out and not asked.

Invariant: files are only looked at, and what is found is told apart from what was said.
"""

from __future__ import annotations

import os
from pathlib import Path

from noormme.errors import SettingsError
from noormme.settings import MEMORY, origins, target_of

__all__ = ["as_written", "found_database"]

_HEADER = b"SQLite format 3\0"
_ENDINGS = (".db", ".db3", ".s3db", ".sl3", ".sqlite", ".sqlite3")
_FOLDERS = (".", "data", "db", "instance", "var")
"""Where programs keep their database: Flask has ``instance``."""


def found_database(given: str | None, folder: Path) -> tuple[str, str | None]:
    """The database of a project, and where it is configured already.

    Args:
        given: What the caller said, or None.
        folder: The folder of the project.

    Returns:
        The path or the URL, and the source of the setting, None where it is not configured.

    Raises:
        SettingsError: None was found, or several.
    """
    if given is not None:
        return given, None
    configured = next(each for each in origins() if each.name == "database")
    if configured.value is not None:
        return str(configured.value), configured.source
    files = sorted({path for name in _FOLDERS for path in _databases_in(folder / name)})
    if len(files) == 1:
        return str(files[0]), None
    if not files:
        raise SettingsError(
            "no database was named, and none was found here",
            hint="name it: noormme init app.db, or noormme init postgresql://user@host/name",
        )
    shown = ", ".join(os.path.relpath(path) for path in files[:5])
    raise SettingsError(
        f"there are several databases here: {shown}", hint="say which one: noormme init app.db"
    )


def _databases_in(folder: Path) -> list[Path]:
    try:
        entries = [each for each in folder.iterdir() if each.suffix.lower() in _ENDINGS and each.is_file()]
    except OSError:
        return []
    return [each for each in entries if _is_database(each)]


def _is_database(path: Path) -> bool:
    """Whether a file begins as a SQLite database does; nothing here has it open."""
    try:
        with path.open("rb") as file:
            return file.read(len(_HEADER)) == _HEADER
    except OSError:
        return False


def as_written(database: str, folder: Path) -> str:
    """The database as a configuration file in the folder says it: a file inside of it by its relative path.

    Args:
        database: The path or the URL.
        folder: The folder.
    """
    target = target_of(database)
    if target.dialect != "sqlite" or target.path == MEMORY:
        return database
    path = Path(target.path).absolute()
    try:
        return path.relative_to(folder.absolute()).as_posix()
    except ValueError:
        return str(path)
