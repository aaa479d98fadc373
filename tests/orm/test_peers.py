"""Lazy loading: touching a relation of one object loads it for every object of the same result."""

from __future__ import annotations

import gc
import pickle
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from noormme import Database
from tests.orm.support import bound, count_queries, ids, sql

WAYS: dict[str, Callable[[Any], Iterable[Any]]] = {
    "a query set": lambda query: query,
    "a list": list,
    "a comprehension": lambda query: [post for post in query],  # noqa: C416
    "sorted": lambda query: sorted(query, key=lambda post: -post.id),
    "a set": set,
    "a dict": lambda query: {post.id: post for post in query}.values(),
    "a manager": lambda query: list(query.model.objects) if hasattr(query, "model") else list(query.all()),
    "in_bulk": lambda query: query.in_bulk().values(),
    "a part": lambda query: [post for post in query if post.id > 1],
    "an iterator": lambda query: query.iterator(),
    "a slice of rows": lambda query: query[:5],
    "unpickled": lambda query: pickle.loads(pickle.dumps(list(query))),
    "an unpickled query set": lambda query: pickle.loads(pickle.dumps(query)),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_relation_to_one_row_is_two_queries(db: Database, way: str) -> None:
    with count_queries(db) as counted:
        posts = list(WAYS[way](db.posts.all()))
        names = {post.id: post.author.name for post in posts}
    assert counted.number == 2
    assert {2: "Ann", 3: "Bob", 5: "Cleo"}.items() <= names.items()
    assert len({id(post.author) for post in posts}) == 3


@pytest.mark.parametrize("way", WAYS)
def test_a_relation_to_many_rows_is_two_queries(db: Database, way: str) -> None:
    with count_queries(db) as counted:
        found = {post.id: ids(post.comments.all()) for post in WAYS[way](db.posts.all())}
    assert counted.number == 2
    assert {2: [], 3: [4], 4: [5], 5: []}.items() <= found.items()


@pytest.mark.parametrize("way", ["a list", "a part", "an iterator", "unpickled"])
@pytest.mark.parametrize("generation", [0, 1, 2])
def test_a_garbage_collection_changes_nothing(db: Database, way: str, generation: int) -> None:
    with count_queries(db) as counted:
        posts = list(WAYS[way](db.posts.all()))
        gc.collect(generation)
        assert len([post.author.name for post in posts]) >= 4
        gc.collect(generation)
        assert sum(len(post.comments.all()) for post in posts) >= 2
        gc.collect(generation)
        assert len([post.editor for post in posts]) >= 4
    assert counted.number == 4


def test_a_garbage_collection_between_two_touches(db: Database) -> None:
    with count_queries(db) as counted:
        found = []
        for post in list(db.posts.order_by("id")):
            found.append((post.author.name, ids(post.comments.all())))
            gc.collect()
    assert found == [("Ann", [1, 2, 3, 6]), ("Ann", []), ("Bob", [4]), ("Bob", [5]), ("Cleo", [])]
    assert counted.number == 3


@pytest.mark.parametrize(
    ("relation", "expected"),
    [
        ("profile", [1, 2, None, None]),
        ("passport", [1, None, 3, None]),
        ("posts_as_author", [[1, 2], [3, 4], [5], []]),
        ("posts_as_editor", [[3, 4], [1], [], []]),
        ("comments", [[4, 5], [1, 6], [2], []]),
        ("teams", [["core", "docs"], ["core"], [], []]),
        ("users_via_follows_as_follower", [[2, 3], [1], [], []]),
        ("users_via_follows_as_followed", [[2], [1], [1], []]),
    ],
)
def test_every_kind_of_relation(db: Database, relation: str, expected: list[Any]) -> None:
    with count_queries(db) as counted:
        found = []
        for user in list(db.users.order_by("id")):
            value = getattr(user, relation)
            found.append(sorted(ids(value.all())) if hasattr(value, "all") else value and value.pk)
    assert found == expected
    assert counted.number == 2


def test_many_levels_are_one_query_each(db: Database) -> None:
    with count_queries(db) as counted:
        names = [
            comment.user and comment.user.profile and comment.user.profile.user.name
            for post in list(db.posts.order_by("id"))
            for comment in post.comments.all()
        ]
    assert names == ["Bob", None, None, "Bob", "Ann", "Ann"]
    assert counted.number == 4


def test_back_references_cost_nothing(db: Database) -> None:
    for make in (
        lambda: db.users.prefetch_related("posts_as_author").order_by("id"),
        lambda: list(db.users.prefetch_related("posts_as_author").order_by("id")),
    ):
        users = make()
        len(users)
        gc.collect()
        with count_queries(db) as counted:
            assert all(post.author is user for user in users for post in user.posts_as_author.all())
        assert counted.number == 0
    users = list(db.users.order_by("id"))
    with count_queries(db) as counted:
        assert all(post.author is user for user in users for post in list(user.posts_as_author))
        assert list(users[0].posts_as_author)[0].author is users[0]
    assert counted.number == 2


def test_back_references_of_a_single_object(db: Database) -> None:
    ann = db.users.get(id=1)
    with count_queries(db) as counted:
        assert all(post.author is ann for post in ann.posts_as_author)
        assert ann.profile.user is ann
    assert counted.number == 2


def test_back_references_outlive_their_objects(db: Database) -> None:
    posts = [
        post for user in db.users.prefetch_related("posts_as_author") for post in user.posts_as_author.all()
    ]
    gc.collect()
    with count_queries(db) as counted:
        assert [post.author.name for post in posts] == ["Ann", "Ann", "Bob", "Bob", "Cleo"]
    assert counted.number <= 1


def test_each_object_takes_its_rows_once(db: Database) -> None:
    users = list(db.users.order_by("id"))
    with count_queries(db) as counted:
        assert [len(list(user.comments)) for user in users] == [2, 2, 1, 0]
    assert counted.number == 1
    with count_queries(db) as counted:
        assert [len(list(user.comments.all())) for user in users] == [2, 2, 1, 0]
    assert counted.number == 1


def test_several_objects_of_one_row(db: Database) -> None:
    users = list(db.users.filter(comments__id__gt=0).order_by("id"))
    assert ids(users) == [1, 1, 2, 2, 3]
    with count_queries(db) as counted:
        assert [ids(user.comments.all()) for user in users] == [[4, 5], [4, 5], [1, 6], [1, 6], [2]]
        assert [user.profile and user.profile.id for user in users] == [1, 1, 2, 2, None]
    assert counted.number == 2


def test_what_narrows_the_rows_asks_for_one_object(db: Database) -> None:
    users = list(db.users.order_by("id"))
    with count_queries(db) as counted:
        assert users[0].comments.count() == 2
        assert users[0].comments.filter(id=4).exists()
        assert ids(users[0].comments.order_by("-id")) == [5, 4]
        assert users[0].comments.first().id == 4
        assert users[0].comments.get(id=5).body == "fifth"
        assert users[0].comments[1].id == 5
        assert not users[3].comments
        assert users[0].comments.values_list("id", flat=True)[0] == 4
        assert users[0].comments.contains(users[0].comments.get(id=4))
    assert counted.number == 10
    assert all(each.parameters[0] in (1, 4) for each in counted.statements)


def test_a_related_manager(db: Database) -> None:
    post = db.posts.get(id=1)
    assert repr(post.tags) == "<RelatedManager of 'tags'>"
    assert sql(post.tags.all()) == (
        'SELECT "tags"."id", "tags"."name" FROM "tags" JOIN "post_tags" ON "post_tags"."tag_id" = "tags"."id" '
        'WHERE "post_tags"."post_id" = ?'
    )
    assert bound(post.tags.all()) == (1,)
    assert post.tags.model is db.model("tags")
    query = post.tags.all()
    with count_queries(db) as counted:
        assert len(query) == query.count() == 2
        assert ids(query) == [1, 2]
        assert query[1].name == "python"
    assert counted.number == 1


def test_a_lone_object_loads_for_itself(db: Database) -> None:
    with count_queries(db) as counted:
        ann = db.users.get(id=1)
        assert ann.profile.bio
        assert ann.profile.bio
        assert ids(ann.teams) == ["core", "docs"]
        assert db.posts.get(id=2).editor is None
    assert counted.number == 4


def test_peers_that_are_loaded_already_are_left_alone(db: Database) -> None:
    posts = list(db.posts.order_by("id"))
    other = db.users.get(id=4)
    posts[1].__dict__["author"] = other
    with count_queries(db) as counted:
        assert [post.author.name for post in posts] == ["Ann", "Dan", "Bob", "Bob", "Cleo"]
    assert counted.number == 1
    assert counted.statements[0].parameters != ()


def test_chunks_are_peers_of_their_own(db: Database) -> None:
    with count_queries(db) as counted:
        found = [post.author.name for post in db.posts.order_by("id").iterator(chunk_size=2)]
    assert found == ["Ann", "Ann", "Bob", "Bob", "Cleo"]
    assert counted.number == 4


def test_two_results_are_two_sets_of_peers(db: Database) -> None:
    one, other = list(db.posts.filter(id__lt=3)), list(db.posts.filter(id__gt=2))
    with count_queries(db) as counted:
        assert {post.author.name for post in one} == {"Ann"}
    assert counted.number == 1
    with count_queries(db) as counted:
        assert {post.author.name for post in other} == {"Bob", "Cleo"}
    assert counted.number == 1


def test_many_results_at_once(db: Database) -> None:
    results = [list(db.posts.all()) for _ in range(200)]
    gc.collect()
    with count_queries(db) as counted:
        for posts in results:
            assert [post.author.name for post in posts] == ["Ann", "Ann", "Bob", "Bob", "Cleo"]
    assert counted.number == 200


def test_a_part_of_a_large_result(opened: Callable[..., Database]) -> None:
    db = opened(
        "CREATE TABLE users (id INTEGER PRIMARY KEY);"
        "CREATE TABLE posts (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users(id));"
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)"
        " INSERT INTO users SELECT i FROM n;"
        "INSERT INTO posts SELECT id, id FROM users"
    )
    kept = [post for post in db.posts.all() if post.id % 300 == 0]
    most = [post for post in db.posts.all() if post.id % 300]
    list(db.posts.all())
    with count_queries(db) as counted:
        assert [post.user.id for post in kept] == ids(kept)
        assert [post.user.id for post in most] == ids(most)
    assert counted.number == 2
    assert len(counted.statements[0].parameters) == 1
