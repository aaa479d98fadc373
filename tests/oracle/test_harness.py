"""The comparison itself: it is deterministic, it agrees with itself, and it sees a mistake."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from . import library
from .compare import difference, is_error, is_filled, shrink
from .generator import generate
from .normalise import cell, outcome
from .query import Call, Combine, Group, Leaf, Not, OrderBy, Query, Select, SortKey, Subscript, Where
from .sides import DjangoSide, django_side
from .world import World

pytest.importorskip("django", minversion="5.2", reason="Django is the oracle of these tests")


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("harness") / "library.sqlite"
    library.make(path)
    return path


@pytest.fixture(scope="module")
def django(path: Path) -> Iterator[DjangoSide]:
    with django_side(path) as side:
        yield side


def run(side: DjangoSide, *queries: Query) -> list[dict[str, object]]:
    side.submit([query.source() for query in queries])
    return side.results()


def test_a_seed_gives_the_same_queries(path: Path, django: DjangoSide) -> None:
    first, second = (World(path, django.description) for _ in range(2))
    assert [generate(first, 7, index) for index in range(50)] == [
        generate(second, 7, index) for index in range(50)
    ]
    assert generate(first, 7, 0) != generate(first, 8, 0)


def test_every_query_is_defined_and_hardly_any_is_refused(path: Path, django: DjangoSide) -> None:
    world = World(path, django.description)
    queries = [generate(world, 11, index) for index in range(300)]
    assert all(query.is_defined() for query in queries)
    outcomes = run(django, *queries)
    assert sum(map(is_error, outcomes)) < 9
    assert sum(map(is_filled, outcomes)) > 180


def test_django_agrees_with_itself_and_not_with_a_broken_one(path: Path, django: DjangoSide) -> None:
    world = World(path, django.description)
    queries = [generate(world, 5, index) for index in range(150)]
    expected = run(django, *queries)
    with django_side(path) as twin, django_side(path, "broken") as broken:
        assert not [
            1 for each in zip(queries, expected, run(twin, *queries), strict=True) if difference(*each)
        ]
        different = [
            query
            for query, left, right in zip(queries, expected, run(broken, *queries), strict=True)
            if difference(query, left, right)
        ]
        assert different
        assert all("exclude" in query.source() for query in different)

        def differs(query: Query) -> bool:
            (left,), (right,) = run(django, query), run(broken, query)
            return difference(query, left, right) is not None

        small = shrink(different[0], differs)
        assert differs(small)
        assert len(small.steps) <= 2


def test_a_query_is_written_as_python() -> None:
    conditions = (
        Leaf("age", 3),
        Group("|", (Leaf("born__gt", date(2020, 1, 2)), Not(Leaf("name", "o'Hara")))),
        Leaf("age", 4),
    )
    query = Query(
        "people",
        (
            Where("filter", conditions),
            Combine("^", Query("people", (Where("exclude", (Leaf("balance", Decimal("1.50")),)),))),
            OrderBy((SortKey("age", True, "last"), "-pk"), total=True),
            Subscript(None, 5, 2),
        ),
    )
    assert query.source() == (
        '(db.people.filter((Q(born__gt=date(2020, 1, 2)) | ~Q(name="o\'Hara")), Q(age=4), age=3)'
        " ^ db.people.exclude(balance=Decimal('1.50'))).order_by(F('age').desc(nulls_last=True), '-pk')[:5:2]"
    )


def test_what_takes_a_part_needs_an_order() -> None:
    assert Query("people", (Call("first"),)).is_defined()
    assert not Query("people", (Subscript(0, 3),)).is_defined()
    assert not Query("people", (OrderBy(("age",)), Subscript(0, 3))).is_defined()
    assert Query("people", (OrderBy(("age", "pk"), total=True), Subscript(0, 3))).is_defined()


def test_ties_may_change_places_inside_their_group_only() -> None:
    query = Query("people", (OrderBy(("-age",)), Select("values_list", ("age", "name"))))
    assert query.comparison() == ("groups", 1)
    expected: dict[str, object] = {"rows": [["2", "a"], ["2", "b"], ["1", "c"]]}
    assert difference(query, expected, {"rows": [["2", "b"], ["2", "a"], ["1", "c"]]}) is None
    assert "another order" in str(difference(query, expected, {"rows": [["2", "a"], ["1", "c"], ["2", "b"]]}))
    assert "missing" in str(difference(query, expected, {"rows": [["2", "a"], ["1", "c"]]}))


def test_errors_that_answer_are_compared_by_name() -> None:
    query = Query("people", (Call("get", (), (("id", 1),)),))
    gone: dict[str, object] = {"error": "DoesNotExist: Person matching query does not exist."}
    assert difference(query, gone, {"error": "DoesNotExist: no people row"}) is None
    assert difference(query, gone, {"rows": [["1"]]}) is not None
    assert not is_error(gone)
    assert is_error({"error": "FieldError: no such field"})


@pytest.mark.parametrize(
    ("one", "other"),
    [(True, 1), (1, 1.0), (1.0, Decimal(1)), ("1", 1), (date(2020, 1, 1), datetime(2020, 1, 1)), (None, "")],
)
def test_values_of_different_types_differ(one: object, other: object) -> None:
    assert cell(one) != cell(other)


def test_rounding_is_the_only_tolerance() -> None:
    assert cell(0.1 + 0.2) == cell(0.3)
    assert cell(Decimal("1.50")) == cell(Decimal("1.5"))
    assert cell(Decimal("1.50001")) != cell(Decimal("1.5"))


def test_names_and_large_numbers_are_told_apart() -> None:
    one, other = (namedtuple("Row", names)(1, 2) for names in (("id", "n"), ("n", "id")))
    rows = [outcome([row], lambda row: {}, Query)["rows"] for row in (one, other, (1, 2))]
    assert len({str(each) for each in rows}) == 3
    assert cell(2**64) != cell(float(2**64))
