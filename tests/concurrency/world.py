"""A small database that tests of transactions write, and another process that holds its lock."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import apsw

SCRIPT = """
CREATE TABLE people (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, age INTEGER,
    boss_id INTEGER REFERENCES people(id) DEFERRABLE INITIALLY DEFERRED
);
CREATE TABLE strict_names (id INTEGER PRIMARY KEY, name TEXT UNIQUE ON CONFLICT ROLLBACK);
INSERT INTO people (name, age) VALUES ('ann', 40), ('bob', 30);
"""

HOLDER = """
import sys, apsw
connection = apsw.Connection(sys.argv[1])
connection.set_busy_timeout(10000)
connection.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.readline()
connection.execute("COMMIT")
connection.close()
print("free", flush=True)
sys.stdin.readline()
"""


def build(path: Path) -> Path:
    """Make the file."""
    connection = apsw.Connection(str(path))
    connection.execute(SCRIPT)
    connection.close()
    return path


class Holder:
    """Another process, which knows nothing of noormme, that has the right to write."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def say(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def free(self) -> None:
        """Have it commit."""
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        assert self.say() == "free"


@contextmanager
def held(path: Path) -> Iterator[Holder]:
    """Have another process hold the right to write."""
    command = [sys.executable, "-c", HOLDER, str(path)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        holder = Holder(process)
        assert holder.say() == "held"
        yield holder
    finally:
        process.kill()
        process.communicate()


def in_thread(run: Callable[[], Any]) -> Any:
    """What a function gives in a thread of its own, or the error that it raises."""
    found: list[Any] = []

    def call() -> None:
        try:
            found.append(run())
        except BaseException as error:
            found.append(error)

    thread = threading.Thread(target=call)
    thread.start()
    thread.join(30)
    assert found, "the thread waits for ever"
    return found[0]
