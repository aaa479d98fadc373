"""The floor: APSW written by hand, rows made into typed structs with the conversions written inline.

What pure Python can reach: no query builder, no plan, nothing that is not this very statement.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import apsw
import msgspec

from benchmarks.contenders import sql
from benchmarks.contenders.base import Contender
from benchmarks.data import PRAGMAS

__all__ = ["CONTENDER"]

moment = datetime.fromisoformat


class User(msgspec.Struct):
    id: int | None
    email: str
    name: str
    age: int
    score: float | None
    is_active: bool
    created_at: datetime
    posts: list[Post] | None = None


class Post(msgspec.Struct):
    id: int
    user_id: int
    title: str
    body: str
    views: int
    published: bool
    created_at: datetime
    user: User | None = None
    comments: list[Comment] | None = None
    tags: list[Tag] | None = None


class Comment(msgspec.Struct):
    id: int
    post_id: int
    user_id: int
    body: str
    likes: int
    created_at: datetime


class Tag(msgspec.Struct):
    id: int
    name: str


class Event(msgspec.Struct):
    id: int
    kind: int
    happened: datetime
    note: str


class Apsw(Contender):
    """APSW with constant statements; lists of keys travel as one array parameter."""

    def open(self, database: Path) -> None:
        self._connection = _connected(database)
        self._execute = self._connection.execute

    def open_deep(self, database: Path, depth: int) -> tuple[str, int]:
        self._execute_deep = _connected(database).execute
        return self._execute_deep(sql.EVENT_AT, (depth - 1,)).get

    def get_by_key(self, key: int) -> User:
        a, b, c, d, e, f, g = self._execute(sql.USER_BY_KEY, (key,)).get
        return User(a, b, c, d, e, f == 1, moment(g))

    def get_by_unique(self, email: str) -> User:
        a, b, c, d, e, f, g = self._execute(sql.USER_BY_EMAIL, (email,)).get
        return User(a, b, c, d, e, f == 1, moment(g))

    def page_of_20(self, age: int) -> list[User]:
        return _users(self._execute(sql.USERS_PAGE, (age,)))

    def filter_1000(self, first: int) -> list[User]:
        return _users(self._execute(sql.USERS_FROM, (first, first + 1_000)))

    def touch_1000(self, first: int) -> list[User]:
        users = self.filter_1000(first)
        self.touch(users)
        return users

    def all_users(self, _: None) -> list[User]:
        return _users(self._execute(sql.USERS))

    def values_1000(self, first: int) -> list[tuple[Any, ...]]:
        return self._execute(sql.VALUES, (first, first + 1_000)).fetchall()

    def values_10000(self, _: None) -> list[tuple[Any, ...]]:
        return self._execute(sql.VALUES_OF_ALL).fetchall()

    def count(self, age: int) -> int:
        return self._execute(sql.COUNT, (age,)).get

    def grouped(self, first: int) -> list[tuple[Any, ...]]:
        return self._execute(sql.GROUPED, (first, first + 1_000)).fetchall()

    def annotated(self, _: None) -> list[tuple[Any, ...]]:
        return self._execute(sql.ANNOTATED).fetchall()

    def join_1000(self, first: int) -> list[Post]:
        return [
            Post(a, b, c, d, e, f == 1, moment(g), User(h, i, j, k, m, n == 1, moment(o)))
            for a, b, c, d, e, f, g, h, i, j, k, m, n, o in self._execute(
                sql.POSTS_WITH_USER, (first, first + 1_000)
            )
        ]

    def tree_100(self, first: int) -> list[User]:
        users = _users(self._execute(sql.USERS_FROM, (first, first + 100)))
        posts_of: dict[int, list[Post]] = {}
        for user in users:
            user.posts = posts_of[user.id] = []
        comments_of: dict[int, list[Comment]] = {}
        for a, b, c, d, e, f, g in self._execute(_POSTS_OF, (_keys(posts_of),)):
            comments_of[a] = comments = []
            posts_of[b].append(Post(a, b, c, d, e, f == 1, moment(g), None, comments))
        for a, b, c, d, e, f in self._execute(_COMMENTS_OF, (_keys(comments_of),)):
            comments_of[b].append(Comment(a, b, c, d, e, moment(f)))
        return users

    def tagged_200(self, first: int) -> list[Post]:
        tags_of: dict[int, list[Tag]] = {}
        posts = []
        for a, b, c, d, e, f, g in self._execute(sql.POSTS_FROM, (first, first + 200)):
            tags_of[a] = tags = []
            posts.append(Post(a, b, c, d, e, f == 1, moment(g), None, None, tags))
        for post, key, name in self._execute(_TAGS_OF, (_keys(tags_of),)):
            tags_of[post].append(Tag(key, name))
        return posts

    def stream(self, _: None) -> Iterator[Post]:
        for a, b, c, d, e, f, g in self._execute(sql.POSTS):
            yield Post(a, b, c, d, e, f == 1, moment(g))

    def keyset(self, place: tuple[str, int]) -> list[Event]:
        return [Event(a, b, moment(c), d) for a, b, c, d in self._execute_deep(sql.EVENTS_AFTER, place)]

    def given(self, operation: str, value: Any) -> Any:
        return [User(None, **row) for row in value] if operation == "bulk_create_10000" else value

    @contextmanager
    def transaction(self) -> Iterator[None]:
        self._execute("begin immediate")
        yield
        self._execute("commit")

    def create(self, row: dict[str, Any]) -> User:
        user = User(None, **row)
        self._execute(sql.INSERT_USER, _stored(user))
        user.id = self._connection.last_insert_rowid()
        return user

    create_in_transaction = create

    def bulk_create_10000(self, users: list[User]) -> list[User]:
        self._execute("begin immediate")
        last = self._execute(sql.LAST_USER).get
        self._connection.executemany(sql.INSERT_USER, map(_stored, users))
        self._execute("commit")
        for key, user in enumerate(users, last + 1):
            user.id = key
        return users

    def save(self, change: tuple[int, str]) -> None:
        key, name = change
        user = self.get_by_key(key)
        user.name = name
        self._execute(sql.RENAME_USER, (user.name, user.id))

    def update_filter(self, change: tuple[int, float]) -> int:
        age, score = change
        self._execute(sql.SCORE_USERS, (score, age))
        return self._connection.changes()

    def delete(self, key: int) -> int:
        self._execute(sql.DELETE_USER, (key,))
        return self._connection.changes()

    def get_or_create(self, row: dict[str, Any]) -> User:
        found = self._execute(sql.USER_BY_EMAIL, (row["email"],)).get
        if found is None:
            return self.create(row)
        a, b, c, d, e, f, g = found
        return User(a, b, c, d, e, f == 1, moment(g))

    def discovery(self, database: Path) -> list[list[tuple[Any, ...]]]:
        connection = apsw.Connection(str(database))
        found = [connection.execute(statement).fetchall() for statement in sql.DISCOVERY]
        connection.close()
        return found

    def tables(self, result: Any) -> Sequence[tuple[str, Sequence[str]]]:
        found: dict[str, list[str]] = {}
        for table, _, column, *_ in result[0]:
            found.setdefault(table, []).append(column)
        return list(found.items())


_POSTS_OF = sql.POSTS_OF.format(keys="select value from carray(?)")
_COMMENTS_OF = sql.COMMENTS_OF.format(keys="select value from carray(?)")
_TAGS_OF = sql.TAGS_OF.format(keys="select value from carray(?)")


def _connected(database: Path) -> apsw.Connection:
    connection = apsw.Connection(str(database))
    for name, value in PRAGMAS.items():
        connection.execute(f"pragma {name} = {value}")
    return connection


def _users(rows: Any) -> list[User]:
    return [User(a, b, c, d, e, f == 1, moment(g)) for a, b, c, d, e, f, g in rows]


def _stored(user: User) -> tuple[Any, ...]:
    created = user.created_at.isoformat(" ", "microseconds")
    return user.email, user.name, user.age, user.score, user.is_active, created


def _keys(keys: dict[int, Any]) -> Any:
    return apsw.carray(array("q", keys))


CONTENDER = Apsw
