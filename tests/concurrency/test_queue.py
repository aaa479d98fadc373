"""The queue between processes: first come, first served, and nothing that dies leaves it blocked."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from noormme.engines.sqlite.queue import FileQueue

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no flock on Windows")

LONG_S = 30
"""Longer than anything here takes: who waits for that long waits for ever."""

OTHER = """
import sys
from noormme.engines.sqlite.queue import FileQueue
queue = FileQueue(sys.argv[1])
print("ready", flush=True)
for line in sys.stdin:
    match line.strip():
        case "try":
            print(queue.try_acquire(), flush=True)
        case "acquire":
            print("asking", flush=True)
            print(queue.acquire(30), flush=True)
        case "release":
            queue.release()
            print("released", flush=True)
"""


class Process:
    """Another process with a queue for the same file, which does what it is told."""

    def __init__(self, path: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", OTHER, str(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.read() == "ready"

    def read(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def tell(self, what: str) -> str:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{what}\n")
        self.process.stdin.flush()
        return self.read()

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture(autouse=True)
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "runtime"
    folder.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
    return folder


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "data" / "app.db"
    file.parent.mkdir()
    file.touch()
    return file


@pytest.fixture
def queue(path: Path) -> Iterator[FileQueue]:
    made = FileQueue(str(path))
    yield made
    made.close()


@pytest.fixture
def process(path: Path) -> Iterator[Callable[[], Process]]:
    started: list[Process] = []

    def start() -> Process:
        started.append(Process(path))
        return started[-1]

    yield start
    for each in started:
        each.kill()


def until(condition: Callable[[], bool]) -> None:
    """Wait until something is true that is about to become true."""
    end = time.monotonic() + LONG_S
    while not condition():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.001)


def gate_is_shut(runtime: Path) -> bool:
    import fcntl

    (gate,) = (runtime / "noormme").glob("*.gate")
    with gate.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False


def test_one_at_a_time(queue: FileQueue, process: Callable[[], Process]) -> None:
    other = process()
    for _ in range(3):
        assert queue.try_acquire()
        assert other.tell("try") == "False"
        queue.release()
        assert other.tell("try") == "True"
        assert not queue.try_acquire()
        assert not queue.acquire(0.01)
        assert other.tell("release") == "released"
        assert queue.acquire(LONG_S)
        queue.release()


def test_nothing_is_written_beside_the_file(queue: FileQueue, path: Path, runtime: Path) -> None:
    assert list(runtime.iterdir()) == []
    assert queue.acquire(0)
    assert [each.name for each in path.parent.iterdir()] == ["app.db"]
    folder = runtime / "noormme"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert sorted(each.suffix for each in folder.iterdir()) == [".gate", ".lock"]
    assert {each.stat().st_mode & 0o777 for each in folder.iterdir()} == {0o600}


def test_two_names_of_a_file_are_one_queue(queue: FileQueue, path: Path) -> None:
    link = path.with_name("link.db")
    link.symlink_to(path)
    other = FileQueue(str(link))
    assert queue.acquire(0)
    assert not other.try_acquire()
    queue.release()
    assert other.try_acquire()
    other.close()
    assert queue.try_acquire()


def test_who_releases_cannot_take_the_turn_past_who_waits(
    queue: FileQueue, process: Callable[[], Process], runtime: Path
) -> None:
    other = process()
    for _ in range(20):
        assert queue.acquire(LONG_S)
        assert other.tell("acquire") == "asking"
        until(lambda: gate_is_shut(runtime))
        queue.release()
        assert not queue.try_acquire()
        assert other.read() == "True"
        assert not queue.try_acquire()
        assert other.tell("release") == "released"


def test_a_wait_that_was_given_up_gives_back_what_it_gets(
    queue: FileQueue, process: Callable[[], Process], runtime: Path
) -> None:
    other = process()
    assert other.tell("try") == "True"
    assert not queue.acquire(0.01)
    until(lambda: gate_is_shut(runtime))
    assert other.tell("release") == "released"
    until(lambda: other.tell("try") == "True")


def test_the_next_wait_takes_the_place_of_one_that_was_given_up(
    queue: FileQueue, process: Callable[[], Process], runtime: Path
) -> None:
    other = process()
    assert other.tell("try") == "True"
    before = threading.active_count()
    for _ in range(10):
        assert not queue.acquire(0.001)
    assert threading.active_count() == before + 1
    until(lambda: gate_is_shut(runtime))
    granted = threading.Event()
    cancel = queue.when_acquired(granted.set)
    assert other.tell("release") == "released"
    assert granted.wait(LONG_S)
    assert not cancel()
    assert other.tell("try") == "False"
    queue.release()
    assert other.tell("try") == "True"


def test_waiting_with_a_callback(queue: FileQueue, process: Callable[[], Process]) -> None:
    calls: list[str] = []
    cancel = queue.when_acquired(lambda: calls.append("at once"))
    assert calls == ["at once"]
    assert not cancel()
    other = process()
    queue.release()
    assert other.tell("try") == "True"
    cancel = queue.when_acquired(lambda: calls.append("never"))
    assert cancel()
    assert other.tell("release") == "released"
    until(queue.try_acquire)
    assert calls == ["at once"]


def test_a_callback_that_fails_does_not_keep_the_turn(
    queue: FileQueue, process: Callable[[], Process]
) -> None:
    def fail() -> None:
        raise RuntimeError("the loop is closed")

    other = process()
    assert other.tell("try") == "True"
    queue.when_acquired(fail)
    assert other.tell("release") == "released"
    until(lambda: other.tell("try") == "True")


def test_killing_who_holds_and_who_waits(
    queue: FileQueue, process: Callable[[], Process], runtime: Path
) -> None:
    for _ in range(5):
        holder, waiter, last = process(), process(), process()
        assert holder.tell("try") == "True"
        assert waiter.tell("acquire") == "asking"
        until(lambda: gate_is_shut(runtime))
        assert last.tell("acquire") == "asking"
        waiter.kill()
        holder.kill()
        assert last.read() == "True"
        last.kill()
        assert queue.acquire(LONG_S)
        queue.release()


FORKING = """
import os, sys
from noormme.engines.sqlite.queue import FileQueue
queue = FileQueue(sys.argv[1])
assert queue.acquire(0)
child = os.fork()
if child == 0:
    queue.after_fork()
    taken = [queue.try_acquire(), queue.acquire(0.01)]
    queue.release()
    queue.close()
    os._exit(0 if taken == [False, False] else 1)
