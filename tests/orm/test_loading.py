"""``loading("raise")``: a lazy load is an error that names what to add."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from noormme import Database, Prefetch, RelationNotLoaded, UsageError, connect
from tests.orm.support import count_queries, ids

TOUCHES: list[tuple[Callable[[Any], object], str]] = [
    (lambda post: post.author, r"relation 'author' of posts .* add \.select_related\('author'\)"),
    (
        lambda post: list(post.comments.all()),
        r"relation 'comments' of posts .* add \.prefetch_related\('comments'\)",
    ),
    (lambda post: list(post.tags), r"relation 'tags' of posts .* add \.prefetch_related\('tags'\)"),
]


@pytest.mark.parametrize(("touch", "message"), TOUCHES)
@pytest.mark.parametrize(
    "rows",
    [
        lambda posts: list(posts),
        lambda posts: [posts.get(id=1)],
        lambda posts: [posts.order_by("id").first()],
        lambda posts: list(posts.iterator(2)),
        lambda posts: posts[:2],
    ],
)
def test_a_lazy_load_is_an_error(
    db: Database, rows: Callable[[Any], Any], touch: Callable[[Any], object], message: str
) -> None:
    posts = rows(db.posts.loading("raise"))
    with count_queries(db) as counted:
        for post in list(posts):
            counted.statements.clear()
            with pytest.raises(RelationNotLoaded, match=message):
                touch(post)
    assert counted.number == 0


def test_the_error_names_the_relation() -> None:
    assert issubclass(RelationNotLoaded, UsageError)
    assert RelationNotLoaded.code == "relation_not_loaded"


def test_it_can_be_a_setting(world: Path) -> None:
    with connect(world, loading="raise") as db:
        post = db.posts.get(id=1)
        with pytest.raises(RelationNotLoaded):
            _ = post.author
        assert db.posts.loading("peers").get(id=1).author.name == "Ann"
        assert db.posts.select_related("author").get(id=1).author.name == "Ann"
        with pytest.raises(RelationNotLoaded):
            _ = db.posts.only("title").get(id=1).rating


def test_what_was_asked_for_is_there(db: Database) -> None:
    query = (
        db.posts.loading("raise")
        .select_related("author")
        .prefetch_related("comments", Prefetch("tags", to_attr="labels"))
    )
    with count_queries(db) as counted:
        posts = list(query.order_by("id"))
        assert [post.author.name for post in posts] == ["Ann", "Ann", "Bob", "Bob", "Cleo"]
        assert [len(post.comments.all()) for post in posts] == [4, 0, 1, 1, 0]
        assert [len(post.labels) for post in posts] == [2, 1, 1, 1, 0]
        assert all(comment.post is post for post in posts for comment in post.comments.all())
    assert counted.number == 3


def test_a_key_that_is_null_needs_no_load(db: Database) -> None:
    assert db.posts.loading("raise").get(id=2).editor is None
    assert db.lines.loading("raise").get(id=4).order is None


def test_a_query_of_one_object_is_no_lazy_load(db: Database) -> None:
    post = db.posts.loading("raise").get(id=1)
    assert post.comments.count() == 4
    assert ids(post.comments.filter(id=1)) == [1]
    assert post.tags.exists()


@pytest.mark.parametrize(
    "touch",
    [
        lambda db: db.posts.loading("raise").select_related("author").get(id=1).author.profile,
        lambda db: list(db.posts.loading("raise").select_related("author"))[0].author.profile,
        lambda db: (
            list(db.posts.loading("raise").select_related("author__profile").order_by("id"))[
                0
            ].author.comments
        ),
        lambda db: db.posts.loading("raise").prefetch_related("comments").get(id=1).comments[0].user,
        lambda db: db.posts.loading("raise").prefetch_related("tags").get(id=1).tags[0].posts,
        lambda db: db.posts.loading("raise").prefetch_related("author__profile").get(id=1).author.passport,
        lambda db: (
            db.posts.loading("raise")
            .select_related("author")
            .prefetch_related("author__comments")
            .get(id=1)
            .author.comments[0]
            .post
        ),
        lambda db: (
            db.posts.prefetch_related(Prefetch("comments", db.comments.loading("raise")))
            .get(id=1)
            .comments[0]
            .user
        ),
        lambda db: next(db.posts.loading("raise").select_related("author").iterator()).author.profile,
    ],
)
def test_it_holds_for_what_is_loaded_with_the_objects(db: Database, touch: Callable[[Database], Any]) -> None:
    with pytest.raises(RelationNotLoaded):
        list(touch(db))


def test_a_prefetch_may_say_otherwise(db: Database) -> None:
    query = db.posts.loading("raise").prefetch_related(Prefetch("comments", db.comments.loading("peers")))
    post = query.get(id=1)
    assert post.comments[0].user.name == "Bob"
    with pytest.raises(RelationNotLoaded):
        _ = post.author


def test_a_deferred_field_is_a_lazy_load_too(db: Database) -> None:
    user = db.users.only("name").loading("raise").get(id=1)
    with pytest.raises(RelationNotLoaded, match=r"field 'age' of users was not loaded.* add \.only\('age'\)"):
        _ = user.age


def test_there_are_two_modes(db: Database) -> None:
    assert db.posts.loading("raise").mode == "raise"
    assert db.posts.mode is None
    with pytest.raises(UsageError, match="no loading mode 'lazy'"):
        db.posts.loading("lazy")  # type: ignore[arg-type]
