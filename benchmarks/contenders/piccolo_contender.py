"""Piccolo: asynchronous; objects where it has them, dictionaries where its documentation uses those.

Outside a transaction Piccolo opens a connection for every query on SQLite. One transaction is therefore
held around the operations, which is the connection reuse that it offers. It has no reverse relations:
their rows are grouped by hand.
"""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

from piccolo.columns import Boolean, ForeignKey, Integer, LazyTableReference, Real, Serial, Text, Timestamp
from piccolo.columns.m2m import M2M
from piccolo.engine.sqlite import SQLiteEngine, convert_timestamp_out
from piccolo.query.functions import Count, Sum
from piccolo.table import Table

from benchmarks.contenders.base import Contender
from benchmarks.data import PRAGMAS

__all__ = ["CONTENDER"]

DB = SQLiteEngine()
DEEP = SQLiteEngine()

_ROWS_AT_ONCE = 4_000
"""So many rows of 6 values stay below the number of parameters that a statement may have."""
# Piccolo converts by declared type and calls this one TIMESTAMP.
sqlite3.register_converter("DATETIME", convert_timestamp_out)


class User(Table, db=DB, tablename="users"):
    id = Serial(primary_key=True)
    email = Text()
    name = Text()
    age = Integer()
    score = Real(null=True)
    is_active = Boolean()
    created_at = Timestamp()


class Post(Table, db=DB, tablename="posts"):
    id = Serial(primary_key=True)
    user = ForeignKey(User, db_column_name="user_id")
    title = Text()
    body = Text()
    views = Integer()
    published = Boolean()
    created_at = Timestamp()
    tags = M2M(LazyTableReference("PostTag", module_path=__name__))


class Comment(Table, db=DB, tablename="comments"):
    id = Serial(primary_key=True)
    post = ForeignKey(Post, db_column_name="post_id")
    user = ForeignKey(User, db_column_name="user_id")
    body = Text()
    likes = Integer()
    created_at = Timestamp()


class Tag(Table, db=DB, tablename="tags"):
    id = Serial(primary_key=True)
    name = Text()


class PostTag(Table, db=DB, tablename="post_tags"):
    id = Serial(primary_key=True)
    post = ForeignKey(Post, db_column_name="post_id")
    tag = ForeignKey(Tag, db_column_name="tag_id")


class Event(Table, db=DEEP, tablename="events"):
    id = Serial(primary_key=True)
    kind = Integer()
    happened = Timestamp()
    note = Text()


