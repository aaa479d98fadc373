"""Writes as SQL, and the rows that are there after it ran."""

from __future__ import annotations

from typing import Any

import pytest

from noormme.errors import FieldNotFound, InvalidQuery, NoormmeError, ReadOnly
from noormme.orm.writing.statements import RowPlans
from noormme.query.plan import Bind, Plan
from tests.writing.scratch import Scratch, one_line

# -- parameters ---------------------------------------------------------------------------------------


def refuse(value: object) -> object:
    raise AssertionError("a value that needs no encoding was encoded")


def test_none_is_passed_on_where_a_value_may_be_missing() -> None:
    binds = (Bind(1, str, nullable=True), Bind(0, refuse, int, nullable=True), Bind(0, refuse, int))
    plan = Plan("…", binds, ())
    assert plan.bind((1, 2)) == ("2", 1, 1)
    assert plan.bind((1, None)) == (None, 1, 1)
    assert Plan("…", (Bind(0, refuse, int, nullable=True),), ()).bind((None,)) == (None,)
    with pytest.raises(AssertionError):
        plan.bind((None, None))


def test_values_that_need_no_encoding_are_known() -> None:
    plan = Plan("…", (Bind(0, refuse, int, nullable=True), Bind(1, refuse, nullable=True)), ())
    assert plan.accepts((int, type(None)))
    assert plan.accepts((type(None), type(None)))
    assert not plan.accepts((int, int))


# -- rows ---------------------------------------------------------------------------------------------


def test_a_row_is_inserted(scratch: Scratch) -> None:
    sql, rows = scratch.insert("users", email="d@x", age=None, returning=("id", "active", "initial"))
    assert sql == 'INSERT INTO "users" ("email", "age") VALUES (?, ?) RETURNING "id", "active", "initial"'
    assert rows == [(4, 1, "d")]
    assert scratch.insert("users", age=3, email="e@x")[1] == []
    assert scratch.rows("SELECT email, age FROM users WHERE id > 3") == [("d@x", None), ("e@x", 3)]


def test_a_row_of_defaults_is_inserted(scratch: Scratch) -> None:
    sql, rows = scratch.insert("posts", returning=("id",))
    assert sql == 'INSERT INTO "posts" DEFAULT VALUES RETURNING "id"'
    assert rows == [(4,)]


def test_a_row_id_is_a_field_where_there_is_no_key(scratch: Scratch) -> None:
    sql, rows = scratch.insert("nokey", rowid=9, x="a", returning=("rowid", "y"))
    assert sql == 'INSERT INTO "nokey" ("x", rowid) VALUES (?, ?) RETURNING rowid, "y"'.replace(
        "rowid", '"rowid"'
    )
    assert rows == [(9, None)]


def test_what_comes_back_says_how_it_is_decoded(scratch: Scratch) -> None:
    plan = RowPlans(scratch.mapper("users")).insert(("email",), ("id", "active"))
    assert [(each.name, each.kind, each.table, each.column, each.nullable) for each in plan.outputs] == [
        ("id", "integer", "users", "id", False),
        ("active", "boolean", "users", "active", False),
    ]
    assert plan.style == "tuple"
    assert plan.slots == 1


