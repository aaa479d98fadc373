"""What repositories write, by objects and by keys."""

from __future__ import annotations

from typing import Any

import pytest

from noormme import (
    Database,
    DoesNotExist,
    FieldNotFound,
    ForeignKeyViolation,
    NotNullViolation,
    Repository,
    UniqueViolation,
    UsageError,
)
from tests.orm.support import count_queries, ids
from tests.repositories.ask import Ask


@pytest.fixture
def users(writable: Database, asked: Ask) -> Any:
    return asked(writable.repository("users"))


@pytest.fixture
def tags(writable: Database, asked: Ask) -> Any:
    return asked(writable.repository("tags"))


def test_create(users: Any) -> None:
    eve = users.create({"email": "eve@example.com", "name": "Eve"})
    assert (eve.pk, eve.is_active, eve.age) == (5, True, None)
    assert users.find_by_id(5) == eve
    assert users.create(email="fay@example.com", name="Fay", age=3).age == 3
    assert users.create({"email": "g@example.com", "name": "G"}, name="Gus").name == "Gus"
    assert users.count() == 7
    with pytest.raises(UniqueViolation):
        users.create({"email": "eve@example.com", "name": "Eve"})
    with pytest.raises(NotNullViolation):
        users.create()
    with pytest.raises(FieldNotFound, match="did you mean 'email'"):
        users.create(emial="x")
    with pytest.raises(UsageError, match=r"create\(\) of users takes values by name, not list"):
        users.create([("email", "x")])


def test_create_of_an_object(writable: Database, users: Any, asked: Ask) -> None:
    user = writable.model("users")
    eve = users.create(user(email="eve@example.com", name="Eve"))
    assert users.find_by_email("eve@example.com").pk == eve.pk == 5
    assert users.create(user(email="fay@example.com"), name="Fay").name == "Fay"
    with pytest.raises(
        UsageError, match=r"this object of users has a row already; use update\(\) or save\(\)"
    ):
        users.create(eve)
    with pytest.raises(UsageError, match="the repository of users takes its own objects, not Post"):
        users.create(writable.posts.first())
    post = asked(writable.repository("posts")).create(title="New", author=eve)
    assert post.author_id == 5


def test_save(writable: Database, users: Any) -> None:
    ann = users.find_by_id(1)
    ann.age = 32
    with count_queries(writable) as counted:
        assert users.save(ann) is ann
        assert users.save(ann) is ann
    assert counted.number == 1
    assert users.find_by_id(1).age == 32
    eve = writable.model("users")(email="eve@example.com", name="Eve")
    assert users.save(eve).pk == 5
    with pytest.raises(UsageError, match="takes its own objects, not Tag"):
        users.save(writable.tags.first())


def test_update_of_an_object(writable: Database, users: Any) -> None:
    ann = users.find_by_id(1)
    ann.age = 32
    assert users.update(ann) is ann
    assert users.update(ann, {"name": "Anna"}, is_active=False) is ann
    found = users.find_by_id(1)
    assert (found.age, found.name, found.is_active) == (32, "Anna", False)
    with pytest.raises(UsageError, match=r"has no row yet; use create\(\) or save\(\)"):
        users.update(writable.model("users")(email="e", name="E"))
    with pytest.raises(UsageError, match="takes its own objects, not Tag"):
        users.update(writable.tags.first(), {"name": "x"})


def test_update_by_key(writable: Database, users: Any, asked: Ask) -> None:
    assert users.update(1, {"age": 32}).age == 32
    assert users.update(1, name="Anna").name == "Anna"
    assert (users.find_by_id(1).age, users.find_by_id(1).name) == (32, "Anna")
    assert asked(writable.repository("orders")).update(("eu", 1), total=1.5).total == 1.5
    with pytest.raises(DoesNotExist):
        users.update(99, {"age": 1})
    with pytest.raises(UsageError, match=r"update\(\) of users by key needs values"):
        users.update(1)
    with pytest.raises(FieldNotFound, match="did you mean 'email'"):
        users.update(1, emial="x")
    with pytest.raises(UniqueViolation):
        users.update(1, email="bob@example.com")


def test_delete(writable: Database, tags: Any, asked: Ask) -> None:
    rust = tags.find_by_id(3)
    assert tags.delete(rust) is True
    assert not tags.exists(3)
    assert tags.delete(3) is False
    new = tags.create(name="go")
    with count_queries(writable) as counted:
        assert tags.delete(new.pk) is True
    assert counted.number == 1
    assert asked(writable.repository("orders")).delete(("us", 9)) is False
    with pytest.raises(ForeignKeyViolation):
        tags.delete(1)
    with pytest.raises(UsageError, match="has no row to delete"):
        tags.delete(writable.model("tags")(name="x"))
    with pytest.raises(UsageError, match="takes its own objects, not User"):
        tags.delete(writable.users.first())
    assert tags.count() == 2


