"""Examples of relations: reporters and articles, articles and publications, places and restaurants."""

from __future__ import annotations

from noormme import Database
from tests.django_docs.support import column

# -- many to one -----------------------------------------------------------------------------------------


def test_from_an_article_to_its_reporter(news: Database) -> None:
    article = news.articles.get(id=1)
    assert article.reporter.id == article.reporter_id == 1
    assert (article.reporter.first_name, article.reporter.last_name) == ("John", "Smith")


def test_articles_of_a_reporter(news: Database) -> None:
    john = news.reporters.get(id=1)
    assert column(john.articles.order_by("id"), "id") == [1, 2, 4]
    assert john.articles.count() == 3
    assert column(john.articles.filter(headline__startswith="This").order_by("id"), "id") == [1, 4]


def test_filter_articles_by_reporter(news: Database) -> None:
    john, paul = news.reporters.get(id=1), news.reporters.get(id=2)
    articles = news.articles.order_by("id")
    assert column(articles.filter(reporter__first_name="John"), "id") == [1, 2, 4]
    assert column(articles.filter(reporter__first_name="John", reporter__last_name="Smith"), "id") == [
        1,
        2,
        4,
    ]
    for value in (1, john):
        assert column(articles.filter(reporter=value), "id") == [1, 2, 4]
    assert column(articles.filter(reporter__pk=1), "id") == [1, 2, 4]
    assert column(articles.filter(reporter__id__exact=2), "id") == [3]
    for values in ([1, 2], [john, paul]):
        assert column(articles.filter(reporter__in=values).distinct(), "id") == [1, 2, 3, 4]
    named = news.reporters.filter(first_name="John")
    assert column(articles.filter(reporter__in=named).distinct(), "id") == [1, 2, 4]
    assert column(articles.filter(reporter__in=named.values("pk")).distinct(), "id") == [1, 2, 4]


def test_filter_reporters_by_article(news: Database) -> None:
    article = news.articles.get(id=1)
    reporters = news.reporters.order_by("id")
    assert column(reporters.filter(articles__pk=1), "id") == [1]
    assert column(reporters.filter(articles=1), "id") == [1]
    assert column(reporters.filter(articles=article), "id") == [1]
    started = reporters.filter(articles__headline__startswith="This")
    assert column(started, "id") == [1, 1]
    assert column(started.distinct(), "id") == [1]
    assert started.count() == 2
    assert started.distinct().count() == 1


def test_there_and_back_again(news: Database) -> None:
    back = news.reporters.filter(articles__reporter__first_name__startswith="John")
    assert column(back, "id") == [1, 1, 1]
    assert column(back.distinct(), "id") == [1]
    john = news.reporters.get(id=1)
    assert column(news.reporters.filter(articles__reporter=john).distinct(), "id") == [1]


def test_order_by_the_reporter(news: Database) -> None:
    assert column(news.articles.order_by("-reporter__first_name", "id"), "id") == [3, 1, 2, 4]
    found = news.articles.filter(reporter__first_name__contains="o").values_list(
        "reporter__last_name", "headline"
    )
    assert list(found.order_by("id")[:1]) == [("Smith", "This is a test")]


# -- many to many ----------------------------------------------------------------------------------------


def test_publications_and_articles(news: Database) -> None:
    article = news.articles.get(id=2)
    assert column(article.publications.order_by("id"), "id") == [1, 2, 3]
    science = news.publications.get(id=2)
    assert column(science.articles.order_by("id"), "id") == [2, 3]
    assert column(news.publications.get(id=4).articles.all(), "id") == []


def test_filter_articles_by_publication(news: Database) -> None:
    first, second = news.publications.get(id=1), news.publications.get(id=2)
    articles = news.articles.order_by("id")
    for lookup, value in (
        ("publications__id", 1),
        ("publications__pk", 1),
        ("publications", 1),
        ("publications", first),
    ):
        assert column(articles.filter(**{lookup: value}), "id") == [1, 2]
    science = articles.filter(publications__title__startswith="Science")
    assert column(science, "id") == [2, 2, 3]
    assert column(science.distinct(), "id") == [2, 3]
    assert (science.count(), science.distinct().count()) == (3, 2)
    for values in ([1, 2], [first, second]):
        assert column(articles.filter(publications__in=values).distinct(), "id") == [1, 2, 3]


def test_filter_publications_by_article(news: Database) -> None:
    article = news.articles.get(id=2)
    publications = news.publications.order_by("id")
    assert column(publications.filter(articles__headline__startswith="John"), "id") == [1, 2, 3]
    for lookup, value in (("articles__id", 2), ("articles__pk", 2), ("articles", 2), ("articles", article)):
        assert column(publications.filter(**{lookup: value}), "id") == [1, 2, 3]
    assert column(publications.filter(articles__in=[1, 3]).distinct(), "id") == [1, 2]


def test_exclude_a_publication(news: Database) -> None:
    science = news.publications.get(id=2)
    assert column(news.articles.exclude(publications=science).order_by("id"), "id") == [1, 4]
    assert column(news.publications.exclude(articles__headline__contains="NASA").order_by("id"), "id") == [4]


# -- one to one ------------------------------------------------------------------------------------------


def test_a_place_and_its_restaurant(news: Database) -> None:
    place = news.places.get(id=1)
    restaurant = news.restaurants.get(pk=1)
    assert restaurant.place == place
    assert place.restaurant == restaurant
    assert column(news.places.filter(restaurant__isnull=True), "name") == ["Ace Hardware"]


def test_filter_restaurants_by_place(news: Database) -> None:
    place = news.places.get(id=1)
    restaurants = news.restaurants
    assert restaurants.get(place=place).pk == 1
    assert restaurants.get(place__pk=1).serves_hot_dogs is True
    assert column(restaurants.filter(place__name__startswith="Demon"), "pk") == [1]
    assert column(restaurants.exclude(place__address__contains="Ashland"), "pk") == [1]


def test_filter_places_by_restaurant(news: Database) -> None:
    place, restaurant = news.places.get(id=1), news.restaurants.get(pk=1)
    assert news.places.get(restaurant=restaurant) == place
    assert news.places.get(restaurant=1) == place
    assert news.places.get(restaurant__place=place) == place
    assert news.places.get(restaurant__place__name__startswith="Demon") == place


def test_waiters(news: Database) -> None:
    place = news.places.get(id=1)
    assert column(news.restaurants.get(pk=1).waiters.all(), "name") == ["Joe"]
    assert column(news.waiters.filter(restaurant__place=place), "name") == ["Joe"]
    assert column(news.waiters.filter(restaurant__place__pk=1), "name") == ["Joe"]
    assert column(news.waiters.filter(restaurant__place__name__startswith="Demon"), "name") == ["Joe"]
