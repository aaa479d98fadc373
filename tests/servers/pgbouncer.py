"""A pgbouncer of the tests' own, in front of a PostgreSQL server.

Invariant: it pools transactions over two connections, and listens on a socket in its own folder.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers.postgresql import PostgreSQLServer
from tests.servers.programs import folder, found, run, spawn

__all__ = ["NO_PROGRAM", "Bouncer", "new_bouncer"]

NO_PROGRAM = "no pgbouncer: install its package"


class Bouncer:
    """A running pgbouncer.

    Args:
        home: Its folder.
    """

    def __init__(self, home: Path) -> None:
        self._home = home

    def url(self, database: str = "postgres") -> str:
        """The URL of a database behind it."""
        return f"postgresql://postgres@/{database}?host={self._home}&port=6432"


@contextmanager
def new_bouncer(server: PostgreSQLServer, **options: str) -> Iterator[Bouncer | None]:
    """A running pgbouncer, which is ended at the end; None where there is none.

    Args:
        server: The server behind it.
        **options: Settings of pgbouncer.
    """
    program = found("pgbouncer")
    if program is None:
        yield None
        return
    settings = {
        "listen_addr": "",
        "listen_port": "6432",
        "auth_type": "trust",
        "pool_mode": "transaction",
        "default_pool_size": "2",
        "server_login_retry": "0.1",
        "max_client_conn": "50",
    }
    with folder() as home:
        settings |= {"unix_socket_dir": str(home), "auth_file": f"{home}/users", **options}
        lines = ["[databases]", f"* = host={server.home}", "[pgbouncer]"]
        lines += [f"{name} = {value}" for name, value in settings.items()]
        for name, text in (("users", '"postgres" ""\n'), ("bouncer.ini", "\n".join(lines) + "\n")):
            (home / name).write_text(text)
            (home / name).chmod(0o644)
        process = spawn([program, home / "bouncer.ini"], home / "log")
        try:
            until = time.monotonic() + 60
            while not (home / ".s.PGSQL.6432").exists():
                if process.poll() is not None or time.monotonic() > until:
                    raise RuntimeError(f"pgbouncer did not start: {(home / 'log').read_text()[-2000:]}")
                time.sleep(0.02)
            yield Bouncer(home)
        finally:
            run(["kill", "-9", str(process.pid)], check=False)
            process.wait(10)
