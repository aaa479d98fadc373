"""The table of updates: what a field is set to, as SQL, and the rows after it.

Invariant: every update here runs as one plan for both of its values.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from noormme import (
    Case,
    Count,
    Database,
    Exists,
    ExpressionWrapper,
    F,
    Func,
    GroupRange,
    Max,
    OrderBy,
    OuterRef,
    Q,
    QuerySet,
    RawSQL,
    RowRange,
    Subquery,
    Sum,
    Value,
    ValueRange,
    When,
    Window,
)
from noormme.functions import (
    Cast,
    Coalesce,
    Concat,
    ExtractYear,
    JSONObject,
    RowNumber,
    Trunc,
    Upper,
)

__all__ = ["REFUSED", "UPDATES", "Refusal", "Update"]


class Update(NamedTuple):
    """One update of the table.

    Attributes:
        about: The names of the surface that it shows, parted by commas.
        rows: The rows that are updated.
        values: What they are set to, of a database and a value.
        sql: The statement, in one line.
        first: A value, and the fields of the rows after an update with it, by key.
        second: Another value, and the same.
    """

    about: str
    rows: Callable[[Database], QuerySet[Any]]
    values: Callable[[Database, Any], dict[str, object]]
    sql: str
    first: tuple[Any, list[Any]]
    second: tuple[Any, list[Any]]


class Refusal(NamedTuple):
    """One update that has no meaning.

    Attributes:
        about: The names of the surface that it shows.
        rows: The rows.
        values: What they would be set to.
        message: How the error begins.
    """

    about: str
    rows: Callable[[Database], QuerySet[Any]]
    values: Callable[[Database], dict[str, object]]
    message: str


def _grown(db: Database) -> QuerySet[Any]:
    return db.people.filter(age__gt=20)


def _two(db: Database) -> QuerySet[Any]:
    return db.people.filter(id__lte=2)


_GROWN = ' WHERE "people"."age" > ?'
_TWO = ' WHERE "people"."id" <= ?'

UPDATES: list[Update] = [
    Update(
        "expression F, expression +",
        _grown,
        lambda db, v: {"age": F("age") + v},
        'UPDATE "people" SET "age"=("people"."age" + ?)' + _GROWN,
        (1, [32, 46]),
        (10, [41, 55]),
    ),
    Update(
        "expression F",
        _two,
        lambda db, v: {"age": F("id"), "height": F("age"), "name": v},
        'UPDATE "people" SET "name"=?, "age"="people"."id", "height"="people"."age"' + _TWO,
        ("x", [(1, 31.0, "x"), (2, 17.0, "x")]),
        ("y", [(1, 31.0, "y"), (2, 17.0, "y")]),
    ),
    Update(
        "expression -",
        _grown,
        lambda db, v: {"age": v - F("age")},
        'UPDATE "people" SET "age"=(? - "people"."age")' + _GROWN,
        (100, [69, 55]),
        (50, [19, 5]),
    ),
    Update(
        "expression *",
        _grown,
        lambda db, v: {"balance": F("balance") * v},
        'UPDATE "people" SET "balance"=noormme_stored((CAST("people"."balance" AS NUMERIC) * ?),'
        """ '["decimal","decimal",{},"numeric",null]')""" + _GROWN,
        (2, [Decimal(21), Decimal("10.5")]),
        (10, [Decimal(105), Decimal("52.5")]),
    ),
    Update(
        "expression /",
        _grown,
        lambda db, v: {"height": F("height") / v},
        'UPDATE "people" SET "height"=("people"."height" / ?)' + _GROWN,
        (2, [0.75, 0.625]),
        (4, [0.375, 0.3125]),
    ),
    Update(
        "expression %",
        _grown,
        lambda db, v: {"age": F("age") % v},
        'UPDATE "people" SET "age"=("people"."age" % ?)' + _GROWN,
        (10, [1, 5]),
        (7, [3, 3]),
    ),
    Update(
        "expression **",
        _grown,
        lambda db, v: {"age": F("age") ** v},
        'UPDATE "people" SET "age"=noormme_power("people"."age", ?)' + _GROWN,
        (2, [961, 2025]),
        (1, [31, 45]),
    ),
    Update(
        "expression negative",
        _grown,
        lambda db, v: {"age": -F("age") + v},
        'UPDATE "people" SET "age"=(("people"."age" * ?) + ?)' + _GROWN,
        (0, [-31, -45]),
        (1, [-30, -44]),
    ),
    Update(
        "expression bitand, expression bitor",
        _grown,
        lambda db, v: {"age": F("age").bitand(v).bitor(32)},
        'UPDATE "people" SET "age"=(("people"."age" & ?) | ?)' + _GROWN,
        (3, [35, 33]),
        (1, [33, 33]),
    ),
    Update(
        "expression bitxor",
        _grown,
        lambda db, v: {"age": F("age").bitxor(v)},
        'UPDATE "people" SET "age"=(("people"."age" | ?) - ("people"."age" & ?))' + _GROWN,
        (1, [30, 44]),
        (2, [29, 47]),
    ),
    Update(
        "expression bitleftshift, expression bitrightshift",
        _grown,
        lambda db, v: {"age": F("age").bitleftshift(v).bitrightshift(1)},
        'UPDATE "people" SET "age"=(("people"."age" << ?) >> ?)' + _GROWN,
        (1, [31, 45]),
        (2, [62, 90]),
    ),
    Update(
        "expression []",
        _two,
        lambda db, v: {"email": F("name")[1:v]},
        'UPDATE "people" SET "email"=noormme_substr("people"."name", ?, ?)' + _TWO,
        (2, ["n", "o"]),
        (3, ["nn", "ob"]),
    ),
    Update(
        "expression Value",
        _two,
        lambda db, v: {"joined": Value(v)},
        'UPDATE "people" SET "joined"=?' + _TWO,
        (datetime(2024, 1, 1), [datetime(2024, 1, 1)] * 2),
        (datetime(2025, 1, 1, 1), [datetime(2025, 1, 1, 1)] * 2),
    ),
    Update(
        "expression Value",
        _two,
        lambda db, v: {"joined": Value(None), "name": v},
        'UPDATE "people" SET "name"=?, "joined"=NULL' + _TWO,
        ("x", [(None, "x")] * 2),
        ("y", [(None, "y")] * 2),
    ),
    Update(
        "expression Value",
        _two,
        lambda db, v: {"meta": v},
        'UPDATE "people" SET "meta"=?' + _TWO,
        ({"a": [1]}, [{"a": [1]}] * 2),
        ([None], [[None]] * 2),
    ),
    Update(
        "expression Func",
        _two,
        lambda db, v: {"name": Func("name", Value("n"), Value(v), function="replace", output_field=str)},
        'UPDATE "people" SET "name"=replace("people"."name", ?, ?)' + _TWO,
        ("m", ["Amm", "Bob"]),
        ("", ["A", "Bob"]),
    ),
    Update(
        "expression Case, expression When",
        lambda db: db.people.filter(id__gt=0),
        lambda db, v: {"age": Case(When(age__lt=v, then=F("age") + 1), When(age=None, then=0), default=v)},
        'UPDATE "people" SET "age"=CASE WHEN ("people"."age" < ?) THEN ("people"."age" + ?)'
        ' WHEN ("people"."age" IS NULL) THEN ? ELSE ? END WHERE "people"."id" > ?',
        (18, [18, 18, 0, 18]),
        (40, [32, 18, 0, 40]),
    ),
    Update(
        "expression Subquery, expression OuterRef",
        _two,
        lambda db, v: {
            "email": Subquery(
                db.posts.filter(author=OuterRef("pk"), id__gte=v).order_by("id").values("title")[:1]
            )
        },
        'UPDATE "people" SET "email"=(SELECT "posts"."title" FROM "posts" WHERE "posts"."author_id" = "people"."id"'
        ' AND "posts"."id" >= ? ORDER BY "posts"."id" ASC LIMIT ?)' + _TWO,
        (1, ["One", "Three"]),
        (4, [None, "Four"]),
    ),
    Update(
        "expression Subquery",
        _two,
        lambda db, v: {"age": Subquery(db.people.filter(id__gte=v).order_by("-age").values("age")[:1])},
        'UPDATE "people" SET "age"=(SELECT "people_2"."age" FROM "people" AS "people_2" WHERE "people_2"."id" >= ?'
        ' ORDER BY "people_2"."age" DESC LIMIT ?) FROM (SELECT 1 AS "row") AS noormme_once' + _TWO
        + ' AND noormme_once."row" = 1',
        (1, [45, 45]),
        (2, [45, 45]),
    ),
    Update(
        "expression Subquery",
        _two,
        lambda db, v: {"age": db.posts.filter(author=OuterRef("pk")).values("author").annotate(n=Sum("rating") + v).values("n")},
        'UPDATE "people" SET "age"=(SELECT (sum("posts"."rating") + ?) AS anon_1 FROM "posts"'
        ' WHERE "posts"."author_id" = "people"."id" GROUP BY "posts"."author_id")' + _TWO,
        (0, [5, 8]),
        (1, [6, 9]),
    ),
    Update(
        "expression Exists, expression ~",
        _two,
        lambda db, v: {"is_active": ~Exists(db.posts.filter(author=OuterRef("pk"), rating=v))},
        'UPDATE "people" SET "is_active"=(NOT (EXISTS (SELECT 1 FROM "posts" WHERE "posts"."author_id" = "people"."id"'
        ' AND "posts"."rating" = ?)))' + _TWO,
        (3, [True, False]),
        (5, [False, False]),
    ),
    Update(
        "expression Q, expression |, expression &",
        _two,
        lambda db, v: {"is_active": Q(name=v) | (Q(age__lt=20) & Q(email=None))},
        'UPDATE "people" SET "is_active"=("people"."name" = ? OR "people"."age" < ? AND "people"."email" IS NULL)'
        + _TWO,
        ("Ann", [True, True]),
        ("Zoe", [False, True]),
    ),
    Update(
        "expression ^",
        _two,
        lambda db, v: {"is_active": Q(name=v) ^ Q(age__lt=40)},
        'UPDATE "people" SET "is_active"=((CASE WHEN ("people"."name" = ?) THEN 1 ELSE 0 END'
        ' + CASE WHEN ("people"."age" < ?) THEN 1 ELSE 0 END) % 2 = 1)' + _TWO,
        ("Ann", [False, True]),
        ("Zoe", [True, True]),
    ),
    Update(
        "expression <, expression <=, expression >, expression >=",
        _two,
        lambda db, v: {"is_active": F("age") >= v},
        'UPDATE "people" SET "is_active"=("people"."age" >= ?)' + _TWO,
        (18, [True, False]),
        (17, [True, True]),
    ),
    Update(
        "expression ExpressionWrapper",
        _two,
        lambda db, v: {"height": ExpressionWrapper(F("age") + v, output_field=float)},
        'UPDATE "people" SET "height"=("people"."age" + ?)' + _TWO,
        (1, [32.0, 18.0]),
        (2, [33.0, 19.0]),
    ),
    Update(
        "expression RawSQL",
        _two,
        lambda db, v: {"age": RawSQL("length(name) * %s", [v])},
        'UPDATE "people" SET "age"=(length(name) * ?)' + _TWO,
        (1, [3, 3]),
        (4, [12, 12]),
    ),
    Update(
        "function Concat, function Upper",
        _two,
        lambda db, v: {"name": Concat(Upper("name"), Value(v))},
        'UPDATE "people" SET "name"=concat(noormme_upper("people"."name"), ?)' + _TWO,
        ("!", ["ANN!", "BOB!"]),
        ("?", ["ANN?", "BOB?"]),
    ),
    Update(
        "function Coalesce, function Cast",
        _two,
        lambda db, v: {"email": Coalesce("email", Cast("age", str), Value(v))},
        'UPDATE "people" SET "email"=coalesce("people"."email", noormme_text("people"."age", \'any\'), ?)' + _TWO,
        ("x", ["ann@example.com", "17"]),
        ("y", ["ann@example.com", "17"]),
    ),
    Update(
        "function ExtractYear",
        _two,
        lambda db, v: {"age": ExtractYear("born") - v},
        'UPDATE "people" SET "age"=(CAST(strftime(\'%Y\', "people"."born") AS INTEGER) - ?)' + _TWO,
        (0, [1993, 2007]),
        (1990, [3, 17]),
    ),
    Update(
        "function Trunc",
        _two,
        lambda db, v: {"born": Trunc("joined", "month", output_field=date), "wakes": v},
        'UPDATE "people" SET "born"=strftime(\'%Y-%m-01\', "people"."joined"), "wakes"=?' + _TWO,
        (time(1), [(date(2024, 1, 1), time(1)), (date(2024, 2, 1), time(1))]),
        (time(2), [(date(2024, 1, 1), time(2)), (date(2024, 2, 1), time(2))]),
    ),
    Update(
        "expression +",
        _two,
        lambda db, v: {"joined": F("joined") + v},
        'UPDATE "people" SET "joined"=noormme_moved(noormme_datetime("people"."joined"), ?)' + _TWO,
        (timedelta(days=1), [datetime(2024, 1, 2, 10, 20, 30), datetime(2024, 3, 1, 23, 5, 6)]),
        (timedelta(hours=1), [datetime(2024, 1, 1, 11, 20, 30), datetime(2024, 3, 1, 0, 5, 6)]),
    ),
    Update(
        "function JSONObject",
        _two,
        lambda db, v: {"meta": JSONObject(who="name", what=Value(v))},
        'UPDATE "people" SET "meta"=json_object(?, "people"."name", ?, ?)' + _TWO,
        ("a", [{"who": "Ann", "what": "a"}, {"who": "Bob", "what": "a"}]),
        ("b", [{"who": "Ann", "what": "b"}, {"who": "Bob", "what": "b"}]),
    ),
    Update(
        "json path",
        _two,
        lambda db, v: {"name": Concat(F("meta__city"), Value(v))},
        'UPDATE "people" SET "name"=concat(json_extract(iif(json_valid("people"."meta", 9), "people"."meta", NULL),'
        ' \'$."city"\'), ?)' + _TWO,
        ("!", ["Rome!", "Oslo!"]),
        ("", ["Rome", "Oslo"]),
    ),
    Update(
        "method alias",
        lambda db: db.people.alias(later=F("age") + 1).filter(later__gt=20),
        lambda db, v: {"age": F("later") + v},
        'UPDATE "people" SET "age"=(("people"."age" + ?) + ?) WHERE ("people"."age" + ?) > ?',
        (0, [32, 46]),
        (1, [33, 47]),
    ),
    Update(
        "lookup forward",
        lambda db: db.posts.filter(id__lte=2),
        lambda db, v: {"author": v, "rating": F("author_id")},
        'UPDATE "posts" SET "rating"="posts"."author_id", "author_id"=? WHERE "posts"."id" <= ?',
        (2, [(2, 1), (2, 1)]),
        (3, [(3, 1), (3, 1)]),
    ),
    Update(
        "lookup reverse",
        lambda db: db.people.filter(posts__title="Three"),
        lambda db, v: {"age": F("age") + v},
        'UPDATE "people" SET "age"=("people"."age" + ?) WHERE "people"."id" IN (SELECT "people_2"."id"'
        ' FROM "people" AS "people_2" JOIN "posts" ON "posts"."author_id" = "people_2"."id"'
        ' WHERE "posts"."title" = ?)',
        (1, [18]),
        (2, [19]),
    ),
]  # fmt: skip

_AGGREGATE = "people.age cannot be set to an aggregate, which is computed from several rows"
_WINDOW = "people.age cannot be set to a window function, which is computed from several rows"

REFUSED: list[Refusal] = [
    Refusal("aggregate Count", _two, lambda db: {"age": Count("posts")}, _AGGREGATE),
    Refusal("aggregate Sum", _two, lambda db: {"age": Sum("age") + 1}, _AGGREGATE),
    Refusal("aggregate Max", _two, lambda db: {"age": Coalesce(Max("posts__rating"), 0)}, _AGGREGATE),
    Refusal(
        "aggregate Count",
        lambda db: db.people.annotate(n=Count("posts")).filter(id=1),
        lambda db: {"age": F("n")},
        _AGGREGATE,
    ),
    Refusal("expression Window", _two, lambda db: {"age": Window(Max("age"))}, _WINDOW),
    Refusal("expression Window", _two, lambda db: {"age": Window(RowNumber(), order_by="id") + 1}, _WINDOW),
    Refusal(
        "expression Window",
        lambda db: db.people.annotate(n=Window(RowNumber())).filter(id=1),
        lambda db: {"age": F("n")},
        _WINDOW,
    ),
    *(
        Refusal(
            f"expression {frame.__name__}",
            _two,
            lambda db, frame=frame: {"age": Window(Sum("age"), order_by="id", frame=frame(start=0, end=1))},  # type: ignore[misc]
            _WINDOW,
        )
        for frame in (RowRange, ValueRange, GroupRange)
    ),
    Refusal(
        "expression OrderBy, expression nulls_first, expression nulls_last",
        _two,
        lambda db: {"age": OrderBy(F("age"))},
        "a field of kind integer cannot take OrderBy",
    ),
    Refusal("expression OuterRef", _two, lambda db: {"age": OuterRef("age")}, "OuterRef('age') means a row of the query around"),
    Refusal("expression F", lambda db: db.posts.filter(id=1), lambda db: {"title": F("author__name")}, "posts.title is set to something of another table"),
    Refusal("expression F", _two, lambda db: {"age": F("aeg")}, "no field 'aeg' on people; did you mean 'age'?"),
]  # fmt: skip
