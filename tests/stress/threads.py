"""Threads and tasks of one process that read a row and write what they make of it.

Run it for the figures, from the root of the repository: 50 threads and 1,000 tasks for 30 s.

    NOORMME_STRESS_SECONDS=30 NOORMME_STRESS_THREADS=50 NOORMME_STRESS_TASKS=1000 python -m tests.stress.threads

It prints one line of JSON: how many transactions were acknowledged, the sum of the counters, the rows that they
logged, the errors, and how long one waited at most for its turn.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import apsw

from noormme import Database, NoormmeError, connect

SECONDS = float(os.environ.get("NOORMME_STRESS_SECONDS", "2"))
THREADS = int(os.environ.get("NOORMME_STRESS_THREADS", "50"))
TASKS = int(os.environ.get("NOORMME_STRESS_TASKS", "1000"))

COUNTERS = 10


class Tally:
    """What was acknowledged and what failed, of all threads and tasks."""

    def __init__(self) -> None:
        self.done = 0
        self.longest_wait_s = 0.0
        self.errors: Counter[str] = Counter()
        self._lock = threading.Lock()

    def add(self, done: int, longest_wait_s: float, errors: Counter[str]) -> None:
        with self._lock:
            self.done += done
            self.longest_wait_s = max(self.longest_wait_s, longest_wait_s)
            self.errors += errors


def measure(folder: Path, *, threads: int, tasks: int, seconds: float) -> dict[str, Any]:
    """Let threads and tasks write, and say how it went."""
    path = folder / "counters.db"
    connection = apsw.Connection(str(path))
    connection.execute(
        "CREATE TABLE counters (id INTEGER PRIMARY KEY, n INTEGER NOT NULL);"
        "CREATE TABLE events (id INTEGER PRIMARY KEY, who TEXT NOT NULL, n INTEGER NOT NULL)"
    )
    connection.execute("INSERT INTO counters (n) SELECT 0 FROM json_each(?)", (json.dumps([0] * COUNTERS),))
    connection.close()
    tally = Tally()
    # Each waits behind all the others, and a busy machine makes each of them slow.
    with connect(path, busy_timeout_s=60) as db:
        end = time.monotonic() + seconds
        workers = [
            threading.Thread(target=count_in_thread, args=(db, f"thread {number}", end, tally))
            for number in range(threads)
        ]
        for worker in workers:
            worker.start()
        asyncio.run(count_in_tasks(db, tasks, end, tally))
        for worker in workers:
            worker.join()
        logged = db.events.count()
        found = {
            "threads": threads,
            "tasks": tasks,
            "seconds": seconds,
            "acknowledged": tally.done,
            "counted": sum(counter.n for counter in db.counters),
            "logged": logged,
            "twice": logged - db.events.values("who", "n").distinct().count(),
            "errors": tally.errors,
            "longest_wait_s": round(tally.longest_wait_s, 3),
        }
    check = apsw.Connection(str(path))
    found["integrity"] = check.execute("PRAGMA integrity_check").get
    check.close()
    return found


def count_in_thread(db: Database, who: str, end: float, tally: Tally) -> None:
    """What one thread does."""
    done, longest = 0, 0.0
    errors: Counter[str] = Counter()
    while (asked := time.monotonic()) < end:
        try:
            with db.transaction():
                longest = max(longest, time.monotonic() - asked)
                counter = db.counters.get(id=random.randint(1, COUNTERS))
                counter.n += 1
                counter.save()
                db.events.create(who=who, n=done)
            done += 1
        except NoormmeError as error:
            errors[f"{type(error).__name__}: {error.message}"] += 1
    tally.add(done, longest, errors)


async def count_in_tasks(db: Database, tasks: int, end: float, tally: Tally) -> None:
    """What all tasks do, each for itself."""

    async def count(who: str) -> None:
        done, longest = 0, 0.0
        errors: Counter[str] = Counter()
        while (asked := time.monotonic()) < end:
            try:
                async with db.transaction():
                    longest = max(longest, time.monotonic() - asked)
                    counter = db.counters.get(id=random.randint(1, COUNTERS))
                    # Others run here, and must neither see nor change the row.
                    await asyncio.sleep(0)
                    counter.n += 1
                    counter.save()
                    db.events.create(who=who, n=done)
                done += 1
            except NoormmeError as error:
                errors[f"{type(error).__name__}: {error.message}"] += 1
        tally.add(done, longest, errors)

    await asyncio.gather(*(count(f"task {number}") for number in range(tasks)))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        print(json.dumps(measure(Path(made), threads=THREADS, tasks=TASKS, seconds=SECONDS)))
