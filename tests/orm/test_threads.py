"""One database in several threads, and queries inside queries."""

from __future__ import annotations

import gc
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from noormme import Count, Database, DatabaseClosed, connect
from noormme.orm.rows import Group
from tests import switching
from tests.orm.support import count_queries, ids

THREADS = 8


def at_once(work: Callable[[int], Any]) -> list[Any]:
    """What ``work`` gives in each of some threads."""
    return switching.at_once(work, THREADS)


def test_threads_that_compile_the_same_query_first(world: Path) -> None:
    for _ in range(5):
        with connect(world, readonly=True) as db:
            found = at_once(
                lambda number, db=db: [
                    ids(db.users.filter(posts_as_author__rating__gte=number % 5).distinct().order_by("id")),
                    db.users.annotate(n=Count("comments")).get(id=1).n,
                    db.posts.select_related("author").get(id=1).author.name,
                    [len(post.tags.all()) for post in db.posts.order_by("id").prefetch_related("tags")],
                ]
            )
            assert [each[1:] for each in found] == [[2, "Ann", [2, 1, 1, 1, 0]]] * THREADS
            assert [each[0] for each in found[:5]] == [[1, 2, 3], [1, 2, 3], [1, 2], [1, 2], [1, 2]]
            assert len(db.plans) <= 5


@pytest.mark.sqlite("servers are asked from workers")
def test_each_thread_has_a_connection_of_its_own(db: Database) -> None:
    connections = at_once(lambda _: (list(db.users), db._engine.local.new().connection)[1])
    assert len(set(map(id, connections))) == THREADS
    assert ids(db.users) == [1, 2, 3, 4]


def test_peers_under_load(db: Database) -> None:
    def work(number: int) -> int:
        for _ in range(40):
            posts = list(db.posts.order_by("id"))
            assert [post.author.name for post in posts] == ["Ann", "Ann", "Bob", "Bob", "Cleo"]
            assert [len(post.comments.all()) for post in posts] == [4, 0, 1, 1, 0]
            kept = [post for post in db.posts.order_by("id").select_related("author") if post.id > 3]
            assert [post.author.profile and post.author.profile.id for post in kept] == [2, None]
            users = list(db.users.prefetch_related("posts_as_author").order_by("id"))
            assert all(post.author == user for user in users for post in user.posts_as_author.all())
        return number

    assert at_once(work) == list(range(THREADS))


def test_one_result_in_many_threads(db: Database) -> None:
    for _ in range(10):
        query = db.posts.order_by("id")
        with count_queries(db) as counted:
            found = at_once(
                lambda _, query=query: [(post.author.name, len(post.tags.all())) for post in query]
            )
        assert found == [[("Ann", 2), ("Ann", 1), ("Bob", 1), ("Bob", 1), ("Cleo", 0)]] * THREADS
        assert counted.number <= 3 * THREADS * 5


def test_rows_that_another_thread_takes_as_soon_as_it_sees_them(db: Database) -> None:
    taken: list[Any] = []

    class Seen(Group):
        """A group of which another thread takes the rows of the first post at once."""

        @property
        def batches(self) -> Any:
            return self.__dict__.get("seen")

        @batches.setter
        def batches(self, batches: Any) -> None:
            self.__dict__["seen"] = batches
            if batches:
                taken.append(batches["tags"].pop(posts[0].id, None))

    posts = list(db.posts.order_by("id"))
    group = Seen(posts)
    peers = db.model("posts").__noormme_mapper__.peers
    peers._released.clear()
    peers._groups.append(group)
    assert [len(post.tags.all()) for post in posts] == [2, 1, 1, 1, 0]
    assert len(taken) == 1


def test_statements_of_all_threads_are_captured(db: Database) -> None:
    list(db.users)
    with count_queries(db) as counted:
        at_once(lambda _: list(db.users))
    assert counted.number == THREADS
    with count_queries(db) as outer, count_queries(db) as inner:
        list(db.users)
    list(db.users)
    assert (outer.number, inner.number) == (1, 1)


def test_capturing_begins_and_ends_while_others_run(db: Database) -> None:
    def work() -> None:
        assert db.users.count() == 4

    with switching.meanwhile(work, 3):
        for _ in range(200):
            with count_queries(db):
                pass


def test_closing_while_others_run(world: Path) -> None:
    db = connect(world, readonly=True)

    def work(number: int) -> str:
        try:
            while True:
                sum(each[0] for each in db.users.filter(name__regex=".*").values_list("id"))
        except DatabaseClosed as error:
            return str(error)

    with switching.threads(work, 4) as running:
        time.sleep(0.05)
        db.close()
        assert {each.result(timeout=30) for each in running} == {"this database was closed; connect() again"}


def test_a_long_statement_ends_when_the_database_is_closed(opened: Callable[..., Database]) -> None:
    db = opened(
        "CREATE VIEW slow AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000000)"
        " SELECT i FROM n"
    )
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(db.slow.count)
        time.sleep(0.1)
        started = time.monotonic()
        db.close()
        with pytest.raises(DatabaseClosed):
            future.result(timeout=30)
    assert time.monotonic() - started < 20


