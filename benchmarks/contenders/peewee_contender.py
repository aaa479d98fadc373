"""peewee: models on one SqliteDatabase, ``prefetch`` for relations, ``playhouse`` for discovery."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from peewee import (
    JOIN,
    AutoField,
    BooleanField,
    DateTimeField,
    FloatField,
    ForeignKeyField,
    IntegerField,
    Model,
    SqliteDatabase,
    TextField,
    Tuple,
    chunked,
    fn,
    prefetch,
)
from playhouse.reflection import Introspector

from benchmarks.contenders.base import Contender
from benchmarks.data import PRAGMAS

__all__ = ["CONTENDER"]

database = SqliteDatabase(None)
deep = SqliteDatabase(None)

_ROWS_AT_ONCE = 4_000
"""So many rows of 6 values stay below the number of parameters that a statement may have."""


class Base(Model):
    class Meta:
        database = database


class User(Base):
    id = AutoField()
    email = TextField(unique=True)
    name = TextField()
    age = IntegerField()
    score = FloatField(null=True)
    is_active = BooleanField()
    created_at = DateTimeField()

    class Meta:
        table_name = "users"


class Post(Base):
    id = AutoField()
    user = ForeignKeyField(User, backref="posts")
    title = TextField()
    body = TextField()
    views = IntegerField()
    published = BooleanField()
    created_at = DateTimeField()

    class Meta:
        table_name = "posts"


class Comment(Base):
    id = AutoField()
    post = ForeignKeyField(Post, backref="comments")
    user = ForeignKeyField(User, backref="comments")
    body = TextField()
    likes = IntegerField()
    created_at = DateTimeField()

    class Meta:
        table_name = "comments"


class Tag(Base):
    id = AutoField()
    name = TextField()

    class Meta:
        table_name = "tags"


class PostTag(Base):
    id = AutoField()
    post = ForeignKeyField(Post, backref="links")
    tag = ForeignKeyField(Tag, backref="links")

    class Meta:
        table_name = "post_tags"


class Event(Model):
    id = AutoField()
    kind = IntegerField()
    happened = DateTimeField()
    note = TextField()

    class Meta:
        database = deep
        table_name = "events"


class Peewee(Contender):
    """Select queries, made into lists."""

    def open(self, database: Path) -> None:
        User._meta.database.init(str(database), pragmas=PRAGMAS)
        User._meta.database.connect()

    def open_deep(self, database: Path, depth: int) -> tuple[datetime, int]:
        deep.init(str(database), pragmas=PRAGMAS)
        deep.connect()
        [event] = Event.select().order_by(Event.happened, Event.id).offset(depth - 1).limit(1)
        return event.happened, event.id

    def get_by_key(self, key: int) -> User:
        return User.get_by_id(key)

    def get_by_unique(self, email: str) -> User:
        return User.get(User.email == email)

    def page_of_20(self, age: int) -> list[User]:
        return list(User.select().where(User.age == age).order_by(User.created_at.desc()).limit(20))

    def filter_1000(self, first: int) -> list[User]:
        return list(User.select().where((User.id >= first) & (User.id < first + 1_000)))

    def touch_1000(self, first: int) -> list[User]:
        users = self.filter_1000(first)
        self.touch(users)
        return users

    def all_users(self, _: None) -> list[User]:
        return list(User.select())

    def values_1000(self, first: int) -> list[tuple[Any, ...]]:
        columns = User.select(User.id, User.email, User.name, User.age)
        return list(columns.where((User.id >= first) & (User.id < first + 1_000)).tuples())

    def values_10000(self, _: None) -> list[tuple[Any, ...]]:
        return list(User.select(User.id, User.email, User.name, User.age).tuples())

    def count(self, age: int) -> int:
        return User.select().where(User.age == age).count()

    def grouped(self, first: int) -> list[tuple[Any, ...]]:
        return list(
            Post.select(Post.user, fn.COUNT(Post.id), fn.SUM(Post.views))
            .where((Post.user >= first) & (Post.user < first + 1_000))
            .group_by(Post.user)
            .order_by(Post.user)
            .tuples()
        )

    def annotated(self, _: None) -> list[tuple[Any, ...]]:
        counted = User.select(User.id, fn.COUNT(Post.id)).join(Post, JOIN.LEFT_OUTER)
        return list(counted.group_by(User.id).order_by(User.id).tuples())

    def join_1000(self, first: int) -> list[Post]:
        posts = Post.select(Post, User).join(User)
        return list(posts.where((Post.id >= first) & (Post.id < first + 1_000)))

    def tree_100(self, first: int) -> list[User]:
        users = User.select().where((User.id >= first) & (User.id < first + 100))
        return prefetch(users, Post.select(), Comment.select())

    def tagged_200(self, first: int) -> list[Post]:
        posts = Post.select().where((Post.id >= first) & (Post.id < first + 200))
        return prefetch(posts, PostTag.select(PostTag, Tag).join(Tag))

    def stream(self, _: None) -> Iterator[Post]:
        return Post.select().iterator()

    def keyset(self, place: tuple[datetime, int]) -> list[Event]:
        events = Event.select().where(Tuple(Event.happened, Event.id) > place)
        return list(events.order_by(Event.happened, Event.id).limit(20))

    def transaction(self) -> Any:
        return User._meta.database.atomic()

    def create(self, row: dict[str, Any]) -> User:
        return User.create(**row)

    create_in_transaction = create

    def bulk_create_10000(self, rows: list[dict[str, Any]]) -> list[int]:
        keys: list[int] = []
        with User._meta.database.atomic():
            for batch in chunked(rows, _ROWS_AT_ONCE):
                keys += [key for (key,) in User.insert_many(batch).returning(User.id).tuples().execute()]
        return keys

    def keys(self, result: Any) -> list[int]:
        return result

    def save(self, change: tuple[int, str]) -> None:
        key, name = change
        user = User.get_by_id(key)
        user.name = name
        user.save(only=[User.name])

    def update_filter(self, change: tuple[int, float]) -> int:
        age, score = change
        return User.update(score=score).where(User.age == age).execute()

    def delete(self, key: int) -> int:
        return User.delete_by_id(key)

    def get_or_create(self, row: dict[str, Any]) -> User:
        return User.get_or_create(email=row["email"], defaults=row)[0]

    def discovery(self, database: Path) -> dict[str, type[Model]]:
        found = SqliteDatabase(database)
        models = Introspector.from_database(found).generate_models()
        found.close()
        return models

    def children(self, row: Any, relation: str) -> tuple[Any, Any]:
        return row, [link.tag for link in row.links] if relation == "tags" else getattr(row, relation)

    def tables(self, result: Any) -> Sequence[tuple[str, Sequence[str]]]:
        return [(table, list(model._meta.columns)) for table, model in result.items()]


CONTENDER = Peewee
