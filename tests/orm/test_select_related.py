"""``select_related``: one query, however many relations, rows and levels."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from noormme import Count, Database, InvalidQuery, RelationNotFound, UsageError
from tests.orm.support import count_queries, ids, where


def test_one_query_for_any_number_of_relations(db: Database) -> None:
    query = db.posts.select_related("author__profile", "editor").order_by("id")
    assert where(query) == (
        '"posts" LEFT OUTER JOIN "users" ON "users"."id" = "posts"."author_id" '
        'LEFT OUTER JOIN "profiles" ON "profiles"."user_id" = "users"."id" '
        'LEFT OUTER JOIN "users" AS "users_2" ON "users_2"."id" = "posts"."editor_id" '
        'ORDER BY "posts"."id" ASC'
    )
    with count_queries(db) as counted:
        found = [
            (
                post.author.name,
                post.author.profile and post.author.profile.bio,
                post.editor and post.editor.name,
            )
            for post in query
        ]
    assert counted.number == 1
    assert found == [
        ("Ann", "likes <b>SQL</b>", "Bob"),
        ("Ann", "likes <b>SQL</b>", None),
        ("Bob", None, "Ann"),
        ("Bob", None, "Ann"),
        ("Cleo", None, None),
    ]


def test_rows_that_share_a_related_row_share_the_object(db: Database) -> None:
    one, two, *_ = db.posts.select_related("author", "editor").order_by("id")
    assert one.author is two.author
    three = db.posts.select_related("author").get(id=3)
    assert three.author == one.editor


def test_a_join_of_the_filter_is_used_again(db: Database) -> None:
    query = db.posts.filter(author__name="Ann").select_related("author")
    assert where(query) == (
        '"posts" JOIN "users" ON "users"."id" = "posts"."author_id" WHERE "users"."name" = ?'
    )
    assert ids(query) == [1, 2]


def test_one_to_one_both_ways(db: Database) -> None:
    with count_queries(db) as counted:
        users = list(db.users.select_related("profile", "passport").order_by("id"))
        found = [(user.profile and user.profile.id, user.passport and user.passport.number) for user in users]
        assert all(user.profile.user is user for user in users if user.profile)
    assert counted.number == 1
    assert found == [(1, "A1"), (2, None), (None, "C3"), (None, None)]
    with count_queries(db) as counted:
        profiles = list(db.profiles.select_related("user").order_by("id"))
        assert [profile.user.name for profile in profiles] == ["Ann", "Bob"]
        assert all(profile.user.profile is profile for profile in profiles)
    assert counted.number == 1


def test_a_self_relation(db: Database) -> None:
    with count_queries(db) as counted:
        bodies = [
            (comment.body, comment.parent and comment.parent.body, comment.parent and comment.parent.parent)
            for comment in db.comments.select_related("parent__parent").filter(post=1).order_by("id")
        ]
    assert counted.number == 1
    assert [(body, parent, above and above.body) for body, parent, above in bodies] == [
        ("first", None, None),
        ("second", "first", None),
        ("third", "first", None),
        ("sixth", "second", "first"),
    ]


def test_a_composite_key(db: Database) -> None:
    with count_queries(db) as counted:
        lines = list(db.lines.select_related("order").order_by("id"))
        assert [line.order and line.order.total for line in lines] == [10.5, 10.5, 5.0, None, None]
    assert counted.number == 1
    assert lines[0].order is lines[1].order


def test_without_arguments_it_follows_what_cannot_be_missing(db: Database) -> None:
    query = db.comments.select_related()
    assert where(query) == (
        '"comments" LEFT OUTER JOIN "posts" ON "posts"."id" = "comments"."post_id" '
        'LEFT OUTER JOIN "users" ON "users"."id" = "posts"."author_id"'
    )
    with count_queries(db) as counted:
        assert {comment.post.author.name for comment in query} == {"Ann", "Bob"}
    assert counted.number == 1


def test_none_takes_it_back(db: Database) -> None:
    assert where(db.posts.select_related("author").select_related(None)) == '"posts"'
    assert where(db.posts.select_related("author").select_related("author")).count("JOIN") == 1
    assert where(db.posts.select_related("author").select_related("editor")).count("JOIN") == 2


def test_together_with_annotations_and_slices(db: Database) -> None:
    query = db.posts.select_related("author").annotate(n=Count("comments")).order_by("-n", "id")[:2]
    with count_queries(db) as counted:
        assert [(post.n, post.author.name) for post in query] == [(4, "Ann"), (1, "Bob")]
    assert counted.number == 1


def test_related_objects_are_peers(db: Database) -> None:
    with count_queries(db) as counted:
        posts = list(db.posts.select_related("author").order_by("id"))
        assert [post.author.profile and post.author.profile.id for post in posts] == [1, 1, 2, 2, None]
        assert [len(post.author.comments.all()) for post in posts[::2]] == [2, 2, 1]
    asked = [each.statement.replace("`", '"').split('"')[1] for each in counted.statements]
    assert asked == ["posts", "profiles", "comments"]


def test_related_objects_stay_peers_after_the_list_is_gone(db: Database) -> None:
    authors = [post.author for post in db.posts.select_related("author").order_by("id")]
    with count_queries(db) as counted:
        assert [author.passport and author.passport.number for author in authors] == [
            "A1",
            "A1",
            None,
            None,
            "C3",
        ]
    assert counted.number == 1


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("autor", "no relation 'autor' on posts; did you mean 'author'"),
        ("author__profil", "no relation 'profil' on users; did you mean 'profile'"),
        ("title", "'title' is a field of posts, not a relation"),
        ("", "no relation '' on posts"),
        ("author__", "no relation '' on users"),
    ],
)
def test_a_misspelt_path_is_named(db: Database, path: str, message: str) -> None:
    with pytest.raises(RelationNotFound, match=message):
        db.posts.select_related(path)


def test_it_follows_relations_to_one_row_only(db: Database) -> None:
    with pytest.raises(InvalidQuery, match=r"cannot follow 'tags'.*write prefetch_related\('tags'\)"):
        db.posts.select_related("tags")
    with pytest.raises(InvalidQuery, match=r"prefetch_related\('author__comments'\)"):
        db.posts.select_related("author__comments")
    with pytest.raises(UsageError, match="takes names, not list"):
        db.posts.select_related(["author"])  # type: ignore[arg-type]


def test_a_path_is_no_step_to_related_rows(db: Database) -> None:
    """Steps of different kinds with the same words are different steps."""
    list(db.users.get(id=1).posts_as_author)
    with pytest.raises(RelationNotFound):
        db.posts.select_related("users", "posts_as_author")


def test_a_table_without_a_key(opened: Callable[..., Database]) -> None:
    db = opened(
        "CREATE TABLE colours (name TEXT UNIQUE); CREATE TABLE cars (id INTEGER PRIMARY KEY,"
        " colour TEXT REFERENCES colours(name)); INSERT INTO colours VALUES ('red'), (NULL);"
        "INSERT INTO cars VALUES (1, 'red'), (2, NULL), (3, 'red')"
    )
    with count_queries(db) as counted:
        cars = list(db.cars.select_related("colour").order_by("id"))
        assert [car.colour and car.colour.name for car in cars] == ["red", None, "red"]
    assert counted.number == 1
    assert cars[0].colour is cars[2].colour
