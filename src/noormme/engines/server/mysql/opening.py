"""Connections to MySQL and MariaDB: what a URL says, how one is opened, and how its session is set.

Invariant: what is sent and read depends on the settings alone, never on what the server has configured: text
is UTF-8, a moment is in the time zone of the settings, or in UTC, and what does not fit a column is refused.
"""

from __future__ import annotations

import ssl
import zoneinfo
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qsl, quote, unquote, urlsplit

import pymysql
from pymysql.charset import charset_by_name
from pymysql.constants import CLIENT

from noormme.engines.server.mysql.faults import open_error
from noormme.engines.server.mysql.flavours import Flavour, flavour_of
from noormme.engines.server.mysql.reading import Unreadable, conversions
from noormme.errors import SettingsError, did_you_mean

if TYPE_CHECKING:
    from noormme.settings import Settings

__all__ = ["Address", "address_of", "connect", "fixed_offset"]

_PORT = 3306

_LONGEST_GROUP = 2**32 - 1
"""How long a text of GROUP_CONCAT may be, in bytes; the usual 1024 would cut it without an error."""


def _yes(value: str) -> bool:
    if value.lower() in ("1", "true", "yes", "on", ""):
        return True
    if value.lower() in ("0", "false", "no", "off"):
        return False
    raise ValueError


def _charset(value: str) -> str:
    try:
        known: object = charset_by_name(value)
    except KeyError:
        known = None
    if known is None:
        raise ValueError
    return value


_FORMS: Mapping[Callable[[str], object], str] = {
    float: "a number of seconds",
    _yes: "1 or 0",
    _charset: "utf8mb4, or leave it out",
}
"""What to write for each of the following that can be wrong."""

_OPTIONS: Mapping[str, Callable[[str], object]] = {
    "charset": _charset,
    "connect_timeout": float,
    "ssl": _yes,
    "ssl_ca": str,
    "ssl_cert": str,
    "ssl_key": str,
    "ssl_verify_cert": _yes,
    "ssl_verify_identity": _yes,
    "unix_socket": str,
}
"""What can stand behind the ``?`` of a URL, and what reads it."""


class Address:
    """Where a database is, and how to get in; it shows no password.

    Args:
        shown: The same for messages.
        options: What PyMySQL's ``connect`` takes.

    Attributes:
        shown: The same.
        options: The same.
    """

    __slots__ = ("options", "shown")

    def __init__(self, shown: str, options: Mapping[str, Any]) -> None:
        self.shown = shown
        self.options = options

    def __repr__(self) -> str:
        return f"<Address {self.shown}>"


def address_of(url: str) -> Address:
    """What a URL says.

    Args:
        url: ``mysql://user:password@host:port/name?option=value``; without a host it is this machine.

    Raises:
        SettingsError: It names no database, or an option that there is not.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or _PORT
        query = parse_qsl(parts.query, keep_blank_values=True)
    except ValueError:
        # Its own message would repeat a part of the URL.
        raise SettingsError("a mysql URL cannot be read", hint=_FORM) from None
    name = unquote(parts.path.removeprefix("/"))
    if not name:
        raise SettingsError("a mysql URL names no database", hint=_FORM)
    options: dict[str, Any] = {
        "host": parts.hostname or "127.0.0.1",
        "port": port,
        "user": unquote(parts.username or "root"),
        "password": unquote(parts.password or ""),
        "database": name,
    }
    for option, text in query:
        options[option] = _option(option, text)
    if "ssl_ca" in options:
        # Who names those that it trusts wants the server's certificate looked at.
        options.setdefault("ssl_verify_cert", True)
    if options.pop("ssl", None):
        options["ssl"] = {"ca": None}
    elif "ssl" in dict(query):
        options["ssl_disabled"] = True
    user = "" if parts.username is None else f"{quote(unquote(parts.username))}@"
    host = parts.netloc.rpartition("@")[2]
    return Address(f"{parts.scheme}://{user}{host}{parts.path}", options)


_FORM = "write mysql://user@host:3306/name"


def _option(name: str, text: str) -> object:
    read = _OPTIONS.get(name)
    if read is None:
        raise SettingsError(
            "a mysql URL has an option that there is not",
            hint=did_you_mean(name, _OPTIONS) or f"the options are {', '.join(sorted(_OPTIONS))}",
        )
    try:
        return read(text)
    except ValueError:
        raise SettingsError(
            f"the option {name} of a mysql URL has another form", hint=f"write {_FORMS[read]}"
        ) from None


if TYPE_CHECKING:
    _Raw = pymysql.Connection[Any]
else:
    _Raw = pymysql.Connection


@cache
def _anybody() -> ssl.SSLContext:
    """TLS with whoever it is."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


