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
from typing import Any

import pytest

from noormme import (
    ConnectionFailed,
    ConnectionLost,
    Database,
    DatabaseClosed,
    PoolTimeout,
    QueryFailed,
    QueryTimeout,
    SettingsError,
    TableNotFound,
    connect,
)
from noormme.engines.server.replicas import Replica
from noormme.settings import resolve_url
from tests.servers.kinds import Kind


@pytest.fixture
def script(kind: Kind) -> str:
    return f"CREATE TABLE items (id int PRIMARY KEY, n int); INSERT INTO items {kind.numbers}"


@pytest.fixture
def db(script: str, opened: Callable[..., Database]) -> Database:
    return opened(script)


def test_a_statement_borrows_a_connection(db: Database) -> None:
    for number in range(1, 6):
        assert db.items.get(pk=number).n == number
    assert db._engine._pool.size == 1


def test_no_more_than_the_settings_say(script: str, opened: Callable[..., Database]) -> None:
    db = opened(script, max_connections=2, pool_timeout_s=0.1)
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


def test_connections_that_ended_are_replaced(kind: Kind, db: Database, url: str) -> None:
    assert db.items.count() == 5000
    kind.end_all(url)
    assert db.items.count() == 5000
    kind.end_all(url)
    with db.transaction():
        assert db.items.filter(pk=1).update(n=7) == 1
    kind.end_all(url)
    time.sleep(1.1)
    assert db.items.filter(pk=1).update(n=8) == 1
    with pytest.raises(ConnectionFailed), db.transaction():
        db.items.filter(pk=1).update(n=9)
        kind.end_all(url)
        db.items.count()
    assert db.items.get(pk=1).n == 8


def test_idle_connections_are_closed(script: str, opened: Callable[..., Database]) -> None:
    db = opened(script, idle_timeout_s=0.0)
    first = db._engine._pool._idle[-1]
    time.sleep(1.1)
    db.items.count()
    assert db._engine._pool._idle[-1] is not first


def test_time_limits(kind: Kind, script: str, opened: Callable[..., Database], url: str) -> None:
    db = opened(script)
    with pytest.raises(QueryTimeout, match="took longer than 0.1 s"):
        db.execute(kind.sleep.format(5), timeout_s=0.1)
    with pytest.raises(QueryTimeout, match="took longer than 0.1 s"), db.transaction():
        db.execute(kind.sleep.format(5), timeout_s=0.1)
    assert db.execute(kind.sleep.format(0.2)) is not None
    assert db.items.timeout(5).count() == 5000
    with connect(url, timeout_s=0.1) as impatient, pytest.raises(QueryTimeout):
        impatient.execute(kind.sleep.format(5))


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


def test_threads(script: str, opened: Callable[..., Database]) -> None:
    db = opened(script, max_connections=4)
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


def test_coroutines(kind: Kind, db: Database) -> None:
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
        await db.aexecute(kind.sleep.format(0.2))
        ticking.cancel()
        assert ticks > 10, "the loop goes on while the server works"

    asyncio.run(main())


def test_tasks_whose_transactions_wait_for_each_other(script: str, opened: Callable[..., Database]) -> None:
    db = opened(script, max_connections=3, pool_timeout_s=10)

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


def test_a_task_that_is_cancelled_leaves_nothing_behind(
    kind: Kind, script: str, opened: Callable[..., Database]
) -> None:
    db = opened(script, max_connections=2, pool_timeout_s=5)

    async def sleep() -> None:
        async with db.transaction():
            await db.items.filter(pk=1).aupdate(n=-1)
            await db.aexecute(kind.sleep.format(0.3))

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


def test_tables_that_change_while_statements_are_prepared(kind: Kind, db: Database) -> None:
    for number in range(1, 10):
        db.execute("SELECT * FROM items WHERE id = ?", [number])
        db.items.get(pk=number)
    db.execute("ALTER TABLE items ADD COLUMN more text DEFAULT 'x'")
    assert db.execute("SELECT * FROM items WHERE id = ?", [1]) == [(1, 1, "x")]
    db.execute(f"ALTER TABLE items {kind.as_text}")
    db.refresh()
    assert db.items.get(pk=1).n == "1"


def test_a_rollback_takes_no_time_limit_along(kind: Kind, db: Database) -> None:
    with db.transaction() as transaction:
        assert db.items.timeout(0.1).count() == 5000
        transaction.rollback()
    with pytest.raises(QueryTimeout):
        db.execute(kind.sleep.format(5), timeout_s=0.1)
    assert db.execute(kind.sleep.format(0.2)) is not None


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


@pytest.mark.parametrize("port", ["", ":1"])
def test_a_server_that_cannot_be_reached(kind: Kind, port: str) -> None:
    with pytest.raises(ConnectionFailed, match="check") as caught:
        connect(f"{kind.schemes[0]}://nobody:sekret@127.0.0.1{port}/none", pool_timeout_s=1)
    assert "sekret" not in str(caught.value) + str(caught.value.__cause__)


def test_urls(kind: Kind) -> None:
    usual = kind.schemes[0]
    for scheme in kind.schemes:
        found = resolve_url(f"{scheme}://ann:sekret@host/app")
        assert (found.dialect, found.path) == (kind.name, f"{usual}://ann:sekret@host/app")
        assert "sekret" not in repr(found)
    with pytest.raises(SettingsError, match="two slashes"):
        resolve_url(f"{usual}:/ann@host/app")


def test_errors_name_what_is_not_there(kind: Kind, db: Database) -> None:
    with pytest.raises(TableNotFound, match="did you mean 'items'"):
        db.execute("SELECT * FROM itemss")
    with pytest.raises(QueryFailed, match=kind.syntax_error) as caught:
        db.execute("SELECT 'secret' FRM items WHERE")
    assert isinstance(caught.value.__cause__, kind.error)


def test_the_driver_is_an_extra(kind: Kind) -> None:
    code = (
        f"import sys; sys.modules['{kind.driver}'] = None; import noormme\n"
        f"try: noormme.connect('{kind.schemes[0]}://x@127.0.0.1/x')\n"
        "except noormme.NotSupported as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert f"pip install 'noormme[{kind.name}]'" in done.stdout


def test_a_commit_that_was_never_sent_is_known_to_be_none(kind: Kind, db: Database, url: str) -> None:
    with pytest.raises(ConnectionLost, match="nothing was written"), db.transaction():
        assert db.items.filter(pk=1).update(n=-1) == 1
        kind.end_all(url)
        with suppress(ConnectionLost):
            db.items.count()
    assert db.items.get(pk=1).n == 1
    with pytest.raises(ConnectionLost), db.transaction():
        db.items.filter(pk=1).update(n=-1)
        kind.end_all(url)
        with pytest.raises(ConnectionLost):
            db.items.filter(pk=2).update(n=-2)
    assert db.items.filter(n__lt=0).count() == 0


def test_a_replica_that_has_failed_for_weeks() -> None:
    class Pool:
        def empty(self) -> None:
            pass

    replica: Replica[Any] = Replica(Pool())  # type: ignore[arg-type]
    for _ in range(1_100):
        replica.failed()
    assert 25 < replica.away_until - time.monotonic() <= 30
