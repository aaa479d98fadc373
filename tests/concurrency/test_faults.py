"""What SQLite says when a write fails becomes an error that names the table, the columns and what to do."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import apsw
import pytest

from noormme import (
    CheckViolation,
    ConnectionFailed,
    DatabaseLocked,
    DiskFull,
    ForeignKeyViolation,
    IntegrityError,
    InvalidValue,
    NoormmeError,
    NotNullViolation,
    ReadOnly,
    Schema,
    UniqueViolation,
    connect,
)
from noormme.engines.sqlite.faults import statement_error

TABLES = """
CREATE TABLE users (
    id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE, age INTEGER CHECK (age >= 0),
    role TEXT CONSTRAINT known_role CHECK (role IN ('admin', 'secret')), born INTEGER, died INTEGER,
    CHECK (born
           <= died)
);
CREATE UNIQUE INDEX one_case ON users (lower(email), role);
CREATE TABLE "odd, one.s" ("a.b" INTEGER, "c, d" INTEGER, UNIQUE ("a.b", "c, d"));
CREATE TABLE posts (
    id INTEGER PRIMARY KEY, author INTEGER REFERENCES users (id) DEFERRABLE, title TEXT
);
CREATE TABLE pins (post INTEGER PRIMARY KEY REFERENCES posts (id) ON DELETE RESTRICT) WITHOUT ROWID;
CREATE TABLE exact (n INTEGER, label TEXT) STRICT;
CREATE TABLE made (a INTEGER, b INTEGER GENERATED ALWAYS AS (a + 1));
CREATE TABLE bare (x);
CREATE VIEW names AS SELECT email FROM users;
CREATE TRIGGER guarded BEFORE INSERT ON bare WHEN new.x = 'literal'
    BEGIN SELECT RAISE(ABORT, 'nobody''s business'); END;
CREATE TRIGGER telling BEFORE INSERT ON bare WHEN new.x LIKE 'sesame%'
    BEGIN SELECT RAISE(ABORT, 'refused: ' || new.x); END;
CREATE VIRTUAL TABLE found USING fts5 (body);
CREATE VIRTUAL TABLE boxes USING rtree (id, low, high);
INSERT INTO users VALUES (1, 'ann@example.com', 41, 'admin', 1, 2);
INSERT INTO "odd, one.s" VALUES (1, 2);
INSERT INTO posts VALUES (1, 1, 'first'), (2, NULL, 'second');
INSERT INTO pins VALUES (2);
INSERT INTO bare (rowid, x) VALUES (1, 1);
INSERT INTO found (rowid, body) VALUES (1, 'words');
INSERT INTO boxes VALUES (1, 1, 2);
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "app.db"
    connection = apsw.Connection(str(file))
    connection.execute(TABLES).fetchall()
    connection.close()
    return file


@pytest.fixture
def schema(path: Path) -> Schema:
    with connect(path) as db:
        return db.schema


@pytest.fixture
def writer(path: Path) -> Iterator[apsw.Connection]:
    connection = apsw.Connection(str(path))
    connection.execute("PRAGMA foreign_keys = ON").fetchall()
    yield connection
    connection.close(True)


