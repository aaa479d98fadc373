"""What type checkers know of the public API; checked by ``test_typing.py``, never run.

A line that ends in ``# error`` must be an error to every checker; no other line may be one.
"""

from pathlib import Path
from typing import Any, assert_type

from noormme import Count, Database, F, Manager, Model, Prefetch, Q, QuerySet, Schema, Settings, connect

db = connect("studio.db", readonly=True)
connect(Path("studio.db"))
connect(3)  # error

assert_type(db, Database)
assert_type(db.tables, list[str])
assert_type(db.schema, Schema)
assert_type(db.settings, Settings)
assert_type(db.users, Manager[Any])
assert_type(db["users"], Manager[Any])
assert_type(db.model("users"), type[Model])
with connect() as opened:
    assert_type(opened, Database)


def of_any_model(users: QuerySet[Model]) -> None:
    assert_type(users.filter(Q(id=1) | ~Q(id=2), email="x").exclude(id__gt=F("age")), QuerySet[Model])
    assert_type(users.order_by("-id", F("name").desc(nulls_last=True)).distinct(), QuerySet[Model])
    assert_type(users.select_related("a").prefetch_related("b", Prefetch("c", users)), QuerySet[Model])
    assert_type(users.annotate(n=Count("posts")), QuerySet[Model])
    assert_type(users | users, QuerySet[Model])
    assert_type(users[:20], QuerySet[Model])
    assert_type(users[0], Model)
    assert_type(users.get(id=1), Model)
    assert_type(users.first(), Model | None)
    assert_type([user for user in users], list[Model])  # noqa: C416
    assert_type(list(users.iterator(chunk_size=100)), list[Model])
    assert_type(users.count(), int)
    assert_type(users.exists(), bool)
    assert_type(users.values("id"), QuerySet[dict[str, Any]])
    assert_type(users.values_list("id"), QuerySet[tuple[Any, ...]])
    assert_type(users.values_list("id", flat=True), QuerySet[Any])
    assert_type(users.aggregate(Count("id")), dict[str, Any])
    assert_type(users.in_bulk([1, 2]), dict[Any, Model])
    users.filter("id = 1")  # error
    users.order_by(1)  # error
    users.countt()  # error


def of_a_manager(users: Manager[Model]) -> None:
    assert_type(users.all(), QuerySet[Model])
    assert_type(users.filter(id=1) | users, QuerySet[Model])
    _ = users.filter(id=1).model  # error


def settings() -> None:
    assert_type(Settings.load(readonly=True), Settings)
    Settings(loading="lazy")  # error
    Settings().readonly = True  # error
