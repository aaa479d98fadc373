"""A server that is restarted, killed, full or gone while it is used."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from noormme import (
    ConnectionFailed,
    ConnectionLost,
    Database,
    DatabaseError,
    NoormmeError,
    OutcomeUnknown,
    PoolTimeout,
    QueryTimeout,
    connect,
)
from tests.servers.postgresql import NO_PROGRAMS, PostgreSQLServer, new_server

SCRIPT = """
    CREATE TABLE items (id int PRIMARY KEY, n int);
    INSERT INTO items SELECT i, i FROM generate_series(1, 3000) i;
    CREATE TABLE notes (id serial PRIMARY KEY, writer int, step int)
"""


@pytest.fixture(scope="module")
def own() -> Iterator[PostgreSQLServer]:
    """A server that the tests of this module may restart."""
    with new_server() as server:
        if server is None:
            pytest.skip(NO_PROGRAMS)
        server.execute(SCRIPT)
        yield server


@pytest.fixture
def opened(own: PostgreSQLServer) -> Iterator[Callable[..., Database]]:
    databases: list[Database] = []

    def open_it(**settings: object) -> Database:
        databases.append(connect(own.url(), **settings))
        return databases[-1]

    yield open_it
    for database in databases:
        database.close()


class Workload:
    """What several workers do until they are told to stop, and what came of it."""

    def __init__(self) -> None:
        self.over = threading.Event()
        self.reads = 0
        self.acknowledged: set[tuple[int, int]] = set()
        self.doubtful: set[tuple[int, int]] = set()
        self.failed: list[str] = []
        self.unexpected: list[BaseException] = []

    def note(self, error: BaseException, key: tuple[int, int] | None = None) -> None:
        """Take an error of a worker: of a write, or of a read if there is no key."""
        if key is not None and isinstance(error, OutcomeUnknown):
            self.doubtful.add(key)
        elif key is not None and isinstance(error, ConnectionLost):
            self.failed.append(type(error).__name__)
        else:
            self.unexpected.append(error)

    def check(self, db: Database) -> None:
        """Every write that was acknowledged is there once; none that failed is."""
        assert self.unexpected == []
        rows = list(db.notes.filter(writer__gte=0).values_list("writer", "step"))
        there = set(rows)
        assert len(rows) == len(there), "nothing is written twice"
        assert self.acknowledged <= there
        assert there <= self.acknowledged | self.doubtful
        assert self.reads > 100
        assert len(self.acknowledged) > 100


def through_restarts(server: PostgreSQLServer, work: Workload, dead_s: float) -> None:
    """Restart a server twice: once ending its clients, once leaving it dead for a while."""
    time.sleep(0.3)
    server.restart("fast")
    time.sleep(0.3)
    server.stop("immediate")
    time.sleep(dead_s)
    server.start()
    time.sleep(0.5)
    # A busy machine needs longer for as much work.
    until = time.monotonic() + 60
    while min(work.reads, len(work.acknowledged)) <= 100 and time.monotonic() < until:
        time.sleep(0.05)
    work.over.set()


def test_threads_go_on_through_restarts(own: PostgreSQLServer, opened: Callable[..., Database]) -> None:
    db, work = opened(max_connections=6), Workload()
    db.notes.delete(all_rows=True)

    def read(number: int) -> None:
        while not work.over.is_set():
            try:
                assert db.items.get(pk=1 + number).n == 1 + number
                assert db.items.filter(n__lte=10).count() == 10
                assert sum(1 for _ in db.items.filter(n__lte=50).iterator(20)) == 50
                work.reads += 1
            except NoormmeError as error:
                work.note(error)

    def write(number: int) -> None:
        step = 0
        while not work.over.is_set():
            key = (number, step := step + 1)
            try:
                if step % 3 == 0:
                    with db.transaction():
                        db.notes.create(writer=key[0], step=key[1])
                        db.items.count()
                elif step % 3 == 1:
                    db.run_in_transaction(lambda key=key: db.notes.create(writer=key[0], step=key[1]))
                else:
                    db.notes.create(writer=key[0], step=key[1])
                work.acknowledged.add(key)
            except NoormmeError as error:
                work.note(error, key)

    with ThreadPoolExecutor(8) as threads:
        jobs = [threads.submit(read if number % 2 else write, number) for number in range(8)]
        through_restarts(own, work, 2.0)
        for job in jobs:
            job.result(30)
    work.check(db)
    assert db._engine._pool.busy == 0


def test_tasks_go_on_through_restarts(own: PostgreSQLServer, opened: Callable[..., Database]) -> None:
    db, work = opened(max_connections=6), Workload()
    db.notes.delete(all_rows=True)

    async def read(number: int) -> None:
        while not work.over.is_set():
            try:
                assert (await db.items.aget(pk=1 + number)).n == 1 + number
                assert len([item async for item in db.items.filter(n__lte=30)]) == 30
                work.reads += 1
            except NoormmeError as error:
                work.note(error)

    async def write(number: int) -> None:
        step = 0
        while not work.over.is_set():
            key = (number, step := step + 1)

            async def create(key: tuple[int, int] = key) -> None:
                await db.notes.acreate(writer=key[0], step=key[1])

            try:
                if step % 3 == 0:
                    async with db.transaction():
                        await create()
                        await db.items.acount()
                elif step % 3 == 1:
                    await db.arun_in_transaction(create)
                else:
                    await create()
                work.acknowledged.add(key)
            except NoormmeError as error:
                work.note(error, key)

    async def main() -> None:
        restarts = asyncio.create_task(asyncio.to_thread(through_restarts, own, work, 1.0))
        await asyncio.gather(*((read if number % 2 else write)(number) for number in range(50)))
        await restarts

    asyncio.run(main())
    work.check(db)
    assert db._engine._pool.busy == 0


def test_what_a_killed_server_leaves(own: PostgreSQLServer, opened: Callable[..., Database]) -> None:
    db = opened(reconnect_s=0.3)
    assert db.items.count() == 3000
    rows = db.items.order_by("id").iterator(100)
    assert next(rows).id == 1
    with pytest.raises(ConnectionLost, match="nothing was written"), db.transaction():
        db.notes.create(writer=-1, step=1)
        own.kill()
        db.notes.create(writer=-1, step=2)
    started = time.monotonic()
    with pytest.raises(ConnectionLost, match="cannot be opened"):
        db.items.count()
    with pytest.raises(ConnectionLost):
        db.items.filter(pk=1).update(n=1)
    with pytest.raises(ConnectionLost), db.transaction():
        pass
    assert time.monotonic() - started < 9
    with pytest.raises(ConnectionFailed) as caught:
        connect(own.url())
    assert type(caught.value) is ConnectionFailed, "a server that was never there is not waited for"
    with pytest.raises(ConnectionLost):
        sum(1 for _ in rows)
    own.start()
    assert db.items.count() == 3000
    assert not db.notes.filter(writer=-1).exists()


@pytest.mark.parametrize("how", ["the transaction was committed", "it was written"])
def test_a_commit_whose_answer_is_lost(
    own: PostgreSQLServer, opened: Callable[..., Database], how: str
) -> None:
    """COMMIT is held up by a synchronous replica that does not exist: the rows are there, and nobody says so."""
    db = opened()
    assert db.notes.filter(writer=-2).delete() >= 0
    own.execute("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
    own.execute("SELECT pg_reload_conf()")
    calls: list[int] = []
    step = 0

    def end_it() -> None:
        waiting = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
        while not own.execute(waiting):
            time.sleep(0.02)
        own.execute("ALTER SYSTEM RESET synchronous_standby_names")
        own.stop("immediate")
        own.start()

    def write() -> None:
        calls.append(step)
        db.notes.create(writer=-2, step=step)

    try:
        thread = threading.Thread(target=end_it)
        thread.start()
        with pytest.raises(OutcomeUnknown, match=f"whether {how} is not known"):
            # It takes a moment until the server waits for the replica.
            while True:
                step += 1
                if how == "it was written":
                    write()
                else:
                    db.run_in_transaction(write)
    finally:
        thread.join(30)
    assert calls == list(range(1, step + 1)), "what may have been committed is not run again"
    assert db.notes.filter(writer=-2, step=step).count() == 1


def test_a_server_that_is_full_or_starting(own: PostgreSQLServer, opened: Callable[..., Database]) -> None:
    db = opened()
    own.execute("CREATE ROLE narrow LOGIN CONNECTION LIMIT 1")
    own.execute("GRANT ALL ON ALL TABLES IN SCHEMA public TO narrow")
    url = own.url(user="narrow")
    with connect(url) as first:
        with pytest.raises(ConnectionLost, match="too many connections") as caught:
            connect(url, reconnect_s=0.2)
        assert caught.value.answered
        timer = threading.Timer(0.3, first.close)
        timer.start()
        with connect(url) as second:
            assert second.items.count() == 3000
        timer.join()
    own.stop("immediate")
    with own.starting(0.5):
        assert db.run_in_transaction(lambda: db.items.count()) == 3000


def test_limits_hold_while_a_server_is_away(own: PostgreSQLServer, opened: Callable[..., Database]) -> None:
    db = opened()
    db.items.count()
    own.stop("fast")
    try:
        started = time.monotonic()
        with pytest.raises(QueryTimeout):
            db.items.timeout(0.3).count()

        async def main() -> None:
            task = asyncio.create_task(db.items.acount())
            await asyncio.sleep(0.2)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

        asyncio.run(main())
        assert time.monotonic() - started < 9
    finally:
        own.start()
    assert db.items.count() == 3000


def test_connections_grow_old(opened: Callable[..., Database]) -> None:
    db = opened(connection_age_s=0.2)
    with db.transaction():
        first = db.execute("SELECT pg_backend_pid()")
        assert db.execute("SELECT pg_backend_pid()") == first
    time.sleep(0.25)
    assert db.execute("SELECT pg_backend_pid()") != first
    assert db._engine._pool.size <= 1


def test_connections_that_nobody_uses_are_closed(opened: Callable[..., Database]) -> None:
    db = opened(idle_timeout_s=0.3)
    pool = db._engine._pool
    for link in [pool.take() for _ in range(4)]:
        pool.give(link)
    assert pool.size == 4
    time.sleep(0.2)
    db.items.count()
    time.sleep(0.2)
    db.items.count()
    assert pool.size == 1


def test_a_connection_that_was_dropped_without_a_word(
    own: PostgreSQLServer, opened: Callable[..., Database]
) -> None:
    """As by a firewall that has forgotten it while a function of a cloud slept: nothing comes back."""
    db = opened(max_connections=1)
    assert db.execute("SELECT pg_backend_pid()")
    (link,) = db._engine._pool._idle
    pid = db.execute("SELECT pg_backend_pid()")[0][0]
    # It sleeps, so it neither answers nor ends.
    own.signal(pid, "STOP")
    link.idle_since -= 60
    try:
        assert db.items.filter(pk=1).update(n=1) == 1
    finally:
        own.signal(pid, "CONT")
    assert db.execute("SELECT pg_backend_pid()")[0][0] != pid
    kept = db._engine._pool._idle[0]
    kept.idle_since -= 60
    assert db.items.filter(pk=1).update(n=1) == 1
    assert db._engine._pool._idle == [kept], "one that answers is kept"


def test_who_waits_for_a_connection_is_told_what_holds_them(opened: Callable[..., Database]) -> None:
    db = opened(max_connections=1, pool_timeout_s=0.2)
    rows = db.items.order_by("id").iterator(100)
    next(rows)
    with pytest.raises(QueryTimeout, match="took longer than 0.05 s"):
        db.items.timeout(0.05).count()
    with pytest.raises(
        PoolTimeout, match="the only connection was in use for 0.2 s .by 1 stream.; raise max_conn"
    ):
        db.items.count()

    async def main() -> None:
        with pytest.raises(PoolTimeout, match="by 1 stream"):
            await db.items.acount()
        with pytest.raises(PoolTimeout, match="by 1 stream"):
            async with db.transaction():
                pass

    asyncio.run(main())
    rows.close()
    with db.transaction():
        pass
    assert db.items.count() == 3000


def test_errors_are_in_the_tree() -> None:
    assert issubclass(ConnectionLost, ConnectionFailed)
    assert issubclass(OutcomeUnknown, ConnectionFailed)
    assert not issubclass(OutcomeUnknown, ConnectionLost)
    assert issubclass(ConnectionFailed, DatabaseError)
