"""What is wrong in a file is said at its place, all of it, and in words that say what to do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import apsw
import pytest

from noormme import UsageError
from noormme.codegen.sql import look
from noormme.codegen.sql.places import placed
from noormme.codegen.sql.scan import scan
from tests.codegen.sql.world import new_world

Problems = Callable[[str | bytes], list[str]]
DIALECTS = ("sqlite", "postgresql", "mysql", "mssql")


def test_a_column_that_is_not_there(problems: Problems) -> None:
    found = problems("-- name: a :many\nSELECT id,\n       emial\nFROM authors;\n")
    assert found == ["3:8: no column 'emial' in authors; did you mean 'email'?"]
    found = problems("-- name: a :many\nSELECT b.id FROM authors a JOIN books b\n  ON b.author = a.id")
    assert found == ["3:8: no column 'author' in books; did you mean 'author_id'?"]
    found = problems("-- name: a :many\nSELECT 'naem', id FROM authors, tags -- naem\nWHERE naem = :naem")
    assert found == ["3:7: no column 'naem' in authors or tags; did you mean 'name'?"]


def test_a_column_that_is_not_there_is_written_to(problems: Problems) -> None:
    found = problems("-- name: a :exec\nINSERT INTO authors (name, mail)\nVALUES (:name, :mail)")
    assert found == ["2:28: no column 'mail' in authors; did you mean 'email'?"]
    found = problems("-- name: a :exec\nUPDATE authors\nSET naem = :x WHERE id = :id")
    assert found == ["3:5: no column 'naem' in authors; did you mean 'name'?"]


def test_a_table_that_is_not_there(problems: Problems) -> None:
    found = problems("-- name: a :many\nSELECT 1 AS one FROM\n  autors")
    assert found == ["3:3: no table or view 'autors'; did you mean 'authors'?"]


def test_what_is_no_sql(problems: Problems) -> None:
    (found,) = problems("-- name: a :many\nSELECT id\nFROM authors\nWHERE id = = 2")
    place, _, message = found.partition(": ")
    assert place == "4:12"
    assert "refused the statement" in message


def test_every_statement_of_every_file_is_looked_at(target: str, tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    for name in ("a.sql", "b.sql", "inner/c.sql"):
        (tmp_path / name).write_text(
            "-- name: x_NAME :many\nselect nope from authors;\n-- name: y_NAME :one\nselect id, nope from books\n".replace(
                "NAME", name[-5]
            )
        )
    found = look(target, [tmp_path])
    assert [(each.file[-5:], each.line, each.column) for each in found.problems] == [
        (name, line, column) for name in ("a.sql", "b.sql", "c.sql") for line, column in ((2, 8), (4, 12))
    ]
    assert found.source is None


TEXTS = {
    "": ["1:1: no query in this file; write '-- name: get_user :one' above a statement"],
    "-- only a comment\n": ["1:1: no query in this file; write '-- name: get_user :one' above a statement"],
    "SELECT 1 AS one": ["1:1: a statement without a name; write '-- name: get_user :one' above it"],
    "-- name: a :many\n-- nothing\n": ["1:1: no statement under this name; write one, or remove it"],
    "-- name: a :one\nSELECT 1 AS x;\nSELECT 2 AS x;": [
        "3:1: two statements under one name; give the second a name of its own: '-- name: … :many' above it"
    ],
    "-- name: top-authors :many\nSELECT 1 AS x": [
        "1:10: 'top-authors' cannot be the name of a function; write letters, digits and '_'"
    ],
    "-- name: class :many\nSELECT 1 AS x": [
        "1:10: 'class' cannot be the name of a function; write letters, digits and '_'"
    ],
    "-- name: list :many\nSELECT 1 AS x": [
        "1:10: 'list' means something else in a Python module; give it another name"
    ],
    "-- name: a\nSELECT 1 AS x": [
        "1:10: 'a' does not say what it gives; write one of :one, :optional, :many, :scalar, :column, :exec, :execrows behind it"
    ],
    "-- name: a :mny\nSELECT 1 AS x": ["1:12: ':mny' says nothing of what 'a' gives; did you mean 'many'?"],
    "-- name: :one\nSELECT 1 AS x": ["1:1: 'name:' says no name; write '-- name: get_user :one'"],
    "-- name: a :one\nSELECT 1 AS x;\n\n-- name: a :one\nSELECT 2 AS x": [
        "4:10: the name 'a' is taken by FILE:1; give one of them another name"
    ],
    "-- name: dd :one\nSELECT 1 AS x;\n-- name: add :one\nSELECT 2 AS x": [
        "3:10: 'add' is what the awaited form of 'dd' is called; give it another name"
    ],
    "-- name: a :one\nSELECT 1 AS x, 2 AS x": [
        "2:1: two columns are called 'x'; write 'AS other_name' behind one of them"
    ],
    "-- name: a :scalar\nSELECT 1 AS x, 2 AS y": [
        "1:10: 'a' gives 2 columns, and :scalar takes one; write :one"
    ],
    "-- name: a :many\nDELETE FROM tags": ["1:10: 'a' gives no rows; write :exec or :execrows"],
    "-- name: a :execrows\nSELECT 1 AS x": ["1:10: 'a' changes no rows; write :many"],
    "-- name: a :many\n-- param: nmae str\nSELECT id FROM authors WHERE name = :name": [
        "2:1: 'a' has no parameter 'nmae'; did you mean 'name'?"
    ],
    "-- name: a :many\n-- column: nmae str\nSELECT name FROM authors": [
        "2:1: 'a' has no column 'nmae'; did you mean 'name'?"
    ],
    "-- name: a :many\n-- param: name strr\nSELECT id FROM authors WHERE name = :name": [
        "2:1: no type 'strr'; did you mean 'str'?"
    ],
    "-- name: a :many\n-- param: name\nSELECT id FROM authors WHERE name = :name": [
        "2:1: 'param:' says no type; write '-- param: name int' or '-- param: name not null'"
    ],
}


@pytest.mark.sqlite("what is wrong is found before the database is asked, or is wrong everywhere")
@pytest.mark.parametrize("text", TEXTS)
def test_what_is_wrong_in_a_file(problems: Problems, tmp_path: Path, text: str) -> None:
    name = (tmp_path / "it.sql").as_posix()
    expected = [each.replace("FILE:", "") for each in TEXTS[text]]
    assert [each.replace(f"{name}:", "") for each in problems(text)] == expected


@pytest.mark.sqlite("the name of an expression is its text here")
def test_an_expression_needs_a_name(problems: Problems) -> None:
    assert problems("-- name: a :many\nSELECT count(*) FROM books") == [
        "2:1: column 1 (count(*)) has no name; write 'AS name' behind it"
    ]


def test_a_hint_cannot_contradict_postgresql(problems: Problems, engine: str) -> None:
    text = "-- name: a :many\n-- column: half float\nSELECT price / 2 AS half FROM books"
    expected = "2:1: 'half' is of another type (decimal) in this statement; write a CAST to the type in it"
    assert problems(text) == ([expected] if engine == "postgresql" else [])


def test_ends_of_lines_and_marks_of_windows(problems: Problems) -> None:
    text = "\ufeff-- name: a :many\r\nSELECT id,\r\n  nope FROM authors;\r\n"
    assert problems(text) == ["3:3: no column 'nope' in authors"]
    assert problems(b"-- name: a :many\nSELECT '\xff' AS x") == [
        "1:1: the file is not UTF-8; save it as UTF-8"
    ]


def test_nothing_there(target: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no file or folder '.*nope'"):
        look(target, [tmp_path / "nope"])
    with pytest.raises(UsageError, match=r"no \.sql file in"):
        look(target, [tmp_path])


def test_nothing_is_run(target: str, tmp_path: Path) -> None:
    path = tmp_path / "a.sql"
    path.write_text("-- name: a :exec\nDELETE FROM tags;\n-- name: b :exec\nDROP TABLE tags;\n")
    assert look(target, [path]).problems == ()
    path.write_text("-- name: count :scalar\nSELECT COUNT(*) FROM tags")
    found = look(target, [path])
    assert found.problems == ()


@pytest.mark.sqlite("it changes a database of its own")
def test_a_column_that_was_renamed(tmp_path: Path) -> None:
    with new_world("sqlite", tmp_path) as path:
        statements = Path(__file__).with_name("statements")
        assert look(path, [statements]).problems == ()
        connection = apsw.Connection(path)
        connection.execute("ALTER TABLE authors RENAME COLUMN email TO mail")
        connection.close()
        found = [str(each).rpartition("/")[2] for each in look(path, [statements]).problems]
    assert found == [
        "authors.sql:18:18: no column 'email' in authors; did you mean 'mail'?",
        "authors.sql:24:28: no column 'email' in authors; did you mean 'mail'?",
    ]


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    "text",
    [
        "",
        "'",
        '"',
        "/*",
        "/* /* */",
        "$$",
        "$a$ b $",
        "--",
        "# x",
        "[",
        "`",
        "a::b :c ? ?? @d $e $1 %s ;",
        "E'\\'",
        "é 'ß",
    ],
)
def test_tokens_joined_are_the_text(dialect: str, text: str) -> None:
    for each in (text, f"SELECT {text}\n;x", text * 3):
        assert "".join(token.text for token in scan(each, dialect)) == each


@pytest.mark.parametrize(
    ("dialect", "text", "names"),
    [
        ("sqlite", "? :a @b $c ?2 ':d' \"e:f\" [g:h] -- :i\n/* :j */ x::k", (None, "a", "b", "c")),
        ("postgresql", ":a::int @b $x$ :c $x$ ?? ?| a[1:n] E'\\' :d' /* /* :e */ :f */ :a", ("a", "b")),
        ("postgresql", "$2 $1", (None, None)),
        ("mysql", ":a @b `c:d` 'e\\' :f' # :g\n ? %s", ("a", None, None)),
        ("mssql", ":a [b:c] @d", ("a",)),
    ],
)
def test_parameters_are_found_where_they_are(dialect: str, text: str, names: tuple[str | None, ...]) -> None:
    assert placed(text, dialect).names == names
