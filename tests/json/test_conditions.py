"""Conditions in documents: which rows hold, which rows ``exclude`` keeps, and the SQL of both.

The meaning is Django's documentation of JSONField; where Django's SQLite cannot tell true from "true", we can.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from noormme import Database, F, InvalidValue, LookupNotFound, Q
from tests.json.world import DOCUMENTS
from tests.orm.support import sql

HAVE_K = [name for name, document in DOCUMENTS.items() if isinstance(document, dict) and "k" in document]


def names(query: Any) -> list[str]:
    return [row.name for row in query.order_by("id")]


HOLDS: list[tuple[dict[str, Any], list[str]]] = [
    # Texts, numbers, booleans and null are four things.
    ({"meta__k": "x"}, ["ann"]),
    ({"meta__k": "true"}, ["true as text"]),
    ({"meta__k": True}, ["true"]),
    ({"meta__k": False}, ["false"]),
    ({"meta__k": 1}, ["one", "one as a real"]),
    ({"meta__k": 1.0}, ["one", "one as a real"]),
    ({"meta__k": None}, ["null"]),
    ({"meta__k__exact": None}, ["null"]),
    # Arrays and objects are equal as JSON: the order of keys does not matter.
    ({"meta__k": [1, 2]}, ["list"]),
    ({"meta__k": [1.0, 2]}, ["list"]),
    ({"meta__k": (1, 2)}, ["list"]),
    ({"meta__k": [2, 1]}, []),
    ({"meta__k": "[1,2]"}, ["list as text"]),
    ({"meta__k": {"a": 2, "b": 1}}, ["object"]),
    ({"meta__k": {"b": 1, "a": 2.0}}, ["object"]),
    ({"meta__k": {"a": 2}}, []),
    # Deeper, and by position.
    ({"meta__owner__name": "Ann"}, ["ann"]),
    ({"meta__owner__langs__1": "de"}, ["ann"]),
    ({"meta__owner__langs__-1": "de"}, ["ann"]),
    ({"meta__tags__0": "b"}, ["cyd"]),
    ({"meta__tags__99999999999999999": "b"}, []),
    ({"meta__0": 1}, ["array"]),
    ({"meta__1__a": "z"}, ["array"]),
    ({"meta__-1": "last"}, ["array"]),
    # Whether there is such a part.
    ({"meta__k__isnull": False}, HAVE_K),
    ({"meta__k__isnull": True}, [name for name in DOCUMENTS if name not in HAVE_K]),
    ({"meta__owner__name__isnull": False}, ["ann", "bob"]),
    ({"meta__isnull": True}, ["missing"]),
    # Only like is greater than like.
    ({"meta__n__gt": 3}, ["bob"]),
    ({"meta__n__gte": 3}, ["ann", "bob"]),
    ({"meta__n__lt": 3}, ["cyd"]),
    ({"meta__n__lte": 2.5}, ["cyd"]),
    ({"meta__n__gt": "0"}, ["true as text"]),
    ({"meta__n__gt": False}, ["true"]),
    ({"meta__n__range": (2, 5)}, ["ann", "cyd"]),
    ({"meta__n__range": (2, "x")}, []),
    # Lists of values, each of its own type.
    ({"meta__k__in": ["x", 1, True, [1, 2]]}, ["ann", "true", "list", "one", "one as a real"]),
    ({"meta__k__in": ["x", None]}, ["ann"]),
    ({"meta__k__in": [None]}, []),
    ({"meta__k__in": []}, []),
    ({"meta__n__in": [2.5, 10]}, ["bob", "cyd"]),
    ({"meta__in": [5, "text"]}, ["text", "number"]),
    ({"meta__in": [{}, [1, {"a": "z"}, "last"]]}, ["empty", "array"]),
    # Whole documents.
    ({"meta": None}, ["json null"]),
    ({"meta": {}}, ["empty"]),
    ({"meta": "text"}, ["text"]),
    ({"meta": 5}, ["number"]),
    ({"meta": {"n": None, "k": None}}, ["null"]),
    ({"meta__gt": 4}, ["number"]),
    # Regular expressions and texts.
    ({"meta__k__regex": "^[xy]$"}, ["ann", "bob"]),
    ({"meta__k__iregex": "^[xy]$"}, ["ann", "bob", "cyd"]),
    ({"meta__k__iexact": "x"}, ["ann", "cyd"]),
    ({"meta__k__startswith": "tr"}, ["true", "true as text"]),
    ({"meta__k__icontains": "UL"}, []),
    ({"meta__owner__name__icontains": "B"}, ["bob"]),
    ({"meta__owner__name__endswith": "nn"}, ["ann"]),
    ({"meta__tags__icontains": '"A"'}, ["ann"]),
    # Keys.
    ({"meta__has_key": "owner"}, ["ann", "bob", "cyd"]),
    ({"meta__owner__has_key": "name"}, ["ann", "bob"]),
    ({"meta__has_key": "nothing"}, []),
    ({"meta__has_keys": ["owner", "tags"]}, ["ann", "bob", "cyd"]),
    ({"meta__has_keys": ["owner", "nothing"]}, []),
    ({"meta__owner__has_keys": ["name", "langs"]}, ["ann"]),
    ({"meta__owner__has_keys": []}, ["ann", "bob", "cyd"]),
    ({"meta__has_any_keys": ["owner", "nothing"]}, ["ann", "bob", "cyd"]),
    ({"meta__has_any_keys": []}, []),
    # Containment.
    ({"meta__contains": {"k": "x"}}, ["ann"]),
    ({"meta__contains": {"owner": {"langs": ["de"]}}}, ["ann"]),
    ({"meta__contains": {"tags": ["b"]}}, ["ann", "cyd"]),
    ({"meta__contains": {"k": True}}, ["true"]),
    ({"meta__contains": {"k": 1}}, ["one", "one as a real"]),
    ({"meta__contains": {"k": None}}, ["null"]),
    ({"meta__contains": "last"}, ["array"]),
    ({"meta__contains": [{"a": "z"}]}, ["array"]),
    ({"meta__contains": None}, ["json null"]),
    ({"meta__tags__contains": "a"}, ["ann"]),
    ({"meta__tags__contains": ["b", "a"]}, ["ann"]),
    ({"meta__contained_by": {"k": 1, "n": 2}}, ["empty", "one", "one as a real"]),
    ({"meta__tags__contained_by": ["b", "c"]}, ["bob", "cyd"]),
]


def label(lookups: dict[str, Any]) -> str:
    return " ".join(f"{name}={value!r}" for name, value in lookups.items())


OTHERWISE: dict[str, tuple[tuple[str, str], ...]] = {
    "meta__owner__has_keys=[]": tuple((engine, "null has no keys") for engine in ("postgresql", "mysql")),
    "meta__contains={'k': 1}": (("mysql", "an array contains what its elements are"),),
}
"""What does not hold on other engines, and why."""


@pytest.mark.parametrize(
    ("lookups", "expected"),
    [
        pytest.param(
            *case,
            id=label(case[0]),
            marks=[pytest.mark.otherwise(*each) for each in OTHERWISE.get(label(case[0]), ())],
        )
        for case in HOLDS
    ],
)
def test_what_holds(db: Database, lookups: dict[str, Any], expected: list[str]) -> None:
    assert names(db.things.filter(**lookups)) == expected


@pytest.mark.parametrize("value", ["x", 1, True, [1, 2], {"b": 1, "a": 2}])
def test_exclude_drops_what_lacks_the_key_and_keeps_null_documents(db: Database, value: Any) -> None:
    equal = names(db.things.filter(meta__k=value))
    kept = [name for name in DOCUMENTS if (name in HAVE_K and name not in equal) or name == "missing"]
    assert equal
    assert names(db.things.exclude(meta__k=value)) == kept


def test_exclude_of_null(db: Database) -> None:
    assert names(db.things.exclude(meta__k=None)) == [name for name in HAVE_K if name != "null"]
    assert "missing" not in names(db.things.exclude(meta=None))
    assert "json null" not in names(db.things.exclude(meta=None))
    assert len(names(db.things.exclude(meta=None))) == len(DOCUMENTS) - 2


@pytest.mark.parametrize(
    "lookups",
    [{"meta__has_key": "k"}, {"meta__has_keys": ["k"]}, {"meta__has_any_keys": ["k"]}],
    ids=["has_key", "has_keys", "has_any_keys"],
)
def test_exclude_of_keys_is_everything_else(db: Database, lookups: dict[str, Any]) -> None:
    assert names(db.things.filter(**lookups)) == HAVE_K
    assert names(db.things.exclude(**lookups)) == [name for name in DOCUMENTS if name not in HAVE_K]


def test_exclude_of_containment_is_everything_else(db: Database) -> None:
    assert names(db.things.exclude(meta__contains={"k": "x"})) == [
        name for name in DOCUMENTS if name != "ann"
    ]


def test_to_include_what_lacks_the_key(db: Database) -> None:
    query = db.things.filter(~Q(meta__k="x") | Q(meta__k__isnull=True))
    assert names(query) == [name for name in DOCUMENTS if name != "ann"]


@pytest.mark.sqlite("the SQL is its own")
def test_a_key_in_the_sql_is_part_of_a_literal_and_a_value_is_a_parameter(text_db: Database) -> None:
    query = text_db.things.filter(meta__owner__name="Ann")
    valid = 'iif(json_valid("things"."meta", 9), "things"."meta", NULL)'
    assert sql(query).partition(" WHERE ")[2] == (
        f"""json_extract({valid}, '$."owner"."name"') = ? """
        f"""AND json_type({valid}, '$."owner"."name"') = 'text'"""
    )
    assert query.sql().parameters == ("Ann",)


@pytest.mark.sqlite("the SQL is its own")
def test_exclude_in_sql(text_db: Database) -> None:
    valid = 'iif(json_valid("things"."meta", 9), "things"."meta", NULL)'
    text = sql(text_db.things.exclude(meta__k=None))
    assert text.endswith(f"""WHERE NOT (json_type({valid}, '$."k"') = 'null')""")
    text = sql(text_db.things.exclude(meta__k=True))
    assert """= ? AND "things"."meta" IS NOT NULL)""" in text


def test_one_plan_for_all_values_of_a_type(text_db: Database) -> None:
    things = text_db.things
    assert things.filter(meta__k="x").node is things.filter(meta__k="y").node
    assert things.filter(meta__k="x").node is not things.filter(meta__k=1).node
    assert (
        things.filter(meta__has_keys=["a"]).node.shape == things.filter(meta__has_keys=["a", "b"]).node.shape
    )
    assert things.filter(meta__k__in=["a"]).node.shape == things.filter(meta__k__in=["a", "b"]).node.shape
    assert things.filter(meta__k=[1]).node.shape == things.filter(meta__k={"a": 1}).node.shape


def test_values_are_what_they_would_be_stored_as(stored: Any) -> None:
    db = stored(
        '{"day": "2024-01-02", "id": "00000000-0000-0000-0000-000000000001"}', '{"day": "2024-01-03"}'
    )
    assert [row.id for row in db.things.filter(meta__day=date(2024, 1, 2))] == [1]
    assert [row.id for row in db.things.filter(meta__day__gt=date(2024, 1, 2))] == [2]
    assert [row.id for row in db.things.filter(meta__id=UUID(int=1))] == [1]
    assert [row.id for row in db.things.filter(meta__contains={"day": date(2024, 1, 3)})] == [2]


def test_over_relations(db: Database) -> None:
    assert names(db.things.filter(notes__meta__by="bob").distinct()) == ["ann", "bob"]
    assert names(db.things.filter(notes__meta__by="cyd", notes__meta__n=2)) == ["ann"]
    assert names(db.things.filter(notes__meta__by="bob", notes__meta__n=2)) == []
    assert names(db.things.exclude(notes__meta__by="bob")) == [
        name for name in DOCUMENTS if name not in ("ann", "bob")
    ]
    assert [note.id for note in db.notes.filter(thing__meta__owner__name="Ann")] == [1, 2]
    assert names(db.things.filter(notes__meta__n__isnull=True, notes__isnull=False)) == ["bob"]


def test_a_lookup_at_the_end_is_a_lookup_and_before_the_end_a_key(stored: Any) -> None:
    db = stored('{"contains": 1, "year": 7, "in": {"gt": 2}}', '{"a": {"exact": 5}}')
    assert [row.id for row in db.things.filter(meta__contains__exact=1)] == [1]
    assert [row.id for row in db.things.filter(meta__in__gt__exact=2)] == [1]
    assert [row.id for row in db.things.filter(meta__in__gt=2)] == []
    assert [row.id for row in db.things.filter(meta__year=7)] == [1]
    assert [row.id for row in db.things.filter(meta__a__exact__exact=5)] == [2]
    assert list(db.things.values_list("meta__contains", flat=True)) == [1, None]


@pytest.mark.parametrize(
    ("lookups", "message"),
    [
        ({"meta__k__gt": [1]}, "cannot be compared with an array or an object by 'gt'"),
        ({"meta__k__lt": None}, "cannot be compared with None by 'lt'"),
        ({"meta__k__range": (1, None)}, "cannot have None as an end"),
        ({"meta__k__range": (1, {})}, "cannot be compared with an array or an object by 'range'"),
        ({"meta__k__in": "x"}, "takes a list"),
        ({"meta__has_keys": "x"}, "takes a list"),
        ({"meta__has_key": 1.5}, "takes the name of a key"),
        ({"meta__has_key": None}, "cannot be compared with None"),
        ({"meta__has_any_keys": [None]}, "takes the name of a key"),
        ({"meta__k": object()}, "JSON cannot hold this object"),
        ({"meta__k": [float("nan")]}, "JSON cannot hold this list"),
        ({"meta__k": float("inf")}, "JSON cannot hold this float"),
        ({"meta__k": {"a": {1, object}}}, "JSON cannot hold this dict"),
        ({"meta__k__isnull": 1}, "takes True or False"),
    ],
)
def test_values_that_do_not_fit(text_db: Database, lookups: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidValue, match=message):
        text_db.things.filter(**lookups)


@pytest.mark.otherwise("mysql", "MariaDB has documents of 32 levels")
def test_documents_are_compared_as_deep_as_they_are_stored(stored: Callable[..., Database]) -> None:
    depth = (
        600  # what is asked for may be nested as deeply as what SQLite keeps (1,000), as far as Python goes
    )
    value: list[Any] = []
    for _ in range(depth - 1):
        value = [value]
    db = stored("[" * depth + "]" * depth, "[" * (depth + 1) + "]" * (depth + 1))
    assert [row.id for row in db.things.filter(meta=value)] == [1]
    assert [row.id for row in db.things.filter(meta__contains=value)] == [1, 2]


def test_a_row_is_no_json(text_db: Database) -> None:
    with pytest.raises(InvalidValue, match="plain field"):
        text_db.things.filter(meta__k=text_db.things.first())


def test_lookups_of_json_need_json(text_db: Database) -> None:
    with pytest.raises(LookupNotFound, match="'has_key' does not apply to things.name"):
        text_db.things.filter(name__has_key="x")
    with pytest.raises(LookupNotFound, match="no lookup or transform 'owner' on things.name"):
        text_db.things.filter(name__owner="x")


def test_conditions_about_annotations(db: Database) -> None:
    owners = db.things.annotate(owner=F("meta__owner"))
    assert names(owners.filter(owner__name="Ann")) == ["ann"]
    assert names(owners.filter(owner__langs__0__iexact="EN")) == ["ann"]
    assert names(owners.filter(owner__has_key="name")) == ["ann", "bob"]
    assert names(owners.filter(owner=None)) == ["cyd"]
    assert names(owners.filter(owner__contains={"name": "bob"})) == ["bob"]
    # As in Django, a condition about an annotation drops NULLs when it is negated.
    keys = db.things.annotate(key=F("meta__k"))
    assert names(keys.exclude(key="x")) == [name for name in HAVE_K if name != "ann"]


@pytest.mark.parametrize("lookup", ["icontains", "startswith", "endswith", "iendswith", "iexact", "regex"])
def test_a_part_that_is_missing_is_no_text_that_fails(db: Database, lookup: str) -> None:
    kept = names(db.things.exclude(**{f"meta__owner__name__{lookup}": "Ann"}))
    assert kept == ["bob", "missing"]
    annotated = db.things.annotate(owner=F("meta__owner__name"))
    assert names(annotated.exclude(**{f"owner__{lookup}": "Ann"})) == ["bob"]
