"""Behind pgbouncer, which gives each transaction any of its connections to the server."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator

import psycopg
import pytest

from noormme import Database, FieldNotFound, QueryTimeout, ReadOnly, TableNotFound, connect
from tests.servers.pgbouncer import NO_PROGRAM, Bouncer, new_bouncer
from tests.servers.postgresql import NO_PROGRAMS, PostgreSQLServer, new_server

SCRIPT = """
    CREATE TABLE items (id int PRIMARY KEY, n int, at timestamptz DEFAULT '2026-01-02 03:04:05+00');
    INSERT INTO items SELECT i, i FROM generate_series(1, 3000) i
"""


@pytest.fixture(scope="module")
def own() -> Iterator[PostgreSQLServer]:
    with new_server() as server:
        if server is None:
            pytest.skip(NO_PROGRAMS)
        server.execute(SCRIPT)
        # What a client of another kind would see if something leaked.
        server.execute("ALTER ROLE postgres SET timezone = 'Asia/Tokyo'")
        yield server


@pytest.fixture(scope="module", params=["refuses options", "ignores options"])
def bouncer(own: PostgreSQLServer, request: pytest.FixtureRequest) -> Iterator[Bouncer]:
    options = {"ignore_startup_parameters": "options"} if "ignores" in request.param else {}
    with new_bouncer(own, **options) as made:
        if made is None:
            pytest.skip(NO_PROGRAM)
        yield made


@pytest.fixture
def opened(bouncer: Bouncer) -> Iterator[Callable[..., Database]]:
    databases: list[Database] = []

    def open_it(**settings: object) -> Database:
        databases.append(connect(bouncer.url(), **settings))
        return databases[-1]

    yield open_it
    for database in databases:
        database.close()


def left_behind(own: PostgreSQLServer, bouncer: Bouncer) -> set[tuple[object, ...]]:
    """What other clients would find on the connections that pgbouncer has to the server."""
    found: set[tuple[object, ...]] = set()
    links = [psycopg.connect(bouncer.url()) for _ in range(2)]
    try:
        for link in links:
            # Each is in a transaction now, so both connections to the server are looked at.
            row = link.execute(
                "SELECT current_setting('statement_timeout'), current_setting('default_transaction_read_only'),"
                " (SELECT count(*) FROM pg_prepared_statements), (SELECT count(*) FROM pg_cursors),"
                " coalesce(current_setting('noormme.actor', true), '')"
            ).fetchone()
            assert row is not None
            found.add(row)
    finally:
        for link in links:
            link.close()
    return found


CLEAN = {("0", "off", 0, 0, "")}


def test_it_is_found_out(own: PostgreSQLServer, opened: Callable[..., Database]) -> None:
    assert opened()._engine.pooled
    with connect(own.url()) as direct:
        assert not direct._engine.pooled
    with connect(own.url(), pooler="transaction") as told:
        assert told._engine.pooled
        assert told.items.count() == 3000


def test_many_clients_share_few_connections(
    own: PostgreSQLServer, bouncer: Bouncer, opened: Callable[..., Database]
) -> None:
    db = opened(max_connections=8)
    failed: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for step in range(25):
                assert db.items.get(pk=1 + number).pk == 1 + number
                assert db.items.filter(pk=100 + number).update(n=step) == 1
                assert db.execute("SELECT n FROM items WHERE id = ?", [100 + number]) == [(step,)]
                if step % 5 == 0:
                    with db.transaction():
                        db.items.filter(pk=100 + number).update(n=-1)
                        assert (
                            db.execute(f"SELECT n, {number} AS x FROM items WHERE id = ?", [100 + number])[
                                0
                            ].n
                            == -1
                        )
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failed == []

    async def main() -> None:
        async def read(number: int) -> int:
            return sum([item.id async for item in db.items.filter(pk__lte=number).order_by("id")])

        assert await asyncio.gather(*(read(number) for number in range(600, 620))) == [
            number * (number + 1) // 2 for number in range(600, 620)
        ]

    asyncio.run(main())
    db.close()
    assert left_behind(own, bouncer) == CLEAN


def test_time_limits_leave_nothing_behind(
    own: PostgreSQLServer, bouncer: Bouncer, opened: Callable[..., Database]
) -> None:
    db = opened()
    with pytest.raises(QueryTimeout, match="took longer than 0.1 s"):
        db.execute("SELECT pg_sleep(5)", timeout_s=0.1)
    assert db.items.timeout(5).count() == 3000
    assert db.execute("SELECT pg_sleep(0.2)", timeout_s=5)
    with db.transaction():
        assert db.items.timeout(5).count() == 3000
        assert db.execute("SELECT current_setting('statement_timeout') AS t")[0].t == "0"
        with pytest.raises(QueryTimeout), db.transaction():
            db.execute("SELECT pg_sleep(5)", timeout_s=0.1)
        assert db.execute("SELECT pg_sleep(0.2)")
        assert db.items.filter(pk=1).update(n=1) == 1
    with connect(bouncer.url(), timeout_s=0.1) as impatient:
        with pytest.raises(QueryTimeout):
            impatient.execute("SELECT pg_sleep(5)")
        assert impatient.items.filter(pk__lte=3).update(n=4) == 3
        assert impatient.items.get(pk=3).n == 4
        assert [item.id for item in impatient.items.order_by("id").iterator(100)][:2] == [1, 2]
        with pytest.raises(FieldNotFound):
            impatient.execute("SELECT nothing FROM items")
    assert left_behind(own, bouncer) == CLEAN


def test_streams_are_transactions(
    own: PostgreSQLServer, bouncer: Bouncer, opened: Callable[..., Database]
) -> None:
    db = opened()
    rows = db.items.order_by("id").iterator(100)
    assert next(rows).id == 1
    assert db.items.count() == 3000
    assert sum(1 for _ in rows) == 2999
    rows = db.items.order_by("id").iterator(100)
    next(rows)
    rows.close()
    assert left_behind(own, bouncer) == CLEAN


def test_values_do_not_depend_on_who_had_the_connection_before(
    bouncer: Bouncer, opened: Callable[..., Database]
) -> None:
    db, berlin = opened(), opened(timezone="Europe/Berlin")
    with psycopg.connect(bouncer.url()) as stranger:
        stranger.execute("SET timezone = 'Asia/Tokyo'")
        stranger.execute("SET datestyle = 'German'")
    for _ in range(4):
        assert db.items.get(pk=1).at.isoformat() == "2026-01-02T03:04:05+00:00"
        assert berlin.items.get(pk=1).at.isoformat() == "2026-01-02T04:04:05+01:00"
        assert db.items.filter(at__hour=3, pk=1).exists()
        assert berlin.items.filter(at__hour=4, pk=1).exists()


def test_who_writes_and_many_rows(
    own: PostgreSQLServer, bouncer: Bouncer, opened: Callable[..., Database]
) -> None:
    own.execute("CREATE TABLE IF NOT EXISTS named (id serial PRIMARY KEY, n int)")
    db = opened()
    db.audit.enable("named")
    with db.audit.actor("ann"):
        db.named.create(n=1)
        db.named.bulk_create([{"n": number} for number in range(2, 3002)])
        with db.transaction():
            db.named.filter(n=1).update(n=0)
    db.named.filter(n=2).update(n=0)
    assert {entry.actor for entry in db.history("named", db.named.filter(n=0).first().pk)} == {"ann"}
    assert {entry.actor for entry in db.history("named", db.named.filter(n=0).last().pk)} == {"ann", None}
    assert db.execute_many("INSERT INTO named (n) VALUES (?)", [[number] for number in range(50)]) == 50
    db.audit.disable("named")
    own.execute("DROP TABLE named")
    assert left_behind(own, bouncer) == CLEAN


def test_reading_only(own: PostgreSQLServer, bouncer: Bouncer) -> None:
    own.execute(
        "CREATE OR REPLACE FUNCTION sly() RETURNS int LANGUAGE sql AS 'UPDATE items SET n = 0 RETURNING 1'"
    )
    with connect(bouncer.url(), readonly=True) as db:
        assert db.items.count() == 3000
        with pytest.raises(ReadOnly):
            db.items.filter(pk=1).update(n=1)
        with pytest.raises(ReadOnly):
            db.execute("SELECT sly()")
        assert sum(1 for _ in db.items.iterator()) == 3000
    assert left_behind(own, bouncer) == CLEAN


def test_what_is_new_is_looked_at_in_one_piece(opened: Callable[..., Database]) -> None:
    db = opened()
    for number in range(20):
        assert db.execute(f"SELECT {number} AS n WHERE 1 = ?", [1]) == [(number,)]
    with pytest.raises(TableNotFound):
        db.execute("SELECT * FROM missing")
    assert db.items.count() == 3000


def test_a_server_that_is_restarted_behind_it(own: PostgreSQLServer, opened: Callable[..., Database]) -> None:
    db = opened()
    assert db.items.count() == 3000
    own.stop("immediate")
    with own.starting(0.7):
        assert db.items.count() == 3000
    assert db.items.filter(pk=1).update(n=1) == 1
