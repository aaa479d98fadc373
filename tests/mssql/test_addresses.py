"""URLs of SQL Server, and what becomes of one that leads nowhere."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from noormme import ConnectionFailed, SettingsError, connect
from noormme.engines.server.mssql.addresses import arguments, without_password
from noormme.engines.server.mssql.opening import session_settings
from noormme.settings import Settings


def asked(url: str, **settings: Any) -> dict[str, Any]:
    return arguments(url, Settings(**settings))


def test_a_url_in_full() -> None:
    given = asked("mssql://ann:p%40ss%3A1@db.example:1444/shop%20one?encryption=require&connect_timeout=7")
    names = ("server", "port", "user", "password", "database", "encryption", "login_timeout")
    assert [given[name] for name in names] == [
        "db.example",
        "1444",
        "ann",
        "p@ss:1",
        "shop one",
        "require",
        7,
    ]
    assert (given["autocommit"], given["use_datetime2"], given["tds_version"]) == (True, True, "7.4")


def test_what_a_url_leaves_out() -> None:
    given = asked("mssql://host/", readonly=True)
    assert (given["port"], given["user"], given["password"], given["database"]) == ("1433", None, None, "")
    assert given["read_only"]
    assert "encryption" not in given


def test_an_instance_has_no_port() -> None:
    given = asked("mssql://ann@host%5Cinstance/shop")
    assert given["server"] == "host\\instance"
    assert "port" not in given


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("mssql:///shop", "names no host"),
        ("mssql://ann:secret@host:port/shop", "names no host"),
        ("mssql://ann:secret@host/shop?encrypt=yes", "did you mean 'encryption'"),
        ("mssql://ann:secret@host/shop?encryption=secret", "there are: off, request, require, strict"),
        ("mssql://ann:secret@host/shop?connect_timeout=secret", "no number of seconds"),
    ],
)
def test_urls_that_are_none(url: str, message: str) -> None:
    with pytest.raises(SettingsError, match=message) as caught:
        asked(url)
    assert "secret" not in str(caught.value)


def test_a_url_for_messages_has_no_password() -> None:
    assert without_password("mssql://a%40b:secret@host:1/shop?x=secret") == "mssql://a%40b@host:1/shop"
    assert without_password("mssql://host/shop") == "mssql://host/shop"


def test_what_is_set_on_a_connection() -> None:
    text = session_settings(Settings(busy_timeout_s=2.5))
    assert "SET LOCK_TIMEOUT 2500" in text
    assert "SET LANGUAGE us_english" in text


def test_nobody_listens() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port = bound.getsockname()[1]
        with pytest.raises(ConnectionFailed, match="Unable to connect") as caught:
            connect(f"mssql://ann:secret@127.0.0.1:{port}/shop")
    assert str(caught.value).startswith(f"mssql://ann@127.0.0.1:{port}/shop cannot be opened: ")
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None
