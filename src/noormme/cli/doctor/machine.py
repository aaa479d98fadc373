"""The machine and what is installed on it: versions, drivers, SQLite builds, settings.

Invariant: no database is touched.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from platform import platform, python_version

import apsw

from noormme.cli.doctor.finding import Finding, ok, problem, warning
from noormme.errors import SettingsError
from noormme.settings import Settings, origins

__all__ = ["damages_wal", "drivers", "machine", "other_sqlites", "settings"]

_DRIVERS = {"libsql": "libsql", "mssql": "pymssql", "mysql": "pymysql", "postgresql": "psycopg"}
_PROGRAM_S = 10


def machine() -> Iterator[Finding]:
    """Python, noormme, and the SQLite that noormme runs."""
    yield ok("python", f"{python_version()} on {platform(terse=True)}")
    yield ok("noormme", version("noormme"))
    build = apsw.sqlite_lib_version()
    if damages_wal(build):
        yield problem(
            "sqlite",
            f"{build} (APSW {apsw.apsw_version()}) can damage a file in WAL mode",
            "upgrade APSW: pip install --upgrade apsw",
        )
    else:
        yield ok("sqlite", f"{build} (APSW {apsw.apsw_version()})")


def damages_wal(build: str) -> bool:
    """Whether a version of SQLite has the WAL-reset bug: two connections that checkpoint can damage the file.

    Args:
        build: The version, ``"3.40.1"``.
    """
    parts = tuple(int(part) for part in build.split(".")[:3])
    if parts[:2] == (3, 44):
        return parts < (3, 44, 6)
    if parts[:2] == (3, 50):
        return parts < (3, 50, 7)
    return (3, 7, 0) <= parts < (3, 51, 3)


def other_sqlites() -> Iterator[tuple[str, str]]:
    """The versions of SQLite that other programs of this machine would use on the same file, by program."""
    own = [sys.executable, "-c", "import sqlite3; print(sqlite3.sqlite_version)"]
    if found := _version_of(own):
        yield "Python's own sqlite3", found
    if (shell := shutil.which("sqlite3")) and (found := _version_of([shell, "--version"])):
        yield shell, found


def _version_of(command: list[str]) -> str | None:
    try:
        said = subprocess.run(command, capture_output=True, text=True, timeout=_PROGRAM_S, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    match = re.match(r"\d+\.\d+\.\d+", said)
    return match[0] if match else None


def drivers(dialect: str) -> Iterator[Finding]:
    """The driver of a server.

    Args:
        dialect: The engine.
    """
    package = _DRIVERS.get(dialect)
    if package is None:
        return
    try:
        yield ok("driver", f"{package} {version(package)}")
    except PackageNotFoundError:
        if dialect == "libsql":
            yield ok("driver", "libsql is not installed; a server is reached without it")
        else:
            yield problem("driver", f"{package} is not installed", f"pip install 'noormme[{dialect}]'")


def settings() -> Iterator[Finding]:
    """What is configured."""
    try:
        set_ones = [each for each in origins() if each.source != "default"]
        values = Settings.load()
    except SettingsError as error:
        yield problem("settings", error.message, error.hint or "correct it, and see: noormme config")
        return
    count = len(set_ones)
    yield ok(
        "settings", f"{count or 'none'} of {len(Settings.__struct_fields__)} set; noormme config shows them"
    )
    if not values.foreign_keys:
        yield warning(
            "settings",
            "foreign_keys is off: SQLite does not enforce foreign keys",
            "leave foreign_keys out, unless another program relies on rows that point nowhere",
        )
    if values.sqlite3_guard == "off":
        yield warning(
            "settings",
            "sqlite3_guard is off: a file that is opened twice in one process can be damaged",
            'set sqlite3_guard to "refuse" or "warn"',
        )
