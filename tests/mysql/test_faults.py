"""What MariaDB refuses, as errors that name the table and the columns and hold no value."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pymysql
import pytest

from noormme import (
    CheckViolation,
    ConnectionFailed,
    ConnectionLost,
    Database,
    DatabaseLocked,
    DiskFull,
    FieldNotFound,
    ForeignKeyViolation,
    IntegrityError,
    InvalidValue,
    NotNullViolation,
    QueryFailed,
    QueryTimeout,
    ReadOnly,
    TableNotFound,
    UniqueViolation,
    connect,
)
from noormme.engines.server.mysql.faults import is_lost, open_error, statement_error
from noormme.schema.model import Check, Column, Index, IndexPart, Schema, Table
from tests.mysql.server import new_database, raw_connection, run_script

SCRIPT = """
CREATE TABLE users (
    id int AUTO_INCREMENT PRIMARY KEY, email varchar(20) NOT NULL UNIQUE, age int CHECK (age >= 0), n tinyint,
    mood enum('ok','sad'), data json, born date, at datetime, ratio float, uid uuid, ip inet6, bits bit(3),
    balance decimal(5,2), upper_email varchar(20) AS (upper(email)) VIRTUAL, note text, narrow varchar(5) CHARACTER SET latin1,
    UNIQUE KEY `on two` (age, n), UNIQUE KEY beginning (note(3)), CONSTRAINT adult CHECK (age <> 17 OR n = 1)
);
CREATE TABLE posts (id int PRIMARY KEY, user_id int, CONSTRAINT `by` FOREIGN KEY (user_id) REFERENCES users(id));
CREATE TABLE pairs (a int, b int, PRIMARY KEY (a, b));
CREATE TABLE log (id int PRIMARY KEY, what varchar(20) UNIQUE);
CREATE TRIGGER logged AFTER INSERT ON pairs FOR EACH ROW INSERT INTO log VALUES (NEW.a * 1000 + NEW.b, NEW.a);
INSERT INTO users (id, email, age, n, note) VALUES (1, 'secret@x', 5, 5, 'secret');
INSERT INTO posts VALUES (1, 1);
INSERT INTO pairs VALUES (1, 2);
"""


@pytest.fixture(scope="module")
def db(server: str) -> Iterator[Database]:
    with new_database(server) as url:
        run_script(url, SCRIPT)
        with connect(url) as made:
            yield made


@pytest.mark.parametrize(
    ("sql", "error", "table", "columns"),
    [
        ("INSERT INTO users (email) VALUES ('secret@x')", UniqueViolation, "users", ("email",)),
        ("INSERT INTO users (id, email) VALUES (1, 'a')", UniqueViolation, "users", ("id",)),
        ("INSERT INTO users (email, age, n) VALUES ('a', 5, 5)", UniqueViolation, "users", ("age", "n")),
        ("INSERT INTO users (email, note) VALUES ('a', 'secret')", UniqueViolation, "users", ("`note`(3)",)),
        ("UPDATE `users` SET email = 'secret@x', id = 1 WHERE id = 1 OR 1/0", None, "", ()),
        ("INSERT INTO pairs VALUES (1, 2)", UniqueViolation, "pairs", ("a", "b")),
        # The trigger's own table has the key.
        ("INSERT INTO pairs VALUES (1, 3)", UniqueViolation, "log", ("what",)),
        ("INSERT INTO users (email) VALUES (NULL)", NotNullViolation, "users", ("email",)),
        ("INSERT INTO users (age) VALUES (1)", NotNullViolation, "users", ("email",)),
        ("UPDATE users SET email = NULL", NotNullViolation, "users", ("email",)),
        ("INSERT INTO users (email, age) VALUES ('a', -1)", CheckViolation, "users", ("age",)),
        ("INSERT INTO users (email, age, n) VALUES ('a', 17, 2)", CheckViolation, "users", ()),
        ("INSERT INTO users (email, data) VALUES ('a', 'secret')", CheckViolation, "users", ("data",)),
        ("INSERT INTO posts VALUES (2, 99)", ForeignKeyViolation, "posts", ("user_id",)),
        ("DELETE FROM users", ForeignKeyViolation, "posts", ("user_id",)),
    ],
)
def test_constraints(
    db: Database, sql: str, error: type[IntegrityError] | None, table: str, columns: tuple[str, ...]
) -> None:
    if error is None:
        assert db.execute(sql) == []
        return
    with pytest.raises(error) as caught:
        db.execute(sql)
    assert (caught.value.table, caught.value.columns) == (table, columns)
    assert table in str(caught.value)
    assert "secret" not in str(caught.value)
    assert isinstance(caught.value.__cause__, pymysql.Error)


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("email", "'" + "secret" * 5 + "'", "a value does not fit email: it is too long"),
        ("n", "99999", "a value does not fit n: it is out of range"),
        ("n", "'secret'", "a value does not fit users.n: it is of another type"),
        ("mood", "'secret'", "a value does not fit mood: it is of another type"),
        ("born", "'secret'", "a value does not fit users.born: it is no date or time"),
        ("born", "'2024-02-31'", "a value does not fit users.born: it is no date or time"),
        ("at", "'25:61 secret'", "a value does not fit users.at: it is no date or time"),
        ("ratio", "1e300", "a value does not fit ratio: it is out of range"),
        ("uid", "'secret'", "a value does not fit users.uid: it is of another type"),
        ("ip", "'secret'", "a value does not fit users.ip: it is of another type"),
        ("bits", "9999", "a value does not fit bits: it is too long"),
        ("balance", "123456", "a value does not fit balance: it is out of range"),
        ("narrow", "'\u20ac\u4e2d'", "a value does not fit users.narrow: it has characters"),
        ("note", "'a' REGEXP '(secret'", "a value does not fit: the regular expression"),
        # A value that looks like the end of a message.
        ("n", """'x'' for column ''email'' at row 1'""", "a value does not fit users.n: it is of another"),
    ],
)
def test_values_that_do_not_fit(db: Database, column: str, value: str, said: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        db.execute(
            f"INSERT INTO users (email, {column}) VALUES ('new', {value})"
            if column != "email"
            else f"INSERT INTO users (email) VALUES ({value})"
        )
    assert str(caught.value).startswith(said)
    assert "secret" not in str(caught.value)


def test_names_that_there_are_not(db: Database) -> None:
    with pytest.raises(TableNotFound, match="no table or view 'userz'; did you mean 'users'"):
        db.execute("SELECT * FROM userz")
    with pytest.raises(FieldNotFound, match="no column 'emial' in the statement; did you mean 'email'"):
        db.execute("SELECT emial FROM users")
    with pytest.raises(FieldNotFound, match=r"no column 'u\.x'"):
        db.execute("SELECT u.x FROM users u")
    with pytest.raises(QueryFailed, match="near line 1") as caught:
        db.execute("SELEC 'secret'")
    assert "secret" not in str(caught.value)
    with pytest.raises(QueryFailed, match=r"nofunction does not exist"):
        db.execute("SELECT nofunction(1)")


def test_what_the_database_computes(db: Database) -> None:
    with pytest.raises(ReadOnly, match="computes a column"):
        db.execute("INSERT INTO users (email, upper_email) VALUES ('a', 'b')")


def test_reading_only(db: Database) -> None:
    with raw_connection(db._engine._address.shown) as raw, raw.cursor() as cursor:
        cursor.execute("SET SESSION TRANSACTION READ ONLY")
        with pytest.raises(pymysql.Error) as caught:
            cursor.execute("DELETE FROM log")
    assert isinstance(statement_error(caught.value, db.schema, "DELETE FROM log"), ReadOnly)


def test_time_limits(db: Database) -> None:
    with pytest.raises(QueryTimeout):
        db.execute("SELECT sleep(20)", timeout_s=0.05)
    assert db.users.count() == 1


def test_a_statement_that_is_ended_on_the_server(db: Database) -> None:
    caught: list[Exception] = []

    def wait() -> None:
        try:
            # It sleeps for each of many rows, so that the end of one sleep is not the end of the statement.
            db.execute("SELECT sleep(20) FROM users a JOIN information_schema.COLUMNS b")
        except Exception as error:
            caught.append(error)

    thread = threading.Thread(target=wait)
    thread.start()
    with raw_connection(db._engine._address.shown) as raw, raw.cursor() as cursor:
        found: Any = ()
        while not found and thread.is_alive():
            cursor.execute(
                "SELECT id FROM information_schema.PROCESSLIST WHERE db = DATABASE() AND info LIKE 'SELECT sleep(20) %'"
            )
            found = cursor.fetchall()
        cursor.execute(f"KILL QUERY {found[0][0]}")
    thread.join(20)
    assert [type(error) for error in caught] == [QueryTimeout]
    assert "cancelled" in str(caught[0])


def test_a_lock_that_is_not_free(db: Database) -> None:
    with raw_connection(db._engine._address.shown) as raw, raw.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("SELECT * FROM users WHERE id = 1 FOR UPDATE")
        with pytest.raises(DatabaseLocked, match="run_in_transaction"):
            db.execute("SELECT * FROM users WHERE id = 1 FOR UPDATE NOWAIT")


KNOWN = Schema(
    "mysql",
    (
        Table(
            "users",
            columns=(Column("id", "id"), Column("email", "email"), Column("age", "age")),
            checks=(Check("`age` > 0", "users_chk_1", None), Check("`age` < 9", "small", "age")),
            indexes=(Index("email", (IndexPart("email"),), True, None, "unique"),),
        ),
    ),
)


@pytest.mark.parametrize(
    ("number", "said", "error", "columns"),
    [
        (1062, "Duplicate entry 'secret' for key 'users.email'", UniqueViolation, ("email",)),
        (1062, "Duplicate entry 'x' for key 'secret' for key 'users.email'", UniqueViolation, ("email",)),
        (3819, "Check constraint 'users_chk_1' is violated.", CheckViolation, ()),
        (3819, "Check constraint 'small' is violated.", CheckViolation, ("age",)),
        (1216, "Cannot add or update a child row: a foreign key constraint fails", ForeignKeyViolation, ()),
    ],
)
def test_what_mysql_says_of_constraints(
    number: int, said: str, error: type[IntegrityError], columns: tuple[str, ...]
) -> None:
    made = statement_error(
        pymysql.IntegrityError(number, said), KNOWN, "INSERT INTO `users` (`id`) VALUES (%s)"
    )
    assert isinstance(made, error)
    assert (made.table, made.columns) == ("users", columns)
    assert "secret" not in str(made)


@pytest.mark.parametrize(
    ("number", "said", "error"),
    [
        (3024, "Query execution was interrupted, maximum statement execution time exceeded", QueryTimeout),
        (1213, "Deadlock found when trying to get lock; try restarting transaction", DatabaseLocked),
        (1180, "Got error 149 'Lock deadlock; Retry transaction' during COMMIT", DatabaseLocked),
        (3572, "Statement aborted because lock(s) could not be acquired immediately", DatabaseLocked),
        (1047, "WSREP has not yet prepared node for application use", DatabaseLocked),
        (1047, "Unknown command", QueryFailed),
        (1290, "The MariaDB server is running with the --read-only option", ReadOnly),
        (1290, "The server is running with the --secure-file-priv option", QueryFailed),
        (1836, "Running in read-only mode", ReadOnly),
        (3105, "The value specified for generated column 'x' in table 't' is not allowed.", ReadOnly),
        (1153, "Got a packet bigger than 'max_allowed_packet' bytes", InvalidValue),
        (1114, "The table 'users' is full", DiskFull),
        (
            3140,
            "Invalid JSON text: \"Invalid value.\" at position 0 in value for column 'users.data'.",
            InvalidValue,
        ),
        (2013, "Lost connection to MySQL server during query", ConnectionLost),
        (4031, "The client was disconnected by the server because of inactivity.", ConnectionLost),
        (1644, "said 'secret' by a trigger", QueryFailed),
    ],
)
def test_what_cannot_be_had_here(number: int, said: str, error: type[Exception]) -> None:
    made = statement_error(pymysql.OperationalError(number, said), KNOWN)
    assert type(made) is error
    assert "secret" not in str(made)
    assert is_lost(pymysql.OperationalError(number, said)) is (error is ConnectionLost)


@pytest.mark.parametrize(
    ("error", "hint"),
    [
        (pymysql.OperationalError(1045, "Access denied for user 'a'@'b' (using password: YES)"), "the user"),
        (pymysql.OperationalError(1049, "Unknown database 'x'"), "must exist"),
        (pymysql.OperationalError(2003, "Can't connect to MySQL server on 'x'"), "server runs"),
        (pymysql.OperationalError(1040, "Too many connections"), "max_connections"),
        (pymysql.OperationalError(2026, "SSL connection error"), "certificates"),
        (pymysql.OperationalError(2013, "Lost connection to MySQL server at 'handshake'"), "server runs"),
        (RuntimeError("'cryptography' package is required for sha256_password"), "cryptography"),
    ],
)
def test_what_stands_in_the_way_of_opening(error: Exception, hint: str) -> None:
    made = open_error(error, "mysql://a@b/x")
    assert isinstance(made, ConnectionFailed)
    # Only what may be over in a moment is tried again.
    again = isinstance(made, ConnectionLost)
    assert again is (error.args[0] in (2003, 2013, 1040))
    assert again is False or made.answered is (error.args[0] == 1040)
    assert str(made).startswith("mysql://a@b/x cannot be opened: ")
    assert hint in (made.hint or "")
