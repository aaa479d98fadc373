"""Writing, asked for in both ways: the same rows, the same objects, the same errors."""

from __future__ import annotations

import pytest

from noormme import (
    Database,
    DatabaseLocked,
    DoesNotExist,
    F,
    MultipleObjectsReturned,
    NotNullViolation,
    ReadOnly,
    UniqueViolation,
    UnsafeOperation,
)
from tests.aio.modes import Mode
from tests.orm.support import ids


def test_create_save_delete(writable: Database, mode: Mode) -> None:
    db = writable
    eve = mode.call(db.users.create, email="eve@example.com", name="Eve")
    assert (eve.id, eve.is_active, eve.age) == (5, True, None)
    eve.age = 20
    assert mode.call(eve.save) is eve
    assert mode.call(db.users.get, id=5).age == 20
    assert mode.call(eve.update, age=21, name="Eva") is eve
    assert mode.call(db.users.get, id=5).name == "Eva"
    mode.call(db.users.filter(id=5).update, name="Else")
    assert mode.call(eve.refresh, "name").name == "Else"
    same = mode.call(db.users.get, id=5)
    assert mode.call(eve.delete) == 1
    with pytest.raises(DoesNotExist):
        mode.call(same.refresh)
    assert mode.call(same.delete) == 0


def test_a_new_object(writable: Database, mode: Mode) -> None:
    db = writable
    tag = db.model("tags")(name="new")
    mode.call(tag.save)
    assert mode.call(db.tags.get, name="new").id == tag.id
    tag.name = "newer"
    mode.call(tag.save, update_fields=iter(["name"]))
    assert mode.call(db.tags.get, id=tag.id).name == "newer"


def test_errors(writable: Database, mode: Mode) -> None:
    db = writable
    with pytest.raises(UniqueViolation) as caught:
        mode.call(db.users.create, email="ann@example.com", name="Ann again")
    assert caught.value.columns == ("email",)
    with pytest.raises(NotNullViolation):
        mode.call(db.users.create, email="x@example.com", name=None)
    with pytest.raises(UnsafeOperation):
        mode.call(db.users.delete)
    with pytest.raises(UniqueViolation):
        mode.call(db.tags.bulk_create, [{"name": "one"}, {"name": "sql"}])
    assert mode.call(db.tags.count) == 3
    assert mode.call(db.users.count) == 4


def test_a_database_that_is_read_only(db: Database, mode: Mode) -> None:
    with pytest.raises(ReadOnly):
        mode.call(db.tags.create, name="x")
    with pytest.raises(ReadOnly):
        mode.call(db.tags.bulk_create, [{"name": f"t{number}"} for number in range(100)])


def test_all_rows_of_a_query(writable: Database, mode: Mode) -> None:
    db = writable
    assert mode.call(db.posts.filter(rating=5).update, rating=F("rating") + 1) == 2
    assert mode.call(db.posts.filter(rating=6).count) == 2
    assert mode.call(db.comments.filter(parent_id__isnull=False, id__gt=3).delete) == 1
    assert mode.call(db.post_tags.delete, all_rows=True) == 5
    assert mode.call(db.post_tags.count) == 0


@pytest.mark.parametrize("number", [3, 500])
def test_many_objects(writable: Database, mode: Mode, number: int) -> None:
    db = writable
    made = mode.call(db.tags.bulk_create, ({"name": f"t{each}"} for each in range(number)))
    assert ids(made) == list(range(4, 4 + number))
    for tag in made:
        tag.name += "!"
    assert mode.call(db.tags.bulk_update, iter(made), ["name"]) == number
    assert mode.call(db.tags.filter(name__endswith="!").count) == number
    found = mode.call(
        db.tags.upsert, [{"id": 4, "name": "four"}, {"id": 9_000, "name": "nine"}], update=["name"]
    )
    assert (ids(found.updated), ids(found.inserted)) == ([4], [9_000])
    kept = mode.call(db.tags.bulk_create, [{"name": "sql"}, {"name": "go"}], ignore_conflicts=True)
    assert kept[0].id == 1
    assert mode.call(db.tags.count) == number + 5


def test_get_or_create(writable: Database, mode: Mode) -> None:
    db = writable
    assert mode.call(db.tags.get_or_create, name="sql")[1] is False
    tag, made = mode.call(db.tags.get_or_create, name="go", defaults={"id": 77})
    assert (tag.id, made) == (77, True)
    user, made = mode.call(db.users.update_or_create, {"age": 50}, email="dan@example.com")
    assert (user.age, made) == (50, False)
    user, made = mode.call(
        db.users.update_or_create, {"age": 51}, {"age": 1, "name": "Fay"}, email="fay@example.com"
    )
    assert (user.age, user.name, made) == (1, "Fay", True)
    with pytest.raises(MultipleObjectsReturned):
        mode.call(db.posts.get_or_create, author_id=1)


