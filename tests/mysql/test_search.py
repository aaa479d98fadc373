"""Full-text search: indexes that are found, what a person types, ranks, and what the servers cannot do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

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
from tests.mysql.scripts import run_client_script
from tests.mysql.server import new_database, run_script
from tests.orm.support import ids

SCRIPT = """
CREATE TABLE authors (id int PRIMARY KEY, name varchar(50) NOT NULL);
CREATE TABLE books (
    id int PRIMARY KEY, title varchar(100) NOT NULL, body text, pages int, author_id int REFERENCES authors(id),
    FULLTEXT KEY words (title, body)
) COLLATE utf8mb4_general_ci;
CREATE TABLE labels (id int PRIMARY KEY, book_id int NOT NULL REFERENCES books(id), title varchar(9) NOT NULL);
CREATE TABLE notes (
    slug varchar(9) PRIMARY KEY, text text, `The ``body"` text, FULLTEXT KEY notes_text (text),
    FULLTEXT KEY `notes ``all` (text, `The ``body"`), KEY notes_start (text(5))
) COLLATE utf8mb4_general_ci;
CREATE TABLE filed (id int PRIMARY KEY, text text, FULLTEXT KEY text (text)) ENGINE Aria COLLATE utf8mb4_general_ci;
CREATE TABLE small (id int PRIMARY KEY, text text, FULLTEXT KEY text (text))
    CHARACTER SET utf8mb3 COLLATE utf8mb3_general_ci;
CREATE VIEW shelf AS SELECT id, title FROM books;

INSERT INTO authors VALUES (1, 'Ann'), (2, 'Bob');
INSERT INTO books VALUES
    (1, 'The quick brown fox', 'jumps over the lazy dog', 100, 1),
    (2, 'Foxes', 'A quick fox, a quick hare & a hound. Later they sleep for a long, long time in the sun.', 50, 2),
    (3, 'Dogs', 'sleep', 10, 1),
    (4, 'Hares', NULL, NULL, NULL),
    (5, 'A brown hare', 'is quick', 70, 2);
