"""Odd things on the right side of a condition: they mean what they say, or are refused by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from noormme import Database, ExpressionWrapper, F, InvalidValue, UsageError, Value, connect
from tests.orm.world import build, change


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    path = build(tmp_path / "x.db")
    change(
        path,
        "CREATE TABLE events (id INTEGER PRIMARY KEY, data JSON);"
        """INSERT INTO events VALUES (1, '{"n": 1}'), (2, '{"n": true}'), (3, '{"n": null}'), (4, '{}'), (5, NULL)""",
    )
    with connect(path) as opened:
        yield opened


@pytest.mark.parametrize("lookup", ["exact", "gt", "gte", "lt", "lte"])
def test_an_expression_that_is_null_equals_nothing_and_is_below_nothing(db: Database, lookup: str) -> None:
    nothing: list[Any] = [Value(None, output_field=int), ExpressionWrapper(Value(None), output_field=int)]
    for null in nothing:
        assert db.posts.annotate(x=null).filter(**{f"rating__{lookup}": F("x")}).count() == 0
    assert not list(db.posts.filter(F("rating") > nothing[0]))
    assert 'rating" > NULL' in db.posts.filter(F("rating") > nothing[0]).sql().statement


def test_null_as_an_end_is_refused(db: Database) -> None:
    for ends in ((Value(None), 5), (1, Value(None)), (F("id"), Value(None, output_field=int))):
        with pytest.raises(InvalidValue, match="None as an end"):
            db.posts.filter(rating__range=ends)


def test_values_in_a_list_are_these_values(db: Database) -> None:
    def found(**condition: Any) -> list[int]:
        return list(db.events.filter(**condition).order_by("id").values_list("id", flat=True))

    assert found(data__n__in=[Value(1)]) == found(data__n__in=[1]) == [1]
    assert found(data__n__in=[Value(True)]) == found(data__n__in=[True]) == [2]
    assert found(data__n__in=[Value(None)]) == found(data__n__in=[None]) == []
    assert found(data__n__range=(Value(0), Value(9))) == found(data__n__range=(0, 9)) == [1]
    assert found(id__in=[Value(1), F("id") + 1, None]) == [1]


@pytest.mark.parametrize(
    "flag",
    [lambda: F("id"), lambda: F("id") > 1, lambda: F("age").asc(), lambda: 1],
    ids=["field", "condition", "order", "number"],
)
def test_isnull_takes_true_or_false_alone(db: Database, flag: Callable[[], object]) -> None:
    with pytest.raises(InvalidValue, match="takes True or False"):
        db.users.filter(age__isnull=flag())
    with pytest.raises(InvalidValue, match="takes True or False"):
        db.events.filter(data__n__isnull=flag())
    assert db.users.filter(age__isnull=Value(True)).count() == 1


@pytest.mark.parametrize("value", [int, str, bool, float, bytes])
def test_a_class_is_no_value(db: Database, value: type) -> None:
    for run in (
        lambda: db.users.filter(name=value).count(),
        lambda: db.users.filter(name__in=[value]).count(),
        lambda: db.users.filter(age=value).count(),
        lambda: db.table("users").where("name", "=", value).count(),
        lambda: db.execute("select ?", [value]),
    ):
        with pytest.raises(InvalidValue):
            run()


def test_a_class_is_no_position(db: Database) -> None:
    query: Any = db.users.all()
    for position in (int, slice(int, None), slice(None, bool)):
        with pytest.raises(UsageError, match="position"):
            query[position]
