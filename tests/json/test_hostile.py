"""Keys and values that look like SQL, like JSON, like paths; and columns that hold what is no JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from noormme import Database, F, InvalidValue, NotSupported

KEYS = [
    "it's",
    'a"b',
    '"',
    "\\",
    'a\\"b',
    "a.b",
    "$",
    "$.a",
    "a[0]",
    "[0]",
    "#-1",
    "*",
    "",
    " ",
    "a b",
    "a%b",
    "%s",
    ":x",
    "?",
    "?1",
    "{c}",
    "x\ny",
    "é",
    "\U0001f600",
    "名",
    "\u202e",
    "';DROP TABLE things;--",
    "' OR 1=1 --",
    "1a",
    "\u0661",
    "1_0",
    " 1",
    "+1",
    "1.0",
    "--",
    "null",
    "K",
    "0x1",
]


@pytest.mark.parametrize(
    "key",
    [
        pytest.param(
            key,
            id=repr(key),
            marks=[pytest.mark.otherwise("mysql", "paths of MariaDB do not find it")]
            if key.startswith("-")
            else [],
        )
        for key in KEYS
    ],
)
def test_a_key_means_itself(stored: Callable[..., Database], engine: str, key: str) -> None:
    hit = {"k": 0, key: "found", "nested": {key: [1, {key: 2}]}}
    miss = {"k": 0, key + "x": "found"}
    # MariaDB keeps the text of a document, and its paths do not read what is escaped in a key.
    plain = engine == "mysql" and not key.isascii()
    written = json.dumps(hit, ensure_ascii=not plain)
    things = stored(json.dumps(miss), written, json.dumps(hit, ensure_ascii=False)).things

    def ids(**lookups: Any) -> list[int]:
        return [row.id for row in things.filter(**lookups).order_by("id")]

    assert ids(**{f"meta__{key}__exact": "found"}) == [2, 3]
    assert ids(**{f"meta__{key}__isnull": False}) == [2, 3]
    assert ids(meta__has_key=key) == [2, 3]
    assert ids(meta__has_keys=[key, "k"]) == [2, 3]
    assert ids(meta__has_any_keys=[key, "-"]) == [2, 3]
    assert ids(meta__contains={key: "found"}) == [2, 3]
    assert ids(**{f"meta__nested__{key}__1__{key}__exact": 2}) == [2, 3]
    assert ids(**{f"meta__nested__{key}__1__has_key": key}) == [2, 3]
    found = things.order_by("id").values_list(f"meta__{key}", flat=True)
    assert list(found) == [None, "found", "found"]
    assert things.annotate(x=F(f"meta__nested__{key}__0")).get(id=2).x == 1
    assert [row.id for row in things.order_by(F(f"meta__{key}").desc(), "id")] == [2, 3, 1]
    assert things.count() == 3


def test_a_key_with_nul_is_refused(stored: Callable[..., Database]) -> None:
    """SQLite compares keys up to their first NUL only, MariaDB finds none, and PostgreSQL has no such keys."""
    db = stored("{}")
    with pytest.raises((NotSupported, InvalidValue), match="key with a NUL|no text with a NUL"):
        list(db.things.filter(**{"meta__\0y": 1}))


@pytest.mark.sqlite("PostgreSQL stores no such key, and MariaDB does find it")
def test_of_keys_with_nul(stored: Callable[..., Database]) -> None:
    db = stored(json.dumps({"\0x": 1}))
    with pytest.raises(NotSupported, match="a key with a NUL"):
        list(db.things.filter(meta__has_key="\0y"))
    assert db.things.filter(meta__contains={"\0x": 1}).exists()
    assert not db.things.filter(meta__contains={"\0y": 1}).exists()
    assert db.things.filter(meta={"\0x": 1}).exists()


@pytest.mark.sqlite("the others store no such key")
def test_half_of_a_surrogate_pair_as_a_key(stored: Callable[..., Database]) -> None:
    db = stored('{"\\ud800": 1}', '{"a": 1}')
    assert [row.id for row in db.things.filter(**{"meta__\ud800__isnull": False})] == [1]


VALUES = [
    *KEYS,
    "[1]",
    "{}",
    '"quoted"',
    "true",
    "1",
    "a" * 10_000,
    "x\0y",
    0,
    -1,
    2**53,
    2**63 - 1,
    -(2**63),
    2**70,
    10**400,
    0.1,
    1e300,
    -0.0,
    True,
    False,
    [],
    {},
    [[]],
    [None],
    {"a": None},
    {"": ""},
    [True, 1, "1", None],
    {"a": [{"b": "\0"}]},
]


def _unfit(value: Any) -> list[pytest.MarkDecorator]:
    """Where a value is none that a document can hold."""
    if "\\u0000" in json.dumps(value):
        return [pytest.mark.otherwise("postgresql", "no text holds a NUL")]
    return [pytest.mark.otherwise("mysql", "is no number there")] if value == 10**400 else []


@pytest.mark.parametrize(
    "value", [pytest.param(value, id=repr(value)[:30], marks=_unfit(value)) for value in VALUES]
)
def test_a_value_means_itself(stored: Callable[..., Database], engine: str, value: Any) -> None:
    fitting = [other for other in VALUES if all(mark.args[0] != engine for mark in _unfit(other))]
    others = [other for other in fitting if json.dumps(other) != json.dumps(value)]
    # MariaDB compares documents as they are written, where signs that are escaped are others.
    escaped = engine != "mysql"
    db = stored(*(json.dumps({"k": each}, ensure_ascii=escaped) for each in (value, *others)))
    numbers = type(value) in (int, float)
    same = {1} | {
        number
        for number, other in enumerate(others, 2)
        if other == value and (type(other) in (int, float) if numbers else type(other) is type(value))
    }
    for lookups in ({"meta__k": value}, {"meta__k__in": [value]}, {"meta": {"k": value}}):
        assert {row.id for row in db.things.filter(**lookups)} == same, lookups.keys()
    assert {row.id for row in db.things.exclude(meta__k=value)} == set(range(1, len(others) + 2)) - same
    assert 1 in {row.id for row in db.things.filter(meta__k__contains=value)}
    assert 1 in {row.id for row in db.things.filter(meta__contained_by={"k": value, "other": 1})}


def test_values_that_utf_8_cannot_hold(stored: Callable[..., Database]) -> None:
    db = stored("{}")
    for value in ("\ud800", ["\ud800"], {"\ud800": 1}):
        with pytest.raises(InvalidValue):
            list(db.things.filter(meta__k=value))


NO_JSON = ["not json", "{", '{"a": }', b"\xff\x00", b"not json", "{'a': 1}", "NaN", '{"a": NaN}', ""]


@pytest.mark.sqlite("the others store JSON and nothing else")
@pytest.mark.parametrize("broken", NO_JSON, ids=repr)
def test_what_is_no_json_fails_no_query(stored: Callable[..., Database], broken: str | bytes) -> None:
    db = stored(broken, '{"a": 1, "b": [1]}')
    things = db.things.only("id")

    def ids(query: Any) -> list[int]:
        return [row.id for row in query]

    for lookups in (
        {"meta__a": 1},
        {"meta__a__gt": 0},
        {"meta__a__in": [1]},
        {"meta__b": [1]},
        {"meta": {"b": [1], "a": 1}},
        {"meta__has_key": "a"},
        {"meta__has_keys": ["a", "b"]},
        {"meta__has_any_keys": ["a"]},
        {"meta__contains": {"a": 1}},
        {"meta__b__contained_by": [1, 2]},
        {"meta__a__isnull": False},
        {"meta__a__regex": "1"},
    ):
        assert ids(things.filter(**lookups)) == [2], lookups
    assert ids(things.exclude(meta={"a": 1, "b": [1]})) == [1]
    assert ids(things.exclude(meta__contains={"a": 1})) == [1]
    assert ids(things.exclude(meta__has_key="a")) == [1]
    assert ids(things.filter(meta=None)) == []
    assert list(db.things.values_list("meta__a", flat=True)) == [None, 1]
    assert ids(things.order_by("meta__a")) == [1, 2]


@pytest.mark.sqlite("the others store JSON and nothing else")
def test_numbers_that_affinity_made(stored: Callable[..., Database]) -> None:
    """A column declared JSON has numeric affinity: of the text ``5`` SQLite makes a number."""
    db = stored("5", "2.50", 7, "true", '"5"')
    assert [row.id for row in db.things.filter(meta=5)] == [1]
    assert [row.id for row in db.things.filter(meta__gt=2)] == [1, 2, 3]
    assert [row.id for row in db.things.filter(meta="5")] == [5]
    assert [row.id for row in db.things.filter(meta=True)] == [4]
    assert [row.id for row in db.things.filter(meta__in=[2.5, 7, "5"])] == [2, 3, 5]


@pytest.mark.otherwise("mysql", "MariaDB has documents of 32 levels")
def test_deep_documents(stored: Callable[..., Database]) -> None:
    deep = "[" * 300 + "1" + "]" * 300
    db = stored(deep, "[" * 2000 + "]" * 2000)
    value: Any = 1
    for _ in range(300):
        value = [value]
    assert [row.id for row in db.things.only("id").filter(meta__contains=value)] == [1]
    path = "__".join(["meta", *["0"] * 300])
    assert [row.id for row in db.things.only("id").filter(**{path: 1})] == [1]


@pytest.mark.otherwise("mysql", "MariaDB keeps both")
def test_keys_given_twice(stored: Callable[..., Database]) -> None:
    db = stored('{"a": 1, "b": 0, "a": 2}')
    assert db.things.filter(meta={"a": 2, "b": 0}).count() == 1
    assert db.things.filter(meta__contains={"a": 2}).count() == 1


@pytest.mark.parametrize("name", ["carray", "json_each", "noormme_keys", "keys", "value"])
def test_tables_named_like_what_the_sql_needs(tmp_path: Any, name: str) -> None:
    import apsw

    from noormme import connect

    path = tmp_path / "named.db"
    connection = apsw.Connection(str(path))
    connection.execute(f"CREATE TABLE {name} (value INTEGER PRIMARY KEY, meta JSON)")
    connection.execute(f"""INSERT INTO {name} VALUES (1, '{{"a": 1}}'), (2, '{{"b": "x"}}')""")
    connection.close()
    with connect(path) as db:
        rows = db[name]
        assert [row.value for row in rows.filter(meta__has_keys=["a"])] == [1]
        assert [row.value for row in rows.filter(meta__has_any_keys=["b", "c"])] == [2]
        assert [row.value for row in rows.filter(meta__b__in=["x", 1])] == [2]
        assert [row.value for row in rows.exclude(meta__has_keys=["a"])] == [2]
