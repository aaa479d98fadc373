"""Window functions: ranks, shares, and the rows before and after."""

from __future__ import annotations

import pytest

from noormme import Database, F, RowRange, Window
from noormme.functions import (
    CumeDist,
    DenseRank,
    FirstValue,
    Lag,
    LastValue,
    Lead,
    NthValue,
    Ntile,
    PercentRank,
    Rank,
    RowNumber,
)
from tests.django_docs.support import column, pairs


def _ranked(movies: Database, function: object, **options: object) -> list[object]:
    """The values of a function over the salaries of each department, highest first."""
    window = Window(function, partition_by="department", order_by=[F("salary").desc(), "id"], **options)
    return column(movies.employees.annotate(found=window).order_by("department", "-salary", "id"), "found")


def test_rank_of_salaries(movies: Database) -> None:
    window = {"partition_by": "department", "order_by": F("salary").desc()}
    rows = movies.employees.annotate(
        rank=Window(Rank(), **window),
        dense=Window(DenseRank(), **window),
        percent=Window(PercentRank(), **window),
        share=Window(CumeDist(), **window),
    ).order_by("department", "rank", "name")
    third = pytest.approx(1 / 3, rel=1e-9)  # MariaDB has ten digits
    assert pairs(rows, "name", "rank", "dense", "percent", "share") == [
        ("Adams", 1, 1, 0.0, 0.25),
        ("Jenson", 2, 2, third, 0.75),
        ("Jones", 2, 2, third, 0.75),
        ("Williams", 4, 3, 1.0, 1.0),
        ("Johnson", 1, 1, 0.0, 1.0),
        ("Smith", 1, 1, 0.0, 0.5),
        ("Brown", 2, 2, 1.0, 1.0),
    ]


def test_row_number_and_ntile(movies: Database) -> None:
    assert _ranked(movies, RowNumber()) == [1, 2, 3, 4, 1, 1, 2]
    assert _ranked(movies, Ntile(num_buckets=2)) == [1, 1, 2, 2, 1, 1, 2]
    assert _ranked(movies, Ntile()) == [1, 1, 1, 1, 1, 1, 1]


def test_lag_and_lead(movies: Database) -> None:
    assert _ranked(movies, Lag("salary")) == [None, 50000, 45000, 45000, None, None, 55000]
    assert _ranked(movies, Lag("salary", offset=2, default=0)) == [0, 0, 50000, 45000, 0, 0, 0]
    assert _ranked(movies, Lead("salary")) == [45000, 45000, 37000, None, None, 53000, None]
    assert _ranked(movies, Lead("salary", offset=3)) == [37000, None, None, None, None, None, None]


def test_first_last_and_nth(movies: Database) -> None:
    assert _ranked(movies, FirstValue("name")) == ["Adams"] * 4 + ["Johnson"] + ["Smith"] * 2
    whole = RowRange(start=None, end=None)
    assert _ranked(movies, LastValue("name"), frame=whole) == ["Williams"] * 4 + ["Johnson"] + ["Brown"] * 2
    assert _ranked(movies, NthValue("name", nth=2), frame=whole) == ["Jones"] * 4 + [None] + ["Brown"] * 2
    assert _ranked(movies, NthValue("name", nth=2)) == [None, "Jones", "Jones", "Jones", None, None, "Brown"]


def test_best_of_each_department(movies: Database) -> None:
    number = Window(RowNumber(), partition_by="department", order_by="-salary")
    best = movies.employees.annotate(number=number).filter(number=1).order_by("name")
    assert column(best, "name") == ["Adams", "Johnson", "Smith"]
