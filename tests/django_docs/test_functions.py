"""Database functions: comparison, dates, JSON, numbers and texts."""

from __future__ import annotations

from datetime import date, datetime, time
from math import isclose

import pytest

from noormme import Count, Database, F, Sum, Value
from noormme.functions import (
    MD5,
    SHA1,
    SHA224,
    SHA256,
    SHA384,
    SHA512,
    Abs,
    ACos,
    ASin,
    ATan,
    ATan2,
    Cast,
    Ceil,
    Chr,
    Coalesce,
    Collate,
    Concat,
    Cos,
    Cot,
    Degrees,
    Exp,
    Extract,
    ExtractDay,
    ExtractHour,
    ExtractIsoWeekDay,
    ExtractIsoYear,
    ExtractMinute,
    ExtractMonth,
    ExtractQuarter,
    ExtractSecond,
    ExtractWeek,
    ExtractWeekDay,
    ExtractYear,
    Floor,
    Greatest,
    JSONArray,
    JSONObject,
    Least,
    Left,
    Length,
    Ln,
    Log,
    Lower,
    LPad,
    LTrim,
    Mod,
    Now,
    NullIf,
    Ord,
    Pi,
    Power,
    Radians,
    Random,
    Repeat,
    Replace,
    Reverse,
    Right,
    Round,
    RPad,
    RTrim,
    Sign,
    Sin,
    Sqrt,
    StrIndex,
    Substr,
    Tan,
    Trim,
    Trunc,
    TruncDate,
    TruncDay,
    TruncHour,
    TruncMinute,
    TruncMonth,
    TruncQuarter,
    TruncSecond,
    TruncTime,
    TruncWeek,
    TruncYear,
    Upper,
)
from tests.django_docs.support import column


def _margaret(functions: Database, **expressions: object) -> object:
    [values] = functions.authors.filter(id=1).values_list(*expressions.values())
    return values[0] if len(values) == 1 else values


def _near(found: object, *wanted: float) -> bool:
    given = found if isinstance(found, tuple) else (found,)
    return len(given) == len(wanted) and all(
        isclose(one, other, rel_tol=1e-9) for one, other in zip(given, wanted, strict=True)
    )


def _vector(functions: Database, number: int, *expressions: object) -> object:
    [values] = functions.vectors.filter(id=number).values_list(*expressions)
    return values


# -- comparison ----------------------------------------------------------------------------------------


def test_cast(functions: Database) -> None:
    author = functions.authors.annotate(age_as_float=Cast("age", output_field=float)).get(id=1)
    assert author.age_as_float == 25.0
    assert type(author.age_as_float) is float
    assert _margaret(functions, x=Cast("age", output_field=str)) == "25"


def test_coalesce(functions: Database) -> None:
    rows = functions.authors.annotate(screen_name=Coalesce("alias", "goes_by", "name")).order_by("id")
    assert column(rows, "screen_name") == ["Maggie", "jdoe", "john", "  x  "]
    found = functions.authors.filter(id=100).aggregate(
        combined_age=Sum("age"),
        combined_age_default=Sum("age", default=0),
        combined_age_coalesce=Coalesce(Sum("age"), 0),
    )
    assert found == {"combined_age": None, "combined_age_default": 0, "combined_age_coalesce": 0}


@pytest.mark.sqlite("collations have other names")
def test_collate(functions: Database) -> None:
    found = functions.authors.filter(name=Collate(Value("john"), "nocase"))
    assert column(found.order_by("id"), "id") == [3, 4]
    assert column(functions.authors.order_by(Collate("name", "nocase"), "id"), "id") == [3, 4, 2, 1]


def test_greatest_and_least(functions: Database) -> None:
    rows = functions.experiments.annotate(
        last=Greatest("start_datetime", "end_datetime"), first=Least("start_date", "end_date")
    ).order_by("id")
    assert column(rows.exclude(id=2), "last") == [datetime(2015, 6, 16, 13, 11, 27), datetime(2015, 7, 2)]
    assert column(rows.exclude(id=2), "first") == [date(2015, 6, 15), date(2014, 12, 31)]


