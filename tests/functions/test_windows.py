"""Functions over windows: what PostgreSQL 15 gives, and the SQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import apsw
import pytest

from noormme import Database, F, RowRange, StdDev, StringAgg, Sum, Value, Variance, Window, connect
from noormme.errors import InvalidQuery, UsageError
from noormme.functions import (
    CumeDist,
    DenseRank,
    FirstValue,
    Lag,
    LastValue,
    Lead,
    Lower,
    NthValue,
    Ntile,
    PercentRank,
    Rank,
    RowNumber,
)

D = Decimal
SCRIPT = """
    CREATE TABLE results (
        id INTEGER PRIMARY KEY, team TEXT, points INTEGER, price DECIMAL(6, 2), at DATETIME
    );
    INSERT INTO results VALUES
        (1, 'a', 10, '1.50', 1704189600000), (2, 'a', 20, '2.25', 1704189601000), (3, 'a', 20, NULL, 1704189602000),
        (4, 'b', 5, '10', 1704189603000), (5, 'b', NULL, '9.99', 1704189604000);
"""


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    path: Path = tmp_path_factory.mktemp("windows") / "results.db"
    connection = apsw.Connection(str(path))
    connection.execute(SCRIPT).fetchall()
    connection.close()
    with connect(path, readonly=True) as database:
        yield database


def window(function: Any, **options: Any) -> Window:
    return Window(function, **{"order_by": "id", **options})


@pytest.mark.parametrize(
    ("expression", "sql", "rows"),
    [
        # PostgreSQL: select row_number() over (order by id) from results
        (window(RowNumber()), 'row_number() OVER ( ORDER BY "results"."id" ASC )', [1, 2, 3, 4, 5]),
        (
            window(RowNumber(), partition_by="team"),
            'row_number() OVER ( PARTITION BY "results"."team" ORDER BY',
            [1, 2, 3, 1, 2],
        ),
        (window(Rank(), partition_by="team", order_by="-points"), "rank() OVER", [3, 1, 1, 1, 2]),
        (window(DenseRank(), partition_by="team", order_by="-points"), "dense_rank() OVER", [2, 1, 1, 1, 2]),
        (window(PercentRank(), partition_by="team"), "percent_rank() OVER", [0.0, 0.5, 1.0, 0.0, 1.0]),
        (
            window(CumeDist(), partition_by="team", order_by="points"),
            "cume_dist() OVER",
            [1 / 3, 1.0, 1.0, 1.0, 0.5],
        ),
        (window(Ntile(2)), "ntile(?) OVER", [1, 1, 1, 2, 2]),
        (window(Lag("points")), 'lag("results"."points", ?) OVER', [None, 10, 20, 20, 5]),
        (window(Lag("points", 2, 0)), 'lag("results"."points", ?, ?) OVER', [0, 0, 10, 20, 20]),
        (
            window(Lead("points", 2, F("id"))),
            'lead("results"."points", ?, "results"."id") OVER',
            [20, 5, None, 4, 5],
        ),
        (
            window(FirstValue("price"), partition_by="team"),
            "first_value",
            [D("1.5"), D("1.5"), D("1.5"), D(10), D(10)],
        ),
        (window(LastValue("points"), frame=RowRange()), "last_value", [None] * 5),
        (window(NthValue("points", 2)), 'nth_value("results"."points", ?) OVER', [None, 20, 20, 20, 20]),
        (window(FirstValue(Lower("team"))), "first_value(noormme_lower", ["a"] * 5),
        (window(Sum("points")), "sum", [10, 30, 50, 55, 55]),
    ],
)
def test_sql_and_rows(results: Database, expression: Window, sql: str, rows: list[Any]) -> None:
    query = results.results.annotate(x=expression).order_by("id").values_list("x", flat=True)
    assert list(query) == [pytest.approx(row) if isinstance(row, float) else row for row in rows]
    assert sql in " ".join(query.sql().statement.split())


def test_moments_come_in_the_form_of_their_column(results: Database) -> None:
    query = results.results.annotate(before=window(Lag("at", 1, datetime(2000, 1, 1)))).order_by("id")
    assert list(query.values_list("before", flat=True))[:2] == [
        datetime(2000, 1, 1),
        datetime(2024, 1, 2, 10),
    ]


def test_a_default_in_another_form_is_like_the_values(opened: Callable[..., Database]) -> None:
    db = opened(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a DATETIME, b DATETIME);"
        "INSERT INTO t VALUES (1, 1704189600000, '2000-01-01 00:00:00'), (2, 1704189601000, '2000-01-01 00:00:00')"
    )
    query = db.t.annotate(x=window(Lag("a", 1, F("b")))).order_by("id")
    assert list(query.values_list("x", flat=True)) == [datetime(2000, 1, 1), datetime(2024, 1, 2, 10)]


@pytest.mark.parametrize(
    ("aggregate", "rows"),
    [
        # select stddev_pop(points) over (order by id rows between 1 preceding and current row) from results
        (StdDev("points"), [0.0, 5.0, 0.0, 7.5, 0.0]),
        (StdDev("points", sample=True), [None, 7.0710678118654755, 0.0, 10.606601717798213, None]),
        (Variance("points"), [0.0, 25.0, 0.0, 56.25, 0.0]),
        (Variance("points", sample=True), [None, 50.0, 0.0, 112.5, None]),
    ],
)
def test_rows_leave_a_moving_window_without_a_trace(
    results: Database, aggregate: Any, rows: list[Any]
) -> None:
    query = results.results.annotate(x=window(aggregate, frame=RowRange(-1, 0))).order_by("id")
    assert list(query.values_list("x", flat=True)) == rows


def test_what_leaves_is_exact(opened: Callable[..., Database]) -> None:
    db = opened(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, r REAL); INSERT INTO t (r) VALUES (1e200), (1e-9), (3e-9), (9e999), (1), (1)"
    )
    moving = Window(Variance("r"), order_by="id", frame=RowRange(-1, 0))
    found = list(db.t.annotate(x=moving).order_by("id").values_list("x", flat=True))
    # The second distance is too large for a float when it is squared; an infinite value has none.
    assert found == [0.0, None, pytest.approx(1e-18), None, None, 0.0]


def test_texts_over_a_window(results: Database) -> None:
    query = results.results.annotate(x=window(StringAgg("team", Value("-")))).order_by("id")
    assert list(query.values_list("x", flat=True)) == ["a", "a-a", "a-a-a", "a-a-a-b", "a-a-a-b-b"]


def test_a_window_function_needs_a_window(results: Database) -> None:
    for function in (RowNumber(), Lag("points"), Ntile(2)):
        with pytest.raises(InvalidQuery, match="needs a window"):
            list(results.results.annotate(x=function))


@pytest.mark.parametrize(
    "made",
    [
        lambda: Lag("points", 0),
        lambda: Lead("points", -1),
        lambda: Lead("points", 1.5),  # type: ignore[arg-type]
        lambda: NthValue("points", 0),
        lambda: Ntile(0),
        lambda: Ntile(True),
        lambda: Rank("points"),
        lambda: FirstValue(),
    ],
)
def test_calls_without_a_meaning_are_refused(made: Callable[[], object]) -> None:
    with pytest.raises(UsageError):
        made()
