"""``db.execute`` of SQL text: parameters, rows, and what is refused."""

from __future__ import annotations

import pickle
import threading
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from noormme import (
    Database,
    DatabaseLocked,
    FieldNotFound,
    InvalidValue,
    NoormmeError,
    NotSupported,
    QueryFailed,
    ReadOnly,
    TableNotFound,
    UniqueViolation,
    UnreadableValue,
    UsageError,
    connect,
)
from tests.orm.world import change

SECRET = "hunter2"


def test_rows_are_typed_tuples_with_names(db: Database) -> None:
    (row,) = db.execute("select * from users where id = ?", [1])
    assert row == (1, "ann@example.com", "Ann", 31, True, datetime(2024, 1, 1, 10))
    assert isinstance(row, tuple)
    assert (row.id, row.joined.year, row["name"], row[2], row[1:3]) == (
        1,
        2024,
        "Ann",
        "Ann",
        ("ann@example.com", "Ann"),
    )
    assert row._fields == row.columns == ("id", "email", "name", "age", "is_active", "joined")
    assert repr(row).startswith("Row(id=1, email='ann@example.com'")
    assert row.to_dict()["is_active"] is True


@pytest.mark.sqlite("its SQL")
def test_each_column_is_read_as_the_one_it_comes_from(db: Database) -> None:
    (row,) = db.execute(
        "with late as (select joined as j, is_active from users) "
        "select u.joined as a, late.j, (select max(joined) from users) as m, v.name, count(*) as n, late.is_active or 0 as o "
        "from users u join late on late.j = u.joined join active_users v on v.id = u.id where u.id = 2"
    )
    assert row == (datetime(2024, 1, 2, 10), datetime(2024, 1, 2, 10), "2024-01-03 10:00:00", "Bob", 1, 1)


@pytest.mark.sqlite("its SQL")
def test_odd_names_of_columns(db: Database) -> None:
    (row,) = db.execute(
        'select 1 as id, 2 as id, 3 as "Order ID", 4 as class, 5, 6 as "", 7 as _x, 8 as columns, 9 as "a""b"'
    )
    assert row == (1, 2, 3, 4, 5, 6, 7, 8, 9)
    assert row._fields == ("id", "_1", "_2", "_3", "_4", "_5", "_6", "columns", "_8")
    assert (
        row.id,
        row["id"],
        row["Order ID"],
        row["class"],
        row["5"],
        row[""],
        row._x,
        row.columns,
        row['a"b'],
    ) == (1, 1, 3, 4, 5, 6, 7, 8, 9)
    assert pickle.loads(pickle.dumps(row)) == row
    assert pickle.loads(pickle.dumps(row))["Order ID"] == 3
    with pytest.raises(FieldNotFound, match="no column 'idd' in this row; did you mean 'id'?"):
        row["idd"]
    with pytest.raises(AttributeError):
        row.nothing  # noqa: B018
    with pytest.raises(IndexError):
        row[9]


class Colour(Enum):
    RED = "red"


@pytest.mark.sqlite("its SQL")
@pytest.mark.parametrize(
    ("given", "stored"),
    [
        (1, 1),
        (True, 1),
        (1.5, 1.5),
        ("é", "é"),
        (b"\0", b"\0"),
        (None, None),
        (datetime(2024, 1, 2, 3), "2024-01-02 03:00:00"),
        (date(2024, 1, 2), "2024-01-02"),
        (Decimal("1.50"), "1.50"),
        (UUID(int=1), str(UUID(int=1))),
        (Colour.RED, "red"),
        (2**70, float(2**70)),
        ("\0", "\0"),
    ],
)
def test_values_are_adapted(db: Database, given: object, stored: object) -> None:
    assert db.execute("select ? as x", [given]) == [(stored,)]
    assert db.execute("select :x as x", {"x": given}) == [(stored,)]


@pytest.mark.sqlite("its SQL")
def test_parameters(db: Database) -> None:
    assert db.execute("select ?, ?", (1, 2)) == [(1, 2)]
    assert db.execute("select ?2, ?1, ?2", [1, 2]) == [(2, 1, 2)]
    assert db.execute("select :a, @b, $c, :a", {"a": 1, "b": 2, "c": 3}) == [(1, 2, 3, 1)]
    assert db.execute("select :a, :b", [1, 2]) == [(1, 2)]
    assert db.execute("select '?', ':a' -- ?", []) == [("?", ":a")]
    assert db.execute("select 1") == [(1,)]