CONFLICTS: list[Any] = [
    (
        "users", {"email": "ann@x", "age": 5}, (("email",), ("age",)),
        'ON CONFLICT ("email") DO UPDATE SET "age" = excluded."age"',
        "SELECT age FROM users WHERE id = 1", [(5,)],
    ),
    (
        "users", {"id": 1, "email": "new", "age": 5}, (("pk",), ("email",)),
        'ON CONFLICT ("id") DO UPDATE SET "email" = excluded."email"',
        "SELECT email, age FROM users WHERE id = 1", [("new", 17)],
    ),
    (
        "users", {"email": "ann@x", "age": 5}, (("email",), ()),
        'ON CONFLICT ("email") DO NOTHING',
        "SELECT age FROM users WHERE email = 'ann@x'", [(17,)],
    ),
    (
        "users", {"email": "ann@x", "age": 5}, ((), ()),
        "ON CONFLICT DO NOTHING",
        "SELECT count(*) FROM users", [(3,)],
    ),
    (
        "users", {"email": "ann@x", "age": 5}, ((), ("age",)),
        'ON CONFLICT DO UPDATE SET "age" = excluded."age"',
        "SELECT age FROM users WHERE email = 'ann@x'", [(5,)],
    ),
    (
        "pairs", {"a": 1, "b": "x", "c": "new"}, (("b", "a"), ("c",)),
        'ON CONFLICT ("b", "a") DO UPDATE SET "c" = excluded."c"',
        "SELECT c FROM pairs WHERE a = 1 AND b = 'x'", [("new",)],
    ),
    (
        "posts", {"slug": "s", "draft": 0, "title": "new"}, (("slug",), ("title",)),
        'ON CONFLICT ("slug") WHERE draft = 0 DO UPDATE SET "title" = excluded."title"',
        "SELECT title FROM posts WHERE slug = 's'", [("new",)],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("table", "values", "conflict", "clause", "asked", "rows"), CONFLICTS)
def test_an_insert_meets_a_row(
    scratch: Scratch, table: str, values: Any, conflict: Any, clause: str, asked: str, rows: list[Any]
) -> None:
    sql, _ = scratch.insert(table, conflict=conflict, **values)
    assert one_line(sql).endswith(f") {clause}")
    assert scratch.rows(asked) == rows


@pytest.mark.parametrize(
    ("values", "conflict", "message"),
    [
        (
            {"email": "a", "age": 1},
            (("age",), ()),
            "(age) is no unique key of users; its unique keys are: email; id",
        ),
        (
            {"email": "a"},
            (("email",), ("age",)),
            "users.age is to be updated but not given; give a value for it",
        ),
        ({}, ((), ()), "nothing but defaults"),
    ],
)
def test_a_conflict_that_has_no_meaning(scratch: Scratch, values: Any, conflict: Any, message: str) -> None:
    with pytest.raises(InvalidQuery) as caught:
        scratch.insert("users", conflict=conflict, **values)
    assert message in str(caught.value)


def test_a_row_is_updated_by_its_key(scratch: Scratch) -> None:
    plans = RowPlans(scratch.mapper("users"))
    plan = plans.update(("email", "age"))
    assert plan.sql == 'UPDATE "users" SET "email"=?, "age"=? WHERE "users"."id" = ?'
    scratch.run(plan, ("new", None, 2))
    assert scratch.rows("SELECT id, email, age FROM users WHERE id = 2") == [(2, "new", None)]
    assert plans.update(("email", "age")) is plan


def test_a_key_is_changed(scratch: Scratch) -> None:
    plan = RowPlans(scratch.mapper("pairs")).update(("b", "c"), ("a", "b"))
    assert plan.sql == (
        'UPDATE "pairs" SET "b"=?, "c"=? WHERE "pairs"."a" = ? AND "pairs"."b" = ? RETURNING "a", "b"'
    )
    assert scratch.run(plan, ("z", "new", 1, "y")) == [(1, "z")]
    assert scratch.rows("SELECT * FROM pairs") == [(1, "x", "p"), (1, "z", "new"), (2, "x", "r")]


def test_a_row_is_deleted_by_its_key(scratch: Scratch) -> None:
    plan = RowPlans(scratch.mapper("pairs")).delete()
    assert plan.sql == 'DELETE FROM "pairs" WHERE "pairs"."a" = ? AND "pairs"."b" = ?'
    scratch.run(plan, (1, "x"))
    assert scratch.rows("SELECT a, b FROM pairs") == [(1, "y"), (2, "x")]
    by_row_id = RowPlans(scratch.mapper("nokey"))
    scratch.run(by_row_id.delete(), (1,))
    scratch.run(by_row_id.update(("x",)), ("left", 2))
    assert scratch.rows("SELECT rowid, x, y FROM nokey") == [(2, "left", 3)]


def test_names_are_quoted(scratch: Scratch) -> None:
    table = 'od;d "name'
    assert scratch.insert(table, **{"k;": 1, "select": "a"})[0] == (
        'INSERT INTO "od;d ""name" ("k;", "select") VALUES (?, ?)'
    )
    query = scratch.db[table].filter(select="a")
    assert scratch.update(query, select="b;") == (
        'UPDATE "od;d ""name" SET "select"=? WHERE "od;d ""name"."select" = ?'
    )
    assert scratch.rows('SELECT * FROM "od;d ""name"') == [(1, "b;")]


@pytest.mark.parametrize(
    ("table", "fields", "error", "message"),
    [
        ("users", ("nme",), FieldNotFound, "no field 'nme' on users"),
        ("users", ("initial",), ReadOnly, "users.initial is a generated column"),
        ("users", ("age", "age"), InvalidQuery, "users.age is written twice"),
        (
            "posts",
            ("author",),
            InvalidQuery,
            "'author' is a relation of posts, not a column; write author_id",
        ),
        ("users", ("posts",), InvalidQuery, "'posts' is a relation whose rows are in posts"),
        ("pairs", ("pk",), InvalidQuery, "the key of pairs has several fields; name them: a, b"),
    ],
)
def test_what_cannot_be_written(
    scratch: Scratch, table: str, fields: tuple[str, ...], error: type[NoormmeError], message: str
) -> None:
    plans = RowPlans(scratch.mapper(table))
    for make in (plans.insert, plans.update):
        with pytest.raises(error) as caught:
            make(fields)
        assert message in str(caught.value)


def test_an_update_needs_a_field(scratch: Scratch) -> None:
    with pytest.raises(InvalidQuery, match="writes no field"):
        RowPlans(scratch.mapper("users")).update(())
    with pytest.raises(InvalidQuery, match="writes no field"):
        scratch.update(scratch.db.users.all())
