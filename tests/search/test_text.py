"""What a user types: every text is an expression that the index takes, and means what it says."""

from __future__ import annotations

import apsw
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from noormme.engines.sqlite.match import NOTHING, match_expression

ROWS = {
    1: ("The quick brown fox", "jumps over the lazy dog"),
    2: ("The quick red fox", "is brown inside; a fox and not a dog"),
    3: ("Größe und Maß", "naïve café, 東京 in C++ or C#"),
    4: ("AND OR NOT NEAR", "title: body^2 {curly} (round) 'single'"),
    5: ("self-made e-mail", "a.b@example.com 50%"),
}


def index(options: str = "") -> apsw.Connection:
    connection = apsw.Connection(":memory:")
    connection.execute(f"CREATE VIRTUAL TABLE docs USING fts5(title, body{options})")
    for key, row in ROWS.items():
        connection.execute("INSERT INTO docs(rowid, title, body) VALUES (?, ?, ?)", (key, *row))
    return connection


INDEXES = {
    "unicode61": index(),
    "porter": index(", tokenize='porter'"),
    "trigram": index(", tokenize='trigram'"),
    "contentless": index(", content=''"),
}
SMALL = {"detail=none": index(", detail=none"), "detail=column": index(", detail=column")}


def found(
    text: str, connection: apsw.Connection = INDEXES["unicode61"], *, phrases: bool = True
) -> list[int]:
    expression = match_expression(text, phrases=phrases)
    rows = connection.execute("SELECT rowid FROM docs WHERE docs MATCH ? ORDER BY rowid", (expression,))
    return [row for (row,) in rows]


@pytest.mark.parametrize(
    ("text", "expression", "rows"),
    [
        ("quick brown", '"quick" "brown"', [1, 2]),
        ("  FOX\n", '"FOX"', [1, 2]),
        ('"quick brown"', '"quick brown"', [1]),
        ('"quick brown" dog', '"quick brown" "dog"', [1]),
        ("qui* bro*", '"qui" * "bro" *', [1, 2]),
        ('"quick bro"*', '"quick bro" *', [1]),
        ("fox -red", '("fox") NOT ("red")', [1]),
        ('fox -red -"quick brown"', '("fox") NOT ("red" OR "quick brown")', []),
        ("fox -re*", '("fox") NOT ("re" *)', [1]),
        ("-fox", NOTHING, []),
        ("", NOTHING, []),
        (" \t ", NOTHING, []),
        ("*", NOTHING, []),
        ('""', NOTHING, []),
        ('"', NOTHING, []),
        ('" "', NOTHING, []),
        ("-", '"-"', []),
        ("quick - brown", '"quick" "-" "brown"', [1, 2]),
        ("quick !!! brown", '"quick" "!!!" "brown"', [1, 2]),
        ('say "quick', '"say" "quick"', []),
        ('"quick', '"quick"', [1, 2]),
        ("AND OR", '"AND" "OR"', [4]),
        ("NOT", '"NOT"', [2, 4]),
        ("NEAR(quick fox)", '"NEAR(quick" "fox)"', []),
        ("title:body", '"title:body"', [4]),
        ("title : quick", '"title" ":" "quick"', []),
        ("body^2", '"body^2"', [4]),
        ("{curly}", '"{curly}"', [4]),
        ("self-made e-mail", '"self-made" "e-mail"', [5]),
        ("a.b@example.com", '"a.b@example.com"', [5]),
        ("größe", '"größe"', [3]),
        ("cafe", '"cafe"', [3]),
        ("東京", '"東京"', [3]),
        ("quick\0brown", '"quick" "brown"', [1, 2]),
        ("quick\ud800", '"quick"', [1, 2]),
        ('x"y"z', '"x" "y" "z"', []),
        ("it's", '"it\'s"', []),
    ],
)
def test_what_a_text_means(text: str, expression: str, rows: list[int]) -> None:
    assert match_expression(text) == expression
    assert found(text) == rows


@pytest.mark.parametrize("detail", SMALL)
def test_an_index_without_phrases(detail: str) -> None:
    assert found('"quick brown"', SMALL[detail], phrases=False) == [1, 2]
    assert found("a.b@example.com", SMALL[detail], phrases=False) == [5]
    assert found('fox -"quick red"', SMALL[detail], phrases=False) == [1]
    assert found("bro* !!", SMALL[detail], phrases=False) == [1, 2]


ALPHABET = st.sampled_from(
    [*list("\"'*-+^:(){}[],.;\\%_&|!~ \t\n\x00"), "AND", "OR", "NOT", "NEAR", "quick", "é", "東"]
)
TEXTS = st.one_of(st.lists(ALPHABET, max_size=30).map("".join), st.text(max_size=40))


@given(TEXTS)
@example("\ud800")
@example('-"*')
@example("quick" * 5000)
@example("quick " * 20_000)
@example("x " + "-quick " * 2_000)
@settings(max_examples=500)
def test_no_text_is_a_syntax_error(text: str) -> None:
    for connection in INDEXES.values():
        found(text, connection)
    for connection in SMALL.values():
        found(text, connection, phrases=False)


@given(
    st.lists(st.sampled_from(["quick", "brown", "red", "fox", "dog", "lazy", "inside", "cat"]), min_size=1)
)
def test_all_words_are_wanted(words: list[str]) -> None:
    texts = {key: " ".join(row).lower() for key, row in ROWS.items()}
    expected = [key for key, text in texts.items() if all(word in text for word in words)]
    assert found(" ".join(words)) == expected
