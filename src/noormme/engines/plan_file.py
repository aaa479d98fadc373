"""Compiled plans in a file, for processes to come.

Invariant: what is read was written whole, by noormme, for the same fingerprint; from the cache folder, by
this user. Anything else is as if there were no file. No failure of the file system is ever raised, but by
``export``: a plan that cannot be read or kept is compiled again, which costs time and nothing else.

Plans are saved when the database is closed, when the process ends, and at a compilation that comes at least
five seconds after the first one that is unsaved. So a program that compiles much in a second writes once, a
server that is killed one day has saved what it knew, and no timer is needed. On the thread of an event loop a
compilation leaves the writing to a thread of its own, which the end of the process waits for.
"""

from __future__ import annotations

import atexit
import os
import stat
import sys
from contextlib import suppress
from threading import Lock, Thread
from time import monotonic
from zlib import crc32

import msgspec

from noormme.deferred import made_by_one
from noormme.engines.budget import THREAD, in_coroutine
from noormme.sharing import Living

__all__ = ["PlanFile", "cache_folder", "cached_path"]

_MAGIC = b"noormme plans 1\n"
_CHECK_BYTES = 4
_MAX_BYTES = 4 << 20
"""How large a file is at most that is read or written, in bytes."""
_MAX_PLANS = 2000
_MAX_FILES = 64
"""How many files the cache folder holds; beyond that the ones that were not used for longest go."""
_SAVED_AFTER_S = 5.0
_PREFIX, _SUFFIX = "plans-", ".bin"

_unsaved: set[PlanFile] = set()
_files: Living[PlanFile] = Living()


