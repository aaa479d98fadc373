"""Python values as parameters: they equal what is stored for them, and sort as it does."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum, IntEnum
from typing import Any, get_args
from uuid import UUID
from zoneinfo import ZoneInfo

import apsw
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from noormme.engines.sqlite.decoders import decoder
from noormme.engines.sqlite.forms import StorageForm, comparison_expression, form_of, unit_in
from noormme.engines.sqlite.storage import encoder
from noormme.engines.sqlite.values import decode
from noormme.errors import InvalidValue
from noormme.schema.model import Kind

BERLIN = ZoneInfo("Europe/Berlin")
PLUS_TWO = timezone(timedelta(hours=2))
IDENTIFIER = UUID("0123abcd-0123-4abc-8abc-0123456789ab")


class Colour(Enum):
    RED = "red"
    ONE = 1


class Level(IntEnum):
    LOW = 1


def iso(**attributes: object) -> StorageForm:
    return StorageForm(layout="iso", **attributes)  # type: ignore[arg-type]


def encode(kind: Kind, value: object, form: StorageForm | None = None, **options: object) -> object:
    function = encoder(kind, form or form_of(kind, []), **options)  # type: ignore[arg-type]
    assert function is not None
    return function(value)


MOMENT = datetime(2024, 1, 2, 10, 30)
Z_MS = iso(separator="T", timespec="milliseconds", offset="Z")

WRITTEN: list[object] = [
    ("datetime", None, MOMENT, "2024-01-02 10:30:00"),
    ("datetime", None, MOMENT.replace(microsecond=5), "2024-01-02 10:30:00.000005"),
    ("datetime", None, date(2024, 1, 2), "2024-01-02 00:00:00"),
    ("datetime", None, "2024-01-02", "2024-01-02 00:00:00"),
    ("datetime", None, " 2024-01-02T10:30Z ", "2024-01-02 10:30:00"),
    ("datetime", None, MOMENT.replace(tzinfo=PLUS_TWO), "2024-01-02 08:30:00"),
    ("datetime", Z_MS, MOMENT, "2024-01-02T10:30:00.000Z"),
    ("datetime", Z_MS, MOMENT.replace(tzinfo=PLUS_TWO), "2024-01-02T08:30:00.000Z"),
    ("datetime", iso(offset="+02:00"), MOMENT, "2024-01-02 12:30:00+02:00"),
    ("datetime", iso(offset=" +0000 UTC"), MOMENT, "2024-01-02 10:30:00 +0000 UTC"),
    ("datetime", iso(timespec="minutes"), MOMENT, "2024-01-02 10:30"),
    ("datetime", iso(timespec="days"), datetime(2024, 1, 2), "2024-01-02"),
    ("datetime", iso(timespec="days"), MOMENT, "2024-01-02 10:30:00"),
    ("datetime", iso(timespec="trimmed"), MOMENT, "2024-01-02 10:30:00"),
    ("datetime", iso(timespec="trimmed"), MOMENT.replace(microsecond=120_000), "2024-01-02 10:30:00.12"),
    ("datetime", iso(timespec="microseconds"), MOMENT, "2024-01-02 10:30:00.000000"),
    ("datetime", StorageForm(layout="s"), MOMENT, 1_704_191_400),
    ("datetime", StorageForm(layout="s"), MOMENT.replace(microsecond=500_000), 1_704_191_400.5),
    ("datetime", StorageForm(layout="ms"), MOMENT, 1_704_191_400_000),
    ("datetime", StorageForm(layout="us"), MOMENT, 1_704_191_400_000_000),
    ("datetime", StorageForm(layout="ns"), MOMENT, 1_704_191_400_000_000_000),
    ("datetime", StorageForm(layout="julian"), MOMENT, 2_460_311.9375),
    ("datetime", StorageForm(layout="ms"), 5, 5),
    ("datetime", StorageForm(layout="compact"), MOMENT, 20240102103000),
    ("date", None, date(2024, 1, 2), "2024-01-02"),
    ("date", None, MOMENT, "2024-01-02"),
    ("date", None, "20240102", "2024-01-02"),
    ("date", Z_MS, date(2024, 1, 2), "2024-01-02T00:00:00.000Z"),
    ("date", StorageForm(layout="compact", timespec="days"), date(2024, 1, 2), 20240102),
    ("date", StorageForm(layout="compact", timespec="days"), 20240102, 20240102),
    ("date", StorageForm(layout="ms"), date(2024, 1, 2), 1_704_153_600_000),
    ("time", None, time(10, 30), "10:30:00"),
    ("time", None, MOMENT, "10:30:00"),
    ("time", None, "10:30", "10:30:00"),
    ("time", None, time(10, 30, tzinfo=UTC), "10:30:00+00:00"),
    ("time", iso(offset="Z"), time(10, 30, tzinfo=PLUS_TWO), "08:30:00Z"),
    ("time", iso(base_day="2000-01-01 "), time(10, 30), "2000-01-01 10:30:00"),
    ("time", iso(timespec="minutes"), time(10, 30), "10:30"),
    ("time", StorageForm(layout="s"), time(10, 30), 37_800),
    ("time", StorageForm(layout="s"), 37_800, 37_800),
    ("boolean", None, True, 1),
    ("boolean", None, 0, 0),
    ("boolean", None, 1.0, 1),
    ("boolean", None, "True", 1),
    ("boolean", None, "off", 0),
    ("boolean", StorageForm(words=("f", "t")), False, "f"),
    ("boolean", StorageForm(words=("f", "t")), "TRUE", "t"),
    ("uuid", None, IDENTIFIER, str(IDENTIFIER)),
    ("uuid", None, IDENTIFIER.hex.upper(), str(IDENTIFIER)),
    ("uuid", None, IDENTIFIER.bytes, str(IDENTIFIER)),
    ("uuid", StorageForm(layout="hex"), str(IDENTIFIER), IDENTIFIER.hex),
    ("uuid", StorageForm(layout="braced"), IDENTIFIER, f"{{{IDENTIFIER}}}"),
    ("uuid", StorageForm(layout="urn"), IDENTIFIER, IDENTIFIER.urn),
    ("uuid", StorageForm(layout="bytes"), IDENTIFIER, IDENTIFIER.bytes),
    ("uuid", StorageForm(layout="hyphenated", upper=True), IDENTIFIER, str(IDENTIFIER).upper()),
    ("uuid", StorageForm(layout="hex", upper=True), IDENTIFIER, IDENTIFIER.hex.upper()),
    ("uuid", StorageForm(layout="braced", upper=True), IDENTIFIER, f"{{{str(IDENTIFIER).upper()}}}"),
    ("uuid", StorageForm(layout="urn", upper=True), IDENTIFIER, f"urn:uuid:{str(IDENTIFIER).upper()}"),
    ("decimal", None, Decimal("12.50"), "12.50"),
    ("decimal", None, 12, "12"),
    ("decimal", None, True, "1"),
    ("decimal", None, 0.1, "0.1"),
    ("decimal", None, " 12.5 ", "12.5"),
    ("decimal", None, Decimal("Infinity"), "9e999"),
    ("decimal", None, -math.inf, "-9e999"),
    ("integer", None, 5, 5),
    ("integer", None, True, 1),
    ("integer", None, Level.LOW, 1),
    ("integer", None, Colour.ONE, 1),
    ("integer", None, "5", 5),
    ("integer", None, " -5 ", -5),
    ("integer", None, "5.0", 5),
    ("integer", None, Decimal(5), 5),
    ("integer", None, Decimal("5.5"), 5.5),
    ("integer", None, 5.5, 5.5),
    ("integer", None, 2**70, float(2**70)),
    pytest.param("integer", None, 10**400, math.inf, id="integer-too-large"),
    pytest.param("integer", None, -(10**400), -math.inf, id="integer-too-small"),
    ("integer", None, "1e999999999", math.inf),
    ("real", None, 1.5, 1.5),
    ("real", None, 5, 5),
    ("real", None, 2**70, float(2**70)),
    ("real", None, "1.5", 1.5),
    ("real", None, Decimal("1.5"), 1.5),
    ("real", None, math.inf, math.inf),
    ("json", None, {"a": [1, None, "é"]}, '{"a":[1,null,"é"]}'),
    ("json", None, "text", '"text"'),
    ("json", None, "null", '"null"'),
    ("json", None, {"day": date(2024, 1, 2), "x": None}, '{"day":"2024-01-02","x":null}'),
    ("json", StorageForm(ascii=True), {"a": "é😀"}, '{"a":"\\u00e9\\ud83d\\ude00"}'),
    ("json", StorageForm(layout="jsonb"), {"a": 1}, '{"a":1}'),
    *(
        (kind, None, value, stored)
        for kind in ("any", "text")
        for value, stored in (
            ("é", "é"), (5, 5), (True, True), (1.5, 1.5), (b"\xff", b"\xff"), (bytearray(b"a"), b"a"),
            (memoryview(b"a"), b"a"), (IDENTIFIER, str(IDENTIFIER)), (Decimal("1.50"), "1.50"),
            (MOMENT, "2024-01-02 10:30:00"), (date(2024, 1, 2), "2024-01-02"), (time(10, 30), "10:30:00"),
            (Colour.RED, "red"), (Level.LOW, 1),
        )
    ),
    ("blob", None, b"\0\xff", b"\0\xff"),
    ("blob", None, "text", "text"),
    ("blob", None, IDENTIFIER, IDENTIFIER.bytes),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "form", "value", "expected"), WRITTEN)
def test_values_are_written_in_the_form_of_the_column(
    kind: Kind, form: StorageForm | None, value: object, expected: object
) -> None:
    written = encode(kind, value, form)
    assert written == expected
    assert type(written) in (int, float, str, bytes, bool)
    apsw.Connection(":memory:").execute("SELECT ?", (written,))


class Word(str):
    """Text of a type of its own."""


class Counted:
    """A number of a type of its own, as numpy has them."""

    def __index__(self) -> int:
        return 7


@pytest.mark.parametrize("kind", ["any", "text", "blob"])
def test_types_of_the_user_become_plain(kind: Kind) -> None:
    assert type(encode(kind, Word("é"))) is str
    assert encode(kind, Counted()) == 7
    assert encode("integer", Counted()) == 7


class Stranger:
    """A type that nobody knows, with a value that no message may show."""

    def __repr__(self) -> str:
        return "secret"


REFUSED: list[object] = [
    *((kind, Stranger()) for kind in get_args(Kind)),
    *(
        (kind, "secret")
        for kind in ("integer", "real", "decimal", "boolean", "date", "time", "datetime", "uuid")
    ),
    *(
        (kind, math.nan)
        for kind in ("any", "text", "integer", "real", "decimal", "json", "boolean", "datetime")
    ),
    *((kind, "x\ud800") for kind in ("any", "text", "json", "uuid", "integer", "datetime")),
    *((kind, [1]) for kind in ("any", "text", "integer", "boolean", "date", "uuid", "decimal")),
    ("decimal", Decimal("NaN")),
    ("decimal", Decimal("sNaN")),
    ("decimal", b"1"),
    pytest.param("decimal", 10**5000, id="decimal-too-long"),
    ("integer", b"1"),
    ("integer", "nan"),
    ("datetime", 1_700_000_000),
    ("datetime", True),
    ("datetime", "2024-02-30"),
    ("datetime", "9999-12-31 24:00"),
    ("datetime", datetime.max.replace(tzinfo=timezone(-timedelta(hours=1)))),
    ("date", 20240102),
    ("time", 5),
    ("boolean", 2),
    ("uuid", b"short"),
    ("json", [math.inf]),
    ("json", {"a": {"b": [None, -math.inf]}}),
    ("json", {1, 2, Stranger}),
]


@pytest.mark.parametrize(("kind", "value"), REFUSED)
def test_what_does_not_fit_is_refused_and_not_shown(kind: Kind, value: object) -> None:
    with pytest.raises(InvalidValue) as caught:
        encode(kind, value)
    message = str(caught.value)
    assert "secret" not in message
    assert "\ud800" not in message
    assert caught.value.hint or "calendar" in message


@given(value=st.datetimes(), separator=st.sampled_from(" T"), offset=st.sampled_from(["", "Z", "+00:00"]))
def test_exact_text_is_what_isoformat_gives(value: datetime, separator: Any, offset: str) -> None:
    for moment in (value, value.replace(microsecond=0)):
        for timespec in ("auto", "microseconds", "milliseconds", "seconds"):
            write = encoder(
                "datetime", iso(separator=separator, timespec=timespec, offset=offset), UTC, storing=True
            )
            assert write is not None
            assert write(moment) == moment.isoformat(separator, timespec) + offset


def test_storing_cuts_to_the_form_and_comparing_does_not() -> None:
    finer = MOMENT.replace(microsecond=123_456)
    cases: list[tuple[StorageForm, object, object]] = [
        (Z_MS, "2024-01-02T10:30:00.123Z", "2024-01-02T10:30:00.123Z~"),
        (iso(timespec="milliseconds"), "2024-01-02 10:30:00.123", "2024-01-02 10:30:00.123456"),
        (iso(timespec="minutes"), "2024-01-02 10:30", "2024-01-02 10:30:00.123456"),
        (StorageForm(layout="s", timespec="seconds"), 1_704_191_400, 1_704_191_400.123456),
        (StorageForm(layout="s"), 1_704_191_400.123456, 1_704_191_400.123456),
        (StorageForm(layout="ms", timespec="seconds"), 1_704_191_400_123, 1_704_191_400_123.456),
        (StorageForm(layout="compact", timespec="seconds"), 20240102103000, 20240102103000.5),
        (StorageForm(layout="compact", timespec="days"), 20240102, 20240102.5),
    ]
    for form, stored, compared in cases:
        assert encode("datetime", finer, form, storing=True) == stored
        assert encode("datetime", finer, form) == compared


def test_storing_keeps_integers_integers() -> None:
    assert encode("integer", 5.0, storing=True) == 5
    assert type(encode("integer", 5.0, storing=True)) is int
    for value in (5.5, 2**63, math.inf, 2.0**63):
        with pytest.raises(InvalidValue):
            encode("integer", value, storing=True)


def test_storing_jsonb_writes_jsonb() -> None:
    written = encode("json", {"a": [1, None]}, StorageForm(layout="jsonb"), storing=True)
    assert isinstance(written, bytes)
    assert apsw.jsonb_decode(written) == {"a": [1, None]}
    with pytest.raises(InvalidValue):
        encode("json", math.nan, StorageForm(layout="jsonb"), storing=True)


@pytest.mark.parametrize("value", [(math.nan,), {"a": (math.inf, 1)}, [math.nan], {"a": {math.nan}}])
def test_what_json_cannot_hold_is_not_made_null(value: object) -> None:
    with pytest.raises(InvalidValue, match="JSON cannot hold this"):
        encode("json", value)
    assert encode("json", (None, {"a": (1.5,)})) == '[null,{"a":[1.5]}]'


@pytest.mark.parametrize(
    ("kind", "form", "value", "expected"),
    [
        ("datetime", None, MOMENT, "2024-01-02 10:30:00"),
        ("datetime", None, MOMENT.replace(tzinfo=UTC), "2024-01-02 11:30:00"),
        ("datetime", Z_MS, MOMENT, "2024-01-02T09:30:00.000Z"),
        ("datetime", StorageForm(layout="s"), MOMENT, 1_704_187_800),
        ("date", None, datetime(2024, 1, 1, 23, 30, tzinfo=UTC), "2024-01-02"),
        ("date", Z_MS, date(2024, 1, 2), "2024-01-02T00:00:00.000Z"),
        ("date", StorageForm(layout="s"), date(2024, 1, 2), 1_704_150_000),
    ],
)
def test_a_time_zone_is_that_of_naive_values(
    kind: Kind, form: StorageForm | None, value: object, expected: object
) -> None:
    assert encode(kind, value, form, timezone=BERLIN) == expected
    read = decode(kind, expected, timezone=BERLIN, unit=unit_in(form or form_of(kind, [])))
    if isinstance(value, datetime) and isinstance(read, datetime):
        assert read == (value if value.tzinfo else value.replace(tzinfo=BERLIN))


# ---------------------------------------------------------------- round trips and order, in a database

DATETIMES = st.datetimes(datetime(1700, 1, 1), datetime(2300, 1, 1))
CLOCKS = st.times()
MILLISECONDS = DATETIMES.map(lambda moment: moment.replace(microsecond=moment.microsecond // 1_000 * 1_000))
SECONDS = DATETIMES.map(lambda moment: moment.replace(microsecond=0))
MINUTES = SECONDS.map(lambda moment: moment.replace(second=0))
RECENT = SECONDS.filter(lambda moment: 1900 <= moment.year < 2100)
DATES = st.dates(date(1700, 1, 1), date(2300, 1, 1))
RECENT_DATES = RECENT.map(datetime.date)
MIDNIGHTS = DATES.map(lambda day: datetime.combine(day, time()))
WHOLE_CLOCKS = CLOCKS.map(lambda clock: clock.replace(microsecond=0))
NEAR = st.integers(0, 3_000_000).map(lambda step: MOMENT + timedelta(microseconds=step))
UTC_MOMENTS = DATETIMES.map(lambda moment: moment.replace(tzinfo=UTC))
FINITE = st.floats(allow_nan=False, allow_infinity=False)
DECIMALS = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9, places=3)
WORDS = (("f", "t"), ("no", "yes"), ("FALSE", "TRUE"))
TEXT = st.text(st.characters(codec="utf-8"))
DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | FINITE | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=8,
)

TRIPS: list[tuple[str, Kind, StorageForm, st.SearchStrategy[object]]] = [
    ("DATETIME", "datetime", iso(), DATETIMES | NEAR),
    ("DATETIME", "datetime", iso(separator="T"), DATETIMES | NEAR),
    ("DATETIME", "datetime", iso(timespec="microseconds"), DATETIMES | NEAR),
    ("DATETIME", "datetime", iso(timespec="trimmed"), DATETIMES | NEAR),
    ("DATETIME", "datetime", iso(timespec="milliseconds"), MILLISECONDS),
    ("DATETIME", "datetime", iso(timespec="days"), MIDNIGHTS | DATETIMES),
    ("DATETIME", "datetime", iso(timespec="minutes"), MINUTES),
    ("DATETIME", "datetime", iso(offset="+00:00"), UTC_MOMENTS),
    ("DATETIME", "datetime", iso(offset=" +00:00"), UTC_MOMENTS),
    ("DATETIME", "datetime", iso(offset=" +0000 UTC"), UTC_MOMENTS),
    ("DATETIME", "datetime", iso(offset="-03:30"), UTC_MOMENTS),
    ("DATETIME", "datetime", iso(separator="T", timespec="microseconds", offset="Z"), UTC_MOMENTS),
    ("DATETIME", "datetime", Z_MS, MILLISECONDS.map(lambda moment: moment.replace(tzinfo=UTC))),
    ("DATETIME", "datetime", StorageForm(layout="s", timespec="seconds"), SECONDS),
    ("DATETIME", "datetime", StorageForm(layout="ms", timespec="seconds"), MILLISECONDS),
    ("DATETIME", "datetime", StorageForm(layout="us", timespec="seconds"), DATETIMES | NEAR),
    ("INTEGER", "datetime", StorageForm(layout="us"), DATETIMES | NEAR),
    ("DATETIME", "datetime", StorageForm(layout="ns", timespec="seconds"), RECENT),
    ("DATETIME", "datetime", StorageForm(layout="julian"), MILLISECONDS),
    ("DATETIME", "datetime", StorageForm(layout="compact", timespec="seconds"), RECENT),
    ("DATE", "date", iso(timespec="days"), DATES),
    ("DATE", "date", Z_MS, DATES),
    ("DATE", "date", StorageForm(layout="compact", timespec="days"), RECENT_DATES),
    ("DATE", "date", StorageForm(layout="s", timespec="seconds"), DATES),
    ("DATE", "date", StorageForm(layout="ms", timespec="seconds"), DATES),
    ("DATE", "date", StorageForm(layout="julian"), DATES),
    ("TIME", "time", iso(), CLOCKS),
    ("TIME", "time", iso(timespec="microseconds"), CLOCKS),
    ("TIME", "time", iso(base_day="2000-01-01 "), CLOCKS),
    ("TIME", "time", StorageForm(layout="us", timespec="seconds"), CLOCKS),
    ("TIME", "time", StorageForm(layout="s", timespec="seconds"), WHOLE_CLOCKS),
    ("BOOLEAN", "boolean", StorageForm(), st.booleans()),
    *(("BOOLEAN", "boolean", StorageForm(words=words), st.booleans()) for words in WORDS),
    ("UUID", "uuid", StorageForm(layout="hyphenated"), st.uuids()),
    ("CHAR(32)", "uuid", StorageForm(layout="hex"), st.uuids()),
    ("CHAR(32)", "uuid", StorageForm(layout="hex", upper=True), st.uuids()),
    ("TEXT", "uuid", StorageForm(layout="braced", upper=True), st.uuids()),
    ("TEXT", "uuid", StorageForm(layout="urn", upper=True), st.uuids()),
    ("BLOB", "uuid", StorageForm(layout="bytes"), st.uuids()),
    ("INTEGER", "integer", StorageForm(), st.integers(-(2**63), 2**63 - 1)),
    ("REAL", "real", StorageForm(), FINITE),
    ("DECIMAL(12, 3)", "decimal", StorageForm(), DECIMALS),
    ("TEXT", "text", StorageForm(), TEXT),
    ("BLOB", "blob", StorageForm(), st.binary()),
]  # fmt: skip


@pytest.mark.parametrize(("declared", "kind", "form", "values"), TRIPS)
@settings(max_examples=25)
@given(data=st.data())
def test_values_come_back_and_sort_as_they_do_in_python(
    declared: str, kind: Kind, form: StorageForm, values: st.SearchStrategy[object], data: st.DataObject
) -> None:
    left, right = data.draw(values), data.draw(values)
    column = Column(declared, kind, form)
    column.store(left)
    assert column.read() == left
    assert type(column.read()) is type(left)
    for operator, meaning in ORDER.items():
        assert column.compare(operator, right) is meaning(left, right), operator


@settings(max_examples=30)
@given(value=DOCUMENTS)
@pytest.mark.parametrize(
    "form", [StorageForm(), StorageForm(ascii=True), StorageForm(layout="jsonb")], ids=str
)
def test_json_comes_back(form: StorageForm, value: object) -> None:
    assume(value is not None)
    assume(not isinstance(value, float))  # the affinity of a JSON column makes 0 of 0.0
    assume(not re.search(r"\de[+-]\d", repr(value)))  # 1e16 and 1e+16 are one number and two texts
    column = Column("JSON", "json", form)
    column.store(value)
    assert column.read() == value
    assert column.compare("=", value)


def test_json_is_compared_by_what_it_says() -> None:
    CONNECTION.execute("DROP TABLE IF EXISTS t; CREATE TABLE t (c JSON)")
    document = {"a": [1, {"b": None}], "é": "x"}
    spaced = '{ "a" : [1, {"b": null}],\n "é": "x" }'
    for stored in (spaced, spaced.encode(), apsw.jsonb_encode(document), "{bad json", b"\xff", 5):
        CONNECTION.execute("INSERT INTO t VALUES (?)", (stored,))
    left = comparison_expression("json").format(c="c")
    sql = f"SELECT rowid FROM t WHERE {left} = ? ORDER BY rowid"
    assert CONNECTION.execute(sql, (encode("json", document),)).fetchall() == [(1,), (2,), (3,)]
    assert CONNECTION.execute(sql, (encode("json", 5),)).fetchall() == [(6,)]


@settings(max_examples=50)
@given(left=NEAR, right=NEAR)
@pytest.mark.parametrize(
    "form",
    [
        Z_MS,
        iso(timespec="milliseconds"),
        iso(timespec="seconds", offset="Z"),
        iso(timespec="minutes"),
        iso(timespec="milliseconds", offset="+00:00"),
        StorageForm(layout="s", timespec="seconds"),
        StorageForm(layout="ms", timespec="seconds"),
        StorageForm(layout="compact", timespec="seconds"),
        StorageForm(layout="compact", timespec="days"),
    ],
    ids=str,
)
def test_a_value_finer_than_the_form_keeps_its_place(
    form: StorageForm, left: datetime, right: datetime
) -> None:
    column = Column("DATETIME", "datetime", form)
    column.store(left)
    stored = column.read()
    assert isinstance(stored, datetime)
    for operator, meaning in ORDER.items():
        assert column.compare(operator, right) is meaning(stored.replace(tzinfo=None), right), operator


@given(value=DECIMALS | st.integers(-(2**53), 2**53) | FINITE)
def test_numbers_that_mean_the_same_compare_equal(value: object) -> None:
    column = Column("DECIMAL", "decimal", StorageForm())
    column.store(value)
    assert column.compare("=", value)
    assert column.compare("=", str(value))
    numbers = Column("NUMERIC", "real", StorageForm())
    numbers.store(value)
    assert numbers.compare("=", str(value))


ORDER: dict[str, Callable[[object, object], bool]] = {
    "=": lambda a, b: a == b,
    "<": lambda a, b: a < b,  # type: ignore[operator]
    "<=": lambda a, b: a <= b,  # type: ignore[operator]
    ">": lambda a, b: a > b,  # type: ignore[operator]
    ">=": lambda a, b: a >= b,  # type: ignore[operator]
}

CONNECTION = apsw.Connection(":memory:")


class Column:
    """A column of one row in a database in memory."""

    def __init__(self, declared: str, kind: Kind, form: StorageForm) -> None:
        self.kind, self.form = kind, form
        self.parameter = "CAST(? AS NUMERIC)" if kind == "decimal" else "?"
        CONNECTION.execute(f"DROP TABLE IF EXISTS t; CREATE TABLE t (c {declared})")

    def store(self, value: object) -> None:
        CONNECTION.execute("DELETE FROM t")
        CONNECTION.execute("INSERT INTO t VALUES (?)", (encode(self.kind, value, self.form, storing=True),))

    def read(self) -> object:
        """The value, read in both ways; the fast one is only taken where it takes the form."""
        (stored,) = CONNECTION.execute("SELECT c FROM t").fetchone()
        value = decode(self.kind, stored, unit=unit_in(self.form))
        fast = decoder(self.kind, self.form)
        with suppress(TypeError, ValueError, LookupError):
            assert fast is None or fast(stored) == value
        return value

    def compare(self, operator: str, value: object) -> bool:
        written = encode(self.kind, value, self.form)
        left = comparison_expression(self.kind).format(c="c")
        sql = f"SELECT {left} {operator} {self.parameter} FROM t"
        (answer,) = CONNECTION.execute(sql, (written,)).fetchone()
        return bool(answer)
