"""What users do with files: links, folders, other threads after a chdir, Ctrl-C, copies."""

from __future__ import annotations

import copy
import os
import pickle
import signal
import threading
import time
from pathlib import Path

import apsw
import pytest

from noormme import (
    ConnectionFailed,
    Database,
    InvalidQuery,
    Q,
    QueryFailed,
    SettingsError,
    TableNotFound,
    connect,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A database with two tables."""
    made = tmp_path / "app.db"
    connection = apsw.Connection(str(made))
    connection.execute(
        "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);"
        "CREATE TABLE posts (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users);"
        "INSERT INTO users VALUES (1, 'Ann'), (2, 'Bob'); INSERT INTO posts VALUES (1, 1), (2, 2)"
    )
    connection.close()
    return made


@pytest.fixture
def db(path: Path) -> Database:
    return connect(path)


@pytest.mark.parametrize("target", [5, ["app.db"], object(), True])
def test_what_is_no_path_is_a_settings_error(target: object) -> None:
    with pytest.raises(SettingsError, match="named by a path"):
        connect(target)  # type: ignore[arg-type]


def test_a_path_may_be_bytes(path: Path) -> None:
    assert connect(os.fsencode(path)).users.count() == 2  # type: ignore[arg-type]


def test_a_link_to_nothing_is_called_one(tmp_path: Path) -> None:
    (tmp_path / "link.db").symlink_to(tmp_path / "gone.db")
    with pytest.raises(ConnectionFailed, match="is a link to a file that does not exist"):
        connect(tmp_path / "link.db")


def test_a_relative_path_means_the_same_file_after_chdir(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    db = connect(path.name)
    (tmp_path / "below").mkdir()
    monkeypatch.chdir(tmp_path / "below")
    counts: list[int] = []
    thread = threading.Thread(target=lambda: counts.append(db.users.count()))
    thread.start()
    thread.join()
    assert counts == [2]


def test_a_file_that_was_removed_is_missing_to_a_new_thread(db: Database, path: Path) -> None:
    path.unlink()
    errors: list[str] = []

    def ask() -> None:
        try:
            db.users.count()
        except ConnectionFailed as error:
            errors.append(str(error))

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    assert errors
    assert "there is no file" in errors[0]


def test_ctrl_c_stops_a_long_query(db: Database) -> None:
    connection = apsw.Connection(db.path)
    connection.execute(
        "CREATE VIEW endless AS WITH RECURSIVE n(i) AS "
        "(SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n"
    )
    connection.close()
    db.refresh()
    timer = threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT))
    started = time.monotonic()
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        db.endless.count()
    assert time.monotonic() - started < 20
    assert db.users.count() == 2


def test_pickles_belong_to_a_database_that_is_open(db: Database, path: Path) -> None:
    user = db.users.get(id=1)
    with connect(path) as other:
        assert other.users.count() == 2
    restored = pickle.loads(pickle.dumps(user))
    assert restored == user
    assert restored.posts.count() == 1


@pytest.mark.parametrize("name", [None, 5, ("users",), b"users", ["users"]])
def test_a_table_is_named_by_a_str(db: Database, name: object) -> None:
    with pytest.raises(TableNotFound, match="named by a str"):
        db[name]  # type: ignore[index]


def test_sql_may_be_copied_and_pickled(db: Database) -> None:
    sql = db.users.filter(name="Ann").sql()
    for again in (copy.copy(sql), copy.deepcopy(sql), pickle.loads(pickle.dumps(sql))):
        assert again == sql
        assert again.statement == sql.statement
        assert again.parameters == ("Ann",)


def test_a_long_chain_of_conditions_is_one_level(db: Database) -> None:
    either = Q()
    for number in range(900):
        either |= Q(id=number)
    assert len(list(either)) == 900
    assert db.users.filter(either).count() == 2
    for number in range(900, 2000):
        either |= Q(id=number)
    with pytest.raises(QueryFailed, match="goes into __in"):
        db.users.filter(either).count()


@pytest.mark.parametrize("depth", [150, 250, 350, 450, 2000])
def test_conditions_nested_too_deeply_say_so(db: Database, depth: int) -> None:
    nested = Q(id=1)
    for number in range(depth):
        nested = ~(nested & Q(id__gt=number))
    with pytest.raises(InvalidQuery, match="nested too deeply"):
        db.users.filter(nested).count()


@pytest.mark.skipif(
    os.name != "posix" or not hasattr(os, "fork") or os.getuid() != 0, reason="needs another user"
)
def test_a_wal_database_in_a_folder_of_another_user_says_what_is_missing(path: Path) -> None:
    connection = apsw.Connection(str(path))
    connection.execute("PRAGMA journal_mode=WAL").fetchall()
    connection.close()
    # Another user may enter the folders that pytest made, and write in none.
    for folder in path.parents:
        if folder.name.startswith(("pytest-", "popen-", "test_")):
            folder.chmod(folder.stat().st_mode | 0o055)
    path.chmod(0o644)
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.setuid(65534)
        try:
            connect(path)
            told = "opened"
        except Exception as error:
            told = f"{type(error).__name__}: {error}"
        os.write(writer, told.encode())
        os._exit(0)
    os.close(writer)
    os.waitpid(child, 0)
    told = os.read(reader, 2000).decode()
    os.close(reader)
    assert told.startswith("ConnectionFailed")
    assert "WAL mode" in told
