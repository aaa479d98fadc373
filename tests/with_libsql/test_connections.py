"""Connections to a server: how many there are, restarts, time limits, transactions that expire, threads, tasks."""

from __future__ import annotations

import asyncio
import os
import pickle
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from noormme import (
    ConnectionFailed,
    ConnectionLost,
    Database,
    DatabaseClosed,
    NoormmeError,
    NotSupported,
    OutcomeUnknown,
    PoolTimeout,
    QueryTimeout,
    ReadOnly,
    SettingsError,
    TransactionError,
    connect,
)
from noormme.engines.libsql.address import address_of
from noormme.settings import resolve_url
from tests.with_libsql.server import NO_SERVER, Sqld, load, running

COUNTED = "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < {}) "
SCRIPT = f"CREATE TABLE items (id INTEGER PRIMARY KEY, n INTEGER); INSERT INTO items {COUNTED.format(3000)} SELECT i, i FROM c"
LONG = COUNTED.format(100_000_000) + "SELECT count(*) FROM c"


@pytest.fixture
def db(opened: Callable[..., Database]) -> Database:
    return opened(SCRIPT)


@pytest.fixture(scope="module")
def own() -> Iterator[Sqld]:
    """A server that a test may restart."""
    with running() as server:
        if server is None:
            pytest.skip(NO_SERVER)
        load(server.url, SCRIPT)
        yield server


def test_a_statement_borrows_a_connection(db: Database) -> None:
    for number in range(1, 6):
        assert db.items.get(pk=number).n == number
    assert db._engine._pool.size == 1


def test_no_more_than_the_settings_say(opened: Callable[..., Database]) -> None:
    db = opened(SCRIPT, max_connections=2, pool_timeout_s=0.1)
    held = [db._engine._pool.take() for _ in range(2)]
    with pytest.raises(PoolTimeout, match="all 2 connections were in use for 0.1 s"):
        db.items.count()
    for link in held:
        db._engine._pool.give(link)
    assert db.items.count() == 3000


def test_a_restart(own: Sqld) -> None:
    with connect(own.url) as db:
        assert db.items.count() == 3000
        own.stop()
        own.start()
        assert db.items.count() == 3000
        with pytest.raises((TransactionError, ConnectionFailed)), db.transaction():
            db.items.filter(pk=1).update(n=-1)
            own.stop()
            own.start()
            db.items.count()
        assert db.items.get(pk=1).n == 1
        with db.transaction():
            db.items.filter(pk=1).update(n=2)
        assert db.items.get(pk=1).n == 2
    with connect(own.url, reconnect_s=0.1) as impatient:
        own.stop()
        with pytest.raises(ConnectionLost, match="cannot be reached"):
            impatient.items.count()
        with pytest.raises(ConnectionLost, match="cannot be reached"):
            impatient.items.filter(pk=1).update(n=3)
        own.start()
        assert impatient.items.get(pk=1).n == 2


def test_a_restart_beside_readers(own: Sqld) -> None:
    """Whoever reads meanwhile waits, and is told of no error."""
    found: list[int] = []
    failed: list[Exception] = []
    done = threading.Event()
    with connect(own.url) as db:

        def read() -> None:
            while not done.is_set():
                try:
                    found.append(db.items.filter(pk__lte=10).count())
                except Exception as error:
                    failed.append(error)
                    return

        threads = [threading.Thread(target=read) for _ in range(4)]
        for thread in threads:
            thread.start()
        own.stop()
        own.start()
        # Each of them has been served by the new server.
        served = len(found) + 40
        ends = time.monotonic() + 30
        while len(found) < served and time.monotonic() < ends:
            time.sleep(0.01)
        done.set()
        for thread in threads:
            thread.join(30)
    assert failed == []
    assert len(found) >= served
    assert set(found) == {10}


def test_a_transaction_that_the_server_has_ended(db: Database, url: str) -> None:
    with pytest.raises(TransactionError, match="the server has ended this transaction"), db.transaction():
        db.items.filter(pk=1).update(n=-1)
        # Whoever waits for the lock makes the server end a transaction that holds it for 5 s.
        with connect(url) as other:
            assert other.items.filter(pk=2).update(n=-2) == 1
        with pytest.raises(TransactionError, match="the server has ended this transaction"):
            db.items.filter(pk=1).update(n=-1)
        # On the same stream this would commit by itself.
        with pytest.raises(TransactionError, match="the server has ended this transaction"):
            db.items.filter(pk=3).update(n=-3)
    assert [item.n for item in db.items.filter(pk__lte=3).order_by("id")] == [1, -2, 3]


