"""The functions as a whole: every class is in the table, checks its arguments, and prints itself."""

from __future__ import annotations

import inspect
import pickle
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from noormme import Database, F, Func, Value, Window
from noormme import functions as public
from noormme.errors import InvalidQuery, NoormmeError, UsageError
from noormme.query.functions.table import FUNCTIONS, Rule

CLASSES = {name: getattr(public, name) for name in public.__all__}

DJANGO = """
    Abs ACos ASin ATan ATan2 Cast Ceil Chr Coalesce Collate Concat Cos Cot CumeDist Degrees DenseRank Exp Extract
    ExtractDay ExtractHour ExtractIsoWeekDay ExtractIsoYear ExtractMinute ExtractMonth ExtractQuarter ExtractSecond
    ExtractWeek ExtractWeekDay ExtractYear FirstValue Floor Greatest JSONArray JSONObject Lag LastValue Lead Least Left
    Length Ln Log Lower LPad LTrim MD5 Mod Now NthValue Ntile NullIf Ord PercentRank Pi Power Radians Random Rank Repeat
    Replace Reverse Right Round RowNumber RPad RTrim SHA1 SHA224 SHA256 SHA384 SHA512 Sign Sin Sqrt StrIndex Substr Tan
    Trim Trunc TruncDate TruncDay TruncHour TruncMinute TruncMonth TruncQuarter TruncSecond TruncTime TruncWeek
    TruncYear Upper
"""


def test_all_functions_of_django_are_there() -> None:
    assert set(DJANGO.split()) <= set(public.__all__)


@pytest.mark.parametrize("name", CLASSES)
def test_every_class_is_in_the_table_and_documented(name: str) -> None:
    made = CLASSES[name]
    assert issubclass(made, Func)
    assert made.function in FUNCTIONS
    assert made.function == made.function.lower()
    assert "Example:" in inspect.getdoc(made)
    assert "__dict__" not in dir(made.__new__(made))


def test_the_table_has_no_function_without_a_class_but_aggregates() -> None:
    used = {made.function for made in CLASSES.values()}
    rest = {name for name, rule in FUNCTIONS.items() if name not in used}
    assert rest == {name for name, rule in FUNCTIONS.items() if rule.aggregate}


@pytest.mark.parametrize(
    ("function", "kinds", "option", "expected"),
    [
        ("lower", ("any",), "", "text"),
        ("length", ("blob",), "", "integer"),
        ("abs", ("decimal",), "", "decimal"),
        ("abs", ("boolean",), "", "integer"),
        ("sqrt", ("integer",), "", "real"),
        ("sqrt", ("decimal",), "", "decimal"),
        ("power", ("decimal", "real"), "", "real"),
        ("mod", ("integer", "decimal"), "", "decimal"),
        ("extract", ("datetime",), "year@UTC", "integer"),
        ("trunc", ("date",), "month", "date"),
        ("trunc", ("any",), "month", "datetime"),
        ("trunc", ("datetime",), "date@+01:00", "date"),
        ("trunc", ("time",), "time", "time"),
        ("cast", ("text",), "uuid", "uuid"),
        ("cast", ("any",), "date", "date"),
        ("coalesce", ("any", "integer", "real"), "", "real"),
        ("coalesce", ("integer", "decimal"), "", "decimal"),
        ("coalesce", ("date", "datetime"), "", "datetime"),
        ("coalesce", ("text", "integer"), "", "any"),
        ("nullif", ("uuid", "text"), "", "uuid"),
        ("lag", ("json", "integer"), "", "json"),
        ("sum", ("boolean",), "", "integer"),
        ("sum", ("duration",), "", "duration"),
        ("avg", ("integer",), "", "real"),
        ("avg", ("decimal",), "", "decimal"),
        ("avg", ("duration",), "", "duration"),
        ("count", (), "", "integer"),
        ("max", ("date",), "", "date"),
        ("variance_pop", ("integer",), "", "real"),
        ("string_agg", ("text", "text"), "", "text"),
    ],
)
def test_kinds(function: str, kinds: tuple[Any, ...], option: str, expected: str) -> None:
    rule: Rule = FUNCTIONS[function]
    assert (rule.gives(kinds, option) if callable(rule.gives) else rule.gives) == expected


