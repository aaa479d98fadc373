"""CHECK constraints that Python can read."""

from __future__ import annotations

import pytest

from noormme.schema.choices import OneOf, Rule, Within, rules_of
from tests.discovery.support import only_table

STATUS = OneOf("status", ("a", "b"))


def rules(columns: str, expression: str) -> tuple[Rule, ...]:
    return rules_of(only_table(f"CREATE TABLE t ({columns}, CHECK ({expression}))"))


@pytest.mark.parametrize(
    "expression",
    [
        "status IN ('a', 'b')",
        "Status in('a','b','a')",
        "\"status\" IN ('a', 'b')",
        "[status] IN ('a', 'b')",
        "(status IN ('a', 'b'))",
        "status IS NULL OR status IN ('a', 'b')",
        "(status IN ('a', 'b')) OR (status ISNULL)",
        "status = 'a' OR status = 'b'",
        "status = 'a' OR 'b' == status OR status IS NULL",
        "status IN ('a', 'b') AND other IS NOT 5",
        "abs(other) > 0 AND (status IN ('a', 'b') AND other LIKE 'x')",
        "status /* ) */ IN ('a', -- no\n 'b')",
    ],
)
def test_choices(expression: str) -> None:
    assert rules("status TEXT, other INTEGER", expression) == (STATUS,)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("n >= 0", Within("n", low=0)),
        ("n > 0", Within("n", low=0, above=True)),
        ("0 < n", Within("n", low=0, above=True)),
        ("n < 10", Within("n", high=10, below=True)),
        ("10 >= n", Within("n", high=10)),
        ("n BETWEEN -5 AND 5.5", Within("n", low=-5, high=5.5)),
        ("n BETWEEN 1 AND 2 OR n IS NULL", Within("n", low=1, high=2)),
        ("n IN (1, 2, 3)", OneOf("n", (1, 2, 3))),
        ("n = 7", OneOf("n", (7,))),
        ("length(name) <= 50", Within("name", "length", high=50)),
        ("LENGTH(name) < 50", Within("name", "length", high=49)),
        ("length(name) > 0", Within("name", "length", low=1)),
        ("length(name) BETWEEN 2 AND 5", Within("name", "length", low=2, high=5)),
        ("2 = length ( \"name\" )", Within("name", "length", low=2, high=2)),
        ("x > 1.5", Within("x", low=1.5, above=True)),
        ("end > 1", Within("end", low=1, above=True)),
    ],
)  # fmt: skip
def test_bounds(expression: str, expected: Rule) -> None:
    assert rules('n INTEGER, name TEXT, x REAL, "end" INTEGER', expression) == (expected,)


def test_several_conditions_give_several_rules() -> None:
    found = rules("a INTEGER, b TEXT", "a BETWEEN 1 AND 2 AND b IN ('x') AND NOT a = 1 AND length(b) < 3")
    assert found == (Within("a", low=1, high=2), OneOf("b", ("x",)), Within("b", "length", high=2))


@pytest.mark.parametrize(
    "expression",
    [
        "a NOT IN ('x')",
        "NOT a IN ('x')",
        "a IN ('x', NULL)",
        "a IN ('x', b)",
        "a IN (1, 2)",
        "a IN ('x', 1)",
        "a IN ()",
        "a IN ('x') = 0",
        "a IN ('x') OR b = 1",
        "a IN ('x') OR b IS NULL",
        "a IN ('x') OR length(a) = 1",
        "a = 'x' COLLATE NOCASE",
        "a COLLATE NOCASE IN ('x')",
        "a IS NULL",
        "a IS NULL OR a IS NULL",
        "a <> 'x'",
        "a > 'x'",
        "a LIKE 'x'",
        "t.a = 'x'",
        "a = x'41'",
        "lower(a) IN ('x')",
        "'a' IN ('x')",
        "b + 1 > 5",
        "b > 5 + 1",
        "b > '5'",
        "5 > b > 4",
        "b > 12345678901234567890",
        "+b > 5",
        "length(b) > 5",
        "length(a) > 5.5",
        "length(a || b) > 5",
        "CASE WHEN b > 5 THEN 1 ELSE 0 END",
        "CASE WHEN a AND b > 5 AND b < 9 THEN 1 END",
        "c IN ('x')",
        "d IN ('x')",
        "d > 5",
        "e IN ('x')",
        "f IN ('x')",
        "g > 5",
        "b BETWEEN 1 AND a",
        "b NOT BETWEEN 1 AND 5",
        "1",
    ],
)  # fmt: skip
def test_what_is_not_certain_gives_no_rule(expression: str) -> None:
    columns = "a TEXT, b INTEGER, c TEXT COLLATE NOCASE, d NUMERIC, e XML, f DATE, g INTEGER AS (b)"
    assert rules(columns, expression) == ()


def test_parts_that_are_nested_deeply_are_left_to_the_database() -> None:
    nested = "b > 5"
    for _ in range(60):
        nested = f"b > 1 AND ({nested})"
    assert Within("b", low=1, above=True) in rules("b INTEGER", nested)
