"""The file of a SQLite database from outside: permissions, the folder, the disk.

Invariant: the file is asked about and never opened, because closing it would drop SQLite's locks.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from noormme.cli.doctor.finding import Finding, ok, problem, warning
from noormme.cli.output import size

__all__ = ["file"]

_NETWORK = frozenset({"9p", "afs", "ceph", "cifs", "fuse.sshfs", "glusterfs", "nfs", "nfs4", "smb3", "smbfs"})
_LEAST_FREE_BYTES = 100 * 1024 * 1024


def file(path: Path) -> Iterator[Finding]:
    """Look at a database's file and its folder.

    Args:
        path: The file.
    """
    if not path.exists():
        yield problem("file", f"'{path}' does not exist", "check the path, and from which folder it is said")
        return
    if not path.is_file():
        yield problem("file", f"'{path}' is not a file", "name the database's file")
        return
    yield from _permissions(path)
    yield from _disk(path)
    kind = _filesystem(path)
    if kind in _NETWORK:
        yield warning(
            "filesystem",
            f"the file is on a network filesystem ({kind}), where SQLite's locks cannot be relied on",
            "keep the file on a local disk, or use a server: noormme copy",
        )
    elif kind:
        yield ok("filesystem", kind)


def _permissions(path: Path) -> Iterator[Finding]:
    if not os.access(path, os.R_OK):
        yield problem("permissions", "no permission to read the file", f"as its owner: chmod u+r '{path}'")
        return
    if not os.access(path, os.W_OK):
        yield warning(
            "permissions", "the file can be read, not written", f"to write, as its owner: chmod u+w '{path}'"
        )
        return
    folder = path.resolve().parent
    if not os.access(folder, os.W_OK | os.X_OK):
        yield problem(
            "permissions",
            "the file can be written, but not its folder, where SQLite keeps its journal",
            f"give this user the right to write in '{folder}'",
        )
        return
    for ending in ("-wal", "-shm", "-journal"):
        beside = path.with_name(path.name + ending)
        if beside.exists() and not os.access(beside, os.R_OK | os.W_OK):
            yield problem(
                "permissions",
                f"no permission for '{beside.name}', which belongs to the database",
                "run as the user who owns it, or give this user the right to write it",
            )
            return
    yield ok("permissions", "the file and its folder can be read and written")


def _disk(path: Path) -> Iterator[Finding]:
    free_bytes, file_bytes = shutil.disk_usage(path.parent).free, path.stat().st_size
    message = f"{size(free_bytes)} free, the file has {size(file_bytes)}"
    if free_bytes < _LEAST_FREE_BYTES:
        yield problem("disk", message, "make room: SQLite cannot write without it")
    elif free_bytes < 2 * file_bytes:
        yield warning("disk", message, "VACUUM and a large transaction may need as much room as the file has")
    else:
        yield ok("disk", message)


def _filesystem(path: Path) -> str:
    """The kind of filesystem that the file is on; empty where that cannot be told."""
    if not sys.platform.startswith("linux"):
        return ""
    try:
        mounts = Path("/proc/mounts").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    real, best, kind = str(path.resolve()), -1, ""
    for line in mounts.splitlines():
        _, point, name, *_ = line.split(" ")
        point = point.replace("\\040", " ")
        if (real == point or real.startswith(point.rstrip("/") + "/")) and len(point) >= best:
            best, kind = len(point), name
    return kind
