"""Connections: how many there are, what becomes of those that end, time limits, threads and tasks."""

from __future__ import annotations

import asyncio
import pickle
from collections.abc import Callable
from contextlib import suppress

import pytest

from noormme import (
    ConnectionFailed,
    ConnectionLost,
    Database,
    OutcomeUnknown,
    TransactionError,
    UniqueViolation,
    UnreadableValue,
    connect,
)
from noormme.settings import resolve_url
from noormme.typed_sql import ValueQuery

SCRIPT = "CREATE TABLE items (id int PRIMARY KEY, n int); INSERT INTO items SELECT i, i FROM generate_series(1, 5000) i"


@pytest.fixture
def db(opened: Callable[..., Database]) -> Database:
    return opened(SCRIPT)


def test_no_password_is_repeated(url: str) -> None:
    secret = url.replace("://postgres@", "://postgres:sekret@").replace("://root@", "://root:sekret@")
    with connect(secret, database=secret) as db:
        assert "sekret" not in repr(db) + db.path + repr(db.settings) + repr(resolve_url(secret))
        assert b"sekret" not in pickle.dumps(db.__class__) + pickle.dumps(db._registry.address)


def test_a_transaction_in_which_a_statement_failed_is_not_said_to_be_committed(db: Database) -> None:
    with pytest.raises(TransactionError, match="nor commits it"), db.transaction():
        db.items.create(id=6000, n=1)
        with suppress(UniqueViolation):
            db.items.create(id=1, n=1)
    assert not db.items.filter(id=6000).exists()
    with db.transaction():
        db.items.create(id=6000, n=1)
        with suppress(UniqueViolation), db.transaction():
            db.items.create(id=1, n=1)
    assert db.items.filter(id=6000).exists()


def test_what_calls_a_function_that_may_write_runs_once(opened: Callable[..., Database]) -> None:
    db = opened(
        """
        CREATE SEQUENCE tries;
        CREATE FUNCTION pay() RETURNS bigint LANGUAGE sql AS $$
            SELECT nextval('tries'); SELECT pg_terminate_backend(pg_backend_pid()); SELECT 1 $$;
        CREATE FUNCTION price() RETURNS int STABLE LANGUAGE sql AS $$ SELECT 5 $$;
        CREATE TABLE users (id int PRIMARY KEY);
        CREATE FUNCTION newest() RETURNS SETOF users LANGUAGE sql AS $$
            INSERT INTO users SELECT coalesce(max(id), 0) + 1 FROM users RETURNING id $$;
        """,
        reconnect_s=2.0,
    )
    with pytest.raises(OutcomeUnknown):
        db.execute("SELECT pay()")
    assert db.execute("SELECT last_value FROM tries")[0][0] == 1
    # What is awaited is in a transaction, of which nothing was written.
    with pytest.raises(ConnectionLost):
        asyncio.run(db.aexecute('SELECT count(*), public."pay"() FROM users'))
    assert db.execute("SELECT last_value FROM tries")[0][0] == 2
    describe = db._registry.engine.describe
    pure = (
        "SELECT price()",
        "SELECT 'pay()' /* pay() */",
        "SELECT random()",
        "SELECT id FROM users WHERE id IN (1)",
    )
    assert [describe(sql).once for sql in pure] == [False] * 4
    assert describe("SELECT nextval('tries')").once
    with db.capture() as statements:
        db.execute("SELECT count(*), price() FROM users")
    assert len(statements) == 1, "nobody is told of the question"
    # Objects come from there too, and the row is written once.
    assert [user.id for user in db.users.raw("SELECT * FROM newest()")] == [1]
    assert [user.id for user in db.users.raw("SELECT * FROM newest()").iterator()] == [2]
    assert db.users.count() == 2


def test_a_generated_function_that_calls_what_may_write_runs_once(opened: Callable[..., Database]) -> None:
    db = opened(
        """
        CREATE SEQUENCE tries;
        CREATE FUNCTION pay() RETURNS bigint LANGUAGE sql AS $$
            SELECT nextval('tries'); SELECT pg_terminate_backend(pg_backend_pid()); SELECT 1 $$;
        """,
        reconnect_s=2.0,
    )
    pay = ValueQuery[int]("pay", "SELECT pay() AS paid", columns={"paid": "integer"})
    with pytest.raises(OutcomeUnknown):
        pay.one(db)
    assert db.execute("SELECT last_value FROM tries")[0][0] == 1
    with pytest.raises(ConnectionLost):
        asyncio.run(pay.aone(db))
    assert db.execute("SELECT last_value FROM tries")[0][0] == 2


def test_a_function_may_be_called_where_nothing_can_be_written(opened: Callable[..., Database]) -> None:
    db = opened("CREATE FUNCTION one() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$", readonly=True)
    assert db.execute("SELECT one()") == [(1,)]


def test_what_is_given_back_and_python_cannot_hold(opened: Callable[..., Database]) -> None:
    db = opened("CREATE TABLE days (id serial PRIMARY KEY, day date DEFAULT 'infinity', n int)")
    assert db.execute("INSERT INTO days DEFAULT VALUES RETURNING day, id") == [("infinity", 1)]
    assert db.execute("UPDATE days SET day = '10000-01-01' RETURNING *") == [(1, "10000-01-01", None)]
    with pytest.warns(UnreadableValue, match="days.day holds a value that cannot be read as date"):
        assert db.days.create(n=5).day == "infinity"
    with db.transaction():
        assert db.execute("DELETE FROM days WHERE id = 1 RETURNING day, n") == [("10000-01-01", None)]
    assert db.days.count() == 1


def test_a_port_that_is_none() -> None:
    with pytest.raises(ConnectionFailed, match="check") as caught:
        connect("postgresql://nobody:sekret@127.0.0.1:port/none", pool_timeout_s=1)
    assert "sekret" not in str(caught.value) + str(caught.value.__cause__)
