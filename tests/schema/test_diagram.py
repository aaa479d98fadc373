"""Diagrams are valid whatever the names are, and show the tables, keys and relations."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from noormme.errors import TableNotFound
from noormme.schema.diagram import dot, mermaid
from noormme.schema.model import Column, ForeignKey, Schema, Table
from noormme.schema.naming import field_name
from tests.schema.build import schema, table, unique_index
from tests.schema.grammars import Diagram, read_dot, read_mermaid

BLOG = schema(
    table("users", "id email!"),
    table("profiles", "user_id", "user_id > users"),
    replace(table("Blog Posts", "Id author_id? slug", "author_id > users"), indexes=(unique_index("slug"),)),
    table("tags", "id"),
    table("post_tags", "post_id tag_id", "post_id > Blog Posts(Id)", "tag_id > tags", key="post_id tag_id"),
    views=[replace(table("recent", "id", key=""), kind="view")],
)

ODD = [
    *("", " ", '"', "%", "\\", "a\\", "a\nb", "\r\v\b\x00\x1f", "#quot;", "#35;", "style:a#1;", "~a~", "`"),
    *("{", "}", "[", "<b>", "&amp;", "]]>", "<!--", "--", "||--o{", "direction TB", "wind Direction  lr x"),
    *(
        "class",
        "end",
        "one",
        "to",
        "u",
        "1",
        "1+",
        "pk",
        "FK",
        "Uk",
        "*",
        "erDiagram",
        "digraph",
        "日本 語",
        "🔥",
    ),
    *(
        "\U0001d4b3",
        "l·l",
        "·",
        "µ",
        "name with spaces",
        "it's",
        "O/R (x)",
        "é",
        "\ud7ff",
        "\ufffe",
        "\u2028",
    ),
]


def odd_schema(names: list[str]) -> Schema:
    columns = tuple(Column(name, field_name(name), kind="text") for name in names)
    return schema(
        *[
            Table(
                name,
                columns=columns,
                primary_key=names[:1] and (names[0],),
                foreign_keys=(ForeignKey((names[-1],), names[(position + 1) % len(names)], (names[0],)),),
            )
            for position, name in enumerate(names)
        ]
    )


def test_mermaid() -> None:
    read = read_mermaid(mermaid(BLOG))
    assert read.entities["blog_posts"].label == "Blog Posts"
    assert read.entities["blog_posts"].attributes == [
        ("integer", "Id", "PK", ""),
        ("integer", "author_id", "FK", ""),
        ("integer", "slug", "UK", ""),
    ]
    assert read.entities["profiles"].attributes == [("integer", "user_id", "PK, FK", "")]
    assert sorted(read.edges) == [
        ("blog_posts", "}o--o|", "users", "author"),
        ("post_tags", "}o--||", "blog_posts", "post"),
        ("post_tags", "}o--||", "tags", "tag"),
        ("profiles", "|o--||", "users", "user"),
    ]
    assert list(read.entities) == ["blog_posts", "post_tags", "profiles", "tags", "users"]


def test_dot() -> None:
    read = read_dot(dot(BLOG))
    assert read.entities["blog_posts"].label == "Blog Posts"
    assert read.entities["users"].attributes == [("PK", "id", "integer"), ("UK", "email", "integer")]
    assert sorted(read.edges) == [
        ("blog_posts", "crowodot--teeodot", "users", "author"),
        ("post_tags", "crowodot--teetee", "blog_posts", "post"),
        ("post_tags", "crowodot--teetee", "tags", "tag"),
        ("profiles", "teeodot--teetee", "users", "user"),
    ]


def test_a_label_only_where_the_names_differ() -> None:
    lines = mermaid(BLOG).splitlines()
    assert '    "users" {' in lines
    assert '    "blog_posts"["Blog Posts"] {' in lines


@pytest.mark.parametrize(("draw", "read"), [(mermaid, read_mermaid), (dot, read_dot)])
def test_some_tables(draw: Callable[..., str], read: Callable[[str], Diagram]) -> None:
    drawn = read(draw(BLOG, ["users", "blog_posts", "recent", "Blog Posts"]))
    assert list(drawn.entities) == ["blog_posts", "recent", "users"]
    assert [(source, target) for source, _, target, _ in drawn.edges] == [("blog_posts", "users")]


def test_many_to_many_where_the_junction_is_not_drawn() -> None:
    assert read_mermaid(mermaid(BLOG, ["tags", "Blog Posts"])).edges == [
        ("blog_posts", "}o--o{", "tags", "tags")
    ]
    assert read_dot(dot(BLOG, ["tags", "Blog Posts"])).edges == [
        ("blog_posts", "crowodot--crowodot", "tags", "tags")
    ]


def test_many_to_many_of_a_table_with_itself_is_drawn_once() -> None:
    friends = table("friends", "a_id b_id", "a_id > users", "b_id > users", key="a_id b_id")
    found = schema(table("users", "id"), friends)
    assert read_mermaid(mermaid(found, ["users"])).edges == [
        ("users", "}o--o{", "users", "users_via_friends_as_a")
    ]


@pytest.mark.parametrize("draw", [mermaid, dot])
def test_a_table_that_does_not_exist(draw: Callable[..., str]) -> None:
    with pytest.raises(TableNotFound, match=r"no table or view 'user' to draw; did you mean 'users'\?"):
        draw(BLOG, ["user"])


def test_no_tables() -> None:
    assert read_mermaid(mermaid(schema())) == Diagram({}, [])
    assert read_dot(dot(schema())) == Diagram({}, [])


def test_odd_names() -> None:
    found = odd_schema(ODD)
    drawn = read_mermaid(mermaid(found))
    labels = {item.manager: item.name for item in found.tables}
    assert {name: entity.label for name, entity in drawn.entities.items()} == {
        manager: name or manager for manager, name in labels.items()
    }
    shown = [comment or name for _, name, _, comment in drawn.entities["class_"].attributes]
    assert shown == ["unnamed", *ODD[1:]]
    assert len(drawn.edges) == len(ODD)

    read = read_dot(dot(found))
    assert list(read.entities) == list(drawn.entities)
    assert read.entities["class_"].label == "class"
    assert [name for _, name, _ in read.entities["class_"].attributes[:3]] == [" ", " ", '"']


@given(st.lists(st.text(max_size=6), min_size=1, max_size=4, unique=True))
def test_any_names(names: list[str]) -> None:
    found = odd_schema(names)
    assert len(read_mermaid(mermaid(found)).entities) == len(names)
    assert len(read_dot(dot(found)).entities) == len(names)


@pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")
def test_graphviz_takes_it() -> None:
    for found in (BLOG, odd_schema(ODD)):
        done = subprocess.run(
            ["dot", "-Tsvg"],
            input=dot(found),
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, "")
