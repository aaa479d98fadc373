"""Many rows at once: bulk_create, bulk_update, upsert, and the update and delete of a query."""

from __future__ import annotations

from typing import Any

import pytest

from noormme import (
    CheckViolation,
    Database,
    F,
    ForeignKeyViolation,
    IntegrityError,
    InvalidQuery,
    InvalidValue,
    NotNullViolation,
    ReadOnly,
    UniqueViolation,
    UnsafeOperation,
    UsageError,
)
from tests.writing.world import Writing, verbs

# -- bulk_create ------------------------------------------------------------------------------------


def test_bulk_create_gives_the_rows_in_order(world: Writing, engine: str) -> None:
    User = world.db.model("users")  # noqa: N806
    given = [
        User(email="c@x", age=1),
        {"email": "d@x"},
        User(email="e@x", id=10),
        {"email": "f@x", "visits": 4},
    ]
    made = world.db.users.bulk_create(given)
    assert made[0] is given[0]
    assert [(user.made, user.initial, user.visits) for user in made] == [
        ("now", "c", 0), ("now", "d", 0), ("now", "e", 0), ("now", "f", 4),
    ]  # fmt: skip
    # A sequence knows nothing of numbers that it did not give.
    numbers = [3, 4, 10, 5] if engine == "postgresql" else [11, 12, 10, 13]
    assert [user.id for user in made] == numbers
    for user in made:
        assert user.to_dict() == world.db.users.get(pk=user.pk).to_dict()
    with world.db.capture() as ran:
        made[0].save()
    assert ran == []


@pytest.mark.otherwise("postgresql", "a sequence knows nothing of numbers that it did not give")
def test_numbers_that_are_given_are_given_to_no_other_row(world: Writing) -> None:
    made = world.db.tags.bulk_create(
        [{"name": "a"}, {"name": "b", "id": 5}, {"name": "c", "id": 4}, {"name": "d"}]
    )
    assert [tag.id for tag in made] == [6, 5, 4, 7]
    assert world.rows("SELECT id, name FROM tags WHERE id > 3") == [(4, "c"), (5, "b"), (6, "a"), (7, "d")]


def test_bulk_create_is_few_statements_and_one_transaction(world: Writing) -> None:
    rows = [{"name": f"t{number}"} for number in range(500)]
    with world.db.capture() as ran:
        made = world.db.tags.bulk_create(rows)
    assert [tag.id for tag in made] == list(range(4, 504))
    # PostgreSQL takes the numbers beforehand.
    assert {verb for verb in verbs(ran) if verb not in ("SELECT", "WITH")} == {"INSERT tags"}
    assert world.db.tags.bulk_create([]) == []
    assert world.rows("SELECT count(*) FROM tags") == [(503,)]


@pytest.mark.parametrize(
    ("bad", "error"),
    [
        ({"email": "ann@x"}, UniqueViolation),
        ({"name": "x"}, NotNullViolation),
        ({"email": "z@x", "age": -1}, CheckViolation),
        ({"email": "z@x", "manager": 99}, ForeignKeyViolation),
        ({"email": "z@x", "age": "many"}, InvalidValue),
        ({"email": "c@x"}, UniqueViolation),
    ],
)
def test_bulk_create_is_all_or_nothing(world: Writing, bad: dict[str, Any], error: type[Exception]) -> None:
    User = world.db.model("users")  # noqa: N806
    items = [User(email="c@x"), User(**{name: value for name, value in bad.items() if name != "manager"})]
    if "manager" in bad:
        items[1].manager_id = bad["manager"]
    with pytest.raises(error):
        world.db.users.bulk_create(items)
    assert world.rows("SELECT count(*) FROM users") == [(2,)]
    assert items[0].pk is None
    items[0].save()
    assert world.rows("SELECT id, email FROM users WHERE id > 2") == [(items[0].id, "c@x")]


def test_bulk_create_refuses_what_it_cannot_take(db: Database) -> None:
    with pytest.raises(InvalidValue, match="dicts"):
        db.users.bulk_create(["x"])  # type: ignore[list-item]
    with pytest.raises(InvalidValue):
        db.users.bulk_create([db.model("tags")(name="x")])
    with pytest.raises(UsageError, match="exclude"):
        db.users.bulk_create([], ignore_conflicts=True, update_conflicts=True)
    with pytest.raises(ReadOnly):
        db.adults.bulk_create([{"id": 1, "email": "x"}])


def test_bulk_create_ignoring_conflicts_gives_the_rows_that_are_there(world: Writing) -> None:
    User = world.db.model("users")  # noqa: N806
    items = [
        User(email="ann@x", age=1),
        User(email="c@x"),
        User(email="c@x", age=9),
        User(id=2, email="other@x"),
    ]
    made = world.db.users.bulk_create(items, ignore_conflicts=True)
    new = made[1].id  # not 3 where a row that is left out takes a number too
    assert [(user.id, user.email, user.age) for user in made] == [
        (1, "ann@x", 40), (new, "c@x", None), (new, "c@x", None), (2, "bob@x", 17),
    ]  # fmt: skip
    assert world.rows("SELECT count(*) FROM users") == [(3,)]
    with pytest.raises(CheckViolation):
        world.db.users.bulk_create([{"email": "z@x", "age": -1}], ignore_conflicts=True)


