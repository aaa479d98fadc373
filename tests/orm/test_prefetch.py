"""``prefetch_related``: one query, plus one for each relation of each level."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from noormme import (
    Count,
    Database,
    InvalidQuery,
    Prefetch,
    RelationNotFound,
    UsageError,
    Window,
)
from noormme.functions import RowNumber
from tests.orm.support import count_queries, ids


@pytest.mark.parametrize(
    ("lookups", "queries"),
    [
        (["comments"], 2),
        (["comments", "tags"], 3),
        (["comments__user"], 3),
        (["comments__user__profile"], 4),
        (["comments__user", "comments__parent"], 4),
        (["author"], 2),
        (["author__posts_as_author__tags", "tags"], 5),
        (["comments", "comments", "comments__user"], 3),
        ([Prefetch("comments")], 2),
    ],
)
def test_one_query_for_each_level(db: Database, lookups: list[str], queries: int) -> None:
    with count_queries(db) as counted:
        posts = list(db.posts.prefetch_related(*lookups))
    assert len(posts) == 5
    assert counted.number == queries


def test_one_to_many(db: Database) -> None:
    posts = list(db.posts.prefetch_related("comments").order_by("id"))
    with count_queries(db) as counted:
        assert [ids(post.comments.all()) for post in posts] == [[1, 2, 3, 6], [], [4], [5], []]
        assert [len(post.comments.all()) for post in posts] == [4, 0, 1, 1, 0]
        assert [post.comments.count() for post in posts] == [4, 0, 1, 1, 0]
        assert [post.comments.exists() for post in posts] == [True, False, True, True, False]
        assert [bool(post.comments) for post in posts] == [True, False, True, True, False]
        assert [bool(post.comments.all()) for post in posts] == [True, False, True, True, False]
        assert ids(list(posts[0].comments)) == [1, 2, 3, 6]
        assert posts[0].comments.all()[1].id == posts[0].comments[1].id == 2
        assert ids(posts[0].comments.all()[1:3]) == ids(posts[0].comments[1:3]) == [2, 3]
        assert posts[0].comments.contains(posts[0].comments[0])
        assert all(comment.post is post for post in posts for comment in post.comments.all())
    assert counted.number == 0
    assert posts[2].comments.filter(id=4).count() == 1


def test_many_to_many(db: Database, engine: str) -> None:
    with count_queries(db) as counted:
        posts = list(db.posts.prefetch_related("tags").order_by("id"))
        # They come in no order of their own.
        assert [{tag.name for tag in post.tags.all()} for post in posts] == [
            {"sql", "python"},
            {"sql"},
            {"python"},
            {"sql"},
            set(),
        ]
    assert engine != "sqlite" or " ".join(counted.statements[1].statement.split()) == (
        'SELECT "post_tags"."post_id", "tags"."id", "tags"."name" FROM "tags" '
        'JOIN "post_tags" ON "post_tags"."tag_id" = "tags"."id" '
        'WHERE "post_tags"."post_id" IN (SELECT value FROM carray(?) AS anon_1)'
    )
    assert counted.number == 2
    assert posts[1].tags.all()[0] in posts[0].tags.all()
    assert posts[1].tags.all()[0] is posts[3].tags.all()[0]


def test_many_to_many_with_payload_and_with_itself(db: Database) -> None:
    with count_queries(db) as counted:
        users = list(
            db.users.prefetch_related("teams", "memberships", "users_via_follows_as_follower").order_by("id")
        )
        assert [sorted(ids(user.teams.all())) for user in users] == [["core", "docs"], ["core"], [], []]
        assert [[each.role for each in user.memberships.all()] for user in users] == [
            ["lead", "writer"],
            [None],
            [],
            [],
        ]
        follows = [sorted(each.name for each in user.users_via_follows_as_follower.all()) for user in users]
        assert follows == [["Bob", "Cleo"], ["Ann"], [], []]
    assert counted.number == 4


def test_relations_to_one_row(db: Database) -> None:
    with count_queries(db) as counted:
        posts = list(db.posts.prefetch_related("author__profile", "editor").order_by("id"))
        assert [post.author.profile and post.author.profile.bio for post in posts[::2]] == [
            "likes <b>SQL</b>",
            None,
            None,
        ]
        assert [post.editor and post.editor.id for post in posts] == [2, None, 1, 1, None]
    assert counted.number == 4
    assert posts[0].author is posts[1].author


def test_what_is_joined_is_not_loaded_again(db: Database) -> None:
    with count_queries(db) as counted:
        posts = list(db.posts.select_related("author").prefetch_related("author__comments").order_by("id"))
        assert [len(post.author.comments.all()) for post in posts] == [2, 2, 2, 2, 1]
    assert counted.number == 2


def test_a_prefetch_with_a_query_set(db: Database, engine: str) -> None:
    chosen = db.comments.filter(id__lt=6).order_by("-id")
    with count_queries(db) as counted:
        post = db.posts.prefetch_related(Prefetch("comments", chosen)).get(id=1)
        assert ids(post.comments.all()) == [3, 2, 1]
    assert counted.number == 2
    assert engine != "sqlite" or " ".join(counted.statements[1].statement.split()).endswith(
        'FROM "comments" WHERE "comments"."id" < ? AND "comments"."post_id" IN (SELECT value FROM carray(?) AS anon_1) '
        'ORDER BY "comments"."id" DESC'
    )
    joined = db.comments.select_related("user").annotate(n=Count("children")).order_by("id")
    with count_queries(db) as counted:
        post = db.posts.prefetch_related(Prefetch("comments", joined)).get(id=1)
        assert [(each.user and each.user.name, each.n) for each in post.comments.all()] == [
            ("Bob", 2),
            ("Cleo", 1),
            (None, 0),
            ("Bob", 0),
        ]
    assert counted.number == 2


def test_a_prefetch_of_a_query_set_has_its_own_prefetches(db: Database) -> None:
    inner = db.comments.prefetch_related("user")
    with count_queries(db) as counted:
        posts = list(
            db.posts.prefetch_related(Prefetch("comments", inner), "comments__parent").order_by("id")
        )
        assert [[each.user and each.user.id for each in post.comments.all()] for post in posts[:3]] == [
            [2, 3, None, 2],
            [],
            [1],
        ]
        assert [each.parent and each.parent.id for each in posts[0].comments.all()] == [None, 1, 1, 2]
    assert counted.number == 4


def test_to_attr(db: Database) -> None:
    with count_queries(db) as counted:
        posts = list(
            db.posts.prefetch_related(
                Prefetch("comments", db.comments.filter(user=2), to_attr="of_bob"),
                Prefetch("comments", to_attr="all_comments"),
                "comments",
                Prefetch("author", to_attr="writer"),
            ).order_by("id")
        )
        assert [ids(post.of_bob) for post in posts] == [[1, 6], [], [], [], []]
        assert isinstance(posts[0].of_bob, list)
        assert [ids(post.all_comments) for post in posts[:3]] == [[1, 2, 3, 6], [], [4]]
        assert [ids(post.comments.all()) for post in posts[:3]] == [[1, 2, 3, 6], [], [4]]
        assert [post.writer.name for post in posts] == ["Ann", "Ann", "Bob", "Bob", "Cleo"]
    assert counted.number == 5


@pytest.mark.sqlite("rows come in no order of their own elsewhere")
def test_below_to_attr(db: Database) -> None:
    query = db.users.prefetch_related(
        Prefetch("posts_as_author", db.posts.order_by("-id"), to_attr="written"),
        Prefetch("written__comments", db.comments.filter(user=None), to_attr="anonymous"),
        "written__tags",
        "written__anonymous__parent",
    ).order_by("id")
    with count_queries(db) as counted:
        ann = next(iter(query))
        assert ids(ann.written) == [2, 1]
        assert [ids(post.anonymous) for post in ann.written] == [[], [3]]
        assert [[tag.name for tag in post.tags.all()] for post in ann.written] == [["sql"], ["sql", "python"]]
        assert ann.written[1].anonymous[0].parent.body == "first"
    assert counted.number == 5


@pytest.mark.parametrize("where", ["comments", "tags"])
def test_a_slice_is_taken_for_each_object(db: Database, where: str) -> None:
    source = db.comments if where == "comments" else db.tags
    with count_queries(db) as counted:
        posts = list(
            db.posts.prefetch_related(Prefetch(where, source.order_by("-id")[:1], to_attr="one")).order_by(
                "id"
            )
        )
        skipped = list(
            db.posts.prefetch_related(Prefetch(where, source.order_by("id")[1:3], to_attr="some")).order_by(
                "id"
            )
        )
        rest = list(
            db.posts.prefetch_related(Prefetch(where, source.all()[1:], to_attr="rest")).order_by("id")
        )
    assert counted.number == 6
    assert "row_number() OVER (PARTITION BY" in counted.statements[1].statement
    if where == "comments":
        assert [ids(post.one) for post in posts] == [[6], [], [4], [5], []]
        assert [ids(post.some) for post in skipped] == [[2, 3], [], [], [], []]
        assert [ids(post.rest) for post in rest] == [[2, 3, 6], [], [], [], []]
    else:
        assert [ids(post.one) for post in posts] == [[2], [1], [2], [1], []]
        assert [ids(post.some) for post in skipped] == [[2], [], [], [], []]
        assert [ids(post.rest) for post in rest] == [[2], [], [], [], []]


def test_a_prefetch_may_leave_fields_out(db: Database) -> None:
    with count_queries(db) as counted:
        posts = db.posts.prefetch_related(
            Prefetch("comments", db.comments.only("body")),
            Prefetch("tags", db.tags.defer("name")),
            Prefetch("author", db.users.only("name")),
            Prefetch("editor", db.users.defer("name", "id")),
        )
        post = posts.get(id=1)
        assert [each.body for each in post.comments.all()] == ["first", "second", "third", "sixth"]
        assert ids(post.tags.all()) == [1, 2]
        assert post.author.name == "Ann"
        assert post.editor.email == "bob@example.com"
    assert counted.number == 5
    assert post.comments[0].to_dict().keys() == {"id", "body", "post_id"}
    assert post.tags[0].to_dict().keys() == {"id"}
    assert post.author.to_dict().keys() == {"id", "name"}


def test_composite_keys(db: Database) -> None:
    with count_queries(db) as counted:
        orders = list(db.orders.prefetch_related("lines"))
        assert [ids(order.lines.all()) for order in orders] == [[1, 2], [], [3]]
        lines = list(db.lines.prefetch_related("order").order_by("id"))
        assert [line.order and line.order.pk for line in lines] == [
            ("eu", 1),
            ("eu", 1),
            ("us", 1),
            None,
            None,
        ]
        limited = list(
            db.orders.prefetch_related(Prefetch("lines", db.lines.order_by("-id")[:1], to_attr="last"))
        )
        assert [ids(order.last) for order in limited] == [[2], [], [3]]
    assert counted.number == 6


def test_nothing_to_load_for(db: Database) -> None:
    with count_queries(db) as counted:
        assert list(db.posts.filter(id=99).prefetch_related("comments__user")) == []
        assert db.posts.filter(id=5).prefetch_related("comments__user", "editor").get().editor is None
    assert counted.number == 3


def test_prefetches_of_a_single_object(db: Database) -> None:
    query = db.posts.prefetch_related(Prefetch("comments", db.comments.order_by("-id"), to_attr="found"))
    with count_queries(db) as counted:
        assert ids(query.get(id=1).found) == [6, 3, 2, 1]
        assert ids(query.order_by("id").first().found) == [6, 3, 2, 1]
        assert ids(query.latest("id").found) == []
        assert ids(query.filter(id=3)[0].found) == [4]
        post = query.get(id=1)
        assert post.found[0].post is post
    assert counted.number == 10
    assert query.get(id=1).found[0].post.title == "One"


def test_none_takes_it_back(db: Database) -> None:
    query = db.posts.prefetch_related("comments").prefetch_related(None)
    assert query.prefetches == ()
    assert [each.lookup for each in query.prefetch_related("tags").prefetches] == ["tags"]


def test_a_prefetch_runs_with_every_kind_of_result(db: Database) -> None:
    query = db.users.filter(posts_as_author__id__gt=0).order_by("id").prefetch_related("comments")
    with count_queries(db) as counted:
        assert [len(user.comments.all()) for user in query] == [2, 2, 2, 2, 1]
    assert counted.number == 2
    related = db.users.get(id=1).posts_as_author.prefetch_related("tags")
    with count_queries(db) as counted:
        assert [len(post.tags.all()) for post in related] == [2, 1]
    assert counted.number == 2


@pytest.mark.parametrize(
    ("lookup", "message"),
    [
        ("coments", "no relation 'coments' on posts; did you mean 'comments'"),
        ("comments__usr", "no relation 'usr' on comments; did you mean 'user'"),
        ("title", "'title' is a field of posts, not a relation"),
        ("", "no relation ''"),
        (Prefetch("coments"), "did you mean 'comments'"),
    ],
)
def test_a_misspelt_path_is_named(db: Database, lookup: str, message: str) -> None:
    with pytest.raises(RelationNotFound, match=message):
        db.posts.prefetch_related(lookup)


@pytest.mark.parametrize("name", ["title", "tags", "pk", "save", "to_dict", "", "a__b", "__loaded_tags", 3])
def test_to_attr_needs_a_free_name(db: Database, name: str) -> None:
    with pytest.raises(UsageError):
        db.posts.prefetch_related(Prefetch("comments", to_attr=name))


def test_what_prefetch_takes(db: Database) -> None:
    with pytest.raises(UsageError, match="takes names and Prefetch, not int"):
        db.posts.prefetch_related(1)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="takes the path of a relation, not int"):
        db.posts.prefetch_related(Prefetch(1))  # type: ignore[arg-type]
    with pytest.raises(InvalidQuery, match="must give objects"):
        Prefetch("comments", db.comments.values("id"))
    with pytest.raises(InvalidQuery, match=r"leads to comments, but its query set is of tags"):
        db.posts.prefetch_related(Prefetch("comments", db.tags.all()))
    assert repr(Prefetch("comments")) == "Prefetch('comments')"


def test_a_prefetch_of_nothing(db: Database) -> None:
    posts = list(
        db.posts.prefetch_related(Prefetch("comments", db.comments.none()), Prefetch("tags", db.tags.none()))
    )
    assert [len(post.comments.all()) + len(post.tags.all()) for post in posts] == [0] * 5


def test_a_relation_may_end_in_an_underscore(opened: Callable[..., Database]) -> None:
    db = opened(
        'CREATE TABLE "class" (id INTEGER PRIMARY KEY, name TEXT);'
        "CREATE TABLE pupils (id INTEGER PRIMARY KEY, class_id INTEGER REFERENCES class(id));"
        "CREATE TABLE marks (id INTEGER PRIMARY KEY, pupil_id INTEGER REFERENCES pupils(id));"
        "INSERT INTO class VALUES (1, 'a'); INSERT INTO pupils VALUES (1, 1); INSERT INTO marks VALUES (1, 1)"
    )
    with count_queries(db) as counted:
        (mark,) = db.marks.prefetch_related("pupil__class___pupils")
        assert ids(mark.pupil.class_.pupils.all()) == [1]
    assert counted.number == 4


def test_a_slice_of_rows_with_a_window(db: Database) -> None:
    newest = Window(RowNumber(), partition_by="author_id", order_by="-id")
    kept = db.posts.annotate(age=newest).filter(age__lte=2).order_by("id")
    for query, expected in (
        (kept, {"Ann": [1, 2], "Bob": [3, 4], "Cleo": [5], "Dan": []}),
        (kept[:1], {"Ann": [1], "Bob": [3], "Cleo": [5], "Dan": []}),
        (kept[1:], {"Ann": [2], "Bob": [4], "Cleo": [], "Dan": []}),
        (kept.filter(age=2)[:1], {"Ann": [1], "Bob": [3], "Cleo": [], "Dan": []}),
        (
            db.posts.annotate(age=newest).order_by("-age")[:1],
            {"Ann": [1], "Bob": [3], "Cleo": [5], "Dan": []},
        ),
    ):
        users = db.users.prefetch_related(Prefetch("posts_as_author", query))
        assert {user.name: ids(user.posts_as_author.all()) for user in users} == expected


def test_a_slice_is_of_different_rows(db: Database) -> None:
    tagged = db.posts.filter(tags__id__gt=0).distinct()
    for query, expected in (
        (tagged.order_by("id")[:2], {"Ann": [1, 2], "Bob": [3, 4]}),
        (tagged.order_by("-id")[1:2], {"Ann": [1], "Bob": [3]}),
        # What the rows are sorted by counts as well, as in DISTINCT everywhere.
        (db.posts.distinct().order_by("author__name", "-id")[:1], {"Ann": [2], "Bob": [4]}),
    ):
        users = db.users.filter(id__lte=2).prefetch_related(Prefetch("posts_as_author", query))
        assert {user.name: ids(user.posts_as_author.all()) for user in users} == expected
    tags = db.tags.filter(posts__rating__gt=0).distinct().order_by("-id")[:1]
    posts = db.posts.order_by("id").prefetch_related(Prefetch("tags", tags))
    assert [ids(post.tags.all()) for post in posts] == [[2], [1], [2], [1], []]
