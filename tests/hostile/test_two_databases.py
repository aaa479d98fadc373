"""A query of one database inside a query of another: it would give the rows of the wrong one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from noormme import (
    Case,
    Database,
    Exists,
    FilteredRelation,
    InvalidQuery,
    OuterRef,
    Q,
    Subquery,
    Value,
    When,
    connect,
)
from noormme.sql import fn
from tests.orm.world import build, change


@pytest.fixture
def two(tmp_path: Path) -> Iterator[tuple[Database, Database]]:
    here, there = build(tmp_path / "here.db"), build(tmp_path / "there.db")
    change(there, "DELETE FROM comments; DELETE FROM profiles; DELETE FROM users WHERE id > 1")
    with connect(here) as one, connect(there) as other:
        yield one, other


Ask = Callable[[Database, Database], Any]


@pytest.mark.parametrize(
    "ask",
    [
        lambda one, other: one.posts.filter(author__in=other.users.all()),
        lambda one, other: one.posts.exclude(Q(author__in=other.users.values("id")) | Q(id=1)),
        lambda one, other: one.posts.annotate(x=Subquery(other.users.values("id")[:1])),
        lambda one, other: one.posts.alias(x=Case(When(Exists(other.users.all()), then=Value(1)))),
        lambda one, other: one.posts.filter(Exists(other.users.filter(id=OuterRef("author_id")))),
        lambda one, other: one.posts.order_by(Exists(other.users.all())),
        lambda one, other: one.posts.values_list(Subquery(other.users.values("id")[:1])),
        lambda one, other: one.posts.annotate(
            x=FilteredRelation("comments", condition=Q(comments__user__in=other.users.all()))
        ),
        lambda one, other: one.table("posts").where("author_id", "in", other.table("users").select("id")),
        lambda one, other: one.table("posts").where_exists(other.table("users")),
        lambda one, other: one.table("posts").select(n=other.table("users").select(fn.count())),
        lambda one, other: one.table("posts").inner_join(other.table("users").as_("u"), "u.id", "author_id"),
        lambda one, other: one.table(other.table("users").as_("u")),
        lambda one, other: one.table("posts").with_("u", other.table("users")),
        lambda one, other: one.table("users").union(other.table("users")),
    ],
)
def test_a_query_of_another_database_is_refused(two: tuple[Database, Database], ask: Ask) -> None:
    one, other = two
    with pytest.raises(InvalidQuery, match="another database") as caught:
        ask(one, other)
    assert caught.value.hint
    ask(one, one)


def test_a_query_from_before_a_refresh_is_of_the_same_database(two: tuple[Database, Database]) -> None:
    one, _ = two
    users, table = one.users.filter(id=1), one.table("users").select("id")
    one.refresh()
    assert one.posts.filter(author__in=users).count() == 2
    assert one.table("posts").where("author_id", "in", table).count() == 5
