"""Conditional expressions: discounts for clients by their account and by how long they have been there."""

from __future__ import annotations

from datetime import date, timedelta

from noormme import Case, Count, Database, F, Q, Sum, Value, When
from tests.django_docs.support import column

TODAY = date(2015, 1, 1)
A_MONTH_AGO = TODAY - timedelta(days=30)
A_YEAR_AGO = TODAY - timedelta(days=365)


def test_discount_by_account(clients: Database) -> None:
    rows = clients.clients.annotate(
        discount=Case(
            When(account_type="G", then=Value("5%")),
            When(account_type="P", then=Value("10%")),
            default=Value("0%"),
            output_field=str,
        )
    ).order_by("id")
    assert list(rows.values_list("name", "discount")[:3]) == [
        ("Jane Doe", "0%"),
        ("James Smith", "5%"),
        ("Jack Black", "10%"),
    ]


def test_discount_by_date(clients: Database) -> None:
    rows = clients.clients.annotate(
        discount=Case(
            When(registered_on__lte=A_YEAR_AGO, then=Value("10%")),
            When(registered_on__lte=A_MONTH_AGO, then=Value("5%")),
            default=Value("0%"),
        )
    ).order_by("id")
    assert list(rows.values_list("name", "discount")[:3]) == [
        ("Jane Doe", "5%"),
        ("James Smith", "0%"),
        ("Jack Black", "10%"),
    ]


def test_text_results_name_fields(clients: Database) -> None:
    named = When(account_type="G", then="name")
    by_f = When(account_type="G", then=F("name"))
    for when in (named, by_f):
        rows = clients.clients.annotate(shown=Case(when, default="account_type")).order_by("id")
        assert column(rows, "shown")[:3] == ["R", "James Smith", "P"]


def test_several_lookups_in_one_branch(clients: Database) -> None:
    within_2014 = When(
        registered_on__gt=date(2014, 1, 1), registered_on__lt=date(2015, 1, 1), then=F("account_type")
    )
    rows = clients.clients.annotate(recent=Case(within_2014)).order_by("id")
    assert column(rows, "recent") == ["R", "G", None, None, None, None]


def test_q_in_a_branch(clients: Database) -> None:
    jane_or_jean = When(Q(name__startswith="Jane") | Q(name__startswith="Jean"), then=F("name"))
    rows = clients.clients.annotate(found=Case(jane_or_jean, default=Value("-"))).order_by("id")
    assert column(rows, "found") == ["Jane Doe", "-", "-", "Jean Grey", "-", "Jane Porter"]


def test_case_in_a_filter(clients: Database) -> None:
    long_since = Case(When(account_type="G", then=A_MONTH_AGO), When(account_type="P", then=A_YEAR_AGO))
    rows = clients.clients.filter(registered_on__lte=long_since)
    assert list(rows.values_list("name", "account_type")) == [("Jack Black", "P")]


def test_case_in_an_order(clients: Database) -> None:
    rank = Case(When(account_type="P", then=0), When(account_type="G", then=1), default=2)
    assert column(clients.clients.order_by(rank, "id"), "id") == [3, 5, 6, 2, 1, 4]
    assert column(clients.clients.order_by(rank.desc(), "id"), "id") == [1, 4, 2, 3, 5, 6]


def test_conditional_aggregation(clients: Database) -> None:
    assert clients.clients.aggregate(
        regular=Count("pk", filter=Q(account_type="R")),
        gold=Count("pk", filter=Q(account_type="G")),
        platinum=Count("pk", filter=Q(account_type="P")),
    ) == {"regular": 2, "gold": 1, "platinum": 3}


def test_sum_of_cases(clients: Database) -> None:
    one = Case(When(account_type="P", then=1), default=0)
    assert clients.clients.aggregate(platinum=Sum(one)) == {"platinum": 3}
    by_year = clients.clients.values("registered_on__year").annotate(platinum=Sum(one))
    assert list(by_year.order_by("registered_on__year").values_list("registered_on__year", "platinum")) == [
        (2005, 1),
        (2014, 0),
        (2015, 2),
    ]


def test_nested_cases(clients: Database) -> None:
    inner = Case(When(name__contains="James", then=Value("J")), default=Value("?"))
    rows = clients.clients.annotate(x=Case(When(account_type="R", then=Value("r")), default=inner))
    assert column(rows.order_by("id"), "x") == ["r", "J", "?", "r", "J", "?"]
