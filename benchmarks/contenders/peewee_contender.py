"""peewee: models on one SqliteDatabase, ``prefetch`` for relations, ``playhouse`` for discovery."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from peewee import (
    AutoField,
    BooleanField,
    DateTimeField,
    FloatField,
    ForeignKeyField,
    IntegerField,
    Model,
    SqliteDatabase,
    TextField,
    fn,
    prefetch,
)
from playhouse.reflection import Introspector

from benchmarks.contenders.base import Contender
from benchmarks.data import PRAGMAS

__all__ = ["CONTENDER"]

database = SqliteDatabase(None)


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


class Peewee(Contender):
    """Select queries, made into lists."""

    def open(self, database: Path) -> None:
        User._meta.database.init(str(database), pragmas=PRAGMAS)
        User._meta.database.connect()

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