def test_after_closing_everything_says_so(world: Path) -> None:
    db = connect(world)
    post = db.posts.get(id=1)
    query = db.posts.all()
    loaded = db.posts.order_by("id")
    assert len(loaded) == 5
    db.close()
    db.close()
    for ask in (
        lambda: list(query),
        lambda: db.users.get(id=1),
        lambda: db.users.count(),
        lambda: list(db.users.iterator()),
        lambda: post.author,
        lambda: list(post.tags),
        lambda: db.users.all().explain(),
        lambda: repr(db.users.all()),
        lambda: db.refresh(),
    ):
        with pytest.raises(DatabaseClosed, match=r"was closed; connect\(\) again"):
            ask()
    assert ids(loaded) == [1, 2, 3, 4, 5]
    assert "users" in db.tables
    with connect(world) as again:
        assert again.users.count() == 4
    with pytest.raises(DatabaseClosed):
        again.users.count()


def test_queries_inside_queries(db: Database) -> None:
    pairs = [(one.id, other.id) for one in db.users.order_by("id") for other in db.users.order_by("-id")]
    assert pairs == [(one, other) for one in (1, 2, 3, 4) for other in (4, 3, 2, 1)]
    query = db.users.order_by("id")
    assert [(one.id, other.id) for one in query for other in query][:5] == [
        (1, 1),
        (1, 2),
        (1, 3),
        (1, 4),
        (2, 1),
    ]
    found = []
    for user in db.users.order_by("id").iterator(1):
        found.append((user.id, [post.id for post in user.posts_as_author.all().iterator(1)], db.tags.count()))
    assert found == [(1, [1, 2], 3), (2, [3, 4], 3), (3, [5], 3), (4, [], 3)]


def test_a_finalizer_that_asks_changes_nothing(opened: Callable[..., Database]) -> None:
    db = opened(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, at DATETIME);"
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)"
        " INSERT INTO t SELECT i, '2024-01-01 10:00:00' FROM n"
    )

    class Asking:
        def __init__(self) -> None:
            self.me = self

        def __del__(self) -> None:
            assert db.t.filter(id=1).count() == 1
            assert db.t.get(id=2).id == 2

    for _ in range(20):
        waiting = [Asking() for _ in range(50)]
        del waiting
        assert len(list(db.t.all())) == 2_000
        assert db.t.get(id=7).id == 7
    gc.collect()


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs a timer that interrupts")
def test_a_signal_handler_that_asks_changes_nothing(db: Database) -> None:
    asking = False
    assert (ids(db.posts.order_by("id")), db.users.get(id=1).name) == ([1, 2, 3, 4, 5], "Ann")

    def handler(number: int, frame: object) -> None:
        # Signals that come in while it asks would call it deeper and deeper on a slow machine.
        nonlocal asking
        if not asking:
            asking = True
            assert db.users.get(id=2).name == "Bob"
            asking = False

    before = signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
    try:
        for _ in range(300):
            assert ids(db.posts.order_by("id")) == [1, 2, 3, 4, 5]
            assert db.users.get(id=1).name == "Ann"
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


FIRST = """
import signal, sys
from noormme import UsageError, connect
db = connect(sys.argv[1])
refused = 0

def handler(number, frame):
    global refused
    try:
        assert db.users.count() == 4
    except UsageError as error:
        assert str(error) == (
            "a query came in while the first one was loading SQLAlchemy, in the same thread; "
            "run one query before signal handlers and finalizers do"
        ), error
        refused += 1

signal.signal(signal.SIGALRM, handler)
signal.setitimer(signal.ITIMER_REAL, 0.005, 0.005)
assert db.users.count() == 4
signal.setitimer(signal.ITIMER_REAL, 0)
assert refused, "importing SQLAlchemy takes many times 5 ms"
assert db.users.count() == 4
"""


def test_a_signal_handler_that_asks_while_the_first_query_loads(world: Path) -> None:
    subprocess.run([sys.executable, "-c", FIRST, str(world)], check=True, timeout=60)


def test_a_database_in_memory_is_one_for_all_threads() -> None:
    with connect(":memory:") as db:
        db._engine.fetch(
            "CREATE TABLE t (id INTEGER PRIMARY KEY, word TEXT);"
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100)"
            " INSERT INTO t SELECT i, 'w' || i FROM n",
            (),
        )
        db.refresh()

        def work(number: int) -> list[int]:
            for _ in range(20):
                assert db.t.get(id=number + 1).word == f"w{number + 1}"
                assert db.t.count() == 100
                assert len(list(db.t.iterator(7))) == 100
            return ids(db.t.filter(id__lte=number).order_by("id"))

        assert at_once(work) == [list(range(1, number + 1)) for number in range(THREADS)]
        with count_queries(db) as counted:
            assert db.t.filter(id=1).exists()
            assert db.t.filter(id__gt=98).values_list("id", flat=True).order_by("id")[1] == 100
        assert counted.number == 2
    with pytest.raises(DatabaseClosed):
        db.t.count()