class _Content(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    fingerprint: bytes
    plans: dict[bytes, bytes]


_decoder = made_by_one(lambda: msgspec.msgpack.Decoder(_Content))


class PlanFile:
    """The stored plans of one schema, by keys that say what they are plans for.

    Args:
        path: The file; it need not exist.
        fingerprint: What tells whether its plans fit.
        cached: Whether it is a file of the cache folder, which only this user may have written, and to which
            new plans are added. Another one is read, and never written.
    """

    def __init__(self, path: str, fingerprint: bytes, *, cached: bool) -> None:
        self._path = path
        self._fingerprint = fingerprint
        self._cached = cached
        self._stored: dict[bytes, bytes] | None = None
        self._new: dict[bytes, bytes] = {}
        self._since_s = 0.0
        self._saving = Lock()
        _files.add(self)

    def after_fork(self) -> None:
        """Let a child process save, where another thread of the parent was about to."""
        self._saving = Lock()

    def get(self, key: bytes) -> bytes | None:
        """The plan of a key, or None; the first call reads the file."""
        if self._stored is None:
            self._stored = self._read()
        return self._new.get(key) or self._stored.get(key)

    def add(self, key: bytes, plan: bytes) -> None:
        """Keep a plan that was compiled; it is saved later, if the file is one of the cache folder."""
        if len(self._new) >= _MAX_PLANS:
            return
        if not self._new:
            self._since_s = monotonic()
        self._new[key] = plan
        if not self._cached:
            return
        _unsaved.add(self)
        if monotonic() - self._since_s < _SAVED_AFTER_S:
            return
        if THREAD.budget.limited or in_coroutine():
            self._save_elsewhere()
        else:
            self.save()

    def plans(self) -> dict[bytes, bytes]:
        """All plans: those of the file and those that were compiled."""
        return {**(self._read() if self._stored is None else self._stored), **self._new}

    def save(self) -> None:
        """Write what is new to the cache folder, together with what others have written there meanwhile."""
        # One thread is enough.
        if self._new and self._cached and self._saving.acquire(blocking=False):
            self._save()

    def _save_elsewhere(self) -> None:
        """The same in a thread: a disk takes longer than an event loop may be held."""
        if not self._saving.acquire(blocking=False):
            return
        try:
            Thread(target=self._save, name="noormme plans").start()
        except RuntimeError:
            # There is no room for another thread, or the process ends: they are saved then.
            self._saving.release()

    def _save(self) -> None:
        """Write what is new; whoever calls it has the lock, which is given back."""
        try:
            new, self._new = self._new, {}
            _unsaved.discard(self)
            self._stored = _bounded({**self._read(), **new})
            folder = os.path.dirname(self._path)
            if _made_private(folder) and _write(self._path, self._content(self._stored)):
                _tidy(folder)
        except OSError:
            pass
        finally:
            self._saving.release()

    def is_foreign(self) -> bool:
        """Whether something is there that is no file of plans, and so must not be replaced; it may be empty.

        Raises:
            OSError: It cannot be read.
        """
        try:
            status = os.stat(self._path)
            if not stat.S_ISREG(status.st_mode):
                return True
            with open(self._path, "rb") as file:
                return file.read(len(_MAGIC)) not in (b"", _MAGIC)
        except FileNotFoundError:
            return False

    def export(self, plans: dict[bytes, bytes]) -> int:
        """Write plans of the same schema to this file, whose fingerprint is its own.

        Args:
            plans: The plans by key.

        Returns:
            How many of them it has.

        Raises:
            OSError: It cannot be written.
        """
        kept = _bounded(plans)
        # Of a link, what it leads to is replaced.
        _write(os.path.realpath(self._path), self._content(kept), mode=0o644)
        return len(kept)

    def _content(self, plans: dict[bytes, bytes]) -> bytes:
        content = msgspec.msgpack.encode(_Content(self._fingerprint, plans))
        return _MAGIC + crc32(content).to_bytes(_CHECK_BYTES, "big") + content

    def _read(self) -> dict[bytes, bytes]:
        try:
            data = _read(self._path, own=self._cached)
        except (OSError, ValueError):
            return {}
        start = len(_MAGIC) + _CHECK_BYTES
        check, content = data[len(_MAGIC) : start], data[start:]
        if not data.startswith(_MAGIC) or crc32(content).to_bytes(_CHECK_BYTES, "big") != check:
            return {}
        try:
            found = _decoder().decode(content)
        except (msgspec.MsgspecError, RecursionError):
            return {}
        return found.plans if found.fingerprint == self._fingerprint else {}


def cache_folder() -> str | None:
    """Where the system wants caches of this user: ``…/noormme``; None where there is no such place."""
    base = os.environ.get("LOCALAPPDATA" if sys.platform == "win32" else "XDG_CACHE_HOME", "")
    # The specification of the latter wants a relative one ignored.
    if sys.platform != "win32" and not os.path.isabs(base):
        base = os.path.expanduser("~/Library/Caches" if sys.platform == "darwin" else "~/.cache")
    return os.path.join(base, "noormme") if os.path.isabs(base) else None


def cached_path(fingerprint: bytes) -> str | None:
    """The file of the cache folder for a fingerprint; None where there is no such folder."""
    folder = cache_folder()
    return None if folder is None else os.path.join(folder, f"{_PREFIX}{fingerprint.hex()}{_SUFFIX}")


def _read(path: str, *, own: bool) -> bytes:
    """The bytes of a file; empty where it is no plain file, is too large, or others may have written it."""
    # Without the flags a link would lead elsewhere, and a pipe would be waited for.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    file = os.open(path, flags | (getattr(os, "O_NOFOLLOW", 0) if own else 0))
    try:
        status = os.fstat(file)
        if not stat.S_ISREG(status.st_mode) or status.st_size > _MAX_BYTES:
            return b""
        if own and not _is_private(status):
            return b""
        # A file that grows meanwhile fails its check.
        return os.read(file, status.st_size)
    finally:
        os.close(file)


def _is_private(status: os.stat_result) -> bool:
    """Whether only this user may write it; Windows has other rules, and a folder for each user."""
    if sys.platform == "win32":
        return True
    return status.st_uid == os.geteuid() and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def _made_private(folder: str) -> bool:
    """Make the cache folder where it is missing; whether only this user may write to it."""
    os.makedirs(os.path.dirname(folder), mode=0o700, exist_ok=True)
    with suppress(FileExistsError):
        os.mkdir(folder, mode=0o700)
    status = os.lstat(folder)
    return stat.S_ISDIR(status.st_mode) and _is_private(status)


def _write(path: str, content: bytes, mode: int = 0o600) -> bool:
    """Replace a file as a whole; whether it was small enough to be written."""
    if len(content) > _MAX_BYTES:
        return False
    temporary = f"{path}.{os.getpid()}-{os.urandom(4).hex()}"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    file = os.open(temporary, flags, mode)
    try:
        try:
            rest = memoryview(content)
            while rest:
                rest = rest[os.write(file, rest) :]
        finally:
            os.close(file)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
    return True


def _bounded(plans: dict[bytes, bytes]) -> dict[bytes, bytes]:
    """The last of the plans, as many as a file may have."""
    room, kept = _MAX_BYTES // 2, list[tuple[bytes, bytes]]()
    for key, plan in reversed(plans.items()):
        room -= len(key) + len(plan)
        if room < 0 or len(kept) == _MAX_PLANS:
            break
        kept.append((key, plan))
    return dict(reversed(kept))


def _tidy(folder: str) -> None:
    """Remove the files that were not written for longest, where there are too many."""
    with os.scandir(folder) as found:
        files = [each for each in found if each.name.startswith(_PREFIX)]
        if len(files) > _MAX_FILES:
            files.sort(key=lambda each: each.stat(follow_symlinks=False).st_mtime)
            for each in files[:-_MAX_FILES]:
                os.unlink(each.path)


@atexit.register
def _save_all() -> None:
    for each in list(_unsaved):
        each.save()


def _after_fork() -> None:
    for each in _files:
        each.after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
