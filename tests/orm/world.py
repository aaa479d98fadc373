"""A small database with each kind of relation and key, made anew for each test that writes to it.

Invariant: ``build`` writes the same rows every time, and the rows below are all that there is, so that a
test can say what a query must give without asking another query.
"""

from __future__ import annotations

from pathlib import Path

import apsw

__all__ = ["SCRIPT", "build", "change"]

SCRIPT = """
CREATE TABLE users (
    id INTEGER PRIMARY KEY,
    email TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    age INTEGER,
    is_active BOOLEAN NOT NULL DEFAULT 1,
    joined DATETIME
);
CREATE TABLE profiles (
    id INTEGER PRIMARY KEY,
    user_id INTEGER NOT NULL UNIQUE REFERENCES users(id),
    bio TEXT
);
CREATE TABLE passports (
    user_id INTEGER PRIMARY KEY REFERENCES users(id),
    number TEXT NOT NULL
);
CREATE TABLE posts (
    id INTEGER PRIMARY KEY,
    title TEXT NOT NULL,
    rating INTEGER,
    author_id INTEGER NOT NULL REFERENCES users(id),
    editor_id INTEGER REFERENCES users(id)
);
CREATE TABLE comments (
    id INTEGER PRIMARY KEY,
    body TEXT NOT NULL,
    post_id INTEGER NOT NULL REFERENCES posts(id),
    user_id INTEGER REFERENCES users(id),
    parent_id INTEGER REFERENCES comments(id)
);
CREATE TABLE tags (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE post_tags (
    post_id INTEGER NOT NULL REFERENCES posts(id),
    tag_id INTEGER NOT NULL REFERENCES tags(id),
    PRIMARY KEY (post_id, tag_id)
);
CREATE TABLE teams (slug TEXT PRIMARY KEY, title TEXT NOT NULL);
CREATE TABLE memberships (
    id INTEGER PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users(id),
    team_slug TEXT NOT NULL REFERENCES teams(slug),
    role TEXT,
    UNIQUE (user_id, team_slug)
);
CREATE TABLE follows (
    follower_id INTEGER NOT NULL REFERENCES users(id),
    followed_id INTEGER NOT NULL REFERENCES users(id),
    PRIMARY KEY (follower_id, followed_id)
);
CREATE TABLE orders (region TEXT, number INTEGER, total REAL, PRIMARY KEY (region, number)) WITHOUT ROWID;
CREATE TABLE lines (
    id INTEGER PRIMARY KEY,
    region TEXT,
    number INTEGER,
    quantity INTEGER NOT NULL,
    FOREIGN KEY (region, number) REFERENCES orders(region, number)
);
CREATE TABLE countries (code TEXT PRIMARY KEY COLLATE NOCASE, name TEXT NOT NULL);
CREATE TABLE cities (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    country_code TEXT REFERENCES countries(code)
);
CREATE TABLE parts (code TEXT PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE sales (id INTEGER PRIMARY KEY, part_code INTEGER REFERENCES parts(code));
CREATE TABLE log (at DATETIME, message TEXT);
CREATE VIEW active_users AS SELECT id, name FROM users WHERE is_active;
"""
"""``sales.part_code`` holds integers where ``parts.code`` holds text, and ``cities.country_code`` is written
in other letters than ``countries.code``: SQLite finds both equal."""

_ROWS = """
INSERT INTO users VALUES
    (1, 'ann@example.com', 'Ann', 31, 1, '2024-01-01 10:00:00'),
    (2, 'bob@example.com', 'Bob', 17, 1, '2024-01-02 10:00:00'),
    (3, 'cleo@example.com', 'Cleo', NULL, 0, '2024-01-03 10:00:00'),
    (4, 'dan@example.com', 'Dan', 45, 1, NULL);
INSERT INTO profiles VALUES (1, 1, 'likes <b>SQL</b>'), (2, 2, NULL);
INSERT INTO passports VALUES (1, 'A1'), (3, 'C3');
INSERT INTO posts VALUES
    (1, 'One', 5, 1, 2),
    (2, 'Two', NULL, 1, NULL),
    (3, 'Three', 3, 2, 1),
    (4, 'Four', 5, 2, 1),
    (5, 'Five', 1, 3, NULL);
INSERT INTO comments VALUES
    (1, 'first', 1, 2, NULL),
    (2, 'second', 1, 3, 1),
    (3, 'third', 1, NULL, 1),
    (4, 'fourth', 3, 1, NULL),
    (5, 'fifth', 4, 1, NULL),
    (6, 'sixth', 1, 2, 2);
INSERT INTO tags VALUES (1, 'sql'), (2, 'python'), (3, 'rust');
INSERT INTO post_tags VALUES (1, 1), (1, 2), (2, 1), (3, 2), (4, 1);
INSERT INTO teams VALUES ('core', 'Core'), ('docs', 'Docs'), ('none', 'Nobody');
INSERT INTO memberships VALUES (1, 1, 'core', 'lead'), (2, 2, 'core', NULL), (3, 1, 'docs', 'writer');
INSERT INTO follows VALUES (1, 2), (1, 3), (2, 1);
INSERT INTO orders VALUES ('eu', 1, 10.5), ('eu', 2, 20.0), ('us', 1, 5.0);
INSERT INTO lines VALUES
    (1, 'eu', 1, 3), (2, 'eu', 1, 4), (3, 'us', 1, 1), (4, NULL, 1, 9), (5, NULL, NULL, 2);
INSERT INTO countries VALUES ('DE', 'Germany'), ('fr', 'France'), ('none', 'Utopia');
INSERT INTO cities VALUES (1, 'Berlin', 'de'), (2, 'Bonn', 'DE'), (3, 'Paris', 'FR'), (4, 'Nowhere', NULL);
INSERT INTO parts VALUES ('7', 'seven'), ('8', 'eight'), ('x', 'letter'), ('None', 'nothing');
INSERT INTO sales VALUES (1, 7), (2, 8), (3, 7), (4, NULL);
INSERT INTO log VALUES ('2024-01-01 00:00:00', 'up'), (NULL, 'down'), ('2024-01-02 00:00:00', NULL);
"""


def build(path: Path) -> Path:
    """Write the database to a new file."""
    connection = apsw.Connection(str(path))
    connection.execute("BEGIN;" + SCRIPT + _ROWS + "COMMIT")
    connection.close()
    return path


def change(path: Path | str, sql: str) -> None:
    """Change a database through a connection of its own, as another program would."""
    connection = apsw.Connection(str(path))
    # A test's database need not outlive a power failure.
    connection.execute("PRAGMA synchronous = OFF; " + sql).fetchall()
    connection.close()
