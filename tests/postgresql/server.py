"""A PostgreSQL server to test against: the one that is named, the usual one, or one started here.

Invariant: every test database has a name of its own and is dropped at the end; nothing else on the server is
touched.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg
from psycopg import sql

from tests.servers.names import is_left_behind, new_name
from tests.servers.postgresql import new_server

__all__ = ["NO_SERVER", "drop_left_behind", "end_all", "new_database", "run_script", "running"]

_NAMED = "NOORMME_TEST_POSTGRESQL_URL"
_USUAL = ("postgresql://postgres@127.0.0.1:5432/test", "postgresql://root@127.0.0.1:5432/test")

NO_SERVER = f"no PostgreSQL server: start one, set {_NAMED}, or install PostgreSQL's own programs"


@contextmanager
def running() -> Iterator[str | None]:
    """The URL of a server, which is ended if it was started here; None where there is none."""
    named = os.environ.get(_NAMED)
    for url in (named,) if named else _USUAL:
        with suppress(psycopg.OperationalError):
            psycopg.connect(url, connect_timeout=3).close()
            drop_left_behind(url)
            yield url
            return
    if named:
        yield None
        return
    with new_server() as own:
        yield None if own is None else own.url()


def drop_left_behind(url: str) -> None:
    """Drop the databases of tests that were killed.

    Args:
        url: The server.
    """
    with psycopg.connect(url, autocommit=True) as connection:
        for (name,) in connection.execute("SELECT datname FROM pg_database").fetchall():
            if is_left_behind(name):
                # Another run may have dropped it meanwhile.
                connection.execute(
                    sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
                )


@contextmanager
def new_database(url: str) -> Iterator[str]:
    """The URL of a new database, which is dropped at the end.

    Args:
        url: The server.
    """
    name = new_name()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'").format(
                sql.Identifier(name)
            )
        )
        try:
            head, _, query = url.partition("?")
            yield f"{head.rpartition('/')[0]}/{name}" + (f"?{query}" if query else "")
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def run_script(url: str, script: str) -> None:
    """Run statements in a database.

    Args:
        url: The database.
        script: The statements, parted by semicolons.
    """
    if script:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(script.encode())


def end_all(url: str) -> None:
    """End every connection to the database but one's own, as a restart would.

    Args:
        url: The database.
    """
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
