"""The event loop goes on, whatever is asked: what takes long is done elsewhere."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import apsw
import pytest

from noormme import Count, Database, DatabaseLocked, connect
from tests.orm.support import ids
from tests.orm.world import change

SLOW = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {}) SELECT i FROM n"
MANY = (
    "CREATE TABLE numbers (id INTEGER PRIMARY KEY, word TEXT);"
    f"INSERT INTO numbers SELECT i, 'word ' || i FROM ({SLOW.format(30_000)});"
)

HELD_S = 0.5
"""Longer than this a loop is never held here; a blocking call holds it for seconds, and other programs use the
processors as well."""


@asynccontextmanager
async def watched() -> AsyncIterator[list[float]]:
    """How long the loop was held at once, for each of its turns, in seconds."""
    held: list[float] = []

    async def watch() -> None:
        while True:
            before = time.perf_counter()
            await asyncio.sleep(0)
            held.append(time.perf_counter() - before)
            await asyncio.sleep(0.001)

    task = asyncio.create_task(watch())
    await asyncio.sleep(0)
    try:
        yield held
    finally:
        task.cancel()


def workers(db: Database) -> int:
    """How many worker threads there are."""
    return sum(len(pool._threads) for pool in db._engine.workers._pools.values())


@pytest.mark.sqlite("servers are asked from workers")
async def test_what_is_short_stays_on_the_thread_of_the_loop(db: Database) -> None:
    db.users.count()
    threads: set[int] = set()
    with db._engine.capture(lambda sql, parameters: threads.add(threading.get_ident())):
        for _ in range(3):
            assert await db.users.acount() == 4
            assert (await db.users.aget(id=1)).name == "Ann"
            assert len(await db.posts.select_related("author").prefetch_related("tags")) == 5
            assert len([user async for user in db.users]) == 4
    assert threads == {threading.get_ident()}
    assert workers(db) == 0


async def test_what_is_long_goes_to_a_worker(opened: Callable[..., Database]) -> None:
    db = opened(f"CREATE VIEW slow AS {SLOW.format(3_000_000)}")
    # Its file of plans is read, which is nothing for the loop.
    db.slow.all().sql()
    threads: list[int] = []
    with db._engine.capture(lambda sql, parameters: threads.append(threading.get_ident())):
        async with watched() as held:
            assert await db.slow.acount() == 3_000_000
            first = len(threads)
            assert await db.slow.acount() == 3_000_000
    assert threads[0] == threading.get_ident()
    assert threads[first - 1] != threading.get_ident()
    # What was long is not tried on the loop again.
    assert len(threads) == first + 1
    assert threads[-1] != threading.get_ident()
    assert len(held) > 20
    assert max(held) < HELD_S


@pytest.mark.sqlite("servers are asked from workers")
async def test_what_has_become_short_comes_back(opened: Callable[..., Database]) -> None:
    db = opened(
        "CREATE TABLE sizes (id INTEGER PRIMARY KEY, n INTEGER); INSERT INTO sizes VALUES (1, 3000000);"
        "CREATE VIEW slow AS WITH RECURSIVE n(i) AS"
        " (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < (SELECT n FROM sizes)) SELECT i FROM n"
    )
    assert await db.slow.acount() == 3_000_000
    change(db.path, "UPDATE sizes SET n = 10")
    assert await db.slow.acount() == 10
    threads: set[int] = set()
    with db._engine.capture(lambda sql, parameters: threads.add(threading.get_ident())):
        assert await db.slow.acount() == 10
    assert threads == {threading.get_ident()}


async def test_many_rows_do_not_hold_the_loop(opened: Callable[..., Database]) -> None:
    db = opened(MANY)
    async with watched() as held:
        rows = await db.numbers.order_by("word")
        assert len(rows) == 30_000
        total = 0
        async for row in db.numbers.order_by("id"):
            total += row.id
        assert total == 30_000 * 30_001 // 2
        assert len(await db.aexecute("select * from numbers")) == 30_000
        assert len({row.word for row in await db.table("numbers")}) == 30_000
    assert max(held) < HELD_S


async def test_one_short_query_after_another_lets_others_run(db: Database) -> None:
    await db.users.aget(id=1)
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(others())
    until = time.monotonic() + 30
    while turns < 10:
        assert time.monotonic() < until, "no other task has had a turn"
        await db.users.aget(id=1)
    task.cancel()


async def test_a_loop_over_many_rows_reads_them_in_chunks(opened: Callable[..., Database]) -> None:
    db = opened(MANY)
    # Its file of plans is read, which is nothing for the loop.
    db.numbers.order_by("id").sql()
    seen = 0
    statements: list[str] = []
    with db._engine.capture(lambda sql, parameters: statements.append(sql)):
        async for row in db.numbers.order_by("id").aiterator(100):
            seen += 1
            assert row.id == seen
            if seen == 1_000:
                # The others are not read yet: they see what is written now.
                change(db.path, "PRAGMA journal_mode")
                break
    assert len(statements) == 2, "a look on the loop's thread, and the reading itself"


async def test_two_loops_over_rows_at_once(opened: Callable[..., Database]) -> None:
    db = opened(MANY)
    pairs = 0
    outer = db.numbers.order_by("id").aiterator(1_000)
    inner = db.numbers.order_by("-id").aiterator(700)
    async for one in outer:
        other = await anext(inner)
        assert one.id + other.id == 30_001
        pairs += 1
    assert pairs == 30_000
    assert await anext(inner, None) is None


async def test_more_loops_than_workers(opened: Callable[..., Database]) -> None:
    db = opened(MANY)

    async def follow(number: int) -> int:
        seen = 0
        async for row in db.numbers.filter(id__lte=5_000).aiterator(500):
            # The body asks as well, and waits for a worker.
            if row.id % 1_000 == 0:
                assert await db.numbers.filter(word__endswith="7").acount() == 3_000
            seen += 1
        return seen

    assert await asyncio.gather(*map(follow, range(60))) == [5_000] * 60


async def test_a_loop_that_is_left_gives_its_connection_back(opened: Callable[..., Database]) -> None:
    db = opened(MANY)
    for _ in range(20):
        async for row in db.numbers.aiterator(10):
            if row.id == 50:
                break
        await asyncio.sleep(0)
    await asyncio.sleep(0.05)
    # One for each thread, and one for the loops, one after the other.
    assert db._engine._readers.number <= 1 + workers(db) + 2
    # Nothing reads any more: a checkpoint finds no reader in its way.
    change(db.path, "PRAGMA journal_mode = WAL; INSERT INTO numbers VALUES (30001, 'x')")
    connection = apsw.Connection(db.path)
    assert connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall() == [(0, 0, 0)]
    connection.close()


@pytest.mark.parametrize("seconds", [1.0])
async def test_a_locked_file_does_not_hold_the_loop(own: Path, seconds: float) -> None:
    with connect(own, readonly=True) as db:
        assert await db.users.acount() == 4
        locker = apsw.Connection(str(own))
        locker.execute("PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE").fetchall()
        async with watched() as held:
            asking = [
                asyncio.ensure_future(db.users.acount()),
                asyncio.ensure_future(db.users.aget(id=1)),
                asyncio.ensure_future(db.users.order_by("id").__aiter__().__anext__()),
            ]
            await asyncio.sleep(seconds)
            assert not any(each.done() for each in asking)
            locker.execute("COMMIT")
            count, ann, first = await asyncio.gather(*asking)
        assert (count, ann.name, first.id) == (4, "Ann", 1)
        assert max(held) < seconds / 2
        locker.close()


async def test_waiting_for_a_locked_file_ends(own: Path) -> None:
    with connect(own, readonly=True, busy_timeout_s=0.1) as db:
        assert await db.users.acount() == 4
        locker = apsw.Connection(str(own))
        locker.execute("PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE").fetchall()
        with pytest.raises(DatabaseLocked):
            await db.users.acount()
        started = time.monotonic()
        with pytest.raises(DatabaseLocked):
            # Without a coroutine the thread of a loop waits as any other.
            db.users.count()
        assert 0.1 <= time.monotonic() - started < 4  # it would wait for five seconds
        locker.close()
        assert await db.users.acount() == 4


def memory() -> Database:
    db = connect(":memory:")
    db._engine.fetch(MANY + f"CREATE VIEW slow AS {SLOW.format(3_000_000)}", ())
    db.refresh()
    return db


async def test_a_database_in_memory() -> None:
    with memory() as db:
        assert await db.numbers.acount() == 30_000
        assert (await db.numbers.aget(id=7)).word == "word 7"
        assert len([row async for row in db.numbers.filter(id__lte=1_200)]) == 1_200
        async with watched() as held:
            slow = asyncio.create_task(db.slow.acount())
            await asyncio.sleep(0.02)
            # A worker has the one connection: nobody waits for it on the loop.
            assert (await db.numbers.aget(id=8)).word == "word 8"
            assert ids(await db.numbers.order_by("id")[:2]) == [1, 2]
            assert await slow == 3_000_000
        assert max(held) < HELD_S


COLD = """
import asyncio, sys, time
from noormme import connect

async def main():
    with connect(sys.argv[1], readonly=True) as db:
        assert "sqlalchemy" not in sys.modules
        held = [0.0]
        async def watch():
            while True:
                before = time.perf_counter()
                await asyncio.sleep(0)
                held.append(time.perf_counter() - before)
                await asyncio.sleep(0.001)
        task = asyncio.create_task(watch())
        await asyncio.sleep(0.01)
        assert await db.users.filter(age__gt=18).acount() == 2
        task.cancel()
        print(len(held))
asyncio.run(main())
"""


def test_the_first_query_of_a_process_does_not_hold_the_loop(world: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", COLD, str(world)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 5, "loading SQLAlchemy takes a hundred times as long as a turn of the loop"


def test_the_methods_themselves_have_no_deadline(opened: Callable[..., Database]) -> None:
    db = opened(f"CREATE VIEW slow AS {SLOW.format(1_000_000)}")

    async def ask() -> Any:
        assert await db.slow.filter(i=1).aexists()
        return db.slow.count(), db.slow.aggregate(n=Count("i"))

    assert asyncio.run(ask()) == (1_000_000, {"n": 1_000_000})
