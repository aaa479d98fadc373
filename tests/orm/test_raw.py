"""``raw``: objects from SQL of the user's own."""

from __future__ import annotations

import gc
import pickle
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from noormme import (
    Database,
    FieldNotFound,
    InvalidQuery,
    InvalidValue,
    NotSupported,
    Prefetch,
    QueryFailed,
    RawQuerySet,
    ReadOnly,
    RelationNotFound,
    RelationNotLoaded,
    TableNotFound,
    UnreadableValue,
    UsageError,
    connect,
)
from noormme.query.placeholders import native_placeholders
from tests.orm.support import count_queries, ids
from tests.orm.world import change

ALL = "SELECT * FROM users ORDER BY id"


def test_objects(db: Database) -> None:
    with count_queries(db) as counted:
        query = db.users.raw("SELECT * FROM users WHERE age > ? ORDER BY id DESC", [18])
        assert counted.number == 0
        assert [user.to_dict() for user in query] == [
            user.to_dict() for user in db.users.filter(age__gt=18).order_by("-id")
        ]
        assert counted.number == 2
        assert len(query) == 2
        assert (query[0].id, query[-1].id, ids(query[:1])) == (4, 1, [4])
        assert bool(query)
        assert counted.number == 2
    assert isinstance(query, RawQuerySet)
    assert type(query[0]) is db.model("users")
    assert not db.users.raw("SELECT * FROM users WHERE 1 = 0")
    with pytest.raises(IndexError):
        query[2]


@pytest.mark.sqlite("its SQL")
def test_the_text_runs_as_it_was_written(db: Database) -> None:
    text = "  WITH old AS (SELECT * FROM users)\n SELECT * FROM old -- ?\n WHERE name = '?' OR id = ? ;"
    query = db.users.raw(text, [2])
    assert query.sql().statement == text.strip().rstrip(" ;")
    assert query.sql().parameters == (2,)
    assert ids(query) == [2]
    assert query.explain() == "SCAN users"
    assert (
        repr(query)
        == "<RawQuerySet of users: WITH old AS (SELECT * FROM users) SELECT * FROM old -- ? WHERE name = '?' OR id = ? ;>"
    )


@pytest.mark.parametrize(
    ("condition", "parameters"),
    [
        ("id = ? OR name = ?", [1, "Bob"]),
        ("id = ? OR name = ?", (1, "Bob")),
        ("id = :id OR name = :name", {"id": 1, "name": "Bob"}),
        ("id = %s OR name = %s", [1, "Bob"]),
        ("id = %(id)s OR name = %(name)s OR id = %(id)s", {"name": "Bob", "id": 1}),
        ("id = ?1 OR name = ?2 OR id = ?1", [1, "Bob"]),
    ],
)
def test_parameters(db: Database, condition: str, parameters: Any) -> None:
    assert sorted(ids(db.users.raw(f"SELECT * FROM users WHERE {condition}", parameters))) == [1, 2]


@pytest.mark.parametrize(
    ("sql", "native"),
    [
        ("a = %s", "a = ?"),
        ("a = %(b)s AND '%s' = c", "a = :b AND '%s' = c"),
        ("a LIKE 'x%%' AND b = %s AND c %% 2", "a LIKE 'x%' AND b = ? AND c % 2"),
        ("strftime('%s', a) > ?", "strftime('%s', a) > ?"),
        ("a LIKE 'x%%'", "a LIKE 'x%%'"),
        ("a LIKE 'x%' AND b = %s", "a LIKE 'x%' AND b = ?"),
        ("a %size", "a %size"),
        ('"%s" = %s -- %s ?\n AND [%s] = `%s` /* %s */', '"%s" = ? -- %s ?\n AND [%s] = `%s` /* %s */'),
        ("'it''s %s' = %s", "'it''s %s' = ?"),
    ],
)
def test_places(sql: str, native: str) -> None:
    assert native_placeholders(sql) == native


