"""A file that cannot be written, is deleted or replaced: a named error, nothing by half, objects as they were."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import apsw
import pytest

from noormme import ConnectionFailed, connect
from tests.concurrency.world import build

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="it needs limits and rights of Unix")

LIMITED = """
import resource, signal, sys
from noormme import DiskFull, TransactionError, connect

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
db = connect(sys.argv[1])
ann = db.people.get(name="ann")
db.people.create(name="cem")
unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
big = "x" * 1_000_000

def refused(attempt):
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, resource.RLIM_INFINITY))
    try:
        attempt()
    except (DiskFull, TransactionError) as error:
        print(type(error).__name__)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, unlimited)

Person = db.model("people")
new, many = Person(name=big), [Person(name=f"{n}" + "y" * 50_000) for n in range(20)]
refused(new.save)
refused(lambda: db.people.bulk_create(many))
ann.name = big
refused(ann.save)

def block():
    with db.transaction():
        small.save()
        try:
            new.save()
        except DiskFull:
            # The block goes on, and may not be committed by half.
            small.update(age=1)
small = Person(name="small")
refused(block)
print([each.pk for each in (new, small, *many) if each.pk is not None], [p.name for p in db.people.order_by("id")])
ann.save(); new.name += "2"; new.save(); small.save(); db.people.bulk_create(many)
print(db.people.count(), db.people.get(pk=1).name == big, [new.id, small.id, many[-1].id])
print(db.execute("PRAGMA integrity_check")[0][0])
"""


def run(program: str, *arguments: str) -> list[str]:
    # Another user, or a program without room for files, could not write down what it covered.
    plain = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, timeout=60, env=plain
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


def test_objects_are_what_they_were_and_can_be_saved_when_there_is_room(tmp_path: Path) -> None:
    *refused, nothing, everything, integrity = run(LIMITED, str(build(tmp_path / "people.db")))
    assert refused[:3] == ["DiskFull"] * 3
    assert len(refused) in (3, 4), "SQLite may go on with the transaction, or end it"
    if len(refused) == 4:
        assert nothing == "[] ['ann', 'bob', 'cem']"
        assert everything == "25 True [4, 5, 25]"
    assert integrity == "ok"


READ_ONLY_FOLDER = """
import os, sys
from noormme import NoormmeError, connect
with connect(sys.argv[2]) as own:
    own.people.create(name="x"), list(own.people)
os.setuid(65534)
db = connect(sys.argv[1])
for attempt in (lambda: db.people.create(name="x"), lambda: db.transaction().__enter__()):
    try:
        attempt()
    except NoormmeError as error:
        print(type(error).__name__, "folder" in str(error))
print([person.name for person in db.people])
"""


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() != 0, reason="another user is needed")
def test_a_folder_that_may_only_be_read(tmp_path: Path) -> None:
    with TemporaryDirectory() as folder:
        file = build(Path(folder) / "people.db")
        file.chmod(0o666)
        Path(folder).chmod(0o555)
        found = run(READ_ONLY_FOLDER, str(file), str(build(tmp_path / "own.db")))
    assert found == ["ReadOnly True", "ReadOnly True", "['ann', 'bob']"]


def test_a_folder_that_is_deleted(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    with connect(build(folder / "people.db")) as db:
        cem = db.people.create(name="cem")
        assert db.people.count() == 3
        shutil.rmtree(folder)
        # Single statements look whether the file is there now and then only.
        time.sleep(0.1)
        cem.name = "lost"
        for attempt in (cem.save, lambda: db.people.create(name="x"), lambda: db.transaction().__enter__()):
            with pytest.raises(ConnectionFailed, match="deleted, moved or replaced"):
                attempt()
        assert db.people.count() == 3, "what is open can still be read"


def test_a_file_that_is_replaced(tmp_path: Path) -> None:
    path = build(tmp_path / "people.db")
    with connect(path) as db:
        db.people.create(name="cem")
        for file in tmp_path.glob("people.db*"):
            file.unlink()
        build(path)
        with pytest.raises(ConnectionFailed, match="deleted, moved or replaced"), db.transaction():
            db.people.create(name="lost")
    with connect(path) as db:
        assert db.people.count() == 2
        db.people.create(name="dan")
    connection = apsw.Connection(str(path))
    assert connection.execute("PRAGMA integrity_check").get == "ok"
    connection.close()


def test_a_file_that_is_deleted_in_a_transaction(tmp_path: Path) -> None:
    path = build(tmp_path / "people.db")
    with connect(path) as db:
        with db.transaction() as block:
            db.people.create(name="cem")
            for file in tmp_path.glob("people.db*"):
                file.unlink()
            block.rollback()
        with pytest.raises(ConnectionFailed), db.transaction():
            db.people.create(name="lost")
