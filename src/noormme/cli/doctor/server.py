"""A server: version, connections, time limits, encryption, what stands in between.

Invariant: reads only; what a server does not tell is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias
from urllib.parse import urlsplit

from noormme import Database, NoormmeError
from noormme.cli.doctor.finding import Finding, ok, warning
from noormme.cli.output import plural
from noormme.engines.base import Engine

__all__ = ["server"]

_LOCAL = frozenset({"", "localhost", "127.0.0.1", "::1", None})
_NEARLY_FULL = 0.8

_Look: TypeAlias = Callable[[Database, Engine], Iterator[Finding]]


def server(db: Database, engine: Engine) -> Iterator[Finding]:
    """Look at the server of an open database.

    Args:
        db: The database.
        engine: Its engine.
    """
    look = _LOOKS.get(db.schema.dialect)
    if look is not None:
        yield from look(db, engine)


def _one(engine: Engine, sql: str) -> str | None:
    try:
        rows = engine.fetch(sql, (), 1)
    except NoormmeError:
        return None
    if not rows or rows[0][0] is None:
        return None
    value = rows[0][0]
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _postgresql(db: Database, engine: Engine) -> Iterator[Finding]:
    yield ok("server", f"PostgreSQL {_one(engine, _SETTING.format('server_version'))}")
    used = _one(engine, "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'")
    yield from _connections(db, used, _one(engine, _SETTING.format("max_connections")))
    idle = _one(engine, _SETTING.format("idle_in_transaction_session_timeout"))
    if idle == "0":
        yield warning(
            "time limits",
            "a transaction that its program forgot stays open for ever",
            "ALTER DATABASE … SET idle_in_transaction_session_timeout = '5min'",
        )
    limit = _one(engine, _SETTING.format("statement_timeout"))
    yield ok("time limits", f"statements: {'none' if limit == '0' else limit}; idle transactions: {idle}")
    encrypted = _one(engine, "SELECT ssl::int FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
    yield from _encryption(db, None if encrypted is None else encrypted == "1")
    if getattr(engine, "pooled", False):
        yield ok("pooler", "a pooler lends a connection for each transaction")


def _mysql(db: Database, engine: Engine) -> Iterator[Finding]:
    said = _one(engine, "SELECT version()") or ""
    yield ok("server", f"{'MariaDB' if 'mariadb' in said.lower() else 'MySQL'} {said}")
    used = _one(
        engine,
        "SELECT variable_value FROM information_schema.global_status "
        "WHERE variable_name = 'THREADS_CONNECTED'",
    )
    yield from _connections(db, used, _one(engine, "SELECT @@max_connections"))
    yield ok("time limits", f"an idle connection is closed after {_one(engine, 'SELECT @@wait_timeout')} s")
    mode = _one(engine, "SELECT @@sql_mode") or ""
    if "STRICT" not in mode.upper():
        yield warning(
            "sql mode",
            "values that do not fit are cut without a word",
            "set sql_mode to STRICT_TRANS_TABLES on the server",
        )
    encoding = _one(engine, "SELECT @@character_set_database") or ""
    if encoding == "utf8mb4":
        yield ok("encoding", encoding)
    else:
        yield warning(
            "encoding",
            f"{encoding} cannot hold every character",
            "ALTER DATABASE … CHARACTER SET utf8mb4, and convert the tables",
        )


def _mssql(db: Database, engine: Engine) -> Iterator[Finding]:
    version = _one(engine, "SELECT cast(serverproperty('ProductVersion') AS nvarchar(128))")
    yield ok("server", f"SQL Server {version}")


def _libsql(db: Database, engine: Engine) -> Iterator[Finding]:
    yield ok("server", f"libSQL, SQLite {_one(engine, 'SELECT sqlite_version()')}")


def _connections(db: Database, used: str | None, most: str | None) -> Iterator[Finding]:
    if used is None or most is None:
        return
    own = db.settings.max_connections
    message = f"{used} of {most} connections are in use; a process of noormme's takes up to {own}"
    if int(used) > _NEARLY_FULL * int(most):
        yield warning("connections", message, "close programs, raise max_connections, or use a pooler")
    elif own > int(most):
        yield warning(
            "connections", message, f"set max_connections to less than {plural(int(most), 'connection')}"
        )
    else:
        yield ok("connections", message)


def _encryption(db: Database, encrypted: bool | None) -> Iterator[Finding]:
    if encrypted is None:
        return
    if encrypted:
        yield ok("encryption", "the connection is encrypted")
    elif urlsplit(db.path).hostname not in _LOCAL:
        yield warning(
            "encryption",
            "the connection is not encrypted, and the server is another machine",
            "add ?sslmode=require (or verify-full) to the URL",
        )


_SETTING = "SELECT current_setting('{}')"
_LOOKS: Mapping[str, _Look] = {
    "libsql": _libsql,
    "mssql": _mssql,
    "mysql": _mysql,
    "postgresql": _postgresql,
}
