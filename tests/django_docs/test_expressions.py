"""Query expressions: companies with employees and chairs, posts with comments."""

from __future__ import annotations

from datetime import datetime

from noormme import (
    Count,
    Database,
    Exists,
    ExpressionWrapper,
    F,
    Func,
    Max,
    OuterRef,
    Q,
    RawSQL,
    Subquery,
    Sum,
    Value,
)
from tests.django_docs.support import column, pairs

A_DAY_AGO = datetime(2024, 1, 9, 9, 0)
"""One day before the moment at which the examples with posts are asked."""


# -- companies -----------------------------------------------------------------------------------------


def test_more_employees_than_chairs(companies: Database) -> None:
    rows = companies.companies.order_by("id")
    assert column(rows.filter(num_employees__gt=F("num_chairs")), "name") == ["Apple", "Google", "Yahoo"]
    twice = rows.filter(num_employees__gt=F("num_chairs") * 2)
    summed = rows.filter(num_employees__gt=F("num_chairs") + F("num_chairs"))
    assert column(twice, "name") == column(summed, "name") == ["Apple", "Yahoo"]


def test_chairs_needed(companies: Database) -> None:
    company = (
        companies.companies.filter(num_employees__gt=F("num_chairs"))
        .annotate(chairs_needed=F("num_employees") - F("num_chairs"))
        .first()
    )
    assert company is not None
    assert (company.num_employees, company.num_chairs, company.chairs_needed) == (120, 50, 70)


def test_arithmetic(companies: Database) -> None:
    apple = companies.companies.filter(id=1)
    made = apple.values_list(
        F("num_employees") + 1,
        F("num_employees") - F("num_chairs"),
        F("num_chairs") * 2,
        F("num_employees") / F("num_chairs"),
        F("num_employees") % F("num_chairs"),
        F("num_chairs") ** 2,
        -F("num_chairs"),
        100 - F("num_chairs"),
    )
    assert list(made) == [(121, 70, 100, 2, 20, 2500, -50, 50)]


def test_products(companies: Database) -> None:
    by_name = companies.companies.annotate(num_products=Count("products")).order_by("id")
    by_f = companies.companies.annotate(num_products=Count(F("products"))).order_by("id")
    assert column(by_name, "num_products") == column(by_f, "num_products") == [2, 0, 1, 0]


def test_arithmetic_of_aggregates(companies: Database) -> None:
    rows = companies.companies.annotate(n=Count("products") * 10 + Count("employees", distinct=True))
    assert pairs(rows.order_by("id"), "id", "n") == [(1, 42), (2, 1), (3, 10), (4, 1)]
    spread = companies.companies.aggregate(spread=Max("num_employees") - Max("num_chairs"))
    assert spread == {"spread": 70}


def test_nulls_last(companies: Database) -> None:
    rows = companies.companies.order_by(F("last_contacted").desc(nulls_last=True))
    assert column(rows, "id") == [3, 4, 1, 2]
    rows = companies.companies.order_by(F("last_contacted").asc(nulls_first=True))
    assert column(rows, "id") == [2, 1, 4, 3]


def test_expression_wrapper(companies: Database) -> None:
    rows = companies.companies.annotate(
        share=ExpressionWrapper(F("num_employees") * 1.0 / F("num_chairs"), output_field=float)
    ).order_by("id")
    assert column(rows, "share")[:3] == [2.4, 2 / 3, 2.0]


def test_func(companies: Database) -> None:
    rows = companies.companies.annotate(field_lower=Func(F("ticker"), function="LOWER")).order_by("id")
    assert column(rows, "field_lower") == ["aapl", None, "goog", None]

    class Lower(Func):
        function = "LOWER"

    rows = companies.companies.annotate(field_lower=Lower("ticker")).order_by("id")
    assert column(rows, "field_lower") == ["aapl", None, "goog", None]


def test_taglines(companies: Database) -> None:
    tagline = Func(
        "motto", "ticker", "description", Value("No Tagline"), function="COALESCE", output_field=str
    )
    rows = companies.companies.annotate(tagline=tagline).order_by("id")
    assert column(rows, "tagline") == ["AAPL", "No Tagline", "Do No Evil", "Internet Company"]


