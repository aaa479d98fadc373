"""Functions of numbers: what PostgreSQL 15 gives, and the SQL."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from noormme import Database, Value
from noormme.functions import (
    Abs,
    ACos,
    ASin,
    ATan,
    ATan2,
    Ceil,
    Cos,
    Cot,
    Degrees,
    Exp,
    Floor,
    Ln,
    Log,
    Mod,
    Pi,
    Power,
    Radians,
    Random,
    Round,
    Sign,
    Sin,
    Sqrt,
    Tan,
)

V = Value
D = Decimal

RAISES = pytest.mark.otherwise("postgresql", "the statement fails where there is no result")

CASES = [
    (Abs(V(-7)), "abs(-7)", 7),
    (Abs(V(-2.5)), "abs(-2.5::float8)", 2.5),
    (Abs(V(D("-1.005"))), "abs(-1.005)", D("1.005")),
    (ACos(V(0.5)), "acos(0.5)", 1.0471975511965979),
    (ASin(V(1)), "asin(1)", 1.5707963267948966),
    (ATan(V(1)), "atan(1)", 0.7853981633974483),
    (ATan2(V(1), V(2)), "atan2(1, 2)", 0.4636476090008061),
    (Ceil(V(-1.5)), "ceil(-1.5::float8)", -1.0),
    (Ceil(V(D("1.5"))), "ceil(1.5)", D(2)),
    (Ceil(V(3)), "ceil(3)::int", 3),
    (Floor(V(-1.5)), "floor(-1.5::float8)", -2.0),
    (Floor(V(D("-1.5"))), "floor(-1.5)", D(-2)),
    (Cos(V(1)), "cos(1)", 0.5403023058681398),
    (Cot(V(1)), "cot(1)", 0.6420926159343306),
    (Degrees(V(math.pi)), "degrees(pi())", 180.0),
    (Radians(V(180)), "radians(180)", math.pi),
    (Exp(V(1)), "exp(1::float8)", math.e),
    (Exp(V(0)), "exp(0::float8)", 1.0),
    (Ln(V(10)), "ln(10::float8)", 2.302585092994046),
    (Log(V(10), V(1000)), "log(10, 1000)::float8", 3.0),
    (Log(V(2), V(8)), "log(2, 8)::float8", 3.0),
    (Log(V(0.5), V(8)), "log(0.5, 8)::float8", -3.0),
    (Log(V(5), V(125)), "log(5, 125)::float8", 3.0),
    (Mod(V(7), V(-3)), "mod(7, -3)", 1),
    (Mod(V(-7), V(3)), "mod(-7, 3)", -1),
    (Mod(V(5.4), V(0.2)), "mod(5.4, 0.2)::float8", 0.0),
    (Mod(V(D("5.5")), V(2)), "mod(5.5, 2)", D("1.5")),
    (Pi(), "pi()", math.pi),
    (Power(V(2), V(10)), "power(2, 10)::float8", 1024.0),
    (Power(V(2), V(0.5)), "power(2, 0.5::float8)", 1.4142135623730951),
    (Power(V(-8), V(3)), "power(-8, 3)::float8", -512.0),
    (Round(V(D("2.5"))), "round(2.5)", D(3)),
    (Round(V(D("-2.5"))), "round(-2.5)", D(-3)),
    (Round(V(D("2.675")), 2), "round(2.675, 2)", D("2.68")),
    (Round(V(2.675), 2), "round(2.675::float8::numeric, 2)", 2.68),
    (Round(V(0.5)), "round(0.5::float8::numeric)", 1.0),
    (Round(V(1250), -2), "round(1250, -2)", 1300),
    (Round(V(-5), -1), "round(-5, -1)", -10),
    (Round(V(44.4), -2), "round(44.4, -2)", 0.0),
    (Round(V(7), 2), "round(7, 2)::int", 7),
    (Round(V(1e300), 3), "round(1e300::float8::numeric, 3)::float8", 1e300),
    (Sign(V(-7)), "sign(-7)::int", -1),
    (Sign(V(-2.5)), "sign(-2.5::float8)", -1.0),
    (Sign(V(D(0))), "sign(0::numeric)", D(0)),
    (Sin(V(1)), "sin(1)", 0.8414709848078965),
    (Sqrt(V(2)), "sqrt(2::float8)", 1.4142135623730951),
    (Sqrt(V(D("2.25"))), "sqrt(2.25)", D("1.5")),
    (Tan(V(1)), "tan(1)", 1.5574077246549023),
]


@pytest.mark.parametrize(("expression", "postgresql", "expected"), CASES, ids=[case[1] for case in CASES])
def test_values(value: Callable[[Any], Any], expression: Any, postgresql: str, expected: Any) -> None:
    found = value(expression)
    assert found == (pytest.approx(expected, rel=1e-15) if isinstance(expected, float) else expected)
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    "expression",
    [
        ACos(V(2)),
        pytest.param(Cot(V(0)), marks=pytest.mark.otherwise("postgresql", "gives infinity")),
        Exp(V(1000)),
        Ln(V(0)),
        Log(V(1), V(8)),
        Log(V(-2), V(8)),
        Log(V(2), V(0)),
        Power(V(0), V(-1)),
        Power(V(-8), V(0.5)),
        Power(V(10), V(400)),
        V(0) ** V(-1),
        V(-8) ** V(0.5),
        V(10.0) ** V(400),
        Sqrt(V(-1)),
        pytest.param(
            Round(V(2**63 - 1), -1), marks=pytest.mark.otherwise("mysql", "has decimals that are larger")
        ),
    ],
)
def test_where_postgresql_raises_there_is_no_result(nothing: Callable[[Any], None], expression: Any) -> None:
    nothing(expression)


@pytest.mark.parametrize(
    ("expression", "sql", "rows"),
    [
        (Abs("n"), 'abs("things"."n")', [7, None, 7]),
        (Abs("d"), 'abs(CAST("things"."d" AS NUMERIC))', [D("1.005"), None, D(2)]),
        (ACos(Sign("n")), 'acos(sign("things"."n"))', [0.0, None, math.pi]),
        (ASin(Sign("n")), 'asin(sign("things"."n"))', [math.pi / 2, None, -math.pi / 2]),
        (ATan("r"), 'atan("things"."r")', [math.atan(2.5), None, math.atan(-2.5)]),
        (
            ATan2("r", "n"),
            'atan2("things"."r", "things"."n")',
            [math.atan2(2.5, 7), None, math.atan2(-2.5, -7)],
        ),
        (Ceil("r"), 'ceil("things"."r")', [3.0, None, -2.0]),
        (Floor("r"), 'floor("things"."r")', [2.0, None, -3.0]),
        (Cos("r"), 'cos("things"."r")', [math.cos(2.5), None, math.cos(2.5)]),
        (Sin("r"), 'sin("things"."r")', [math.sin(2.5), None, -math.sin(2.5)]),
        (Tan("r"), 'tan("things"."r")', [math.tan(2.5), None, -math.tan(2.5)]),
        (Cot("r"), '(1.0 / tan("things"."r"))', [1 / math.tan(2.5), None, -1 / math.tan(2.5)]),
        (Degrees("n"), 'degrees("things"."n")', [math.degrees(7), None, math.degrees(-7)]),
        (Radians("n"), 'radians("things"."n")', [math.radians(7), None, math.radians(-7)]),
        (Exp("r"), 'noormme_exp("things"."r")', [math.exp(2.5), None, math.exp(-2.5)]),
        pytest.param(*(Ln("n"), 'ln("things"."n")', [math.log(7), None, None]), marks=RAISES),
        pytest.param(
            *(Log(10, "n"), 'noormme_log(?, "things"."n")', [math.log10(7), None, None]), marks=RAISES
        ),
        (Mod("n", 4), 'noormme_mod("things"."n", ?)', [3, None, -3]),
        (Power("n", 2), 'noormme_power("things"."n", ?)', [49.0, None, 49.0]),
        (Round("r"), 'noormme_round("things"."r", ?)', [3.0, None, -3.0]),
        (Round("d", 2), 'noormme_round(CAST("things"."d" AS NUMERIC), ?)', [D("1.01"), None, D(-2)]),
        (Sign("r"), 'CAST(sign("things"."r") AS REAL)', [1.0, None, -1.0]),
        pytest.param(*(Sqrt("n"), 'sqrt("things"."n")', [math.sqrt(7), None, None]), marks=RAISES),
    ],
)
def test_sql_and_rows(
    computed: Callable[[Any], tuple[str, list[Any]]], expression: Any, sql: str, rows: list[Any]
) -> None:
    assert computed(expression) == (
        sql,
        [row if row is None or isinstance(row, D) else pytest.approx(row, rel=1e-14) for row in rows],
    )


@pytest.mark.parametrize(
    ("operator", "function", "expected"),
    [
        (V(5.4) % V(0.2), Mod(V(5.4), V(0.2)), 0.0),
        (V(-7.5) % V(2), Mod(V(-7.5), V(2)), -1.5),
        (V(D("5.4")) % V(D("0.2")), Mod(V(D("5.4")), V(D("0.2"))), D(0)),
        (V(-7) % V(3), Mod(V(-7), V(3)), -1),
        (V(2) ** V(-1), Power(V(2), V(-1)), 0.5),
        (V(1.5) % V(0), Mod(V(1.5), V(0)), None),
    ],
)
def test_operators_and_functions_agree(
    value: Callable[[Any], Any], operator: Any, function: Any, expected: object
) -> None:
    assert value(operator) == value(function) == expected
    assert type(value(operator)) is type(value(function)) is type(expected)


@pytest.mark.parametrize("expression", [Mod(V(7), V(0)), Mod(V(7.5), V(0)), V(7.5) % V(0), V(7) / V(0)])
def test_a_division_by_zero_has_no_result(value: Callable[[Any], Any], expression: Any) -> None:
    assert value(expression) is None


@pytest.mark.parametrize(
    ("operator", "function"),
    [(V(10) ** V(400), Power(V(10), V(400))), (V(-8.0) ** V(0.5), Power(V(-8.0), V(0.5)))],
)
def test_operators_and_functions_agree_that_there_is_no_result(
    nothing: Callable[[Any], None], operator: Any, function: Any
) -> None:
    nothing(operator)
    nothing(function)


def test_random_is_another_number_in_each_row(db: Database) -> None:
    found = [db.things.annotate(lot=Random()).values_list("lot", flat=True) for _ in range(40)]
    numbers = [number for rows in found for number in rows]
    assert all(0 <= number < 1 for number in numbers)
    assert len(set(numbers)) == 120
    assert min(numbers) < 0.2
    assert max(numbers) > 0.8


def test_text_of_a_number_counts_as_one(value: Callable[[Any], Any]) -> None:
    assert value(Round(V("2.5"))) == 3.0


def test_text_that_is_no_number_has_no_result(nothing: Callable[[Any], None]) -> None:
    nothing(Power(V("x"), V(2)))
    nothing(Sqrt(V("x")))
