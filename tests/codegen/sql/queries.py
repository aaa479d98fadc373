"""Typed functions for the statements in these files:

- authors.sql
- books.sql

Made by ``noormme sql generate``: change the statements and make it again, not this file.
"""

from __future__ import annotations

import datetime as _dt
from decimal import Decimal

from msgspec import Struct

from noormme import Database
from noormme.typed_sql import Command, Of, RowQuery, ValueQuery

__all__ = [
    "AuthorRow",
    "BookRow",
    "FindAuthorRow",
    "ThickBooksRow",
    "TopAuthorsRow",
    "aactive_authors",
    "aadd_author",
    "aall_books",
    "aauthor_by_id",
    "acount_books",
    "active_authors",
    "add_author",
    "afind_author",
    "alatest",
    "all_books",
    "arename_author",
    "athick_books",
    "atitles",
    "atop_authors",
    "author_by_id",
    "count_books",
    "find_author",
    "latest",
    "rename_author",
    "thick_books",
    "titles",
    "top_authors",
]


class AuthorRow(Struct, frozen=True):
    """A row of ``authors``."""

    id: int
    name: str
    email: str | None
    born: _dt.date | None
    active: bool


class BookRow(Struct, frozen=True):
    """A row of ``books``."""

    id: int
    author_id: int
    title: str
    published: _dt.datetime | None
    price: Decimal | None
    pages: int
    rating: float | None
    cover: bytes | None
    details: object


class TopAuthorsRow(Struct, frozen=True):
    """A row of ``top_authors``."""

    id: int
    name: str
    books: int
    latest: _dt.datetime | None
    earned: Decimal | None


_TOP_AUTHORS = RowQuery(
    "top_authors",
    TopAuthorsRow,
    """
    SELECT a.id, a.name, COUNT(b.id) AS books, MAX(b.published) AS latest, SUM(b.price) AS earned
    FROM authors AS a
    LEFT JOIN books AS b ON b.author_id = a.id AND b.published >= :since
    WHERE a.active = :active
    GROUP BY a.id, a.name
    ORDER BY books DESC, a.name
    LIMIT :limit
    """,
    parameters={
        "since": Of("books", "published"),
        "active": Of("authors", "active"),
        "limit": "integer",
    },
    columns={
        "id": Of("authors", "id"),
        "name": Of("authors", "name"),
        "books": "integer",
        "latest": Of("books", "published"),
        "earned": "decimal",
    },
)


def top_authors(
    db: Database,
    *,
    since: _dt.datetime,
    active: bool,
    limit: int,
) -> list[TopAuthorsRow]:
    """Authors that are active, those with the most books first.
    Books count from ``since`` on.
    """
    return _TOP_AUTHORS.all(db, since, active, limit)


async def atop_authors(
    db: Database,
    *,
    since: _dt.datetime,
    active: bool,
    limit: int,
) -> list[TopAuthorsRow]:
    """As ``top_authors()``, awaited."""
    return await _TOP_AUTHORS.aall(db, since, active, limit)


_AUTHOR_BY_ID = RowQuery(
    "author_by_id",
    AuthorRow,
    """
    SELECT * FROM authors WHERE id = ?
    """,
    parameters={"id": Of("authors", "id")},
    columns={
        "id": Of("authors", "id"),
        "name": Of("authors", "name"),
        "email": Of("authors", "email"),
        "born": Of("authors", "born"),
        "active": Of("authors", "active"),
    },
)


def author_by_id(db: Database, *, id: int) -> AuthorRow:
    """Run ``author_by_id`` of authors.sql."""
    return _AUTHOR_BY_ID.one(db, id)


async def aauthor_by_id(db: Database, *, id: int) -> AuthorRow:
    """As ``author_by_id()``, awaited."""
    return await _AUTHOR_BY_ID.aone(db, id)


class FindAuthorRow(Struct, frozen=True):
    """A row of ``find_author``."""

    id: int
    name: str
    email: str


_FIND_AUTHOR = RowQuery(
    "find_author",
    FindAuthorRow,
    """
    SELECT id, name, email FROM authors WHERE email = :email
    """,
    parameters={"email": Of("authors", "email")},
    columns={
        "id": Of("authors", "id"),
        "name": Of("authors", "name"),
        "email": Of("authors", "email"),
    },
)


def find_author(db: Database, *, email: str) -> FindAuthorRow | None:
    """Run ``find_author`` of authors.sql."""
    return _FIND_AUTHOR.optional(db, email)


async def afind_author(db: Database, *, email: str) -> FindAuthorRow | None:
    """As ``find_author()``, awaited."""
    return await _FIND_AUTHOR.aoptional(db, email)


_ACTIVE_AUTHORS = RowQuery(
    "active_authors",
    AuthorRow,
    """
    SELECT * FROM authors WHERE active = TRUE ORDER BY id
    """,
    columns={
        "id": Of("authors", "id"),
        "name": Of("authors", "name"),
        "email": Of("authors", "email"),
        "born": Of("authors", "born"),
        "active": Of("authors", "active"),
    },
)


def active_authors(db: Database) -> list[AuthorRow]:
    """Run ``active_authors`` of authors.sql."""
    return _ACTIVE_AUTHORS.all(db)


