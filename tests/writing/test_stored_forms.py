"""What is stored has the form that its column has, and reads back as the value that was given."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import apsw
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from noormme import Case, F, Q, Value, When
from noormme.engines.sqlite.forms import StorageForm, form_of, unit_in
from noormme.engines.sqlite.storing import affinity, storing_encoder
from noormme.engines.sqlite.values import decode
from noormme.errors import InvalidValue
from noormme.orm.writing.statements import RowPlans
from noormme.schema.model import Kind
from tests.writing.scratch import Scratch

AT = datetime(2024, 5, 6, 7, 8, 9)
IDENTIFIER = UUID("0123abcd-0123-4abc-8abc-0123456789ab")
OTHER = UUID("ffffabcd-0123-4abc-8abc-0123456789ff")

# By the declared type: a stored value that shows the form, a new value, and how that is stored.
FORMS: list[tuple[str, object, object, object]] = [
    ("DATETIME", "2020-01-01 10:00:00", AT, "2024-05-06 07:08:09"),
    ("DATETIME", "2020-01-01 10:00:00", AT.replace(microsecond=5), "2024-05-06 07:08:09.000005"),
    ("DATETIME", "2020-01-01T10:00:00", AT, "2024-05-06T07:08:09"),
    ("DATETIME", "2020-01-01T10:00:00.000Z", AT.replace(tzinfo=UTC), "2024-05-06T07:08:09.000Z"),
    ("DATETIME", "2020-01-01 10:00:00+00:00", AT.replace(tzinfo=UTC), "2024-05-06 07:08:09+00:00"),
    ("DATETIME", 1577872800, AT, 1714979289),
    ("DATETIME", 1577872800000, AT, 1714979289000),
    ("DATETIME", 2458850.5, datetime(2024, 5, 6, 12), 2460437),
    ("DATETIME", None, AT, "2024-05-06 07:08:09"),
    ("DATE", "2020-01-01", date(2024, 5, 6), "2024-05-06"),
    ("DATE", 1577836800, date(2024, 5, 6), 1714953600),
    ("DATE", 20200101, date(2024, 5, 6), 20240506),
    ("DATE", None, date(2024, 5, 6), "2024-05-06"),
    ("TIME", "10:00:00", time(7, 8, 9), "07:08:09"),
    ("TIME", "2000-01-01 10:00:00", time(7, 8, 9), "2000-01-01 07:08:09"),
    ("TIME", None, time(7, 8), "07:08:00"),
    ("BOOLEAN", 1, False, 0),
    ("BOOLEAN", "true", False, "false"),
    ("BOOLEAN", "Y", False, "N"),
    ("BOOLEAN", "t", True, "t"),
    ("BOOLEAN", None, True, 1),
    ("UUID", str(IDENTIFIER), OTHER, str(OTHER)),
    ("UUID", str(IDENTIFIER).upper(), OTHER, str(OTHER).upper()),
    ("CHAR(32)", None, "x", "x"),
    ("UUID", IDENTIFIER.hex, OTHER, OTHER.hex),
    ("UUID", IDENTIFIER.bytes, OTHER, OTHER.bytes),
    ("UUID", None, OTHER, str(OTHER)),
    ("JSON", '{"a":1}', {"b": [1, None, "ü"]}, '{"b":[1,null,"ü"]}'),
    ("JSON", '{"a":"\\u00fc"}', {"b": "ü"}, '{"b":"\\u00fc"}'),
    ("JSON", apsw.jsonb_encode({"a": 1}), {"b": 1}, apsw.jsonb_encode({"b": 1})),
    ("JSON", None, {"b": 1}, '{"b":1}'),
    ("JSON", None, 5, 5),
    ("JSON", None, "5", '"5"'),
    ("DECIMAL(10,2)", "1.50", Decimal("2.25"), 2.25),
    ("DECIMAL(10,2)", None, Decimal("2.00"), 2),
    ("DECIMAL(30,0)", None, Decimal(2**63 - 1), 2**63 - 1),
    ("DECIMAL(30,0)", None, Decimal("1E+30"), 1e30),
    ("DECIMAL", None, Decimal("-0.1"), -0.1),
    ("DECIMAL", None, Decimal("Infinity"), float("inf")),
    ("DURATION", None, timedelta(seconds=1, microseconds=5), 1_000_005),
    ("INTEGER", None, 5, 5),
    ("REAL", None, 5, 5.0),
    ("TEXT", None, "é", "é"),
    ("BLOB", None, b"\0\xff", b"\0\xff"),
    ("", None, "5", "5"),
]


def made(path: Path, declared: str, first: object) -> Scratch:
    scratch = Scratch(path, f"CREATE TABLE t (id INTEGER PRIMARY KEY, v {declared}, w {declared})")
    if first is not None:
        scratch.connection.execute("INSERT INTO t (v) VALUES (?)", (first,))
    return scratch


@pytest.mark.parametrize(("declared", "first", "value", "stored"), FORMS)
def test_a_value_takes_the_form_of_its_column(
    tmp_path: Path, declared: str, first: object, value: object, stored: object
) -> None:
    scratch = made(tmp_path / "t.db", declared, first)
    scratch.insert("t", v=value)
    scratch.insert("t", v=None)
    key = 1 if first is None else 2
    rows = scratch.rows(f"SELECT v, typeof(v) FROM t WHERE id >= {key}")
    assert rows[0] == (stored, scratch.connection.execute("SELECT typeof(?)", (stored,)).fetchall()[0][0])
    assert rows[1] == (None, "null")
    assert scratch.db.t.get(id=key).v == value
    # The condition has the same form, so what was stored is found.
    if not isinstance(value, (dict, str, int)):
        assert scratch.db.t.filter(v=value).count() == 1
    scratch.update(scratch.db.t.filter(id=key), v=None)
    scratch.update(scratch.db.t.filter(id=key), v=value)
    assert scratch.rows(f"SELECT v FROM t WHERE id = {key}") == [(stored,)]
    scratch.run(RowPlans(scratch.mapper("t")).update(("v",)), (value, key))
    assert scratch.rows(f"SELECT v FROM t WHERE id = {key}") == [(stored,)]
    scratch.close()


def test_the_first_value_that_is_written_decides_the_form(tmp_path: Path) -> None:
    scratch = made(tmp_path / "t.db", "DATETIME", None)
    plan = RowPlans(scratch.mapper("t")).insert(("v",))
    # Another program was faster: what is there when the first value is encoded decides.
    scratch.connection.execute("INSERT INTO t (v) VALUES (1577872800000)")
    scratch.run(plan, (None,))
    scratch.run(plan, (AT,))
    assert scratch.rows("SELECT v FROM t") == [(1577872800000,), (None,), (1714979289000,)]
    plan = RowPlans(scratch.mapper("t")).insert(("w",))
    scratch.run(plan, (AT,))
    scratch.connection.execute("UPDATE t SET w = 5 WHERE w IS NOT NULL")
    scratch.run(plan, (AT,))
    assert scratch.rows("SELECT w FROM t WHERE w IS NOT NULL") == [(5,), ("2024-05-06 07:08:09",)]
    scratch.close()


def test_a_form_is_looked_up_once(tmp_path: Path) -> None:
    scratch = made(tmp_path / "t.db", "DATETIME", None)
    asked: list[tuple[str, str]] = []
    dialect = scratch.db.t._mapper.registry.engine.dialect  # type: ignore[attr-defined]
    sample = dialect._sample
    dialect._sample = lambda table, column: asked.append((table, column)) or sample(table, column)
    guesses = dialect.guesses
    plans = RowPlans(scratch.mapper("t"))
    plan = plans.insert(("v",))
    assert asked == []
    for _ in range(3):
        scratch.run(plan, (AT,))
    assert asked == [("t", "v")]
    assert dialect.guesses == guesses
    assert plans.insert(("v",)) is plan
    scratch.close()


# -- from one form to another -------------------------------------------------------------------------

CONVERSIONS: list[tuple[str, str, object, object, object]] = [
    ("DATETIME", "DATETIME", "2024-05-06 07:08:09.000005", 1577872800, 1714979289),
    ("DATETIME", "DATETIME", 1714979289, "2020-01-01T10:00:00.000Z", "2024-05-06T07:08:09.000Z"),
    ("DATETIME", "DATETIME", "2024-05-06 07:08:09+02:00", "2020-01-01 10:00:00", "2024-05-06 05:08:09"),
    ("DATETIME", "DATE", "2024-05-06 07:08:09", 20200101, 20240506),
    ("DATE", "DATETIME", "2024-05-06", 1577872800, 1714953600),
    ("DATETIME", "TIME", 1714979289, "10:00:00", "07:08:09"),
    ("DATETIME", "TEXT", 1714979289, "x", "2024-05-06 07:08:09"),
    ("TEXT", "DATETIME", "2024-05-06 07:08:09", 1577872800, 1714979289),
    ("TEXT", "DATETIME", "no moment", 1577872800, "no moment"),
    ("INTEGER", "DATETIME", 1714979289000, 1577872800000, 1714979289000),
    ("BOOLEAN", "BOOLEAN", "true", 0, 1),
    ("BOOLEAN", "BOOLEAN", 0, "yes", "no"),
    ("BOOLEAN", "INTEGER", "true", 5, 1),
    ("UUID", "UUID", str(OTHER), IDENTIFIER.bytes, OTHER.bytes),
    ("UUID", "UUID", OTHER.hex, str(IDENTIFIER), str(OTHER)),
    ("JSON", "JSON", '{"b": 1}', apsw.jsonb_encode({}), apsw.jsonb_encode({"b": 1})),
    ("JSON", "JSON", apsw.jsonb_encode({"b": 1}), "{}", '{"b":1}'),
    ("TEXT", "JSON", "x", "{}", '"x"'),
    ("BOOLEAN", "JSON", "true", "{}", "true"),
    ("DATETIME", "JSON", 1714979289, "{}", '"2024-05-06T07:08:09"'),
    ("TEXT", "TEXT", "a", "b", "a"),
    ("REAL", "DECIMAL(10,2)", 0.1, 1, 0.1),
]


@pytest.mark.parametrize(("source", "target", "given", "shown", "stored"), CONVERSIONS)
def test_a_column_is_set_to_another_of_another_form(
    tmp_path: Path, source: str, target: str, given: object, shown: object, stored: object
) -> None:
    scratch = Scratch(tmp_path / "t.db", f"CREATE TABLE t (id INTEGER PRIMARY KEY, a {source}, b {target})")
    scratch.connection.execute("INSERT INTO t (a, b) VALUES (?, ?), (NULL, NULL)", (given, shown))
    scratch.update(scratch.db.t.all(), b=F("a"))
    assert scratch.rows("SELECT b FROM t") == [(stored,), (None,)]
    scratch.close()


COMPUTED: list[tuple[str, object, Callable[[], object], object]] = [
    ("DATETIME", 1714979289, lambda: F("v") + timedelta(days=1), 1715065689),
    ("DATETIME", "2024-05-06T07:08:09.000Z", lambda: F("v") - timedelta(hours=1), "2024-05-06T06:08:09.000Z"),
    ("DATETIME", 1714979289, lambda: Case(When(id=1, then=Value(datetime(2020, 1, 1)))), 1577836800),
    ("DATE", "2024-05-06", lambda: F("v") + timedelta(days=1), "2024-05-07"),
    ("DECIMAL(10,2)", 0.1, lambda: F("v") + Decimal("0.2"), 0.3),
    ("DECIMAL(10,2)", 0.1, lambda: F("v") * 3, 0.3),
    ("DECIMAL(10,2)", 2, lambda: F("v") * 3, 6),
    ("DECIMAL(10,2)", 2, lambda: Case(When(id=1, then=Value(Decimal("0.10"))), default=F("v")), 0.1),
    ("BOOLEAN", "true", lambda: Case(When(id=1, then=Value(False)), default=F("v")), "false"),
    ("BOOLEAN", "true", lambda: Q(id=1), "true"),
    ("UUID", IDENTIFIER.bytes, lambda: Case(When(id=1, then=Value(OTHER))), OTHER.bytes),
    (
        "JSON",
        apsw.jsonb_encode({}),
        lambda: Case(When(id=1, then=Value({"a": 1}))),
        apsw.jsonb_encode({"a": 1}),
    ),
    ("JSON", apsw.jsonb_encode({}), lambda: Value(None, "json"), apsw.jsonb_encode(None)),
    ("JSON", '{"a":{"b":1}}', lambda: F("v__a"), '{"b":1}'),
    ("DURATION", 1_000_000, lambda: F("v") * 2, 2_000_000),
]


@pytest.mark.parametrize(("declared", "first", "make", "stored"), COMPUTED)
def test_what_is_computed_takes_the_form_of_the_column(
    tmp_path: Path, declared: str, first: object, make: Callable[[], object], stored: object
) -> None:
    scratch = made(tmp_path / "t.db", declared, first)
    scratch.update(scratch.db.t.all(), v=make())
    assert scratch.rows("SELECT v FROM t") == [(stored,)]
    scratch.close()


# -- what SQLite would change -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("declared", "value"),
    [
        ("DECIMAL(30,10)", Decimal("12345678901234567.8901")),
        ("DECIMAL", Decimal(2**63)),
        ("DECIMAL", Decimal(1) / Decimal(3)),
        ("DECIMAL", Decimal("1E-400")),
        ("JSON", 2**63),
    ],
)
def test_what_a_number_cannot_hold_is_refused(tmp_path: Path, declared: str, value: object) -> None:
    scratch = made(tmp_path / "t.db", declared, None)
    with pytest.raises(InvalidValue) as caught:
        scratch.insert("t", v=value)
    assert str(value)[:5] not in str(caught.value)
    assert caught.value.hint
    assert scratch.rows("SELECT count(*) FROM t") == [(0,)]
    scratch.close()


def test_digits_alone_are_no_number_where_they_are_a_uuid(tmp_path: Path) -> None:
    scratch = made(tmp_path / "t.db", "UUID", IDENTIFIER.hex)
    for value in (
        UUID(int=0),
        UUID("12345678901234567890123456789012"),
        UUID("1234567890123456789012345678e012"),
    ):
        scratch.insert("t", v=value)
        assert scratch.rows("SELECT v FROM t ORDER BY id DESC LIMIT 1") == [(str(value),)]
        assert scratch.db.t.last().v == value
    scratch.close()


@pytest.mark.parametrize(
    ("declared", "strict", "expected"),
    [
        ("DECIMAL(10,2)", False, "numeric"), ("", False, "blob"), ("ANY", True, "blob"), ("ANY", False, "numeric"),
        ("FLOATING POINT", False, "integer"), ("charint", False, "integer"), ("varchar(9)", False, "text"),
        ("double", False, "real"), ("tinyblob", False, "blob"), ("STRING", False, "numeric"),
    ],
)  # fmt: skip
def test_affinities_are_those_of_sqlite(declared: str, strict: bool, expected: str) -> None:
    assert affinity(declared, strict=strict) == expected
    if declared and not strict:
        connection = apsw.Connection(":memory:")
        connection.execute(f"CREATE TABLE t (v {declared}); INSERT INTO t VALUES ('1.50')")
        kept = connection.execute("SELECT typeof(v) FROM t").fetchall()[0][0]
        assert (kept == "text") == (expected in ("text", "blob"))


# -- any value ----------------------------------------------------------------------------------------

_MOMENTS = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1))
_WHOLE = _MOMENTS.map(lambda moment: moment.replace(microsecond=0))
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False) | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
_DECIMALS = st.decimals(-(10**9), 10**9, places=5)

ANY: list[tuple[Kind, str, StorageForm | None, st.SearchStrategy[Any]]] = [
    ("integer", "INTEGER", None, st.integers(-(2**63), 2**63 - 1)),
    ("real", "REAL", None, st.floats(allow_nan=False)),
    ("text", "TEXT", None, st.text(st.characters(codec="utf-8"))),
    ("any", "", None, st.integers(-(2**63), 2**63 - 1) | st.text(st.characters(codec="utf-8")) | st.binary()),
    ("blob", "BLOB", None, st.binary()),
    ("boolean", "BOOLEAN", None, st.booleans()),
    *(("boolean", "BOOLEAN", StorageForm(words=words), st.booleans()) for words in (("false", "true"), ("N", "Y"))),
    *(("date", "DATE", form, st.dates(date(1900, 1, 1), date(2099, 1, 1))) for form in (
        None, StorageForm(layout="s"), StorageForm(layout="compact", timespec="days"))),
    *(("time", "TIME", form, st.times()) for form in (None, StorageForm(layout="iso", base_day="2000-01-01 "))),
    *(("datetime", "DATETIME", form, _MOMENTS) for form in (
        None, StorageForm(layout="iso", separator="T"), StorageForm(layout="us"),
        StorageForm(layout="iso", timespec="trimmed"), StorageForm(layout="iso", timespec="microseconds"))),
    *(("datetime", "DATETIME", StorageForm(layout=unit, timespec="seconds"), _WHOLE) for unit in ("s", "ms")),
    ("duration", "DURATION", None, st.timedeltas(timedelta(-9999), timedelta(9999))),
    ("decimal", "DECIMAL(20,5)", None, _DECIMALS),
    ("decimal", "TEXT", None, st.decimals(allow_nan=False, allow_infinity=False)),
    ("decimal", "", None, st.decimals(allow_nan=False, allow_infinity=False)),
    *(("uuid", "UUID", form and StorageForm(layout=form), st.uuids()) for form in (
        None, "hex", "bytes", "braced", "urn")),
    ("uuid", "UUID", StorageForm(layout="hex"), st.integers(0, 9).map(lambda digit: UUID(f"{digit}" * 32))),
    *(("json", declared, form, _JSON) for declared in ("JSON", "TEXT") for form in (
        None, StorageForm(ascii=True), StorageForm(layout="jsonb"))),
]  # fmt: skip


@pytest.fixture(scope="module")
def connection() -> Iterator[apsw.Connection]:
    made = apsw.Connection(":memory:")
    yield made
    made.close()


@pytest.mark.parametrize(
    "case", range(len(ANY)), ids=[f"{case[0]}-{index}" for index, case in enumerate(ANY)]
)
@settings(max_examples=60)
@given(data=st.data())
def test_any_value_reads_back_as_it_was_given(
    connection: apsw.Connection, case: int, data: st.DataObject
) -> None:
    kind, declared, form, strategy = ANY[case]
    value = data.draw(strategy)
    form = form or form_of(kind, ())
    encode = storing_encoder(kind, form, None, affinity(declared))
    assert encode is not None
    connection.execute(f"DROP TABLE IF EXISTS t; CREATE TABLE t (v {declared})")
    connection.execute("INSERT INTO t VALUES (?)", (encode(value),))
    [[stored]] = connection.execute("SELECT v FROM t").fetchall()
    assert decode(kind, stored, unit=unit_in(form)) == value
