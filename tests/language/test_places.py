"""Functions in every place of a query: a value that was selected is found, sorted, grouped and counted by."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from noormme import (
    KT,
    Case,
    Count,
    Database,
    Exists,
    F,
    Max,
    OuterRef,
    Q,
    Subquery,
    Value,
    When,
    Window,
)
from noormme.functions import (
    MD5,
    Abs,
    ATan2,
    Cast,
    Ceil,
    Chr,
    Coalesce,
    Concat,
    Cos,
    Extract,
    ExtractHour,
    ExtractWeek,
    ExtractYear,
    Floor,
    Greatest,
    JSONArray,
    JSONObject,
    Least,
    Left,
    Length,
    Log,
    Lower,
    LPad,
    Mod,
    NullIf,
    Ord,
    Power,
    Repeat,
    Replace,
    Reverse,
    Round,
    Sign,
    StrIndex,
    Substr,
    Trim,
    Trunc,
    TruncDate,
    TruncDay,
    TruncHour,
    TruncMonth,
    TruncQuarter,
    TruncTime,
    TruncWeek,
    TruncYear,
    Upper,
)
from tests.language.engines import agreed
from tests.language.entries import found
from tests.language.world import build
from tests.orm.world import change
from tests.worlds import Worlds

EXPRESSIONS: dict[str, Any] = {
    "cast to text": Cast("age", output_field=str),
    "cast to a number": Cast("balance", output_field=int),
    "cast to a decimal": Cast("age", output_field=float),
    "cast to a date": Cast("joined", output_field=date),
    "coalesce": Coalesce("email", "name"),
    "coalesce of decimals": Coalesce("balance", Value(0)),
    "coalesce of dates": Coalesce("born", TruncDate("joined")),
    "greatest": Greatest("age", 20),
    "least of dates": Least("born", date(1990, 1, 1)),
    "null if": NullIf("is_active", Value(True)),
    "null if of a moment": NullIf("joined", F("joined")),
    "json object": JSONObject(name="name", tall=Q(height__gt=1.6)),
    "json array": JSONArray("id", "balance"),
    "year": ExtractYear("born"),
    "week": ExtractWeek("joined"),
    "hour": ExtractHour("wakes"),
    "quarter": Extract("joined", "quarter"),
    "trunc year": TruncYear("born"),
    "trunc quarter": TruncQuarter("joined"),
    "trunc month": TruncMonth("joined"),
    "trunc week": TruncWeek("joined"),
    "trunc day": TruncDay("joined"),
    "trunc hour": TruncHour("wakes"),
    "trunc to a date": Trunc("joined", "month", output_field=date),
    "date": TruncDate("joined"),
    "time": TruncTime("joined"),
    "abs": Abs(F("age") - 30),
    "ceil of a decimal": Ceil("balance"),
    "floor": Floor("height"),
    "atan2": ATan2("height", "age"),
    "cos": Cos("age"),
    "log": Log(2, "age"),
    "mod": Mod("age", 7),
    "power": Power("height", 3),
    "round": Round("balance", precision=1),
    "sign": Sign(F("age") - 30),
    "chr": Chr("age"),
    "concat": Concat("name", Value("/"), "email"),
    "left": Left("name", 2),
    "length": Length("email"),
    "lower": Lower("name"),
    "pad": LPad("name", 6, Value("*")),
    "hash": MD5("name"),
    "ord": Ord("name"),
    "repeat": Repeat("name", 2),
    "replace": Replace("name", Value("n"), Value("m")),
    "reverse": Reverse("name"),
    "position": StrIndex("name", Value("e")),
    "substring": Substr("name", 2, 2),
    "trim": Trim("name"),
    "upper": Upper("email"),
    "case": Case(When(age__gt=20, then="name"), default=Value("-")),
    "case of dates": Case(When(age__gt=20, then="born"), When(age__isnull=True, then="joined")),
    "arithmetic": F("age") * 2 + 1,
    "decimal arithmetic": F("balance") * 2 - 1,
    "a moment moved": F("joined") - F("born"),
    "document in a document": F("meta__size"),
    "truth in a document": F("meta__vip"),
    "list in a document": F("meta__tags"),
    "number in a document": F("meta__size__w") + 1,
    "text of a key": KT("meta__city"),
    "condition": Q(age__gt=20),
    "condition of NULLs": Q(age__isnull=True),
    "conditions": Q(age__gt=20) & Q(id__lt=3),
    "condition that does not hold": ~Q(age__gt=20),
    "functions of functions": Upper(Left(Coalesce("email", "name"), Length("name"))),
}


_OTHER_FORMS = """
UPDATE people SET
    joined = unixepoch(joined),
    born = strftime('%s', born) * 1000,
    wakes = substr(wakes, 1, 8) || '.000',
    is_active = CASE is_active WHEN 1 THEN 'yes' ELSE 'no' END,
    meta = json_pretty(meta)
