"""Tortoise: asynchronous, Django-like; its one aiosqlite connection."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

from tortoise import Tortoise, fields
from tortoise.backends.sqlite import SqliteClient
from tortoise.expressions import Q
from tortoise.functions import Count, Sum
from tortoise.models import Model
from tortoise.transactions import in_transaction

from benchmarks.contenders.base import Contender
from benchmarks.data import PRAGMAS

__all__ = ["CONTENDER"]


class User(Model):
    id = fields.IntField(primary_key=True)
    email = fields.TextField()
    name = fields.TextField()
    age = fields.IntField()
    score = fields.FloatField(null=True)
    is_active = fields.BooleanField()
    created_at = fields.DatetimeField()
    posts: fields.ReverseRelation[Post]

    class Meta:
        table = "users"


class Tag(Model):
    id = fields.IntField(primary_key=True)
    name = fields.TextField()

    class Meta:
        table = "tags"


class Post(Model):
    id = fields.IntField(primary_key=True)
    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField("blog.User", related_name="posts")
    title = fields.TextField()
    body = fields.TextField()
    views = fields.IntField()
    published = fields.BooleanField()
    created_at = fields.DatetimeField()
    tags: fields.ManyToManyRelation[Tag] = fields.ManyToManyField(
        "blog.Tag", through="post_tags", backward_key="post_id", forward_key="tag_id"
    )
    comments: fields.ReverseRelation[Comment]

    class Meta:
        table = "posts"


class Comment(Model):
    id = fields.IntField(primary_key=True)
    post: fields.ForeignKeyRelation[Post] = fields.ForeignKeyField("blog.Post", related_name="comments")
    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField("blog.User", related_name="comments")
    body = fields.TextField()
    likes = fields.IntField()
    created_at = fields.DatetimeField()

    class Meta:
        table = "comments"


class Event(Model):
    id = fields.IntField(primary_key=True)
    kind = fields.IntField()
    happened = fields.DatetimeField()
    note = fields.TextField()

    class Meta:
        table = "events"


class TortoiseOrm(Contender):
    """Awaited query sets."""

    asynchronous = True
    unsupported: ClassVar[dict[str, str]] = {
        "bulk_create_10000": "bulk_create gives no keys",
        "discovery": "no discovery",
    }

    async def open(self, database: Path) -> None:
        credentials = {"file_path": str(database), **PRAGMAS}
        await Tortoise.init(
            {
                "connections": {
                    "default": {"engine": "tortoise.backends.sqlite", "credentials": credentials}
                },
                "apps": {"blog": {"models": [__name__], "default_connection": "default"}},
                "use_tz": False,
            },
            _enable_global_fallback=True,
        )

    async def open_deep(self, database: Path, depth: int) -> tuple[datetime, int]:
        self.deep = SqliteClient(str(database), connection_name="deep", **PRAGMAS)
        await self.deep.create_connection(with_db=True)
        events = Event.all().using_db(self.deep).order_by("happened", "id")
        [place] = await events.offset(depth - 1).limit(1).values_list("happened", "id")
        return place

    async def get_by_key(self, key: int) -> User:
        return await User.get(id=key)

    async def get_by_unique(self, email: str) -> User:
        return await User.get(email=email)

    async def page_of_20(self, age: int) -> list[User]:
        return await User.filter(age=age).order_by("-created_at").limit(20)

    async def filter_1000(self, first: int) -> list[User]:
        return await User.filter(id__gte=first, id__lt=first + 1_000)

    async def touch_1000(self, first: int) -> list[User]:
        users = await self.filter_1000(first)
        self.touch(users)
        return users

    async def all_users(self, _: None) -> list[User]:
        return await User.all()

    async def values_1000(self, first: int) -> list[tuple[Any, ...]]:
        users = User.filter(id__gte=first, id__lt=first + 1_000)
        return await users.values_list("id", "email", "name", "age")

    async def values_10000(self, _: None) -> list[tuple[Any, ...]]:
        return await User.all().values_list("id", "email", "name", "age")

    async def count(self, age: int) -> int:
        return await User.filter(age=age).count()

    async def grouped(self, first: int) -> list[dict[str, Any]]:
        posts = Post.filter(user_id__gte=first, user_id__lt=first + 1_000)
        counted = posts.annotate(n=Count("id"), total=Sum("views")).group_by("user_id").order_by("user_id")
        return await counted.values("user_id", "n", "total")

    async def annotated(self, _: None) -> list[tuple[Any, ...]]:
        return await User.annotate(n=Count("posts")).order_by("id").values_list("id", "n")

    async def join_1000(self, first: int) -> list[Post]:
        return await Post.filter(id__gte=first, id__lt=first + 1_000).select_related("user")

    async def tree_100(self, first: int) -> list[User]:
        return await User.filter(id__gte=first, id__lt=first + 100).prefetch_related("posts__comments")

    async def tagged_200(self, first: int) -> list[Post]:
        return await Post.filter(id__gte=first, id__lt=first + 200).prefetch_related("tags")

    async def stream(self, _: None) -> AsyncIterator[Post]:
        async for post in Post.all():
            yield post

    async def keyset(self, place: tuple[datetime, int]) -> list[Event]:
        happened, key = place
        # Beside the OR, the first condition is what lets SQLite begin in the index.
        behind = Q(happened__gte=happened) & (Q(happened__gt=happened) | Q(id__gt=key))
        return await Event.filter(behind).using_db(self.deep).order_by("happened", "id").limit(20)

    def given(self, operation: str, value: Any) -> Any:
        return [User(**row) for row in value] if operation == "bulk_create_10000" else value

    def transaction(self) -> Any:
        return in_transaction()

    async def create(self, row: dict[str, Any]) -> User:
        return await User.create(**row)

    create_in_transaction = create

    async def save(self, change: tuple[int, str]) -> None:
        key, name = change
        user = await User.get(id=key)
        user.name = name
        await user.save(update_fields=["name"])

    async def update_filter(self, change: tuple[int, float]) -> int:
        age, score = change
        return await User.filter(age=age).update(score=score)

    async def delete(self, key: int) -> int:
        return await User.filter(id=key).delete()

    async def get_or_create(self, row: dict[str, Any]) -> User:
        defaults = {name: value for name, value in row.items() if name != "email"}
        return (await User.get_or_create(defaults, email=row["email"]))[0]

    def values(self, row: Any) -> tuple[object, ...]:
        return tuple(row.values()) if isinstance(row, dict) else tuple(row)


CONTENDER = TortoiseOrm
