"""Connections: how many there are, what becomes of those that end, time limits, threads and tasks."""

from __future__ import annotations

import asyncio
import os
import pickle
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress

import psycopg
import pytest

from noormme import (
    ConnectionFailed,
    ConnectionLost,
    Database,
    DatabaseClosed,
    NotSupported,
    OutcomeUnknown,
    PoolTimeout,
    QueryFailed,
    QueryTimeout,
    SettingsError,
    TableNotFound,
    TransactionError,
    UniqueViolation,
    UnreadableValue,
    connect,
)
from noormme.settings import resolve_url

SCRIPT = "CREATE TABLE items (id int PRIMARY KEY, n int); INSERT INTO items SELECT i, i FROM generate_series(1, 5000) i"


@pytest.fixture
def db(opened: Callable[..., Database]) -> Database:
    return opened(SCRIPT)


def end_all(url: str) -> None:
    """End every connection to the database but one's own, as a restart would."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def test_a_statement_borrows_a_connection(db: Database) -> None:
    for number in range(1, 6):
        assert db.items.get(pk=number).n == number
    assert db._engine._pool.size == 1


def test_no_more_than_the_settings_say(opened: Callable[..., Database]) -> None:
    db = opened(SCRIPT, max_connections=2, pool_timeout_s=0.1)
    with db.transaction():
        rows = db.items.order_by("id").iterator(10)
        next(rows)
        reader = db.items.all()

        def other() -> None:
            # On a busy machine some of them wait for too long, which is no matter here.
            with suppress(PoolTimeout), db.transaction():
                pass

        threads = [threading.Thread(target=other) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(10)
        assert reader.count() == 5000
    assert db._engine._pool.size <= 2
    held = [db._engine._pool.take() for _ in range(2)]
    with pytest.raises(
        PoolTimeout, match="all 2 connections were in use for 0.1 s .by 2 reads.; raise max_connections"
    ):
        db.items.count()
    for link in held:
        db._engine._pool.give(link)
    assert db.items.count() == 5000


def test_connections_that_ended_are_replaced(db: Database, url: str) -> None:
    assert db.items.count() == 5000
    end_all(url)
    assert db.items.count() == 5000
    end_all(url)
    with db.transaction():
        assert db.items.filter(pk=1).update(n=7) == 1
    end_all(url)
    time.sleep(1.1)
    assert db.items.filter(pk=1).update(n=8) == 1
    with pytest.raises(ConnectionFailed), db.transaction():
        db.items.filter(pk=1).update(n=9)
        end_all(url)
        db.items.count()
    assert db.items.get(pk=1).n == 8


def test_idle_connections_are_closed(opened: Callable[..., Database]) -> None:
    db = opened(SCRIPT, idle_timeout_s=0.0)
    first = db._engine._pool._idle[-1]
    time.sleep(1.1)
    db.items.count()
    assert db._engine._pool._idle[-1] is not first


def test_time_limits(opened: Callable[..., Database], url: str) -> None:
    db = opened(SCRIPT)
    with pytest.raises(QueryTimeout, match="took longer than 0.1 s"):
        db.execute("SELECT pg_sleep(5)", timeout_s=0.1)
    with pytest.raises(QueryTimeout, match="took longer than 0.1 s"), db.transaction():
        db.execute("SELECT pg_sleep(5)", timeout_s=0.1)
    assert db.execute("SELECT pg_sleep(0.2)") is not None
    assert db.items.timeout(5).count() == 5000
    with connect(url, timeout_s=0.1) as impatient, pytest.raises(QueryTimeout):
        impatient.execute("SELECT pg_sleep(5)")


def test_rows_come_in_parts(db: Database) -> None:
    rows = db.items.order_by("id").iterator(100)
    assert [next(rows).id for _ in range(3)] == [1, 2, 3]
    rows.close()
    assert sum(1 for _ in db.items.iterator(1000)) == 5000
    assert db._engine._pool.size <= 2


def test_closing(db: Database) -> None:
    db.close()
    with pytest.raises(DatabaseClosed):
        db.items.count()
    with pytest.raises(DatabaseClosed):
        db.items.filter(pk=1).update(n=1)


def test_threads(opened: Callable[..., Database]) -> None:
    db = opened(SCRIPT, max_connections=4)
    found: list[int] = []

    def read(start: int) -> None:
        found.extend(db.items.get(pk=start + step).n for step in range(50))

    threads = [threading.Thread(target=read, args=(1 + 50 * number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(found) == list(range(1, 801))
    assert db._engine._pool.size <= 4


def test_coroutines(db: Database) -> None:
    async def main() -> None:
        assert (await db.items.aget(pk=3)).n == 3
        numbers = await asyncio.gather(*(db.items.filter(n__lte=n).acount() for n in range(1, 40)))
        assert numbers == list(range(1, 40))
        with pytest.raises(KeyError):
            async with db.transaction():
                item = await db.items.acreate(id=9000, n=1)
                item.n = 2
                await item.asave()
                assert await db.items.acount() == 5001
                raise KeyError
        async with db.transaction():
            await db.items.acreate(id=9001, n=1)
        assert [item.id async for item in db.items.filter(pk__gt=4998).order_by("id")] == [4999, 5000, 9001]
        ticks = 0

        async def tick() -> None:
            nonlocal ticks
            while True:
                await asyncio.sleep(0.005)
                ticks += 1

        ticking = asyncio.create_task(tick())
        await db.aexecute("SELECT pg_sleep(0.2)")
        ticking.cancel()
        assert ticks > 10, "the loop goes on while the server works"

    asyncio.run(main())


def test_tasks_whose_transactions_wait_for_each_other(opened: Callable[..., Database]) -> None:
    db = opened(SCRIPT, max_connections=3, pool_timeout_s=10)

    async def add(number: int) -> None:
        async with db.transaction():
            item = await db.items.select_for_update().aget(pk=1)
            await db.items.filter(pk=2 + number).aupdate(n=0)
            item.n += 1
            await item.asave()

    async def main() -> None:
        await asyncio.gather(*(add(number) for number in range(40)))

    started = time.monotonic()
    asyncio.run(main())
    assert time.monotonic() - started < 9
    assert db.items.get(pk=1).n == 41
    assert db._engine._pool.size <= 3


def test_a_task_that_is_cancelled_leaves_nothing_behind(opened: Callable[..., Database]) -> None:
    db = opened(SCRIPT, max_connections=2, pool_timeout_s=5)

    async def sleep() -> None:
        async with db.transaction():
            await db.items.filter(pk=1).aupdate(n=-1)
            await db.aexecute("SELECT pg_sleep(0.3)")

    async def main() -> None:
        for pause in (0.0, 0.01, 0.1):
            task = asyncio.create_task(sleep())
            await asyncio.sleep(pause)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        assert (await db.items.aget(pk=1)).n == 1

    asyncio.run(main())
    with db.transaction():
        assert db.items.filter(pk=1).update(n=2) == 1


def test_a_child_process_has_connections_of_its_own(db: Database) -> None:
    assert db.items.count() == 5000
    child = os.fork()
    if child == 0:
        os._exit(0 if db.items.count() == 5000 else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert db.items.count() == 5000


def test_a_child_process_is_in_no_transaction_of_its_parent(db: Database) -> None:
    with db.transaction():
        db.items.filter(pk=1).update(n=-1)
        child = os.fork()
        if child == 0:
            os._exit(0 if db.items.get(pk=1).n == 1 else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert db.items.get(pk=1).n == -1
    assert db.items.get(pk=1).n == -1


def test_tables_that_change_while_statements_are_prepared(db: Database) -> None:
    for number in range(1, 10):
        db.execute("SELECT * FROM items WHERE id = ?", [number])
        db.items.get(pk=number)
    db.execute("ALTER TABLE items ADD COLUMN more text DEFAULT 'x'")
    assert db.execute("SELECT * FROM items WHERE id = ?", [1]) == [(1, 1, "x")]
    db.execute("ALTER TABLE items ALTER COLUMN n TYPE text")
    db.refresh()
    assert db.items.get(pk=1).n == "1"


def test_a_rollback_takes_no_time_limit_along(db: Database) -> None:
    with db.transaction() as transaction:
        assert db.items.timeout(0.1).count() == 5000
        transaction.rollback()
    with pytest.raises(QueryTimeout):
        db.execute("SELECT pg_sleep(5)", timeout_s=0.1)
    assert db.execute("SELECT pg_sleep(0.2)") is not None


def test_pages_by_cursor_through_nulls(db: Database) -> None:
    db.items.filter(pk__gt=4990).update(n=None)
    for order in ("n", "-n"):
        query = db.items.filter(pk__gt=4980).order_by(order, "id")
        found, after = [], None
        while True:
            page = query.paginate(per_page=3, after=after)
            found += [item.id for item in page]
            after = page.next
            if after is None:
                break
        assert found == list(query.values_list("id", flat=True))


def test_pickles_find_their_database(db: Database) -> None:
    item = pickle.loads(pickle.dumps(db.items.get(pk=1)))
    assert (item.id, item.n) == (1, 1)
    assert pickle.loads(pickle.dumps(db.items.filter(pk=2)))[0].n == 2


def test_no_password_is_repeated(url: str) -> None:
    secret = url.replace("://postgres@", "://postgres:sekret@").replace("://root@", "://root:sekret@")
    with connect(secret, database=secret) as db:
        assert "sekret" not in repr(db) + db.path + repr(db.settings) + repr(resolve_url(secret))
        assert b"sekret" not in pickle.dumps(db.__class__) + pickle.dumps(db._registry.address)


@pytest.mark.parametrize(
    ("target", "hint"),
    [
        ("postgresql://nobody:sekret@127.0.0.1/none", "check"),
        ("postgresql://nobody:sekret@127.0.0.1:1/none", "check that the server runs"),
        ("postgresql://nobody:sekret@127.0.0.1:port/none", "check"),
    ],
)
def test_a_server_that_cannot_be_reached(target: str, hint: str) -> None:
    with pytest.raises(ConnectionFailed) as caught:
        connect(target, pool_timeout_s=1)
    assert hint in str(caught.value)
    assert "sekret" not in str(caught.value) + str(caught.value.__cause__)


def test_urls() -> None:
    for url in (
        "postgresql://ann:sekret@host/app",
        "postgres://ann:sekret@host/app",
        "PostgreSQL+psycopg://ann:sekret@host/app",
    ):
        found = resolve_url(url)
        assert (found.dialect, found.path) == ("postgresql", "postgresql://ann:sekret@host/app")
        assert "sekret" not in repr(found)
    with pytest.raises(SettingsError, match="two slashes"):
        resolve_url("postgresql:/ann@host/app")


def test_errors_name_what_is_not_there(db: Database) -> None:
    with pytest.raises(TableNotFound, match="did you mean 'items'"):
        db.execute("SELECT * FROM itemss")
    with pytest.raises(QueryFailed, match="syntax error") as caught:
        db.execute("SELECT 'secret' FRM items WHERE")
    assert isinstance(caught.value.__cause__, psycopg.Error)


def test_the_driver_is_an_extra() -> None:
    code = (
        "import sys; sys.modules['psycopg'] = None; import noormme\n"
        "try: noormme.connect('postgresql://x@127.0.0.1/x')\n"
        "except noormme.NotSupported as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "pip install 'noormme[postgresql]'" in done.stdout
    assert NotSupported is not None


def test_a_transaction_in_which_a_statement_failed_is_not_said_to_be_committed(db: Database) -> None:
    with pytest.raises(TransactionError, match="nor commits it"), db.transaction():
        db.items.create(id=6000, n=1)
        with suppress(UniqueViolation):
            db.items.create(id=1, n=1)
    assert not db.items.filter(id=6000).exists()
    with db.transaction():
        db.items.create(id=6000, n=1)
        with suppress(UniqueViolation), db.transaction():
            db.items.create(id=1, n=1)
    assert db.items.filter(id=6000).exists()


def test_what_calls_a_function_that_may_write_runs_once(opened: Callable[..., Database]) -> None:
    db = opened(
        """
        CREATE SEQUENCE tries;
        CREATE FUNCTION pay() RETURNS bigint LANGUAGE sql AS $$
            SELECT nextval('tries'); SELECT pg_terminate_backend(pg_backend_pid()); SELECT 1 $$;
        CREATE FUNCTION price() RETURNS int STABLE LANGUAGE sql AS $$ SELECT 5 $$;
        CREATE TABLE users (id int PRIMARY KEY);
        CREATE FUNCTION newest() RETURNS SETOF users LANGUAGE sql AS $$
            INSERT INTO users SELECT coalesce(max(id), 0) + 1 FROM users RETURNING id $$;
        """,
        reconnect_s=2.0,
    )
    with pytest.raises(OutcomeUnknown):
        db.execute("SELECT pay()")
    assert db.execute("SELECT last_value FROM tries")[0][0] == 1
    # What is awaited is in a transaction, of which nothing was written.
    with pytest.raises(ConnectionLost):
        asyncio.run(db.aexecute('SELECT count(*), public."pay"() FROM users'))
    assert db.execute("SELECT last_value FROM tries")[0][0] == 2
    describe = db._registry.engine.describe
    pure = (
        "SELECT price()",
        "SELECT 'pay()' /* pay() */",
        "SELECT random()",
        "SELECT id FROM users WHERE id IN (1)",
    )
    assert [describe(sql).once for sql in pure] == [False] * 4
    assert describe("SELECT nextval('tries')").once
    # Objects come from there too, and the row is written once.
    assert [user.id for user in db.users.raw("SELECT * FROM newest()")] == [1]
    assert [user.id for user in db.users.raw("SELECT * FROM newest()").iterator()] == [2]
    assert db.users.count() == 2


def test_a_function_may_be_called_where_nothing_can_be_written(opened: Callable[..., Database]) -> None:
    db = opened("CREATE FUNCTION one() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$", readonly=True)
    assert db.execute("SELECT one()") == [(1,)]


def test_what_is_given_back_and_python_cannot_hold(opened: Callable[..., Database]) -> None:
    db = opened("CREATE TABLE days (id serial PRIMARY KEY, day date DEFAULT 'infinity', n int)")
    assert db.execute("INSERT INTO days DEFAULT VALUES RETURNING day, id") == [("infinity", 1)]
    assert db.execute("UPDATE days SET day = '10000-01-01' RETURNING *") == [(1, "10000-01-01", None)]
    with pytest.warns(UnreadableValue, match="days.day holds a value that cannot be read as date"):
        assert db.days.create(n=5).day == "infinity"
    with db.transaction():
        assert db.execute("DELETE FROM days WHERE id = 1 RETURNING day, n") == [("10000-01-01", None)]
    assert db.days.count() == 1