def test_a_transaction_that_an_error_has_ended(opened: Callable[..., Database]) -> None:
    db = opened("CREATE TABLE t (id INTEGER PRIMARY KEY, a UNIQUE ON CONFLICT ROLLBACK)")
    with pytest.raises(TransactionError, match="the server has ended this transaction"), db.transaction():
        db.execute("INSERT INTO t VALUES (1, 1)")
        with pytest.raises(Exception, match="already"):
            db.execute("INSERT INTO t VALUES (2, 1)")
        db.execute("INSERT INTO t VALUES (3, 3)")
    assert db.t.count() == 0


def test_time_limits(db: Database, url: str) -> None:
    with pytest.raises(QueryTimeout, match="took longer than 0.1 s"):
        db.execute(LONG, timeout_s=0.1)
    with pytest.raises(QueryTimeout, match="took longer than 0.1 s"), db.transaction():
        db.items.filter(pk=1).update(n=-1)
        db.execute(LONG, timeout_s=0.1)
    assert db.items.timeout(60).get(pk=1).n == 1
    with pytest.raises(
        OutcomeUnknown, match="did not answer in time, so whether it was written is not known"
    ):
        db.execute("INSERT INTO items (n) " + LONG, timeout_s=0.1)
    with (
        connect(url, timeout_s=0.1) as impatient,
        pytest.raises(QueryTimeout, match="took longer than 0.1 s"),
    ):
        impatient.execute(LONG)


def test_rows_come_in_parts(db: Database) -> None:
    rows = db.items.order_by("id").iterator(100)
    assert [next(rows).id for _ in range(3)] == [1, 2, 3]
    rows.close()
    assert sum(1 for _ in db.items.iterator(1000)) == 3000
    with db.transaction():
        seen = []
        for item in db.items.filter(pk__lte=300).order_by("id").iterator(10):
            # Another statement of the transaction has the rest read first.
            if item.id % 100 == 0:
                db.items.filter(pk=item.id).update(n=0)
            seen.append(item.id)
        assert seen == list(range(1, 301))
        rows = db.items.order_by("id").iterator(10)
        next(rows)
        rows.close()
        assert db.items.filter(n=0).count() == 3
    assert db.items.filter(n=0).count() == 3


def test_closing(db: Database) -> None:
    db.close()
    with pytest.raises(DatabaseClosed):
        db.items.count()
    with pytest.raises(DatabaseClosed):
        db.items.filter(pk=1).update(n=1)


