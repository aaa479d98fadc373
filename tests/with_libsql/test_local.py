"""Files of libSQL, and files that are replicas: the client keeps Python's lock and has a SQLite of its own."""

from __future__ import annotations

import asyncio
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from noormme import (
    ConnectionFailed,
    Database,
    DatabaseClosed,
    DatabaseLocked,
    InvalidValue,
    NotSupported,
    QueryFailed,
    QueryTimeout,
    TableNotFound,
    UniqueViolation,
    UnsafeOperation,
    connect,
)
from noormme.engines.sqlite import driver
from tests.with_libsql.server import NO_SERVER, link_to, running

pytestmark = pytest.mark.skipif(find_spec("libsql") is None, reason="needs the package libsql")

LARGE = [2**31, 2**53 + 1, 2**63 - 1, -(2**63), -(2**31) - 1]


def made(path: Path) -> Database:
    path.touch()
    db = connect(f"libsql:///{path}")
    db.execute("CREATE TABLE items (id INTEGER PRIMARY KEY, name TEXT UNIQUE, n INTEGER, any)")
    db.refresh()
    return db


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "local.db"


def test_objects(path: Path) -> None:
    with made(path) as db:
        assert db.path == f"libsql:///{path}"
        assert db.schema.dialect == "libsql"
        first = db.items.create(name="a", n=1)
        db.items.bulk_create([db.model("items")(name=f"x{number}", n=number) for number in range(50)])
        assert (first.id, db.items.count()) == (1, 51)
        assert db.items.filter(name__icontains="X1", n__in=[1, 10, 99]).count() == 2
        with pytest.raises(UniqueViolation) as caught:
            db.items.create(name="a")
        assert (caught.value.table, caught.value.columns) == ("items", ("name",))
        with pytest.raises(KeyError), db.transaction():
            db.items.all().update(n=0, all_rows=True)
            raise KeyError
        assert db.items.filter(n=0).count() == 1
        assert sum(1 for _ in db.items.iterator(10)) == 51


def test_no_integer_is_rounded(path: Path) -> None:
    with made(path) as db:
        for number in LARGE:
            assert db.items.create(n=number, any=number).refresh().any == number
            assert db.items.get(any=number).n == number
            assert db.execute("SELECT typeof(:n), :n, 'a?' -- :x", {"n": number}) == [
                ("integer", number, "a?")
            ]
            assert db.execute("SELECT ?2, ?1, typeof(?2)", [1, number]) == [(number, 1, "integer")]
        assert db.items.filter(any__in=LARGE).count() == len(LARGE)
        with pytest.raises(InvalidValue, match="beyond 64 bits"):
            db.execute("INSERT INTO items (any) VALUES (?)", [2**63])


