"""Writing to a libSQL server: objects, many rows, what the database refuses, transactions, values."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from noormme import (
    CheckViolation,
    Database,
    F,
    FieldNotFound,
    ForeignKeyViolation,
    IntegrityError,
    InvalidValue,
    NotNullViolation,
    NotSupported,
    QueryFailed,
    ReadOnly,
    RelationNotLoaded,
    TableNotFound,
    UniqueViolation,
    UsageError,
    connect,
)

SCRIPT = """
CREATE TABLE users (
    id INTEGER PRIMARY KEY AUTOINCREMENT, email TEXT NOT NULL UNIQUE, name TEXT, age INTEGER CHECK (age >= 0),
    visits INTEGER NOT NULL DEFAULT 0, manager_id INTEGER REFERENCES users(id)
);
CREATE TABLE posts (
    id INTEGER PRIMARY KEY, author_id INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE, title TEXT NOT NULL
);
CREATE TABLE tags (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE post_tags (
    post_id INTEGER REFERENCES posts(id) ON DELETE CASCADE, tag_id INTEGER REFERENCES tags(id),
    PRIMARY KEY (post_id, tag_id)
);
CREATE TABLE kinds (
    id INTEGER PRIMARY KEY, t TEXT, b BLOB, f BOOLEAN, d DATE, m DATETIME, c TIME, n DECIMAL, u UUID, j JSON,
    x REAL, big INTEGER, anything
);
CREATE TABLE exact (a INTEGER NOT NULL) STRICT;
CREATE TRIGGER no_root BEFORE INSERT ON tags WHEN NEW.name = 'root' BEGIN SELECT RAISE(ABORT, 'not that name'); END;
CREATE VIEW adults AS SELECT * FROM users WHERE age >= 18;
INSERT INTO users (email, name, age) VALUES ('ann@x', 'Ann', 40), ('bob@x', 'Bob', 17)
"""


@pytest.fixture
def db(opened: Callable[..., Database]) -> Database:
    return opened(SCRIPT)


def test_objects(db: Database) -> None:
    cy = db.users.create(email="cy@x", name="Cy")
    assert (cy.id, cy.visits) == (3, 0)
    cy.age = 30
    with db.capture() as statements:
        cy.save()
    assert [" ".join(each.statement.split()) for each in statements] == [
        'UPDATE "users" SET "age"=?1 WHERE "users"."id" = ?2'
    ]
    db.users.filter(pk=cy.pk).update(age=F("age") + 1)
    assert cy.refresh().age == 31
    cy.delete()
    assert db.users.count() == 2
    assert db.users.get_or_create(email="cy@x", defaults={"name": "Cyd"})[1]
    # AUTOINCREMENT gives no number twice.
    assert db.users.get(email="cy@x").id == 4
    result = db.users.upsert([{"email": "cy@x", "name": "C"}, {"email": "dee@x"}], on=["email"])
    assert [len(result.updated), len(result.inserted)] == [1, 1]


def test_relations(db: Database) -> None:
    ann = db.users.get(name="Ann")
    post = ann.posts.create(title="One")
    post.tags.add(db.tags.create(name="sql"), db.tags.create(name="python"))
    assert sorted(tag.name for tag in post.tags.all()) == ["python", "sql"]
    assert [each.author.name for each in db.posts.select_related("author")] == ["Ann"]
    post.tags.clear()
    assert db.post_tags.count() == 0
    ann.delete()
    assert db.posts.count() == 0


def test_many_rows_in_few_requests(db: Database) -> None:
    link = db._engine._pool.take()
    sent: list[int] = []
    pipeline = link._transport.pipeline
    link._transport.pipeline = lambda body, limit_s: (sent.append(len(body)), pipeline(body, limit_s))[1]
    db._engine._pool.give(link)
    made = db.posts.bulk_create([{"author_id": 1, "title": f"post {number}"} for number in range(1200)])
    assert [post.id for post in made] == list(range(1, 1201))
    assert len(sent) < 12
    for post in made:
        post.title = post.title.upper()
    assert db.posts.bulk_update(made, ["title"]) == 1200
    assert db.posts.filter(title__startswith="POST ").count() == 1200
    assert db.execute_many("DELETE FROM posts WHERE id = ?", [[number] for number in range(1, 601)]) == 600
    assert len(sent) < 30
    with pytest.raises(UniqueViolation):
        db.users.bulk_create([{"email": "new@x"}, {"email": "bob@x"}, {"email": "newer@x"}])
    assert (db.posts.count(), db.users.count()) == (600, 2)
    # A trigger may rewrite a row, so each is given back by itself.
    assert [tag.id for tag in db.tags.bulk_create([{"name": "a"}, {"name": "b"}])] == [1, 2]


VALUES = {
    "t": "é%_\\'\"日本",
    "b": b"\x00\xff",
    "f": True,
    "d": date(2024, 2, 29),
    "m": datetime(2024, 2, 29, 1, 2, 3, 4),
    "c": time(23, 59, 59, 999999),
    "n": Decimal("1234.5"),
    "u": UUID(int=5),
    "j": {"a": [1, None, "x"], "é": 1.5},
    "x": 0.30000000000000004,
    "big": 2**63 - 1,
    "anything": -(2**63),
}


def test_values_of_all_kinds(db: Database) -> None:
    made = db.kinds.create(id=1, **VALUES)
    found = db.kinds.get(id=1)
    for name, value in VALUES.items():
        assert (getattr(made, name), getattr(found, name)) == (value, value), name
        assert db.kinds.filter(**{name: value}).count() == 1, name
        assert db.kinds.exclude(**{name: value}).count() == 0, name
        assert db.kinds.filter(**{f"{name}__in": [value]}).count() == 1, name
    db.kinds.create(id=2)
    assert all(getattr(db.kinds.get(id=2), name) is None for name in VALUES)
    assert db.kinds.filter(pk=2).update(**VALUES) == 1
    assert {**db.kinds.get(id=2).to_dict(), "id": 1} == found.to_dict()


def test_odd_values(db: Database) -> None:
    text = "a\0b"
    db.kinds.create(id=1, t=text)
    assert db.kinds.get(t=text).x is None
    assert db.kinds.filter(t__in=[text, "z"]).count() == 1
    assert db.kinds.filter(big__lt=2**70, id__in=[1, 2**70]).count() == 0
    assert db.kinds.filter(id__lt=2**70).count() == 1
    for value in ("\ud800", math.inf):
        with pytest.raises(InvalidValue):
            db.kinds.create(t=value) if isinstance(value, str) else db.kinds.create(x=value)
    db.execute("UPDATE kinds SET x = 9e999")
    with pytest.raises(NotSupported, match="a stored number is infinite"):
        db.kinds.get(id=1)
    db.execute("UPDATE kinds SET x = 1, t = CAST(x'ff41' AS TEXT)")
    assert db.kinds.get(id=1).t == b"\xffA"
    with pytest.raises(NotSupported, match="is not valid UTF-8"), db.transaction():
        db.kinds.get(id=1)
    with pytest.raises(InvalidValue, match="beyond 64 bits"):
        db.execute("INSERT INTO kinds (big) VALUES (?)", [2**63])


@pytest.mark.parametrize(
    ("write", "error", "table", "columns"),
    [
        (lambda db: db.users.create(email="ann@x"), UniqueViolation, "users", ("email",)),
        (lambda db: db.users.create(id=1, email="z@x"), UniqueViolation, "users", ("id",)),
        (
            lambda db: db.execute("INSERT INTO users (name) VALUES ('x')"),
            NotNullViolation,
            "users",
            ("email",),
        ),
        (
            lambda db: db.execute("INSERT INTO users (email, age) VALUES ('y@x', -1)"),
            CheckViolation,
            "users",
            ("age",),
        ),
        (lambda db: db.posts.create(author_id=99, title="x"), ForeignKeyViolation, "posts", ("author_id",)),
        (lambda db: db.users.filter(pk=1).delete(), ForeignKeyViolation, None, ()),
        (lambda db: db.tags.create(name="root"), IntegrityError, "tags", ()),
    ],
)
def test_what_the_database_refuses(
    db: Database,
    write: Callable[[Database], Any],
    error: type[IntegrityError],
    table: str | None,
    columns: tuple[str, ...],
) -> None:
    db.users.filter(pk=2).update(manager_id=1)
    with pytest.raises(error) as caught:
        write(db)
    assert (caught.value.table, caught.value.columns) == (table, columns)
    assert caught.value.__cause__ is not None
    assert db.users.count() == 2
    # Within a transaction too, which goes on.
    with db.transaction():
        db.tags.create(name="before")
        with pytest.raises(error):
            write(db)
        db.tags.create(name="after")
    assert db.tags.count() == 2


def test_other_refusals(db: Database) -> None:
    with pytest.raises(InvalidValue, match="takes INTEGER and was given TEXT"):
        db.execute("INSERT INTO exact VALUES ('x')")
    with pytest.raises(InvalidValue, match="the key of tags is an integer"):
        db.execute("INSERT INTO \"tags\" (id, name) VALUES ('x', 'y')")
    with pytest.raises(ReadOnly):
        db.execute("INSERT INTO adults (email) VALUES ('x')")
    with pytest.raises(ReadOnly):
        db.adults.create(email="x")
    with pytest.raises(TableNotFound, match="did you mean 'users'"):
        db.execute("SELECT * FROM userz")
    with pytest.raises(FieldNotFound, match="did you mean 'email'"):
        db.execute("SELECT emial FROM users")
    with pytest.raises(QueryFailed, match="syntax error") as caught:
        db.execute("SELECT 'secret' FRM users WHERE")
    assert "secret" not in str(caught.value)
    with pytest.raises(UsageError, match="several statements"):
        db.execute("SELECT 1; SELECT 2")
    for sql in ("BEGIN", "ATTACH 'x' AS y", "PRAGMA foreign_keys = OFF"):
        with pytest.raises(NotSupported, match="changes the connection"):
            db.execute(sql)
    with pytest.raises(QueryFailed):
        db.execute("VACUUM")
    with pytest.raises(NotSupported, match="audit trail"):
        db.audit.enable("users")


def test_read_only(db: Database, url: str) -> None:
    with connect(url, readonly=True) as reader:
        assert reader.users.count() == 2
        for write in (
            lambda: reader.users.create(email="x"),
            lambda: reader.execute("DELETE FROM users"),
            lambda: reader.users.delete(all_rows=True),
        ):
            with pytest.raises(ReadOnly):
                write()


def test_transactions(db: Database, url: str) -> None:
    with connect(url) as other, pytest.raises(KeyError), db.transaction():
        db.users.filter(pk=1).update(name="Anna")
        with pytest.raises(UniqueViolation), db.transaction():
            db.tags.create(name="kept in no way")
            db.users.create(email="bob@x")
        with db.transaction():
            db.tags.create(name="sql")
            with pytest.raises(ValueError, match="undone"), db.transaction():
                db.tags.create(name="python")
                raise ValueError("undone")
        assert list(db.tags.values_list("name", flat=True)) == ["sql"]
        assert other.users.get(pk=1).name == "Ann"
        raise KeyError
    assert (db.users.get(pk=1).name, db.tags.count()) == ("Ann", 0)
    ran: list[int] = []
    with db.transaction() as transaction:
        db.tags.create(name="sql")
        transaction.on_commit(lambda: ran.append(db.tags.count()))
    assert ran == [1]
    for mode in ("deferred", "exclusive"):
        with db.transaction(mode=mode):
            assert db.users.count() == 2
            db.users.filter(pk=1).update(visits=F("visits") + 1)
    assert db.users.get(pk=1).visits == 2
    assert db.run_in_transaction(lambda: db.users.filter(pk=1).update(visits=0)) == 1


def test_a_key_that_is_looked_at_late(opened: Callable[..., Database]) -> None:
    db = opened("""
        CREATE TABLE a (id INTEGER PRIMARY KEY, b_id INTEGER REFERENCES b(id) DEFERRABLE INITIALLY DEFERRED);
        CREATE TABLE b (id INTEGER PRIMARY KEY)
    """)
    with pytest.raises(ForeignKeyViolation), db.transaction():
        db.a.create(b_id=5)
    assert db.a.count() == 0
    with db.transaction():
        db.a.create(b_id=5)
        db.b.create(id=5)
    assert db.a.count() == 1


def test_coroutines(db: Database) -> None:
    async def main() -> None:
        async with db.transaction():
            user = await db.users.acreate(email="cy@x")
            user.name = "Cy"
            await user.asave()
        assert (await db.users.aget(email="cy@x")).name == "Cy"
        await db.posts.abulk_create([{"author_id": user.pk, "title": str(number)} for number in range(20)])
        post = await db.posts.afirst()
        with pytest.raises(RelationNotLoaded):
            post.author  # noqa: B018 - touching it is what raises
        await post.aload("author")
        assert post.author.email == "cy@x"
        assert await db.users.filter(pk=user.pk).adelete() >= 1
        assert await db.aexecute("SELECT count(*) FROM posts") == [(0,)]

    asyncio.run(main())


def test_moments_are_computed(db: Database) -> None:
    db.kinds.create(id=1, m=datetime(2024, 2, 29, 1, 2, 3, 4), d=date(2024, 2, 29))
    query = db.kinds.annotate(later=F("m") + timedelta(days=1, microseconds=1), apart=F("m") - F("d"))
    found = query.values_list("later", "apart").get()
    assert found == (
        datetime(2024, 3, 1, 1, 2, 3, 5),
        timedelta(hours=1, minutes=2, seconds=3, microseconds=4),
    )
    with pytest.raises(NotSupported, match="libSQL has no"):
        list(db.kinds.filter(t__regex="a"))


def test_plans(db: Database) -> None:
    assert db.users.filter(email="ann@x").explain().startswith("SEARCH users USING INDEX")
