"""Small strict readers of the two diagram languages: of what noormme writes, and nothing more.

Each refuses what the real parser refuses. Mermaid's lexer has been followed rule by rule; Graphviz takes
an HTML-like label that is well-formed XML of a few tags.
"""

from __future__ import annotations

import re
from typing import NamedTuple
from xml.etree import ElementTree

NAME = r'"([^"%\r\n\v\b\\]+)"'
ENTITY = re.compile(rf"    {NAME}(?:\[{NAME}\])? \{{")
WORD = r"[*A-Za-z_\u00C0-\U0010FFFF][A-Za-z0-9\-_\[\]().,\u00C0-\U0010FFFF*]*"
ATTRIBUTE = re.compile(
    rf'        ({WORD}) ({WORD})(?: ((?:PK|FK|UK)(?:, (?:PK|FK|UK))*))?(?: "([^"~\r\n]*)")?'
)
RELATION = re.compile(rf"    {NAME} (\}}o|\|o)--(o\{{|o\||\|\|) {NAME} : {NAME}")
DIRECTION = re.compile(r"direction\s+(TB|BT|RL|LR)", re.IGNORECASE)

ID = r'"([^"\\\n]+)"'
NODE = re.compile(rf"    {ID} \[label=<(.*?)>\];\n", re.DOTALL)
EDGE = re.compile(rf'    {ID} -> {ID} \[label={ID}, arrowtail="(\w+)", arrowhead="(\w+)"\];\n')
HEADER = re.compile(r'digraph schema \{\n(    (graph|node|edge) \[\w+="\w+"(, \w+="\w+")*\];\n){3}')


class Entity(NamedTuple):
    """One box of a diagram: what it is called, and a line for each column."""

    label: str
    attributes: list[tuple[str, ...]]


class Diagram(NamedTuple):
    """A diagram that was read; edges are source, arrow, target and label."""

    entities: dict[str, Entity]
    edges: list[tuple[str, str, str, str]]


def read_mermaid(text: str) -> Diagram:
    """Read an ``erDiagram``.

    Raises:
        AssertionError: It is not one that Mermaid would take.
    """
    assert text.endswith("\n")
    lines = iter(text.split("\n")[:-1])
    assert next(lines) == "erDiagram"
    read = Diagram({}, [])
    for line in lines:
        assert not DIRECTION.search(line), line
        if (match := RELATION.fullmatch(line)) is not None:
            source, tail, head, target, label = match.groups()
            assert {source, target} <= read.entities.keys()
            read.edges.append((source, f"{tail}--{head}", target, label))
            continue
        match = ENTITY.fullmatch(line)
        assert match is not None, line
        assert match[1] not in read.entities
        attributes: list[tuple[str, ...]] = []
        while (line := next(lines)) != "    }":
            match_attribute = ATTRIBUTE.fullmatch(line)
            assert match_attribute is not None, line
            kind, name, keys, comment = match_attribute.groups(default="")
            assert not {kind.lower(), name.lower()} & {"pk", "fk", "uk"}, line
            attributes.append((kind, name, keys, decoded(comment)))
        read.entities[match[1]] = Entity(decoded(match[2] or match[1]), attributes)
    return read


def decoded(text: str) -> str:
    """Mermaid's entity codes as the signs that they stand for."""
    assert not re.search(r"#(?!\d+;)", text), text
    return re.sub(r"#(\d+);", lambda code: chr(int(code[1])), text)


def read_dot(text: str) -> Diagram:
    """Read a ``digraph``.

    Raises:
        AssertionError: It is not one that noormme writes.
        xml.etree.ElementTree.ParseError: A label is not well-formed.
    """
    header = HEADER.match(text)
    assert header is not None
    read = Diagram({}, [])
    position = header.end()
    while (node := NODE.match(text, position)) is not None:
        assert node[1] not in read.entities
        rows = list(ElementTree.fromstring(node[2]))
        assert [row.tag for row in rows] == ["tr"] * len(rows)
        title, *attributes = [tuple("".join(cell.itertext()) for cell in row) for row in rows]
        assert all(cell for cells in (title, *attributes) for cell in cells), "Graphviz takes no empty text"
        read.entities[node[1]] = Entity(title[0], attributes)
        position = node.end()
    while (edge := EDGE.match(text, position)) is not None:
        source, target, label, tail, head = edge.groups()
        assert {source, target} <= read.entities.keys()
        read.edges.append((source, f"{tail}--{head}", target, label))
        position = edge.end()
    assert text[position:] == "}\n"
    return read