@pytest.mark.parametrize(
    ("source", "target"), [("datetime", "integer"), ("uuid", "real"), ("time", "date"), ("text", "complex")]
)
def test_casts_without_a_meaning_are_refused(source: Any, target: str) -> None:
    gives = FUNCTIONS["cast"].gives
    assert callable(gives)
    with pytest.raises(InvalidQuery):
        gives((source,), target)


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (lambda: public.Left("name", 0), "Left takes a length of 1 or more"),
        (lambda: public.Right("name", -1), "Right takes a length of 1 or more"),
        (lambda: public.LPad("name", -1), "LPad takes a length of 0 or more"),
        (lambda: public.Repeat("name", -1), "Repeat takes a number of 0 or more"),
        (lambda: public.Substr("name", 0), "Substr takes a position of 1 or more"),
        (lambda: public.Substr("name", 1, -1), "Substr takes a length of 0 or more"),
        (lambda: public.Left("name", 1.5), "whole number as length, not float"),
        (lambda: public.Left("name", True), "whole number as length, not bool"),
        (lambda: public.Round("price", None), "whole number as precision, not NoneType"),
        (lambda: public.Concat("name"), "Concat takes 2 or more arguments, not 1"),
        (lambda: public.Coalesce("name"), "Coalesce takes 2 or more arguments, not 1"),
        (lambda: public.Lower("a", "b"), "Lower takes 1 argument, not 2"),
        (lambda: public.Pi(1), "Pi takes 0 arguments, not 1"),
        (lambda: public.Cast("name", None), "Cast needs an output_field"),
    ],
)
def test_calls_without_a_meaning_are_refused(made: Callable[[], object], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        made()
    assert message in str(caught.value)


def test_numbers_may_be_fields_and_expressions(value: Callable[[Any], Any]) -> None:
    assert value(public.Left("name", F("id") + 1)) == "Öl"
    assert value(public.Repeat("code", "id")) == "ab"


@pytest.mark.parametrize(
    ("expression", "shown"),
    [
        (public.Left("name", 2), "Left('name', 2)"),
        (public.Cast("name", int), "Cast('name', 'integer')"),
        (public.Collate("name", "nocase"), "Collate('name', 'nocase')"),
        (public.TruncYear("at"), "TruncYear('at', 'year')"),
        (public.Replace("name", Value("a")), "Replace('name', Value('a'), Value(''))"),
        (public.Now(), "Now()"),
    ],
)
def test_repr(expression: Any, shown: str) -> None:
    assert repr(expression) == shown


@pytest.mark.parametrize(
    "expression",
    [public.Left("name", 2), public.TruncYear("at"), public.Cast("n", int), public.JSONObject(a="n")],
)
def test_expressions_can_be_pickled(expression: Any) -> None:
    again = pickle.loads(pickle.dumps(expression))
    assert (repr(again), again.option) == (repr(expression), expression.option)


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("count", [0, 1, 4])
def test_a_call_by_name_fails_with_an_error_of_ours_only(db: Database, name: str, count: int) -> None:
    called = Func(*["n", "name", "at", "r"][:count], function=name)
    for expression in (called, Window(called, order_by="id")):
        with suppress(NoormmeError):  # and nothing else
            assert len(db.things.annotate(x=expression)) >= 1


def test_a_function_of_the_database_is_called_by_its_name(
    computed: Callable[[Any], tuple[str, list[Any]]],
) -> None:
    assert computed(Func("code", function="ltrim")) == ('ltrim("things"."code")', ["ab", None, "AB"])


@pytest.mark.sqlite("has these functions")
def test_a_function_of_sqlite(computed: Callable[[Any], tuple[str, list[Any]]]) -> None:
    assert computed(Func("code", function="hex")) == ('hex("things"."code")', ["6162", "", "4142"])
    assert computed(Func("code", Value("b"), function="instr", output_field=int)) == (
        'instr("things"."code", ?)',
        [2, None, 0],
    )
