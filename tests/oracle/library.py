"""The database over which Django and noormme are compared.

Invariant: ``make`` writes the same rows every time. The schema has each kind of relation (to one,
nullable or not; one-to-one; many-to-many with and without payload; a self-reference; a self
many-to-many; two foreign keys to one target; text, shared and composite primary keys) and each
kind of value; NULLs, duplicates, ties and LIKE wildcards are there on purpose. Reals outside ``events`` are
exact, because rows are sorted by their sums.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import TypeAlias

import apsw

__all__ = ["ACTIONS", "DDL", "make"]

Cell: TypeAlias = "int | float | str | None"
Rows: TypeAlias = list[tuple[Cell, ...]]

DDL = """
CREATE TABLE countries (
    code TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    continent TEXT,
    population INTEGER
);
CREATE TABLE people (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    email TEXT UNIQUE,
    age INTEGER,
    height REAL,
    is_active BOOLEAN NOT NULL,
    is_admin BOOLEAN,
    born DATE,
    joined DATETIME NOT NULL,
    balance DECIMAL(10, 2),
    country_code TEXT REFERENCES countries(code),
    mentor_id INTEGER REFERENCES people(id)
);
CREATE TABLE profiles (
    id INTEGER PRIMARY KEY,
    person_id INTEGER NOT NULL UNIQUE REFERENCES people(id),
    bio TEXT,
    score REAL NOT NULL,
    verified BOOLEAN
);
CREATE TABLE passports (
    person_id INTEGER PRIMARY KEY REFERENCES people(id),
    number TEXT NOT NULL,
    expires DATE
);
CREATE TABLE categories (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    parent_id INTEGER REFERENCES categories(id)
);
CREATE TABLE posts (
    id INTEGER PRIMARY KEY,
    title TEXT NOT NULL,
    status TEXT,
    views INTEGER NOT NULL,
    rating INTEGER,
    price DECIMAL(8, 2),
    is_public BOOLEAN NOT NULL,
    published_at DATETIME,
    due_on DATE,
    author_id INTEGER NOT NULL REFERENCES people(id),
    editor_id INTEGER REFERENCES people(id),
    category_id INTEGER REFERENCES categories(id)
);
CREATE TABLE tags (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    weight REAL
);
CREATE TABLE post_tags (
    post_id INTEGER NOT NULL REFERENCES posts(id),
    tag_id INTEGER NOT NULL REFERENCES tags(id),
    PRIMARY KEY (post_id, tag_id)
);
CREATE TABLE clubs (
    slug TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    founded DATE,
    meets_at TIME,
    budget DECIMAL(12, 2),
    country_code TEXT NOT NULL REFERENCES countries(code)
);
CREATE TABLE memberships (
    id INTEGER PRIMARY KEY,
    person_id INTEGER NOT NULL REFERENCES people(id),
    club_id TEXT NOT NULL REFERENCES clubs(slug),
    role TEXT,
    since DATE,
    fee DECIMAL(6, 2) NOT NULL,
    UNIQUE (person_id, club_id)
);
CREATE TABLE friendships (
    person_id INTEGER NOT NULL REFERENCES people(id),
    friend_id INTEGER NOT NULL REFERENCES people(id),
    PRIMARY KEY (person_id, friend_id)
);
CREATE TABLE comments (
    id INTEGER PRIMARY KEY,
    body TEXT,
    likes INTEGER,
    created_at DATETIME NOT NULL,
    post_id INTEGER NOT NULL REFERENCES posts(id),
    author_id INTEGER REFERENCES people(id),
    reply_to_id INTEGER REFERENCES comments(id)
);
CREATE TABLE events (
    id INTEGER PRIMARY KEY,
    uid UUID NOT NULL UNIQUE,
    label TEXT,
    meta JSON,
    hits INTEGER NOT NULL,
    small INTEGER,
    ratio REAL,
    amount DECIMAL(12, 3),
    flag BOOLEAN,
    day DATE,
    clock TIME,
    opens_at DATETIME,
    closes_at DATETIME,
    host_id INTEGER REFERENCES people(id),
    club_id TEXT REFERENCES clubs(slug),
    post_id INTEGER UNIQUE REFERENCES posts(id)
);
"""

_NAMES = ["Ann", "ann", "Bob", "Bobby", "Cleo", "Dan", "Dana", "Eve", "EVE", "Finn", "Gus", "o'Hara", "Ivy"]
_WORDS = [
    "red",
    "Red",
    "green",
    "50%",
    "a_b",
    "a\\b",
    "blue",
    "BLUE moon",
    "",
    "'quoted'",
    "tall tree",
    "x*y?",
]
_LABELS = [
    "Élan",
    "élan",
    "ÉCOLE",
    "Straße",
    "İzmir",
    "",
    " padded ",
    "日本語 text",
    "a%b_c",
    "plain",
    "Plain",
]
_METAS = [
    "null",
    "{}",
    "[]",
    "true",
    '"text"',
    '[1, "two", null, {"k": [true, false]}]',
    '{"n": 1, "name": "ann", "tags": ["red", "blue"], "deep": {"x": 1, "y": [10, 20]}}',
    '{"n": 2.5, "name": "Bob", "tags": [], "deep": {"x": null}}',
    '{"n": null, "name": "bob%", "on": true, "deep": {}}',
    '{"n": -3, "name": "", "on": false, "tags": ["red"], "1": "one"}',
    '{"n": 10, "name": "élan", "on": null, "deep": {"x": 2, "y": []}, "a b": {"c\'d": 5}}',
    '{"n": 1, "tags": ["blue", "red", 3, {"k": 1}]}',
    '{"n": "one", "name": 5, "tags": {"0": "zero"}}',
    '{"n": "1", "name": "null", "on": "true", "tags": "[]", "deep": {"y": [20, 10], "x": "1"}}',
    '{"deep": {"y": [], "x": 1.0}, "n": 1.0, "name": "Ann", "tags": ["Red", "blue"]}',
]
_STATUSES = ["draft", "Draft", "final", "archived", None]
_COUNTRIES: Rows = [
    ("AR", "Argentina", "America", 45),
    ("BR", "Brazil", "America", 203),
    ("CH", "Switzerland", "Europe", 9),
    ("DE", "Germany", "Europe", 84),
    ("EG", "Egypt", "Africa", None),
    ("FR", "France", "Europe", 68),
    ("IN", "India", "Asia", 1428),
    ("JP", "Japan", "Asia", 124),
    ("XX", "Nowhere", None, None),
]


class _Draw:
    """Random cells, some of them NULL."""

    def __init__(self, seed: int) -> None:
        self.rng = Random(seed)

    def maybe(self, value: Cell, null: float = 0.25) -> Cell:
        return None if self.rng.random() < null else value

    def day(self, first: int = 2015, years: int = 9) -> date:
        return date(first, 1, 1) + timedelta(days=self.rng.randrange(365 * years))

    def moment(self) -> str:
        """A datetime as Django stores it; some have microseconds, some are at the edge of a unit."""
        day = self.day(2019, 5)
        kind = self.rng.randrange(6)
        if kind == 0:
            return f"{day} 00:00:00"
        if kind == 1:
            return f"{day.year}-12-31 23:59:59.999999"
        moment = datetime(day.year, day.month, day.day) + timedelta(seconds=self.rng.randrange(86400))
        return f"{moment}.{self.rng.randrange(1, 10**6):06d}" if kind == 2 else str(moment)

    def money(self, top: int) -> str:
        """Decimal text; the column's affinity makes a REAL or an INTEGER of it, as for Django."""
        return f"{self.rng.randrange(top * 4) * 25 / 100:.2f}"

    def words(self) -> str:
        return " ".join(self.rng.choice(_WORDS) for _ in range(self.rng.randrange(1, 4)))


