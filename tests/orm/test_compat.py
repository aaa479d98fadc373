"""Methods that programs written for Django may call, and what they are here."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import apsw
import pytest

from noormme import Database, FieldNotFound, NotSupported, Prefetch, TableNotFound, UsageError, connect
from tests.orm.support import ids, sql
from tests.orm.world import change


@pytest.mark.sqlite("nothing is locked")
def test_select_for_update_changes_nothing(db: Database) -> None:
    query = db.users.filter(id__lt=3).order_by("-id")
    for options in ({}, {"nowait": True}, {"skip_locked": True}, {"of": ("self", "profile"), "no_key": True}):
        locked = query.select_for_update(**options)
        assert locked is not query
        assert sql(locked) == sql(query)
        assert ids(locked.filter(id=2)) == [2]
    assert ids(db.users.select_for_update()[:1]) == [1]
    with pytest.raises(UsageError, match="nowait and skip_locked exclude each other"):
        query.select_for_update(nowait=True, skip_locked=True)


@pytest.mark.parametrize(
    ("make", "hint"),
    [
        (lambda users: users.extra(select={"one": "1"}), "annotate(name=RawSQL(sql, params))"),
        (lambda users: users.filter(id=1).extra(where=["id = 1"]), "filter(RawSQL(sql, params))"),
    ],
)
def test_what_is_left_out(db: Database, make: Any, hint: str) -> None:
    with pytest.raises(NotSupported) as raised:
        make(db.users)
    assert hint in str(raised.value)


def test_using_another_database(world: Path, db: Database, tmp_path: Path) -> None:
    copied = tmp_path / "copy.db"
    shutil.copy(world, copied)
    change(copied, "UPDATE users SET name = 'Zoe' WHERE id = 1; DELETE FROM posts WHERE id = 2")
    with connect(copied, readonly=True) as other:
        query = db.users.filter(id__lte=2).order_by("id").prefetch_related("posts_as_author")
        names = [(user.name, ids(user.posts_as_author.all())) for user in query.using(other)]
        assert names == [("Zoe", [1]), ("Bob", [3, 4])]
        assert [user.name for user in query] == ["Ann", "Bob"]
        assert type(query.using(other)[0]) is other.model("users")
        assert db.users.get(id=1).posts_as_author.using(other).count() == 1
        assert sql(query.using(other)) == sql(query)
        narrow = Prefetch("posts_as_author", db.posts.filter(id=1), to_attr="first")
        assert [ids(user.first) for user in db.users.prefetch_related(narrow).using(other)[:1]] == [[1]]
        assert db.users.using(other).using(db).get(id=1).name == "Ann"
        both = db.users.filter(id=1).union(db.users.filter(id=2)).order_by("id")
        assert [user.name for user in both.using(other)] == ["Zoe", "Bob"]


def test_using_what_is_no_database_or_another_one(db: Database, tmp_path: Path) -> None:
    for nothing in ("default", None, 5):
        with pytest.raises(UsageError, match=r"using takes a database, not \w+; write using\(connect"):
            db.users.using(nothing)  # type: ignore[arg-type]
    connection = apsw.Connection(str(tmp_path / "other.db"))
    connection.execute("CREATE TABLE users(id INTEGER PRIMARY KEY)")
    connection.close()
    with connect(tmp_path / "other.db") as other:
        with pytest.raises(TableNotFound, match="posts"):
            db.posts.using(other)
        with pytest.raises(FieldNotFound, match="name"):
            list(db.users.filter(name="Ann").using(other))