assert os.waitpid(child, 0)[1] == 0, "the child has the turn of its parent"
assert not FileQueue(sys.argv[1]).try_acquire(), "the child gave the turn of its parent away"
queue.release()
child = os.fork()
if child == 0:
    queue.after_fork()
    os._exit(0 if queue.acquire(30) else 1)
assert os.waitpid(child, 0)[1] == 0
assert queue.acquire(30), "a child that ended still has the turn"
print("done")
"""


def test_a_fork_has_a_place_of_its_own(path: Path) -> None:
    program = [sys.executable, "-c", FORKING, str(path)]
    done = subprocess.run(program, capture_output=True, text=True, timeout=60)
    assert done.stdout == "done\n", done.stderr


SHARING = """
import os, sys, time
from noormme.engines.sqlite.queue import FileQueue
queue = FileQueue(sys.argv[1])
assert queue.acquire(0)
if os.fork() == 0:
    queue.after_fork()
    print("child", flush=True)
    time.sleep(60)
time.sleep(60)
"""


def test_a_child_does_not_keep_the_turn_of_a_parent_that_was_killed(queue: FileQueue, path: Path) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", SHARING, str(path)],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert parent.stdout is not None
    assert parent.stdout.readline() == "child\n"
    assert not queue.try_acquire()
    parent.kill()
    parent.wait()
    try:
        assert queue.acquire(LONG_S)
    finally:
        os.killpg(parent.pid, 9)
        parent.stdout.close()


def test_closing_leaves_the_queue(queue: FileQueue, process: Callable[[], Process]) -> None:
    other = process()
    assert queue.acquire(0)
    queue.close()
    assert other.tell("try") == "True"
    assert queue.try_acquire(), "a closed queue lets everybody through"
    queue.release()


def test_closing_while_waiting(path: Path, process: Callable[[], Process], runtime: Path) -> None:
    other = process()
    assert other.tell("try") == "True"
    queue = FileQueue(str(path))
    assert not queue.acquire(0.01)
    until(lambda: gate_is_shut(runtime))
    queue.close()
    assert other.tell("release") == "released"
    until(lambda: other.tell("try") == "True")


def wrong_mode(runtime: Path) -> None:
    (runtime / "noormme").mkdir()
    (runtime / "noormme").chmod(0o777)


def a_link(runtime: Path) -> None:
    (runtime / "elsewhere").mkdir(mode=0o700)
    (runtime / "noormme").symlink_to(runtime / "elsewhere")


def a_file(runtime: Path) -> None:
    (runtime / "noormme").touch(mode=0o700)


def missing(runtime: Path) -> None:
    runtime.rmdir()


@pytest.mark.parametrize("hostile", [wrong_mode, a_link, a_file, missing])
def test_a_folder_that_cannot_be_trusted_is_not_used(
    queue: FileQueue, path: Path, runtime: Path, hostile: Callable[[Path], None]
) -> None:
    hostile(runtime)
    other = FileQueue(str(path))
    assert queue.acquire(0)
    assert other.acquire(0), "without a queue everybody is let through"
    queue.release()
    other.release()
    assert list(runtime.rglob("*.lock")) == []


def test_a_folder_of_another_user(path: Path, runtime: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (runtime / "noormme").mkdir(mode=0o700)
    monkeypatch.setattr(os, "geteuid", lambda: (runtime / "noormme").stat().st_uid + 1)
    assert FileQueue(str(path)).acquire(0)
    assert list((runtime / "noormme").iterdir()) == []


def test_without_a_runtime_folder_the_temporary_one_serves(
    queue: FileQueue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("XDG_RUNTIME_DIR")
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    assert queue.acquire(0)
    assert len(list((tmp_path / f"noormme-{os.geteuid()}").iterdir())) == 2


RUSH = """
import sys
from noormme.engines.sqlite.queue import FileQueue
queue = FileQueue(sys.argv[1])
shared = open(sys.argv[2], "r+b", buffering=0)
print("ready", flush=True)
sys.stdin.readline()
for _ in range(200):
    assert queue.try_acquire() or queue.acquire(60)
    number = int(shared.read() or b"0")
    shared.seek(0)
    shared.write(b"%d" % (number + 1))
    shared.seek(0)
    queue.release()
"""


def test_a_rush_of_processes_is_let_through_one_by_one(path: Path, tmp_path: Path) -> None:
    counter = tmp_path / "counter"
    counter.touch()
    program = [sys.executable, "-c", RUSH, str(path), str(counter)]
    processes = [
        subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(8)
    ]
    for each in processes:
        assert each.stdout is not None
        assert each.stdout.readline() == "ready\n"
    for each in processes:
        assert each.stdin is not None
        each.stdin.write("go\n")
        each.stdin.flush()
    for each in processes:
        each.communicate(timeout=120)
        assert each.returncode == 0
    assert counter.read_bytes() == b"1600"
