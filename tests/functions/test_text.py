"""Functions of text: what PostgreSQL 15 gives, and the SQL."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from noormme import F, Value
from noormme.functions import (
    MD5,
    SHA1,
    SHA224,
    SHA256,
    SHA384,
    SHA512,
    Chr,
    Concat,
    Left,
    Length,
    Lower,
    LPad,
    LTrim,
    Ord,
    Repeat,
    Replace,
    Reverse,
    Right,
    RPad,
    RTrim,
    StrIndex,
    Substr,
    Trim,
    Upper,
)

V = Value

CASES = [
    (Chr(V(65)), "chr(65)", "A"),
    (Chr(V(233)), "chr(233)", "é"),
    (Chr(V(128512)), "chr(128512)", "😀"),
    (Concat(V("a"), V(None), V("b")), "concat('a', null, 'b')", "ab"),
    (Concat(V(None), V(None)), "concat(null, null)", ""),
    (Concat(V("a"), V(1), V(1.5), V(2.0)), "concat('a', 1, 1.5::float8, 2.0::float8)", "a11.52"),
    (Left(V("abc"), 2), "left('abc', 2)", "ab"),
    (Left(V("añb"), 9), "left('añb', 9)", "añb"),
    (Left(V("abc"), V(0)), "left('abc', 0)", ""),
    (Left(V("abc"), V(-1)), "left('abc', -1)", "ab"),
    (Left(V("abc"), V(-9)), "left('abc', -9)", ""),
    (Right(V("añb"), 2), "right('añb', 2)", "ñb"),
    (Right(V("abc"), 9), "right('abc', 9)", "abc"),
    (Right(V("abc"), V(0)), "right('abc', 0)", ""),
    (Right(V("abc"), V(-1)), "right('abc', -1)", "bc"),
    (Right(V("abc"), V(-9)), "right('abc', -9)", ""),
    (Length(V("añ€😀")), "length('añ€😀')", 4),
    (Length(V("")), "length('')", 0),
    (Lower(V("ÀÉΣЖ")), "lower('ÀÉΣЖ')", "àéσж"),
    (Lower(V("ΟΔΟΣ")), "lower('ΟΔΟΣ')", "οδοσ"),
    (Lower(V("İ")), "lower('İ')", "i"),
    (Upper(V("àéσж")), "upper('àéσж')", "ÀÉΣЖ"),
    (Upper(V("straße")), "upper('straße')", "STRAßE"),
    (Upper(V("ŉﬁ")), "upper('ŉﬁ')", "ŉﬁ"),
    (LPad(V("a"), 3, V("xy")), "lpad('a', 3, 'xy')", "xya"),
    (LPad(V("a"), 6, V("xyz")), "lpad('a', 6, 'xyz')", "xyzxya"),
    (LPad(V("a"), 3), "lpad('a', 3)", "  a"),
    (LPad(V("a"), 3, V(" ")), "lpad('a', 3, ' ')", "  a"),
    (LPad(V("abc"), 2, V("x")), "lpad('abc', 2, 'x')", "ab"),
    (LPad(V("a"), 3, V("")), "lpad('a', 3, '')", "a"),
    (LPad(V("a"), V(-1), V("x")), "lpad('a', -1, 'x')", ""),
    (LPad(V("a"), 3, V(None)), "lpad('a', 3, null)", None),
    (RPad(V("a"), 5, V("xy")), "rpad('a', 5, 'xy')", "axyxy"),
    (RPad(V("a"), 3), "rpad('a', 3)", "a  "),
    (RPad(V("abc"), 2, V("x")), "rpad('abc', 2, 'x')", "ab"),
    (RPad(V("a"), 0), "rpad('a', 0)", ""),
    (LTrim(V("  a ")), "ltrim('  a ')", "a "),
    (RTrim(V("  a ")), "rtrim('  a ')", "  a"),
    (Trim(V("  a ")), "trim('  a ')", "a"),
    (Trim(V("\ta ")), "trim(E'\\ta ')", "\ta"),
    (Ord(V("é")), "ascii('é')", 233),
    (Ord(V("😀x")), "ascii('😀x')", 128512),
    (Ord(V("")), "ascii('')", 0),
    (Repeat(V("ab"), 3), "repeat('ab', 3)", "ababab"),
    (Repeat(V("ab"), 0), "repeat('ab', 0)", ""),
    (Repeat(V("ab"), V(-1)), "repeat('ab', -1)", ""),
    (Replace(V("banana"), V("an"), V("x")), "replace('banana', 'an', 'x')", "bxxa"),
    (Replace(V("banana"), V("a")), "replace('banana', 'a', '')", "bnn"),
    (Replace(V("abc"), V(""), V("x")), "replace('abc', '', 'x')", "abc"),
    (Replace(V("Abc"), V("a"), V("x")), "replace('Abc', 'a', 'x')", "Abc"),
    (Replace(V("abc"), V(None), V("x")), "replace('abc', null, 'x')", None),
    (Reverse(V("aé€😀")), "reverse('aé€😀')", "😀€éa"),
    (StrIndex(V("añb"), V("b")), "strpos('añb', 'b')", 3),
    (StrIndex(V("abc"), V("x")), "strpos('abc', 'x')", 0),
    (StrIndex(V("abc"), V("")), "strpos('abc', '')", 1),
    (StrIndex(V(""), V("a")), "strpos('', 'a')", 0),
    (StrIndex(V("abc"), V(None)), "strpos('abc', null)", None),
    (Substr(V("hello"), 2), "substr('hello', 2)", "ello"),
    (Substr(V("héllo"), 2, 3), "substr('héllo', 2, 3)", "éll"),
    (Substr(V("hello"), 9), "substr('hello', 9)", ""),
    (Substr(V("hello"), 2, 0), "substr('hello', 2, 0)", ""),
    (Substr(V("hello"), V(0), 3), "substr('hello', 0, 3)", "he"),
    (Substr(V("hello"), V(-1), 3), "substr('hello', -1, 3)", "h"),
    (Substr(V("hello"), V(-9), 3), "substr('hello', -9, 3)", ""),
    (Substr(V("hello"), V(-2)), "substr('hello', -2)", "hello"),
    (F("name")[1:4], "substr('Ölga Straße', 2, 3)", "lga"),
    (MD5(V("é")), "md5('é')", "66ddcd97cfdeabb2f6fb8a999b4bc76f"),
    (
        SHA224(V("é")),
        "encode(sha224('é'), 'hex')",
        "33dd9448e5538d16ddc6df32dd7f16240cac6cb5238c1c22cb33ae66",
    ),
]


@pytest.mark.parametrize(("expression", "postgresql", "expected"), CASES, ids=[case[1] for case in CASES])
def test_values(value: Callable[[Any], Any], expression: Any, postgresql: str, expected: Any) -> None:
    found = value(expression)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    "expression",
    [
        pytest.param(Chr(V(0)), marks=pytest.mark.otherwise("mysql", "a text can hold a NUL")),
        Chr(V(-1)),
        Chr(V(0xD800)),
        Chr(V(0x110000)),
        Substr(V("hello"), 2, V(-1)),
    ],
)
def test_where_postgresql_raises_there_is_no_result(nothing: Callable[[Any], None], expression: Any) -> None:
    nothing(expression)


@pytest.mark.parametrize(
    ("expression", "sql", "rows"),
    [
        pytest.param(
            *(Chr("n"), 'noormme_chr("things"."n")', ["\x07", None, None]),
            marks=pytest.mark.otherwise("postgresql", "the statement fails where there is no such sign"),
        ),
        (
            Concat("name", V("-"), "code"),
            'concat("things"."name", ?, "things"."code")',
            ["Ölga Straße-ab", "-", "bob-AB"],
        ),
        (Left("name", 2), 'noormme_left("things"."name", ?)', ["Öl", None, "bo"]),
        (Right("name", 2), 'noormme_right("things"."name", ?)', ["ße", None, "ob"]),
        (Length("name"), 'length("things"."name")', [11, None, 3]),
        (Length("raw"), 'length("things"."raw")', [2, None, 0]),
        (Lower("name"), 'noormme_lower("things"."name")', ["ölga straße", None, "bob"]),
        (Upper("name"), 'noormme_upper("things"."name")', ["ÖLGA STRAßE", None, "BOB"]),
        (
            LPad("code", 4, "code"),
            'noormme_lpad("things"."code", ?, "things"."code")',
            ["abab", None, "ABAB"],
        ),
        (RPad("code", 3, V("-")), 'noormme_rpad("things"."code", ?, ?)', ["ab-", None, "AB-"]),
        (LTrim("code"), 'ltrim("things"."code")', ["ab", None, "AB"]),
        (RTrim("code"), 'rtrim("things"."code")', ["ab", None, "AB"]),
        (Trim("code"), 'trim("things"."code")', ["ab", None, "AB"]),
        (Ord("name"), 'noormme_ord("things"."name")', [214, None, 98]),
        (Repeat("code", "n"), 'noormme_repeat("things"."code", "things"."n")', ["ab" * 7, None, ""]),
        (
            Replace("name", V("b"), "code"),
            'replace("things"."name", ?, "things"."code")',
            ["Ölga Straße", None, "ABoAB"],
        ),
        (Reverse("name"), 'noormme_reverse("things"."name")', ["eßartS aglÖ", None, "bob"]),
        (StrIndex("name", V("o")), 'instr("things"."name", ?)', [0, None, 2]),
        (Substr("name", 2, 3), 'noormme_substr("things"."name", ?, ?)', ["lga", None, "ob"]),
        (F("name")[0], 'noormme_substr("things"."name", ?, ?)', ["Ö", None, "b"]),
        (
            MD5("code"),
            'noormme_hash("things"."code", \'md5\')',
            ["187ef4436122d1cc2f40dc2b92f0eba0", None, "b86fc6b051f63d73de262d4c34e3a0a9"],
        ),
    ],
)
def test_sql_and_rows(
    computed: Callable[[Any], tuple[str, list[Any]]], expression: Any, sql: str, rows: list[Any]
) -> None:
    assert computed(expression) == (sql, rows)


@pytest.mark.otherwise("postgresql", "SHA-1 needs an extension; tests.postgresql has it")
def test_sha1(value: Callable[[Any], Any]) -> None:
    # PostgreSQL: select encode(digest('é', 'sha1'), 'hex')
    assert value(SHA1(V("é"))) == "bf15be717ac1b080b4f1c456692825891ff5073d"


@pytest.mark.parametrize(
    ("function", "length"),
    [
        pytest.param(SHA1, 40, marks=pytest.mark.otherwise("postgresql", "SHA-1 needs an extension")),
        (SHA224, 56),
        (SHA256, 64),
        (SHA384, 96),
        (SHA512, 128),
    ],
)
def test_hashes(computed: Callable[[Any], tuple[str, list[Any]]], function: Any, length: int) -> None:
    sql, rows = computed(function("name"))
    assert sql == f'noormme_hash("things"."name", \'{function.__name__.lower()}\')'
    assert [None if row is None else len(row) for row in rows] == [length, None, length]
    assert rows[0] != rows[2]


def test_bytes_are_hashed_as_they_are(value: Callable[[Any], Any]) -> None:
    assert value(MD5("raw")) == value(MD5(V("ab")))


def test_of_other_kinds_concat_takes_what_postgresql_writes(value: Callable[[Any], Any]) -> None:
    parts = ("n", "r", "d", "done", "at", "due", "tm", "ref")
    joined = value(Concat(*(part for name in parts for part in (name, V("|")))))
    assert joined.split("|") == [
        "7",
        "2.5",
        "1.005",
        "true",
        "2024-02-29 10:30:15.25",
        "2024-02-29",
        "10:30:15.25",
        "6ba7b810-9dad-11d1-80b4-00c04fd430c8",
        "",
    ]


def test_in_conditions_and_order(db: Any) -> None:
    query = db.things.annotate(folded=Lower("code")).filter(folded="ab").order_by(Upper("name").desc())
    assert [row.id for row in query] == [1, 3]
    assert query.sql().parameters == ("ab",)
