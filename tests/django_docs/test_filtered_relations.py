"""The reference of query sets: relations under a condition."""

from __future__ import annotations

from noormme import Count, Database, FilteredRelation, Q
from tests.django_docs.support import column


def test_filtered_relation(pizzas: Database) -> None:
    def vegetarian() -> FilteredRelation:
        return FilteredRelation("pizzas", condition=Q(pizzas__vegetarian=True))

    found = pizzas.restaurants.annotate(pizzas_vegetarian=vegetarian()).filter(
        pizzas_vegetarian__name__icontains="marg"
    )
    assert column(found, "name") == ["Angelo"]
    counted = pizzas.restaurants.annotate(v=vegetarian()).annotate(n=Count("v")).order_by("id")
    assert column(counted, "n") == [1, 0, 0]
    missing = pizzas.restaurants.annotate(v=vegetarian()).filter(v__isnull=True).order_by("id")
    # One row for each pizza that is not vegetarian, and one where there is no pizza.
    assert column(missing, "name") == ["Angelo", "Da Mario", "Da Mario", "Empty Oven"]


def test_filtered_relation_of_a_key(blog: Database) -> None:
    good = FilteredRelation("entries", condition=Q(entries__rating__gte=5))
    rows = blog.blogs.annotate(good=good).values_list("name", "good__headline").order_by("id")
    assert list(rows) == [
        ("Beatles Blog", "New Lennon Biography"),
        ("Pop Music Blog", "Best Albums of 2008"),
        ("Cheddar Talk", "What_is new"),
        ("Quiet Blog", None),
    ]
