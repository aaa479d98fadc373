"""``search``: SQL and rows, alone and together with everything else that a query set can do."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from noormme import (
    Count,
    Database,
    Exists,
    F,
    FieldNotFound,
    Highlight,
    InvalidQuery,
    InvalidValue,
    Max,
    NotSupported,
    OuterRef,
    Prefetch,
    Q,
    SearchRank,
    Snippet,
    UnsafeOperation,
    UsageError,
    Window,
    connect,
)
from noormme.query.expressions import Sum
from tests.orm.support import count_queries, ids, sql, where
from tests.orm.world import change

JOIN = '"books" JOIN "books_fts" ON "books_fts"."rowid" = "books"."id" WHERE "books_fts"."books_fts" MATCH ?'

WRITTEN = """
CREATE TABLE docs(id INTEGER PRIMARY KEY, title TEXT, body TEXT);
CREATE VIRTUAL TABLE docs_fts USING fts5(title, body, content='docs', content_rowid='id');
CREATE TRIGGER docs_in AFTER INSERT ON docs BEGIN
    INSERT INTO docs_fts(rowid, title, body) VALUES (new.id, new.title, new.body);
END;
CREATE TRIGGER docs_out AFTER DELETE ON docs BEGIN
    INSERT INTO docs_fts(docs_fts, rowid, title, body) VALUES ('delete', old.id, old.title, old.body);
END;
CREATE TRIGGER docs_set AFTER UPDATE ON docs BEGIN
    INSERT INTO docs_fts(docs_fts, rowid, title, body) VALUES ('delete', old.id, old.title, old.body);
    INSERT INTO docs_fts(rowid, title, body) VALUES (new.id, new.title, new.body);
