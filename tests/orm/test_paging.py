"""Pages by number and by cursor: SQL and rows, every row once, and one search of an index for each page."""

from __future__ import annotations

import warnings
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import crc32
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import apsw
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from noormme import (
    Count,
    CursorPage,
    Database,
    F,
    InvalidQuery,
    InvalidValue,
    Page,
    QuerySet,
    UsageError,
    Value,
    Window,
    connect,
)
from noormme.functions import Lower, Now, Random
from noormme.query.cursor import Position, decode_cursor, encode_cursor, fingerprint_of
from tests.orm.support import count_queries, ids
from tests.orm.world import change

Opened = Callable[..., Database]


def statement(db: Database, read: Callable[[], object]) -> tuple[str, tuple[Any, ...]]:
    """The only statement that runs, without its select list, and its parameters."""
    with db.capture() as statements:
        read()
    (ran,) = statements
    runs = [part.partition(" FROM ")[2] for part in " ".join(ran.statement.split()).split(" UNION ALL ")]
    return " UNION ALL ".join(runs), ran.parameters


def forwards(query: QuerySet[Any], per_page: int = 2) -> list[list[Any]]:
    """The rows of all pages from the first on."""
    page = query.paginate(per_page=per_page, after=None)
    assert not page.has_previous
    pages = [page.items]
    while page.has_next:
        page = query.paginate(per_page=per_page, after=page.next)
        assert page.has_previous
        assert 0 < len(page) <= per_page
        pages.append(page.items)
    assert page.next is None
    return pages


def backwards(query: QuerySet[Any], per_page: int = 2) -> list[list[Any]]:
    """The rows of all pages from the last one on, in the order of the query."""
    page = query.paginate(per_page=per_page, before="")
    assert not page.has_next
    pages = [page.items]
    while page.has_previous:
        page = query.paginate(per_page=per_page, before=page.previous)
        assert page.has_next
        assert 0 < len(page) <= per_page
        pages.insert(0, page.items)
    assert page.previous is None
    return pages


def flat(pages: list[list[Any]]) -> list[Any]:
    return [row for page in pages for row in page]


# -- by number ----------------------------------------------------------------------------------------


def test_a_page_is_a_slice_with_one_row_more(db: Database, engine: str) -> None:
    query = db.users.order_by("-name")
    sql, parameters = statement(db, lambda: query.paginate(page=2, per_page=2))
    if engine == "sqlite":
        assert sql == '"users" ORDER BY "users"."name" DESC, "users"."id" DESC LIMIT ? OFFSET ?'
    # MariaDB is told the offset first.
    assert sorted(parameters) == [2, 3]
    page = query.paginate(page=1, per_page=3)
    assert isinstance(page, Page)
    assert ids(page.items) == ids(page) == [4, 3, 2]
    assert (page.number, page.per_page, len(page)) == (1, 3, 3)
    assert (page[0].name, [user.name for user in page[1:]]) == ("Dan", ["Cleo", "Bob"])
    assert page.items[1] in page


def test_what_a_page_knows(db: Database) -> None:
    first, last = db.users.paginate(per_page=3), db.users.paginate(page=2, per_page=3)
    assert (first.has_next, first.has_previous, first.next_number, first.previous_number) == (
        True,
        False,
        2,
        None,
    )
    assert (last.has_next, last.has_previous, last.next_number, last.previous_number) == (
        False,
        True,
        None,
        1,
    )
    assert (ids(first), ids(last)) == ([1, 2, 3], [4])
    assert (first.total, first.pages, last.total, last.pages) == (4, 2, 4, 2)
    assert db.users.paginate().per_page == 20


def test_the_count_runs_once_and_only_when_it_is_needed(db: Database) -> None:
    with count_queries(db) as counted:
        page = db.users.filter(is_active=True).paginate(per_page=2)
        assert counted.number == 1
        assert (page.total, page.pages, page.total) == (3, 2, 3)
        assert counted.number == 2
        assert counted.statements[1].statement.startswith("SELECT count(*)")
        last = db.users.filter(is_active=True).paginate(page=2, per_page=2)
        assert (last.total, last.pages) == (3, 2)
        assert counted.number == 3, "the last page tells the number"


