"""The database of ``world`` on servers, made once and given back its rows before each test.

Invariant: a test finds the tables of ``world``, but for those of which only SQLite knows, with the same rows, and
the next numbers that a table gives are those of a new one.
"""

from __future__ import annotations

from typing import Any, Protocol

from noormme import Database

__all__ = ["ServerWriting", "connected"]

_POSTGRESQL = """
CREATE TABLE users (
    id serial PRIMARY KEY, email text NOT NULL UNIQUE, name text, age integer CHECK (age >= 0),
    active boolean NOT NULL DEFAULT true, visits integer NOT NULL DEFAULT 0,
    made text NOT NULL DEFAULT lower('NOW'), initial text GENERATED ALWAYS AS (substr(email, 1, 1)) STORED,
    manager_id integer REFERENCES users(id), data jsonb, born date
);
CREATE TABLE posts (
    id serial PRIMARY KEY, author_id integer NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    editor_id integer REFERENCES users(id) ON DELETE SET NULL, title text NOT NULL
);
CREATE TABLE tags (id serial PRIMARY KEY, name text NOT NULL UNIQUE);
CREATE TABLE posts_tags (
    post_id integer NOT NULL REFERENCES posts(id) ON DELETE CASCADE,
    tag_id integer NOT NULL REFERENCES tags(id), weight integer NOT NULL DEFAULT 1, PRIMARY KEY (post_id, tag_id)
);
CREATE TABLE pairs (a integer, b text, n integer, PRIMARY KEY (a, b));
CREATE TABLE notes (
    id serial PRIMARY KEY, a integer, b text, text text,
    FOREIGN KEY (a, b) REFERENCES pairs(a, b) ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE TABLE codes (code text PRIMARY KEY, label text);
CREATE TABLE hens (id serial PRIMARY KEY, egg_id integer);
CREATE TABLE eggs (
    id serial PRIMARY KEY, hen_id integer NOT NULL REFERENCES hens(id) DEFERRABLE INITIALLY DEFERRED
);
ALTER TABLE hens ADD FOREIGN KEY (egg_id) REFERENCES eggs(id) DEFERRABLE INITIALLY DEFERRED;
CREATE VIEW adults AS SELECT id, email FROM users WHERE age >= 18;
CREATE TABLE "odd ""name" ("the key" serial PRIMARY KEY, "select" text);
"""

_MYSQL = """
CREATE TABLE users (
    id int AUTO_INCREMENT PRIMARY KEY, email varchar(100) NOT NULL UNIQUE, name text, age int CHECK (age >= 0),
    active bool NOT NULL DEFAULT true, visits int NOT NULL DEFAULT 0,
    made varchar(20) NOT NULL DEFAULT (lower('NOW')), initial varchar(1) AS (substr(email, 1, 1)),
    manager_id int, data json, born date, FOREIGN KEY (manager_id) REFERENCES users(id)
);
CREATE TABLE posts (
    id int AUTO_INCREMENT PRIMARY KEY, author_id int NOT NULL, editor_id int, title text NOT NULL,
    FOREIGN KEY (author_id) REFERENCES users(id) ON DELETE CASCADE,
    FOREIGN KEY (editor_id) REFERENCES users(id) ON DELETE SET NULL
);
CREATE TABLE tags (id int AUTO_INCREMENT PRIMARY KEY, name varchar(100) NOT NULL UNIQUE);
CREATE TABLE posts_tags (
    post_id int NOT NULL, tag_id int NOT NULL, weight int NOT NULL DEFAULT 1, PRIMARY KEY (post_id, tag_id),
    FOREIGN KEY (post_id) REFERENCES posts(id) ON DELETE CASCADE, FOREIGN KEY (tag_id) REFERENCES tags(id)
);
CREATE TABLE pairs (a int, b varchar(20), n int, PRIMARY KEY (a, b));
CREATE TABLE notes (
    id int AUTO_INCREMENT PRIMARY KEY, a int, b varchar(20), text text,
    FOREIGN KEY (a, b) REFERENCES pairs(a, b) ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE TABLE codes (code varchar(20) PRIMARY KEY, label text);
CREATE VIEW adults AS SELECT id, email FROM users WHERE age >= 18;
CREATE TABLE `odd "name` (`the key` int AUTO_INCREMENT PRIMARY KEY, `select` text);
"""

