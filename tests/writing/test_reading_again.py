"""Writes on a database whose statements give nothing back: what it fills in is read by the key of the row."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import apsw
import pytest

from noormme import Database, NotSupported, UniqueViolation, connect
from noormme.engines.sqlite.dialect import SQLiteDialect
from tests.writing.world import READING_AGAIN, verbs

SCRIPT = """
CREATE TABLE users (
    id INTEGER PRIMARY KEY, email TEXT UNIQUE, nick TEXT UNIQUE, n INTEGER DEFAULT (1 + 1),
    twice INTEGER AS (n * 2)
);
CREATE TABLE tokens (code TEXT PRIMARY KEY DEFAULT (hex(randomblob(8))), n INTEGER DEFAULT (1 + 1));
CREATE TABLE pairs (a INTEGER, b TEXT, n INTEGER DEFAULT (1 + 1), PRIMARY KEY (a, b)) WITHOUT ROWID;
CREATE TABLE fleeting (id INTEGER PRIMARY KEY, n INTEGER DEFAULT (1 + 1));
CREATE TRIGGER gone AFTER INSERT ON fleeting BEGIN DELETE FROM fleeting WHERE id = new.id; END;
"""


@pytest.fixture
def db(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    monkeypatch.setattr(SQLiteDialect, "features", READING_AGAIN)
    path = tmp_path / "app.db"
    connection = apsw.Connection(str(path))
    connection.execute(SCRIPT)
    connection.close()
    with connect(path) as made:
        yield made


def ran(db: Database, call: Callable[[], object]) -> list[str]:
    with db.capture() as statements:
        call()
    assert not any("RETURNING" in str(each).upper() for each in statements)
    return verbs(statements)


def test_what_only_the_database_knows_is_read_by_the_key(db: Database) -> None:
    made: list[Any] = []
    assert ran(db, lambda: made.append(db.users.create(email="ann@x"))) == ["INSERT users", "SELECT"]
    assert (made[0].id, made[0].n, made[0].twice) == (1, 2, 4)
    assert ran(db, lambda: made.append(db.users.create(email="b@x", n=3))) == ["INSERT users", "SELECT"]
    assert (made[1].id, made[1].twice) == (2, 6)


def test_a_change_reads_what_is_computed_of_it(db: Database) -> None:
    ann = db.users.create(email="ann@x")
    ann.n = 5
    assert ran(db, ann.save) == ["UPDATE users", "SELECT"]
    assert ann.twice == 10
    ann.id, ann.n = 7, 6
    ann.save()
    assert (ann.pk, ann.twice, db.users.get(pk=7).n) == (7, 12, 6)


def test_many_changes_are_read_in_one_query(db: Database) -> None:
    users = db.users.bulk_create([{"email": f"{n}@x", "n": n} for n in range(3)])
    for user in users:
        user.n += 10
    db.users.filter(pk=users[1].pk).delete()
    updates = ["UPDATE users"] * 3
    counted: list[int] = []
    assert ran(db, lambda: counted.append(db.users.bulk_update(users, ["n"]))) == [*updates, "SELECT"]
    assert counted == [2]
    assert [user.twice for user in users] == [20, 2, 24]


def test_a_key_of_two_parts(db: Database) -> None:
    made = db.pairs.create(a=1, b="x")
    assert made.n == 2
    assert [each.n for each in db.pairs.bulk_create([{"a": 2, "b": "x"}, {"a": 2, "b": "y"}])] == [2, 2]


def test_a_key_that_cannot_be_known_is_refused_before_anything_is_written(db: Database) -> None:
    with pytest.raises(
        NotSupported, match=r"tokens\.code, and cannot tell which key it gave; give it: create"
    ):
        db.tokens.create(n=1)
    with pytest.raises(NotSupported):
        db.tokens.bulk_create([{"n": 1}])
    assert db.tokens.count() == 0
    assert db.tokens.create(code="x").n == 2


def test_a_row_that_is_gone_at_once(db: Database) -> None:
    made = db.fleeting.create()
    assert (made.id, db.fleeting.count()) == (1, 0)


def test_an_upsert_changes_the_row_with_its_key_and_no_other(db: Database) -> None:
    ann = db.users.create(email="ann@x", nick="ann")
    made: list[Any] = []
    given = [{"email": "ann@x", "nick": "anna"}, {"email": "bob@x", "nick": "bob"}]
    statements = ran(db, lambda: made.append(db.users.upsert(given, on=["email"])))
    changed, inserted = ["SELECT", "UPDATE users", "SELECT"], ["SELECT", "INSERT users", "SELECT"]
    assert statements == [*changed, *inserted]
    [done] = made
    assert [user.email for user in done.updated] == ["ann@x"]
    assert (done.updated[0].id, done.updated[0].nick, done.updated[0].twice) == (ann.id, "anna", 4)
    assert [(user.nick, user.twice) for user in done.inserted] == [("bob", 4)]
    with pytest.raises(UniqueViolation):
        db.users.upsert([{"email": "cy@x", "nick": "bob"}], on=["email"])
    assert set(db.users.values_list("email", "nick")) == {("ann@x", "anna"), ("bob@x", "bob")}


def test_rows_that_are_there_are_taken_over(db: Database) -> None:
    ann = db.users.create(email="ann@x", nick="ann", n=9)
    given = [{"email": "ann@x", "n": 1}, {"email": "z@x", "nick": "ann"}, {"email": "bob@x"}]
    made = db.users.bulk_create(given, ignore_conflicts=True)
    assert [(user.email, user.n) for user in made] == [("ann@x", 9), ("ann@x", 9), ("bob@x", 2)]
    assert [user.id == ann.id for user in made] == [True, True, False]


def test_what_was_read_again_is_forgotten_with_a_rollback(db: Database) -> None:
    ann = db.users.create(email="ann@x")
    with db.transaction() as transaction:
        ann.n = 5
        ann.save()
        bob = db.users.create(email="bob@x")
        assert (ann.twice, bob.twice) == (10, 4)
        transaction.rollback()
    assert ann.twice == 4
    bob.save()
    assert db.users.get(email="bob@x").twice == bob.twice == 4
