"""A file that is open here cannot be opened with Python's own sqlite3: each would drop the other's locks."""

from __future__ import annotations

import gc
import os
import sqlite3
import warnings
from collections.abc import Callable
from pathlib import Path

import apsw
import pytest

from noormme import UnsafeOperation, connect

NAMES: list[Callable[[Path], object]] = [
    str,
    Path,
    lambda path: os.fsencode(path),
    lambda path: f"file:{path}",
    lambda path: f"file:{path}?mode=ro",
    lambda path: f"file://{path}",
    lambda path: f"file://localhost{path}?mode=ro#part",
    lambda path: f"file:{str(path).replace('o', '%6F')}",
    lambda path: path.with_name("link.db"),
    lambda path: os.path.relpath(path),
]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "one.db"
    connection = apsw.Connection(str(file))
    connection.execute("CREATE TABLE t (id INTEGER PRIMARY KEY)").fetchall()
    connection.close()
    file.with_name("link.db").symlink_to(file)
    return file


def open_second(name: object) -> None:
    """Open a file with the other library, which must not succeed where the file is open in noormme."""
    is_uri = isinstance(name, str) and name.startswith("file:")
    sqlite3.connect(name, uri=is_uri).close()  # type: ignore[arg-type]


@pytest.mark.parametrize("name", NAMES)
def test_the_same_file_is_refused_whatever_it_is_called(path: Path, name: Callable[[Path], object]) -> None:
    with connect(path) as db:
        with pytest.raises(UnsafeOperation, match=r"one.db' is open in noormme.*use db.execute\(\)"):
            open_second(name(path))
        assert db.t.count() == 0
    open_second(name(path))


def test_other_files_are_not_its_business(path: Path, tmp_path: Path) -> None:
    with connect(path), connect(":memory:"):
        for name in (":memory:", tmp_path / "two.db", "file::memory:", f"file:{tmp_path / 'three.db'}"):
            open_second(name)


def test_a_database_that_is_gone_is_not_watched(path: Path) -> None:
    db = connect(path)
    db.t.count()
    del db
    gc.collect()
    open_second(path)


def test_a_warning_instead(path: Path) -> None:
    with connect(path, sqlite3_guard="warn"), pytest.warns(RuntimeWarning, match="drops the locks") as caught:
        open_second(path)
    assert caught[0].filename == __file__


def test_nothing_at_all(path: Path) -> None:
    with connect(path, sqlite3_guard="off"), warnings.catch_warnings():
        warnings.simplefilter("error")
        open_second(path)


def test_one_of_two_refuses(path: Path) -> None:
    for other in ("off", "warn"):
        with connect(path, sqlite3_guard=other), connect(path), pytest.raises(UnsafeOperation):  # type: ignore[arg-type]
            open_second(path)


def test_a_closed_database_leaves_the_others_watching(path: Path) -> None:
    with connect(path):
        connect(path).close()
        with pytest.raises(UnsafeOperation):
            open_second(path)
