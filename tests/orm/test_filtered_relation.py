"""``FilteredRelation``: a relation under a name of its own, joined with a condition."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from noormme import (
    Count,
    Database,
    Exists,
    F,
    FieldNotFound,
    FilteredRelation,
    InvalidQuery,
    NotSupported,
    OuterRef,
    Q,
    QuerySet,
    RelationNotFound,
    UsageError,
)
from tests.orm.support import bound, count_queries, ids, sql, where

GOOD = 'LEFT OUTER JOIN "posts" ON "posts"."author_id" = "users"."id" AND "posts"."rating" >= ?'
INNER = GOOD.removeprefix("LEFT OUTER ")


def good(db: Database, rating: int = 4) -> QuerySet[Any]:
    return db.users.annotate(
        good=FilteredRelation("posts_as_author", condition=Q(posts_as_author__rating__gte=rating))
    )


def test_values(db: Database) -> None:
    query = good(db).order_by("id", "good").values_list("id", "good__title")
    assert where(query) == f'"users" {GOOD} ORDER BY "users"."id" ASC, "posts"."id" ASC'
    assert bound(query) == (4,)
    assert list(query) == [(1, "One"), (2, "Four"), (3, None), (4, None)]
    assert list(good(db).order_by("id").values_list("good", flat=True)) == [1, 4, None, None]
    assert list(good(db, 3).order_by("id", "good").values_list("good", flat=True)) == [1, 3, 4, None, None]


def test_it_adds_nothing_until_it_is_used(db: Database) -> None:
    assert sql(good(db)) == sql(db.users.all())
    assert good(db).count() == 4
    assert good(db).get(id=1).to_dict() == db.users.get(id=1).to_dict()


@pytest.mark.parametrize(
    ("make", "expected", "found"),
    [
        (lambda query: query.filter(good__title="One"), f'"users" {INNER} WHERE "posts"."title" = ?', [1]),
        (lambda query: query.filter(good=4), f'"users" {INNER} WHERE "posts"."id" = ?', [2]),
        (
            lambda query: query.filter(good__isnull=False),
            f'"users" {INNER} WHERE "posts"."id" IS NOT NULL',
            [1, 2],
        ),
        (lambda query: query.filter(good__isnull=True), f'"users" {GOOD} WHERE "posts"."id" IS NULL', [3, 4]),
        (
            lambda query: query.filter(Q(good__title="One") | Q(age=17)),
            f'"users" {GOOD} WHERE "posts"."title" = ? OR "users"."age" = ?',
            [1, 2],
        ),
        (
            lambda query: query.filter(good__rating__gt=F("good__id")),
            f'"users" {INNER} WHERE "posts"."rating" > "posts"."id"',
            [1, 2],
        ),
        (
            lambda query: query.alias(x=F("good__title")).filter(x="One"),
            f'"users" {INNER} WHERE "posts"."title" = ?',
            [1],
        ),
        (
            lambda query: query.order_by("-good__title", "id"),
            f'"users" {GOOD} ORDER BY "posts"."title" DESC, "users"."id" ASC',
            [1, 2, 3, 4],
        ),
    ],
)
def test_filters_and_orders(db: Database, make: Any, expected: str, found: list[int]) -> None:
    query = make(good(db))
    assert where(query) == expected
    assert sorted(ids(query)) == found


def test_each_filter_has_a_join_of_its_own(db: Database) -> None:
    query = good(db).filter(good__title="One").filter(good__rating=5)
    assert where(query).count('"rating" >= ?') == 2
    assert bound(query) == (4, 4, "One", 5)
    assert ids(query) == [1]
    assert ids(good(db).filter(posts_as_author__rating=None, good__title="One")) == [1]


def test_exclude(db: Database) -> None:
    query = good(db).exclude(good__title="One")
    inner = 'SELECT 1 FROM "users" AS "users_2" JOIN "posts" ON "posts"."author_id" = "users_2"."id" AND "posts"."rating" >= ?'
    assert (
        where(query)
        == f'"users" WHERE NOT (EXISTS ({inner} WHERE "users_2"."id" = "users"."id" AND "posts"."title" = ?))'
    )
    assert ids(query) == [2, 3, 4]
    assert ids(good(db).exclude(good__isnull=False)) == [3, 4]
    assert ids(good(db).exclude(good__isnull=True)) == [1, 2]
    assert ids(good(db).exclude(good=F("id"))) == [2, 3, 4]
    assert ids(good(db).filter(~Q(good__comments__user=2))) == [2, 3, 4]
    assert ids(
        db.posts.annotate(ed=FilteredRelation("editor", condition=Q(editor__age__gte=18))).exclude(
            ed__name="Ann"
        )
    ) == [1, 2, 5]


def test_aggregates(db: Database) -> None:
    counted = good(db).annotate(n=Count("good"), m=Count("posts_as_author", distinct=True))
    assert list(counted.order_by("id").values_list("n", "m")) == [(2, 2), (2, 2), (0, 1), (0, 0)]
    one = good(db).annotate(n=Count("good", filter=Q(good__title="One")))
    assert list(one.order_by("id").values_list("n", flat=True)) == [1, 0, 0, 0]
    assert good(db).aggregate(Count("good")) == {"good__count": 2}
    grouped = good(db).values("good").annotate(n=Count("id")).order_by("good")
    assert list(grouped) == [{"good": None, "n": 2}, {"good": 1, "n": 1}, {"good": 4, "n": 1}]


def test_a_relation_to_one_row(db: Database) -> None:
    posts = db.posts.annotate(adult=FilteredRelation("editor", condition=Q(editor__age__gte=18))).order_by(
        "id"
    )
    assert (
        where(posts.values("adult"))
        == '"posts" LEFT OUTER JOIN "users" ON "users"."id" = "posts"."editor_id" AND "users"."age" >= ? ORDER BY "posts"."id" ASC'
    )
    assert list(posts.values_list("adult", "editor_id")) == [
        (None, 2),
        (None, None),
        (1, 1),
        (1, 1),
        (None, None),
    ]
    assert ids(posts.filter(adult__name="Ann")) == [3, 4]
    authors = db.posts.annotate(a=FilteredRelation("author", condition=Q(author__age__gte=18))).order_by("id")
    assert list(authors.values_list("a__profile__bio", flat=True)) == ["likes <b>SQL</b>"] * 2 + [None] * 3


def test_many_to_many(db: Database) -> None:
    posts = db.posts.annotate(sql=FilteredRelation("tags", condition=Q(tags__name="sql"))).order_by("id")
    assert '"post_tags"."tag_id" AND "tags"."name" = ?' in where(posts.values("sql"))
    assert list(posts.annotate(n=Count("sql")).values_list("n", flat=True)) == [1, 1, 0, 1, 0]
    assert ids(posts.filter(sql__isnull=False).filter(tags__name="python")) == [1]
    both = posts.order_by("id", "tags__id").values_list("id", "sql__name", "tags__name")
    assert list(both)[:3] == [(1, "sql", "sql"), (1, None, "python"), (2, "sql", "sql")]


def test_paths(db: Database) -> None:
    comments = FilteredRelation("posts_as_author__comments", condition=Q(posts_as_author__comments__user=2))
    query = db.users.annotate(c=comments).order_by("id", "c").values_list("id", "c__body")
    assert list(query) == [(1, None), (1, "first"), (1, "sixth"), (2, None), (2, None), (3, None), (4, None)]
    of_five = FilteredRelation("posts_as_author__comments", condition=Q(posts_as_author__rating=5))
    found = db.users.annotate(c=of_five).filter(c__isnull=False)
    assert '"comments"."post_id" = "posts"."id" AND "posts"."rating" = ?' in where(found)
    assert sorted(ids(found)) == [1, 1, 1, 1, 2]
    further = good(db).annotate(c=FilteredRelation("good__comments", condition=Q(good__comments__user=2)))
    assert list(further.order_by("id", "c").values_list("id", "c")) == [
        (1, 1),
        (1, 6),
        (2, None),
        (3, None),
        (4, None),
    ]
    assert (
        list(good(db).order_by("good__comments").values_list("good__comments__body", flat=True))[-1]
        == "sixth"
    )


@pytest.mark.parametrize(
    ("condition", "on", "found"),
    [
        (Q(), '"posts"."author_id" = "users"."id" ORDER', [1, 2, 3, 4, 5, None]),
        (
            ~Q(posts_as_author__rating=5),
            'AND NOT ("posts"."rating" = ? AND "posts"."rating" IS NOT NULL) ORDER',
            [2, 3, 5, None],
        ),
        (
            Q(posts_as_author__rating=5) | Q(posts_as_author__title="Two"),
            'AND ("posts"."rating" = ? OR "posts"."title" = ?) ORDER',
            [1, 2, 4, None, None],
        ),
        (Q(age__gte=18), 'AND "users"."age" >= ? ORDER', [1, 2, None, None, None]),
        (
            Q(posts_as_author__rating=F("posts_as_author__id")),
            'AND "posts"."rating" = "posts"."id" ORDER',
            [None, 3, None, None],
        ),
        (
            Q(posts_as_author__rating__lt=F("age")),
            'AND "posts"."rating" < "users"."age" ORDER',
            [1, 3, 4, None, None],
        ),
        (Q(posts_as_author__editor=1), 'AND "posts"."editor_id" = ? ORDER', [None, 3, 4, None, None]),
        (
            Q(posts_as_author=3, posts_as_author__rating__in=[3, 4]),
            'AND "posts"."id" = ? AND "posts"."rating" IN',
            [None, 3, None, None],
        ),
        (F("posts_as_author__id") > 3, 'AND "posts"."id" > ? ORDER', [None, 4, 5, None]),
    ],
)
def test_conditions(db: Database, condition: Any, on: str, found: list[Any]) -> None:
    query = db.users.annotate(p=FilteredRelation("posts_as_author", condition=condition)).order_by("id", "p")
    assert on in where(query.values("p"))
    assert list(query.values_list("p", flat=True)) == found


def test_subqueries_in_conditions(db: Database) -> None:
    def commented(name: str) -> QuerySet[Any]:
        comments = Exists(db.comments.filter(post=OuterRef(name)))
        return db.users.annotate(p=FilteredRelation("posts_as_author", condition=comments)).order_by(
            "id", "p"
        )

    assert list(commented("p__id").values_list("id", "p")) == [(1, 1), (2, 3), (2, 4), (3, None), (4, None)]
    with pytest.raises(InvalidQuery, match="reaches beyond it; in OuterRef, write 'p' for 'posts_as_author'"):
        list(commented("posts_as_author__id").values("p"))


def test_inside_other_queries(db: Database) -> None:
    assert ids(db.users.filter(id__in=good(db).filter(good__isnull=False))) == [1, 2]
    assert ids(db.posts.filter(id__in=good(db).values("good"))) == [1, 4]
    assert ids(good(db).filter(Exists(db.comments.filter(post=OuterRef("good__id"), user=1)))) == [2]
    assert ids(good(db).filter(good=1).union(good(db).filter(good=4)).order_by("id")) == [1, 2]


def test_combined_query_sets(db: Database) -> None:
    assert sorted(ids(good(db).filter(good__title="One") | good(db).filter(good__title="Four"))) == [1, 2]
    assert ids(good(db).filter(good=1) & db.users.filter(id=1)) == [1]
    assert sorted(ids(db.users.filter(id=2) | good(db).filter(good=1))) == [1, 2]
    assert ids(db.users.filter(age__gt=20) & good(db).filter(good__isnull=False)) == [1]
    with pytest.raises(InvalidQuery, match="'good' is another filtered relation on each side"):
        good(db).filter(good=1) | good(db, 3).filter(good=1)


def test_select_related(db: Database) -> None:
    with count_queries(db) as counted:
        users = list(good(db).select_related("good__editor").order_by("id"))
        assert [user.good and user.good.title for user in users] == ["One", "Four", None, None]
        assert [user.good.editor.name for user in users[:2]] == ["Bob", "Ann"]
    assert counted.number == 1
    assert [post.author_id for user in users[:2] for post in [user.good]] == [1, 2]
    adults = db.posts.annotate(adult=FilteredRelation("editor", condition=Q(editor__age__gte=18)))
    assert [post.adult and post.adult.name for post in adults.select_related("adult").order_by("id")] == [
        None,
        None,
        "Ann",
        "Ann",
        None,
    ]
    profiles = db.users.annotate(known=FilteredRelation("profile", condition=Q(profile__bio__isnull=False)))
    assert [user.known and user.known.id for user in profiles.select_related("known").order_by("id")] == [
        1,
        None,
        None,
        None,
    ]
    with count_queries(db) as counted:
        assert [user.good.comments.count() for user in users[:2]] == [4, 1]
    assert counted.number == 2


def test_pickles_and_plans(db: Database) -> None:
    query = good(db).filter(good__title="One")
    assert ids(pickle.loads(pickle.dumps(query)).all()) == [1]
    assert good(db, 1).filter(good__title="Five").node is query.node
    assert ids(good(db, 1).filter(good__title="Five")) == [3]


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda db: FilteredRelation(""), UsageError, "FilteredRelation takes the name of a relation"),
        (lambda db: FilteredRelation(3), UsageError, "FilteredRelation takes the name of a relation"),
        (
            lambda db: FilteredRelation("profile", condition=3),
            UsageError,
            "the condition of FilteredRelation is a Q, not int",
        ),
        (
            lambda db: db.users.annotate(p=FilteredRelation("postss_as_author")),
            RelationNotFound,
            "did you mean 'posts_as_author'",
        ),
        (
            lambda db: db.users.annotate(p=FilteredRelation("name")),
            RelationNotFound,
            "'name' is a field of users, not a relation",
        ),
        (
            lambda db: db.users.annotate(p=FilteredRelation("posts_as_author__title")),
            RelationNotFound,
            "'title' is a field of posts",
        ),
        (
            lambda db: db.users.annotate(name=FilteredRelation("profile")),
            UsageError,
            "'name' is a field of users already",
        ),
        (
            lambda db: db.users.annotate(profile=FilteredRelation("profile")),
            UsageError,
            "'profile' is a relation of users already",
        ),
        (
            lambda db: db.users.annotate(pk=FilteredRelation("profile")),
            UsageError,
            "'pk' is an attribute of every object",
        ),
        (
            lambda db: db.users.annotate(a__b=FilteredRelation("profile")),
            UsageError,
            "two underscores part the names of a path",
        ),
        (lambda db: good(db).annotate(good=F("id")), UsageError, "'good' is taken by an earlier annotation"),
        (
            lambda db: good(db).annotate(good=FilteredRelation("profile")),
            UsageError,
            "'good' is taken by an earlier annotation",
        ),
        (
            lambda db: good(db).annotate(g=FilteredRelation("good")),
            NotSupported,
            "'good' is a filtered relation already",
        ),
        (
            lambda db: db.users.annotate(FilteredRelation("profile")),
            UsageError,
            "annotate takes expressions, not FilteredRelation",
        ),
        (
            lambda db: db.users.annotate(p=FilteredRelation("posts_as_author", condition=Q(nme=1))),
            FieldNotFound,
            "did you mean 'name'",
        ),
        (
            lambda db: db.users.annotate(
                p=FilteredRelation("posts_as_author", condition=Q(posts_as_author__editor__name="x"))
            ),
            UsageError,
            "reaches beyond 'posts_as_author': 'posts_as_author__editor__name'",
        ),
        (
            lambda db: db.users.annotate(p=FilteredRelation("posts_as_author", condition=Q(comments__id=1))),
            UsageError,
            "reaches beyond 'posts_as_author': 'comments__id'",
        ),
        (
            lambda db: db.users.annotate(
                p=FilteredRelation("posts_as_author", condition=Q(age=F("profile__bio")))
            ),
            UsageError,
            "reaches beyond 'posts_as_author': 'profile__bio'",
        ),
        (
            lambda db: db.users.annotate(n=F("age"), p=FilteredRelation("posts_as_author", condition=Q(n=1))),
            NotSupported,
            "cannot use the annotation 'n'",
        ),
        (
            lambda db: good(db).filter(good__titel="x"),
            FieldNotFound,
            "no field 'titel' on posts; did you mean 'title'",
        ),
        (lambda db: good(db).only("good"), NotSupported, "defer and only cannot name 'good'"),
        (lambda db: good(db).defer("good__title"), NotSupported, "defer and only cannot name 'good__title'"),
        (lambda db: good(db).prefetch_related("good"), RelationNotFound, "no relation 'good' on users"),
        (
            lambda db: good(db)[:1].annotate(p=FilteredRelation("profile")),
            InvalidQuery,
            "cannot annotate once a slice has been taken",
        ),
        (
            lambda db: list(
                db.users.annotate(
                    p=FilteredRelation("posts_as_author", condition=Q(Count("posts_as_author") > 1))
                ).values("p")
            ),
            InvalidQuery,
            "cannot hold an aggregate",
        ),
    ],
)
def test_errors(db: Database, make: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error) as raised:
        make(db)
    assert message in str(raised.value)