ACTIONS = {
    "people.mentor_id": "SET NULL",
    "profiles.person_id": "CASCADE",
    "passports.person_id": "CASCADE",
    "categories.parent_id": "SET NULL",
    "posts.author_id": "CASCADE",
    "posts.editor_id": "SET NULL",
    "post_tags.post_id": "CASCADE",
    "post_tags.tag_id": "CASCADE",
    "memberships.person_id": "CASCADE",
    "memberships.club_id": "CASCADE",
    "friendships.person_id": "CASCADE",
    "friendships.friend_id": "CASCADE",
    "comments.post_id": "CASCADE",
    "comments.author_id": "SET NULL",
    "comments.reply_to_id": "SET NULL",
    "events.host_id": "SET NULL",
    "events.post_id": "SET NULL",
}
"""What happens to the rows that refer to a deleted one, where rows are deleted; nothing may refer to others."""


def make(path: Path, *, actions: Mapping[str, str] | None = None) -> None:
    """Write the database to a new file.

    Args:
        path: Where.
        actions: What foreign keys do when a row is deleted, by ``table.column``.
    """
    ddl = DDL
    for name, action in (actions or {}).items():
        table, column = name.split(".")
        start = ddl.index(f"CREATE TABLE {table} (")
        end = ddl.index(")", ddl.index("REFERENCES", ddl.index(f"    {column} ", start))) + 1
        ddl = f"{ddl[:end]} ON DELETE {action}{ddl[end:]}"
    connection = apsw.Connection(str(path))
    try:
        connection.execute(ddl)
        with connection:
            for table, rows in _tables():
                marks = ",".join("?" * len(rows[0]))
                connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)
    finally:
        connection.close()


