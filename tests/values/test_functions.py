"""The SQL functions of every connection."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import apsw
import pytest

from noormme.engines.sqlite.functions import register
from noormme.errors import InvalidValue


def opened(timezone: ZoneInfo | None = None) -> apsw.Connection:
    connection = apsw.Connection(":memory:")
    register(connection, timezone=timezone)
    return connection


def call(sql: str, *parameters: object, timezone: ZoneInfo | None = None) -> object:
    (value,) = opened(timezone).execute(f"SELECT {sql}", parameters).fetchone()
    return value


@pytest.mark.parametrize(
    ("value", "pattern", "expected"),
    [
        ("hello", "^h.*o$", 1),
        ("hello", "^e", 0),
        ("hello\nworld", "(?m)^world$", 1),
        ("Ünï", "(?i)^ÜNÏ$", 1),
        ("a\0b", "\0", 1),
        (42, "^42$", 1),
        (1.5, r"^1\.5$", 1),
        (b"abc", "^abc$", 1),
        (b"\xff", "\ufffd", 1),
        ("5", 5, 1),
        (None, "a", None),
        ("a", None, None),
    ],
)
def test_regexp(value: object, pattern: object, expected: object) -> None:
    assert call("? REGEXP ?", value, pattern) == expected


def test_a_pattern_that_does_not_compile_is_named_but_not_shown() -> None:
    with pytest.raises(InvalidValue) as caught:
        call("'a' REGEXP ?", "secret(")
    assert "position 6" in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("ÄÖ", "äö"),
        ("Straße", "strasse"),
        ("ЖЯ", "жя"),
        ("A\0B", "a\0b"),
        (5, "5"),
        (b"AB", "ab"),
        (None, None),
    ],
)
def test_casefold(value: object, expected: object) -> None:
    assert call("noormme_casefold(?)", value) == expected


@pytest.mark.parametrize(
    ("arguments", "moment", "clock"),
    [
        (("2024-01-02 10:30:00",), "2024-01-02 10:30:00", "10:30:00"),
        (("2024-01-02T10:30:00.5+02:00",), "2024-01-02 10:30:00.500000", "10:30:00.500000"),
        (("2024-01-02",), "2024-01-02 00:00:00", "00:00:00"),
        ((1_700_000_000_123,), "2023-11-14 22:13:20.123000", "22:13:20.123000"),
        ((1_000, "ms"), "1970-01-01 00:00:01", "00:00:01"),
        ((2_460_311.9375,), "2024-01-02 10:30:00", "10:30:00"),
        (("10:30",), None, "10:30:00"),
        (("9:05:00.25Z",), None, "09:05:00.250000"),
        (("25:61",), None, None),
        (("2024-02-30 10:00:00",), None, None),
        (("soon",), None, None),
        ((b"\xff",), None, None),
        ((None,), None, None),
    ],
)
def test_datetime_and_time(arguments: tuple[object, ...], moment: object, clock: object) -> None:
    marks = ", ".join("?" * len(arguments))
    assert call(f"noormme_datetime({marks})", *arguments) == moment
    assert call(f"noormme_time({marks})", *arguments) == clock


def test_numbers_are_shown_in_the_time_zone() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    assert call("noormme_datetime(?)", 1_700_000_000, timezone=berlin) == "2023-11-14 23:13:20"
    assert call("noormme_time(?)", 1_700_000_000, timezone=berlin) == "23:13:20"
    assert call("noormme_time(?)", "2023-11-14 22:13:20", timezone=berlin) == "22:13:20"


def test_the_functions_can_stand_in_an_index_and_in_a_view_that_is_not_trusted() -> None:
    connection = opened()
    connection.execute("CREATE TABLE t (c)")
    connection.execute("CREATE INDEX folded ON t (noormme_casefold(c))")
    connection.execute("CREATE VIEW v AS SELECT c FROM t WHERE c REGEXP '^a'")
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("INSERT INTO t VALUES ('abc'), ('ÄB')")
    assert connection.execute("SELECT c FROM v").fetchall() == [("abc",)]
    plan = connection.execute(
        "EXPLAIN QUERY PLAN SELECT c FROM t WHERE noormme_casefold(c) = 'äb'"
    ).fetchall()
    assert "folded" in str(plan)
