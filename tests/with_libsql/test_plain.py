"""Every function in plain SQL gives what the function in Python gives, over a grid of values."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import pytest
import sqlalchemy as sa

from noormme import Database, NotSupported, connect
from noormme.engines.libsql.expressions import LibSQLExpressions
from noormme.engines.libsql.plain import WRITERS
from noormme.engines.sqlite.functions import casts, durations, lookups, numbers, text
from noormme.engines.sqlite.functions.moments import functions_of
from tests.with_libsql.server import emptied

PYTHON: dict[str, Callable[..., object]] = {
    name: function
    for table in (casts.FUNCTIONS, durations.FUNCTIONS, lookups.FUNCTIONS, numbers.FUNCTIONS, text.FUNCTIONS)
    for name, (function, _) in (*table.items(), *functions_of(None).items())
}

TEXTS = [
    None,
    "",
    "a",
    "Ann",
    "Émile Straße",
    "ΑΣ ας",
    "\u0130\u0131\u017fK\u212a",
    "%_'\"\\",
    "日本語",
    "0042",
    "aaa",
    "ŉǰ",
]
COUNTS = [None, 0, 1, 2, 3, 7, 40, -1, -2, -9]
INTEGERS = [None, 0, 1, -1, 2, 7, -7, 15, 25, 35, 105, -115, 123456789, 2**53, -(2**63), 2**63 - 1]
REALS = [
    0.5,
    1.5,
    2.5,
    -2.5,
    2.675,
    1.005,
    0.1,
    0.30000000000000004,
    1e15,
    1e-7,
    123456.789,
    1.2345678901234567e20,
    2.2250738585072014e-308,
    0.000123,
]
REALS += [1.7976931348623157e308, 1234567890123456.7, 99999.99999999999, -0.05, 2.5e-5, 3.0, -1e22, 0.1 + 0.7]
WORDS = ["true", "T", " yes ", "of", "o", "on", "no", "2", "x", "1", "0", "FALSE", "ye"]
NUMERALS = [
    "12",
    " 12 ",
    "+7",
    "-3.5",
    "1e3",
    ".5",
    "5.",
    "1_0",
    "0x10",
    "9223372036854775808",
    "",
    "é",
    "--1",
    "1e999",
    "007",
]
UUIDS = [
    "6ba7b810-9dad-11d1-80b4-00c04fd430c8",
    "6BA7B8109DAD11D180B400C04FD430C8",
    "{6ba7b810-9dad-11d1-80b4-00c04fd430c8}",
]
UUIDS += ["urn:uuid:6ba7b810-9dad-11d1-80b4-00c04fd430c8", "6ba7b810", "xba7b810-9dad-11d1-80b4-00c04fd430c8"]
MOMENTS = [
    "2024-02-29 10:30:15.250000",
    "2024-02-29T10:30:15",
    "2024-02-29",
    "2024-02-29 10:30",
    "2024-02-29T10:30:15Z",
]
MOMENTS += [
    "2024-02-29 10:30:15.25+02:00",
    "1969-12-31 23:59:59.999999",
    "0001-01-01 00:00:00",
    "9999-12-31 23:59:59.5",
]
MOMENTS += ["2024-02-29 10:30:15.000000", "2024-02-29 10:30:15.1234567"]
CLOCKS = ["10:30:15", "10:30", "23:59:59.999999", "00:00:00.5", "10:30:15.120000"]
STAMPS = [0, 1, -1, 1709202615, 1709202615.25, -62135596800, 253402300799, 1e300]
SPANS = [
    None,
    0,
    1,
    -1,
    86_400_000_000,
    -86_400_000_000,
    1_500_000,
    90_061_000_001,
    -3,
    10**17,
    -(10**18),
    2.6,
]

GRIDS: list[tuple[str, list[list[Any]], tuple[str, ...]]] = [
    *(
        (name, [TEXTS], ())
        for name in ("noormme_upper", "noormme_lower", "noormme_casefold", "noormme_reverse")
    ),
    ("noormme_ord", [TEXTS], ()),
    *(
        (name, [TEXTS, COUNTS], ())
        for name in ("noormme_left", "noormme_right", "noormme_repeat", "noormme_substr")
    ),
    ("noormme_substr", [TEXTS, COUNTS, COUNTS], ()),
    *((name, [TEXTS, COUNTS, [None, "", "-", "ab", "é0"]], ()) for name in ("noormme_lpad", "noormme_rpad")),
    ("noormme_chr", [[None, 0, 1, 65, 233, 0xD800, 0xDFFF, 0xE000, 0x10FFFF, 0x110000, -1]], ()),
    ("noormme_round", [[*INTEGERS, *REALS], [None, 0, 1, 2, 3, -1, -2, 16]], ()),
    (
        "noormme_mod",
        [[*INTEGERS[:13], *REALS[:7], 5.4, -5.4, 8.25], [None, 0, 1, 3, -3, 0.2, 0.25, -2.5, 7]],
        (),
    ),
    (
        "noormme_power",
        [[None, 0, 1, -1, 2, -8, 10, 0.5, 2.5], [None, 0, 1, -1, 2, 3, 0.5, -0.5, 400, -400]],
        (),
    ),
    ("noormme_exp", [[None, 0, 1, -1, 2.5, 700, 709.7, 710, 1e300, -1e300]], ()),
    ("noormme_log", [[None, 2, 10, 1, 0, -1, 2.5], [None, 1, 2, 8, 1000, 0, -1, 7.5, 1e300]], ()),
    *(
        (name, [[None, 1, 2.5, "a", "B"], [None, 2, "b"], [None, -1.5, ""]], ())
        for name in ("noormme_greatest", "noormme_least")
    ),
    *(("noormme_boolean", [[*WORDS, None, 0, 1, 2, -0.5]], (kind,)) for kind in ("text", "integer", "any")),
    *(
        ("noormme_integer", [[*NUMERALS, *INTEGERS, *REALS]], (kind,))
        for kind in ("any", "real", "decimal", "text")
    ),
    *((name, [[*NUMERALS, *INTEGERS, *REALS]], ()) for name in ("noormme_real", "noormme_decimal")),
    *(("noormme_text", [[*INTEGERS, *REALS, "x"]], (kind,)) for kind in ("any", "real", "decimal")),
    ("noormme_text", [SPANS], ("duration",)),
    ("noormme_text", [[None, 0, 1, "true", "no"]], ("boolean",)),
    ("noormme_uuid", [[None, *UUIDS]], ()),
    ("noormme_datetime", [[None, *MOMENTS]], ()),
    ("noormme_time", [[None, *MOMENTS, *CLOCKS]], ()),
    *(("noormme_datetime", [STAMPS], (unit,)) for unit in ("s", "ms", "us")),
    (
        "noormme_datetime",
        [[1709202615, 1709202615123, 1709202615123456, 1709202615123456789, 2024, 2460000.5]],
        (),
    ),
    ("noormme_between", [MOMENTS[:2] + MOMENTS[6:9], MOMENTS[:2] + MOMENTS[6:9]], ()),
    ("noormme_between", [CLOCKS, CLOCKS], ()),
    ("noormme_moved", [[None, *MOMENTS[:2], *MOMENTS[6:9], *CLOCKS[:4]], SPANS], ()),
]


@pytest.fixture(scope="module")
def db(server: str) -> Iterator[Database]:
    with connect(emptied(server)) as database:
        yield database


def spelled(name: str, count: int, words: tuple[str, ...]) -> str:
    arguments = [sa.literal_column(f"a{number}") for number in range(count)]
    arguments += [sa.literal_column(f"'{word}'") for word in words]
    statement = sa.select(WRITERS[name](arguments))
    return statement.compile(dialect=LibSQLExpressions.sqlalchemy).string


@pytest.mark.parametrize(
    ("name", "grid", "words"),
    [pytest.param(*each, id=f"{number}-{each[0]}") for number, each in enumerate(GRIDS)],
)
def test_same_as_in_python(db: Database, name: str, grid: list[list[Any]], words: tuple[str, ...]) -> None:
    rows = [list(row) for row in product(*grid)]
    names = ", ".join(f"json_extract(value, '$[{number}]') AS a{number}" for number in range(len(grid)))
    sql = f"{spelled(name, len(grid), words)} FROM (SELECT {names} FROM json_each(?))"
    found = [row[0] for row in db._engine.fetch(sql, (json.dumps(rows),))]
    function = PYTHON[name]
    wanted = [function(*row, *words) for row in rows]
    wrong = [
        (row, ours, theirs)
        for row, ours, theirs in zip(rows, found, wanted, strict=True)
        if not same(ours, theirs)
    ]
    assert wrong == []


def same(ours: object, theirs: object) -> bool:
    if isinstance(theirs, float) and isinstance(ours, int | float):
        # The last digit of a power or a logarithm is the library's of the machine.
        return ours == pytest.approx(theirs, rel=1e-15, abs=0)
    return ours == theirs


def test_every_function_is_shown_or_refused() -> None:
    shown = {name for name, _, _ in GRIDS}
    refused = {"noormme_hash", "noormme_json_contains", "noormme_unzoned", "noormme_zoned"}
    elsewhere = {"noormme_stored", "noormme_json", "noormme_blob", "acos", "asin", "ln", "sqrt"}
    assert WRITERS.keys() == shown | refused | elsewhere
    for name in refused:
        with pytest.raises(NotSupported) as caught:
            WRITERS[name]([])
        assert caught.value.hint


def test_functions_without_an_answer_give_null(db: Database) -> None:
    for name, given, wanted in (
        ("sqrt", "-1", None),
        ("sqrt", "4", 2.0),
        ("ln", "0", None),
        ("ln", "1", 0.0),
        ("acos", "2", None),
        ("asin", "0", 0.0),
    ):
        statement = sa.select(WRITERS[name]([sa.literal_column(given)]))
        sql = statement.compile(dialect=LibSQLExpressions.sqlalchemy).string
        assert db._engine.fetch(sql, ()) == [(wanted,)]