def _tables() -> Iterator[tuple[str, Rows]]:
    draw = _Draw(20240229)
    rng = draw.rng
    codes = [row[0] for row in _COUNTRIES[:-1]]
    clubs = ["chess", "choir", "cinema", "judo", "rowing", "Go"]
    yield "countries", _COUNTRIES
    yield (
        "people",
        [
            (
                key,
                rng.choice(_NAMES),
                draw.maybe(f"{rng.choice(_NAMES).lower()}{key}@{rng.choice(['x.org', 'Y.com', 'x.com'])}"),
                draw.maybe(rng.randrange(16, 70)),
                draw.maybe(rng.randrange(48, 64) / 32),
                int(rng.random() < 0.7),
                draw.maybe(int(rng.random() < 0.3), 0.4),
                draw.maybe(str(draw.day(1960, 45))),
                draw.moment(),
                draw.maybe(draw.money(200)),
                draw.maybe(rng.choice(codes), 0.15),
                draw.maybe(rng.randrange(1, key), 0.3) if key > 1 else None,
            )
            for key in range(1, 49)
        ],
    )
    yield (
        "profiles",
        [
            (key, person, draw.maybe(draw.words()), rng.randrange(-20, 100) / 4, draw.maybe(rng.randrange(2)))
            for key, person in enumerate(rng.sample(range(1, 49), 30), 101)
        ],
    )
    yield (
        "passports",
        [
            (person, f"P{rng.randrange(10**6):06d}", draw.maybe(str(draw.day(2022, 5))))
            for person in sorted(rng.sample(range(1, 49), 20))
        ],
    )
    yield (
        "categories",
        [
            (key, rng.choice(_WORDS[:8]), draw.maybe(rng.randrange(1, key), 0.2) if key > 1 else None)
            for key in range(1, 13)
        ],
    )
    yield "posts", [_post(draw, key) for key in range(1, 91)]
    yield "tags", [(key, f"{rng.choice(_WORDS[:8])}-{key}", draw.maybe(key / 4)) for key in range(1, 13)]
    links = {(rng.randrange(1, 76), rng.randrange(1, 12)) for _ in range(170)}
    yield "post_tags", sorted(links)
    yield (
        "clubs",
        [
            (
                slug,
                f"{slug.title()} {rng.choice(['club', 'Club', 'union'])}",
                draw.maybe(str(draw.day(1950, 70))),
                draw.maybe(f"{rng.randrange(8, 22):02d}:{rng.choice([0, 15, 30]):02d}:00"),
                draw.maybe(draw.money(100_000)),
                rng.choice(codes),
            )
            for slug in clubs
        ],
    )
    members = sorted({(rng.randrange(1, 41), rng.choice(clubs[:-1])) for _ in range(80)})
    yield (
        "memberships",
        [
            (
                key,
                person,
                club,
                draw.maybe(rng.choice(["member", "chair", "Chair", "guest"])),
                draw.maybe(str(draw.day(2015, 9))),
                draw.money(40),
            )
            for key, (person, club) in enumerate(members, 1)
        ],
    )
    pairs = {(rng.randrange(1, 41), rng.randrange(1, 41)) for _ in range(70)}
    yield "friendships", sorted(pairs)
    yield (
        "comments",
        [
            (
                key,
                draw.maybe(draw.words()),
                draw.maybe(rng.choice([0, 0, 1, 1, 2, 3, 5, 8, 13, -1]), 0.3),
                draw.moment(),
                rng.randrange(1, 61),
                draw.maybe(rng.randrange(1, 40)),
                draw.maybe(rng.randrange(1, key), 0.6) if key > 1 else None,
            )
            for key in range(1, 151)
        ],
    )
    yield "events", [_event(draw, key, codes_of_clubs=clubs) for key in range(1, 61)]