@pytest.mark.sqlite("its SQL")
def test_one_statement_with_what_may_stand_around_it(db: Database) -> None:
    for text in (
        "select 1;",
        " ; ;select 1 ; -- end",
        "/* a; */ select 1 /* ; */",
        "select 1;\n-- ;\n",
        "VALUES (1)",
        "with x as (select 1) select * from x",
    ):
        assert db.execute(text) == [(1,)], text
    assert db.execute("select ';' as x") == [(";",)]
    assert db.execute("select id from users where id < 0") == []


@pytest.mark.sqlite("its functions and operators")
def test_pragmas_and_explain(db: Database) -> None:
    assert [row.name for row in db.execute("pragma table_info(tags)")] == ["id", "name"]
    assert db.execute("PRAGMA main.table_info('tags')")[0]["notnull"] == 0
    assert db.execute("pragma query_only") == [(1,)]
    assert db.execute("explain query plan select * from users where id = ?", [1])[0].detail.startswith(
        "SEARCH"
    )
    assert db.execute("explain insert into tags values (9, 'x')")
    assert len(db.execute("select * from tags")) == 3


WRONG: list[tuple[str, Any, type[NoormmeError], str]] = [
    ("", None, UsageError, "there is no statement in this text"),
    (" -- nothing; \n;", None, UsageError, "there is no statement in this text"),
    (
        "select 1; select 2",
        None,
        UsageError,
        "there are several statements in this text; call execute() for each",
    ),
    ("select 1; pragma query_only=0", None, UsageError, "there are several statements"),
    ("selec 1", None, QueryFailed, 'SQLite refused the statement: near "selec": syntax error'),
    (f"select * form '{SECRET}'", None, QueryFailed, "SQLite refused the statement: near"),
    (
        f"select '{SECRET}' '{SECRET}' 'x'",
        None,
        QueryFailed,
        "SQLite refused the statement: near …: syntax error",
    ),
    ("select (", None, QueryFailed, "SQLite refused the statement: incomplete input"),
    ("select * from usres", None, TableNotFound, "no table or view 'usres'; did you mean 'users'"),
    (
        "select nmae from users",
        None,
        FieldNotFound,
        "no column 'nmae' in the statement; did you mean 'name'",
    ),
    (
        "select u.nmae from users u",
        None,
        FieldNotFound,
        "no column 'u.nmae' in the statement; did you mean 'name'",
    ),
    ("select nope(1)", None, QueryFailed, "SQLite refused the statement: no such function: nope"),
    ("select ?", None, UsageError, "the statement has 1 parameter, and 0 were given"),
    ("select ?", [SECRET, 2], UsageError, "the statement has 1 parameter, and 2 were given"),
    ("select 1", [SECRET], UsageError, "the statement has 0 parameters, and 1 were given"),
    ("select ?", {"a": SECRET}, UsageError, "the statement has parameters without a name"),
    (
        "select :name",
        {"nmae": SECRET},
        UsageError,
        "no value was given for the parameter 'name'; did you mean 'nmae'?",
    ),
    ("select :a", {"a": SECRET, "b": 1}, UsageError, "the statement has no parameter 'b'"),
    ("select 1", {"b": SECRET}, UsageError, "the statement has no parameter 'b'; there are: none"),
    ("select ?", SECRET, UsageError, "parameters are a list, a tuple or a dict, not str"),
    ("select ?", 3, UsageError, "parameters are a list, a tuple or a dict, not int"),
    ("select ?", {1, 2}, UsageError, "parameters are a list, a tuple or a dict, not set"),
    ("select ?", [[SECRET]], InvalidValue, "a parameter has one value, not a list"),
    ("select ?", [object()], InvalidValue, "SQLite cannot take object"),
    ("select ?", [float("nan")], InvalidValue, "SQLite has no NaN"),
    ("select ?", ["\ud800"], InvalidValue, "text with half of a surrogate pair"),
    ("select '\ud800'", None, InvalidValue, "the statement holds half of a surrogate pair"),
    ("select json(?)", [SECRET], QueryFailed, "SQLite refused the statement: malformed JSON"),
]


