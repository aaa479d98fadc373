"""Connections: how many there are, what becomes of those that end, time limits, threads and tasks."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path

import pytest

from noormme import (
    ConnectionFailed,
    Database,
    SettingsError,
    connect,
)
from noormme.engines.server.mysql.opening import address_of
from noormme.settings import resolve_url

SCRIPT = (
    "CREATE TABLE items (id int PRIMARY KEY, n int); INSERT INTO items "
    "WITH RECURSIVE s (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < 1000) SELECT i, i FROM s; "
    "INSERT INTO items SELECT i.id + 1000 * t.id, i.n + 1000 * t.id FROM items i JOIN items t ON t.id < 5"
)


@pytest.fixture
def db(opened: Callable[..., Database]) -> Database:
    return opened(SCRIPT)


def test_no_password_is_repeated(url: str) -> None:
    secret = url.replace("://root@", "://root:sekret@")
    assert "sekret" not in repr(resolve_url(secret)) + repr(address_of(secret))
    with pytest.raises(ConnectionFailed, match="check the user and the password") as caught:
        connect(secret)
    assert "sekret" not in str(caught.value) + repr(caught.value) + str(caught.value.__cause__)
    with connect(url, database=secret) as db:
        assert "sekret" not in repr(db) + db.path + repr(db.settings)
        assert b"sekret" not in pickle.dumps(db.__class__) + pickle.dumps(db._registry.address)


@pytest.mark.parametrize(
    ("rest", "message"),
    [
        ("host:port/app", "cannot be read"),
        ("host", "names no database"),
        ("host/", "names no database"),
        ("host/app?sslca=x", "did you mean 'ssl_ca'"),
        ("host/app?nothing=x", "the options are charset, connect_timeout, ssl"),
        ("host/app?connect_timeout=soon", "connect_timeout of a mysql URL has another form; write a number"),
        ("host/app?charset=utf9", "charset of a mysql URL has another form; write utf8mb4"),
        ("host/app?ssl_verify_cert=maybe", "ssl_verify_cert of a mysql URL has another form; write 1 or 0"),
    ],
)
def test_urls_that_say_something_else(rest: str, message: str) -> None:
    with pytest.raises(SettingsError, match=message) as caught:
        connect(f"mysql://ann:sekret@{rest}")
    assert "sekret" not in str(caught.value) + str(caught.value.__cause__)


def test_options_of_a_url() -> None:
    found = address_of(
        "mysql://an%40n:s%2Fkret@host:3307/my%20shop?ssl=1&connect_timeout=2.5&charset=utf8mb4"
    )
    assert found.shown == "mysql://an%40n@host:3307/my%20shop"
    assert found.options == {
        "host": "host",
        "port": 3307,
        "user": "an@n",
        "password": "s/kret",
        "database": "my shop",
        "ssl": {"ca": None},
        "connect_timeout": 2.5,
        "charset": "utf8mb4",
    }
    assert address_of("mysql:///app?ssl=0").options["ssl_disabled"] is True
    trusted = address_of("mysql:///app?ssl_ca=ca.pem&ssl_verify_identity=1").options
    assert (trusted["ssl_ca"], trusted["ssl_verify_cert"], trusted["ssl_verify_identity"]) == (
        "ca.pem",
        True,
        True,
    )


def test_a_socket_is_another_way_in(url: str, db: Database) -> None:
    socket = str(db.execute("SELECT @@socket")[0][0])
    if not Path(socket).exists():
        pytest.skip("the server's socket is not on this machine")
    head, _, name = url.partition("?")[0].rpartition("/")
    with connect(f"{head}/{name}?unix_socket={socket}") as other:
        assert other.items.count() == 5000


def test_what_calls_a_function_that_may_write_runs_once(opened: Callable[..., Database]) -> None:
    db = opened(
        """
        CREATE TABLE paid (id int AUTO_INCREMENT PRIMARY KEY);
        CREATE SEQUENCE numbers;
        CREATE FUNCTION price() RETURNS int READS SQL DATA RETURN 5;
        """
    )
    db.execute(
        "CREATE FUNCTION pay() RETURNS int BEGIN INSERT INTO paid () VALUES (); RETURN LAST_INSERT_ID(); END"
    )
    describe = db._registry.engine.describe
    once = (
        "SELECT pay()",
        "SELECT `pay` (), 1",
        "SELECT NEXT VALUE FOR numbers",
        "SELECT nextval(numbers)",
        "SELECT GET_LOCK('a', 1)",
    )
    assert [describe(sql).once for sql in once] == [True] * len(once)
    pure = ("SELECT price()", "SELECT 'pay()' -- pay()", "SELECT CONCAT('a', 'b')", "SELECT 1 WHERE 1 IN (1)")
    assert [describe(sql).once for sql in pure] == [False] * len(pure)
    with db.capture() as statements:
        assert db.execute("SELECT pay()") == [(1,)]
        db.execute("SELECT COUNT(*), price() FROM paid")
    assert len(statements) == 2, "nobody is told of the question"
    assert [row.id for row in db.paid.raw("SELECT pay() AS id")] == [2]
    assert db.paid.count() == 2


def test_what_ends_with_its_connection_is_not_sent_again(opened: Callable[..., Database]) -> None:
    db = opened("CREATE SEQUENCE tries", reconnect_s=2.0)
    db.execute("CREATE FUNCTION pay() RETURNS int BEGIN KILL CONNECTION_ID(); RETURN 1; END")
    with pytest.raises(ConnectionFailed):
        db.execute("SELECT NEXT VALUE FOR tries, pay()")
    assert db.execute("SELECT NEXT VALUE FOR tries") == [(2,)]
