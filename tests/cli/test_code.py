"""Code made from names: it is Python, and it says the name."""

from __future__ import annotations

import apsw
import pytest
from hypothesis import given
from hypothesis import strategies as st

from noormme.cli.code import ahead, attribute, free_name, manager, quoted, sql_name, variable
from noormme.schema.model import Column, Relation, Schema, Table


@given(st.text())
def test_quoted_text_is_the_text(text: str) -> None:
    assert eval(quoted(text)) == text


@pytest.mark.parametrize(
    ("text", "shown"), [("a", '"a"'), ("it's", '"it\'s"'), ('a"b', "'a\"b'"), ("a\n", '"a\\n"')]
)
def test_quotes_are_double_where_they_can_be(text: str, shown: str) -> None:
    assert quoted(text) == shown


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1))
def test_an_sql_name_is_the_name(name: str) -> None:
    connection = apsw.Connection(":memory:")
    connection.execute(f"CREATE TABLE {sql_name('t' + name)} (x)")
    assert connection.execute("SELECT name FROM sqlite_schema").fetchall() == [("t" + name,)]
    connection.close()


@pytest.mark.parametrize(
    ("name", "attribute", "code"),
    [
        ("users", "users", "db.users"),
        ("Order Details", "order_details", "db.order_details"),
        ("close", "close", 'db["close"]'),
        ("_engine", "_engine", 'db["_engine"]'),
        ("class", "class_", "db.class_"),
        ("import", "import", 'db["import"]'),
    ],
)
def test_manager(name: str, attribute: str, code: str) -> None:
    assert manager(Table(name, attribute)) == code


@pytest.mark.parametrize(
    ("model", "name"),
    [
        ("User", "user"),
        ("VideoVersion", "video_version"),
        ("Class", "class_"),
        ("HTTPLog", "httplog"),
        ("A1B", "a1_b"),
    ],
)
def test_variable(model: str, name: str) -> None:
    assert variable(Table("t", model=model)) == name


def test_relations() -> None:
    posts = Table("posts", "posts", "Post")
    author = Relation("posts", "author", "many_to_one", "users", ("author_id",), ("id",), forward=True)
    tags = Relation("posts", "tags", "many_to_many", "tags", ("id",), ("id",))
    assert attribute(posts, author) == "post.author"
    assert attribute(posts, tags) == "post.tags.all()"
    assert ahead(posts, [author, tags]) == [
        'db.posts.select_related("author")',
        'db.posts.prefetch_related("tags")',
    ]
    assert ahead(posts, []) == []


def test_a_free_name_is_neither_a_field_nor_a_relation() -> None:
    table = Table("t", "t", "T", columns=(Column("n", "n"),))
    relation = Relation("t", "n_", "many_to_one", "u", ("x",), ("id",))
    assert free_name("n", Schema("sqlite", (table,), relations=(relation,)), table) == "n__"
    assert free_name("m", Schema("sqlite", (table,)), table) == "m"
