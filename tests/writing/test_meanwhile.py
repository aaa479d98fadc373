"""What is set on objects while they are saved or loaded, as other tasks and threads do: nothing of it is lost."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager

import pytest

from noormme import Database
from tests import switching


@contextmanager
def at_the_next_statement(db: Database, act: Callable[[], None]) -> Generator[None, None, None]:
    """Do something when the next statement has got its values and begins to run."""
    left = [act]

    def record(*_: object) -> None:
        if left:
            left.pop()()

    with db._engine.capture(record):
        yield
    assert not left, "no statement ran"


def test_another_field_that_is_set_during_a_save_is_saved_next(db: Database) -> None:
    user = db.users.get(pk=1)
    user.name = "first"
    with at_the_next_statement(db, lambda: setattr(user, "age", 50)):
        user.save()
    assert (db.users.get(pk=1).name, db.users.get(pk=1).age) == ("first", 40)
    user.save()
    assert db.users.get(pk=1).age == 50


def test_the_same_field_that_is_set_during_a_save_is_saved_next(db: Database) -> None:
    for field, values in {"name": ("first", "second"), "visits": (1, 0)}.items():
        user = db.users.get(pk=1)
        setattr(user, field, values[0])
        with at_the_next_statement(
            db, lambda user=user, field=field, new=values[1]: setattr(user, field, new)
        ):
            user.save()
        assert getattr(db.users.get(pk=1), field) == values[0]
        user.save()
        assert getattr(db.users.get(pk=1), field) == getattr(user, field) == values[1]


def test_the_same_where_the_database_gives_something_back(db: Database) -> None:
    user = db.users.get(pk=1)
    user.email = "first@x"
    with at_the_next_statement(db, lambda: setattr(user, "email", "second@x")):
        user.save()
    user.save()
    assert db.users.get(pk=1).email == user.email == "second@x"


def test_the_same_with_fields_that_are_named(db: Database) -> None:
    user = db.users.get(pk=1)
    user.name, user.age = "first", 41
    with at_the_next_statement(db, lambda: setattr(user, "name", "second")):
        user.save(update_fields=["name"])
    user.save()
    row = db.users.get(pk=1)
    assert (row.name, row.age) == ("second", 41)


def test_what_was_set_during_a_save_that_is_rolled_back(db: Database) -> None:
    user = db.users.get(pk=1)
    user.name = "first"
    with pytest.raises(ZeroDivisionError), db.transaction():
        with at_the_next_statement(db, lambda: setattr(user, "age", 50)):
            user.save()
        raise ZeroDivisionError
    user.save()
    row = db.users.get(pk=1)
    assert (row.name, row.age) == ("first", 50)


def test_threads_that_save_one_object(db: Database) -> None:
    for number in range(20):
        user = db.users.get(pk=1)
        user.visits = number + 1
        switching.at_once(lambda _, user=user: user.save(), 3)
        assert db.users.get(pk=1).visits == number + 1


def test_a_field_that_is_set_while_peers_load_it(db: Database) -> None:
    first, second = db.users.defer("name").order_by("pk")
    with at_the_next_statement(db, lambda: setattr(second, "name", "new")):
        assert first.name == "Ann"
    assert second.name == "new"
    second.save()
    assert db.users.get(pk=2).name == "new"


@pytest.mark.parametrize("by", ["relation", "key"])
def test_a_relation_that_is_set_while_peers_load_it(db: Database, by: str) -> None:
    bob = db.users.get(pk=2)
    one, two, _ = db.posts.order_by("pk")
    setting = ("author", bob) if by == "relation" else ("author_id", 2)
    with at_the_next_statement(db, lambda: setattr(two, *setting)):
        assert one.author.name == "Ann"
    assert (two.author, two.author_id) == (bob, 2)


def test_a_key_that_is_set_while_its_relation_loads(db: Database) -> None:
    one = db.posts.get(pk=1)
    with at_the_next_statement(db, lambda: setattr(one, "author_id", 2)):
        assert one.author.name == "Bob"
