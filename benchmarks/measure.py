"""A run: which contenders are here, whether they give the same data, and how long each takes.

Invariant: rounds are interleaved. Every contender runs an operation once before any of them runs it again,
so whatever else the machine does falls on all of them.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks import data
from benchmarks.contenders import CONTENDERS
from benchmarks.copies import Copies
from benchmarks.operations import OPERATIONS, Database, Operation
from benchmarks.process import ROOT, WorkerError, WorkerProcess, run_fresh
from benchmarks.results import REFERENCE, Figure, Results, machine

__all__ = ["FULL_ROUND_S", "GROUPS", "Run", "databases"]

FULL_ROUND_S = 0.02
"""How long a contender's part of a round lasts at least; the iterations of what writes are for this long."""

WRITING_PRAGMAS = {"mmap_size": 0}
"""What is set otherwise where it is written: SQLite maps a file anew after each write of another connection,
which nobody would want who writes and reads in turns."""

GROUPS = ("memory", "startup")
"""Names of what is measured beside the operations."""

Say = Callable[[str], None]


def databases(
    directory: Path, wanted: Collection[Database], *, users: int, events: int
) -> dict[Database, Path]:
    """The databases that are wanted, written when they are not there yet.

    Args:
        directory: Where they are kept between runs.
        wanted: Which ones.
        users: How many users the blog has.
        events: How many rows the deep database has.
    """
    directory.mkdir(parents=True, exist_ok=True)
    builders: dict[Database, tuple[str, Callable[[Path], None]]] = {
        "blog": (f"blog-{users}", partial(data.build_blog, users=users)),
        "wide": ("wide", data.build_wide),
        "deep": (f"deep-{events}", partial(data.build_deep, events=events)),
        "written": (f"written-{users}", partial(data.build_written, users=users)),
    }
    found: dict[Database, Path] = {}
    for name, (stem, build) in builders.items():
        if name in wanted:
            found[name] = path = directory / f"{stem}-v{data.VERSION}.sqlite"
            if not path.exists():
                build(path)
    return found