def refused(writer: apsw.Connection, sql: str, **known: object) -> NoormmeError:
    """The error for a statement that SQLite refuses."""
    with pytest.raises((apsw.Error, OverflowError)) as caught:
        writer.execute(sql).fetchall()
    return statement_error(caught.value, sql, **known)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("sql", "table", "kind", "where", "message"),
    [
        (
            "INSERT INTO users (email) VALUES ('ann@example.com')",
            "users",
            UniqueViolation,
            ("users", ("email",)),
            "users has a row with the same email already; give another value, or write to the row that is there",
        ),
        (
            "INSERT INTO users (email, role) VALUES ('ANN@example.com', 'admin')",
            "users",
            UniqueViolation,
            ("users", ("email", "role")),
            "users has a row already that is the same to its unique index 'one_case'; "
            "give other values, or write to the row that is there",
        ),
        (
            "INSERT INTO users (id, email) VALUES (1, 'b')",
            "users",
            UniqueViolation,
            ("users", ("id",)),
            "users has a row with the same id already; give another value, or write to the row that is there",
        ),
        (
            'INSERT INTO "odd, one.s" VALUES (1, 2)',
            "odd, one.s",
            UniqueViolation,
            ("odd, one.s", ("a.b", "c, d")),
            "odd, one.s has a row with the same a.b and c, d already; "
            "give another value, or write to the row that is there",
        ),
        (
            "INSERT INTO bare (rowid, x) VALUES (1, 5)",
            "bare",
            UniqueViolation,
            ("bare", ("rowid",)),
            "bare has a row with the same rowid already; give another value, or write to the row that is there",
        ),
        (
            "INSERT INTO found (rowid, body) VALUES (1, 'b')",
            "found",
            UniqueViolation,
            ("found", ()),
            "found has a row with the same key already; give another value, or write to the row that is there",
        ),
        (
            "INSERT INTO users (email) VALUES (NULL)",
            "users",
            NotNullViolation,
            ("users", ("email",)),
            "users must have a value in email; give one that is not None",
        ),
        (
            "INSERT INTO users (email, age) VALUES ('b', -1)",
            "users",
            CheckViolation,
            ("users", ("age",)),
            "users takes no row for which this does not hold: age >= 0; "
            "give values that its CHECK constraint allows",
        ),
        (
            "INSERT INTO users (email, role) VALUES ('b', 'nobody')",
            "users",
            CheckViolation,
            ("users", ("role",)),
            "users takes no row for which this does not hold: role IN ('admin', 'secret'); "
            "give values that its CHECK constraint allows",
        ),
        (
            "INSERT INTO users (email, born, died) VALUES ('b', 2, 1)",
            None,
            CheckViolation,
            ("users", ("born", "died")),
            "users takes no row for which this does not hold: born <= died; "
            "give values that its CHECK constraint allows",
        ),
        (
            "INSERT INTO posts (author) VALUES (77)",
            "posts",
            ForeignKeyViolation,
            ("posts", ("author",)),
            "a row of posts points at a row of users that does not exist; "
            "create that row first, or give the key of one that exists",
        ),
        (
            "WITH gone AS (SELECT 1 AS id) DELETE FROM users WHERE id IN (SELECT id FROM gone)",
            "users",
            ForeignKeyViolation,
            ("posts", ("author",)),
            "rows of posts still point at a row of users; delete those rows first, or let them point elsewhere",
        ),
        (
            "DELETE FROM posts WHERE id = 2",
            "posts",
            ForeignKeyViolation,
            ("pins", ("post",)),
            "rows of pins still point at a row of posts; delete those rows first, or let them point elsewhere",
        ),
        (
            "UPDATE users SET id = 5",
            "users",
            ForeignKeyViolation,
            ("users", ()),
            "a row of users points at a row that does not exist, or its old key is still pointed at; "
            "create what it points at first, or change what points at it",
        ),
        (
            "INSERT INTO bare VALUES ('literal')",
            "bare",
            IntegrityError,
            ("bare", ()),
            "a trigger refused the row: nobody's business",
        ),
        (
            "INSERT INTO bare VALUES ('sesame 77')",
            "bare",
            IntegrityError,
            ("bare", ()),
            "a trigger of bare refused the row; what it said may hold values, so only __cause__ repeats it",
        ),
        (
            "INSERT INTO boxes VALUES (2, 77, 2)",
            "boxes",
            IntegrityError,
            ("boxes", ()),
            "a constraint of boxes refused the row",
        ),
    ],
)
def test_a_constraint_says_where(
    writer: apsw.Connection,
    schema: Schema,
    sql: str,
    table: str | None,
    kind: type[IntegrityError],
    where: tuple[str, tuple[str, ...]],
    message: str,
) -> None:
    error = refused(writer, sql, schema=schema, table=table)
    assert type(error) is kind
    assert isinstance(error, IntegrityError)
    assert (error.table, error.columns) == where
    assert str(error) == message


def test_what_can_be_said_without_a_schema(writer: apsw.Connection) -> None:
    unique = refused(writer, "INSERT INTO users (email) VALUES ('ann@example.com')")
    assert isinstance(unique, UniqueViolation)
    assert (unique.table, unique.columns) == ("users", ("email",))
    index = refused(writer, "INSERT INTO users (email, role) VALUES ('ANN@example.com', 'admin')")
    assert isinstance(index, UniqueViolation)
    assert (index.table, index.columns) == (None, ())
    assert "unique index 'one_case'" in str(index)
    check = refused(writer, "INSERT INTO users (email, age) VALUES ('b', -1)")
    assert isinstance(check, CheckViolation)
    assert (check.table, check.columns) == (None, ())
    assert "CHECK constraint: age >= 0" in str(check)
    for sql in ("INSERT INTO posts (author) VALUES (77)", "DELETE FROM users"):
        key = refused(writer, sql)
        assert isinstance(key, ForeignKeyViolation)
        assert (key.table, key.columns) == (None, ())


