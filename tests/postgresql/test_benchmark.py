"""The benchmark of a server on few rows: it runs, and it tells equal rows from different ones."""

from __future__ import annotations

import psycopg

from benchmarks.server.data import OPERATIONS
from benchmarks.server.postgresql import new_database, signature
from benchmarks.server.run import measure, table
from benchmarks.server.servers import server_of


def test_the_same_rows_are_read_and_written(server: str) -> None:
    said: list[str] = []
    results = measure(
        ["noormme"],
        [operation.key for operation in OPERATIONS],
        url=server,
        users=100,
        bulk_rows=200,
        rounds=1,
        say=said.append,
    )
    assert said == [f"{operation.key}: measured" for operation in OPERATIONS]
    assert all(set(found) == {"by_hand", "noormme"} for found in results.values())
    assert table(results, server_of(server)).count(" × |") == len(OPERATIONS)


def test_other_rows_have_another_signature(server: str) -> None:

    with new_database(server, 1) as url:
        empty = signature(url)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(
                "INSERT INTO written (email, name, age, created_at) VALUES ('a', 'b', 1, '2024-01-01')"
            )
            one = signature(url)
            connection.execute("UPDATE written SET age = 2")
        assert len({empty, one, signature(url)}) == 3
