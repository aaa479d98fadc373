"""A run of the workloads: contenders in turns, the best round of each.

Invariant: a contender whose users differ from the reference's has no figures.
"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from benchmarks.contenders.sql import USER_BY_KEY
from benchmarks.process import WorkerError, WorkerProcess

__all__ = ["FIGURES", "PEERS", "Figure", "measure", "table"]

PEERS = {
    "noormme": ("noormme", ("noormme",)),
    "apsw": ("APSW by hand", ("apsw",)),
    "aiosqlite": ("aiosqlite by hand", ("aiosqlite",)),
    "sqlalchemy": ("SQLAlchemy asyncio", ("sqlalchemy", "aiosqlite", "greenlet")),
    "tortoise": ("Tortoise", ("tortoise",)),
}
"""The title of each contender, and what it needs."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of a workload.

    Attributes:
        key: Its name in the results.
        title: What a reader of the table sees.
        unit: What the number is.
        goal: The number noormme aims at.
        smaller: Whether less is better.
    """

    key: str
    title: str
    unit: str
    goal: float
    smaller: bool = False


FIGURES = (
    Figure("get_us", "one awaited get", "µs", 5, smaller=True),
    Figure("gets", "100 tasks × 50 gets", "/s", 150_000),
    Figure("mixed", "the same with 10 % inserts", "/s", 120_000),
    Figure("gets_beside", "gets beside a looping scan of 15 ms", "/s", 100_000),
    Figure("lag_beside_ms", "how late a timer is meanwhile", "ms", 5, smaller=True),
    Figure("gets_long", "gets beside a statement of 2 s", "/s", 100_000),
    Figure("lag_long_ms", "how late a timer is meanwhile", "ms", 5, smaller=True),
)

Results = dict[str, dict[str, float]]


def measure(
    contenders: Sequence[str],
    workloads: Sequence[str],
    *,
    database: Path,
    users: int,
    rounds: int,
    say: Callable[[str], None],
) -> Results:
    """Run workloads, and give the best figure of each contender.

    Args:
        contenders: Names of ``PEERS``.
        workloads: Names of ``WORKLOADS``.
        database: The blog database; each contender has a copy.
        users: How many users it has.
        rounds: How often each workload runs.
        say: Takes lines that tell what is going on.
    """
    expected = _reference(database, users)
    workers: dict[str, WorkerProcess] = {}
    results: Results = {}
    with tempfile.TemporaryDirectory() as folder:
        try:
            for name in contenders:
                missing = [package for package in PEERS[name][1] if find_spec(package) is None]
                if missing:
                    say(f"skipped {name}: {', '.join(missing)} is not installed")
                    continue
                copy = Path(shutil.copy(database, Path(folder) / f"{name}.db"))
                worker = workers[name] = WorkerProcess(name, "benchmarks.concurrent.worker")
                data = worker.request("prepare", database=str(copy), users=users)["data"]
                if data != expected:
                    say(f"{name} gives other users than sqlite3")
                    workers.pop(name).close()
            results = {name: {} for name in workers}
            for workload in workloads:
                for _ in range(rounds):
                    for name, worker in workers.items():
                        _run(worker, name, workload, results, say)
                say(f"{workload}: measured")
        finally:
            for worker in workers.values():
                worker.close()
    return results


def _run(
    worker: WorkerProcess, name: str, workload: str, results: Results, say: Callable[[str], None]
) -> None:
    try:
        figures = worker.request("run", workload=workload)["figures"]
    except WorkerError as error:
        say(f"{workload}: {name} failed: {error}")
        return
    best = results[name]
    for figure in FIGURES:
        if figure.key in figures:
            choose = min if figure.smaller else max
            value = figures[figure.key]
            best[figure.key] = choose(best.get(figure.key, value), value)


def _reference(database: Path, users: int) -> list[list[object]]:
    """Two users as they are in the file."""
    found: list[list[object]] = []
    with closing(sqlite3.connect(database)) as connection:
        for key in (1, users):
            user, email, _, age, _, active, created = connection.execute(USER_BY_KEY, (key,)).fetchone()
            found.append([user, email, age, bool(active), created.replace(" ", "T")])
    return found


def table(results: Results) -> str:
    """The figures as a Markdown table.

    Args:
        results: What ``measure`` found.
    """
    titles = [f"**{PEERS[name][0]}**" if name == "noormme" else PEERS[name][0] for name in results]
    lines = ["| | goal | " + " | ".join(titles) + " |", "|---|--:|" + "--:|" * len(results)]
    for figure in FIGURES:
        if any(figure.key in found for found in results.values()):
            cells = [_cell(found.get(figure.key)) for found in results.values()]
            sign = "≤" if figure.smaller else "≥"
            lines.append(
                f"| {figure.title}, {figure.unit} | {sign} {figure.goal:,.0f} | {' | '.join(cells)} |"
            )
    return "\n".join(lines)


def _cell(number: float | None) -> str:
    if number is None:
        return "-"
    return f"{number:,.0f}" if number >= 100 else f"{number:.1f}"
