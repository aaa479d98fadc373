"""What the table of the language does not show: keys of several columns, pages, groups, writes, tables of schemas.

Invariant: an entry says what is asked of which database, and the rows that its statements are answered with.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from noormme import (
    Avg,
    Case,
    Count,
    Exists,
    F,
    Func,
    Max,
    Min,
    OuterRef,
    Prefetch,
    Q,
    StdDev,
    StringAgg,
    Subquery,
    Sum,
    Value,
    When,
    Window,
)
from noormme.engines.base import Row
from noormme.functions import (
    Cast,
    Coalesce,
    Collate,
    ExtractYear,
    Greatest,
    JSONArray,
    Lead,
    Log,
    LPad,
    Mod,
    Now,
    NullIf,
    Rank,
    RowNumber,
    Sqrt,
    Substr,
    TruncDay,
    TruncMonth,
)

__all__ = ["GROUPS", "KEYS", "OPERANDS", "PAGES", "TABLES", "VALUES", "WRITES", "Construct"]

ROME = datetime(2024, 3, 5, 10, 20, 30, 123456)


class Construct(NamedTuple):
    """One thing that is asked.

    Attributes:
        title: What it shows.
        database: The name of the database.
        ask: What is asked of it.
        answers: The rows of its statements.
    """

    title: str
    database: str
    ask: Callable[[Any], object]
    answers: list[list[Row]] = []  # noqa: RUF012


def world(title: str, ask: Callable[[Any], object], *answers: list[Row]) -> Construct:
    return Construct(title, "world", ask, list(answers))


def estate(title: str, ask: Callable[[Any], object], *answers: list[Row]) -> Construct:
    return Construct(title, "estate", ask, list(answers))


KEYS = [
    estate("the key of two columns", lambda db: db["sales.order_lines"].filter(pk=(1, 2)).first()),
    estate(
        "a list of keys of two columns",
        lambda db: list(db["sales.order_lines"].filter(pk__in=[(1, 2), (3, 4)])),
    ),
    estate("not in a list of keys", lambda db: list(db["sales.order_lines"].exclude(pk__in=[(1, 2)]))),
    estate(
        "whether a key is in a list, as a value",
        lambda db: list(db["sales.order_lines"].annotate(x=Q(pk__in=[(1, 2)])).values_list("x", flat=True)),
    ),
    estate(
        "keys of two columns in a subquery",
        lambda db: list(
            db["sales.order_lines"].filter(pk__in=db["sales.order_lines"].filter(quantity__gt=2))
        ),
    ),
    estate(
        "an update of joined rows with a key of two columns",
        lambda db: db["sales.order_lines"].filter(order__customer__name="Ann").update(quantity=1),
    ),
    estate(
        "a delete of joined rows with a key of two columns",
        lambda db: db["sales.order_lines"].filter(order__total__gt=5).delete(),
    ),
    estate(
        "joins across schemas", lambda db: list(db["sales.order_lines"].filter(order__customer__name="Ann"))
    ),
    estate(
        "a list of uuids",
        lambda db: list(
            db.customers.filter(token__in=["12345678123456781234567812345678"]).values_list("id")
        ),
    ),
    estate(
        "a list of bytes", lambda db: list(db.customers.filter(photo__in=[b"\x00\xff"]).values_list("id"))
    ),
    estate(
        "a list of decimals",
        lambda db: list(db["sales.orders"].filter(total__in=[Decimal("1.50"), Decimal(2)]).values_list("id")),
    ),
    estate(
        "a list of datetimes", lambda db: list(db["sales.orders"].filter(placed__in=[ROME]).values_list("id"))
    ),
    estate(
        "a list of moments of 300ths of a second",
        lambda db: list(db.customers.filter(created__in=[ROME]).values_list("id")),
    ),
    estate(
        "a list of booleans", lambda db: list(db["sales.orders"].filter(paid__in=[True]).values_list("id"))
    ),
    world(
        "a list of texts, one with a NUL",
        lambda db: list(db.people.filter(name__in=["a", "b\0"]).values_list("id")),
    ),
    world("an empty list", lambda db: list(db.people.filter(Q(id__in=[]) | Q(id=1)).values_list("id"))),
    world(
        "a list with an expression", lambda db: list(db.people.filter(id__in=[1, F("age")]).values_list("id"))
    ),
]

PAGES = [
    world("a page in no order", lambda db: list(db.people.all()[2:4].values_list("id"))),
    world(
        "a page of distinct rows in no order", lambda db: list(db.people.values_list("age").distinct()[1:3])
    ),
    world("an offset alone", lambda db: list(db.people.order_by("id")[2:].values_list("id"))),
    world(
        "the first distinct rows",
        lambda db: list(db.posts.values_list("author_id").distinct().order_by("author_id")[:2]),
    ),
    world(
        "a limit of a union",
        lambda db: list(db.people.values_list("name").union(db.tags.values_list("name"))[:2]),
    ),
    world(
        "a page of a union in an order",
        lambda db: list(
            db.people.values_list("name").union(db.tags.values_list("name")).order_by("name")[1:3]
        ),
    ),
    world(
        "a union of limited parts",
        lambda db: list(db.people.order_by("id")[:1].union(db.people.order_by("-id")[:1])),
    ),
    world(
        "a union in a subquery",
        lambda db: list(
            db.people.filter(
                id__in=db.people.filter(id=1).values("id").union(db.people.filter(id=2).values("id"))
            )
        ),
    ),
    world("a count of a slice", lambda db: db.people.order_by("id")[:2].count(), [(2,)]),
    world("whether a slice has rows", lambda db: db.people.order_by("id")[1:3].exists()),
    world("an aggregate of a slice", lambda db: db.people.order_by("id")[:2].aggregate(x=Sum("age")), [(1,)]),
    world(
        "an aggregate of distinct rows",
        lambda db: db.people.values("age").distinct().aggregate(x=Count("age")),
        [(1,)],
    ),
    world(
        "in a limited subquery", lambda db: list(db.posts.filter(author__in=db.people.order_by("-age")[:2]))
    ),
    world("the order twice", lambda db: list(db.people.order_by("name", "-name", "id").values_list("id"))),
    world("the order of a value", lambda db: list(db.people.order_by(Value(1), "id").values_list("id"))),
    world("a random order", lambda db: list(db.people.order_by("?").values_list("id"))),
    world(
        "NULLs first in a descending order",
        lambda db: list(db.people.order_by(F("age").desc(nulls_first=True)).values_list("id")),
    ),
    world(
        "NULLs last in a descending order, as they are",
        lambda db: list(db.people.order_by(F("age").desc(nulls_last=True)).values_list("id")),
    ),
    world(
        "NULLs last in a union",
        lambda db: list(
            db.people.values_list("email")
            .union(db.tags.values_list("name"))
            .order_by(F("email").asc(nulls_last=True))
        ),
    ),
    world(
        "NULLs last of distinct rows",
        lambda db: list(db.people.values_list("age").distinct().order_by(F("age").asc(nulls_last=True))),
    ),
    world(
        "a page behind a cursor", lambda db: db.people.order_by("age", "id").paginate(per_page=2, after=None)
    ),
    world(
        "some of each parent",
        lambda db: list(db.people.prefetch_related(Prefetch("posts", db.posts.order_by("-id")[:2]))),
        [(1, "Ann", None, 1, None, None, True, None, None, None, None)],
    ),
    world(
        "rows chosen by a window",
        lambda db: list(
            db.posts.annotate(n=Window(RowNumber(), partition_by="author_id", order_by="-id"))
            .filter(n=1)
            .order_by("id")
            .values_list("id")
        ),
    ),
    world(
        "distinct rows chosen by a window",
        lambda db: list(
            db.posts.annotate(n=Window(Rank(), order_by="rating"))
            .filter(n__lte=2)
            .values_list("author_id")
            .distinct()
            .order_by("author_id")
        ),
    ),
    world(
        "a window with no order", lambda db: list(db.posts.annotate(n=Window(RowNumber())).values_list("n"))
    ),
    world(
        "a window with NULLs last",
        lambda db: list(
            db.posts.annotate(n=Window(Lead("id"), order_by=F("rating").asc(nulls_last=True))).values_list(
                "n"
            )
        ),
    ),
    world(
        "rows that are locked",
        lambda db: list(
            db.posts.select_related("author").select_for_update(skip_locked=True, of=("self",)).filter(id=1)
        ),
    ),
    world(
        "rows that are locked or refused",
        lambda db: list(db.posts.select_for_update(nowait=True).filter(id=1)),
    ),
]

GROUPS = [
    world("groups of objects", lambda db: list(db.people.annotate(n=Count("posts")).order_by("n", "name"))),
    world(
        "groups of joined objects",
        lambda db: list(db.posts.select_related("author").annotate(n=Count("tags"))),
    ),
    world(
        "groups and HAVING of a column of its own",
        lambda db: list(
            db.people.annotate(n=Count("posts")).filter(Q(n__gt=1) | Q(name="Ann")).values_list("id")
        ),
    ),
    world(
        "groups by a constant",
        lambda db: list(db.people.annotate(x=Value(1)).values("x").annotate(n=Count("id"))),
    ),
    world(
        "groups by a condition",
        lambda db: list(
            db.people.annotate(old=Q(age__gt=18)).values("old").annotate(n=Count("id")).order_by("old")
        ),
    ),
    world(
        "groups by a CASE with values",
        lambda db: list(
            db.people.annotate(c=Case(When(age__gt=18, then=Value("a")), default=Value("b")))
            .values("c")
            .annotate(n=Count("id"))
        ),
    ),
    world(
        "groups beside a subquery",
        lambda db: list(
            db.people.annotate(
                last=Subquery(db.posts.filter(author=OuterRef("id")).order_by("-id").values("title")[:1]),
                n=Count("posts"),
            )
        ),
    ),
    world(
        "groups by a subquery",
        lambda db: list(
            db.people.annotate(
                last=Subquery(db.posts.filter(author=OuterRef("id")).order_by("-id").values("title")[:1])
            )
            .values("last")
            .annotate(n=Count("id"))
        ),
    ),
    world(
        "groups by a part of JSON", lambda db: list(db.people.values("meta__city").annotate(n=Count("id")))
    ),
    world(
        "an aggregate of a subquery",
        lambda db: db.people.annotate(x=Exists(db.posts.filter(author=OuterRef("id")))).aggregate(
            n=Count("id", filter=Q(x=True))
        ),
    ),
    world(
        "the greatest of booleans",
        lambda db: db.people.aggregate(x=Max("is_active"), y=Min("is_active")),
        [(1, 0)],
    ),
    world(
        "a field compared with itself",
        lambda db: list(db.people.exclude(is_active=F("is_active")).values_list("id")),
    ),
    world(
        "a condition selected",
        lambda db: list(db.people.annotate(x=Q(name="Ann") & ~Q(age__isnull=True)).values_list("x")),
    ),
    world(
        "EXISTS selected",
        lambda db: list(
            db.people.annotate(x=Exists(db.posts.filter(author=OuterRef("id")))).values_list("x")
        ),
    ),
    world(
        "EXISTS compared",
        lambda db: list(
            db.people.annotate(x=Exists(db.posts.filter(author=OuterRef("id"))))
            .filter(x=False)
            .values_list("id")
        ),
    ),
    world(
        "EXISTS of a limited query",
        lambda db: list(
            db.people.filter(Exists(db.posts.filter(author=OuterRef("id")).order_by("id")[1:2])).values_list(
                "id"
            )
        ),
    ),
    world(
        "signs that mean something in LIKE",
        lambda db: list(db.people.filter(name__contains="50%_[x]").values_list("id")),
    ),
    world(
        "a text compared with a number of the row",
        lambda db: list(db.people.filter(name=F("age")).values_list("id")),
    ),
    world(
        "a collation",
        lambda db: list(
            db.people.annotate(x=Collate("name", "Latin1_General_100_CI_AI"))
            .filter(x="ann")
            .values_list("id")
        ),
    ),
    estate(
        "a field of one byte a character", lambda db: list(db.customers.filter(code="a1").values_list("id"))
    ),
    estate(
        "the beginning of one", lambda db: list(db.customers.filter(code__startswith="é").values_list("id"))
    ),
    estate(
        "hidden columns",
        lambda db: list(db.customers.filter(valid_from__gt=datetime(2024, 1, 1)).values_list("id")),
    ),
    estate("a view", lambda db: list(db["sales.order_totals"].filter(total__gt=5))),
    estate("a table without a key", lambda db: list(db.log.filter(line__isnull=False))),
]

VALUES = [
    estate(
        "a moment with an offset",
        lambda db: list(db.customers.filter(seen__gte=ROME.replace(tzinfo=UTC)).values_list("id")),
    ),
    estate(
        "a moment of a column with 300ths of a second",
        lambda db: list(db.customers.filter(created=ROME).values_list("id")),
    ),
    estate(
        "a moment of a column with milliseconds",
        lambda db: list(db["sales.orders"].filter(placed=ROME).values_list("id")),
    ),
    estate(
        "the day of a moment with an offset",
        lambda db: list(db.customers.annotate(d=TruncDay("seen")).values_list("d")),
    ),
    estate(
        "the day of a moment in a zone",
        lambda db: list(
            db.customers.annotate(d=TruncDay("seen", tzinfo=ZoneInfo("Europe/Rome"))).values_list("d")
        ),
    ),
    estate(
        "the year in a zone",
        lambda db: list(
            db["sales.orders"]
            .annotate(y=ExtractYear("placed", tzinfo=ZoneInfo("Asia/Tokyo")))
            .values_list("y")
        ),
    ),
    estate("money", lambda db: list(db.customers.filter(credit__gt=Decimal("12.5")).values_list("id"))),
    estate(
        "a very long decimal",
        lambda db: list(
            db["sales.orders"]
            .filter(total__lt=Decimal("1234567890123456789012345678.1234567"))
            .values_list("id")
        ),
    ),
    estate(
        "a number that has more than 64 bits",
        lambda db: list(db.customers.filter(id__lt=2**70).values_list("id")),
    ),
    estate("infinity", lambda db: list(db.customers.filter(id__lt=float("inf")).values_list("id"))),
    estate(
        "a cast to decimal",
        lambda db: list(db["sales.orders"].annotate(x=Cast("id", Decimal)).values_list("x")),
    ),
    estate(
        "the first that is not missing, of two types",
        lambda db: list(
            db["sales.orders"].annotate(x=Coalesce("placed", "customer__created")).values_list("x")
        ),
    ),
    estate(
        "the greatest of two dates",
        lambda db: list(
            db["sales.shipments"].annotate(x=Greatest("sent", Value(date(2024, 1, 1)))).values_list("x")
        ),
    ),
    estate(
        "a part of JSON that is a number",
        lambda db: list(db.customers.filter(extra__a__gt=1).values_list("id")),
    ),
    estate(
        "a part of JSON in arithmetic",
        lambda db: list(db.customers.annotate(x=F("extra__a") + 1).values_list("x")),
    ),
    estate(
        "the order of a part of JSON", lambda db: list(db.customers.order_by("extra__a__b").values_list("id"))
    ),
    estate(
        "a document as it is written", lambda db: list(db.customers.filter(extra={"a": 1}).values_list("id"))
    ),
    estate(
        "a part of JSON that is null", lambda db: list(db.customers.filter(extra__a=None).values_list("id"))
    ),
    estate(
        "a key of JSON with signs",
        lambda db: list(db.customers.filter(**{"extra__a\"b'c": 1}).values_list("id")),
    ),
]

WRITES = [
    estate(
        "a row that the database numbers",
        lambda db: db.customers.create(name="Ann", code="a"),
    ),
    estate(
        "a row with a number of one's own",
        lambda db: db.customers.create(id=7, name="Ann", code="a"),
    ),
    estate("a row of defaults", lambda db: db["sales.shipments"].create()),
    estate(
        "a row of a table with triggers",
        lambda db: db["sales.orders"].create(customer_id=1, total=Decimal("2.5")),
    ),
    estate(
        "the change of a row of a table with triggers",
        lambda db: db["sales.orders"].filter(id=1).update(paid=True),
    ),
    estate(
        "a row with a key of two columns",
        lambda db: db["sales.order_lines"].create(order_id=1, line_no=2, product="x", quantity=3),
    ),
    estate(
        "many rows",
        lambda db: db["sales.order_lines"].bulk_create(
            [{"order_id": 1, "line_no": n, "product": "x", "quantity": n} for n in (1, 2)]
        ),
    ),
    estate(
        "many changes",
        lambda db: db["sales.order_lines"].filter(order_id=1).update(quantity=F("quantity") + 1),
    ),
    estate(
        "an upsert",
        lambda db: db.customers.upsert([{"name": "Ann", "code": "a", "email": None}], on=["code"]),
    ),
    estate(
        "an upsert with a number of one's own",
        lambda db: db["sales.shipments"].upsert([{"id": 1, "sent": date(2024, 1, 1)}], on=["id"]),
    ),
    estate(
        "an upsert in a table with triggers",
        lambda db: db["sales.orders"].upsert([{"id": 1, "customer_id": 1}], on=["id"]),
    ),
    estate(
        "rows that are left out where they are in the way",
        lambda db: db["sales.order_lines"].bulk_create(
            [{"order_id": 1, "line_no": 1, "product": "x", "quantity": 1}], ignore_conflicts=True
        ),
    ),
    estate(
        "an upsert by a key of some rows",
        lambda db: db.customers.upsert([{"name": "A", "code": "a", "email": "x"}], on=["email"]),
    ),
    estate("the delete of rows", lambda db: db["sales.shipments"].filter(sent__lt=date(2024, 1, 1)).delete()),
    estate("the delete of all rows", lambda db: db["sales.shipments"].delete(all_rows=True)),
    estate("a set of documents", lambda db: db.customers.filter(id=1).update(extra={"a": [1, None, "é"]})),
    estate(
        "a set of texts and bytes",
        lambda db: db.customers.filter(id=1).update(code="é", photo=b"\0\1", email=None),
    ),
    world("a condition that is stored", lambda db: db.people.filter(id=1).update(is_active=Q(age__gt=18))),
]

TABLES = [
    world(
        "columns and conditions",
        lambda db: (
            db.table("people")
            .select("id", "name as n")
            .where("age", ">", 3)
            .order_by("name", nulls="last")
            .limit(2)
            .all()
        ),
    ),
    world(
        "joins and groups",
        lambda db: (
            db.table("people")
            .select("people.name")
            .left_join("posts", "posts.author_id", "people.id")
            .group_by("people.name")
            .all()
        ),
    ),
    world(
        "operators",
        lambda db: (
            db.table("people")
            .select("id")
            .where("name", "like", "A%")
            .where("age", "in", [1, 2])
            .where("email", "is", None)
            .all()
        ),
    ),
    world(
        "between",
        lambda db: db.table("people").select("id").where("age", "between", (1, 2)).offset(2).limit(1).all(),
    ),
    world("distinct", lambda db: db.table("people").select("age").distinct().limit(3).all()),
    world("count", lambda db: db.table("people").where("age", ">", 3).count(), [(1,)]),
    world("exists", lambda db: db.table("people").where("age", ">", 3).exists()),
]


OPERANDS = [
    world("a duration before a date", lambda db: shown(db.people, Value(timedelta(days=1)) + F("born"))),
    world("a time and a duration", lambda db: shown(db.people, F("wakes") + Value(timedelta(hours=1)))),
    world("a moment less a duration", lambda db: shown(db.people, F("joined") - Value(timedelta(hours=1)))),
    world("the difference of two dates", lambda db: shown(db.people, F("born") - F("joined"))),
    world("a duration times a number", lambda db: shown(db.people, (F("joined") - F("born")) * F("age"))),
    world("a duration by a number", lambda db: shown(db.people, (F("joined") - F("born")) / Value(2))),
    world("the remainder of a float", lambda db: shown(db.people, F("height") % Value(0.5))),
    world("a decimal to a power", lambda db: shown(db.people, F("balance") ** Value(2))),
    world("a boolean in arithmetic", lambda db: shown(db.people, F("is_active") + Value(1))),
    world("whole numbers to a float", lambda db: shown(db.people, Cast("age", float) / Value(2))),
    world(
        "a text of the row in a text",
        lambda db: list(db.people.filter(email__contains=F("name")).values_list("id")),
    ),
    world(
        "the same in any case",
        lambda db: list(db.people.filter(email__icontains=F("name")).values_list("id")),
    ),
    world(
        "a text that ends with another",
        lambda db: list(db.people.filter(email__endswith=F("name")).values_list("id")),
    ),
    world(
        "a text that is another in any case",
        lambda db: list(db.people.filter(email__iexact=F("name")).values_list("id")),
    ),
    world(
        "a regular expression of the row",
        lambda db: list(db.people.filter(email__regex=F("name")).values_list("id")),
    ),
    world(
        "a number searched as text", lambda db: list(db.people.filter(age__contains="1").values_list("id"))
    ),
    world("a moment as text", lambda db: shown(db.people, Cast("joined", str))),
    world("a float as text", lambda db: shown(db.people, Cast("height", str))),
    estate("a UUID as text", lambda db: shown(db.customers, Cast("token", str))),
    estate("bytes as text", lambda db: shown(db.customers, Cast("photo", str))),
    world("a text as bytes", lambda db: shown(db.people, Cast("name", bytes))),
    world("a text as a number", lambda db: shown(db.people, Cast("name", int))),
    world("a cast to the type that it has", lambda db: shown(db.people, Cast("age", int))),
    world("a moment of text", lambda db: shown(db.people, Cast("name", datetime))),
    world("a logarithm of a decimal", lambda db: shown(db.people, Log(Value(2), F("balance")))),
    world("a remainder of floats", lambda db: shown(db.people, Mod("height", Value(0.5)))),
    world("the square root of a decimal", lambda db: shown(db.people, Sqrt("balance"))),
    world("the part of a text", lambda db: shown(db.people, Substr("name", F("age")))),
    world("a text filled with blanks", lambda db: shown(db.people, LPad("name", 5))),
    world("values of several types", lambda db: shown(db.people, Coalesce("name", "age"))),
    world("numbers of several types", lambda db: shown(db.people, Coalesce("height", "age"))),
    world("a part of JSON or a text", lambda db: shown(db.people, Coalesce("meta__city", Value("none")))),
    world("a part of JSON that is no number", lambda db: shown(db.people, NullIf("meta__size__w", Value(0)))),
    world("NULL where a text is a number", lambda db: shown(db.people, NullIf("name", F("age")))),
    world(
        "a part of JSON compared with a field",
        lambda db: list(db.people.filter(meta__city=F("name")).values_list("id")),
    ),
    world(
        "a part of JSON compared with a number",
        lambda db: list(db.people.filter(meta__size__w=F("age")).values_list("id")),
    ),
    world(
        "two parts of JSON", lambda db: list(db.people.filter(meta__city=F("meta__home")).values_list("id"))
    ),
    world(
        "a document in a document",
        lambda db: list(db.people.filter(meta__contains=F("meta")).values_list("id")),
    ),
    world(
        "a list of numbers in JSON",
        lambda db: list(db.people.filter(meta__size__w__in=[1, 2.5]).values_list("id")),
    ),
    world(
        "a range of numbers in JSON",
        lambda db: list(db.people.filter(meta__size__w__range=(1, 2)).values_list("id")),
    ),
    world("a list of documents", lambda db: list(db.people.filter(meta__in=[{"a": 1}]).values_list("id"))),
    world("a document that is null", lambda db: list(db.people.filter(meta=None).values_list("id"))),
    world("a document after another", lambda db: list(db.people.filter(meta__gt=1).values_list("id"))),
    world("a document made of a blob", lambda db: shown(db.people, JSONArray("meta", "height", "joined"))),
    world(
        "texts joined by one of the row",
        lambda db: list(db.people.annotate(x=StringAgg("posts__title", F("name"))).values_list("x")),
    ),
    world(
        "texts joined once each",
        lambda db: list(
            db.people.annotate(x=StringAgg("posts__title", Value(","), distinct=True)).values_list("x")
        ),
    ),
    world(
        "the spread of decimals",
        lambda db: db.people.aggregate(x=StdDev("balance"), y=Avg("is_active")),
        [(1, 1)],
    ),
    world(
        "a list in a lookup of one's own",
        lambda db: list(db.people.filter(name__in=["a", "b"]).exclude(age__in=[1]).values_list("id")),
    ),
    world("the time now in a zone", lambda db: list(zoned(db).people.annotate(x=Now()).values_list("x"))),
    world(
        "the month in a zone",
        lambda db: shown(zoned(db).people, TruncMonth("joined", tzinfo=ZoneInfo("Europe/Rome"))),
    ),
    world(
        "a function by its name", lambda db: shown(db.people, Func("name", Value(2), function="REPLICATE"))
    ),
    world(
        "a full join",
        lambda db: (
            db.table("people").select("people.id").full_join("posts", "posts.author_id", "people.id").all()
        ),
    ),
    world("a cross join", lambda db: db.table("people").select("people.id").cross_join("tags").all()),
    world("a negated range", lambda db: list(db.people.exclude(age__range=(1, 2)).values_list("id"))),
    world(
        "a condition that always holds",
        lambda db: list(db.people.annotate(x=Case(When(~Q(id__in=[]), then=Value(1)))).values_list("x")),
    ),
    estate(
        "texts of an old type",
        lambda db: list(db.customers.filter(notes__icontains="a", name=F("notes")).values_list("id")),
    ),
]


def shown(query: Any, expression: Any) -> list[Any]:
    """What an expression gives for each row."""
    return list(query.annotate(x=expression).values_list("x", flat=True))


def zoned(db: Any) -> Any:
    """The database, whose datetimes are those of a zone."""
    db._engine.dialect.timezone = ZoneInfo("Europe/Rome")
    return db
