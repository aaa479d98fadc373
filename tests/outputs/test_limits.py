"""Limits: what CHECK, declared lengths and ENUM say of a column, put together."""

from __future__ import annotations

import pytest

from noormme.schema.limits import Limits, limits_of
from noormme.schema.model import Check, Column, Table


def limits(declared: str, kind: str, *checks: str) -> Limits:
    table = Table(
        "t", columns=(Column("c", "c", declared, kind),), checks=tuple(Check(each) for each in checks)
    )
    return limits_of(table).get("c", Limits())


@pytest.mark.parametrize(
    ("declared", "kind", "checks", "expected"),
    [
        ("text", "text", (), {}),
        ("varchar(20)", "text", (), {"max_length": 20}),
        ("varchar(20)", "text", ("length(c) <= 10",), {"max_length": 10}),
        ("varchar(20)", "text", ("length(c) < 30 and length(c) > 2",), {"min_length": 3, "max_length": 20}),
        ("text", "text", ("length(c) > -5",), {"min_length": 0}),
        ("integer", "integer", ("c between 1 and 5",), {"ge": 1, "le": 5}),
        ("integer", "integer", ("c > 0", "c >= 3"), {"ge": 3}),
        ("integer", "integer", ("c > 3", "c >= 3"), {"gt": 3}),
        ("integer", "integer", ("c < 9", "c <= 9"), {"lt": 9}),
        ("integer", "integer", ("c < 9", "c <= 5"), {"le": 5}),
        ("integer", "integer", ("c >= 0.5",), {}),
        ("real", "real", ("c >= 0.5",), {"ge": 0.5}),
        ("real", "real", ("c > 0", "c < 0.5"), {"gt": 0, "lt": 0.5}),
        ("any", "any", ("length(c) < 5",), {}),
    ],
)
def test_bounds(declared: str, kind: str, checks: tuple[str, ...], expected: dict[str, float]) -> None:
    assert limits(declared, kind, *checks).bounds == expected


def test_lists_of_values() -> None:
    assert limits("text", "text", "c in ('a', 'b')").values == ("a", "b")
    assert limits("text", "text", "c in ('a', 'b', 'c')", "c in ('c', 'b')").values == ("b", "c")
    assert limits("integer", "integer", "c in (1, 2)").values == (1, 2)
    assert limits("enum('s','m','it''s')", "text").values == ("s", "m", "it's")
    assert limits("set('a','b')", "text").values == ()
