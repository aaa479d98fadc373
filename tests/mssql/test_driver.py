"""The engine over a connection whose answers are written down: discovery, SQL of the user's own, transactions."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any
from zoneinfo import ZoneInfo

import pymssql
import pytest

from noormme import (
    ConnectionFailed,
    Database,
    FieldNotFound,
    NotSupported,
    QueryFailed,
    TableNotFound,
    connect,
)
from noormme.engines.server.mssql import driver
from noormme.engines.server.mssql.catalog import CATALOG_QUERIES
from tests.mssql.offline import RECORDED
from tests.mssql.test_link import DEADLOCK, Cursor, Raw

PARTS = {" ".join(sql.split()): name for name, sql in CATALOG_QUERIES.items()}


class Server(Raw):
    """A server that knows its catalogue, and answers other statements in turn.

    Attributes:
        catalogue: What the views of ``sys`` give.
        known: By query, the part of it that is asked for.
    """

    def __init__(self, name: str) -> None:
        super().__init__()
        self.catalogue: dict[str, Any] = json.loads((RECORDED / f"{name}.json").read_text())
        self.known = PARTS

    def cursor(self) -> Cursor:
        return Told(self)


class Told(Cursor):
    raw: Server

    def execute(self, sql: str, values: tuple[object, ...] = ()) -> None:
        part = self.raw.known.get(" ".join(str(values[0]).split())) if values else None
        if part is None:
            super().execute(sql, values)
            return
        self.results = [list(map(tuple, self.raw.catalogue[part]))]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    """What every connection leads to."""
    made = Server("estate")
    monkeypatch.setattr(driver, "connect", lambda url, where, settings: made)
    return made


@pytest.fixture
def opened(server: Server) -> Iterator[Callable[..., Database]]:
    databases: list[Database] = []

    def open_it(**settings: Any) -> Database:
        databases.append(connect("mssql://ann:secret@host/shop", **settings))
        return databases[-1]

    yield open_it
    for database in databases:
        database.close()


def statements(server: Server) -> list[str]:
    """What ran, the text behind ``sp_executesql`` for what runs by that."""
    return [str(values[0]) if values else sql for sql, values in server.ran]


def test_a_database_is_opened_and_discovered(server: Server, opened: Callable[..., Database]) -> None:
    db = opened()
    assert db.path == "mssql://ann@host/shop"
    assert db.tables == ["customers", "log", "sales.order_lines", "sales.orders", "sales.shipments"]
    assert "secret" not in repr(db)
    server.answers = [[[(7, "Ann")]]]
    assert list(db.customers.values_list("id", "name")) == [(7, "Ann")]


def test_a_catalogue_that_cannot_be_read(server: Server, opened: Callable[..., Database]) -> None:
    server.known = {}
    server.answers = [pymssql.OperationalError((229, b"The SELECT permission was denied on 'checks'."))]
    with pytest.raises(ConnectionFailed, match="the schema of mssql://ann@host/shop cannot be read"):
        opened()


def test_transactions(server: Server, opened: Callable[..., Database]) -> None:
    db = opened()
    with db.transaction():
        db.customers.filter(id=1).update(name="x")
        with db.transaction():
            db.refresh()
    with db.transaction(mode="deferred"), pytest.raises(ZeroDivisionError), db.transaction():
        raise ZeroDivisionError
    with db.transaction(mode="exclusive"):
        pass
    level = "SET TRANSACTION ISOLATION LEVEL {}"
    assert statements(server) == [
        level.format("READ COMMITTED"),
        "BEGIN TRANSACTION",
        "UPDATE [customers] SET [name]=@P1 WHERE [customers].[id] = @P2 ; SELECT @@ROWCOUNT",
        "SAVE TRANSACTION noormme_1",
        "COMMIT TRANSACTION",
        # The database of these rows allows snapshots.
        level.format("SNAPSHOT"),
        "BEGIN TRANSACTION",
        "SAVE TRANSACTION noormme_1",
        "ROLLBACK TRANSACTION noormme_1",
        "COMMIT TRANSACTION",
        level.format("SERIALIZABLE"),
        "BEGIN TRANSACTION",
        "COMMIT TRANSACTION",
    ]


def test_sql_of_the_users_own(server: Server, opened: Callable[..., Database]) -> None:
    db = opened()
    columns = [
        ("id", "dbo", "customers", "id", None, None),
        ("total", "sales", "orders", "total", None, None),
        (None, None, None, None, None, None),
        ("x", "other", "unknown", "x", None, None),
    ]
    server.answers = [[columns], [[(1, 2, 3, 4)]]]
    server.names = ("id", "total", "", "x")
    rows = db.execute("SELECT c.id, o.total, 1, x FROM … WHERE c.id = ?;", [1])
    assert [tuple(row) for row in rows] == [(1, 2, 3, 4)]
    assert server.ran[-1][1][0] == "SELECT c.id, o.total, 1, x FROM … WHERE c.id = @P1"


@pytest.mark.parametrize(
    ("number", "message", "kind", "said"),
    [
        (208, "Invalid object name 'custmers'.", TableNotFound, "did you mean 'customers'"),
        (207, "Invalid column name 'emial'.", FieldNotFound, "did you mean 'email'"),
        (102, "Incorrect syntax near 'frm'.", QueryFailed, "does not understand the statement"),
    ],
)
def test_what_the_server_does_not_understand(
    server: Server,
    opened: Callable[..., Database],
    number: int,
    message: str,
    kind: type[Exception],
    said: str,
) -> None:
    db = opened()
    server.answers = [[[(None, None, None, None, number, message)]]]
    with pytest.raises(kind, match=said):
        db.execute("SELECT nothing")


def test_plans_errors_and_what_is_not_there(server: Server, opened: Callable[..., Database]) -> None:
    db = opened(timezone="Europe/Rome")
    assert db._engine.dialect.timezone == ZoneInfo("Europe/Rome")
    server.answers = [[None], [[("|--Clustered Index Scan",)]]]
    assert db.customers.filter(id=1).explain() == "|--Clustered Index Scan"
    engine = db._engine
    made = engine.error(DEADLOCK, "SELECT 1")
    assert made is not None
    assert made.code == "database_locked"
    assert engine.error(ValueError("other"), "SELECT 1") is None
    with pytest.raises(NotSupported, match="audit trail"):
        _ = engine.audit
