"""Writing: objects, many rows, upserts, what the database refuses, transactions.

Each test runs as on MariaDB, whose INSERT gives rows back, and as on MySQL, whose INSERT does not.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace

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
from noormme.engines.server.mysql.flavours import Flavour
from noormme.query.features import Features
from tests.mysql.server import new_database, run_script

SCRIPT = """
CREATE TABLE users (
    id int AUTO_INCREMENT PRIMARY KEY, email varchar(100) NOT NULL UNIQUE, name varchar(10),
    age int CHECK (age >= 0), visits int NOT NULL DEFAULT 0, mood enum('sad','ok') DEFAULT 'ok', manager_id int,
    initial varchar(1) AS (left(email, 1)) STORED, FOREIGN KEY (manager_id) REFERENCES users(id)
);
CREATE TABLE posts (
    id bigint AUTO_INCREMENT PRIMARY KEY, author_id int NOT NULL, title text NOT NULL,
    FOREIGN KEY (author_id) REFERENCES users(id) ON DELETE CASCADE
);
CREATE TABLE tags (id int AUTO_INCREMENT PRIMARY KEY, name varchar(20) NOT NULL UNIQUE);
CREATE TABLE post_tags (
    post_id bigint, tag_id int, PRIMARY KEY (post_id, tag_id),
    FOREIGN KEY (post_id) REFERENCES posts(id) ON DELETE CASCADE, FOREIGN KEY (tag_id) REFERENCES tags(id)
);
CREATE TABLE kinds (
    id int PRIMARY KEY, t text, b blob, f bool, d date, m datetime(6), c time(6), n decimal(30,9), u uuid, u2 char(36),
    j json, x double, s smallint, y year, bit1 bit, bit9 bit(9), big bigint unsigned, ip inet6, raw binary(3)
);
CREATE TABLE stamped (
    id int AUTO_INCREMENT PRIMARY KEY, name varchar(20),
    seen timestamp(6) NOT NULL DEFAULT current_timestamp(6) ON UPDATE current_timestamp(6)
);
CREATE TABLE names (id int AUTO_INCREMENT PRIMARY KEY, name varchar(20), changes int NOT NULL DEFAULT 0);
CREATE TRIGGER shout BEFORE INSERT ON names FOR EACH ROW SET NEW.name = upper(NEW.name), NEW.changes = NEW.changes + 1;
CREATE TRIGGER louder BEFORE UPDATE ON names FOR EACH ROW SET NEW.name = upper(NEW.name), NEW.changes = OLD.changes + 1;
CREATE TABLE filled (id int AUTO_INCREMENT PRIMARY KEY, n int NOT NULL, code varchar(9) NOT NULL, note text NOT NULL);
CREATE TRIGGER fill BEFORE INSERT ON filled FOR EACH ROW BEGIN
    SET NEW.code = concat('c', NEW.n); SET NEW.note = 'n';
