"""``|``, ``&`` and ``^`` of query sets."""

from __future__ import annotations

from collections.abc import Callable
from operator import and_, or_, xor
from typing import Any

import pytest

from noormme import Count, Database, F, InvalidQuery, Value
from tests.orm.support import bound, ids, where


def test_and_or_xor(db: Database) -> None:
    adults, active = db.users.filter(age__gte=18), db.users.filter(is_active=True)
    assert where(adults | active) == '"users" WHERE "users"."age" >= ? OR "users"."is_active" = ?'
    assert where(adults & active) == '"users" WHERE "users"."age" >= ? AND "users"."is_active" = ?'
    assert bound(adults | active) == (18, 1)
    assert ids(adults | active) == [1, 2, 4]
    assert ids(adults & active) == [1, 4]
    assert ids(adults ^ active) == [2]
    assert ids((adults ^ active) ^ db.users.filter(id=3)) == [2, 3]


def test_several_filters_and_exclusions(db: Database) -> None:
    one = db.users.filter(age__gte=18).exclude(name="Dan")
    other = db.users.filter(id__gt=2).filter(is_active=False)
    assert ids(one | other) == [1, 3]
    assert ids(one & other) == []
    assert ids(one | one) == [1]
    assert ids(one ^ one) == []


def test_combinations_of_combinations(db: Database) -> None:
    one, two, three, four = (db.users.filter(id=number) for number in (1, 2, 3, 4))
    assert ids(((one | two) | three).order_by("id")) == [1, 2, 3]
    assert ids(((one | two) & (two | three)).order_by("id")) == [2]
    assert ids(((one | two) ^ (two | four)).order_by("id")) == [1, 4]
    assert ids(((one | two) & db.users.exclude(id=1)).order_by("id")) == [2]
    tagged = db.posts.filter(tags__name="sql") | db.posts.filter(tags__name="python")
    rated = db.posts.filter(comments__user=2) | db.posts.filter(rating=1)
    assert ids((tagged | rated).distinct().order_by("id")) == [1, 2, 3, 4, 5]
    assert ids((tagged & rated).distinct().order_by("id")) == [1]


def test_everything_and_nothing(db: Database) -> None:
    ann, everybody, nobody = db.users.filter(id=1), db.users.all(), db.users.none()
    assert ids(everybody & ann) == ids(ann & everybody) == [1]
    assert ids(everybody | ann) == ids(ann | everybody) == [1, 2, 3, 4]
    assert ids(everybody ^ ann) == [2, 3, 4]
    assert ids(nobody & ann) == ids(ann & nobody) == []
    assert ids(nobody | ann) == ids(ann | nobody) == ids(ann ^ nobody) == [1]
    assert ids(nobody | nobody) == []


def test_over_relations(db: Database) -> None:
    sql = db.posts.filter(tags__name="sql")
    python = db.posts.filter(tags__name="python")
    assert ids((sql | python).distinct().order_by("id")) == [1, 2, 3, 4]
    assert ids(sql & python) == [1]
    assert ids((db.posts.exclude(tags__name="sql") & python).order_by("id")) == [3]
    assert ids((db.posts.exclude(tags__name="sql") | python).distinct().order_by("id")) == [1, 3, 5]


def test_the_left_side_gives_the_rest(db: Database) -> None:
    left = db.users.filter(id__gt=1).order_by("-id").select_related("profile").prefetch_related("comments")
    right = db.users.filter(id=1)
    assert ids(left | right) == [4, 3, 2, 1]
    assert [prefetch.lookup for prefetch in (left | right).prefetches] == ["comments"]


@pytest.mark.parametrize("combine", [or_, and_, xor])
def test_the_right_side_gives_the_order_where_it_has_one(db: Database, combine: Callable[..., Any]) -> None:
    """As in Django 5.2: ``self.order_by = rhs.order_by or self.order_by``."""
    left, right = db.users.filter(id__gt=1), db.users.filter(id__gt=3 if combine is xor else 0)
    expected = ids(combine(left, right).order_by("id"))
    for mine, theirs, order in (
        (left.order_by("id"), right.order_by("-id"), -1),
        (left.order_by("-id"), right.order_by("id"), 1),
        (left.order_by("-id"), right, -1),
        (left, right.order_by("-id"), -1),
        (left.order_by("id").reverse(), right.order_by("id"), -1),
        (left.order_by("name"), right.order_by(F("id") * Value(-1)), -1),
    ):
        assert ids(combine(mine, theirs)) == expected[::order]


def test_annotations_of_both_sides(db: Database) -> None:
    left = db.users.annotate(n=Count("posts_as_author")).filter(n=2)
    right = db.users.annotate(m=F("age")).filter(m=45)
    assert ids((left | right).order_by("id")) == [1, 2, 4]
    assert [(user.n, user.m) for user in (left & db.users.annotate(m=F("age"))).order_by("id")] == [
        (2, 31),
        (2, 17),
    ]


def test_values_lists(db: Database) -> None:
    left, right = db.users.values_list("id", flat=True), db.users.filter(id=2).values_list("id", flat=True)
    assert list((left.filter(id=1) | right).order_by("id")) == [1, 2]


@pytest.mark.parametrize(
    "other",
    [
        lambda db: db.users.values("id"),
        lambda db: db.users.filter(id=1).distinct(),
        lambda db: db.posts.all(),
        lambda db: db.users.all()[:1],
    ],
)
def test_what_does_not_go_together(db: Database, other: Any) -> None:
    with pytest.raises(InvalidQuery):
        db.users.filter(id=2) | other(db)


def test_only_query_sets_combine(db: Database) -> None:
    for wrong in (1, [db.users.first()], None):
        with pytest.raises(TypeError):
            db.users.all() | wrong  # type: ignore[operator]
        with pytest.raises(TypeError):
            db.users.all() & wrong  # type: ignore[operator]
        with pytest.raises(TypeError):
            db.users.all() ^ wrong  # type: ignore[operator]
