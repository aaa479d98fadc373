"""Transactions of tasks: all or nothing, whoever waits, whoever is cancelled, and the loop goes on."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import apsw
import pytest

from noormme import (
    Database,
    DatabaseLocked,
    F,
    QueryTimeout,
    TransactionError,
    UniqueViolation,
    connect,
)
from noormme.orm.aio.running import wholly
from tests.aio.test_budget import HELD_S, MANY, SLOW, watched
from tests.orm.support import ids
from tests.orm.world import change


@pytest.fixture
def writable(own: Path) -> Iterator[Database]:
    with connect(own) as database:
        yield database


def names(db: Database) -> list[str]:
    """The tags, as another program sees them."""
    connection = apsw.Connection(db.path)
    found = [name for (name,) in connection.execute("SELECT name FROM tags ORDER BY id")]
    connection.close()
    return found


async def test_all_or_nothing(writable: Database) -> None:
    db = writable
    async with db.transaction():
        await db.tags.acreate(name="one")
        assert await db.tags.acount() == 4
        assert names(db) == ["sql", "python", "rust"]
    assert names(db)[3:] == ["one"]
    with pytest.raises(ValueError, match="no"):
        async with db.transaction():
            await db.tags.acreate(name="two")
            await db.tags.filter(id=1).aupdate(name="SQL")
            await db.tags.abulk_create([{"name": f"t{number}"} for number in range(100)])
            raise ValueError("no")
    assert names(db) == ["sql", "python", "rust", "one"]
    assert await db.tags.acount() == 4


async def test_savepoints(writable: Database) -> None:
    db = writable
    async with db.transaction():
        await db.tags.acreate(name="outer")
        with pytest.raises(UniqueViolation):
            async with db.transaction():
                await db.tags.acreate(name="inner")
                await db.tags.acreate(name="sql")
        async with db.transaction():
            await db.tags.acreate(name="second")
    assert names(db)[3:] == ["outer", "second"]


async def test_decorated(writable: Database) -> None:
    db = writable

    @db.transaction()
    async def add(*tags: str) -> int:
        for tag in tags:
            await db.tags.acreate(name=tag)
        return len(tags)

    assert await add("a", "b") == 2
    with pytest.raises(UniqueViolation):
        await add("c", "sql")
    assert names(db)[3:] == ["a", "b"]


async def test_what_follows_a_commit(writable: Database) -> None:
    db = writable
    called: list[str] = []
    async with db.transaction():
        db.on_commit(lambda: called.append("first"))
        await db.tags.acreate(name="one")
        assert called == []
    assert called == ["first"]
    with pytest.raises(RuntimeError):
        async with db.transaction():
            db.on_commit(lambda: called.append("never"))
            raise RuntimeError
    assert called == ["first"]


async def test_tasks_take_turns(writable: Database) -> None:
    db = writable

    async def add(number: int) -> None:
        async with db.transaction():
            user = await db.users.aget(id=1)
            await asyncio.sleep(0)
            await db.users.filter(id=1).aupdate(age=user.age + 1)

    await asyncio.gather(*map(add, range(100)))
    assert (await db.users.aget(id=1)).age == 131


async def test_writes_wait_for_a_transaction_of_another_task(writable: Database) -> None:
    db = writable
    begun = asyncio.Event()
    end = asyncio.Event()

    async def hold() -> None:
        async with db.transaction():
            await db.tags.acreate(name="held")
            begun.set()
            await end.wait()

    holding = asyncio.create_task(hold())
    await begun.wait()
    async with watched() as held:
        waiting = [
            asyncio.create_task(db.tags.acreate(name="waiting")),
            asyncio.create_task(db.users.filter(id=1).aupdate(age=F("age") + 1)),
            asyncio.create_task(db.tags.abulk_create([{"name": f"t{number}"} for number in range(50)])),
            asyncio.create_task(db.tags.aget_or_create(name="got")),
        ]
        await asyncio.sleep(0.05)
        assert not any(task.done() for task in waiting)
        # What only reads waits for nobody, and does not see what is not committed.
        assert await db.tags.acount() == 3
        with pytest.raises(TransactionError, match="in async code use the awaited form"):
            db.tags.create(name="blocking")
        end.set()
        await asyncio.gather(holding, *waiting)
    assert max(held) < HELD_S
    assert len(names(db)) == 3 + 1 + 1 + 50 + 1
    assert (await db.users.aget(id=1)).age == 32


async def test_more_transactions_than_workers(opened: Callable[..., Database]) -> None:
    db = opened(MANY)

    async def work(number: int) -> None:
        async with db.transaction():
            # Each of these goes to a worker, while all others wait for their turn.
            await db.numbers.filter(id__gt=29_000).aupdate(word=f"by {number}")
            assert await db.numbers.filter(word__endswith=f"by {number}").acount() == 1_000

    await asyncio.wait_for(asyncio.gather(*map(work, range(40))), 60)


async def test_threads_and_tasks_take_turns(writable: Database) -> None:
    db = writable

    def in_thread() -> None:
        for _ in range(50):
            with db.transaction():
                user = db.users.get(id=2)
                user.update(age=user.age + 1)

    async def in_task() -> None:
        for _ in range(10):
            async with db.transaction():
                user = await db.users.aget(id=2)
                await user.aupdate(age=user.age + 1)

    async with watched() as held:
        await asyncio.gather(
            *(asyncio.to_thread(in_thread) for _ in range(2)), *(in_task() for _ in range(10))
        )
    assert (await db.users.aget(id=2)).age == 17 + 100 + 100
    assert max(held) < HELD_S


# -- what takes long ------------------------------------------------------------------------------------


async def test_a_long_update_goes_to_a_worker(opened: Callable[..., Database]) -> None:
    db = opened(MANY + "CREATE INDEX words ON numbers (word)")
    # The first statement of all is a worker's, who looks for plans that were kept.
    assert await db.numbers.acount() == 30_000
    threads: list[int] = []
    with db._engine.capture(
        lambda sql, parameters: threads.append(threading.get_ident()) if "UPDATE" in sql else None
    ):
        async with watched() as held:
            assert await db.numbers.aupdate(all_rows=True, word="same") == 30_000
    assert threads[0] == threading.get_ident()
    assert threads[-1] != threading.get_ident()
    assert max(held) < HELD_S
    assert await db.numbers.filter(word="same").acount() == 30_000


async def test_many_objects_are_made_by_a_worker(opened: Callable[..., Database]) -> None:
    db = opened(MANY)
    async with watched() as held:
        made = await db.numbers.abulk_create([{"word": "new"} for _ in range(30_000)])
        assert await db.numbers.abulk_update(made, ["word"]) == 30_000
        assert await db.numbers.filter(word="new").adelete() == 30_000
    assert max(held) < HELD_S
    assert await db.numbers.acount() == 30_000


async def test_a_file_that_another_program_writes(writable: Database) -> None:
    db = writable
    await db.tags.acreate(name="first")
    other = apsw.Connection(db.path)
    other.execute("BEGIN IMMEDIATE; INSERT INTO tags (name) VALUES ('theirs')")
    async with watched() as held:
        writing = [
            asyncio.create_task(db.tags.acreate(name="ours")),
            asyncio.create_task(db.tags.filter(id=1).aupdate(name="SQL")),
        ]
        await asyncio.sleep(0.2)
        assert not any(task.done() for task in writing)
        assert await db.tags.acount() == 4
        other.execute("COMMIT")
        await asyncio.gather(*writing)
    other.close()
    assert sorted(names(db)) == ["SQL", "first", "ours", "python", "rust", "theirs"]
    assert max(held) < 0.15


async def test_waiting_for_another_program_ends(own: Path) -> None:
    with connect(own, busy_timeout_s=0.1) as db:
        await db.tags.acreate(name="first")
        other = apsw.Connection(str(own))
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseLocked):
            await db.tags.acreate(name="ours")
        with pytest.raises(DatabaseLocked):
            async with db.transaction():
                raise AssertionError("never begun")
        other.execute("ROLLBACK")
        other.close()
        assert (await db.tags.acreate(name="ours")).name == "ours"


async def test_durable(writable: Database) -> None:
    db = writable
    async with db.transaction(durable=True):
        await db.tags.acreate(name="safe")
    assert names(db)[3:] == ["safe"]
    async with db.transaction():
        with pytest.raises(TransactionError, match="durable"):
            async with db.transaction(durable=True):
                raise AssertionError("never begun")


async def test_a_slow_disk_is_left_to_workers(writable: Database) -> None:
    db = writable
    await db.tags.acreate(name="first")
    for _ in range(3):
        db._engine.workers.took(0.1)
    threads: set[int] = set()
    with db._engine.capture(lambda sql, parameters: threads.add(threading.get_ident())):
        await db.tags.acreate(name="second")
    assert threading.get_ident() not in threads
    assert names(db)[3:] == ["first", "second"]


async def test_the_log_is_emptied_by_a_worker(writable: Database) -> None:
    db = writable
    for number in range(120):
        await db.tags.abulk_create([{"name": f"{number} {each} {'x' * 900}"} for each in range(29)])
    until = time.monotonic() + 30
    log = Path(f"{db.path}-wal")
    size = log.stat().st_size
    while db._engine.workers.busy:
        assert time.monotonic() < until
        await asyncio.sleep(0.01)
    for number in range(120):
        await db.tags.abulk_create([{"name": f"again {number} {each} {'x' * 900}"} for each in range(29)])
    assert log.stat().st_size <= size * 1.5, "the log began anew"
    assert await db.tags.acount() == 3 + 240 * 29


async def test_the_log_is_emptied_where_threads_write_too(writable: Database) -> None:
    db = writable
    log = Path(f"{db.path}-wal")

    def fill(turn: int) -> None:
        for number in range(300):
            db.tags.bulk_create([{"name": f"{turn} {number} {each} {'x' * 900}"} for each in range(29)])

    for turn in range(2):
        # The thread of the loop and another one in turns, on the one connection that writes.
        await db.tags.acreate(name=f"one {turn}")
        await asyncio.to_thread(fill, turn)
        assert log.stat().st_size < 1_500 * 4_096, "SQLite empties it after a thousand pages"


async def test_what_was_written_never_begins_again(
    writable: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Every look at the clock finds that the time is over, also the one at the end of a statement.
    monkeypatch.setattr("noormme.orm.aio.writing.LOOP_S", -1.0)
    # Where the disk is busy, workers would write at once, and nothing would be ended.
    monkeypatch.setattr("noormme.engines.workers.Workers.took", lambda workers, elapsed_s: None)
    db = writable
    counted = 0

    def count(sql: str, parameters: object) -> None:
        nonlocal counted
        counted += sql.startswith("UPDATE")

    with db._engine.capture(count):
        for number in range(300):
            tag = await db.tags.acreate(name=f"t{number}")
            await tag.aupdate(name=f"u{number}")
            await db.users.filter(id=1).aupdate(age=F("age") + 1)
            _, made = await db.tags.aget_or_create(name=f"v{number}")
            assert made
            await db.aexecute("UPDATE users SET age = age + 1 WHERE id = ?", [2])
            async with db.transaction():
                await db.users.filter(id=4).aupdate(age=F("age") + 1)
                await db.tags.acreate(name=f"w{number}")
    assert counted > 1_200, "some were ended and began again"
    assert await db.tags.acount() == 3 + 900
    ages = await db.users.order_by("id").values_list("age", flat=True)
    assert ages == [31 + 300, 17 + 300, None, 45 + 300]


async def test_what_is_out_of_time_was_not_written(own: Path) -> None:
    # So little time that each look at the clock is too late; there is one for every thousand steps.
    with connect(own, timeout_s=60) as db:
        await db.tags.acreate(name="first")
        db._engine.writes.writer._cursor.clock._limit_s = 1e-9
        written = 1
        late = 0
        for number in range(300):
            try:
                await db.tags.acreate(name=f"t{number}")
                written += 1
            except QueryTimeout:
                late += 1
        assert late > 0
        assert len(names(db)) == 3 + written


# -- cancellation ---------------------------------------------------------------------------------------


async def test_cancelling_a_long_write(opened: Callable[..., Database]) -> None:
    db = opened(
        f"CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER);INSERT INTO t SELECT i, 0 FROM ({SLOW.format(300_000)});"
    )
    for delay in (0, 0.001, 0.01, 0.05):
        task = asyncio.create_task(db.t.aupdate(all_rows=True, n=F("n") + 1))
        await asyncio.sleep(delay)
        task.cancel()
        found = await asyncio.wait_for(asyncio.gather(task, return_exceptions=True), 30)
        values = await db.t.values_list("n", flat=True).distinct()
        assert len(values) == 1, "all of it is written, or nothing"
        assert isinstance(found[0], asyncio.CancelledError) or found[0] == 300_000
        if isinstance(found[0], int):
            assert values[0] > 0
    assert await db.t.filter(id=1).aupdate(n=-1) == 1


async def test_cancelling_a_transaction(writable: Database) -> None:
    db = writable
    for steps in range(12):
        before = names(db)

        async def work(before: int = len(before)) -> None:
            async with db.transaction():
                await db.tags.acreate(name=f"a{before}")
                await asyncio.sleep(0)
                await db.tags.abulk_create([{"name": f"{before} {number}"} for number in range(60)])
                await asyncio.sleep(0)
                await db.tags.acreate(name=f"b{before}")

        task = asyncio.create_task(work())
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        added = len(names(db)) - len(before)
        assert added in (0, 62)
        # The next one has its turn.
        async with asyncio.timeout(5):
            await db.users.filter(id=1).aupdate(age=F("age") + 1)
    assert (await db.users.aget(id=1)).age == 31 + 12


async def test_cancelling_what_waits_for_its_turn(writable: Database) -> None:
    db = writable
    async with db.transaction():
        await db.tags.acreate(name="held")

        async def alone(name: str) -> Any:
            return await db.tags.acreate(name=name)

        import contextvars

        outside = contextvars.Context()
        waiting = [asyncio.create_task(alone(f"w{number}"), context=outside.copy()) for number in range(20)]
        await asyncio.sleep(0.01)
        assert not any(task.done() for task in waiting)
        for task in waiting[::2]:
            task.cancel()
        await asyncio.sleep(0.01)
    done = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(each).__name__ for each in done] == ["CancelledError", "Tag"] * 10
    assert sorted(names(db)[4:]) == sorted(f"w{number}" for number in range(1, 20, 2))


async def test_a_task_that_is_cancelled_after_its_commit(writable: Database) -> None:
    db = writable
    called: list[int] = []

    async def work() -> None:
        async with db.transaction(durable=True):
            db.on_commit(lambda: called.append(1))
            await db.tags.acreate(name="one")

    for _ in range(20):
        before = len(names(db))
        called.clear()
        task = asyncio.create_task(work())
        while not task.done():
            await asyncio.sleep(0)
            if db._engine.workers.busy:
                task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert len(names(db)) - before == len(called) == 1
        await db.tags.filter(name="one").adelete()


# -- one connection for all -----------------------------------------------------------------------------


async def test_a_database_in_memory() -> None:
    with connect(":memory:") as db:
        db._engine.fetch(MANY + f"CREATE VIEW slow AS {SLOW.format(500_000)}", ())
        db.refresh()
        async with watched() as held:
            slow = [asyncio.create_task(db.slow.acount()) for _ in range(2)]
            await asyncio.sleep(0.01)
            await db.numbers.acreate(word="while it reads")
            async with db.transaction():
                await db.numbers.filter(id=1).aupdate(word="changed")
                assert await db.slow.acount() == 500_000
            with pytest.raises(RuntimeError):
                async with db.transaction():
                    await db.numbers.filter(id=2).aupdate(word="changed")
                    raise RuntimeError
            assert await asyncio.gather(*slow) == [500_000] * 2
        assert max(held) < HELD_S
        assert ids(await db.numbers.filter(word="changed")) == [1]
        assert await db.numbers.acount() == 30_001


async def test_workers_that_wait_for_a_transaction_do_not_keep_it_from_its_end() -> None:
    with connect(":memory:") as db:
        db._engine.fetch(MANY, ())
        db.refresh()
        assert await db.numbers.acount() == 30_000
        begun, end = threading.Event(), threading.Event()

        def hold() -> None:
            with db.transaction():
                begun.set()
                end.wait(10)

        async def write() -> None:
            async with db.transaction():
                await db.numbers.abulk_create([{"word": "new"} for _ in range(100)])

        thread = threading.Thread(target=hold)
        thread.start()
        begun.wait(10)
        writing = asyncio.create_task(write())
        await asyncio.sleep(0.01)
        # In memory what another thread has not committed is not to be seen: these wait in workers.
        reading = [asyncio.create_task(db.numbers.acount()) for _ in range(50)]
        await asyncio.sleep(0.05)
        assert not any(task.done() for task in (writing, *reading))
        end.set()
        async with asyncio.timeout(20):
            await writing
            assert set(await asyncio.gather(*reading)) == {30_100}
        thread.join()


async def test_reading_in_a_transaction(opened: Callable[..., Database]) -> None:
    db = opened(MANY + f"CREATE VIEW slow AS {SLOW.format(1_000_000)}")
    async with db.transaction():
        await db.numbers.filter(id=1).aupdate(word="mine")
        async with watched() as held:
            assert await db.slow.acount() == 1_000_000
            assert len(await db.numbers.order_by("word")) == 30_000
            assert [row.word async for row in db.numbers.order_by("id")][0] == "mine"
        assert (await db.numbers.aget(word="mine")).id == 1
        assert max(held) < HELD_S
        change_seen = await asyncio.create_task(db.numbers.filter(word="mine").acount())
        assert change_seen == 1, "a task that was made in the transaction is in it"
    assert await db.numbers.filter(word="mine").aexists()
    change(db.path, "DELETE FROM numbers WHERE id = 1")
    assert not await db.numbers.filter(word="mine").aexists()


async def test_cancelling_the_end_while_another_task_uses_the_connection(writable: Database) -> None:
    db = writable
    begun, go_on = threading.Event(), threading.Event()
    others: list[asyncio.Task[Any]] = []
    tags: list[Any] = []

    def hold() -> None:
        begun.set()
        go_on.wait(10)

    async def block() -> None:
        async with db.transaction():
            tag = await db.tags.acreate(name="half")
            session = db._engine.session()
            assert session is not None
            others.append(asyncio.create_task(wholly(db._engine, session.holding, (hold,))))
            while not begun.is_set():
                await asyncio.sleep(0.001)
            tags.append(tag)

    task = asyncio.create_task(block())
    while not tags:
        await asyncio.sleep(0.001)
    # Its block has ended, and waits for the connection.
    task.cancel()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    await others[0]
    assert db._engine.writes.turn.take_now(), "the turn was given up"
    db._engine.writes.turn.give()
    assert not await db.tags.filter(name="half").aexists()
    assert tags[0].pk is None