def test_writers_wait_for_each_other(path: Path) -> None:
    with made(path) as db:

        def add(number: int) -> None:
            for step in range(10):
                with db.transaction():
                    db.items.create(name=f"{number}-{step}")

        threads = [threading.Thread(target=add, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert db.items.count() == 40


def test_a_lock_that_is_never_free(path: Path) -> None:
    with made(path) as db, connect(f"libsql:///{path}", busy_timeout_s=0.05) as other:
        with db.transaction():
            db.items.create(name="a")
            with pytest.raises(DatabaseLocked):
                other.items.create(name="b")
        assert other.items.create(name="b").id == 2


def test_coroutines(path: Path) -> None:
    async def main() -> None:
        with made(path) as db:
            async with db.transaction():
                await db.items.acreate(name="a")
            assert await db.items.acount() == 1

    asyncio.run(main())


def test_text_that_is_not_unicode(path: Path) -> None:
    with made(path) as db:
        db.execute("INSERT INTO items (name) VALUES (CAST(x'ff41' AS TEXT))")
        assert db.items.get().name == b"\xffA"


def test_a_file_is_open_with_one_library(path: Path) -> None:
    with made(path):
        with pytest.raises(UnsafeOperation, match="is open with libSQL, and this opens it again with SQLite"):
            connect(path)
        with connect(f"libsql:///{path}") as again:
            assert again.tables == ["items"]
    with connect(path) as db:
        assert db.tables == ["items"]
        with pytest.raises(UnsafeOperation, match="is open with SQLite, and this opens it again with libSQL"):
            connect(f"libsql:///{path}")
    with connect(f"libsql:///{path}") as db:
        assert db.tables == ["items"]


def test_two_libraries_open_a_file_at_once(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made(path).close()
    open_connection = driver.open_connection

    def meanwhile(*given: Any, **named: Any) -> Any:
        # As another thread would in between.
        with pytest.raises(UnsafeOperation, match="is open with SQLite, and this opens it again with libSQL"):
            connect(f"libsql:///{path}")
        return open_connection(*given, **named)

    with monkeypatch.context() as patched:
        patched.setattr(driver, "open_connection", meanwhile)
        connect(path).close()
    with connect(f"libsql:///{path}") as db:
        assert db.tables == ["items"]


def test_a_file_that_could_not_be_opened_is_free_for_the_other_library(path: Path) -> None:
    path.write_bytes(b"no database" * 1000)
    with pytest.raises(ConnectionFailed) as caught:
        connect(path)
    path.unlink()
    made(path).close()
    assert caught.tb is not None, "which keeps what could not be opened"


def test_a_guard_that_is_off(path: Path) -> None:
    made(path).close()
    # In a process of its own, because this is what damages files.
    code = (
        "import sys, noormme\n"
        "with noormme.connect(sys.argv[1], sqlite3_guard='off', readonly=True),"
        " noormme.connect('libsql:///' + sys.argv[1], sqlite3_guard='off') as db:\n"
        "    print(db.tables)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    assert done.stdout == "['items']\n"


def test_what_only_libsql_understands(path: Path) -> None:
    with made(path) as db:
        sql = "SELECT vector_extract(vector32(:v)) AS v, 1 AS n FROM json_each('[1]')"
        assert db.execute(sql, {"v": "[1,2]"}) == [("[1,2]", 1)]
        db.execute("CREATE TABLE films (id INTEGER PRIMARY KEY, v F32_BLOB(2))")
        db.execute("CREATE INDEX films_v ON films (libsql_vector_idx(v))")
        db.execute("INSERT INTO films VALUES (1, vector32(?)), (2, vector32(?))", ["[1,2]", "[2,1]"])
        assert db.execute("SELECT id FROM vector_top_k('films_v', vector32(?), 1)", ["[4,2]"]) == [(2,)]
        db.execute(
            "DELETE FROM films WHERE id IN (SELECT id FROM vector_top_k('films_v', vector32(?1), 1))",
            ["[4,2]"],
        )
        assert db.execute("SELECT id FROM films") == [(1,)]
        with pytest.raises(TableNotFound, match="did you mean 'items'"):
            db.execute("SELECT * FROM itemz")
        with pytest.raises(QueryFailed, match="syntax error"):
            db.execute("SELECT 1 FRM x")


def test_values_that_cannot_be(path: Path) -> None:
    with made(path) as db:
        for value, message in (("\ud800", "surrogate"), (object(), "a type that libSQL does not have")):
            with pytest.raises(InvalidValue, match=message):
                db._engine.write("INSERT INTO items (any) VALUES (?)", (value,))
        for stored in (True, bytearray(b"a"), b"\x00", 1.5, None):
            db._engine.write("INSERT INTO items (any) VALUES (?)", (stored,))
        assert list(db.items.order_by("id").values_list("any", flat=True)) == [1, b"a", b"\x00", 1.5, None]
        assert db.items.filter(id__lt=2**70).count() == 5


def test_a_time_limit_is_looked_at_between_statements(path: Path) -> None:
    with made(path) as db:
        db.items.bulk_create([{"n": number} for number in range(10)])
        with pytest.raises(QueryTimeout):
            list(db.items.timeout(1e-9).all())
        assert db.items.timeout(60).count() == 10


def test_closing_and_forking(path: Path) -> None:
    with made(path) as db:
        db.items.create(name="a")
        child = os.fork()
        if child == 0:
            os._exit(0 if db.items.count() == 1 else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert db.items.count() == 1
    with pytest.raises(DatabaseClosed):
        db.items.count()


def test_forking_while_a_thread_looks_at_a_statement(path: Path) -> None:
    with made(path) as db:
        held, done = threading.Event(), threading.Event()
        assert db.execute("SELECT count(*) FROM items") == [(0,)]
        skeleton = db._engine._skeleton

        def hold() -> None:
            with skeleton._lock:
                held.set()
                done.wait()

        thread = threading.Thread(target=hold)
        thread.start()
        held.wait()
        child = os.fork()
        if child == 0:
            signal.alarm(20)
            os._exit(0 if db.execute("SELECT max(id) FROM items") == [(None,)] else 1)
        status = os.waitpid(child, 0)[1]
        done.set()
        thread.join()
        assert status == 0


def test_a_guard_that_warns(path: Path) -> None:
    made(path).close()
    with connect(path, sqlite3_guard="warn"):
        with pytest.raises(UnsafeOperation):
            connect(f"libsql:///{path}")
        with pytest.warns(RuntimeWarning, match="is open with SQLite, and this opens it again with libSQL"):
            connect(f"libsql:///{path}", sqlite3_guard="warn").close()


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConnectionFailed, match="there is no file"):
        connect(f"libsql:///{tmp_path}/none.db")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "text.db").write_text("this is no database, and longer than a header would be" * 20)
    with pytest.raises(ConnectionFailed, match="is not a database"):
        connect(f"libsql:///{tmp_path}/text.db")


def test_a_relative_path(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(path.parent)
    path.touch()
    with connect(f"libsql:///{path.name}", max_connections=2) as db:
        monkeypatch.chdir("/")
        db.execute("CREATE TABLE items (id INTEGER PRIMARY KEY)")
        with db.transaction():
            rows = db.execute("SELECT 1")
        assert rows == [(1,)]
        assert db.path == f"libsql:///{path}"


def test_pickles_find_their_database(path: Path) -> None:
    with made(path) as db:
        item = pickle.loads(pickle.dumps(db.items.create(name="a")))
        assert (item.name, item.refresh().id) == ("a", 1)
        assert pickle.loads(pickle.dumps(db.items.filter(pk=1)))[0].name == "a"


def test_only_a_replica_is_pulled(path: Path) -> None:
    with made(path) as db, pytest.raises(NotSupported, match="this database is no replica"):
        db.pull()
    with connect(":memory:") as memory, pytest.raises(NotSupported, match="this database is no replica"):
        memory.pull()


def test_a_replica(tmp_path: Path) -> None:
    with running() as server:
        if server is None:
            pytest.skip(NO_SERVER)
        primary = link_to(server.url)
        primary.run("CREATE TABLE items (id INTEGER PRIMARY KEY, name TEXT)")
        primary.run("INSERT INTO items (name) VALUES ('a')")
        address = server.url.replace("libsql://", "http://")
        try:
            db = connect(f"libsql:///{tmp_path}/replica.db?sync_url={address}")
        except ConnectionFailed as error:
            if "0.1.8" in str(error):
                pytest.skip(
                    "this version of libsql does not replicate from sqld: pip install 'libsql==0.1.8'"
                )
            raise
        with db:
            db.pull()
            db.refresh()
            assert list(db.items.values_list("name", flat=True)) == ["a"]
            primary.run("INSERT INTO items (name) VALUES ('b')")
            assert db.items.count() == 1
            db.pull()
            assert db.items.count() == 2
            assert db.items.create(name="c").id == 3
            assert primary.run("SELECT count(*) FROM items") == [(3,)]
            assert db.items.count() == 3
            with pytest.raises(KeyError), db.transaction():
                db.items.create(name="d")
                raise KeyError
            assert primary.run("SELECT count(*) FROM items") == [(3,)]
        with connect(f"libsql:///{tmp_path}/replica.db?sync_url={address}&sync_interval_s=0.05") as db:
            primary.run("INSERT INTO items (name) VALUES ('e')")
            ends = time.monotonic() + 30
            while db.items.count() < 4 and time.monotonic() < ends:
                time.sleep(0.02)
            assert db.items.count() == 4
        primary.close()


def test_the_driver_is_an_extra(path: Path) -> None:
    path.touch()
    code = (
        "import sys; sys.modules['libsql'] = None; import noormme\n"
        "try: noormme.connect('libsql:///' + sys.argv[1])\n"
        "except noormme.NotSupported as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    assert "pip install 'noormme[libsql]'" in done.stdout
