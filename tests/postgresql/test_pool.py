"""The pool under strain: tasks that are cancelled, threads that are interrupted, processes that are forked."""

from __future__ import annotations

import asyncio
import os
import random
import threading
from collections.abc import Callable
from contextlib import suppress

import pytest

from noormme import Database, PoolTimeout, TableNotFound

SCRIPT = "CREATE TABLE items (id int PRIMARY KEY, n int); INSERT INTO items SELECT i, 0 FROM generate_series(1, 1500) i"


@pytest.fixture
def db(opened: Callable[..., Database]) -> Database:
    return opened(SCRIPT, max_connections=3, pool_timeout_s=20)


def all_free(db: Database) -> bool:
    """Whether every connection can be borrowed, which none that has leaked can."""
    pool = db._engine._pool
    links = [pool.take() for _ in range(db.settings.max_connections)]
    for link in links:
        assert link.run("SELECT pg_current_xact_id_if_assigned()") == [(None,)], "in no transaction"
        pool.give(link)
    return pool.busy == 0


def test_tasks_that_are_cancelled_anywhere_keep_no_connection(db: Database) -> None:
    chance = random.Random(7)

    async def busy(number: int) -> None:
        key = 1 + number % 40
        kind = number % 5
        if kind == 0:
            async with db.transaction():
                item = await db.items.select_for_update().aget(pk=key)
                item.n += 1
                await item.asave()
        elif kind == 1:
            async for item in db.items.order_by("id"):
                assert item.id
                await asyncio.sleep(0)
        elif kind == 2:
            await db.items.filter(pk=key).aupdate(n=1)
        elif kind == 3:
            await db.aexecute("SELECT pg_sleep(0.01)")
        else:
            with suppress(TableNotFound):
                await db.aexecute(f"SELECT * FROM missing_{number}")

    async def main() -> None:
        for _ in range(6):
            tasks = [asyncio.create_task(busy(number)) for number in range(40)]
            for task in chance.sample(tasks, 25):
                await asyncio.sleep(chance.random() * 0.004)
                task.cancel()
            for result in await asyncio.gather(*tasks, return_exceptions=True):
                assert result is None or isinstance(result, asyncio.CancelledError)
        while db._engine.workers.busy:
            await asyncio.sleep(0.01)

    asyncio.run(main())
    assert all_free(db)


def test_streams_that_are_left_keep_no_connection(db: Database) -> None:
    async def main() -> None:
        for _ in range(8):
            stream = aiter(db.items.order_by("id"))
            assert (await anext(stream)).id == 1
            await stream.aclose()

    asyncio.run(main())
    for _ in range(8):
        rows = db.items.order_by("id").iterator(10)
        next(rows)
        del rows
    assert all_free(db)


def test_threads_that_give_up_keep_no_connection(opened: Callable[..., Database]) -> None:
    db = opened(SCRIPT, max_connections=2, pool_timeout_s=0.05)
    outcomes: list[str] = []

    def work() -> None:
        for _ in range(10):
            try:
                with db.transaction():
                    db.execute("SELECT pg_sleep(0.02)")
                outcomes.append("done")
            except PoolTimeout:
                outcomes.append("late")

    threads = [threading.Thread(target=work) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(outcomes) == 120
    assert {"done", "late"} == set(outcomes)
    assert all_free(db)


def test_what_a_transaction_made_can_be_asked_for_in_it(opened: Callable[..., Database]) -> None:
    """With one connection there is no other to look at new SQL with; and no other one sees the table."""
    db = opened(SCRIPT, max_connections=1, pool_timeout_s=0.5)
    with db.transaction():
        db.execute("CREATE TABLE fresh (n int)")
        db.execute("INSERT INTO fresh VALUES (?)", [5])
        assert db.execute("SELECT n FROM fresh WHERE n > ?", [1]) == [(5,)]
        with pytest.raises(TableNotFound):
            db.execute("SELECT n FROM staler")
        assert db.execute("SELECT count(*) FROM fresh") == [(1,)]
    assert db.items.explain()
    with db.transaction():
        assert db.items.filter(pk=1).explain()
    assert db.execute("SELECT n FROM fresh") == [(5,)]


def test_forks_share_no_connection(db: Database) -> None:
    """Children are made while threads of the parent use its connections."""
    over = threading.Event()
    failed: list[BaseException] = []

    def read() -> None:
        try:
            while not over.is_set():
                assert db.items.filter(pk__lte=7).count() == 7
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    ends = []
    for _ in range(6):
        child = os.fork()
        if child == 0:
            code = 1
            try:
                code = 0 if db.items.count() == 1500 and db.items.filter(pk=1).update(n=3) == 1 else 2
            finally:
                os._exit(code)
        ends.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    over.set()
    for thread in threads:
        thread.join(10)
    assert ends == [0] * 6
    assert failed == []
    assert all_free(db)