END;
CREATE TABLE drawn (id char(36) PRIMARY KEY, n int);
CREATE TRIGGER draw BEFORE INSERT ON drawn FOR EACH ROW SET NEW.id = uuid();
CREATE TABLE places (id int AUTO_INCREMENT PRIMARY KEY, shape geometry);
CREATE TABLE blobs (id int AUTO_INCREMENT PRIMARY KEY, text longtext);
CREATE TABLE tokens (code char(36) PRIMARY KEY DEFAULT uuid(), n int DEFAULT (1 + 1));
CREATE TABLE shards (shard int, id int AUTO_INCREMENT, note text, PRIMARY KEY (shard, id), KEY (id));
"""

TABLES = [
    "post_tags",
    "posts",
    "tags",
    "users",
    "kinds",
    "stamped",
    "names",
    "tokens",
    "shards",
    "filled",
    "blobs",
    "drawn",
    "places",
]
FIRST_ROWS = (
    "INSERT INTO users (id, email, name, age) VALUES (1, 'ann@x', 'Ann', 40), (2, 'bob@x', 'Bob', 17)"
)


@pytest.fixture(scope="module")
def made(server: str) -> Iterator[str]:
    """The URL of a database with the tables."""
    with new_database(server) as url:
        run_script(url, SCRIPT)
        yield url


@pytest.fixture
def url(made: str) -> str:
    """The same, with the first rows and no others: making tables anew is what would take long."""
    emptied = ";".join(f"DELETE FROM {name}" for name in TABLES)
    run_script(made, f"SET foreign_key_checks = 0; BEGIN; {emptied}; {FIRST_ROWS}; COMMIT")
    return made


@pytest.fixture(params=["as MariaDB", "as MySQL"])
def db(request: pytest.FixtureRequest, url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    usual = Flavour.features
    if request.param == "as MySQL":

        def features(flavour: Flavour) -> Features:
            return replace(usual.fget(flavour), returns_inserted=False)

        monkeypatch.setattr(Flavour, "features", property(features))
    with connect(url) as db:
        if db._engine.dialect.features.returns_inserted is not (request.param == "as MariaDB"):
            pytest.skip("this server is MySQL")
        yield db


def test_objects(db: Database) -> None:
    cy = db.users.create(email="cy@x", name="Cy")
    assert (cy.visits, cy.mood, cy.initial) == (0, "ok", "c")
    assert db.users.get(email="cy@x").id == cy.id > 2
    cy.age, cy.email = 30, "dan@x"
    cy.save()
    assert (cy.initial, db.users.get(email="dan@x")) == ("d", cy)
    cy.update(name="Cyd")
    db.users.filter(pk=cy.pk).update(age=F("age") + 1)
    cy.refresh()
    assert (cy.name, cy.age) == ("Cyd", 31)
    assert db.users.filter(pk=cy.pk).update(name="Cyd") == 1
    cy.save(force_insert=False)
    cy.delete()
    assert db.users.count() == 2
    given = db.users.create(id=cy.id + 1000, email="e@x").id
    assert given == db.users.get(email="e@x").id == cy.id + 1000
    assert db.users.create(email="f@x").id == given + 1
    assert db.users.create(id=0, email="zero@x").id == db.users.get(email="zero@x").id == 0


def test_statements(db: Database) -> None:
    with db.capture() as statements:
        db.tags.create(name="red")
        db.posts.create(author_id=1, title="x").update(title="y")
    assert [" ".join(each.statement.split()) for each in statements] == [
        "INSERT INTO `tags` (`name`) VALUES (%s)",
        "INSERT INTO `posts` (`author_id`, `title`) VALUES (%s, %s)",
        "UPDATE `posts` SET `title`=%s WHERE `posts`.`id` = %s",
    ]


def test_what_the_database_sets_at_a_change(db: Database) -> None:
    made = db.stamped.create(name="a")
    first = made.seen
    assert first == db.stamped.get(pk=made.pk).seen
    made.name = "b"
    made.save()
    assert made.seen == db.stamped.get(pk=made.pk).seen
    assert made.seen > first
    fixed = datetime(2020, 1, 1)
    made.update(name="c", seen=fixed)
    assert (made.seen, db.stamped.get(pk=made.pk).seen) == (fixed, fixed)
    made.name = "d"
    with db.transaction() as transaction:
        made.save()
        assert made.seen > fixed
        transaction.rollback()
    assert made.seen == fixed
    db.stamped.bulk_update([made], ["name"])
    assert made.seen == db.stamped.get(pk=made.pk).seen > fixed


def test_rows_that_a_trigger_rewrites(db: Database) -> None:
    ann = db.names.create(name="ann")
    assert (ann.name, ann.changes) == ("ANN", 1)
    ann.name = "anna"
    ann.save()
    assert (ann.name, ann.changes) == ("ANNA", 2)
    assert [each.name for each in db.names.bulk_create([{"name": "bob"}, {"name": "cy"}])] == ["BOB", "CY"]
    assert db.names.upsert([{"id": ann.id, "name": "x"}], on=["id"]).updated[0].name == "X"


def test_what_a_trigger_fills_in(db: Database) -> None:
    made = db.filled.create(n=1)
    assert (made.code, made.note) == ("c1", "n")
    assert db.filled.create(n=2, code="x", note=None).code == "c2"
    assert [each.note for each in db.filled.bulk_create([{"n": 3}, {"n": 4}])] == ["n", "n"]
    with pytest.raises(NotNullViolation) as caught:
        db.filled.create(code="x")
    assert (caught.value.table, caught.value.columns) == ("filled", ("n",))
    if db._engine.dialect.features.returns_inserted:
        drawn = db.drawn.create(n=1)
        assert db.drawn.get(n=1).pk == drawn.pk
    else:
        with pytest.raises(NotSupported, match=r"drawn\.id"):
            db.drawn.create(n=1)
        assert db.drawn.count() == 0


SHAPES = [
    "POINT(1.5 -2)",
    "SRID=4326;POINT(8.5 47.4)",
    "LINESTRING(0 0,1 1,2.25 1e-07)",
    "POLYGON((0 0,4 0,4 4,0 4,0 0),(1 1,2 1,2 2,1 1))",
    "MULTIPOINT(0 0,1 2)",
    "MULTILINESTRING((0 0,1 1),(2 2,3 3))",
    "MULTIPOLYGON(((0 0,1 0,1 1,0 0)),((5 5,6 5,6 6,5 5)))",
    "GEOMETRYCOLLECTION(POINT(1 2),LINESTRING(0 0,1 1))",
]


def test_shapes(db: Database) -> None:
    made = db.places.bulk_create([{"shape": text} for text in SHAPES])
    assert [db.places.get(pk=each.pk).shape for each in made] == SHAPES
    assert db.places.filter(shape=SHAPES[0]).get() == made[0]
    for text in SHAPES:
        plain = text.rpartition(";")[2]
        same = "SELECT count(*) FROM places WHERE ST_AsBinary(shape) = ST_AsBinary(ST_GeomFromText(?))"
        assert db.execute(same, [plain]) == [(1,)], text
    several = db.places.create(shape="multipoint((3 4), (5 6))")
    several.refresh()
    assert several.shape == "MULTIPOINT(3 4,5 6)"
    made[0].update(shape=None)
    assert db.places.get(pk=made[0].pk).shape is None
    for wrong in ("POINT(1)", "CIRCLE(1 2)", "POINT(1 2) x", "POINT(1 2", "", 5, "POINT(a b)", "POINT(1 2;"):
        with pytest.raises(InvalidValue, match="no shape"):
            db.places.create(shape=wrong)


def test_keys_that_the_database_makes(db: Database) -> None:
    if db._engine.dialect.features.returns_inserted:
        made = db.tokens.create()
        assert db.tokens.get(pk=made.code).n == made.n == 2
        many = db.tokens.bulk_create([{"n": 1}, {"n": 3}])
        assert [db.tokens.get(pk=each.code).n for each in many] == [1, 3]
    else:
        with pytest.raises(NotSupported, match=r"tokens\.code.*give it: create\(code=…\)"):
            db.tokens.create()
        assert db.tokens.count() == 0
    assert db.tokens.create(code="x").n == 2
    first, second = db.shards.create(shard=1, note="a"), db.shards.create(shard=2, note="b")
    assert db.shards.get(pk=(2, second.id)).note == "b"
    assert first.id != second.id


VALUES = {
    "t": "é%_\\'\"\n\0😀",
    "b": b"\x00\xff'\\%s",
    "f": True,
    "d": date(2024, 2, 29),
    "m": datetime(2024, 2, 29, 1, 2, 3, 4),
    "c": time(23, 59, 59, 999999),
    "n": Decimal("12345678901234567890.123456789"),
    "u": UUID(int=5),
    "u2": str(UUID(int=6)),
    "j": {"a": [1, None, "x"], "é": 1.5},
    "x": 0.1,
    "s": -32768,
    "y": 2024,
    "bit1": True,
    "bit9": 300,
    "big": 2**64 - 1,
    "ip": "::ffff:10.0.0.1",
    "raw": b"abc",
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
    many = db.kinds.bulk_create([{"id": 3, **VALUES}, {"id": 4, **VALUES}])
    assert {**db.kinds.get(id=4).to_dict(), "id": 1} == found.to_dict() == {**many[0].to_dict(), "id": 1}


def test_values_that_are_converted(db: Database) -> None:
    row = db.kinds.create(
        id="1",
        m=datetime(2024, 1, 1, 12, tzinfo=timezone(timedelta(hours=2))),
        n="1.50",
        f=1,
        d="2024-01-31",
        u="00000000-0000-0000-0000-000000000005",
        x=2,
    )
    row.refresh()
    assert row.m == datetime(2024, 1, 1, 10)
    assert (row.n, row.f, row.d, row.u, row.x) == (Decimal("1.50"), True, date(2024, 1, 31), UUID(int=5), 2.0)


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
    with pytest.raises(error):
        db.users.bulk_create([{"email": "first@x"}, values, {"email": "last@x"}])
    assert db.users.count() == 2


@pytest.mark.parametrize(
    "values",
    [{"mood": "secret"}, {"age": 2**40}, {"name": "secret" * 5}, {"age": "secret"}, {"name": "\ud800"}],
)
def test_values_that_do_not_fit(db: Database, values: dict[str, Any]) -> None:
    with pytest.raises(InvalidValue) as caught:
        db.users.create(email="c@x", **values)
    assert "secret" not in str(caught.value)
    with pytest.raises(InvalidValue):
        db.users.bulk_create([{"email": "c@x", **values}, {"email": "d@x", **values}])


def test_a_row_that_is_pointed_at(db: Database) -> None:
    ann, bob = db.users.order_by("id")
    bob.update(manager_id=ann.pk)
    with pytest.raises(ForeignKeyViolation):
        ann.delete()
    db.posts.create(author_id=bob.pk, title="x")
    bob.delete()
    assert db.posts.count() == 0


def test_many_rows(db: Database) -> None:
    with db.capture() as statements:
        made = db.users.bulk_create([{"email": f"{n}%s@x", "age": n} for n in range(500)])
    assert sum(str(each).startswith("INSERT") for each in statements) == 500
    assert [user.age for user in made] == list(range(500))
    assert len({user.id for user in made}) == 500
    assert {user.id: user.email for user in made} == dict(
        db.users.filter(age__isnull=False, email__endswith="%s@x").values_list("id", "email")
    )
    assert made[7].initial == "7"
    for user in made:
        user.age += 1
    assert db.users.bulk_update(made, ["age"]) == 500
    assert db.users.filter(pk__in=[user.pk for user in made], age__gt=100).count() == 400
    deleted = db.users.filter(email__endswith="9%s@x").delete()
    assert db.users.count() == 502 - 50
    assert deleted == 50
    tags = db.tags.bulk_create([{"name": f"{n}"} for n in range(100)])
    assert [db.tags.get(pk=tag.pk).name for tag in tags[::20]] == [tag.name for tag in tags[::20]]
    mixed = db.tags.bulk_create([{"name": "a"}, {"id": 5000, "name": "b"}, {"name": "c"}])
    assert [db.tags.get(name=tag.name).pk for tag in mixed] == [tag.pk for tag in mixed]


def test_one_row_among_many(db: Database) -> None:
    [red] = db.tags.bulk_create([{"name": "red"}])
    [ann] = db.users.bulk_create([{"email": "one@x"}])
    assert (db.tags.get(pk=red.pk).name, db.users.get(pk=ann.pk).email) == ("red", "one@x")
    # Too long to go together with the first.
    long, short = "x" * 600_000, "y"
    made = db.posts.bulk_create([{"author_id": 1, "title": text} for text in (short, "z" * 60_000)])
    assert [db.posts.get(pk=post.pk).title[0] for post in made] == ["y", "z"]
    blobs = db.blobs.bulk_create([{"text": short}, {"text": long}, {"text": short}])
    assert [len(db.blobs.get(pk=blob.pk).text) for blob in blobs] == [1, 600_000, 1]


def test_a_statement_that_is_larger_than_the_server_takes(db: Database) -> None:
    text = "x" * 20_000_000
    for write in (
        lambda: db.blobs.create(text=text),
        lambda: db.blobs.bulk_create([{"text": "y"}, {"text": text}]),
        lambda: db.blobs.filter(pk=1).update(text=text),
        lambda: db.blobs.filter(text=text).count(),
        lambda: db.execute("SELECT ?", [text]),
    ):
        with pytest.raises(InvalidValue, match="max_allowed_packet"):
            write()
    assert db.blobs.count() == 0


def test_many_rows_that_are_large(db: Database) -> None:
    texts = ["é" * 70_000 + str(n) for n in range(12)]
    made = db.posts.bulk_create(
        [{"author_id": 1, "title": "x"}] + [{"author_id": 1, "title": t[:30_000]} for t in texts]
    )
    assert dict(db.posts.values_list("id", "title")) == {post.id: post.title for post in made}
    kinds = db.kinds.bulk_create([{"id": n, "b": bytes([n]) * 60_000} for n in range(20)])
    assert all(db.kinds.get(pk=kind.pk).b == kind.b for kind in kinds[::6])


def test_numbers_that_are_apart(db: Database) -> None:
    with db.transaction():
        db._engine.session().run("SET SESSION auto_increment_increment = 10")
        try:
            tags = db.tags.bulk_create([{"name": name} for name in "abcd"])
        finally:
            db._engine.session().run("SET SESSION auto_increment_increment = DEFAULT")
        assert {tag.pk: tag.name for tag in tags} == dict(db.tags.values_list("id", "name"))
        assert tags[1].pk - tags[0].pk == 10


def test_upserts(db: Database) -> None:
    done = db.users.upsert(
        [{"email": "ann@x", "name": "Anna"}, {"email": "cy@x", "name": "Cy"}], on=["email"]
    )
    assert ([user.name for user in done.inserted], [user.name for user in done.updated]) == (["Cy"], ["Anna"])
    assert (done.updated[0].age, done.updated[0].initial) == (40, "a")
    with pytest.raises(UniqueViolation):
        # Its own key is new, so the other one that it meets is an error.
        db.users.upsert([{"id": 77, "email": "ann@x", "name": "X"}], on=["id"])
    assert db.users.get(email="ann@x").name == "Anna"
    taken = db.users.bulk_create([{"email": "ann@x"}, {"email": "new@x"}], ignore_conflicts=True)
    assert [user.name for user in taken] == ["Anna", None]
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


def test_a_coroutine_writes(db: Database) -> None:
    async def main() -> None:
        made = await db.users.acreate(email="c@x")
        assert made.initial == "c"
        made.email = "d@x"
        await made.asave()
        assert made.initial == "d"
        async with db.transaction():
            await db.posts.acreate(author_id=made.pk, title="One")
        post = await db.posts.aget(title="One")
        with pytest.raises(RelationNotLoaded):
            _ = post.author
        await post.aload("author")
        assert post.author == made

    asyncio.run(main())


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
        with pytest.raises(UniqueViolation):
            db.users.create(email="ann@x")
        db.users.create(email="c@x")
    assert db.users.count() == 3


def test_a_statement_that_would_end_the_transaction(db: Database) -> None:
    with db.transaction() as transaction:
        db.users.create(email="c@x")
        with pytest.raises(TransactionError, match="CREATE would commit the transaction"):
            db.execute("CREATE TABLE more (id int)")
        with pytest.raises(TransactionError, match="ANALYZE would commit"):
            db.execute("-- again\n /* and */ ANALYZE TABLE users")
        db.execute("CREATE TEMPORARY TABLE passing (id int)")
        transaction.rollback()
    assert db.users.count() == 2
    db.execute("CREATE TABLE more (id int)")
    db.execute("DROP TABLE more")


def meet(db: Database, ran: Callable[[Callable[[], None]], object]) -> list[int]:
    """Two transactions that each lock a row and then want the other's, so that one of them is undone."""
    tries: list[int] = []
    barrier = threading.Barrier(2)

    def work(own: int, other: int) -> None:
        tries.append(own)
        db.users.filter(pk=own).update(visits=F("visits") + 1)
        if len(tries) <= 2:
            barrier.wait(20)
        db.users.filter(pk=other).update(visits=F("visits") + 1)

    threads = [
        threading.Thread(target=ran, args=(lambda pair=pair: work(*pair),)) for pair in ((1, 2), (2, 1))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return tries


def test_transactions_that_meet_are_tried_again(db: Database) -> None:
    tries = meet(db, db.run_in_transaction)
    assert len(tries) == 3
    assert set(db.users.values_list("visits", flat=True)) == {2}


def test_nothing_is_written_outside_of_a_transaction_that_the_server_has_undone(db: Database) -> None:
    caught: list[type[Exception]] = []

    def stubborn(work: Callable[[], None]) -> None:
        try:
            with db.transaction():
                try:
                    with db.transaction():
                        work()
                except DatabaseLocked:
                    # The server has undone what was written here before.
                    with pytest.raises(DatabaseLocked, match="has undone it"):
                        db.users.create(email="outside@x")
                    raise KeyError from None
        except KeyError:
            caught.append(KeyError)

    def swallowing(work: Callable[[], None]) -> None:
        try:
            with db.transaction():
                try:
                    work()
                except DatabaseLocked:
                    caught.append(ValueError)
        except DatabaseLocked:
            caught.append(DatabaseLocked)

    meet(db, stubborn)
    assert caught == [KeyError]
    caught.clear()
    meet(db, swallowing)
    assert caught == [ValueError, DatabaseLocked]
    assert set(db.users.values_list("email", "visits")) == {("ann@x", 2), ("bob@x", 2)}


def test_rows_can_be_locked(db: Database, url: str) -> None:
    with connect(url) as other, db.transaction():
        ann = db.users.select_for_update().get(email="ann@x")
        with pytest.raises(DatabaseLocked), other.transaction():
            other.users.select_for_update(nowait=True).get(pk=ann.pk)
        free = other.users.order_by("id").select_for_update(skip_locked=True)
        with other.transaction():
            assert [user.email for user in free] == ["bob@x"]
        assert other.users.count() == 2


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


def test_keys_of_rows_that_many_insert_at_once(db: Database) -> None:
    made: list[Any] = []

    def make(which: int) -> None:
        made.extend(db.tags.bulk_create([{"name": f"{which}/{n}"} for n in range(100)]))

    threads = [threading.Thread(target=make, args=(which,)) for which in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert {tag.pk: tag.name for tag in made} == dict(db.tags.values_list("id", "name"))
    assert len(made) == 400


def test_reading_only(db: Database, url: str) -> None:
    with connect(url, readonly=True) as reader:
        with pytest.raises(ReadOnly):
            reader.users.create(email="c@x")
        with pytest.raises(ReadOnly):
            reader.execute("DELETE FROM users")
        assert reader.users.count() == 2


def test_keys_that_a_trigger_gives_are_those_of_their_objects(opened: Callable[..., Database]) -> None:
    db = opened(
        "CREATE TABLE seats (id int PRIMARY KEY AUTO_INCREMENT, n int);"
        "CREATE TRIGGER numbered BEFORE INSERT ON seats FOR EACH ROW SET NEW.id = NEW.n * 100"
    )
    seats = db.seats.bulk_create([{"n": n} for n in (1, 5, 7)])
    assert [(seat.id, seat.n) for seat in seats] == [(100, 1), (500, 5), (700, 7)]
