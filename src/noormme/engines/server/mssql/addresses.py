"""From a URL to what the driver wants to be told.

Invariant: nothing here touches a server, and no message holds a part of the URL but the user, the host and
the name of the database.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from noormme.errors import SettingsError, did_you_mean
from noormme.settings import Settings

__all__ = ["arguments", "without_password"]

_PORT = 1433

_OPTIONS: Mapping[str, str] = {
    "application_name": "appname",
    "connect_timeout": "login_timeout",
    "encryption": "encryption",
    "tds_version": "tds_version",
}
"""The options of a URL, and what pymssql calls them."""

_ENCRYPTIONS = ("off", "request", "require", "strict")


def arguments(url: str, settings: Settings) -> dict[str, Any]:
    """What ``pymssql.connect`` is called with for a URL; it can hold a password.

    Args:
        url: ``mssql://user:password@host:port/name?option=value``. An instance stands behind the host, as
            ``host%5Cinstance``, and has no port.
        settings: How long to wait for a connection, and whether nothing may be written.

    Raises:
        SettingsError: The URL has no host, or an option that does not exist or has no such value.
    """
    parts = urlsplit(url)
    try:
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host:
        raise SettingsError("the mssql URL names no host", hint="write mssql://user@host:1433/name")
    host = unquote(host)
    given: dict[str, Any] = {
        "server": host,
        "user": unquote(parts.username or "") or None,
        "password": unquote(parts.password or "") or None,
        "database": unquote(parts.path.lstrip("/")),
        "login_timeout": max(2, round(settings.pool_timeout_s)),
        "charset": "UTF-8",
        "appname": "noormme",
        "read_only": settings.readonly,
        "autocommit": True,
        "use_datetime2": True,
        # Moments with an offset, and dates and times of their own, are there from this version on.
        "tds_version": "7.4",
    }
    if "\\" not in host:
        given["port"] = str(port or _PORT)
    return given | _options(parts.query)


def _options(query: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        option = _OPTIONS.get(name.lower())
        if option is None:
            raise SettingsError(
                "the mssql URL has an option that noormme does not know",
                hint=did_you_mean(name, _OPTIONS) or f"there are: {', '.join(_OPTIONS)}",
            )
        if option == "encryption" and value not in _ENCRYPTIONS:
            raise SettingsError(
                "the mssql URL asks for an encryption that there is not",
                hint=f"there are: {', '.join(_ENCRYPTIONS)}",
            )
        if option == "login_timeout" and not value.isdigit():
            raise SettingsError(
                "connect_timeout of the mssql URL is no number of seconds", hint="write connect_timeout=10"
            )
        found[option] = int(value) if option == "login_timeout" else value
    return found


def without_password(url: str) -> str:
    """A URL for messages: the user, the host and the name of the database, and nothing else.

    Args:
        url: The URL.
    """
    parts = urlsplit(url)
    user = "" if parts.username is None else f"{quote(unquote(parts.username))}@"
    return f"mssql://{user}{parts.netloc.rpartition('@')[2]}{parts.path}"
