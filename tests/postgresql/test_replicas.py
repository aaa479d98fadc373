"""Replicas that stream from a primary: which server a read reaches, and what it finds there."""

from __future__ import annotations

import asyncio
import pickle
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from noormme import (
    ConnectionFailed,
    Database,
    NotSupported,
    ReadOnly,
    SettingsError,
    connect,
)
from tests.docs.pages import ROOT
from tests.docs.test_snippets import run_python
from tests.servers.postgresql import NO_PROGRAMS, PostgreSQLServer, new_replica, new_server

SCRIPT = """
    CREATE TABLE items (id int PRIMARY KEY, n int);
    INSERT INTO items SELECT i, 0 FROM generate_series(1, 2000) i;
    CREATE TABLE parts (id serial PRIMARY KEY, item_id int NOT NULL REFERENCES items(id));
    INSERT INTO parts (item_id) SELECT 1 + i % 2000 FROM generate_series(1, 4000) i;
    CREATE VIEW servers AS SELECT current_setting('cluster_name') AS name;
    CREATE SEQUENCE numbers;
"""
WHO = "SELECT current_setting('cluster_name') AS name"


@pytest.fixture(scope="module")
def cluster() -> Iterator[tuple[PostgreSQLServer, PostgreSQLServer, PostgreSQLServer]]:
    """A primary and two replicas, each of which knows its name."""
    with new_server() as primary:
        if primary is None:
            pytest.skip(NO_PROGRAMS)
        primary.options["cluster_name"] = "primary"
        primary.restart()
        primary.execute(SCRIPT)
        with new_replica(primary) as first, new_replica(primary) as second:
            for server, name in ((first, "first"), (second, "second")):
                server.options["cluster_name"] = name
                server.restart()
            yield primary, first, second


@pytest.fixture
def opened(cluster: tuple[PostgreSQLServer, ...]) -> Iterator[Callable[..., Database]]:
    databases: list[Database] = []

    def open_it(number: int = 2, **settings: object) -> Database:
        urls = [server.url() for server in cluster]
        databases.append(connect(urls[0], replicas=urls[1 : 1 + number], **settings))
        return databases[-1]

    yield open_it
    for database in databases:
        database.close()


def where(db: Database, number: int = 1) -> set[str]:
    """Which servers so many reads reach."""
    return {db.servers.get().name for _ in range(number)}


def settles(db: Database, *names: str, within_s: float = 60.0) -> bool:
    """Whether reads reach these servers before long, and no other one."""
    until = time.monotonic() + within_s
    while time.monotonic() < until:
        if where(db, 6) == set(names):
            return True
        time.sleep(0.02)
    return False


def test_reads_reach_the_replicas_and_writes_the_primary(opened: Callable[..., Database]) -> None:
    db = opened()
    assert settles(db, "first", "second")
    assert db.execute(WHO)[0].name in ("first", "second")
    assert db.servers.count() == 1
    with db.transaction():
        assert where(db, 3) == {"primary"}
    assert db.items.filter(pk=1).update(n=1) == 1
    assert [item.n for item in db.items.filter(pk=1).iterator()] == [1]
    assert settles(db, "first", "second")
    names = {next(iter(db.servers.iterator())).name for _ in range(6)}
    assert names == {"first", "second"}, "streams too"


def test_what_a_replica_cannot_do_the_primary_does(opened: Callable[..., Database]) -> None:
    db = opened()
    assert settles(db, "first", "second")
    first = db.execute("SELECT nextval('numbers') AS n")[0].n
    assert db.execute("SELECT nextval('numbers') AS n")[0].n == first + 1
    assert db.items.select_for_update().get(pk=1).pk == 1
    with connect(db._engine._url, replicas=db._engine.settings.replicas, readonly=True) as reader:
        assert settles(reader, "first", "second")
        with pytest.raises(ReadOnly):
            reader.items.filter(pk=1).update(n=2)


def test_a_read_finds_what_was_written_before_it(
    opened: Callable[..., Database], cluster: tuple[PostgreSQLServer, ...]
) -> None:
    """Also where a replica is known to be behind: it is not read before it has the row."""
    db = opened(1)
    assert settles(db, "first")
    for number in range(100):
        assert db.items.filter(pk=2).update(n=number) == 1
        assert db.items.get(pk=2).n == number
    cluster[1].execute("SELECT pg_wal_replay_pause()")
    try:
        with db.transaction():
            db.items.filter(pk=3).update(n=77)
        for _ in range(5):
            assert db.items.get(pk=3).n == 77
            assert where(db) == {"primary"}
            time.sleep(0.02)
        assert db.items.using("replica").get(pk=3).n == 0
    finally:
        cluster[1].execute("SELECT pg_wal_replay_resume()")
    assert settles(db, "first")
    assert db.items.get(pk=3).n == 77


