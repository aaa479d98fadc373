"""A PostgreSQL server to test against: the one that is named, the usual one, or one started here.

Invariant: every test database has a name of its own and is dropped at the end; nothing else on the server is
touched.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex

import psycopg
from psycopg import sql

__all__ = ["NO_SERVER", "new_database", "running"]

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
            yield url
            return
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    programs += [Path(found) for found in [shutil.which("initdb")] if found]
    # PostgreSQL refuses to run as root.
    if named or not programs or os.geteuid() == 0:
        yield None
        return
    with tempfile.TemporaryDirectory() as folder, _started(programs[0].parent, folder) as url:
        yield url


@contextmanager
def _started(programs: Path, folder: str) -> Iterator[str]:
    data = f"{folder}/data"
    subprocess.run(
        [programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"],
        check=True,
        capture_output=True,
    )
    options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off"
    control = [programs / "pg_ctl", "-D", data, "-w", "-l", f"{folder}/log"]
    subprocess.run([*control, "-o", options, "start"], check=True, capture_output=True)
    try:
        yield f"postgresql://postgres@/postgres?host={folder}"
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], check=False, capture_output=True)


@contextmanager
def new_database(url: str) -> Iterator[str]:
    """The URL of a new database, which is dropped at the end.

    Args:
        url: The server.
    """
    name = f"noormme_test_{os.getpid()}_{token_hex(4)}"
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
