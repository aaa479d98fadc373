"""The reference of query sets: what each method and each lookup does, on blogs and on pizzas."""

from __future__ import annotations

from datetime import date

import pytest

from noormme import Count, Database, F, Max, Prefetch, Q, Value
from tests.django_docs.support import column, pairs

# -- methods that give query sets ------------------------------------------------------------------------


def test_exclude(blog: Database) -> None:
    entries = blog.entries.order_by("id")
    both = entries.exclude(pub_date__gt=date(2005, 1, 3), headline="Cat bites dog")
    assert column(both, "id") == [1, 2, 3, 4, 5, 6, 7]
    either = entries.exclude(pub_date__gt=date(2006, 1, 3)).exclude(headline="Cat bites dog")
    assert column(either, "id") == [6]
    assert column(entries.exclude(rating=5), "id") == [2, 4, 5, 6]


def test_annotate(blog: Database) -> None:
    counted = blog.blogs.annotate(Count("entries")).order_by("id")
    assert counted[0].name == "Beatles Blog"
    assert counted[0].entries__count == 2
    named = blog.blogs.annotate(number_of_entries=Count("entries")).order_by("id")
    assert column(named, "number_of_entries") == [2, 2, 3, 0]


def test_alias(blog: Database) -> None:
    many = blog.blogs.alias(entries_count=Count("entries")).filter(entries_count__gt=2)
    assert column(many, "id") == [3]
    ordered = blog.blogs.alias(entries_count=Count("entries")).order_by("-entries_count", "id")
    assert column(ordered, "id") == [3, 1, 2, 4]
    assert not hasattr(ordered[0], "entries_count")
    promoted = blog.blogs.alias(entries_count=Count("entries")).annotate(n=F("entries_count")).order_by("id")
    assert column(promoted, "n") == [2, 2, 3, 0]


def test_order_by(blog: Database) -> None:
    by_date = blog.entries.filter(pub_date__year=2005).order_by("-pub_date", "headline")
    assert column(by_date, "id") == [6, 5]
    assert sorted(column(blog.entries.order_by("?"), "id")) == [1, 2, 3, 4, 5, 6, 7]
    assert column(blog.entries.order_by("blog", "-id"), "id") == [2, 1, 4, 3, 7, 6, 5]
    assert column(blog.entries.order_by("blog_id", "-id"), "id") == [2, 1, 4, 3, 7, 6, 5]
    assert column(blog.entries.order_by(F("rating").asc(nulls_last=True), "id"), "id")[-1] == 5


def test_reverse(blog: Database) -> None:
    ordered = blog.entries.order_by("pub_date")
    assert column(ordered.reverse()[:5], "id") == [4, 2, 3, 1, 7]
    assert column(ordered.reverse().reverse()[:1], "id") == [5]


def test_distinct(blog: Database) -> None:
    found = blog.blogs.filter(entries__headline__contains="Lennon")
    assert column(found.distinct().order_by("id"), "id") == [1, 2]
    years = blog.entries.values_list("pub_date__year", flat=True).distinct().order_by("pub_date__year")
    assert list(years) == [2005, 2006, 2008, 2009, 2020]


def test_values(blog: Database) -> None:
    beatles = blog.blogs.filter(name__startswith="Beatles")
    assert list(beatles.values()) == [
        {"id": 1, "name": "Beatles Blog", "tagline": "All the latest Beatles news."}
    ]
    assert list(beatles.values("id", "name")) == [{"id": 1, "name": "Beatles Blog"}]
    assert list(beatles.values(n=F("name"))) == [{"n": "Beatles Blog"}]
    assert list(beatles.values("name", "entries__headline").order_by("entries__headline")) == [
        {"name": "Beatles Blog", "entries__headline": "New Lennon Biography"},
        {"name": "Beatles Blog", "entries__headline": "New Lennon Biography in Paperback"},
    ]
    assert list(blog.entries.values("blog").filter(id=1)) == [{"blog": 1}]
    assert list(blog.entries.values("blog_id").filter(id=1)) == [{"blog_id": 1}]
    grouped = blog.blogs.values("name", entries_count=Count("entries")).order_by("name")
    assert [(row["name"], row["entries_count"]) for row in grouped][:2] == [
        ("Beatles Blog", 2),
        ("Cheddar Talk", 3),
    ]
    assert blog.blogs.values().order_by("id") is not None


def test_values_list(blog: Database) -> None:
    assert list(blog.entries.order_by("id").values_list("id", "headline")[:2]) == [
        (1, "New Lennon Biography"),
        (2, "New Lennon Biography in Paperback"),
    ]
    assert list(blog.entries.values_list("id", flat=True).order_by("id")) == [1, 2, 3, 4, 5, 6, 7]
    [row] = blog.entries.values_list("id", "headline", named=True).filter(id=5)
    assert (row.id, row.headline) == (5, "Cat bites dog")
    assert blog.entries.values_list("headline", flat=True).get(pk=1) == "New Lennon Biography"
    empty = blog.authors.values_list("name", "entries__headline").filter(name="Terry")
    assert list(empty) == [("Terry", None)]
    many = (
        blog.blogs.values_list("name", "entries__authors__name")
        .filter(id=1)
        .order_by("entries__authors__name")
    )
    assert list(many) == [
        ("Beatles Blog", "Beatles Blog"),
        ("Beatles Blog", "John"),
        ("Beatles Blog", "John"),
        ("Beatles Blog", "Paul"),
    ]


