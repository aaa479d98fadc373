"""``startswith`` as a stretch of an index: the rows are those that begin with the text, and no others are read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from noormme import Database, InvalidValue, connect

LETTERS = "aAzZ@`[{ \x1f\x7f\0é\ud7ff\ue000\uffff\U0010fffe\U0010ffff"
WORDS = sorted({a + b + c for a in ["", *LETTERS] for b in ["", *LETTERS] for c in ["", "a", "Z", " "]})
COLUMNS = ("plain", "nocase", "trimmed")


def build(path: Path, encoding: str) -> None:
    connection = apsw.Connection(str(path))
    connection.execute(
        f"PRAGMA encoding = '{encoding}';"
        "CREATE TABLE words(id INTEGER PRIMARY KEY, plain TEXT, nocase TEXT COLLATE NOCASE,"
        " trimmed TEXT COLLATE RTRIM);"
        "CREATE INDEX by_plain ON words(plain); CREATE INDEX by_nocase ON words(nocase);"
        "CREATE INDEX by_trimmed ON words(trimmed); BEGIN"
    )
    connection.executemany("INSERT INTO words VALUES (?1, ?2, ?2, ?2)", enumerate(WORDS))
    connection.execute("COMMIT")
    connection.close()


@pytest.fixture(scope="module", params=["UTF-8", "UTF-16le"])
def db(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    path = tmp_path_factory.mktemp("prefixes") / "words.db"
    build(path, request.param)
    with connect(path, readonly=True) as opened:
        yield opened


@settings(max_examples=200, deadline=None)
@example(start="\U0010ffff")
@example(start="a\U0010ffff\U0010ffff")
@example(start="\ud7ff")
@example(start="Z")
@example(start="a\x1f")
@example(start="")
@given(start=st.sampled_from(WORDS) | st.text(LETTERS, max_size=3))
def test_what_begins_with_a_text(db: Database, start: str) -> None:
    expected = [number for number, word in enumerate(WORDS) if word.startswith(start)]
    for column in COLUMNS:
        found = db.words.filter(**{f"{column}__startswith": start}).order_by("id")
        assert list(found.values_list("id", flat=True)) == expected


def test_an_index_knows_both_ends(tmp_path: Path) -> None:
    build(tmp_path / "words.db", "UTF-8")
    with connect(tmp_path / "words.db", readonly=True) as db:
        plans = [db.words.filter(**{f"{column}__startswith": "a"}).explain() for column in COLUMNS]
        assert [plan.split("(")[1].rstrip(")\n ") for plan in plans] == [
            "plain>? AND plain<?",
            "nocase>? AND nocase<?",
            "trimmed>?",
        ]


def test_bytes(tmp_path: Path) -> None:
    path = tmp_path / "bytes.db"
    connection = apsw.Connection(str(path))
    connection.execute(
        "CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT); INSERT INTO t(a) VALUES ('ab'), (x'6162'), (x'61FF'), (x'62')"
    )
    connection.close()
    with connect(path, readonly=True) as db:
        for start, ids in ((b"a", [2, 3]), (b"a\xff", [3]), (b"b", [4]), (b"c", [])):
            assert list(db.t.filter(a__startswith=start).values_list("id", flat=True)) == ids
        with pytest.raises(InvalidValue, match="0xFF"):
            list(db.t.filter(a__startswith=b"\xff"))
