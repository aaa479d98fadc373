"""Which database a path or a URL means.

Invariant: no message repeats a URL: URLs hold passwords, and messages end up in logs.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Literal, cast

import msgspec

from noormme.errors import NotSupported, SettingsError, did_you_mean

__all__ = ["MEMORY", "Target", "anchored", "masked", "target_of"]

MEMORY = ":memory:"

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


def target_of(named: str | os.PathLike[str]) -> Target:
    """Say which database a path or a URL means; does not touch it.

    Args:
        named: The path or the URL, as ``connect`` takes it.

    Raises:
        SettingsError: The URL has no path, or it is no text.
        NotSupported: The URL is one of an engine that this version does not have.
    """
    path = _path(named)
    if not path:
        raise SettingsError("the database's path is empty", hint="give a path, or ':memory:'")
    if "\0" in path:
        raise SettingsError("the database's path holds a NUL character", hint="no file has such a name")
    try:
        path.encode()
    except UnicodeEncodeError:
        raise SettingsError(
            "the database's path is not UTF-8, and SQLite opens no other", hint="give the file another name"
        ) from None
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


_ESCAPES = (
    "in a user, a password or a name, write / as %2F, ? as %3F, # as %23, @ as %40, [ as %5B and ] as %5D"
)


def _check_separators(rest: str) -> None:
    """Refuse the URL of a server in whose password a ``/`` or an ``@`` stands as it is: it would be shown.

    Args:
        rest: What follows the two slashes.
    """
    end = min((at for at in map(rest.find, "/?#") if at >= 0), default=len(rest))
    behind = rest[end:]
    if "@" in (behind.partition("?")[0] if behind.startswith("/") else behind):
        raise SettingsError(
            "the URL of a server has an @ behind its host",
            hint=_ESCAPES,
        )
    address = rest[:end]
    if address.count("@") > 1:
        # Some drivers end the password at the first one, and show the rest as the host.
        raise SettingsError("the URL of a server has two @ before its path", hint=_ESCAPES)
    user, _, host = address.rpartition("@")
    if "[" in user or "]" in user or host.count("[") != host.count("]"):
        raise SettingsError("the URL of a server has a [ or a ] where no address is in them", hint=_ESCAPES)


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


def anchored(database: str, directory: str) -> str:
    """The database of a configuration file: a relative path starts at the file's directory.

    Args:
        database: The path or the URL, as it is written there.
        directory: The directory of the file.
    """
    path = database
    if engine := _engine(database):
        path = database.partition(":///")[2]
        if engine != "sqlite" or not path or "?" in path:
            return database
    return path if path == MEMORY else os.path.join(directory, path)


def masked(database: str) -> str:
    """A path or a URL without what is secret in it, to be shown.

    Args:
        database: The path or the URL.

    Returns:
        The same text, with ``***`` for a password, and for the value of any option that may be a secret.
    """
    if not _engine(database):
        return database
    # To the last @: a password may hold one as it is.
    hidden = re.sub(r"(//[^/?#:@]*):.*@", r"\1:***@", database, count=1)
    return re.sub(r"(?i)([?&][^=&]*(?:pass|pwd|token|secret|key)[^=&]*=)[^&#]*", r"\1***", hidden)
