"""What a run found, as data that goes through JSON.

Invariant: every ratio compares numbers of one run. A time's ratio is its minimum over sqlite3's minimum.
"""

from __future__ import annotations

import json
import os
import platform
from pathlib import Path
from statistics import median

import msgspec

__all__ = ["REFERENCE", "Figure", "Results", "machine"]

REFERENCE = "stdlib"


class Figure(msgspec.Struct, frozen=True):
    """A number measured in several rounds.

    Attributes:
        minimum: The best round.
        median: The median round.
    """

    minimum: float
    median: float

    @classmethod
    def of(cls, rounds: list[float]) -> Figure:
        """The figure of a list of rounds, rounded to four significant digits."""
        return cls(_rounded(min(rounds)), _rounded(median(rounds)))


class Results(msgspec.Struct, frozen=True):
    """One run.

    Attributes:
        machine: What it ran on.
        rounds: How many rounds each operation had.
        versions: The version of each contender by its name.
        skipped: Why a contender took no part, by its name.
        missing: Why a contender has no number, by contender and operation.
        wrong: Contenders that gave other data than sqlite3, by operation.
        operations: Microseconds an iteration, by operation and contender.
        statistics: Numbers in units of their own, by statistic and contender.
    """

    machine: str
    rounds: int
    versions: dict[str, str]
    skipped: dict[str, str]
    missing: dict[str, dict[str, str]]
    wrong: dict[str, list[str]]
    operations: dict[str, dict[str, Figure]]
    statistics: dict[str, dict[str, Figure]]

    def ratio(self, operation: str, contender: str) -> float | None:
        """A contender's time as a multiple of hand-written sqlite3's, or None when one is missing."""
        times = self.operations.get(operation, {})
        if contender not in times or REFERENCE not in times:
            return None
        return times[contender].minimum / times[REFERENCE].minimum

    def save(self, path: Path) -> None:
        """Write the results as JSON."""
        path.write_text(json.dumps(msgspec.to_builtins(self), indent=1) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> Results:
        """Read results that ``save`` wrote."""
        return msgspec.json.decode(path.read_bytes(), type=cls)


def machine() -> str:
    """The machine in one line: processor, cores, system, Python."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        lines = cpuinfo.read_text().splitlines()
        names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
        model = names[0] if names else model
    return f"{model}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"


def _rounded(number: float) -> float:
    return float(f"{number:.4g}")
