"""A small library whose books have a full-text index, and other tables with indexes of other kinds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from noormme import Database, connect
from tests.orm.world import change

SCRIPT = """
CREATE TABLE authors(id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE books(
    id INTEGER PRIMARY KEY, title TEXT NOT NULL, body TEXT, pages INTEGER, author_id INTEGER REFERENCES authors(id)
);
CREATE TABLE labels(id INTEGER PRIMARY KEY, book_id INTEGER NOT NULL REFERENCES books(id), name TEXT NOT NULL);
CREATE VIRTUAL TABLE books_fts USING fts5(title, body, content='books', content_rowid='id', tokenize='porter');

CREATE TABLE notes(slug TEXT PRIMARY KEY, text TEXT);
CREATE VIRTUAL TABLE notes_words USING fts5(text);
CREATE VIRTUAL TABLE notes_parts USING fts5(text, tokenize='trigram');
CREATE TRIGGER notes_fill AFTER INSERT ON notes BEGIN
    INSERT INTO notes_words(rowid, text) VALUES (new.rowid, new.text);
    INSERT INTO notes_parts(rowid, text) VALUES (new.rowid, new.text);
END;

CREATE TABLE people(id TEXT PRIMARY KEY, name TEXT) WITHOUT ROWID;
CREATE VIRTUAL TABLE people_fts USING fts5(id UNINDEXED, name, detail=none);
CREATE TABLE bare(id INTEGER PRIMARY KEY, text TEXT);
CREATE VIRTUAL TABLE bare_fts USING fts5(text, content='');
CREATE TABLE "odd ""name"(id INTEGER PRIMARY KEY, "a ""b" TEXT);
CREATE VIRTUAL TABLE "odd ""fts" USING fts5("a ""b", content="odd ""name", content_rowid=id);
CREATE TABLE parts(id INTEGER PRIMARY KEY, name TEXT);
CREATE VIRTUAL TABLE parts_fts USING fts5(name, tokenize='trigram', detail=none);

INSERT INTO authors VALUES (1, 'Ann'), (2, 'Bob');
INSERT INTO books VALUES
    (1, 'The quick brown fox', 'jumps over the lazy dog', 100, 1),
    (2, 'Foxes', 'A quick fox, a quick hare & a <quick> dog. Later they sleep for a long, long time in the sun.', 50, 2),
    (3, 'Dogs', 'sleep', 10, 1),
    (4, 'Hares', NULL, NULL, NULL),
    (5, 'A brown hare', 'is quick', 70, 2);
INSERT INTO labels VALUES (1, 1, 'a'), (2, 1, 'b'), (3, 2, 'a');
INSERT INTO books_fts(books_fts) VALUES ('rebuild');
INSERT INTO notes VALUES ('one', 'quick notes'), ('two', 'slow notes');
INSERT INTO people VALUES ('x', 'Ann Lee'), ('y', 'Lee Marvin');
INSERT INTO people_fts(id, name) SELECT id, name FROM people;
INSERT INTO bare VALUES (1, 'quick'), (2, 'slow');
INSERT INTO bare_fts(rowid, text) SELECT id, text FROM bare;
INSERT INTO "odd ""name" VALUES (1, 'quick');
INSERT INTO "odd ""fts"("odd ""fts") VALUES ('rebuild');
"""


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file; read it, and do not write to it."""
    path = tmp_path_factory.mktemp("library") / "library.db"
    change(path, SCRIPT)
    return path


@pytest.fixture
def db(library: Path) -> Iterator[Database]:
    """The library, connected anew: nothing is compiled yet."""
    with connect(library, readonly=True) as database:
        yield database