_ROWS = """
INSERT INTO users (id, email, name, age) VALUES (1, 'ann@x', 'Ann', 40), (2, 'bob@x', 'Bob', 17);
INSERT INTO posts (id, author_id, title) VALUES (1, 1, 'one'), (2, 1, 'two'), (3, 2, 'three');
INSERT INTO tags (id, name) VALUES (1, 'red'), (2, 'blue'), (3, 'green');
INSERT INTO posts_tags (post_id, tag_id) VALUES (1, 1), (1, 2);
INSERT INTO pairs VALUES (1, 'x', 10), (1, 'y', 11);
"""

_NUMBERED = {"users": 3, "posts": 4, "tags": 4, "notes": 1}
"""The tables that give numbers, and the next one."""

_EMPTIED = ("notes", "pairs", "posts_tags", "posts", "tags", "codes")
"""The tables whose rows are gone before those that they refer to."""


class _Connection(Protocol):
    """A connection of a driver's own, on which each statement commits by itself."""

    def cursor(self) -> Any: ...
    def close(self) -> None: ...


class ServerWriting:
    """The database, and the rows as another connection sees them.

    Args:
        db: The database.
        connection: The other connection.
        reset: Statements that give the tables their rows back, each for itself.
    """

    def __init__(self, db: Database, connection: _Connection, reset: list[str]) -> None:
        self.db = db
        self._connection = connection
        self._reset = reset

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """What is committed."""
        with self._connection.cursor() as cursor:
            cursor.execute(sql)
            return [tuple(row) for row in cursor.fetchall()]

    def anew(self) -> None:
        """Give the tables the rows of a new database."""
        with self._connection.cursor() as cursor:
            for statement in self._reset:
                cursor.execute(statement)

    def close(self) -> None:
        """Close the other connection."""
        self._connection.close()


def connected(engine: str, db: Database, url: str) -> ServerWriting:
    """Make the tables in an empty database.

    Args:
        engine: Which server it is of.
        db: The database.
        url: Where it is.
    """
    made = _on_postgresql(db, url) if engine == "postgresql" else _on_mysql(db, url)
    db.refresh()
    return made


def _on_postgresql(db: Database, url: str) -> ServerWriting:
    import psycopg

    connection = psycopg.connect(url, autocommit=True)
    connection.execute(_POSTGRESQL.encode())
    emptied = "; ".join(f"DELETE FROM {name}" for name in _EMPTIED)
    numbers = "; ".join(
        f"ALTER SEQUENCE {name}_id_seq RESTART WITH {number}" for name, number in _NUMBERED.items()
    )
    others = 'DELETE FROM users; TRUNCATE eggs, hens, "odd ""name" RESTART IDENTITY'
    # One statement of the protocol, and so one transaction.
    return ServerWriting(db, connection, [f"{emptied}; {others}; {numbers}; {_ROWS}"])


def _on_mysql(db: Database, url: str) -> ServerWriting:
    from tests.mysql.server import raw_connection, run_script

    run_script(url, _MYSQL)
    return ServerWriting(
        db,
        raw_connection(url),
        [
            "UPDATE users SET manager_id = NULL",
            *(f"DELETE FROM {name}" for name in (*_EMPTIED, "users", '`odd "name`')),
            *(f"ALTER TABLE {name} AUTO_INCREMENT = {number}" for name, number in _NUMBERED.items()),
            *(each.rstrip(";") for each in _ROWS.strip().split(";\n")),
        ],
    )
