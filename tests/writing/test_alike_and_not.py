"""Rows that are written the short way, since nothing about them is unusual, and rows that are not.

Each test has both kinds, so that neither way gives another result than the other.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import apsw
import pytest

from noormme import Database, connect
from noormme.errors import CheckViolation, InvalidValue, NotNullViolation, UniqueViolation

SCRIPT = """
CREATE TABLE people (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, age INTEGER CHECK (age > 0), ratio REAL,
    active BOOLEAN, born DATETIME, note TEXT DEFAULT 'none'
);
CREATE UNIQUE INDEX people_name ON people (name);
CREATE TABLE pairs (a TEXT, b TEXT, n INTEGER, PRIMARY KEY (a, b)) WITHOUT ROWID;
INSERT INTO people VALUES (1, 'ann', 40, 0.5, 1, '2020-01-02 03:04:05', 'none');
"""
BORN = datetime(1990, 5, 6, 7, 8, 9)


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    connection = apsw.Connection(str(tmp_path / "people.db"))
    connection.execute(SCRIPT)
    connection.close()
    with connect(tmp_path / "people.db") as db:
        yield db


def new(db: Database, **values: Any) -> Any:
    given = {"age": 3, "ratio": 1.5, "active": True, "born": BORN, "note": "x"}
    return db.model("people")(**{**given, **values})


def as_stored(db: Database, items: list[Any]) -> bool:
    return all(db.people.get(id=item.id).to_dict() == item.to_dict() for item in items)


@pytest.mark.parametrize(
    "odd",
    [
        {},
        {"age": "7"},
        {"ratio": "2.5"},
        {"active": None},
        {"born": "2001-02-03 04:05:06"},
        {"id": 50},
        {"note": "y"},
    ],
)
def test_one_odd_row_among_many_changes_nothing_for_the_others(db: Database, odd: dict[str, Any]) -> None:
    items = [new(db, name="a"), new(db, name="b", **odd), new(db, name="c")]
    assert db.people.bulk_create(items) == items
    assert [item.name for item in items] == ["a", "b", "c"]
    assert len({item.id for item in items}) == 3
    assert as_stored(db, items)
    assert db.people.count() == 4


def test_a_row_that_lacks_what_others_give_gets_its_default(db: Database) -> None:
    model = db.model("people")
    items = [model(name="a", note="x"), model(name="b"), model(name="c", note=None)]
    db.people.bulk_create(items)
    assert [item.note for item in items] == ["x", "none", None]
    assert as_stored(db, items)


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"name": None}, NotNullViolation),
        ({"name": "ann"}, UniqueViolation),
        ({"age": 0}, CheckViolation),
        ({"ratio": math.nan}, InvalidValue),
        ({"age": object()}, InvalidValue),
    ],
)
def test_where_one_row_is_refused_all_stay_new(
    db: Database, wrong: dict[str, Any], error: type[Exception]
) -> None:
    items = [new(db, name="a"), new(db, **{"name": "b", **wrong})]
    with pytest.raises(error):
        db.people.bulk_create(items)
    assert db.people.count() == 1
    assert [item.id for item in items] == [None, None]
    items[1] = new(db, name="b")
    db.people.bulk_create(items)
    assert as_stored(db, items)


def test_rows_with_keys_of_their_own(db: Database) -> None:
    pairs = db.pairs.bulk_create([{"a": "1", "b": "2", "n": 3}, {"a": "1", "b": "3", "n": None}])
    assert [pair.pk for pair in pairs] == [("1", "2"), ("1", "3")]
    assert list(db.pairs.order_by("b").values_list("n", flat=True)) == [3, None]


def test_what_was_made_in_a_block_is_new_again_after_a_rollback(db: Database) -> None:
    made: list[Any] = []
    with pytest.raises(ZeroDivisionError), db.transaction():
        made.append(db.people.create(name="a", age=1))
        with db.transaction():
            made.append(db.people.create(name="b", age=2))
        made += db.people.bulk_create([new(db, name="c"), new(db, name="d")])
        made[0].age = 9
        made[0].save()
        1 / 0  # noqa: B018
    assert db.people.count() == 1
    assert [item.id for item in made] == [None] * 4
    for item in made:
        item.save()
    assert [item.age for item in made] == [9, 2, 3, 3]
    assert as_stored(db, made)


def test_numbers_that_are_no_numbers_are_refused_one_by_one_too(db: Database) -> None:
    ann = db.people.get(name="ann")
    ann.ratio = math.nan
    with pytest.raises(InvalidValue):
        ann.save()
    with pytest.raises(InvalidValue):
        db.people.create(name="b", ratio=math.nan)
    assert db.people.create(name="c", ratio=math.inf).ratio == math.inf
    assert list(db.people.order_by("id").values_list("ratio", flat=True)) == [0.5, math.inf]


def test_saving_writes_the_fields_that_changed_in_any_order(db: Database) -> None:
    ann = db.people.get(name="ann")
    ann.note, ann.age, ann.name = "n", 41, "anna"
    with db.capture() as ran:
        ann.save()
    assert [text.splitlines()[0] for text in map(str, ran) if text.startswith("UPDATE")] == [
        'UPDATE "people" SET "name"=?, "age"=?, "note"=? WHERE "people"."id" = ?'
    ]
    assert as_stored(db, [ann])
    ann.id = 9
    ann.save()
    assert [person.id for person in db.people.all()] == [9]


def test_values_are_written_in_the_form_that_the_column_holds(tmp_path: Path) -> None:
    connection = apsw.Connection(str(tmp_path / "forms.db"))
    connection.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, at DATETIME, ok BOOLEAN)")
    connection.execute("INSERT INTO t VALUES (1, 1577872800000, 't')")
    connection.close()
    with connect(tmp_path / "forms.db") as db:
        row = db.t.create(at=BORN, ok=False)
        stored = db.execute("SELECT typeof(at), ok || '' FROM t WHERE id = ?", [row.id])
        assert [tuple(each) for each in stored] == [("integer", "f")]
        assert db.t.get(id=row.id).at == BORN