def test_relations(writable: Database, mode: Mode) -> None:
    db = writable
    post = mode.call(db.posts.get, id=5)
    mode.call(post.tags.add, 1, mode.call(db.tags.get, id=2))
    assert sorted(ids(mode.rows(post.tags))) == [1, 2]
    mode.call(post.tags.remove, 1)
    assert ids(mode.rows(post.tags)) == [2]
    mode.call(post.tags.set, iter([1, 3]))
    assert sorted(ids(mode.rows(post.tags))) == [1, 3]
    tag = mode.call(post.tags.create, name="made here")
    assert tag.id in ids(mode.rows(post.tags))
    mode.call(post.tags.clear)
    assert mode.rows(post.tags) == []
    ann = mode.call(db.users.get, id=1)
    assert mode.call(ann.posts_as_author.create, title="Six").author_id == 1
    assert mode.call(ann.posts_as_author.count) == 3


def test_hooks(writable: Database, mode: Mode) -> None:
    db = writable
    seen: list[str] = []
    db.on("before_create", "tags")(lambda tag: seen.append(tag.name))
    mode.call(db.tags.create, name="hooked")
    assert seen == ["hooked"]


@pytest.mark.otherwise("mysql", "an UPDATE gives nothing back there")
def test_statements(writable: Database, mode: Mode) -> None:
    import sqlalchemy as sa

    db = writable
    assert mode.call(db.execute, "insert into tags (name) values (?)", ["go"]) == []
    assert mode.call(db.execute, "update tags set name = upper(name) where id < 3 returning name") == [
        ("SQL",),
        ("PYTHON",),
    ]
    tags = db.core.tags
    mode.call(db.execute, sa.insert(tags).values(name="zig"))
    mode.call(db.execute, sa.delete(tags).where(tags.c.name == "rust"))
    assert (
        mode.call(db.execute_many, "insert into tags (name) values (?)", ([f"t{n}"] for n in range(100)))
        == 100
    )
    assert mode.call(db.tags.count) == 104
    with pytest.raises(UniqueViolation):
        mode.call(db.execute_many, "insert into tags (name) values (?)", [["new"], ["SQL"]])
    assert mode.call(db.tags.count) == 104


def test_repositories(writable: Database, mode: Mode) -> None:
    users = writable.repository("users")
    assert mode.call(users.find_by_id, 1).name == "Ann"
    assert mode.call(users.find_by_id, 99) is None
    assert ids(mode.call(users.find_by_ids, iter([3, 1]))) == [3, 1]
    assert sorted(ids(mode.call(users.find_all, age__gt=18))) == [1, 4]
    assert mode.call(users.first).id == 1
    assert mode.call(users.exists, 1) is mode.call(users.exists, age=31) is True
    assert (mode.call(users.count), mode.call(users.count, age=31)) == (4, 1)
    assert sorted(ids(mode.iterate(users.stream))) == [1, 2, 3, 4]
    assert ids(mode.call(users.paginate, 2, 3, order_by="id")) == [4]
    assert mode.call(users.with_count, 1, ["posts_as_author"]).posts_as_author_count == 2
    assert mode.call(users.find_with_relations, 1, iter(["posts_as_author"])).id == 1
    assert len(mode.call(users.load_relationships, mode.call(users.find_all), "posts_as_author")) == 4
    eve = mode.call(users.create, {"email": "eve@example.com", "name": "Eve"})
    assert mode.call(users.update, eve.id, age=3).age == 3
    eve.age = 4
    assert mode.call(users.save, eve) is eve
    assert mode.call(users.delete, eve) is True
    made = mode.call(users.create_many, [{"email": f"{n}@x", "name": "N"} for n in range(40)])
    assert mode.call(users.update_many, made, ["name"]) == 40
    assert mode.call(users.delete_many, iter(made)) == 40
    found = mode.call(
        users.upsert, {"email": "ann@example.com", "name": "Anna"}, on=["email"], update=["name"]
    )
    assert ids(found.updated) == [1]


async def test_finders_of_repositories(db: Database) -> None:
    users = db.repository("users")
    assert (await users.afind_by_email("ann@example.com")).id == 1
    assert await users.afind_by_email("nobody") is None
    assert ids(await users.afind_many_by_is_active_and_age(True, age=17)) == [2]
    with pytest.raises(AttributeError, match="afnd"):
        users.afnd_by_email  # noqa: B018


async def test_a_function_in_a_transaction(writable: Database) -> None:
    db = writable
    tries: list[str] = []

    async def work(name: str, failures: int) -> int:
        tries.append(name)
        await db.tags.acreate(name=name)
        if tries.count(name) <= failures:
            raise DatabaseLocked("once more")
        return await db.tags.acount()

    assert await db.arun_in_transaction(lambda: work("one", 2), backoff_s=0.001) == 4
    with pytest.raises(DatabaseLocked):
        await db.arun_in_transaction(lambda: work("two", 2), retries=1, backoff_s=0.001)
    assert (tries.count("one"), tries.count("two")) == (3, 2)
    assert await db.tags.acount() == 4
    async with db.transaction():
        assert await db.arun_in_transaction(lambda: work("three", 0)) == 5
        with pytest.raises(DatabaseLocked):
            await db.arun_in_transaction(lambda: work("four", 1))
    assert tries.count("four") == 1, "a part of a transaction is not tried again"
    assert await db.tags.acount() == 5
