"""Which compiler this is, so that plans of another one are not used.

Invariant: two installations with the same stamp compile the same SQL. Nothing is imported to find it out.

An installed release is what its version says. A checkout of the source, which changes under its version, is
known by its files.
"""

from __future__ import annotations

import os
import re
import sys
from importlib.machinery import PathFinder

__all__ = ["code_stamp"]

_FOLDERS = ("engines", "query", "schema")
_VERSION = re.compile(rb'^__version__ = "([^"]+)"', re.MULTILINE)


def code_stamp(*, exact: bool) -> tuple[str, ...] | None:
    """The versions of noormme and SQLAlchemy; of a checkout also the sizes of the files of the compiler.

    Args:
        exact: Whether to include when they were installed or changed, which differs from machine to machine.

    Returns:
        The stamp; None where it cannot be told, because the packages are in no folder. Reads one file, and of
        a checkout the list of some hundred.
    """
    version: str = sys.modules["noormme"].__version__
    folder = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    record = os.path.join(os.path.dirname(folder), f"noormme-{version}.dist-info", "RECORD")
    try:
        versions = (version, _version(_path_of("sqlalchemy")))
        try:
            installed = os.stat(record)
        except FileNotFoundError:
            files = [each for name in _FOLDERS for each in _files(os.path.join(folder, name), exact=exact)]
            return (*versions, *sorted(files))
        return (*versions, f"installed {installed.st_mtime_ns}" if exact else "installed")
    except OSError:
        return None


def _files(folder: str, *, exact: bool) -> list[str]:
    found: list[str] = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.endswith(".py"):
                status = entry.stat()
                changed = f" {status.st_mtime_ns}" if exact else ""
                found.append(f"{entry.name} {status.st_size}{changed}")
            elif "." not in entry.name and not entry.name.startswith("_"):
                found += [f"{entry.name}/{each}" for each in _files(entry.path, exact=exact)]
    return found


def _path_of(package: str) -> str:
    """The file that would be imported.

    Raises:
        OSError: There is none.
    """
    found = PathFinder.find_spec(package)
    if found is None or found.origin is None:
        raise FileNotFoundError(package)
    return found.origin


def _version(path: str) -> str:
    """What a file calls ``__version__``.

    Raises:
        OSError: It cannot be read.
    """
    with open(path, "rb") as file:
        found = _VERSION.search(file.read())
    return "" if found is None else found[1].decode()