def test_exists_as_condition(companies: Database) -> None:
    paid = companies.employees.filter(company=OuterRef("pk"), salary__gt=10)
    assert column(companies.companies.filter(Exists(paid)).order_by("id"), "id") == [1, 4]
    assert column(companies.companies.filter(~Exists(paid)).order_by("id"), "id") == [2, 3]
    assert column(companies.companies.filter(Q(num_chairs=3) | Exists(paid)).order_by("id"), "id") == [
        1,
        2,
        4,
    ]


def test_value(companies: Database) -> None:
    rows = companies.companies.annotate(
        kind=Value("company"), one=Value(1), yes=Value(True), none=Value(None, int)
    )
    assert pairs(rows[:1], "kind", "one", "yes", "none") == [("company", 1, True, None)]


# -- posts and comments ----------------------------------------------------------------------------------


def test_newest_commenter(companies: Database) -> None:
    newest = companies.comments.filter(post=OuterRef("pk")).order_by("-created_at")
    posts = companies.posts.annotate(newest_commenter_email=Subquery(newest.values("email")[:1]))
    assert pairs(posts.order_by("id"), "id", "newest_commenter_email") == [
        (1, "bob@example.com"),
        (2, "ann@example.com"),
        (3, None),
    ]


def test_comments_of_recent_posts(companies: Database) -> None:
    posts = companies.posts.filter(published_at__gte=A_DAY_AGO)
    assert column(posts.order_by("id"), "id") == [2, 3]
    by_subquery = companies.comments.filter(post__in=Subquery(posts.values("pk")))
    assert column(by_subquery.order_by("id"), "id") == [3, 4]
    assert column(companies.comments.filter(post__in=posts).order_by("id"), "id") == [3, 4]


def test_recent_comment(companies: Database) -> None:
    recent = companies.comments.filter(post=OuterRef("pk"), created_at__gte=A_DAY_AGO)
    posts = companies.posts.annotate(recent_comment=Exists(recent)).order_by("id")
    assert column(posts, "recent_comment") == [False, True, False]
    assert column(companies.posts.filter(Exists(recent)), "id") == [2]


def test_nested_outer_references(companies: Database) -> None:
    same = companies.comments.filter(post=OuterRef(OuterRef("pk")), email=OuterRef("email"))
    others = companies.comments.filter(Exists(same.exclude(pk=OuterRef("pk"))), post=OuterRef("pk"))
    assert column(companies.posts.filter(Exists(others)), "id") == []
    elsewhere = companies.comments.filter(email=OuterRef("email")).exclude(post=OuterRef(OuterRef("pk")))
    returning = companies.comments.filter(Exists(elsewhere), post=OuterRef("pk"))
    assert column(companies.posts.filter(Exists(returning)).order_by("id"), "id") == [1, 2]


def test_aggregate_within_a_subquery(companies: Database) -> None:
    comments = companies.comments.filter(post=OuterRef("pk")).order_by().values("post")
    total = comments.annotate(total=Sum("length")).values("total")
    assert column(companies.posts.filter(length__gt=Subquery(total)), "title") == ["Old"]
    totals = companies.posts.annotate(total=Subquery(total)).order_by("id")
    assert column(totals, "total") == [50, 40, None]


def test_raw_sql(companies: Database) -> None:
    rows = companies.companies.annotate(
        val=RawSQL("select count(*) from employees where salary > %s", (9,))
    ).order_by("id")
    assert column(rows, "val") == [3, 3, 3, 3]
    chosen = companies.companies.filter(
        id__in=RawSQL("select company_id from employees where salary > %s", (10,))
    )
    assert column(chosen.order_by("id"), "id") == [1, 4]


def test_comparisons_as_conditions(companies: Database) -> None:
    rows = companies.companies.order_by("id")
    assert column(rows.filter(num_employees__gt=F("num_chairs")), "id") == [1, 3, 4]
    needs = rows.annotate(need_chairs=Q(num_employees__gt=F("num_chairs")))
    assert column(needs, "need_chairs") == [True, False, True, True]
