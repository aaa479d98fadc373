"""Full-text indexes and the tables they belong to: told by the DDL, in each way that people write it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from noormme import connect
from noormme.engines.sqlite.ddl_search import parse_search_arguments
from noormme.schema import Schema, SearchColumn, SearchIndex
from tests.discovery.support import discover

DOCS = "CREATE TABLE docs(id INTEGER PRIMARY KEY, title TEXT, body TEXT, owner TEXT);"
BOTH = (SearchColumn("title", "title"), SearchColumn("body", "body"))


def companions(script: str) -> list[SearchIndex]:
    """The indexes of a new database that find rows of another table."""
    return [index for index in discover(script).search_indexes if index.table != index.name]


def test_a_table_of_fts5_finds_its_own_rows() -> None:
    schema = discover("CREATE VIRTUAL TABLE notes USING fts5(title, body, tokenize = 'porter ascii')")
    assert schema.search_indexes == (
        SearchIndex("notes", "notes", "rowid", "rowid", BOTH, tokenizer="porter ascii"),
    )
    assert schema.search_indexes_of("notes") == schema.search_indexes
    assert schema.search_indexes_of("other") == ()


@pytest.mark.parametrize(
    ("options", "key"),
    [
        ("content='docs', content_rowid='id'", "id"),
        ('content="docs", content_rowid="ID"', "id"),
        ("CONTENT = Docs", "id"),
        ("content=[docs], content_rowid=rowid", "id"),
        ("content=`docs`, content_r=_rowid_", "id"),
    ],
)
def test_external_content(options: str, key: str) -> None:
    script = f"{DOCS} CREATE VIRTUAL TABLE searched USING fts5(title, body, {options})"
    assert companions(script) == [SearchIndex("searched", "docs", "rowid", key, BOTH, content="external")]


def test_the_row_id_of_a_table_with_another_key() -> None:
    script = "CREATE TABLE docs(slug TEXT PRIMARY KEY, title TEXT);"
    script += "CREATE VIRTUAL TABLE f USING fts5(title, content='docs')"
    (index,) = companions(script)
    assert index.table_key == "rowid"
    script = "CREATE TABLE docs(id INTEGER PRIMARY KEY DESC, title TEXT);"
    script += "CREATE VIRTUAL TABLE f USING fts5(title, content='docs')"
    (index,) = companions(script)
    assert index.table_key == "rowid"


def test_external_content_of_a_view() -> None:
    script = f"{DOCS} CREATE VIEW shown AS SELECT id, title, body FROM docs;"
    script += "CREATE VIRTUAL TABLE f USING fts5(title, content='shown', content_rowid='id')"
    (index,) = companions(script)
    assert (index.table, index.table_key, index.content) == ("shown", "id", "external")


@pytest.mark.parametrize(
    "insert",
    [
        "INSERT INTO words(rowid, title, body) VALUES (new.id, new.title, new.body)",
        "INSERT INTO words(title, body, rowid) VALUES (NEW.title, NEW.body, NEW.id)",
        "INSERT OR REPLACE INTO words(rowid, title, body) SELECT new.id, new.title, new.body",
        "REPLACE INTO \"words\"(rowid, [title], body) VALUES (new.[id], coalesce(new.title, ''), new.body)",
        "INSERT INTO words(rowid, title, body) SELECT new.rowid, trim(new.title), new.body WHERE new.owner = 'x'",
        "INSERT INTO other VALUES (1); INSERT INTO words(rowid, title, body) VALUES (new.id, new.title, new.body)",
        "INSERT INTO words(words, rowid, title, body) VALUES ('delete', 0, '', '');"
        "INSERT INTO words(rowid, title, body) VALUES (new.id, new.title, new.body)",
    ],
)
def test_triggers_tell_the_table(insert: str) -> None:
    script = f"{DOCS} CREATE TABLE other(a); CREATE VIRTUAL TABLE words USING fts5(title, body);"
    script += f"CREATE TRIGGER fill AFTER INSERT ON docs BEGIN {insert}; END"
    assert companions(script) == [SearchIndex("words", "docs", "rowid", "id", BOTH)]


def test_triggers_tell_other_names_of_columns() -> None:
    script = f"{DOCS} CREATE VIRTUAL TABLE words USING fts5(heading, text, both);"
    script += "CREATE TRIGGER fill AFTER INSERT ON docs BEGIN INSERT INTO words(rowid, heading, text, both)"
    script += " VALUES (new.id, new.title, new.body, new.title || new.body); END"
    (index,) = companions(script)
    assert index.columns == (
        SearchColumn("heading", "title"),
        SearchColumn("text", "body"),
        SearchColumn("both"),
    )
    assert index.column("title") == index.column("heading") == SearchColumn("heading", "title")
    assert index.column("owner") is None


def test_one_index_of_several_tables_and_several_of_one() -> None:
    script = f"{DOCS} CREATE TABLE news(id INTEGER PRIMARY KEY, title);"
    script += "CREATE VIRTUAL TABLE words USING fts5(title); CREATE VIRTUAL TABLE docs_fts USING fts5(body);"
    for table in ("docs", "news"):
        script += f"CREATE TRIGGER {table}_fill AFTER INSERT ON {table} BEGIN INSERT INTO words(rowid, title)"
        script += " VALUES (new.id, new.title); END;"
    assert [(index.name, index.table) for index in companions(script)] == [
        ("docs_fts", "docs"),
        ("words", "docs"),
        ("words", "news"),
    ]


@pytest.mark.parametrize("name", ["docs_fts", "docs_search", "fts_docs", "DOCS_FTS5", "search_docs"])
def test_the_name_tells_the_table(name: str) -> None:
    assert companions(f"{DOCS} CREATE VIRTUAL TABLE {name} USING fts5(title, body)") == [
        SearchIndex(name, "docs", "rowid", "id", BOTH)
    ]
    assert companions(f"{DOCS} CREATE VIRTUAL TABLE {name} USING fts5(title, body, content='')") == [
        SearchIndex(name, "docs", "rowid", "id", BOTH, content="none")
    ]


@pytest.mark.parametrize(
    "made",
    [
        "CREATE VIRTUAL TABLE docs_fts USING fts5(title, text)",  # a column that docs does not have
        "CREATE VIRTUAL TABLE other USING fts5(title, body)",  # a name that tells nothing
        "CREATE VIRTUAL TABLE docs_fts USING fts4(title, body)",
        "CREATE VIRTUAL TABLE f USING fts5(title, content='missing')",
        "CREATE VIRTUAL TABLE f USING fts5(title, content='docs', content_rowid='missing')",
    ],
)
def test_what_tells_no_table(made: str) -> None:
    assert companions(f"{DOCS} {made}") == []


def test_a_key_that_is_a_column_of_the_index() -> None:
    script = "CREATE TABLE docs(id TEXT PRIMARY KEY, title TEXT) WITHOUT ROWID;"
    script += "CREATE VIRTUAL TABLE docs_fts USING fts5(id UNINDEXED, title)"
    columns = (SearchColumn("id", "id", indexed=False), SearchColumn("title", "title"))
    assert companions(script) == [SearchIndex("docs_fts", "docs", "id", "id", columns)]


def test_a_broken_index_is_none() -> None:
    assert discover("CREATE VIRTUAL TABLE f USING fts5(title, content='gone')").search_indexes == ()


@pytest.mark.parametrize(
    ("arguments", "unindexed", "options"),
    [
        (["a", "b UNINDEXED", "[c d] unindexed"], ("b", "c d"), {}),
        (["tok = 'porter'", "prefix='2 3'"], (), {"tokenize": "porter", "prefix": "2 3"}),
        (["content=''", "contentless_d=1"], (), {"content": "", "contentless_delete": "1"}),
        (["detail=none", "c=''''''"], (), {"detail": "none", "content": "''"}),
        (["2nd", "", "content=x"], (), {"content": "x"}),
    ],
)
def test_arguments(arguments: list[str], unindexed: tuple[str, ...], options: dict[str, str]) -> None:
    assert parse_search_arguments(arguments) == (unindexed, options)


def test_detail() -> None:
    schema = discover("CREATE VIRTUAL TABLE f USING fts5(a, detail=Column)")
    assert schema.search_indexes[0].detail == "column"


def test_json_and_fingerprint() -> None:
    script = f"{DOCS} CREATE VIRTUAL TABLE docs_fts USING fts5(title, body)"
    schema = discover(script)
    assert Schema.from_json(schema.to_json()) == schema
    other = discover(script.replace("docs_fts", "docs_search"))
    assert other.fingerprint != schema.fingerprint
    assert b"search_indexes" not in discover(DOCS).to_json()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("datasette_fixtures", [("searchable_fts", "searchable", "pk", "external")]),
        ("django_wagtail", [("wagtailsearch_indexentry_fts", "wagtailsearch_indexentry", "id", "own")]),
        ("kitchen_sink", [("ext_fts", "person", "id", "external")]),
        ("chinook", []),
    ],
)
def test_sample_databases(
    copied: Callable[[str], Path], name: str, expected: list[tuple[str, str, str, str]]
) -> None:
    with connect(copied(name), readonly=True) as db:
        found = [index for index in db.schema.search_indexes if index.table != index.name]
    assert [(index.name, index.table, index.table_key, index.content) for index in found] == expected
