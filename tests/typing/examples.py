"""What type checkers know of the public API; checked by ``test_typing.py``, never run.

A line that ends in ``# error`` must be an error to every checker; no other line may be one.
"""

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, assert_type

from noormme import (
    Count,
    CursorPage,
    Database,
    F,
    FilteredRelation,
    Manager,
    Model,
    Page,
    Prefetch,
    Q,
    QuerySet,
    RawQuerySet,
    Repository,
    Row,
    Schema,
    Settings,
    TableQuery,
    connect,
)
from noormme.sql import fn, or_, outer, ref

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
    assert_type(users.annotate(p=FilteredRelation("posts", condition=Q(posts__id=1))), QuerySet[Model])
    FilteredRelation("posts", Q(posts__id=1))  # error
    assert_type(users | users, QuerySet[Model])
    assert_type(users.union(users, all=True).order_by("-id"), QuerySet[Model])
    assert_type(users.values("id").intersection(users.values("id")), QuerySet[dict[str, Any]])
    assert_type(users.difference(users, users), QuerySet[Model])
    users.union([1])  # error
    assert_type(users.dates("joined", "month", order="DESC"), QuerySet[date])
    assert_type(users.datetimes("joined", "hour"), QuerySet[datetime])
    users.dates("joined", "hour")  # error
    raw = users.raw("SELECT * FROM users WHERE id > ?", [1], translations={"a": "id"})
    assert_type(raw, RawQuerySet[Model])
    assert_type(raw.prefetch_related("posts")[0], Model)
    assert_type(raw[:2], list[Model])
    assert_type([user for user in raw.iterator()], list[Model])  # noqa: C416
    users.raw("SELECT 1", 3)  # error
    assert_type(users[:20], QuerySet[Model])
    assert_type(users[0], Model)
    assert_type(users.get(id=1), Model)
    assert_type(users.first(), Model | None)
    assert_type([user for user in users], list[Model])  # noqa: C416
    assert_type(list(users.iterator(chunk_size=100)), list[Model])
    assert_type(users.count(), int)
    assert_type(users.exists(), bool)
    assert_type(users.paginate(2, 50), Page[Model])
    assert_type(users.paginate(per_page=50), Page[Model])
    assert_type(users.paginate(after=None), CursorPage[Model])
    assert_type(users.paginate(before="", per_page=50), CursorPage[Model])
    assert_type(users.paginate(after=None, before=None).items, list[Model])
    assert_type(users.paginate()[0], Model)
    users.paginate(page="2")  # error
    assert_type(users.search("text").filter(id=1), QuerySet[Model])
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


if TYPE_CHECKING:
    UserBase = Model
else:
    UserBase = db.model("users")


@db.register
class User(UserBase):
    email: str

    def label(self) -> str:
        return self.email


def of_models(user: User) -> None:
    assert_type(user.label(), str)
    assert_type(user.save(), User)
    assert_type(Repository[User](db, "users").find_by_id(1), User | None)
    user.email = 1  # error


class Users(Repository[Model]):
    table = "users"

    def active(self) -> QuerySet[Model]:
        return self.query.filter(is_active=True)


class UserQuerySet(QuerySet[Model]):
    def by_age(self) -> QuerySet[Model]:
        return self.order_by("age")


class UserManager(Manager[Model]):
    def adults(self) -> QuerySet[Model]:
        return self.filter(age__gte=18)


def of_repositories(user: Model) -> None:
    assert_type(db.repository("users"), Repository[Any])
    assert_type(db.register(Users), type[Users])
    assert_type(db.register(UserManager, table="users"), type[UserManager])
    users = db.repository(Users)
    assert_type(users, Users)
    assert_type(users.active(), QuerySet[Model])
    assert_type(users.query, Manager[Model])
    assert_type(users.where(id=1), QuerySet[Model])
    assert_type(users.find_by_id(1), Model | None)
    assert_type(users.find_by_ids([1]), list[Model])
    assert_type(users.find_all(), list[Model])
    assert_type(users.first(Q(id=1)), Model | None)
    assert_type(users.exists(1), bool)
    assert_type(users.count(id=1), int)
    assert_type(list(users.stream()), list[Model])
    assert_type(users.paginate(2, 50, where={"id": 1}, order_by="-id"), Page[Model])
    assert_type(users.paginate(after=None, order_by=["id", F("age").desc()]), CursorPage[Model])
    assert_type(users.with_count(1, ["posts"]), Model | None)
    assert_type(users.find_with_relations(1, ["posts.comments", Prefetch("posts")]), Model | None)
    assert_type(users.load_relationships([user], ["posts"]), list[Model])
    assert_type(users.create({"email": "a"}, name="b"), Model)
    assert_type(users.create(user), Model)
    assert_type(users.save(user), Model)
    assert_type(users.update(user), Model)
    assert_type(users.update((1, 2), {"email": "a"}), Model)
    assert_type(users.delete(user), bool)
    assert_type(users.create_many([{"email": "a"}, user]), list[Model])
    assert_type(users.update_many([user], ["email"]), int)
    assert_type(users.delete_many([1, user]), int)
    assert_type(users.upsert([{"email": "a"}], on=["email"]).inserted, list[Model])
    with users.transaction(durable=True):
        users.create(3)  # error
    users.find_by_email("a")
    users.load_relationships([1], ["posts"])  # error
    users.where("id = 1")  # error
    users.paginate(page=1, after=None)  # error
    db.register(users)  # error
    db.register(str)  # error
    assert_type(UserQuerySet.as_manager(), Manager[Model])
    Manager.from_queryset(str)  # error


async def of_repositories_in_coroutines(user: Model) -> None:
    users = db.repository(Users)
    assert_type(await users.afind_by_id(1), Model | None)
    assert_type(await users.apaginate(2), Page[Model])
    assert_type(await users.apaginate(after=None), CursorPage[Model])
    assert_type(await users.aload_relationships([user], "posts"), list[Model])
    assert_type([user async for user in users.astream()], list[Model])
    assert_type(await users.acreate(email="a"), Model)
    assert_type(await users.adelete(user), bool)


@db.register
class Registered(Users): ...


@db.register(table="posts", replace=True)
class Posts(Repository[Model]): ...


@db.on("before_update", "users")
def before_update(user: Model, changes: dict[str, Any]) -> None: ...


assert_type(Registered.table, str)
before_update(1, {})  # error
db.on("before_save", "users")  # error


def settings() -> None:
    assert_type(Settings.load(readonly=True), Settings)
    Settings(loading="lazy")  # error
    Settings().readonly = True  # error


def of_tables() -> None:
    query = db.table("users as u").select("id", n=fn.count()).where("id", ">", 1).order_by("-n", nulls="last")
    assert_type(query, TableQuery)
    assert_type(query.left_join("posts", "posts.author_id", "u.id").group_by("id").limit(3), TableQuery)
    assert_type(query.where(or_(("id", "=", 1), ("id", "is null"))).union(query), TableQuery)
    assert_type(db.table(query.where("id", "=", outer("x.id")).as_("t")), TableQuery)
    assert_type(query.all(), list[Row])
    assert_type(query.first(), Row | None)
    assert_type(query.one(), Row)
    assert_type(query.count(), int)
    assert_type(db.execute("select ?", [1]), list[Row])
    assert_type(db.execute("select :a", {"a": 1})[0].to_dict(), dict[str, Any])
    query.limit("3")  # error
    query.order_by(ref("id").desc(nulls="middle"))  # error
    db.table(3)  # error
    db.execute(3)  # error
