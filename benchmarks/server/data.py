"""What is asked of a PostgreSQL server, and the rows that it is asked about.

Invariant: rows come from their number alone, so every process makes the same ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from secrets import token_hex
from typing import Any

import psycopg
from psycopg import sql

__all__ = ["FIELDS", "GROUPS", "OPERATIONS", "Operation", "new_database", "rows", "signature"]

FIELDS = ("email", "name", "age", "score", "is_active", "created_at")
"""The columns of ``users`` but its key."""

GROUPS = 10
"""Of how many ages the users that are read are; a tenth of them has each."""

_TABLE = """
CREATE TABLE {} (
    id bigserial PRIMARY KEY, email text NOT NULL UNIQUE, name text NOT NULL, age integer NOT NULL,
    score double precision, is_active boolean NOT NULL DEFAULT true, created_at timestamptz NOT NULL
)
"""
_START = datetime(2024, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation.

    Attributes:
        key: The method of a contender.
        title: What a reader of the table sees.
        iterations: How often a contender does it in a round.
        goal: What noormme aims at, times the driver by hand.
    """

    key: str
    title: str
    iterations: int
    goal: float


OPERATIONS = (
    Operation("get", "one row by its key", 200, 1.25),
    Operation("list_1000", "1,000 rows", 10, 1.25),
    Operation("insert", "insert one row", 100, 1.4),
    Operation("bulk", "insert 100,000 rows, with their keys", 1, 1.5),
)


def rows(count: int, start: int = 0) -> list[tuple[Any, ...]]:
    """Rows in the order of ``FIELDS``.

    Args:
        count: How many.
        start: The number of the first.
    """
    return [
        (
            f"user{at}@example.com",
            f"User Number {at}",
            at % GROUPS,
            None if at % 10 == 9 else at / 7,
            at % 3 != 0,
            _START + timedelta(seconds=61 * at, microseconds=at),
        )
        for at in range(start, start + count)
    ]


@contextmanager
def new_database(url: str, users: int) -> Iterator[str]:
    """The URL of a new database, which is dropped at the end: ``users`` to read, ``written`` to write.

    Args:
        url: A database of the server.
        users: How many users there are.
    """
    name = f"noormme_bench_{token_hex(4)}"
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
        try:
            head, _, query = url.partition("?")
            made = f"{head.rpartition('/')[0]}/{name}" + (f"?{query}" if query else "")
            with psycopg.connect(made, autocommit=True) as connection:
                for table in ("users", "written"):
                    connection.execute(_TABLE.format(table).encode())
                with (
                    connection.cursor() as cursor,
                    cursor.copy(f"COPY users ({', '.join(FIELDS)}) FROM STDIN".encode()) as copy,
                ):
                    for row in rows(users):
                        copy.write_row(row)
                connection.execute("CREATE INDEX users_age ON users (age)")
                connection.execute("VACUUM ANALYZE users")
            yield made
        finally:
            owner.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def signature(url: str) -> str:
    """What tells the rows that were written from others, without their keys.

    Args:
        url: The database.
    """
    row = ", ".join(FIELDS)
    with psycopg.connect(url) as connection:
        query = f"SELECT count(*), md5(string_agg(md5(ROW({row})::text), '' ORDER BY email)) FROM written"
        found = connection.execute(query.encode()).fetchone()
    return str(found)
