"""Updates and deletes of queries as SQL, and the rows that are there after it ran."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from noormme import (
    Case,
    Count,
    Exists,
    F,
    OuterRef,
    Q,
    RawSQL,
    Subquery,
    Value,
    When,
    Window,
)
from noormme.errors import FieldNotFound, InvalidQuery, InvalidValue, NoormmeError, ReadOnly
from noormme.functions import Concat, RowNumber, Upper
from noormme.orm.writing.statements import related_values
from tests.writing.scratch import Scratch


def test_an_update_of_own_columns_is_as_written_by_hand(scratch: Scratch) -> None:
    users = scratch.db.users
    assert scratch.update(users.filter(age__lt=18), age=5) == (
        'UPDATE "users" SET "age"=? WHERE "users"."age" < ?'
    )
    assert scratch.rows("SELECT age FROM users") == [(5,), (40,), (None,)]
    sql = scratch.update(users.order_by("-id").distinct().filter(Q(age=5) | Q(age=40)), age=F("age") + 1)
    assert sql == 'UPDATE "users" SET "age"=("users"."age" + ?) WHERE "users"."age" = ? OR "users"."age" = ?'
    assert scratch.rows("SELECT age FROM users") == [(6,), (41,), (None,)]
    assert scratch.update(users.none(), age=1).endswith("WHERE 1 = 0")
    assert scratch.update(users.all(), active=False, age=None) == 'UPDATE "users" SET "age"=?, "active"=?'
    assert scratch.rows("SELECT DISTINCT age, active FROM users") == [(None, 0)]


Ask = Callable[[Any], Any]

ELSEWHERE: list[tuple[str, Ask, list[int]]] = [
    ("to-many", lambda db: db.users.filter(posts__title="two"), [2]),
    ("no such row", lambda db: db.users.exclude(posts__title="two"), [1, 3]),
    ("self", lambda db: db.users.filter(manager__email="ann@x"), []),
    ("aggregate", lambda db: db.users.annotate(n=Count("posts")).filter(n__gte=2), [2]),
    ("aggregate of none", lambda db: db.users.annotate(n=Count("posts")).filter(n=0), [3]),
    ("unused aggregate", lambda db: db.users.annotate(n=Count("posts")), [1, 2, 3]),
    ("window", lambda db: db.users.annotate(n=Window(RowNumber(), order_by="-id")).filter(n=1), [3]),
    ("subquery", lambda db: db.users.filter(pk__in=db.posts.values("author")[:1]), [1]),
    ("exists", lambda db: db.users.filter(Exists(db.posts.filter(author=OuterRef("pk")))), [1, 2]),
    ("distinct join", lambda db: db.users.filter(posts__id__gt=0).distinct(), [1, 2]),
    ("values", lambda db: db.users.filter(posts__title="one").values("email"), [1]),
    ("related", lambda db: db.users.select_related("manager").order_by("manager__email"), [1, 2, 3]),
    ("list", lambda db: db.users.filter(id__in=[1, 3]), [1, 3]),
]


@pytest.mark.parametrize(
    ("ask", "expected"), [case[1:] for case in ELSEWHERE], ids=[case[0] for case in ELSEWHERE]
)
def test_the_rows_of_a_query_are_updated_and_deleted(scratch: Scratch, ask: Ask, expected: list[int]) -> None:
    query = ask(scratch.db)
    scratch.update(query, age=-1)
    assert scratch.rows("SELECT id FROM users WHERE age = -1") == [(each,) for each in expected]
    # What was written does not decide which rows are deleted.
    if query.shape.style == "model":
        scratch.delete(query)
        left = [(each,) for each in (1, 2, 3) if each not in expected]
        assert scratch.rows("SELECT id FROM users") == left


def test_rows_of_a_query_are_found_by_their_keys(scratch: Scratch) -> None:
    db = scratch.db
    assert scratch.delete(db.posts.filter(author__email="ann@x")) == (
        'DELETE FROM "posts" WHERE "posts"."id" IN (SELECT "posts_2"."id" FROM "posts" AS "posts_2" '
        'JOIN "users" ON "users"."id" = "posts_2"."author_id" WHERE "users"."email" = ?)'
    )
    assert scratch.rows("SELECT title FROM posts") == [("two",), ("three",)]
    sql = scratch.update(db.pairs.filter(pair_notes__id=1), c="noted")
    assert sql.startswith(
        'UPDATE "pairs" SET "c"=? WHERE ("pairs"."a", "pairs"."b") IN (SELECT "pairs_2"."a", "pairs_2"."b"'
    )
    assert scratch.rows("SELECT c FROM pairs") == [("noted",), ("q",), ("r",)]


SET: list[tuple[str, Callable[[Any], dict[str, object]], str, list[Any]]] = [
    ("swap", lambda db: {"age": F("id"), "manager_id": F("age")}, "age, manager_id", [(1, 17), (2, 40), (3, None)]),
    ("function", lambda db: {"email": Upper("email")}, "email", [("ANN@X",), ("BOB@X",), ("CEM@X",)]),
    ("concat", lambda db: {"email": Concat("email", Value("!"))}, "email", [("ann@x!",), ("bob@x!",), ("cem@x!",)]),
    (
        "case",
        lambda db: {"age": Case(When(age__lt=18, then=Value(1)), When(age=None, then=F("id")), default=2)},
        "age", [(1,), (2,), (3,)],
    ),
    ("condition", lambda db: {"active": Q(age__gte=18, age__isnull=False)}, "active", [(0,), (1,), (0,)]),
    (
        "exists",
        lambda db: {"active": Exists(db.posts.filter(author=OuterRef("pk")))},
        "active", [(1,), (1,), (0,)],
    ),
    (
        "subquery",
        lambda db: {"age": Subquery(db.posts.filter(author=OuterRef("pk")).order_by("-id").values("id")[:1])},
        "age", [(1,), (3,), (None,)],
    ),
    ("query set", lambda db: {"age": db.posts.order_by("-id").values("id")[:1]}, "age", [(3,), (3,), (3,)]),
    ("raw", lambda db: {"age": RawSQL("length(email) + %s", [1])}, "age", [(6,), (6,), (6,)]),
    ("null", lambda db: {"age": Value(None)}, "age", [(None,), (None,), (None,)]),
    ("part of a document", lambda db: {"data": {"a": [1]}, "age": F("data__a")}, "age, data", [(None, '{"a":[1]}')] * 3),
    ("json null", lambda db: {"data": Value(None, "json")}, "data", [("null",)] * 3),
    ("text as json", lambda db: {"data": F("email")}, "data", [('"ann@x"',), ('"bob@x"',), ('"cem@x"',)]),
    ("relation", lambda db: {"manager": db.users.get(id=2)}, "manager_id", [(2,)] * 3),
    ("relation by key", lambda db: {"manager": 3}, "manager_id", [(3,)] * 3),
    ("relation of the row", lambda db: {"manager": F("id")}, "manager_id", [(1,), (2,), (3,)]),
    ("no relation", lambda db: {"manager": None}, "manager_id", [(None,)] * 3),
    ("object for a key", lambda db: {"manager_id": db.users.get(id=2)}, "manager_id", [(2,)] * 3),
]  # fmt: skip


@pytest.mark.parametrize(
    ("make", "columns", "expected"), [case[1:] for case in SET], ids=[case[0] for case in SET]
)
def test_fields_are_set_to_expressions(
    scratch: Scratch, make: Callable[[Any], dict[str, object]], columns: str, expected: list[Any]
) -> None:
    scratch.update(scratch.db.users.all(), **make(scratch.db))
    assert scratch.rows(f"SELECT {columns} FROM users") == expected


def test_new_values_are_computed_from_the_rows_as_they_were(scratch: Scratch) -> None:
    users = scratch.db.users
    scratch.update(users.all(), age=1)
    same = users.filter(age=OuterRef("age")).order_by().values("age").annotate(n=Count("*")).values("n")
    sql = scratch.update(users.all(), age=F("age") + Subquery(same))
    assert "FROM (SELECT 1" in sql
    assert scratch.rows("SELECT age FROM users") == [(4,), (4,), (4,)]


REFUSED: list[tuple[Callable[[Scratch], object], type[NoormmeError], str]] = [
    (
        lambda s: s.update(s.db.users.all()[:2], age=1),
        InvalidQuery,
        "cannot update once a slice has been taken",
    ),
    (lambda s: s.delete(s.db.users.all()[:2]), InvalidQuery, "cannot delete once a slice has been taken"),
    (
        lambda s: s.update(s.db.users.all().union(s.db.users.all()), age=1),
        InvalidQuery,
        "the rows of union()",
    ),
    (lambda s: s.delete(s.db.users.all().union(s.db.users.all())), InvalidQuery, "the rows of union()"),
    (
        lambda s: s.update(s.db.users.values("age").annotate(n=Count("id")), age=1),
        InvalidQuery,
        "groups of rows",
    ),
    (lambda s: s.delete(s.db.users.values("age")), InvalidQuery, "cannot delete after values()"),
    (lambda s: s.update(s.db.users.all(), age=Count("posts")), InvalidQuery, "computed from several rows"),
    (
        lambda s: s.update(s.db.users.annotate(n=Count("posts")), age=F("n")),
        InvalidQuery,
        "computed from several rows",
    ),
    (
        lambda s: s.update(s.db.users.all(), age=Window(RowNumber())),
        InvalidQuery,
        "computed from several rows",
    ),
    (
        lambda s: s.update(s.db.posts.all(), title=F("author__email")),
        InvalidQuery,
        "use a Subquery of the other table",
    ),
    (lambda s: s.update(s.db.users.all(), nme=1), FieldNotFound, "no field 'nme' on users"),
    (lambda s: s.update(s.db.users.all(), age=F("nme")), FieldNotFound, "no field 'nme' on users"),
    (lambda s: s.update(s.db.posts.all(), author__email="x"), FieldNotFound, "by its own fields only"),
    (
        lambda s: s.update(s.db.users.all(), posts=1),
        InvalidQuery,
        "'posts' is a relation whose rows are in posts",
    ),
    (lambda s: s.update(s.db.users.all(), initial="x"), ReadOnly, "users.initial is a generated column"),
    (
        lambda s: s.update(s.db.users.all(), manager=1, manager_id=1),
        InvalidQuery,
        "users.manager_id is written twice",
    ),
    (
        lambda s: s.update(s.db.posts.all(), author=s.db.posts.first()),
        InvalidValue,
        "leads to users, not to posts",
    ),
    (
        lambda s: s.update(s.db.users.all(), age=s.db.posts.first()),
        InvalidValue,
        "cannot be set to a row of posts",
    ),
]


@pytest.mark.parametrize(("write", "error", "message"), REFUSED)
def test_what_an_update_or_a_delete_cannot_be(
    scratch: Scratch, write: Callable[[Scratch], object], error: type[NoormmeError], message: str
) -> None:
    before = scratch.rows("SELECT * FROM users")
    with pytest.raises(error) as caught:
        write(scratch)
    assert message in str(caught.value)
    assert scratch.rows("SELECT * FROM users") == before


def test_a_relation_over_two_columns_is_written_by_both(scratch: Scratch) -> None:
    notes, [pair] = scratch.mapper("pair_notes"), scratch.db.pairs.filter(a=2)
    name = next(each.name for each in notes.relations.values() if each.forward)
    assert related_values(notes, name, pair) == [("pair_a", 2), ("pair_b", "x")]
    assert related_values(notes, name, (1, "y")) == [("pair_a", 1), ("pair_b", "y")]
    assert related_values(notes, name, None) == [("pair_a", None), ("pair_b", None)]
    assert related_values(notes, "pair_a", 1) is None
    with pytest.raises(InvalidValue, match="is a composite key"):
        related_values(notes, name, 1)


def test_a_plan_is_compiled_once_for_all_values(scratch: Scratch) -> None:
    users = scratch.db.users
    first = scratch.update_of(users.filter(age=1), age=2)
    for age in (3, None, "4", Decimal(5)):
        again = scratch.update_of(users.filter(age=1), age=age)
        assert again.statement.plan is first.statement.plan
        assert again.key == first.key
    one = scratch.update_of(users.filter(age=1), age=F("age") + 1)
    assert scratch.update_of(users.filter(age=9), age=F("age") + 7).statement.plan is one.statement.plan
    assert scratch.update_of(users.filter(age=9), age=F("age") - 7).statement.plan is not one.statement.plan
