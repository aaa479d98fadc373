"""Processes seen from outside: a worker that answers requests, and fresh programs timed as a whole.

Invariant: nothing of a contender is imported here.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter
from typing import Any

__all__ = ["Fresh", "WorkerError", "WorkerProcess", "run_fresh"]

ROOT = Path(__file__).resolve().parent.parent

_EPILOGUE = """
import sys
try:
    with open("/proc/self/status") as status:
        peak = [line.split()[1] for line in status if line.startswith("VmHWM")]
except OSError:
    peak = []
print(*peak, file=sys.stderr)
"""
"""Prints the most resident memory in KiB, where the system says; ``getrusage`` counts the parent's too."""


class WorkerError(Exception):
    """A worker could not answer; the message is the contender's own error."""


class WorkerProcess:
    """One contender's process.

    Args:
        name: Which contender.
        module: What it runs.
    """

    def __init__(self, name: str, module: str = "benchmarks.worker") -> None:
        self.name = name
        self._errors = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115 (closed in close)
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, name],
            cwd=ROOT,
            env=_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
        )

    def request(self, do: str, **details: object) -> dict[str, Any]:
        """Send a request and wait for its answer.

        Raises:
            WorkerError: The contender raised, or its process ended.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(json.dumps({"do": do, **details}) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            raise WorkerError(self._last_words()) from None
        line = self._process.stdout.readline()
        if not line:
            raise WorkerError(self._last_words())
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise WorkerError(answer["error"])
        return answer

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._errors.close()

    def _last_words(self) -> str:
        self._errors.seek(0)
        lines = self._errors.read().strip().splitlines()
        return lines[-1] if lines else "the process ended without a word"


class Fresh:
    """What one run of a program took.

    Attributes:
        seconds: From before the process was made until it ended.
        rss_kib: The most memory that was resident at once, or None where the system does not say.
    """

    __slots__ = ("rss_kib", "seconds")

    def __init__(self, seconds: float, rss_kib: int | None) -> None:
        self.seconds = seconds
        self.rss_kib = rss_kib


def run_fresh(source: str, *arguments: str) -> Fresh:
    """Run a program in a process of its own.

    Args:
        source: The program's text.
        arguments: Its command line arguments.

    Raises:
        WorkerError: The program failed.
    """
    with tempfile.TemporaryDirectory() as elsewhere:
        start = perf_counter()
        done = subprocess.run(
            [sys.executable, "-c", source + _EPILOGUE, *arguments],
            cwd=elsewhere,
            env=_environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        seconds = perf_counter() - start
    words = done.stderr.split()
    if done.returncode:
        raise WorkerError(f"exit code {done.returncode}: {done.stderr.strip().splitlines()[-1:]}")
    return Fresh(seconds, int(words[-1]) if words and words[-1].isdigit() else None)


def _environment() -> dict[str, str]:
    """The environment, with noormme's source in front and bytecode kept, as in an installed program."""
    path = os.environ.get("PYTHONPATH")
    roots = [str(ROOT / "src"), *([path] if path else [])]
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**inherited, "PYTHONPATH": os.pathsep.join(roots)}
