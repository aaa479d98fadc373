"""When SQLite looks at the values of a statement to plan it, and when it does not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import apsw
import pytest

from noormme import Database, connect
from tests.orm.world import change

PEOPLE = """
CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, age INTEGER, born INTEGER);
CREATE INDEX people_age ON people (age);
INSERT INTO people (name, age, born) VALUES ('Ann', 3, 1), ('Bob', 3, 2), ('Cleo', 4, 3);
"""
Open = Callable[..., Database]


def prepared(db: Database, run: Callable[[], object]) -> int:
    """How often SQLite prepares a statement: its authorizer is asked for each SELECT of one."""
    asked: list[int] = []

    def authorizer(operation: int, *_: object) -> int:
        asked.append(operation)
        return apsw.SQLITE_OK

    connection = db._engine.local.new().connection  # type: ignore[attr-defined]
    connection.authorizer = authorizer
    try:
        run()
        # To set an authorizer makes SQLite prepare everything again, once.
        asked.clear()
        run()
        return asked.count(apsw.SQLITE_SELECT)
    finally:
        connection.authorizer = None


def pages(db: Database) -> list[list[int]]:
    return [[row.id for row in db.people.filter(age=age).order_by("-born")[:2]] for age in (3, 4, 5)]


def test_other_values_need_no_other_plan(opened: Open) -> None:
    db = opened(PEOPLE)
    assert prepared(db, lambda: pages(db)) == 0
    assert pages(db) == [[2, 1], [3], []]


@pytest.mark.parametrize(
    "more",
    [
        "CREATE INDEX some ON people (born) WHERE age = 3;",
        "CREATE TABLE words (word TEXT COLLATE NOCASE PRIMARY KEY);",
        "CREATE INDEX some ON people (name COLLATE NOCASE);",
    ],
)
def test_where_values_decide_they_are_looked_at(opened: Open, more: str) -> None:
    db = opened(PEOPLE + more)
    assert prepared(db, lambda: pages(db)) > 0
    assert pages(db) == [[2, 1], [3], []]


def test_a_partial_index_serves_the_value_that_it_is_for(opened: Open) -> None:
    db = opened(PEOPLE + "CREATE INDEX threes ON people (born) WHERE age = 3; DROP INDEX people_age;")
    assert "threes" in db.people.filter(age=3).order_by("born").explain()
    assert "threes" not in db.people.filter(age=4).order_by("born").explain()


def test_a_pattern_finds_its_index(opened: Open) -> None:
    db = opened(PEOPLE + "CREATE INDEX names ON people (name COLLATE NOCASE);")
    plan = db.execute("EXPLAIN QUERY PLAN SELECT id FROM people WHERE name LIKE ?", ["an%"])
    assert "names (name>? AND name<?)" in str(plan)


def test_statistics_of_values_are_used(tmp_path: Path) -> None:
    change(tmp_path / "made.db", PEOPLE)
    connection = apsw.Connection(str(tmp_path / "made.db"))
    connection.execute("ANALYZE").fetchall()
    connection.close()
    with connect(tmp_path / "made.db") as db:
        assert prepared(db, lambda: pages(db)) > 0
