"""A database of MariaDB's for a run.

Invariant: it has a name of its own and is dropped at the end.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from secrets import token_hex
from typing import Any
from urllib.parse import unquote, urlsplit

import pymysql

from benchmarks.server.data import FIELDS, rows

__all__ = ["connected", "emptied", "new_database", "options_of", "signature"]

_TABLE = """
CREATE TABLE {} (
    id bigint AUTO_INCREMENT PRIMARY KEY, email varchar(100) NOT NULL UNIQUE, name varchar(100) NOT NULL,
    age integer NOT NULL, score double, is_active boolean NOT NULL DEFAULT true,
    created_at datetime(6) NOT NULL
)
"""


def options_of(url: str) -> dict[str, Any]:
    """What PyMySQL is told for a URL.

    Args:
        url: The database.
    """
    parts = urlsplit(url)
    return {
        "host": parts.hostname or "127.0.0.1",
        "port": parts.port or 3306,
        "user": unquote(parts.username or "root"),
        "password": unquote(parts.password or ""),
        "database": parts.path[1:] or None,
        "charset": "utf8mb4",
    }


def connected(url: str) -> pymysql.Connection[Any]:
    """A connection by hand, on which each statement commits by itself.

    Args:
        url: The database.
    """
    return pymysql.connect(**options_of(url), autocommit=True, init_command="SET time_zone = '+00:00'")


@contextmanager
def new_database(url: str, users: int) -> Iterator[str]:
    """The URL of a new database, which is dropped at the end: ``users`` to read, ``written`` to write.

    Args:
        url: A database of the server.
        users: How many users there are.
    """
    name = f"noormme_bench_{token_hex(4)}"
    with connected(url) as owner, owner.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
        try:
            cursor.execute(f"USE {name}")
            for table in ("users", "written"):
                cursor.execute(_TABLE.format(table))
            marks = ", ".join(["%s"] * len(FIELDS))
            cursor.executemany(f"INSERT INTO users ({', '.join(FIELDS)}) VALUES ({marks})", rows(users))
            cursor.execute("CREATE INDEX users_age ON users (age)")
            cursor.execute("ANALYZE TABLE users")
            head, _, query = url.partition("?")
            yield f"{head.rpartition('/')[0]}/{name}" + (f"?{query}" if query else "")
        finally:
            cursor.execute(f"DROP DATABASE {name}")


def emptied(url: str) -> None:
    """Take away what was written.

    Args:
        url: The database.
    """
    with connected(url) as connection, connection.cursor() as cursor:
        cursor.execute("TRUNCATE TABLE written")


def signature(url: str) -> str:
    """What tells the rows that were written from others, without their keys.

    Args:
        url: The database.
    """
    row = ", ".join(f"COALESCE({field}, '-')" for field in FIELDS)
    with connected(url) as connection, connection.cursor() as cursor:
        # Emails are unique, so no two rows are alike and take each other away.
        digest = f"CONV(LEFT(MD5(CONCAT_WS('|', {row})), 16), 16, 10)"
        cursor.execute(f"SELECT COUNT(*), BIT_XOR(CAST({digest} AS UNSIGNED)) FROM written")
        return str(cursor.fetchone())