def test_a_page_behind_the_end_is_empty(db: Database) -> None:
    page = db.users.paginate(page=9, per_page=3)
    assert (page.items, page.has_next, page.has_previous, bool(page)) == ([], False, True, False)
    assert (page.total, page.pages, page.previous_number) == (4, 2, 2)
    assert db.users.paginate(page=10**30).items == []
    assert len(db.users.paginate(per_page=10**30)) == 4


def test_a_page_of_nothing(db: Database) -> None:
    with count_queries(db) as counted:
        page = db.users.none().paginate()
        assert (page.items, page.total, page.pages, page.has_next, page.previous_number) == (
            [],
            0,
            1,
            False,
            None,
        )
        empty = db.users.none().paginate(after=None)
        assert (empty.items, empty.next, empty.previous) == ([], None, None)
    assert counted.number == 0
    page = db.users.filter(id=99).paginate()
    assert (page.items, page.total, page.pages) == ([], 0, 1)


@pytest.mark.sqlite("its SQL")
@pytest.mark.parametrize(
    ("query", "order"),
    [
        (lambda db: db.users, '"users"."id" ASC'),
        (lambda db: db.users.reverse(), '"users"."id" DESC'),
        (lambda db: db.users.order_by("age").reverse(), '"users"."age" DESC, "users"."id" DESC'),
        (lambda db: db.users.order_by("age", "id"), '"users"."age" ASC, "users"."id" ASC'),
        (lambda db: db.users.order_by("-pk"), '"users"."id" DESC'),
        (lambda db: db.users.order_by("email"), '"users"."email" ASC'),
        (lambda db: db.orders, '"orders"."region" ASC, "orders"."number" ASC'),
        (lambda db: db.orders.order_by("-number"), '"orders"."number" DESC, "orders"."region" DESC'),
        (lambda db: db.orders.order_by("pk"), '"orders"."region" ASC, "orders"."number" ASC'),
        (lambda db: db.log.order_by("message"), '"log"."message" ASC, "log"."rowid" ASC'),
        (lambda db: db.active_users.order_by("name"), '"active_users"."name" ASC'),
        (
            lambda db: db.memberships.order_by("user", "-team_slug"),
            '"memberships"."user_id" ASC, "memberships"."team_slug" DESC',
        ),
        (
            lambda db: db.memberships.order_by("role"),
            '"memberships"."role" ASC, "memberships"."id" ASC',
        ),
    ],
)
def test_the_key_stands_behind_an_order_that_is_not_unique(
    db: Database, query: Callable[[Database], QuerySet[Any]], order: str
) -> None:
    sql, _ = statement(db, lambda: query(db).paginate())
    assert sql.partition("ORDER BY ")[2] == f"{order} LIMIT ?"


def test_a_page_of_a_slice(db: Database) -> None:
    page = db.users.order_by("id")[1:4].paginate(page=2, per_page=2)
    assert (ids(page), page.total, page.has_next) == ([4], 3, False)


