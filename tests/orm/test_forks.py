"""Processes that are forked while their threads use databases."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.orm.world import change

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no fork on Windows")


FORK = """
import os, sys
from noormme import connect
db = connect(sys.argv[1])
memory = connect(":memory:")
posts = list(db.posts.order_by("id"))
rows = db.users.order_by("id").iterator(1)
next(rows)
child = os.fork()
if child == 0:
    try:
        assert [post.author.name for post in posts] == ["Ann", "Ann", "Bob", "Bob", "Cleo"]
        assert db.users.count() == 4 and memory.tables == []
        db.close()
        os._exit(0)
    except BaseException as error:
        print("child:", repr(error), flush=True)
        os._exit(1)
assert os.waitpid(child, 0)[1] == 0
assert [user.id for user in rows] == [2, 3, 4]
assert [post.author.name for post in posts] == ["Ann", "Ann", "Bob", "Bob", "Cleo"]
closed = connect(sys.argv[1])
closed.close()
child = os.fork()
if child == 0:
    os._exit(0 if db.tags.count() == 3 else 1)
assert os.waitpid(child, 0)[1] == 0
assert db.tags.count() == 3
print("parent works")
"""


def test_a_child_process_works_and_its_parent_too(own: Path) -> None:
    change(own, "PRAGMA journal_mode = WAL")
    done = subprocess.run(
        [sys.executable, "-c", FORK, str(own)], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.stdout, done.stderr, done.returncode) == ("parent works\n", "", 0)


HELD = """
import os, signal, sys, threading
from noormme import connect
db = connect(sys.argv[1])
held, done = threading.Event(), threading.Event()

def hold():
    # As a thread does that makes the model of a table.
    with db._registry.making:
        held.set()
        done.wait()

threading.Thread(target=hold, daemon=True).start()
held.wait()
child = os.fork()
if child == 0:
    signal.alarm(20)
    os._exit(0 if db.tags.count() == 3 else 1)
assert os.waitpid(child, 0)[1] == 0
done.set()
assert db.tags.count() == 3
"""

IMPORTING = """
import os, signal, sys, threading, time
from noormme import connect
db = connect(sys.argv[1])
begun = threading.Event()

class Slowly:
    def find_spec(self, name, *more):
        if name == "sqlalchemy":
            begun.set()
            time.sleep(0.3)

sys.meta_path.insert(0, Slowly())
thread = threading.Thread(target=db.tags.count)
thread.start()
begun.wait()
child = os.fork()
if child == 0:
    signal.alarm(20)
    os._exit(0 if db.tags.count() == 3 else 1)
assert os.waitpid(child, 0)[1] == 0
thread.join()
"""

DESCRIBING = """
import os, signal, sys, threading, time
from noormme import connect
from noormme.deferred import made_by_one
begun = threading.Event()

def make():
    begun.set()
    time.sleep(0.3)
    return "made"

decoder = made_by_one(make)
thread = threading.Thread(target=decoder)
thread.start()
begun.wait()
child = os.fork()
if child == 0:
    signal.alarm(20)
    os._exit(0 if decoder() == "made" and connect(sys.argv[1]).tags.count() == 3 else 1)
assert os.waitpid(child, 0)[1] == 0
thread.join()
"""

OPENING = """
import os, signal, sys, threading
from noormme import connect
with connect(sys.argv[1]) as db:
    db.tags.count()
going = [True]

def use():
    while going:
        with connect(sys.argv[1]) as db:
            db.tags.count()

threads = [threading.Thread(target=use) for _ in range(3)]
for thread in threads:
    thread.start()
ended = []
for _ in range(20):
    child = os.fork()
    if child == 0:
        signal.alarm(20)
        with connect(sys.argv[1]) as db:
            os._exit(0 if db.tags.count() == 3 else 1)
    ended.append(os.waitpid(child, 0)[1])
going.clear()
for thread in threads:
    thread.join()
assert ended == [0] * 20, ended
"""


@pytest.mark.parametrize(
    "program",
    [HELD, IMPORTING, DESCRIBING, OPENING],
    ids=["making", "importing", "describing", "opening connections"],
)
def test_a_child_process_waits_for_no_thread_of_its_parent(own: Path, program: str) -> None:
    subprocess.run([sys.executable, "-c", program, str(own)], check=True, timeout=60)


USING = """
import os, signal, sys, threading, time
from importlib.machinery import PathFinder
from noormme import connect
db = connect(sys.argv[1])
db.tags.count()

def work():
    if sys.argv[3] == "transaction":
        with db.transaction():
            pass
    else:
        db.tags.create(name=str(os.getpid()))

begun, forking = threading.Event(), threading.Event()
os.register_at_fork(before=forking.set)

class Slowly:
    def find_spec(self, name, *more):
        if name != sys.argv[2]:
            return None
        spec = PathFinder.find_spec(name, *more)
        execute = spec.loader.exec_module

        # Not the search for the module, for whose end Python's own fork waits.
        def slowly(module):
            begun.set()
            forking.wait()
            time.sleep(0.3)
            execute(module)

        spec.loader.exec_module = slowly
        return spec