@pytest.mark.sqlite("its SQL")
@pytest.mark.parametrize(("sql", "parameters", "kind", "message"), WRONG)
def test_mistakes(db: Database, sql: str, parameters: Any, kind: type[NoormmeError], message: str) -> None:
    with pytest.raises(kind) as caught:
        db.execute(sql, parameters)
    assert str(caught.value).startswith(message)
    assert SECRET not in str(caught.value)


WRITES = [
    "insert into tags values (9, 'x')",
    "INSERT INTO tags VALUES (9, 'x') RETURNING *",
    "with x as (select 1) insert into tags select 9, 'x'",
    "update users set age = 1",
    "delete from users",
    "replace into tags values (1, 'x')",
    "create table x (a)",
    "create temp table x (a)",
    "create trigger g after insert on tags begin select 1; select 2; end",
    "alter table tags add column x",
    "drop table tags",
    "vacuum",
    "reindex",
    "analyze",
]
TRANSACTION = "{} changes the connection, which noormme keeps for itself; use db.transaction()"
OTHER_FILE = "{} changes the connection, which noormme keeps for itself; open the other file with connect()"
SETTING = (
    "PRAGMA {} with a value changes the connection, which noormme keeps for itself; it is the setting '{}'"
)
IN_FILE = (
    "PRAGMA {} with a value changes the file, and in SQL text a PRAGMA only reads; set it in another program"
)
ACTS = "PRAGMA {} changes the file, and in SQL text a PRAGMA only reads; {}"
OTHER = "{} may change the connection, and in SQL text a PRAGMA only reads; leave it out"
OF_THE_CONNECTION = [
    ("begin", TRANSACTION.format("BEGIN")),
    ("BEGIN IMMEDIATE", TRANSACTION.format("BEGIN")),
    ("commit", TRANSACTION.format("COMMIT")),
    ("end", TRANSACTION.format("END")),
    ("rollback", TRANSACTION.format("ROLLBACK")),
    ("savepoint a", TRANSACTION.format("SAVEPOINT")),
    ("release a", TRANSACTION.format("RELEASE")),
    ("attach ':memory:' as x", OTHER_FILE.format("ATTACH")),
    ("detach x", OTHER_FILE.format("DETACH")),
    ("pragma query_only=0", SETTING.format("query_only", "readonly")),
    ("pragma query_only(0)", SETTING.format("query_only", "readonly")),
    ('PRAGMA main."query_only" = 0', SETTING.format("query_only", "readonly")),
    ("pragma foreign_keys=off", SETTING.format("foreign_keys", "foreign_keys")),
    ("pragma busy_timeout=1", SETTING.format("busy_timeout", "busy_timeout_s")),
    ("pragma journal_mode=delete", SETTING.format("journal_mode", "journal_mode")),
    ("pragma user_version=3", IN_FILE.format("user_version")),
    ("/* x */ PRAGMA main.application_id(3)", IN_FILE.format("application_id")),
    ("pragma optimize", ACTS.format("optimize", "run ANALYZE")),
    ("pragma wal_checkpoint", ACTS.format("wal_checkpoint", "leave it out: ")),
    ("pragma wal_checkpoint(truncate)", ACTS.format("wal_checkpoint", "leave it out: ")),
    ("pragma shrink_memory", OTHER.format("PRAGMA shrink_memory")),
    ("pragma secure_delete = 1", OTHER.format("PRAGMA secure_delete with a value")),
    ("pragma 'a b' = 1", OTHER.format("this PRAGMA with a value")),
    ("explain pragma query_only=0", SETTING.format("query_only", "readonly")),
    ("explain query plan pragma query_only=0", SETTING.format("query_only", "readonly")),
]


@pytest.mark.sqlite("its SQL")
@pytest.mark.parametrize("sql", WRITES)
def test_writes_are_refused_where_only_reading_is_allowed(db: Database, sql: str) -> None:
    with pytest.raises(ReadOnly) as caught:
        db.execute(sql)
    assert str(caught.value) == "this database was opened with readonly=True; connect() without it to write"
    assert db.execute("select count(*) from tags") == [(3,)]


