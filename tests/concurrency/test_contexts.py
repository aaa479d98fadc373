"""Which code is in a transaction: threads, tasks, generators, other databases, streams, and a close meanwhile."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest

from noormme import Database, DatabaseClosed, DatabaseLocked, TransactionError, connect
from tests.concurrency.world import SCRIPT, build, in_thread


def names(db: Database) -> list[str]:
    return list(db.people.order_by("id").values_list("name", flat=True))


# -- threads ----------------------------------------------------------------------------------------


def test_a_thread_that_is_started_in_a_transaction_is_not_in_it(db: Database) -> None:
    with db.transaction():
        db.people.create(name="cem")
        assert in_thread(lambda: names(db)) == ["ann", "bob"]
        assert names(db) == ["ann", "bob", "cem"]
    assert in_thread(lambda: names(db)) == ["ann", "bob", "cem"]


def test_a_thread_writes_when_the_transaction_is_over(db: Database) -> None:
    order: list[str] = []

    def write() -> None:
        with db.transaction():
            order.append("thread")
            assert names(db) == ["ann", "bob", "cem"]
            db.people.create(name="dan")

    with db.transaction():
        thread = threading.Thread(target=write)
        thread.start()
        db.people.create(name="cem")
        thread.join(0.05)
        order.append("main")
    thread.join(30)
    assert order == ["main", "thread"]
    assert names(db) == ["ann", "bob", "cem", "dan"]


def test_a_thread_that_was_given_the_context_is_in_it(db: Database) -> None:
    with db.transaction() as block:
        db.people.create(name="cem")
        context = contextvars.copy_context()
        assert in_thread(lambda: context.run(names, db)) == ["ann", "bob", "cem"]
        made = in_thread(lambda: context.run(lambda: db.people.create(name="dan")))
        assert made.id == 4
        assert names(db) == ["ann", "bob", "cem", "dan"]
        block.rollback()
    assert names(db) == ["ann", "bob"]
    # What is left of the context is in nothing any more.
    assert in_thread(lambda: context.run(names, db)) == ["ann", "bob"]
    assert in_thread(lambda: context.run(lambda: db.people.create(name="eve"))).id == 3


def test_several_threads_share_one_transaction(db: Database) -> None:
    with db.transaction():
        contexts = [contextvars.copy_context() for _ in range(8)]

        def write(number: int) -> None:
            for each in range(20):
                db.people.create(name=f"{number}-{each}")
                db.people.filter(name=f"{number}-{each}").get()

        threads = [
            threading.Thread(target=context.run, args=(write, number))
            for number, context in enumerate(contexts)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert db.people.count() == 162
        assert in_thread(db.people.count) == 2
    assert db.people.count() == 162


def test_blocks_that_overlap_are_refused_and_leave_nothing(db: Database) -> None:
    with pytest.raises(TransactionError, match="inside"), db.transaction():
        first, second = db.transaction(), db.transaction()
        first.__enter__()
        second.__enter__()
        db.people.create(name="cem")
        first.__exit__(None, None, None)
    assert names(db) == ["ann", "bob"]
    db.people.create(name="dan")
    assert names(db) == ["ann", "bob", "dan"]


def test_a_task_cannot_wait_for_the_thread_that_it_runs_on(db: Database) -> None:
    async def other() -> None:
        with pytest.raises(TransactionError, match="another task"):
            db.people.create(name="dan")
        with pytest.raises(TransactionError, match="another task"), db.transaction():
            db.people.create(name="dan")

    async def main() -> None:
        # Made before the transaction, so not in it.
        started = asyncio.Event()

        async def later() -> None:
            await started.wait()
            await other()

        task = asyncio.create_task(later())
        async with db.transaction():
            db.people.create(name="cem")
            started.set()
            await task

    asyncio.run(main())
    assert names(db) == ["ann", "bob", "cem"]


def test_tasks_take_turns_and_a_cancelled_one_leaves_nothing(db: Database) -> None:
    async def add(name: str, held: asyncio.Event) -> None:
        async with db.transaction():
            db.people.create(name=name)
            await held.wait()

    async def main() -> None:
        free, never = asyncio.Event(), asyncio.Event()
        first = asyncio.create_task(add("cem", never))
        second = asyncio.create_task(add("dan", free))
        third = asyncio.create_task(add("eve", free))
        await asyncio.sleep(0.02)
        # One is cancelled inside, one while it waits.
        first.cancel()
        third.cancel()
        free.set()
        done = await asyncio.gather(first, second, third, return_exceptions=True)
        assert [type(each) for each in done] == [asyncio.CancelledError, type(None), asyncio.CancelledError]

    asyncio.run(main())
    assert names(db) == ["ann", "bob", "dan"]


# -- generators -------------------------------------------------------------------------------------


def test_a_generator_holds_its_transaction_until_it_is_over(db: Database) -> None:
    def rows() -> Iterator[str]:
        with db.transaction():
            db.people.create(name="cem")
            yield from names(db)

    assert list(rows()) == ["ann", "bob", "cem"]
    assert db.people.count() == 3
    left = rows()
    with pytest.raises(Exception, match="name already"):
        next(left)
    unfinished = db.transaction()
    unfinished.__enter__()
    unfinished.__exit__(GeneratorExit, GeneratorExit(), None)

    def other() -> Iterator[str]:
        with db.transaction():
            yield db.people.create(name="dan").name

    started = other()
    assert next(started) == "dan"
    started.close()
    assert names(db) == ["ann", "bob", "cem"]
    started = other()
    next(started)
    del started
    assert names(db) == ["ann", "bob", "cem"]
    assert in_thread(lambda: db.people.create(name="eve")).id == 4


# -- two databases ----------------------------------------------------------------------------------


def test_transactions_of_two_databases_are_two(db: Database, tmp_path: Path) -> None:
    with connect(build(tmp_path / "other.db")) as other:
        with db.transaction():
            with other.transaction() as block:
                db.people.create(name="cem")
                other.people.create(name="dan")
                block.rollback()
            assert names(other) == ["ann", "bob"]
            assert names(db) == ["ann", "bob", "cem"]
            other.people.create(name="eve")
            assert in_thread(lambda: names(other)) == ["ann", "bob", "eve"]
        assert names(db) == ["ann", "bob", "cem"]


def test_the_same_file_twice_waits_for_itself_no_longer_than_it_should(db: Database, path: Path) -> None:
    with connect(path, busy_timeout_s=0.1) as again, db.transaction():
        db.people.create(name="cem")
        assert names(again) == ["ann", "bob"]
        with pytest.raises(DatabaseLocked):
            again.people.create(name="dan")
        with pytest.raises(DatabaseLocked), again.transaction():
            again.people.create(name="dan")
    with connect(path) as again:
        again.people.create(name="dan")
    assert names(db) == ["ann", "bob", "cem", "dan"]


# -- streams ----------------------------------------------------------------------------------------


def test_a_stream_goes_on_while_rows_are_written(db: Database) -> None:
    db.people.bulk_create([{"name": f"p{number:03}"} for number in range(300)])
    seen = 0
    for person in db.people.order_by("id").iterator(chunk_size=10):
        seen += 1
        person.update(age=seen)
        if seen % 50 == 0:
            with db.transaction():
                db.people.create(name=f"new {seen}")
    assert seen == 302
    assert db.people.filter(age__isnull=False).count() == 302
    assert db.people.count() == 308


def test_a_stream_in_a_transaction_sees_what_it_has_written(db: Database) -> None:
    with db.transaction() as block:
        db.people.create(name="cem")
        assert [person.name for person in db.people.order_by("id").iterator()] == ["ann", "bob", "cem"]
        half = db.people.order_by("id").iterator(chunk_size=1)
        assert next(half).name == "ann"
        block.rollback()
    assert [person.name for person in db.people.order_by("id").iterator()] == ["ann", "bob"]
    half.close()


# -- closing ----------------------------------------------------------------------------------------


def test_closing_in_a_transaction_rolls_it_back(path: Path) -> None:
    db = connect(path)
    with pytest.raises(DatabaseClosed), db.transaction():
        cem = db.people.create(name="cem")
        db.close()
        with pytest.raises(DatabaseClosed):
            db.people.create(name="dan")
        with pytest.raises(DatabaseClosed):
            db.people.count()
    assert cem.pk is None
    with connect(path) as again:
        assert names(again) == ["ann", "bob"]
        again.people.create(name="dan")
    with pytest.raises(DatabaseClosed), db.transaction():
        pass
    with pytest.raises(DatabaseClosed):
        db.people.create(name="eve")
    with pytest.raises(DatabaseClosed):
        cem.save()


def test_an_error_in_a_block_whose_database_was_closed_stays_the_error(path: Path) -> None:
    db = connect(path)
    with pytest.raises(ValueError, match="mine"), db.transaction():
        db.people.create(name="cem")
        db.close()
        raise ValueError("mine")
    with connect(path) as again:
        assert names(again) == ["ann", "bob"]


def test_closing_while_others_write_ends_them_with_its_name(path: Path) -> None:
    db = connect(path)
    done: list[int] = []
    errors: list[BaseException] = []

    def write(worker: int) -> None:
        for number in range(100_000):
            try:
                with db.transaction():
                    db.people.create(name=f"{worker}-{number}")
                done.append(1)
            except BaseException as error:
                errors.append(error)
                return

    threads = [threading.Thread(target=write, args=(worker,)) for worker in range(4)]
    for thread in threads:
        thread.start()
    while len(done) < 20:
        threads[0].join(0.001)
    db.close()
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive()
    assert [type(error) for error in errors] == [DatabaseClosed] * 4
    connection = apsw.Connection(str(path))
    rows = connection.execute("SELECT count(*) FROM people").get
    assert connection.execute("PRAGMA integrity_check").get == "ok"
    connection.close()
    # A commit that was under way may have been made without having been acknowledged.
    assert len(done) <= rows - 2 <= len(done) + 4


# -- in memory --------------------------------------------------------------------------------------


def test_a_database_in_memory_with_threads() -> None:
    with connect(":memory:", busy_timeout_s=30) as db:
        db.execute("CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, age INTEGER)")
        db.refresh()
        db.people.create(name="counter", age=0)

        def count(worker: int) -> None:
            for number in range(25):
                with db.transaction():
                    row = db.people.get(name="counter")
                    row.age += 1
                    row.save()
                    db.people.create(name=f"{worker}-{number}")
                assert db.people.filter(name=f"{worker}-{number}").exists()

        threads = [threading.Thread(target=count, args=(worker,)) for worker in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert db.people.get(name="counter").age == 200
        assert db.people.count() == 201
        with db.transaction() as block:
            db.people.create(name="never")
            block.rollback()
        assert db.people.count() == 201


def test_a_thread_waits_for_the_transaction_of_a_database_in_memory() -> None:
    with connect(":memory:") as db:
        db.execute(SCRIPT.split(";")[0])
        db.refresh()
        seen: list[int] = []
        with db.transaction() as block:
            db.people.create(name="cem")
            thread = threading.Thread(target=lambda: seen.append(db.people.count()))
            thread.start()
            thread.join(0.05)
            assert seen == []
            block.rollback()
        thread.join(30)
        assert seen == [0]