def test_how_pages_look(db: Database) -> None:
    assert repr(db.tags.paginate(per_page=1)) == "<Page of tags, page 1: 1 row>\nid  name\n──  ────\n1   sql"
    names = db.tags.order_by("id").values_list("name", flat=True)
    assert repr(names.paginate(per_page=1, after=None)) == "<CursorPage of tags: 1 row>\nname\n────\nsql"
    html = names.paginate(page=2, per_page=2)._repr_html_()
    assert "<caption>tags, page 2: 1 row</caption>" in html
    assert "<td>rust</td>" in html
    assert repr(db.tags.paginate(page=9)) == "<Page of tags, page 9: 0 rows>"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"page": 0}, "page counts from 1"),
        ({"page": -1}, "page counts from 1"),
        ({"per_page": 0}, "per_page counts from 1"),
        ({"page": "2"}, r"page is a whole number, not str; write page=int\(…\)"),
        ({"per_page": 2.0}, "per_page is a whole number, not float"),
        ({"page": True}, "page is a whole number, not bool"),
        ({"per_page": 0, "after": None}, "per_page counts from 1"),
        ({"page": 1, "after": None}, "page and a cursor exclude each other"),
        ({"after": "a", "before": "b"}, "after and before exclude each other"),
        ({"after": 5}, "a cursor is a text, not int"),
        ({"before": b"x"}, "a cursor is a text, not bytes"),
    ],
)
def test_what_is_no_page(db: Database, options: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        db.users.paginate(**options)


# -- by cursor ----------------------------------------------------------------------------------------


@pytest.mark.sqlite("its SQL")
def test_a_page_by_cursor_asks_for_runs_of_the_order(db: Database) -> None:
    query = db.users.order_by("name")
    first = query.paginate(per_page=2, after=None)
    assert isinstance(first, CursorPage)
    assert (ids(first), first.has_next, first.has_previous, first.previous) == ([1, 2], True, False, None)
    second = query.paginate(per_page=2, after=first.next)
    assert (ids(second), second.has_next, second.has_previous, second.next) == ([3, 4], False, True, None)
    assert ids(query.paginate(per_page=2, before=second.previous)) == [1, 2]
    assert statement(db, lambda: query.paginate(per_page=2, after=None)) == (
        '"users" ORDER BY "users"."name" ASC, "users"."id" ASC LIMIT ?',
        (3,),
    )
    assert statement(db, lambda: query.paginate(per_page=2, after=first.next)) == (
        '"users" WHERE "users"."name" = ? AND "users"."id" > ? UNION ALL '
        '"users" WHERE "users"."name" > ? ORDER BY 3 ASC, 1 ASC LIMIT ?',
        ("Bob", 2, "Bob", 3),
    )
    assert statement(db, lambda: query.paginate(per_page=2, before=second.previous)) == (
        '"users" WHERE "users"."name" = ? AND "users"."id" < ? UNION ALL '
        '"users" WHERE "users"."name" < ? ORDER BY 3 DESC, 1 DESC LIMIT ?',
        ("Cleo", 3, "Cleo", 3),
    )


@pytest.mark.sqlite("its SQL")
def test_a_unique_order_is_one_run(db: Database) -> None:
    page = db.users.order_by("-id").paginate(per_page=2, after=None)
    assert statement(db, lambda: db.users.order_by("-id").paginate(per_page=2, after=page.next)) == (
        '"users" WHERE "users"."id" < ? ORDER BY "users"."id" DESC LIMIT ?',
        (3, 3),
    )


@pytest.mark.sqlite("its SQL")
@pytest.mark.parametrize(
    ("order", "place", "runs"),
    [
        # NULLs first: from a value on there are none any more; from NULL on there are all values.
        ("age", 17, ['"age" = ? AND "users"."id" > ?', '"age" > ?']),
        ("age", None, ['"age" IS NULL AND "users"."id" > ?', '"age" IS NOT NULL']),
        # NULLs last: they follow the values.
        ("-age", 17, ['"age" = ? AND "users"."id" < ?', '"age" < ?', '"age" IS NULL']),
        ("-age", None, ['"age" IS NULL AND "users"."id" < ?']),
        (F("age").asc(nulls_last=True), 17, ['"age" = ? AND "users"."id" > ?', '"age" > ?', '"age" IS NULL']),
        (F("age").asc(nulls_last=True), None, ['"age" IS NULL AND "users"."id" > ?']),
        (F("age").desc(nulls_first=True), 17, ['"age" = ? AND "users"."id" < ?', '"age" < ?']),
        (F("age").desc(nulls_first=True), None, ['"age" IS NULL AND "users"."id" < ?', '"age" IS NOT NULL']),
    ],
)
def test_nulls_are_a_run_of_their_own(db: Database, order: Any, place: int | None, runs: list[str]) -> None:
    query = db.users.order_by(order)
    cursors = {}
    after: str | None = None
    for user in query.order_by(order, "-id" if getattr(order, "descending", order == "-age") else "id"):
        page = query.paginate(per_page=1, after=after)
        assert page.items == [user]
        cursors[user.age] = after = page.next
    sql, _ = statement(db, lambda: query.paginate(after=cursors[place])) if cursors[place] else ("", ())
    if sql:
        found = [run.partition(" ORDER BY ")[0] for run in sql.split(" UNION ALL ")]
        assert found == [f'"users" WHERE "users".{run}' for run in runs]
    assert flat(forwards(query, 3)) == flat(forwards(query, 1)) == flat(backwards(query, 1))


@pytest.mark.sqlite("a table without a key has a row id")
def test_all_kinds_of_orders(db: Database) -> None:
    queries: list[QuerySet[Any]] = [
        db.posts.order_by("author__name", "-rating"),
        db.posts.order_by("editor__name"),
        db.posts.order_by("-editor__age", "author__email").select_related("editor"),
        db.users.annotate(n=Count("posts_as_author")).order_by("-n"),
        db.users.annotate(n=Count("posts_as_author")).filter(n__gt=0).order_by("n", "-name"),
        db.users.annotate(half=F("age") / Value(2)).order_by("half"),
        db.users.order_by(F("age") * Value(-1)),
        db.users.order_by("joined__day", "-name"),
        db.orders.order_by("-pk"),
        db.orders.order_by("total"),
        db.lines.order_by("order", "-quantity"),
        db.cities.order_by("country_code"),
        db.cities.order_by("country__code"),
        db.follows.all(),
        db.log.order_by("-at"),
        db.users.filter(posts_as_author__rating__gt=2).distinct().order_by("name"),
        db.posts.values("author_id").annotate(n=Count("id")).order_by("-n"),
        db.posts.values("rating").distinct().order_by("-rating"),
        db.posts.values_list("author__name", flat=True).distinct(),
        db.active_users.values("name").distinct(),
        db.posts.values_list("title", flat=True).order_by("rating"),
        db.posts.values_list("title", "rating").order_by("-author__name"),
        db.posts.values_list("title", named=True).order_by("rating"),
        db.posts.order_by("rating").values(),
        db.posts.only("title").order_by("rating"),
    ]
    for query in queries:
        expected = list(query)
        walked = flat(forwards(query, 2))
        assert flat(forwards(query, 1)) == walked == flat(backwards(query, 2)) == flat(backwards(query, 1))
        assert flat(forwards(query, 50)) == walked == query.paginate(per_page=50).items
        assert sorted(map(repr, walked)) == sorted(map(repr, expected))


def test_the_order_of_the_query_is_kept(db: Database) -> None:
    query = db.posts.order_by("author__name", "-rating")
    assert flat(forwards(query)) == list(query.order_by("author__name", "-rating", "-id"))


def test_a_page_is_one_statement_beside_what_it_prefetches(db: Database) -> None:
    query = db.users.order_by("-name").prefetch_related("posts_as_author").select_related("profile")
    page = query.paginate(per_page=2, after=None)
    with count_queries(db) as counted:
        page = query.paginate(per_page=2, after=page.next)
        assert counted.number == 2
        assert [len(user.posts_as_author.all()) for user in page] == [2, 2]
        assert [user.profile is None for user in page] == [False, False]
        assert counted.number == 2
    posts = db.posts.order_by("rating").paginate(per_page=4, after=None)
    with count_queries(db) as counted:
        assert len({post.author.name for post in posts}) > 1
    assert counted.number == 1, "the objects of a page are peers"


def test_pages_of_one_order_share_their_plans(db: Database) -> None:
    query = db.users.filter(id__gt=0).order_by("name")
    forwards(query, 1)
    known = len(db.plans)
    forwards(query, 2)
    forwards(db.users.filter(id__gt=1).order_by("name"), 1)
    assert len(db.plans) == known == 2


def test_rows_that_cannot_be_told_apart(db: Database) -> None:
    with pytest.raises(
        InvalidQuery, match=r"active_users has no key .*; use page=, or \.values\(…\)\.distinct\(\)"
    ):
        db.active_users.paginate(after=None)
    for query in (
        db.users.filter(posts_as_author__rating__gt=1),
        db.posts.order_by("tags__name"),
        db.posts.annotate(tag=F("tags__name")),
        db.posts.values("title", "tags__name"),
    ):
        with pytest.raises(InvalidQuery, match="come several times here, .* add .distinct"):
            query.paginate(after=None)
        assert flat(forwards(query.distinct())) == flat(backwards(query.distinct()))
        assert query.paginate().total == len(query)
    assert db.users.filter(profile__bio__isnull=False).paginate(after=None).items
    assert db.posts.exclude(tags__name="sql").paginate(after=None).items


def test_an_order_that_is_another_one_for_each_page(db: Database) -> None:
    randomly = [
        db.users.order_by(Random()),
        db.users.annotate(x=Random() + 1).order_by("x"),
        db.users.annotate(x=Random()).annotate(y=F("x") * 2).order_by("-y")[:3],
    ]
    for query in randomly:
        with pytest.raises(InvalidQuery, match="rows in random order have no pages"):
            query.paginate()
    with pytest.raises(InvalidQuery, match="rows in random order have no pages"):
        randomly[1].paginate(after=None)
    timely = db.users.annotate(x=Now()).order_by("-x")
    with pytest.raises(InvalidQuery, match="an order by the current time is another one for each page"):
        timely.paginate(after=None)
    assert ids(timely.paginate(per_page=2)) == [4, 3]


def test_an_order_that_is_nested_too_deeply(db: Database) -> None:
    key: Any = F("name")
    for _ in range(300):
        key = Lower(key)
    for options in ({"after": None}, {"page": 1}):
        with pytest.raises(InvalidQuery, match="nested too deeply"):
            db.users.order_by(key).paginate(**options)


def test_what_a_cursor_cannot_part(db: Database) -> None:
    with pytest.raises(InvalidQuery, match="a cursor cannot part a slice"):
        db.users.all()[:3].paginate(after=None)
    for options in ({}, {"after": None}):
        with pytest.raises(InvalidQuery, match="rows in random order have no pages"):
            db.users.order_by("?").paginate(**options)
    numbered = db.users.annotate(running=Window(Count("*"), order_by="id"))
    assert [user.running for user in numbered.paginate(page=2, per_page=2)] == [3, 4]
    with pytest.raises(InvalidQuery, match=r"by a window; use paginate\(page=…\)"):
        numbered.paginate(after=None)


def test_rows_that_come_and_go(own: Path) -> None:
    with connect(own) as db:
        query = db.posts.order_by("-rating")  # 4, 1, 3, 5, 2
        first = query.paginate(per_page=2, after=None)
        assert ids(first) == [4, 1]
        change(own, "DELETE FROM post_tags; DELETE FROM comments; DELETE FROM posts WHERE id = 1;")
        change(own, "INSERT INTO posts VALUES (6, 'Six', 5, 1, NULL), (7, 'Seven', 2, 1, NULL)")
        second = query.paginate(per_page=2, after=first.next)
        assert ids(second) == [3, 7], "nothing repeats though 6 came before the place, and 1 is gone"
        assert ids(query.paginate(per_page=5, after=second.next)) == [5, 2]
        assert ids(query.paginate(per_page=5, before=second.previous)) == [6, 4]


def test_a_page_that_became_empty(own: Path) -> None:
    with connect(own) as db:
        query = db.log.order_by("message")  # NULL, down, up
        first = query.paginate(per_page=2, after=None)
        change(own, "DELETE FROM log WHERE message = 'up'")
        gone = query.paginate(per_page=2, after=first.next)
        assert (gone.items, gone.has_next, gone.has_previous) == ([], False, True)
        assert query.paginate(per_page=2, before=gone.previous).items == first.items, (
            "the way back has all of them"
        )
        last = query.paginate(per_page=1, before="")
        change(own, "DELETE FROM log WHERE message IS NULL")
        gone = query.paginate(per_page=1, before=last.previous)
        assert (gone.items, gone.has_next, gone.has_previous) == ([], True, False)
        assert query.paginate(per_page=1, after=gone.next).items == last.items


def test_a_key_that_is_no_text(opened: Opened) -> None:
    db = opened(
        "CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT); INSERT INTO t VALUES (1, 'a'), (2, CAST(x'ff' AS TEXT))"
    )
    assert ids(db.t.order_by("a").paginate(after=None)) == [1, 2]
    first = db.t.order_by("a").paginate(per_page=1, after=None)
    second = db.t.order_by("a").paginate(per_page=1, after=first.next)
    assert (ids(second), second.has_previous) == ([2], True)
    with pytest.raises(
        InvalidQuery, match="a sort key holds a value that no cursor can carry; sort by another field"
    ):
        second.previous  # noqa: B018


# -- indexes ------------------------------------------------------------------------------------------

INDEXED = """
CREATE TABLE events(id INTEGER PRIMARY KEY, kind TEXT NOT NULL, at DATETIME, size REAL, code TEXT NOT NULL UNIQUE);
CREATE INDEX by_kind ON events(kind);
CREATE INDEX by_at ON events(at);
CREATE INDEX by_both ON events(kind, at DESC, id DESC);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
INSERT INTO events SELECT i, 'k' || (i % 3), iif(i % 7, datetime(1700000000 + i % 500, 'unixepoch'), NULL),
    i / 3.0, 'c' || i FROM n;
"""


@pytest.mark.parametrize(
    "query",
    [
        lambda db: db.events.order_by("id"),
        lambda db: db.events.order_by("kind"),
        lambda db: db.events.order_by("-kind"),
        lambda db: db.events.order_by("at"),
        lambda db: db.events.order_by("-at"),
        lambda db: db.events.order_by("code"),
        lambda db: db.events.order_by("kind", "-at"),
        lambda db: db.events.filter(kind="k1").order_by("-at"),
    ],
)
@pytest.mark.parametrize("backward", [False, True])
def test_an_index_finds_the_page(
    opened: Opened, query: Callable[[Database], QuerySet[Any]], backward: bool
) -> None:
    db = opened(INDEXED)
    rows = query(db)
    way = "before" if backward else "after"
    cursor: Any = "" if backward else None
    for _ in range(20):
        page = rows.paginate(per_page=7, **{way: cursor})
        cursor = page.previous if backward else page.next
    with db.capture() as statements:
        rows.paginate(per_page=7, **{way: cursor})
    (ran,) = statements
    plan = db._engine.explain(ran.statement, ran.parameters)
    assert "SEARCH" in plan
    assert "SCAN" not in plan
    assert "TEMP B-TREE" not in plan


# -- every row once -----------------------------------------------------------------------------------

MIXED = """
CREATE TABLE makers(id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE things(
    id INTEGER PRIMARY KEY, a INTEGER, b TEXT COLLATE NOCASE, c, d NUMERIC NOT NULL, e DATETIME, f DECIMAL, g BLOB,
    maker_id INTEGER REFERENCES makers(id)
);
INSERT INTO makers VALUES (1, 'x'), (2, NULL), (3, 'x'), (4, 'Y');
"""
ROWS = st.lists(
    st.tuples(
        st.sampled_from([None, 1, 2]),
        st.sampled_from([None, "a", "A", "b", "", "ü", "\U0001f600"]),
        st.sampled_from([None, 0, 1, 1.0, 1.5, -(2**63), 2**63 - 1, float("inf"), "1", "x", b"x", b""]),
        st.sampled_from([0, 0.1, 0.30000000000000004, 1e300, "text"]),
        st.sampled_from([None, "2024-01-01", "2024-01-01 00:00:00", "2024-01-01T00:00:00", 1704067200, "?"]),
        st.sampled_from([None, "1.10", "1.1", 1.1, 2]),
        st.sampled_from([None, b"", b"\0", b"\xff"]),
        st.sampled_from([None, 1, 2, 3, 4]),
    ),
    max_size=12,
)
KEYS = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "c", "d", "e", "f", "g", "maker__name", "maker", "id"]),
        st.booleans(),
        st.sampled_from([None, "first", "last"]),
    ),
    max_size=3,
    unique_by=lambda key: key[0],
)


