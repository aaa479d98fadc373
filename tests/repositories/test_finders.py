"""Dynamic finders: names are read as fields, the longest first, and nothing else is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from noormme import Database, FieldNotFound, Repository, UsageError
from noormme.orm.repository.finders import read_fields
from tests.orm.support import count_queries, ids
from tests.repositories.ask import Ask


def test_by_one_field(db: Database, asked: Ask) -> None:
    users = asked(db.repository("users"))
    assert users.find_by_email("bob@example.com") == db.users.get(id=2)
    assert users.find_by_email("nobody@example.com") is None
    assert users.find_by_email(email="ann@example.com").name == "Ann"
    assert users.find_by_name("Cleo").pk == 3
    assert users.find_by_pk(4).name == "Dan"


def test_one_of_several_is_the_first_by_the_key(db: Database, asked: Ask) -> None:
    assert asked(db.repository("posts")).find_by_rating(5).pk == 1
    assert asked(db.repository("lines")).find_by_region("eu").pk == 1


def test_many(db: Database, asked: Ask) -> None:
    users = asked(db.repository("users"))
    assert ids(users.find_many_by_is_active(True)) == [1, 2, 4]
    assert users.find_many_by_is_active(False) == [db.users.get(id=3)]
    assert users.find_many_by_name("Nobody") == []
    assert type(users.find_many_by_name("Ann")) is not type(db.users)


def test_several_fields(db: Database, asked: Ask) -> None:
    users = asked(db.repository("users"))
    assert users.find_by_email_and_name("ann@example.com", "Ann").pk == 1
    assert users.find_by_email_and_name("ann@example.com", "Bob") is None
    assert users.find_by_email_and_name("ann@example.com", name="Ann").pk == 1
    assert users.find_by_email_and_name(name="Ann", email="ann@example.com").pk == 1
    assert ids(asked(db.repository("posts")).find_many_by_author_id_and_rating_and_editor_id(2, 5, 1)) == [4]
    assert asked(db.repository("orders")).find_by_region_and_number("eu", 2).total == 20


def test_nothing_is_a_value_too(db: Database, asked: Ask) -> None:
    users = asked(db.repository("users"))
    assert users.find_by_age(None).name == "Cleo"
    assert users.find_many_by_joined(None) == [db.users.get(id=4)]
    assert ids(asked(db.repository("posts")).find_many_by_editor_id(None)) == [2, 5]


def test_a_unique_field_that_is_missing_in_several_rows(opened: Callable[..., Database]) -> None:
    db = opened(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, code TEXT UNIQUE); INSERT INTO t (code) VALUES (NULL), (NULL)"
    )
    assert db.repository("t").find_by_code(None).pk == 1


def test_by_a_related_object(db: Database, asked: Ask) -> None:
    ann = db.users.get(id=1)
    assert ids(asked(db.repository("posts")).find_many_by_author(ann)) == [1, 2]
    assert asked(db.repository("posts")).find_by_author_and_rating(ann, 5).pk == 1


def test_a_field_with_and_in_its_name(opened: Callable[..., Database]) -> None:
    db = opened(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, terms_and_conditions TEXT, terms TEXT, conditions TEXT,"
        " b_and_c TEXT, a TEXT, a_and_b TEXT);"
        "INSERT INTO t VALUES (1, 'both', 't', 'c', 'bc', 'a', 'ab')"
    )
    rows = db.repository("t")
    assert rows.find_by_terms_and_conditions("both").pk == 1
    assert rows.find_by_conditions_and_terms("c", "t").pk == 1
    assert rows.find_by_terms_and_conditions_and_terms("both", "t").pk == 1
    assert rows.find_by_a_and_b_and_c("a", "bc").pk == 1, "a_and_b is longer, but c is no field"


def test_names_of_the_database(chinook: Database) -> None:
    assert chinook.repository("albums" if "albums" in chinook else "Album").find_by_AlbumId(1).pk == 1


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("a", ["a"]),
        ("a_and_b", ["a_and_b"]),
        ("b_and_a", ["b", "a"]),
        ("a_and_b_and_a", ["a_and_b", "a"]),
        ("a_and_b_and_b_and_c", ["a_and_b", "b_and_c"]),
        ("a_and_b_and_c", ["a", "b_and_c"]),
        ("a_and_", None),
        ("_and_a", None),
        ("", None),
        ("c", None),
    ],
)
def test_reading(text: str, fields: list[str] | None) -> None:
    assert read_fields(text, {"a", "b", "a_and_b", "b_and_c"}) == fields


def test_reading_a_long_name_takes_no_time() -> None:
    assert read_fields("_and_".join(["a"] * 300 + ["x"]), {"a"}) is None
    assert read_fields("_and_".join(["a"] * 300), {"a", "a_and_a"}) == ["a_and_a"] * 150


@pytest.mark.parametrize(
    ("name", "wrong", "hint"),
    [
        ("find_by_emial", "emial", "did you mean 'email'"),
        ("find_many_by_emial", "emial", "did you mean 'email'"),
        ("find_by_email_and_nmae", "nmae", "did you mean 'name'"),
        ("find_by_", "", "there are: age"),
        ("find_by_age__gte", "age__gte", ""),
        ("find_by_comments", "comments", ""),
    ],
)
def test_what_is_no_field(db: Database, name: str, wrong: str, hint: str) -> None:
    users = db.repository("users")
    with pytest.raises(FieldNotFound) as caught:
        getattr(users, name)
    assert str(caught.value).startswith(f"no field '{wrong}' on users, so there is no {name}")
    assert hint in str(caught.value)
    assert not hasattr(users, name)


def test_what_is_no_finder(db: Database) -> None:
    users = db.repository("users")
    with pytest.raises(AttributeError, match="'Repository' object has no attribute 'fnd_all'") as caught:
        _ = users.fnd_all
    assert not isinstance(caught.value, FieldNotFound)


@pytest.mark.parametrize(
    ("values", "named"),
    [((), {}), (("a", "b", "c"), {}), (("a",), {}), (("a", "b"), {"name": "c"}), (("a",), {"email": "b"})],
)
def test_the_wrong_number_of_values(
    db: Database, values: tuple[str, ...], named: dict[str, str], asked: Ask
) -> None:
    finder = asked(db.repository("users")).find_by_email_and_name
    with pytest.raises(UsageError, match="find_by_email_and_name of users takes 2 values: email, name"):
        finder(*values, **named)


def test_finders_are_listed_and_kept(db: Database) -> None:
    users = db.repository("users")
    listed = dir(users)
    assert {"find_by_email", "find_many_by_is_active", "find_by_id", "paginate"} <= set(listed)
    assert users.find_by_email is users.find_by_email
    assert users.find_by_email.__name__ == "find_by_email"
    assert users.find_by_email.__doc__ == "The first row by the key, or None, of users with this email."
    assert users.find_many_by_email_and_age.__doc__ == "The rows of users with this email and age."


def test_a_unique_field_needs_no_order(db: Database, asked: Ask) -> None:
    with count_queries(db) as counted:
        asked(db.repository("users")).find_by_email("ann@example.com")
        asked(db.repository("users")).find_by_name("Ann")
    assert ["ORDER BY" in each for each in counted.statements] == [False, True]


def test_of_a_view(db: Database, asked: Ask) -> None:
    assert asked(db.repository("active_users")).find_by_name("Ann").id == 1
    assert len(asked(db.repository("active_users")).find_many_by_name("Ann")) == 1
    with pytest.raises(FieldNotFound, match="no field 'pk' on active_users"):
        _ = asked(db.repository("active_users")).find_by_pk


def test_a_method_of_ones_own_wins(db: Database) -> None:
    class Users(Repository[Any]):
        table = "users"

        def find_by_email(self, email: str) -> str:
            return email.upper()

    db.register(Users)
    assert db.repository("users").find_by_email("a") == "A"
    assert db.repository("users").find_by_name("Ann").pk == 1
