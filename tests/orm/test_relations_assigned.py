"""Assigning relations, keys that hold bytes, and the errors of one model."""

from __future__ import annotations

from pathlib import Path

import apsw
import pytest

from noormme import Database, DoesNotExist, InvalidValue, MultipleObjectsReturned, ReadOnly, connect


@pytest.fixture
def db(tmp_path: Path) -> Database:
    connection = apsw.Connection(str(tmp_path / "keys.db"))
    connection.execute(
        "CREATE TABLE boxes (code BLOB, number INTEGER, name TEXT, PRIMARY KEY (code, number));"
        "CREATE TABLE things (id INTEGER PRIMARY KEY, box_code BLOB, box_number INTEGER,"
        " FOREIGN KEY (box_code, box_number) REFERENCES boxes (code, number));"
        "INSERT INTO boxes VALUES (x'01ff', 2, 'one'), (x'', 3, 'two'), ('text', 3, 'three');"
        "INSERT INTO things (box_code, box_number) VALUES (x'01ff', 2), (x'', 3), (x'01ff', 2), (NULL, 2), ('text', 3)"
    ).fetchall()
    connection.close()
    return connect(tmp_path / "keys.db")


def test_composite_keys_may_hold_bytes(db: Database) -> None:
    with db.capture() as statements:
        assert [thing.box and thing.box.name for thing in db.things.order_by("id")] == [
            "one",
            "two",
            "one",
            None,
            "three",
        ]
    assert len(statements) == 2
    with db.capture() as statements:
        boxes = db.boxes.order_by("name").prefetch_related("things")
        assert {box.name: [thing.id for thing in box.things] for box in boxes} == {
            "one": [1, 3],
            "three": [5],
            "two": [2],
        }
    assert len(statements) == 2
    assert db.boxes.filter(pk__in=[(b"\x01\xff", 2), ("text", 3), (b"text", 3)]).count() == 2


def test_an_assigned_relation_sets_the_key(db: Database) -> None:
    thing = db.things.get(id=1)
    box = db.boxes.get(name="two")
    thing.box = box
    assert (thing.box_code, thing.box_number) == (b"", 3)
    with db.capture() as statements:
        assert thing.box is box
    assert statements == []
    thing.box = None
    assert (thing.box_code, thing.box_number, thing.box) == (None, None, None)


def test_what_cannot_be_assigned_says_so(db: Database) -> None:
    with pytest.raises(InvalidValue, match="'box' of things takes an object of boxes or None, not int"):
        db.things.get(id=1).box = 5
    with pytest.raises(ReadOnly, match="set 'box' of the things object"):
        db.boxes.get(name="one").things = []


def test_each_model_has_errors_of_its_own(db: Database) -> None:
    box, thing = db.model("boxes"), db.model("things")
    with pytest.raises(thing.DoesNotExist):
        db.things.get(id=99)
    with pytest.raises(DoesNotExist):
        db.things.get(id=99)
    with pytest.raises(thing.MultipleObjectsReturned):
        db.things.get(box_number=2)
    assert not issubclass(thing.DoesNotExist, box.DoesNotExist)
    assert not issubclass(box.MultipleObjectsReturned, thing.MultipleObjectsReturned)
    assert issubclass(box.MultipleObjectsReturned, MultipleObjectsReturned)
