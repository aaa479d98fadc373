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
from pathlib import Path

import pymysql
import pytest

from noormme import (
    ConnectionFailed,
    Database,
    DatabaseClosed,
    NotSupported,
    PoolTimeout,
    QueryFailed,
    QueryTimeout,
    SettingsError,
    TableNotFound,
    connect,
)
from noormme.engines.server.mysql.opening import address_of
from noormme.settings import resolve_url
from tests.mysql.server import raw_connection

SCRIPT = (
    "CREATE TABLE items (id int PRIMARY KEY, n int); INSERT INTO items "
    "WITH RECURSIVE s (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < 1000) SELECT i, i FROM s; "
    "INSERT INTO items SELECT i.id + 1000 * t.id, i.n + 1000 * t.id FROM items i JOIN items t ON t.id < 5"
)


@pytest.fixture
def db(opened: Callable[..., Database]) -> Database:
    return opened(SCRIPT)


def end_all(url: str) -> None:
    """End every connection to the database but one's own, as a restart would."""
    with raw_connection(url) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()"
        )
        for (number,) in cursor.fetchall():
            cursor.execute(f"KILL {number}")


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
    with pytest.raises(PoolTimeout, match="all 2 connections were in use for 0.1 s"):
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
        db.execute("SELECT SLEEP(5)", timeout_s=0.1)
    with pytest.raises(QueryTimeout, match="took longer than 0.1 s"), db.transaction():
        db.execute("SELECT SLEEP(5)", timeout_s=0.1)
    assert db.execute("SELECT SLEEP(0.2)") is not None
    assert db.items.timeout(5).count() == 5000
    with connect(url, timeout_s=0.1) as impatient, pytest.raises(QueryTimeout):
        impatient.execute("SELECT SLEEP(5)")


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
        await db.aexecute("SELECT SLEEP(0.2)")
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
            await db.aexecute("SELECT SLEEP(0.3)")

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
    db.execute("ALTER TABLE items MODIFY n text")
    db.refresh()
    assert db.items.get(pk=1).n == "1"


def test_a_rollback_takes_no_time_limit_along(db: Database) -> None:
    with db.transaction() as transaction:
        assert db.items.timeout(0.1).count() == 5000
        transaction.rollback()
    with pytest.raises(QueryTimeout):
        db.execute("SELECT SLEEP(5)", timeout_s=0.1)
    assert db.execute("SELECT SLEEP(0.2)") is not None


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
    secret = url.replace("://root@", "://root:sekret@")
    assert "sekret" not in repr(resolve_url(secret)) + repr(address_of(secret))
    with pytest.raises(ConnectionFailed, match="check the user and the password") as caught:
        connect(secret)
    assert "sekret" not in str(caught.value) + repr(caught.value) + str(caught.value.__cause__)
    with connect(url, database=secret) as db:
        assert "sekret" not in repr(db) + db.path + repr(db.settings)
        assert b"sekret" not in pickle.dumps(db.__class__) + pickle.dumps(db._registry.address)


@pytest.mark.parametrize(
    "target", ["mysql://nobody:sekret@127.0.0.1/none", "mysql://nobody:sekret@127.0.0.1:1/none"]
)
def test_a_server_that_cannot_be_reached(target: str) -> None:
    with pytest.raises(ConnectionFailed, match="check") as caught:
        connect(target, pool_timeout_s=1)
    assert "sekret" not in str(caught.value) + str(caught.value.__cause__)


def test_urls() -> None:
    for url in (
        "mysql://ann:sekret@host/app",
        "mariadb://ann:sekret@host/app",
        "MariaDB+pymysql://ann:sekret@host/app",
    ):
        found = resolve_url(url)
        assert (found.dialect, found.path) == ("mysql", "mysql://ann:sekret@host/app")
        assert "sekret" not in repr(found)
    with pytest.raises(SettingsError, match="two slashes"):
        resolve_url("mysql:/ann@host/app")