"""
"""The same rows as other programs write them: moments as seconds and dates as milliseconds, words for booleans."""


pytestmark = pytest.mark.otherwise("libsql", "speaks SQLite's SQL, and is asked the table")


@pytest.fixture(scope="session")
def other_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = build(tmp_path_factory.mktemp("places") / "places.db")
    change(path, _OTHER_FORMS)
    return path


@pytest.fixture(
    params=[
        "usual forms",
        pytest.param("other forms", marks=pytest.mark.sqlite("stores values as other programs wrote them")),
    ]
)
def db(request: pytest.FixtureRequest, engine: str, path: Path, other_path: Path, worlds: Worlds) -> Database:
    return worlds.shared(engine, path if request.param == "usual forms" else other_path)


@pytest.fixture
def usual(path: Path, worlds: Worlds) -> Database:
    """The world on SQLite."""
    return worlds.shared("sqlite", path)


every = pytest.mark.parametrize(
    "expression", [pytest.param(each, id=name) for name, each in EXPRESSIONS.items()]
)


def _values(db: Database, expression: Any) -> dict[int, Any]:
    return dict(db.people.annotate(x=expression).order_by("id").values_list("id", "x"))


@every
def test_values_are_the_same_in_every_form(
    db: Database, engine: str, usual: Database, expression: Any
) -> None:
    assert agreed(engine, _values(db, expression)) == agreed(engine, _values(usual, expression))


def _hashable(value: object) -> object:
    return repr(value) if isinstance(value, (dict, list)) else value


@every
def test_a_value_is_found_again(db: Database, expression: Any) -> None:
    values = _values(db, expression)
    rows = db.people.annotate(x=expression)
    for value in values.values():
        same = [key for key, other in values.items() if other == value and value is not None]
        nothing = [key for key, other in values.items() if other is None]
        if value is None:
            assert list(found(rows.filter(x__isnull=True))) == nothing
            continue
        assert list(found(rows.filter(x=value))) == same
        assert list(found(rows.filter(x__in=[value]))) == same
        # As in Django, NULLs of an expression are not kept, other than those of a field.
        others = [key for key in values if key not in same and key not in nothing]
        assert list(found(rows.exclude(x=value))) == others
        assert list(found(db.people.alias(x=expression).filter(x=value))) == same
    there = [key for key, value in values.items() if value is not None]
    assert list(found(rows.filter(x__in=[values[key] for key in there]))) == there


@every
def test_expressions_are_equal_to_themselves(db: Database, expression: Any) -> None:
    values = _values(db, expression)
    there = [key for key, value in values.items() if value is not None]
    rows = db.people.annotate(x=expression, y=expression)
    assert list(found(rows.filter(x=F("y")))) == there
    assert list(found(rows.filter(x__in=[F("y"), None]))) == there
    assert list(found(db.people.annotate(x=expression).filter(x=expression))) == there


@every
def test_rows_are_sorted_by_it(db: Database, expression: Any) -> None:
    values = _values(db, expression)
    there = [key for key, value in values.items() if value is not None]
    if any(isinstance(values[key], (dict, list)) for key in there):
        return
    wanted = sorted(there, key=lambda key: (values[key], key))
    query = db.people.filter(id__in=there)
    assert list(query.order_by(expression, "id").values_list("id", flat=True)) == wanted
    assert list(query.annotate(x=expression).order_by("x", "id").values_list("id", flat=True)) == wanted


@every
def test_rows_are_grouped_by_it(db: Database, expression: Any) -> None:
    counted = Counter(_hashable(value) for value in _values(db, expression).values())
    groups = db.people.annotate(x=expression).values("x").annotate(n=Count("id"))
    assert {_hashable(row["x"]): row["n"] for row in groups} == counted
    distinct = db.people.annotate(x=expression).values_list("x", flat=True).distinct()
    assert Counter(map(_hashable, distinct)) == Counter(counted.keys())
    assert distinct.count() == len(counted)


@every
def test_it_is_aggregated(db: Database, expression: Any) -> None:
    values = [value for value in _values(db, expression).values() if value is not None]
    if any(isinstance(value, (dict, list, bool)) for value in values):
        return
    most = max(values, default=None)
    assert db.people.aggregate(x=Max(expression)) == {"x": most}
    assert db.people.annotate(x=expression).aggregate(most=Max("x")) == {"most": most}
    assert db.people.aggregate(n=Count(expression)) == {"n": len(values)}
    assert set(db.people.annotate(x=Window(Max(expression))).values_list("x", flat=True)) == {most}


@every
def test_it_stands_in_other_expressions(db: Database, expression: Any) -> None:
    values = _values(db, expression)
    case = Case(When(id__lte=2, then=expression), default=None)
    assert _values(db, case) == {key: value if key <= 2 else None for key, value in values.items()}
    inner = db.people.filter(pk=OuterRef("pk")).annotate(y=expression).values("y")[:1]
    assert _values(db, Subquery(inner)) == values
    nothing = Exists(db.people.annotate(y=expression).filter(pk=OuterRef("pk"), y__isnull=True))
    assert list(found(db.people.filter(nothing))) == [key for key, value in values.items() if value is None]
    posts = db.posts.filter(author__in=db.people.annotate(y=expression).filter(y__isnull=False))
    assert list(found(posts)) == [
        post.id for post in db.posts.order_by("id") if values[post.author_id] is not None
    ]
