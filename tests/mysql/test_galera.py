"""A Galera cluster, where a COMMIT fails if another node was faster: it is tried again."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from noormme import Database, DatabaseLocked, connect
from tests.servers.galera import NO_CLUSTER, new_cluster

WRITERS, STEPS = 2, 15


@pytest.fixture(scope="module")
def nodes() -> Iterator[list[Database]]:
    """A database on each node."""
    with new_cluster() as cluster:
        if cluster is None:
            pytest.skip(NO_CLUSTER)
        cluster[0].execute(
            "CREATE TABLE items (id int PRIMARY KEY, n int); INSERT INTO items VALUES (1, 0), (2, 0)", "test"
        )
        time.sleep(0.5)
        databases = [connect(node.url()) for node in cluster]
        yield databases
        for database in databases:
            database.close()


def increment(db: Database, key: int) -> None:
    item = db.items.select_for_update().get(pk=key)
    item.n += 1
    item.save()


def everywhere(nodes: list[Database], key: int, n: int) -> bool:
    """Whether all nodes have a number before long."""
    until = time.monotonic() + 60
    while {db.items.get(pk=key).n for db in nodes} != {n} and time.monotonic() < until:
        time.sleep(0.05)
    return {db.items.get(pk=key).n for db in nodes} == {n}


def test_writers_of_three_nodes(nodes: list[Database]) -> None:
    done: list[int] = []
    refused: list[int] = []
    unexpected: list[BaseException] = []

    def patient(db: Database) -> None:
        try:
            for _ in range(STEPS):
                db.run_in_transaction(lambda: increment(db, 1), retries=30)
        except BaseException as error:
            unexpected.append(error)

    def impatient(db: Database) -> None:
        for _ in range(STEPS):
            try:
                with db.transaction():
                    increment(db, 2)
                done.append(1)
            except DatabaseLocked:
                refused.append(1)
            except BaseException as error:
                unexpected.append(error)

    for work in (patient, impatient):
        threads = [threading.Thread(target=work, args=(db,)) for db in nodes for _ in range(WRITERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
    assert unexpected == []
    assert everywhere(nodes, 1, len(nodes) * WRITERS * STEPS), "every transaction that failed was run again"
    assert everywhere(nodes, 2, len(done)), "those that were refused left nothing behind"
    assert len(done) + len(refused) == len(nodes) * WRITERS * STEPS
    assert refused, "nodes were in each other's way"