@pytest.mark.parametrize(
    ("rest", "message"),
    [
        ("host:port/app", "cannot be read"),
        ("host", "names no database"),
        ("host/", "names no database"),
        ("host/app?sslca=x", "did you mean 'ssl_ca'"),
        ("host/app?nothing=x", "the options are charset, connect_timeout, ssl"),
        ("host/app?connect_timeout=soon", "connect_timeout of a mysql URL has another form; write a number"),
        ("host/app?charset=utf9", "charset of a mysql URL has another form; write utf8mb4"),
        ("host/app?ssl_verify_cert=maybe", "ssl_verify_cert of a mysql URL has another form; write 1 or 0"),
    ],
)
def test_urls_that_say_something_else(rest: str, message: str) -> None:
    with pytest.raises(SettingsError, match=message) as caught:
        connect(f"mysql://ann:sekret@{rest}")
    assert "sekret" not in str(caught.value) + str(caught.value.__cause__)


def test_options_of_a_url() -> None:
    found = address_of(
        "mysql://an%40n:s%2Fkret@host:3307/my%20shop?ssl=1&connect_timeout=2.5&charset=utf8mb4"
    )
    assert found.shown == "mysql://an%40n@host:3307/my%20shop"
    assert found.options == {
        "host": "host",
        "port": 3307,
        "user": "an@n",
        "password": "s/kret",
        "database": "my shop",
        "ssl": {"ca": None},
        "connect_timeout": 2.5,
        "charset": "utf8mb4",
    }
    assert address_of("mysql:///app?ssl=0").options["ssl_disabled"] is True
    trusted = address_of("mysql:///app?ssl_ca=ca.pem&ssl_verify_identity=1").options
    assert (trusted["ssl_ca"], trusted["ssl_verify_cert"], trusted["ssl_verify_identity"]) == (
        "ca.pem",
        True,
        True,
    )


def test_a_socket_is_another_way_in(url: str, db: Database) -> None:
    socket = str(db.execute("SELECT @@socket")[0][0])
    if not Path(socket).exists():
        pytest.skip("the server's socket is not on this machine")
    head, _, name = url.partition("?")[0].rpartition("/")
    with connect(f"{head}/{name}?unix_socket={socket}") as other:
        assert other.items.count() == 5000


def test_errors_name_what_is_not_there(db: Database) -> None:
    with pytest.raises(TableNotFound, match="did you mean 'items'"):
        db.execute("SELECT * FROM itemss")
    with pytest.raises(QueryFailed, match="it is not SQL as this server writes it") as caught:
        db.execute("SELECT 'secret' FRM items WHERE")
    assert isinstance(caught.value.__cause__, pymysql.Error)


def test_the_driver_is_an_extra() -> None:
    code = (
        "import sys; sys.modules['pymysql'] = None; import noormme\n"
        "try: noormme.connect('mysql://x@127.0.0.1/x')\n"
        "except noormme.NotSupported as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "pip install 'noormme[mysql]'" in done.stdout
    assert NotSupported is not None


def test_what_calls_a_function_that_may_write_runs_once(opened: Callable[..., Database]) -> None:
    db = opened(
        """
        CREATE TABLE paid (id int AUTO_INCREMENT PRIMARY KEY);
        CREATE SEQUENCE numbers;
        CREATE FUNCTION price() RETURNS int READS SQL DATA RETURN 5;
        """
    )
    db.execute(
        "CREATE FUNCTION pay() RETURNS int BEGIN INSERT INTO paid () VALUES (); RETURN LAST_INSERT_ID(); END"
    )
    describe = db._registry.engine.describe
    once = (
        "SELECT pay()",
        "SELECT `pay` (), 1",
        "SELECT NEXT VALUE FOR numbers",
        "SELECT nextval(numbers)",
        "SELECT GET_LOCK('a', 1)",
    )
    assert [describe(sql).once for sql in once] == [True] * len(once)
    pure = ("SELECT price()", "SELECT 'pay()' -- pay()", "SELECT CONCAT('a', 'b')", "SELECT 1 WHERE 1 IN (1)")
    assert [describe(sql).once for sql in pure] == [False] * len(pure)
    assert db.execute("SELECT pay()") == [(1,)]
    assert [row.id for row in db.paid.raw("SELECT pay() AS id")] == [2]
    assert db.paid.count() == 2


def test_what_ends_with_its_connection_is_not_sent_again(opened: Callable[..., Database]) -> None:
    db = opened("CREATE SEQUENCE tries", reconnect_s=2.0)
    db.execute("CREATE FUNCTION pay() RETURNS int BEGIN KILL CONNECTION_ID(); RETURN 1; END")
    with pytest.raises(ConnectionFailed):
        db.execute("SELECT NEXT VALUE FOR tries, pay()")
    assert db.execute("SELECT NEXT VALUE FOR tries") == [(2,)]