def test_bulk_create_updating_conflicts(world: Writing) -> None:
    made = world.db.users.bulk_create(
        [{"email": "ann@x", "age": 1, "name": "A"}, {"email": "c@x", "age": 2, "name": "C"}],
        update_conflicts=True,
        unique_fields=["email"],
        update_fields=["age"],
    )
    new = made[1].id  # not 3 on PostgreSQL, which took a number for the first row too
    assert [(user.id, user.name, user.age) for user in made] == [(1, "Ann", 1), (new, "C", 2)]
    found = world.rows("SELECT id, name, age FROM users WHERE id <> 2 ORDER BY id")
    assert found == [(1, "Ann", 1), (new, "C", 2)]


def test_bulk_create_on_keys_of_every_kind(world: Writing) -> None:
    pairs = world.db.pairs.bulk_create([{"a": 2, "b": "x", "n": 1}, {"a": 2, "b": "y"}])
    assert [pair.pk for pair in pairs] == [(2, "x"), (2, "y")]
    assert [code.pk for code in world.db.codes.bulk_create([{"code": "b"}, {"code": "a"}])] == ["b", "a"]
    if "firm" in world.db.tables:
        assert [row.n for row in world.db.firm.bulk_create([{"n": 1}, {"n": 2}])] == [1, 2]
    with pytest.raises(UniqueViolation):
        world.db.pairs.bulk_create([{"a": 3, "b": "x"}, {"a": 2, "b": "x"}])
    assert world.rows("SELECT count(*) FROM pairs") == [(4,)]


# -- bulk_update ------------------------------------------------------------------------------------


@pytest.mark.counts_statements
def test_bulk_update_writes_these_fields(world: Writing) -> None:
    users = list(world.db.users.order_by("id"))
    for user in users:
        user.age, user.name = user.id, "unsaved"
    assert world.db.users.bulk_update(users, ["age"]) == 2
    assert world.rows("SELECT age, name FROM users") == [(1, "Ann"), (2, "Bob")]
    with world.db.capture() as ran:
        users[0].save()
    assert verbs(ran) == ["UPDATE users"]
    assert "age" not in str(ran[0])


def test_bulk_update_counts_and_refuses(world: Writing) -> None:
    users = list(world.db.users.order_by("id"))
    for user in users:
        user.email = "same@x"
    with pytest.raises(UniqueViolation):
        world.db.users.bulk_update(users, ["email"])
    assert world.rows("SELECT email FROM users") == [("ann@x",), ("bob@x",)]
    users[1].email = "other@x"
    world.db.posts.delete(all_rows=True)
    world.db.users.filter(pk=2).delete()
    assert world.db.users.bulk_update(users, ["email"]) == 1
    for fields, match in (([], "needs the fields"), (["id"], "key"), ("email", "list")):
        with pytest.raises(UsageError, match=match):
            world.db.users.bulk_update(users, fields)
    with pytest.raises(UsageError, match="saved"):
        world.db.users.bulk_update([world.db.model("users")(email="n@x")], ["email"])
    assert world.db.users.bulk_update([], ["email"]) == 0


def test_bulk_update_of_a_composite_key_and_a_computed_column(world: Writing) -> None:
    pairs = list(world.db.pairs.order_by("b"))
    for pair in pairs:
        pair.n += 1
    world.db.pairs.bulk_update(pairs, ["n"])
    assert world.rows("SELECT n FROM pairs ORDER BY b") == [(11,), (12,)]
    user = world.db.users.get(pk=1)
    user.email = "zoe@x"
    world.db.users.bulk_update([user], ["email"])
    assert user.initial == "z"


# -- upsert -----------------------------------------------------------------------------------------


def test_upsert_says_what_it_did(world: Writing) -> None:
    done = world.db.users.upsert(
        [{"email": "ann@x", "age": 41}, {"email": "c@x", "age": 3}, {"email": "c@x", "age": 4}], on=["email"]
    )
    numbers = [user.id for user in done]
    assert (numbers[0], numbers[1]) == (1, numbers[2])
    assert len(done) == 3
    assert [user.email for user in done.inserted] == ["c@x"]
    assert [(user.email, user.age) for user in done.updated] == [("ann@x", 41), ("c@x", 4)]
    assert world.rows("SELECT name, age FROM users WHERE id <> 2 ORDER BY id") == [("Ann", 41), (None, 4)]


def test_upsert_changes_what_was_given_and_nothing_else(world: Writing) -> None:
    world.db.users.filter(pk=1).update(visits=7, active=False)
    [user] = world.db.users.upsert([{"email": "ann@x", "age": 41}], on=["email"])
    assert (user.visits, user.active, user.name, user.age) == (7, False, "Ann", 41)
    given = world.db.model("users")(email="ann@x")
    given.visits = 0
    [user] = world.db.users.upsert([given], on="email")
    assert (user.visits, user.age, user.id) == (0, 41, 1)
    assert user is given
    [user] = world.db.users.upsert([{"email": "ann@x"}], on=["email"])
    assert (user.visits, user.age) == (0, 41)
    [user] = world.db.users.upsert([{"email": "ann@x", "age": 1, "name": "A"}], on=["email"], update=["name"])
    assert (user.name, user.age) == ("A", 41)
    assert world.rows("SELECT visits, active, name, age FROM users WHERE id = 1") == [(0, 0, "A", 41)]