@given(rows=ROWS, keys=KEYS, per_page=st.integers(1, 5), reverse=st.booleans())
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_walking_gives_every_row_once(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[tuple[Any, ...]],
    keys: list[tuple[str, bool, str | None]],
    per_page: int,
    reverse: bool,
) -> None:
    path = tmp_path_factory.mktemp("walk") / "walk.db"
    connection = apsw.Connection(str(path))
    connection.execute("PRAGMA synchronous = OFF; " + MIXED)
    connection.executemany("INSERT INTO things VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
    connection.close()
    order = [
        getattr(F(name), "desc" if descending else "asc")(**({f"nulls_{nulls}": True} if nulls else {}))
        for name, descending, nulls in keys
    ]
    with connect(path, readonly=True) as db, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about values in odd forms
        query = db.things.order_by(*order)
        last = keys[-1][1] if keys else False
        expected = ids(db.things.order_by(*order, "-id" if last else "id"))
        if reverse:
            query, expected = query.reverse(), expected[::-1]
        assert ids(flat(forwards(query, per_page))) == expected
        assert ids(flat(backwards(query, per_page))) == expected


# -- cursors ------------------------------------------------------------------------------------------

VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(st.characters(exclude_categories=["Cs"])),
    st.binary(),
    st.datetimes(timezones=st.none() | st.just(UTC)),
    st.dates(),
    st.times(),
    st.timedeltas(),
    st.decimals(allow_nan=False),
    st.uuids(),
)


