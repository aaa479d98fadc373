"""MariaDB servers of the tests' own: started, stopped, killed and started again.

Invariant: such a server listens on a port of this machine that it has to itself; its user is ``root`` without a
password.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers.programs import folder, found, free_port, run, spawn

__all__ = ["NO_PROGRAMS", "MariaDBServer", "new_server"]

NO_PROGRAMS = "no programs of MariaDB: install its server package (mariadbd, mariadb-install-db)"
_READY_S = 60.0


class MariaDBServer:
    """A server in a folder.

    Args:
        program: ``mariadbd``.
        home: The folder, which holds the data and the socket.

    Attributes:
        port: Where it listens on 127.0.0.1.
        options: What the next start says on the command line besides.
    """

    def __init__(self, program: Path, home: Path) -> None:
        self._program = program
        self._home = home
        self.port = free_port()
        self.options: list[str] = []
        self._process: subprocess.Popen[bytes] | None = None

    def url(self, database: str = "test", scheme: str = "mariadb") -> str:
        """The URL of a database."""
        return f"{scheme}://root@127.0.0.1:{self.port}/{database}"

    def create(self) -> None:
        """Make an empty data folder with a database ``test``."""
        install = found("mariadb-install-db")
        assert install is not None, "it comes with mariadbd"
        run(
            [
                install,
                "--no-defaults",
                f"--datadir={self._home / 'data'}",
                "--skip-test-db",
                "--auth-root-authentication-method=normal",
                "--skip-name-resolve",
                "--innodb-log-file-size=8M",
            ]
        )

    def create_empty(self) -> None:
        """Make a data folder without anything, for a server that is given everything by another one."""
        run(["mkdir", str(self._home / "data")])

    def follow(self, primary: MariaDBServer) -> None:
        """Let it follow another server from the beginning, which must write a log (``--log-bin``)."""
        self.execute(
            f"CHANGE MASTER TO master_host='127.0.0.1', master_port={primary.port}, master_user='root',"
            " master_use_gtid=slave_pos, master_connect_retry=1; START SLAVE"
        )

    def start(self) -> None:
        """Start it, and wait until it lets anybody in."""
        self._process = spawn(
            [
                self._program,
                "--no-defaults",
                f"--datadir={self._home / 'data'}",
                f"--socket={self._home / 's'}",
                f"--pid-file={self._home / 'pid'}",
                "--bind-address=127.0.0.1",
                f"--port={self.port}",
                "--innodb-flush-log-at-trx-commit=2",
                "--innodb-buffer-pool-size=16M",
                "--innodb-log-file-size=8M",
                *self.options,
            ],
            self._home / "log",
        )
        until = time.monotonic() + _READY_S
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"mariadbd did not start: {(self._home / 'log').read_text()[-2000:]}")
            time.sleep(0.05)

    def stop(self) -> None:
        """Tell it to end, and wait for that."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(_READY_S)

    def kill(self) -> None:
        """End it as a loss of power would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(_READY_S)

    def restart(self) -> None:
        """Stop it and start it again."""
        self.stop()
        self.start()

    def execute(self, sql: str, database: str = "") -> str:
        """Run SQL with MariaDB's own client, and give what it prints."""
        return run(self._client(sql, database)).stdout

    def _answers(self) -> bool:
        # A node of a cluster answers other questions before it is ready.
        ready = "SELECT 1" if "--read-only" in self.options else "CREATE DATABASE IF NOT EXISTS test"
        return run(self._client(ready, ""), check=False).returncode == 0

    def _client(self, sql: str, database: str) -> list[str | Path]:
        client = found("mariadb")
        assert client is not None, "it comes with mariadbd"
        named = [f"--database={database}"] if database else []
        return [client, "--no-defaults", f"--socket={self._home / 's'}", "-uroot", "-N", *named, "-e", sql]


@contextmanager
def new_server(*options: str) -> Iterator[MariaDBServer | None]:
    """A running server, which is ended at the end; None where its programs are missing.

    Args:
        *options: More of what it is started with.
    """
    program = found("mariadbd")
    if program is None:
        yield None
        return
    with folder() as home:
        server = MariaDBServer(program, home)
        server.options += options
        server.create()
        server.start()
        try:
            yield server
        finally:
            server.kill()
