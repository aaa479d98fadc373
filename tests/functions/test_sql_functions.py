"""The SQL functions themselves, over values as any program may have stored them."""

from __future__ import annotations

import math
import tracemalloc
from zoneinfo import ZoneInfo

import apsw
import pytest

from noormme.engines.sqlite.functions import register


def opened(timezone: ZoneInfo | None = None) -> apsw.Connection:
    connection = apsw.Connection(":memory:")
    register(connection, timezone=timezone)
    return connection


def call(sql: str, *parameters: object, timezone: ZoneInfo | None = None) -> object:
    (value,) = opened(timezone).execute(f"SELECT {sql}", parameters).fetchone()
    return value


@pytest.mark.parametrize(
    ("sql", "parameters", "expected"),
    [
        ("noormme_upper(?)", (b"\xc3\xa4\xff",), "Ä\ufffd"),
        ("noormme_upper(?)", ("ᾳ",), "ᾼ"),
        ("noormme_lower(?)", (5,), "5"),
        ("noormme_left(?, ?)", ("a\0bc", 3), "a\0b"),
        ("noormme_left(?, ?)", ("abc", "2"), "ab"),
        ("noormme_left(?, ?)", ("abc", "x"), None),
        ("noormme_left(?, ?)", ("abc", 1e300), None),
        ("noormme_right(?, ?)", ("abc", 2.0), "bc"),
        ("noormme_substr(?, ?)", ("a\0bc", 3), "bc"),
        ("noormme_substr(?, ?, ?)", ("abc", 2**62, 2**62), ""),
        ("noormme_ord(?)", (b"",), 0),
        ("noormme_chr(?)", ("65",), "A"),
        ("noormme_reverse(?)", (12,), "21"),
        ("noormme_hash(?, 'md5')", (5,), "e4da3b7fbbce2345d7772b0674a318d5"),
        ("noormme_round(?, ?)", ("x", 1), None),
        ("noormme_round(?, ?)", (1e308, -308), 1e308),
        ("noormme_round(?, ?)", (1.5, 10**9), 1.5),
        ("noormme_round(?, ?)", (9e999, 1), math.inf),
        ("noormme_round(?, ?)", (15, -(10**9)), 0),
        ("noormme_mod(?, ?)", (1e300, 1e-300), 0.0),
        ("noormme_mod(?, ?)", (-(2**63), -1), 0),
        ("noormme_mod(?, ?)", (9e999, 2), None),
        ("noormme_mod(?, ?)", (2, 9e999), None),
        ("noormme_log(?, ?)", (10, 9e999), None),
        ("noormme_log(?, ?)", (10, 1e308), 308.0),
        ("noormme_power(?, ?)", ("2", "3"), 8.0),
        ("noormme_exp(?)", (None,), None),
        ("noormme_greatest(?, ?, ?)", (2, "1", b"0"), b"0"),
        ("noormme_least(?, ?, ?)", ("b", "a", None), "a"),
        ("noormme_greatest(?, ?)", (2**53 + 1, float(2**53)), 2**53 + 1),
        ("noormme_greatest()", (), None),
        ("noormme_integer(?, 'any')", (b" 12\n",), 12),
        ("noormme_integer(?, 'any')", ("9223372036854775808",), None),
        ("noormme_integer(?, 'any')", ("9" * 5000,), None),
        ("noormme_integer(?, 'real')", (9e999,), None),
        ("noormme_integer(?, 'decimal')", ("-0.5",), -1),
        ("noormme_integer(?, 'boolean')", ("yes",), 1),
        ("noormme_integer(?, 'boolean')", ("perhaps",), None),
        ("noormme_real(?)", ("nan",), None),
        ("noormme_real(?)", ("Infinity",), None),
        ("noormme_real(?)", ("9" * 5000,), None),
        ("noormme_decimal(?)", (9e999,), None),
        ("noormme_boolean(?, 'any')", ("",), None),
        ("noormme_boolean(?, 'any')", (0.5,), 1),
        ("noormme_text(?, 'real')", (-0.0,), "-0"),
        ("noormme_text(?, 'real')", (9e999,), "Infinity"),
        ("noormme_text(?, 'real')", (-1.5e15,), "-1.5e+15"),
        ("noormme_text(?, 'real')", ("1.50",), "1.50"),
        ("noormme_text(?, 'boolean')", ("perhaps",), "perhaps"),
        ("noormme_text(?, 'time')", ("10:30:00.100000",), "10:30:00.1"),
        ("noormme_text(?, 'duration')", (93_784_500_000,), "1 day 02:03:04.5"),
        ("noormme_text(?, 'duration')", (-3_600_000_000,), "-1 days +23:00:00"),
        ("noormme_text(?, 'duration')", (2 * 86_400_000_000,), "2 days"),
        ("noormme_text(?, 'duration')", (0,), "00:00:00"),
        ("noormme_blob(?)", ("\ud7ff",), b"\xed\x9f\xbf"),
        ("noormme_blob(?)", (1.5,), b"1.5"),
        ("noormme_uuid(?)", (bytes(16),), "00000000-0000-0000-0000-000000000000"),
        ("noormme_uuid(?)", (5,), None),
        ("noormme_joined(?, ?)", ('["a",null,1,1.0,"\\u0000"]', "-"), "a-1-1-\0"),
        ("noormme_joined(?, ?)", ("[null]", "-"), None),
        ("noormme_joined(?, ?)", ('["a"]', None), None),
        ("noormme_zoned(?, 'Europe/Berlin')", ("2024-07-01T10:00:00-04:00",), "2024-07-01 16:00:00"),
        ("noormme_zoned(?, '+05:30', 'ms')", (0,), "1970-01-01 05:30:00"),
        ("noormme_zoned(?, '-00:30')", ("2024-01-01",), "2023-12-31 23:30:00"),
        ("noormme_zoned(?, 'UTC')", ("soon",), None),
        ("noormme_unzoned(?, 'Europe/Berlin')", ("2024-07-01 16:00:00",), "2024-07-01 14:00:00"),
        ("noormme_unzoned(?, 'Europe/Berlin')", (None,), None),
    ],
)
def test_values(sql: str, parameters: tuple[object, ...], expected: object) -> None:
    found = call(sql, *parameters)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    "sql",
    [
        *(
            f"noormme_{name}(NULL)"
            for name in ("chr", "exp", "lower", "ord", "reverse", "upper", "uuid", "blob", "real", "decimal")
        ),
        *(
            f"noormme_{name}(NULL, 1)"
            for name in ("left", "right", "repeat", "substr", "round", "mod", "power", "log")
        ),
        *(
            f"noormme_{name}(1, NULL)"
            for name in ("left", "right", "repeat", "substr", "round", "mod", "power", "log")
        ),
        *(f"noormme_{name}(NULL, 'text')" for name in ("integer", "boolean", "text", "joined")),
        *(
            f"noormme_{name}({arguments})"
            for name in ("lpad", "rpad")
            for arguments in ("NULL, 1, 'x'", "'a', NULL, 'x'", "'a', 1, NULL")
        ),
        "noormme_hash(NULL, 'md5')",
        "noormme_substr('a', 1, NULL)",
        "noormme_stddev_pop(NULL)",
        "noormme_variance_samp(1)",
    ],
)
def test_null_gives_null(sql: str) -> None:
    assert call(sql) is None