END;
INSERT INTO docs VALUES (1, 'quick fox', 'jumps'), (2, 'slow fox', NULL), (3, 'hen', 'is quick');
CREATE VIRTUAL TABLE notes USING fts5(text);
INSERT INTO notes VALUES ('quick'), ('slow');
"""
"""What a test writes to."""


def test_a_search_is_a_join_with_the_index(db: Database) -> None:
    query = db.books.search("quick fox")
    assert where(query) == f'{JOIN} ORDER BY "books_fts"."rank" ASC'
    assert query.sql().parameters == ('"quick" "fox"',)
    assert ids(query) == [1, 2], "the best one first: its texts are shorter"
    assert type(query[0]) is db.model("books")
    plan = query.all()[:2].explain()
    assert "SCAN books_fts VIRTUAL TABLE" in plan
    assert "SEARCH books USING INTEGER PRIMARY KEY" in plan
    assert "TEMP B-TREE" not in plan, "the index sorts"


def test_a_search_is_a_step_like_others(db: Database) -> None:
    query = db.books.search("quick")
    assert ids(query.filter(pages__gt=60).order_by("-id")) == [5, 1]
    assert where(query.filter(pages__gt=60).order_by("-id")) == (
        f'{JOIN} AND "books"."pages" > ? ORDER BY "books"."id" DESC'
    )
    assert ids(db.books.filter(author__name="Ann").search("quick")) == [1]
    assert ids(query.exclude(author__name="Ann").order_by("id")) == [2, 5]
    assert ids(db.books.order_by("title").search("quick")) == [5, 2, 1], "an order that was set stays"
    assert (query.count(), query.exists(), query[:2].count()) == (3, True, 2)
    assert sql(query.filter(id=5)).endswith('AND "books"."id" = ? ORDER BY "books_fts"."rank" ASC')
    assert query.get(id=5).title == "A brown hare"
    assert query.first() == query[0]
    assert ids(query.reverse()) == ids(query)[::-1]
    assert query.last() == query.reverse()[0]
    assert len(ids(query[1:3])) == 2
    assert ids(query.order_by()) == [1, 2, 5]
    assert list(query.order_by("id").values_list("id", "author__name")[:2]) == [(1, "Ann"), (2, "Bob")]
    assert list(query.order_by("id").values("title")[:1]) == [{"title": "The quick brown fox"}]
    assert query.in_bulk([1, 3]).keys() == {1}
    assert ids(query.iterator()) == ids(query)
    assert [book.author.name for book in query.order_by("id").select_related("author")] == [
        "Ann",
        "Bob",
        "Bob",
    ]
    assert query.none().count() == 0


def test_the_text_is_a_value(db: Database) -> None:
    for text in ("quick", "lazy dog", '"', "", "NOT"):
        list(db.books.search(text))
    assert len(db.plans) == 1
    assert ids(db.books.search("")) == []
    assert ids(db.books.search("sleeping")) == ids(db.books.search("sleep"))
    assert {2, 3} == set(ids(db.books.search("sleep"))), "the index knows the stems of words"
    assert ids(db.books.search('"brown fox"')) == [1]
    assert set(ids(db.books.search("quick -lazy"))) == {2, 5}
    assert set(ids(db.books.search("hare* -fox"))) == {4, 5}


@given(st.text(max_size=30))
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_text_is_an_error(db: Database, text: str) -> None:
    list(db.books.search(text))
    list(db.people.search(text))


def test_rank(db: Database) -> None:
    query = db.books.search("quick").annotate(rank=SearchRank())
    ranks = [book.rank for book in query]
    assert ranks == sorted(ranks, reverse=True)
    assert all(rank > 0 for rank in ranks)
    assert ids(query.order_by("-rank")) == ids(query)
    assert 'SELECT "books"."id", "books"."title"' in sql(query)
    assert '-bm25("books_fts"."books_fts")' in sql(query)
    titles = db.books.search("quick").order_by(SearchRank({"title": 100}).desc())
    assert ids(titles)[0] == 1
    assert 'ORDER BY -bm25("books_fts"."books_fts", ?, 1.0) DESC' in sql(titles)
    bodies = db.books.search("quick").order_by(SearchRank({"title": 0, "body": 3}).desc())
    assert ids(bodies)[-1] == 1
    assert bodies.sql().parameters == ('"quick"', 0.0, 3.0)
    assert ids(query.filter(rank__gt=ranks[1])) == ids(query)[:1]
    assert ids(query.filter(rank__gt=ranks[-1]).order_by("id")) == sorted(ids(query)[:2])


def test_a_field_is_compared_with_the_rank(db: Database) -> None:
    query = db.books.search("quick").filter(pages__gt=SearchRank()).order_by("id")
    assert '"books"."pages" > -bm25("books_fts"."books_fts")' in sql(query)
    assert ids(query) == [1, 2, 5]
    assert not ids(db.books.search("quick").filter(pages__lt=SearchRank()))


def test_highlight_and_snippet(db: Database) -> None:
    query = db.books.search("quick long").order_by("id")
    [found] = query.annotate(
        marked=Highlight("body", start="[", end="]"),
        part=Snippet("body", words=4, ellipsis="..."),
        best=Snippet(),
        title_marked=Highlight("title"),
    )
    assert found.marked.startswith("A [quick] fox, a [quick] hare & a <[quick]> dog.")
    assert found.part == "A <b>quick</b> fox, a..."
    assert "<b>long</b>" in found.best
    assert found.best.endswith("…")
    assert found.title_marked == "Foxes"
    rows = db.books.search("brown").values("id", marked=Highlight("title")).order_by("id")
    assert list(rows) == [
        {"id": 1, "marked": "The quick <b>brown</b> fox"},
        {"id": 5, "marked": "A <b>brown</b> hare"},
    ]
    assert set(db.books.search("brown").values_list(Highlight("title", start="", end=""), flat=True)) == {
        "The quick brown fox",
        "A brown hare",
    }
    marked = db.books.annotate(marked=Highlight("title")).search("brown").order_by("marked")
    assert ids(marked) == [5, 1]


def test_groups(db: Database) -> None:
    labelled = db.books.search("quick").annotate(
        n=Count("labels"), rank=SearchRank(), title_marked=Highlight("title")
    )
    assert [(book.id, book.n) for book in labelled.order_by("id")] == [(1, 2), (2, 1), (5, 0)]
    assert [book.title_marked for book in labelled.filter(n=2)] == ["The <b>quick</b> brown fox"]
    assert ids(labelled) == ids(db.books.search("quick"))
    assert 'LIMIT -1) AS "found"' in sql(labelled), "the index is read by itself"
    by_author = (
        db.books.search("quick").values("author__name").annotate(n=Count("id")).order_by("author__name")
    )
    assert list(by_author) == [{"author__name": "Ann", "n": 1}, {"author__name": "Bob", "n": 2}]
    unordered = db.books.search("quick").values("author__name").annotate(n=Count("id"))
    assert sorted(row["n"] for row in unordered) == [1, 2], "the order of the search splits no groups"
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
    assert labelled.count() == 3
    assert labelled.distinct().count() == 3
    assert db.books_fts.search("quick").aggregate(best=Max(SearchRank()))["best"] == best


def test_other_queries(db: Database) -> None:
    found = db.books.search("quick")
    assert [author.name for author in db.authors.filter(books__in=found).distinct().order_by("name")] == [
        "Ann",
        "Bob",
    ]
    assert ids(db.books.filter(Q(pk__in=found) | Q(title="Hares")).order_by("id")) == [1, 2, 4, 5]
    assert ids(db.books.exclude(pk__in=found).order_by("id")) == [3, 4]
    by_bob = Exists(db.books.search("fox").filter(author=OuterRef("pk")))
    assert [author.name for author in db.authors.filter(by_bob).order_by("name")] == ["Ann", "Bob"]
    assert [author.name for author in db.authors.filter(~by_bob)] == []
    assert ids(db.books.filter(pk__in=db.books.search("quick")[:1])) == [5]
    assert ids(db.books.search("quick").filter(pk__in=db.books.search("lazy"))) == [1]


def test_relations(db: Database) -> None:
    ann = db.authors.get(name="Ann")
    assert ids(ann.books.search("quick")) == [1]
    with count_queries(db) as counted:
        authors = list(
            db.authors.order_by("id").prefetch_related(Prefetch("books", db.books.search("quick")))
        )
        assert [ids(author.books.all()) for author in authors] == [
            [1],
            ids(db.books.search("quick").filter(author=2)),
        ]
    best = db.authors.order_by("id").prefetch_related(
        Prefetch("books", db.books.search("quick")[:1], to_attr="best")
    )
    assert [ids(author.best) for author in best] == [[1], [5]]
    assert counted.number == 3


def test_pages_of_a_search(db: Database) -> None:
    query = db.books.search("quick")
    expected = ids(query)
    assert ids(query.paginate(page=1, per_page=2)) == expected[:2]
    page = query.paginate(per_page=1, after=None)
    walked = ids(page)
    while page.has_next:
        page = query.paginate(per_page=1, after=page.next)
        walked += ids(page)
    assert walked == expected
    assert ids(query.paginate(per_page=2, before=page.previous)) == expected[:2]
    labelled = query.annotate(n=Count("labels"))
    assert ids(labelled.paginate(per_page=2, after=None)) == expected[:2]


def test_indexes_of_other_kinds(db: Database) -> None:
    assert ids(db.books_fts.search("brown").order_by("rowid")) == [1, 5]
    assert where(db.books_fts.search("brown")) == (
        '"books_fts" WHERE "books_fts"."books_fts" MATCH ? ORDER BY "books_fts"."rank" ASC'
    )
    assert ids(db.notes.search("notes", index="notes_words").order_by("slug")) == ["one", "two"]
    assert '"notes_words"."rowid" = "notes"."rowid"' in sql(db.notes.search("notes", index="notes_words"))
    assert ids(db.notes.search("uic", index="notes_parts")) == ["one"]
    assert ids(db.notes.search("uic", index="notes_words")) == []
    assert ids(db.people.search("lee").order_by("id")) == ["x", "y"]
    assert '"people_fts"."id" = "people"."id"' in sql(db.people.search("lee"))
    assert ids(db.people.search('"lee ann"')) == ["x"], "this index knows no phrases"
    assert ids(db.bare.search("quick")) == [1]
    odd = db['odd "name'].search("quick").annotate(marked=Highlight('a "b'), n=Count("*"))
    assert [row.marked for row in odd] == ["<b>quick</b>"]


def test_it_can_be_pickled(db: Database) -> None:
    query = db.books.search("quick").annotate(marked=Highlight("title"))
    assert ids(pickle.loads(pickle.dumps(query))) == ids(query)


@pytest.mark.parametrize(
    ("ask", "error", "message"),
    [
        (
            lambda db: db.authors.search("x"),
            NotSupported,
            r"authors has no full-text index; make one: CREATE VIRTUAL TABLE authors_fts USING fts5\(name, "
            r"content='authors'\); INSERT INTO authors_fts\(authors_fts\) VALUES \('rebuild'\); then",
        ),
        (
            lambda db: db.notes.search("x"),
            UsageError,
            "several full-text indexes; name one: index='notes_parts'",
        ),
        (
            lambda db: db.notes.search("x", index="notes_wrds"),
            UsageError,
            "no full-text index 'notes_wrds'; did you mean 'notes_words'",
        ),
        (
            lambda db: db.parts.search("x"),
            NotSupported,
            "parts_fts cannot find words longer than three letters",
        ),
        (lambda db: db.books.search(5), InvalidValue, "search takes a text, not int"),
        (
            lambda db: db.books.search("x " * 10_001),
            InvalidValue,
            "at most 20000 characters; search for fewer words",
        ),
        (lambda db: db.books.search(None), InvalidValue, "search takes a text, not NoneType"),
        (
            lambda db: db.books.all()[:2].search("x"),
            InvalidQuery,
            "cannot search once a slice has been taken",
        ),
        (
            lambda db: db.books.search("x").search("y"),
            InvalidQuery,
            "searched already; put all words into one",
        ),
        (lambda db: db.books.search("x") | db.books.all(), InvalidQuery, "cannot be combined .*pk__in"),
        (lambda db: db.books.all() & db.books.search("x"), InvalidQuery, "cannot be combined .*pk__in"),
        (lambda db: db.books.annotate(r=SearchRank()).count(), InvalidQuery, "searches nothing; call search"),
        (
            lambda db: db.books.search("x").annotate(h=Highlight("titel")),
            FieldNotFound,
            "did you mean 'title'",
        ),
        (
            lambda db: list(db.books.search("x").annotate(h=Highlight("author__name"))),
            InvalidQuery,
            "'author__name' is not in the index books_fts; it has title, body",
        ),
        (
            lambda db: list(db.books.search("x").annotate(h=SearchRank({"pages": 2}))),
            InvalidQuery,
            "'pages' is not in the index books_fts",
        ),
        (
            lambda db: list(db.bare.search("quick").annotate(h=Snippet("text"))),
            NotSupported,
            "bare_fts does not keep its texts",
        ),
        (lambda db: SearchRank({"title": "x"}), UsageError, "the weight of 'title' is a number, not str"),
        (lambda db: SearchRank(3), UsageError, "weights by field"),
        (lambda db: Highlight(F("title")), UsageError, "the field of Highlight is a text, not F"),
        (lambda db: Highlight("title", start=None), UsageError, "the start of Highlight is a text"),
        (lambda db: Snippet("body", words=0), UsageError, "from 1 to 64 words"),
        (lambda db: Snippet("body", words=65), UsageError, "from 1 to 64 words"),
    ],
)
def test_mistakes(db: Database, ask: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        ask(db)


def test_a_text_of_the_longest_size_is_searched_for(db: Database) -> None:
    assert db.books.search("zzz " * 5_000).count() == 0


def test_they_say_what_they_are() -> None:
    assert repr([SearchRank(), SearchRank({"title": 2}), Highlight("title"), Snippet(), Snippet("body")]) == (
        "[SearchRank(), SearchRank({'title': 2}), Highlight('title'), Snippet(), Snippet('body')]"
    )


def test_the_advice_works(db: Database, tmp_path: Any) -> None:
    """What the hint says makes an index."""
    from noormme import connect
    from tests.orm.world import change

    path = tmp_path / "advice.db"
    change(
        path,
        'CREATE TABLE "my docs"(id INTEGER PRIMARY KEY, "the title" TEXT); INSERT INTO "my docs" VALUES (7, \'quick\')',
    )
    with connect(path) as own:
        with pytest.raises(NotSupported) as caught:
            own["my docs"].search("quick")
        advice = str(caught.value.hint).removeprefix("make one: ").partition("then db.refresh()")[0]
        change(path, advice)
        own.refresh()
        assert ids(own["my docs"].search("quick")) == [7]


def test_what_is_found_is_written(tmp_path: Path) -> None:
    path = tmp_path / "docs.db"
    change(path, WRITTEN)
    with connect(path) as db:
        with count_queries(db) as counted:
            assert db.docs.search("quick").update(title="Quicker") == 2
        (statement,) = counted.statements
        assert " ".join(statement.statement.split()) == (
            'UPDATE "docs" SET "title"=? WHERE "docs"."id" IN (SELECT "docs_2"."id" FROM "docs" AS "docs_2" '
            'JOIN "docs_fts" ON "docs_fts"."rowid" = "docs_2"."id" WHERE "docs_fts"."docs_fts" MATCH ?)'
        )
        assert list(db.docs.order_by("id").values_list("title", flat=True)) == [
            "Quicker",
            "slow fox",
            "Quicker",
        ]
        assert ids(db.docs.search("quicker").order_by("id")) == [1, 3], "its triggers write the index"
        assert db.docs.search("...").delete() == 0, "a text without words finds nothing"
        assert db.docs.search("fox").filter(id__gt=1).delete() == 1
        assert ids(db.docs.order_by("id")) == [1, 3]
        with pytest.raises(InvalidQuery, match="cannot delete once a slice has been taken"):
            db.docs.search("quicker")[:1].delete()
        with pytest.raises(UnsafeOperation, match="without a filter"):
            db.docs.annotate(n=Count("id")).delete()
        assert db.notes.search("quick").delete() == 1, "the table is the index"
        assert db.notes.count() == 1