def test_upsert_by_the_key(world: Writing) -> None:
    done = world.db.users.upsert(
        [{"id": 1, "email": "anna@x"}, {"email": "new@x"}, {"id": 9, "email": "nine@x"}]
    )
    assert [(user.id, user.email) for user in done.updated] == [(1, "anna@x")]
    assert [(user.id, user.email) for user in done.inserted] == [(3, "new@x"), (9, "nine@x")]
    done = world.db.pairs.upsert([{"a": 1, "b": "x", "n": 0}, {"a": 1, "b": "w", "n": 5}])
    assert ([pair.n for pair in done.updated], [pair.n for pair in done.inserted]) == ([0], [5])
    done = world.db.codes.upsert([{"code": "a", "label": "A"}, {"code": "a", "label": "B"}])
    assert (len(done.inserted), len(done.updated)) == (1, 1)
    assert world.rows("SELECT * FROM codes") == [("a", "B")]


def test_upsert_is_all_or_nothing_and_refuses_what_is_no_key(world: Writing) -> None:
    with pytest.raises(CheckViolation):
        world.db.users.upsert([{"email": "c@x"}, {"email": "ann@x", "age": -1}], on=["email"])
    with pytest.raises(UniqueViolation):
        world.db.users.upsert([{"id": 1, "email": "bob@x"}])
    with pytest.raises(InvalidQuery):
        world.db.users.upsert([{"email": "c@x", "name": "n"}], on=["name"])
    with pytest.raises(UsageError, match="lacks"):
        world.db.users.upsert([{"name": "n", "email": "c@x"}], on=["id"])
    assert world.rows("SELECT email, age FROM users") == [("ann@x", 40), ("bob@x", 17)]


# -- a query ----------------------------------------------------------------------------------------


def test_update_of_a_query(world: Writing) -> None:
    users = world.db.users
    with world.db.capture() as ran:
        assert users.filter(age__gte=18).update(visits=F("visits") + 1, name="Old") == 1
    assert verbs(ran) == ["UPDATE users"]
    assert users.filter(posts_as_author__title="three").update(active=False) == 1
    assert users.filter(pk=2).update(manager=users.get(pk=1)) == 1
    assert users.filter(age__gt=1000).update(name="none") == 0
    assert world.rows("SELECT name, visits, active, manager_id FROM users") == [
        ("Old", 1, 1, None), ("Bob", 0, 0, 1),
    ]  # fmt: skip
    assert users.update(all_rows=True, visits=F("age")) == 2
    assert world.rows("SELECT visits FROM users") == [(40,), (17,)]


def test_update_of_a_query_is_refused(world: Writing) -> None:
    users = world.db.users
    with pytest.raises(UnsafeOperation, match="all_rows"):
        users.update(name="x")
    with pytest.raises(UnsafeOperation):
        users.all().order_by("id").update(name="x")
    with pytest.raises(UsageError, match="fields"):
        users.filter(pk=1).update()
    with pytest.raises(InvalidQuery):
        users.filter(pk=1)[:1].update(name="x")
    with pytest.raises(IntegrityError):
        users.filter(pk__gt=0).update(email="same@x")
    with pytest.raises(CheckViolation):
        users.filter(pk=1).update(age=-1)
    assert users.none().update(name="x") == 0
    assert world.rows("SELECT name FROM users") == [("Ann",), ("Bob",)]


def test_delete_of_a_query(world: Writing) -> None:
    with pytest.raises(UnsafeOperation, match="all_rows"):
        world.db.posts.delete()
    with pytest.raises(ForeignKeyViolation):
        world.db.tags.filter(posts__title="one").delete()
    with pytest.raises(InvalidQuery):
        world.db.posts.filter(id__gt=0)[:1].delete()
    assert world.db.posts.filter(author__name="Ann", title="two").delete() == 1
    with world.db.capture() as ran:
        assert world.db.users.filter(name="Ann").delete() == 1
    assert verbs(ran) == ["DELETE users"]
    assert world.rows("SELECT title FROM posts") == [("three",)]
    assert world.rows("SELECT count(*) FROM posts_tags") == [(0,)]
    assert world.db.posts.delete(all_rows=True) == 1
    assert world.db.posts.delete(all_rows=True) == 0


def test_a_query_that_was_read_is_read_again_after_it_was_written(db: Database) -> None:
    adults = db.users.filter(age__gte=18)
    assert [user.name for user in adults] == ["Ann"]
    adults.update(name="Anna")
    assert [user.name for user in adults] == ["Anna"]
    db.posts.delete(all_rows=True)
    assert adults.delete() == 1
    assert list(adults) == []
