"""What a database says of itself, each engine in its own words.

Invariant: reads only. What a database does not say is left out, and stops nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from time import monotonic
from typing import TypeAlias

import msgspec

from noormme import Database, NoormmeError
from noormme.engines.base import Engine
from noormme.engines.budget import time_limit
from noormme.errors import QueryTimeout
from noormme.schema.model import Table

__all__ = ["Fact", "Status", "TableStatus", "status_of"]


class Fact(msgspec.Struct, frozen=True):
    """One thing that is known.

    Attributes:
        name: What it is.
        value: Its value; a size in bytes where the name ends in ``_bytes``.
    """

    name: str
    value: str | int


class TableStatus(msgspec.Struct, frozen=True):
    """A table or a view.

    Attributes:
        name: Its exact name.
        kind: Which of them it is.
        rows: How many rows it has; None where they were not counted in time.
    """

    name: str
    kind: str
    rows: int | None


class Status(msgspec.Struct, frozen=True):
    """The state of a database.

    Attributes:
        path: The file, or the URL without its password.
        dialect: Its engine.
        facts: What it says of itself.
        tables: Its tables and views.
        warnings: What is odd about its schema.
        counted: Whether every table was counted.
    """

    path: str
    dialect: str
    facts: tuple[Fact, ...]
    tables: tuple[TableStatus, ...]
    warnings: tuple[str, ...]
    counted: bool


_Facts: TypeAlias = Callable[[Engine], Iterator[Fact]]


def status_of(db: Database, engine: Engine, count_s: float) -> Status:
    """Ask a database how it is. Touches it.

    Args:
        db: The database.
        engine: Its engine.
        count_s: For how long rows may be counted, in seconds.
    """
    schema = db.schema
    told: list[Fact] = []
    if read := _ENGINES.get(schema.dialect):
        told += read(engine)
    tables = tuple(_tables(db, count_s))
    return Status(
        path=db.path,
        dialect=schema.dialect,
        facts=tuple(told),
        tables=tables,
        warnings=tuple(map(str, schema.warnings)),
        counted=all(table.rows is not None for table in tables if table.kind != "view"),
    )


def _tables(db: Database, count_s: float) -> Iterator[TableStatus]:
    until = monotonic() + count_s
    # Views last: what they compute may take any time.
    for table in sorted(db.schema, key=lambda each: each.kind == "view"):
        left = until - monotonic()
        yield TableStatus(table.name, table.kind, _count(db, table, left) if left > 0 else None)


def _count(db: Database, table: Table, left_s: float) -> int | None:
    if not table.readable:
        return None
    try:
        with time_limit(left_s):
            return db[table.name].count()
    except NoormmeError:
        # A view may fail on a row, and a large table may take too long; the others go on.
        return None


def _sqlite(engine: Engine) -> Iterator[Fact]:
    yield from _asked(engine, "version", "SELECT sqlite_version()")
    for name, ending in (("size_bytes", ""), ("wal_bytes", "-wal"), ("journal_bytes", "-journal")):
        file = Path(engine.path + ending)
        if file.is_file():
            yield Fact(name, file.stat().st_size)
    for pragma in ("journal_mode", "page_size", "page_count", "freelist_count", "encoding", "user_version"):
        yield from _asked(engine, pragma, f"PRAGMA {pragma}")


def _postgresql(engine: Engine) -> Iterator[Fact]:
    yield from _asked(engine, "version", "SELECT current_setting('server_version')")
    yield from _asked(engine, "database", "SELECT current_database()::text")
    yield from _asked(engine, "user", "SELECT current_user::text")
    yield from _asked(engine, "size_bytes", "SELECT pg_database_size(current_database())")
    yield from _asked(engine, "encoding", "SELECT current_setting('server_encoding')")
    yield from _asked(
        engine, "connections", "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    )
    yield from _asked(engine, "max_connections", "SELECT current_setting('max_connections')::int8")
    role = "SELECT CASE WHEN pg_is_in_recovery() THEN 'replica' ELSE 'primary' END"
    yield from _asked(engine, "role", role)


def _mysql(engine: Engine) -> Iterator[Fact]:
    yield from _asked(engine, "version", "SELECT version()")
    yield from _asked(engine, "database", "SELECT database()")
    yield from _asked(engine, "user", "SELECT current_user()")
    size = "SELECT cast(sum(data_length + index_length) AS signed) FROM information_schema.tables"
    yield from _asked(engine, "size_bytes", f"{size} WHERE table_schema = database()")
    yield from _asked(engine, "encoding", "SELECT @@character_set_database")
    yield from _asked(engine, "max_connections", "SELECT @@max_connections")


def _mssql(engine: Engine) -> Iterator[Fact]:
    yield from _asked(engine, "version", "SELECT cast(serverproperty('ProductVersion') AS nvarchar(128))")
    yield from _asked(engine, "database", "SELECT db_name()")
    yield from _asked(engine, "user", "SELECT suser_sname()")


_ENGINES: Mapping[str, _Facts] = {
    "libsql": _sqlite,
    "mssql": _mssql,
    "mysql": _mysql,
    "postgresql": _postgresql,
    "sqlite": _sqlite,
}


def _asked(engine: Engine, name: str, sql: str) -> Iterator[Fact]:
    """What a statement of one value gives, if it gives one."""
    try:
        rows = engine.fetch(sql, (), 1)
    except QueryTimeout:
        raise
    except NoormmeError:
        return
    if rows and rows[0][0] is not None:
        value = rows[0][0]
        if isinstance(value, bytes):
            value = value.decode("utf-8", "replace")
        yield Fact(name, value if isinstance(value, int) else str(value))