def test_none(blog: Database) -> None:
    assert list(blog.entries.none()) == []
    assert blog.entries.none().count() == 0
    assert not blog.entries.none().exists()
    assert list(blog.entries.none().filter(id=1)) == []


def test_select_related(blog: Database) -> None:
    entry = blog.entries.select_related("blog").get(id=5)
    assert entry.blog.name == "Cheddar Talk"
    detail = blog.entry_details.select_related("entry__blog").get(id=1)
    assert detail.entry.blog.name == "Beatles Blog"
    assert blog.entries.select_related("entry_detail").get(id=1).entry_detail.details == "signed copies"


def test_prefetch_related(pizzas: Database) -> None:
    names = {
        pizza.name: sorted(topping.name for topping in pizza.toppings.all())
        for pizza in pizzas.pizzas.prefetch_related("toppings")
    }
    assert names == {
        "Hawaiian": ["ham", "pineapple"],
        "Seafood": ["prawns", "smoked salmon"],
        "Margherita": ["basil"],
    }
    restaurants = pizzas.restaurants.prefetch_related("pizzas__toppings").order_by("id")
    assert [sum(len(pizza.toppings.all()) for pizza in each.pizzas.all()) for each in restaurants] == [
        3,
        4,
        0,
    ]
    best = pizzas.restaurants.select_related("best_pizza").prefetch_related("best_pizza__toppings")
    assert sorted(topping.name for topping in best.get(id=2).best_pizza.toppings.all()) == [
        "ham",
        "pineapple",
    ]


def test_prefetch_objects(pizzas: Database) -> None:
    vegetarian = pizzas.pizzas.filter(vegetarian=True)
    restaurants = pizzas.restaurants.prefetch_related(
        Prefetch("pizzas", queryset=vegetarian, to_attr="vegetarian_pizzas")
    ).order_by("id")
    assert [column(each.vegetarian_pizzas, "name") for each in restaurants] == [["Margherita"], [], []]
    sorted_pizzas = Prefetch("pizzas", queryset=pizzas.pizzas.order_by("name"))
    restaurant = pizzas.restaurants.prefetch_related(sorted_pizzas).get(id=2)
    assert column(restaurant.pizzas.all(), "name") == ["Hawaiian", "Seafood"]


def test_defer_and_only(blog: Database) -> None:
    deferred = blog.entries.defer("headline", "body_text").get(id=5)
    assert (deferred.rating, deferred.headline) == (None, "Cat bites dog")
    only = blog.entries.only("headline").get(id=5)
    assert (only.headline, only.pub_date) == ("Cat bites dog", date(2005, 1, 3))
    related = blog.entries.select_related("blog").only("headline", "blog__name").get(id=5)
    assert related.blog.name == "Cheddar Talk"


def test_operators(blog: Database) -> None:
    in_2008 = blog.entries.filter(pub_date__year=2008)
    about_lennon = blog.entries.filter(headline__contains="Lennon")
    assert column((in_2008 & about_lennon).order_by("id"), "id") == [1]
    assert column((in_2008 | about_lennon).order_by("id"), "id") == [1, 2, 3, 4]
    assert column((in_2008 ^ about_lennon).order_by("id"), "id") == [2, 3, 4]


# -- methods that do not ----------------------------------------------------------------------------------


def test_in_bulk(blog: Database) -> None:
    assert {key: row.name for key, row in blog.blogs.in_bulk([1]).items()} == {1: "Beatles Blog"}
    assert sorted(blog.blogs.in_bulk([1, 2])) == [1, 2]
    assert blog.blogs.in_bulk([]) == {}
    assert sorted(blog.blogs.in_bulk()) == [1, 2, 3, 4]


def test_count_and_exists_and_contains(blog: Database) -> None:
    assert blog.entries.count() == 7
    assert blog.entries.filter(headline__contains="Lennon").count() == 3
    assert blog.entries.filter(headline__contains="Lennon").exists()
    assert not blog.entries.filter(headline__contains="Ringo").exists()
    lennon = blog.entries.filter(headline__contains="Lennon")
    assert lennon.contains(blog.entries.get(id=1))
    assert not lennon.contains(blog.entries.get(id=5))


def test_aggregate(blog: Database) -> None:
    assert blog.blogs.aggregate(Count("entries")) == {"entries__count": 7}
    assert blog.blogs.aggregate(number_of_entries=Count("entries")) == {"number_of_entries": 7}
    assert blog.entries.aggregate(best=Max("rating"), n=Count("id", filter=Q(rating=5))) == {
        "best": 5,
        "n": 3,
    }