def test_the_window_ends(opened: Callable[..., Database], cluster: tuple[PostgreSQLServer, ...]) -> None:
    db = opened(1, replica_window_s=0.3)
    never = opened(1, replica_window_s=0.0)
    cluster[1].execute("SELECT pg_wal_replay_pause()")
    try:
        assert settles(db, "first")
        assert settles(never, "first")
        db.items.filter(pk=4).update(n=5)
        never.items.filter(pk=5).update(n=5)
        assert db.items.get(pk=4).n == 5
        assert never.items.get(pk=5).n == 0
        time.sleep(0.35)
        assert db.items.get(pk=4).n == 0, "an old row, as was allowed"
    finally:
        cluster[1].execute("SELECT pg_wal_replay_resume()")


def test_a_replica_that_is_too_far_behind_is_left_out(
    opened: Callable[..., Database], cluster: tuple[PostgreSQLServer, ...]
) -> None:
    primary, first, _ = cluster
    db = opened(replica_max_lag_s=0.5)
    assert settles(db, "first", "second")
    first.execute("SELECT pg_wal_replay_pause()")
    try:
        # Somebody else writes.
        primary.execute("UPDATE items SET n = 9 WHERE id = 6")
        assert settles(db, "second")
        assert db.items.get(pk=6).n == 9
    finally:
        first.execute("SELECT pg_wal_replay_resume()")
    assert settles(db, "first", "second")


def test_a_replica_that_was_behind_from_the_beginning_is_not_read(
    opened: Callable[..., Database], cluster: tuple[PostgreSQLServer, ...]
) -> None:
    cluster[1].execute("SELECT pg_wal_replay_pause()")
    try:
        cluster[0].execute("UPDATE items SET n = 11 WHERE id = 7")
        db = opened(1)
        assert db.items.get(pk=7).n == 11
        assert where(db, 3) == {"primary"}
    finally:
        cluster[1].execute("SELECT pg_wal_replay_resume()")
    assert settles(db, "first")


def test_replicas_that_are_gone(
    opened: Callable[..., Database], cluster: tuple[PostgreSQLServer, ...]
) -> None:
    _, first, second = cluster
    db = opened()
    assert settles(db, "first", "second")
    first.stop("immediate")
    try:
        assert where(db, 6) == {"second"}
        second.stop("immediate")
        try:
            assert where(db, 6) == {"primary"}
            assert db.items.using("replica").filter(pk=1).exists()
            with connect(cluster[0].url(), replicas=[first.url()]) as late:
                assert where(late) == {"primary"}
        finally:
            second.start()
    finally:
        first.start()
    assert settles(db, "first", "second")


def test_a_primary_that_is_gone_can_still_be_read(
    opened: Callable[..., Database], cluster: tuple[PostgreSQLServer, ...]
) -> None:
    db = opened(reconnect_s=0.2)
    assert settles(db, "first", "second")
    cluster[0].stop("immediate")
    try:
        time.sleep(1.1)
        assert settles(db, "first", "second")
        with pytest.raises(ConnectionFailed):
            db.items.filter(pk=1).update(n=1)
    finally:
        cluster[0].start()
    assert db.items.filter(pk=1).update(n=4) == 1
    assert db.items.get(pk=1).n == 4


def test_using(opened: Callable[..., Database]) -> None:
    db = opened(1)
    assert settles(db, "first")
    assert db.servers.using("primary").get().name == "primary"
    assert db.servers.using("primary").values_list("name", flat=True)[0] == "primary"
    assert [row.name for row in db.servers.using("primary").iterator()] == ["primary"]
    assert db.servers.using("primary").timeout(5).first().name == "primary"
    assert db.servers.timeout(5).using("primary").using("replica").first().name == "first"
    assert settles(db, "first")
    with db.reading_from("primary"):
        assert where(db, 3) == {"primary"}
        assert db.servers.using("replica").get().name == "first"
    with db.capture() as statements:
        found = db.items.using("primary").filter(pk__lte=2).prefetch_related("parts")
        assert [item.parts.count() for item in found] == [2, 2]
    assert len(statements) == 2
    with connect(":memory:") as lone:
        lone.execute("CREATE TABLE t (id INTEGER PRIMARY KEY)")
        lone.refresh()
        assert lone.t.using("replica").count() == lone.t.using("primary").count() == 0
        with lone.reading_from("replica"):
            assert lone.t.count() == 0


