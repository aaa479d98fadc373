"""What noormme can be told, and where it is told.

Invariant: what ``Settings.load`` returns was checked, every value of it; nothing later looks at the
environment or at a configuration file again. Five places are read, and the later one wins:

1. the defaults below, which are safe for production;
2. the preset that ``NOORMME_ENV`` names: ``development``, ``production`` or ``test``;
3. ``noormme.toml``, or ``[tool.noormme]`` in ``pyproject.toml``: the nearest one, from the working
   directory upwards;
4. environment variables: ``NOORMME_BUSY_TIMEOUT_S=2.5``;
5. the keyword arguments of ``connect``.

No message repeats a URL: URLs hold passwords, and messages end up in logs.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Annotated, Literal, TypedDict, cast, get_args, get_origin

import msgspec

from noormme.errors import NotSupported, SettingsError, did_you_mean
from noormme.schema.model import Kind
from noormme.schema.naming import NameOverrides

__all__ = ["Settings", "SettingsOptions", "Target", "resolve_url"]

MEMORY = ":memory:"

PRESETS: Mapping[str, Mapping[str, object]] = {
    "development": {},
    "production": {"busy_timeout_s": 15.0},
    "test": {"busy_timeout_s": 1.0},
}

_SERVERS: Mapping[str, Literal["libsql", "mssql", "mysql", "postgresql"]] = {
    "libsql": "libsql",
    "mariadb": "mysql",
    "mssql": "mssql",
    "mysql": "mysql",
    "postgres": "postgresql",
    "postgresql": "postgresql",
}
"""The URL schemes of servers, and the dialect of each."""

_EXAMPLES: Mapping[str, str] = {
    "libsql": "libsql://host:8080, or libsql:///path.db for a file",
    "mssql": "mssql://user@host:1433/name",
    "mysql": "mysql://user@host:3306/name",
    "postgresql": "postgresql://user@host:5432/name",
}
"""How their URLs look."""

_SCHEMES = frozenset({"file", "sqlite", *_SERVERS})
"""What makes a URL of a text even where no slash follows it."""

_NonNegative = msgspec.Meta(ge=0)
_Positive = msgspec.Meta(ge=1)
_MoreThanZero = msgspec.Meta(gt=0)


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
        plans: Where compiled queries are kept between processes: ``"cache"`` is the cache folder of the user,
            ``"off"`` is nowhere, and anything else is the path of a file that ``noormme generate --plans``
            wrote, which is only read. In a configuration file it is relative to the file.
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
    plans: str = "cache"
    readonly: bool = False
    iterator_chunk_rows: Annotated[int, _Positive] = 500
    busy_timeout_s: Annotated[float, _NonNegative] = 5.0
    cache_size_kib: Annotated[int, _NonNegative] = 64_000
    mmap_size_bytes: Annotated[int, _NonNegative] = 0
    temp_store: Literal["default", "file", "memory"] = "memory"
    foreign_keys: bool = True
    journal_mode: Literal["wal", "keep"] = "wal"
    durability: Literal["normal", "full"] = "normal"
    max_readers: Annotated[int, _Positive] = 100
    max_connections: Annotated[int, _Positive] = 20
    pool_timeout_s: Annotated[float, _NonNegative] = 30.0
    idle_timeout_s: Annotated[float, _NonNegative] = 300.0
    connection_age_s: Annotated[float, _MoreThanZero] = 3600.0
    reconnect_s: Annotated[float, _NonNegative] = 10.0
    pooler: Literal["detect", "none", "transaction"] = "detect"
    replicas: tuple[str, ...] = ()
    replica_window_s: Annotated[float, _NonNegative] = 5.0
    replica_max_lag_s: Annotated[float, _MoreThanZero] | None = 10.0
    sqlite3_guard: Literal["refuse", "warn", "off"] = "refuse"
    timeout_s: Annotated[float, _MoreThanZero] | None = None
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
        values = _preset()
        values |= _from_file()
        values |= _from_environment()
        values |= {name: _checked(name, value, "the arguments") for name, value in overrides.items()}
        return msgspec.structs.replace(_DEFAULTS, **values) if values else _DEFAULTS


class SettingsOptions(TypedDict, total=False):
    """The settings as keyword arguments, for type checkers; ``Settings`` says what each means."""

    database: str | None
    loading: Literal["peers", "raise"]
    timezone: str | None
    types: Mapping[str, Kind]
    names: NameOverrides
    plans: str
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


class Target(msgspec.Struct, frozen=True):
    """Where a database is.

    Attributes:
        dialect: The engine that opens it.
        path: The file's path, or ``":memory:"``; of a server the URL, which can hold a password.
    """

    dialect: Literal["sqlite", "libsql", "mssql", "mysql", "postgresql"]
    path: str

    @property
    def memory(self) -> bool:
        """Whether it is a database in memory, which ends with its connection."""
        return self.path == MEMORY

    def __repr__(self) -> str:
        return f"<Target {self.path if self.dialect == 'sqlite' else self.dialect}>"


_DEFAULTS = Settings()


class _Tool(msgspec.Struct):
    noormme: dict[str, object] | None = None


class _Pyproject(msgspec.Struct):
    tool: _Tool = msgspec.field(default_factory=_Tool)


def resolve_url(target: str | os.PathLike[str] | None = None, settings: Settings | None = None) -> Target:
    """Say which database is meant; does not touch it.

    Args:
        target: A path, ``":memory:"``, or a URL: ``sqlite:///relative.db``,
            ``sqlite:////absolute/path.db``, ``postgresql://user@host:5432/name``,
            ``mysql://user@host:3306/name`` (or ``mariadb://``), ``mssql://user@host:1433/name``,
            ``libsql://host:8080``. A driver in the scheme (``sqlite+pysqlite``) is ignored, so that the
            ``DATABASE_URL`` of another tool works.
            None means ``$DATABASE_URL``, then the setting ``database``.
        settings: Where ``database`` is looked up; loaded when it is None and needed.

    Returns:
        The engine and the path.

    Raises:
        SettingsError: No database was named, or the URL has no path.
        NotSupported: The URL is one of an engine that this version does not have.
    """
    if target is None:
        target = os.environ.get("DATABASE_URL") or (settings or Settings.load()).database
        if target is None:
            raise SettingsError(
                "no database was named",
                hint="give connect() a path, or set DATABASE_URL, or database in noormme.toml",
            )
    path = _path(target)
    if not path:
        raise SettingsError("the database's path is empty", hint="give a path, or ':memory:'")
    if "\0" in path:
        raise SettingsError("the database's path holds a NUL character", hint="no file has such a name")
    engine = _engine(path)
    if not engine:
        return Target("sqlite", path)
    _, separator, rest = path.partition("://")
    if engine != "sqlite":
        dialect = _SERVERS.get(engine)
        if dialect is None:
            raise _unsupported(engine)
        if not separator:
            raise SettingsError(
                f"a {dialect} URL has two slashes behind its colon",
                hint=f"write {_EXAMPLES[dialect]}",
            )
        _check_separators(rest)
        # That of libSQL says whether the connection is encrypted (libsql+https).
        return Target(dialect, path if dialect == "libsql" else f"{dialect}://{rest}")
    if separator and rest in ("", "/", "/:memory:"):
        return Target("sqlite", MEMORY)
    if not rest.startswith("/"):
        raise SettingsError(
            "a sqlite URL has no path",
            hint="write three slashes for a relative path (sqlite:///app.db), four for an absolute one",
        )
    if "?" in rest:
        raise NotSupported(
            "options in a sqlite URL are not supported",
            hint="leave out what begins at '?' and give settings to connect() (readonly=True)",
        )
    return Target("sqlite", rest[1:])


def _check_separators(rest: str) -> None:
    """Refuse the URL of a server in whose password a ``/`` stands as it is: the rest of it would be shown.

    Args:
        rest: What follows the two slashes.
    """
    end = min((at for at in map(rest.find, "/?#") if at >= 0), default=len(rest))
    behind = rest[end:]
    if "@" in (behind.partition("?")[0] if behind.startswith("/") else behind):
        raise SettingsError(
            "the URL of a server has an @ behind its host",
            hint="in a user, a password or a name, write / as %2F, ? as %3F, # as %23 and @ as %40",
        )


def _path(target: object) -> str:
    """The target as text; programs that are not type-checked pass anything."""
    if not isinstance(target, (str, bytes, os.PathLike)):
        raise SettingsError(
            f"a database is named by a path or a URL, not by a value of type {type(target).__name__}",
            hint="give connect() a path",
        )
    return os.fsdecode(cast("str | bytes | os.PathLike[str]", target))


def _engine(target: str) -> str:
    """The engine that a URL names, in lower case; empty for a path.

    A URL that is not well formed is one too: taken for a path, it would be repeated in a message.
    """
    head, slash, _ = target.partition("/")
    scheme, colon, _ = head.partition(":")
    engine = scheme.lower().partition("+")[0]
    # One letter and a colon are a drive of Windows.
    well_formed = slash and head.endswith(":") and len(head) > 2
    return engine if well_formed or (colon and engine in _SCHEMES) else ""


def _unsupported(engine: str) -> NotSupported:
    """The error for another engine's URL; names the engine only when it is a known one."""
    if engine == "file":
        return NotSupported(
            "SQLite's own URIs (file:…) are not supported",
            hint="write a path, or sqlite:///path, and give settings to connect() (readonly=True)",
        )
    return NotSupported(
        "this URL's scheme is not one of a database that noormme knows",
        hint=did_you_mean(engine, ["sqlite", *_SERVERS]) or "write a path, or sqlite:///path",
    )