def test_iterator(blog: Database) -> None:
    assert [entry.id for entry in blog.entries.order_by("id").iterator(chunk_size=2)] == [1, 2, 3, 4, 5, 6, 7]


# -- lookups ---------------------------------------------------------------------------------------------


def test_exact_and_null(blog: Database) -> None:
    assert column(blog.entries.filter(rating__exact=None), "id") == [5]
    assert column(blog.entries.filter(rating=None), "id") == [5]
    assert column(blog.authors.filter(name__iexact=None), "id") == [6]
    assert column(blog.entries.filter(rating__isnull=True), "id") == [5]
    assert column(blog.authors.filter(email__isnull=False, name__isnull=True), "id") == [6]


def test_in(blog: Database) -> None:
    entries = blog.entries.order_by("id")
    assert column(entries.filter(id__in=[1, 3, 4]), "id") == [1, 3, 4]
    assert column(blog.authors.filter(name__in=["Joe", "Paul"]).order_by("id"), "id") == [2, 5]
    cheddar = blog.blogs.filter(name__contains="Cheddar")
    assert column(entries.filter(blog__in=cheddar), "id") == [5, 6, 7]
    assert column(entries.filter(blog__in=cheddar.values("pk")), "id") == [5, 6, 7]
    assert column(entries.filter(blog__name__in=cheddar.values("name")), "id") == [5, 6, 7]
    assert column(entries.filter(id__in=[]), "id") == []


def test_comparisons(blog: Database) -> None:
    entries = blog.entries.order_by("id")
    assert column(entries.filter(id__gt=4), "id") == [5, 6, 7]
    assert column(entries.filter(id__gte=4), "id") == [4, 5, 6, 7]
    assert column(entries.filter(id__lt=2), "id") == [1]
    assert column(entries.filter(id__lte=2), "id") == [1, 2]
    assert column(entries.filter(pub_date__range=(date(2005, 1, 1), date(2005, 3, 31))), "id") == [5, 6]


def test_regular_expressions(blog: Database) -> None:
    entries = blog.entries.order_by("id")
    assert column(entries.filter(headline__regex=r"^(New|Best) "), "id") == [1, 2, 3]
    assert column(entries.filter(headline__iregex=r"^(new|best) "), "id") == [1, 2, 3]
    assert column(entries.filter(headline__regex=r"^(new|best) "), "id") == []


@pytest.mark.otherwise("postgresql", r"writes the end of a word as \y")
def test_words_in_regular_expressions(blog: Database) -> None:
    entries = blog.entries.order_by("id")
    assert column(entries.filter(headline__regex=r"^(New|Best)\b"), "id") == [1, 2, 3]


def test_parts_of_dates(blog: Database) -> None:
    entries = blog.entries.order_by("id")
    assert column(entries.filter(pub_date__year=2005), "id") == [5, 6]
    assert column(entries.filter(pub_date__year__gte=2009), "id") == [2, 4]
    assert column(entries.filter(pub_date__iso_year=2005), "id") == [5, 6]
    assert column(entries.filter(pub_date__month=12), "id") == [3]
    assert column(entries.filter(pub_date__month__gte=6), "id") == [1, 2, 3, 7]
    assert column(entries.filter(pub_date__day=3), "id") == [5]
    assert column(entries.filter(pub_date__day__gte=3), "id") == [3, 5, 7]
    assert column(entries.filter(pub_date__week=1), "id") == [5]
    assert column(entries.filter(pub_date__week__gte=32, pub_date__week__lte=52), "id") == [3]
    assert column(entries.filter(pub_date__week_day=2), "id") == [2, 3, 5]
    assert column(entries.filter(pub_date__iso_week_day=1), "id") == [2, 3, 5]
    assert column(entries.filter(pub_date__quarter=2), "id") == [1, 2, 4]


def test_parts_of_moments(companies: Database) -> None:
    posts = companies.comments.order_by("id")
    assert column(posts.filter(created_at__date=date(2024, 1, 2)), "id") == [1]
    assert column(posts.filter(created_at__date__gt=date(2024, 1, 3)), "id") == [3, 4]
    assert column(posts.filter(created_at__time__gt="09:59"), "id") == [1, 2, 3]
    assert column(posts.filter(created_at__hour=13), "id") == [3]
    assert column(posts.filter(created_at__hour__gte=12), "id") == [3]
    assert column(posts.filter(created_at__minute=0), "id") == [1, 2, 3, 4]
    assert column(posts.filter(created_at__second__gte=1), "id") == []


def test_annotated_values(blog: Database) -> None:
    rows = blog.blogs.annotate(kind=Value("blog")).values_list("kind", "name").order_by("id")
    assert list(rows[:1]) == [("blog", "Beatles Blog")]
    assert pairs(blog.blogs.annotate(n=F("id") + 1).order_by("-n")[:1], "id", "n") == [(4, 5)]
