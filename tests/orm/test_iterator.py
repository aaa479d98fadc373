"""``iterator``: rows one after the other, a chunk in memory at a time."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable

import pytest

from noormme import Database, DatabaseClosed, Prefetch, UsageError
from tests.orm.support import count_queries, ids

NUMBERS = (
    "CREATE TABLE numbers (id INTEGER PRIMARY KEY, square INTEGER, name TEXT, even BOOLEAN);"
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})"
    " INSERT INTO numbers SELECT i, i * i, 'number ' || i, i % 2 = 0 FROM n"
)


def test_it_gives_all_rows_and_keeps_none(db: Database) -> None:
    query = db.users.order_by("id")
    with count_queries(db) as counted:
        assert ids(query.iterator()) == [1, 2, 3, 4]
        assert ids(query.iterator(chunk_size=3)) == [1, 2, 3, 4]
        assert ids(query) == [1, 2, 3, 4]
    assert counted.number == 3


@pytest.mark.parametrize("size", [1, 2, 4, 5, 1000])
def test_prefetches_run_once_for_each_chunk(db: Database, size: int) -> None:
    query = (
        db.posts.order_by("id")
        .select_related("author")
        .prefetch_related("tags", Prefetch("comments", db.comments.order_by("-id"), to_attr="newest"))
    )
    with count_queries(db) as counted:
        found = [
            (post.id, len(post.tags.all()), ids(post.newest), post.author.name)
            for post in query.iterator(size)
        ]
    assert found == [
        (1, 2, [6, 3, 2, 1], "Ann"),
        (2, 1, [], "Ann"),
        (3, 1, [4], "Bob"),
        (4, 1, [5], "Bob"),
        (5, 0, [], "Cleo"),
    ]
    assert counted.number == 1 + 2 * -(-5 // size)


def test_it_starts_when_it_is_asked(db: Database) -> None:
    with count_queries(db) as counted:
        rows = db.users.iterator()
        assert counted.number == 0
        next(rows)
        assert counted.number == 1
    rows.close()


def test_memory_is_bounded(opened: Callable[..., Database]) -> None:
    db = opened(NUMBERS.format(count=20_000))
    total = sum(row.square for row in db.numbers.iterator(chunk_size=100))
    assert total == sum(number * number for number in range(1, 20_001))
    tracemalloc.start()
    try:
        for row in db.numbers.iterator(chunk_size=100):
            assert row.even is (row.id % 2 == 0)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 200_000


def test_other_queries_run_in_between(opened: Callable[..., Database]) -> None:
    db = opened(NUMBERS.format(count=50))
    seen = []
    for row in db.numbers.order_by("id").iterator(chunk_size=7):
        assert db.numbers.get(id=row.id).square == row.square
        assert db.numbers.filter(id__lte=row.id).count() == row.id
        seen.extend(each.id for each in db.numbers.filter(id=row.id).iterator())
    assert seen == list(range(1, 51))


@pytest.mark.sqlite("a server sends some rows ahead")
def test_an_iterator_may_be_left(db: Database) -> None:
    for _ in range(3):
        for user in db.users.order_by("id").iterator(1):
            assert user.id == 1
            break
    rows = db.users.order_by("id").iterator(1)
    assert next(rows).id == 1
    db.close()
    with pytest.raises(DatabaseClosed):
        next(rows)


def test_odd_values_do_not_stop_it(opened: Callable[..., Database]) -> None:
    db = opened(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, day DATE, word TEXT);"
        "INSERT INTO t VALUES (1, '2024-01-02', 'a'), (2, '2024-1-2', 'b'), (3, NULL, 'c'),"
        " (4, '2024-01-02', CAST(x'61ff' AS TEXT)), (5, '2024-01-02', 'e')"
    )
    expected = [(row.id, row.day, row.word) for row in db.t.order_by("id")]
    assert expected[3][2] == b"a\xff"
    for size in (1, 2, 3, 4, 5):
        assert [(row.id, row.day, row.word) for row in db.t.order_by("id").iterator(size)] == expected
    assert list(db.t.order_by("id").values_list("word", flat=True).iterator(2)) == [
        "a",
        "b",
        "c",
        b"a\xff",
        "e",
    ]


def test_values_beyond_64_bits_do_not_stop_it(db: Database) -> None:
    assert ids(db.users.filter(id__lt=2**70).order_by("id").iterator()) == [1, 2, 3, 4]
    assert ids(db.users.filter(id__gt=-(2**70)).order_by("id").iterator()) == [1, 2, 3, 4]
    assert ids(db.users.filter(id=2**70).iterator()) == []


def test_chunks_have_a_size(db: Database) -> None:
    for wrong in (0, -1):
        with pytest.raises(UsageError, match="chunk_size must be"):
            db.users.iterator(wrong)


def test_it_counts_in_the_statistics(db: Database) -> None:
    assert ids(db.users.iterator(2)) == [1, 2, 3, 4]
    (plan,) = db.plans
    assert (plan.statistics.calls, plan.statistics.rows) == (1, 4)
