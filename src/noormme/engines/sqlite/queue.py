"""The queue of the processes that write one file: first come, first served.

SQLite's own waiting is a lottery: who sleeps longest between two looks may never write. Processes that take a
turn here before they begin a transaction are served in their order.

Invariant: the queue is about fairness only. SQLite's locks keep the data right, so wherever the queue cannot
be had (no ``fcntl``, no folder of one's own, no more files) everybody is let through.

The locks are ``flock`` on two empty files in a runtime folder of the user, never beside the database: the
system drops them when a process dies, however it dies. Who waits holds the *gate* and waits for the *lock*;
everybody else waits for the gate. So who has just released cannot take the lock again past those who wait.
"""

from __future__ import annotations

import os
import stat
import sys
import threading
from collections.abc import Callable
from contextlib import suppress

if sys.platform == "win32":  # pragma: no cover
    flock = None
else:
    from fcntl import LOCK_EX, LOCK_NB, LOCK_UN, flock

__all__ = ["FileQueue"]


class FileQueue:
    """One engine's place in the queue of a file. It has one user at a time: who holds the engine's own turn.

    Args:
        path: The database file.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._mutex = threading.RLock()
        self._files: tuple[int, int] | None = None
        self._without = flock is None
        self._callback: Callable[[], None] | None = None
        self._waiter: threading.Thread | None = None
        self._held = False
        self._closed = False

    def try_acquire(self) -> bool:
        """Take the turn if it is free and nobody waits for it; never waits.

        Returns:
            Whether the turn is the caller's now.
        """
        with self._mutex:
            return self._try()

    def acquire(self, timeout_s: float) -> bool:
        """Wait for the turn, behind those who wait already.

        Args:
            timeout_s: How long to wait at most, in seconds.

        Returns:
            Whether the turn is the caller's now.
        """
        granted = threading.Lock()
        granted.acquire()
        cancel = self.when_acquired(granted.release)
        try:
            if granted.acquire(timeout=timeout_s):
                return True
        except BaseException:
            # Ctrl-C: nobody is left who would release.
            if not cancel():
                self.release()
            raise
        return not cancel()

    def when_acquired(self, callback: Callable[[], None]) -> Callable[[], bool]:
        """Wait for the turn without holding up the caller.

        Args:
            callback: Called once, as soon as the turn is the caller's: within this call, or later on another
                thread. If it raises RuntimeError, as a closed event loop does, the turn is given back.

        Returns:
            A function that gives the wait up. It says True when the callback will not be called any more, and
            False when it was: the turn is the caller's then, who has to release it.
        """
        with self._mutex:
            granted = self._try()
            if not granted:
                self._callback = callback
                # A wait that was given up goes on in its thread, and this one takes its place.
                granted = self._waiter is None and not self._start()
        if granted:
            callback()
        return lambda: self._cancel(callback)

    def release(self) -> None:
        """Give the turn to who waits longest; does nothing where there is no turn to give."""
        with self._mutex:
            self._release()

    def close(self) -> None:
        """Leave the queue; a wait that goes on in a thread ends by itself."""
        with self._mutex:
            self._callback = None
            self._closed = True
            if self._waiter is None:
                self._close_files()

    def after_fork(self) -> None:
        """Forget, in a child process, what was open in the parent.

        The locks belong to what both share. So the files are closed, which keeps the parent's locks, and
        nothing is unlocked.
        """
        self._mutex = threading.RLock()
        self._callback = self._waiter = None
        self._close_files()

    # -- under the mutex ------------------------------------------------------------------------------

    def _try(self) -> bool:
        files = None if self._without else self._files or self._open()
        if files is None:
            return True
        if self._waiter is not None or flock is None:
            return False
        gate, lock = files
        try:
            flock(gate, LOCK_EX | LOCK_NB)
            try:
                flock(lock, LOCK_EX | LOCK_NB)
                self._held = True
            finally:
                flock(gate, LOCK_UN)
        except BlockingIOError:
            return False
        except OSError:
            self._without = True
        return True

    def _start(self) -> bool:
        """Start the thread that waits; False where there can be none any more: the program is ending."""
        waiter = threading.Thread(target=self._wait, name="noormme-queue", daemon=True)
        try:
            waiter.start()
        except RuntimeError:
            self._callback = None
            return False
        self._waiter = waiter
        return True

    def _release(self) -> None:
        if self._held and self._files is not None and flock is not None:
            self._held = False
            flock(self._files[1], LOCK_UN)

    def _open(self) -> tuple[int, int] | None:
        try:
            self._files = None if self._closed else _open_files(self._path)
        except OSError:
            self._without = True
        return self._files

    def _close_files(self) -> None:
        files, self._files, self._held = self._files, None, False
        for file in files or ():
            os.close(file)

    # -- on the thread that waits, and by who gives up -------------------------------------------------

    def _wait(self) -> None:
        if self._files is None or flock is None:
            return
        gate, lock = self._files
        try:
            flock(gate, LOCK_EX)
            try:
                flock(lock, LOCK_EX)
            finally:
                flock(gate, LOCK_UN)
            held = True
        except OSError:
            # No waiting is possible here: the turn is given all the same.
            held = False
        with self._mutex:
            self._held = held
            self._waiter = None
            callback, self._callback = self._callback, None
            if callback is None:
                self._release()
                if self._closed:
                    self._close_files()
        if callback is not None:
            try:
                callback()
            except RuntimeError:
                # Nobody is left to take the turn: this is what a closed event loop raises.
                self.release()

    def _cancel(self, callback: Callable[[], None]) -> bool:
        with self._mutex:
            if self._callback is not callback:
                return False
            self._callback = None
            return True


def _open_files(path: str) -> tuple[int, int]:
    """The gate and the lock of a file.

    Raises:
        OSError: The file is not there, or the folder is not one of this user alone.
    """
    found = os.stat(path)
    folder = _folder()
    name = f"{found.st_dev:x}-{found.st_ino:x}"
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
    gate = os.open(os.path.join(folder, f"{name}.gate"), flags, 0o600)
    try:
        return gate, os.open(os.path.join(folder, f"{name}.lock"), flags, 0o600)
    except OSError:
        os.close(gate)
        raise


def _folder() -> str:
    """The runtime folder, made where it is missing.

    Raises:
        OSError: It cannot be made, or another user made it: locks in it could be held for ever.
    """
    user = os.geteuid()
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    if runtime:
        folder = os.path.join(runtime, "noormme")
    else:
        folder = os.path.join(os.environ.get("TMPDIR") or "/tmp", f"noormme-{user}")
    with suppress(FileExistsError):
        os.mkdir(folder, 0o700)
    found = os.lstat(folder)
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != user or stat.S_IMODE(found.st_mode) & 0o077:
        raise PermissionError(f"'{folder}' is not a folder of this user alone")
    return folder
