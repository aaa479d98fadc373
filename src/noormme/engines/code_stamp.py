"""Which compiler this is, so that plans of another one are not used.

Invariant: two installations with the same stamp compile the same SQL. Nothing is imported to find it out.
The stamp of a process stays what it was at first: what is installed under it later is not what runs.

An installation is known by when it was made, and on other machines by what its files hold, which the record
of it says; one version can be built from several states of the source. A checkout is known by its files.
"""

from __future__ import annotations

import os
import re
import sys
from functools import cache
from importlib.machinery import PathFinder
from zlib import crc32

__all__ = ["code_stamp"]

_FOLDERS = ("engines", "query", "schema")
_RECORDED = re.compile(rb"^noormme/(?:%s)/[^\r\n]*\.py,[^\r\n]*" % "|".join(_FOLDERS).encode(), re.MULTILINE)
_VERSION = re.compile(rb'^__version__ = "([^"]+)"', re.MULTILINE)


@cache
def code_stamp(*, exact: bool) -> tuple[str, ...] | None:
    """The versions of noormme and SQLAlchemy, and what tells the files of the compiler from others.

    Args:
        exact: Whether that is when they were installed or changed, which differs from machine to machine, but
            is known at once. Else it is what they hold.

    Returns:
        The stamp; None where it cannot be told, because the packages are in no folder. Reads one file or two,
        and of a checkout the list of some hundred, or all of them.
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
        return (*versions, *([f"installed {installed.st_mtime_ns}"] if exact else _recorded(record)))
    except OSError:
        return None


def _recorded(record: str) -> list[str]:
    """The files of the compiler with their checksums, as the installer has written them down."""
    with open(record, "rb") as file:
        return sorted(line.decode() for line in _RECORDED.findall(file.read()))


def _files(folder: str, *, exact: bool) -> list[str]:
    found: list[str] = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.endswith(".py"):
                found.append(f"{entry.name} {_state(entry) if exact else _checksum(entry.path)}")
            elif "." not in entry.name and not entry.name.startswith("_"):
                found += [f"{entry.name}/{each}" for each in _files(entry.path, exact=exact)]
    return found


def _state(entry: os.DirEntry[str]) -> str:
    status = entry.stat()
    return f"{status.st_size} {status.st_mtime_ns}"


def _checksum(path: str) -> str:
    with open(path, "rb") as file:
        return f"{crc32(file.read()):x}"


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
