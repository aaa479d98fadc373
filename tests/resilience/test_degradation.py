"""Reading goes on when writing cannot, and writing goes on when it can again."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

import apsw
import pytest

from noormme import connect
from noormme.errors import ConnectionFailed, DatabaseLocked, ReadOnly

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="it needs limits and rights of Unix")

LIMITED = """
import resource, signal, sys
from noormme import DiskFull, TransactionError, connect
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
db = connect(sys.argv[1])
db.notes.create(text="second")
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, resource.RLIM_INFINITY))
big = "x" * 1_000_000
for attempt in (
    lambda: db.notes.create(text=big),
    lambda: db.notes.bulk_create([db.model("notes")(text="y" * 10_000) for _ in range(100)]),
    lambda: db.notes.filter(id=1).update(text=big),
):
    try:
        attempt()
    except DiskFull as error:
        print(error)
try:
    with db.transaction():
        db.notes.create(text="small")
        db.notes.create(text=big)
except DiskFull:
    print("rolled back")
print([note.text for note in db.notes.order_by("id")], db.notes.filter(text=big).exists())
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
db.notes.create(text=big)
print(db.notes.count(), db.execute("PRAGMA integrity_check")[0][0])
"""


def test_files_that_cannot_grow(path: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, path], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.stderr == ""
    refused = "the database cannot grow; the disk, a quota or a limit on the size of files is reached: make room and try again"
    assert done.stdout.splitlines() == [
        *[refused] * 3,
        "rolled back",
        "['first', 'second'] False",
        "3 ok",
    ]


FULL = """
import os, shutil, sys
from noormme import DiskFull, connect
source, folder = sys.argv[1:]
shutil.copyfile(source, f"{folder}/app.db")
db = connect(f"{folder}/app.db")
db.notes.create(text="second")
free = os.statvfs(folder).f_bavail * os.statvfs(folder).f_bsize
with open(f"{folder}/ballast", "wb") as ballast:
    ballast.write(bytes(free - 40_000))

def fill():
    for _ in range(100):
        db.notes.create(text="z" * 5_000)

try:
    fill()
except DiskFull as error:
    print(error)
before = db.notes.count()
try:
    with db.transaction():
        fill()
except DiskFull:
    print("rolled back")
print(db.notes.count() == before, [note.text for note in db.notes.order_by("id")[:2]])
os.unlink(f"{folder}/ballast")
db.notes.create(text="z" * 100_000)
print(db.notes.count() == before + 1, db.execute("PRAGMA integrity_check")[0][0])
db.close()
"""


def test_a_disk_that_is_full(path: str, tmp_path: Path) -> None:
    folder = tmp_path / "disk"
    folder.mkdir()
    # A file system of its own, which ends with the process.
    alone = [
        "unshare",
        "--mount",
        "sh",
        "-c",
        'mount -t tmpfs -o size=2m tmpfs "$0" || exit 77; exec "$@"',
        str(folder),
    ]
    try:
        done = subprocess.run(
            [*alone, sys.executable, "-c", FULL, path, str(folder)],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    except FileNotFoundError:
        pytest.skip("there is no unshare to mount a file system with")
    if done.returncode in (1, 77) and "noormme" not in done.stderr:
        pytest.skip("this user may not mount a file system")
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        "there is no room to write to the database; free some space and try again; nothing of this was written, "
        "and reading goes on",
        "rolled back",
        "True ['first', 'second']",
        "True ok",
    ]


READ_ONLY = """
import os, sys
from noormme import ReadOnly, connect

def attempts(db):
    yield lambda: db.notes.create(text="x")
    yield lambda: db.transaction().__enter__()
    yield lambda: db.execute("DELETE FROM notes")

# Everything is loaded before the rights are given up, which may be needed to load it.
with connect(sys.argv[1]) as own:
    own.notes.create(text="x"), own.execute("DELETE FROM notes"), list(own.notes)
os.setuid(65534)
db = connect(sys.argv[2])
for attempt in attempts(db):
    try:
        attempt()
    except ReadOnly as error:
        print(error)
print([note.text for note in db.notes])
"""


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() != 0, reason="another user is needed")
def test_a_file_that_may_only_be_read(path: str) -> None:
    # Not in the folder of the tests, which other users may not enter.
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        file = Path(folder) / "app.db"
        shutil.copyfile(path, file)
        file.chmod(0o444)
        # The other user could not write down what was covered.
        plain = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
        done = subprocess.run(
            [sys.executable, "-c", READ_ONLY, path, str(file)],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
            env=plain,
        )
    assert done.stderr == ""
    *refused, rows = done.stdout.splitlines()
    assert len(refused) == 3
    assert all(line.startswith(f"no permission to write to '{file}'; ") for line in refused)
    assert rows == "['first']"


def test_a_database_that_was_opened_to_be_read(path: str) -> None:
    with connect(path, readonly=True) as db:
        with pytest.raises(ReadOnly):
            db.notes.create(text="x")
        assert db.notes.count() == 1


def test_a_file_that_was_deleted(path: str) -> None:
    with connect(path) as db:
        db.notes.create(text="second")
        assert db.notes.count() == 2
        for file in Path(path).parent.glob("app.db*"):
            file.unlink()
        until = monotonic() + 30
        with pytest.raises(ConnectionFailed, match="was deleted, moved or replaced while it was open"):
            # It is looked for once in a while only, because looking takes time too.
            while monotonic() < until:
                db.notes.create(text="lost")
        assert db.notes.exists()


def test_a_lock_that_another_program_keeps(path: str) -> None:
    with connect(path, busy_timeout_s=0.05) as db:
        db.notes.create(text="second")
        other = apsw.Connection(path)
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(DatabaseLocked):
            db.notes.create(text="third")
        assert db.notes.count() == 2
        other.close()
        db.notes.create(text="third")