def test_values_are_bound(db: Database) -> None:
    hostile = "x' OR 1=1 --"
    assert ids(db.users.raw("SELECT * FROM users WHERE name = %s", [hostile])) == []
    assert ids(db.users.raw("SELECT * FROM users WHERE joined >= ?", [datetime(2024, 1, 3)])) == [3]
    assert ids(db.users.raw("SELECT * FROM users WHERE age = ? OR age IS NULL", [None])) == [3]


def test_columns_are_matched_by_name(db: Database) -> None:
    query = db.users.raw("SELECT joined, is_active, age AS unused, name, id FROM users ORDER BY id")
    assert query.columns == ["joined", "is_active", "unused", "name", "id"]
    user = query[0]
    assert (user.id, user.name, user.is_active, user.joined, user.unused) == (
        1,
        "Ann",
        True,
        datetime(2024, 1, 1, 10),
        31,
    )
    two = db.users.raw("SELECT id, 'first' AS name, 'second' AS name, 9 AS id FROM users")[0]
    assert (two.id, two.name) == (1, "first")
    computed = db.users.raw("SELECT id, upper(name) AS name, NULL AS is_active FROM users")[0]
    assert (computed.name, computed.is_active) == ("ANN", None)


def test_the_names_of_the_database_and_those_of_fields(opened: Callable[..., Database]) -> None:
    db = opened(
        'CREATE TABLE "Order Items" (ItemId INTEGER PRIMARY KEY, "class" TEXT); INSERT INTO "Order Items" VALUES (1, \'x\')'
    )
    items = db.order_items
    assert items.raw('SELECT * FROM "Order Items"')[0].class_ == "x"
    assert items.raw('SELECT ItemId AS item_id, class AS class_ FROM "Order Items"').columns == [
        "item_id",
        "class_",
    ]


def test_missing_fields_load_for_all_when_touched(db: Database) -> None:
    users = db.users.raw("SELECT id FROM users ORDER BY id")
    with count_queries(db) as counted:
        assert [user.age for user in users] == [31, 17, None, 45]
        assert counted.number == 2
    assert repr(users[0]) == "User(id=1, age=31)"
    assert users[0] == db.users.get(id=1)


def test_further_columns_become_attributes(db: Database) -> None:
    authors = db.users.raw(
        'SELECT u.*, count(p.id) AS n, max(p.title) AS "last title", u2.joined AS since FROM users u '
        "LEFT JOIN posts p ON p.author_id = u.id JOIN users u2 ON u2.id = 2 GROUP BY u.id, u2.id ORDER BY u.id"
    )
    assert [user.n for user in authors] == [2, 2, 1, 0]
    assert getattr(authors[0], "last title") == "Two"
    assert authors[0].since == datetime(2024, 1, 2, 10)
    assert "n" not in authors[0].to_dict()


def test_translations(db: Database) -> None:
    query = db.users.raw(
        "SELECT id AS number, email AS label, age FROM users ORDER BY id",
        translations={"number": "id", "label": "name", "nothing": "email"},
    )
    assert query.columns == ["id", "name", "age"]
    assert [user.name for user in query][:2] == ["ann@example.com", "bob@example.com"]


@pytest.mark.sqlite("a table without a key has a row id")
def test_other_keys(db: Database) -> None:
    assert ids(db.orders.raw("SELECT total, number, region FROM orders")) == [("eu", 1), ("eu", 2), ("us", 1)]
    assert [row.message for row in db.log.raw("SELECT rowid, * FROM log")] == ["up", "down", None]
    assert [user.name for user in db.active_users.raw("SELECT name, id FROM active_users")] == [
        "Ann",
        "Bob",
        "Dan",
    ]


def test_relations(db: Database) -> None:
    with count_queries(db) as counted:
        users = list(
            db.users.raw("SELECT id FROM users ORDER BY id").prefetch_related(
                "posts_as_author__tags", Prefetch("comments", db.comments.order_by("-id"))
            )
        )
        assert counted.number == 4
        assert [len(user.posts_as_author.all()) for user in users] == [2, 2, 1, 0]
        assert [comment.id for comment in users[0].comments.all()] == [5, 4]
        assert counted.number == 4
        assert [user.profile and user.profile.id for user in users] == [1, 2, None, None]
        assert counted.number == 5
    assert db.users.prefetch_related("comments").raw(ALL).prefetches[0].lookup == "comments"
    assert db.users.raw(ALL).prefetch_related("comments").prefetch_related(None).prefetches == ()
    with pytest.raises(RelationNotLoaded):
        db.users.loading("raise").raw(ALL)[0].profile  # noqa: B018


