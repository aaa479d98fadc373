"""Making queries: the examples about blogs and entries, relations, ``F`` and ``Q``."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from noormme import (
    Database,
    DoesNotExist,
    F,
    InvalidQuery,
    Min,
    MultipleObjectsReturned,
    OuterRef,
    Q,
    Subquery,
    Sum,
)
from tests.django_docs.support import column, pairs

TODAY = date(2009, 6, 1)


# -- retrieving ----------------------------------------------------------------------------------------


def test_all_and_filter(blog: Database) -> None:
    assert column(blog.entries.all().order_by("id"), "id") == [1, 2, 3, 4, 5, 6, 7]
    assert column(blog.entries.filter(pub_date__year=2008).order_by("id"), "id") == [1, 3]
    assert column(blog.entries.all().filter(pub_date__year=2008).order_by("id"), "id") == [1, 3]


def test_chained_filters(blog: Database) -> None:
    found = (
        blog.entries.filter(headline__startswith="What")
        .exclude(pub_date__gte=date(2006, 1, 1))
        .filter(pub_date__gte=date(2005, 1, 30))
    )
    assert column(found, "id") == [6]


def test_filtered_query_sets_are_unique(blog: Database) -> None:
    first = blog.entries.filter(headline__startswith="New")
    second = first.exclude(pub_date__gte=TODAY)
    third = first.filter(pub_date__gte=TODAY)
    assert column(first.order_by("id"), "id") == [1, 2]
    assert column(second, "id") == [1]
    assert column(third, "id") == [2]


def test_lazy(blog: Database) -> None:
    query = blog.entries.filter(headline__startswith="What")
    query = query.filter(pub_date__lte=TODAY)
    query = query.exclude(body_text__icontains="food")
    assert column(query, "headline") == ["What_is new"]


def test_get(blog: Database) -> None:
    assert blog.entries.get(pk=1).headline == "New Lennon Biography"
    with pytest.raises(DoesNotExist):
        blog.entries.get(pk=100)
    with pytest.raises(MultipleObjectsReturned):
        blog.entries.get(blog_id=1)


def test_limits(blog: Database) -> None:
    ordered = blog.entries.order_by("id")
    assert column(ordered[:5], "id") == [1, 2, 3, 4, 5]
    assert column(ordered[5:10], "id") == [6, 7]
    assert column(ordered[:7:2], "id") == [1, 3, 5, 7]
    assert blog.entries.order_by("headline")[0].headline == "Best Albums of 2008"
    assert blog.entries.order_by("headline")[0:1].get().id == 3
    with pytest.raises(IndexError):
        blog.entries.filter(rating=100)[0]
    with pytest.raises(DoesNotExist):
        blog.entries.filter(rating=100)[0:1].get()
    with pytest.raises(InvalidQuery):
        ordered[-1]
    with pytest.raises(InvalidQuery):
        ordered[:5].filter(id=1)
    with pytest.raises(InvalidQuery):
        ordered[:5].order_by("headline")


# -- lookups -------------------------------------------------------------------------------------------


def test_lookups(blog: Database) -> None:
    assert column(blog.entries.filter(pub_date__lte="2006-01-01").order_by("id"), "id") == [5, 6]
    assert column(blog.entries.filter(blog_id=2).order_by("id"), "id") == [3, 4]
    assert blog.entries.get(headline__exact="Cat bites dog").id == 5
    assert blog.blogs.get(id__exact=3).name == blog.blogs.get(id=3).name == "Cheddar Talk"
    assert blog.blogs.get(name__iexact="beatles blog").id == 1
    assert column(blog.entries.filter(headline__contains="Lennon").order_by("id"), "id") == [1, 2, 4]
    assert column(blog.entries.filter(headline__icontains="lennon").order_by("id"), "id") == [1, 2, 4]
    assert column(blog.entries.filter(headline__startswith="Lennon"), "id") == [4]
    assert column(blog.entries.filter(headline__endswith="new"), "id") == [7]
    assert column(blog.entries.filter(headline__iendswith="NEW"), "id") == [7]


def test_pk(blog: Database) -> None:
    assert blog.blogs.get(pk=3) == blog.blogs.get(id__exact=3)
    assert column(blog.blogs.filter(pk__in=[1, 4, 7]).order_by("pk"), "id") == [1, 4]
    assert column(blog.blogs.filter(pk__gt=2).order_by("pk"), "id") == [3, 4]
    for lookup in ("blog__id__exact", "blog__id", "blog__pk", "blog"):
        assert column(blog.entries.filter(**{lookup: 3}).order_by("id"), "id") == [5, 6, 7]


def test_percent_signs_and_underscores(blog: Database) -> None:
    assert column(blog.entries.filter(headline__contains="%"), "id") == [6]
    assert column(blog.entries.filter(headline__contains="_"), "id") == [7]
    assert column(blog.entries.filter(headline__startswith="What_"), "id") == [7]


def test_order_of_related_and_nulls(blog: Database) -> None:
    ordered = blog.entries.order_by("blog__name", "-headline")
    assert column(ordered, "id") == [2, 1, 7, 6, 5, 4, 3]
    assert column(blog.entries.order_by(F("rating").desc(nulls_last=True), "id"), "id") == [
        1,
        3,
        7,
        2,
        4,
        6,
        5,
    ]


# -- relations -----------------------------------------------------------------------------------------


def test_forward_and_backward(blog: Database) -> None:
    assert column(blog.entries.filter(blog__name="Beatles Blog").order_by("id"), "id") == [1, 2]
    assert column(blog.blogs.filter(entries__headline__contains="Lennon").order_by("id"), "id") == [1, 1, 2]
    assert column(blog.blogs.filter(entries__authors__name="Paul").order_by("id"), "id") == [1, 2]
    assert column(blog.entries.filter(entry_detail__details__startswith="front"), "id") == [5]


def test_isnull_over_relations(blog: Database) -> None:
    empty = blog.blogs.filter(entries__authors__name__isnull=True).order_by("id")
    assert column(empty, "id") == [2, 3, 3, 4]
    there = blog.blogs.filter(entries__authors__isnull=False, entries__authors__name__isnull=True)
    assert column(there, "id") == [3]


def test_conditions_on_the_same_row_and_on_several(blog: Database) -> None:
    same = blog.blogs.filter(entries__headline__contains="Lennon", entries__pub_date__year=2008)
    assert column(same, "name") == ["Beatles Blog"]
    apart = blog.blogs.filter(entries__headline__contains="Lennon").filter(entries__pub_date__year=2008)
    assert sorted(column(apart, "name")) == ["Beatles Blog", "Beatles Blog", "Pop Music Blog"]


def test_exclude_over_many(blog: Database) -> None:
    either = blog.blogs.exclude(entries__headline__contains="Lennon", entries__pub_date__year=2008)
    assert column(either.order_by("id"), "id") == [3, 4]
    both = blog.blogs.exclude(
        entries__in=blog.entries.filter(headline__contains="Lennon", pub_date__year=2008)
    )
    assert column(both.order_by("id"), "id") == [2, 3, 4]


def test_related_managers(blog: Database) -> None:
    beatles = blog.blogs.get(id=1)
    assert column(beatles.entries.all().order_by("id"), "id") == [1, 2]
    assert column(beatles.entries.filter(headline__contains="Paperback"), "id") == [2]
    assert beatles.entries.count() == 2
    entry = blog.entries.get(id=1)
    assert entry.blog == beatles
    assert column(entry.authors.all().order_by("id"), "name") == ["John", "Paul", "Beatles Blog"]
    assert entry.authors.filter(name__contains="Jo").count() == 1
    assert column(blog.authors.get(id=1).entries.all().order_by("id"), "id") == [1, 2]
    detail = blog.entry_details.get(id=2)
    assert detail.entry.id == 5
    assert detail.entry.entry_detail == detail


def test_related_objects_as_values(blog: Database) -> None:
    beatles = blog.blogs.get(id=1)
    for value in (beatles, beatles.id, str(beatles.id)):
        assert column(blog.entries.filter(blog=value).order_by("id"), "id") == [1, 2]


# -- fields of the same row ------------------------------------------------------------------------------


def test_f(blog: Database) -> None:
    entries = blog.entries.order_by("id")
    more = entries.filter(number_of_comments__gt=F("number_of_pingbacks"))
    assert column(more, "id") == [1, 3, 6, 7]
    twice = entries.filter(number_of_comments__gt=F("number_of_pingbacks") * 2)
    assert column(twice, "id") == [1, 3, 7]
    total = entries.filter(rating__lt=F("number_of_comments") + F("number_of_pingbacks"))
    assert column(total, "id") == [1, 2, 3, 4, 6]


def test_f_over_relations(blog: Database) -> None:
    assert column(blog.entries.filter(authors__name=F("blog__name")), "id") == [1]


def test_f_and_durations(blog: Database) -> None:
    late = blog.entries.filter(mod_date__gt=F("pub_date") + timedelta(days=3))
    assert column(late.order_by("id"), "id") == [2, 3, 6, 7]


def test_f_and_bits(blog: Database) -> None:
    flagged = blog.entries.annotate(bits=F("number_of_comments").bitand(4)).filter(bits=4)
    assert column(flagged.order_by("id"), "id") == [1, 2, 3]


def test_transforms_in_expressions(blog: Database) -> None:
    same_year = blog.entries.filter(pub_date__year=F("mod_date__year"))
    assert column(same_year.order_by("id"), "id") == [1, 2, 4, 5, 7]
    assert blog.entries.aggregate(first_published_year=Min("pub_date__year")) == {
        "first_published_year": 2005
    }


def test_best_of_each_year(blog: Database) -> None:
    best = (
        blog.entries.filter(pub_date__year=OuterRef("pub_date__year"))
        .order_by("-rating")
        .values("rating")[:1]
    )
    years = (
        blog.entries.values("pub_date__year")
        .annotate(top_rating=Subquery(best), total_comments=Sum("number_of_comments"))
        .order_by("pub_date__year")
    )
    assert list(years) == [
        {"pub_date__year": 2005, "top_rating": 1, "total_comments": 8},
        {"pub_date__year": 2006, "top_rating": 5, "total_comments": 3},
        {"pub_date__year": 2008, "top_rating": 5, "total_comments": 32},
        {"pub_date__year": 2009, "top_rating": 4, "total_comments": 4},
        {"pub_date__year": 2020, "top_rating": 2, "total_comments": 1},
    ]


# -- Q -------------------------------------------------------------------------------------------------


def test_q(blog: Database) -> None:
    entries = blog.entries.order_by("id")
    assert column(entries.filter(Q(headline__startswith="What")), "id") == [6, 7]
    either = Q(headline__startswith="Cat") | Q(headline__startswith="What")
    assert column(entries.filter(either), "id") == [5, 6, 7]
    negated = Q(headline__startswith="Cat") | ~Q(pub_date__year=2005)
    assert column(entries.filter(negated), "id") == [1, 2, 3, 4, 5, 7]
    one_of = Q(headline__startswith="What") ^ Q(pub_date__year=2005)
    assert column(entries.filter(one_of), "id") == [5, 7]


def test_several_q_are_joined_by_and(blog: Database) -> None:
    days = Q(pub_date=date(2005, 1, 3)) | Q(pub_date=date(2005, 2, 1))
    assert blog.entries.get(Q(headline__startswith="What"), days).id == 6
    assert blog.entries.get(days, headline__startswith="What").id == 6


def test_objects_are_equal_by_key(blog: Database) -> None:
    entry, again, other = (
        blog.entries.get(id=1),
        blog.entries.get(headline__endswith="Biography"),
        blog.entries.get(id=2),
    )
    assert entry == again
    assert entry != other
    assert len({entry, again, other}) == 2


def test_first_and_last_and_extremes(blog: Database) -> None:
    assert pairs([blog.entries.first(), blog.entries.last()], "id") == [(1,), (7,)]
    assert blog.entries.order_by("-pub_date").first().id == 4
    assert blog.entries.latest("pub_date").id == 4
    assert blog.entries.earliest("pub_date").id == 5
    assert blog.entries.latest("rating", "-id").id == 1
    assert blog.entries.filter(rating=100).first() is None
