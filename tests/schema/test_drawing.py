"""Drawings: well-formed whatever the names are, nothing overlaps, and every relation is a line from row to row."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from noormme import connect
from noormme.errors import TableNotFound
from noormme.schema.drawing.layers import arranged, components
from noormme.schema.drawing.places import Places, place
from noormme.schema.model import Column, Schema
from tests.schema.build import schema, table

SVG = "{http://www.w3.org/2000/svg}"

BLOG = schema(
    table("users", "id email!"),
    table("posts", "id author_id", "author_id > users"),
    table("profiles", "user_id", "user_id > users"),
    table("comments", "id post_id parent_id?", "post_id > posts", "parent_id > comments"),
    table("settings", "key"),
    views=[replace(table("recent", "id", key=""), kind="view")],
)


def texts(svg: str) -> list[str]:
    return ["".join(each.itertext()) for each in ET.fromstring(svg).iter(f"{SVG}text")]


def lines(svg: str) -> list[str]:
    titles = [each.find(f"{SVG}title") for each in ET.fromstring(svg).iter(f"{SVG}path")]
    return sorted(str(title.text) for title in titles if title is not None)


def test_it_shows_tables_columns_keys_and_relations() -> None:
    svg = BLOG.diagram().svg
    shown = texts(svg)
    for word in ("users", "posts", "comments", "settings", "email", "author_id"):
        assert word in shown
    assert "recent" not in shown
    assert (shown.count("PK"), shown.count("FK"), shown.count("UK")) == (5, 3, 1)
    assert lines(svg) == [
        "comments.parent_id → comments",
        "comments.post_id → posts",
        "posts.author_id → users",
        "profiles.user_id → users",
    ]


def test_a_part_of_a_schema() -> None:
    shown = texts(BLOG.diagram(["users", "recent"]).svg)
    assert "users" in shown
    assert "recent" in shown
    assert "posts" not in shown
    with pytest.raises(TableNotFound, match="no table or view 'user'"):
        BLOG.diagram(["user"])


def test_what_a_notebook_asks_for(tmp_path: Path) -> None:
    drawing = BLOG.diagram()
    assert drawing._repr_svg_() == drawing.svg == str(drawing) == BLOG._repr_html_()
    assert len(repr(drawing)) < 60
    drawing.save(tmp_path / "blog.svg")
    assert (tmp_path / "blog.svg").read_text(encoding="utf-8") == drawing.svg
    assert BLOG.diagram() == drawing
    assert "<script" not in drawing.svg
    assert not re.search(r'(href|src|url)\s*[=(]\s*["\']?http', drawing.svg)


def test_long_tables_show_their_keys_first() -> None:
    columns = tuple(Column(f"c{number}", f"c{number}", "int") for number in range(30))
    wide = replace(
        table("wide", "id", key="id"), columns=(*columns, Column("id", "id", "int", primary_key=1))
    )
    shown = texts(Schema("sqlite", (wide,)).diagram(max_columns=5).svg)
    assert "id" in shown
    assert "c3" in shown
    assert "c4" not in shown
    assert "… 26 more columns" in shown
    everything = texts(Schema("sqlite", (wide,)).diagram(max_columns=None).svg)
    assert "c29" in everything
    assert not any("more" in each for each in everything)


@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=60))
def test_any_name_is_text_and_nothing_else(name: str, column: str, declared: str) -> None:
    odd = replace(table("t", "id"), name=name, columns=(Column(column, "f", declared),), primary_key=())
    found = ET.fromstring(Schema("sqlite", (odd,)).diagram().svg)
    assert {each.tag.removeprefix(SVG) for each in found.iter()} <= {
        *("svg", "title", "style", "g", "rect", "path", "text"),
    }


def test_nothing_at_all() -> None:
    ET.fromstring(Schema("sqlite").diagram().svg)


def overlapping(places: Places) -> list[tuple[str, str]]:
    return [
        (one, other)
        for (one, a), (other, b) in combinations(places.boxes.items(), 2)
        if a.x < b.x + b.width and b.x < a.x + a.width and a.y < b.y + b.height and b.y < a.y + a.height
    ]


graphs = st.integers(1, 14).flatmap(
    lambda count: st.tuples(
        st.lists(st.tuples(st.integers(40, 300), st.integers(30, 400)), min_size=count, max_size=count),
        st.lists(st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)), max_size=30),
    )
)


@given(graphs)
def test_nothing_overlaps_and_lines_go_around(
    graph: tuple[list[tuple[int, int]], list[tuple[int, int]]],
) -> None:
    boxes, pairs = graph
    sizes = {f"t{number}": (float(width), float(height)) for number, (width, height) in enumerate(boxes)}
    edges = [(f"t{one}", f"t{other}") for one, other in pairs]
    places = place(sizes, edges)
    assert places.boxes.keys() == sizes.keys()
    assert overlapping(places) == []
    for box in places.boxes.values():
        assert box.x >= 0
        assert box.y >= 0
        assert box.x + box.width <= places.width + 0.01
        assert box.y + box.height <= places.height + 0.01
    for points in places.passing.values():
        for left, right, height in points:
            assert left < right
            hit = [
                name
                for name, box in places.boxes.items()
                if box.x < right and left < box.x + box.width and box.y < height < box.y + box.height
            ]
            assert hit == []
    assert place(sizes, edges) == places


def test_groups_are_those_that_edges_connect() -> None:
    assert components(["a", "b", "c", "d", "e"], [("b", "a"), ("d", "b")]) == [["a", "b", "d"], ["c"], ["e"]]


def test_layers_of_a_chain_and_of_a_circle() -> None:
    heights = dict.fromkeys("abc", 10.0)
    layers, _ = arranged(heights, [("c", "b"), ("b", "a"), ("c", "a")], most=100, point=2)
    assert [[node.name[0] for node in layer if node.edge is None] for layer in layers] == [
        ["a"],
        ["b"],
        ["c"],
    ]
    assert [node.edge for node in layers[1] if node.edge] == [("c", "a")]
    circle, pieces = arranged(heights, [("a", "b"), ("b", "c"), ("c", "a")], most=100, point=2)
    assert sum(node.edge is None for layer in circle for node in layer) == 3
    assert len(pieces) == 4


@pytest.mark.parametrize("name", ["chinook", "django_wagtail", "kitchen_sink", "sakila", "spatialite"])
def test_samples(copied: Callable[[str], Path], name: str) -> None:
    with connect(copied(name), readonly=True) as db:
        svg = db.schema.diagram().svg
        between = [relation for relation in db.schema.relations if relation.forward]
        assert len(lines(svg)) == len(between)
        assert len(list(ET.fromstring(svg).iter(f"{SVG}g"))) >= len(db.schema.tables)
