"""Programs of servers, run by a user that they accept.

Invariant: a server started here lives in a folder of its own, which is gone at the end, and listens where no
other one does.
"""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

__all__ = ["account", "folder", "found", "free_port", "run", "spawn"]

_ACCOUNTS = ("postgres", "mysql", "nobody")


def account() -> str | None:
    """The user that servers run as: they refuse to run as root. None for the one who runs the tests."""
    if os.geteuid() != 0:
        return None
    for name in _ACCOUNTS:
        with suppress(KeyError):
            return pwd.getpwnam(name).pw_name
    return None


def found(name: str, *places: str) -> Path | None:
    """Where a program is.

    Args:
        name: Its name.
        *places: Patterns of folders to look in after the usual ones; the last one that fits is taken.
    """
    usual = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if usual:
        return Path(usual)
    fitting = [path for place in places for path in sorted(Path("/").glob(f"{place.lstrip('/')}/{name}"))]
    return fitting[-1] if fitting else None


@contextmanager
def folder() -> Iterator[Path]:
    """A folder for a server, with a short name, because the names of sockets are limited."""
    made = Path(tempfile.mkdtemp(prefix="nm-", dir="/tmp"))
    try:
        user = account()
        if user is not None:
            shutil.chown(made, user)
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def run(command: Sequence[str | Path], *, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run a program to its end, and say what it said if it failed.

    Args:
        command: The program and its arguments.
        check: Whether a failure is an error.
    """
    # What it leaves running must not hold our ends of its pipes open, so its words go to a file.
    with tempfile.TemporaryFile("w+") as said:
        done = subprocess.run(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            user=account(),
            cwd="/",
            check=False,
            text=True,
        )
        said.seek(0)
        words = said.read()
    if check and done.returncode:
        raise RuntimeError(f"{command[0]} ended with {done.returncode}: {words[-2000:]}")
    return subprocess.CompletedProcess(done.args, done.returncode, words)


def spawn(command: Sequence[str | Path], log: Path) -> subprocess.Popen[bytes]:
    """Start a program that goes on.

    Args:
        command: The program and its arguments.
        log: Where its words go.
    """
    with log.open("ab") as words:
        return subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=words,
            stderr=subprocess.STDOUT,
            user=account(),
            cwd="/",
        )