class _Connection(_Raw):
    """A connection that does not read all certificates of the machine where it looks at none of them."""

    def _create_ssl_ctx(self, sslp: dict[str, Any]) -> ssl.SSLContext:
        if not any(sslp.values()):
            return _anybody()
        made: Any = super()._create_ssl_ctx(sslp)  # type: ignore[misc]
        return cast("ssl.SSLContext", made)


def connect(
    address: Address, settings: Settings, unreadable: Unreadable
) -> tuple[pymysql.Connection[Any], Flavour]:
    """Open a connection on which each statement commits by itself.

    Args:
        address: Where to.
        settings: The time zone, how long to wait, and whether nothing may be written.
        unreadable: Told where a value comes as text because Python has none for it.

    Returns:
        PyMySQL's connection, and what server it is to.

    Raises:
        ConnectionFailed: The server cannot be reached, or did not let us in.
        SettingsError: The server does not know the time zone of the settings.
    """
    options: dict[str, Any] = {
        "charset": "utf8mb4",
        "connect_timeout": max(2, round(settings.pool_timeout_s)),
        "program_name": "noormme",
        **address.options,
    }
    try:
        raw = _Connection(
            **options,
            autocommit=True,
            # Rows that were found count as changed, also where they held the new values already.
            client_flag=CLIENT.FOUND_ROWS,
            conv=conversions(unreadable),
        )
    except (pymysql.Error, OSError, RuntimeError, UnicodeError, ValueError) as error:
        raise open_error(error, address.shown) from None
    flavour = flavour_of(_version(raw))
    try:
        _set(raw, flavour, settings)
    except BaseException as error:
        raw.close()
        if isinstance(error, pymysql.Error):
            raise open_error(error, address.shown) from None
        raise
    return raw, flavour


def _set(raw: pymysql.Connection[Any], flavour: Flavour, settings: Settings) -> None:
    offset = fixed_offset(settings.timezone or "UTC")
    with raw.cursor() as cursor:
        # One statement for all of it, and then the zone, which the server may not know.
        cursor.execute(
            f"SET SESSION sql_mode = '{flavour.sql_mode}', SESSION group_concat_max_len = {_LONGEST_GROUP}, "
            "SESSION div_precision_increment = 12, "
            # What is made of literals alone compares like the texts of this database.
            "collation_connection = "
            "IF(@@character_set_database = @@character_set_connection, @@collation_database, "
            "@@collation_connection)"
        )
        try:
            cursor.execute("SET SESSION time_zone = %s", (offset or settings.timezone,))
        except pymysql.Error as error:
            if offset is None:
                raise SettingsError(
                    "the server does not know the time zone of the settings",
                    hint="load its names: mysql_tzinfo_to_sql /usr/share/zoneinfo | mysql mysql",
                ) from error
            raise
        cursor.execute("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED")
        if settings.readonly:
            cursor.execute("SET SESSION TRANSACTION READ ONLY")


def _version(raw: Any) -> str:
    return str(raw.server_version)


def fixed_offset(zone: str) -> str | None:
    """The offset of a time zone as the servers write it (``+02:00``); None where it changes over the year.

    Args:
        zone: Its name, or an offset already.
    """
    if zone.startswith(("+", "-")):
        return zone
    found = UTC if zone == "UTC" else zoneinfo.ZoneInfo(zone)
    offsets = {found.utcoffset(datetime(year, month, 1)) for year in (1970, 2000, 2037) for month in (1, 7)}
    offset = offsets.pop()
    if offsets or offset is None:
        return None
    sign, size = ("-", -offset) if offset < timedelta(0) else ("+", offset)
    minutes = size // timedelta(minutes=1)
    return f"{sign}{minutes // 60:02d}:{minutes % 60:02d}"