def _preset() -> dict[str, object]:
    """The values of the preset that ``NOORMME_ENV`` names; none when it is not set."""
    name = os.environ.get("NOORMME_ENV") or "development"
    if name not in PRESETS:
        raise SettingsError(
            f"NOORMME_ENV names no preset: '{name}'",
            hint=did_you_mean(name, PRESETS) or f"it is one of {', '.join(PRESETS)}",
        )
    return dict(PRESETS[name])


def _from_file() -> dict[str, object]:
    """The values of the nearest configuration file; none when there is no file."""
    try:
        directory = os.getcwd()
    except FileNotFoundError:
        return {}
    while True:
        for name in ("noormme.toml", "pyproject.toml"):
            table = _table(os.path.join(directory, name))
            if table is not None:
                values = {key: _checked(key, value, name) for key, value in table.items()}
                if isinstance(database := values.get("database"), str):
                    values["database"] = _anchored(database, directory)
                if isinstance(plans := values.get("plans"), str) and plans not in ("cache", "off"):
                    values["plans"] = os.path.join(directory, plans)
                return values
        parent = os.path.dirname(directory)
        if parent == directory:
            return {}
        directory = parent


def _table(path: str) -> dict[str, object] | None:
    """The part of a TOML file that is meant for noormme; None when there is no file or no such part."""
    try:
        with open(path, "rb") as file:
            data = file.read()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise SettingsError(f"cannot read {path}: {error.strerror}") from error
    own = path.endswith("noormme.toml")
    # Parsing TOML takes longer than everything else here, so a file that cannot be meant is not parsed.
    if not own and b"noormme" not in data:
        return None
    try:
        if own:
            return msgspec.toml.decode(data, type=dict[str, object])
        return msgspec.toml.decode(data, type=_Pyproject).tool.noormme
    except msgspec.ValidationError as error:
        raise SettingsError(f"{path} does not have the form of a configuration: {error}") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} is not TOML: {error}") from error


