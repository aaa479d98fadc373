"""Where a libSQL database is: what a URL says, and what of it may be shown.

Invariant: the token is in no message and in no ``repr``, and nothing of a URL but hosts, ports and paths.
"""

from __future__ import annotations

import os
from urllib.parse import parse_qsl, quote, unquote, urlsplit

import msgspec

from noormme.engines.sqlite.opening import fixed
from noormme.errors import SettingsError, did_you_mean
from noormme.settings import MEMORY

__all__ = ["Address", "address_of"]

_OPTIONS = ("auth_token", "sync_url", "sync_interval_s", "tls")
_TOKEN = "LIBSQL_AUTH_TOKEN"
_LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})


class Address(msgspec.Struct, frozen=True, kw_only=True):
    """Where a database is.

    Attributes:
        shown: What it is called in messages.
        host: The server's name; empty for a file.
        port: Its port.
        tls: Whether what is sent is encrypted.
        path: The file; empty for a server.
        token: What the server lets us in with; empty where it asks for none.
        sync_url: The server whose database the file is a replica of; empty where it is none.
        sync_interval_s: How often the replica fetches what is new, in seconds; None: when it is asked to.
    """

    shown: str
    host: str = ""
    port: int = 0
    tls: bool = False
    path: str = ""
    token: str = ""
    sync_url: str = ""
    sync_interval_s: float | None = None

    def __repr__(self) -> str:
        return f"<Address {self.shown}>"


def address_of(url: str) -> Address:
    """Say where a database is; touches nothing.

    Args:
        url: ``libsql://host[:port]``, ``libsql+http://…``, ``libsql+https://…``, or ``libsql:///path``.

    Raises:
        SettingsError: The URL is not one of libSQL's.
    """
    scheme, _, rest = url.partition("://")
    try:
        parts = urlsplit(f"libsql://{rest}")
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise SettingsError(
            "the URL of a libSQL database is not well formed",
            hint="write libsql://host:8080 or libsql:///path.db",
        ) from None
    options = _options(parts.query)
    token = options.get("auth_token") or os.environ.get(_TOKEN, "")
    if host:
        return _server(scheme, host, port, options, token)
    path = unquote(parts.path[1:])
    if not path:
        raise SettingsError(
            "a libsql URL has neither a host nor a path", hint="write libsql://host:8080 or libsql:///path.db"
        )
    if path == MEMORY:
        raise SettingsError(
            "a database in memory has one connection, and libSQL would have several",
            hint="write connect(':memory:'), which is SQLite's",
        )
    path = fixed(path)
    interval, sync_url = options.get("sync_interval_s"), options.get("sync_url", "")
    server = f"?sync_url={_without_secrets(sync_url)}" if sync_url else ""
    return Address(
        shown=f"libsql:///{quote(path)}{server}",
        path=path,
        token=token,
        sync_url=sync_url,
        sync_interval_s=None if interval is None else _seconds(interval),
    )


def _without_secrets(url: str) -> str:
    """The server of a replica: its scheme, its host and its port."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def _server(scheme: str, host: str, port: int | None, options: dict[str, str], token: str) -> Address:
    for name in ("sync_url", "sync_interval_s"):
        if name in options:
            raise SettingsError(
                f"{name} is an option of a replica, which is a file",
                hint="write libsql:///replica.db?sync_url=…",
            )
    tls = _is_encrypted(scheme, host, port, options)
    shown = f"libsql://{host}" + ("" if port is None else f":{port}")
    return Address(shown=shown, host=host, port=port or (443 if tls else 80), tls=tls, token=token)


def _is_encrypted(scheme: str, host: str, port: int | None, options: dict[str, str]) -> bool:
    """As the scheme or the option says; else whatever is not on this machine is."""
    protocol = scheme.lower().partition("+")[2]
    if protocol in ("http", "https"):
        return protocol == "https"
    if protocol:
        raise SettingsError(
            "the scheme of a libSQL URL is libsql, libsql+http or libsql+https",
            hint="write libsql://host:8080",
        )
    if "tls" in options:
        return options["tls"] not in ("0", "false")
    return not (host in _LOCAL_HOSTS and port is not None)


def _options(query: str) -> dict[str, str]:
    found: dict[str, str] = {}
    # A token may hold a plus sign, which is no blank here.
    for name, value in parse_qsl(query.replace("+", "%2B"), keep_blank_values=True):
        if name not in _OPTIONS:
            raise SettingsError(
                "a libsql URL has an option that is not known",
                hint=did_you_mean(name, _OPTIONS) or f"the options are {', '.join(_OPTIONS)}",
            )
        found[name] = value
    return found


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not seconds > 0:
        raise SettingsError("sync_interval_s is a number of seconds above 0", hint="write sync_interval_s=60")
    return seconds