def test_streams(db: Database) -> None:
    with count_queries(db) as counted:
        query = db.users.raw(ALL).prefetch_related("comments")
        assert ids(query.iterator(chunk_size=3)) == [1, 2, 3, 4]
        assert counted.number == 3
    with pytest.raises(UsageError, match="chunk_size"):
        query.iterator(chunk_size=0)


def test_one_plan_for_each_text(db: Database) -> None:
    text = "SELECT * FROM users WHERE id = ?"
    for number in (1, 2, 3):
        assert ids(db.users.raw(text, [number])) == [number]
    db.users.raw(text, [1], translations={"name": "email"})[0]
    calls = [plan.statistics.calls for plan in db.plans if plan.sql.partition(" = ")[0] == text[:-4]]
    assert sorted(calls) == [1, 3]


def test_pickles(db: Database) -> None:
    query = db.users.raw("SELECT id, name, 5 AS five FROM users WHERE id < ?", [3]).prefetch_related(
        "comments"
    )
    copy = pickle.loads(pickle.dumps(query))
    with count_queries(db) as counted:
        assert [(user.id, user.five, len(user.comments.all())) for user in copy] == [(1, 5, 2), (2, 5, 2)]
    assert counted.number == 0
    assert copy.columns == query.columns


def test_tables_that_change(own: Path) -> None:
    with connect(own) as db:
        assert len(db.tags.raw("SELECT * FROM tags")) == 3
        change(own, "ALTER TABLE tags ADD COLUMN colour TEXT DEFAULT 'red'")
        assert [tag.colour for tag in db.tags.raw("SELECT * FROM tags")] == ["red"] * 3
        assert db.tags.raw("SELECT * FROM tags").columns == ["id", "name", "colour"]
        change(own, "ALTER TABLE tags DROP COLUMN colour")
        assert [tag.name for tag in db.tags.raw("SELECT * FROM tags").iterator()] == ["sql", "python", "rust"]


def test_odd_values(opened: Callable[..., Database]) -> None:
    db = opened(
        "CREATE TABLE t(id INTEGER PRIMARY KEY, d DATETIME, s TEXT); INSERT INTO t VALUES (1, '2024-01-01', 'a'), (2, 1700000000, CAST(x'ff61' AS TEXT)), (3, 'never', NULL)"
    )
    with pytest.warns(UnreadableValue):
        rows = list(db.t.raw("SELECT s, d, id, d AS again FROM t ORDER BY id"))
    assert [row.d for row in rows] == [datetime(2024, 1, 1), datetime(2023, 11, 14, 22, 13, 20), "never"]
    assert [row.s for row in rows] == ["a", b"\xffa", None]
    assert rows[0].again == datetime(2024, 1, 1)


