"""The reference: the standard library's sqlite3, written by hand, bare tuples and nothing converted."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from benchmarks.contenders import sql
from benchmarks.contenders.base import Contender, Plain
from benchmarks.data import PRAGMAS

__all__ = ["CONTENDER"]

Row = tuple[Any, ...]


class Stdlib(Contender):
    """sqlite3 with constant statements; relations are pairs of a tuple and a list."""

    def open(self, database: Path) -> None:
        self._connection = _connected(database)
        self._execute = self._connection.execute

    def open_deep(self, database: Path, depth: int) -> tuple[str, int]:
        self._execute_deep = _connected(database).execute
        return self._execute_deep(sql.EVENT_AT, (depth - 1,)).fetchone()

    def get_by_key(self, key: int) -> Row:
        return self._execute(sql.USER_BY_KEY, (key,)).fetchone()

    def get_by_unique(self, email: str) -> Row:
        return self._execute(sql.USER_BY_EMAIL, (email,)).fetchone()

    def page_of_20(self, age: int) -> list[Row]:
        return self._execute(sql.USERS_PAGE, (age,)).fetchall()

    def filter_1000(self, first: int) -> list[Row]:
        return self._execute(sql.USERS_FROM, (first, first + 1_000)).fetchall()

    def touch_1000(self, first: int) -> list[Row]:
        users = self.filter_1000(first)
        for user in users:
            _ = user[0], user[1], user[2], user[3], user[4], user[5], user[6]
        return users

    def all_users(self, _: None) -> list[Row]:
        return self._execute(sql.USERS).fetchall()

    def values_1000(self, first: int) -> list[Row]:
        return self._execute(sql.VALUES, (first, first + 1_000)).fetchall()

    def values_10000(self, _: None) -> list[Row]:
        return self._execute(sql.VALUES_OF_ALL).fetchall()

    def count(self, age: int) -> int:
        return self._execute(sql.COUNT, (age,)).fetchone()[0]

    def grouped(self, first: int) -> list[Row]:
        return self._execute(sql.GROUPED, (first, first + 1_000)).fetchall()

    def annotated(self, _: None) -> list[Row]:
        return self._execute(sql.ANNOTATED).fetchall()

    def join_1000(self, first: int) -> list[Row]:
        return self._execute(sql.POSTS_WITH_USER, (first, first + 1_000)).fetchall()

    def tree_100(self, first: int) -> list[tuple[Row, list[Any]]]:
        users = [(row, []) for row in self._execute(sql.USERS_FROM, (first, first + 100))]
        posts_of = {row[0]: posts for row, posts in users}
        comments_of: dict[int, list[Row]] = {}
        for row in self._execute(sql.POSTS_OF.format(keys=_marks(posts_of)), list(posts_of)):
            comments_of[row[0]] = comments = []
            posts_of[row[1]].append((row, comments))
        for row in self._execute(sql.COMMENTS_OF.format(keys=_marks(comments_of)), list(comments_of)):
            comments_of[row[1]].append(row)
        return users

    def tagged_200(self, first: int) -> list[tuple[Row, list[Row]]]:
        posts = [(row, []) for row in self._execute(sql.POSTS_FROM, (first, first + 200))]
        tags_of = {row[0]: tags for row, tags in posts}
        for row in self._execute(sql.TAGS_OF.format(keys=_marks(tags_of)), list(tags_of)):
            tags_of[row[0]].append(row[1:])
        return posts

    def stream(self, _: None) -> Iterator[Row]:
        return self._execute(sql.POSTS)

    def keyset(self, place: tuple[str, int]) -> list[Row]:
        return self._execute_deep(sql.EVENTS_AFTER, place).fetchall()

    def given(self, operation: str, value: Any) -> Any:
        if operation == "bulk_create_10000":
            return [tuple(row.values()) for row in value]
        return tuple(value.values()) if isinstance(value, dict) else value

    @contextmanager
    def transaction(self) -> Iterator[None]:
        self._execute("begin immediate")
        yield
        self._execute("commit")

    def create(self, row: Row) -> int:
        return self._execute(sql.INSERT_USER, _stored(row)).lastrowid

    create_in_transaction = create

    def bulk_create_10000(self, rows: list[Row]) -> list[int]:
        self._execute("begin immediate")
        [last] = self._execute(sql.LAST_USER).fetchone()
        self._connection.executemany(sql.INSERT_USER, map(_stored, rows))
        self._execute("commit")
        return list(range(last + 1, last + len(rows) + 1))

    def save(self, change: tuple[int, str]) -> None:
        key, name = change
        user = self._execute(sql.USER_BY_KEY, (key,)).fetchone()
        self._execute(sql.RENAME_USER, (name, user[0]))

    def update_filter(self, change: tuple[int, float]) -> int:
        age, score = change
        return self._execute(sql.SCORE_USERS, (score, age)).rowcount

    def delete(self, key: int) -> int:
        return self._execute(sql.DELETE_USER, (key,)).rowcount

    def get_or_create(self, row: Row) -> Row:
        found = self._execute(sql.USER_BY_EMAIL, row[:1]).fetchone()
        return (self.create(row), *row) if found is None else found

    def discovery(self, database: Path) -> list[list[Row]]:
        connection = sqlite3.connect(database)
        found = [connection.execute(statement).fetchall() for statement in sql.DISCOVERY]
        connection.close()
        return found

    def user(self, row: Any) -> Plain:
        return (*row[:5], bool(row[5]), datetime.fromisoformat(row[6]))

    def post(self, row: Any) -> Plain:
        return (*row[:5], bool(row[5]), datetime.fromisoformat(row[6]))

    def comment(self, row: Any) -> Plain:
        return (*row[:5], datetime.fromisoformat(row[5]))

    def key(self, result: Any) -> int:
        return result

    def keys(self, result: Any) -> list[int]:
        return result

    def event(self, row: Any) -> Plain:
        return (*row[:2], datetime.fromisoformat(row[2]), row[3])

    def tag(self, row: Any) -> Plain:
        return tuple(row)

    def author(self, post: Any) -> tuple[Any, Any]:
        return post[:7], post[7:]

    def children(self, row: Any, relation: str) -> tuple[Any, Iterable[Any]]:
        return row

    def tables(self, result: Any) -> Sequence[tuple[str, Sequence[str]]]:
        found: dict[str, list[str]] = {}
        for table, _, column, *_ in result[0]:
            found.setdefault(table, []).append(column)
        return list(found.items())


def _connected(database: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(database, isolation_level=None)
    for name, value in PRAGMAS.items():
        connection.execute(f"pragma {name} = {value}")
    return connection


def _stored(row: Row) -> Row:
    """A user without its key as the database stores it."""
    email, name, age, score, is_active, created_at = row
    return email, name, age, score, is_active, created_at.isoformat(" ", "microseconds")


def _marks(keys: dict[int, Any]) -> str:
    return ", ".join("?" * len(keys))


CONTENDER = Stdlib
