"""Reading, asked for in both ways: the same answers, the same errors, as many statements."""

from __future__ import annotations

import pytest

from noormme import (
    Avg,
    Count,
    Database,
    DoesNotExist,
    FieldNotFound,
    MultipleObjectsReturned,
    NotSupported,
    Prefetch,
    RelationNotFound,
    TableNotFound,
    UsageError,
)
from tests.aio.modes import Mode
from tests.orm.support import count_queries, ids


def test_one_row(db: Database, mode: Mode) -> None:
    assert mode.call(db.users.get, id=1).name == "Ann"
    assert mode.call(db.users.get, id=2).name == "Bob"
    assert mode.call(db.users.filter(age__gt=40).get).name == "Dan"
    assert mode.call(db.users.order_by("-id").first).id == 4
    assert mode.call(db.users.first).id == 1
    assert mode.call(db.users.last).id == 4
    assert mode.call(db.users.filter(id=9).first) is None
    assert mode.call(db.users.earliest, "joined").id == 4
    assert mode.call(db.users.latest, "joined").id == 3
    assert mode.call(db.orders.get, pk=("eu", 2)).total == 20.0


def test_errors(db: Database, mode: Mode) -> None:
    with pytest.raises(DoesNotExist, match="no users row matches id; use first"):
        mode.call(db.users.get, id=9)
    with pytest.raises(db.model("users").DoesNotExist):
        mode.call(db.users.get, email="nobody")
    with pytest.raises(MultipleObjectsReturned, match="more than one users row matches is_active"):
        mode.call(db.users.get, is_active=True)
    with pytest.raises(FieldNotFound, match="did you mean 'email'"):
        mode.call(db.users.get, emial="x")
    with pytest.raises(UsageError, match="need a field"):
        mode.call(db.users.latest)
    with pytest.raises(UsageError, match="whole number"):
        mode.iterate(db.users.iterator, 0)
    with pytest.raises(TableNotFound, match="nowhere"):
        mode.call(db.execute, "select * from nowhere")
    with pytest.raises(NotSupported):
        mode.rows(db.users.distinct("id"))


def test_all_rows(db: Database, mode: Mode) -> None:
    assert ids(mode.rows(db.users.order_by("id"))) == [1, 2, 3, 4]
    assert ids(mode.rows(db.users.order_by("-id")[1:3])) == [3, 2]
    assert type(mode.rows(db.users)) is list
    assert mode.rows(db.users.none()) == []
    assert mode.rows(db.users.order_by("id").values_list("name", flat=True)) == ["Ann", "Bob", "Cleo", "Dan"]
    assert mode.rows(db.tags.order_by("id").values("name"))[0] == {"name": "sql"}
    assert ids(mode.rows(db.users.filter(id=1).union(db.users.filter(id=2)).order_by("id"))) == [1, 2]


def test_rows_are_loaded_once(db: Database, mode: Mode) -> None:
    query = db.users.order_by("id")
    with count_queries(db) as counted:
        first, second = mode.rows(query), mode.rows(query)
        assert mode.loop(query) == first
        assert mode.call(query.count) == 4
        assert mode.call(query.exists)
        assert mode.call(query.contains, first[0])
    assert counted.number == 1
    assert first == second
    first.clear()
    assert len(query) == 4, "the list is the caller's"


def test_a_manager_asks_each_time(db: Database, mode: Mode) -> None:
    with count_queries(db) as counted:
        mode.rows(db.users)
        mode.rows(db.users)
    assert counted.number == 2


def test_loops(db: Database, mode: Mode) -> None:
    assert ids(mode.loop(db.users.order_by("id"))) == [1, 2, 3, 4]
    for size in (1, 2, 3, 4, 5):
        assert ids(mode.iterate(db.users.order_by("id").iterator, size)) == [1, 2, 3, 4]
    assert mode.iterate(db.users.none().iterator) == []
    assert mode.loop(db.users.none()) == []
    assert mode.iterate(db.tags.order_by("id").values_list("id", "name").iterator, 2) == [
        (1, "sql"),
        (2, "python"),
        (3, "rust"),
    ]


