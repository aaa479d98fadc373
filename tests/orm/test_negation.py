"""Negated conditions: what ``F`` means in those over to-many relations, and what they are beside an operator."""

from __future__ import annotations

from typing import Any

import pytest

from noormme import Database, Exists, F, OuterRef, Q, RawSQL, Value
from noormme.functions import Coalesce
from tests.orm.support import ids, where


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        # Ann wrote 1 and 2, Bob 3 and 4, Cleo 5; ratings are 5, NULL; 3, 5; 1.
        ({"posts_as_author__id": F("id")}, [2, 3, 4]),
        ({"posts_as_author__id__in": [F("id"), 4]}, [3, 4]),
        ({"posts_as_author__id__in": [F("id") + 2, F("id") + 1]}, [4]),
        ({"posts_as_author__rating__range": (F("id"), 3)}, [1, 3, 4]),
        ({"posts_as_author__rating__range": (Coalesce(F("age"), Value(1)), 1)}, [1, 2, 4]),
    ],
)
def test_a_list_of_expressions_is_about_the_outer_row(
    db: Database, condition: dict[str, Any], expected: list[int]
) -> None:
    query = db.users.exclude(**condition).order_by("id")
    assert where(query).startswith('"users" WHERE NOT (EXISTS (SELECT 1 FROM "posts" WHERE')
    assert ids(query) == expected
    assert ids(db.users.filter(~Q(**condition)).order_by("id")) == expected


@pytest.mark.parametrize(
    ("condition", "holding"),
    [
        (lambda db: ~Q(age__gt=20), [2, 3]),
        (lambda db: ~(Q(age__gt=20) & Q(id=1)), [2, 3, 4]),
        (lambda db: ~Exists(db.posts.filter(author=OuterRef("pk"))), [4]),
        (lambda db: Q(age__isnull=True), [3]),
        (lambda db: Q(id__lt=4) & Q(is_active=True), [1, 2]),
    ],
    ids=["not", "not several", "not exists", "is null", "and"],
)
def test_a_condition_as_a_value(db: Database, condition: Any, holding: list[int]) -> None:
    """An operator beside a condition is about all of it."""
    rows = db.users.annotate(x=condition(db)).order_by("id")
    every = [1, 2, 3, 4]
    others = [key for key in every if key not in holding]
    assert ids(rows.filter(x=True)) == ids(rows.exclude(x=False)) == holding
    assert ids(rows.filter(x__in=[False])) == ids(rows.exclude(x__in=[True])) == others
    assert ids(rows.filter(x__in=[True, False])) == every
    assert ids(rows.filter(x__in=RawSQL("SELECT is_active FROM users WHERE id = %s", [1]))) == holding
    assert ids(rows.filter(x__gte=F("x"))) == ids(rows.filter(x=F("x"))) == every
    assert ids(rows.filter(x__range=(False, True))) == every
    assert ids(rows.filter(x__isnull=True)) == []