class Run:
    """One run of the benchmarks.

    Args:
        contenders: Names of those who take part; sqlite3 always does.
        operations: Keys of the operations, and names of GROUPS.
        directory: Where the databases are kept.
        rounds: How many rounds.
        round_s: How long one contender's part of a round lasts at least, in seconds.
        users: How many users the blog database has.
        events: How many rows the deep database has.
        say: Takes lines that tell what is going on.
    """

    def __init__(
        self,
        contenders: Sequence[str],
        operations: Sequence[str],
        *,
        directory: Path,
        rounds: int = 9,
        round_s: float = FULL_ROUND_S,
        users: int = 10_000,
        events: int = data.EVENTS,
        say: Say = print,
    ) -> None:
        self._wanted = [name for name in CONTENDERS if name in contenders or name == REFERENCE]
        self._operations = [operation for operation in OPERATIONS if operation.key in operations]
        self._groups = [group for group in GROUPS if group in operations]
        self._rounds = rounds
        self._round_s = round_s
        self._users = users
        self._events = events
        self._say = say
        read: set[Database] = {operation.database for operation in self._operations}
        self._databases = databases(directory, read | {"blog"}, users=users, events=events)
        self._workers: dict[str, WorkerProcess] = {}
        self._versions: dict[str, str] = {}
        self._skipped: dict[str, str] = {}
        self._missing: dict[str, dict[str, str]] = {}
        self._wrong: dict[str, list[str]] = {}
        self._statistics: dict[str, dict[str, Figure]] = {}

    def run(self) -> Results:
        """Measure everything that was asked for."""
        reads = [operation for operation in self._operations if operation.iterations is None]
        writes = [operation for operation in self._operations if operation.iterations is not None]
        try:
            self._start()
            operations = {operation.key: self._operation(operation) for operation in reads}
            if "discovery" in operations:
                self._statistics["discovery"] = {
                    name: Figure(figure.minimum / 1e3, figure.median / 1e3)
                    for name, figure in operations.pop("discovery").items()
                }
            if "memory" in self._groups:
                self._memory()
        finally:
            self._stop()
        if writes:
            with tempfile.TemporaryDirectory(dir=self._databases["written"].parent) as directory:
                self._copies = Copies(self._databases["written"], Path(directory))
                try:
                    self._start_writing()
                    operations |= {operation.key: self._written(operation) for operation in writes}
                finally:
                    self._stop()
        if "startup" in self._groups:
            self._startup()
        return Results(
            machine=machine(),
            rounds=self._rounds,
            versions=self._versions,
            skipped=self._skipped,
            missing=self._missing,
            wrong=self._wrong,
            operations=operations,
            statistics=self._statistics,
        )

    def _start(self) -> None:
        for name in self._wanted:
            entry = CONTENDERS[name]
            if not _installed(entry.package):
                self._skip(name, f"{entry.distribution} is not installed")
                continue
            try:
                answer = self._prepare(name, self._databases)
            except WorkerError as error:
                self._skip(name, str(error))
                continue
            self._versions[name] = answer["version"]
            self._missing[name] = answer["unsupported"]

    def _start_writing(self) -> None:
        """Start every contender that is here again, on a copy of its own."""
        for name in self._versions:
            self._copies.restore(name)
            try:
                self._prepare(name, {"blog": self._copies.path(name)}, pragmas=WRITING_PRAGMAS)
            except WorkerError as error:
                self._say(f"{name} cannot write: {error}")

    def _prepare(self, name: str, paths: Mapping[Database, Path], **options: object) -> dict[str, Any]:
        """Start a contender's process, and let it open its databases."""
        worker = WorkerProcess(name)
        try:
            answer = worker.request(
                "prepare",
                databases={database: str(path) for database, path in paths.items()},
                users=self._users,
                events=self._events,
                **options,
            )
        except WorkerError:
            worker.close()
            raise
        self._workers[name] = worker
        return answer

    def _stop(self) -> None:
        for worker in self._workers.values():
            worker.close()
        self._workers = {}

    def _skip(self, name: str, reason: str) -> None:
        self._skipped[name] = reason
        self._say(f"skipped {name}: {reason}")

    def _operation(self, operation: Operation) -> dict[str, Figure]:
        """Check an operation's data, then time it in interleaved rounds."""
        able = self._agreeing(operation)
        self._say(f"{operation.title}: {len(able)} contenders gave the same data")
        iterations: dict[str, int] = {}
        rounds: dict[str, list[float]] = {name: [] for name in able}
        for _ in range(self._rounds):
            for name in list(rounds):
                try:
                    if name not in iterations:
                        iterations[name] = self._calibrated(name, operation.key)
                    seconds = self._seconds(name, operation.key, iterations[name])
                except WorkerError as error:
                    del rounds[name]
                    self._fail(name, operation, error)
                else:
                    rounds[name].append(seconds / iterations[name] * 1e6)
        return {name: Figure.of(times) for name, times in rounds.items()}

    def _written(self, operation: Operation) -> dict[str, Figure]:
        """Check what an operation writes, then time it in interleaved rounds, each on restored copies."""
        assert operation.iterations is not None
        iterations = max(1, round(operation.iterations * self._round_s / FULL_ROUND_S))
        able = self._agreeing(operation)
        self._say(f"{operation.title}: {len(able)} contenders wrote the same rows")
        rounds: dict[str, list[float]] = {name: [] for name in able}
        for _ in range(self._rounds):
            for name in list(rounds):
                try:
                    self._copies.restore(name)
                    seconds = self._seconds(name, operation.key, iterations)
                except WorkerError as error:
                    del rounds[name]
                    self._fail(name, operation, error)
                else:
                    rounds[name].append(seconds / iterations * 1e6)
        # Every one of them has now written as much, so the check is of all that a round writes.
        agreeing = self._same(operation, {name: self._copies.digest(name) for name in rounds})
        return {name: Figure.of(rounds[name]) for name in agreeing}

    def _fail(self, name: str, operation: Operation, error: WorkerError) -> None:
        self._missing[name][operation.key] = str(error)
        self._say(f"{operation.title}: {name} failed: {error}")

    def _agreeing(self, operation: Operation) -> list[str]:
        """The contenders that have the operation and whose data has the reference's digest."""
        digests: dict[str, str] = {}
        for name, worker in self._workers.items():
            if operation.key in self._missing[name]:
                continue
            try:
                if operation.iterations is not None:
                    self._copies.restore(name)
                digests[name] = worker.request("check", operation=operation.key)["digest"]
                if operation.iterations is not None:
                    digests[name] += self._copies.digest(name)
            except WorkerError as error:
                self._fail(name, operation, error)
        return self._same(operation, digests)

    def _same(self, operation: Operation, digests: dict[str, str]) -> list[str]:
        """Those who have the reference's digest; the others are noted."""
        agreeing = [name for name, digest in digests.items() if digest == digests.get(REFERENCE)]
        different = [name for name in digests if name not in agreeing]
        if different:
            self._wrong[operation.key] = different
            self._say(f"{operation.title}: other data than sqlite3: {', '.join(different)}")
        return agreeing

    def _seconds(self, name: str, operation: str, iterations: int) -> float:
        answer = self._workers[name].request("run", operation=operation, iterations=iterations)
        return float(answer["seconds"])

    def _calibrated(self, name: str, operation: str) -> int:
        """How many iterations last as long as a round should."""
        iterations = 1
        while True:
            seconds = self._seconds(name, operation, iterations)
            if seconds >= self._round_s:
                return iterations
            enough = round(iterations * self._round_s * 1.2 / seconds)
            iterations = max(iterations + 1, min(iterations * 10, enough))

    def _memory(self) -> None:
        for statistic, request, operation, unit in (
            ("row_bytes", "row_bytes", "all_users", 1),
            ("stream_peak", "peak", "stream", 1024),
        ):
            figures = self._statistics.setdefault(statistic, {})
            for name, worker in self._workers.items():
                if operation in self._missing[name]:
                    continue
                try:
                    size = worker.request(request, operation=operation)["bytes"] / unit
                except WorkerError as error:
                    self._missing[name][statistic] = str(error)
                else:
                    figures[name] = Figure.of([size])
        self._say("memory: measured")

    def _startup(self) -> None:
        programs = {name: _startup_program(name) for name in self._versions}
        first = self._fresh(programs)
        self._statistics["first_row"] = {
            name: Figure.of([ms for ms, _ in runs]) for name, runs in first.items()
        }
        self._statistics["first_row_rss"] = {
            name: Figure.of([rss / 1024 for _, rss in runs if rss is not None])
            for name, runs in first.items()
            if all(rss is not None for _, rss in runs)
        }
        imports = {name: f"import {CONTENDERS[name].package}" for name in self._versions}
        if "noormme" in imports:
            # The package alone is nearly empty: its names bring what they need.
            imports["noormme"] = "from noormme import connect"
        nothing = "an empty program"
        runs = self._fresh({nothing: "", **imports})
        base = Figure.of([ms for ms, _ in runs.pop(nothing)])
        self._statistics["import"] = {
            name: Figure.of([max(ms - base.minimum, 0.0) for ms, _ in found]) for name, found in runs.items()
        }
        self._say("fresh processes: measured")

    def _fresh(self, programs: dict[str, str]) -> dict[str, list[tuple[float, int | None]]]:
        """Run programs in interleaved rounds: the milliseconds and the KiB of each run.

        The first run of each is not counted: it compiles modules and fills caches.
        """
        runs: dict[str, list[tuple[float, int | None]]] = {name: [] for name in programs}
        for number in range(self._rounds + 1):
            for name, source in programs.items():
                try:
                    fresh = run_fresh(source, str(self._databases["blog"]))
                except WorkerError as error:
                    self._say(f"fresh processes: one of {name} failed: {error}")
                else:
                    if number:
                        runs[name].append((fresh.seconds * 1e3, fresh.rss_kib))
        return {name: found for name, found in runs.items() if found}


def _installed(package: str) -> bool:
    top = package.partition(".")[0]
    if top == "noormme" and (ROOT / "src" / "noormme" / "__init__.py").exists():
        return True
    return top in sys.stdlib_module_names or find_spec(top) is not None


def _startup_program(name: str) -> str:
    return (Path(__file__).parent / "startup" / f"{name}_startup.py").read_text(encoding="utf-8")