class Piccolo(Contender):
    """Awaited queries inside one transaction."""

    asynchronous = True
    unsupported: ClassVar[dict[str, str]] = {
        "annotated": "no reverse relations to count",
        "discovery": "not on SQLite",
    }

    async def open(self, database: Path) -> None:
        DB.path = str(database)
        self._tables: list[tuple[SQLiteEngine, type[Table]]] = [(DB, User)]

    async def open_deep(self, database: Path, depth: int) -> tuple[datetime, int]:
        DEEP.path = str(database)
        self._tables.append((DEEP, Event))
        events = Event.select(Event.happened, Event.id).order_by(Event.happened).order_by(Event.id)
        [place] = await events.offset(depth - 1).limit(1)
        return place["happened"], place["id"]

    @asynccontextmanager
    async def scope(self) -> AsyncIterator[None]:
        async with AsyncExitStack() as transactions:
            for engine, table in self._tables:
                await transactions.enter_async_context(engine.transaction())
                for name in ("cache_size", "mmap_size"):
                    await table.raw(f"pragma {name} = {PRAGMAS[name]}")
            yield

    async def get_by_key(self, key: int) -> User:
        return await User.objects().get(User.id == key)

    async def get_by_unique(self, email: str) -> User:
        return await User.objects().get(User.email == email)

    async def page_of_20(self, age: int) -> list[User]:
        users = User.objects().where(User.age == age)
        return await users.order_by(User.created_at, ascending=False).limit(20)

    async def filter_1000(self, first: int) -> list[User]:
        return await User.objects().where(User.id >= first, User.id < first + 1_000)

    async def touch_1000(self, first: int) -> list[User]:
        users = await self.filter_1000(first)
        self.touch(users)
        return users

    async def all_users(self, _: None) -> list[User]:
        return await User.objects()

    async def values_1000(self, first: int) -> list[dict[str, Any]]:
        columns = User.select(User.id, User.email, User.name, User.age)
        return await columns.where(User.id >= first, User.id < first + 1_000)

    async def values_10000(self, _: None) -> list[dict[str, Any]]:
        return await User.select(User.id, User.email, User.name, User.age)

    async def count(self, age: int) -> int:
        return await User.count().where(User.age == age)

    async def grouped(self, first: int) -> list[dict[str, Any]]:
        counted = Post.select(Post.user, Count(Post.id), Sum(Post.views))
        posts = counted.where(Post.user >= first, Post.user < first + 1_000)
        return await posts.group_by(Post.user).order_by(Post.user)

    async def join_1000(self, first: int) -> list[Post]:
        return await Post.objects(Post.user).where(Post.id >= first, Post.id < first + 1_000)

    async def tree_100(self, first: int) -> list[tuple[User, list[Any]]]:
        users = [(user, []) for user in await User.objects().where(User.id >= first, User.id < first + 100)]
        posts_of = {user.id: posts for user, posts in users}
        comments_of: dict[int, list[Comment]] = {}
        for post in await Post.objects().where(Post.user.is_in(list(posts_of))):
            comments_of[post.id] = comments = []
            posts_of[post.user].append((post, comments))
        for comment in await Comment.objects().where(Comment.post.is_in(list(comments_of))):
            comments_of[comment.post].append(comment)
        return users

    async def tagged_200(self, first: int) -> list[dict[str, Any]]:
        posts = Post.select(*Post.all_columns(), Post.tags(Tag.id, Tag.name))
        return await posts.where(Post.id >= first, Post.id < first + 200)

    async def stream(self, _: None) -> AsyncIterator[Post]:
        async with await Post.objects().batch(batch_size=1_000) as batches:
            async for batch in batches:
                for post in batch:
                    yield post

    async def keyset(self, place: tuple[datetime, int]) -> list[Event]:
        happened, key = place
        # Beside the OR, the first condition is what lets SQLite begin in the index.
        behind = (Event.happened >= happened) & ((Event.happened > happened) | (Event.id > key))
        return await Event.objects().where(behind).order_by(Event.happened).order_by(Event.id).limit(20)

    def given(self, operation: str, value: Any) -> Any:
        return [User(**row) for row in value] if operation == "bulk_create_10000" else value

    def transaction(self) -> Any:
        return self.scope()

    async def create(self, row: dict[str, Any]) -> User:
        user = User(**row)
        await user.save()
        return user

    create_in_transaction = create

    async def bulk_create_10000(self, users: list[User]) -> list[User]:
        async with DB.transaction():
            for first in range(0, len(users), _ROWS_AT_ONCE):
                await User.insert(*users[first : first + _ROWS_AT_ONCE])
        return users

    async def save(self, change: tuple[int, str]) -> None:
        key, name = change
        user = await User.objects().get(User.id == key)
        user.name = name
        await user.save([User.name])

    async def update_filter(self, change: tuple[int, float]) -> None:
        age, score = change
        await User.update({User.score: score}).where(User.age == age)

    async def delete(self, key: int) -> None:
        await User.delete().where(User.id == key)

    async def get_or_create(self, row: dict[str, Any]) -> User:
        defaults = {User._meta.get_column_by_name(name): value for name, value in row.items()}
        return await User.objects().get_or_create(User.email == row["email"], defaults)

    def post(self, row: Any) -> tuple[object, ...]:
        if isinstance(row, dict):
            return tuple(row.values())[:7]
        user = row.user if isinstance(row.user, int) else row.user.id
        return row.id, user, row.title, row.body, row.views, row.published, row.created_at

    def comment(self, row: Any) -> tuple[object, ...]:
        return row.id, row.post, row.user, row.body, row.likes, row.created_at

    def tag(self, row: Any) -> tuple[object, ...]:
        return row["id"], row["name"]

    def values(self, row: Any) -> tuple[object, ...]:
        return tuple(row.values())

    def children(self, row: Any, relation: str) -> tuple[Any, Any]:
        return (row, row["tags"]) if relation == "tags" else row


CONTENDER = Piccolo