@pytest.mark.parametrize("size", [1, 2, 5, 500])
def test_prefetching_while_streaming(db: Database, mode: Mode, size: int) -> None:
    posts = db.posts.order_by("id").prefetch_related("tags", "author")
    rows = mode.iterate(posts.iterator, size)
    with count_queries(db) as counted:
        assert [len(post.tags.all()) for post in rows] == [2, 1, 1, 1, 0]
        assert [post.author.name for post in rows] == ["Ann", "Ann", "Bob", "Bob", "Cleo"]
    assert counted.number == 0


def test_what_is_said_of_rows(db: Database, mode: Mode) -> None:
    assert mode.call(db.users.count) == 4
    assert mode.call(db.users.filter(age__gt=100).exists) is False
    assert mode.call(db.users.filter(age__gt=18).exists) is True
    ann = mode.call(db.users.get, id=1)
    assert mode.call(db.users.filter(age__gt=18).contains, ann)
    assert not mode.call(db.users.exclude(id=1).contains, ann)
    assert mode.call(db.users.aggregate, Avg("age"), n=Count("id")) == {"age__avg": 31.0, "n": 4}
    assert "users" in mode.call(db.users.all().explain)


def test_in_bulk(db: Database, mode: Mode) -> None:
    found = mode.call(db.users.in_bulk, (key for key in (1, 3, 9)))
    assert {key: user.name for key, user in found.items()} == {1: "Ann", 3: "Cleo"}
    found = mode.call(db.users.in_bulk, ["bob@example.com"], field_name="email")
    assert list(found) == ["bob@example.com"]
    assert sorted(mode.call(db.users.in_bulk)) == [1, 2, 3, 4]


def test_pages(db: Database, mode: Mode) -> None:
    page = mode.call(db.users.order_by("id").paginate, 2, 3)
    assert (ids(page), page.number, page.has_next, page.total) == ([4], 2, False, 4)
    first = mode.call(db.users.order_by("id").paginate, per_page=3, after=None)
    assert ids(first) == [1, 2, 3]
    assert ids(mode.call(db.users.order_by("id").paginate, per_page=3, after=first.next)) == [4]
    assert ids(mode.call(db.users.order_by("id").paginate, per_page=3, before="")) == [2, 3, 4]
    with pytest.raises(UsageError, match="counts from 1"):
        mode.call(db.users.paginate, 0)


def test_relations_of_all_rows_in_one_query(db: Database, mode: Mode) -> None:
    posts = mode.rows(db.posts.order_by("id"))
    with count_queries(db) as counted:
        assert mode.load(posts[0], "author").name == "Ann"
        assert [mode.load(post, "author").name for post in posts] == ["Ann", "Ann", "Bob", "Bob", "Cleo"]
    assert counted.number == 1
    with count_queries(db) as counted:
        assert [len(mode.rows(post.comments)) for post in posts] == [4, 0, 1, 1, 0]
    assert counted.number == 1
    posts = mode.rows(db.posts.order_by("id"))
    with count_queries(db) as counted:
        assert [len(mode.loop(post.comments.all())) for post in posts] == [4, 0, 1, 1, 0]
    assert counted.number == 1


def test_related_managers(db: Database, mode: Mode) -> None:
    ann = mode.call(db.users.get, id=1)
    assert mode.call(ann.posts_as_author.count) == 2
    assert mode.call(ann.posts_as_author.order_by("-id").first).title == "Two"
    assert mode.call(ann.posts_as_author.get, title="One").id == 1
    assert ids(mode.rows(ann.posts_as_author.filter(rating=5))) == [1]
    assert mode.call(ann.posts_as_author.aggregate, n=Count("id")) == {"n": 2}


