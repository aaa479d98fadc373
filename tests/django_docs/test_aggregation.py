"""Aggregation: books, their authors and publishers, and the stores that sell them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from noormme import Avg, Count, Database, Max, Min, Q, Sum
from tests.django_docs.support import column, pairs

# -- over all rows -------------------------------------------------------------------------------------


def test_cheat_sheet(books: Database) -> None:
    assert books.books.count() == 5
    assert books.books.filter(publisher__name="A").count() == 2
    assert books.books.all().aggregate(Avg("price")) == {"price__avg": Decimal("38.6")}
    assert books.books.aggregate(average_price=Avg("price")) == {"average_price": Decimal("38.6")}
    assert books.books.aggregate(Max("price")) == {"price__max": Decimal("82.75")}
    assert books.books.aggregate(Avg("price"), Max("price"), Min("price")) == {
        "price__avg": Decimal("38.6"),
        "price__max": Decimal("82.75"),
        "price__min": Decimal("20.25"),
    }


def test_difference_of_aggregates(books: Database) -> None:
    found = books.books.aggregate(
        price_diff=Max("price", output_field=float) - Avg("price", output_field=float)
    )
    assert found == {"price_diff": 82.75 - 38.6}


def test_each_publisher(books: Database) -> None:
    publishers = books.publishers.annotate(num_books=Count("books")).order_by("id")
    assert pairs(publishers, "name", "num_books") == [("A", 2), ("B", 2), ("C", 1), ("BaloneyPress", 0)]
    above = Count("books", filter=Q(books__rating__gt=3))
    below = Count("books", filter=Q(books__rating__lte=3))
    both = books.publishers.annotate(below=below).annotate(above=above).order_by("id")
    assert pairs(both, "below", "above") == [(0, 2), (1, 1), (1, 0), (0, 0)]
    top = books.publishers.annotate(num_books=Count("books")).order_by("-num_books", "id")[:2]
    assert pairs(top, "name", "num_books") == [("A", 2), ("B", 2)]


# -- for each row --------------------------------------------------------------------------------------


def test_authors_of_each_book(books: Database) -> None:
    query = books.books.annotate(Count("authors")).order_by("id")
    assert query[0].authors__count == 2
    assert query[1].authors__count == 1
    named = books.books.annotate(num_authors=Count("authors")).order_by("id")
    assert column(named, "num_authors") == [2, 1, 1, 2, 1]


def test_two_aggregates_multiply(books: Database) -> None:
    book = books.books.first()
    assert book is not None
    assert (book.authors.count(), book.stores.count()) == (2, 3)
    joined = books.books.annotate(Count("authors"), Count("stores")).order_by("id")
    assert (joined[0].authors__count, joined[0].stores__count) == (6, 6)
    distinct = books.books.annotate(Count("authors", distinct=True), Count("stores", distinct=True)).order_by(
        "id"
    )
    assert (distinct[0].authors__count, distinct[0].stores__count) == (2, 3)


def test_over_relations(books: Database) -> None:
    stores = books.stores.annotate(min_price=Min("books__price"), max_price=Max("books__price")).order_by(
        "id"
    )
    assert pairs(stores, "min_price", "max_price") == [
        (Decimal("29.75"), Decimal("82.75")),
        (Decimal("20.25"), Decimal("30.5")),
        (Decimal("30.5"), Decimal("30.5")),
    ]
    assert books.stores.aggregate(min_price=Min("books__price"), max_price=Max("books__price")) == {
        "min_price": Decimal("20.25"),
        "max_price": Decimal("82.75"),
    }
    assert books.stores.aggregate(youngest_age=Min("books__authors__age")) == {"youngest_age": 29}


def test_backwards(books: Database) -> None:
    assert column(books.publishers.annotate(Count("books")).order_by("id"), "books__count") == [2, 2, 1, 0]
    assert books.publishers.aggregate(oldest_pubdate=Min("books__pubdate")) == {
        "oldest_pubdate": date(1995, 1, 15)
    }
    assert books.publishers.aggregate(Min("books__pubdate")) == {"books__pubdate__min": date(1995, 1, 15)}
    authors = books.authors.annotate(total_pages=Sum("books__pages")).order_by("id")
    assert column(authors, "total_pages") == [447, 447, 1432, 600, 1132, None]
    # Each author counts each of their books: 4, 4, 1 and 4, 5 and 1, 4.
    assert books.authors.aggregate(average_rating=Avg("books__rating")) == {"average_rating": 23 / 7}


# -- with other clauses --------------------------------------------------------------------------------


def test_filter_before(books: Database) -> None:
    started = books.books.filter(name__startswith="Django")
    assert pairs(started.annotate(num_authors=Count("authors")).order_by("id"), "id", "num_authors") == [
        (1, 2),
        (3, 1),
    ]
    assert started.aggregate(Avg("price")) == {"price__avg": Decimal("30.125")}


def test_filter_on_an_annotation(books: Database) -> None:
    several = books.books.annotate(num_authors=Count("authors")).filter(num_authors__gt=1)
    assert column(several.order_by("id"), "id") == [1, 4]
    others = books.books.annotate(num_authors=Count("authors")).exclude(num_authors__gt=1)
    assert column(others.order_by("id"), "id") == [2, 3, 5]
    highly = Count("books", filter=Q(books__rating__gte=4))
    authors = books.authors.annotate(num_books=Count("books"), highly_rated_books=highly).order_by("id")
    assert pairs(authors, "num_books", "highly_rated_books") == [
        (1, 1),
        (1, 1),
        (2, 1),
        (2, 1),
        (1, 1),
        (0, 0),
    ]


def test_order_of_annotate_and_filter(books: Database) -> None:
    rated = {"books__rating__gt": 3.0}
    first = books.publishers.annotate(num_books=Count("books", distinct=True)).filter(**rated)
    assert pairs(first.order_by("id").distinct(), "name", "num_books") == [("A", 2), ("B", 2)]
    second = books.publishers.filter(**rated).annotate(num_books=Count("books"))
    assert pairs(second.order_by("id"), "name", "num_books") == [("A", 2), ("B", 1)]
    first = books.publishers.annotate(avg_rating=Avg("books__rating")).filter(**rated)
    assert pairs(first.order_by("id").distinct(), "name", "avg_rating") == [("A", 4.5), ("B", 2.5)]
    second = books.publishers.filter(**rated).annotate(avg_rating=Avg("books__rating"))
    assert pairs(second.order_by("id"), "name", "avg_rating") == [("A", 4.5), ("B", 4.0)]


def test_order_by_an_annotation(books: Database) -> None:
    ordered = books.books.annotate(num_authors=Count("authors")).order_by("num_authors", "-id")
    assert column(ordered, "id") == [5, 3, 2, 4, 1]


def test_values_group(books: Database) -> None:
    each = books.authors.annotate(average_rating=Avg("books__rating")).order_by("id")
    assert column(each, "average_rating") == [4.0, 4.0, 2.5, 3.0, 4.0, None]
    by_name = books.authors.values("name").annotate(average_rating=Avg("books__rating")).order_by("name")
    assert list(by_name) == [
        {"name": "Adrian", "average_rating": 4.0},
        {"name": "Brad", "average_rating": 2.5},
        {"name": "Jacob", "average_rating": 4.0},
        {"name": "James", "average_rating": 3.0},
        {"name": "Nobody", "average_rating": None},
    ]
    after = books.authors.annotate(average_rating=Avg("books__rating")).values("name", "average_rating")
    assert len(list(after)) == 6


def test_order_takes_part_in_groups(books: Database) -> None:
    wrong = books.items.order_by("name").values("data").annotate(Count("id"))
    assert list(wrong) == [
        {"data": 10, "id__count": 1},
        {"data": 10, "id__count": 1},
        {"data": 20, "id__count": 2},
    ]
    right = books.items.order_by("name").values("data").annotate(Count("id")).order_by()
    assert sorted(right, key=lambda row: row["data"]) == [
        {"data": 10, "id__count": 2},
        {"data": 20, "id__count": 2},
    ]


def test_aggregate_of_an_annotation(books: Database) -> None:
    assert books.books.annotate(num_authors=Count("authors")).aggregate(Avg("num_authors")) == {
        "num_authors__avg": 1.4
    }


def test_nothing_to_aggregate(books: Database) -> None:
    none = books.books.filter(rating=100)
    assert none.aggregate(n=Count("id"), total=Sum("pages"), zero=Sum("pages", default=0)) == {
        "n": 0,
        "total": None,
        "zero": 0,
    }
    assert none.none().aggregate(n=Count("id"), total=Sum("pages"), zero=Sum("pages", default=0)) == {
        "n": 0,
        "total": None,
        "zero": 0,
    }
