"""A connection of noormme's over one of pymssql's whose answers are written down, for no server can be started.

What is looked at is what noormme makes of answers and errors; that a server gives these is seen where one is.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from time import monotonic
from typing import Any

import pymssql
import pytest

from noormme import ConnectionFailed, QueryTimeout, TransactionError, UniqueViolation
from noormme.engines.server.mssql.batches import END
from noormme.engines.server.mssql.introspect import schema_of
from noormme.engines.server.mssql.limits import TimeOver, limited, wait
from noormme.engines.server.mssql.link import SQLServerLink
from noormme.errors import DatabaseLocked
from noormme.schema.model import Schema
from tests import switching
from tests.mssql.offline import catalog_of

UNIQUE = pymssql.IntegrityError(
    (
        2627,
        b"Violation of UNIQUE KEY constraint 'UQ_customers_code'. Cannot insert duplicate key in object 'dbo.customers'. The duplicate key value is (a).",
    )
)
DEADLOCK = pymssql.OperationalError((1205, b"Transaction (Process ID 5) was deadlocked on lock resources"))
DEAD = pymssql.OperationalError(
    (20047, b"DB-Lib error message 20047, severity 9:\nDBPROCESS is dead or not enabled\n")
)

Result = list[tuple[Any, ...]] | None
"""The rows of one result; None for a statement that gives none."""


class Raw:
    """A connection: each statement gets the next answer, which is its results or an error."""

    def __init__(self, *answers: list[Result] | Exception) -> None:
        self.answers = list(answers)
        self.ran: list[tuple[str, tuple[object, ...]]] = []
        self.closed = False
        self.names: tuple[str, ...] = ()

    def cursor(self) -> Cursor:
        return Cursor(self)

    def close(self) -> None:
        self.closed = True


class Cursor:
    def __init__(self, raw: Raw) -> None:
        self.raw = raw
        self.results: list[Result] = []

    @property
    def description(self) -> object:
        if not self.results or self.results[0] is None:
            return None
        return [(name, None) for name in self.raw.names]

    def execute(self, sql: str, values: tuple[object, ...] = ()) -> None:
        self.raw.ran.append((sql, values))
        answer = self.raw.answers.pop(0) if self.raw.answers else [None]
        if isinstance(answer, Exception):
            raise answer
        self.results = [None if rows is None else list(rows) for rows in answer]

    def nextset(self) -> bool | None:
        self.results.pop(0)
        return True if self.results else None

    def fetchall(self) -> list[tuple[Any, ...]]:
        return self.fetchmany(1_000_000)

    def fetchmany(self, count: int) -> list[tuple[Any, ...]]:
        rows = self.results[0]
        assert rows is not None
        taken, rows[:] = rows[:count], rows[count:]
        return taken


@pytest.fixture(scope="module")
def schema() -> Schema:
    return schema_of(catalog_of("estate"))


@pytest.fixture
def linked(schema: Schema) -> Callable[..., tuple[SQLServerLink, Raw]]:
    def make(*answers: list[Result] | Exception, limit_s: float | None = None) -> tuple[SQLServerLink, Raw]:
        raw = Raw(*answers)
        return SQLServerLink(raw, lambda sql, parameters: None, lambda: schema, limit_s), raw

    return make


Linked = Callable[..., tuple[SQLServerLink, Raw]]


def test_rows(linked: Linked) -> None:
    link, raw = linked([[(1, "a"), (2, "b")]])
    assert link.run("SELECT @P1", (5,)) == [(1, "a"), (2, "b")]
    assert raw.ran == [("EXEC sp_executesql %s, %s, @P1 = %s", ("SELECT @P1", "@P1 bigint", 5))]
    assert (link.changed, link.last_key, link.broken) == (2, 0, False)


def test_what_the_columns_are_called(linked: Linked) -> None:
    link, raw = linked([None, [(1, "a")], None], [None])
    raw.names = ("id", "name")
    assert (link.run("SELECT * FROM t"), link.names) == ([(1, "a")], ("id", "name"))
    assert (link.run("SELECT 1 WHERE 1 = 0"), link.names) == ([], None)


def test_changes_are_those_of_the_statement_and_not_of_its_triggers(linked: Linked) -> None:
    link, raw = linked([None, [(99,)], None, [(3,)]])
    assert link.run("UPDATE t SET a = 1") == []
    assert link.changed == 3
    assert raw.ran[0][1] == ("UPDATE t SET a = 1 ; SELECT @@ROWCOUNT",)


def test_rows_that_were_written_come_from_the_last_result(linked: Linked) -> None:
    link, _ = linked([None, None, [(7,)]])
    sql = f"DECLARE @noormme_written TABLE (id int) {END} INSERT INTO t OUTPUT inserted.id INTO @noormme_written"
    assert link.run(sql) == [(7,)]
    assert link.changed == 1


def test_each_of_many(linked: Linked) -> None:
    link, _ = linked([[(1,)]], [[(0,)]])
    assert link.run_each("UPDATE t SET a = @P1", iter([(1,), (2,)])) == [([], 1, 0), ([], 0, 0)]
    link, raw = linked()
    link.run_many("DELETE FROM t WHERE a = @P1", iter([(1,), (2,)]))
    assert len(raw.ran) == 2


def test_many_rows_go_in_one_statement(linked: Linked, schema: Schema) -> None:
    table = schema.table("sales.order_lines")
    customers = schema.table("customers")
    assert table is not None
    assert customers is not None
    link, raw = linked()
    link.insert_rows(table, table.columns, iter([(1, n, f"p{n}", None) for n in range(1_500)]))
    assert len(raw.ran) == 2
    assert raw.ran[0][1][0] == (
        "INSERT INTO [sales].[order_lines] ([order_id], [line_no], [product], [quantity]) SELECT c0, c1, c2, c3 "
        "FROM OPENJSON(@P1) WITH (c0 bigint '$[0]', c1 int '$[1]', c2 nvarchar(max) '$[2]', c3 int '$[3]') ; "
        "SELECT @@ROWCOUNT"
    )
    assert str(raw.ran[1][1][2]).startswith('[[1,1000,"p1000",null],')
    names = ("id", "code", "place", "notes", "photo", "seen")
    columns = [column for column in customers.columns if column.name in names]
    link.insert_rows(customers, columns, iter([(1, "a", None, b"\1", None, None)]))
    text = str(raw.ran[2][1][0])
    assert text.startswith(
        "SET IDENTITY_INSERT [customers] ON ; INSERT INTO [customers] ([id], [code], [seen], "
    )
    assert (
        "c2 datetimeoffset(3) '$[2]', c3 varbinary(max) '$[3]', c4 varbinary(max) '$[4]', c5 nvarchar(max)"
        in text
    )
    assert link.reserve(customers, customers.columns[0], 5) is None


def test_an_error_names_what_it_is_about(linked: Linked) -> None:
    link, raw = linked(UNIQUE)
    with pytest.raises(UniqueViolation) as caught:
        link.run("INSERT INTO customers VALUES (@P1)", ("a",))
    assert caught.value.columns == ("code",)
    assert caught.value.__cause__ is UNIQUE
    assert len(raw.ran) == 1
    assert not link.broken


def test_transactions_in_t_sql(linked: Linked) -> None:
    link, raw = linked()
    for sql in (
        "BEGIN TRANSACTION",
        "SAVEPOINT noormme_1",
        "ROLLBACK TO SAVEPOINT noormme_1",
        "RELEASE SAVEPOINT noormme_1",
    ):
        link.control(sql)
        assert link.broken
    link.control("COMMIT")
    assert not link.broken
    assert [sql for sql, _ in raw.ran] == [
        "BEGIN TRANSACTION",
        "SAVE TRANSACTION noormme_1",
        "ROLLBACK TRANSACTION noormme_1",
        "COMMIT TRANSACTION",
    ]
    link.control("ROLLBACK")
    assert raw.ran[-1][0] == "IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION"


def test_a_transaction_goes_on_after_a_statement_that_failed(linked: Linked) -> None:
    link, raw = linked([None], UNIQUE, [[(1,)]], [[(5,)]])
    link.control("BEGIN TRANSACTION")
    with pytest.raises(UniqueViolation):
        link.run("INSERT INTO customers VALUES (1)")
    assert raw.ran[-1][0] == "SELECT XACT_STATE()"
    assert link.run("SELECT 5") == [(5,)]


@pytest.mark.parametrize("state", [0, -1])
def test_nothing_runs_outside_of_a_transaction_that_the_server_has_ended(linked: Linked, state: int) -> None:
    link, raw = linked([None], DEADLOCK, [[(state,)]])
    link.control("BEGIN TRANSACTION")
    with pytest.raises(DatabaseLocked):
        link.run("UPDATE t SET a = 1")
    ran = len(raw.ran)
    for call in (
        lambda: link.run("SELECT 1"),
        lambda: list(link.stream("SELECT 1", ())),
        lambda: link.control("COMMIT"),
        lambda: link.control("SAVEPOINT a"),
    ):
        with pytest.raises(TransactionError, match="has ended this transaction"):
            call()
    assert len(raw.ran) == ran
    link.control("ROLLBACK")
    assert not link.broken
    assert link.run("SELECT 1") == []


def test_a_lost_connection_is_broken(linked: Linked) -> None:
    link, raw = linked([None], DEAD)
    link.control("BEGIN TRANSACTION")
    with pytest.raises(ConnectionFailed, match="was lost"):
        link.run("SELECT 1")
    assert link.broken
    assert raw.closed
    with pytest.raises(TransactionError):
        link.run("SELECT 1")


def test_whether_it_is_still_there(linked: Linked) -> None:
    link, _ = linked([[(1,)]], DEAD)
    assert link.still_there()
    assert not link.still_there()


def test_a_stream_gives_way_to_other_statements(linked: Linked) -> None:
    rows = [(number,) for number in range(2_500)]
    link, _ = linked([rows], [[("between",)]])
    stream = link.stream("SELECT a FROM t", ())
    taken = [next(stream) for _ in range(3)]
    assert link.run("SELECT 'between'") == [("between",)]
    assert [*taken, *stream] == rows
    assert link.run("SELECT 1") == []


def test_another_thread_waits_while_rows_of_a_stream_come(
    linked: Linked, monkeypatch: pytest.MonkeyPatch
) -> None:
    link, raw = linked([[(1,), (2,)]], [[("between",)]])
    link._lock = lock = switching.Awaited()  # type: ignore[assignment]
    fetchmany, found = Cursor.fetchmany, list[Any]()
    ran: list[int] = []

    def meanwhile(cursor: Cursor, count: int) -> list[tuple[Any, ...]]:
        lock.beside(lambda: found.extend(link.run("SELECT 'between'")))
        ran.append(len(raw.ran))
        return fetchmany(cursor, count)

    monkeypatch.setattr(Cursor, "fetchmany", meanwhile)
    assert list(link.stream("SELECT a FROM t", ())) == [(1,), (2,)]
    lock.join()
    assert found == [("between",)]
    assert ran[0] == 1, "it waited"


def test_an_error_of_a_stream(linked: Linked) -> None:
    link, _ = linked(DEAD)
    with pytest.raises(ConnectionFailed):
        next(link.stream("SELECT 1", ()))


def test_what_a_statement_gives_is_asked_without_its_parameters(linked: Linked) -> None:
    found = [("name", "dbo", "people", "name", None, None)]
    link, raw = linked([found])
    assert link.describe("SELECT name FROM people WHERE id = @P1", 1) == found
    _, values = raw.ran[0]
    assert values[2] == "SELECT name FROM people WHERE id = NULL"
    assert "dm_exec_describe_first_result_set(@P1, NULL, 1)" in str(values[0])


def test_a_plan_is_shown_and_nothing_runs(linked: Linked) -> None:
    link, raw = linked([None], [[("SELECT …",)], [("  |--Scan",), ("  |--Seek",)]])
    assert link.plan("SELECT @P1", 1) == ["  |--Scan", "  |--Seek"]
    assert [sql for sql, _ in raw.ran] == ["SET SHOWPLAN_TEXT ON", "SELECT NULL", "SET SHOWPLAN_TEXT OFF"]
    link, raw = linked([None], DEADLOCK)
    with pytest.raises(DatabaseLocked):
        link.plan("SELECT 1", 0)
    assert raw.ran[-1][0] == "SET SHOWPLAN_TEXT OFF"


def test_its_end(linked: Linked) -> None:
    link, raw = linked()
    link.abandon()
    assert not raw.closed
    link.close()
    assert raw.closed
    with link.tolerant():
        assert link.run("SELECT 1") == []


# -- how long a statement may take ----------------------------------------------------------------------


def test_a_thread_waits_no_longer_than_its_limit() -> None:
    here, there = socket.socketpair()
    with here, there:
        with limited(0.01), pytest.raises(TimeOver):
            wait(here.fileno())
        there.send(b"x")
        with limited(0.0):
            wait(here.fileno())
        with limited(None):
            wait(here.fileno())
        wait(here.fileno())
        with limited(0.0):
            wait(-1)


class Slow(Raw):
    """A connection whose server does not answer; as pymssql, it asks ``wait`` before it reads."""

    def __init__(self, descriptor: int) -> None:
        super().__init__()
        self.descriptor = descriptor

    def cursor(self) -> Cursor:
        wait(self.descriptor)
        return super().cursor()


def test_a_statement_that_takes_too_long(schema: Schema) -> None:
    here, there = socket.socketpair()
    with here, there:
        raw = Slow(here.fileno())
        link = SQLServerLink(raw, lambda sql, parameters: None, lambda: schema, 0.02)
        began = monotonic()
        with pytest.raises(QueryTimeout):
            link.run("WAITFOR DELAY '1:00:00'")
        assert monotonic() - began < 10
        assert link.broken
        assert raw.closed
