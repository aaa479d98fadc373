"""Arrays: read and written as lists, asked by their elements; collations, materialized views."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import psycopg
import pytest

from noormme import Count, Database, F, InvalidValue, LookupNotFound, Q, ReadOnly, connect
from noormme.query.expressions import Value
from tests.orm.support import ids
from tests.postgresql.server import new_database

SCRIPT = """
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE TABLE owners (id int PRIMARY KEY, names text[]);
CREATE TABLE docs (
    id serial PRIMARY KEY, tags text[] NOT NULL DEFAULT '{}', numbers int[], grid float[][], days date[],
    prices numeric(6, 2)[], keys uuid[], moods mood[], moments timestamptz[], papers jsonb[], short varchar(3)[],
    flags boolean[], name text COLLATE "C", plain text, owner_id int REFERENCES owners(id)
);
CREATE INDEX docs_tags ON docs USING gin (tags);
INSERT INTO owners VALUES (1, '{ann,lee}'), (2, NULL);
INSERT INTO docs (tags, numbers, owner_id) VALUES
    ('{red,blue}', '{1,2,3}', 1), ('{blue}', '{}', 1), ('{}', NULL, 2), ('{"a,b",NULL,"NULL",""}', '{5,NULL}', NULL);
CREATE MATERIALIZED VIEW totals AS SELECT owner_id, count(*) AS n FROM docs GROUP BY owner_id;
"""


@pytest.fixture(scope="module")
def db(server: str) -> Iterator[Database]:
    with new_database(server) as url:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(SCRIPT.encode())
        with connect(url) as database:
            yield database


def test_columns(db: Database) -> None:
    columns = {column.name: column for column in db.model("docs").__noormme_table__.columns}
    assert {name: columns[name].items for name in ("tags", "numbers", "grid", "prices", "keys", "moods")} == {
        "tags": "text",
        "numbers": "integer",
        "grid": "real",
        "prices": "decimal",
        "keys": "uuid",
        "moods": "text",
    }
    assert all(column.kind == "array" for column in columns.values() if column.items is not None)
    assert (columns["name"].collation, columns["plain"].collation) == ("C", None)


@pytest.mark.parametrize(
    ("lookups", "expected"),
    [
        ({"tags": ["blue"]}, [2]),
        ({"tags": ("red", "blue")}, [1]),
        ({"tags": []}, [3]),
        ({"tags__contains": ["blue"]}, [1, 2]),
        ({"tags__contains": {"blue", "red"}}, [1]),
        ({"tags__contains": []}, [1, 2, 3, 4]),
        ({"tags__contains": ["a,b", "NULL", ""]}, [4]),
        ({"tags__contained_by": ["blue", "green"]}, [2, 3]),
        ({"tags__overlap": ["red", "a,b"]}, [1, 4]),
        ({"tags__overlap": []}, []),
        ({"tags__in": [["blue"], []]}, [2, 3]),
        ({"tags__len": 0}, [3]),
        ({"tags__len__gte": 2}, [1, 4]),
        ({"numbers__len": 0}, [2]),
        ({"numbers__len__isnull": True}, [3]),
        ({"numbers__isnull": True}, [3]),
        ({"tags__0": "blue"}, [2]),
        ({"tags__1": "blue"}, [1]),
        ({"tags__0__startswith": "a,"}, [4]),
        ({"tags__1__isnull": True}, [2, 3, 4]),
        ({"tags__7__isnull": False}, []),
        ({"tags__0_2": ["red", "blue"]}, [1]),
        ({"tags__0_1__contains": ["blue"]}, [2]),
        ({"numbers__0__gt": 1}, [4]),
        ({"numbers__2__in": [3, 4]}, [1]),
        ({"numbers__overlap": [3, 5]}, [1, 4]),
        ({"owner__names__contains": ["lee"]}, [1, 2]),
        ({"owner__names__0": "ann"}, [1, 2]),
        ({"numbers__gt": [1, 2]}, [1, 4]),
    ],
)
def test_lookups(db: Database, lookups: dict[str, Any], expected: list[int]) -> None:
    assert ids(db.docs.filter(**lookups).order_by("id")) == expected
    rest = [key for key in (1, 2, 3, 4) if key not in expected]
    assert ids(db.docs.exclude(**lookups).order_by("id")) == rest


def test_places_in_queries(db: Database) -> None:
    rows = db.docs.order_by("id").values_list("tags__0", "numbers__len", "numbers__1")
    assert list(rows) == [("red", 3, 2), ("blue", 0, None), (None, None, None), ("a,b", 2, None)]
    assert ids(db.docs.order_by(F("numbers__0").desc(nulls_last=True), "id")) == [4, 1, 2, 3]
    grouped = db.docs.values("tags__len").annotate(n=Count("id")).order_by("tags__len")
    assert [tuple(row.values()) for row in grouped] == [(0, 1), (1, 1), (2, 1), (4, 1)]
    assert ids(db.docs.filter(Q(tags__len=1) | Q(numbers__0=5)).order_by("id")) == [2, 4]
    assert ids(db.docs.filter(tags__contains=F("tags")).order_by("id")) == [1, 2, 3]
    assert db.docs.filter(tags=Value(["blue"])).count() == 1
    assert "@>" in db.docs.filter(tags__contains=["x"]).sql().statement


def test_one_plan_for_all_lists(db: Database) -> None:
    before = len(db.plans)
    for tags in (["a"], ["b", "c"], []):
        list(db.docs.filter(tags__contains=tags).values_list("id"))
    assert len(db.plans) == before + 1


VALUES: dict[str, list[Any]] = {
    "tags": ["a", 'b"\\', "", "NULL", "{}", "é,"],
    "numbers": [1, None, -5],
    "grid": [[0.5, 1.0], [2.25, float("inf")]],
    "days": [date(2024, 2, 29), None],
    "prices": [Decimal("1.10"), Decimal("-2.00")],
    "keys": [UUID(int=1)],
    "moods": ["ok", "sad"],
    "moments": [datetime(2024, 1, 2, 3, 4, 5, 6, tzinfo=UTC)],
    "papers": [{"a": [1, None]}, "x", None],
    "short": ["abc", ""],
    "flags": [True, False, None],
}


def test_lists_are_written_and_read(db: Database) -> None:
    with pytest.raises(KeyError), db.transaction():
        row = db.docs.create(**VALUES)
        many = db.docs.bulk_create([{**VALUES, "name": "b"}, {"name": "c", "tags": []}])
        row.numbers = [7]
        row.save()
        db.docs.filter(id=many[0].id).update(tags=["x"])
        raise KeyError
    with pytest.raises(KeyError), db.transaction():
        one = db.docs.create(**VALUES)
        two = db.docs.bulk_create([dict(VALUES)])[0]
        for each in (one, two):
            found = db.docs.get(id=each.id)
            for name, value in VALUES.items():
                assert (getattr(found, name), getattr(each, name)) == (value, value), name
        one.tags = [*one.tags, "more"]
        one.save()
        assert db.docs.filter(tags__contains=["more"]).count() == 1
        assert db.docs.filter(**{name: VALUES[name] for name in VALUES if name != "tags"}).count() == 2
        raise KeyError
    assert db.docs.count() == 4


@pytest.mark.parametrize(
    ("lookups", "error", "message"),
    [
        ({"tags": "blue"}, InvalidValue, r"docs\.tags takes a list, not str; write \[value\]"),
        ({"tags__contains": "blue"}, InvalidValue, "takes a list, not str"),
        ({"tags__overlap": 5}, InvalidValue, "takes a list, not int"),
        ({"tags__in": ["blue"]}, InvalidValue, "takes a list, not str"),
        ({"plain__overlap": ["a"]}, LookupNotFound, "it needs a field of kind array"),
        ({"plain__0": "a"}, LookupNotFound, "no lookup or transform '0'"),
        ({"tags__0__1": "a"}, LookupNotFound, "no lookup or transform '1'"),
        ({"tags__has_key": "a"}, LookupNotFound, "it needs a field of kind json"),
    ],
)
def test_mistakes(db: Database, lookups: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        list(db.docs.filter(**lookups))


def test_values_that_are_no_lists(db: Database) -> None:
    with pytest.raises(InvalidValue, match=r"docs\.tags"):
        db.docs.create(tags="blue")
    with pytest.raises(InvalidValue) as caught:
        db.docs.create(moods=["secret"])
    assert "secret" not in str(caught.value)


def test_a_materialized_view_can_be_read(db: Database) -> None:
    assert db.totals.filter(owner_id=1).values_list("n", flat=True)[0] == 2
    with pytest.raises(ReadOnly):
        db.totals.filter(owner_id=1).delete()
