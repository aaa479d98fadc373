"""Names as they are written in queries: every field and relation can be asked for by its Python name."""

from __future__ import annotations

from collections.abc import Iterator

import apsw
import pytest

from noormme import Database, connect
from noormme.errors import RelationNotFound

SQL = """
CREATE TABLE school(id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE class(id INTEGER PRIMARY KEY, "class" TEXT, save INT, "2nd" TEXT, _id INT,
    school_id REFERENCES school);
CREATE TABLE pupil(id INTEGER PRIMARY KEY, class_id INT REFERENCES class(id), "Full Name" TEXT,
    buddy REFERENCES pupil);
CREATE TABLE "close"(id INTEGER PRIMARY KEY, "first name" TEXT, first_name TEXT);
INSERT INTO school VALUES (1, 'North');
INSERT INTO class VALUES (1, 'a', 5, 'x', 7, 1), (2, 'b', NULL, 'y', 8, NULL);
INSERT INTO pupil VALUES (1, 1, 'Ann', NULL), (2, 2, 'Bob', 1);
INSERT INTO "close" VALUES (1, 'one', 'two');
"""


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    path = str(tmp_path_factory.mktemp("names") / "names.db")
    connection = apsw.Connection(path)
    connection.execute(SQL)
    connection.close()
    with connect(path) as found:
        yield found


@pytest.mark.parametrize(
    ("conditions", "ids"),
    [
        ({"class_": "a"}, [1]),
        ({"class": "a"}, [1]),
        ({"class___in": ["a"]}, [1]),
        ({"class__in": ["a"]}, [1]),
        ({"save_": 5}, [1]),
        ({"save___isnull": True}, [2]),
        ({"_2nd": "x"}, [1]),
        ({"_2nd__contains": "y"}, [2]),
        ({"2nd__contains": "y"}, [2]),
        ({"_id": 7}, [1]),
        ({"_id__gt": 7}, [2]),
        ({"school__name": "North"}, [1]),
        ({"pupil__id": 2}, [2]),
        ({"pupil__full_name__startswith": "A"}, [1]),
        ({"pupil__Full Name__startswith": "A"}, [1]),
    ],
)
def test_fields(db: Database, conditions: dict[str, object], ids: list[int]) -> None:
    assert list(db["class"].filter(**conditions).values_list("id", flat=True)) == ids


@pytest.mark.parametrize(
    ("conditions", "ids"),
    [
        ({"class_": 1}, [1]),
        ({"class_id": 1}, [1]),
        ({"class___class_": "a"}, [1]),
        ({"class___class___in": ["b"]}, [2]),
        ({"class____2nd": "x"}, [1]),
        ({"class____2nd__contains": "x"}, [1]),
        ({"class____id__gte": 8}, [2]),
        ({"class___school__name": "North"}, [1]),
        ({"class___school__isnull": True}, [2]),
        ({"buddy": 1}, [2]),
        ({"buddy_id": 1}, [2]),
        ({"buddy__full_name": "Ann"}, [2]),
        ({"buddy__class___school__name": "North"}, [2]),
        ({"pupil__full_name": "Bob"}, [1]),
    ],
)
def test_relations(db: Database, conditions: dict[str, object], ids: list[int]) -> None:
    assert list(db.pupil.filter(**conditions).values_list("id", flat=True)) == ids


def test_order_and_values(db: Database) -> None:
    rows = db.pupil.order_by("-class___class_").values_list("full_name", "class____2nd", "buddy_id")
    assert list(rows) == [("Bob", "y", 1), ("Ann", "x", None)]


def test_loading(db: Database) -> None:
    loaded = db.pupil.select_related("class___school").order_by("id")
    with db.capture() as statements:
        first, second = loaded
        assert first.class_.school.name == "North"
        assert second.class_.school is None
    assert len(statements) == 1
    with db.capture() as statements:
        first, _ = db.pupil.prefetch_related("class___school").order_by("id")
        assert first.class_.school.name == "North"
    assert len(statements) == 3


def test_a_relation_that_is_misspelt_behind_one_with_an_underscore(db: Database) -> None:
    with pytest.raises(RelationNotFound, match="no relation 'scholl' on class; did you mean 'school'"):
        list(db.pupil.select_related("class___scholl"))


def test_a_field_is_no_relation(db: Database) -> None:
    with pytest.raises(RelationNotFound, match="'full_name' is a field of pupil, not a relation"):
        list(db.pupil.prefetch_related("full_name"))


def test_a_table_whose_name_the_database_keeps(db: Database) -> None:
    row = db["close"].get()
    assert (row.first_name, row.first_name_2) == ("two", "one")
    assert db["close"].filter(**{"first name": "one"}).count() == 1
    assert [warning.code for warning in db.schema.warnings] == ["reserved_name", "name_collision"]