def _anchored(database: str, directory: str) -> str:
    """The database of a configuration file: a relative path starts at the file's directory."""
    path = database
    if engine := _engine(database):
        path = database.partition(":///")[2]
        if engine != "sqlite" or not path or "?" in path:
            return database
    return path if path == MEMORY else os.path.join(directory, path)


def _from_environment() -> dict[str, object]:
    """The values of ``NOORMME_…`` variables; one that is nearly a setting's name is a mistake."""
    values: dict[str, object] = {}
    for variable, text in os.environ.items():
        if not variable.startswith("NOORMME_") or variable == "NOORMME_ENV":
            continue
        name = variable.removeprefix("NOORMME_").lower()
        if name in Settings.__struct_fields__:
            # No URL holds a blank.
            value = text.split() if name == "replicas" else text
            values[name] = _checked(name, value, variable, strict=False)
        elif hint := did_you_mean(name, Settings.__struct_fields__):
            raise SettingsError(f"no setting is read from {variable}", hint=hint)
    return values


def _checked(name: str, value: object, source: str, *, strict: bool = True) -> object:
    """The value as the setting's type, or the error that says what is wrong and where it was set."""
    if name not in Settings.__struct_fields__:
        raise SettingsError(
            f"no setting '{name}' (in {source})",
            hint=did_you_mean(name, Settings.__struct_fields__)
            or f"the settings are {', '.join(sorted(Settings.__struct_fields__))}",
        )
    expected = next(field.type for field in msgspec.structs.fields(Settings) if field.name == name)
    try:
        checked: object = msgspec.convert(value, expected, strict=strict)
    except msgspec.ValidationError as error:
        choices = get_args(expected) if get_origin(expected) is Literal else ()
        reason = f"expected one of {', '.join(map(repr, choices))}" if choices else str(error)
        raise SettingsError(f"setting '{name}' (in {source}): {reason}") from error
    if name == "timezone" and isinstance(checked, str):
        _check_timezone(checked, source)
    return checked


def _check_timezone(name: str, source: str) -> None:
    """Raise when this machine knows no time zone of that name."""
    # Most databases need no time zone, and reading the list of them is file access.
    import zoneinfo

    try:
        zoneinfo.ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise SettingsError(
            f"setting 'timezone' (in {source}): no such time zone on this machine",
            hint=did_you_mean(name, zoneinfo.available_timezones()) or "write it as 'Europe/Berlin'",
        ) from error
