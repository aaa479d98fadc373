"""The tokens: nothing is lost, and boundaries are where SQLite has them."""

from __future__ import annotations

import apsw
import pytest
from hypothesis import given
from hypothesis import strategies as st

from noormme.schema.sql_tokens import (
    DDLError,
    TokenReader,
    fold,
    is_blank,
    iter_tokens,
    keyword,
    quote_identifier,
    tokenize,
    unquote,
)

PIECES = st.sampled_from(
    [
        "'",
        '"',
        "`",
        "[",
        "]",
        "--",
        "/*",
        "*/",
        "\n",
        "\ufeff",
        "x'",
        "a",
        "é",
        "$",
        "1",
        ".",
        "e",
        "(",
        ",",
        "->",
        " ",
    ]
)
SQL_LIKE = st.lists(PIECES, max_size=30).map("".join)
NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


@given(st.one_of(st.text(), SQL_LIKE))
def test_tokens_join_to_the_text(text: str) -> None:
    tokens = tokenize(text)
    assert "".join(tokens) == text
    assert all(tokens)
    assert list(iter_tokens(text)) == tokens


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("a b", ["a", " ", "b"]),
        ("a\t\n\f\r b", ["a", "\t\n\f\r ", "b"]),
        ("a\u00a0b", ["a\u00a0b"]),  # a letter to SQLite, not a space
        ("\ufeffa\ufeffb", ["\ufeff", "a\ufeffb"]),
        ("a$1 _é", ["a$1", " ", "_é"]),
        ("'it''s' x", ["'it''s'", " ", "x"]),
        ("'it''s", ["'", "it", "''", "s"]),
        ('"a""b"', ['"a""b"']),
        ("`a``b`", ["`a``b`"]),
        ("[a]]", ["[a]", "]"]),
        ("[a", ["[", "a"]),
        ("x'00FF'", ["x'00FF'"]),
        ("x'0'", ["x", "'0'"]),
        ("-- all of it\nb", ["-- all of it", "\n", "b"]),
        ("a-b", ["a", "-", "b"]),
        ("/* * / */b", ["/* * / */", "b"]),
        ("/**/b", ["/**/", "b"]),
        ("/* to the end", ["/* to the end"]),
        ("1.5e-3+.5", ["1.5e-3", "+", ".5"]),
        ("0x1F 1_000", ["0x1F", " ", "1_000"]),
        ("a->>b->c", ["a", "->>", "b", "->", "c"]),
        ("a||b<=c<>d==e", ["a", "||", "b", "<=", "c", "<>", "d", "==", "e"]),
        ("?1 :a @b $c", ["?1", " ", ":a", " ", "@b", " ", "$c"]),
    ],
)
def test_boundaries(text: str, tokens: list[str]) -> None:
    assert tokenize(text) == tokens


def test_blanks() -> None:
    assert [is_blank(token) for token in tokenize("a --b\n/*c*/-d/")] == [
        False,
        True,
        True,
        True,
        True,
        False,
        False,
        False,
    ]


def test_folding_touches_ascii_only() -> None:
    assert keyword("check") == "CHECK"
    assert keyword("\u0131f") == "\u0131f"  # str.upper() makes "IF" of it
    assert fold("ÀB") == "Àb"
    assert fold("ABC") == "abc"


@given(NAMES)
def test_sqlite_reads_a_quoted_identifier_as_the_name(name: str) -> None:
    quoted = quote_identifier(name)
    assert unquote(quoted) == name
    assert tokenize(quoted) == [quoted]
    cursor = apsw.Connection(":memory:").execute(f"SELECT 1 AS {quoted}")
    assert cursor.get_description()[0][0] == name


@pytest.mark.parametrize("token", ["'a''b'", "`a``b`", '"a""b"', "[a'b]", "plain"])
def test_sqlite_unquotes_likewise(token: str) -> None:
    cursor = apsw.Connection(":memory:").execute(f"SELECT 1 AS {token}")
    assert cursor.get_description()[0][0] == unquote(token)


def test_reader_steps_over_blanks_and_keeps_them_in_texts() -> None:
    reader = TokenReader(tokenize(" /*x*/ a ( b /*y*/ , (c,d) ) --z\n"))
    assert reader.name() == "a"
    assert reader.group() == "b /*y*/ , (c,d)"
    assert reader.word == ""


@pytest.mark.parametrize("sql", ["", "(", "'", "12", "a ( b"])
def test_reader_refuses_what_is_not_there(sql: str) -> None:
    reader = TokenReader(tokenize(sql))
    with pytest.raises(DDLError, match="was expected where there is"):
        (reader.name(), reader.group())


def test_reader_says_what_is_there() -> None:
    reader = TokenReader(tokenize("create view"))
    with pytest.raises(DDLError, match=r"^TABLE was expected where there is VIEW$"):
        reader.expect("CREATE", "TABLE")
    reader.step()
    with pytest.raises(DDLError, match=r"^more was expected where there is nothing more$"):
        reader.step()
