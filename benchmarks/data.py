"""The databases that every contender reads.

Invariant: the content depends on the number of users alone, so two machines measure the same rows, and
every row has the same number of children, so every argument of an operation costs the same work.
"""

from __future__ import annotations

import os
import random
import sqlite3
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

__all__ = [
    "COMMENT_FIELDS",
    "EVENTS",
    "EVENT_FIELDS",
    "POSTS_PER_USER",
    "POST_FIELDS",
    "PRAGMAS",
    "TAG_FIELDS",
    "USER_FIELDS",
    "VERSION",
    "build_blog",
    "build_deep",
    "build_wide",
    "build_written",
    "email",
    "new_users",
]

VERSION = 1
"""Part of the files' names: raise it whenever the content changes."""

USER_FIELDS = ("id", "email", "name", "age", "score", "is_active", "created_at")
POST_FIELDS = ("id", "user_id", "title", "body", "views", "published", "created_at")
COMMENT_FIELDS = ("id", "post_id", "user_id", "body", "likes", "created_at")
TAG_FIELDS = ("id", "name")
EVENT_FIELDS = ("id", "kind", "happened", "note")

POSTS_PER_USER = 5
COMMENTS_PER_POST = 4
TAGS_PER_POST = 3
TAGS = 200
AGES = range(18, 78)
EVENTS = 1_200_000
EVENTS_AT_ONCE = 3
KINDS = 12

PRAGMAS = {
    "journal_mode": "wal",
    "synchronous": "normal",
    "cache_size": -64000,
    "temp_store": "memory",
    "mmap_size": 268435456,
    "foreign_keys": "on",
}
"""What every contender sets on its connection, where it lets its user say so."""

BLOG_SCHEMA = """
create table users (
    id integer primary key,
    email text not null unique,
    name text not null,
    age integer not null,
    score real,
    is_active boolean not null,
    created_at datetime not null
);
create index users_age on users (age);
create table posts (
    id integer primary key,
    user_id integer not null references users (id),
    title text not null,
    body text not null,
    views integer not null,
    published boolean not null,
    created_at datetime not null
);
create index posts_user_id on posts (user_id);
create table comments (
    id integer primary key,
    post_id integer not null references posts (id),
    user_id integer not null references users (id),
    body text not null,
    likes integer not null,
    created_at datetime not null
);
create index comments_post_id on comments (post_id);
create index comments_user_id on comments (user_id);
create table tags (
    id integer primary key,
    name text not null unique
);
create table post_tags (
    id integer primary key,
    post_id integer not null references posts (id),
    tag_id integer not null references tags (id),
    unique (post_id, tag_id)
);
create index post_tags_tag_id on post_tags (tag_id);
"""

DEEP_SCHEMA = """
create table events (
    id integer primary key,
    kind integer not null,
    happened datetime not null,
    note text not null
);
"""
DEEP_INDEX = "create index events_happened_id on events (happened, id)"

_VOCABULARY = """
amber anchor apple arrow basil beacon birch blossom bridge bronze canyon cedar cinder clover cobalt
copper coral crystal dawn delta ember falcon fern flint forest garnet glacier harbor hazel heron
indigo island ivory jasmine juniper lagoon lantern linen maple marble meadow meteor mist orchard
pebble pepper pine prairie quartz raven river saffron sage sierra silver slate summit thistle timber
topaz tulip velvet violet walnut willow winter
"""
WORDS = _VOCABULARY.split()


def email(key: int) -> str:
    """The unique e-mail address of the user with that key."""
    return f"user.{key}@mail.example.com"


def build_blog(path: Path, *, users: int = 10_000) -> None:
    """Write the blog database: users, 5 posts each, 4 comments a post, 3 of 200 tags a post.

    Args:
        path: Where to write it; the file appears only when it is whole.
        users: How many users.
    """
    rng = random.Random(users)
    posts = users * POSTS_PER_USER
    with _Writing(path) as connection:
        connection.executescript(BLOG_SCHEMA)
        connection.executemany(f"insert into users values ({_marks(7)})", _users(rng, users))
        connection.executemany(f"insert into posts values ({_marks(7)})", _posts(rng, users, posts))
        connection.executemany(f"insert into comments values ({_marks(6)})", _comments(rng, users, posts))
        connection.executemany("insert into tags values (?, ?)", _tags())
        connection.executemany(
            "insert into post_tags (post_id, tag_id) values (?, ?)",
            _links(rng, posts),
        )
        connection.execute("analyze")


def build_written(path: Path, *, users: int = 10_000) -> None:
    """Write the database that is written to: the blog's tables, of which only ``users`` has rows.

    Args:
        path: Where to write it; the file appears only when it is whole.
        users: How many users.
    """
    with _Writing(path) as connection:
        connection.executescript(BLOG_SCHEMA)
        connection.executemany(f"insert into users values ({_marks(7)})", _users(random.Random(users), users))
        connection.execute("analyze")


