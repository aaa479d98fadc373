"""JSON documents that the database makes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from noormme import Database, F, Value
from noormme.errors import FieldNotFound
from noormme.functions import JSONArray, JSONObject, Lower


def test_object(db: Database, engine: str) -> None:
    query = db.things.order_by("id").annotate(
        x=JSONObject(name="name", n="n", low=Lower("code"), one=Value(1), inner=JSONArray("n", "r"))
    )
    assert list(query.values_list("x", flat=True)) == [
        {"name": "Ölga Straße", "n": 7, "low": "ab", "one": 1, "inner": [7, 2.5]},
        {"name": None, "n": None, "low": None, "one": 1, "inner": [None, None]},
        {"name": "bob", "n": -7, "low": "ab", "one": 1, "inner": [-7, -2.5]},
    ]
    if engine != "sqlite":
        return
    statement = query.sql().statement
    assert (
        'json_object(?, "things"."name", ?, "things"."n", ?, noormme_lower("things"."code"), ?, ?, ?,'
        in statement
    )
    assert query.sql().parameters == ("name", "n", "low", "one", 1, "inner")


def test_every_kind_is_as_in_json(value: Callable[[Any], Any]) -> None:
    fields = ("name", "n", "r", "d", "done", "at", "due", "tm", "doc", "ref", "raw")
    assert value(JSONArray(*fields)) == [
        "Ölga Straße",
        7,
        2.5,
        1.005,
        True,
        "2024-02-29T10:30:15.25",
        "2024-02-29",
        "10:30:15.25",
        {"a": [1, 2]},
        "6ba7b810-9dad-11d1-80b4-00c04fd430c8",
        "\\x6162",
    ]


@pytest.mark.sqlite("the others have no columns without a type")
def test_a_column_without_a_type(value: Callable[[Any], Any]) -> None:
    assert value(JSONArray("thing")) == [5]


def test_values_and_conditions(value: Callable[[Any], Any]) -> None:
    parts = JSONArray(Value(None), Value(True), Value(Decimal("1.5")), Value({"a": [None]}), F("n") > 3)
    assert value(parts) == [None, True, 1.5, {"a": [None]}, True]


@pytest.mark.otherwise("mysql", "a duration is a number of microseconds there")
def test_a_duration(value: Callable[[Any], Any]) -> None:
    assert value(JSONArray(timedelta(hours=26))) == ["1 day 02:00:00"]


def test_empty_documents(value: Callable[[Any], Any]) -> None:
    assert value(JSONArray()) == []
    assert value(JSONObject()) == {}


def test_names_are_values_and_never_sql(value: Callable[[Any], Any]) -> None:
    assert value(JSONObject(**{"a'b\"c; --": "n"})) == {"a'b\"c; --": 7}


def test_two_objects_that_differ_in_names_only_share_a_plan(db: Database) -> None:
    first = db.things.filter(id=1).annotate(x=JSONObject(a="n"))
    other = db.things.filter(id=1).annotate(x=JSONObject(b="n"))
    assert first.sql().statement == other.sql().statement
    assert [first.get().x, other.get().x] == [{"a": 7}, {"b": 7}]


def test_words_for_booleans_and_damaged_json(opened: Callable[..., Database]) -> None:
    db = opened(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, ok BOOLEAN, doc JSON);"
        "INSERT INTO t VALUES (1, 't', '{\"a\": 1}'), (2, 'f', '{'), (3, NULL, NULL)"
    )
    rows = db.t.order_by("id").annotate(x=JSONArray("ok", "doc")).values_list("x", flat=True)
    assert list(rows) == [[True, {"a": 1}], [False, "{"], [None, None]]


def test_errors(db: Database) -> None:
    with pytest.raises(FieldNotFound):
        db.things.annotate(x=JSONObject(a="nowhere"))


def test_repr() -> None:
    assert repr(JSONObject(a="n", b=Value(1))) == "JSONObject(a='n', b=Value(1))"
    assert repr(JSONArray("n")) == "JSONArray('n')"
