"""Hostile text where a name is expected: it works or is a named error, and never becomes SQL."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from noormme import (
    Count,
    Database,
    F,
    FieldNotFound,
    LookupNotFound,
    NoormmeError,
    OrderBy,
    Prefetch,
    Q,
    Sum,
    UsageError,
    connect,
)
from tests.hostile.pool import LOOKUP_NAMES, NAMES, TEXTS, texts
from tests.orm.world import build

# What others show with one name or value, with hundreds: nothing that coverage has not counted there.
pytestmark = pytest.mark.unmeasured

MARK = "zqz"
"""Stands in each hostile name, so that it can be looked for in SQL."""


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    with connect(build(tmp_path_factory.mktemp("names") / "x.db"), readonly=True) as opened:
        yield opened


POSITIONS: dict[str, Callable[[Database, str], Any]] = {
    "filter": lambda db, name: db.users.filter(**{name: 1}),
    "exclude": lambda db, name: db.users.exclude(**{name: 1}),
    "get": lambda db, name: db.users.get(**{name: 1}),
    "Q": lambda db, name: db.users.filter(Q(**{name: 1}) | Q(id=1)),
    "F": lambda db, name: db.users.filter(id=F(name)),
    "lookup": lambda db, name: db.users.filter(**{f"name__{name}": 1}),
    "transform": lambda db, name: db.users.filter(**{f"joined__{name}__gt": 1}),
    "relation": lambda db, name: db.posts.filter(**{f"author__{name}": 1}),
    "order_by": lambda db, name: db.users.order_by(name),
    "order_by descending": lambda db, name: db.users.order_by(f"-{name}"),
    "OrderBy": lambda db, name: db.users.order_by(OrderBy(name)),
    "values": lambda db, name: db.users.values(name),
    "values_list": lambda db, name: db.users.values_list("id", name),
    "values_list flat": lambda db, name: db.users.values_list(name, flat=True),
    "values_list named": lambda db, name: db.users.values_list(name, named=True),
    "only": lambda db, name: db.users.only(name),
    "defer": lambda db, name: db.users.defer(name),
    "Count": lambda db, name: db.users.annotate(n=Count(name)),
    "Sum": lambda db, name: db.users.aggregate(n=Sum(name)),
    "aggregate filter": lambda db, name: db.users.aggregate(n=Count("id", filter=Q(**{name: 1}))),
    "latest": lambda db, name: db.users.latest(name),
    "in_bulk": lambda db, name: db.users.in_bulk([1], field_name=name),
    "select_related": lambda db, name: db.posts.select_related(name),
    "select_related deeper": lambda db, name: db.posts.select_related(f"author__{name}"),
    "prefetch_related": lambda db, name: db.posts.prefetch_related(name),
    "Prefetch": lambda db, name: db.posts.prefetch_related(Prefetch(f"comments__{name}")),
    "table": lambda db, name: db[name],
    "model": lambda db, name: db.model(name),
    "attribute": lambda db, name: getattr(db, name),
}


@pytest.mark.parametrize("position", POSITIONS)
def test_a_name_that_is_none_is_a_named_error(db: Database, position: str) -> None:
    for name in [*NAMES, *TEXTS]:
        with pytest.raises(NoormmeError):
            POSITIONS[position](db, f"{MARK}{name}")


@pytest.mark.parametrize("position", POSITIONS)
def test_any_text_is_a_name_or_a_named_error(db: Database, position: str) -> None:
    for name in [*NAMES, *TEXTS, *LOOKUP_NAMES, "\ud800"]:
        if position == "attribute" and name.startswith("__"):
            continue
        with contextlib.suppress(NoormmeError):
            found = POSITIONS[position](db, name)
            if hasattr(found, "sql"):
                assert found.sql().statement.count("?") == len(found.sql().parameters)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(position=st.sampled_from(sorted(POSITIONS)), name=texts())
def test_any_text_at_all(db: Database, position: str, name: str) -> None:
    with pytest.raises(NoormmeError) as caught:
        POSITIONS[position](db, f"{MARK}{name}")
    assert caught.value.code


FREE = [name for name in [*NAMES, *TEXTS] if name and not name.startswith("__")]


@pytest.mark.parametrize("name", FREE, ids=ascii)
def test_annotations_may_have_any_name(db: Database, name: str) -> None:
    name = f"{name}{MARK}"
    query = db.users.annotate(**{name: F("age")}).order_by("id")
    assert [user.__dict__[name] for user in query] == [31, 17, None, 45]
    assert MARK not in query.sql().statement
    groups = db.posts.values("author").annotate(**{name: Count("id")}).order_by("author")
    assert [row[name] for row in groups] == [2, 2, 1]
    assert MARK not in groups.sql().statement
    assert db.users.aggregate(**{name: Count("id")}) == {name: 4}
    assert [row[name] for row in db.users.values(**{name: F("name")}).order_by("id")] == [
        "Ann",
        "Bob",
        "Cleo",
        "Dan",
    ]
    assert query[0].to_dict()["id"] == 1
    assert repr(query).startswith("<QuerySet of users: 4 rows>")
    assert query._repr_html_().startswith("<table>")
    if "__" in name:
        return
    for named in (query, db.users.alias(**{name: F("age")}).order_by("id")):
        assert [user.id for user in named.filter(**{f"{name}__gt": 20})] == [1, 4]
        assert [user.id for user in named.exclude(**{name: 31})] == [2, 4]
        assert MARK not in named.filter(**{name: 31}).sql().statement
        if not name.startswith(("-", "+", "?")):
            assert [user.id for user in named.order_by(f"-{name}", "id")] == [4, 1, 2, 3]
        assert [row.get(name) for row in named.values(name)] == [31, 17, None, 45]
        assert list(named.values_list(name, flat=True)) == [31, 17, None, 45]
        assert named.aggregate(most=Sum(name)) == {"most": 93}
        assert [user.id for user in named.filter(id=F(name))] == []


@pytest.mark.parametrize("name", FREE, ids=ascii)
def test_to_attr_may_have_any_name(db: Database, name: str) -> None:
    name = f"{name}{MARK}"
    if "__" in name:
        with pytest.raises(UsageError, match="two underscores"):
            db.posts.prefetch_related(Prefetch("comments", to_attr=name))
        return
    posts = db.posts.order_by("id").prefetch_related(Prefetch("comments", to_attr=name), f"{name}__user")
    assert [len(post.__dict__[name]) for post in posts] == [4, 0, 1, 1, 0]
    with db.capture() as statements:
        assert next(iter(posts)).__dict__[name][0].user.name == "Bob"
        assert len(list(posts.all())) == 5
    assert len(statements) == 3
    assert not [each for each in statements if MARK in each.statement]


def test_names_that_lookups_have_are_fields_of_annotations(db: Database) -> None:
    query = db.users.annotate(contains=F("name"), year=F("age"), isnull=F("id"))
    assert [user.id for user in query.filter(contains__contains="n", year__gt=20)] == [1, 4]
    assert [user.id for user in query.filter(isnull__in=[2, 3]).order_by("-isnull")] == [3, 2]
    with pytest.raises((FieldNotFound, LookupNotFound)):
        query.filter(contains__contains__year=1)
    dated = db.users.annotate(a__b=F("joined"))
    assert dated.filter(a__b__year=2024, a__b__isnull=False).count() == 3