def test_create_many(writable: Database, tags: Any) -> None:
    made = tags.create_many([{"name": "go"}, writable.model("tags")(name="zig"), {"name": "c", "id": 9}])
    assert [(tag.pk, tag.name) for tag in made][2] == (9, "c")
    assert [tag.name for tag in tags.find_by_ids(ids(made))] == ["go", "zig", "c"]
    with pytest.raises(UniqueViolation):
        tags.create_many([{"name": "d"}, {"name": "sql"}])
    assert not tags.exists(name="d"), "all of them or none"
    assert [tag.name for tag in tags.create_many({"name": "one alone"})] == ["one alone"]
    for method in (tags.create_many, tags.update_many, tags.delete_many):
        with pytest.raises(UsageError, match="rows are given as a list, not as str"):
            method("12")


def test_update_many(writable: Database, users: Any) -> None:
    found = users.find_all()
    for user in found:
        user.age, user.name = 50, user.name.upper()
    assert users.update_many(found, ["age"]) == 4
    assert {(user.age, user.name.isupper()) for user in users.find_all()} == {(50, False)}
    with count_queries(writable) as counted:
        assert users.update_many(iter(found)) == 4
    assert sum("UPDATE" in each for each in counted.statements) == 4
    assert {(user.age, user.name.isupper()) for user in users.find_all()} == {(50, True)}
    found[0].email, found[1].email = "x@example.com", "cleo@example.com"
    with pytest.raises(UniqueViolation):
        users.update_many(found)
    assert users.find_by_email("x@example.com") is None
    found[1].email = "y@example.com"
    assert users.update_many(found) == 4
    assert users.find_by_email("x@example.com").pk == 1, "what was rolled back is still to be saved"
    with pytest.raises(UsageError, match="takes its own objects, not int"):
        users.update_many([1])


def test_delete_many(writable: Database, asked: Ask) -> None:
    lines = asked(writable.repository("lines"))
    assert lines.delete_many([1, lines.find_by_id(2), 99]) == 2
    assert lines.delete_many([3, 4]) == 2
    assert lines.delete_many([]) == 0
    assert ids(lines.find_all()) == [5]
    teams = asked(writable.repository("teams"))
    with pytest.raises(ForeignKeyViolation):
        teams.delete_many(["none", "core"])
    assert teams.count() == 3


def test_upsert(tags: Any) -> None:
    done = tags.upsert([{"id": 1, "name": "SQL"}, {"name": "go"}])
    assert (ids(done.updated), [tag.name for tag in done.inserted]) == ([1], ["go"])
    assert len(tags.upsert({"name": "python"}, on=["name"]).updated) == 1
    assert tags.count() == 4


def test_a_transaction_of_several_steps(writable: Database) -> None:
    class Tags(Repository[Any]):
        table = "tags"

        def rename_all(self, names: list[str]) -> None:
            with self.transaction():
                for tag, name in zip(self.find_all(), names, strict=True):
                    self.update(tag, name=name)

    writable.register(Tags)
    tags = writable.repository(Tags)
    tags.rename_all(["a", "b", "c"])
    with pytest.raises(UniqueViolation):
        tags.rename_all(["x", "y", "x"])
    assert [tag.name for tag in tags.find_all()] == ["a", "b", "c"]


def test_the_methods_of_a_model_are_used(writable: Database, asked: Ask) -> None:
    class Tag(writable.model("tags")):  # type: ignore[misc]
        def delete(self) -> int:
            self.update(name=f"{self.name} (deleted)")
            return 1

        def save(self, **options: Any) -> Any:
            self.name = self.name.lower()
            return super().save(**options)

    writable.tags.create(name="Before")
    writable.register(Tag)
    tags = asked(writable.repository("tags"))
    assert type(writable.tags.create(name="LOUD")) is Tag
    assert type(tags.find_by_name("loud")) is Tag, (
        "plans that created rows are made anew, and save() is called"
    )
    assert writable.tags.get_or_create(name="Loud too")[0].name == "loud too"
    assert writable.posts.get(id=5).tags.create(name="RELATED").name == "related"
    tags.where(id__gt=3, posts=None).delete()
    assert tags.delete(1)
    assert tags.delete_many([2, tags.find_by_id(3)]) == 2
    assert [writable.tags.get(id=key).name for key in (1, 2, 3)] == [
        "sql (deleted)",
        "python (deleted)",
        "rust (deleted)",
    ]
    tag = tags.find_by_id(1)
    tag.name = "LOUD"
    tags.update(tag)
    assert tags.find_by_id(1).name == "loud"
