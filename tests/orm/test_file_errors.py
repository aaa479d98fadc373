"""A database that cannot be opened or read says why, and what to do."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest

from noormme import ConnectionFailed, DatabaseError, DatabaseLocked, QueryFailed, connect
from tests.orm.world import change


def test_a_missing_file(tmp_path: Path, own: Path) -> None:
    with pytest.raises(ConnectionFailed, match="there is no file '.*owm.db'; did you mean 'own.db'"):
        connect(own.with_name("owm.db"))
    with pytest.raises(
        ConnectionFailed, match=f"there is no file '.*'; check the path; it is looked for in '{tmp_path}'"
    ):
        connect(tmp_path / "xyzzy.sqlite")
    with pytest.raises(ConnectionFailed, match="the folder '.*nowhere' does not exist"):
        connect(tmp_path / "nowhere" / "x.db")
    assert not (tmp_path / "xyzzy.sqlite").exists()


def test_a_directory(own: Path) -> None:
    with pytest.raises(ConnectionFailed, match="is a directory, not a database; it holds: own.db"):
        connect(own.parent)
    (empty := own.parent / "empty").mkdir()
    with pytest.raises(ConnectionFailed, match="is a directory, not a database; name a file"):
        connect(empty)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
@pytest.mark.parametrize("readonly", [False, True])
def test_what_is_no_file(tmp_path: Path, readonly: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # the path of a socket cannot be long
    os.mkfifo("some.fifo")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("some.socket")
        Path("app.db").symlink_to("some.fifo")
        for path, kind in (
            ("some.fifo", "a pipe"),
            ("app.db", "a pipe"),
            ("some.socket", "a socket"),
            ("/dev/null", "a device"),
        ):
            with pytest.raises(ConnectionFailed) as caught:
                connect(path, readonly=readonly)
            assert str(caught.value).startswith(
                f"'{path}' is {kind}, not a database; SQLite reads files alone"
            )


def test_a_folder_that_is_a_file(own: Path) -> None:
    with pytest.raises(
        ConnectionFailed, match="own.db/x.db' cannot be opened: something in front of a '/' is"
    ):
        connect(own / "x.db")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            b"not a database at all, but some text that is long enough" * 100,
            "is not a SQLite database, or it is encrypted",
        ),
        (os.urandom(8192), "is not a SQLite database, or it is encrypted; .*decrypt it to a copy"),
        (b"SQLite format 3\0" + b"\0" * 4096, "is not a SQLite database|is damaged"),
    ],
)
def test_what_is_no_database(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "x.db"
    path.write_bytes(content)
    with pytest.raises(ConnectionFailed, match=message) as caught:
        connect(path)
    assert isinstance(caught.value.__cause__, apsw.Error)
    assert caught.value.code == "connection_failed"


def test_what_another_connection_has_not_merged_yet_is_read(own: Path) -> None:
    other = apsw.Connection(str(own))
    other.execute("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; DELETE FROM log").fetchall()
    try:
        for readonly in (True, False):
            with connect(own, readonly=readonly) as db:
                assert db.log.count() == 0
    finally:
        other.close()


def test_an_empty_file_is_an_empty_database(tmp_path: Path) -> None:
    (tmp_path / "x.db").touch()
    with connect(tmp_path / "x.db") as db:
        assert db.tables == []


def test_a_truncated_database(own: Path) -> None:
    change(
        own,
        "CREATE TABLE big (id INTEGER PRIMARY KEY, data BLOB); INSERT INTO big SELECT 1, randomblob(200000)",
    )
    size = own.stat().st_size
    os.truncate(own, size - 100_000)
    with (
        pytest.raises(DatabaseError, match="is damaged|cannot be opened|file is damaged") as caught,
        connect(own) as db,
    ):
        list(db.big.all())
    assert "restore a backup" in str(caught.value)
    os.truncate(own, 1024)
    with pytest.raises(ConnectionFailed, match="restore a backup"):
        connect(own)


def test_damaged_pages(own: Path) -> None:
    with own.open("r+b") as file:
        for page in range(1, own.stat().st_size // 4096):
            file.seek(page * 4096)
            file.write(b"\xff" * 4096)
    with pytest.raises(QueryFailed, match="the database file is damaged"), connect(own) as db:
        for name in db.tables:
            list(db[name].all())


UNREADABLE = """
import os, sys
from noormme import ConnectionFailed, connect
connect(":memory:")  # what is imported late is imported now, while this user may read it
os.setresuid(65534, 65534, 65534)
for path in sys.argv[1:]:
    try:
        connect(path)
    except ConnectionFailed as error:
        print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="permissions are another thing on Windows")