def test_greatest_and_least_pass_over_nulls(functions: Database) -> None:
    [row] = functions.experiments.filter(id=2).values_list(
        Greatest("start_datetime", "end_datetime"),
        Least("start_date", "end_date"),
        Least("end_date", "end_date"),
    )
    assert row == (datetime(2015, 6, 15, 14, 40, 2, 123), date(2015, 6, 15), None)


def test_null_if(functions: Database) -> None:
    rows = functions.authors.annotate(other=NullIf("name", Value("john"))).order_by("id")
    assert column(rows, "other") == ["Margaret Smith", "John Doe", None, "John"]


# -- dates ---------------------------------------------------------------------------------------------


def test_extract(functions: Database) -> None:
    experiment = functions.experiments.annotate(start_year=Extract("start_datetime", "year")).get(id=1)
    assert experiment.start_year == 2015
    same = functions.experiments.filter(start_datetime__year=Extract("end_datetime", "year"))
    assert same.count() == 1


def test_extract_from_a_date(functions: Database) -> None:
    row = (
        functions.experiments.annotate(
            year=ExtractYear("start_date"),
            isoyear=ExtractIsoYear("start_date"),
            quarter=ExtractQuarter("start_date"),
            month=ExtractMonth("start_date"),
            week=ExtractWeek("start_date"),
            day=ExtractDay("start_date"),
            weekday=ExtractWeekDay("start_date"),
            isoweekday=ExtractIsoWeekDay("start_date"),
        )
        .values("year", "isoyear", "quarter", "month", "week", "day", "weekday", "isoweekday")
        .get(end_date__year=ExtractYear("start_date"))
    )
    assert row == {
        "year": 2015,
        "isoyear": 2015,
        "quarter": 2,
        "month": 6,
        "week": 25,
        "day": 15,
        "weekday": 2,
        "isoweekday": 1,
    }


def test_extract_from_a_moment(functions: Database) -> None:
    rows = functions.experiments.filter(id=1).values_list(
        ExtractYear("start_datetime"),
        ExtractWeekDay("start_datetime"),
        ExtractHour("start_datetime"),
        ExtractMinute("start_datetime"),
        ExtractSecond("start_datetime"),
        ExtractHour("start_time"),
    )
    assert list(rows) == [(2015, 2, 23, 30, 1, 23)]


def test_trunc(functions: Database) -> None:
    days = (
        functions.experiments.annotate(start_day=Trunc("start_datetime", "day", output_field=datetime))
        .values("start_day")
        .annotate(experiments=Count("id"))
        .order_by("start_day")
    )
    assert list(days.values_list("start_day", "experiments")) == [
        (datetime(2014, 12, 31), 1),
        (datetime(2015, 6, 15), 2),
    ]
    found = functions.experiments.annotate(start_day=Trunc("start_datetime", "day", output_field=datetime))
    assert column(found.filter(start_day=datetime(2015, 6, 15)).order_by("id"), "start_datetime") == [
        datetime(2015, 6, 15, 23, 30, 1, 321),
        datetime(2015, 6, 15, 14, 40, 2, 123),
    ]


def test_trunc_of_a_date(functions: Database) -> None:
    years = (
        functions.experiments.annotate(year=TruncYear("start_date")).values("year").annotate(n=Count("id"))
    )
    assert list(years.order_by("year").values_list("year", "n")) == [
        (date(2014, 1, 1), 1),
        (date(2015, 1, 1), 2),
    ]
    rows = functions.experiments.filter(id=3).values_list(
        TruncMonth("start_date"), TruncQuarter("start_date"), TruncWeek("start_date")
    )
    assert list(rows) == [(date(2014, 12, 1), date(2014, 10, 1), date(2014, 12, 29))]


