"""Slices and positions: they are LIMIT and OFFSET, and slices of slices count from the first one."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from noormme import Database, InvalidQuery, UsageError
from tests.orm.support import bound, count_queries, ids, where

ORDER = 'ORDER BY "users"."id" ASC'


@pytest.mark.parametrize(
    ("part", "sql", "parameters", "expected"),
    [
        (slice(None, 2), "LIMIT ?", (2,), [1, 2]),
        (slice(0, 2), "LIMIT ?", (2,), [1, 2]),
        (slice(1, 3), "LIMIT ? OFFSET ?", (2, 1), [2, 3]),
        (slice(2, None), "LIMIT -1 OFFSET ?", (2,), [3, 4]),
        (slice(3, 1), "LIMIT ? OFFSET ?", (0, 3), []),
        (slice(9, 12), "LIMIT ? OFFSET ?", (3, 9), []),
        (slice(None, 0), "LIMIT ?", (0,), []),
        (slice(0, True), "LIMIT ?", (1,), [1]),
        (slice(2**70, 2**80), "LIMIT ? OFFSET ?", (2**63 - 1, 2**63 - 1), []),
    ],
)
def test_a_slice_is_a_limit(
    db: Database, part: slice, sql: str, parameters: tuple[int, ...], expected: list[int]
) -> None:
    query = db.users.order_by("id")[part]
    assert where(query) == f'"users" {ORDER} {sql}'
    assert bound(query) == parameters
    assert ids(query) == expected
    assert query.count() == len(expected)


def test_the_whole_slice_is_the_query(db: Database) -> None:
    assert where(db.users.order_by("id")[:]) == f'"users" {ORDER}'
    assert where(db.users.order_by("id")[0:]) == f'"users" {ORDER}'


@given(
    parts=st.lists(
        st.tuples(st.none() | st.integers(0, 6), st.none() | st.integers(0, 6)), min_size=1, max_size=4
    ),
    loaded=st.booleans(),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_slices_of_slices_are_those_of_a_list(
    db: Database, parts: list[tuple[int | None, int | None]], loaded: bool
) -> None:
    query: Any = db.users.order_by("id")
    expected = [1, 2, 3, 4]
    if loaded:
        len(query)
    for start, stop in parts:
        query, expected = query[start:stop], expected[start:stop]
    assert ids(query) == expected
    for position, value in enumerate(expected):
        assert query[position].id == value
    with pytest.raises(IndexError):
        query[len(expected)]


def test_a_step_gives_a_list(db: Database) -> None:
    query = db.users.order_by("id")
    assert ids(query[::2]) == [1, 3]
    assert ids(query[1:4:2]) == [2, 4]
    assert ids(query[::-1]) == [4, 3, 2, 1]
    assert ids(query[1:3][::-1]) == [3, 2]
    assert isinstance(query[::2], list)
    with pytest.raises(UsageError, match="cannot be 0"):
        query[::0]


def test_a_position_reads_one_row(db: Database) -> None:
    query = db.users.order_by("-id")
    with count_queries(db) as counted:
        assert query[1].id == 3
    assert counted.statements[0].parameters == (1, 1)
    assert query[1:][1].id == 2
    with pytest.raises(IndexError, match="not that many rows"):
        query[4]


def test_rows_that_are_here_are_not_asked_for_again(db: Database) -> None:
    query = db.users.order_by("id")
    assert len(query) == 4
    with count_queries(db) as counted:
        assert query[3].id == 4
        assert ids(query[1:3]) == [2, 3]
        assert ids(query[::3]) == [1, 4]
        with pytest.raises(IndexError, match="not that many rows"):
            query[4]
    assert counted.number == 0


@pytest.mark.parametrize("loaded", [False, True])
@pytest.mark.parametrize("index", [-1, slice(-2, None), slice(None, -1), slice(0, -1, 2)])
def test_nothing_counts_from_the_end(db: Database, index: Any, loaded: bool) -> None:
    query = db.users.order_by("id")
    if loaded:
        len(query)
    with pytest.raises(InvalidQuery, match="negative positions"):
        query[index]


@pytest.mark.parametrize(
    "index", ["1", 1.0, None, slice("a", None), slice(None, 1.5), slice(None, None, "x")]
)
def test_positions_are_numbers(db: Database, index: Any) -> None:
    with pytest.raises((UsageError, InvalidQuery)):
        db.users.order_by("id")[index]


def test_numbers_of_other_libraries_count(db: Database) -> None:
    class Two:
        def __index__(self) -> int:
            return 2

    query: Any = db.users.order_by("id")
    assert query[Two()].id == 3
    assert ids(query[: Two()]) == [1, 2]
    assert ids(query[Two() :][: Two()]) == [3, 4]


@pytest.mark.sqlite("rows come in no order of their own elsewhere")
def test_a_slice_keeps_the_values_of_the_query_before_it(db: Database) -> None:
    query = db.users.filter(id__gt=1).filter(id__lt=5).order_by("id")[1:3]
    assert bound(query) == (1, 5, 2, 1)
    assert bound(query[1:]) == (1, 5, 1, 2)
    assert ids(query[1:]) == [4]
    assert ids(query) == [3, 4]
    assert [row["id"] for row in query.values("id")] == [3, 4]
    assert list(query.values_list("id", flat=True)[:1]) == [3]


def test_a_slice_counts_its_own_rows(db: Database) -> None:
    query = db.users.order_by("id")
    assert query[1:3].count() == 2
    assert query[3:].count() == 1
    assert query[4:].exists() is False
    assert query[3:].exists() is True
    assert query[2:].contains(query[3]) is True
    assert query[:2].contains(query[3]) is False
    assert query[1:].first() == query[1]
