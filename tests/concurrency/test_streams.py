"""Loops that write to the rows they go through, on a file that is not in WAL mode yet."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest

from noormme import Database, connect

ROWS, UNREADABLE = 2_000, 1_500


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    path = tmp_path / "rollback.db"
    connection = apsw.Connection(str(path))
    connection.execute(f"""
        CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, seen INTEGER);
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {ROWS})
        INSERT INTO people (id, name) SELECT i, 'p' || i FROM n;
        UPDATE people SET name = CAST(x'ff' AS TEXT) WHERE id = {UNREADABLE};
    """)
    assert connection.pragma("journal_mode") == "delete"
    connection.close()
    with connect(path, busy_timeout_s=1) as database:
        yield database


def test_a_loop_writes_to_its_rows(db: Database) -> None:
    seen: list[int] = []
    for person in db.people.order_by("id").iterator(chunk_size=10):
        seen.append(person.id)
        if person.id % 100 == 1:
            person.update(seen=1)
    assert seen == list(range(1, ROWS + 1))
    assert db.people.filter(seen=1).count() == ROWS // 100


def test_a_transaction_in_a_loop(db: Database) -> None:
    others = db.people.order_by("-id").iterator(chunk_size=10)
    next(others)
    for number, person in enumerate(db.people.order_by("id").iterator(chunk_size=10), 1):
        assert person.id == number
        if number < 3:
            with db.transaction():
                person.update(seen=1)
    assert [other.id for other in others] == list(range(ROWS - 1, 0, -1))
    assert db.execute("PRAGMA journal_mode")[0][0] == "wal"


def test_a_loop_in_a_coroutine(db: Database) -> None:
    async def main() -> None:
        seen: list[int] = []
        async for person in db.people.order_by("id").aiterator(chunk_size=100):
            seen.append(person.id)
            if person.id % 100 == 1:
                await person.aupdate(seen=1)
        assert seen == list(range(1, ROWS + 1))

    asyncio.run(main())
    assert db.people.filter(seen=1).count() == ROWS // 100


def test_text_that_is_not_utf_8_is_met_by_the_loop(db: Database) -> None:
    names: list[object] = []
    for person in db.people.order_by("id").iterator(chunk_size=10):
        names.append(person.name)
        if person.id == 1:
            person.update(seen=1)
    assert len(names) == ROWS
    assert (names[UNREADABLE - 2], names[UNREADABLE - 1]) == (f"p{UNREADABLE - 1}", b"\xff")
