"""Forks and the end of a program: nothing is shared, nothing is left behind."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import apsw
import pytest

posix = pytest.mark.skipif(sys.platform == "win32", reason="there is no fork on Windows")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "data" / "app.db"
    file.parent.mkdir()
    connection = apsw.Connection(str(file))
    connection.execute(
        "PRAGMA journal_mode = WAL; CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT);"
        "INSERT INTO t (name) VALUES ('a'), ('b'), ('c')"
    ).fetchall()
    connection.close()
    return file


def run(program: str, path: Path, code: int = 0) -> str:
    """What a program prints; it must end with that code, and a traceback of noormme's is an error."""
    done = subprocess.run(
        [sys.executable, "-c", program, str(path)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == code, done.stderr
    assert "Exception ignored" not in done.stderr
    return done.stdout


def names(path: Path) -> list[str]:
    """What is in the folder of the file."""
    return sorted(each.name for each in path.parent.iterdir())


BEGINNING = """
import os, sys, threading
from noormme import connect, TransactionError
db = connect(sys.argv[1])
"""

ENDS = {
    "reading": "assert db.t.count() == 3",
    "writing": "db.t.create(name='d')",
    "a stream": "db.t.create(name='d'); rows = db.t.iterator(1); next(rows)",
    "a thread": """
thread = threading.Thread(target=lambda: db.t.create(name='d') and db.t.count())
thread.start(); thread.join(); db.t.count()
""",
    "a thread that goes on": """
ready, never = threading.Event(), threading.Event()
threading.Thread(target=lambda: (db.t.count(), ready.set(), never.wait()), daemon=True).start()
ready.wait(); db.t.create(name='d')
""",
    "two databases": "other = connect(sys.argv[1]); other.t.create(name='d'); db.t.count()",
}


@pytest.mark.parametrize("what", ENDS)
def test_nothing_stays_beside_the_file(path: Path, what: str) -> None:
    run(BEGINNING + ENDS[what], path)
    assert names(path) == ["app.db"]


def test_a_program_that_ends_with_an_error(path: Path) -> None:
    run(BEGINNING + "db.t.create(name='d'); raise RuntimeError", path, code=1)
    assert names(path) == ["app.db"]


def test_a_transaction_that_was_never_ended_is_undone(path: Path) -> None:
    run(BEGINNING + "block = db.transaction(); block.__enter__(); db.t.create(name='d')", path)
    assert names(path) == ["app.db"]
    connection = apsw.Connection(str(path))
    assert connection.execute("SELECT count(*) FROM t").get == 3
    connection.close()


CHILD = """
def in_child(work):
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        try:
            work()
            os._exit(0)
        except BaseException as error:
            print("child:", repr(error), flush=True)
            os._exit(1)
    assert os.waitpid(child, 0)[1] == 0
"""

WRITING_CHILDREN = """
db.t.create(name='parent')
for number in range(5):
    in_child(lambda: (db.t.create(name='child'), db.t.count() == 5 + 2 * number or os._exit(2)))
    db.t.create(name='parent')
assert db.t.filter(name='child').count() == 5
print(db.t.count())
"""


@posix
def test_children_that_write(path: Path) -> None:
    assert run(BEGINNING + CHILD + WRITING_CHILDREN, path) == "14\n"


INSIDE = """
def work():
    assert db.t.filter(name='parent').count() == 0, "the child sees what its parent has not committed"

with db.transaction():
    db.t.create(name='parent')
    in_child(work)
    assert db.t.filter(name='parent').count() == 1
print(db.t.filter(name='parent').count())
"""

ENDING_INSIDE = """
child = None
try:
    with db.transaction():
        db.t.create(name='parent')
        child = os.fork()
    assert child, "the child has committed what its parent wrote"
except TransactionError:
    os._exit(0 if child == 0 and db.t.count() in (4, 5) else 1)
assert os.waitpid(child, 0)[1] == 0
print(db.t.count())
"""


@posix
def test_a_transaction_stays_with_the_parent(path: Path) -> None:
    assert run(BEGINNING + CHILD + INSIDE, path) == "1\n"
    assert run(BEGINNING + ENDING_INSIDE, path) == "5\n"


LEAVING = """
import time
db.t.create(name='parent')
parent = os.getpid()
if os.fork():
    os._exit(0)
while os.getppid() == parent:
    time.sleep(0.01)
sys.exit(0)
"""


@posix
def test_a_child_that_ends_does_not_merge_the_log_of_its_parent(path: Path) -> None:
    program = BEGINNING + LEAVING
    process = subprocess.run(
        [sys.executable, "-c", program, str(path)], stdout=subprocess.PIPE, timeout=60, check=True
    )
    # The output ends when the child, which has it too, has ended.
    assert process.stdout == b""
    assert names(path) == ["app.db", "app.db-shm", "app.db-wal"]
    connection = apsw.Connection(str(path))
    assert connection.execute("SELECT count(*) FROM t").get == 4
    connection.close()


EXITING = """
db.t.create(name='parent')
rows = db.t.iterator(1)
next(rows)
sys.stdout.flush()
child = os.fork()
if child == 0:
    assert db.t.count() == 4
    sys.exit(0)
assert os.waitpid(child, 0)[1] == 0
assert len(list(rows)) == 3
db.t.create(name='parent')
print(db.t.count())
"""


@posix
def test_a_child_that_ends_like_any_program_leaves_its_parent_alone(path: Path) -> None:
    assert run(BEGINNING + EXITING, path) == "5\n"
    assert names(path) == ["app.db"]
