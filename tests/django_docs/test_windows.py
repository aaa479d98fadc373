"""Window functions: how a film compares with its peers, and an employee with the department."""

from __future__ import annotations

from datetime import date

from noormme import Avg, Database, F, Max, Min, RowRange, Sum, ValueRange, Window
from tests.django_docs.support import column, pairs

PEERS = {"partition_by": [F("studio"), F("genre")], "order_by": "released__year"}
"""Peers are films of one studio in one genre, sorted by year; those of one year are equals."""


def test_average_of_peers(movies: Database) -> None:
    rows = movies.movies.annotate(avg_rating=Window(expression=Avg("rating"), **PEERS)).order_by("id")
    # With an order, a window reaches from its first row to the last equal of the current one.
    assert column(rows, "avg_rating") == [7.0, 7.0, 6.0, 7.0, 5.0, 9.0]


def test_several_windows(movies: Database) -> None:
    rows = movies.movies.annotate(
        avg_rating=Window(expression=Avg("rating"), **PEERS),
        best=Window(expression=Max("rating"), **PEERS),
        worst=Window(expression=Min("rating"), **PEERS),
    ).order_by("id")
    assert pairs(rows, "avg_rating", "best", "worst") == [
        (7.0, 8.0, 6.0),
        (7.0, 8.0, 6.0),
        (6.0, 8.0, 4.0),
        (7.0, 10.0, 4.0),
        (5.0, 5.0, 5.0),
        (9.0, 9.0, 9.0),
    ]


def test_without_an_order_the_whole_part_counts(movies: Database) -> None:
    rows = movies.movies.annotate(n=Window(Sum("rating"), partition_by="studio")).order_by("id")
    assert column(rows, "n") == [33.0, 33.0, 33.0, 33.0, 33.0, 9.0]
    rows = movies.movies.annotate(n=Window(Sum("rating"))).order_by("id")
    assert column(rows, "n") == [42.0] * 6


def test_row_range(movies: Database) -> None:
    window = {"partition_by": [F("studio"), F("genre")], "order_by": "released"}
    rows = movies.movies.annotate(
        near=Window(expression=Avg("rating"), frame=RowRange(start=-1, end=1), **window),
        two=Window(expression=Avg("rating"), frame=RowRange(start=-2, end=2), **window),
        so_far=Window(expression=Sum("rating"), frame=RowRange(end=0), **window),
        rest=Window(expression=Sum("rating"), frame=RowRange(start=0), **window),
    ).order_by("id")
    assert pairs(rows, "near", "two", "so_far", "rest")[:4] == [
        (7.0, 6.0, 6.0, 28.0),
        (6.0, 7.0, 14.0, 22.0),
        (22 / 3, 7.0, 18.0, 14.0),
        (7.0, 22 / 3, 28.0, 10.0),
    ]


def test_equals_of_the_current_row(movies: Database) -> None:
    frame = ValueRange(start=0, end=0)
    rows = movies.movies.annotate(avg_rating=Window(Avg("rating"), frame=frame, **PEERS)).order_by("id")
    assert column(rows, "avg_rating") == [7.0, 7.0, 4.0, 10.0, 5.0, 9.0]


def test_value_range_from_the_start(movies: Database) -> None:
    frame = ValueRange(start=None, end=0)
    rows = movies.movies.annotate(avg_rating=Window(Avg("rating"), frame=frame, **PEERS)).order_by("id")
    assert column(rows, "avg_rating") == [7.0, 7.0, 6.0, 7.0, 5.0, 9.0]


def test_value_range_of_twelve_months(movies: Database) -> None:
    window = {"partition_by": [F("studio"), F("genre")], "order_by": "month"}
    frame = ValueRange(start=-12, end=12)
    rows = movies.movies.annotate(avg_rating=Window(Avg("rating"), frame=frame, **window)).order_by("id")
    # Months 14, 21, 29 and 49 are the drama of Acme.
    assert column(rows, "avg_rating")[:4] == [7.0, 6.0, 6.0, 10.0]


def test_filter_on_a_window(movies: Database) -> None:
    best = Window(Max("salary"), partition_by="department")
    rows = movies.employees.annotate(best=best).filter(salary=F("best")).order_by("department")
    assert column(rows, "name") == ["Adams", "Johnson", "Smith"]
    below = movies.employees.annotate(best=best).filter(best__gt=F("salary") + 5000).order_by("id")
    assert column(below, "name") == ["Williams"]


def test_running_total_by_date(movies: Database) -> None:
    total = Window(Sum("salary"), order_by="hire_date")
    rows = movies.employees.annotate(total=total).order_by("hire_date")
    assert pairs(rows[:3], "hire_date", "total") == [
        (date(2005, 11, 1), 45000),
        (date(2007, 6, 1), 100000),
        (date(2008, 4, 1), 145000),
    ]


def test_window_in_arithmetic(movies: Database) -> None:
    share = F("salary") - Window(Avg("salary"), partition_by="department")
    rows = movies.employees.annotate(share=share).order_by("id")
    assert column(rows, "share") == [750.0, -7250.0, 750.0, 5750.0, 1000.0, -1000.0, 0.0]
