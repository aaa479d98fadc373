"""Full-text search: vectors in columns and in indexes, what a person types, ranks, and parts of texts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from noormme import (
    Count,
    Database,
    Exists,
    F,
    Highlight,
    InvalidQuery,
    Max,
    NotSupported,
    OuterRef,
    Prefetch,
    Q,
    SearchRank,
    Snippet,
    UsageError,
    Window,
    connect,
)
from noormme.query.expressions import Sum
from noormme.schema import SearchColumn, SearchIndex
from tests.orm.support import ids
from tests.postgresql.server import new_database

SCRIPT = """
CREATE TABLE authors (id int PRIMARY KEY, name text NOT NULL);
CREATE TABLE books (
    id int PRIMARY KEY, title text NOT NULL, body text, pages int, author_id int REFERENCES authors(id),
    words tsvector GENERATED ALWAYS AS (
        setweight(to_tsvector('english', title), 'A') || to_tsvector('english', coalesce(body, ''))
    ) STORED
);
CREATE INDEX books_words ON books USING gin (words);
CREATE TABLE labels (id int PRIMARY KEY, book_id int NOT NULL REFERENCES books(id), title text NOT NULL);
CREATE TABLE notes (slug text PRIMARY KEY, text text, "The ""body" text, lang regconfig DEFAULT 'simple');
CREATE INDEX notes_text ON notes USING gin (to_tsvector('simple'::regconfig, text));
CREATE INDEX notes_all ON notes
    USING gin (to_tsvector('english', coalesce(text, '') || ' ' || coalesce("The ""body" COLLATE "C", '')));
CREATE INDEX notes_lang ON notes USING gist (to_tsvector(lang, coalesce(text, '')));
CREATE INDEX notes_some ON notes USING gin (to_tsvector('simple', text)) WHERE slug > 'a';
CREATE INDEX notes_lower ON notes (lower(text));
CREATE TABLE filled (id int PRIMARY KEY, a text, b varchar(50), found tsvector);
CREATE TRIGGER fill BEFORE INSERT OR UPDATE ON filled
    FOR EACH ROW EXECUTE FUNCTION tsvector_update_trigger('found', 'pg_catalog.simple', 'a', 'b');
CREATE TABLE bare (id int PRIMARY KEY, text text, v tsvector);
CREATE VIEW shelf AS SELECT id, title, words FROM books WHERE pages > 20;

INSERT INTO authors VALUES (1, 'Ann'), (2, 'Bob');
INSERT INTO books VALUES
    (1, 'The quick brown fox', 'jumps over the lazy dog', 100, 1),
    (2, 'Foxes', 'A quick fox, a quick hare & a hound. Later they sleep for a long, long time in the sun.', 50, 2),
    (3, 'Dogs', 'sleep', 10, 1),
    (4, 'Hares', NULL, NULL, NULL),
    (5, 'A brown hare', 'is quick', 70, 2);
