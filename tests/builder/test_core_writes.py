"""INSERT, UPDATE and DELETE of SQLAlchemy Core, and one statement for many rows: SQL, parameters and rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from noormme import (
    Database,
    FieldNotFound,
    InvalidValue,
    NoormmeError,
    NotNullViolation,
    ReadOnly,
    UniqueViolation,
    UsageError,
    connect,
)

AT = datetime(2024, 1, 1, 10)
FORMS = """
    CREATE TABLE t (
        id INTEGER PRIMARY KEY, at DATETIME, ok BOOLEAN, price DECIMAL, j JSON, n INTEGER DEFAULT 3
    );
    CREATE TABLE log (id INTEGER PRIMARY KEY, at DATETIME, note TEXT);
    INSERT INTO t (at, ok) VALUES (1704103200000, 'true');
    INSERT INTO log (at) VALUES ('2020-01-01T00:00:00');
"""


@pytest.fixture
def mine(own: Path) -> Iterator[Database]:
    with connect(own) as db:
        yield db


def written(db: Database, statement: Any, parameters: Any = None) -> tuple[list[Any], list[Any]]:
    """What ran, as SQL in one line and parameters, and the rows."""
    with db.capture() as statements:
        rows = db.execute(statement, parameters)
    return [
        (" ".join(each.statement.split()), each.parameters)
        for each in statements
        if not each.statement.startswith("PRAGMA")
    ], rows


def test_insert(mine: Database) -> None:
    tags = mine.core.tags
    ran, rows = written(mine, sa.insert(tags).values(name="go").returning(tags.c.id, tags.c.name))
    assert ran == [('INSERT INTO "tags" ("name") VALUES (?) RETURNING "id", "name"', ("go",))]
    assert rows == [(4, "go")]
    assert rows[0].name == "go"
    assert written(mine, sa.insert(tags), {"name": "c"}) == (
        [('INSERT INTO "tags" ("name") VALUES (?)', ("c",))],
        [],
    )
    assert mine.execute(sa.insert(tags).values([9, "nine"]).returning(tags)) == [(9, "nine")]
    assert mine.execute(sa.insert(tags).values(name=sa.func.upper("x").concat("y")).returning(tags.c.name)) == [("Xy",)]  # fmt: skip
    orders = mine.core.orders
    mine.execute(sa.insert(orders).values(region="as", number=1))
    assert mine.execute(sa.select(orders).where(orders.c.region == "as")) == [("as", 1, None)]


def test_insert_of_several_rows(mine: Database) -> None:
    tags = mine.core.tags
    statement = sa.insert(tags).values([{"name": "a"}, {"name": "b"}]).returning(tags.c.id)
    ran, rows = written(mine, statement)
    assert [parameters for sql, parameters in ran] == [("a",), ("b",)]
    assert rows == [(4,), (5,)]
    largest = sa.select(sa.func.max(tags.c.id)).scalar_subquery()
    assert mine.execute(
        sa.insert(tags).values([{"id": 90, "name": "x"}, {"id": largest + 1, "name": "y"}]).returning(tags)
    ) == [(90, "x"), (91, "y")]
    assert mine.execute(sa.insert(tags).values([(7, "c"), (8, "d")])) == []
    with pytest.raises(UniqueViolation):
        mine.execute(sa.insert(tags).values([{"name": "new"}, {"name": "sql"}]))
    assert not mine.tags.filter(name="new").exists()
    with pytest.raises(UsageError, match=r"row 1 of values\(\) has other columns than the first one"):
        mine.execute(sa.insert(tags).values([{"name": "a1"}, {"id": 3}]))
    with pytest.raises(UsageError, match="a row of values\\(\\) has 3 values, and tags 2 columns"):
        mine.execute(sa.insert(tags).values([(1, "c", "d")]))


def test_a_row_of_defaults(opened: Callable[..., Database]) -> None:
    db = opened(FORMS)
    t = db.core.t
    ran, rows = written(db, sa.insert(t).returning(t.c.id, t.c.n))
    assert ran == [('INSERT INTO "t" DEFAULT VALUES RETURNING "id", "n"', ())]
    assert rows == [(2, 3)]


def test_update(mine: Database) -> None:
    posts, users = mine.core.posts, mine.core.users
    statement = (
        sa.update(posts).where(posts.c.id <= 2).values(rating=posts.c.rating + 1).returning(posts.c.rating)
    )
    ran, rows = written(mine, statement)
    assert ran == [
        (
            'UPDATE "posts" SET "rating"=("posts"."rating" + ?) WHERE "posts"."id" <= ? RETURNING "rating"',
            (1, 2),
        )
    ]
    assert rows == [(6,), (None,)]
    by_key = sa.update(posts).where(posts.c.id == sa.bindparam("which")).returning(posts.c.title)
    assert mine.execute(by_key, {"which": 3, "title": "New"}) == [("New",)]
    mine.execute(
        sa.update(posts).where(posts.c.author_id == users.c.id, users.c.name == "Cleo").values(title=users.c.name)
    )  # fmt: skip
    assert mine.execute(sa.select(posts.c.title).where(posts.c.id == 5)) == [("Cleo",)]
    ordered = sa.update(posts).where(posts.c.id == 1).ordered_values(("title", "T"), ("rating", 1))
    assert written(mine, ordered)[0] == [
        ('UPDATE "posts" SET "title"=?, "rating"=? WHERE "posts"."id" = ?', ("T", 1, 1))
    ]
    mine.execute(sa.update(posts).values(editor_id=None))
    assert mine.posts.filter(editor__isnull=False).count() == 0


def test_delete(mine: Database) -> None:
    post_tags, tags = mine.core.post_tags, mine.core.tags
    statement = sa.delete(post_tags).where(post_tags.c.tag_id.in_([1, 3])).returning(post_tags.c.post_id)
    ran, rows = written(mine, statement)
    assert ran[0][0] == (
        'DELETE FROM "post_tags" WHERE "post_tags"."tag_id" IN (SELECT value FROM carray(?) AS anon_1)'
        ' RETURNING "post_id"'
    )
    assert sorted(rows) == [(1,), (2,), (4,)]
    unused = ~sa.exists().where(post_tags.c.tag_id == tags.c.id)
    assert mine.execute(sa.delete(tags).where(unused).returning(tags.c.name)) == [("sql",), ("rust",)]


def test_values_take_the_form_of_the_column(opened: Callable[..., Database]) -> None:
    db = opened(FORMS)
    t = db.core.t
    values = {"at": AT, "ok": False, "price": Decimal("1.50"), "j": {"a": [1]}}
    ran, rows = written(db, sa.insert(t).values(values).returning(t.c.at, t.c.ok, t.c.price, t.c.j))
    assert ran[0][1] == (1704103200000, "false", 1.5, '{"a":[1]}')
    assert rows == [(AT, False, Decimal("1.5"), {"a": [1]})]
    one = sa.update(t).where(t.c.at == AT, t.c.id == 1)
    for value, stored in [
        (datetime(2025, 1, 1), 1735689600000),
        (None, None),
        (sa.null(), None),
        (sa.func.coalesce(t.c.at, datetime(2025, 1, 1)), 1704103200000),
        (sa.func.coalesce(sa.null(), datetime(2025, 1, 1)), 1735689600000),
        (sa.func.datetime("2025-01-01", type_=sa.DateTime), 1735689600000),
        (sa.case((t.c.id == 1, datetime(2025, 1, 1)), else_=t.c.at), 1735689600000),
        (sa.literal(datetime(2025, 1, 1)), 1735689600000),
    ]:
        with db.transaction() as transaction:
            db.execute(one.values(at=value))
            assert db.execute("select at + 0 from t where id = 1") == [(stored,)], value
            transaction.rollback()
    with pytest.raises(InvalidValue):
        db.execute(one.values(at="hunter2"))


def test_insert_from_select(opened: Callable[..., Database]) -> None:
    db = opened(FORMS)
    t, log = db.core.t, db.core.log
    rows = sa.select(t.c.at, sa.literal("copied")).where(t.c.at == AT)
    assert db.execute(sa.insert(log).from_select(["at", "note"], rows).returning(log)) == [(2, AT, "copied")]
    assert db.execute("select at || '' from log where id = 2") == [("2024-01-01T10:00:00",)]
    same = sa.select(log.c.note).where(log.c.note.is_not(None))
    ran, _ = written(db, sa.insert(log).from_select([log.c.note], same))
    assert (
        ran[0][0]
        == 'INSERT INTO "log" ("note") SELECT "log"."note" FROM "log" WHERE "log"."note" IS NOT NULL'
    )
    both = sa.union_all(sa.select(log.c.at), sa.select(t.c.at))
    db.execute(sa.insert(log).from_select(["at"], both))
    assert {row.at for row in db.log.filter(at__isnull=False)} == {AT, datetime(2020, 1, 1)}
    with pytest.raises(UsageError, match="names 2 columns, and its query gives 1"):
        db.execute(sa.insert(log).from_select(["at", "note"], sa.select(t.c.at)))


def test_on_conflict(opened: Callable[..., Database]) -> None:
    db = opened(FORMS)
    t = db.core.t
    insert = sqlite.insert(t).values(id=1, n=5)
    statement = insert.on_conflict_do_update(
        index_elements=["id"], set_={"n": t.c.n + insert.excluded.n, "at": AT}, where=t.c.n < 100
    ).returning(t.c.n, t.c.at)
    ran, rows = written(db, statement)
    assert ran == [
        (
            'INSERT INTO "t" ("id", "n") VALUES (?, ?) ON CONFLICT (id) DO UPDATE'
            ' SET "at" = ?, "n" = ("t"."n" + excluded."n") WHERE "t"."n" < ? RETURNING "n", "at"',
            (1, 5, 1704103200000, 100),
        )
    ]
    assert rows == [(8, AT)]
    assert db.execute(insert.on_conflict_do_nothing().returning(t.c.id)) == []
    several = sqlite.insert(t).values([{"id": 1, "n": 6}, {"id": 2, "n": 7}])
    several = several.on_conflict_do_update(index_elements=[t.c.id], set_={t.c.n: several.excluded.n})
    db.execute(several)
    assert [row.n for row in db.t.order_by("id")] == [6, 7]


def test_values_compile_nothing(mine: Database) -> None:
    tags, posts = mine.core.tags, mine.core.posts

    def everything(first: int, name: str) -> None:
        mine.execute(sa.insert(tags).values(id=first, name=name))
        mine.execute(sa.insert(tags), {"name": name + "2"})
        mine.execute(sa.insert(tags).values([{"name": name + "3"}, {"name": name + "4"}]))
        mine.execute(sa.update(posts).where(posts.c.id == first).values(rating=posts.c.rating + first))
        mine.execute(sa.delete(posts).where(posts.c.title.in_([name] * first)))
        insert = sqlite.insert(tags).values(id=first, name=name)
        mine.execute(insert.on_conflict_do_update(index_elements=["id"], set_={"name": name + "5"}))
        mine.execute_many(sa.insert(tags), [{"name": name + "6"}, {"name": name + "7"}])

    everything(10, "a")
    before = {id(plan) for plan in mine.plans}
    everything(20, "b")
    assert {id(plan) for plan in mine.plans} == before
    assert len(before) == 5


def test_in_a_transaction(mine: Database) -> None:
    tags = mine.core.tags
    with mine.transaction() as transaction:
        mine.execute(sa.delete(mine.core.post_tags))
        mine.execute_many(sa.delete(tags).where(tags.c.id == sa.bindparam("key")), [{"key": 1}, {"key": 2}])
        assert mine.execute(sa.select(tags.c.name)) == [("rust",)]
        transaction.rollback()
    assert mine.tags.count() == 3


def test_execute_many(mine: Database) -> None:
    tags = mine.core.tags
    assert mine.execute_many("insert into tags (name) values (?)", [["a"], ("b",)]) == 2
    assert mine.execute_many("update tags set name = name || :more where id <= :id", [{"more": "!", "id": 2}, {"more": "?", "id": 1}]) == 3  # fmt: skip
    assert mine.execute("select name from tags where id < 3") == [("sql!?",), ("python!",)]
    assert mine.execute_many("delete from tags where id = ?", ([key] for key in (4, 5, 99))) == 2
    assert mine.execute_many("insert into tags (name) values (?)", []) == 0
    assert mine.execute_many(sa.insert(tags), ({"name": f"n{n}"} for n in range(2_500))) == 2_500
    mixed: list[Any] = [{"name": "x", "id": 9_000}, {"name": sa.func.lower("Y")}, {"name": "z"}]
    assert mine.execute_many(sa.insert(tags), mixed) == 3
    assert mine.execute(sa.select(tags.c.id, tags.c.name).where(tags.c.id >= 9_000).order_by(tags.c.id)) == [
        (9_000, "x"),
        (9_001, "y"),
        (9_002, "z"),
    ]
    update = sa.update(tags).where(tags.c.name == sa.bindparam("old"))
    assert mine.execute_many(update, [{"old": "x", "name": "xx"}, {"old": "nobody", "name": "y"}]) == 1


def test_execute_many_asks_while_it_writes(mine: Database) -> None:
    rows = ([post.title] for post in mine.posts.iterator(chunk_size=1))
    assert mine.execute_many("insert into tags (name) values (?)", rows) == 5
    with mine.transaction():
        keys = (
            [mine.execute(f"insert into tags (name) values ('i{n}') returning id")[0].id] for n in range(3)
        )
        assert mine.execute_many("delete from tags where id = ?", keys) == 3


def test_execute_many_is_all_or_nothing(mine: Database) -> None:
    with pytest.raises(NotNullViolation):
        mine.execute_many("insert into tags (name) values (?)", [["a"], [None]])
    with pytest.raises(UsageError):
        mine.execute_many("insert into tags (name) values (?)", [["a"], ["b", "c"]])
    with pytest.raises(FieldNotFound):
        mine.execute_many(sa.insert(mine.core.tags), [{"name": "a"}, {"nome": "b"}])
    assert mine.tags.count() == 3


WRONG: list[tuple[Callable[[Database], Any], type[NoormmeError], str]] = [
    (lambda db: db.execute(sa.insert(db.core.tags).values(nome="hunter2")), FieldNotFound, "no column 'nome' on tags; did you mean 'name'?"),
    (lambda db: db.execute(sa.insert(db.core.tags), {"nome": "hunter2"}), FieldNotFound, "no column 'nome' on tags; did you mean 'name'?"),
    (lambda db: db.execute(sa.insert(db.core.tags).values([{"nome": "hunter2"}, {"nome": "x"}])), FieldNotFound, "no column 'nome' on tags"),
    (lambda db: db.execute(sa.insert(db.core.tags), ["hunter2"]), UsageError, "a statement of SQLAlchemy takes its parameters by name"),
    (lambda db: db.execute(sa.update(db.core.tags)), UsageError, "an update of tags that sets nothing"),
    (lambda db: db.execute(sa.delete(db.core.tags), {"name": "hunter2"}), UsageError, "the statement has no parameter 'name'"),
    (lambda db: db.execute(sa.insert(db.core.tags).values(name="sql")), UniqueViolation, ""),
    (lambda db: db.execute_many("select 1", [[]]), UsageError, "execute_many() takes one INSERT, UPDATE or DELETE"),
    (lambda db: db.execute_many(sa.select(db.core.tags), [{}]), UsageError, "execute_many() takes one INSERT, UPDATE or DELETE"),
    (lambda db: db.execute_many(sa.insert(db.core.tags).values([{"name": "a"}, {"name": "b"}]), [{}]), UsageError, "execute_many() takes one INSERT, UPDATE or DELETE"),
    (lambda db: db.execute_many(sa.insert(db.core.tags), [["hunter2"]]), UsageError, "a statement of SQLAlchemy takes its parameters by name"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "kind", "message"), WRONG)
def test_mistakes(
    mine: Database, call: Callable[[Database], Any], kind: type[NoormmeError], message: str
) -> None:
    with pytest.raises(kind) as caught:
        call(mine)
    assert str(caught.value).startswith(message)
    assert "hunter2" not in str(caught.value)
    assert mine.tags.count() == 3


def test_a_database_that_is_read_only(db: Database) -> None:
    tags = db.core.tags
    for call in (
        lambda: db.execute(sa.insert(tags).values(name="x")),
        lambda: db.execute(sa.update(tags).values(name="x")),
        lambda: db.execute(sa.delete(tags)),
        lambda: db.execute_many(sa.insert(tags), [{"name": "x"}]),
        lambda: db.execute_many("delete from tags where id = ?", [[1]]),
    ):
        with pytest.raises(ReadOnly):
            call()