def test_without_permission(request: pytest.FixtureRequest) -> None:
    folder = Path(tempfile.mkdtemp())
    request.addfinalizer(lambda: shutil.rmtree(folder))
    folder.chmod(0o755)
    shut, inside, beside = folder / "shut", folder / "shut" / "x.db", folder / "y.db"
    shut.mkdir()
    change(inside, "CREATE TABLE t (id)")
    change(beside, "CREATE TABLE t (id)")
    beside.chmod(0)
    shut.chmod(0)
    try:
        if os.getuid() == 0:
            # Nothing is forbidden to root, so somebody else asks.
            program = [sys.executable, "-c", UNREADABLE, str(beside), str(inside)]
            done = subprocess.run(program, capture_output=True, text=True, timeout=60, check=True)
            lines = done.stdout.splitlines()
        else:
            lines = []
            for path in (beside, inside):
                with pytest.raises(ConnectionFailed) as caught:
                    connect(path)
                lines.append(str(caught.value))
    finally:
        shut.chmod(0o700)
        beside.chmod(0o600)
    assert len(lines) == 2, lines
    assert "no permission to read" in lines[0]
    assert "chmod u+r" in lines[0]
    assert "no permission to" in lines[1]
    assert "chmod u+x" in lines[1]


@pytest.fixture
def locked(own: Path) -> Iterator[Path]:
    other = apsw.Connection(str(own))
    other.execute("BEGIN EXCLUSIVE")
    yield own
    other.close()


def test_a_locked_database_cannot_be_opened(locked: Path) -> None:
    with pytest.raises(
        DatabaseLocked, match="is locked by another connection; try again, or raise busy_timeout_s"
    ):
        connect(locked, busy_timeout_s=0.01)


def test_a_query_waits_once_for_a_lock(own: Path) -> None:
    with connect(own, busy_timeout_s=0.2) as db:
        user = db.users.get(id=1)
        other = apsw.Connection(str(own))
        other.execute("BEGIN EXCLUSIVE")
        for ask in (
            lambda: list(db.users.all()),
            lambda: db.users.get(id=1),
            lambda: db.users.count(),
            lambda: next(db.users.iterator()),
            lambda: user.profile,
        ):
            waited = []
            # On a busy machine one of them takes longer than it waits.
            while not waited or (min(waited) > 0.39 and len(waited) < 5):
                started = time.monotonic()
                with pytest.raises(
                    DatabaseLocked, match="(for too long; |locked by another .*, or )raise busy_timeout_s"
                ) as caught:
                    ask()
                waited.append(time.monotonic() - started)
                assert isinstance(caught.value.__cause__, apsw.BusyError)
            assert 0.1 < min(waited) < 0.39
        other.execute("ROLLBACK")
        other.close()
        assert db.users.count() == 4


def test_writers_do_not_hold_up_readers_in_wal_mode(own: Path) -> None:
    change(own, "PRAGMA journal_mode = WAL")
    other = apsw.Connection(str(own))
    try:
        with connect(own, busy_timeout_s=0) as db:
            other.execute("BEGIN IMMEDIATE; DELETE FROM log")
            assert db.log.count() == 3
            other.execute("COMMIT")
            assert db.log.count() == 0
    finally:
        other.close()
