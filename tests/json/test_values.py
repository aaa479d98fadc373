"""Parts of documents outside of conditions: selected, sorted, grouped, computed with."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from noormme import (
    KT,
    Avg,
    Case,
    Count,
    Database,
    ExpressionWrapper,
    F,
    FieldNotFound,
    Func,
    InvalidQuery,
    LookupNotFound,
    Max,
    Min,
    NotSupported,
    OuterRef,
    Q,
    Subquery,
    Sum,
    UsageError,
    Value,
    When,
)
from noormme.functions import Cast
from tests.json.world import DOCUMENTS
from tests.orm.support import sql


def names(query: Any) -> list[str]:
    return [row.name for row in query.order_by("id")]


def test_values_are_python_values(db: Database) -> None:
    """True is True, "[1,2]" stays a text, null and a missing key are None."""
    expected = {
        name: document.get("k") if isinstance(document, dict) else None
        for name, document in DOCUMENTS.items()
    }
    assert dict(db.things.values_list("name", "meta__k")) == expected
    found = dict(db.things.values_list("name", "meta__k"))
    assert found["true"] is True
    assert type(found["one"]) is int
    assert type(found["one as a real"]) is float
    assert list(db.things.filter(name="ann").values("meta__owner__langs", "meta__tags__0")) == [
        {"meta__owner__langs": ["en", "de"], "meta__tags__0": "a"}
    ]


def test_annotations_are_python_values(db: Database) -> None:
    thing = db.things.annotate(owner=F("meta__owner"), first=F("meta__tags__0")).get(name="ann")
    assert thing.owner == {"name": "Ann", "langs": ["en", "de"]}
    assert thing.first == "a"
    assert db.things.annotate(owner=F("meta__owner"), name_=F("owner__name")).get(name="bob").name_ == "bob"


@pytest.mark.sqlite("the SQL is its own")
def test_the_sql_of_a_value(text_db: Database) -> None:
    valid = 'iif(json_valid("things"."meta", 9), "things"."meta", NULL)'
    text = sql(text_db.things.values("meta__a__0").order_by("meta__a__-2"))
    assert f"""({valid} -> '$."a"[0]')""" in text
    assert text.endswith(f"""ORDER BY json_extract({valid}, '$."a"[#-2]') ASC""")


def test_order_is_that_of_the_values(db: Database) -> None:
    numbers = db.things.filter(name__in=["ann", "bob", "cyd"])
    assert [row.name for row in numbers.order_by("meta__n")] == ["cyd", "ann", "bob"]
    assert [row.name for row in numbers.order_by("-meta__n")] == ["bob", "ann", "cyd"]
    assert [row.name for row in numbers.order_by(F("meta__k").desc())] == ["bob", "ann", "cyd"]
    assert [row.name for row in numbers.annotate(n=F("meta__n")).order_by("n")] == ["cyd", "ann", "bob"]
    assert numbers.latest("meta__n").name == "bob"
    assert [row["meta__n"] for row in numbers.values("meta__n").distinct().order_by("meta__n")] == [
        2.5,
        3,
        10,
    ]


def test_groups(db: Database) -> None:
    counted = db.things.filter(meta__tags__isnull=False).values("meta__tags").annotate(n=Count("id"))
    assert sorted(counted, key=str) == [
        {"meta__tags": ["a", "b"], "n": 1},
        {"meta__tags": ["b"], "n": 1},
        {"meta__tags": [], "n": 1},
    ]
    ordered = db.notes.values("meta__by").annotate(n=Count("id")).order_by("-meta__by")
    assert list(ordered) == [{"meta__by": "cyd", "n": 1}, {"meta__by": "bob", "n": 2}]


def test_aggregates_are_over_the_values(db: Database) -> None:
    numbers = db.things.filter(name__in=["ann", "bob", "cyd"])
    assert numbers.aggregate(total=Sum("meta__n"), mean=Avg("meta__n")) == {
        "total": 15.5,
        "mean": pytest.approx(15.5 / 3),
    }
    assert numbers.order_by("id")[:2].aggregate(total=Sum("meta__n")) == {"total": 13}
    assert db.things.aggregate(n=Count("meta__k"))["n"] == sum(
        isinstance(document, dict) and "k" in document for document in DOCUMENTS.values()
    )
    most = Max(Cast("notes__meta__n", int))
    assert list(db.things.annotate(most=most).filter(most__gt=1).values_list("name")) == [("ann",)]


def test_the_least_and_the_greatest_value(db: Database, engine: str) -> None:
    numbers = db.things.filter(name__in=["ann", "bob", "cyd"])
    if engine == "mysql":
        with pytest.raises(NotSupported, match=r"say it: Max\(Cast"):
            numbers.aggregate(most=Max("meta__n"))
    else:
        assert numbers.aggregate(least=Min("meta__n"), most=Max("meta__n")) == {"least": 2.5, "most": 10}
    typed = Cast("meta__n", float)
    assert numbers.aggregate(least=Min(typed), most=Max(typed)) == {"least": 2.5, "most": 10.0}


@pytest.mark.sqlite("on others it must be said of which type a value is")
def test_values_of_any_type_are_compared(db: Database) -> None:
    most = db.things.annotate(most=Max("notes__meta__n")).filter(most__gt=1)
    assert list(most.values_list("name")) == [("ann",)]


def test_arithmetic(db: Database) -> None:
    things = db.things.filter(name__in=["ann", "bob", "cyd"])
    assert [row.x for row in things.annotate(x=F("meta__n") * 2).order_by("id")] == [6, 20, 5.0]
    assert names(things.filter(meta__n__gt=F("age") * 2)) == ["ann", "bob"]


def test_types_that_are_said(db: Database) -> None:
    ann = db.things.filter(name="ann")
    assert ann.annotate(x=ExpressionWrapper(F("meta__n"), int)).get().x == 3
    assert ann.annotate(x=ExpressionWrapper(F("meta__k"), str)).get().x == "x"
    assert ann.annotate(x=ExpressionWrapper(F("meta__n"), Decimal)).get().x == Decimal(3)


def test_functions_get_the_text_or_the_number(db: Database) -> None:
    upper = Func("meta__owner__name", function="upper", output_field=str)
    assert db.things.annotate(x=upper).get(name="ann").x == "ANN"


@pytest.mark.sqlite("has this function")
def test_functions_of_sqlite_get_the_document(db: Database) -> None:
    length = Func("meta__tags", function="json_array_length", output_field=int)
    assert db.things.annotate(x=length).get(name="ann").x == 2


def test_case_keeps_json_among_json(db: Database) -> None:
    chosen = Case(When(name="ann", then=F("meta__tags")), default=F("meta__k"))
    assert dict(db.things.filter(id__lte=2).annotate(x=chosen).values_list("name", "x")) == {
        "ann": ["a", "b"],
        "bob": "y",
    }
    mixed = Case(When(name="ann", then=F("meta__k")), default=Value("none"))
    assert dict(db.things.filter(id__lte=2).annotate(x=mixed).values_list("name", "x")) == {
        "ann": "x",
        "bob": "none",
    }


def test_fields_compared_with_parts_and_parts_with_each_other(stored: Any) -> None:
    db = stored(
        '{"id": 1, "a": {"x": 1, "y": [2]}, "b": {"y": [2.0], "x": 1}}',
        '{"id": 7, "a": 1, "b": true}',
        '{"id": "x", "a": null, "b": null}',
    )

    def ids(query: Any) -> list[int]:
        return [row.id for row in query.order_by("id")]

    assert ids(db.things.filter(id=F("meta__id"))) == [1]
    assert ids(db.things.filter(meta__id=F("id"))) == [1]
    # SQLite sorts texts behind numbers, PostgreSQL before them.
    assert ids(db.things.filter(meta__id__gt=F("id"), id__lt=3)) == [2]
    assert ids(db.things.filter(meta__a=F("meta__b"))) == [1, 3]
    assert ids(db.things.filter(meta__contains=F("meta"))) == [1, 2, 3]
    assert ids(db.things.filter(meta__a__contains=F("meta__b"))) == [1, 3]
    assert ids(db.things.filter(F("meta__id") > 1)) == [2]


def test_subqueries(db: Database) -> None:
    by = Subquery(db.notes.filter(thing=OuterRef("pk")).order_by("id").values("meta__by")[:1])
    assert db.things.annotate(by=by).get(name="ann").by == "bob"
    assert names(db.things.annotate(by=by).filter(by="bob")) == ["ann", "bob"]
    assert names(db.things.filter(name__in=db.notes.values("meta__by"))) == ["bob", "cyd"]
    assert names(db.things.filter(meta__owner__name__in=db.things.values("name"))) == ["bob"]
    assert names(db.things.filter(meta__n__in=db.notes.filter(id=3).values("id"))) == ["ann"]
    outer = db.notes.filter(meta__by=OuterRef("meta__owner__name"))
    assert names(db.things.filter(Q(pk__in=[1, 2]), id__in=db.things.values("id"))) == ["ann", "bob"]
    assert [
        row.n
        for row in db.things.filter(id__lte=3)
        .annotate(n=Subquery(outer.values("meta__n")[:1]))
        .order_by("id")
    ] == [None, 1, None]


def test_kt_is_text(db: Database) -> None:
    things = db.things.annotate(text=KT("meta__k"))
    found = dict(things.values_list("name", "text"))
    assert (found["ann"], found["true"], found["one"], found["null"]) == ("x", "true", "1", None)
    assert found["list"].replace(" ", "") == "[1,2]"
    assert names(things.filter(text__startswith="tr")) == ["true", "true as text"]
    assert names(db.things.filter(KT("meta__owner__name") > Value("a"))) == ["bob"]
    assert [row.name for row in things.filter(id__lte=3).order_by("-text")] == ["bob", "ann", "cyd"]


def test_kt_needs_a_path_into_json(text_db: Database) -> None:
    with pytest.raises(UsageError, match="takes a field and a path"):
        KT("meta")
    with pytest.raises(FieldNotFound):
        text_db.things.annotate(x=KT("nothing__a"))
    assert KT("meta__a") == KT("meta__a") != KT("meta__b")


def test_whole_documents_as_text(db: Database) -> None:
    assert names(db.things.filter(meta__icontains="ANN")) == ["ann"]
    assert names(db.things.filter(meta__regex="^5$")) == ["number"]


def test_a_path_into_what_is_no_json(text_db: Database) -> None:
    with pytest.raises(LookupNotFound, match=r"no lookup or transform 'a' on annotation 'x' \(integer\)"):
        text_db.things.annotate(x=F("age") + 1).values("x__a")
    with pytest.raises(InvalidQuery, match="holds json values"):
        text_db.things.aggregate(x=Sum("meta"))
