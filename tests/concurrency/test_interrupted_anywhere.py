"""Ctrl-C at any moment of a write: what follows works at once, and what was acknowledged is there.

A block of ``with`` is another matter: Python itself may be interrupted between the end of a block and its ``__exit__``.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import apsw
import pytest

from tests.concurrency.world import build

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals are sent otherwise on Windows")

PROGRAM = """
import random, signal, sys
from noormme import connect

db = connect(sys.argv[1], busy_timeout_s=2)
written = []

def create():
    written.append(db.people.create(name=f"created {len(written)} {random.random()}").name)

def save():
    person = db.people.get(id=1)
    person.age = person.age + 1
    person.save()

def update():
    db.people.filter(id=1).update(age=41)

def text():
    db.execute("UPDATE people SET age = :age WHERE id = 2", {"age": 31})

work = {each.__name__: each for each in (create, save, update, text)}[sys.argv[2]]
work()
random.seed(int(sys.argv[3]))
kept = []
for number in range(250):
    signal.signal(signal.SIGALRM, signal.default_int_handler)
    try:
        signal.setitimer(signal.ITIMER_REAL, random.uniform(0.0001, 0.002), 0.02)
        while True:
            work()
    except KeyboardInterrupt as error:
        signal.setitimer(signal.ITIMER_REAL, 0)
        # As an interactive session keeps the last one.
        kept[:] = [error]
    finally:
        signal.signal(signal.SIGALRM, signal.SIG_IGN)
    written.append(db.people.create(name=f"after {number}").name)
    db.people.filter(id=2).update(age=number)
db.close()
print(len(written))
for name in written:
    print(name)
"""


@pytest.mark.unmeasured
@pytest.mark.parametrize("work", ["create", "save", "update", "text"])
def test_an_interrupt_anywhere_leaves_nothing_held(tmp_path: Path, work: str) -> None:
    path = build(tmp_path / "people.db")
    command = [sys.executable, "-c", PROGRAM, str(path), work, "1"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    number, *written = done.stdout.splitlines()
    assert len(written) == int(number)
    connection = apsw.Connection(str(path))
    found = {name for (name,) in connection.execute("SELECT name FROM people")}
    assert connection.execute("SELECT age FROM people WHERE id = 2").fetchall() == [(249,)]
    assert connection.pragma("integrity_check") == "ok"
    connection.close()
    assert set(written) <= found


STEP_BY_STEP = """
import sys
from noormme import connect

def interrupted(function, line):
    seen = []
    def local(frame, event, argument):
        if event == "line":
            seen.append(frame.f_lineno)
            if len(seen) == line:
                raise KeyboardInterrupt
        return local
    return lambda frame, event, argument: local if frame.f_code.co_name == function else None

db = connect(sys.argv[1], busy_timeout_s=2)
db.people.get(id=1)
written, interrupts = [], 0
for function in ("_begun", "_left", "_settle", "committing"):
    for line in range(1, 12):
        # Not what clears up after an interrupt: a second one is another matter.
        sys.settrace(interrupted(function, line))
        try:
            with db.transaction():
                name = db.people.create(name=f"in {function} {line}").name
        except KeyboardInterrupt:
            interrupts += 1
        else:
            written.append(name)
        finally:
            sys.settrace(None)
        written.append(db.people.create(name=f"after {function} {line}").name)
db.close()
assert interrupts > 15, interrupts
print(*written, sep="\\n")
"""


@pytest.mark.unmeasured
def test_a_block_that_is_interrupted_at_any_line_is_ended(tmp_path: Path) -> None:
    path = build(tmp_path / "people.db")
    done = subprocess.run(
        [sys.executable, "-c", STEP_BY_STEP, str(path)],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    connection = apsw.Connection(str(path))
    found = {name for (name,) in connection.execute("SELECT name FROM people")}
    connection.close()
    assert set(done.stdout.splitlines()) <= found
