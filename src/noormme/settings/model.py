"""What noormme can be told: every setting with its type, its default and its meaning.

Invariant: what ``Settings.load`` returns was checked, every value of it; nothing later looks at the
environment or at a configuration file again.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Annotated, Literal, TypedDict

import msgspec

from noormme.schema.model import Kind
from noormme.schema.naming import NameOverrides
from noormme.settings.checking import checked
from noormme.settings.sources import gather

__all__ = ["PRESETS", "Settings", "SettingsOptions"]

PRESETS: Mapping[str, Mapping[str, object]] = {
    "development": {},
    "production": {"busy_timeout_s": 15.0},
    "test": {"busy_timeout_s": 1.0},
}

_NonNegative = msgspec.Meta(ge=0)
_Positive = msgspec.Meta(ge=1)
_MoreThanZero = msgspec.Meta(gt=0)
_KIB = msgspec.Meta(ge=0, le=2**31 - 1)
"""SQLite takes no more, and would keep nothing at all."""
_WAIT_S = msgspec.Meta(ge=0, le=2_147_483)
_LIMIT_S = msgspec.Meta(gt=0, le=2_147_483)
"""Databases and drivers count these in milliseconds, in 32 bits: 24 days."""


class Settings(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Everything that can be set; immutable.

    Attributes:
        database: A path or a URL, used when ``connect()`` is given none. In a file it is relative to
            the file.
        loading: What touching a relation that is not loaded does: ``"peers"`` loads it for every row
            of the same result in one query, ``"raise"`` raises ``RelationNotLoaded``.
        timezone: The time zone of stored datetimes that carry no offset (``"Europe/Berlin"``); None
            leaves them naive.
        types: Declared type to kind, where the common rule is wrong for this database
            (``{"MONEY": "decimal"}``); upper and lower case are the same.
        names: Names to use instead of those that the rules give.
        python_types: Python types that generated modules name instead of those that the rules give
            (``{"users.settings": "app.types.Settings", "MONEY": "decimal.Decimal"}``), by column or by
            declared type. They are what type checkers are told, and change nothing at run time.
        plans: Where compiled queries are kept between processes: ``"cache"`` is the cache folder of the user,
            ``"off"`` is nowhere, and a path, with a folder or an ending (``"app.plans"``), is that of a file
            that ``noormme generate --plans`` wrote, which is only read. In a configuration file it is
            relative to the file.
        readonly: Open the database so that nothing can be written.
        iterator_chunk_rows: How many rows ``iterator()`` takes at a time, in rows.
        busy_timeout_s: How long to wait for another connection's lock, in seconds.
        cache_size_kib: SQLite's page cache for each connection, in KiB.
        mmap_size_bytes: How much of the file SQLite may read through a memory map, in bytes. With a map, a
            program that cuts the file short while it is open here ends this process too (SIGBUS).
        temp_store: Where SQLite keeps its temporary tables.
        foreign_keys: Whether SQLite enforces foreign keys.
        journal_mode: ``"wal"`` switches a file to SQLite's write-ahead log at the first write, so that
            readers and a writer do not wait for each other; ``"keep"`` leaves the file as it is.
        durability: ``"normal"`` survives the end of the program at any moment; a loss of power can undo
            the last transactions, and never damages the file. ``"full"`` waits for the disk at every
            commit, and a loss of power undoes nothing.
        max_readers: How many connections of this process may read at the same time.
        max_connections: How many connections to a server this process may have, to read and to write.
        pool_timeout_s: How long to wait for one of either, in seconds.
        idle_timeout_s: How long a connection is kept open while nobody uses it, in seconds.
        connection_age_s: How long a connection to a server is used at all, in seconds; then a new one takes
            its place, which may lead to another server by then.
        reconnect_s: For how long to try again while a server is away, in seconds: to open a connection, and
            to read outside a transaction.
        pooler: What stands between this process and a server: ``"transaction"`` is a pooler like pgbouncer
            that gives every transaction another connection, so nothing is kept on one; ``"none"`` is nothing
            of that kind, or one that gives whole sessions; ``"detect"`` finds it out.
        replicas: URLs of servers that follow the one of ``database``, and are read outside of transactions.
        replica_window_s: For how long after a write of this process its reads go to the primary, unless a
            replica has that write already, in seconds.
        replica_max_lag_s: How far behind a replica may be to be read, in seconds; None sets no limit.
        sqlite3_guard: What opening a file that is open here a second time does, with Python's ``sqlite3`` or
            the client of libSQL, which drops the locks of both and can damage the file: ``"refuse"`` raises
            ``UnsafeOperation``.
        timeout_s: How long one statement may run, in seconds; None sets no limit.
        breaker_failures: After how many failures in a row (locked for too long, disk full, file gone)
            writing is not tried any more, and raises ``Unavailable`` at once; None for never. Needs
            ``noormme[breaker]``.
        breaker_pause_s: For how long, in seconds; then one write is tried.
        validate: Whether values are checked before they are written, where the schema says enough: NOT
            NULL, simple CHECK constraints, and the length of ``VARCHAR(50)``, which SQLite does not enforce.
    """

    database: str | None = None
    loading: Literal["peers", "raise"] = "peers"
    timezone: str | None = None
    types: Mapping[str, Kind] = {}
    names: NameOverrides = NameOverrides()
    python_types: Mapping[str, str] = {}
    plans: str = "cache"
    readonly: bool = False
    iterator_chunk_rows: Annotated[int, _Positive] = 500
    busy_timeout_s: Annotated[float, _WAIT_S] = 5.0
    cache_size_kib: Annotated[int, _KIB] = 64_000
    mmap_size_bytes: Annotated[int, _NonNegative] = 0
    temp_store: Literal["default", "file", "memory"] = "memory"
    foreign_keys: bool = True
    journal_mode: Literal["wal", "keep"] = "wal"
    durability: Literal["normal", "full"] = "normal"
    max_readers: Annotated[int, _Positive] = 100
    max_connections: Annotated[int, _Positive] = 20
    pool_timeout_s: Annotated[float, _WAIT_S] = 30.0
    idle_timeout_s: Annotated[float, _NonNegative] = 300.0
    connection_age_s: Annotated[float, _MoreThanZero] = 3600.0
    reconnect_s: Annotated[float, _NonNegative] = 10.0
    pooler: Literal["detect", "none", "transaction"] = "detect"
    replicas: tuple[str, ...] = ()
    replica_window_s: Annotated[float, _NonNegative] = 5.0
    replica_max_lag_s: Annotated[float, _MoreThanZero] | None = 10.0
    sqlite3_guard: Literal["refuse", "warn", "off"] = "refuse"
    timeout_s: Annotated[float, _LIMIT_S] | None = None
    breaker_failures: Annotated[int, _Positive] | None = None
    breaker_pause_s: Annotated[float, _MoreThanZero] = 30.0
    validate: bool = True

    @classmethod
    def load(cls, **overrides: object) -> Settings:
        """The settings of this process: defaults, preset, file, environment, then ``overrides``.

        Reads environment variables and at most one configuration file; does not touch a database.

        Args:
            overrides: Settings by name; they win over everything else.

        Returns:
            The settings, every value checked.

        Raises:
            SettingsError: A setting does not exist or has the wrong type, the preset does not exist,
                or the file cannot be read.
        """
        found = gather(cls.__struct_fields__, PRESETS)
        values = {
            each.name: checked(cls, each.name, each.value, each.source, strict=each.typed) for each in found
        }
        values |= {name: checked(cls, name, value, "the arguments") for name, value in overrides.items()}
        return msgspec.structs.replace(_DEFAULTS, **values) if values else _DEFAULTS


class SettingsOptions(TypedDict, total=False):
    """The settings as keyword arguments, for type checkers; ``Settings`` says what each means."""

    database: str | None
    loading: Literal["peers", "raise"]
    timezone: str | None
    types: Mapping[str, Kind]
    names: NameOverrides
    python_types: Mapping[str, str]
    plans: str | os.PathLike[str]
    readonly: bool
    iterator_chunk_rows: int
    busy_timeout_s: float
    cache_size_kib: int
    mmap_size_bytes: int
    temp_store: Literal["default", "file", "memory"]
    foreign_keys: bool
    journal_mode: Literal["wal", "keep"]
    durability: Literal["normal", "full"]
    max_readers: int
    max_connections: int
    pool_timeout_s: float
    idle_timeout_s: float
    connection_age_s: float
    reconnect_s: float
    pooler: Literal["detect", "none", "transaction"]
    replicas: Sequence[str]
    replica_window_s: float
    replica_max_lag_s: float | None
    sqlite3_guard: Literal["refuse", "warn", "off"]
    timeout_s: float | None
    breaker_failures: int | None
    breaker_pause_s: float
    validate: bool


_DEFAULTS = Settings()
