"""A MariaDB that is restarted and killed while it is used."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from noormme import ConnectionLost, Database, NoormmeError, OutcomeUnknown, connect
from tests.servers.mariadb import NO_PROGRAMS, MariaDBServer, new_server

SCRIPT = """
    CREATE TABLE items (id int PRIMARY KEY, n int);
    INSERT INTO items SELECT seq, seq FROM seq_1_to_3000;
    CREATE TABLE notes (id int AUTO_INCREMENT PRIMARY KEY, writer int, step int)
"""


@pytest.fixture(scope="module")
def own() -> Iterator[MariaDBServer]:
    """A server that the tests of this module may restart."""
    with new_server() as server:
        if server is None:
            pytest.skip(NO_PROGRAMS)
        server.execute(SCRIPT, "test")
        yield server


@pytest.fixture
def opened(own: MariaDBServer) -> Iterator[Callable[..., Database]]:
    databases: list[Database] = []

    def open_it(**settings: object) -> Database:
        databases.append(connect(own.url(), **settings))
        return databases[-1]

    yield open_it
    for database in databases:
        database.close()


def test_reads_go_on_and_what_is_acknowledged_is_there(
    own: MariaDBServer, opened: Callable[..., Database]
) -> None:
    db = opened(max_connections=6)
    over = threading.Event()
    acknowledged: set[tuple[int, int]] = set()
    doubtful: set[tuple[int, int]] = set()
    failed: list[str] = []
    unexpected: list[BaseException] = []
    reads: list[int] = []

    def read(number: int) -> None:
        while not over.is_set():
            try:
                assert db.items.get(pk=1 + number).n == 1 + number
                assert sum(1 for _ in db.items.filter(n__lte=50).iterator(20)) == 50
                reads.append(number)
            except NoormmeError as error:
                unexpected.append(error)

    def write(number: int) -> None:
        step = 0
        while not over.is_set():
            key = (number, step := step + 1)

            def create(key: tuple[int, int] = key) -> None:
                db.notes.create(writer=key[0], step=key[1])

            try:
                if step % 3 == 0:
                    with db.transaction():
                        create()
                        db.items.count()
                elif step % 3 == 1:
                    db.run_in_transaction(create)
                else:
                    create()
                acknowledged.add(key)
            except OutcomeUnknown:
                doubtful.add(key)
            except ConnectionLost:
                failed.append("lost")
            except NoormmeError as error:
                unexpected.append(error)

    with ThreadPoolExecutor(8) as threads:
        jobs = [threads.submit(read if number % 2 else write, number) for number in range(8)]
        time.sleep(0.3)
        own.restart()
        time.sleep(0.3)
        own.kill()
        time.sleep(1.0)
        own.start()
        time.sleep(0.5)
        # A busy machine needs longer for as much work.
        until = time.monotonic() + 60
        while min(len(reads), len(acknowledged)) <= 50 and time.monotonic() < until:
            time.sleep(0.05)
        over.set()
        for job in jobs:
            job.result(30)
    assert unexpected == []
    rows = list(db.notes.values_list("writer", "step"))
    assert len(rows) == len(set(rows)), "nothing is written twice"
    assert acknowledged <= set(rows) <= acknowledged | doubtful
    assert len(reads) > 50
    assert len(acknowledged) > 50
    assert db._engine._pool.busy == 0


def test_coroutines_wait_for_it(own: MariaDBServer, opened: Callable[..., Database]) -> None:
    db = opened()

    async def main() -> None:
        assert await db.items.acount() == 3000
        restart = asyncio.create_task(asyncio.to_thread(own.restart))
        while not restart.done():
            assert (await db.items.aget(pk=1)).n == 1
            assert len([item async for item in db.items.filter(pk__lte=30)]) == 30
        await restart

    asyncio.run(main())
    assert db._engine._pool.busy == 0


def test_it_does_not_come_back(own: MariaDBServer, opened: Callable[..., Database]) -> None:
    db = opened(reconnect_s=0.2)
    assert db.items.count() == 3000
    with pytest.raises(ConnectionLost), db.transaction():
        db.notes.create(writer=-1, step=1)
        own.kill()
        db.notes.create(writer=-1, step=2)
    try:
        with pytest.raises(ConnectionLost):
            db.items.count()
        with pytest.raises(ConnectionLost):
            db.items.filter(pk=1).update(n=1)
    finally:
        own.start()
    assert not db.notes.filter(writer=-1).exists()
