"""Tables that somebody else makes anew while a program runs: no value appears under the name of another one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from noormme import Database, UsageError, connect
from noormme.typed_sql import Command, RowQuery, ValueQuery
from tests.codegen.sql.world import new_world

TEXT = "VARCHAR(20)"
RUNS = 8
"""More often than it takes a driver to keep what it has prepared."""


class Word(msgspec.Struct):
    """A row as a function was made for it."""

    id: int
    a: str
    b: str


EVERYTHING = RowQuery(
    "everything", Word, "SELECT * FROM words", columns={"id": "integer", "a": "text", "b": "text"}
)
ADD = RowQuery(
    "add",
    Word,
    "INSERT INTO words (id, a, b) VALUES (:id, 'new', 'NEW') RETURNING *",
    parameters={"id": "integer"},
    columns={"id": "integer", "a": "text", "b": "text"},
)


@pytest.fixture
def target(engine: str, tmp_path: Path) -> Iterator[str]:
    """A database with a table of words."""
    with new_world(engine, tmp_path) as made:
        with connect(made) as other:
            other.execute(f"CREATE TABLE words (id INTEGER PRIMARY KEY, a {TEXT}, b {TEXT})")
            other.execute("INSERT INTO words VALUES (1, 'small', 'LARGE')")
        yield made


@pytest.fixture
def db(target: str) -> Iterator[Database]:
    """The database, as the program that runs has it."""
    with connect(target) as made:
        yield made


@pytest.fixture
def swapped(target: str) -> Callable[[], None]:
    """A function with which somebody else changes the order of the columns."""

    def swap() -> None:
        with connect(target) as other:
            other.execute("DROP TABLE words")
            other.execute(f"CREATE TABLE words (id INTEGER PRIMARY KEY, b {TEXT}, a {TEXT})")
            other.execute("INSERT INTO words VALUES (1, 'LARGE', 'small')")

    return swap


@pytest.fixture
def widened(target: str) -> Callable[[], None]:
    """A function with which somebody else adds a column."""

    def widen() -> None:
        with connect(target) as other:
            other.execute(f"ALTER TABLE words ADD COLUMN c {TEXT}")

    return widen


def test_execute(db: Database, swapped: Callable[[], None]) -> None:
    for _ in range(RUNS):
        (row,) = db.execute("SELECT * FROM words")
        assert (row.a, row.b) == ("small", "LARGE")
    swapped()
    for _ in range(RUNS):
        (row,) = db.execute("SELECT * FROM words")
        assert (row.columns, row.a, row.b) == (("id", "b", "a"), "small", "LARGE")
    with db.transaction():
        assert db.execute("SELECT * FROM words")[0].a == "small"
    assert asyncio.run(db.aexecute("SELECT * FROM words"))[0].a == "small"


def test_execute_in_a_transaction(db: Database, swapped: Callable[[], None]) -> None:
    with db.transaction():
        assert db.execute("SELECT * FROM words")[0].a == "small"
    swapped()
    with db.transaction():
        assert db.execute("SELECT * FROM words")[0].a == "small"


def test_a_database_in_memory() -> None:
    with connect(":memory:") as db:
        db.execute("CREATE TABLE words (id INTEGER PRIMARY KEY, a, b)")
        db.execute("INSERT INTO words VALUES (1, 'small', 'LARGE')")
        assert db.execute("SELECT * FROM words")[0].a == "small"
        db.execute("DROP TABLE words")
        db.execute("CREATE TABLE words (id INTEGER PRIMARY KEY, b, a)")
        db.execute("INSERT INTO words VALUES (1, 'LARGE', 'small')")
        assert db.execute("SELECT * FROM words")[0].a == "small"
        with db.transaction():
            assert db.execute("SELECT * FROM words")[0].a == "small"


def test_what_a_write_gives_back(db: Database, swapped: Callable[[], None]) -> None:
    sql = "INSERT INTO words (id, a, b) VALUES (?, 'new', 'NEW') RETURNING *"
    assert db.execute(sql, [2])[0].a == "new"
    swapped()
    (row,) = db.execute(sql, [3])
    assert (row.columns, row.id, row.a, row.b) == (("id", "b", "a"), 3, "new", "NEW")
    assert db.words.count() == 2, "it ran once"


def test_raw(db: Database, swapped: Callable[[], None]) -> None:
    query = "SELECT * FROM words"
    assert [word.a for word in db.words.raw(query)] == ["small"]
    swapped()
    assert [word.a for word in db.words.raw(query).iterator()] == ["small"]
    assert [(word.a, word.b) for word in db.words.raw(query)] == [("small", "LARGE")]


def test_a_generated_function(db: Database, swapped: Callable[[], None]) -> None:
    for _ in range(RUNS):
        assert EVERYTHING.all(db) == [Word(1, "small", "LARGE")]
    swapped()
    for _ in range(RUNS):
        with pytest.raises(UsageError, match="'everything' gives other columns than when its function"):
            EVERYTHING.all(db)
    with pytest.raises(UsageError, match="run 'noormme sql generate' again"):
        asyncio.run(EVERYTHING.aall(db))


def test_a_function_that_gives_one_column(db: Database, target: str) -> None:
    names = ValueQuery[str]("names", "SELECT * FROM names", columns={"name": "text"})
    with connect(target) as other:
        other.execute(f"CREATE TABLE names (name {TEXT})")
        other.execute("INSERT INTO names VALUES ('Ann')")
    assert names.all(db) == ["Ann"]
    with connect(target) as other:
        other.execute(f"ALTER TABLE names ADD COLUMN born {TEXT}")
    with pytest.raises(UsageError, match="'names' gives other columns than when its function was made"):
        names.all(db)


def test_a_generated_function_that_writes(db: Database, widened: Callable[[], None]) -> None:
    assert ADD.one(db, 2) == Word(2, "new", "NEW")
    widened()
    with pytest.raises(UsageError, match="'add' has run, but gives other columns than when its") as caught:
        ADD.one(db, 3)
    assert "outside of a transaction, what it wrote is kept" in str(caught.value)
    assert db.words.filter(id=3).exists()


def test_a_generated_function_that_writes_in_a_transaction(db: Database, widened: Callable[[], None]) -> None:
    with db.transaction():
        assert ADD.one(db, 2) == Word(2, "new", "NEW")
    widened()
    with pytest.raises(UsageError, match="'add' "), db.transaction():
        ADD.one(db, 3)
    with pytest.raises(UsageError, match="'add' "):
        asyncio.run(ADD.aone(db, 4))
    assert not db.words.filter(id__in=[3, 4]).exists()


def test_a_statement_without_rows_minds_nothing(db: Database, widened: Callable[[], None]) -> None:
    add = Command("add", "INSERT INTO words (id) VALUES (:id)", parameters={"id": "integer"})
    add.run(db, 2)
    widened()
    add.run(db, 3)
    assert db.words.count() == 3