@given(st.lists(VALUES, max_size=4).map(tuple), st.booleans())
@example(
    (datetime.max, date.min, time.max, timedelta.min, Decimal("1.10"), UUID(int=0), 2**63, b"\0", "\0"), False
)
def test_a_cursor_gives_back_what_it_was_made_of(values: tuple[Any, ...], inclusive: bool) -> None:
    fingerprint = fingerprint_of("an order")
    cursor = encode_cursor(Position(values, inclusive), fingerprint)
    assert cursor.isascii()
    assert not set(cursor) & set("+/=&?# ")
    found = decode_cursor(cursor, fingerprint, len(values))
    assert found == Position(values, inclusive)
    assert list(map(type, found.values)) == list(map(type, values))


def signed(content: bytes, fingerprint: bytes) -> str:
    """A cursor of any content, as somebody makes it who knows the form."""
    body = fingerprint + content
    return urlsafe_b64encode(crc32(body).to_bytes(4) + body).decode().rstrip("=")


@given(st.data())
def test_a_damaged_cursor_is_refused(data: st.DataObject) -> None:
    fingerprint = fingerprint_of("an order")
    cursor = encode_cursor(Position((data.draw(VALUES), 5)), fingerprint)
    at = data.draw(st.integers(0, len(cursor) - 2))
    other = data.draw(st.characters(exclude_characters=cursor[at]))
    with pytest.raises(InvalidValue, match="no cursor, or it is damaged"):
        decode_cursor(cursor[:at] + other + cursor[at + 1 :], fingerprint, 2)
    with pytest.raises(InvalidValue, match="no cursor, or it is damaged"):
        decode_cursor(cursor[:at], fingerprint, 2)