def test_a_deferred_foreign_key_is_refused_at_the_end(writer: apsw.Connection, schema: Schema) -> None:
    writer.execute("PRAGMA defer_foreign_keys = ON; BEGIN; INSERT INTO posts (author) VALUES (77)").fetchall()
    error = refused(writer, "COMMIT", schema=schema)
    assert isinstance(error, ForeignKeyViolation)
    assert str(error) == (
        "rows of this transaction point at rows that do not exist; "
        "create what they point at before the transaction ends, or delete them"
    )
    writer.execute("ROLLBACK").fetchall()


@pytest.mark.parametrize(
    ("sql", "kind", "message"),
    [
        (
            "INSERT INTO exact (n) VALUES ('sesame')",
            InvalidValue,
            "exact.n takes INTEGER and was given TEXT; its table is STRICT: give that type",
        ),
        (
            "INSERT INTO users (id, email) VALUES ('sesame', 'b')",
            InvalidValue,
            "the key of users is an integer, and was given something else; "
            "give a whole number, or leave the key out and the database makes one",
        ),
        (
            "INSERT INTO names VALUES ('sesame')",
            ReadOnly,
            "cannot modify names because it is a view; it can be read; write to the table that it is made from",
        ),
        (
            "UPDATE made SET b = 77",
            ReadOnly,
            'cannot UPDATE generated column "b"; it can be read; write to the table that it is made from',
        ),
    ],
)
def test_what_cannot_take_the_value(
    writer: apsw.Connection, schema: Schema, sql: str, kind: type[NoormmeError], message: str
) -> None:
    error = refused(writer, sql, schema=schema, table="users")
    assert type(error) is kind
    assert str(error) == message


def test_an_integer_beyond_64_bits(writer: apsw.Connection) -> None:
    sql = "INSERT INTO bare VALUES (?)"
    with pytest.raises(OverflowError) as caught:
        writer.execute(sql, (2**70,)).fetchall()
    error = statement_error(caught.value, sql)
    assert isinstance(error, InvalidValue)
    assert "64 bits" in str(error)


def test_no_message_holds_a_value(writer: apsw.Connection, schema: Schema) -> None:
    secrets = ("'sesame'", "-77", "77")
    for table in ("users", "posts", "pins", "exact", "bare", "boxes", "found"):
        columns = [row[1] for row in writer.execute(f"PRAGMA table_info({table})")]
        for column in columns:
            for secret in secrets:
                sql = f"INSERT INTO {table} ({column}) VALUES ({secret})"
                try:
                    writer.execute(f"SAVEPOINT s; {sql}").fetchall()
                except apsw.Error as error:
                    for known in (schema, None):
                        shown = str(statement_error(error, sql, schema=known, table=table))
                        assert secret.strip("'-") not in shown
                finally:
                    writer.execute("ROLLBACK TO s; RELEASE s").fetchall()


def test_a_snapshot_that_is_too_old(path: Path, writer: apsw.Connection) -> None:
    writer.execute("PRAGMA journal_mode = WAL; BEGIN DEFERRED; SELECT * FROM users").fetchall()
    other = apsw.Connection(str(path))
    other.execute("INSERT INTO bare VALUES (2)").fetchall()
    error = refused(writer, "INSERT INTO bare VALUES (3)")
    assert isinstance(error, DatabaseLocked)
    assert 'begin it with mode="immediate"' in str(error)
    other.close()
    writer.execute("ROLLBACK").fetchall()


def test_a_lock_that_another_holds(path: Path, writer: apsw.Connection) -> None:
    other = apsw.Connection(str(path))
    other.execute("BEGIN IMMEDIATE").fetchall()
    error = refused(writer, "INSERT INTO bare VALUES (3)")
    assert isinstance(error, DatabaseLocked)
    assert str(error) == "another connection held the lock for too long; raise busy_timeout_s"
    other.close()


# ---------------------------------------------------------------- the file