def test_writes(own: Path) -> None:
    with connect(own) as db:
        assert db.execute("insert into tags values (9, ?) returning id", ["x"]) == [(9,)]
        assert db.execute("with x as (select 10 as id) insert into tags select id, 'y' from x") == []
        assert db.execute("update users set joined = joined where id = 1 returning joined") == [
            (datetime(2024, 1, 1, 10),)
        ]
        with pytest.raises(UniqueViolation):
            db.execute("insert into tags values (9, 'z')")
        assert db.execute("select name from tags where id > 8 order by id") == [("x",), ("y",)]


def test_a_table_made_by_sql_text(own: Path) -> None:
    with connect(own) as db:
        db.execute("create table later (at DATETIME)")
        db.execute("insert into later values (?)", ["2024-01-02"])
        assert db.execute("select * from later") == [("2024-01-02",)]
        db.refresh()
        assert db.later.get().at == datetime(2024, 1, 2)
    with connect(":memory:") as db:
        db.execute("create table later (at DATETIME)")
        db.refresh()
        assert db.tables == ["later"]


@pytest.mark.sqlite("its SQL")
@pytest.mark.parametrize(("sql", "said"), OF_THE_CONNECTION)
def test_what_changes_the_connection_is_refused(db: Database, sql: str, said: str) -> None:
    with pytest.raises(NotSupported) as caught:
        db.execute(sql)
    assert str(caught.value).startswith(said)
    assert db.execute("pragma query_only") == [(1,)]


def test_what_a_refused_pragma_is_told_to_do_instead_works(own: Path) -> None:
    for readonly in (False, True):
        with connect(own, readonly=readonly) as db:
            with pytest.raises(NotSupported, match="PRAGMA user_version with a value changes the file"):
                db.execute("pragma user_version = 3")
            assert db.execute("pragma user_version") == [(0,)]
    with connect(own, foreign_keys=False, cache_size_kib=1_500) as db:
        assert db.execute("pragma foreign_keys") == [(0,)]
        assert db.execute("pragma cache_size") == [(-1500,)]
        assert db.execute("analyze") == []
        assert db.execute("select count(*) > 0 from sqlite_stat1") == [(1,)]


@pytest.mark.sqlite("its SQL")
def test_captured_and_shown(db: Database) -> None:
    with db.capture() as statements:
        db.execute("select id from users where id = ?;", [1])
    assert [(each.statement, each.parameters) for each in statements] == [
        ("select id from users where id = ?", (1,))
    ]


def test_values_in_odd_forms(opened: Callable[..., Database]) -> None:
    db = opened(
        "CREATE TABLE t (at DATETIME, n TEXT); INSERT INTO t VALUES ('2024-01-02', 'a'), (1704103200, CAST(x'ff' AS TEXT)), ('nonsense', 'c')"
    )
    with pytest.warns(UnreadableValue, match="t.at holds a value that cannot be read as datetime"):
        found = db.execute("select at, n from t; -- all")
    assert found == [(datetime(2024, 1, 2), "a"), (datetime(2024, 1, 1, 10), b"\xff"), ("nonsense", "c")]


def test_a_lock(opened: Callable[..., Database]) -> None:
    import apsw

    db = opened("CREATE TABLE t (a)", busy_timeout_s=0)
    blocker = apsw.Connection(db.path)
    blocker.execute("BEGIN EXCLUSIVE").fetchall()
    with pytest.raises(DatabaseLocked):
        db.execute("select * from t")
    blocker.execute("ROLLBACK").fetchall()
    blocker.close()
    assert db.execute("select * from t") == []


def test_a_table_made_after_connecting(own: Path) -> None:
    with connect(own) as db:
        change(own, "CREATE TABLE later (at DATETIME); INSERT INTO later VALUES ('2024-01-02')")
        assert db.execute("select * from later") == [("2024-01-02",)]
        db.refresh()
        assert db.execute("select * from later") == [(datetime(2024, 1, 2),)]


def test_from_several_threads() -> None:
    with connect(":memory:") as db:
        failed: list[BaseException] = []

        def work() -> None:
            try:
                for number in range(100):
                    assert db.execute(f"select {number % 30}, ?", [number]) == [(number % 30, number)]
            except BaseException as error:
                failed.append(error)

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failed == []
