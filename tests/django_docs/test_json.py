"""Querying JSON: dogs and what is known of them."""

from __future__ import annotations

from noormme import KT, Count, Database, F, Value
from tests.django_docs.support import column


def _names(rows: object) -> list[str]:
    return column(rows.order_by("id"), "name")  # type: ignore[attr-defined]


def test_null_and_json_null(dogs: Database) -> None:
    assert _names(dogs.dogs.filter(data=None)) == ["Archie"]
    assert _names(dogs.dogs.filter(data=Value(None, dict))) == ["Archie"]
    assert _names(dogs.dogs.filter(data__isnull=True)) == ["Max"]
    assert "Archie" in _names(dogs.dogs.filter(data__isnull=False))
    assert [dogs.dogs.get(name=name).data for name in ("Max", "Archie")] == [None, None]


def test_keys(dogs: Database) -> None:
    assert _names(dogs.dogs.filter(data__breed="collie")) == ["Meg", "Shep", "Bess"]
    assert _names(dogs.dogs.filter(data__owner__name="Bob")) == ["Rufus"]
    assert _names(dogs.dogs.filter(data__owner__other_pets__0__name="Fishy")) == ["Rufus"]
    assert _names(dogs.dogs.filter(data__tricks__1="dance")) == ["Merry"]
    assert _names(dogs.dogs.filter(data__owner="Bob")) == ["Bess"]


def test_an_index_from_the_end(dogs: Database) -> None:
    assert _names(dogs.dogs.filter(**{"data__owner__other_pets__-1__name": "Fishy"})) == ["Rufus"]
    assert _names(dogs.dogs.filter(**{"data__tricks__-1": "dance"})) == ["Merry"]


def test_missing_keys(dogs: Database) -> None:
    assert _names(dogs.dogs.filter(data__owner__isnull=True)) == ["Max", "Archie", "Shep", "Merry", "Fred"]
    assert _names(dogs.dogs.filter(data__owner__isnull=False)) == ["Rufus", "Meg", "Bess"]
    assert _names(dogs.dogs.filter(data__owner=None)) == ["Meg"]


def test_lookups_on_keys(dogs: Database) -> None:
    assert _names(dogs.dogs.filter(data__breed__startswith="lab")) == ["Rufus"]
    assert _names(dogs.dogs.filter(data__breed__istartswith="LAB")) == ["Rufus"]
    assert _names(dogs.dogs.filter(data__breed__endswith="ese")) == ["Merry"]
    assert _names(dogs.dogs.filter(data__breed__icontains="OLL")) == ["Meg", "Shep", "Bess"]
    assert _names(dogs.dogs.filter(data__breed__iexact="LABRADOR")) == ["Rufus"]
    assert _names(dogs.dogs.filter(data__breed__regex="^(lab|pek)")) == ["Rufus", "Merry"]
    assert _names(dogs.dogs.filter(data__breed__in=["labrador", "pekingese"])) == ["Rufus", "Merry"]


def test_exclude_a_key(dogs: Database) -> None:
    # Rows without the key are left out, rows without a document stay.
    assert _names(dogs.dogs.exclude(data__breed="collie")) == ["Max", "Rufus", "Merry"]


def test_text_of_a_key(dogs: Database) -> None:
    rows = dogs.dogs.annotate(trick=KT("data__tricks__1"), breed=KT("data__breed"))
    assert _names(rows.filter(trick__startswith="dan", breed__endswith="ese")) == ["Merry"]
    assert [row.breed for row in rows.filter(id__gt=5).order_by("id")] == ["pekingese", None, "collie"]


def test_text_of_a_key_is_a_value(dogs: Database) -> None:
    rows = dogs.dogs.annotate(breed=KT("data__breed"))
    assert _names(rows.filter(breed="pekingese")) == ["Merry"]


def test_keys_in_expressions(dogs: Database) -> None:
    rows = dogs.dogs.filter(data__has_key="breed").values_list("name", "data__breed").order_by("id")
    assert list(rows[:2]) == [("Rufus", "labrador"), ("Meg", "collie")]
    assert list(dogs.dogs.annotate(b=F("data__breed")).filter(id=5).values_list("b", flat=True)) == ["collie"]
    counted = dogs.dogs.filter(data__has_key="breed").values("data__breed").annotate(n=Count("id"))
    assert list(counted.order_by("data__breed").values_list("data__breed", "n")) == [
        ("collie", 3),
        ("labrador", 1),
        ("pekingese", 1),
    ]
    ordered = dogs.dogs.filter(data__has_key="breed").order_by("-data__breed", "id")
    assert column(ordered, "name") == ["Merry", "Rufus", "Meg", "Shep", "Bess"]


def test_contains(dogs: Database) -> None:
    assert _names(dogs.dogs.filter(data__contains={"owner": "Bob"})) == ["Bess"]
    assert _names(dogs.dogs.filter(data__contains={"breed": "collie"})) == ["Meg", "Shep", "Bess"]
    assert _names(dogs.dogs.filter(data__contains={"tricks": ["dance"]})) == ["Merry"]
    assert _names(dogs.dogs.filter(data__contains={"owner": {"name": "Bob"}})) == ["Rufus"]


def test_contained_by(dogs: Database) -> None:
    assert _names(dogs.dogs.filter(data__contained_by={"breed": "collie", "owner": "Bob"})) == [
        "Shep",
        "Fred",
        "Bess",
    ]
    assert _names(dogs.dogs.filter(data__contained_by={"breed": "collie"})) == ["Shep", "Fred"]
    tricks = {"breed": "pekingese", "tricks": ["dance", "fetch", "hug"]}
    assert _names(dogs.dogs.filter(data__contained_by=tricks)) == ["Merry", "Fred"]


def test_has_keys(dogs: Database) -> None:
    assert _names(dogs.dogs.filter(data__has_key="owner")) == ["Rufus", "Meg", "Bess"]
    assert _names(dogs.dogs.filter(data__has_keys=["breed", "tricks"])) == ["Merry"]
    assert _names(dogs.dogs.filter(data__has_any_keys=["owner", "tricks"])) == [
        "Rufus",
        "Meg",
        "Merry",
        "Bess",
    ]
    assert _names(dogs.dogs.filter(data__owner__has_key="name")) == ["Rufus"]
