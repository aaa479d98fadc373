"""Pony: entities and generator expressions, one ``db_session`` an operation, as Pony requires."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

from pony.orm import (
    Database,
    Optional,
    PrimaryKey,
    Required,
    Set,
    commit,
    count,
    db_session,
    desc,
    flush,
    select,
    sum,
)

from benchmarks.contenders.base import Contender
from benchmarks.data import PRAGMAS

__all__ = ["CONTENDER"]

db = Database()
deep = Database()


class User(db.Entity):
    _table_ = "users"
    id = PrimaryKey(int, auto=True)
    email = Required(str, unique=True)
    name = Required(str)
    age = Required(int)
    score = Optional(float)
    is_active = Required(bool)
    created_at = Required(datetime)
    posts = Set("Post")
    comments = Set("Comment")


class Post(db.Entity):
    _table_ = "posts"
    id = PrimaryKey(int)
    user = Required(User, column="user_id")
    title = Required(str)
    body = Required(str)
    views = Required(int)
    published = Required(bool)
    created_at = Required(datetime)
    comments = Set("Comment")
    tags = Set("Tag", table="post_tags", column="tag_id")


class Comment(db.Entity):
    _table_ = "comments"
    id = PrimaryKey(int)
    post = Required(Post, column="post_id")
    user = Required(User, column="user_id")
    body = Required(str)
    likes = Required(int)
    created_at = Required(datetime)


class Tag(db.Entity):
    _table_ = "tags"
    id = PrimaryKey(int)
    name = Required(str)
    posts = Set(Post, column="post_id")


class Event(deep.Entity):
    _table_ = "events"
    id = PrimaryKey(int)
    kind = Required(int)
    happened = Required(datetime)
    note = Required(str)


@db.on_connect(provider="sqlite")
@deep.on_connect(provider="sqlite")
def set_pragmas(_: Any, connection: Any) -> None:
    for name, value in PRAGMAS.items():
        connection.execute(f"pragma {name} = {value}")


class Pony(Contender):
    """Pony reads Python's own generator expressions, so an operation looks like a comprehension."""

    unsupported: ClassVar[dict[str, str]] = {
        "discovery": "no discovery",
        "update_filter": "no UPDATE of many rows by a filter",
    }

    def open(self, database: Path) -> None:
        db.bind(provider="sqlite", filename=str(database))
        db.generate_mapping(check_tables=False)

    @db_session
    def open_deep(self, database: Path, depth: int) -> tuple[datetime, int]:
        deep.bind(provider="sqlite", filename=str(database))
        deep.generate_mapping(check_tables=False)
        [event] = select(e for e in Event).order_by(Event.happened, Event.id)[depth - 1 : depth]
        return event.happened, event.id

    @db_session
    def get_by_key(self, key: int) -> User:
        return User[key]

    @db_session
    def get_by_unique(self, email: str) -> User:
        return User.get(email=email)

    @db_session
    def page_of_20(self, age: int) -> list[User]:
        return list(select(u for u in User if u.age == age).order_by(lambda u: desc(u.created_at))[:20])

    @db_session
    def filter_1000(self, first: int) -> list[User]:
        last = first + 1_000
        return list(select(u for u in User if u.id >= first and u.id < last))

    @db_session
    def touch_1000(self, first: int) -> list[User]:
        users = self.filter_1000(first)
        self.touch(users)
        return users

    @db_session
    def all_users(self, _: None) -> list[User]:
        return list(User.select())

    @db_session
    def values_1000(self, first: int) -> list[tuple[Any, ...]]:
        last = first + 1_000
        return list(select((u.id, u.email, u.name, u.age) for u in User if u.id >= first and u.id < last))

    @db_session
    def values_10000(self, _: None) -> list[tuple[Any, ...]]:
        return list(select((u.id, u.email, u.name, u.age) for u in User))

    @db_session
    def count(self, age: int) -> int:
        return count(u for u in User if u.age == age)

    @db_session
    def grouped(self, first: int) -> list[tuple[Any, ...]]:
        last = first + 1_000
        counted = select(
            (p.user.id, count(p.id), sum(p.views)) for p in Post if p.user.id >= first and p.user.id < last
        )
        return list(counted.order_by(1))

    @db_session
    def annotated(self, _: None) -> list[tuple[Any, ...]]:
        return list(select((u.id, count(u.posts)) for u in User).order_by(1))

    @db_session
    def join_1000(self, first: int) -> list[Post]:
        last = first + 1_000
        return list(select(p for p in Post if p.id >= first and p.id < last).prefetch(Post.user))

    @db_session
    def tree_100(self, first: int) -> list[User]:
        last = first + 100
        users = select(u for u in User if u.id >= first and u.id < last)
        return list(users.prefetch(User.posts, Post.comments))

    @db_session
    def tagged_200(self, first: int) -> list[Post]:
        last = first + 200
        return list(select(p for p in Post if p.id >= first and p.id < last).prefetch(Post.tags))

    @db_session
    def stream(self, _: None) -> Iterable[Post]:
        return list(Post.select())

    @db_session
    def keyset(self, place: tuple[datetime, int]) -> list[Event]:
        happened, key = place
        # Beside the OR, the first condition is what lets SQLite begin in the index.
        events = select(e for e in Event if e.happened >= happened and (e.happened > happened or e.id > key))
        return list(events.order_by(Event.happened, Event.id)[:20])

    def transaction(self) -> Any:
        return db_session()

    @db_session
    def create(self, row: dict[str, Any]) -> int:
        user = User(**row)
        commit()
        return user.id

    def create_in_transaction(self, row: dict[str, Any]) -> int:
        user = User(**row)
        flush()
        return user.id

    @db_session
    def bulk_create_10000(self, rows: list[dict[str, Any]]) -> list[int]:
        users = [User(**row) for row in rows]
        commit()
        return [user.id for user in users]

    @db_session
    def save(self, change: tuple[int, str]) -> None:
        key, name = change
        User[key].name = name

    @db_session
    def delete(self, key: int) -> int:
        return User.select(lambda u: u.id == key).delete(bulk=True)

    @db_session
    def get_or_create(self, row: dict[str, Any]) -> User:
        return User.get(email=row["email"]) or User(**row)

    def key(self, result: Any) -> int:
        return result

    def keys(self, result: Any) -> list[int]:
        return result

    def post(self, row: Any) -> tuple[object, ...]:
        return row.id, row.user.id, row.title, row.body, row.views, row.published, row.created_at

    def comment(self, row: Any) -> tuple[object, ...]:
        return row.id, row.post.id, row.user.id, row.body, row.likes, row.created_at


CONTENDER = Pony
