"""What generated functions and SQL of the user's own ask of a libSQL server."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from noormme import Database, UsageError, connect
from noormme.codegen.sql.places import placed
from noormme.typed_sql import Of, RowQuery, ValueQuery


class Word(msgspec.Struct):
    """A row as a function was made for it."""

    id: int
    a: str
    b: bytes


def test_lists(opened: Callable[..., Database]) -> None:
    db = opened("CREATE TABLE words (id INTEGER PRIMARY KEY, a TEXT, b BLOB)")
    for number in (1, 2, 3):
        db.words.create(id=number, a=f"a{number}", b=bytes([number]))
    sql = placed("SELECT id FROM words WHERE a IN :some AND b NOT IN :others ORDER BY id", "libsql").sql
    wanted = ValueQuery[int](
        "wanted",
        sql,
        parameters={"some": Of("words", "a", many=True), "others": Of("words", "b", many=True)},
        columns={"id": "integer"},
    )
    assert wanted.all(db, ["a1", "a2", "it's"], [b"\1", b"\7"]) == [2]
    assert wanted.all(db, ["a1", "a2"], []) == [1, 2]
    assert wanted.all(db, [], []) == []
    db.words.create(id=4, a="a\0b", b=b"\4")
    assert wanted.all(db, ["a\0b", "a1"], []) == [1, 4], "JSON holds what carray does not"


def test_a_table_that_is_made_anew(opened: Callable[..., Database], url: str) -> None:
    db = opened("CREATE TABLE words (id INTEGER PRIMARY KEY, a TEXT, b BLOB)")
    db.words.create(id=1, a="a", b=b"b")
    columns = {"id": Of("words", "id"), "a": Of("words", "a"), "b": Of("words", "b")}
    everything = RowQuery("everything", Word, "SELECT * FROM words", columns=columns)
    assert everything.all(db) == [Word(1, "a", b"b")]
    assert db.execute("SELECT * FROM words")[0].a == "a"
    with connect(url) as other:
        other.execute("DROP TABLE words")
        other.execute("CREATE TABLE words (id INTEGER PRIMARY KEY, b BLOB, a TEXT)")
        other.execute("INSERT INTO words VALUES (1, x'62', 'a')")
    assert db.execute("SELECT * FROM words")[0].a == "a"
    with pytest.raises(UsageError, match="'everything' gives other columns"):
        everything.all(db)