async def aactive_authors(db: Database) -> list[AuthorRow]:
    """As ``active_authors()``, awaited."""
    return await _ACTIVE_AUTHORS.aall(db)


_ADD_AUTHOR = Command(
    "add_author",
    """
    INSERT INTO authors (name, email, born) VALUES (:name, :email, :born)
    """,
    parameters={
        "name": Of("authors", "name", stored=True),
        "email": Of("authors", "email", stored=True),
        "born": Of("authors", "born", stored=True),
    },
)


def add_author(
    db: Database,
    *,
    name: str,
    email: str | None,
    born: _dt.date | None,
) -> None:
    """Run ``add_author`` of authors.sql."""
    _ADD_AUTHOR.run(db, name, email, born)


async def aadd_author(
    db: Database,
    *,
    name: str,
    email: str | None,
    born: _dt.date | None,
) -> None:
    """As ``add_author()``, awaited."""
    await _ADD_AUTHOR.arun(db, name, email, born)


_RENAME_AUTHOR = Command(
    "rename_author",
    """
    UPDATE authors SET name = :name WHERE name = :old
    """,
    parameters={
        "name": Of("authors", "name", stored=True),
        "old": Of("authors", "name"),
    },
)


def rename_author(db: Database, *, name: str, old: str) -> int:
    """Run ``rename_author`` of authors.sql."""
    return _RENAME_AUTHOR.count(db, name, old)


async def arename_author(db: Database, *, name: str, old: str) -> int:
    """As ``rename_author()``, awaited."""
    return await _RENAME_AUTHOR.acount(db, name, old)


_ALL_BOOKS = RowQuery(
    "all_books",
    BookRow,
    """
    SELECT * FROM books ORDER BY id
    """,
    columns={
        "id": Of("books", "id"),
        "author_id": Of("books", "author_id"),
        "title": Of("books", "title"),
        "published": Of("books", "published"),
        "price": Of("books", "price"),
        "pages": Of("books", "pages"),
        "rating": Of("books", "rating"),
        "cover": Of("books", "cover"),
        "details": Of("books", "details"),
    },
)


def all_books(db: Database) -> list[BookRow]:
    """Run ``all_books`` of books.sql."""
    return _ALL_BOOKS.all(db)


async def aall_books(db: Database) -> list[BookRow]:
    """As ``all_books()``, awaited."""
    return await _ALL_BOOKS.aall(db)


_COUNT_BOOKS: ValueQuery[int] = ValueQuery(
    "count_books",
    """
    SELECT COUNT(*) FROM books WHERE pages > :pages
    """,
    parameters={"pages": Of("books", "pages")},
    columns={"COUNT(*)": "integer"},
)


def count_books(db: Database, *, pages: int) -> int:
    """Run ``count_books`` of books.sql."""
    return _COUNT_BOOKS.one(db, pages)


async def acount_books(db: Database, *, pages: int) -> int:
    """As ``count_books()``, awaited."""
    return await _COUNT_BOOKS.aone(db, pages)


_TITLES: ValueQuery[str] = ValueQuery(
    "titles",
    """
SELECT title FROM books WHERE title <> 'it''s "quoted" :no \\ and
on two lines' AND LOWER(title) LIKE :word ORDER BY id
    """,
    parameters={"word": "text"},
    columns={"title": Of("books", "title")},
)


def titles(db: Database, *, word: str) -> list[str]:
    """Run ``titles`` of books.sql."""
    return _TITLES.all(db, word)


async def atitles(db: Database, *, word: str) -> list[str]:
    """As ``titles()``, awaited."""
    return await _TITLES.aall(db, word)


_LATEST: ValueQuery[_dt.datetime | None] = ValueQuery(
    "latest",
    """
    SELECT MAX(published) FROM books WHERE author_id = :author_id
    """,
    parameters={"author_id": Of("books", "author_id")},
    columns={"MAX(published)": Of("books", "published")},
)


def latest(db: Database, *, author_id: int) -> _dt.datetime | None:
    """Run ``latest`` of books.sql."""
    return _LATEST.one(db, author_id)


async def alatest(db: Database, *, author_id: int) -> _dt.datetime | None:
    """As ``latest()``, awaited."""
    return await _LATEST.aone(db, author_id)


class ThickBooksRow(Struct, frozen=True):
    """A row of ``thick_books``."""

    id: int
    thick: bool
    tagged: bool
    share: float | None
    details: object


_THICK_BOOKS = RowQuery(
    "thick_books",
    ThickBooksRow,
    """
    SELECT id, pages > 100 AS thick, EXISTS (SELECT 1 FROM tags WHERE tags.book_id = books.id) AS tagged,
        pages * rating / 100 AS share, details
    FROM books
    ORDER BY id
    """,
    columns={
        "id": Of("books", "id"),
        "thick": "boolean",
        "tagged": "boolean",
        "share": "real",
        "details": Of("books", "details"),
    },
)


def thick_books(db: Database) -> list[ThickBooksRow]:
    """Run ``thick_books`` of books.sql."""
    return _THICK_BOOKS.all(db)


async def athick_books(db: Database) -> list[ThickBooksRow]:
    """As ``thick_books()``, awaited."""
    return await _THICK_BOOKS.aall(db)
