"""Packages of Node: fetched with npm once, and kept from run to run."""

from __future__ import annotations

import fcntl
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path

_KEPT = Path.home() / ".cache" / "noormme-tests" / "node"

NO_NODE = "no TypeScript: install Node with npm, and let it fetch the packages typescript and kysely"


def packages(*names: str) -> Path | None:
    """The folder ``node_modules`` with these packages; None where they are not to be had."""
    npm = shutil.which("npm")
    modules = _KEPT / "node_modules"
    if npm is None or shutil.which("node") is None:
        return None
    _KEPT.mkdir(parents=True, exist_ok=True)
    with (_KEPT / "lock").open("w") as lock:
        # Several workers may want them at once.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not all((modules / name).is_dir() for name in names):
            with suppress(OSError, subprocess.SubprocessError):
                subprocess.run(
                    [
                        npm,
                        "install",
                        "--prefix",
                        str(_KEPT),
                        "--ignore-scripts",
                        "--no-audit",
                        "--no-fund",
                        *names,
                    ],
                    check=False,
                    capture_output=True,
                    timeout=180,
                )
    return modules if all((modules / name).is_dir() for name in names) else None