def test_threads(opened: Callable[..., Database]) -> None:
    db = opened(SCRIPT, max_connections=4)
    found: list[int] = []

    def work(start: int) -> None:
        for step in range(25):
            found.append(db.items.get(pk=start + step).n)
        with db.transaction():
            db.items.create(n=-1)
            db.items.filter(pk=start).update(n=start)

    threads = [threading.Thread(target=work, args=(1 + 25 * number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(found) == list(range(1, 201))
    assert db.items.filter(n=-1).count() == 8
    assert db._engine._pool.size <= 4


def test_other_threads_run_while_the_server_works(db: Database) -> None:
    ticks = 0
    done = threading.Event()

    def tick() -> None:
        nonlocal ticks
        while not done.wait(0.001):
            ticks += 1

    thread = threading.Thread(target=tick)
    thread.start()
    db.execute(COUNTED.format(1_000_000) + "SELECT count(*) FROM c")
    done.set()
    thread.join(10)
    assert ticks > 5


def test_coroutines(db: Database) -> None:
    async def main() -> None:
        assert (await db.items.aget(pk=3)).n == 3
        numbers = await asyncio.gather(*(db.items.filter(n__lte=n).acount() for n in range(1, 30)))
        assert numbers == list(range(1, 30))
        with pytest.raises(KeyError):
            async with db.transaction():
                item = await db.items.acreate(n=1)
                item.n = 2
                await item.asave()
                assert await db.items.acount() == 3001
                raise KeyError
        async with db.transaction():
            await db.items.acreate(id=9001, n=1)
        assert [item.id async for item in db.items.filter(pk__gt=2998).order_by("id")] == [2999, 3000, 9001]

    asyncio.run(main())


def test_a_child_process_has_connections_of_its_own(db: Database) -> None:
    assert db.items.count() == 3000
    with db.transaction():
        db.items.filter(pk=1).update(n=-1)
        child = os.fork()
        if child == 0:
            os._exit(0 if db.items.get(pk=1).n == 1 else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert db.items.get(pk=1).n == -1
    assert db.items.get(pk=1).n == -1


def test_pickles_find_their_database(db: Database) -> None:
    item = pickle.loads(pickle.dumps(db.items.get(pk=1)))
    assert (item.id, item.n) == (1, 1)
    assert pickle.loads(pickle.dumps(db.items.filter(pk=2)))[0].n == 2


# -- addresses and tokens -------------------------------------------------------------------------------

# A key that was made for this test, and what it signed: that who has it may write, or only read.
PUBLIC = "A6EHv_POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg"
HEAD = "eyJhbGciOiAiRWREU0EiLCAidHlwIjogIkpXVCJ9"
WRITES = f"{HEAD}.eyJhIjogInJ3In0.Cfn4It5TkL5jzr3rVPi3xTruvONpQavEqLWReNXibJjNtX0hf3jAsMN0oExiqWPWukR20SFlO_Grujn5cYw7Cg"
READS = f"{HEAD}.eyJhIjogInJvIn0.bujWyGzy6X-alEBZbyPbb0Pta6W-3yO2w98qY-S-D2g6F_WvFVtH3yoPpT5wVmovVUDOKvW1vK_y-SIYIot8Bg"
SECRET = "not-a-token"


@pytest.fixture(scope="module")
def closed_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sqld]:
    """A server that asks for a token."""
    key = tmp_path_factory.mktemp("key") / "key"
    key.write_text(PUBLIC)
    with running("--auth-jwt-key-file", str(key)) as server:
        if server is None:
            pytest.skip(NO_SERVER)
        yield server


def test_a_token_is_asked_for(closed_server: Sqld, monkeypatch: pytest.MonkeyPatch) -> None:
    url = closed_server.url
    for target, token in ((url, ""), (f"{url}?auth_token={SECRET}", ""), (url, SECRET)):
        monkeypatch.setenv("LIBSQL_AUTH_TOKEN", token)
        with pytest.raises(ConnectionFailed, match=r"did not let us in; give \?auth_token") as caught:
            connect(target)
        assert SECRET not in str(caught.value) + repr(caught.value.__cause__)
    with connect(f"{url}?auth_token={WRITES}") as db:
        db.execute("CREATE TABLE items (id INTEGER PRIMARY KEY)")
    monkeypatch.setenv("LIBSQL_AUTH_TOKEN", READS)
    with connect(url) as db:
        assert db.items.count() == 0
        with pytest.raises(ReadOnly):
            db.items.create()


def test_no_token_is_repeated(db: Database, url: str) -> None:
    secret = f"{url}?auth_token=sekret"
    with connect(secret, database=secret) as other:
        assert other.items.count() == 3000
        assert "sekret" not in repr(other) + other.path + repr(other.settings) + repr(resolve_url(secret))
        assert "sekret" not in repr(address_of(secret)) + other._engine.path
        assert b"sekret" not in pickle.dumps(other._registry.address)


@pytest.mark.parametrize(
    ("url", "host", "port", "tls"),
    [
        ("libsql://app.turso.io", "app.turso.io", 443, True),
        ("libsql://app.turso.io:8443", "app.turso.io", 8443, True),
        ("libsql://localhost:8080", "localhost", 8080, False),
        ("libsql://127.0.0.1:8080?tls=1", "127.0.0.1", 8080, True),
        ("libsql://db.local:8080?tls=0", "db.local", 8080, False),
        ("libsql+http://db.local", "db.local", 80, False),
        ("libsql+https://localhost:8080", "localhost", 8080, True),
        ("LibSQL+HTTP://[::1]:8080", "::1", 8080, False),
    ],
)
def test_servers(url: str, host: str, port: int, tls: bool) -> None:
    found = address_of(resolve_url(url).path)
    assert (found.host, found.port, found.tls) == (host, port, tls)


def test_files_and_options() -> None:
    found = address_of("libsql:///a%20b.db?auth_token=a+b%2Fc&sync_url=https://x.y&sync_interval_s=1.5")
    assert (found.path, found.token, found.sync_url, found.sync_interval_s) == (
        str(Path.cwd() / "a b.db"),
        "a+b/c",
        "https://x.y",
        1.5,
    )
    assert address_of("libsql:////srv/a.db").path == "/srv/a.db"
    secret = address_of(
        "libsql:////srv/a%20b.db?auth_token=sekret&sync_url=https://ann:sekret@x.y:1/z?t=sekret"
    )
    assert secret.shown == "libsql:////srv/a%20b.db?sync_url=https://x.y:1"
    assert (address_of(secret.shown).path, address_of(secret.shown).sync_url) == (
        "/srv/a b.db",
        "https://x.y:1",
    )


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("libsql:/sekret@host", "two slashes"),
        ("libsql://", "neither a host nor a path"),
        ("libsql://host:sekret", "not well formed"),
        ("libsql:///:memory:", "a database in memory"),
        ("libsql://host?authtoken=sekret", "did you mean 'auth_token'"),
        ("libsql://host?sync_url=sekret", "sync_url is an option of a replica"),
        ("libsql:///a.db?sync_interval_s=sekret", "a number of seconds above 0"),
        ("libsql+ws://host?auth_token=sekret", "libsql, libsql\\+http or libsql\\+https"),
    ],
)
def test_urls_that_are_wrong(url: str, message: str) -> None:
    with pytest.raises(SettingsError, match=message) as caught:
        address_of(resolve_url(url).path)
    assert "sekret" not in str(caught.value)


def test_a_server_that_cannot_be_reached() -> None:
    with pytest.raises(ConnectionFailed, match="libsql://127.0.0.1:1 cannot be reached") as caught:
        connect("libsql://127.0.0.1:1?auth_token=sekret", pool_timeout_s=1)
    assert "sekret" not in str(caught.value) + str(caught.value.__cause__)


def test_a_server_without_encryption(server: str) -> None:
    with pytest.raises(ConnectionFailed, match=r"connection was refused; .* is reached by libsql\+http://"):
        connect(server.replace("libsql://", "libsql+https://"))


def test_closing_under_a_statement(db: Database) -> None:
    ended: list[Exception] = []

    def run() -> None:
        try:
            db.execute(LONG)
        except NoormmeError as error:
            ended.append(error)

    thread = threading.Thread(target=run)
    with db.capture() as statements:
        thread.start()
        while not statements:
            time.sleep(0.001)
    db.close()
    thread.join(30)
    assert len(ended) == 1


def test_a_server_of_another_kind() -> None:
    from http.server import BaseHTTPRequestHandler, HTTPServer

    class Handler(BaseHTTPRequestHandler):
        status = 404

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(self.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *arguments: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        address = f"libsql://127.0.0.1:{server.server_port}"
        try:
            with pytest.raises(NotSupported, match="does not speak version 3 of the protocol Hrana"):
                connect(address)
            Handler.status = 503
            with pytest.raises(ConnectionLost, match="is not available just now"):
                connect(address, reconnect_s=0.1)
        finally:
            server.shutdown()
            thread.join(10)


@pytest.mark.parametrize(("status", "answered"), [(502, False), (503, True), (504, False)])
def test_a_gateway_without_an_answer_does_not_say_that_nothing_was_done(status: int, answered: bool) -> None:
    """What is said not to have been done is sent again, and would be written twice."""
    from http.server import BaseHTTPRequestHandler, HTTPServer

    from noormme.engines.libsql.transport import Transport

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *arguments: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        transport = Transport(address_of(f"libsql://127.0.0.1:{server.server_port}"), 5.0)
        with pytest.raises(ConnectionLost) as caught:
            transport.pipeline(b"{}", 5.0)
        transport.close()
        thread.join(10)
    assert caught.value.answered is answered


def test_two_threads_in_one_transaction(db: Database) -> None:
    from contextvars import copy_context

    with db.transaction():
        contexts = [copy_context() for _ in range(4)]
        threads = [
            threading.Thread(target=context.run, args=(lambda: [db.items.create(n=-5) for _ in range(5)],))
            for context in contexts
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert db.items.filter(n=-5).count() == 20
    assert db.items.filter(n=-5).count() == 20
