"""The connections that read: limited, lent, taken back, closed when nobody uses them."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from typing import Any

import apsw
import pytest

from noormme import Database, DatabaseClosed, PoolTimeout, connect
from noormme.engines.sqlite.readers import Readers
from tests import switching

ROWS = 2_000


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "app.db"
    connection = apsw.Connection(str(file))
    connection.execute(
        "PRAGMA journal_mode = WAL; CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT);"
        f"WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {ROWS})"
        "INSERT INTO t (name) SELECT 'row' FROM n"
    ).fetchall()
    connection.close()
    return file


@pytest.fixture
def opened(path: Path) -> Iterator[Callable[..., Database]]:
    made: list[Database] = []

    def open_database(**settings: Any) -> Database:
        made.append(connect(path, **settings))
        return made[-1]

    yield open_database
    for each in made:
        each.close()


def readers_of(db: Database) -> Readers:
    readers = db._engine._readers  # type: ignore[attr-defined]
    assert isinstance(readers, Readers)
    return readers


def in_thread(work: Callable[[], Any]) -> Any:
    """What a new thread gives, which has ended then."""
    results: list[Any] = []
    thread = threading.Thread(target=lambda: results.append(work()))
    thread.start()
    thread.join()
    (result,) = results
    return result


def test_threads_that_ended_give_their_connections_back(opened: Callable[..., Database]) -> None:
    db = opened()
    for _ in range(20):
        assert in_thread(db.t.count) == ROWS
    assert readers_of(db).number == 2


def test_more_threads_than_connections(opened: Callable[..., Database]) -> None:
    db = opened(max_readers=3)
    barrier = threading.Barrier(12)

    def work(number: int) -> int:
        barrier.wait()
        for _ in range(50):
            assert db.t.get(id=number + 1).name == "row"
            assert db.t.filter(id__lte=10).count() == 10
        barrier.wait()
        return number

    with ThreadPoolExecutor(12) as pool:
        assert list(pool.map(work, range(12))) == list(range(12))
    assert readers_of(db).number <= 3


def test_a_connection_is_taken_from_a_thread_that_does_not_read(opened: Callable[..., Database]) -> None:
    db = opened(max_readers=1, pool_timeout_s=30)
    assert db.t.count() == ROWS
    assert in_thread(db.t.count) == ROWS
    assert db.t.count() == ROWS
    assert readers_of(db).number == 1


def test_all_connections_in_use(opened: Callable[..., Database]) -> None:
    db = opened(max_readers=1, pool_timeout_s=0.05)
    rows = db.t.iterator(chunk_size=10)
    next(rows)
    with pytest.raises(PoolTimeout) as caught:
        db.t.count()
    assert str(caught.value) == (
        "all 1 connections that read were in use for 0.05 s; read iterators to their end, or raise max_readers"
    )
    del rows
    gc.collect()
    assert db.t.count() == ROWS


def test_waiting_for_a_connection(opened: Callable[..., Database]) -> None:
    db = opened(max_readers=1, pool_timeout_s=30)
    rows = db.t.iterator(chunk_size=10)
    next(rows)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(db.t.count)
        assert len(list(rows)) == ROWS - 1
        assert waiting.result(timeout=60) == ROWS


def test_a_stream_does_not_hold_its_thread_to_an_old_snapshot(
    path: Path, opened: Callable[..., Database]
) -> None:
    db = opened()
    other = apsw.Connection(str(path))
    try:
        seen = 0
        for number, _ in enumerate(db.t.iterator(chunk_size=1)):
            if number % 100 == 0:
                other.execute("INSERT INTO t (name) VALUES ('new')").fetchall()
                assert db.t.filter(name="new").count() == number // 100 + 1
            seen += 1
        assert seen == ROWS
    finally:
        other.close()


def test_streams_take_turns_on_few_connections(opened: Callable[..., Database]) -> None:
    db = opened()
    for _ in range(20):
        rows = db.t.iterator(chunk_size=10)
        next(rows)
        del rows
        assert len(list(db.t.iterator())) == ROWS
    gc.collect()
    assert readers_of(db).number <= 3


def test_streams_at_the_same_time(opened: Callable[..., Database]) -> None:
    db = opened()
    streams = [db.t.order_by("id").iterator(chunk_size=7) for _ in range(5)]
    for rows in zip(*streams, strict=True):
        assert len({row.id for row in rows}) == 1
    assert readers_of(db).number == 6


def test_idle_connections_are_closed(opened: Callable[..., Database]) -> None:
    db = opened(idle_timeout_s=0.02)
    begin, done = threading.Event(), threading.Event()

    def idle() -> tuple[int, int]:
        first = db.t.count()
        done.set()
        assert begin.wait(60)
        return first, db.t.count()

    with ThreadPoolExecutor(1) as pool:
        idling = pool.submit(idle)
        assert done.wait(60)
        readers = readers_of(db)
        assert readers.number == 2
        until = time.monotonic() + 30
        while readers.number:
            time.sleep(0.01)
            readers.tidy()
            assert time.monotonic() < until, "they were never closed"
        begin.set()
        assert idling.result() == (ROWS, ROWS)
    assert db.t.count() == ROWS


def test_a_connection_in_use_is_not_idle(opened: Callable[..., Database]) -> None:
    db = opened(idle_timeout_s=0.001)
    rows = db.t.order_by("id").iterator(chunk_size=1)
    taken = [next(rows).id]
    for _ in range(20):
        time.sleep(0.002)
        readers_of(db).tidy()
        taken.append(next(rows).id)
    assert taken == list(range(1, 22))


def test_taking_connections_from_threads_that_read(opened: Callable[..., Database]) -> None:
    db = opened(idle_timeout_s=0.001)
    numbers = count()

    def read() -> None:
        assert db.t.get(id=next(numbers) % ROWS + 1).name == "row"
        assert len(db.t.filter(id__lte=5)) == 5

    with switching.meanwhile(read, 4):
        until = time.monotonic() + 1
        while time.monotonic() < until:
            readers_of(db)._next_look = 0.0
            readers_of(db).tidy()
            connection = readers_of(db)._take_from_a_thread()
            if connection is not None:
                readers_of(db).give(connection)
    assert next(numbers) > 4


def test_a_closed_database_gives_no_connection(opened: Callable[..., Database]) -> None:
    db = opened()
    rows = db.t.iterator(chunk_size=10)
    next(rows)
    db.close()
    with pytest.raises(DatabaseClosed):
        list(rows)
    with pytest.raises(DatabaseClosed):
        db.t.count()
    gc.collect()
    readers = readers_of(db)
    readers._spare.clear()
    with pytest.raises(DatabaseClosed):
        readers.take()
