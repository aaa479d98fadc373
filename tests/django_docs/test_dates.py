"""The reference of query sets: the days and moments that there are."""

from __future__ import annotations

from datetime import date, datetime

from noormme import Database


def test_dates(blog: Database) -> None:
    assert list(blog.entries.filter(blog=3).dates("pub_date", "year")) == [date(2005, 1, 1), date(2006, 1, 1)]
    assert list(blog.entries.filter(blog=3).dates("pub_date", "month")) == [
        date(2005, 1, 1),
        date(2005, 2, 1),
        date(2006, 7, 1),
    ]
    assert list(blog.entries.filter(id__in=[5, 6]).dates("pub_date", "week")) == [
        date(2005, 1, 3),
        date(2005, 1, 31),
    ]
    assert list(blog.entries.filter(blog=3).dates("pub_date", "day", order="DESC")) == [
        date(2006, 7, 4),
        date(2005, 2, 1),
        date(2005, 1, 3),
    ]
    lennon = blog.entries.filter(headline__contains="Lennon").dates("pub_date", "day")
    assert list(lennon) == [date(2008, 6, 1), date(2009, 6, 1), date(2020, 4, 1)]


def test_datetimes(companies: Database) -> None:
    assert list(companies.comments.datetimes("created_at", "day")) == [
        datetime(2024, 1, 2),
        datetime(2024, 1, 3),
        datetime(2024, 1, 9),
        datetime(2024, 1, 10),
    ]
    assert list(companies.comments.datetimes("created_at", "month")) == [datetime(2024, 1, 1)]
    assert list(companies.comments.filter(post=2).datetimes("created_at", "hour", order="DESC")) == [
        datetime(2024, 1, 10, 6),
        datetime(2024, 1, 9, 13),
    ]
