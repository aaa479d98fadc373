"""Negated conditions over to-many relations: what ``F`` means inside them."""

from __future__ import annotations

from typing import Any

import pytest

from noormme import Database, F, Q, Value
from noormme.functions import Coalesce
from tests.orm.support import ids, where


@pytest.mark.sqlite("its SQL")
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
