"""Many tasks, several loops, cancellation in the middle, and what is left afterwards: nothing."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from noormme import Database, DatabaseClosed, DoesNotExist, connect
from noormme.engines.workers import Job
from noormme.orm.aio.running import elsewhere
from tests.aio.test_budget import MANY, SLOW
from tests.orm.support import ids

ENDLESS = f"CREATE VIEW endless AS {SLOW.format(10**12)}"


async def settled(db: Database) -> None:
    """Wait until no worker does anything, five seconds at most."""
    until = time.monotonic() + 30
    while db._engine.workers.busy:
        assert time.monotonic() < until, "a worker goes on although nobody waits for it"
        await asyncio.sleep(0.005)


async def test_a_thousand_tasks(db: Database) -> None:
    async def ask(number: int) -> Any:
        user = await db.users.aget(id=number % 4 + 1)
        posts = await db.posts.filter(author=user).order_by("id")
        await asyncio.sleep(0)
        return user.id, ids(posts), await user.posts_as_author.acount()

    expected = {1: ([1, 2], 2), 2: ([3, 4], 2), 3: ([5], 1), 4: ([], 0)}
    for user, posts, count in await asyncio.gather(*map(ask, range(1_000))):
        assert expected[user] == (posts, count)


async def test_a_database_that_is_closed_while_a_worker_is_asked(
    opened: Callable[..., Database], monkeypatch: pytest.MonkeyPatch
) -> None:
    db = opened(ENDLESS)
    workers = db._engine.workers
    workers.submit(Job(str, (), {})).result()
    pool = workers._pools[False]
    submit = pool.submit

    def meanwhile(job: Job[Any]) -> Any:
        # As another thread would in between.
        db.close()
        return submit(job)

    monkeypatch.setattr(pool, "submit", meanwhile)
    with pytest.raises(DatabaseClosed):
        await elsewhere(db._engine, db.endless.count)
    await db.aclose()


async def test_an_error_of_one_task_is_its_own(db: Database) -> None:
    found = await asyncio.gather(
        *(db.users.aget(id=number) for number in range(1, 8)), return_exceptions=True
    )
    assert [getattr(each, "name", type(each).__mro__[1]) for each in found] == [
        "Ann", "Bob", "Cleo", "Dan", DoesNotExist, DoesNotExist, DoesNotExist,
    ]  # fmt: skip


async def test_long_and_short_ones_together(opened: Callable[..., Database]) -> None:
    db = opened(MANY + f"CREATE VIEW slow AS {SLOW.format(500_000)}")
    results = await asyncio.gather(
        *(db.slow.acount() for _ in range(8)),
        *(db.numbers.aget(id=number) for number in range(1, 200)),
        *(db.numbers.filter(word__contains="9").acount() for _ in range(4)),
    )
    assert results[:8] == [500_000] * 8
    assert [row.id for row in results[8:207]] == list(range(1, 200))
    assert len(set(results[207:])) == 1


@pytest.mark.parametrize("tasks", [1, 12])
async def test_cancelling_ends_the_statement(opened: Callable[..., Database], tasks: int) -> None:
    db = opened(MANY + ENDLESS)
    asking = [asyncio.create_task(db.endless.acount()) for _ in range(tasks)]
    await asyncio.sleep(0.1)
    assert not any(task.done() for task in asking)
    for task in asking:
        task.cancel()
    found = await asyncio.wait_for(asyncio.gather(*asking, return_exceptions=True), 5)
    assert {type(each) for each in found} == {asyncio.CancelledError}
    await settled(db)
    # The threads and their connections are as good as before.
    assert await db.numbers.filter(word__endswith="7").acount() == 3_000
    assert len(await db.numbers.order_by("word")) == 30_000


async def test_a_time_limit(opened: Callable[..., Database]) -> None:
    db = opened(ENDLESS)
    started = time.monotonic()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await db.endless
    assert time.monotonic() - started < 20
    await settled(db)


async def test_cancelling_a_loop_over_rows(opened: Callable[..., Database]) -> None:
    db = opened(MANY + ENDLESS)

    async def follow() -> None:
        async for row in db.endless.filter(i__lt=0):
            raise AssertionError(row)

    task = asyncio.create_task(follow())
    await asyncio.sleep(0.1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await settled(db)
    assert len([row async for row in db.numbers]) == 30_000


async def test_cancelling_before_it_began(db: Database) -> None:
    task = asyncio.create_task(db.users.acount())
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await db.users.acount() == 4


async def test_cancelling_what_waits_for_a_worker(opened: Callable[..., Database]) -> None:
    db = opened(ENDLESS + ";" + MANY)
    many = [asyncio.create_task(db.endless.acount()) for _ in range(60)]
    await asyncio.sleep(0.05)
    for task in reversed(many):
        task.cancel()
    await asyncio.gather(*many, return_exceptions=True)
    await settled(db)
    assert await db.numbers.filter(word__endswith="7").acount() == 3_000


def test_one_loop_after_another(opened: Callable[..., Database]) -> None:
    db = opened(MANY)

    async def ask() -> Any:
        return (
            await db.numbers.filter(word__endswith="7").acount(),
            len(await db.numbers.order_by("word")),
            len([row async for row in db.numbers]),
            (await db.numbers.aget(id=1)).id,
        )

    for _ in range(3):
        assert asyncio.run(ask()) == (3_000, 30_000, 30_000, 1)
    assert db.numbers.count() == 30_000


def test_loops_in_several_threads(opened: Callable[..., Database]) -> None:
    db = opened(MANY)

    async def ask(number: int) -> int:
        rows = await asyncio.gather(*(db.numbers.aget(id=number * 100 + each) for each in range(1, 50)))
        assert len([row async for row in db.numbers.filter(id__lte=2_000)]) == 2_000
        return sum(row.id for row in rows)

    barrier = threading.Barrier(6)

    def run(number: int) -> int:
        barrier.wait()
        return sum(asyncio.run(ask(number)) for _ in range(3))

    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(run, range(6)))
    assert found == [3 * sum(number * 100 + each for each in range(1, 50)) for number in range(6)]


def test_a_loop_that_ends_in_the_middle(opened: Callable[..., Database]) -> None:
    db = opened(MANY + ENDLESS)

    async def leave() -> None:
        rows = db.numbers.aiterator(10)
        await anext(rows)
        kept.append(rows)
        running.append(asyncio.create_task(db.endless.acount()))
        await asyncio.sleep(0.05)

    kept: list[Any] = []
    running: list[Any] = []
    asyncio.run(leave())
    assert running[0].cancelled()
    assert asyncio.run(settled(db)) is None
    assert db.numbers.count() == 30_000


async def test_closing_while_tasks_ask(opened: Callable[..., Database]) -> None:
    db = opened(ENDLESS)
    asking = [asyncio.create_task(db.endless.acount()) for _ in range(3)]
    await asyncio.sleep(0.1)
    await db.aclose()
    assert {type(each) for each in await asyncio.gather(*asking, return_exceptions=True)} == {DatabaseClosed}
    for ask in (db.endless.acount, db.endless.afirst, db.endless.aexplain):
        with pytest.raises(DatabaseClosed):
            await ask()
    with pytest.raises(DatabaseClosed):
        await db.endless
    with pytest.raises(DatabaseClosed):
        [row async for row in db.endless]


async def test_a_database_as_context(world: Path) -> None:
    async with connect(world, readonly=True) as db:
        assert await db.users.acount() == 4
    with pytest.raises(DatabaseClosed):
        await db.users.acount()


async def test_the_context_goes_along(opened: Callable[..., Database]) -> None:
    db = opened(f"CREATE VIEW slow AS {SLOW.format(500_000)}")
    user = contextvars.ContextVar("user", default="nobody")
    seen: list[str] = []

    async def ask(name: str) -> None:
        user.set(name)
        await db.slow.acount()
        await db.aexecute(f"select count(*) from slow -- {name}")

    with db._engine.capture(lambda sql, parameters: seen.append(user.get())):
        await asyncio.gather(ask("ann"), ask("bob"))
    assert set(seen) == {"ann", "bob"}
    assert user.get() == "nobody"


@pytest.mark.sqlite("servers are asked from workers")
async def test_the_methods_themselves_work_on_a_loop(db: Database) -> None:
    posts = await db.posts.order_by("id")
    assert [post.author.name for post in posts] == ["Ann", "Ann", "Bob", "Bob", "Cleo"]
    assert db.users.count() == len(list(db.users)) == 4
    assert [user.id for user in db.users.order_by("id").iterator(2)] == [1, 2, 3, 4]


def test_a_loop_that_is_closed_while_its_tasks_wait_for_their_turn(own: Path) -> None:
    with connect(own) as db:
        tasks: list[asyncio.Task[Any]] = []

        async def late() -> None:
            await db.tags.acreate(name="late")

        def leave_waiting() -> None:
            loop = asyncio.new_event_loop()
            tasks.append(loop.create_task(late()))
            loop.run_until_complete(asyncio.sleep(0.05))
            loop.close()

        with db.transaction():
            db.tags.create(name="first")
            thread = threading.Thread(target=leave_waiting)
            thread.start()
            thread.join()
        assert not tasks[0].done()
        db.tags.create(name="second")
        tasks.clear()
        gc.collect()
        db.tags.create(name="third")
        assert {tag.name for tag in db.tags} >= {"first", "second", "third"}
        assert not db.tags.filter(name="late").exists()
