"""Many rows at once: COPY where it does what INSERT would, pipelines where it does not."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from secrets import token_hex
from typing import Any
from uuid import UUID

import psycopg
import pytest

from noormme import (
    Database,
    IntegrityError,
    InvalidValue,
    NotNullViolation,
    ReadOnly,
    UniqueViolation,
    connect,
)
from tests.postgresql.test_writing import SCRIPT, VALUES


def statements(db: Database, act: Callable[[], Any]) -> list[str]:
    """The beginnings of the statements that are run, without those that are the same as before."""
    with db.capture() as captured:
        act()
    found: list[str] = []
    for each in captured:
        text = " ".join(each.statement.split()[:3]).partition("(")[0].strip()
        if not found or found[-1] != text:
            found.append(text)
    return found


@pytest.fixture
def db(opened: Callable[..., Database]) -> Database:
    return opened(
        SCRIPT
        + """
        CREATE TABLE events (
            id bigserial PRIMARY KEY, name text NOT NULL, price numeric DEFAULT 1.50, state text DEFAULT 'new',
            made timestamptz NOT NULL DEFAULT now(), shout text GENERATED ALWAYS AS (upper(name)) STORED
        );
        CREATE TABLE tokens (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name text);
        CREATE SEQUENCE odd INCREMENT BY 5 START 3;
        CREATE TABLE odds (id bigint PRIMARY KEY DEFAULT nextval('odd'), name text);
        CREATE SCHEMA "other one";
        CREATE TABLE "other one"."a.b" ("Id" smallserial PRIMARY KEY, "Full Name" text);
        """
    )


def test_rows_are_copied_with_their_keys(db: Database) -> None:
    model = db.model("users")
    users = [model(email=f"{n}@x", name=f"N{n}", age=n) for n in range(2_500)]
    ran = statements(db, lambda: db.users.bulk_create(users))
    assert ran[:2] == ["WITH sequence AS", 'COPY "users"']
    assert [user.id for user in users] == list(range(3, 2_503))
    assert (users[0].visits, users[0].mood) == (0, "ok")
    stored = {user.email: user for user in db.users.filter(id__gt=2)}
    assert all(stored[user.email].to_dict() == user.to_dict() for user in users)
    users[7].update(name="seven")
    assert db.users.get(email="7@x").name == "seven"


def test_what_only_the_database_knows_is_read_afterwards(db: Database) -> None:
    before = datetime.now(UTC)
    made = db.events.bulk_create([{"name": f"é{n}"} for n in range(30)])
    found = {row.id: row.to_dict() for row in db.events.all()}
    assert [found[row.id] for row in made] == [row.to_dict() for row in made]
    assert {row.shout for row in made} == {f"É{n}" for n in range(30)}
    assert all(row.made > before and row.state == "new" for row in made)
    mixed = db.events.bulk_create([{"name": "a"}, {"name": "b", "made": before}, {"name": "c", "id": 900}])
    assert [(row.name, row.made == before) for row in mixed] == [("a", False), ("b", True), ("c", False)]
    assert mixed[2].id == 900
    assert mixed[2].shout == "C"


def test_keys_that_are_no_numbers(db: Database) -> None:
    made = db.tokens.bulk_create([{"name": "a"}, {"name": "b"}])
    assert all(isinstance(row.id, UUID) for row in made)
    assert [db.tokens.get(id=row.id).name for row in made] == ["a", "b"]


def test_numbers_that_do_not_follow_each_other(db: Database) -> None:
    made = db.odds.bulk_create([{"name": "a"}, {"name": "b"}, {"name": "c"}])
    assert [row.id for row in made] == [3, 8, 13]
    assert [db.odds.get(id=row.id).name for row in made] == ["a", "b", "c"]


def test_a_table_in_another_schema(db: Database) -> None:
    rows = db["other one.a.b"].bulk_create([{"full_name": "Ann"}, {"full_name": "Bob"}])
    assert [(row.id, row.full_name) for row in rows] == [(1, "Ann"), (2, "Bob")]


def test_an_identity_takes_no_numbers_of_the_users(db: Database) -> None:
    made = db.posts.bulk_create([{"author_id": 1, "title": "x"}, {"author_id": 2, "title": "y"}])
    assert [post.id for post in made] == [1, 2]
    with pytest.raises(ReadOnly, match="the database fills this column in"):
        db.posts.bulk_create(
            [{"id": 9, "author_id": 1, "title": "x"}, {"id": 8, "author_id": 1, "title": ""}]
        )
    assert db.posts.count() == 2


def test_values_of_all_kinds_are_copied_as_they_are_inserted(db: Database) -> None:
    one = db.kinds.create(id=1, **VALUES)
    db.kinds.bulk_create([{"id": 2, **VALUES}, {"id": 3}, {"id": 4, **VALUES}])
    for key in (2, 4):
        assert {**db.kinds.get(id=key).to_dict(), "id": 1} == one.to_dict()
    assert all(getattr(db.kinds.get(id=3), name) is None for name in VALUES)
    hard = ["", "\\N", "\\", "a\tb\nc\rd", "\\.", "NULL", "'"]
    db.kinds.bulk_create([{"id": 10 + at, "t": text} for at, text in enumerate(hard)])
    assert list(db.kinds.filter(id__gte=10).order_by("id").values_list("t", flat=True)) == hard
    odd = db.kinds.bulk_create([{"id": 30, "x": float("nan")}, {"id": 31, "x": float("-inf")}])
    assert str(db.kinds.get(id=30).x) == "nan"
    assert db.kinds.get(id=31).x == odd[1].x


@pytest.mark.parametrize(
    ("rows", "error", "message"),
    [
        ([{"email": "a@x"}, {"email": "ann@x"}], UniqueViolation, "users(email) must be unique"),
        ([{"email": "a@x"}, {"name": "x"}], NotNullViolation, "email"),
        ([{"email": "a@x", "mood": "ok"}, {"email": "b@x", "mood": "secret"}], InvalidValue, ""),
        ([{"email": "a@x", "age": 2**40}, {"email": "b@x", "age": 1}], InvalidValue, ""),
        ([{"email": "a\0x"}, {"email": "b@x"}], InvalidValue, "NUL"),
    ],
)
def test_all_of_them_or_none(
    db: Database, rows: list[dict[str, Any]], error: type[Exception], message: str
) -> None:
    items = [db.model("users")(**row) for row in rows]
    with pytest.raises(error) as caught:
        db.users.bulk_create(items)
    assert message in str(caught.value)
    assert "secret" not in str(caught.value)
    assert db.users.count() == 2
    for number, item in enumerate(items):
        item.email, item.mood, item.age = f"good{number}@x", "sad", 3
        item.save()
    assert db.users.filter(email__startswith="good").count() == 2


def test_objects_are_new_again_after_a_rollback(db: Database) -> None:
    items = [db.model("users")(email=f"{n}@x") for n in range(3)]
    with pytest.raises(KeyError), db.transaction():
        db.users.bulk_create(items)
        assert db.users.count() == 5
        raise KeyError
    assert db.users.count() == 2
    db.users.bulk_create(items)
    assert [db.users.get(id=item.id).email for item in items] == ["0@x", "1@x", "2@x"]


def test_several_programs_insert_at_once(db: Database, url: str) -> None:
    found: list[list[int]] = []

    def insert(name: str) -> None:
        with connect(url) as own:
            for turn in range(4):
                rows = own.odds.bulk_create([{"name": f"{name}{turn}{n}"} for n in range(100)])
                found.append([row.id for row in rows])
                own.odds.create(name="between")

    threads = [threading.Thread(target=insert, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    keys = [key for each in found for key in each]
    assert len(keys) == len(set(keys)) == 1_200
    names = dict(db.odds.exclude(name="between").values_list("id", "name"))
    assert set(names) == set(keys)
    # Rows and keys belong together, whoever took numbers in between.
    assert all([names[key][2:] for key in each] == [str(n) for n in range(100)] for each in found)


def test_triggers_see_copied_rows(opened: Callable[..., Database]) -> None:
    db = opened("""
        CREATE TABLE names (id serial PRIMARY KEY, name text);
        CREATE TABLE log (id serial PRIMARY KEY, name text);
        CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS
            'BEGIN INSERT INTO log (name) VALUES (NEW.name); INSERT INTO names (name) SELECT ''more''
             WHERE NEW.name = ''b''; RETURN NULL; END';
        CREATE TRIGGER note AFTER INSERT ON names FOR EACH ROW EXECUTE FUNCTION note();
    """)
    made = db.names.bulk_create([{"name": name} for name in "abc"])
    assert [db.names.get(id=row.id).name for row in made] == ["a", "b", "c"]
    assert sorted(db.log.values_list("name", flat=True)) == ["a", "b", "c", "more"]


def test_a_trigger_that_leaves_rows_out(opened: Callable[..., Database]) -> None:
    db = opened("""
        CREATE TABLE names (id serial PRIMARY KEY, name text);
        CREATE FUNCTION choose() RETURNS trigger LANGUAGE plpgsql AS
            'BEGIN IF NEW.name = ''b'' THEN RETURN NULL; END IF; NEW.name := NEW.name || ''!''; RETURN NEW; END';
        CREATE TRIGGER choose BEFORE INSERT ON names FOR EACH ROW EXECUTE FUNCTION choose();
    """)
    assert [row.name for row in db.names.bulk_create([{"name": "a"}, {"name": "c"}])] == ["a!", "c!"]
    with pytest.raises(IntegrityError, match="left the row out"):
        db.names.bulk_create([{"name": "a"}, {"name": "b"}])
    assert db.names.count() == 2


@pytest.fixture
def role(url: str) -> Iterator[str]:
    """A user of the database who owns nothing; roles belong to the whole server."""
    name = f"noormme_test_{token_hex(4)}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {name}".encode())
        try:
            yield name
        finally:
            connection.execute(f"DROP OWNED BY {name}; DROP ROLE {name}".encode())


def test_rules_policies_and_rights(opened: Callable[..., Database], role: str, url: str) -> None:
    opened(f"""
        CREATE TABLE ruled (id serial PRIMARY KEY, name text);
        CREATE TABLE log (id serial PRIMARY KEY, name text);
        CREATE RULE also AS ON INSERT TO ruled DO ALSO INSERT INTO log (name) VALUES (NEW.name);
        CREATE TABLE owned (id serial PRIMARY KEY, name text);
        ALTER TABLE owned ENABLE ROW LEVEL SECURITY;
        CREATE POLICY p ON owned USING (true) WITH CHECK (name <> 'no');
        CREATE TABLE numbered (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text);
        GRANT ALL ON ruled, log, owned, numbered TO {role};
        GRANT ALL ON ruled_id_seq, log_id_seq, owned_id_seq TO {role};
    """)
    with connect(f"{url}?options=-c%20role%3D{role}") as db:
        two = [{"name": "a"}, {"name": "b"}]
        assert statements(db, lambda: db.ruled.bulk_create(two))[-1] == 'INSERT INTO "ruled"'
        assert db.log.count() == 2
        assert statements(db, lambda: db.owned.bulk_create(two))[-1] == 'INSERT INTO "owned"'
        assert [row.id for row in db.owned.order_by("id")] == [1, 2]
        # An identity numbers rows for who may not ask its sequence.
        assert statements(db, lambda: db.numbered.bulk_create(two))[-1] == 'INSERT INTO "numbered"'
        assert [(row.id, row.name) for row in db.numbered.order_by("id")] == [(1, "a"), (2, "b")]


def test_many_updates(db: Database) -> None:
    made = db.users.bulk_create([{"email": f"{n}@x", "age": n} for n in range(1_200)])
    db.users.filter(id=made[5].id).delete()
    for user in made:
        user.age = user.age + 1
    assert db.users.bulk_update(made, ["age"]) == 1_199
    assert sum(
        db.users.filter(email__endswith="@x", age__isnull=False, id__gt=2).values_list("age", flat=True)
    ) == (sum(range(1, 1_201)) - 6)
    rows = db.events.bulk_create([{"name": "a"}, {"name": "b"}])
    for row in rows:
        row.name += "!"
    assert db.events.bulk_update(rows, ["name"]) == 2
    assert [row.shout for row in rows] == ["A!", "B!"]
    rows[1].price = "secret"
    with pytest.raises(InvalidValue, match=r"events\.price") as caught:
        db.events.bulk_update(rows, ["price"])
    assert "secret" not in str(caught.value)
    made[1].email = made[2].email
    with pytest.raises(UniqueViolation):
        db.users.bulk_update(made[:3], ["email"])
    assert db.users.get(id=made[1].id).email == "1@x"


def test_many_upserts(db: Database) -> None:
    rows = [{"email": f"{n}@x", "name": f"N{n}"} for n in range(1_100)]
    first = db.users.upsert([{"email": "ann@x", "name": "Anna"}, *rows], on=["email"])
    assert (len(first.inserted), [user.id for user in first.updated]) == (1_100, [1])
    again = db.users.upsert(
        [{"email": "new@x", "name": "1"}, {"email": "0@x", "name": "Z"}, {"email": "new@x", "name": "2"}],
        on=["email"],
    )
    assert [user.email for user in again.inserted] == ["new@x"]
    assert [user.email for user in again.updated] == ["0@x", "new@x"]
    assert db.users.get(email="new@x").name == "2"
    kept = db.users.upsert([{"email": "new@x"}, {"email": "other@x"}], on=["email"])
    assert ([user.name for user in kept.updated], len(kept.inserted)) == (["2"], 1)
    mixed = db.users.upsert(
        [{"email": "m@x", "age": 1}, {"email": "0@x", "name": "Q"}, {"email": "p@x", "age": 2}], on=["email"]
    )
    assert (len(mixed.inserted), [user.name for user in mixed.updated]) == (2, ["Q"])


def test_many_that_may_be_there(db: Database) -> None:
    rows = [{"email": "ann@x", "name": "other"}, {"email": "0@x"}, {"email": "0@x"}, {"email": "1@x"}]
    made = db.users.bulk_create(rows, ignore_conflicts=True)
    assert [user.name for user in made] == ["Ann", None, None, None]
    assert made[1].id == made[2].id != made[3].id
    assert db.users.count() == 4


def test_what_is_filled_in_is_found_by_a_key_that_the_database_pads(opened: Callable[..., Database]) -> None:
    db = opened("CREATE TABLE codes (code char(5) PRIMARY KEY, n int DEFAULT 1 + 1)")
    codes = db.codes.bulk_create([{"code": "ab"}, {"code": "cd"}])
    assert [code.n for code in codes] == [2, 2]
