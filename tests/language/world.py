"""A small database with a column of each kind and a relation of each kind, for the table of the language.

Invariant: ``build`` writes the same rows every time, and the rows below are all that there is.
"""

from __future__ import annotations

from pathlib import Path

import apsw

__all__ = ["SCRIPT", "build"]

SCRIPT = """
CREATE TABLE people (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    email TEXT UNIQUE,
    age INTEGER,
    height REAL,
    balance DECIMAL(10, 2),
    is_active BOOLEAN NOT NULL,
    born DATE,
    joined DATETIME,
    wakes TIME,
    meta JSON
);
CREATE TABLE profiles (
    id INTEGER PRIMARY KEY,
    person_id INTEGER NOT NULL UNIQUE REFERENCES people(id),
    bio TEXT
);
CREATE TABLE posts (
    id INTEGER PRIMARY KEY,
    title TEXT NOT NULL,
    rating INTEGER,
    author_id INTEGER NOT NULL REFERENCES people(id)
);
CREATE TABLE tags (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE post_tags (
    post_id INTEGER NOT NULL REFERENCES posts(id),
    tag_id INTEGER NOT NULL REFERENCES tags(id),
    PRIMARY KEY (post_id, tag_id)
);
INSERT INTO people VALUES
    (1, 'Ann', 'ann@example.com', 31, 1.5, 10.5, 1, '1993-03-05', '2024-01-01 10:20:30', '07:15:00',
     '{"city":"Rome","tags":["a","b"],"size":{"w":1},"vip":true}'),
    (2, 'Bob', NULL, 17, 1.75, 20, 1, '2007-01-01', '2024-02-29 23:05:06', '06:30:00',
     '{"city":"Oslo","tags":["b"]}'),
    (3, 'Cleo', 'cleo@example.com', NULL, NULL, NULL, 0, '1984-12-30', '2023-12-31 00:00:00', NULL, NULL),
    (4, 'Émile', 'emile@example.com', 45, 1.25, 5.25, 1, NULL, NULL, '08:00:01', '{"city":null}');
INSERT INTO profiles VALUES (1, 1, 'likes SQL'), (2, 2, NULL);
INSERT INTO posts VALUES (1, 'One', 5, 1), (2, 'Two', NULL, 1), (3, 'Three', 3, 2), (4, 'Four', 5, 2), (5, 'Five', 1, 3);
INSERT INTO tags VALUES (1, 'sql'), (2, 'python'), (3, 'rust');
INSERT INTO post_tags VALUES (1, 1), (1, 2), (2, 1), (3, 2), (4, 1);
"""


def build(path: Path) -> Path:
    """Write the database to a new file."""
    connection = apsw.Connection(str(path))
    connection.execute("BEGIN;" + SCRIPT + "COMMIT")
    connection.close()
    return path
