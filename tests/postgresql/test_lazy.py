"""What a function of a cloud needs: nothing at the import, one connection, and to be frozen for a while."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable

import psycopg
import pytest

from noormme import ConnectionFailed, Database, DatabaseClosed, PoolTimeout, connect
from tests.postgresql.server import end_all

SCRIPT = """
    CREATE TABLE items (id int PRIMARY KEY, n int);
    INSERT INTO items SELECT i, i FROM generate_series(1, 3000) i;
    CREATE TABLE parts (id serial PRIMARY KEY, item_id int NOT NULL REFERENCES items(id));
    INSERT INTO parts (item_id) SELECT 1 + i % 3000 FROM generate_series(1, 3000) i;
"""


def connections(url: str) -> int:
    """How many connections others have to the database."""
    with psycopg.connect(url) as own:
        row = own.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND backend_type = 'client backend'"
        ).fetchone()
    assert row is not None
    return int(row[0])


def nobody_is_left(url: str) -> bool:
    """Whether the server sees the end of all connections before long."""
    until = time.monotonic() + 60
    while connections(url):
        if time.monotonic() > until:
            return False
        # What asked is a connection as well, which the server sees the end of a moment later.
        time.sleep(0.02)
    return True


@pytest.fixture
def made(opened: Callable[..., Database], url: str) -> str:
    """The URL of a database with tables, to which nobody is connected."""
    opened(SCRIPT).close()
    assert nobody_is_left(url)
    return url


def test_nothing_happens_before_it_is_needed(made: str) -> None:
    db = connect(made, lazy=True)
    assert isinstance(db, Database)
    assert repr(db) == "<Database, not opened yet>"
    assert connections(made) == 0
    assert db.items.get(pk=1).n == 1
    assert connections(made) == 1
    assert "2 tables" in repr(db)
    db.close()
    with pytest.raises(DatabaseClosed):
        db.items.count()


@pytest.mark.parametrize(
    "first",
    [
        lambda db: db.execute("SELECT count(*) FROM items"),
        lambda db: db.tables,
        lambda db: db.transaction().__enter__().rollback(),
        lambda db: db.model("items"),
        lambda db: "items" in db,
        lambda db: db.table("items").all(),
        lambda db: db.path,
        lambda db: dir(db),
    ],
)
def test_whatever_is_asked_for_opens_it(made: str, first: Callable[[Database], object]) -> None:
    with connect(made, lazy=True) as db:
        first(db)
        assert "not opened" not in repr(db)


def test_it_is_opened_once(made: str) -> None:
    db = connect(made, lazy=True)
    found: list[int] = []
    threads = [threading.Thread(target=lambda: found.append(db.items.count())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert found == [3000] * 8
    assert db.model("items") is db.model("items")
    db.close()
    assert nobody_is_left(made)


def test_coroutines(made: str) -> None:
    async def main() -> None:
        async with connect(made, lazy=True) as db:
            assert "not opened" not in repr(db)
            assert await db.items.acount() == 3000
        late = connect(made, lazy=True)
        assert (await late.items.aget(pk=1)).n == 1
        await late.aclose()
        await connect(made, lazy=True).aclose()

    asyncio.run(main())


def test_what_fails_is_tried_again() -> None:
    db = connect("postgresql://nobody:sekret@127.0.0.1:1/none", lazy=True)
    for _ in range(2):
        with pytest.raises(ConnectionFailed, match="check that the server runs") as caught:
            db.items.count()
        assert "sekret" not in str(caught.value)
    db.close()
    with pytest.raises(DatabaseClosed):
        db.items.count()


def test_a_file_can_be_lazy_too(tmp_path: object) -> None:
    db = connect(f"{tmp_path}/none.db", lazy=True)
    with pytest.raises(ConnectionFailed, match="there is no file"):
        db.items.count()


def test_one_connection_does_everything(made: str) -> None:
    with connect(made, lazy=True, max_connections=1, pool_timeout_s=0.3) as db:
        item = db.items.prefetch_related("parts").get(pk=5)
        assert item.parts.count() == 1
        assert [part.item.n for part in db.parts.order_by("id")[:3]] == [2, 3, 4]
        with db.transaction():
            created = db.items.create(id=9000, n=1)
            with db.transaction():
                created.update(n=2)
            assert sum(1 for _ in db.items.iterator(100)) == 3001
            assert db.execute("SELECT n FROM items WHERE id = 9000") == [(2,)]
        db.items.bulk_create([{"id": 9100 + number, "n": 1} for number in range(50)])
        assert db.items.get_or_create(id=9001, defaults={"n": 3})[1]
        assert db.items.upsert([{"id": 9001, "n": 4}], on=["id"])
        assert db.items.filter(pk__gte=9000).delete() == 52
        page = db.items.order_by("id").paginate(page=2, per_page=10)
        assert page[0].id == 11
        db.refresh()
        rows = db.items.order_by("id").iterator(100)
        next(rows)
        with pytest.raises(PoolTimeout, match="the only connection was in use for 0.3 s .by 1 stream."):
            db.items.count()
        with pytest.raises(PoolTimeout), db.transaction():
            pass
        assert sum(1 for _ in rows) == 2999
        assert db.items.count() == 3000

        async def main() -> None:
            async with db.transaction():
                await db.items.filter(pk=1).aupdate(n=5)
                assert len([item async for item in db.items.filter(pk__lte=1200)]) == 1200
            counts = await asyncio.gather(*(db.items.acount() for _ in range(5)))
            assert counts == [3000] * 5

        asyncio.run(main())
    assert nobody_is_left(made)


def test_a_process_that_was_frozen(made: str) -> None:
    """Its clock may have stood still with it: the other clock tells."""
    with connect(made, max_connections=1) as db:
        assert db.items.count() == 3000
        pool = db._engine._pool
        (link,) = pool._idle
        asked: list[bool] = []
        answers = type(link)._answers

        def ask(self: object) -> bool:
            asked.append(answers(self))  # type: ignore[arg-type]
            return asked[-1]

        type(link)._answers = ask  # type: ignore[method-assign, assignment]
        try:
            assert db.items.filter(pk=1).update(n=2) == 1
            assert asked == []
            pool._slept_s -= 120
            assert db.items.filter(pk=1).update(n=3) == 1
            assert asked == [True], "the server was asked, because two minutes are missing"
            assert db.items.filter(pk=1).update(n=4) == 1
            assert asked == [True]
            end_all(made)
            pool._slept_s -= 120
            assert db.items.filter(pk=1).update(n=5) == 1
        finally:
            type(link)._answers = answers  # type: ignore[method-assign]
        assert db.items.get(pk=1).n == 5
