"""The connection that writes reads single rows for the thread that wrote last, and for no other one."""

from __future__ import annotations

import asyncio
import gc
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import apsw
import pytest

from noormme import Count, Database, DatabaseClosed, DatabaseLocked, connect
from noormme.engines.sqlite.driver import SQLiteEngine
from tests.concurrency.world import build, in_thread
from tests.switching import threads

WRITER = """
import sys, apsw
connection = apsw.Connection(sys.argv[1])
connection.set_busy_timeout(10000)
connection.execute("INSERT INTO people (name) VALUES ('theirs')")
connection.close()
"""


HOLDER = """
import sys
from noormme import connect
with connect(sys.argv[1]) as db, db.transaction():
    print("held", flush=True)
    sys.stdin.readline()
"""


@contextmanager
def holding(path: Path) -> Iterator[None]:
    """Another process that has the head of the queue, and a transaction."""
    command = [sys.executable, "-c", HOLDER, str(path)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield
    finally:
        process.communicate("")


def engine_of(db: Database) -> SQLiteEngine:
    engine = db._engine
    assert isinstance(engine, SQLiteEngine)
    return engine


def lent(db: Database) -> list[Any]:
    """The cursors that the calling thread has on the connection that writes."""
    local: Any = engine_of(db).local
    return [] if local.single is local.free else list(local.single)


def writing_connection(db: Database) -> apsw.Connection:
    writer = engine_of(db).writes.writer
    assert writer is not None
    return writer.connection


def reads(db: Database) -> int:
    """How many times the calling thread's own connection read a page."""
    with engine_of(db).local.alone() as connection:
        hits, _ = connection.status(apsw.SQLITE_DBSTATUS_CACHE_HIT)
        misses, _ = connection.status(apsw.SQLITE_DBSTATUS_CACHE_MISS)
    return hits + misses


def test_who_wrote_last_reads_single_rows_where_it_wrote(db: Database) -> None:
    assert db.people.get(id=1).name == "ann"
    assert not lent(db)
    db.people.create(name="cem")
    [cursor] = lent(db)
    assert cursor.connection is writing_connection(db)
    before = reads(db)
    assert [db.people.get(id=number).name for number in (1, 2, 3)] == ["ann", "bob", "cem"]
    assert reads(db) == before
    assert lent(db) == [cursor]
    # Statements for many rows may take long, and have a connection of their own.
    assert len(db.people.all()) == 3
    assert reads(db) > before


def test_another_thread_that_writes_has_it_then(db: Database) -> None:
    db.people.create(name="cem")
    assert lent(db)

    def other() -> tuple[str, int]:
        db.people.filter(id=1).update(name="eve")
        return db.people.get(id=1).name, len(lent(db))

    assert in_thread(other) == ("eve", 1)
    assert not lent(db)
    assert db.people.get(id=1).name == "eve"
    db.people.get(id=1).update(name="ann")
    assert len(lent(db)) == 1


def test_no_other_thread_sees_what_a_transaction_wrote(db: Database) -> None:
    db.people.create(name="cem")
    assert lent(db)
    with db.transaction():
        db.people.filter(id=1).update(name="uncommitted")
        assert db.people.get(id=1).name == "uncommitted"
        assert in_thread(lambda: db.people.get(id=1).name) == "ann"

    begun, looked = threading.Event(), threading.Event()

    def other() -> None:
        with db.transaction() as transaction:
            db.people.filter(id=1).update(name="taken back")
            begun.set()
            assert looked.wait(10)
            transaction.rollback()

    thread = threading.Thread(target=other)
    thread.start()
    assert begun.wait(10)
    assert db.people.get(id=1).name == "uncommitted"
    looked.set()
    thread.join()
    assert db.people.get(id=1).name == "uncommitted"


def test_one_task_does_not_see_what_the_transaction_of_another_wrote(db: Database) -> None:
    async def main() -> list[str]:
        # The first statement of all is a worker's, who looks for plans that were kept.
        assert await db.people.acount() == 2
        await db.people.acreate(name="cem")
        assert lent(db)
        begun, looked = asyncio.Event(), asyncio.Event()

        async def other() -> None:
            async with db.transaction() as transaction:
                await db.people.filter(id=1).aupdate(name="taken back")
                begun.set()
                await looked.wait()
                transaction.rollback()

        task = asyncio.create_task(other())
        await begun.wait()
        seen = [(await db.people.aget(id=1)).name]
        looked.set()
        await task
        return [*seen, (await db.people.aget(id=1)).name]

    assert asyncio.run(main()) == ["ann", "ann"]


def test_threads_that_read_and_write_in_turns_see_only_what_was_committed(db: Database) -> None:
    def work(number: int) -> None:
        own = db.people.create(name=f"{number} 0")
        for turn in range(1, 60):
            with db.transaction() as transaction:
                db.people.filter(id=own.id).update(name=f"uncommitted {number}")
                if turn % 2:
                    transaction.rollback()
                else:
                    db.people.filter(id=own.id).update(name=f"{number} {turn}")
            db.people.filter(id=own.id).update(name=f"{number} {turn}")
            # Each sees what it wrote itself, and nothing unfinished of others.
            assert db.people.get(id=own.id).name == f"{number} {turn}"
            for other in range(3, 3 + db.people.count() - 2):
                assert not db.people.get(id=other).name.startswith("uncommitted")

    with threads(work, 6) as running:
        for each in running:
            each.result(120)
    assert db.people.count() == 8


def test_a_statement_that_takes_its_time_keeps_the_connection_and_nobody_waits_for_it(db: Database) -> None:
    db.people.create(name="cem")
    before = writing_connection(db)
    # As a get does while it runs.
    taken = engine_of(db).local.single.pop()
    assert in_thread(lambda: db.people.create(name="dan").id) == 4
    assert writing_connection(db) is not before
    assert taken.execute("SELECT count(*) FROM people").fetchall() == [(4,)]
    del taken
    gc.collect()
    assert db.people.get(id=4).name == "dan"
    db.people.create(name="eve")
    assert db.people.get(id=5).name == "eve"


def test_a_get_that_failed_is_not_waited_for(db: Database) -> None:
    db.people.create(name="cem")
    before = writing_connection(db)
    local: Any = engine_of(db).local
    local.single.pop()
    gc.collect()
    assert in_thread(lambda: db.people.create(name="dan").id) == 4
    assert writing_connection(db) is before
    assert db.people.get(id=4).name == "dan"


def test_what_the_user_computes_is_not_run_on_the_connection_that_writes(db: Database) -> None:
    counted = db.people.annotate(n=Count("id"))
    assert counted.get(id=1).n == 1
    db.people.create(name="cem")
    before = reads(db)
    assert counted.get(id=1).n == 1
    assert reads(db) > before


def test_a_file_that_is_not_in_wal_mode_is_read_on_another_connection(tmp_path: Path) -> None:
    with connect(build(tmp_path / "old.db"), journal_mode="keep") as db:
        assert db.people.get(id=1).name == "ann"
        db.people.create(name="cem")
        assert not lent(db)
        assert db.people.get(id=3).name == "cem"


def test_an_event_loop_begins_with_a_connection_of_its_own(db: Database) -> None:
    db.people.create(name="cem")
    assert lent(db)

    async def main() -> tuple[str, int, int]:
        name = (await db.people.aget(id=1)).name
        before = len(lent(db))
        await db.people.acreate(name="dan")
        return name, before, len(lent(db))

    assert asyncio.run(main()) == ("ann", 0, 1)


def test_a_thread_that_has_ended_leaves_nothing(db: Database) -> None:
    assert in_thread(lambda: db.people.create(name="cem").id) == 3
    gc.collect()
    before = writing_connection(db)
    db.people.create(name="dan")
    assert writing_connection(db) is before
    assert db.people.get(id=4).name == "dan"


def test_after_a_close_nothing_is_lent(path: Path) -> None:
    db = connect(path)
    db.people.create(name="cem")
    db.people.get(id=3)
    db.close()
    with pytest.raises(DatabaseClosed):
        db.people.get(id=3)


class Interrupted:
    """A cursor whose statement has a row when Ctrl-C is pressed."""

    def __init__(self, cursor: Any) -> None:
        self._cursor = cursor

    def execute(self, sql: str, parameters: Any = None) -> Any:
        self._cursor.execute(sql, parameters)
        raise KeyboardInterrupt

    def close(self) -> None:
        self._cursor.close()


LONG = "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"


@contextmanager
def reading(db: Database) -> Iterator[None]:
    """A thread that wrote last, and reads with what was lent to it all the time."""
    begun = threading.Event()
    cursors: list[apsw.Cursor] = []

    def read() -> None:
        db.people.create(name="of the thread that reads")
        cursors.append(engine_of(db).local.single.pop())  # type: ignore[arg-type]
        begun.set()
        with suppress(apsw.InterruptError):
            cursors[0].execute(LONG)

    thread = threading.Thread(target=read)
    thread.start()
    assert begun.wait(10)
    connection = cursors[0].connection
    with suppress(apsw.ThreadingViolationError):
        while True:
            connection.changes()
    yield
    while thread.is_alive():
        connection.interrupt()
        thread.join(0.01)


def test_a_transaction_that_waits_in_vain_gives_its_turn_back(path: Path) -> None:
    with connect(path, busy_timeout_s=0.3) as db:
        with reading(db), holding(path):
            error = in_thread(lambda: db.run_in_transaction(lambda: None, retries=0))
        assert isinstance(error, DatabaseLocked)
        assert in_thread(lambda: db.people.create(name="dan").id) == 4


def test_a_task_that_is_cancelled_in_the_queue_gives_its_turn_back(path: Path) -> None:
    with connect(path, busy_timeout_s=10) as db:

        async def waiting() -> None:
            async with db.transaction():
                raise AssertionError("another process has the file")

        async def main() -> None:
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(waiting(), 0.2)

        with reading(db), holding(path):
            assert in_thread(lambda: asyncio.run(main())) is None
        assert in_thread(lambda: db.people.create(name="dan").id) == 4


def test_a_durable_transaction_ends_before_anything_is_lent(db: Database) -> None:
    async def main() -> None:
        await db.people.acreate(name="cem")
        async with db.transaction(durable=True):
            await db.people.acreate(name="dan")
            assert not engine_of(db).writes.loan.cursors

    asyncio.run(main())
    assert db.people.get(id=4).name == "dan"


@pytest.mark.parametrize("many", [False, True])
def test_a_query_that_was_interrupted_holds_nobody_to_what_there_was(
    db: Database, monkeypatch: pytest.MonkeyPatch, many: bool
) -> None:
    db.people.create(name="cem")
    db.people.get(id=1)
    kept: list[BaseException] = []
    local: Any = engine_of(db).local
    cursors = local.free if many else local.single
    cursors[:] = [Interrupted(cursors.pop())]
    try:
        list(db.people.all()) if many else db.people.get(id=1)
    except KeyboardInterrupt as error:
        # As an interactive session does.
        kept.append(error)
    assert kept
    subprocess.run([sys.executable, "-c", WRITER, db.path], check=True)
    assert db.people.create(name="dan").id == 5
    with db.transaction():
        assert db.people.count() == 5
    assert db.people.count() == 5


def test_tables_of_one_connection_are_found_by_no_query(db: Database) -> None:
    assert db.people.get(id=1).name == "ann"
    db.people.create(name="cem")
    db.execute("CREATE TEMP TABLE people AS SELECT 1 AS id, 'temporary' AS name, NULL AS age")
    assert db.people.get(id=1).name == db.people.filter(id=1)[0].name == "ann"
    assert db.people.get(id=2).name == "bob"
    db.execute("UPDATE main.people SET name = 'eve' WHERE id = 1")
    assert not lent(db)
    assert db.people.get(id=1).name == "eve"


def test_what_looks_at_other_rows_to_decide_is_read_elsewhere(db: Database) -> None:
    others = db.people.filter(age__gt=35).values("name")
    query = db.people.filter(name__in=others)
    assert query.get(id=1).name == "ann"
    db.people.create(name="cem")
    before = reads(db)
    assert query.get(id=1).name == "ann"
    assert reads(db) > before
    assert db.people.get(name="cem").id == 3


def test_a_thread_with_the_number_of_one_that_has_ended_is_lent_to(db: Database) -> None:
    def write(number: int) -> int:
        db.people.create(name=f"of thread {number}")
        return len(lent(db))

    assert [in_thread(partial(write, number)) for number in range(5)] == [1] * 5
