"""What cannot be written as an expression says so, by a named error, where it is written."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from noormme import (
    Avg,
    Case,
    Count,
    Database,
    Exists,
    ExpressionWrapper,
    F,
    FieldNotFound,
    Func,
    InvalidQuery,
    OuterRef,
    Q,
    RawSQL,
    RowRange,
    StringAgg,
    Subquery,
    Sum,
    UsageError,
    Value,
    ValueRange,
    When,
    Window,
)
from noormme.functions import Lag, Length, Now, Rank, RowNumber
from noormme.query.expressions import Expression

Make = Callable[[], Any]
Ask = Callable[[Database], Any]
wrong: Any = 3


class Unfinished(Expression):
    """A class of a user's own that does not say what it is."""


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: F(wrong), "F takes the name of a field, not int"),
        (lambda: F("name")[::2], "a step in a text is not supported"),
        (lambda: F("name")[-1], "negative positions in a text are not supported; use Right"),
        (lambda: F("name")["a":"b"], "a position in a text is a whole number"),  # type: ignore[misc]
        (lambda: Value(F("name")), "Value takes a value, not an expression"),
        (lambda: Value(3, output_field=set), "output_field takes a Python type; one of bool, int"),
        (lambda: ExpressionWrapper(F("age"), wrong), "output_field takes a Python type"),
        (lambda: RawSQL(wrong), "RawSQL takes SQL as text, not int"),
        (lambda: RawSQL("a = %s", "b"), "the parameters of RawSQL are a list"),
        (lambda: RawSQL("a = %s and b = '%%'", [1, 2]), "RawSQL has 1 places for 2 parameters"),
        (lambda: Case(wrong), r"Case takes When\(…\), not int"),
        (lambda: When(then=1), "When needs a condition"),
        (lambda: When(Q(), then=1), "When needs a condition"),
        (lambda: When(wrong, then=1), "When takes a condition, not int"),
        (lambda: Func("name"), "Func needs the name of a function"),
        (lambda: Func("name", function="a; b"), "Func needs the name of a function"),
        (lambda: Window(wrong), "Window takes an aggregate or a window function, not int"),
        (lambda: Window(Sum("age"), frame=wrong), "frame takes RowRange, ValueRange or GroupRange"),
        (lambda: RowRange(0.5, 1), "RowRange takes whole numbers or None; 0 is the current row"),
        (lambda: ValueRange("1"), "ValueRange takes numbers or None"),
        (lambda: RowRange(exclusion="secret"), "^a frame does not know this exclusion; one of CURRENT ROW"),
        (lambda: ValueRange(2, 1), "the start of a frame cannot lie behind its end"),
        (lambda: Sum(wrong), "Sum takes a field name or an expression, not int"),
        (lambda: Sum("age", order_by="age"), r"unexpected keyword|takes no order_by"),
        (lambda: Count("age", filter=wrong), r"Count\(filter=…\) takes a Q, not int"),
        (lambda: Q(wrong), "Q takes conditions and keyword lookups, not int"),
        (lambda: bool(F("age") > 3), "neither true nor false by itself; combine with &"),
        (lambda: F("age").desc(nulls_first=True, nulls_last=True), "exclude each other"),
    ],
)
def test_where_it_is_made(make: Make, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        make()


@pytest.mark.parametrize(
    ("ask", "error", "message"),
    [
        (
            lambda db: db.users.annotate(x=F("nmae") + 1),
            FieldNotFound,
            "no field 'nmae' on users; did you mean",
        ),
        (lambda db: db.users.filter(F("age") == 3), UsageError, "a condition must be a Q .* not bool"),
        (lambda db: db.users.filter(Exists(wrong)), UsageError, "a subquery is a query set, not int"),
        (lambda db: db.users.annotate(x=Subquery(wrong)), UsageError, "a subquery is a query set, not int"),
        (
            lambda db: db.users.annotate(x=Subquery(db.posts.values("id", "title"))),
            InvalidQuery,
            "a subquery of posts gives 2 fields where one is needed",
        ),
        (lambda db: db.users.annotate(x=Window(F("age"))), UsageError, "F cannot be used over a window"),
        (
            lambda db: db.users.annotate(x=Window(StringAgg("name", order_by="-id"))),
            UsageError,
            r"StringAgg takes no order_by over a window; the window sorts its rows: Window\(…, order_by=…\)",
        ),
        (
            lambda db: db.users.annotate(x=Window(Count("age", distinct=True))),
            UsageError,
            "Count takes no distinct over a window",
        ),
        (lambda db: db.users.order_by(wrong), UsageError, "order_by takes names and expressions, not int"),
        (
            lambda db: db.users.values(wrong),
            UsageError,
            "fields are given by name or as expressions, not as int",
        ),
        (lambda db: db.users.annotate(wrong), UsageError, "annotate takes expressions, not int"),
        (lambda db: db.users.annotate(x=Sum(F("name"))), InvalidQuery, "Sum needs numbers"),
        (
            lambda db: db.users.aggregate(x=Sum(F("name")[:2])),
            InvalidQuery,
            "Sum needs numbers, .* gives text",
        ),
        (lambda db: db.users.annotate(x=Avg(Now())), InvalidQuery, "Avg needs numbers, .* gives datetime"),
        (
            lambda db: db.users.annotate(x=Sum(Case(When(id=1, then="name"), default=Value("")))),
            InvalidQuery,
            "this expression gives text values; use Count, Min or Max, or Cast it",
        ),
        (
            lambda db: db.users.annotate(x=Unfinished()),
            UsageError,
            r"Unfinished needs a method node\(self, build\)",
        ),
    ],
)
def test_where_it_is_used(db: Database, ask: Ask, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        ask(db)


@pytest.mark.parametrize(
    ("ask", "error", "message"),
    [
        (
            lambda db: db.posts.filter(author=OuterRef("id")),
            InvalidQuery,
            "there is none; use the query set in",
        ),
        (
            lambda db: db.users.filter(Exists(db.posts.filter(author=OuterRef("nmae")))),
            FieldNotFound,
            "no field 'nmae' on users",
        ),
        (
            lambda db: db.users.annotate(x=F("name") + F("email")),
            InvalidQuery,
            "put texts together with Concat",
        ),
        (lambda db: db.users.annotate(x=F("name") * 2), InvalidQuery, r"text \* integer has no meaning"),
        (
            lambda db: db.users.annotate(x=F("joined") * 2),
            InvalidQuery,
            r"datetime \* integer has no meaning",
        ),
        (lambda db: db.users.annotate(x=F("age") + timedelta(1)), InvalidQuery, "integer . duration has no"),
        (lambda db: db.users.annotate(x=F("name").bitand(1)), InvalidQuery, "text & integer has no meaning"),
        (
            lambda db: db.users.annotate(n=Count("comments"), m=Sum("n")),
            InvalidQuery,
            r"sum\(\) cannot be computed over an aggregate",
        ),
        (lambda db: db.orders.annotate(x=F("pk")), InvalidQuery, "'pk' is a composite key"),
        (lambda db: db.users.annotate(x=Func("age", function="row_number")), InvalidQuery, "needs a window"),
    ],
)
def test_where_it_is_compiled(db: Database, ask: Ask, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        ask(db).sql()


def test_texts_are_put_together_in_an_order(db: Database) -> None:
    with pytest.raises(TypeError, match="unexpected keyword"):
        StringAgg("name", output_field=int)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="not iterable"):
        list(F("name"))  # type: ignore[call-overload]


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (
            lambda db: db.posts.annotate(x=Window(Sum("rating"), partition_by=Window(Count("id")))),
            r"sum\(\) cannot be computed over another window of the same query; compute the other one in a Sub",
        ),
        (
            lambda db: db.posts.annotate(x=Window(RowNumber(), order_by=Window(Rank(), order_by="id"))),
            r"row_number\(\) cannot be computed over another window",
        ),
        (
            lambda db: db.posts.annotate(w=Window(RowNumber())).annotate(x=Window(Lag("w"), order_by="id")),
            r"lag\(\) cannot be computed over another window",
        ),
        (
            lambda db: db.posts.annotate(x=Window(Length("title"))),
            r"length\(\) cannot be used over a window; use an",
        ),
        (lambda db: db.posts.values_list(Window(Now())), r"now\(\) cannot be used over a window"),
        (lambda db: db.posts.order_by(Window(F("title")[:2])), r"substr\(\) cannot be used over a window"),
    ],
)
def test_groups_and_windows_that_sql_does_not_have(db: Database, ask: Ask, message: str) -> None:
    with pytest.raises(InvalidQuery, match=message):
        list(ask(db))


def test_groups_by_an_aggregate_and_a_field_are_those_of_the_field(db: Database) -> None:
    counted = (
        db.posts.annotate(x=Count("comments")).values("author", "x").annotate(n=Count("id", distinct=True))
    )
    assert list(counted.order_by("author").values_list("author", "x", "n")) == [
        (1, 4, 2),
        (2, 2, 2),
        (3, 0, 1),
    ]
    ranked = db.posts.values("author").annotate(x=Window(Rank(), order_by=Count("comments").desc()))
    assert [row["x"] for row in ranked.order_by("author")] == [1, 2, 3]