def new_users(last: int, count: int) -> Iterator[dict[str, Any]]:
    """Users to be written, without keys, as typed values by field.

    Args:
        last: The highest key that there is; the e-mail addresses go on from there.
        count: How many.
    """
    rng = random.Random(count)
    for key in range(last + 1, last + count + 1):
        yield {
            "email": email(key),
            "name": _words(rng, 2).title(),
            "age": AGES[key % len(AGES)],
            "score": None if key % 20 == 0 else round(rng.uniform(0, 100), 3),
            "is_active": key % 4 != 0,
            "created_at": datetime.fromisoformat(_moment(rng)),
        }


def build_wide(path: Path, *, tables: int = 500) -> None:
    """Write the database of the discovery operation: many empty tables of 12 columns.

    Args:
        path: Where to write it; the file appears only when it is whole.
        tables: How many tables; each but the first has a foreign key to the one before it.
    """
    with _Writing(path) as connection:
        for number in range(tables):
            parent = f" references t{number - 1:03} (id)" if number else ""
            connection.execute(
                f"create table t{number:03} (id integer primary key, parent_id integer{parent}, "
                "name varchar(80) not null, code text not null unique, price decimal(10, 2), "
                "quantity integer not null default 0, active boolean, created_at datetime, day date, "
                "ratio real, note text, payload blob)"
            )
            connection.execute(f"create index t{number:03}_name on t{number:03} (name, quantity)")


def build_deep(path: Path, *, events: int = EVENTS) -> None:
    """Write the database of the keyset operation: one long table, three rows of each moment.

    Args:
        path: Where to write it; the file appears only when it is whole.
        events: How many rows.
    """
    rng = random.Random(events)
    with _Writing(path) as connection:
        connection.executescript(DEEP_SCHEMA)
        connection.executemany(f"insert into events values ({_marks(4)})", _events(rng, events))
        # Sorting once is faster than keeping the order while the rows come.
        connection.execute(DEEP_INDEX)
        connection.execute("analyze")


class _Writing:
    """A connection to a new file beside ``path``, which takes its place when the block ends well."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._draft = path.with_name(f"{path.name}.{os.getpid()}.draft")

    def __enter__(self) -> sqlite3.Connection:
        self._draft.unlink(missing_ok=True)
        self._connection = sqlite3.connect(self._draft)
        self._connection.execute("pragma synchronous = off")
        return self._connection

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self._connection.commit()
            self._connection.execute("pragma journal_mode = wal")
        self._connection.close()
        if kind is None:
            self._draft.replace(self._path)
        else:
            self._draft.unlink(missing_ok=True)


def _marks(count: int) -> str:
    return ", ".join("?" * count)


def _words(rng: random.Random, count: int) -> str:
    return " ".join(rng.choices(WORDS, k=count))


def _moment(rng: random.Random) -> str:
    moment = datetime(2020, 1, 1) + timedelta(microseconds=rng.randrange(1, 5 * 365 * 86_400 * 1_000_000))
    return moment.isoformat(" ", "microseconds")


def _users(rng: random.Random, users: int) -> Iterator[tuple[object, ...]]:
    ages = [AGES[number % len(AGES)] for number in range(users)]
    rng.shuffle(ages)
    for key, age in enumerate(ages, 1):
        score = None if key % 20 == 0 else round(rng.uniform(0, 100), 3)
        yield key, email(key), _words(rng, 2).title(), age, score, int(key % 4 != 0), _moment(rng)


def _posts(rng: random.Random, users: int, posts: int) -> Iterator[tuple[object, ...]]:
    owners = [number % users + 1 for number in range(posts)]
    rng.shuffle(owners)
    for key, owner in enumerate(owners, 1):
        title, body = _words(rng, 4).capitalize(), _words(rng, 12)
        yield key, owner, title, body, rng.randrange(100_000), int(rng.random() < 0.8), _moment(rng)


def _comments(rng: random.Random, users: int, posts: int) -> Iterator[tuple[object, ...]]:
    parents = [number % posts + 1 for number in range(posts * COMMENTS_PER_POST)]
    rng.shuffle(parents)
    for key, post in enumerate(parents, 1):
        yield key, post, rng.randrange(1, users + 1), _words(rng, 6), rng.randrange(1_000), _moment(rng)


def _links(rng: random.Random, posts: int) -> Iterator[tuple[int, int]]:
    tags = range(1, TAGS + 1)
    for post in range(1, posts + 1):
        for tag in rng.sample(tags, TAGS_PER_POST):
            yield post, tag


def _tags() -> Iterator[tuple[int, str]]:
    for key in range(1, TAGS + 1):
        yield key, f"{WORDS[key % len(WORDS)]}-{key}"


def _events(rng: random.Random, events: int) -> Iterator[tuple[object, ...]]:
    notes = [_words(rng, 5) for _ in range(1_000)]
    moments = [_moment(rng) for _ in range(-(-events // EVENTS_AT_ONCE))]
    happened = (moments * EVENTS_AT_ONCE)[:events]
    rng.shuffle(happened)
    for key, moment in enumerate(happened, 1):
        yield key, key % KINDS, moment, notes[key * 7 % len(notes)]
