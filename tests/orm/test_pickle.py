"""Objects, query sets and managers through pickle, in this process and in another one."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from noormme import Count, Database, NotSupported, Prefetch, Q, connect
from noormme.orm.registry import Address, Registry
from tests import switching
from tests.orm.support import count_queries, ids, sql


def again(value: Any) -> Any:
    return pickle.loads(pickle.dumps(value))


def test_an_object(db: Database) -> None:
    ann = db.users.annotate(n=Count("posts_as_author")).get(id=1)
    copied = again(ann)
    assert copied == ann
    assert copied is not ann
    assert type(copied) is type(ann)
    assert copied.to_dict() == ann.to_dict()
    assert copied.n == 2
    assert copied.profile.bio == "likes <b>SQL</b>"


def test_an_object_with_what_was_loaded(db: Database) -> None:
    post = db.posts.select_related("author__profile", "editor").prefetch_related("comments", "tags").get(id=1)
    with count_queries(db) as counted:
        copied = again(post)
        assert copied.author.profile.user is copied.author
        assert copied.editor.name == "Bob"
        assert ids(copied.comments.all()) == [1, 2, 3, 6]
        assert [tag.name for tag in copied.tags.all()] == ["sql", "python"]
    assert counted.number == 0


def test_objects_that_point_at_each_other(db: Database) -> None:
    for rows in (db.users.select_related("profile"), db.profiles.select_related("user")):
        copied = again(list(rows))
        assert ids(copied) == ids(rows)
        one = copied[0]
        other = one.profile if hasattr(one, "profile") else one.user
        assert (other.user if hasattr(other, "user") else other.profile) is one
    chain = db.comments.select_related("parent__parent").get(id=6)
    assert again(chain).parent.parent.body == "first"


def test_an_object_that_lacks_fields(db: Database) -> None:
    copied = again(db.users.only("name").get(id=1))
    assert list(copied.to_dict()) == ["id", "name"]
    with count_queries(db) as counted:
        assert copied.age == 31
    assert counted.number == 1
    users = again(list(db.users.only("name").order_by("id")))
    with count_queries(db) as counted:
        assert [user.age for user in users] == [31, 17, None, 45]
    assert counted.number == 1


def test_a_list_comes_back_as_peers(db: Database) -> None:
    one, other = again(list(db.posts.order_by("id"))), again(list(db.posts.order_by("id")))
    with count_queries(db) as counted:
        assert [post.author.name for post in one] == ["Ann", "Ann", "Bob", "Bob", "Cleo"]
        assert [len(post.comments.all()) for post in one] == [4, 0, 1, 1, 0]
    assert counted.number == 2
    assert "author" not in other[0].__dict__
    assert again(db.posts.get(id=1)).author.name == "Ann"


def test_loading_is_kept(db: Database) -> None:
    from noormme import RelationNotLoaded

    for copied in (again(db.posts.loading("raise").get(id=1)), again(db.posts.loading("raise"))[0]):
        with pytest.raises(RelationNotLoaded):
            _ = copied.author
    assert again(db.posts.loading("raise")).mode == "raise"


def test_a_query_set_comes_back_with_its_rows(db: Database) -> None:
    query = db.users.filter(Q(age__gt=18) | Q(name__in=["Bob"])).order_by("-id").prefetch_related("comments")
    copied = again(query)
    with count_queries(db) as counted:
        assert ids(copied) == [4, 2, 1]
        assert [len(user.comments.all()) for user in copied] == [0, 2, 2]
        assert copied.count() == 3
    assert counted.number == 0
    assert sql(copied) == sql(query)
    assert copied.sql().parameters == query.sql().parameters
    assert ids(copied.filter(id=2)) == [2]


@pytest.mark.sqlite("a table without a key has a row id")
def test_rows_in_other_forms(db: Database) -> None:
    assert list(again(db.users.order_by("id").values("id")[:2])) == [{"id": 1}, {"id": 2}]
    assert list(again(db.users.order_by("id").values_list("id", flat=True))) == [1, 2, 3, 4]
    assert list(again(db.users.none())) == []
    assert ids(again(db.log.order_by("rowid"))) == [1, 2, 3]
    assert again(db.active_users.order_by("id"))[0].name == "Ann"


def test_the_query_set_of_a_prefetch_is_not_run(db: Database) -> None:
    query = db.posts.order_by("id").prefetch_related(
        Prefetch("comments", db.comments.filter(id__lt=3).prefetch_related("user"), to_attr="some"), "tags"
    )
    len(query)
    with count_queries(db) as counted:
        copied = again(query)
        assert [ids(post.some) for post in copied[:2]] == [[1, 2], []]
    assert counted.number == 0
    with count_queries(db) as counted:
        assert [ids(post.some) for post in copied.all()] == [[1, 2], [], [], [], []]
    assert counted.number == 4


def test_pages(db: Database) -> None:
    by_number = again(db.posts.order_by("id").paginate(page=1, per_page=2))
    assert (ids(by_number), by_number.has_next, by_number.total) == ([1, 2], True, 5)
    by_cursor = again(db.posts.order_by("id").paginate(after=None, per_page=2))
    assert ids(by_cursor) == ids(copy.deepcopy(by_cursor)) == [1, 2]
    assert ids(db.posts.order_by("id").paginate(after=by_cursor.next, per_page=2)) == [3, 4]
    page = again(db.posts.order_by("id").paginate(page=1, per_page=5))
    with count_queries(db) as counted:
        assert [post.author.name for post in page] == ["Ann", "Ann", "Bob", "Bob", "Cleo"]
    assert counted.number == 1


def test_a_page_is_pickled_without_the_rest_of_its_query(db: Database) -> None:
    page = db.posts.order_by("id").paginate(page=2, per_page=2)
    with count_queries(db) as counted:
        copied = again(page)
    assert counted.number == 0
    assert (ids(copied), copied.number, copied.has_next, repr(copied)) == ([3, 4], 2, True, repr(page))
    with count_queries(db) as counted:
        assert (copied.total, copied.pages, again(copied).total) == (5, 3, 5)
    assert counted.number == 1


def test_a_database(db: Database) -> None:
    with pytest.raises(
        NotSupported, match="an open database cannot be pickled; pickle its path, and connect"
    ):
        pickle.dumps(db)


@pytest.mark.sqlite("its functions and operators")
def test_named_rows(db: Database) -> None:
    rows = list(db.users.order_by("id").values_list("id", "name", named=True))
    copied = again(rows)
    assert copied == rows
    assert copied[0].name == "Ann"
    assert type(copied[0]) is type(rows[0])
    odd = list(db.users.values_list("id", "posts_as_author__id", Count("id"), named=True)[:1])
    assert again(odd)[0]._fields == odd[0]._fields


def test_queries_in_tables(db: Database) -> None:
    query = db.table("users").where("id", "=", 1)
    assert copy.copy(query).all() == copy.deepcopy(query).all() == again(query.all()) == query.all()
    with pytest.raises(NotSupported, match="pickle its rows"):
        pickle.dumps(query)


def test_managers(db: Database) -> None:
    assert again(db.users) is db.users
    comments = again(db.posts.get(id=1).comments)
    assert ids(comments) == [1, 2, 3, 6]
    assert comments.count() == 4
    assert ids(again(db.posts.get(id=1).comments.all())) == [1, 2, 3, 6]
    assert ids(again(db.posts.get(id=1).comments.filter(id__gt=2))) == [3, 6]


def test_copies(db: Database) -> None:
    post = db.posts.select_related("author").get(id=1)
    shallow, deep = copy.copy(post), copy.deepcopy(post)
    assert shallow == deep == post
    assert shallow.author is post.author
    assert deep.author is not post.author
    shallow.title = "New"
    assert post.title == "One"
    lacking = copy.copy(db.users.only("name").annotate(n=Count("comments")).get(id=1))
    assert (list(lacking.to_dict()), lacking.n, lacking.age) == (["id", "name"], 2, 31)


READ = """
import pickle, sys
post, rest, query, manager, related = pickle.loads(bytes.fromhex(sys.argv[1]))
print(post.author.name, [each.author.name for each in rest], [row["id"] for row in query])
print(manager.count(), related.count(), post.rating)
"""


def test_in_another_process(db: Database) -> None:
    post = db.posts.only("title").get(id=1)
    things = (
        post,
        list(db.posts.order_by("id")),
        db.users.values("id").order_by("id"),
        db.tags,
        post.comments,
    )
    done = subprocess.run(
        [sys.executable, "-c", READ, pickle.dumps(things).hex()],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout.splitlines() == [
        "Ann ['Ann', 'Ann', 'Bob', 'Bob', 'Cleo'] [1, 2, 3, 4]",
        "3 4 5",
    ]
    assert done.stderr == ""


def test_a_database_that_is_not_open_is_opened(own: Path) -> None:
    db = connect(own)
    data = pickle.dumps(list(db.posts.order_by("id")))
    db.close()
    posts = pickle.loads(data)
    assert posts[0].author.name == "Ann"
    posts[0].__noormme_mapper__.registry.engine.close()


def test_threads_open_a_database_once(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with connect(own) as db:
        pickled = pickle.dumps(db.users.get(id=1))
    reopening, found = switching.Awaited(), list[Any]()
    monkeypatch.setattr(Registry, "reopening", reopening)
    reopen = Registry.reopen
    assert reopen is not None

    def meanwhile(address: Address) -> Registry:
        reopening.beside(lambda: found.append(pickle.loads(pickled)))
        return reopen(address)

    monkeypatch.setattr(Registry, "reopen", meanwhile)
    found.append(pickle.loads(pickled))
    reopening.join()
    one, other = [each.__noormme_mapper__.registry for each in found]
    assert one is other
    one.engine.close()


def test_a_database_in_memory_stays_in_its_process() -> None:
    one, other = connect(":memory:"), connect(":memory:")
    assert again(one.views) == other.views
    one._engine.fetch("CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1)", ())
    other._engine.fetch(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, other TEXT); INSERT INTO t VALUES (1, 'x')", ()
    )
    for db in (one, other):
        db.refresh()
    assert again(one.t.get(id=1)).__noormme_mapper__ is one.t.get(id=1).__noormme_mapper__
    assert again(other.t.get(id=1)).other == "x"
    data = pickle.dumps(one.t.get(id=1)).hex()
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import pickle, sys, noormme; noormme.connect(':memory:'); pickle.loads(bytes.fromhex(sys.argv[1]))",
            data,
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "NotSupported: a pickled object of a database in memory cannot be read here" in done.stderr
    one.close()
    other.close()