INSERT INTO labels VALUES (1, 1, 'a'), (2, 1, 'b'), (3, 2, 'a');
INSERT INTO notes VALUES ('one', 'quick notes', 'of foxes'), ('two', 'slow notes', NULL);
INSERT INTO filed VALUES (1, 'the quick brown fox'), (2, 'some others');
INSERT INTO small VALUES (1, 'Straße'), (2, 'other');
"""


@pytest.fixture(scope="module")
def db(server: str) -> Iterator[Database]:
    with new_database(server) as url:
        run_script(url, SCRIPT)
        with connect(url) as database:
            yield database


def test_what_is_found(db: Database) -> None:
    found = {(each.table, each.name): each for each in db.schema.search_indexes}
    both = (SearchColumn("title", "title"), SearchColumn("body", "body"))
    assert found["books", "words"] == SearchIndex(
        "words", "books", "", "", both, content="external", vector="`title`, `body`"
    )
    assert set(found) == {
        ("books", "words"),
        ("filed", "text"),
        ("notes", "notes `all"),
        ("notes", "notes_text"),
        ("small", "text"),
    }
    assert found["notes", "notes `all"].vector == '`text`, `The ``body"`'


def test_a_search_is_a_step_like_others(db: Database) -> None:
    query = db.books.search("quick fox")
    assert query.sql().parameters == ("+quick +fox", "+quick +fox")
    assert sorted(ids(query)) == [1, 2]
    assert type(query[0]) is db.model("books")
    query = db.books.search("quick")
    assert ids(query)[0] == 2, "it has the word twice"
    assert ids(query.filter(pages__gt=60).order_by("-id")) == [5, 1]
    assert ids(db.books.filter(author__name="Ann").search("quick")) == [1]
    assert ids(query.exclude(author__name="Ann").order_by("id")) == [2, 5]
    assert (query.count(), query.exists(), query.all()[:2].count()) == (3, True, 2)
    assert query.get(id=5).title == "A brown hare"
    assert ids(query.reverse())[-1] == 2
    assert list(query.order_by("id").values_list("id", "author__name")[:2]) == [(1, "Ann"), (2, "Bob")]
    authors = [book.author.name for book in query.order_by("id").select_related("author")]
    assert authors == ["Ann", "Bob", "Bob"]
    assert query.none().count() == 0


@pytest.mark.parametrize(
    ("typed", "asked", "found"),
    [
        ("", "", []),
        ('"', "", []),
        ("-lazy", "", []),
        ("QUICK", "+QUICK", [1, 2, 5]),
        ('"brown fox"', '+"brown fox"', [1]),
        ('"fox brown"', '+"fox brown"', []),
        ("brown-fox", '+"brown fox"', [1]),
        ("sle*", "+sle*", [2, 3]),
        ('"brown fo"*', "+(+brown +fo*)", [1]),
        ('hare -"brown ha"*', "+hare -(+brown +ha*)", [2]),
        ("quick -lazy", "+quick -lazy", [2, 5]),
        ("har* -fox", "+har* -fox", [4, 5]),
        ("quick -or lazy", "+quick +lazy", [1]),
        ("the quick", "+quick", [1, 2, 5]),
        ("a QUICK in The", "+QUICK", [1, 2, 5]),
        ("over the lazy", "+over +lazy", [1]),
        ('"over the lazy"', '+"over the lazy"', [1]),
        ('"to be" sleep', "+sleep", [2, 3]),
        ("quick " + "x" * 85, "+quick", [1, 2, 5]),
        ("the", "+the", []),
        ("+quick (~lazy) @2 <fox> %s \\ 'sun'", "+quick +lazy +2 +fox +sun", []),
    ],
)
def test_what_is_typed(db: Database, typed: str, asked: str, found: list[int]) -> None:
    query = db.books.search(typed)
    if "@2" not in typed:
        assert query.sql().parameters[0] == asked
    assert sorted(ids(query)) == found


def test_one_plan_for_all_texts(db: Database) -> None:
    before = len(db.plans)
    for text in ("quick", "lazy dog", '"', "", "NOT"):
        list(db.books.search(text).values_list("id"))
    assert len(db.plans) == before + 1


@pytest.mark.parametrize("table", ["books", "filed", "small"])
@given(text=st.text(max_size=30) | st.text("ab'\\\"*-+:&|!()<>~@%# ", max_size=30))
@settings(max_examples=40, deadline=None)
def test_no_text_is_an_error(db: Database, table: str, text: str) -> None:
    list(db[table].search(text).values_list("id"))


def test_a_long_text(db: Database) -> None:
    assert ids(db.books.search(("quick " * 3_000).strip()).order_by("id")) == [1, 2, 5]
    assert ids(db.books.search(" ".join(f"word{n}" for n in range(2_000)))) == []


def test_rank(db: Database) -> None:
    query = db.books.search("quick").annotate(rank=SearchRank())
    ranks = [book.rank for book in query]
    assert ranks == sorted(ranks, reverse=True)
    assert all(type(rank) is float and rank > 0 for rank in ranks)
    assert [book.id for book in query.filter(rank__gt=ranks[1])] == [2]
    assert ids(db.books.search("quick").filter(pages__gt=SearchRank()).order_by("id")) == [1, 2, 5]


def test_groups(db: Database) -> None:
    ranks = {book.id: book.rank for book in db.books.search("quick").annotate(rank=SearchRank())}
    labelled = db.books.search("quick").annotate(n=Count("labels"), rank=SearchRank())
    assert [(book.id, book.n, book.rank) for book in labelled.order_by("id")] == [
        (1, 2, ranks[1]),
        (2, 1, ranks[2]),
        (5, 0, ranks[5]),
    ]
    assert ids(labelled)[0] == 2
    by_author = db.books.search("quick").values("author__name").annotate(n=Count("id"))
    assert list(by_author.order_by("author__name")) == [
        {"author__name": "Ann", "n": 1},
        {"author__name": "Bob", "n": 2},
    ]
    assert db.books.search("quick").aggregate(n=Count("id"), pages=Sum("pages")) == {"n": 3, "pages": 220}
    assert db.books.search("quick").aggregate(best=Max(SearchRank()))["best"] == ranks[2]
    numbered = db.books.search("quick").annotate(
        before=Window(Sum("pages"), order_by="id"), rank=SearchRank()
    )
    assert [(book.before, book.rank) for book in numbered.order_by("id")] == [
        (100, ranks[1]),
        (150, ranks[2]),
        (220, ranks[5]),
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
    assert db.books.search("lazy").filter(pages=100).update(pages=101) == 1
    assert db.books.filter(id=1).update(pages=100) == 1


def test_pages_of_a_search(db: Database) -> None:
    query = db.books.search("quick")
    page = query.paginate(per_page=1, after=None)
    walked = ids(page)
    while page.has_next:
        page = query.paginate(per_page=1, after=page.next)
        walked += ids(page)
    assert (walked[0], sorted(walked)) == (2, [1, 2, 5])


def test_other_indexes(db: Database) -> None:
    def slugs(text: str, index: str) -> list[str]:
        return [note.slug for note in db.notes.search(text, index=index).order_by("slug")]

    assert slugs("notes", "notes_text") == ["one", "two"]
    assert slugs("foxes", "notes_text") == []
    assert slugs("notes foxes", "notes `all") == ["one"]
    assert ids(db.filed.search("the quick")) == [1], "stop words and short words of another engine"
    assert ids(db.filed.search('"quick brown"')) == [1]
    assert ids(db.small.search("straße \N{OLD ITALIC LETTER A}")) == [1], (
        "a letter that its character set lacks"
    )
    assert ids(db.small.search("straße")) == [1]


def test_an_index_answers(db: Database) -> None:
    assert "fulltext" in db.books.search("quick").order_by("id").explain().lower()


@pytest.mark.parametrize(
    ("ask", "error", "message"),
    [
        (
            lambda db: db.authors.search("x"),
            NotSupported,
            r"authors has no full-text index; make one: CREATE FULLTEXT INDEX search ON `authors` \(`name`\)",
        ),
        (lambda db: db.shelf.search("x"), NotSupported, "search the table that the view reads"),
        (lambda db: db.notes.search("x"), UsageError, "several full-text indexes; name one"),
        (
            lambda db: list(db.books.search("x").annotate(h=Highlight("title"))),
            NotSupported,
            "Highlight: MySQL and MariaDB do not say .*mark the words in Python",
        ),
        (
            lambda db: list(db.books.search("x").annotate(h=Snippet())),
            NotSupported,
            "Snippet: MySQL and MariaDB do not say",
        ),
        (
            lambda db: list(db.books.search("x").order_by(SearchRank({"title": 2}))),
            NotSupported,
            "no weights for the columns",
        ),
        (
            lambda db: list(db.books.search("x").order_by(SearchRank({"pages": 2}))),
            InvalidQuery,
            "'pages' is not in the index words; it has title, body",
        ),
    ],
)
def test_mistakes(db: Database, ask: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        ask(db)


def test_the_advice_works(opened: Callable[..., Database]) -> None:
    db = opened("""CREATE TABLE `my docs` (id int PRIMARY KEY, `the title` text, n int, `o``dd` varchar(9), d json);
        INSERT INTO `my docs` VALUES (7, 'quick', 1, NULL, NULL)""")
    with pytest.raises(NotSupported) as caught:
        db["my docs"].search("quick")
    db.execute(str(caught.value.hint).removeprefix("make one: ").partition("; then db.refresh()")[0])
    db.refresh()
    assert ids(db["my docs"].search("quick")) == [7]


def test_what_is_not_committed_is_not_found(db: Database) -> None:
    with db.transaction():
        made = db.books.create(id=9, title="Newest", body="unheard")
        assert ids(db.books.search("unheard")) == []
    assert ids(db.books.search("unheard")) == [9]
    made.delete()
    assert ids(db.books.search("unheard")) == []


def test_words_of_the_server_s_owner(unusual: str) -> None:
    script = """
        CREATE TABLE mysql.passed (value varchar(30)) ENGINE InnoDB;
        INSERT INTO mysql.passed VALUES ('Zig');
        SET GLOBAL innodb_ft_server_stopword_table = 'mysql/passed';
        CREATE TABLE notes (id int PRIMARY KEY, text text, FULLTEXT KEY text (text));
        INSERT INTO notes VALUES (1, 'the ox'), (2, 'zig the ox zag')
    """
    with new_database(unusual, "utf8mb4_general_ci") as url:
        run_script(url, script)
        with connect(url) as db:
            assert db.notes.search("zig the ox").sql().parameters[0] == "+the +ox"
            assert ids(db.notes.search("zig the ox").order_by("id")) == [1, 2]
            assert ids(db.notes.search("zag ox")) == [2]


def test_the_films_of_sakila(url: str, shared: Path) -> None:
    run_client_script(url, shared / "data" / "sakila_mysql_schema.sql", database="sakila")
    with connect(url) as db:
        db.film_text.bulk_create(
            [
                {
                    "film_id": 1,
                    "title": "ACADEMY DINOSAUR",
                    "description": "A Epic Drama of a Mad Scientist in The Rockies",
                },
                {
                    "film_id": 2,
                    "title": "ACE GOLDFINGER",
                    "description": "A Astounding Story of a Database Administrator",
                },
            ]
        )
        assert [film.title for film in db.film_text.search('"mad scientist" dino*')] == ["ACADEMY DINOSAUR"]


def test_what_is_found_is_written(db: Database) -> None:
    db.books.create(id=8, title="Older", body="unwritten", pages=1)
    db.books.create(id=9, title="Newer", body="unwritten", pages=2)
    assert db.books.search("unwritten").update(title=F("body")) == 2
    assert ids(db.books.filter(title="unwritten").order_by("id")) == [8, 9]
    assert db.books.search("unwritten").filter(pages=1).delete() == 1
    assert db.books.search("unwritten").delete() == 1
    assert db.books.count() == 5