def test_trunc_of_a_moment(functions: Database) -> None:
    row = (
        functions.experiments.annotate(
            date=TruncDate("start_datetime"),
            time=TruncTime("start_datetime"),
            day=TruncDay("start_datetime"),
            hour=TruncHour("start_datetime"),
            minute=TruncMinute("start_datetime"),
            second=TruncSecond("start_datetime"),
        )
        .values("date", "time", "day", "hour", "minute", "second")
        .get(id=1)
    )
    assert row == {
        "date": date(2015, 6, 15),
        "time": time(23, 30, 1, 321),
        "day": datetime(2015, 6, 15),
        "hour": datetime(2015, 6, 15, 23),
        "minute": datetime(2015, 6, 15, 23, 30),
        "second": datetime(2015, 6, 15, 23, 30, 1),
    }


def test_trunc_of_a_time(functions: Database) -> None:
    hours = (
        functions.experiments.annotate(hour=TruncHour("start_datetime", output_field=time))
        .values("hour")
        .annotate(experiments=Count("id"))
        .order_by("hour")
    )
    assert list(hours.values_list("hour", "experiments")) == [(time(14), 1), (time(17), 1), (time(23), 1)]
    rows = functions.experiments.filter(id=1).values_list(TruncHour("start_time"), TruncMinute("start_time"))
    assert list(rows) == [(time(23), time(23, 30))]


def test_now(functions: Database) -> None:
    assert functions.experiments.filter(start_datetime__lte=Now()).count() == 3
    assert functions.experiments.filter(start_datetime__gt=Now()).count() == 0


# -- JSON ----------------------------------------------------------------------------------------------


def test_json(functions: Database) -> None:
    author = functions.authors.annotate(
        json_object=JSONObject(name=Lower("name"), alias="alias", age=F("age") * 2)
    ).get(id=1)
    assert author.json_object == {"name": "margaret smith", "alias": None, "age": 50}


def test_json_array(functions: Database) -> None:
    author = functions.authors.annotate(json_array=JSONArray(Lower("name"), "goes_by", F("age") * 2)).get(
        id=1
    )
    assert author.json_array == ["margaret smith", "Maggie", 50]


# -- numbers -------------------------------------------------------------------------------------------


def test_numbers(functions: Database) -> None:
    assert _vector(functions, 1, Abs("x"), Abs("y")) == (0.5, 1.1)
    assert _near(_vector(functions, 2, ACos("x"), ACos("y")), 1.0471975511965979, 2.6905658417935308)
    assert _near(_vector(functions, 2, ASin("x"), ASin("y")), 0.5235987755982989, -1.1197695149986342)
    assert _near(_vector(functions, 3, ATan("x"), ATan("y")), 1.2606282660069106, 1.428638798133829)
    assert _near(_vector(functions, 4, ATan2("x", "y")), 0.9209258773829491)
    assert _vector(functions, 3, Ceil("x"), Ceil("y")) == (4.0, 7.0)
    assert _near(_vector(functions, 5, Cos("x"), Cos("y")), -0.4161468365471424, -0.6536436208636119)
    assert _near(_vector(functions, 7, Cot("x"), Cot("y")), -1.5726734063976826, 0.642092615934331)
    assert _near(_vector(functions, 5, Degrees("x"), Degrees("y")), 114.59155902616465, 229.1831180523293)
    assert _near(_vector(functions, 6, Exp("x"), Exp("y")), 221.40641620418717, 0.09348072627805847)
    assert _vector(functions, 6, Floor("x"), Floor("y")) == (5.0, -3.0)


def test_more_numbers(functions: Database) -> None:
    assert _near(_vector(functions, 3, Ln("x"), Ln("y")), 1.1378330018213911, 1.9440512795703135)
    assert _near(_vector(functions, 5, Log("x", "y")), 2.0)
    assert _near(_vector(functions, 4, Mod("x", "y")), 0.6)
    assert _near(_vector(functions, 5, Pi(), Power("x", "y")), 3.141592653589793, 16.0)
    assert _near(_vector(functions, 7, Radians("x")), 0.20943951023931953)
    assert _vector(functions, 6, Round("x"), Round("y", precision=1)) == (5.0, -2.4)
    assert _vector(functions, 6, Sign("x"), Sign("y")) == (1, -1)
    assert _near(_vector(functions, 6, Sin("x"), Sin("y")), -0.7727644875559871, -0.6972777382599378)
    assert _near(_vector(functions, 7, Sqrt("x"), Sqrt("y")), 3.4641016151377544, 1.0)
    assert _near(_vector(functions, 7, Tan("x")), -0.6358599286615808)
    [(random,)] = functions.vectors.filter(id=1).values_list(Random())
    assert 0 <= random < 1


