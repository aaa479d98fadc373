"""The reference of query sets: unions, intersections and differences."""

from __future__ import annotations

import pytest

from noormme import Database, NotSupported
from tests.django_docs.support import column


def test_union(blog: Database) -> None:
    first, second = blog.entries.filter(id__lte=2), blog.entries.filter(id__in=[2, 7])
    assert column(first.union(second).order_by("id"), "id") == [1, 2, 7]
    assert column(first.union(second, all=True).order_by("id"), "id") == [1, 2, 2, 7]
    assert first.union(second).count() == 3
    third = blog.entries.filter(id=5)
    assert column(first.union(second, third).order_by("-id"), "id") == [7, 5, 2, 1]


def test_intersection_and_difference(blog: Database) -> None:
    first, second = blog.entries.filter(id__lte=2), blog.entries.filter(id__in=[2, 7])
    assert column(first.intersection(second), "id") == [2]
    assert column(first.difference(second), "id") == [1]


def test_values_of_different_models(blog: Database) -> None:
    names = blog.authors.filter(id__lte=2).values_list("name").union(blog.blogs.values_list("name"))
    assert sorted(names) == [
        ("Beatles Blog",),
        ("Cheddar Talk",),
        ("John",),
        ("Paul",),
        ("Pop Music Blog",),
        ("Quiet Blog",),
    ]
    assert len(names[:3]) == 3


def test_only_some_steps_after_a_union(blog: Database) -> None:
    both = blog.entries.filter(id=1).union(blog.entries.filter(id=2))
    with pytest.raises(NotSupported):
        both.filter(id=1)
    with pytest.raises(NotSupported):
        both.exclude(id=1)
    with pytest.raises(NotSupported):
        both.distinct()
