"""Writing: objects, many rows, upserts, what the database refuses, transactions."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from noormme import (
    CheckViolation,
    Database,
    DatabaseLocked,
    F,
    ForeignKeyViolation,
    InvalidValue,
    NotNullViolation,
    NotSupported,
    ReadOnly,
    RelationNotLoaded,
    TransactionError,
    UniqueViolation,
    connect,
)

SCRIPT = """
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE TABLE users (
    id serial PRIMARY KEY, email text NOT NULL UNIQUE, name varchar(10), age int CHECK (age >= 0),
    visits int NOT NULL DEFAULT 0, mood mood DEFAULT 'ok', manager_id int REFERENCES users(id)
);
CREATE TABLE posts (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    author_id int NOT NULL REFERENCES users(id) ON DELETE CASCADE, title text NOT NULL
);
CREATE TABLE tags (id serial PRIMARY KEY, name text NOT NULL UNIQUE);
CREATE TABLE post_tags (
    post_id bigint REFERENCES posts(id) ON DELETE CASCADE, tag_id int REFERENCES tags(id), PRIMARY KEY (post_id, tag_id)
);
CREATE TABLE kinds (
    id int PRIMARY KEY, t text, b bytea, f boolean, d date, m timestamp, z timestamptz, c time, i interval,
    n numeric, u uuid, j jsonb, k json, a int[], r real, x double precision, s smallint, ip inet, words text[]
);
INSERT INTO users (email, name, age) VALUES ('ann@x', 'Ann', 40), ('bob@x', 'Bob', 17);
"""


@pytest.fixture
def db(opened: Callable[..., Database]) -> Database:
    return opened(SCRIPT)


def test_objects(db: Database) -> None:
    cy = db.users.create(email="cy@x", name="Cy")
    assert (cy.id, cy.visits, cy.mood) == (3, 0, "ok")
    cy.age, cy.mood = 30, "sad"
    with db.capture() as statements:
        cy.save()
    assert [" ".join(each.statement.split()) for each in statements] == [
        'UPDATE "users" SET "age"=$1, "mood"=$2 WHERE "users"."id" = $3'
    ]
    assert db.users.get(mood="sad") == cy
    cy.update(name="Cyd")
    db.users.filter(pk=cy.pk).update(age=F("age") + 1)
    cy.refresh()
    assert (cy.name, cy.age) == ("Cyd", 31)
    cy.delete()
    assert db.users.count() == 2


def test_rows_that_a_trigger_rewrites(opened: Callable[..., Database]) -> None:
    db = opened("""
        CREATE TABLE names (id serial PRIMARY KEY, name text, changes int NOT NULL DEFAULT 0);
        CREATE FUNCTION shout() RETURNS trigger LANGUAGE plpgsql AS
            'BEGIN NEW.name := upper(NEW.name); NEW.changes := NEW.changes + 1; RETURN NEW; END';
        CREATE TRIGGER shout BEFORE INSERT OR UPDATE ON names FOR EACH ROW EXECUTE FUNCTION shout();
    """)
    ann = db.names.create(name="ann")
    assert (ann.name, ann.changes) == ("ANN", 1)
    ann.name = "anna"
    ann.save()
    assert (ann.name, ann.changes) == ("ANNA", 2)
    assert [each.name for each in db.names.bulk_create([{"name": "bob"}, {"name": "cy"}])] == ["BOB", "CY"]
    assert db.names.upsert([{"id": ann.id, "name": "x"}], on=["id"]).updated[0].name == "X"


VALUES = {
    "t": "é%_\\'\"",
    "b": b"\x00\xff",
    "f": True,
    "d": date(2024, 2, 29),
    "m": datetime(2024, 2, 29, 1, 2, 3, 4),
    "z": datetime(2024, 2, 29, 1, 2, 3, 4, tzinfo=UTC),
    "c": time(23, 59, 59, 999999),
    "i": timedelta(days=2, microseconds=5),
    "n": Decimal("12345678901234567890.123456789"),
    "u": UUID(int=5),
    "j": {"a": [1, None, "x"], "é": 1.5},
    "k": [{"b": None}],
    "a": [1, 2, 3],
    "r": 0.5,
    "x": 0.1,
    "s": -32768,
    "ip": "10.0.0.1",
    "words": ["a,b", 'c"d', "\\", "NULL", ""],
}


def test_values_of_all_kinds(db: Database) -> None:
    made = db.kinds.create(id=1, **VALUES)
    found = db.kinds.get(id=1)
    for name, value in VALUES.items():
        assert (getattr(made, name), getattr(found, name)) == (value, value), name
        assert db.kinds.filter(**{name: value}).count() == 1, name
        assert db.kinds.exclude(**{name: value}).count() == 0, name
        if name not in ("a", "words"):
            assert db.kinds.filter(**{f"{name}__in": [value]}).count() == 1, name
    db.kinds.create(id=2)
    assert all(getattr(db.kinds.get(id=2), name) is None for name in VALUES)
    assert db.kinds.filter(pk=2).update(**VALUES) == 1
    assert {**db.kinds.get(id=2).to_dict(), "id": 1} == found.to_dict()


def test_values_that_are_converted(db: Database) -> None:
    row = db.kinds.create(
        id="1",
        m=datetime(2024, 1, 1, 12, tzinfo=timezone(timedelta(hours=2))),
        z=datetime(2024, 1, 1, 12),
        n="1.50",
        f=1,
        d="2024-01-31",
        u="00000000-0000-0000-0000-000000000005",
        x=2,
    )
    row.refresh()
    assert row.m == datetime(2024, 1, 1, 10)
    assert row.z == datetime(2024, 1, 1, 12, tzinfo=UTC)
    assert (row.n, row.f, row.d, row.u, row.x) == (Decimal("1.50"), True, date(2024, 1, 31), UUID(int=5), 2.0)


def test_the_time_zone_of_the_settings(opened: Callable[..., Database]) -> None:
    db = opened(SCRIPT, timezone="Europe/Berlin")
    row = db.kinds.create(id=1, m=datetime(2024, 7, 1, 12), z=datetime(2024, 7, 1, 12))
    row.refresh()
    assert row.m.isoformat() == "2024-07-01T12:00:00+02:00"
    assert row.z.isoformat() == "2024-07-01T12:00:00+02:00"
    assert db.kinds.filter(z__hour=12, m__hour=12).count() == 1


def test_what_no_value_of_python_can_hold(db: Database) -> None:
    db.execute("INSERT INTO kinds (id, d, m, i) VALUES (1, 'infinity', '0044-03-15 BC', '1 year')")
    with pytest.warns(UserWarning, match="is returned as it is stored"):
        row = db.kinds.get(id=1)
    assert (row.d, row.m) == ("infinity", "0044-03-15 00:00:00 BC")
    db.refresh()
    with pytest.warns(UserWarning, match="is returned as it is stored"):
        rows = list(db.kinds.all())
    assert [row.d for row in rows] == ["infinity"]


@pytest.mark.parametrize(
    ("values", "error", "columns", "message"),
    [
        ({"email": "ann@x"}, UniqueViolation, ("email",), "users(email) must be unique"),
        ({"email": "c@x", "age": -1}, CheckViolation, ("age",), "users.age must be at least 0"),
        ({"name": "C"}, NotNullViolation, ("email",), "users.email must have a value"),
        (
            {"email": "c@x", "manager_id": 99},
            ForeignKeyViolation,
            ("manager_id",),
            "users.manager_id refers to",
        ),
    ],
)
def test_constraints(
    db: Database, values: dict[str, Any], error: type[Any], columns: tuple[str, ...], message: str
) -> None:
    with pytest.raises(error) as caught:
        db.users.create(**values)
    assert (caught.value.table, caught.value.columns) == ("users", columns)
    assert str(caught.value).startswith(message)
    assert "ann@x" not in str(caught.value)


@pytest.mark.parametrize(
    "values",
    [{"mood": "secret"}, {"age": 2**40}, {"name": "secret" * 5}, {"age": "secret"}, {"name": "a\0b"}],
)
def test_values_that_do_not_fit(db: Database, values: dict[str, Any]) -> None:
    with pytest.raises(InvalidValue) as caught:
        db.users.create(email="c@x", **values)
    assert "secret" not in str(caught.value)


def test_a_row_that_is_pointed_at(db: Database) -> None:
    ann, bob = db.users.order_by("id")
    bob.update(manager_id=ann.pk)
    with pytest.raises(ForeignKeyViolation):
        ann.delete()
    db.posts.create(author_id=bob.pk, title="x")
    bob.delete()
    assert db.posts.count() == 0


def test_many_rows(db: Database) -> None:
    made = db.users.bulk_create([{"email": f"{n}@x", "age": n} for n in range(500)])
    assert [user.age for user in made] == list(range(500))
    assert len({user.id for user in made}) == 500
    for user in made:
        user.age += 1
    assert db.users.bulk_update(made, ["age"]) == 500
    assert db.users.filter(pk__in=[user.pk for user in made], age__gt=100).count() == 400
    deleted = db.users.filter(email__endswith="9@x").delete()
    assert db.users.count() == 502 - 50
    assert deleted


def test_upserts(db: Database) -> None:
    done = db.users.upsert(
        [{"email": "ann@x", "name": "Anna"}, {"email": "cy@x", "name": "Cy"}], on=["email"]
    )
    assert ([user.name for user in done.inserted], [user.name for user in done.updated]) == (["Cy"], ["Anna"])
    assert db.users.get_or_create(email="cy@x")[1] is False
    assert db.users.update_or_create(email="dan@x", defaults={"name": "Dan"})[1] is True
    assert db.users.update_or_create(email="dan@x", defaults={"name": "Dana"})[0].name == "Dana"


def test_many_to_many(db: Database) -> None:
    post = db.posts.create(author_id=1, title="One")
    red, blue = db.tags.bulk_create([{"name": "red"}, {"name": "blue"}])
    post.tags.add(red, blue)
    post.tags.add(red)
    assert sorted(tag.name for tag in post.tags.all()) == ["blue", "red"]
    post.tags.remove(red)
    assert [each.title for each in blue.posts.all()] == ["One"]


def test_a_coroutine_waits_only_where_it_says_so(db: Database) -> None:
    db.posts.bulk_create([{"author_id": 1, "title": "One"}, {"author_id": 2, "title": "Two"}])

    async def main() -> None:
        first, second = await db.posts.order_by("id")
        with pytest.raises(RelationNotLoaded, match=r"await item\.aload\('author'\)"):
            _ = first.author
        await first.aload("author")
        assert (first.author.email, second.author.email) == ("ann@x", "bob@x")
        assert [post.title async for post in first.author.posts.all()] == ["One"]
        short = await db.posts.only("author_id").afirst()
        with pytest.raises(RelationNotLoaded, match="field 'title'"):
            _ = short.title
        await short.aload("title")
        assert short.title == "One"

    asyncio.run(main())
    assert db.posts.first().author.email == "ann@x"


def test_transactions(db: Database) -> None:
    with pytest.raises(KeyError), db.transaction():
        db.users.create(email="c@x")
        assert db.users.count() == 3
        with db.transaction() as inner:
            db.users.create(email="d@x")
            inner.rollback()
        with pytest.raises(UniqueViolation), db.transaction():
            db.users.create(email="c@x")
        assert db.users.count() == 3
        raise KeyError
    assert db.users.count() == 2
    with db.transaction():
        db.users.create(email="c@x")
        assert [user.email for user in db.users.order_by("-id").iterator()][0] == "c@x"
    assert db.users.count() == 3


def test_a_transaction_in_which_a_statement_failed(db: Database) -> None:
    with pytest.raises(TransactionError, match="a block of its own"), db.transaction():
        with pytest.raises(UniqueViolation):
            db.users.create(email="ann@x")
        db.users.count()
    assert db.users.count() == 2


def test_transactions_that_meet_are_tried_again(db: Database) -> None:
    tries = 0
    barrier = threading.Barrier(2)

    def add() -> None:
        nonlocal tries
        tries += 1
        user = db.users.get(email="ann@x")
        if tries <= 2:
            barrier.wait(10)
        user.visits += 1
        user.save()

    threads = [
        threading.Thread(target=lambda: db.run_in_transaction(add, mode="exclusive")) for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert db.users.get(email="ann@x").visits == 2
    assert tries == 3


def test_rows_can_be_locked(db: Database, url: str) -> None:
    with connect(url) as other, db.transaction():
        ann = db.users.select_for_update().select_related("manager").get(email="ann@x")
        with pytest.raises(DatabaseLocked), other.transaction():
            other.users.select_for_update(nowait=True).get(pk=ann.pk)
        free = other.users.order_by("id").select_for_update(skip_locked=True, no_key=True)
        with other.transaction():
            assert [user.email for user in free] == ["bob@x"]
        assert other.users.count() == 2
    assert free.sql().statement.endswith('FOR NO KEY UPDATE OF "users" SKIP LOCKED')
    with pytest.raises(NotSupported, match="rows of relations"):
        db.users.select_for_update(of=("manager",))


def test_one_of_many_makes_it(db: Database) -> None:
    made: list[bool] = []

    def make() -> None:
        made.append(db.users.get_or_create(email="new@x")[1])

    threads = [threading.Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(made) == [False] * 7 + [True]


def test_a_key_that_only_the_database_gives(db: Database) -> None:
    with pytest.raises(ReadOnly, match="the database fills this column in"):
        db.posts.create(id=5, author_id=1, title="x")


def test_reading_only(db: Database) -> None:
    with connect(db._engine._url, readonly=True) as reader:
        with pytest.raises(ReadOnly):
            reader.users.create(email="c@x")
        with pytest.raises(ReadOnly):
            reader.execute("DELETE FROM users")
        assert reader.users.count() == 2


def test_retries_end(db: Database) -> None:
    def fail() -> None:
        raise DatabaseLocked("again")

    with pytest.raises(DatabaseLocked):
        db.run_in_transaction(fail, retries=1, backoff_s=0.001)
