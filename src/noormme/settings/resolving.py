"""Which database is meant, and where each setting came from.

Invariant: what is told here is what ``Settings.load`` and ``connect()`` without a target go by.
"""

from __future__ import annotations

import os

import msgspec

from noormme.errors import SettingsError
from noormme.settings.model import PRESETS, Settings
from noormme.settings.sources import Found, gather, line_of
from noormme.settings.url import Target, target_of

__all__ = ["Origin", "origins", "resolve_url"]

DATABASE_URL = "DATABASE_URL"


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
        target = os.environ.get(DATABASE_URL) or (settings or Settings.load()).database
        if target is None:
            raise SettingsError(
                "no database was named",
                hint="give a path or a URL, or set DATABASE_URL, or database in noormme.toml, "
                "as 'noormme init' does",
            )
    return target_of(target)


class Origin(msgspec.Struct, frozen=True):
    """A setting with its value, and where that came from.

    Attributes:
        name: The setting.
        value: Its value, as ``Settings`` has it. A URL is whole, and can hold a password.
        source: ``"default"``, ``"preset production"``, a variable of the environment, or a file with the
            line.
    """

    name: str
    value: object
    source: str


def origins() -> list[Origin]:
    """Every setting of this process, where ``connect()`` would take it from. Reads what ``load`` reads.

    Raises:
        SettingsError: As ``Settings.load``.
    """
    settings = Settings.load()
    found = {each.name: each for each in gather(Settings.__struct_fields__, PRESETS)}
    made = [
        Origin(name, getattr(settings, name), _source(found[name]) if name in found else "default")
        for name in Settings.__struct_fields__
    ]
    if url := os.environ.get(DATABASE_URL):
        made[Settings.__struct_fields__.index("database")] = Origin("database", url, DATABASE_URL)
    return made


def _source(found: Found) -> str:
    line = line_of(found)
    return f"{found.path or found.source}:{line}" if line else found.path or found.source
