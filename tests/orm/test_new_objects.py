"""Objects that have no row yet, made with the names that ``create`` takes, and what a bulk write counts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from noormme import Database, FieldNotFound, InvalidValue, ReadOnly, connect


@pytest.fixture
def mine(own: Path) -> Iterator[Database]:
    with connect(own) as db:
        yield db


def test_relations_are_given_by_name(mine: Database) -> None:
    ann, bob = mine.users.get(id=1), mine.users.get(id=2)
    posts = mine.model("posts")
    post = posts(title="New", author=ann, editor=bob)
    assert (post.author_id, post.editor_id) == (1, 2)
    with mine.capture() as statements:
        assert post.author is ann
    assert list(statements) == []
    post.save()
    assert mine.posts.filter(pk=post.pk).values_list("title", "author_id", "editor_id")[0] == ("New", 1, 2)
    made = mine.posts.bulk_create([posts(title="A", author=bob), posts(title="B", author=ann, editor=None)])
    assert [mine.posts.get(pk=each.pk).author_id for each in made] == [2, 1]


def test_names_that_a_new_object_does_not_take(mine: Database) -> None:
    posts = mine.model("posts")
    with pytest.raises(FieldNotFound, match="no field 'titel' on posts; did you mean 'title'"):
        posts(titel="hunter2")
    with pytest.raises(ReadOnly, match="'comments' of posts is held by comments"):
        posts(title="x", comments=[])
    with pytest.raises(InvalidValue) as caught:
        posts(title="x", author="hunter2")
    assert "hunter2" not in str(caught.value)
    with pytest.raises(TypeError):
        posts(1, 2, 3, 4, 5, 6, 7)
    assert mine.posts.count() == 5


def test_a_row_that_is_given_twice_is_counted_once(mine: Database) -> None:
    found = list(mine.users.filter(posts_as_author__id__gt=0))
    assert [user.pk for user in found] == [1, 1, 2, 2, 3]
    for user in found:
        user.age = 50
    assert mine.users.bulk_update(found, ["age"]) == 3
    assert list(mine.users.order_by("id").values_list("age", flat=True)) == [50, 50, 50, 45]
    assert mine.users.bulk_update([], ["age"]) == 0
