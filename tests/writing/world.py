"""A database with every kind of table that is written otherwise than the usual one, and how tests ask it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import apsw

from noormme import Database
from noormme.query.features import Features

READING_AGAIN = Features(returns_inserted=False, returns_updated=False, conflict_targets=False)
"""What a database can do whose statements give nothing back of the rows that they wrote."""

SCRIPT = """
CREATE TABLE users (
    id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE, name TEXT, age INTEGER CHECK (age >= 0),
    active BOOLEAN NOT NULL DEFAULT 1, visits INTEGER NOT NULL DEFAULT 0,
    made TEXT NOT NULL DEFAULT (lower('NOW')), initial TEXT AS (substr(email, 1, 1)),
    manager_id INTEGER REFERENCES users(id), data JSON, born DATE
);
CREATE TABLE posts (
    id INTEGER PRIMARY KEY, author_id INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    editor_id INTEGER REFERENCES users(id) ON DELETE SET NULL, title TEXT NOT NULL
);
CREATE TABLE tags (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE posts_tags (
    post_id INTEGER NOT NULL REFERENCES posts(id) ON DELETE CASCADE,
    tag_id INTEGER NOT NULL REFERENCES tags(id), weight INTEGER NOT NULL DEFAULT 1, PRIMARY KEY (post_id, tag_id)
) WITHOUT ROWID;
CREATE TABLE pairs (a INTEGER, b TEXT, n INTEGER, PRIMARY KEY (a, b)) WITHOUT ROWID;
CREATE TABLE notes (
    id INTEGER PRIMARY KEY, a INTEGER, b TEXT, text TEXT,
    FOREIGN KEY (a, b) REFERENCES pairs(a, b) ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE TABLE codes (code TEXT PRIMARY KEY, label TEXT);
CREATE TABLE loose (x INTEGER, y TEXT);
CREATE TABLE firm (id INTEGER PRIMARY KEY, n INTEGER NOT NULL, r REAL, t TEXT, b BLOB, a ANY) STRICT;
CREATE TABLE counted (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT);
CREATE TABLE hens (id INTEGER PRIMARY KEY, egg_id INTEGER REFERENCES eggs(id) DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE eggs (id INTEGER PRIMARY KEY, hen_id INTEGER NOT NULL REFERENCES hens(id) DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE stamped (id INTEGER PRIMARY KEY, name TEXT, changes INTEGER NOT NULL DEFAULT 0);
CREATE TRIGGER stamped_new AFTER INSERT ON stamped BEGIN
    UPDATE stamped SET name = upper(new.name) WHERE id = new.id;
END;
CREATE TRIGGER stamped_changed AFTER UPDATE OF name ON stamped BEGIN
    UPDATE stamped SET changes = changes + 1 WHERE id = new.id;
END;
CREATE TABLE picky (id INTEGER PRIMARY KEY, name TEXT UNIQUE ON CONFLICT IGNORE);
CREATE TABLE pages (id INTEGER PRIMARY KEY, title TEXT NOT NULL, body TEXT);
CREATE VIRTUAL TABLE pages_fts USING fts5(title, body, content='pages', content_rowid='id');
CREATE TRIGGER pages_ai AFTER INSERT ON pages BEGIN
    INSERT INTO pages_fts(rowid, title, body) VALUES (new.id, new.title, new.body);
END;
CREATE TRIGGER pages_ad AFTER DELETE ON pages BEGIN
    INSERT INTO pages_fts(pages_fts, rowid, title, body) VALUES ('delete', old.id, old.title, old.body);
END;
CREATE TRIGGER pages_au AFTER UPDATE ON pages BEGIN
    INSERT INTO pages_fts(pages_fts, rowid, title, body) VALUES ('delete', old.id, old.title, old.body);
    INSERT INTO pages_fts(rowid, title, body) VALUES (new.id, new.title, new.body);
END;
CREATE VIEW adults AS SELECT id, email FROM users WHERE age >= 18;
CREATE TABLE "odd ""name" ("the key" INTEGER PRIMARY KEY, "select" TEXT);
INSERT INTO users (email, name, age) VALUES ('ann@x', 'Ann', 40), ('bob@x', 'Bob', 17);
INSERT INTO posts (author_id, title) VALUES (1, 'one'), (1, 'two'), (2, 'three');
INSERT INTO tags (name) VALUES ('red'), ('blue'), ('green');
INSERT INTO posts_tags (post_id, tag_id) VALUES (1, 1), (1, 2);
INSERT INTO pairs VALUES (1, 'x', 10), (1, 'y', 11);
"""


def build(path: Path) -> Path:
    """Make the file."""
    connection = apsw.Connection(str(path))
    connection.execute(SCRIPT)
    connection.close()
    return path


class Writing:
    """The database, the statements that ran, and the rows as another connection sees them."""

    def __init__(self, db: Database, path: Path) -> None:
        self.db = db
        self._reader = apsw.Connection(str(path))

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """What is committed."""
        return [tuple(row) for row in self._reader.execute(sql)]

    def close(self) -> None:
        self._reader.close()
        self.db.close()


def verbs(statements: list[Any]) -> list[str]:
    """The first words and the tables of statements: ``INSERT users``."""
    found: list[str] = []
    for statement in statements:
        words = str(statement).replace('"', "").replace("`", "").split()
        if words[0] == "COPY":
            words = ["INSERT", "INTO", *words[1:]]
        at = {"INSERT": 2, "DELETE": 2, "UPDATE": 1}.get(words[0])
        if words[0] == "SELECT":
            found.append("SELECT")
        else:
            found.append(f"{words[0]} {words[at]}" if at else words[0])
    return found
