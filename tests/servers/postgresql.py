"""PostgreSQL servers of the tests' own: started, stopped, killed, started again, and followed by replicas.

Invariant: such a server listens on a socket in its own folder and nowhere else.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal

import psycopg

from tests.servers.programs import folder, found, run

__all__ = ["NO_PROGRAMS", "PostgreSQLServer", "new_replica", "new_server", "programs"]

NO_PROGRAMS = "no programs of PostgreSQL: install its server package (initdb, pg_ctl, pg_basebackup)"

_OPTIONS = {
    "listen_addresses": "''",
    "fsync": "off",
    "full_page_writes": "off",
    "shared_buffers": "16MB",
    "max_connections": "40",
    "wal_level": "replica",
    "max_wal_senders": "8",
    "hot_standby": "on",
    "wal_retrieve_retry_interval": "100ms",
}


def programs() -> Path | None:
    """The folder of PostgreSQL's programs; None where there is none."""
    initdb = found("initdb", "/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin")
    return initdb.resolve().parent if initdb is not None else None


class PostgreSQLServer:
    """A server in a folder.

    Args:
        binaries: The folder of PostgreSQL's programs.
        home: The folder, which holds the data and the socket.

    Attributes:
        home: The same.
        options: What the next start says on the command line.
    """

    def __init__(self, binaries: Path, home: Path) -> None:
        self._binaries = binaries
        self.home = home
        self.options: dict[str, str] = dict(_OPTIONS)

    def url(self, database: str = "postgres", user: str = "postgres") -> str:
        """The URL of a database.

        Args:
            database: Its name.
            user: Who connects, with a password if one follows a colon.
        """
        return f"postgresql://{user}@/{database}?host={self.home}"

    def create(self) -> None:
        """Make an empty cluster."""
        run(
            [
                self._binaries / "initdb",
                "-D",
                self.home / "data",
                "-U",
                "postgres",
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--locale=C.UTF-8",
                "--no-sync",
            ]
        )

    def copy(self, primary: PostgreSQLServer) -> None:
        """Make a copy of a running server, that follows it once it is started."""
        run(
            [
                self._binaries / "pg_basebackup",
                "-D",
                self.home / "data",
                "-R",
                "-X",
                "stream",
                "-c",
                "fast",
                "-h",
                primary.home,
                "-U",
                "postgres",
                "--no-sync",
            ]
        )

    def start(self, *, wait: bool = True) -> None:
        """Start it.

        Args:
            wait: Whether to wait until it lets anybody in.
        """
        options = " ".join(f"-c {name}={value}" for name, value in self.options.items())
        options += f" -c unix_socket_directories={self.home}"
        self._control("-w" if wait else "-W", "-l", self.home / "log", "-o", options, "start")

    def stop(self, mode: Literal["smart", "fast", "immediate"] = "fast", *, check: bool = True) -> None:
        """Stop it and wait for its end.

        Args:
            mode: Whether it waits for its clients, ends them, or leaves them and its files as they are.
            check: Whether it is an error if it does not run.
        """
        self._control("-w", "-m", mode, "stop", check=check)

    def kill(self) -> None:
        """End it as a loss of power would: nothing is told to anybody."""
        lock = self.home / "data" / "postmaster.pid"
        pid = int(lock.read_text().split()[0])
        os.kill(pid, signal.SIGSTOP)
        children = run(["ps", "-o", "pid=", "--ppid", str(pid)], check=False).stdout.split()
        for number in (*map(int, children), pid):
            with suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
        # Where nobody takes notice of its end, its number stays in use.
        for each in (lock, *self.home.glob(".s.PGSQL.*")):
            each.unlink()

    def restart(self, mode: Literal["smart", "fast", "immediate"] = "fast") -> None:
        """Stop it and start it again."""
        self.stop(mode)
        self.start()

    def signal(self, pid: int, name: str) -> None:
        """Send a signal to one of its processes.

        Args:
            pid: Which one.
            name: ``"STOP"``, for example.
        """
        run(["kill", f"-{name}", str(pid)])

    @contextmanager
    def starting(self, after_s: float) -> Iterator[None]:
        """A block while which it is started, and after which it runs.

        Args:
            after_s: After how many seconds.
        """
        timer = threading.Timer(after_s, self.start)
        timer.start()
        try:
            yield
        finally:
            timer.join()

    def execute(self, sql: str, database: str = "postgres") -> list[tuple[object, ...]]:
        """Run one statement on a connection of its own."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            cursor = connection.execute(sql.encode())
            return cursor.fetchall() if cursor.description is not None else []

    def _control(self, *arguments: str | Path, check: bool = True) -> None:
        run([self._binaries / "pg_ctl", "-D", self.home / "data", *arguments], check=check)


@contextmanager
def new_server() -> Iterator[PostgreSQLServer | None]:
    """A running server, which is ended at the end; None where its programs are missing."""
    binaries = programs()
    if binaries is None:
        yield None
        return
    with folder() as home:
        server = PostgreSQLServer(binaries, home)
        server.create()
        server.start()
        try:
            yield server
        finally:
            server.stop("immediate", check=False)


@contextmanager
def new_replica(primary: PostgreSQLServer) -> Iterator[PostgreSQLServer]:
    """A running replica that streams from a server, and is ended at the end.

    Args:
        primary: The server.
    """
    binaries = programs()
    assert binaries is not None, "the primary was started with them"
    with folder() as home:
        replica = PostgreSQLServer(binaries, home)
        replica.copy(primary)
        replica.start()
        try:
            yield replica
        finally:
            replica.stop("immediate", check=False)
