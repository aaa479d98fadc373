"""Objects: their fields, keys, equality, and how they become dicts and JSON."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import msgspec
import pytest

from noormme import Count, Database, Model, connect
from noormme.orm.related import ToMany, ToOne
from tests.orm.support import count_queries


@pytest.mark.sqlite("a table without a key has a row id")
def test_fields_and_key(db: Database) -> None:
    ann = db.users.get(id=1)
    assert (ann.id, ann.email, ann.is_active) == (1, "ann@example.com", True)
    assert ann.joined == datetime(2024, 1, 1, 10)
    assert ann.pk == 1
    assert db.orders.first().pk == ("eu", 1)
    assert db.log.get(message="down").pk == 2
    assert db.active_users.first().pk is None


@pytest.mark.sqlite("a table without a key has a row id")
def test_the_model_knows_its_table(db: Database) -> None:
    user = db.model("users")
    assert isinstance(db.users.first(), user)
    assert issubclass(user, Model)
    assert user.__name__ == "User"
    assert user.objects.filter(id=1).get() == db.users.get(id=1)
    assert user.objects.model is user
    assert isinstance(user.profile, ToOne)
    assert isinstance(user.comments, ToMany)
    assert user.__struct_fields__ == ("id", "email", "name", "age", "is_active", "joined")
    assert db.model("log").__struct_fields__ == ("at", "message", "rowid")
    assert user.__doc__ == "One row of 'users'."


def test_objects_are_equal_by_table_and_key(db: Database) -> None:
    ann, again, bob = db.users.get(id=1), db.users.get(id=1), db.users.get(id=2)
    again.name = "Anna"
    assert ann == ann
    assert ann == again
    assert (ann != again) is False
    assert (ann == 1) is False
    assert hash(ann) == hash(again)
    assert ann != bob
    assert ann != db.tags.get(id=1)
    assert ann != 1
    assert {ann, again, bob} == {ann, bob}
    assert db.users.only("name").get(id=1) == ann
    assert db.orders.get(pk=("eu", 1)) == db.orders.first()
    assert len({*db.orders, *db.orders}) == 3


def test_rows_of_a_view_are_equal_by_value(db: Database) -> None:
    row = db.active_users.get(name="Ann")
    assert row == db.active_users.get(id=1)
    assert hash(row) == hash(db.active_users.get(id=1))
    assert row != db.active_users.get(id=2)


def test_objects_without_a_key_value_are_themselves(db: Database) -> None:
    user = db.model("users")
    one, other = (user(None, "x", "x", None, True, None) for _ in range(2))
    assert one == one
    assert one != other
    assert len({one, other}) == 2


def test_objects_of_two_connections(world: Path, own: Path) -> None:
    with connect(world) as one, connect(world) as two, connect(own) as other:
        assert one.users.get(id=1) == two.users.get(id=1)
        assert one.users.get(id=1) != other.users.get(id=1)
        assert one.users.contains(two.users.get(id=1))


def test_repr_shows_the_columns(db: Database) -> None:
    assert repr(db.tags.get(id=1)) == "Tag(id=1, name='sql')"
    assert repr(db.tags.only("id").get(id=1)) == "Tag(id=1)"
    assert repr(db.log.get(message="up")) == "Log(at=datetime.datetime(2024, 1, 1, 0, 0), message='up')"
    tag = db.tags.get(id=1)
    tag.name = "x" * 100
    assert repr(tag) == f"Tag(id=1, name='{'x' * 59}…)"


def test_to_dict(db: Database) -> None:
    assert db.tags.get(id=1).to_dict() == {"id": 1, "name": "sql"}
    assert db.tags.only("id").get(id=1).to_dict() == {"id": 1}
    assert db.log.get(message="down").to_dict() == {"at": None, "message": "down"}
    assert db.tags.annotate(n=Count("posts")).get(id=1).to_dict() == {"id": 1, "name": "sql"}


def test_to_dict_with_what_was_loaded(db: Database) -> None:
    query = db.posts.select_related("author", "editor").prefetch_related("tags", "comments")
    with count_queries(db) as counted:
        found = query.get(id=2).to_dict(relations=True)
    assert counted.number == 3
    assert found == {
        "id": 2,
        "title": "Two",
        "rating": None,
        "author_id": 1,
        "editor_id": None,
        "author": db.users.get(id=1).to_dict(),
        "editor": None,
        "tags": [{"id": 1, "name": "sql"}],
        "comments": [],
    }
    assert "author" not in db.posts.get(id=2).to_dict(relations=True)


def test_objects_become_json(db: Database) -> None:
    assert msgspec.json.encode(db.tags.get(id=1)) == b'{"id":1,"name":"sql"}'
    post = db.posts.select_related("author").annotate(n=Count("tags")).get(id=1)
    assert msgspec.json.decode(msgspec.json.encode(post)) == post.to_dict()
    users = msgspec.json.decode(msgspec.json.encode(list(db.users.order_by("id"))))
    assert [user["joined"] for user in users][2:] == ["2024-01-03T10:00:00", None]


def test_setting_a_key_lets_the_related_object_go(db: Database) -> None:
    post = db.posts.select_related("author", "editor").get(id=1)
    assert post.author.name == "Ann"
    post.author_id = 2
    with count_queries(db) as counted:
        assert post.author.name == "Bob"
        assert post.editor.name == "Bob"
    assert counted.number == 1
    post.editor_id = None
    assert post.editor is None
    line = db.lines.select_related("order").get(id=1)
    line.number = 2
    assert line.order.total == 20.0


def test_setting_anything_else_changes_that_only(db: Database) -> None:
    post = db.posts.select_related("author").get(id=1)
    post.title = "New"
    with count_queries(db) as counted:
        assert (post.title, post.author.name) == ("New", "Ann")
    assert counted.number == 0
    assert db.posts.get(id=1).title == "One"
    with pytest.raises(AttributeError):
        post.pk = 3


@pytest.mark.parametrize("query", [lambda db: db.users.get(id=1), lambda db: db.users.only("name").get(id=1)])
def test_a_misspelt_attribute(db: Database, query: Callable[[Database], Model]) -> None:
    with pytest.raises(AttributeError, match="'User' object has no attribute 'nmae'"):
        _ = query(db).nmae
    assert not hasattr(query(db), "posts")


def test_a_column_may_be_called_like_what_is_kept_inside(opened: Callable[..., Database]) -> None:
    db = opened(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, _loading TEXT, __loading TEXT, _loaded_us TEXT, _identity TEXT, t TEXT);"
        "CREATE TABLE us (id INTEGER PRIMARY KEY, t_id INTEGER REFERENCES t(id));"
        "INSERT INTO t VALUES (1, 'a', 'b', 'c', 'd', 'e'); INSERT INTO us VALUES (1, 1)"
    )
    (row,) = db.t.loading("raise").prefetch_related("us")
    assert list(row.to_dict().values()) == [1, "a", "b", "c", "d", "e"]
    assert [each.id for each in row.us.all()] == [1]
