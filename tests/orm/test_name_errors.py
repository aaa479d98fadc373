"""A misspelt name gives the named error with a suggestion, wherever it is written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from noormme import (
    Count,
    Database,
    F,
    FieldNotFound,
    InvalidQuery,
    InvalidValue,
    LookupNotFound,
    NoormmeError,
    OrderBy,
    Prefetch,
    Q,
    RelationNotFound,
    Sum,
    TableNotFound,
    UsageError,
)
from tests.orm.support import count_queries

Ask = Callable[[Database], Any]


@pytest.mark.parametrize(
    "ask",
    [
        lambda db: db.usrs,
        lambda db: db["usrs"],
        lambda db: db.model("usrs"),
        lambda db: db.Users,
    ],
)
def test_a_table(db: Database, ask: Ask) -> None:
    with pytest.raises(TableNotFound, match=r"no table or view '.*'; did you mean 'users'"):
        ask(db)


def test_a_table_that_looks_like_none(db: Database) -> None:
    with pytest.raises(TableNotFound, match="no table or view 'xyzzy'; there are: cities, comments"):
        _ = db.xyzzy
    assert not hasattr(db, "xyzzy")


def test_a_shadow_table(opened: Callable[..., Database]) -> None:
    db = opened("CREATE VIRTUAL TABLE doc USING fts5(title)")
    with pytest.raises(TableNotFound, match="it is the storage of a virtual table"):
        _ = db.doc_data


FIELDS: list[Ask] = [
    lambda db: db.users.filter(agee=1),
    lambda db: db.users.filter(agee__gt=1),
    lambda db: db.users.exclude(agee=1),
    lambda db: db.users.get(agee=1),
    lambda db: db.users.filter(Q(agee=1) | Q(id=1)),
    lambda db: db.users.filter(~Q(agee=1)),
    lambda db: db.users.filter(id=F("agee")),
    lambda db: db.users.order_by("agee"),
    lambda db: db.users.order_by("-agee"),
    lambda db: db.users.order_by(F("agee").desc()),
    lambda db: db.users.order_by(OrderBy("agee")),
    lambda db: db.users.values("agee"),
    lambda db: db.users.values_list("id", "agee"),
    lambda db: db.users.values_list("agee", flat=True),
    lambda db: db.users.only("agee"),
    lambda db: db.users.defer("agee"),
    lambda db: db.users.annotate(n=Count("agee")),
    lambda db: db.users.annotate(n=F("agee")),
    lambda db: db.users.alias(n=Sum("agee")),
    lambda db: db.users.aggregate(Sum("agee")),
    lambda db: db.users.aggregate(n=Count("id", filter=Q(agee=1))),
    lambda db: db.users.latest("agee"),
    lambda db: db.users.earliest("-agee"),
    lambda db: db.users.in_bulk([1], field_name="agee"),
    lambda db: db.posts.filter(author__agee=1),
    lambda db: db.posts.order_by("author__agee"),
    lambda db: db.posts.values("author__agee"),
    lambda db: db.users.get(id=1).posts_as_author.filter(editor__agee=1),
]


@pytest.mark.parametrize("ask", FIELDS)
def test_a_field(db: Database, ask: Ask) -> None:
    with pytest.raises(FieldNotFound, match=r"no field 'agee' on users; did you mean '.*age.*'\?") as caught:
        ask(db)
    assert caught.value.code == "field_not_found"
    assert isinstance(caught.value, UsageError)


def test_a_field_is_named_before_anything_runs(db: Database) -> None:
    db.users.get(id=1)
    with count_queries(db) as counted:
        for ask in FIELDS[:-1]:
            with pytest.raises(FieldNotFound):
                ask(db)
    assert counted.number == 0


def test_a_field_that_looks_like_none(db: Database) -> None:
    with pytest.raises(
        FieldNotFound, match="no field 'xyzzy' on tags; there are: id, name, pk, post_tags, posts"
    ):
        db.tags.filter(xyzzy=1)
    with pytest.raises(FieldNotFound, match=r"there are: .*, …"):
        db.users.filter(xyzzy=1)
    with pytest.raises(FieldNotFound, match="there are: id, name$"):
        db.active_users.filter(xyzzy=1)
    with pytest.raises(FieldNotFound, match="did you mean 'number'"):
        db.users.annotate(number=F("age")).filter(numbr=1)


@pytest.mark.parametrize(
    "ask",
    [
        lambda db: db.posts.select_related("autor"),
        lambda db: db.posts.prefetch_related("autor"),
        lambda db: db.posts.prefetch_related(Prefetch("autor")),
        lambda db: db.comments.select_related("post__autor"),
        lambda db: db.comments.prefetch_related("post__autor"),
        lambda db: db.users.prefetch_related("posts_as_author__autor"),
    ],
)
def test_a_relation(db: Database, ask: Ask) -> None:
    with pytest.raises(RelationNotFound, match=r"no relation 'autor' on posts; did you mean 'author'\?"):
        ask(db)


def test_a_relation_that_is_none(db: Database) -> None:
    with pytest.raises(
        RelationNotFound, match="'title' is a field of posts, not a relation; its relations are: author"
    ):
        db.posts.select_related("title")
    with pytest.raises(RelationNotFound, match="no relation 'x' on log; it has no relations"):
        db.log.prefetch_related("x")
    with pytest.raises(FieldNotFound, match="no field 'autor' on posts; did you mean 'author"):
        db.posts.filter(autor__name="x")


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (
            lambda db: db.users.filter(name__contain="x"),
            r"no lookup or transform 'contain' on users.name \(text\); did you mean '.*contains",
        ),
        (lambda db: db.users.exclude(name__startwith="x"), "did you mean '.*startswith"),
        (lambda db: db.users.filter(Q(age__gtt=1)), "did you mean '.*gt"),
        (lambda db: db.users.get(age__gtt=1), "did you mean '.*gt"),
        (lambda db: db.posts.filter(author__age__gtt=1), r"on users.age \(integer\)"),
        (lambda db: db.users.filter(joined__yaer=1), "did you mean 'year'"),
        (lambda db: db.users.filter(joined__year__gtt=1), "did you mean '.*gt"),
        (
            lambda db: db.users.filter(age__year=1),
            "'year' does not apply to users.age .*it needs a field of kind date or datetime",
        ),
        (lambda db: db.users.filter(name__xyzzy=1), "there are: exact, iexact"),
        (
            lambda db: db.users.filter(age__gt__lt=1),
            "'gt' on users.age .* must be the last part, but 'lt' follows",
        ),
        (lambda db: db.users.order_by("age__gt"), "'gt' is a lookup, and only conditions take lookups"),
        (lambda db: db.users.values("age__gt"), "only conditions take lookups"),
        (lambda db: db.users.order_by("joined__yaer"), "did you mean 'year'"),
        (lambda db: db.users.order_by("age__xyzzy"), "there are: none"),
        (lambda db: db.users.filter(age__=1), "no lookup or transform '' on users.age"),
        (
            lambda db: db.users.annotate(n=Count("posts_as_author")).filter(n__gtt=1),
            "on annotation 'n' \\(integer\\); did you mean",
        ),
    ],
)
def test_a_lookup(db: Database, ask: Ask, message: str) -> None:
    with pytest.raises(LookupNotFound, match=message):
        ask(db)


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (
            lambda db: db.users.filter(name__contains=None),
            r"users.name__contains cannot be compared with None.*use isnull",
        ),
        (lambda db: db.users.filter(age__isnull="yes"), "users.age__isnull takes True or False, not str"),
        (lambda db: db.users.filter(age__isnull=1), "takes True or False"),
        (
            lambda db: db.users.filter(age__in=3),
            r"users.age__in takes a list, not int; write field__in=\[…\]",
        ),
        (lambda db: db.users.filter(name__in="abc"), "takes a list, not str"),
        (lambda db: db.users.filter(age__range=(1,)), r"takes two ends; write field__range=\(low, high\)"),
        (lambda db: db.users.filter(age__range=3), "takes two ends"),
        (lambda db: db.users.filter(age__range=(1, None)), "cannot have None as an end; use gte or lte"),
        (lambda db: db.users.filter(name__regex=3), "takes a pattern as text, not int"),
        (
            lambda db: db.users.filter(name__regex="(s3cr3t"),
            "regular expression that does not compile.*position 0",
        ),
        (
            lambda db: db.orders.filter(pk=3),
            r"orders.pk is a composite key; give a tuple: \(region, number\)",
        ),
        (lambda db: db.orders.filter(pk=(1, 2, 3)), "give a tuple"),
        (lambda db: db.orders.filter(pk__in=[3]), "give a tuple"),
        (lambda db: db.posts.filter(author=db.posts.get(id=1)), "compares with rows of users, not of posts"),
        (lambda db: db.posts.filter(author_id=db.tags.get(id=1)), "compares with rows of users, not of tags"),
        (lambda db: db.posts.filter(rating=db.users.get(id=1)), "posts.rating is a plain field"),
        (
            lambda db: db.posts.filter(author=db.model("users")(None, "", "", None, True, None)),
            "without a key; save it first",
        ),
    ],
)
def test_a_value_that_does_not_fit(db: Database, ask: Ask, message: str) -> None:
    with pytest.raises(InvalidValue, match=message) as caught:
        ask(db)
    assert "s3cr3t" not in str(caught.value)


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (
            lambda db: list(db.orders.filter(pk__gt=("eu", 1))),
            "'gt' cannot compare a composite key; use exact, in or isnull",
        ),
        (lambda db: list(db.lines.filter(order=F("id"))), "do not have the same number of columns"),
        (lambda db: list(db.users.filter(id__range=F("age"))), "'range' does not take an expression"),
        (lambda db: list(db.users.order_by("id").filter(id__in=db.orders.all())), "columns|fields|key"),
    ],
)
def test_a_query_without_a_meaning(db: Database, ask: Ask, message: str) -> None:
    with pytest.raises((InvalidQuery, NoormmeError), match=message):
        ask(db)


@pytest.mark.parametrize(
    "ask",
    [
        lambda db: db.users.order_by(1),
        lambda db: db.users.order_by(["id"]),
        lambda db: db.users.values(None),
        lambda db: db.users.only(1),
        lambda db: db.users.filter(1),
        lambda db: db.users.exclude({"id": 1}),
        lambda db: db.users.annotate(n="id"),
        lambda db: db.users.in_bulk([1], field_name=1),
        lambda db: db.users.latest(1),
        lambda db: F(None),
        lambda db: Count(None),
    ],
)
def test_names_are_text(db: Database, ask: Ask) -> None:
    with pytest.raises(UsageError):
        ask(db)


def test_an_error_says_what_where_and_what_to_do(db: Database) -> None:
    with pytest.raises(FieldNotFound) as caught:
        db.users.filter(emial="secret@example.com")
    error = caught.value
    assert str(error) == "no field 'emial' on users; did you mean 'email'?"
    assert (error.message, error.hint, error.code) == (
        "no field 'emial' on users",
        "did you mean 'email'?",
        "field_not_found",
    )
