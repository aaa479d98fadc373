"""SQL of the user's: its parameters, whether it writes, and what it gives."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from noormme import Database, FieldNotFound, InvalidValue, NotSupported, ReadOnly, TableNotFound, UsageError
from noormme.engines.server.mysql.bulk import pieces_of
from noormme.engines.server.mysql.statements import only_statement, placed, returned_query, writes


@pytest.mark.parametrize(
    ("sql", "driver", "server", "names"),
    [
        ("SELECT 1", "SELECT 1", "SELECT 1", ()),
        ("a = ? AND b = ?", "a = %s AND b = %s", "a = ? AND b = ?", (None, None)),
        ("a = :one OR b = :one", "a = %s OR b = %s", "a = ? OR b = ?", ("one",)),
        ("a = ?2 OR b = ?1 OR c = ?2", "a = %s OR b = %s OR c = %s", "a = ? OR b = ? OR c = ?", (None, None)),
        ("a = %s", "a = %s", "a = ?", (None,)),
        ("a % 2 = ?", "a %% 2 = %s", "a % 2 = ?", (None,)),
        ("a %size", "a %%size", "a %size", ()),
        ("a LIKE 'x%s?:n' -- ?\n", "a LIKE 'x%%s?:n' -- ?\n", "a LIKE 'x%s?:n' -- ?\n", ()),
        ("'it\\'s ?' = ?", "'it\\'s ?' = %s", "'it\\'s ?' = ?", (None,)),
        ("'it''s ?' = ?", "'it''s ?' = %s", "'it''s ?' = ?", (None,)),
        ('"?" = `a``?` # ?', '"?" = `a``?` # ?', '"?" = `a``?` # ?', ()),
        ("1--?", "1--%s", "1--?", (None,)),
        (
            "/* ? */ /*! ? */ /*M!100 ? */",
            "/* ? */ /*! %s */ /*M!100 %s */",
            "/* ? */ /*! ? */ /*M!100 ? */",
            (None,) * 2,
        ),
        ("@a := :b", "@a := %s", "@a := ?", ("b",)),
    ],
)
def test_parameters(sql: str, driver: str, server: str, names: tuple[str | None, ...]) -> None:
    found = placed(sql)
    assert (found.sql, found.prepared, found.names) == (driver, server, names)


@pytest.mark.parametrize("sql", ["a = ? AND b = :b", "a = %s AND b = ?"])
def test_parameters_of_two_kinds(sql: str) -> None:
    with pytest.raises(UsageError):
        placed(sql)


@pytest.mark.parametrize(
    ("sql", "text"),
    [
        (" SELECT ';' ; ", "SELECT ';'"),
        ("SELECT 1; -- done", "SELECT 1"),
        (
            "CREATE TRIGGER t AFTER INSERT ON a FOR EACH ROW BEGIN SET @x = 1; END",
            "CREATE TRIGGER t AFTER INSERT ON a FOR EACH ROW BEGIN SET @x = 1; END",
        ),
    ],
)
def test_one_statement(sql: str, text: str) -> None:
    assert only_statement(sql) == text


@pytest.mark.parametrize("sql", ["", " ; ", "-- nothing", "SELECT 1; SELECT 2"])
def test_no_statement_or_several(sql: str) -> None:
    with pytest.raises(UsageError):
        only_statement(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "BEGIN",
        "start transaction",
        "SET autocommit = 0",
        "USE other",
        "/*! SET @a = 1 */",
        "LOCK TABLES a READ",
    ],
)
def test_what_changes_the_connection(sql: str) -> None:
    with pytest.raises(NotSupported, match="changes the connection"):
        only_statement(sql)


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT replace(a, 'x', 'y'), insert(a, 1, 2, 'z') FROM t", False),
        ("SELECT `update`, t.delete FROM t", False),
        ("(SELECT 1) UNION (SELECT 2)", False),
        ("SHOW TABLES", False),
        ("WITH x AS (SELECT 1) SELECT * FROM x", False),
        ("SELECT 1 FOR UPDATE", True),
        ("SELECT 1 INTO @a", True),
        ("WITH x AS (SELECT 1) DELETE FROM t", True),
        ("REPLACE INTO t VALUES (1)", True),
        ("CALL p()", True),
        ("ANALYZE TABLE t", True),
    ],
)
def test_what_writes(sql: str, expected: bool) -> None:
    assert writes(sql) is expected


@pytest.mark.parametrize(
    ("sql", "query"),
    [
        ("INSERT INTO `a b` (x) VALUES (?) RETURNING id, x AS y", "SELECT  id, x AS y FROM `a b`"),
        ("delete from t where x = 'returning' returning *", "SELECT  * FROM t"),
        ("REPLACE d.t VALUES (1) RETURNING id", "SELECT  id FROM d.t"),
        ("INSERT INTO t VALUES ('returning')", None),
    ],
)
def test_what_is_given_back(sql: str, query: str | None) -> None:
    assert returned_query(sql) == query


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        (
            "INSERT INTO `a VALUES (` (`x`) VALUES (%s, f(%s, ')')) RETURNING `a`.`x`",
            ("INSERT INTO `a VALUES (` (`x`) VALUES ", "(%s, f(%s, ')'))", " RETURNING `a`.`x`"),
        ),
        ("INSERT INTO t () VALUES ()", ("INSERT INTO t () VALUES ", "()", "")),
        ("INSERT INTO t (x) VALUES (%s) ON DUPLICATE KEY UPDATE x = 1", None),
        ("INSERT INTO t (x) SELECT %s", None),
        ("UPDATE t SET x = %s", None),
    ],
)
def test_inserts_that_can_go_together(sql: str, expected: tuple[str, str, str] | None) -> None:
    found = pieces_of(sql)
    assert (None if found is None else (found.head, found.row, found.tail)) == expected


SCRIPT = """
CREATE TABLE users (id int AUTO_INCREMENT PRIMARY KEY, email varchar(20), active bool, data json);
CREATE VIEW actives AS SELECT id, email, active FROM users WHERE active;
INSERT INTO users (email, active, data) VALUES ('ann%x', 1, '{"a": 1}'), ('bob', 0, NULL);
"""


@pytest.fixture
def db(opened: Callable[..., Database]) -> Database:
    return opened(SCRIPT)


def test_statements_run(db: Database) -> None:
    run = db.execute
    assert run("SELECT id, active AS a, data FROM users WHERE email LIKE 'ann%x' AND id = ?", [1]) == [
        (1, True, {"a": 1})
    ]
    twice = "SELECT u.email, u.id % 2 AS odd FROM users u WHERE u.active = :on AND :on"
    assert run(twice, {"on": True}) == run(twice, [True]) == [("ann%x", 1)]
    assert run("SELECT ?2, ?1, ?2", ["a", "b"]) == [("b", "a", "b")]
    assert run("SELECT id % 2 FROM users WHERE email = %s", ["bob"]) == [(0,)]
    assert run("SELECT active FROM actives") == [(True,)]
    assert [user.email for user in db.users.raw("SELECT * FROM users WHERE id > ?", [1])] == ["bob"]
    assert run("INSERT INTO users (email, active) VALUES (?, ?) RETURNING id, active AS a", ["cy", True]) == [
        (3, True)
    ]
    assert run("DELETE FROM users WHERE id = ? RETURNING email", [3]) == [("cy",)]
    assert run("CREATE TABLE more (id int)") == []
    with pytest.raises(ReadOnly):
        list(db.users.raw("DELETE FROM users"))
    with pytest.raises(TableNotFound, match="did you mean 'users'"):
        run("SELECT * FROM user_s")
    with pytest.raises(FieldNotFound):
        run("INSERT INTO users (email) VALUES ('x') RETURNING nothing")
    assert db.users.count() == 2
    db.execute_many("INSERT INTO users (email) VALUES (?)", [[f"{n}@%s"] for n in range(3)])
    assert db.users.filter(email__endswith="@%s").count() == 3


def test_nothing_runs_when_a_statement_is_looked_at(db: Database) -> None:
    described = db._engine.describe("DELETE FROM users WHERE id = ?")
    assert (described.parameters, described.writes, described.columns) == ((None,), True, ())
    assert db.users.count() == 2


def test_procedures_that_give_rows(opened: Callable[..., Database]) -> None:
    db = opened(
        "CREATE TABLE items (id int PRIMARY KEY, at date); INSERT INTO items VALUES (1, '2024-01-31')"
    )
    db.execute(
        "CREATE PROCEDURE twice(x int) BEGIN SELECT x, at FROM items; SELECT 3; UPDATE items SET id = 2; END"
    )
    db.execute("CREATE PROCEDURE nothing() BEGIN DELETE FROM items WHERE id = 9; END")
    assert db.execute("CALL twice(?)", [7]) == [(7, date(2024, 1, 31))]
    assert db.items.get().id == 2
    with db.transaction():
        assert db.execute("CALL twice(8)") == [(8, date(2024, 1, 31))]
        assert db.execute("SELECT 1") == [(1,)]
    assert db.execute("CALL nothing()") == []
    assert db._engine._pool.size == 1, "the connection is as good as before"


def test_numbers_of_more_digits_than_python_writes(opened: Callable[..., Database]) -> None:
    db = opened(
        "CREATE TABLE items (id int PRIMARY KEY, name varchar(20)); INSERT INTO items VALUES (1, 'a')"
    )
    many = 10**5_000
    assert db.items.filter(id__lt=many).count() == 1
    assert db.items.filter(id__in=[1, many]).count() == 1
    assert db.items.filter(name=many).count() == 0
    assert db.execute("SELECT id FROM items WHERE id > ?", [-many]) == [(1,)]
    for write in (
        lambda: db.items.create(id=many),
        lambda: db.execute("INSERT INTO items (id) VALUES (?)", [many]),
    ):
        with pytest.raises(InvalidValue):
            write()