INSERT INTO labels VALUES (1, 1, 'a'), (2, 1, 'b'), (3, 2, 'a');
INSERT INTO notes VALUES ('one', 'quick notes', 'of foxes'), ('two', 'slow notes', NULL);
INSERT INTO filled VALUES (1, 'some words', 'and others');
INSERT INTO bare VALUES (1, 'quick', 'quick:1');
"""


@pytest.fixture(scope="module")
def db(server: str) -> Iterator[Database]:
    with new_database(server) as url:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(SCRIPT.encode())
        with connect(url) as database:
            yield database


def test_what_is_found(db: Database) -> None:
    found = {(each.table, each.name): each for each in db.schema.search_indexes}
    both = (SearchColumn("title", "title"), SearchColumn("body", "body"))
    assert found["books", "words"] == SearchIndex(
        "words", "books", "", "", both, content="external", tokenizer="english", vector='"words"'
    )
    assert set(found) == {
        ("bare", "v"),
        ("books", "words"),
        ("filled", "found"),
        ("notes", "notes_all"),
        ("notes", "notes_lang"),
        ("notes", "notes_text"),
        ("shelf", "words"),
    }
    assert [each.column for each in found["notes", "notes_all"].columns] == ["text", 'The "body']
    assert (found["notes", "notes_text"].tokenizer, found["notes", "notes_lang"].tokenizer) == ("simple", "")
    assert found["filled", "found"].tokenizer == "pg_catalog.simple"
    assert [each.column for each in found["filled", "found"].columns] == ["a", "b"]
    assert [each.column for each in found["bare", "v"].columns] == ["text"]


def test_a_search_is_a_step_like_others(db: Database) -> None:
    query = db.books.search("quick fox")
    assert query.sql().parameters == ("('quick') & ('fox')", "('quick') & ('fox')")
    assert ids(query) == [1, 2], "words of the title count more"
    assert type(query[0]) is db.model("books")
    query = db.books.search("quick")
    assert ids(query.filter(pages__gt=60).order_by("-id")) == [5, 1]
    assert ids(db.books.filter(author__name="Ann").search("quick")) == [1]
    assert ids(query.exclude(author__name="Ann").order_by("id")) == [2, 5]
    assert (query.count(), query.exists(), query[:2].count()) == (3, True, 2)
    assert query.get(id=5).title == "A brown hare"
    assert ids(query.reverse()) == ids(query)[::-1]
    assert list(query.order_by("id").values_list("id", "author__name")[:2]) == [(1, "Ann"), (2, "Bob")]
    authors = [book.author.name for book in query.order_by("id").select_related("author")]
    assert authors == ["Ann", "Bob", "Bob"]
    assert query.none().count() == 0


def test_what_is_typed(db: Database) -> None:
    before = len(db.plans)
    for text in ("quick", "lazy dog", '"', "", "NOT"):
        list(db.books.search(text).values_list("id"))
    assert len(db.plans) == before + 1
    assert ids(db.books.search("")) == []
    assert ids(db.books.search("the")) == [], "a word that the configuration passes over"
    assert set(ids(db.books.search("sleeping"))) == {2, 3}
    assert ids(db.books.search('"brown fox"')) == [1]
    assert ids(db.books.search('"fox brown"')) == []
    assert ids(db.books.search('"quick bro"*')) == [1]
    assert set(ids(db.books.search("quick -lazy"))) == {2, 5}
    assert ids(db.books.search("-lazy")) == []
    assert set(ids(db.books.search("har* -fox"))) == {4, 5}
    assert ids(db.books.search("quick -or lazy")) == ids(db.books.search("quick lazy"))
    assert ids(db.books.search("quick " + "x" * 5_000)) == ids(db.books.search("quick"))


@given(st.text(max_size=30) | st.text("ab'\\\"*-:&|!()<> ", max_size=30))
@settings(max_examples=150, deadline=None)
def test_no_text_is_an_error(db: Database, text: str) -> None:
    list(db.books.search(text).values_list("id"))


def test_rank(db: Database) -> None:
    query = db.books.search("quick").annotate(rank=SearchRank())
    ranks = [book.rank for book in query]
    assert ranks == sorted(ranks, reverse=True)
    assert all(type(rank) is float and rank > 0 for rank in ranks)
    assert ids(query.order_by("-rank")) == ids(query)
    assert ids(db.books.search("quick").order_by(SearchRank({"title": 100}).desc()))[0] == 1
    assert ids(db.books.search("quick").order_by(SearchRank({"title": 0, "body": 3}).desc()))[-1] == 1
    assert ids(query.filter(rank__gt=ranks[1])) == ids(query)[:1]
    assert ids(db.books.search("quick").filter(pages__gt=SearchRank()).order_by("id")) == [1, 2, 5]


def test_highlight_and_snippet(db: Database) -> None:
    [found] = db.books.search("quick long").annotate(
        marked=Highlight("body", start="[", end="]"),
        odd=Highlight("body", start="\"\\,'", end=""),
        part=Snippet("body", words=4, ellipsis="..."),
        title_marked=Highlight("title"),
    )
    assert found.marked.startswith("A [quick] fox, a [quick] hare & a hound.")
    assert found.odd.startswith("A \"\\,'quick fox")
    assert "..." in found.part
    assert "<b>" in found.part
    assert found.title_marked == "Foxes"
    assert "<b>long</b>" in db.books.search("long sun").annotate(best=Snippet())[0].best
    rows = db.books.search("brown").values("id", marked=Highlight("title")).order_by("id")
    assert list(rows) == [
        {"id": 1, "marked": "The quick <b>brown</b> fox"},
        {"id": 5, "marked": "A <b>brown</b> hare"},
    ]
    [short] = db.books.search("jumps").annotate(
        part=Snippet("body", words=1), whole=Snippet("body", words=64)
    )
    assert short.whole == "<b>jumps</b> over the lazy dog"
    assert short.part.endswith("…")
    assert list(db.books.search("hares").filter(id=4).values_list(Highlight("body"), flat=True)) == [""]


def test_groups(db: Database) -> None:
    labelled = db.books.search("quick").annotate(
        n=Count("labels"), rank=SearchRank(), title_marked=Highlight("title")
    )
    assert [(book.id, book.n) for book in labelled.order_by("id")] == [(1, 2), (2, 1), (5, 0)]
    assert [book.title_marked for book in labelled.filter(n=2)] == ["The <b>quick</b> brown fox"]
    assert ids(labelled) == ids(db.books.search("quick"))
    by_author = db.books.search("quick").values("author__name").annotate(n=Count("id"))
    assert list(by_author.order_by("author__name")) == [
        {"author__name": "Ann", "n": 1},
        {"author__name": "Bob", "n": 2},
    ]
    assert sorted(row["n"] for row in by_author) == [1, 2]
    assert db.books.search("quick").aggregate(n=Count("id"), pages=Sum("pages")) == {"n": 3, "pages": 220}
    best = db.books.search("quick").aggregate(best=Max(SearchRank()))["best"]
    assert best == db.books.search("quick").annotate(rank=SearchRank())[0].rank
    numbered = db.books.search("quick").annotate(
        before=Window(Sum("pages"), order_by="id"), marked=Highlight("title")
    )
    assert [(book.before, book.marked[:3]) for book in numbered.order_by("id")] == [
        (100, "The"),
        (150, "Fox"),
        (220, "A b"),
    ]
    assert labelled.distinct().count() == 3


def test_other_queries_and_relations(db: Database) -> None:
    found = db.books.search("quick")
    authors = db.authors.filter(books__in=found).distinct().order_by("name")
    assert [author.name for author in authors] == ["Ann", "Bob"]
    assert ids(db.books.filter(Q(pk__in=found) | Q(title="Hares")).order_by("id")) == [1, 2, 4, 5]
    by_bob = Exists(db.books.search("hare").filter(author=OuterRef("pk")))
    assert [author.name for author in db.authors.filter(by_bob)] == ["Bob"]
    assert ids(db.books.search("quick").filter(pk__in=db.books.search("lazy"))) == [1]
    assert ids(db.authors.get(name="Ann").books.search("quick")) == [1]
    prefetched = db.authors.order_by("id").prefetch_related(Prefetch("books", db.books.search("quick")))
    assert [sorted(ids(author.books.all())) for author in prefetched] == [[1], [2, 5]]
    assert ids(db.books.search("fox").filter(labels__title="b")) == [1]


def test_pages_of_a_search(db: Database) -> None:
    query = db.books.search("quick")
    expected = ids(query)
    page = query.paginate(per_page=1, after=None)
    walked = ids(page)
    while page.has_next:
        page = query.paginate(per_page=1, after=page.next)
        walked += ids(page)
    assert walked == expected
    assert ids(query.paginate(page=1, per_page=2)) == expected[:2]


def test_indexes_of_other_kinds(db: Database) -> None:
    def slugs(text: str, index: str) -> list[str]:
        return [note.slug for note in db.notes.search(text, index=index).order_by("slug")]

    assert slugs("notes", "notes_text") == ["one", "two"]
    assert slugs("note", "notes_text") == []
    assert slugs("note fox", "notes_all") == ["one"]
    assert slugs("slow", "notes_lang") == ["two"]
    assert [row.id for row in db.filled.search("others")] == [1]
    assert [row.id for row in db.bare.search("quick")] == [1]
    assert [row.id for row in db.shelf.search("brown hare")] == [5]
    marked = db.notes.search("fox", index="notes_all").values_list(Highlight('The "body'), flat=True)
    assert list(marked) == ["of <b>foxes</b>"]


def test_an_index_answers(opened: Callable[..., Database]) -> None:
    db = opened("""
        CREATE TABLE notes (id serial PRIMARY KEY, text text, author_id int);
        CREATE TABLE authors (id int PRIMARY KEY, text text);
        ALTER TABLE notes ADD FOREIGN KEY (author_id) REFERENCES authors (id);
        CREATE INDEX notes_text ON notes USING gin (to_tsvector('english', text));
        INSERT INTO authors SELECT 1, 'word77';
        INSERT INTO notes (text, author_id) SELECT 'word' || n, 1 FROM generate_series(1, 3000) AS n;
        ANALYZE notes;
    """)
    assert "notes_text" in db.notes.search("word77").explain()
    # Both tables have a column of that name.
    query = db.notes.select_related("author").search("word77").filter(author__text="word77")
    assert [(note.text, note.author.text) for note in query] == [("word77", "word77")]


@pytest.mark.parametrize(
    ("ask", "error", "message"),
    [
        (
            lambda db: db.authors.search("x"),
            NotSupported,
            r'authors has no full-text index; make one: CREATE INDEX ON "authors" USING gin',
        ),
        (lambda db: db.notes.search("x"), UsageError, "several full-text indexes; name one"),
        (
            lambda db: list(db.books.search("x").annotate(h=Highlight("pages"))),
            InvalidQuery,
            "'pages' is not in the index words; it has title, body",
        ),
    ],
)
def test_mistakes(db: Database, ask: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        ask(db)


def test_the_advice_works(opened: Callable[..., Database]) -> None:
    db = opened("""CREATE TABLE "my docs" (id int PRIMARY KEY, "the title" text, n int, "o'dd" varchar(9));
        INSERT INTO "my docs" VALUES (7, 'quick', 1, NULL)""")
    with pytest.raises(NotSupported) as caught:
        db["my docs"].search("quick")
    db.execute(str(caught.value.hint).removeprefix("make one: ").partition("; then db.refresh()")[0])
    db.refresh()
    assert ids(db["my docs"].search("quick")) == [7]


def test_what_is_found_is_written(db: Database) -> None:
    db.books.create(id=8, title="Older", body="unwritten", pages=1)
    db.books.create(id=9, title="Newer", body="unwritten", pages=2)
    assert db.books.search("unwritten").update(title=F("body")) == 2
    assert ids(db.books.filter(title="unwritten").order_by("id")) == [8, 9]
    assert db.books.search("unwritten").filter(pages=1).delete() == 1
    assert db.books.search("unwritten").delete() == 1
    assert db.books.count() == 5
