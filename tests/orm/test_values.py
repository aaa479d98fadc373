"""``values`` and ``values_list``: rows as dicts, tuples, named tuples and bare values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from noormme import Count, Database, F, FieldNotFound, InvalidQuery, Max, Min, UsageError
from tests.orm.support import count_queries, sql, where


def test_values_gives_dicts(db: Database) -> None:
    query = db.users.order_by("id").values("id", "profile__bio")
    assert sql(query) == (
        'SELECT "users"."id", "profiles"."bio" FROM "users" LEFT OUTER JOIN "profiles" '
        'ON "profiles"."user_id" = "users"."id" ORDER BY "users"."id" ASC'
    )
    assert list(query[:2]) == [{"id": 1, "profile__bio": "likes <b>SQL</b>"}, {"id": 2, "profile__bio": None}]


@pytest.mark.sqlite("a table without a key has a row id")
def test_values_of_all_fields(db: Database) -> None:
    assert db.profiles.values().get(id=2) == {"id": 2, "user_id": 2, "bio": None}
    assert db.profiles.annotate(n=F("user__name")).alias(m=F("id")).values().get(id=2) == {
        "id": 2,
        "user_id": 2,
        "bio": None,
        "n": "Bob",
    }
    assert db.log.values().order_by("rowid")[1] == {"at": None, "message": "down", "rowid": 2}


def test_values_names_keys_as_they_were_written(db: Database) -> None:
    assert db.posts.values("pk", "author", "author_id", "editor__name").get(id=1) == {
        "pk": 1,
        "author": 1,
        "author_id": 1,
        "editor__name": "Bob",
    }
    assert db.posts.values(who=F("author__name")).get(id=3) == {"who": "Bob"}
    assert db.posts.values("id", "id").get(id=3) == {"id": 3}


def test_values_decodes(db: Database) -> None:
    row = db.users.values("is_active", "joined").get(id=1)
    assert row["is_active"] is True
    assert row["joined"].year == 2024
    assert db.users.values_list("joined", flat=True).get(id=4) is None
    assert db.posts.values_list("author__joined__year", flat=True).get(id=1) == 2024


def test_values_list_gives_tuples(db: Database) -> None:
    assert list(db.tags.order_by("id").values_list("id", "name")[:2]) == [(1, "sql"), (2, "python")]
    assert list(db.tags.order_by("id").values_list("name")[:1]) == [("sql",)]
    assert list(db.tags.order_by("id").values_list()[:1]) == [(1, "sql")]
    assert db.users.values_list("is_active", "name").get(id=3) == (False, "Cleo")


def test_values_list_flat(db: Database) -> None:
    assert list(db.tags.order_by("id").values_list("name", flat=True)) == ["sql", "python", "rust"]
    assert list(db.users.order_by("id").values_list("is_active", flat=True)) == [True, True, False, True]
    with pytest.raises(UsageError, match="takes one field, not 2"):
        db.tags.values_list("id", "name", flat=True)
    with pytest.raises(UsageError, match="takes one field, not 0"):
        db.tags.values_list(flat=True)
    with pytest.raises(UsageError, match="exclude each other"):
        db.tags.values_list("id", flat=True, named=True)


def test_values_list_named(db: Database) -> None:
    row: Any = db.tags.order_by("id").values_list("id", "name", named=True)[0]
    assert (row.id, row.name) == row == (1, "sql")
    decoded: Any = db.users.values_list("name", "is_active", "profile__bio", named=True).get(id=1)
    assert decoded._fields == ("name", "is_active", "profile__bio")
    assert decoded.is_active is True


@pytest.mark.sqlite("rows come in no order of their own elsewhere")
def test_a_many_to_many_gives_a_row_for_each_pair(db: Database) -> None:
    query = db.posts.order_by("id", "tags").values_list("id", "tags__name")
    assert list(query) == [(1, "sql"), (1, "python"), (2, "sql"), (3, "python"), (4, "sql"), (5, None)]
    assert list(db.posts.filter(id=1).order_by("tags").values_list("tags", flat=True)) == [1, 2]
    assert where(db.posts.values("tags")) == (
        '"posts" LEFT OUTER JOIN "post_tags" ON "post_tags"."post_id" = "posts"."id"'
    )


def test_values_before_an_aggregate_is_group_by(db: Database) -> None:
    query = (
        db.posts.values("author__name").annotate(n=Count("id"), best=Max("rating")).order_by("author__name")
    )
    assert sql(query) == (
        'SELECT "users"."name", count("posts"."id") AS count_1, max("posts"."rating") AS max_1 FROM "posts" '
        'LEFT OUTER JOIN "users" ON "users"."id" = "posts"."author_id" GROUP BY "users"."name" '
        'ORDER BY "users"."name" ASC'
    )
    assert list(query) == [
        {"author__name": "Ann", "n": 2, "best": 5},
        {"author__name": "Bob", "n": 2, "best": 5},
        {"author__name": "Cleo", "n": 1, "best": 1},
    ]


def test_values_after_an_aggregate_is_not(db: Database) -> None:
    query = db.users.annotate(n=Count("posts_as_author")).values("is_active", "n").order_by("id")
    assert [row["n"] for row in query] == [2, 2, 1, 0]
    assert list(db.users.values("is_active", n=Count("posts_as_author")).order_by("id")) == list(query)


def test_groups_can_be_filtered(db: Database) -> None:
    groups = db.posts.values("rating").annotate(n=Count("id")).filter(n__gt=1)
    assert where(groups).endswith('GROUP BY "posts"."rating" HAVING count("posts"."id") > ?')
    assert list(groups) == [{"rating": 5, "n": 2}]
    both = (
        db.posts.filter(author__is_active=True)
        .values("rating")
        .annotate(n=Count("id"), m=Min("id"))
        .filter(m__lt=3)
    )
    assert sorted(both.values_list("rating", "n", "m"), key=str) == [(5, 2, 1), (None, 1, 2)]


def test_one_group_of_everything(db: Database) -> None:
    assert list(db.posts.values().annotate(n=Count("id")).values_list("n", flat=True)) == [1, 1, 1, 1, 1]
    assert list(db.posts.annotate(x=F("rating")).values("x").annotate(n=Count("id")).order_by("x")) == [
        {"x": None, "n": 1},
        {"x": 1, "n": 1},
        {"x": 3, "n": 1},
        {"x": 5, "n": 2},
    ]


def test_values_come_as_chunks_too(db: Database) -> None:
    assert list(db.tags.order_by("id").values_list("name", flat=True).iterator(2)) == [
        "sql",
        "python",
        "rust",
    ]
    assert list(db.tags.order_by("id").values("id").iterator(1)) == [{"id": 1}, {"id": 2}, {"id": 3}]


def test_values_are_remembered(db: Database) -> None:
    query = db.tags.values("id")
    with count_queries(db) as counted:
        assert len(query) == query.count() == 3
        assert query[0] == {"id": 1}
    assert counted.number == 1


@pytest.mark.parametrize(
    "ask",
    [
        lambda db: db.users.values("nam"),
        lambda db: db.users.values_list("nam"),
        lambda db: db.users.values_list("nam", flat=True),
        lambda db: db.users.values(x=F("nam")),
    ],
)
def test_a_misspelt_field_is_named(db: Database, ask: Callable[[Database], Any]) -> None:
    with pytest.raises(FieldNotFound, match="no field 'nam' on users; did you mean 'name'"):
        ask(db)


def test_fields_are_given_by_name(db: Database) -> None:
    with pytest.raises(UsageError, match="not as int"):
        db.users.values(1)  # type: ignore[arg-type]
    with pytest.raises(
        InvalidQuery, match=r"'pk' on orders is a composite key; name its fields: 'region', 'number'"
    ):
        list(db.orders.values("pk"))
    with pytest.raises(InvalidQuery, match="composite key"):
        list(db.lines.values("order"))


@pytest.mark.parametrize(
    "step",
    [
        lambda query: query.select_related("profile"),
        lambda query: query.prefetch_related("profile"),
        lambda query: query.only("id"),
        lambda query: query.defer("id"),
    ],
)
def test_dicts_and_tuples_take_no_relations(db: Database, step: Callable[[Any], Any]) -> None:
    with pytest.raises(InvalidQuery, match="objects"):
        step(db.users.values("id"))


def test_values_leave_what_objects_would_load(db: Database) -> None:
    query = db.users.select_related("profile").only("name").values("id")
    assert sql(query) == 'SELECT "users"."id" FROM "users"'
    assert [row["id"] for row in query] == [1, 2, 3, 4]