def _event(draw: _Draw, key: int, *, codes_of_clubs: list[str]) -> tuple[Cell, ...]:
    rng = draw.rng
    return (
        key,
        f"{rng.getrandbits(120):030x}ab",
        draw.maybe(rng.choice(_LABELS), 0.15),
        draw.maybe(rng.choice(_METAS), 0.15),
        rng.choice([0, 0, 1, 2, 3, 7, -7, 10, 100, 2**40]),
        draw.maybe(rng.choice([-5, -1, 0, 1, 2, 3, 8])),
        draw.maybe(rng.choice([0.0, 0.1, 0.25, 2.5, -1.5, 3.0, 1e-3, 123456.789])),
        draw.maybe(
            rng.choice(["0.000", "0.100", "1.125", "-2.500", "19.990", "3.000", "0.005", "100000.001"])
        ),
        draw.maybe(rng.randrange(2)),
        draw.maybe(rng.choice([str(draw.day(2018, 6)), "2020-02-29", "2020-12-31", "2021-01-01"])),
        draw.maybe(rng.choice(["00:00:00", "23:59:59.999999", "12:30:00", "08:05:07", "08:05:07.250000"])),
        draw.maybe(draw.moment(), 0.15),
        draw.maybe(draw.moment(), 0.15),
        draw.maybe(rng.randrange(1, 30)),
        draw.maybe(rng.choice(codes_of_clubs)),
        draw.maybe(key + 5, 0.3),
    )


def _post(draw: _Draw, key: int) -> tuple[Cell, ...]:
    rng = draw.rng
    return (
        key,
        draw.words().strip() or "untitled",
        rng.choice(_STATUSES),
        rng.choice([0, 0, 1, 10, 10, 25, 100, 1000]),
        draw.maybe(rng.randrange(1, 6), 0.3),
        draw.maybe(draw.money(100)),
        int(rng.random() < 0.6),
        draw.maybe(draw.moment()),
        draw.maybe(str(draw.day(2020, 4))),
        rng.randrange(1, 36),
        draw.maybe(rng.randrange(20, 45), 0.4),
        draw.maybe(rng.randrange(1, 12), 0.3),
    )