@pytest.mark.parametrize(
    "sql",
    [
        "noormme_repeat('ab', 1000000000)",
        "noormme_lpad('a', 1000000001, 'b')",
        "noormme_rpad('a', 2000000000, 'b')",
    ],
)
def test_texts_that_are_too_long_are_refused_before_they_are_made(sql: str) -> None:
    tracemalloc.start()
    with pytest.raises(apsw.TooBigError):
        call(sql)
    _, most_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most_bytes < 1_000_000


def test_zones_of_the_settings() -> None:
    tokyo = ZoneInfo("Asia/Tokyo")
    assert call("noormme_zoned(?, 'UTC')", "2024-01-01 08:00:00", timezone=tokyo) == "2023-12-31 23:00:00"
    assert call("noormme_unzoned(?, 'UTC')", "2023-12-31 23:00:00", timezone=tokyo) == "2024-01-01 08:00:00"


def test_the_functions_can_stand_in_an_index_and_are_trusted() -> None:
    connection = opened()
    connection.execute(
        "PRAGMA trusted_schema = OFF; CREATE TABLE t (c); INSERT INTO t VALUES ('ä'), ('B')"
    ).fetchall()
    connection.execute(
        "CREATE INDEX uppered ON t (noormme_upper(c)); CREATE VIEW v AS SELECT noormme_stddev_pop(length(c)) AS s FROM t"
    ).fetchall()
    plan = connection.execute("EXPLAIN QUERY PLAN SELECT c FROM t WHERE noormme_upper(c) = 'Ä'").fetchall()
    assert "uppered" in str(plan)
    assert connection.execute("SELECT s FROM v").fetchall() == [(0.0,)]