def test_prefetched_rows_come_from_where_the_query_says(
    opened: Callable[..., Database], cluster: tuple[PostgreSQLServer, ...]
) -> None:
    db = opened(1, replica_window_s=0.0)
    assert settles(db, "first")
    cluster[1].execute("SELECT pg_wal_replay_pause()")
    try:
        part = db.parts.create(item_id=8)
        item = db.items.using("primary").prefetch_related("parts").get(pk=8)
        assert part.id in {each.id for each in item.parts.all()}
        item = db.items.prefetch_related("parts").get(pk=8)
        assert part.id not in {each.id for each in item.parts.all()}
    finally:
        cluster[1].execute("SELECT pg_wal_replay_resume()")


def test_coroutines_and_threads_read_what_they_wrote(opened: Callable[..., Database]) -> None:
    db = opened()
    stale: list[int] = []

    def work(number: int) -> None:
        for step in range(30):
            db.items.filter(pk=100 + number).update(n=step)
            if db.items.get(pk=100 + number).n != step:
                stale.append(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    async def task(number: int) -> None:
        for step in range(10):
            async with db.transaction():
                await db.items.filter(pk=200 + number).aupdate(n=step)
            if (await db.items.aget(pk=200 + number)).n != step:
                stale.append(number)
            with db.reading_from("primary"):
                assert (await db.servers.aget()).name == "primary"

    async def main() -> None:
        await asyncio.gather(*(task(number) for number in range(20)))
        assert stale == []

    asyncio.run(main())
    assert settles(db, "first", "second")


def test_a_replica_gets_out_of_the_way_of_what_it_replays(
    opened: Callable[..., Database], cluster: tuple[PostgreSQLServer, ...]
) -> None:
    """A query that holds up the replay is ended by the replica, and runs again on the primary."""
    primary, first, _ = cluster
    first.execute("ALTER SYSTEM SET max_standby_streaming_delay = '50ms'")
    first.execute("SELECT pg_reload_conf()")
    db = opened(1)
    assert settles(db, "first")

    def lock() -> None:
        time.sleep(0.2)
        primary.execute("TRUNCATE parts")

    thread = threading.Thread(target=lock)
    thread.start()
    found = db.execute(
        f"{WHO}, count(*) AS n, (SELECT pg_sleep(0.8)) FROM items, (SELECT 1 FROM parts LIMIT 1) p"
    )
    thread.join(10)
    assert found[0].name == "primary"


def test_replicas_of_the_configuration(
    cluster: tuple[PostgreSQLServer, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", cluster[0].url())
    monkeypatch.setenv("NOORMME_REPLICAS", f"{cluster[1].url()} {cluster[2].url()}")
    with connect() as db:
        assert settles(db, "first", "second")
    with connect(cluster[0].url()) as db:
        assert where(db, 2) == {"primary"}, "they follow the database of the configuration, not any other"


def test_the_page_on_servers(cluster: tuple[PostgreSQLServer, ...]) -> None:
    page = ROOT / "docs" / "servers.md"
    cluster[0].execute("CREATE DATABASE shop")
    servers = {
        f"postgresql://ann@db{at}.example/shop": server.url("shop") for at, server in enumerate(cluster, 1)
    }

    def edit(text: str) -> str:
        for written, url in servers.items():
            text = text.replace(written, url)
        return text

    run_python(page, edit)


def test_no_password_of_a_replica_is_repeated(cluster: tuple[PostgreSQLServer, ...]) -> None:
    url = cluster[1].url(user="postgres:sekret")
    with connect(cluster[0].url(), replicas=[url], database=url) as db:
        assert settles(db, "first")
        said = repr(db) + repr(db.settings) + db.path
        assert "sekret" not in said
        assert b"sekret" not in pickle.dumps(db._registry.address) + pickle.dumps(db.items.get(pk=1))
    with pytest.raises(SettingsError) as caught:
        connect(cluster[0].url(), replicas=["sqlite:///sekret.db"])
    assert "sekret" not in str(caught.value)
    with pytest.raises(SettingsError) as caught:
        connect(cluster[0].url(), replicas=url)  # type: ignore[arg-type]
    assert "sekret" not in str(caught.value)
    with pytest.raises(NotSupported, match="a SQLite file has no replicas"):
        connect(":memory:", replicas=[url])
