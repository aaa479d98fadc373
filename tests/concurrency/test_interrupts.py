"""Ctrl-C while a program waits or writes: KeyboardInterrupt comes at once, and everything is given back."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import apsw
import pytest

from tests.concurrency.world import held

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals are sent otherwise on Windows")

START = """
import os, signal, sys, threading, time
from noormme import connect
db = connect(sys.argv[1], busy_timeout_s=30)
db.people.count()

def interrupt_soon(seconds=0.2):
    threading.Timer(seconds, os.kill, (os.getpid(), signal.SIGINT)).start()

def still_works():
    with db.transaction():
        db.people.create(name="after")
    made = db.people.create(name="after too")
    thread = threading.Thread(target=made.delete)
    thread.start()
    thread.join(10)
    print("gone" if not db.people.filter(pk=made.pk).exists() else "stuck", db.people.count(), flush=True)
"""

WAITS_FOR_A_THREAD = """
inside, over = threading.Event(), threading.Event()
def other():
    with db.transaction():
        inside.set()
        over.wait(30)
thread = threading.Thread(target=other)
thread.start()
inside.wait()
for attempt in (lambda: db.people.create(name="x"), lambda: db.transaction().__enter__()):
    interrupt_soon()
    started = time.monotonic()
    try:
        attempt()
    except KeyboardInterrupt:
        print("interrupted", time.monotonic() - started < 20)
over.set()
thread.join()
still_works()
"""

WAITS_FOR_A_PROCESS = """
for attempt in (lambda: db.people.create(name="x"), lambda: db.transaction().__enter__()):
    interrupt_soon()
    started = time.monotonic()
    try:
        attempt()
    except KeyboardInterrupt:
        print("interrupted", time.monotonic() - started < 20)
print("waiting", flush=True)
sys.stdin.readline()
still_works()
"""

IN_A_BLOCK = """
for _ in range(2):
    interrupt_soon()
    try:
        with db.transaction():
            made = db.people.create(name="x")
            with db.transaction():
                db.people.create(name="y")
                time.sleep(30)
    except KeyboardInterrupt:
        print("interrupted", made.pk is None)
still_works()
"""

IN_A_STATEMENT = """
interrupt_soon()
try:
    with db.transaction():
        db.execute(
            "UPDATE people SET age = (WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c"
            " WHERE n < 1000000000) SELECT max(n) FROM c)"
        )
except KeyboardInterrupt:
    print("interrupted", not db.people.filter(age__gt=100).exists())
still_works()
"""


def run(path: Path, program: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", START + program, str(path)],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    connection = apsw.Connection(str(path))
    assert connection.execute("PRAGMA integrity_check").get == "ok"
    connection.close()
    return done.stdout.splitlines()


def test_while_it_waits_for_another_thread(path: Path) -> None:
    assert run(path, WAITS_FOR_A_THREAD) == ["interrupted True", "interrupted True", "gone 3"]


def test_while_it_waits_for_another_process(path: Path) -> None:
    with held(path) as holder:
        process = subprocess.Popen(
            [sys.executable, "-c", START + WAITS_FOR_A_PROCESS, str(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        lines = [process.stdout.readline().strip() for _ in range(3)]
        assert lines == ["interrupted True", "interrupted True", "waiting"]
        holder.free()
        out, error = process.communicate("\n", timeout=60)
    assert (out, process.returncode) == ("gone 3\n", 0), error


def test_while_it_waits_in_the_queue_between_processes(path: Path) -> None:
    program = """
with db.transaction():
    print("inside", flush=True)
    sys.stdin.readline()
"""
    first = subprocess.Popen(
        [sys.executable, "-c", START + program, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert first.stdout is not None
    assert first.stdin is not None
    assert first.stdout.readline() == "inside\n"
    second = subprocess.Popen(
        [sys.executable, "-c", START + WAITS_FOR_A_PROCESS, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert second.stdout is not None
    assert [second.stdout.readline().strip() for _ in range(3)] == [
        "interrupted True",
        "interrupted True",
        "waiting",
    ]
    first.communicate("\n", timeout=60)
    assert second.communicate("\n", timeout=60)[0] == "gone 3\n"


def test_inside_a_block(path: Path) -> None:
    assert run(path, IN_A_BLOCK) == ["interrupted True", "interrupted True", "gone 3"]


def test_inside_a_statement(path: Path) -> None:
    assert run(path, IN_A_STATEMENT) == ["interrupted True", "gone 3"]
