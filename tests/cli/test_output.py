"""Texts for people: units, plurals, code and SQL."""

from __future__ import annotations

import pytest

from noormme.cli.demo.show import sql_text
from noormme.cli.output import duration, plural, printable, size


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 µs"),
        (4.26e-6, "4.26 µs"),
        (0.000_999_4, "999 µs"),
        (0.000_999_9, "1 ms"),
        (0.0123, "12.3 ms"),
        (1.5, "1.5 s"),
        (61, "61 s"),
    ],
)
def test_duration(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (1023, "1,023 bytes"),
        (1024, "1.0 KiB"),
        (9_375_744, "8.9 MiB"),
        (3 * 1024**3, "3.0 GiB"),
        (5 * 1024**4, "5.0 TiB"),
        (9 * 1024**5, "9216.0 TiB"),
    ],
)
def test_size(count: int, text: str) -> None:
    assert size(count) == text


def test_plural() -> None:
    assert plural(1, "row") == "1 row"
    assert plural(2_000, "row") == "2,000 rows"
    assert plural(3, "query", "queries") == "3 queries"


def test_printable() -> None:
    assert printable("a\nb\t\x1b[0m\x9b\u202e\ud800é✓") == "a\\nb\\t\\x1b[0m\\x9b\\u202e\\ud800é✓"


def test_sql_gets_a_line_for_each_clause() -> None:
    assert sql_text(
        'SELECT "a"."x", count(*) AS n \nFROM "a" LEFT OUTER JOIN "b" ON "b"."id" = "a"."b" JOIN c ON 1 \n'
        'WHERE "a"."x" IN (SELECT value \nFROM carray(?)) GROUP BY "a"."x" \nHAVING n > ?'
        " ORDER BY n DESC\n LIMIT ? OFFSET ?"
    ) == (
        'SELECT "a"."x", count(*) AS n\n'
        'FROM "a"\n'
        '  LEFT OUTER JOIN "b" ON "b"."id" = "a"."b"\n'
        "  JOIN c ON 1\n"
        'WHERE "a"."x" IN (SELECT value FROM carray(?))\n'
        'GROUP BY "a"."x"\n'
        "HAVING n > ?\n"
        "ORDER BY n DESC\n"
        "LIMIT ?\n"
        "OFFSET ?"
    )


def test_a_long_list_of_columns_is_cut_and_says_so() -> None:
    columns = ", ".join(f'"t"."c,{number}"' for number in range(9))
    assert sql_text(f"SELECT DISTINCT {columns} FROM t") == (
        'SELECT DISTINCT "t"."c,0", "t"."c,1", "t"."c,2", "t"."c,3", "t"."c,4", /* and 4 more */\nFROM t'
    )


@pytest.mark.parametrize(
    "sql",
    [
        "PRAGMA user_version",
        "SELECT 1",
        "SELECT a, f(b, c), d, e, f, g\nFROM t",
        "SELECT (SELECT a, b, c, d, e, f, g FROM t) AS x\nFROM u",
        "SELECT 'FROM', \"WHERE\"\nFROM t",
    ],
)
def test_other_sql_stays_as_it_is(sql: str) -> None:
    assert sql_text(sql) == sql
