"""SQLAlchemy Core: the tables of ``db.core``, and statements through ``db.execute``."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from noormme import (
    Database,
    FieldNotFound,
    InvalidValue,
    NoormmeError,
    TableNotFound,
    UsageError,
    connect,
)
from noormme.query.builder import core_tables
from noormme.schema.model import Schema
from tests import switching


def ran(db: Database, statement: Any, parameters: Any = None) -> tuple[str, tuple[object, ...], list[Any]]:
    """The SQL, what was bound, and the rows."""
    db.execute(statement, parameters)  # so that no column must be looked at any more
    with db.capture() as statements:
        found = db.execute(statement, parameters)
    return (
        " ".join(statements[-1].statement.split()),
        statements[-1].parameters,
        [tuple(row) for row in found],
    )


@pytest.mark.sqlite("its SQL")
def test_tables(db: Database) -> None:
    users = db.core.users
    assert isinstance(users, sa.Table)
    assert db.core["users"] is users
    assert {table.metadata for table in db.core} == {users.metadata}
    assert {table.name for table in db.core} == {*db.tables, *db.views}
    assert [column.name for column in users.primary_key] == ["id"]
    assert [column.name for column in db.core.post_tags.primary_key] == ["post_id", "tag_id"]
    assert {key.target_fullname for key in db.core.posts.foreign_keys} == {"users.id"}
    assert {key.column for key in db.core.lines.foreign_keys} == set(db.core.orders.primary_key)
    assert users.c.email.nullable is False
    assert "users" in dir(db.core)
    with pytest.raises(TableNotFound, match="did you mean 'users'"):
        db.core.usres  # noqa: B018
    with pytest.raises(TableNotFound):
        db.core["nothing like it"]


def test_members(db: Database) -> None:
    key = db.core.users.c.id
    for condition, found in (
        (key.in_([1, 2]), [1, 2]),
        (key.not_in([1, 2]), [3, 4]),
        (sa.not_(key.in_([1, 2])), [3, 4]),
    ):
        rows = db.execute(sa.select(key).where(condition).order_by(key))
        assert [row.id for row in rows] == found


@pytest.mark.parametrize("name", ["id", "name", "joined"])
def test_members_of_an_empty_list(db: Database, name: str) -> None:
    users = db.core.users
    column, by_id = users.c[name], sa.select(users.c.id).order_by(users.c.id)
    pair = sa.tuple_(users.c.id, column)
    for condition, found in (
        (column.in_([]), []),
        (column.in_([None]), []),
        (column.not_in([]), [1, 2, 3, 4]),
        (pair.in_([]), []),
        (pair.not_in([]), [1, 2, 3, 4]),
    ):
        assert [row.id for row in db.execute(by_id.where(condition))] == found


def test_types(opened: Callable[..., Database]) -> None:
    kinds = [
        "INTEGER",
        "REAL",
        "TEXT",
        "BLOB",
        "BOOLEAN",
        "DATE",
        "TIME",
        "DATETIME",
        "DECIMAL",
        "UUID",
        "JSON",
    ]
    db = opened(f"CREATE TABLE t ({', '.join(f'{kind}_ {kind}' for kind in kinds)}, any_)")
    types = [sa.Integer, sa.Float, sa.Text, sa.LargeBinary, sa.Boolean, sa.Date, sa.Time, sa.DateTime, sa.Numeric, sa.Uuid, sa.JSON, sa.types.NullType]  # fmt: skip
    assert [type(column.type) for column in db.core.t.c] == types


def test_names_of_any_kind(opened: Callable[..., Database]) -> None:
    db = opened('''
        CREATE TABLE "Order ""Details""" ("a.b" INTEGER, ":x" TEXT, "select" TEXT);
        INSERT INTO "Order ""Details""" VALUES (1, 'x', 'y');
    ''')
    table = db.core['Order "Details"']
    found = db.execute(sa.select(table).where(table.c["a.b"] == 1, table.c[":x"] == "x"))
    assert found == [(1, "x", "y")]
    assert found[0]["a.b"] == 1
    assert found[0].columns == ("a.b", ":x", "select")


def test_a_column_without_a_name_takes_no_table_away(opened: Callable[..., Database]) -> None:
    db = opened(
        'CREATE TABLE "" ("" INTEGER PRIMARY KEY, b);'
        'CREATE TABLE t (a INTEGER PRIMARY KEY, "" TEXT REFERENCES ""(""), c REFERENCES "");'
        "INSERT INTO t VALUES (1, 2, 3)"
    )
    assert [column.name for column in db.core.t.c] == ["a", "c"]
    assert db.execute(db.core.t.select()) == [(1, 3)]
    assert db.execute(db.core[""].select()) == []


@pytest.mark.sqlite("its SQL")
def test_select(db: Database) -> None:
    users, posts = db.core.users, db.core.posts
    statement = (
        sa.select(
            users.c.name,
            users.c.joined,
            sa.func.count().label("n"),
            sa.func.max(users.c.joined).label("last"),
        )
        .join(posts, posts.c.author_id == users.c.id)
        .where(users.c.joined < datetime(2024, 1, 3), users.c.is_active.is_(True))
        .group_by(users.c.id)
        .having(sa.func.count() > 1)
        .order_by(users.c.id.desc())
        .limit(5)
    )
    sql, parameters, found = ran(db, statement)
    assert sql == (
        'SELECT "users"."name", "users"."joined", count(*) AS n, max("users"."joined") AS last'
        ' FROM "users" JOIN "posts" ON "posts"."author_id" = "users"."id"'
        ' WHERE "users"."joined" < ? AND "users"."is_active" IS 1 GROUP BY "users"."id"'
        ' HAVING count(*) > ? ORDER BY "users"."id" DESC LIMIT ?'
    )
    assert parameters == ("2024-01-03 00:00:00", 1, 5)
    assert found == [
        ("Bob", datetime(2024, 1, 2, 10), 2, datetime(2024, 1, 2, 10)),
        ("Ann", datetime(2024, 1, 1, 10), 2, datetime(2024, 1, 1, 10)),
    ]
    assert db.execute(statement)[0].n == 2


@pytest.mark.sqlite("its SQL")
def test_lists_are_one_parameter(db: Database) -> None:
    users = db.core.users
    by_id = sa.select(users.c.id).order_by(users.c.id)
    sql, _, found = ran(db, by_id.where(users.c.id.in_([1, 3, None])))
    assert 'WHERE "users"."id" IN (SELECT value FROM carray(?) AS anon_1)' in sql
    assert found == [(1,), (3,)]
    assert ran(db, by_id.where(users.c.id.in_([])))[2] == []
    assert ran(db, by_id.where(users.c.id.not_in([1, 3])))[2] == [(2,), (4,)]
    assert ran(db, by_id.where(users.c.id.not_in([])))[2] == [(1,), (2,), (3,), (4,)]
    with pytest.raises(InvalidValue, match=r"not_in\(\) with None in the list holds for no row"):
        ran(db, by_id.where(users.c.id.not_in([1, None])))
    assert ran(db, by_id.where(users.c.name.in_(["Ann", "\0"])))[2] == [(1,)]
    assert ran(db, by_id.where(users.c.joined.in_([datetime(2024, 1, 2, 10)])))[2] == [(2,)]
    assert ran(db, by_id.where(sa.tuple_(users.c.id, users.c.name).in_([(1, "Ann"), (2, "x")])))[2] == [(1,)]
    assert ran(db, by_id.where(users.c.id.in_(sa.select(db.core.posts.c.author_id))))[2] == [(1,), (2,), (3,)]
    assert ran(db, by_id.where((users.c.id + 1).in_([2])))[2] == [(1,)]
    assert ran(db, by_id.where(users.c.id.in_(sa.bindparam("ids", expanding=True))), {"ids": [4]})[2] == [
        (4,)
    ]
    assert len(ran(db, by_id.where(users.c.id.in_(range(100_000))))[2]) == 4


def test_values_take_the_form_of_the_column(opened: Callable[..., Database]) -> None:
    one, at = UUID(int=1), datetime(2024, 1, 1, 10)
    db = opened(f"""
        CREATE TABLE t (at DATETIME, ok BOOLEAN, price DECIMAL, u UUID, j JSON, d DATE);
        INSERT INTO t VALUES (1704103200000, 'true', '9.90', x'{one.hex}', '{{"a": [5]}}', '2024-01-02');
        INSERT INTO t VALUES (1804103200000, 'false', '10.5', x'{UUID(int=2).hex}', '[]', '2025-01-02');
    """)
    c = db.core.t.c
    alias = db.core.t.alias("x y").c
    inner = sa.select(c.at.label("moment"), c.price).subquery()
    conditions = [
        sa.select(c.price).where(c.at == at),
        sa.select(c.price).where(at == c.at),
        sa.select(c.price).where(c.at.between(at, at)),
        sa.select(c.price).where(~c.at.between(datetime(2025, 1, 1), datetime(2028, 1, 1))),
        sa.select(alias.price).where(alias.at == at),
        sa.select(inner.c.price).where(inner.c.moment <= at),
        sa.select(c.price).where(c.ok == sa.bindparam("ok", True)),
        sa.select(c.price).where(c.price < Decimal("10")),
        sa.select(c.price).where(c.u == one),
        sa.select(c.price).where(c.u.in_([one])),
        sa.select(c.price).where(c.j == {"a": [5]}),
        sa.select(c.price).where(c.j["a"][0].as_integer() == 5),
        sa.select(c.price).where(c.d < date(2024, 12, 31)),
        sa.select(c.price).where(sa.func.coalesce(c.at, at) == at),
    ]
    for statement in conditions:
        assert db.execute(statement) == [(Decimal("9.90"),)], statement
    assert db.execute(sa.select(c, sa.func.min(c.at)).where(c.at == at)) == [
        (at, True, Decimal("9.90"), one, {"a": [5]}, date(2024, 1, 2), at)
    ]
    assert db.execute(sa.select(c.j["a"]).where(c.at == at)) == [([5],)]


@pytest.mark.sqlite("its SQL")
def test_every_kind_of_statement(db: Database) -> None:
    users, posts = db.core.users, db.core.posts
    authors = sa.select(posts.c.author_id).where(posts.c.rating > 4).cte("authors")
    joined = sa.select(users.c.joined).join(authors, authors.c.author_id == users.c.id).order_by(users.c.id)
    assert ran(db, joined)[2] == [(datetime(2024, 1, 1, 10),), (datetime(2024, 1, 2, 10),)]
    union = sa.union(sa.select(users.c.id), sa.select(posts.c.id)).order_by("id").limit(2)
    assert ran(db, union)[2] == [(1,), (2,)]
    mixed = sa.union_all(
        sa.select(users.c.joined).where(users.c.id == 1), sa.select(users.c.name).where(users.c.id == 2)
    )
    assert ran(db, mixed)[2] == [("2024-01-01 10:00:00",), ("Bob",)]
    own = sa.select(sa.func.max(posts.c.id)).where(posts.c.author_id == users.c.id).scalar_subquery()
    assert ran(
        db, sa.select(users.c.id, own.label("n")).where(sa.exists().where(posts.c.author_id == users.c.id))
    )[2] == [(1, 2), (2, 4), (3, 5)]
    assert ran(db, sa.select(sa.case((users.c.id > 1, "a"), else_="b").label("x")).distinct().order_by("x"))[
        2
    ] == [("a",), ("b",)]
    assert ran(db, sa.select(users.c.name).where(users.c.name.ilike("AN%")))[2] == [("Ann",)]
    assert ran(
        db, sa.select(sa.func.row_number().over(order_by=users.c.id), sa.literal(3), sa.null()).limit(1)
    )[2] == [(1, 3, None)]
    assert ran(db, sa.select(users.c.id).where(users.c.age == None))[2] == [(3,)]  # noqa: E711
    assert ran(db, sa.text("select id from users where id = :id"), {"id": 2})[2] == [(2,)]
    assert ran(db, sa.text("select id, '\\:x' from users where id = :id").bindparams(id=2))[2] == [(2, ":x")]
    assert ran(db, sa.text("select joined from users where id = :id").columns(users.c.joined), {"id": 2})[
        2
    ] == [(datetime(2024, 1, 2, 10),)]


@pytest.mark.sqlite("its SQL")
def test_parameters_by_name(db: Database) -> None:
    users = db.core.users
    statement = sa.select(users.c.id).where(users.c.joined >= sa.bindparam("since")).order_by(users.c.id)
    assert ran(db, statement, {"since": datetime(2024, 1, 2)})[1:] == (("2024-01-02 00:00:00",), [(2,), (3,)])
    assert ran(db, statement, {"since": datetime(2024, 1, 3)})[2] == [(3,)]


def test_columns_without_names(db: Database) -> None:
    users = db.core.users
    (row,) = db.execute(
        sa.select(users.c.id + 1, users.c.id, sa.func.lower(users.c.name), users.c.id).where(users.c.id == 1)
    )
    assert row == (2, 1, "ann", 1)
    assert row.columns == ("value", "id", "lower", "id")


WRONG: list[tuple[Callable[[Any], Any], Any, type[NoormmeError], str]] = [
    (lambda core: core.tags, None, UsageError, "execute() takes SQL text or a statement of SQLAlchemy, not Table"),
    (lambda core: 3, None, UsageError, "execute() takes SQL text or a statement of SQLAlchemy, not int"),
    (lambda core: sa.select(core.tags), [1], UsageError, "a statement of SQLAlchemy takes its parameters by name"),
    (lambda core: sa.select(core.tags).where(core.tags.c.id == sa.bindparam("id")), None, UsageError, "no value was given for the parameter 'id'"),
    (lambda core: sa.select(core.tags).where(core.tags.c.id == sa.bindparam("id")), {"id": 1, "x": 2}, UsageError, "the statement has no parameter 'x'"),
    (lambda core: sa.select(core.users).where(core.users.c.joined == "hunter2"), None, InvalidValue, ""),
    (lambda core: sa.select(core.users).where(core.users.c.id.in_(sa.bindparam("ids", expanding=True))), {"ids": "hunter2"}, InvalidValue, "in_() takes a list, not str"),
    (lambda core: sa.select(sa.table("nope", sa.column("x"))), None, NoormmeError, "SQLite refused the statement: no such table: nope"),
]  # fmt: skip


@pytest.mark.sqlite("its SQL")
@pytest.mark.parametrize(("build", "parameters", "kind", "message"), WRONG)
def test_mistakes(
    db: Database, build: Callable[[Any], Any], parameters: Any, kind: type[NoormmeError], message: str
) -> None:
    with pytest.raises(kind) as caught:
        db.execute(build(db.core), parameters)
    assert str(caught.value).startswith(message)
    assert "hunter2" not in str(caught.value)


def test_a_database_without_tables() -> None:
    with connect(":memory:") as db:
        assert list(db.core) == []
        db.execute(sa.text("create table x (a)"))
        assert db.execute(sa.text("select * from x")) == []
        with pytest.raises(FieldNotFound):
            db.execute("select y from x")


def test_tables_that_two_threads_ask_for_first(
    opened: Callable[..., Database], monkeypatch: pytest.MonkeyPatch
) -> None:
    db = opened("CREATE TABLE a (id INTEGER PRIMARY KEY); CREATE TABLE b (id INTEGER PRIMARY KEY)")
    making = switching.Awaited()
    monkeypatch.setattr(db._registry, "making", making)
    make, theirs = core_tables.make_tables, list[sa.Table]()

    def meanwhile(schema: Schema) -> dict[str, sa.Table]:
        making.beside(lambda: theirs.append(db.core.a))
        return make(schema)

    monkeypatch.setattr(core_tables, "make_tables", meanwhile)
    mine = db.core.a
    making.join()
    assert mine is theirs[0] is db.core.a