def test_results_are_let_go(db: Database) -> None:
    query = db.users.raw(ALL)
    list(query)
    del query
    gc.collect()
    assert len(db.users.raw(ALL)) == 4


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (
            lambda db: db.users.raw("SELECT name FROM users"),
            InvalidQuery,
            "the SQL of raw() must give id of users; it gives name",
        ),
        (lambda db: db.orders.raw("SELECT region FROM orders"), InvalidQuery, "must give number of orders"),
        (
            lambda db: db.active_users.raw("SELECT id FROM active_users"),
            InvalidQuery,
            "must give name of active_users; it has no key",
        ),
        pytest.param(
            lambda db: db.users.raw("PRAGMA table_info(users)"),
            InvalidQuery,
            "must give id of users",
            marks=pytest.mark.sqlite("a statement of its own"),
        ),
        (
            lambda db: db.users.raw("SELECT *, 1 AS profile FROM users"),
            UsageError,
            "a column of raw() cannot be called 'profile': 'profile' is a relation of users already; write AS another_name",
        ),
        (lambda db: db.users.raw("SELECT *, 1 AS pk FROM users"), UsageError, "cannot be called 'pk'"),
        pytest.param(
            lambda db: db.users.raw("SELECT *, 1 AS '' FROM users"),
            UsageError,
            "cannot be called ''",
            marks=pytest.mark.otherwise("postgresql", "has no such name"),
        ),
        (lambda db: db.users.raw("SELECT * FROM userss"), TableNotFound, "did you mean 'users'"),
        (lambda db: db.users.raw("SELECT emial FROM users"), FieldNotFound, "did you mean 'email'"),
        pytest.param(
            lambda db: db.users.raw("SELEC"),
            QueryFailed,
            "syntax error",
            marks=pytest.mark.otherwise("mysql", "the server's own words are left out"),
        ),
        (lambda db: db.users.raw(""), UsageError, "there is no statement in this text"),
        (
            lambda db: db.users.raw("SELECT 1; SELECT 2"),
            UsageError,
            "there are several statements in this text",
        ),
        pytest.param(
            lambda db: db.users.raw("DELETE FROM users"),
            ReadOnly,
            "takes SQL that reads",
            marks=pytest.mark.otherwise("mysql", "refuses it before"),
        ),
        (lambda db: db.users.raw("BEGIN"), NotSupported, "changes the connection"),
        (
            lambda db: db.users.raw("SELECT * FROM users WHERE id = ?"),
            UsageError,
            "the statement has 1 parameter, and 0 were given",
        ),
        (
            lambda db: db.users.raw("SELECT * FROM users WHERE id = %s", [1, 2]),
            UsageError,
            "the statement has 1 parameter, and 2 were given",
        ),
        (
            lambda db: db.users.raw("SELECT * FROM users WHERE id = :id", {"di": 1}),
            UsageError,
            "no value was given for the parameter 'id'",
        ),
        (
            lambda db: db.users.raw("SELECT * FROM users WHERE id = ?", {"id": 1}),
            UsageError,
            "values were given by name",
        ),
        (
            lambda db: db.users.raw("SELECT * FROM users WHERE id IN (?)", [[1]]),
            InvalidValue,
            "a parameter has one value, not a list",
        ),
        (
            lambda db: db.users.raw("SELECT * FROM users WHERE id = ? OR id = %s", [1, 2]),
            UsageError,
            "the SQL has parameters of two kinds",
        ),
        (lambda db: db.users.raw(3), UsageError, "raw() takes SQL as text, not int"),
        (
            lambda db: db.users.raw("SELECT 1", "x"),
            UsageError,
            "the parameters of raw() are a list or a dict, not str",
        ),
        (
            lambda db: db.users.raw(ALL, translations=["id"]),
            UsageError,
            "the translations of raw() are a dict, not list",
        ),
        (
            lambda db: db.users.raw(ALL, translations={"a": "nmae"}),
            FieldNotFound,
            "no field 'nmae' on users; did you mean 'name'",
        ),
        (lambda db: db.users.raw(ALL, translations={"a": 3}), FieldNotFound, "no field '3' on users"),
        (
            lambda db: db.users.raw(ALL).prefetch_related("nothing"),
            RelationNotFound,
            "no relation 'nothing' on users",
        ),
        (
            lambda db: db.users.filter(id=1).raw(ALL),
            InvalidQuery,
            "would lose what was asked of the query set before",
        ),
        (lambda db: db.users.values("id").raw(ALL), InvalidQuery, "start from db.users"),
        (
            lambda db: db.users.get(id=1).posts_as_author.raw("SELECT * FROM posts"),
            InvalidQuery,
            "start from db.posts",
        ),
    ],
)
def test_errors(db: Database, make: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error) as raised:
        list(make(db))
    assert message in str(raised.value)


def test_no_value_is_in_a_message(db: Database) -> None:
    for parameters in ([1, "secret"], {"a": "secret"}, [["secret"]]):
        with pytest.raises(UsageError) as raised:
            list(db.users.raw("SELECT * FROM users WHERE name = ?", parameters))
        assert "secret" not in str(raised.value)