@given(st.text(max_size=30) | st.binary(max_size=30).map(lambda data: urlsafe_b64encode(data).decode()))
def test_any_other_text_is_no_cursor(text: str) -> None:
    with pytest.raises(InvalidValue, match="no cursor, or it is damaged"):
        decode_cursor(text, fingerprint_of("an order"), 1)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"5",
        b"[]",
        b"[false]",
        b"[1, 5]",
        b"[false, 5, 6]",
        b"[false, {}]",
        b"[false, []]",
        b'[false, ["eval", "1"]]',
        b'[false, ["int", "x"]]',
        b'[false, ["int", 5]]',
        b'[false, ["decimal", "x"]]',
        b'[false, ["datetime", "x"]]',
        b'[false, ["uuid", "x"]]',
        b'[false, ["bytes", "0"]]',
        b'[false, ["duration", "' + b"9" * 40 + b'"]]',
        b'[false, ["int", "' + b"9" * 5000 + b'"]]',
        b'[false, "\\ud800"]',
        b"[" * 100_000,
    ],
)
def test_a_forged_cursor_is_refused(content: bytes) -> None:
    fingerprint = fingerprint_of("an order")
    with pytest.raises(InvalidValue, match="no cursor, or it is damaged"):
        decode_cursor(signed(content, fingerprint), fingerprint, 1)


