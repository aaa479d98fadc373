"""Hostile values at every lookup: the rows are those of a plain Python model, and no value is in the SQL."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any

import apsw
import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from noormme import Database, InvalidValue, connect
from tests.hostile.pool import TEXTS, lone_surrogates, texts
from tests.hostile.semantics import COMPARISONS, LOOKUPS, TEXT_LOOKUPS

# What others show with one name or value, with hundreds: nothing that coverage has not counted there.
pytestmark = pytest.mark.unmeasured

INTEGERS = [0, 1, -1, 2, 10, 255, 2**31, -(2**31), 2**53, 2**53 + 1, 2**63 - 1, -(2**63), 12, 21, 120]
REALS = [0.0, -0.0, 1.0, 1.5, -1.5, 0.1, 1e300, -1e300, 5e-324, math.inf, -math.inf, 2.0**53, 2.0**63]
BLOBS = [b"", b"\0", b"\xff", b"abc", b"a\0b", b"'; --", b"%_\\", "é".encode(), bytes(range(256))]
MIXED: list[Any] = [*INTEGERS[:6], *REALS[2:6], *TEXTS[:30], "12", "1.5", *BLOBS]

COLUMNS: dict[str, list[Any]] = {
    "word": TEXTS,
    "number": INTEGERS,
    "size": REALS,
    "data": BLOBS,
    "mixed": MIXED,
}


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """Each column in a table of its own, with a table that refers to it."""
    path = tmp_path_factory.mktemp("hostile") / "values.db"
    connection = apsw.Connection(str(path))
    connection.execute("BEGIN")
    types = {"word": "TEXT", "number": "INTEGER", "size": "REAL", "data": "BLOB", "mixed": ""}
    for name, values in COLUMNS.items():
        connection.execute(
            f"CREATE TABLE {name}s (id INTEGER PRIMARY KEY, {name} {types[name]});"
            f"CREATE TABLE of_{name} (id INTEGER PRIMARY KEY, {name}s_id INTEGER REFERENCES {name}s(id))"
        )
        for value in [*values, None]:
            connection.execute(f"INSERT INTO {name}s ({name}) VALUES (?)", (value,))
        connection.execute(f"INSERT INTO of_{name} SELECT id, id FROM {name}s")
    connection.execute("COMMIT")
    connection.close()
    with connect(path, readonly=True) as opened:
        yield opened


def check(db: Database, column: str, lookup: str, value: Any, harmless: list[Any]) -> None:
    """Filter and exclude give what the model says, over the column and over a relation to it."""
    holds = LOOKUPS[lookup]
    stored = [*COLUMNS[column], None]
    expected = [number for number, each in enumerate(stored, 1) if each is not None and holds(each, value)]
    others = [number for number in range(1, len(stored) + 1) if number not in set(expected)]
    name = column if lookup == "exact" else f"{column}__{lookup}"
    rows = db[f"{column}s"].order_by("id").values_list("id", flat=True)
    found = rows.filter(**{name: value})
    assert list(found) == expected
    assert list(rows.exclude(**{name: value})) == others
    over = db[f"of_{column}"].order_by("id").values_list("id", flat=True)
    assert list(over.filter(**{f"{column}s__{name}": value})) == expected
    # The SQL is one of those that harmless values have, so nothing of the value is in it.
    assert found.sql().statement in {rows.filter(**{name: each}).sql().statement for each in harmless}
    if lookup == "exact":
        assert db[f"{column}s"].filter(**{name: value}).exists() is bool(expected)
        if len(expected) == 1:
            assert db[f"{column}s"].get(**{name: value}).id == expected[0]


@settings(max_examples=500, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lookup=st.sampled_from(sorted({*COMPARISONS, *TEXT_LOOKUPS} - {"in", "range", "regex", "iregex"})),
    value=texts(),
)
@example(lookup="endswith", value="")
@example(lookup="iendswith", value="")
@example(lookup="istartswith", value="")
@example(lookup="icontains", value="ss")
@example(lookup="iexact", value="k")
@example(lookup="icontains", value="b")
def test_text(db: Database, lookup: str, value: str) -> None:
    check(db, "word", lookup, value, ["x", "é"])


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=st.lists(texts(), max_size=6))
def test_lists_of_texts(db: Database, values: list[str]) -> None:
    check(db, "word", "in", values, [["x"], ["x", "a\0b"], ["\0"], []])


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(low=texts(), high=texts())
def test_ranges_of_texts(db: Database, low: str, high: str) -> None:
    check(db, "word", "range", (low, high), [("a", "b")])


PATTERNS = st.one_of(
    texts().map(re.escape),
    st.sampled_from(
        [
            "",
            "^",
            "$",
            "^a",
            "b$",
            ".",
            ".*",
            "a|b",
            "[%_]",
            r"\\",
            r"\d+",
            r"^\s*$",
            "(?s)^.{3}$",
            "(a)(b)?",
            "é|É",
        ]
    ),
    st.from_regex(r"[a-c%_']{0,4}[.*?$]?", fullmatch=True),
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lookup=st.sampled_from(["regex", "iregex"]), pattern=PATTERNS)
def test_patterns(db: Database, lookup: str, pattern: str) -> None:
    try:
        re.compile(pattern)
        re.compile(f"(?i){pattern}")
    except re.error:
        assume(False)
    check(db, "word", lookup, pattern, ["x"])


NUMBERS = st.one_of(
    st.sampled_from(INTEGERS),
    st.sampled_from([each for each in REALS if math.isfinite(each)]),
    st.integers(-(2**70), 2**70),
    st.integers(-20, 20),
    st.sampled_from([2**64, -(2**64), 2**63, 10**400, -(10**400)]),
    st.booleans(),
    st.floats(allow_nan=False),
)


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    column=st.sampled_from(["number", "size"]),
    lookup=st.sampled_from(["exact", "gt", "gte", "lt", "lte"]),
    value=NUMBERS,
)
def test_numbers(db: Database, column: str, lookup: str, value: float) -> None:
    check(db, column, lookup, value, [1])


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(column=st.sampled_from(["number", "size"]), values=st.lists(NUMBERS, max_size=5))
@example(column="number", values=[2**53 + 1, 0.5])
@example(column="number", values=[10**400, 1])
def test_lists_and_ranges_of_numbers(db: Database, column: str, values: list[Any]) -> None:
    # Reals cannot tell these integers apart, and integers cannot hold those: one list cannot be both.
    narrow = [value for value in values if -(2**63) <= value < 2**63]
    assume(len(narrow) == len(values) or all(abs(value) <= 2**53 for value in narrow))
    harmless = [[], [1], [1.5], [1, 1.5]]
    check(db, column, "in", values, [*harmless, [True], [True, 1.5], [1.5, 1]])
    if len(values) >= 2:
        check(db, column, "range", values[:2], [(1, 2)])


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lookup=st.sampled_from(
        ["contains", "startswith", "endswith", "icontains", "istartswith", "iendswith", "iexact"]
    ),
    value=st.sampled_from(["", "1", "2", "12", "-", "-1", "0", "255", "9", "e", ".", "%", "_", "é"])
    | texts(),
)
def test_text_of_numbers(db: Database, lookup: str, value: str) -> None:
    check(db, "number", lookup, value, ["x", "é"])


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lookup=st.sampled_from(["exact", "gt", "gte", "lt", "lte"]),
    value=st.one_of(st.sampled_from(BLOBS), st.binary(max_size=6)),
)
def test_bytes(db: Database, lookup: str, value: bytes) -> None:
    check(db, "data", lookup, value, [b"x"])
    check(db, "data", "in", [value, b"abc"], [[b"x"]])


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lookup=st.sampled_from(["exact", "gt", "gte", "lt", "lte"]),
    value=st.one_of(st.sampled_from(MIXED), NUMBERS, texts(), st.binary(max_size=4)),
)
def test_a_column_without_a_type(db: Database, lookup: str, value: Any) -> None:
    check(db, "mixed", lookup, value, [1])


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=st.lists(st.one_of(st.sampled_from(MIXED), texts()), max_size=6))
def test_lists_of_anything(db: Database, values: list[Any]) -> None:
    found = db.mixeds.filter(mixed__in=values)
    stored = [*MIXED, None]
    expected = [
        number
        for number, each in enumerate(stored, 1)
        if each is not None and COMPARISONS["in"](each, values)
    ]
    assert list(found.order_by("id").values_list("id", flat=True)) == expected
    assert found.sql().statement.count("?") == len(found.sql().parameters)
    for value in values:
        if isinstance(value, str) and len(value) > 8:
            assert value not in found.sql().statement


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lookup=st.sampled_from(sorted(LOOKUPS)), value=lone_surrogates)
def test_half_of_a_surrogate_pair_is_named(db: Database, lookup: str, value: str) -> None:
    given_value: Any = {"in": [value], "range": (value, value)}.get(lookup, value)
    with pytest.raises(InvalidValue, match="surrogate") as caught:
        list(db.words.filter(**{f"word__{lookup}": given_value}))
    assert value not in str(caught.value)
    with pytest.raises(InvalidValue):
        list(db.words.exclude(**{f"word__{lookup}": given_value}).iterator())


@pytest.mark.parametrize("lookup", ["exact", "gt", "in", "range"])
@pytest.mark.parametrize("column", ["number", "size", "mixed"])
def test_what_is_not_a_number_is_named(db: Database, column: str, lookup: str) -> None:
    value: Any = {"in": [math.nan], "range": (math.nan, 1)}.get(lookup, math.nan)
    with pytest.raises(InvalidValue):
        list(db[f"{column}s"].filter(**{f"{column}__{lookup}": value}))


@pytest.mark.parametrize("length", [10_000, 30_000, 60_000, 1_000_000])
@pytest.mark.parametrize("letter", ["x", "%", "é", "\\"])
@pytest.mark.parametrize("lookup", ["exact", "icontains", "iexact", "startswith", "in"])
def test_long_values(db: Database, lookup: str, letter: str, length: int) -> None:
    value: Any = letter * length
    assert list(db.words.filter(**{f"word__{lookup}": [value] if lookup == "in" else value})) == []


def test_many_values(db: Database) -> None:
    values = [*(f"w{number}" for number in range(100_000)), "o'Hara", "a\0b"]
    assert list(db.words.filter(word__in=values).order_by("id").values_list("word", flat=True)) == [
        "o'Hara",
        "a\0b",
    ]
    assert db.numbers.filter(number__in=range(100_000)).count() == 8
    assert db.numbers.filter(number__in={12, 21, None}).count() == 2


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=texts(), other=texts())
def test_values_inside_expressions(db: Database, value: str, other: str) -> None:
    from noormme import Count, Max, Q

    query = db.words.filter(Q(word=value) | ~Q(word__contains=other) | Q(word__in=[value, other]))
    expected = sum(
        each is None or each == value or other not in each or each in (value, other)
        for each in [*TEXTS, None]
    )
    assert query.count() == expected
    found = db.words.aggregate(
        n=Count("id", filter=Q(word=value)), m=Max("word", filter=Q(word=value), default=other)
    )
    assert found == {"n": TEXTS.count(value), "m": value if value in TEXTS else other}
    assert (
        query.sql().statement
        == db.words.filter(Q(word="x") | ~Q(word__contains="y") | Q(word__in=["z"])).sql().statement
        or "\0" in value + other
    )
