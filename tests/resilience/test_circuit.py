"""The circuit breaker: what keeps failing is not tried again until a pause is over."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from time import sleep

import apsw
import pytest

from noormme import Database, connect
from noormme.errors import DatabaseLocked, NotNullViolation, Unavailable

PAUSE_S = 1.5


@pytest.fixture
def db(path: str) -> Iterator[Database]:
    with connect(path, breaker_failures=2, breaker_pause_s=PAUSE_S, busy_timeout_s=0.02) as database:
        database.notes.create(text="the file is in WAL mode from here on")
        yield database


@pytest.fixture
def other(db: Database) -> Iterator[apsw.Connection]:
    """Another program's connection."""
    connection = apsw.Connection(db.path)
    yield connection
    connection.close()


def write(db: Database) -> None:
    db.notes.create(text="x")


def transact(db: Database) -> None:
    with db.transaction():
        db.notes.create(text="x")


@pytest.mark.parametrize("attempt", [write, transact])
def test_too_many_failures_open_it_and_a_success_after_the_pause_closes_it(
    db: Database, other: apsw.Connection, attempt: object
) -> None:
    assert callable(attempt)
    other.execute("BEGIN IMMEDIATE")
    for _ in range(2):
        with pytest.raises(DatabaseLocked):
            attempt(db)
    with pytest.raises(Unavailable) as caught:
        attempt(db)
    assert str(caught.value) == (
        "writing failed 2 times in a row, and is not tried again for 1.5 s; "
        "reading goes on; the errors before this one say why"
    )
    assert db.notes.count() == 2
    other.execute("ROLLBACK")
    with pytest.raises(Unavailable):
        attempt(db)
    sleep(PAUSE_S)
    attempt(db)
    attempt(db)
    assert db.notes.count() == 4


def test_in_coroutines(db: Database, other: apsw.Connection) -> None:
    async def main() -> None:
        for expected in (DatabaseLocked, DatabaseLocked, Unavailable):
            with pytest.raises(expected):
                await db.notes.acreate(text="x")
        with pytest.raises(Unavailable):
            async with db.transaction():
                raise AssertionError
        other.execute("ROLLBACK")
        await asyncio.sleep(PAUSE_S)
        async with db.transaction():
            await db.notes.acreate(text="x")

    other.execute("BEGIN IMMEDIATE")
    asyncio.run(main())
    assert db.notes.count() == 3


def test_a_trial_that_fails_opens_it_again(db: Database, other: apsw.Connection) -> None:
    other.execute("BEGIN IMMEDIATE")
    for expected in (DatabaseLocked, DatabaseLocked, Unavailable):
        with pytest.raises(expected):
            write(db)
    sleep(PAUSE_S)
    for expected in (DatabaseLocked, Unavailable):
        with pytest.raises(expected):
            write(db)


def test_a_success_between_failures_begins_the_count_anew(db: Database, other: apsw.Connection) -> None:
    for _ in range(3):
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseLocked):
            transact(db)
        other.execute("ROLLBACK")
        transact(db)
    assert db.notes.count() == 5


def test_mistakes_do_not_count(db: Database) -> None:
    for _ in range(5):
        with pytest.raises(NotNullViolation):
            db.execute("INSERT INTO notes (text) VALUES (NULL)")
        with pytest.raises(RuntimeError), db.transaction():
            raise RuntimeError
    write(db)


def test_it_is_off_unless_it_is_asked_for(path: str) -> None:
    with connect(path, busy_timeout_s=0) as db:
        db.notes.create(text="x")
        other = apsw.Connection(path)
        other.execute("BEGIN IMMEDIATE")
        for _ in range(5):
            with pytest.raises(DatabaseLocked):
                write(db)
        other.close()


def test_without_its_library(path: str) -> None:
    program = (
        "import sys; sys.modules['pybreaker'] = None; import noormme\n"
        f"try: noormme.connect({path!r}, breaker_failures=5)\n"
        "except noormme.NotSupported as error: print(error)\n"
        f"noormme.connect({path!r}).close()"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "breaker_failures needs the package pybreaker; pip install 'noormme[breaker]'\n"
