"""The form in which a column stores its values is learnt from values, never guessed for good."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import apsw
import pytest

from noormme import Database, DatabaseLocked, connect

AT = datetime(2024, 5, 6, 7, 8, 9)
MILLISECONDS = int((AT - datetime(1970, 1, 1)).total_seconds() * 1000)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    connection = apsw.Connection(str(tmp_path / "forms.db"))
    connection.execute("CREATE TABLE events (id INTEGER PRIMARY KEY, at DATETIME UNIQUE)").fetchall()
    connection.close()
    return tmp_path / "forms.db"


def insert(path: Path, *values: object) -> None:
    connection = apsw.Connection(str(path))
    connection.executemany("INSERT INTO events (at) VALUES (?)", [(value,) for value in values])
    connection.close()


def counts(db: Database) -> list[int]:
    found = [db.events.filter(at=AT).count(), db.events.filter(at__gte=AT).count()]
    return [*found, len(db.events.filter(at__hour=7)), len(db.events.filter(at__year=2024))]


def test_a_column_without_values_is_looked_at_again(path: Path) -> None:
    db = connect(path)
    assert counts(db) == [0, 0, 0, 0]
    insert(path, MILLISECONDS, MILLISECONDS + 1000)
    assert counts(db) == [1, 2, 2, 2]
    assert db.events.get(at=AT).at == AT


def test_what_was_read_before_there_were_values_is_read_fast_afterwards(path: Path) -> None:
    db = connect(path)
    assert list(db.events.all()) == []
    insert(path, MILLISECONDS)
    with db.capture() as statements:
        assert [row.at for row in db.events.all()] == [AT]
    assert len(statements) == 2, "the strict way, then the tolerant one"
    with db.capture() as statements:
        assert [row.at for row in db.events.all()] == [AT]
    assert len(statements) == 1


def test_a_plan_is_kept_once_there_are_values(path: Path) -> None:
    insert(path, MILLISECONDS)
    db = connect(path)
    counts(db)
    known = len(db.plans)
    assert counts(db) == [1, 1, 1, 1]
    assert len(db.plans) == known == 4


def test_refresh_forgets_what_was_learnt(path: Path) -> None:
    insert(path, "2024-05-06 07:08:09")
    db = connect(path)
    assert counts(db) == [1, 1, 1, 1]
    connection = apsw.Connection(str(path))
    connection.execute("UPDATE events SET at = ?", (MILLISECONDS,))
    connection.close()
    db.refresh()
    assert counts(db) == [1, 1, 1, 1]


def test_a_lock_while_looking_is_an_error_and_teaches_nothing(path: Path) -> None:
    insert(path, MILLISECONDS)
    db = connect(path, busy_timeout_s=0)
    blocker = apsw.Connection(str(path))
    blocker.execute("BEGIN EXCLUSIVE").fetchall()
    with pytest.raises(DatabaseLocked):
        db.events.filter(at=AT).count()
    blocker.execute("ROLLBACK").fetchall()
    blocker.close()
    assert counts(db) == [1, 1, 1, 1]