def test_no_room(path: Path, writer: apsw.Connection) -> None:
    writer.execute("PRAGMA max_page_count = 1").fetchall()
    error = refused(writer, "INSERT INTO bare VALUES (zeroblob(5000000))", path=str(path))
    assert isinstance(error, DiskFull)
    assert "free some space" in str(error)
    assert writer.execute("SELECT count(*) FROM bare").get == 1


LIMITED = """
import resource, signal, sys
import apsw
from noormme.engines.sqlite.faults import statement_error
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
path, mode = sys.argv[1:]
writer = apsw.Connection(path)
writer.execute(f"PRAGMA journal_mode = {mode}; INSERT INTO bare VALUES (2)").fetchall()
resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, resource.RLIM_INFINITY))
try:
    writer.execute("INSERT INTO bare VALUES (zeroblob(5000000))").fetchall()
except apsw.Error as error:
    found = statement_error(error, "", path=path)
    print(type(found).__name__, found)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
print(writer.execute("SELECT count(*) FROM bare; PRAGMA integrity_check").fetchall())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such limits on Windows")
@pytest.mark.parametrize("mode", ["wal", "delete"])
def test_a_limit_on_the_size_of_files(path: Path, mode: str) -> None:
    program = [sys.executable, "-c", LIMITED, str(path), mode]
    done = subprocess.run(program, capture_output=True, text=True, timeout=60, check=True)
    failed, rows = done.stdout.splitlines()
    assert failed.startswith("DiskFull the database cannot grow; ")
    assert rows == "[(2,), ('ok',)]"


@pytest.fixture
def readonly(path: Path) -> Iterator[apsw.Connection]:
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    yield connection
    connection.close()


def test_a_connection_that_reads_only(path: Path, readonly: apsw.Connection) -> None:
    sql = "INSERT INTO bare VALUES (2)"
    assert str(refused(readonly, sql)) == (
        "this connection reads only; write through the tables, or within db.transaction()"
    )
    error = refused(readonly, sql, path=str(path))
    assert isinstance(error, ReadOnly)
    assert "was opened for reading only; connect() without readonly=True" in str(error)


@pytest.mark.skipif(
    sys.platform == "win32" or os.getuid() == 0, reason="nothing is forbidden to root, or on Windows"
)
@pytest.mark.parametrize(("what", "hint"), [("file", "chmod u\\+w"), ("folder", "journal beside the file")])
def test_a_file_without_the_right_to_write(
    path: Path, readonly: apsw.Connection, what: str, hint: str
) -> None:
    forbidden = path if what == "file" else path.parent
    forbidden.chmod(0o500)
    try:
        error = refused(readonly, "INSERT INTO bare VALUES (2)", path=str(path))
    finally:
        forbidden.chmod(0o700)
    assert isinstance(error, ReadOnly)
    assert hint.replace("\\", "") in str(error)


def remove_file(path: Path) -> None:
    path.unlink()


def remove_folder(path: Path) -> None:
    shutil.rmtree(path.parent)


@pytest.mark.skipif(sys.platform == "win32", reason="a file that is open cannot be deleted on Windows")
@pytest.mark.parametrize("remove", [remove_file, remove_folder])
def test_a_file_that_is_gone(path: Path, writer: apsw.Connection, remove: Callable[[Path], None]) -> None:
    writer.execute("INSERT INTO bare VALUES (2)").fetchall()
    remove(path)
    error = refused(writer, "INSERT INTO bare VALUES (3)", path=str(path))
    assert isinstance(error, ConnectionFailed)
    assert "was deleted, moved or replaced while it was open" in str(error)


@pytest.mark.skipif(sys.platform == "win32", reason="a file that is open cannot be deleted on Windows")
def test_a_folder_that_is_gone_before_the_first_read(path: Path) -> None:
    connection = apsw.Connection(str(path))
    connection.execute("PRAGMA journal_mode = WAL").fetchall()
    connection.close()
    connection = apsw.Connection(str(path))
    shutil.rmtree(path.parent)
    sql = "SELECT * FROM bare"
    with pytest.raises(apsw.Error) as caught:
        connection.execute(sql).fetchall()
    assert isinstance(statement_error(caught.value, sql, path=str(path)), ConnectionFailed)
    unknown = statement_error(caught.value, sql)
    assert "check the disk" in str(unknown) or "may have been deleted" in str(unknown)
    connection.close()
