"""Django's ORM on its own: settings without DEBUG, unmanaged models, one connection kept open."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.core.management import call_command
from django.db import connections, models, transaction
from django.db.models import Count, Q, Sum

from benchmarks.contenders.base import Contender
from benchmarks.data import PRAGMAS

__all__ = ["CONTENDER"]

_PRAGMAS = ";".join(f"pragma {name} = {value}" for name, value in PRAGMAS.items())

if not settings.configured:
    settings.configure(
        INSTALLED_APPS=["benchmarks"],
        USE_TZ=False,
        DATABASES={
            alias: {"ENGINE": "django.db.backends.sqlite3", "NAME": "", "OPTIONS": {"init_command": _PRAGMAS}}
            for alias in ("default", "wide", "deep")
        },
    )
    django.setup()


class User(models.Model):
    email = models.TextField(unique=True)
    name = models.TextField()
    age = models.IntegerField()
    score = models.FloatField(null=True)
    is_active = models.BooleanField()
    created_at = models.DateTimeField()

    class Meta:
        app_label = "benchmarks"
        managed = False
        db_table = "users"


class Tag(models.Model):
    name = models.TextField()

    class Meta:
        app_label = "benchmarks"
        managed = False
        db_table = "tags"


class Post(models.Model):
    user = models.ForeignKey(User, models.CASCADE, related_name="posts")
    title = models.TextField()
    body = models.TextField()
    views = models.IntegerField()
    published = models.BooleanField()
    created_at = models.DateTimeField()
    tags = models.ManyToManyField(Tag, db_table="post_tags")

    class Meta:
        app_label = "benchmarks"
        managed = False
        db_table = "posts"


class Comment(models.Model):
    post = models.ForeignKey(Post, models.CASCADE, related_name="comments")
    user = models.ForeignKey(User, models.CASCADE, related_name="comments")
    body = models.TextField()
    likes = models.IntegerField()
    created_at = models.DateTimeField()

    class Meta:
        app_label = "benchmarks"
        managed = False
        db_table = "comments"


class Event(models.Model):
    kind = models.IntegerField()
    happened = models.DateTimeField()
    note = models.TextField()

    class Meta:
        app_label = "benchmarks"
        managed = False
        db_table = "events"


class Django(Contender):
    """Query sets, made into lists."""

    def open(self, database: Path) -> None:
        connections["default"].settings_dict["NAME"] = str(database)

    def open_deep(self, database: Path, depth: int) -> tuple[datetime, int]:
        connections["deep"].settings_dict["NAME"] = str(database)
        events = Event.objects.using("deep").order_by("happened", "id")
        return events.values_list("happened", "id")[depth - 1]

    def get_by_key(self, key: int) -> User:
        return User.objects.get(pk=key)

    def get_by_unique(self, email: str) -> User:
        return User.objects.get(email=email)

    def page_of_20(self, age: int) -> list[User]:
        return list(User.objects.filter(age=age).order_by("-created_at")[:20])

    def filter_1000(self, first: int) -> list[User]:
        return list(User.objects.filter(id__gte=first, id__lt=first + 1_000))

    def touch_1000(self, first: int) -> list[User]:
        users = self.filter_1000(first)
        self.touch(users)
        return users

    def all_users(self, _: None) -> list[User]:
        return list(User.objects.all())

    def values_1000(self, first: int) -> list[tuple[Any, ...]]:
        users = User.objects.filter(id__gte=first, id__lt=first + 1_000)
        return list(users.values_list("id", "email", "name", "age"))

    def values_10000(self, _: None) -> list[tuple[Any, ...]]:
        return list(User.objects.values_list("id", "email", "name", "age"))

    def count(self, age: int) -> int:
        return User.objects.filter(age=age).count()

    def grouped(self, first: int) -> list[dict[str, Any]]:
        posts = Post.objects.filter(user_id__gte=first, user_id__lt=first + 1_000).values("user_id")
        return list(posts.annotate(n=Count("id"), views=Sum("views")).order_by("user_id"))

    def annotated(self, _: None) -> list[tuple[Any, ...]]:
        return list(User.objects.annotate(n=Count("posts")).order_by("id").values_list("id", "n"))

    def join_1000(self, first: int) -> list[Post]:
        return list(Post.objects.select_related("user").filter(id__gte=first, id__lt=first + 1_000))

    def tree_100(self, first: int) -> list[User]:
        users = User.objects.filter(id__gte=first, id__lt=first + 100)
        return list(users.prefetch_related("posts__comments"))

    def tagged_200(self, first: int) -> list[Post]:
        return list(Post.objects.filter(id__gte=first, id__lt=first + 200).prefetch_related("tags"))

    def stream(self, _: None) -> Iterator[Post]:
        return Post.objects.all().iterator(chunk_size=1_000)

    def keyset(self, place: tuple[datetime, int]) -> list[Event]:
        happened, key = place
        # Beside the OR, the first condition is what lets SQLite begin in the index.
        behind = Q(happened__gte=happened) & (Q(happened__gt=happened) | Q(id__gt=key))
        return list(Event.objects.using("deep").filter(behind).order_by("happened", "id")[:20])

    def given(self, operation: str, value: Any) -> Any:
        return [User(**row) for row in value] if operation == "bulk_create_10000" else value

    def transaction(self) -> Any:
        return transaction.atomic()

    def create(self, row: dict[str, Any]) -> User:
        return User.objects.create(**row)

    create_in_transaction = create

    def bulk_create_10000(self, users: list[User]) -> list[User]:
        return User.objects.bulk_create(users)

    def save(self, change: tuple[int, str]) -> None:
        key, name = change
        user = User.objects.get(pk=key)
        user.name = name
        user.save(update_fields=["name"])

    def update_filter(self, change: tuple[int, float]) -> int:
        age, score = change
        return User.objects.filter(age=age).update(score=score)

    def delete(self, key: int) -> Any:
        return User.objects.filter(pk=key).delete()

    def get_or_create(self, row: dict[str, Any]) -> User:
        return User.objects.get_or_create(email=row["email"], defaults=row)[0]

    def discovery(self, database: Path) -> str:
        connections["wide"].settings_dict["NAME"] = str(database)
        found = StringIO()
        call_command("inspectdb", database="wide", stdout=found)
        connections["wide"].close()
        return found.getvalue()

    def values(self, row: Any) -> tuple[object, ...]:
        return tuple(row.values()) if isinstance(row, dict) else tuple(row)

    def children(self, row: Any, relation: str) -> tuple[Any, Iterable[Any]]:
        return row, getattr(row, relation).all()

    def tables(self, result: Any) -> Sequence[tuple[str, Sequence[str]]]:
        found = []
        for text in result.split("\nclass ")[1:]:
            fields = re.findall(r"^    (\w+) = models\.(\w+)", text, re.MULTILINE)
            names = [f"{name}_id" if kind == "ForeignKey" else name for name, kind in fields]
            [table] = re.findall(r"db_table = '(.*)'", text)
            found.append((table, ["id", *names]))
        return found


CONTENDER = Django
