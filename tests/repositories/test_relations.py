"""Relations through repositories: counted, loaded with one object, loaded for any list of objects."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from noormme import Count, Database, Prefetch, RelationNotFound, UsageError
from tests.orm.support import count_queries, ids
from tests.repositories.ask import Ask


def test_with_count(db: Database, asked: Ask) -> None:
    users = asked(db.repository("users"))
    with count_queries(db) as counted:
        ann = users.with_count(1, ["posts_as_author", "comments", "teams", "profile"])
    assert counted.number == 1
    assert (ann.posts_as_author_count, ann.comments_count, ann.teams_count, ann.profile_count) == (2, 2, 2, 1)
    dan = users.with_count(4, ["posts_as_author", "teams"])
    assert (dan.posts_as_author_count, dan.teams_count) == (0, 0)
    assert users.with_count(1, "comments").comments_count == 2
    assert users.with_count(99, ["comments"]) is None


@pytest.mark.sqlite("numbers and texts are not equal elsewhere")
@pytest.mark.parametrize(
    ("table", "name"),
    [
        ("users", "users_via_follows_as_follower"),
        ("posts", "tags"),
        ("posts", "editor"),
        ("comments", "children"),
        ("orders", "lines"),
        ("teams", "users"),
        ("parts", "sales"),
        ("countries", "cities"),
    ],
)
def test_counts_are_those_of_the_relation(db: Database, table: str, name: str, asked: Ask) -> None:
    rows = db.repository(table)
    attribute = f"{name}_count"
    found = {row.pk: getattr(rows.with_count(row.pk, [name]), attribute) for row in rows.find_all()}
    expected = {row.pk: row.n for row in db[table].annotate(n=Count(name))}
    assert found == expected
    assert set(found.values()) != {0}


def test_counts_do_not_multiply(opened: Callable[..., Database]) -> None:
    db = opened(
        "CREATE TABLE p (id INTEGER PRIMARY KEY);"
        "CREATE TABLE a (id INTEGER PRIMARY KEY, p_id INTEGER REFERENCES p(id));"
        "CREATE TABLE b (id INTEGER PRIMARY KEY, p_id INTEGER REFERENCES p(id));"
        "INSERT INTO p VALUES (1);"
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30) INSERT INTO a SELECT i, 1 FROM n;"
        "INSERT INTO b SELECT id, p_id FROM a WHERE id < 20"
    )
    row = db.repository("p").with_count(1, ["a", "b"])
    assert (row.a_count, row.b_count) == (30, 19)


def test_counting_what_is_no_relation(db: Database, asked: Ask) -> None:
    with pytest.raises(RelationNotFound, match="no relation 'comment' on users; did you mean 'comments'"):
        asked(db.repository("users")).with_count(1, ["comment"])
    with pytest.raises(RelationNotFound, match="no relation 'email' on users"):
        asked(db.repository("users")).with_count(1, ["email"])


def test_find_with_relations(db: Database, asked: Ask) -> None:
    posts = asked(db.repository("posts"))
    with count_queries(db) as counted:
        post = posts.find_with_relations(1, ["comments.user", "author", "editor", "tags"])
        assert post.author.name == "Ann"
        assert post.editor.name == "Bob"
        assert [tag.name for tag in post.tags.all()] == ["sql", "python"]
        assert [comment.user and comment.user.name for comment in post.comments.all()] == [
            "Bob",
            "Cleo",
            None,
            "Bob",
        ]
    assert counted.number == 4, "the post with author and editor; comments; their users; tags"
    assert posts.find_with_relations(99, ["comments"]) is None
    with count_queries(db) as counted:
        assert posts.find_with_relations(1, "author").author.name == "Ann"
    assert counted.number == 1


def test_find_with_relations_of_a_composite_key(db: Database, asked: Ask) -> None:
    order = asked(db.repository("orders")).find_with_relations(("eu", 1), ["lines"])
    with count_queries(db) as counted:
        assert ids(order.lines.all()) == [1, 2]
    assert counted.number == 0


def test_find_with_a_prefetch(db: Database, asked: Ask) -> None:
    newest = Prefetch("comments", db.comments.order_by("-id")[:1], to_attr="newest")
    post = asked(db.repository("posts")).find_with_relations(1, [newest, "newest.user"])
    with count_queries(db) as counted:
        assert [(comment.pk, comment.user.name) for comment in post.newest] == [(6, "Bob")]
    assert counted.number == 0


def test_load_relationships(db: Database, asked: Ask) -> None:
    users = asked(db.repository("users"))
    found = [users.find_by_id(key) for key in (1, 2, 3, 4)]
    with count_queries(db) as counted:
        assert users.load_relationships(found, ["posts_as_author.comments", "profile"]) == found
    assert counted.number == 3
    with count_queries(db) as counted:
        assert [[post.pk for post in user.posts_as_author.all()] for user in found] == [
            [1, 2],
            [3, 4],
            [5],
            [],
        ]
        assert [len(post.comments.all()) for post in found[0].posts_as_author.all()] == [4, 0]
        assert [user.profile and user.profile.pk for user in found] == [1, 2, None, None]
    assert counted.number == 0


def test_what_is_loaded_is_not_loaded_again(db: Database, asked: Ask) -> None:
    users = asked(db.repository("users"))
    found = list(db.users.prefetch_related("posts_as_author"))
    with count_queries(db) as counted:
        users.load_relationships(found, ["posts_as_author"])
        users.load_relationships(found, "posts_as_author.comments")
        users.load_relationships([], ["comments"])
        users.load_relationships(found, [])
    assert counted.number == 1


def test_objects_of_several_queries_and_a_generator(db: Database, asked: Ask) -> None:
    posts = asked(db.repository("posts"))
    mixed = (post for post in (db.posts.get(id=1), *db.posts.filter(id__gte=4)))
    with count_queries(db) as counted:
        found = posts.load_relationships(mixed, ["author"])
        assert [post.author.name for post in found] == ["Ann", "Bob", "Cleo"]
    assert counted.number == 1


def test_one_object_twice(db: Database, asked: Ask) -> None:
    ann = db.users.get(id=1)
    asked(db.repository("users")).load_relationships([ann, ann, db.users.get(id=1)], ["comments"])
    with count_queries(db) as counted:
        assert len(ann.comments.all()) == 2
    assert counted.number == 0


def test_objects_of_another_table(db: Database, asked: Ask) -> None:
    with pytest.raises(UsageError, match="load_relationships takes objects of users, not Post"):
        asked(db.repository("users")).load_relationships([*db.users, *db.posts], ["comments"])
    with pytest.raises(UsageError, match="not int"):
        asked(db.repository("users")).load_relationships([1], ["comments"])
    with pytest.raises(RelationNotFound, match="did you mean 'comments'"):
        asked(db.repository("users")).load_relationships(list(db.users), ["comment"])
