"""Programs that check code, each in a process of its own; what mypy learnt of a package serves the next one too.

Invariant: one mypy at a time has the cache, whichever process of the tests calls it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

__all__ = ["run_checker"]

CACHE = Path(__file__).resolve().parents[1] / ".mypy_cache"
"""Where mypy keeps it anyway when it checks noormme."""


def run_checker(command: Sequence[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a checker.

    Args:
        command: The module of Python that it is, and its arguments.
        folder: Where it runs.

    Returns:
        Its status and what it printed.
    """
    with _turn(command[0]):
        return subprocess.run(
            [sys.executable, "-m", *command],
            cwd=folder,
            env={**os.environ, "MYPY_CACHE_DIR": str(CACHE)},
            capture_output=True,
            text=True,
            timeout=900,
            check=False,
        )


@contextmanager
def _turn(checker: str) -> Iterator[None]:
    if checker != "mypy" or sys.platform == "win32":
        yield
        return
    import fcntl

    CACHE.mkdir(exist_ok=True)
    with (CACHE / "turn").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
