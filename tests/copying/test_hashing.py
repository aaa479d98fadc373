"""The hash of a table: what is alike and what is not."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noormme.copying.hashing import JSON_NULL, TableHash, text_of

VALUES = st.one_of(
    st.none(),
    st.integers(),
    st.floats(),
    st.text(),
    st.binary(),
    st.booleans(),
    st.decimals(allow_nan=False),
    st.datetimes(),
    st.uuids(),
)
ROWS = st.lists(st.tuples(VALUES, VALUES), max_size=8)


def digest(*rows: tuple[object, ...]) -> str:
    found = TableHash()
    found.add(rows)
    return found.digest


@given(ROWS, st.randoms())
def test_the_order_and_the_batches_say_nothing(rows: list[tuple[object, ...]], random: object) -> None:
    mixed = list(rows)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    found = TableHash()
    for row in mixed:
        found.add([row])
    assert found.digest == digest(*rows)
    assert found.rows == len(rows)


@given(
    st.lists(st.tuples(st.text(), st.text()), max_size=6),
    st.lists(st.tuples(st.text(), st.text()), max_size=6),
)
def test_other_rows_have_another_hash(one: list[tuple[str, str]], other: list[tuple[str, str]]) -> None:
    assert (digest(*one) == digest(*other)) == (sorted(one) == sorted(other))


@pytest.mark.parametrize(
    "alike",
    [
        (1, 1.0, Decimal("1.00"), True, "1", b"1"),
        (0, -0.0, Decimal("0.000"), False),
        (1.5, Decimal("1.50"), "1.5"),
        (Decimal("1E+3"), 1000, 1000.0),
        (
            datetime(2024, 1, 1, 10, tzinfo=UTC),
            datetime(2024, 1, 1, 12, tzinfo=timezone(timedelta(hours=2))),
            datetime(2024, 1, 1, 10),
            "2024-01-01 10:00:00",
        ),
        (date(2024, 1, 1), "2024-01-01"),
        (time(10, 30), "10:30:00"),
        (timedelta(seconds=1), 1_000_000),
        (UUID(int=5), str(UUID(int=5))),
        ({"b": 1.0, "a": [None, 2]}, {"a": [None, 2.0], "b": 1}, '{"a":[null,2],"b":1}'),
        (JSON_NULL, "null"),
        (float("inf"), Decimal("Infinity"), Decimal("9E+999")),
    ],
)
def test_what_means_the_same(alike: tuple[object, ...]) -> None:
    assert len({digest((value,)) for value in alike}) == 1


def test_what_does_not() -> None:
    others = [
        None,
        "",
        "None",
        "NULL",
        0,
        JSON_NULL,
        [],
        0.1,
        Decimal("0.10000000000000001"),
        b"\xff",
        "\xff",
    ]
    assert len({digest((value,)) for value in others}) == len(others)
    # Where one value ends is part of it.
    assert digest(("a", "bc")) != digest(("ab", "c"))
    assert digest(("a",), ("a",)) != digest(("a",))
    assert digest() == "0" * 32


def test_text_that_is_not_utf_8_is_its_bytes() -> None:
    assert text_of(b"\xff\x41").encode("utf-8", "surrogateescape") == b"\xff\x41"
