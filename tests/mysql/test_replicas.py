"""A replica of MariaDB that follows a primary: which server a read reaches, and what it finds there."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

from noormme import Database, connect
from tests.servers.mariadb import NO_PROGRAMS, MariaDBServer, new_server

SCRIPT = """
    CREATE TABLE items (id int PRIMARY KEY, n int);
    INSERT INTO items SELECT seq, 0 FROM seq_1_to_2000;
    CREATE SEQUENCE numbers;
"""
PRIMARY, REPLICA = 1, 2


@pytest.fixture(scope="module")
def pair() -> Iterator[tuple[MariaDBServer, MariaDBServer]]:
    """A primary, and a replica of it."""
    with new_server("--log-bin", f"--server-id={PRIMARY}") as primary:
        if primary is None:
            pytest.skip(NO_PROGRAMS)
        primary.execute(SCRIPT, "test")
        with new_server("--read-only", f"--server-id={REPLICA}") as replica:
            assert replica is not None
            replica.follow(primary)
            yield primary, replica


@pytest.fixture
def db(pair: tuple[MariaDBServer, MariaDBServer]) -> Iterator[Database]:
    with connect(pair[0].url(), replicas=[pair[1].url()], replica_max_lag_s=1.0) as made:
        yield made


def settles(read: Callable[[], int], server: int) -> bool:
    """Whether reads reach a server before long."""
    until = time.monotonic() + 60
    while read() != server and time.monotonic() < until:
        time.sleep(0.02)
    return read() == server


def test_reads_reach_the_replica_and_writes_the_primary(db: Database) -> None:
    def where() -> int:
        return int(db.execute("SELECT @@server_id AS id")[0].id)

    assert settles(where, REPLICA)
    with db.transaction():
        assert where() == PRIMARY
    for number in range(50):
        assert db.items.filter(pk=2).update(n=number) == 1
        assert db.items.get(pk=2).n == number
    assert settles(where, REPLICA)
    assert (
        db.execute("SELECT NEXTVAL(numbers) AS n")[0].n + 1 == db.execute("SELECT NEXTVAL(numbers) AS n")[0].n
    )
    with db.reading_from("primary"):
        assert where() == PRIMARY


def test_a_replica_that_is_behind_is_not_read(
    db: Database, pair: tuple[MariaDBServer, MariaDBServer]
) -> None:
    def where() -> int:
        return int(db.execute("SELECT @@server_id AS id")[0].id)

    assert settles(where, REPLICA)
    pair[1].execute("STOP SLAVE SQL_THREAD")
    try:
        assert db.items.filter(pk=3).update(n=7) == 1
        assert db.items.get(pk=3).n == 7
        assert db.items.using("replica").get(pk=3).n == 0
        time.sleep(1.2)
        assert where() == PRIMARY
    finally:
        pair[1].execute("START SLAVE SQL_THREAD")
    assert settles(where, REPLICA)
    assert db.items.get(pk=3).n == 7


def test_what_is_written_in_another_domain_says_nothing(
    db: Database, pair: tuple[MariaDBServer, MariaDBServer]
) -> None:
    def where() -> int:
        return int(db.execute("SELECT @@server_id AS id")[0].id)

    assert settles(where, REPLICA)
    # Numbers of its own, which are far ahead of those of the replica.
    pair[0].execute(
        "SET gtid_domain_id = 7, gtid_seq_no = 1000000; UPDATE items SET n = 1 WHERE id = 9", "test"
    )
    pair[1].execute("STOP SLAVE SQL_THREAD")
    try:
        assert db.items.filter(pk=4).update(n=7) == 1
        time.sleep(0.1)
        assert (db.items.get(pk=4).n, where()) == (7, PRIMARY)
    finally:
        pair[1].execute("START SLAVE SQL_THREAD")
    assert settles(where, REPLICA), "a domain beside the one that is written in is no reason to leave it out"
    assert db.items.get(pk=4).n == 7


def test_a_replica_that_is_gone(db: Database, pair: tuple[MariaDBServer, MariaDBServer]) -> None:
    def where() -> int:
        return int(db.execute("SELECT @@server_id AS id")[0].id)

    assert settles(where, REPLICA)
    pair[1].kill()
    try:
        assert where() == PRIMARY
        assert db.items.count() == 2000
    finally:
        pair[1].start()
    assert settles(where, REPLICA)
