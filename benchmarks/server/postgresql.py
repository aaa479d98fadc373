"""A database of PostgreSQL's for a run.

Invariant: it has a name of its own and is dropped at the end.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from secrets import token_hex

import psycopg
from psycopg import sql

from benchmarks.server.data import FIELDS, rows

__all__ = ["emptied", "new_database", "signature"]

_TABLE = """
CREATE TABLE {} (
    id bigserial PRIMARY KEY, email text NOT NULL UNIQUE, name text NOT NULL, age integer NOT NULL,
    score double precision, is_active boolean NOT NULL DEFAULT true, created_at timestamptz NOT NULL
)
"""


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


def emptied(url: str) -> None:
    """Take away what was written.

    Args:
        url: The database.
    """
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("TRUNCATE written")


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
