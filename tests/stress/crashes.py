"""Processes that are killed in the middle of writing: what was acknowledged is there, and nothing is there by half.

Run it for the figures, from the root of the repository:

    NOORMME_STRESS_CRASHES=500 python -m tests.stress.crashes

In each round two processes write one file in WAL mode and say each commit over a pipe after it has returned; then
they are killed (SIGKILL), and the file is looked at. It prints one line of JSON: how many were killed, how many
commits they had acknowledged, and what was found wrong.
"""

from __future__ import annotations

import json
import os
import random
import select
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import apsw

from noormme import Database, connect

CRASHES = int(os.environ.get("NOORMME_STRESS_CRASHES", "200"))
SEED = int(os.environ.get("NOORMME_STRESS_SEED", "0")) or random.randrange(1, 2**31)

WRITERS = 2
ROUNDS_PER_FILE = 20
"""How many rounds one file sees: what a crash leaves behind is what the next round begins with."""

SIZES = {"alone": 1, "block": 5, "bulk": 40, "counted": 1, "durable": 2}
"""How many rows a write of each kind has."""

SCRIPT = """
CREATE TABLE writes (
    id INTEGER PRIMARY KEY, kind TEXT NOT NULL, tag TEXT NOT NULL, part INTEGER NOT NULL, UNIQUE (tag, part)
);
CREATE TABLE counters (id INTEGER PRIMARY KEY, n INTEGER NOT NULL);
INSERT INTO counters VALUES (1, 0);
"""


def measure(folder: Path, *, crashes: int, seed: int) -> dict[str, Any]:
    """Kill so many processes, and say what was found."""
    chance = random.Random(seed)
    killed, acknowledged, wrong, known = 0, Counter[str](), list[str](), set[tuple[str, str]]()
    path = folder / "none.db"
    while killed < crashes:
        turn, rest = divmod(killed // WRITERS, ROUNDS_PER_FILE)
        if rest == 0:
            path, known = folder / f"file{turn}.db", set()
            connection = apsw.Connection(str(path))
            connection.execute(SCRIPT)
            connection.close()
        said = crash(path, chance)
        killed += WRITERS
        acknowledged.update(kind for kind, _ in said)
        known |= said
        wrong += look(path, known)
    return {"killed": killed, "seed": seed, "acknowledged": dict(acknowledged), "wrong": wrong}


def crash(path: Path, chance: random.Random) -> set[tuple[str, str]]:
    """Let processes write, kill them, and give what they had acknowledged."""
    pipes: dict[int, int] = {}
    for _ in range(WRITERS):
        seed = chance.randrange(2**31)
        reading, writing = os.pipe()
        process = os.fork()
        if process == 0:
            os.close(reading)
            try:
                write(path, seed, writing)
            finally:
                os._exit(1)
        os.close(writing)
        pipes[process] = reading
    if chance.random() < 0.8:
        # After the first word of one of them; else while they open the file, or find it as the last ones left it.
        select.select(list(pipes.values()), [], [], 60)
    time.sleep(chance.uniform(0, 0.03))
    for process in pipes:
        os.kill(process, signal.SIGKILL)
    said: set[tuple[str, str]] = set()
    for process, reading in pipes.items():
        os.waitpid(process, 0)
        with os.fdopen(reading) as words:
            for line in words:
                if line.endswith("\n"):
                    kind, tag = line.split()
                    said.add((kind, tag))
    return said


def write(path: Path, seed: int, pipe: int) -> None:
    """What a process does until it is killed."""
    chance = random.Random(seed)
    db = connect(path)
    for number in range(10**9):
        kind = chance.choice(list(SIZES))
        tag = f"{seed}-{number}"
        write_one(db, kind, tag)
        os.write(pipe, f"{kind} {tag}\n".encode())


def write_one(db: Database, kind: str, tag: str) -> None:
    """One write, whole or not at all."""
    rows = [{"kind": kind, "tag": tag, "part": part} for part in range(SIZES[kind])]
    match kind:
        case "alone":
            db.writes.create(**rows[0])
        case "bulk":
            db.writes.bulk_create(rows)
        case "counted":
            with db.transaction():
                counter = db.counters.get(id=1)
                counter.n += 1
                counter.save()
                db.writes.create(**rows[0])
        case _:
            with db.transaction(durable=kind == "durable"):
                for row in rows:
                    db.writes.create(**row)
                with db.transaction() as inner:
                    db.writes.create(kind="undone", tag=tag, part=-1)
                    inner.rollback()


def look(path: Path, known: set[tuple[str, str]]) -> list[str]:
    """What is wrong with the file."""
    wrong: list[str] = []
    with connect(path) as db:
        found = Counter((row.kind, row.tag) for row in db.writes)
        wrong += [f"lost: {kind} {tag}" for kind, tag in known if (kind, tag) not in found]
        wrong += [f"half: {kind} {tag}" for (kind, tag), rows in found.items() if rows != SIZES.get(kind)]
        counted = sum(kind == "counted" for kind, _ in found)
        if db.counters.get(id=1).n != counted:
            wrong.append("the counter is not the number of rows that it counts")
        # noormme writes on, and reads what it wrote.
        with db.transaction():
            made = db.writes.create(kind="alone", tag="later", part=0)
            assert db.writes.get(tag="later") == made
            made.delete()
    connection = apsw.Connection(str(path))
    if (said := connection.execute("PRAGMA integrity_check").get) != "ok":
        wrong.append(f"integrity: {said}")
    connection.close()
    return wrong


if __name__ == "__main__":
    # In the parent, so that no child spends its short life on it.
    import sqlalchemy

    assert sqlalchemy
    with tempfile.TemporaryDirectory() as made:
        print(json.dumps(measure(Path(made), crashes=CRASHES, seed=SEED)))
    sys.exit()