# -- texts ---------------------------------------------------------------------------------------------


def test_texts(functions: Database) -> None:
    assert functions.authors.filter(name__startswith=Chr(ord("M"))).get().name == "Margaret Smith"
    shown = Concat("name", Value(" ("), "goes_by", Value(")"), output_field=str)
    rows = functions.authors.annotate(screen_name=shown).order_by("id")
    assert column(rows, "screen_name") == ["Margaret Smith (Maggie)", "John Doe ()", "john ()", "John (Al)"]
    assert _margaret(functions, a=Left("name", 1), b=Right("name", 1)) == ("M", "h")
    assert _margaret(functions, a=Length("name"), b=Length("goes_by"), c=Length("alias")) == (14, 6, None)
    assert _margaret(functions, a=Lower("name"), b=Upper("name")) == ("margaret smith", "MARGARET SMITH")
    assert _margaret(functions, a=LPad("goes_by", 8, Value("abc")), b=RPad("goes_by", 8, Value("abc"))) == (
        "abMaggie",
        "Maggieab",
    )
    assert _margaret(functions, a=LPad("name", 4), b=RPad("goes_by", 8)) == ("Marg", "Maggie  ")
    assert _margaret(functions, a=Ord("name"), b=Repeat("goes_by", 2)) == (77, "MaggieMaggie")
    assert _margaret(functions, a=Replace("name", Value("Margaret"), Value("Margareth"))) == "Margareth Smith"
    assert _margaret(functions, a=Replace("name", Value(" Smith"))) == "Margaret"
    assert _margaret(functions, a=Reverse("name")) == "htimS teragraM"


def test_more_texts(functions: Database) -> None:
    padded = functions.authors.filter(id=4).values_list(LTrim("alias"), RTrim("alias"), Trim("alias"))
    assert list(padded) == [("x  ", "  x", "x")]
    assert _margaret(functions, a=StrIndex("name", Value("Smith")), b=StrIndex("name", Value("x"))) == (10, 0)
    found = functions.authors.annotate(smith_index=StrIndex("name", Value("Smith"))).filter(smith_index__gt=0)
    assert column(found, "id") == [1]
    assert _margaret(functions, a=Lower(Substr("name", 1, 5)), b=Substr("name", 10)) == ("marga", "Smith")


@pytest.mark.otherwise("postgresql", "SHA-1 needs an extension")
def test_sha1(functions: Database) -> None:
    john = functions.authors.filter(id=4).values_list(SHA1("name"))
    assert list(john) == [("5753a498f025464d72e088a9d5d6e872592d5f91",)]


def test_hashes(functions: Database) -> None:
    john = functions.authors.filter(id=4).values_list(MD5("name"), SHA256("name"))
    assert list(john) == [
        (
            "61409aa1fd47d4a5332de23cbf59a36f",
            "a8cfcd74832004951b4408cdb0a5dbcd8c7e52d43f7fe244bf720582e05241da",
        )
    ]
    lengths = functions.authors.filter(id=4).values_list(
        Length(SHA224("name")), Length(SHA384("name")), Length(SHA512("name"))
    )
    assert list(lengths) == [(56, 96, 128)]


def test_order_by_a_function(functions: Database) -> None:
    assert column(functions.authors.order_by(Length("name").asc(), "id"), "id") == [3, 4, 2, 1]
    assert column(functions.authors.order_by(Length("name").desc(), "id"), "id") == [1, 2, 3, 4]