@pytest.mark.sqlite("numbers and texts are not equal elsewhere")
@pytest.mark.parametrize(
    "values",
    [
        b'"x"',
        b"null",
        b"1e999",
        b'["bytes", "ff"]',
        b'["int", "99999999999999999999999"]',
        b'["uuid", "' + b"0" * 32 + b'"]',
        b'"a\\u0000b"',
    ],
)
def test_a_forged_cursor_is_a_place_and_no_more(db: Database, values: bytes) -> None:
    query = db.users.order_by("id")
    cursor = query.paginate(per_page=1, after=None).next
    assert cursor is not None
    fingerprint = urlsafe_b64decode(cursor + "==")[4:8]
    try:
        page = query.paginate(after=signed(b"[false, " + values + b"]", fingerprint))
    except UsageError:
        return
    assert set(ids(page)) <= {1, 2, 3, 4}


def test_a_cursor_of_another_order(db: Database) -> None:
    cursor = db.users.order_by("name").paginate(per_page=1, after=None).next
    for query in (
        db.users.order_by("-name"),
        db.users.order_by("age"),
        db.users.all(),
        db.users.order_by(F("name").asc(nulls_last=True)),
        db.tags.order_by("name"),
    ):
        with pytest.raises(InvalidValue, match="belongs to another order; begin again, with after=None"):
            query.paginate(after=cursor)


def test_a_cursor_outlives_other_filters_and_the_process(db: Database, world: Path) -> None:
    order = F("age") + Value(1)
    cursor = db.users.order_by(order).paginate(per_page=1, after=None).next
    with connect(world, readonly=True) as other:
        assert ids(other.users.filter(is_active=True, id__lt=9).order_by(order).paginate(after=cursor)) == [
            2,
            1,
            4,
        ]


def test_a_cursor_may_be_nothing(db: Database) -> None:
    """What a web framework gives for parameters that are not there."""
    first = db.users.order_by("id").paginate(per_page=2, after=None, before=None)
    assert ids(first) == [1, 2]
    assert ids(db.users.order_by("id").paginate(per_page=2, after="")) == [1, 2]
    assert ids(db.users.order_by("id").paginate(per_page=2, after=first.next, before=None)) == [3, 4]
    assert ids(db.users.order_by("id").paginate(per_page=2, before=None)) == [1, 2]
    assert ids(db.users.order_by("id").paginate(per_page=3, before="")) == [2, 3, 4]