def test_joins_and_prefetches(db: Database, mode: Mode) -> None:
    query = db.posts.select_related("author").prefetch_related(
        Prefetch("comments", db.comments.order_by("-id"))
    )
    with count_queries(db) as counted:
        posts = mode.rows(query.order_by("id"))
    assert counted.number == 2
    assert [ids(post.comments.all()) for post in posts] == [[6, 3, 2, 1], [], [4], [5], []]
    assert posts[0].author.name == "Ann"


def test_deferred_fields(db: Database, mode: Mode) -> None:
    users = mode.rows(db.users.only("name").order_by("id"))
    with count_queries(db) as counted:
        assert [mode.load(user, "age") for user in users] == [31, 17, None, 45]
    assert counted.number == 1


def test_raw(db: Database, mode: Mode) -> None:
    query = db.users.raw("SELECT * FROM users WHERE age > ? ORDER BY id", [18])
    assert ids(mode.rows(query)) == [1, 4]
    assert ids(mode.loop(query)) == [1, 4]
    assert ids(mode.iterate(query.iterator, 1)) == [1, 4]
    assert "users" in mode.call(query.explain)


def test_queries_in_tables(db: Database, mode: Mode) -> None:
    query = db.table("users").select("id", "name").order_by("id")
    assert [row.name for row in mode.call(query.all)] == ["Ann", "Bob", "Cleo", "Dan"]
    assert mode.rows(query) == mode.loop(query) == mode.iterate(query.iterator, 3) == mode.call(query.all)
    assert mode.call(query.first) == (1, "Ann")
    assert mode.call(query.where("id", "=", 2).one) == (2, "Bob")
    assert mode.call(query.scalar) == 1
    assert mode.call(query.count) == 4
    assert mode.call(query.where("id", "=", 9).exists) is False
    assert "users" in mode.call(query.explain)
    with pytest.raises(DoesNotExist):
        mode.call(query.where("id", "=", 9).one)


def test_statements(db: Database, mode: Mode) -> None:
    import sqlalchemy as sa

    assert mode.call(db.execute, "select name from users where id = ?", [1]) == [("Ann",)]
    assert mode.call(db.execute, "select name from users where id = :id", {"id": 2})[0].name == "Bob"
    users = db.core.users
    assert mode.call(db.execute, sa.select(users.c.id).where(users.c.id > 2).order_by(users.c.id)) == [
        (3,),
        (4,),
    ]


def test_the_schema_again(db: Database, mode: Mode) -> None:
    users = mode.call(db.users.count)
    mode.call(db.refresh)
    assert mode.call(db.users.count) == users


def test_plans_know_where_they_were_asked_for(db: Database, mode: Mode) -> None:
    mode.call(db.users.filter(age__gt=3).count)
    [plan] = db.plans
    assert all(place.partition(":")[0].endswith(".py") for place in plan.statistics.callers)
    assert plan.statistics.calls == 1


async def test_pages_of_coroutines_count_their_rows(db: Database) -> None:
    page = await db.users.order_by("id").apaginate(1, 3)
    assert (await page.atotal(), await page.apages()) == (4, 2)


async def test_loading_by_name(db: Database) -> None:
    posts = await db.posts.order_by("id").loading("raise")
    with count_queries(db) as counted:
        await posts[0].aload("author__profile", "tags")
        await posts[1].aload("author__profile", "tags")
    assert counted.number == 3
    with count_queries(db) as counted:
        assert [post.author.name for post in posts] == ["Ann", "Ann", "Bob", "Bob", "Cleo"]
        assert [len(post.tags.all()) for post in posts] == [2, 1, 1, 1, 0]
        assert [post.author.profile and post.author.profile.id for post in posts] == [1, 1, 2, 2, None]
    assert counted.number == 0
    with pytest.raises(RelationNotFound, match="did you mean 'author'"):
        await posts[0].aload("auhtor")


async def test_loading_leaves_what_was_assigned(db: Database) -> None:
    posts = await db.posts.order_by("id")
    dan = await db.users.aget(id=4)
    posts[1].author = dan
    await posts[0].aload("author__profile")
    assert posts[0].author.name == "Ann"
    assert posts[1].author is dan
