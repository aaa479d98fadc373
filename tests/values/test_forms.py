"""What is learnt from a few stored values, and what SQL and decoders make of it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import get_args
from uuid import UUID
from zoneinfo import ZoneInfo

import apsw
import msgspec
import pytest

from noormme.engines.sqlite.decoders import decoder
from noormme.engines.sqlite.forms import (
    StorageForm,
    form_of,
    strftime_argument,
    time_expression,
    unit_in,
)
from noormme.engines.sqlite.functions import register
from noormme.engines.sqlite.values import STRICT, decode
from noormme.schema.model import Kind

BERLIN = ZoneInfo("Europe/Berlin")
IDENTIFIER = UUID("0123abcd-0123-4abc-8abc-0123456789ab")


def iso(**attributes: object) -> StorageForm:
    return StorageForm(layout="iso", **attributes)  # type: ignore[arg-type]


FORMS: list[tuple[Kind, list[object], StorageForm]] = [
    ("datetime", [], iso()),
    ("datetime", [None, "soon", ""], iso()),
    ("datetime", ["2024-01-02 10:30:00"], iso()),
    ("datetime", ["2024-01-02 10:30:00", "2024-01-02 10:30:00.123456"], iso()),
    ("datetime", ["2024-01-02 10:30:00.123456", "2024-01-02 10:30:00.654321"], iso()),
    ("datetime", ["2024-01-02 10:30:00.123456", "2024-01-02 10:30:00.000000"], iso(timespec="microseconds")),
    ("datetime", ["2024-01-02 10:30:00.123", "2024-01-02 10:30:00.000"], iso(timespec="milliseconds")),
    ("datetime", ["2024-01-02 10:30:00.5", "2024-01-02 10:30:00"], iso(timespec="trimmed")),
    ("datetime", ["2024-01-02T10:30:00.1234567"], iso(separator="T", timespec="trimmed")),
    ("datetime", ["2024-01-02T10:30:00.123Z"], iso(separator="T", timespec="milliseconds", offset="Z")),
    ("datetime", ["2024-01-02T10:30:00Z"], iso(separator="T", timespec="seconds", offset="Z")),
    ("datetime", ["2024-01-02T10:30:00.123456Z"], iso(separator="T", timespec="microseconds", offset="Z")),
    ("datetime", ["2024-01-02 10:30:00.123 +00:00"], iso(timespec="milliseconds", offset=" +00:00")),
    ("datetime", ["2024-01-02 10:30:00 +02:00"], iso(offset=" +02:00")),
    ("datetime", ["2024-01-02 10:30:00+02:00"], iso(offset="+02:00")),
    ("datetime", ["2024-01-02 10:30:00 +0000 UTC"], iso(offset=" +0000 UTC")),
    ("datetime", ["2024-01-02 10:30", "2024-01-02 10:31"], iso(timespec="minutes")),
    ("datetime", ["2024-01-02", "2024-01-03"], iso(timespec="days")),
    ("datetime", ["2024-01-02T10:30:00", "2024-01-02T10:30:01", "2024-01-02 10:30:00"], iso(separator="T")),
    (
        "datetime",
        [1_700_000_000, "2024-01-02T10:30:00", 1_700_000_001],
        StorageForm(layout="s", timespec="seconds", mixed="forms"),
    ),
    ("datetime", [1_700_000_000, 1_700_000_000.5], StorageForm(layout="s")),
    ("datetime", [0, 1_700_000_000_000], StorageForm(layout="ms", timespec="seconds")),
    ("datetime", [1_700_000_000_000_000], StorageForm(layout="us", timespec="seconds")),
    ("datetime", [1_700_000_000_000_000_000], StorageForm(layout="ns", timespec="seconds")),
    ("datetime", [2_460_311.9375, 2_460_312], StorageForm(layout="julian")),
    ("datetime", [20240102103000], StorageForm(layout="compact", timespec="seconds")),
    ("datetime", ["2024/1/2 10:30"], iso()),
    ("date", [], iso(timespec="days")),
    ("date", ["2024-01-02", "2024-02-30"], iso(timespec="days")),
    ("date", ["2024-01-02T00:00:00.000Z"], iso(separator="T", timespec="milliseconds", offset="Z")),
    ("date", [20240102, 20240103], StorageForm(layout="compact", timespec="days")),
    ("date", [1_704_153_600], StorageForm(layout="s", timespec="seconds")),
    ("time", [], iso()),
    ("time", ["10:30:00", "25:61"], iso()),
    ("time", ["10:30"], iso(timespec="minutes")),
    ("time", ["2000-01-01 10:30:00"], iso(base_day="2000-01-01 ")),
    ("time", ["10:30:00", "10:30:01Z", "10:30:02", 37_800], iso()),
    ("time", ["10:30:00", 37_800, 37_801], StorageForm(layout="s", timespec="seconds")),
    ("time", [37_800], StorageForm(layout="s", timespec="seconds")),
    ("time", [0, 37_800_000], StorageForm(layout="ms", timespec="seconds")),
    ("boolean", [], StorageForm()),
    ("boolean", [0, 1, 1, "t"], StorageForm()),
    ("boolean", ["t", "t"], StorageForm(words=("f", "t"))),
    ("boolean", ["F"], StorageForm(words=("F", "T"))),
    ("boolean", ["True", "False", "True"], StorageForm(words=("False", "True"))),
    ("boolean", ["NO"], StorageForm(words=("NO", "YES"))),
    ("boolean", ["N", "Y"], StorageForm(words=("N", "Y"))),
    ("boolean", ["on"], StorageForm(words=("off", "on"))),
    ("boolean", ["1"], StorageForm(words=("0", "1"))),
    ("uuid", [], StorageForm(layout="hyphenated")),
    ("uuid", ["not-a-uuid", IDENTIFIER.hex], StorageForm(layout="hex")),
    ("uuid", [str(IDENTIFIER).upper()], StorageForm(layout="hyphenated", upper=True)),
    ("uuid", [f"{{{IDENTIFIER}}}"], StorageForm(layout="braced")),
    ("uuid", [IDENTIFIER.urn], StorageForm(layout="urn")),
    ("uuid", [IDENTIFIER.bytes], StorageForm(layout="bytes")),
    ("json", ['{"a": 1}', b'{"a": 1}'], StorageForm()),
    ("json", [apsw.jsonb_encode({"a": 1}), apsw.jsonb_encode([1])], StorageForm(layout="jsonb")),
    ("json", ['"\\u00e9"', '"e"'], StorageForm(ascii=True)),
    ("json", ['"\\u00e9"', '"é"'], StorageForm()),
    *(
        (kind, ["2024-01-02", 5], StorageForm())
        for kind in ("any", "integer", "real", "text", "blob", "decimal")
    ),
]


@pytest.mark.parametrize(("kind", "samples", "expected"), FORMS)
def test_the_form_of_most_samples_is_found(kind: Kind, samples: list[object], expected: StorageForm) -> None:
    assert form_of(kind, samples) == expected


@pytest.mark.parametrize(
    ("samples", "layout", "mixed"),
    [
        ([1_704_191_400, 1_704_191_400_123], "s", "units"),
        ([1_704_191_400, 1_704_191_400_123, 1_704_191_400_124, 1_704_191_400_125], "ms", "no"),
        ([1_704_191_400_123, 0, 86_400_000, -5, 20], "ms", "no"),
        ([1_704_191_400, 2_460_311.9375], "s", "units"),
        ([2_460_311.9375, 2_460_312], "julian", "no"),
        ([1_704_191_400, 1_704_191_401, "2024-01-02"], "s", "forms"),
        (["2024-01-02 10:30:00", "2024-01-02 10:30:01", 1_704_191_400], "iso", "forms"),
        (["2024-01-02 10:30:00", "2024-01-02 10:30:00Z"], "iso", "forms"),
        (["2024-01-02 10:30:00", "2024-01-02T10:30:00"], "iso", "no"),
        (["2024-01-02 10:30:00", "2024/1/2"], "iso", "forms"),
    ],
)
def test_a_column_of_several_forms_is_read_value_by_value(
    samples: list[object], layout: str, mixed: str
) -> None:
    form = form_of("datetime", samples)
    assert (form.layout, form.mixed) == (layout, mixed)
    for stored in samples:
        value = decode("datetime", stored, unit=unit_in(form))
        assert isinstance(value, datetime)
        if mixed != "no":
            assert value.year == 2024
            assert strftime(form, stored, None) == value.strftime("%Y-%m-%d %H:%M:%S")
            assert clock(form, stored, None) == value.time().isoformat()


def test_blanks_around_a_word_do_not_hide_it() -> None:
    assert form_of("boolean", ["y ", "n "]) == StorageForm(words=("n", "y"))


@pytest.mark.parametrize("stored", ["2024-01-02 10:30:00+00:00", "2024-01-02 +00:00", "2024-01-02", 5])
def test_the_decoder_of_spaced_offsets_takes_nothing_else(stored: object) -> None:
    fast = decoder("datetime", iso(offset=" +00:00"))
    assert fast is not None
    assert fast("2024-01-02 10:30:00.5 +00:00") == datetime(2024, 1, 2, 10, 30, 0, 500_000, tzinfo=UTC)
    with pytest.raises((ValueError, TypeError, LookupError)):
        fast(stored)


@pytest.mark.parametrize(
    ("timespec", "text", "others"),
    [
        ("days", "2024-01-02", ["2024-01-02 10:30", "1612123112", "20240102", 5, b"2024-01-02"]),
        (
            "minutes",
            "2024-01-02T10:30",
            ["2024-01-02", "2024-01-02-05:00", "2024-01-02 10.50", 5, b"2024-01-02 10:30"],
        ),
    ],
)
def test_the_decoder_of_short_text_takes_nothing_else(timespec: str, text: str, others: list[object]) -> None:
    fast = decoder("datetime", iso(timespec=timespec))
    assert fast is not None
    assert fast(text) == datetime.fromisoformat(text)
    for stored in others:
        with pytest.raises((ValueError, TypeError, LookupError)):
            fast(stored)


def test_a_form_is_data() -> None:
    form = form_of("datetime", ["2024-01-02T10:30:00.123Z"])
    assert hash(form) == hash(form_of("datetime", ["2024-05-06T11:31:01.321Z"]))
    assert msgspec.json.decode(msgspec.json.encode(form), type=StorageForm) == form


@pytest.mark.parametrize(("kind", "samples", "form"), FORMS)
@pytest.mark.parametrize("zone", [None, BERLIN])
def test_the_decoder_of_a_form_agrees_with_decode(
    kind: Kind, samples: list[object], form: StorageForm, zone: ZoneInfo | None
) -> None:
    fast = decoder(kind, form, timezone=zone)
    if fast is None:
        assert STRICT[kind] is None
        return
    readings = 0
    for stored in samples:
        if stored is None:
            continue
        try:
            value = fast(stored)
        except Exception:
            continue
        assert value == decode(kind, stored, timezone=zone, unit=unit_in(form))
        readings += 1
    # A form that no decoder is made for is left to the tolerant way.
    assert readings or form == form_of(kind, [])


@pytest.mark.parametrize("kind", get_args(Kind))
def test_the_usual_forms_take_the_fast_way(kind: Kind) -> None:
    assert decoder(kind, form_of(kind, [])) is STRICT[kind]


@pytest.mark.parametrize(
    ("layout", "stored"),
    [("s", 20240102), ("ms", 20240102), ("us", 20240102), ("ns", 20240102), ("julian", 2_460_312)],
)
def test_the_decoder_of_a_form_knows_the_unit(layout: str, stored: int) -> None:
    fast = decoder("datetime", StorageForm(layout=layout))  # type: ignore[arg-type]
    assert fast is not None
    assert fast(stored) == decode("datetime", stored, unit=layout)  # type: ignore[arg-type]
    with pytest.raises((TypeError, ValueError)):
        fast("soon")


# ---------------------------------------------------------------- date functions in SQL

PLUS_TWO = timezone(timedelta(hours=2))
LATE = datetime(2023, 12, 31, 23, 59, 59, 999_999)

STORED_DATETIMES: list[tuple[object, object]] = [
    ("2023-12-31 23:59:59.999999", None),
    ("2023-12-31T23:59:59.999Z", None),
    ("2023-12-31 23:59:59.999999+00:00", None),
    ("2023-12-31 23:59:59+02:00", None),
    ("2023-12-31 23:59:59.5 +0200 CEST", None),
    ("2023-12-31 23:59:59 -0330", None),
    ("2023-12-31 23:59", None),
    ("2023-12-31 23:59Z", None),
    ("2023-12-31", None),
    (1_704_067_199, None),
    (1_704_067_199.999999, None),
    (1_704_067_199_999, None),
    (1_704_067_199_999_999, None),
    (1_704_067_199_999_999_999, None),
    (-1, [-1_700_000_000, -1]),
    (-1, [-1_700_000_000_000, -1]),
    (-1, [-1_700_000_000_000_000, -1]),
    (2_460_310.499, None),
    (20231231235959, None),
]


@pytest.mark.parametrize(("stored", "samples"), STORED_DATETIMES)
@pytest.mark.parametrize("zone", [None, UTC, BERLIN, PLUS_TWO], ids=str)
def test_date_functions_see_what_python_sees(stored: object, samples: object, zone: timezone | None) -> None:
    form = form_of("datetime", samples if isinstance(samples, list) else [stored])
    value = decode("datetime", stored, timezone=zone, unit=unit_in(form))
    assert isinstance(value, datetime)
    assert strftime(form, stored, zone) == value.strftime("%Y-%m-%d %H:%M:%S")
    assert clock(form, stored, zone) == value.time().isoformat()


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        ("2023-12-31", "2023-12-31"),
        ("2023-12-31T00:00:00.000Z", "2023-12-31"),
        ("2023-12-31 00:00:00+02:00", "2023-12-31"),
        (20231231, "2023-12-31"),
        (1_703_980_800, "2023-12-31"),
        (1_703_980_800_000, "2023-12-31"),
        (2_460_309.5, "2023-12-31"),
    ],
)
def test_date_functions_see_dates(stored: object, expected: str) -> None:
    form = form_of("date", [stored])
    assert decode("date", stored, unit=unit_in(form)) == date.fromisoformat(expected)
    assert strftime(form, stored, None)[:10] == expected


@pytest.mark.parametrize(
    "stored",
    ["10:30:15", "10:30:15.5", "2000-01-01 10:30:15", "10:30:15Z", 37_815, 37_815_000, 37_815_000_000],
)
def test_time_functions_see_times(stored: object) -> None:
    form = form_of("time", [stored])
    value = decode("time", stored, unit=unit_in(form))
    assert isinstance(value, time)
    assert clock(form, stored, None) == value.replace(tzinfo=None).isoformat()


def strftime(form: StorageForm, stored: object, zone: timezone | None) -> str:
    template, modifiers = strftime_argument(form, timezone=zone)
    arguments = "".join(f", '{modifier}'" for modifier in modifiers)
    return one(
        f"SELECT strftime('%Y-%m-%d %H:%M:%S', {template.format(c='c')}{arguments}) FROM t", stored, zone
    )


def clock(form: StorageForm, stored: object, zone: timezone | None) -> str:
    return one(f"SELECT {time_expression(form).format(c='c')} FROM t", stored, zone)


def one(sql: str, stored: object, zone: timezone | None) -> str:
    connection = apsw.Connection(":memory:")
    register(connection, timezone=zone)
    connection.execute("CREATE TABLE t (c DATETIME)")
    connection.execute("INSERT INTO t VALUES (?)", (stored,))
    (value,) = connection.execute(sql).fetchone()
    return str(value)