sys.meta_path.insert(0, Slowly())
thread = threading.Thread(target=work)
thread.start()
assert begun.wait(30), "it is imported by now"
child = os.fork()
if child == 0:
    signal.alarm(20)
    work()
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
thread.join()
"""


@pytest.mark.parametrize(
    ("module", "work"), [("noormme.orm.writing.insert", "write"), ("noormme.orm.transaction", "transaction")]
)
def test_a_fork_waits_for_what_a_first_use_imports(own: Path, module: str, work: str) -> None:
    subprocess.run([sys.executable, "-c", USING, str(own), module, work], check=True, timeout=60)


COUNTING = """
import os, signal, sys, threading
from noormme import Unavailable, connect
from noormme.errors import DatabaseLocked
db = connect(sys.argv[1], breaker_failures=1)
db.tags.create(name="parent")
held, done = threading.Event(), threading.Event()

def hold():
    # As a thread does that counts whether it could write.
    with db._engine._circuit._breaker._lock:
        held.set()
        done.wait()

threading.Thread(target=hold, daemon=True).start()
held.wait()
child = os.fork()
if child == 0:
    signal.alarm(20)
    db.tags.create(name="child")
    with db.transaction():
        db.tags.create(name="another")
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
done.set()
db._engine._circuit.failed(DatabaseLocked(""))
child = os.fork()
if child == 0:
    try:
        db.tags.create(name="child")
    except Unavailable:
        # What its parent has seen, the child knows.
        os._exit(0)
    os._exit(1)
assert os.waitpid(child, 0)[1] == 0
"""

SETTLING = """
import gc, os, signal, sys, threading
from noormme import connect
db = connect(sys.argv[1])
peers = db.model("tags").__noormme_mapper__.peers
held, done = threading.Event(), threading.Event()

def hold():
    with peers.steady():
        held.set()
        done.wait()

threading.Thread(target=hold, daemon=True).start()
held.wait()
child = os.fork()
if child == 0:
    signal.alarm(20)
    kept = [list(db.tags)[0] for _ in range(50)]
    assert peers._released
    gc.collect()
    os._exit(0 if not peers._released else 1)
assert os.waitpid(child, 0)[1] == 0
done.set()
"""


@pytest.mark.parametrize("program", [COUNTING, SETTLING], ids=["counting failures", "settling peers"])
def test_locks_that_a_thread_of_the_parent_holds_are_new_in_the_child(own: Path, program: str) -> None:
    subprocess.run([sys.executable, "-c", program, str(own)], check=True, timeout=60)


MEMORY = """
import os, signal, sys, threading, time
from noormme import DatabaseClosed, TransactionError, connect
from noormme.engines.sqlite import cursors
db = connect(":memory:")
db.execute("CREATE TABLE t (id INTEGER PRIMARY KEY)")
db.refresh()
db.t.create()
assert db.t.count() == 1
held, done = threading.Event(), threading.Event()

def in_thread(work):
    threading.Thread(target=work, daemon=True).start()
    held.wait()

def in_child(work):
    child = os.fork()
    if child == 0:
        signal.alarm(20)
        work()
        # Its connections are closed, as at the end of any program.
        sys.exit(0)
    assert os.waitpid(child, 0)[1] == 0

def use():
    assert db.t.count() == 1
    with db.capture() as statements:
        db.t.create()
        assert db.t.count() == 2
    assert len(statements) == 2
    with db.transaction():
        db.t.create()
    assert db.t.count() == 3
    # The copy is the child's, and its own children have one in their turn.
    db.t.filter(id__gt=1).delete()
"""

A_STATEMENT = """
forking = threading.Event()
os.register_at_fork(before=forking.set)

def hold():
    with db._engine.local.alone():
        held.set()
        forking.wait()
        time.sleep(0.3)

in_thread(hold)
in_child(lambda: (use(), in_child(use)))
"""

A_LONG_STATEMENT = """
cursors._FORK_WAITS_S = 0.1

def hold():
    with db._engine.local.alone():
        held.set()
        done.wait()

def refused():
    try:
        db.t.count()
    except DatabaseClosed:
        return
    raise AssertionError

in_thread(hold)
in_child(refused)
done.set()
"""

A_TURN = """
def hold():
    with db._engine.writes.held():
        held.set()
        done.wait()

in_thread(hold)
in_child(use)
done.set()
"""

A_TRANSACTION = """
def hold():
    with db.transaction():
        db.t.create()
        held.set()
        done.wait()

in_thread(hold)
in_child(use)
done.set()
"""

ITS_OWN_TRANSACTION = """
child = None
try:
    with db.transaction():
        db.t.create()
        child = os.fork()
        if child == 0:
            signal.alarm(20)
            assert db.t.count() == 1
except TransactionError:
    use()
    os._exit(0 if child == 0 else 1)
assert child, "the child has committed what its parent wrote"
assert os.waitpid(child, 0)[1] == 0
"""


@pytest.mark.parametrize(
    ("program", "left"),
    [(A_STATEMENT, 1), (A_LONG_STATEMENT, 1), (A_TURN, 1), (A_TRANSACTION, 2), (ITS_OWN_TRANSACTION, 2)],
    ids=["a statement", "a long statement", "a turn", "a transaction", "a transaction of its own"],
)
def test_a_child_has_what_was_committed_in_memory(program: str, left: int) -> None:
    # What the child does is nothing to its parent.
    end = f"assert db.t.count() == {left}, db.t.count()"
    subprocess.run([sys.executable, "-c", MEMORY + program + end], check=True, timeout=60)
