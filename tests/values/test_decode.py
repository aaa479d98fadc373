"""Stored values of every form that databases hold, and what each kind makes of them."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import get_args
from uuid import UUID
from zoneinfo import ZoneInfo

import apsw
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from noormme.engines.sqlite.moments import offset_of
from noormme.engines.sqlite.values import INLINE, STRICT, Unreadable, decode
from noormme.schema.model import Kind

BERLIN = ZoneInfo("Europe/Berlin")
PLUS_TWO = timezone(timedelta(hours=2))
IDENTIFIER = UUID("0123abcd-0123-4abc-8abc-0123456789ab")
MOMENT = datetime(2024, 1, 2, 10, 30)

DATETIMES: list[tuple[object, datetime]] = [
    ("2024-01-02 10:30:00", MOMENT),
    ("2024-01-02T10:30:00", MOMENT),
    ("2024-01-02t10:30:00", MOMENT),
    ("2024-01-02_10:30", MOMENT),
    ("2024-01-02  10:30", MOMENT),
    ("2024-01-02 10:30", MOMENT),
    ("2024/01/02 10:30:00", MOMENT),
    ("2024.01.02 10:30:00", MOMENT),
    ("2024-1-2 10:30:00", MOMENT),
    (" 2024-01-02 10:30:00\n", MOMENT),
    ("2024-01-02 10:30:00\0", MOMENT),
    ("20240102T103000", MOMENT),
    ("20240102103000", MOMENT),
    (20240102103000, MOMENT),
    ("2024-W01-2T10:30:00", MOMENT),
    ("2024W012T1030", MOMENT),
    (b"2024-01-02 10:30:00", MOMENT),
    ("2024-01-02", datetime(2024, 1, 2)),
    ("20240102", datetime(2024, 1, 2)),
    (20240102, datetime(2024, 1, 2)),
    ("18501231", datetime(1850, 12, 31)),
    ("2024-01-02 24:00:00", datetime(2024, 1, 3)),
    ("0001-01-01 00:00:00", datetime(1, 1, 1)),
    ("2024-01-02 10:30:00.5", MOMENT.replace(microsecond=500_000)),
    ("2024-01-02 10:30:00,5", MOMENT.replace(microsecond=500_000)),
    ("2024-01-02 10:30:00.123", MOMENT.replace(microsecond=123_000)),
    ("2024-01-02 10:30:00.123456", MOMENT.replace(microsecond=123_456)),
    ("2024-01-02 10:30:00.1234569", MOMENT.replace(microsecond=123_456)),
    ("2024-01-02 10:30:00.999999999", MOMENT.replace(microsecond=999_999)),
    ("2024-01-02T10:30:00Z", MOMENT.replace(tzinfo=UTC)),
    ("2024-01-02T10:30:00.123Z", MOMENT.replace(microsecond=123_000, tzinfo=UTC)),
    ("2024-01-02 10:30z", MOMENT.replace(tzinfo=UTC)),
    ("2024-01-02 10:30:00 UTC", MOMENT.replace(tzinfo=UTC)),
    ("2024-01-02 10:30:00 +00:00", MOMENT.replace(tzinfo=UTC)),
    ("2024-01-02 10:30:00+00", MOMENT.replace(tzinfo=UTC)),
    ("2024-01-02 10:30:00+02:00", MOMENT.replace(tzinfo=PLUS_TWO)),
    ("2024-01-02 10:30:00+0200", MOMENT.replace(tzinfo=PLUS_TWO)),
    ("2024-01-02 10:30 -03:30", MOMENT.replace(tzinfo=timezone(timedelta(hours=-3, minutes=-30)))),
    ("2024-01-02 10:30 +00:00:15", MOMENT.replace(tzinfo=timezone(timedelta(seconds=15)))),
    ("2024-01-02 10:30:00.5 +0200 CEST", MOMENT.replace(microsecond=500_000, tzinfo=PLUS_TWO)),
    ("2024-01-02 10:30:00 +0000 UTC m=+0.012", MOMENT.replace(tzinfo=UTC)),
    ("2024-01-02T10:30+02:00[Europe/Berlin]", MOMENT.replace(tzinfo=PLUS_TWO)),
    ("2024-01-02+02:00", datetime(2024, 1, 2, tzinfo=PLUS_TWO)),
    ("2024-01-02Z", datetime(2024, 1, 2, tzinfo=UTC)),
    (0, datetime(1970, 1, 1)),
    (-1, datetime(1969, 12, 31, 23, 59, 59)),
    (1_700_000_000, datetime(2023, 11, 14, 22, 13, 20)),
    ("1700000000", datetime(2023, 11, 14, 22, 13, 20)),
    (b"1700000000", datetime(2023, 11, 14, 22, 13, 20)),
    (20_241_399, datetime(1970, 8, 23, 6, 36, 39)),
    ("20241399", datetime(1970, 8, 23, 6, 36, 39)),
    (1_700_000_000.5, datetime(2023, 11, 14, 22, 13, 20, 500_000)),
    ("1700000000.5", datetime(2023, 11, 14, 22, 13, 20, 500_000)),
    (1_700_000_000_123, datetime(2023, 11, 14, 22, 13, 20, 123_000)),
    ("1700000000123", datetime(2023, 11, 14, 22, 13, 20, 123_000)),
    (1_612_123_112_345, datetime(2021, 1, 31, 19, 58, 32, 345_000)),
    ("1612123112345", datetime(2021, 1, 31, 19, 58, 32, 345_000)),
    (1_700_000_000_123_456, datetime(2023, 11, 14, 22, 13, 20, 123_456)),
    (1_700_000_000_123_456_789, datetime(2023, 11, 14, 22, 13, 20, 123_456)),
    (2_460_311.9375, MOMENT),
    ("2460311.9375", MOMENT),
]

DATES: list[tuple[object, date]] = [
    ("2024-01-02", date(2024, 1, 2)),
    ("2024-1-2", date(2024, 1, 2)),
    ("2024/01/02", date(2024, 1, 2)),
    ("20240102", date(2024, 1, 2)),
    (20240102, date(2024, 1, 2)),
    ("2024-W01-2", date(2024, 1, 2)),
    ("2024-W01", date(2024, 1, 1)),
    (b"2024-01-02", date(2024, 1, 2)),
    ("2024-01-02 00:00:00", date(2024, 1, 2)),
    ("2024-01-02T00:00:00.000Z", date(2024, 1, 2)),
    ("2024-01-02T00:00:00+02:00", date(2024, 1, 2)),
    ("2024-01-02+02:00", date(2024, 1, 2)),
    ("2024-01-02-05:00", date(2024, 1, 2)),
    (1_704_153_600, date(2024, 1, 2)),
    (1_704_153_600_000, date(2024, 1, 2)),
    (2_460_311.5, date(2024, 1, 2)),
    # A time of day is not thrown away.
    ("2024-01-02 10:30:00", MOMENT),
    (1_700_000_000, datetime(2023, 11, 14, 22, 13, 20)),
]

TIMES: list[tuple[object, time]] = [
    ("10:30:00", time(10, 30)),
    ("10:30", time(10, 30)),
    ("9:05", time(9, 5)),
    ("T10:30:00", time(10, 30)),
    ("1030", time(10, 30)),
    ("103015", time(10, 30, 15)),
    ("10:30:00.5", time(10, 30, 0, 500_000)),
    ("9:30:00.1234567", time(9, 30, 0, 123_456)),
    ("10:30:00Z", time(10, 30, tzinfo=UTC)),
    ("10:30 +02:00", time(10, 30, tzinfo=PLUS_TWO)),
    (b"10:30:00", time(10, 30)),
    ("2000-01-01 10:30:00", time(10, 30)),
    ("1970-01-01T10:30:00.000Z", time(10, 30, tzinfo=UTC)),
    ("1899-12-30 10:30:00", time(10, 30)),
    (0, time()),
    (37_800, time(10, 30)),
    (37_800.5, time(10, 30, 0, 500_000)),
    (37_800_000, time(10, 30)),
    (37_800_000_000, time(10, 30)),
    (37_800_000_000_000, time(10, 30)),
]

BOOLEANS: list[tuple[object, bool]] = [
    *(
        (value, True)
        for value in (1, 1.0, "1", "t", "T", "true", "True", "TRUE", "tRuE", "y", "Y", "yes", "on")
    ),
    *(
        (value, False)
        for value in (0, 0.0, "0", "f", "F", "false", "False", "n", "N", "no", "NO", "off", " f ")
    ),
    (b"\1", True),
    (b"\0", False),
    (b"true", True),
]

DECIMALS: list[tuple[object, Decimal]] = [
    ("12.50", Decimal("12.50")),
    ("-12.50", Decimal("-12.50")),
    ("12345678901234567.8901", Decimal("12345678901234567.8901")),
    (" 1e3 ", Decimal("1E+3")),
    (12, Decimal(12)),
    (12.5, Decimal("12.5")),
    (0.1, Decimal("0.1")),
    (b"12.50", Decimal("12.50")),
    ("Infinity", Decimal("Infinity")),
    ("-inf", Decimal("-Infinity")),
    (math.inf, Decimal("Infinity")),
]

UUIDS: list[object] = [
    str(IDENTIFIER),
    str(IDENTIFIER).upper(),
    IDENTIFIER.hex,
    IDENTIFIER.hex.upper(),
    f"{{{IDENTIFIER}}}",
    f"urn:uuid:{IDENTIFIER}",
    f" {IDENTIFIER}\0",
    IDENTIFIER.bytes,
    str(IDENTIFIER).encode(),
]

JSON: list[tuple[object, object]] = [
    ('{"a": [1, 2.5, null, true]}', {"a": [1, 2.5, None, True]}),
    ('"text"', "text"),
    ("123456789012345678901234567890", 123456789012345678901234567890),
    ("1e400", math.inf),
    ("[Infinity]", [math.inf]),
    ('["\ttab"]', ["\ttab"]),
    ('["\\ud800"]', ["\ud800"]),
    (5, 5),
    (1.5, 1.5),
    (b'{"a": 1}', {"a": 1}),
    (apsw.jsonb_encode({"a": [1, "b"]}), {"a": [1, "b"]}),
    (b"3123", 123),  # valid in both forms: a BLOB is JSONB first, as SQLite takes it
]

READABLE: list[tuple[Kind, object, object]] = [
    *(("datetime", stored, value) for stored, value in DATETIMES),
    *(("date", stored, value) for stored, value in DATES),
    *(("time", stored, value) for stored, value in TIMES),
    *(("boolean", stored, value) for stored, value in BOOLEANS),
    *(("decimal", stored, value) for stored, value in DECIMALS),
    *(("uuid", stored, IDENTIFIER) for stored in UUIDS),
    *(("json", stored, value) for stored, value in JSON),
]

UNREADABLE: list[tuple[Kind, object]] = [
    *(
        ("datetime", stored)
        for stored in (
            "",
            "soon",
            "2024-02-30 10:00:00",
            "0000-00-00 00:00:00",
            "2024-13-01",
            "2024-01-02 25:00:00",
            "2024-01-02 10:30:60",
            "2024-01-02 10.5",
            "2024-01-02 10:30.5",
            "2024-01-02 10:30:00 PM",
            "01/02/2024",
            "2024-01-02 10:30:00+99:00",
            "-2024-01-02",
            "2024-W60-1",
            "2024-01",
            2024,
            1994,
            "1994",
            math.inf,
            2**63 - 1 << 5,
            10**30,
            b"\xff\xfe",
            b"",
        )
    ),
    *(("date", stored) for stored in ("", "2024-02-30", "yesterday", "31.12.2024", 1994, b"\xff")),
    *(
        ("time", stored)
        for stored in (
            "",
            "25:61",
            "24:00:00",
            "10",
            "10.5",
            "10:30.5",
            "2024-05-06 10:30:00",
            -1,
            0.25,
            10**30,
            math.inf,
        )
    ),
    *(("boolean", stored) for stored in (2, -1, 0.5, "", "maybe", "ja", b"\2", b"\xff")),
    *(("decimal", stored) for stored in ("", "12,50", "$12", "12 50 EUR", b"\xff")),
    *(
        ("uuid", stored)
        for stored in ("", "not-a-uuid", "0123abcd_0123_4abc_8abc_0123456789", "g" * 32, 5, 1.5, b"\xff" * 15)
    ),
    *(("json", stored) for stored in ("", "{bad json", "{a: 1}", "[1,]", "[" * 100_000, b"\xff\xfe", b"")),
]


@pytest.mark.parametrize(("kind", "stored", "expected"), READABLE)
def test_every_known_form_is_read(kind: Kind, stored: object, expected: object) -> None:
    value = decode(kind, stored)
    assert value == expected
    assert type(value) is type(expected)
    if isinstance(expected, (datetime, time)):
        assert isinstance(value, (datetime, time))
        assert (value.tzinfo is None) is (expected.tzinfo is None)
        assert value.utcoffset() == expected.utcoffset()


@pytest.mark.parametrize(("kind", "stored"), UNREADABLE)
def test_what_cannot_be_read_is_refused_and_not_shown(kind: Kind, stored: object) -> None:
    with pytest.raises(Unreadable) as caught:
        decode(kind, stored)
    assert kind in str(caught.value)
    assert not stored or str(stored) not in str(caught.value)


@pytest.mark.parametrize("kind", get_args(Kind))
def test_null_stays_none(kind: Kind) -> None:
    assert decode(kind, None) is None


@pytest.mark.parametrize("kind", ["any", "integer", "real", "text", "blob"])
@pytest.mark.parametrize("stored", [5, 1.5, "text", b"\xff"])
def test_kinds_without_a_form_keep_what_is_stored(kind: Kind, stored: object) -> None:
    assert STRICT[kind] is None
    assert decode(kind, stored) is stored


@pytest.mark.parametrize("text", ["", "02:00", "+2", "CET", "+02:00:00:00"])
def test_what_is_no_offset_is_refused(text: str) -> None:
    with pytest.raises(Unreadable):
        offset_of(text)


@pytest.mark.parametrize("stored", ["null", " null ", b"null", apsw.jsonb_encode(None)])
def test_json_null_is_none(stored: object) -> None:
    assert decode("json", stored) is None


def test_decimal_nan_is_read() -> None:
    value = decode("decimal", "NaN")
    assert isinstance(value, Decimal)
    assert value.is_nan()


@pytest.mark.parametrize(
    ("kind", "stored", "expected"),
    [
        ("datetime", "2024-07-02 10:30:00", datetime(2024, 7, 2, 10, 30, tzinfo=BERLIN)),
        ("datetime", "2024-07-02", datetime(2024, 7, 2, tzinfo=BERLIN)),
        ("datetime", 20240702, datetime(2024, 7, 2, tzinfo=BERLIN)),
        ("datetime", "20240702", datetime(2024, 7, 2, tzinfo=BERLIN)),
        ("datetime", "2024-07-02 10:30:00Z", datetime(2024, 7, 2, 10, 30, tzinfo=UTC)),
        ("datetime", 1_700_000_000, datetime(2023, 11, 14, 23, 13, 20, tzinfo=BERLIN)),
        ("date", "2024-07-02", date(2024, 7, 2)),
        ("date", "2024-07-02T00:00:00Z", date(2024, 7, 2)),
        ("date", 1_704_150_000, date(2024, 1, 2)),  # 23:00 UTC on the first is midnight in Berlin
        ("time", "10:30:00", time(10, 30)),
    ],
)
def test_a_time_zone_makes_datetimes_aware(kind: Kind, stored: object, expected: object) -> None:
    value = decode(kind, stored, timezone=BERLIN)
    assert value == expected
    if isinstance(expected, datetime):
        assert isinstance(value, datetime)
        assert value.utcoffset() == expected.utcoffset()


@pytest.mark.parametrize(
    ("kind", "unit", "stored", "expected"),
    [
        ("datetime", "ms", 1_000, datetime(1970, 1, 1, 0, 0, 1)),
        ("datetime", "ms", 1_500.5, datetime(1970, 1, 1, 0, 0, 1, 500_500)),
        ("datetime", "us", 1_500, datetime(1970, 1, 1, 0, 0, 0, 1_500)),
        ("datetime", "ns", -1, datetime(1969, 12, 31, 23, 59, 59, 999_999)),
        ("datetime", "s", 20240102, datetime(1970, 8, 23, 6, 15, 2)),
        ("datetime", "s", 2_460_311.5, datetime(1970, 1, 29, 11, 25, 11, 500_000)),
        ("datetime", "julian", 2_460_312, datetime(2024, 1, 2, 12)),
        ("datetime", "julian", 0, None),
        ("datetime", "ms", "2024-01-02 10:30:00", MOMENT),
        ("date", "ms", 86_400_000, date(1970, 1, 2)),
        ("time", "ms", 1_000, time(0, 0, 1)),
        ("time", "s", 0.5, time(0, 0, 0, 500_000)),
        ("time", "s", 86_400, None),
        ("time", "julian", 0.5, None),
    ],
)
def test_a_known_unit_beats_the_guess(kind: Kind, unit: str, stored: object, expected: object) -> None:
    if expected is None:
        with pytest.raises(Unreadable):
            decode(kind, stored, unit=unit)  # type: ignore[arg-type]
    else:
        assert decode(kind, stored, unit=unit) == expected  # type: ignore[arg-type]


def test_julian_days_are_read_as_sqlite_reads_them() -> None:
    connection = apsw.Connection(":memory:")
    for text in ("2024-01-02 10:30:00.123", "1969-12-31 23:59:59.999", "2000-02-29 00:00:00.001"):
        (day,) = connection.execute("SELECT julianday(?)", (text,)).fetchone()
        assert decode("datetime", day) == datetime.fromisoformat(text)


STORED = st.one_of(
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False),
    st.text(),
    st.binary(),
    st.text("0123456789-:. TZ+/WPM_{}", max_size=30),
    st.text("0123456789abcdefABCDEF-{}", min_size=30, max_size=40),
)


@given(kind=st.sampled_from(get_args(Kind)), stored=STORED)
@example(kind="time", stored="10+05:30")
@example(kind="datetime", stored="2024-01-02x10:30:00")
@example(kind="datetime", stored="2024-01-02T10:30:00\0")
def test_nothing_becomes_none_and_only_unreadable_is_raised(kind: Kind, stored: object) -> None:
    try:
        value = decode(kind, stored, timezone=BERLIN)
    except Unreadable:
        return
    assert value is not None or kind == "json"  # whose null is None


@given(kind=st.sampled_from(sorted(INLINE)), stored=STORED)
@example(kind="time", stored="10+05:30")
@example(kind="datetime", stored="2024-01-02x10:30:00")
def test_the_fast_way_agrees_with_the_tolerant_one(kind: Kind, stored: object) -> None:
    assert_agreement(kind, stored)


@pytest.mark.parametrize(("kind", "stored"), [*((kind, stored) for kind, stored, _ in READABLE), *UNREADABLE])
def test_the_fast_way_agrees_on_every_known_form(kind: Kind, stored: object) -> None:
    assert_agreement(kind, stored)


def assert_agreement(kind: Kind, stored: object) -> None:
    """STRICT and INLINE both refuse, or both give what decode gives."""
    results: list[object] = []
    for read in (STRICT[kind], inline(kind)):
        assert read is not None
        try:
            results.append(read(stored))
        except Exception:
            results.append(Unreadable)
    assert repr(results[0]) == repr(results[1])
    if results[0] is not Unreadable:
        assert repr(decode(kind, stored)) == repr(results[0])


def inline(kind: Kind):
    """The function that the source of INLINE makes."""
    source = INLINE[kind].template.format(f="f", v="v")
    return eval(f"lambda v: {source}", {"f": INLINE[kind].function})


@pytest.mark.parametrize(
    ("kind", "stored"),
    [
        ("datetime", "2024-01-02+05:00"),  # a date with an offset, not 5 o'clock
        ("datetime", "1612123112345"),  # milliseconds, not the year 1612
        ("datetime", "2024-01-02 10.5"),  # not half a second
        ("datetime", "2024-01-02 10:30.5"),
        ("datetime", 1_700_000_000),
        ("time", "10.5"),
        ("time", "10"),
        ("date", 20240102),
        ("boolean", 2),
        ("uuid", IDENTIFIER.bytes),
        ("json", b"3123"),
        ("json", 5),
    ],
)
def test_the_fast_way_leaves_what_it_could_misread(kind: Kind, stored: object) -> None:
    strict = STRICT[kind]
    assert strict is not None
    with pytest.raises((ValueError, TypeError, LookupError)):
        strict(stored)
