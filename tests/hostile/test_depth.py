"""What is nested more deeply than Python's stack is a named error, wherever it stands."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from noormme import (
    Case,
    Database,
    F,
    FilteredRelation,
    InvalidQuery,
    Max,
    NoormmeError,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
    Window,
    connect,
)
from noormme.functions import Lower
from tests.orm.world import build

# Stacks of a thousand frames, each of which coverage would look at.
pytestmark = pytest.mark.unmeasured


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    # What earlier tests left is not collected at the end of the stack: Python has no room there for the finalizers,
    # and pytest none for what it does when one of them fails.
    gc.collect()
    gc.disable()
    try:
        with connect(build(tmp_path / "x.db")) as opened:
            yield opened
    finally:
        gc.enable()


def sums(depth: int) -> Any:
    expression: Any = F("id")
    for _ in range(depth):
        expression = expression + 1
    return expression


def calls(depth: int) -> Any:
    expression: Any = F("title")
    for _ in range(depth):
        expression = Lower(expression)
    return expression


def choices(depth: int) -> Any:
    expression: Any = F("id")
    for _ in range(depth):
        expression = Case(When(id=1, then=Value(1)), default=expression)
    return expression


def conditions(depth: int) -> Any:
    condition = Q(id=1)
    for _ in range(depth):
        condition = ~(condition | Q(id=2))
    return Case(When(condition, then=Value(1)))


PLACES: dict[str, Callable[[QuerySet[Any], Any], Any]] = {
    "annotate": lambda posts, deep: list(posts.annotate(x=deep)),
    "alias": lambda posts, deep: list(posts.alias(x=deep).filter(x=1)),
    "values": lambda posts, deep: list(posts.values(x=deep)),
    "values_list": lambda posts, deep: list(posts.values_list(deep)),
    "order_by": lambda posts, deep: list(posts.order_by(deep)),
    "order_by desc": lambda posts, deep: list(posts.order_by(deep.desc())),
    "filter": lambda posts, deep: list(posts.filter(id=deep)),
    "filter in": lambda posts, deep: list(posts.filter(id__in=[deep])),
    "filter comparison": lambda posts, deep: list(posts.filter(deep > 1)),
    "aggregate": lambda posts, deep: posts.aggregate(x=Max(deep)),
    "aggregate filter": lambda posts, deep: posts.aggregate(x=Max("id", filter=deep > 1)),
    "window": lambda posts, deep: list(posts.annotate(x=Window(Max(deep), order_by=deep))),
    "group": lambda posts, deep: list(posts.values("id").annotate(x=Max(deep))),
    "filtered relation": lambda posts, deep: list(
        posts.annotate(x=FilteredRelation("comments", condition=Q(comments__id=deep)))
    ),
    "subquery": lambda posts, deep: list(posts.annotate(x=Subquery(posts.values(x=deep)[:1]))),
    "count": lambda posts, deep: posts.annotate(x=deep).count(),
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("make", [sums, calls, choices, conditions])
def test_deep_expressions(db: Database, make: Callable[[int], Any], place: str) -> None:
    PLACES[place](db.posts.all(), make(10))
    for depth in (200, 400):
        # Between what works and what does not, either is right.
        with suppress(NoormmeError):
            PLACES[place](db.posts.all(), make(depth))
    with pytest.raises(InvalidQuery, match="nested too deeply") as caught:
        PLACES[place](db.posts.all(), make(1_500))
    assert caught.value.hint


def test_annotations_upon_annotations(db: Database) -> None:
    def tower(height: int) -> QuerySet[Any]:
        query = db.posts.annotate(a0=F("id"))
        for floor in range(1, height):
            query = query.annotate(**{f"a{floor}": F(f"a{floor - 1}") + 1})
        return query

    assert tower(50).order_by("id").values_list("a49", flat=True)[0] == 50
    with pytest.raises(InvalidQuery, match="nested too deeply"):
        list(tower(400))
