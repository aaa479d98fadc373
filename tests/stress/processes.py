"""How fairly processes that write one file share it.

Run it for the figures, from the root of the repository: 16 processes, each in a loop of transactions of 20 ms,
for 30 s.

    NOORMME_STRESS_SECONDS=30 NOORMME_STRESS_PROCESSES=16 python -m tests.stress.processes

It prints one line of JSON: how many transactions each process made, how long one waited at most for its turn,
the errors, and how many of the acknowledged rows are there.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import apsw

from noormme import NoormmeError, connect

SECONDS = float(os.environ.get("NOORMME_STRESS_SECONDS", "2"))
PROCESSES = int(os.environ.get("NOORMME_STRESS_PROCESSES", "16"))

HELD_S = 0.02
"""How long each transaction holds the lock."""

ROOT = Path(__file__).resolve().parents[2]


def measure(folder: Path, *, processes: int, seconds: float) -> dict[str, Any]:
    """Let processes write one file, and say how it went."""
    path = folder / "shared.db"
    connection = apsw.Connection(str(path))
    connection.execute(
        "CREATE TABLE marks (id INTEGER PRIMARY KEY, worker INTEGER NOT NULL, n INTEGER NOT NULL)"
    )
    connection.close()
    command = [sys.executable, "-m", "tests.stress.processes", "work", str(path), str(seconds)]
    workers = [
        subprocess.Popen(
            [*command, str(worker)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for worker in range(processes)
    ]
    try:
        for worker in workers:
            assert worker.stdout is not None
            assert worker.stdout.readline() == "ready\n"
        for worker in workers:
            assert worker.stdin is not None
            worker.stdin.write("go\n")
            worker.stdin.flush()
        reports = [json.loads(worker.communicate(timeout=seconds + 120)[0]) for worker in workers]
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()
    with connect(path, readonly=True) as db:
        stored = {worker: {mark.n for mark in db.marks.filter(worker=worker)} for worker in range(processes)}
    done = [report["done"] for report in reports]
    return {
        "processes": processes,
        "seconds": seconds,
        "transactions": sum(done),
        "slowest": min(done),
        "fastest": max(done),
        "ratio": round(min(done) / max(max(done), 1), 3),
        "longest_wait_s": round(max(report["longest_wait_s"] for report in reports), 3),
        "errors": sum((Counter(report["errors"]) for report in reports), Counter[str]()),
        "lost": sum(len(set(range(count)) - stored[worker]) for worker, count in enumerate(done)),
        "rows": sum(map(len, stored.values())),
    }


def work(path: str, seconds: float, worker: int) -> dict[str, Any]:
    """What one process does."""
    db = connect(path)
    db.marks.count()
    print("ready", flush=True)
    sys.stdin.readline()
    done, longest = 0, 0.0
    errors: Counter[str] = Counter()
    end = time.monotonic() + seconds
    while (asked := time.monotonic()) < end:
        try:
            with db.transaction():
                longest = max(longest, time.monotonic() - asked)
                db.marks.create(worker=worker, n=done)
                time.sleep(HELD_S)
            done += 1
        except NoormmeError as error:
            errors[f"{type(error).__name__}: {error.message}"] += 1
    db.close()
    return {"done": done, "longest_wait_s": longest, "errors": errors}


def main() -> None:
    """Work, or measure and print."""
    if sys.argv[1:2] == ["work"]:
        result = work(sys.argv[2], float(sys.argv[3]), int(sys.argv[4]))
    else:
        with tempfile.TemporaryDirectory() as folder:
            result = measure(Path(folder), processes=PROCESSES, seconds=SECONDS)
    print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main()
