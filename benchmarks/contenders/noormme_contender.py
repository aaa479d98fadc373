"""noormme: one ``connect``; nothing is declared, everything below was discovered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks.contenders.base import Contender
from benchmarks.data import PRAGMAS
from noormme import Count, Sum, connect

__all__ = ["CONTENDER"]


class Noormme(Contender):
    """Query sets, made into lists."""

    def open(self, database: Path) -> None:
        # The memory map that every contender is given; noormme's own default is none.
        self.db = connect(str(database), mmap_size_bytes=int(PRAGMAS["mmap_size"]))

    def open_deep(self, database: Path, depth: int) -> str:
        self.deep = connect(str(database), mmap_size_bytes=int(PRAGMAS["mmap_size"]))
        events = self.deep.events.order_by("happened", "id")
        # The row by its position; then a page of that row and the next one has the cursor between them.
        keys = [event.id for event in events[depth - 1 : depth + 1]]
        cursor = events.filter(id__in=keys).paginate(per_page=1, after=None).next
        assert cursor is not None, "there are rows behind it"
        return cursor

    def get_by_key(self, key: int) -> Any:
        return self.db.users.get(id=key)

    def get_by_unique(self, email: str) -> Any:
        return self.db.users.get(email=email)

    def page_of_20(self, age: int) -> list[Any]:
        return list(self.db.users.filter(age=age).order_by("-created_at")[:20])

    def filter_1000(self, first: int) -> list[Any]:
        return list(self.db.users.filter(id__gte=first, id__lt=first + 1_000))

    def touch_1000(self, first: int) -> list[Any]:
        users = self.filter_1000(first)
        self.touch(users)
        return users

    def all_users(self, _: None) -> list[Any]:
        return list(self.db.users.all())

    def values_1000(self, first: int) -> list[tuple[Any, ...]]:
        users = self.db.users.filter(id__gte=first, id__lt=first + 1_000)
        return list(users.values_list("id", "email", "name", "age"))

    def values_10000(self, _: None) -> list[tuple[Any, ...]]:
        return list(self.db.users.values_list("id", "email", "name", "age"))

    def count(self, age: int) -> int:
        return self.db.users.filter(age=age).count()

    def grouped(self, first: int) -> list[dict[str, Any]]:
        posts = self.db.posts.filter(user_id__gte=first, user_id__lt=first + 1_000).values("user_id")
        return list(posts.annotate(n=Count("id"), total=Sum("views")).order_by("user_id"))

    def annotated(self, _: None) -> list[tuple[Any, ...]]:
        users = self.db.users.annotate(n=Count("posts"))
        return list(users.order_by("id").values_list("id", "n"))

    def join_1000(self, first: int) -> list[Any]:
        return list(self.db.posts.select_related("user").filter(id__gte=first, id__lt=first + 1_000))

    def tree_100(self, first: int) -> list[Any]:
        users = self.db.users.filter(id__gte=first, id__lt=first + 100)
        return list(users.prefetch_related("posts__comments"))

    def tagged_200(self, first: int) -> list[Any]:
        return list(self.db.posts.filter(id__gte=first, id__lt=first + 200).prefetch_related("tags"))

    def stream(self, _: None) -> Iterator[Any]:
        return self.db.posts.iterator()

    def keyset(self, cursor: str) -> Sequence[Any]:
        return self.deep.events.order_by("happened", "id").paginate(per_page=20, after=cursor)

    def given(self, operation: str, value: Any) -> Any:
        model = self.db.model("users")
        return [model(**row) for row in value] if operation == "bulk_create_10000" else value

    def transaction(self) -> Any:
        return self.db.transaction()

    def create(self, row: dict[str, Any]) -> Any:
        return self.db.users.create(**row)

    create_in_transaction = create

    def bulk_create_10000(self, users: list[Any]) -> list[Any]:
        return self.db.users.bulk_create(users)

    def save(self, change: tuple[int, str]) -> None:
        key, name = change
        user = self.db.users.get(id=key)
        user.name = name
        user.save()

    def update_filter(self, change: tuple[int, float]) -> int:
        age, score = change
        return self.db.users.filter(age=age).update(score=score)

    def delete(self, key: int) -> int:
        return self.db.users.filter(id=key).delete()

    def get_or_create(self, row: dict[str, Any]) -> Any:
        return self.db.users.get_or_create(email=row["email"], defaults=row)[0]

    def discovery(self, database: Path) -> Any:
        with connect(str(database)) as db:
            return db.schema

    def values(self, row: Any) -> tuple[object, ...]:
        return tuple(row.values()) if isinstance(row, dict) else tuple(row)

    def children(self, row: Any, relation: str) -> tuple[Any, Iterable[Any]]:
        return row, getattr(row, relation).all()

    def tables(self, result: Any) -> Sequence[tuple[str, Sequence[str]]]:
        return [(table.name, [column.name for column in table.columns]) for table in result.tables]


CONTENDER = Noormme
