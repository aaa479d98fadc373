"""A MySQL or MariaDB server to test against: the one that is named, the usual one, or one started here.

Invariant: every test database has a name of its own and is dropped at the end; nothing else on the server is
touched.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from time import sleep
from typing import Any

import pymysql
from pymysql.constants import CLIENT

from noormme.engines.server.mysql.opening import address_of
from tests.servers.names import is_left_behind, new_name

__all__ = [
    "NO_SERVER",
    "drop_left_behind",
    "end_all",
    "new_database",
    "own_server",
    "raw_connection",
    "run_script",
    "running",
]

_NAMED = "NOORMME_TEST_MYSQL_URL"
_USUAL = "mariadb://root@127.0.0.1:3306/test"

NO_SERVER = f"no MariaDB server: start one, set {_NAMED}, or install MariaDB's own programs"

_COLLATION = "utf8mb4_nopad_bin"
"""On MariaDB: texts are equal where their signs are, as on SQLite. MySQL calls another one so."""


def raw_connection(url: str) -> pymysql.Connection[Any]:
    """A connection of the driver's own, on which each statement commits by itself.

    Args:
        url: The database.
    """
    return pymysql.connect(
        **address_of(url).options, autocommit=True, charset="utf8mb4", client_flag=CLIENT.MULTI_STATEMENTS
    )


@contextmanager
def running() -> Iterator[str | None]:
    """The URL of a server, which is ended if it was started here; None where there is none."""
    named = os.environ.get(_NAMED)
    for url in (named or _USUAL,):
        with suppress(pymysql.OperationalError):
            drop_left_behind(url)
            yield url
            return
    if named:
        yield None
        return
    with own_server() as made:
        yield made


def drop_left_behind(url: str) -> None:
    """Drop the databases of tests that were killed.

    Args:
        url: The server.
    """
    with raw_connection(url) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT schema_name FROM information_schema.schemata")
        for (name,) in cursor.fetchall():
            if is_left_behind(name):
                # Another run may have dropped it meanwhile.
                cursor.execute(f"DROP DATABASE IF EXISTS {name}")


@contextmanager
def own_server(*options: str) -> Iterator[str | None]:
    """The URL of a server that is started here and ended at the end; None where the programs are missing.

    Args:
        *options: More of what it is started with.
    """
    install, daemon = (shutil.which(name) for name in ("mariadb-install-db", "mariadbd"))
    if install is None or daemon is None:
        yield None
        return
    with tempfile.TemporaryDirectory() as folder, _started(install, daemon, folder, options) as url:
        yield url


@contextmanager
def _started(install: str, daemon: str, folder: str, more: Sequence[str]) -> Iterator[str]:
    data, socket = f"{folder}/data", f"{folder}/s"
    own = ["--no-defaults", f"--datadir={data}"]
    # MariaDB runs as root only where it is told to.
    user = ["--user=root"] if os.geteuid() == 0 else []
    subprocess.run(
        [install, *own, *user, "--auth-root-authentication-method=normal", "--skip-test-db"],
        check=True,
        capture_output=True,
    )
    options = [f"--socket={socket}", "--skip-networking", "--innodb-flush-log-at-trx-commit=0", *more]
    with subprocess.Popen(
        [daemon, *own, *user, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        url = f"mariadb://root@localhost/mysql?unix_socket={socket}"
        try:
            # The driver leaves a socket open that leads nowhere yet.
            for _ in range(300):
                if Path(socket).exists():
                    break
                sleep(0.1)
            yield url
        finally:
            process.terminate()


@contextmanager
def new_database(url: str, collation: str | None = None) -> Iterator[str]:
    """The URL of a new database, which is dropped at the end.

    Args:
        url: The server.
        collation: How its texts compare; by their signs where it is not said.
    """
    name = new_name()
    with raw_connection(url) as connection, connection.cursor() as cursor:
        usual = _COLLATION if "MariaDB" in str(connection.server_version) else "utf8mb4_0900_bin"
        cursor.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4 COLLATE {collation or usual}")
        try:
            head, _, query = url.partition("?")
            yield f"{head.rpartition('/')[0]}/{name}" + (f"?{query}" if query else "")
        finally:
            cursor.execute(f"DROP DATABASE {name}")


def run_script(url: str, script: str) -> None:
    """Run statements in a database.

    Args:
        url: The database.
        script: The statements, parted by semicolons.
    """
    if not script:
        return
    with raw_connection(url) as connection, connection.cursor() as cursor:
        cursor.execute(script)
        while cursor.nextset():
            continue


def end_all(url: str) -> None:
    """End every connection to the database but one's own, as a restart would.

    Args:
        url: The database.
    """
    with raw_connection(url) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()"
        )
        for (number,) in cursor.fetchall():
            cursor.execute(f"KILL {number}")
