"""Values as other types, and choices between values: what PostgreSQL 15 gives, and the SQL."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from noormme import Case, Database, F, Value, When
from noormme.errors import InvalidQuery, QueryFailed, UsageError
from noormme.functions import Cast, Coalesce, Collate, Greatest, Least, NullIf

V = Value
D = Decimal
_ID = UUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8")

CASES = [
    (Cast(V(2.5), int), "2.5::float8::int", 2),
    (Cast(V(3.5), int), "3.5::float8::int", 4),
    (Cast(V(-2.5), int), "-2.5::float8::int", -2),
    (Cast(V(D("2.5")), int), "2.5::int", 3),
    (Cast(V(D("-2.5")), int), "(-2.5)::int", -3),
    (Cast(V("12"), int), "'12'::int", 12),
    (Cast(V(" +12 "), int), "' +12 '::int", 12),
    (Cast(V(True), int), "true::int", 1),
    (Cast(V(None), int), "null::int", None),
    (Cast(V("1e3"), float), "'1e3'::float8", 1000.0),
    (Cast(V(" .5"), float), "' .5'::float8", 0.5),
    (Cast(V("5."), float), "'5.'::float8", 5.0),
    (Cast(V(7), float), "7::float8", 7.0),
    (Cast(V(D("1.005")), float), "1.005::float8", 1.005),
    (Cast(V(7), Decimal), "7::numeric", D(7)),
    (Cast(V("1.005"), Decimal), "'1.005'::numeric", D("1.005")),
    (Cast(V(0.1), Decimal), "0.1::float8::numeric", D("0.1")),
    (Cast(V(7), str), "7::text", "7"),
    (Cast(V(1.0), str), "1.0::float8::text", "1"),
    (Cast(V(0.1), str), "0.1::float8::text", "0.1"),
    (Cast(V(1e14), str), "1e14::float8::text", "100000000000000"),
    (Cast(V(True), str), "true::text", "true"),
    (Cast(V(D("1.5")), str), "'1.5'::numeric::text", "1.5"),
    (
        Cast(V(datetime(2024, 1, 2, 10, 30, 0, 500_000)), str),
        "timestamp '2024-01-02 10:30:00.5'::text",
        "2024-01-02 10:30:00.5",
    ),
    (Cast(V(date(2024, 1, 2)), str), "date '2024-01-02'::text", "2024-01-02"),
    (Cast(V(time(10, 30)), str), "time '10:30'::text", "10:30:00"),
    (Cast(V(b"ab"), str), "'ab'::bytea::text", "\\x6162"),
    (Cast(V(_ID), str), f"'{_ID}'::uuid::text", str(_ID)),
    (Cast(V("tr"), bool), "'tr'::bool", True),
    (Cast(V(" YES "), bool), "' YES '::bool", True),
    (Cast(V("of"), bool), "'of'::bool", False),
    (Cast(V("0"), bool), "'0'::bool", False),
    (Cast(V(5), bool), "5::bool", True),
    (Cast(V(0), bool), "0::bool", False),
    (Cast(V("2024-01-02"), date), "'2024-01-02'::date", date(2024, 1, 2)),
    (
        Cast(V(datetime(2024, 1, 2, 23, 59, 59, 999_999)), date),
        "timestamp '2024-01-02 23:59:59.999999'::date",
        date(2024, 1, 2),
    ),
    (Cast(V(date(2024, 1, 2)), datetime), "date '2024-01-02'::timestamp", datetime(2024, 1, 2)),
    (Cast(V("2024-01-02 10:30"), datetime), "'2024-01-02 10:30'::timestamp", datetime(2024, 1, 2, 10, 30)),
    (Cast(V(datetime(2024, 1, 2, 10, 30)), time), "timestamp '2024-01-02 10:30'::time", time(10, 30)),
    (Cast(V("10:30"), time), "'10:30'::time", time(10, 30)),
    (Cast(V("é"), bytes), "convert_to('é', 'UTF8')", "é".encode()),
    (Cast(V("\\x6162"), bytes), "'\\x6162'::bytea", b"ab"),
    (
        Cast(V("{6BA7B810-9DAD-11D1-80B4-00C04FD430C8}"), UUID),
        "'{6BA7B810-9DAD-11D1-80B4-00C04FD430C8}'::uuid",
        _ID,
    ),
    (Coalesce(V(None), V(1), V(2)), "coalesce(null, 1, 2)", 1),
    (Coalesce(V(None), V(None)), "coalesce(null, null)", None),
    (Coalesce(V(1), V(2.5)), "coalesce(1, 2.5::float8)", 1.0),
    (Coalesce(V(1), V(D("2.5"))), "coalesce(1, 2.5)", D(1)),
    (Greatest(V(1), V(None), V(3)), "greatest(1, null, 3)", 3),
    (Greatest(V("b"), V("B"), V("a")), "greatest('b' collate \"C\", 'B', 'a')", "b"),
    (Greatest(V(2), V(1.5)), "greatest(2, 1.5::float8)", 2.0),
    (Greatest(V(D("10.5")), V(D(9))), "greatest(10.5, 9)", D("10.5")),
    (Least(V(None), V(None)), "least(null, null)", None),
    (Least(V(2), V(None)), "least(2, null)", 2),
    (Least(V(D("10.5")), V(9)), "least(10.5, 9)", D(9)),
    (
        Least(V(date(2024, 1, 2)), V(date(2023, 5, 1))),
        "least(date '2024-01-02', date '2023-05-01')",
        date(2023, 5, 1),
    ),
    (NullIf(V(1), V(1)), "nullif(1, 1)", None),
    (NullIf(V(1), V(2)), "nullif(1, 2)", 1),
    (NullIf(V(D("1.50")), V(D("1.5"))), "nullif(1.50, 1.5)", None),
    (NullIf(V(1), V(None)), "nullif(1, null)", 1),
]


@pytest.mark.parametrize(("expression", "postgresql", "expected"), CASES, ids=[case[1] for case in CASES])
def test_values(value: Callable[[Any], Any], expression: Any, postgresql: str, expected: Any) -> None:
    found = value(expression)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.otherwise("mysql", "writes a float as 1e15, and as 0.00001")
@pytest.mark.parametrize(
    ("number", "expected"),
    [
        # PostgreSQL: select 1e15::float8::text
        (1e15, "1e+15"),
        (1234567890123456.0, "1.234567890123456e+15"),
        (1e20, "1e+20"),
        (1e-5, "1e-05"),
    ],
)
def test_floats_with_an_exponent(value: Callable[[Any], Any], number: float, expected: str) -> None:
    assert value(Cast(V(number), str)) == expected


@pytest.mark.sqlite("keeps no zeros at the end of a decimal")
def test_a_decimal_as_text(value: Callable[[Any], Any]) -> None:
    assert value(Cast(V(D("1.50")), str)) == "1.5"


@pytest.mark.parametrize(
    "expression",
    [
        Cast(V("1.5"), int),
        Cast(V("seven"), int),
        Cast(V(""), int),
        Cast(V("1_000"), int),
        Cast(V("٣"), int),  # a digit, but not one of SQL's
        Cast(V("9" * 30), int),
        Cast(V(1e30), int),
        Cast(V("one"), float),
        Cast(V("1e999"), float),
        Cast(V("1,5"), Decimal),
        Cast(V("o"), bool),
        Cast(V("maybe"), bool),
        Cast(V("soon"), date),
        Cast(V("2024-02-30"), datetime),
        Cast(V("25:00"), time),
        Cast(V("\\x6"), bytes),
        Cast(V("6ba7b810"), UUID),
        Cast(V("{"), dict),
    ],
)
def test_where_postgresql_raises_there_is_no_result(nothing: Callable[[Any], None], expression: Any) -> None:
    nothing(expression)


@pytest.mark.parametrize(
    ("expression", "sql", "rows"),
    [
        (Cast("r", int), 'noormme_integer("things"."r", \'real\')', [2, None, -2]),
        (Cast("d", int), 'noormme_integer("things"."d", \'decimal\')', [1, None, -2]),
        (Cast("n", float), 'noormme_real("things"."n")', [7.0, None, -7.0]),
        (Cast("n", Decimal), 'noormme_decimal("things"."n")', [D(7), None, D(-7)]),
        (Cast("done", str), 'noormme_text("things"."done", \'boolean\')', ["true", None, "false"]),
        (Cast("thing", str), 'noormme_text("things"."thing", \'any\')', ["5", None, "x"]),
        (Cast("n", bool), 'noormme_boolean("things"."n", \'integer\')', [True, None, True]),
        (
            Cast("at", date),
            'date(noormme_datetime("things"."at"))',
            [date(2024, 2, 29), None, date(2023, 12, 31)],
        ),
        (
            Cast("due", datetime),
            'noormme_datetime("things"."due")',
            [datetime(2024, 2, 29), None, datetime(2023, 12, 31)],
        ),
        (Cast("at", time), 'noormme_time("things"."at")', [time(10, 30, 15, 250_000), None, time()]),
        (Cast("code", bytes), 'noormme_blob("things"."code")', [b"ab", None, b"AB"]),
        (
            Cast(Cast("ref", str), UUID),
            'noormme_uuid(noormme_uuid("things"."ref"))',
            [_ID, None, UUID(int=0)],
        ),
        (Cast("n", int), 'noormme_integer("things"."n", \'integer\')', [7, None, -7]),
        (Coalesce("name", V("?")), 'coalesce("things"."name", ?)', ["Ölga Straße", "?", "bob"]),
        (Coalesce("n", "r"), 'CAST(coalesce("things"."n", "things"."r") AS REAL)', [7.0, None, -7.0]),
        (
            Coalesce("at", datetime(2000, 1, 1)),
            'coalesce("things"."at", ?)',
            [datetime(2024, 2, 29, 10, 30, 15, 250_000), datetime(2000, 1, 1), datetime(2023, 12, 31)],
        ),
        pytest.param(
            *(Collate("code", "nocase"), '"things"."code" COLLATE nocase', ["ab", None, "AB"]),
            marks=pytest.mark.sqlite("collations have other names"),
        ),
        (Greatest("n", "r"), 'CAST(noormme_greatest("things"."n", "things"."r") AS REAL)', [7.0, None, -2.5]),
        (Greatest("n", 0), 'noormme_greatest("things"."n", ?)', [7, 0, 0]),
        (Least("d", 0), 'noormme_least(CAST("things"."d" AS NUMERIC), ?)', [D(0), D(0), D(-2)]),
        (NullIf("code", V("AB")), 'nullif("things"."code", ?)', ["ab", None, None]),
        (
            NullIf("d", V(D("1.0050"))),
            'CASE WHEN (CAST("things"."d" AS NUMERIC) = CAST(CAST(? AS NUMERIC) AS NUMERIC)) THEN NULL ELSE "things"."d" END',
            [None, None, D(-2)],
        ),
    ],
)
def test_sql_and_rows(
    computed: Callable[[Any], tuple[str, list[Any]]], expression: Any, sql: str, rows: list[Any]
) -> None:
    assert computed(expression) == (sql, rows)


def test_json(value: Callable[[Any], Any]) -> None:
    assert value(Cast(V('{"a": [1, null]}'), dict)) == {"a": [1, None]}
    assert json.loads(value(Cast("doc", str))) == {"a": [1, 2]}


def test_a_cast_that_no_database_has_is_refused(db: Database) -> None:
    with pytest.raises(InvalidQuery) as caught:
        list(db.things.annotate(x=Cast("at", int)))
    assert "integer of datetime" in str(caught.value)
    with pytest.raises(InvalidQuery):
        list(db.things.annotate(x=Cast("done", float)))
    with pytest.raises(UsageError):
        Cast("n", complex)


@pytest.mark.otherwise("postgresql", "the statement fails")
def test_a_cast_that_fails_in_one_row_leaves_the_others(db: Database) -> None:
    found = db.things.annotate(x=Cast("thing", int)).order_by("id").values_list("x", flat=True)
    assert list(found) == [5, None, None]


@pytest.mark.sqlite("collations have other names")
def test_collations(db: Database) -> None:
    query = db.things.filter(code__isnull=False).order_by(Collate("code", "nocase"), "-id")
    assert [row.id for row in query] == [3, 1]
    assert [
        row.id for row in db.things.annotate(c=Collate("code", "nocase")).filter(c="Ab").order_by("id")
    ] == [1, 3]
    with pytest.raises(QueryFailed):
        list(db.things.order_by(Collate("code", "elsewhere")))


@pytest.mark.parametrize("name", ["", "a b", 'a"b', "a;", "ä", "1a", None, "a\n"])
def test_names_of_collations_are_checked(name: Any) -> None:
    with pytest.raises(UsageError, match="name of a collation"):
        Collate("name", name)


def test_moments_in_several_forms_are_compared_as_moments(opened: Callable[..., Database]) -> None:
    db = opened(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a DATETIME, b DATETIME, c DATE);"
        "INSERT INTO t VALUES (1, '2024-01-02 10:00:00', 1704189600500, '2024-01-02');"
        "INSERT INTO t VALUES (2, NULL, 1704189600000, '2024-01-03');"
    )
    values = db.t.order_by("id").annotate(x=Greatest("a", "b"), y=Coalesce("a", "b"), z=Least("c", "b"))
    assert list(values.values_list("x", "y", "z")) == [
        (datetime(2024, 1, 2, 10, 0, 0, 500_000), datetime(2024, 1, 2, 10), datetime(2024, 1, 2)),
        (datetime(2024, 1, 2, 10), datetime(2024, 1, 2, 10), datetime(2024, 1, 2, 10)),
    ]
    assert db.t.filter(id=2).annotate(y=Coalesce("a", "b")).filter(y=datetime(2024, 1, 2, 10)).count() == 1


def test_with_a_zone_in_the_settings_moments_are_aware(opened: Callable[..., Database]) -> None:
    db = opened(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a DATETIME, b DATETIME);"
        "INSERT INTO t VALUES (1, '2024-01-02 10:00:00', 1704189600000)",
        timezone="Europe/Berlin",
    )
    (first, last) = db.t.annotate(x=Least("a", "b"), y=Greatest("a", "b")).values_list("x", "y").get()
    assert first == datetime(2024, 1, 2, 9, tzinfo=UTC)
    assert last == datetime(2024, 1, 2, 10, tzinfo=UTC)


def test_booleans_that_are_stored_as_words(opened: Callable[..., Database]) -> None:
    db = opened(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, done BOOLEAN);"
        "INSERT INTO t VALUES (1, 't'), (2, 'f'), (3, NULL)"
    )
    found = db.t.order_by("id").annotate(x=Cast("done", int), y=Cast("done", str), z=Coalesce("done", False))
    assert list(found.values_list("x", "y", "z")) == [
        (1, "true", True),
        (0, "false", False),
        (None, None, False),
    ]


def test_references_may_be_expressions(value: Callable[[Any], Any]) -> None:
    assert value(Coalesce(NullIf(F("n") - 7, 0), "n")) == 7


def test_one_column_with_several_forms_is_chosen_from_as_it_is(opened: Callable[..., Database]) -> None:
    db = opened(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a DATETIME, d DATE);"
        "INSERT INTO t VALUES (1, 1000, '2020-01-01'), (2, 1704189600000, '2020-01-01'), (3, 1704189601000, NULL),"
        " (4, '2024-01-02 10:00:02', NULL), (5, NULL, NULL)"
    )
    moments = [datetime(1970, 1, 1, 0, 0, 1), *(datetime(2024, 1, 2, 10, 0, second) for second in range(3))]
    query = db.t.order_by("id").annotate(
        x=Coalesce("a", datetime(2000, 1, 1)), y=NullIf("a", "d"), z=Greatest("a", datetime(2000, 1, 1))
    )
    rows = list(query.values_list("x", "y", "z"))
    assert [row[0] for row in rows] == [*moments, datetime(2000, 1, 1)]
    assert [row[1] for row in rows] == [*moments, None]
    assert [row[2] for row in rows] == [datetime(2000, 1, 1), *moments[1:], datetime(2000, 1, 1)]


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        # PostgreSQL: select case when id = 1 then n else r end from things
        ("n", "r", [7.0, None, -2.5]),
        ("r", "n", [2.5, None, -7.0]),
        ("d", "r", [1.005, None, -2.5]),
        ("r", "d", [2.5, None, -2.0]),
        ("n", "d", [D("7"), None, D("-2")]),
    ],
)
def test_numbers_of_several_kinds_have_one_in_common(
    db: Database, one: str, other: str, expected: list[Any]
) -> None:
    case = db.things.annotate(x=Case(When(id=1, then=one), default=other)).order_by("id")
    assert [(type(x), x) for x in case.values_list("x", flat=True)] == [(type(x), x) for x in expected]
    both = db.things.annotate(x=Coalesce(NullIf(one, one), other)).order_by("id").values_list("x", flat=True)
    assert {type(x) for x in both} == {type(x) for x in expected}


@pytest.mark.parametrize(
    "expression",
    [
        F("d") * V(D("1.7")),
        Coalesce(F("d") * V(D("1.7")), "d"),
        Greatest(F("d") * V(D("1.7")), "d"),
        Case(When(n=7, then=F("d") * V(D("1.7"))), default="d"),
    ],
)
def test_a_computed_decimal_beside_a_column_has_the_digits_that_are_sure(
    value: Callable[[Any], Any], expression: Any
) -> None:
    assert 1.005 * 1.7 != 1.7085
    assert value(expression) == D("1.7085")
