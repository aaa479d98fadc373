"""Oxyde: asynchronous, its SQL and its execution in Rust, rows as Pydantic models."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

from oxyde import Count, Field, Model, PoolSettings, Q, Sum, db

from benchmarks.contenders.base import Contender

__all__ = ["CONTENDER"]


_ROWS_AT_ONCE = 4_000
"""So many rows of 7 values stay below the number of parameters that a statement may have."""


class User(Model):
    id: int | None = Field(default=None, db_pk=True)
    email: str = Field(db_unique=True)
    name: str
    age: int
    score: float | None = Field(default=None)
    is_active: bool
    created_at: datetime
    posts: list[Post] = Field(db_reverse_fk="user")

    class Meta:
        is_table = True
        table_name = "users"


class Post(Model):
    id: int | None = Field(default=None, db_pk=True)
    user: User | None = Field(default=None)
    title: str
    body: str
    views: int
    published: bool
    created_at: datetime
    comments: list[Comment] = Field(db_reverse_fk="post")
    tags: list[Tag] = Field(db_m2m=True, db_through="PostTag")

    class Meta:
        is_table = True
        table_name = "posts"


class Comment(Model):
    id: int | None = Field(default=None, db_pk=True)
    post: Post | None = Field(default=None)
    user: User | None = Field(default=None)
    body: str
    likes: int
    created_at: datetime

    class Meta:
        is_table = True
        table_name = "comments"


class Tag(Model):
    id: int | None = Field(default=None, db_pk=True)
    name: str

    class Meta:
        is_table = True
        table_name = "tags"


class PostTag(Model):
    id: int | None = Field(default=None, db_pk=True)
    post: Post | None = Field(default=None)
    tag: Tag | None = Field(default=None)

    class Meta:
        is_table = True
        table_name = "post_tags"


class Event(Model):
    id: int | None = Field(default=None, db_pk=True)
    kind: int
    happened: datetime
    note: str

    class Meta:
        is_table = True
        table_name = "events"


class Oxyde(Contender):
    """Awaited queries on one pooled connection; its own defaults are WAL and synchronous=NORMAL."""

    asynchronous = True
    unsupported: ClassVar[dict[str, str]] = {
        "annotated": "no aggregates over a reverse relation",
        "discovery": "no discovery",
    }

    async def open(self, database: Path) -> None:
        await db.init(default=f"sqlite:///{database}", settings=PoolSettings(sqlite_cache_size=-64_000))

    async def open_deep(self, database: Path, depth: int) -> tuple[datetime, int | None]:
        await db.init(deep=f"sqlite:///{database}", settings=PoolSettings(sqlite_cache_size=-64_000))
        events = Event.objects.order_by("happened", "id").offset(depth - 1).limit(1)
        [event] = await events.all(using="deep")
        return event.happened, event.id

    async def get_by_key(self, key: int) -> User:
        return await User.objects.get(id=key)

    async def get_by_unique(self, email: str) -> User:
        return await User.objects.get(email=email)

    async def page_of_20(self, age: int) -> list[User]:
        return await User.objects.filter(age=age).order_by("-created_at").limit(20).all()

    async def filter_1000(self, first: int) -> list[User]:
        return await User.objects.filter(id__gte=first, id__lt=first + 1_000).all()

    async def touch_1000(self, first: int) -> list[User]:
        users = await self.filter_1000(first)
        self.touch(users)
        return users

    async def all_users(self, _: None) -> list[User]:
        return await User.objects.all()

    async def values_1000(self, first: int) -> list[tuple[Any, ...]]:
        users = User.objects.filter(id__gte=first, id__lt=first + 1_000)
        return await users.values_list("id", "email", "name", "age").all()

    async def values_10000(self, _: None) -> list[tuple[Any, ...]]:
        return await User.objects.values_list("id", "email", "name", "age").all()

    async def count(self, age: int) -> int:
        return await User.objects.filter(age=age).count()

    async def grouped(self, first: int) -> list[dict[str, Any]]:
        posts = Post.objects.filter(user_id__gte=first, user_id__lt=first + 1_000)
        counted = posts.annotate(n=Count("id"), total=Sum("views")).group_by("user_id").order_by("user_id")
        return await counted.values("user_id", "n", "total").all()

    async def join_1000(self, first: int) -> list[Post]:
        return await Post.objects.filter(id__gte=first, id__lt=first + 1_000).join("user").all()

    async def tree_100(self, first: int) -> list[User]:
        return await User.objects.filter(id__gte=first, id__lt=first + 100).prefetch("posts__comments").all()

    async def tagged_200(self, first: int) -> list[Post]:
        return await Post.objects.filter(id__gte=first, id__lt=first + 200).prefetch("tags").all()

    async def stream(self, _: None) -> AsyncIterator[Post]:
        for post in await Post.objects.all():
            yield post

    async def keyset(self, place: tuple[datetime, int]) -> list[Event]:
        happened, key = place
        # Beside the OR, the first condition is what lets SQLite begin in the index.
        behind = Q(happened__gte=happened) & (Q(happened__gt=happened) | Q(id__gt=key))
        return await Event.objects.filter(behind).order_by("happened", "id").limit(20).all(using="deep")

    def given(self, operation: str, value: Any) -> Any:
        return [User(**row) for row in value] if operation == "bulk_create_10000" else value

    def transaction(self) -> Any:
        return db.transaction.atomic()

    async def create(self, row: dict[str, Any]) -> User:
        return await User.objects.create(**row)

    create_in_transaction = create

    async def bulk_create_10000(self, users: list[User]) -> list[User]:
        async with db.transaction.atomic():
            return await User.objects.bulk_create(users, batch_size=_ROWS_AT_ONCE)

    async def save(self, change: tuple[int, str]) -> None:
        key, name = change
        user = await User.objects.get(id=key)
        user.name = name
        await user.save(update_fields=["name"])

    async def update_filter(self, change: tuple[int, float]) -> None:
        age, score = change
        await User.objects.filter(age=age).update(score=score)

    async def delete(self, key: int) -> None:
        await User.objects.filter(id=key).delete()

    async def get_or_create(self, row: dict[str, Any]) -> User:
        return (await User.objects.get_or_create(email=row["email"], defaults=row))[0]

    def values(self, row: Any) -> tuple[object, ...]:
        return (row["user_id"], row["n"], row["total"]) if isinstance(row, dict) else tuple(row)


CONTENDER = Oxyde
